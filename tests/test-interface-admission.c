/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define OK 0

#define PRIMARY "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>"
#define SECOND "<interface type='user'><mac address='52:54:00:00:00:02'/></interface>"
#define OURS "<interface type='bridge'><mac address='02:00:00:00:00:0a'/><alias name='ua-hpi-blue'/></interface>"
#define THEIRS "<interface type='bridge'><mac address='02:00:00:00:00:0b'/><alias name='ua-blue'/></interface>"
#define VOLUME "<disk type='file'><source file='/a'/><target dev='sda'/><alias name='ua-hpv-blue'/></disk>"
#define BOOTS "<disk type='file'><source file='/a'/><target dev='sda'/><boot order='3'/></disk>"
#define RECORD(name, state, mac)                                                                                       \
  "<interface name='" name "' state='" state "' type='bridge' source='br0' boot='5' mac='" mac "'/>"
#define REMOVING RECORD ("blue", "removing", "02:00:00:00:00:0a")
#define ATTACHED RECORD ("blue", "attached", "02:00:00:00:00:0a")
#define PENDING RECORD ("blue", "pending", "02:00:00:00:00:0a")

static HotplugDomain *
new_side (const char *devices, const char *records)
{
  g_autofree char *xml = g_strdup_printf ("<domain><name>vmi</name><metadata><hotplug xmlns='" HOTPLUG_METADATA_URI
                                          "'>%s"
                                          "</hotplug></metadata><devices>%s</devices></domain>",
                                          records, devices);
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

static void
assert_answer (gboolean admitted, const GError *error, int code, const char *mentions)
{
  if (code == OK)
    {
      g_assert_no_error (error);
      g_assert_true (admitted);
      return;
    }
  g_assert_false (admitted);
  g_assert_error (error, HOTPLUG_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, "vmi \"vmi\": "));
  if (mentions != NULL)
    g_assert_nonnull (strstr (error->message, mentions));
}

/* An interface "blue" is added. Conformance N06 has the refusals; KubeVirt's names are unique too
 * (pkg/network/admitter/netiface.go), and kubemacpool's MAC addresses. */
static const struct
{
  const char *row;
  const char *live;     /* NULL: no such side */
  const char *template; /* and so here */
  const char *records;
  const char *mac; /* nullable */
  guint boot_order;
  HotplugInterfaceState state;
  int code;
  const char *mentions;
} adds[] = {
  { "empty", "", "", "", NULL, 0, 0, OK, NULL },
  { "others", PRIMARY SECOND, PRIMARY SECOND, "", "02:00:00:00:00:0a", 1, 0, OK, NULL },
  { "stopped", NULL, PRIMARY, "", NULL, 0, 0, OK, NULL },
  { "transient", PRIMARY, NULL, "", NULL, 0, 0, OK, NULL },
  { "another-kind", VOLUME, VOLUME, "", NULL, 0, 0, OK, NULL },
  { "down", "", "", "", NULL, 0, HOTPLUG_INTERFACE_STATE_DOWN, OK, NULL },
  { "absent", "", "", "", NULL, 0, HOTPLUG_INTERFACE_STATE_ABSENT, HOTPLUG_ERROR_INVALID_ARGUMENT, "absent" },
  { "unchanged", "", "", "", NULL, 0, HOTPLUG_INTERFACE_STATE_UNCHANGED, HOTPLUG_ERROR_INVALID_ARGUMENT, "unchanged" },
  { "both", OURS, OURS, "", NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "live", OURS, "", "", NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "template", "", OURS, "", NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "user-alias", THEIRS, "", "", NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "recorded", "", "", ATTACHED, NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "pending", "", "", PENDING, NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "exists already" },
  { "removing", OURS, "", REMOVING, NULL, 0, 0, HOTPLUG_ERROR_EXISTS, "still being removed" },
  { "mac-live", PRIMARY, "", "", "52:54:00:00:00:01", 0, 0, HOTPLUG_ERROR_MAC_IN_USE,
    "interface \"52:54:00:00:00:01\" has" },
  { "mac-template", "", SECOND, "", "52:54:00:00:00:02", 0, 0, HOTPLUG_ERROR_MAC_IN_USE, "52:54:00:00:00:02" },
  { "mac-upper-case", PRIMARY, "", "", "52-54-00-00-00-01", 0, 0, HOTPLUG_ERROR_MAC_IN_USE, "52:54:00:00:00:01" },
  { "mac-recorded", "", "", RECORD ("red", "attached", "02:00:00:00:00:0c"), "02:00:00:00:00:0c", 0, 0,
    HOTPLUG_ERROR_MAC_IN_USE, "interface \"red\"" },
  { "mac-pending", "", "", RECORD ("red", "pending", "02:00:00:00:00:0c"), "02:00:00:00:00:0c", 0, 0,
    HOTPLUG_ERROR_MAC_IN_USE, "interface \"red\"" },
  { "mac-of-another-vmi", "", "", "", "52:54:00:00:00:99", 0, 0, HOTPLUG_ERROR_MAC_IN_USE, "vmi \"neighbour\"" },
  /* libvirt 9.0.0 src/conf/domain_conf.c:27690 */
  { "boot-of-a-disk", BOOTS, BOOTS, "", NULL, 3, 0, HOTPLUG_ERROR_BOOT_ORDER,
    "interface \"blue\" can't have boot order 3" },
  { "boot-free", BOOTS, BOOTS, "", NULL, 2, 0, OK, NULL },
  { "boot-recorded", "", "", RECORD ("red", "attached", "02:00:00:00:00:0c"), NULL, 5, 0, HOTPLUG_ERROR_BOOT_ORDER,
    "an interface that comes back" },
};

static void
test_add (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = adds[row].live != NULL ? new_side (adds[row].live, "") : NULL;
  g_autoptr (HotplugDomain) template
      = adds[row].template != NULL ? new_side (adds[row].template, adds[row].records) : NULL;
  const HotplugSides sides = { .live = live, .template = template };
  g_autoptr (GHashTable) others = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "blue", "network", "net", "mac", adds[row].mac,
                        "boot-order", adds[row].boot_order, "state", adds[row].state, NULL);

  g_assert_no_error (error);
  g_hash_table_insert (others, (gpointer) "52:54:00:00:00:99", (gpointer) "neighbour");
  gboolean admitted = _hotplug_interface_admission_add (&sides, interface, others, &error);
  assert_answer (admitted, error, adds[row].code, adds[row].mentions);
}

/* Something is to be done with an interface. Conformance N06, and issue "what was not added by libhotplug, and the
 * primary interface, is not removed"; KubeVirt refuses absent on the default network
 * (pkg/network/admitter/netiface.go). */
static const struct
{
  const char *row;
  const char *live;
  const char *template;
  const char *records;
  const char *name;
  HotplugInterfaceVerb verb;
  int code;
  const char *mentions;
} changes[] = {
  { "both", OURS, OURS, "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "live", OURS, "", "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "template", "", OURS, "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "stopped", NULL, OURS, "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "transient", OURS, NULL, "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "recorded", "", "", ATTACHED, "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "pending", "", "", PENDING, "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "removing", OURS, "", REMOVING, "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "link", OURS, "", "", "blue", HOTPLUG_INTERFACE_SET_LINK, OK, NULL },
  { "move", OURS, "", "", "blue", HOTPLUG_INTERFACE_MOVE, OK, NULL },
  { "link-removing", OURS, "", REMOVING, "blue", HOTPLUG_INTERFACE_SET_LINK, HOTPLUG_ERROR_BUSY, "set up or down" },
  { "move-removing", OURS, "", REMOVING, "blue", HOTPLUG_INTERFACE_MOVE, HOTPLUG_ERROR_BUSY, "moved" },
  { "none", PRIMARY, PRIMARY, "", "blue", HOTPLUG_INTERFACE_REMOVE, HOTPLUG_ERROR_NOT_FOUND, "no interface \"blue\"" },
  { "volume", VOLUME, VOLUME, "", "blue", HOTPLUG_INTERFACE_REMOVE, HOTPLUG_ERROR_NOT_FOUND, NULL },
  { "link-none", "", "", "", "blue", HOTPLUG_INTERFACE_SET_LINK, HOTPLUG_ERROR_NOT_FOUND, NULL },
  { "primary", PRIMARY OURS, PRIMARY, "", "52:54:00:00:00:01", HOTPLUG_INTERFACE_REMOVE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
    "the primary one" },
  { "primary-behind", OURS PRIMARY, NULL, "", "52:54:00:00:00:01", HOTPLUG_INTERFACE_MOVE,
    HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "the primary one" },
  { "primary-alias", THEIRS OURS, THEIRS, "", "blue", HOTPLUG_INTERFACE_REMOVE, OK, NULL },
  { "second", PRIMARY SECOND, "", "", "52:54:00:00:00:02", HOTPLUG_INTERFACE_REMOVE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
    "was not hotplugged, so it can't be removed" },
  /* pkg/network/launcher/nichotplug.go: the link of any interface */
  { "link-user-alias", PRIMARY THEIRS, "", "", "blue", HOTPLUG_INTERFACE_SET_LINK, OK, NULL },
  { "link-primary", PRIMARY, PRIMARY, "", "52:54:00:00:00:01", HOTPLUG_INTERFACE_SET_LINK, OK, NULL },
  { "user-alias", PRIMARY THEIRS, "", "", "blue", HOTPLUG_INTERFACE_MOVE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
    "was not hotplugged, so it can't be moved" },
  { "user-alias-stopped", NULL, PRIMARY THEIRS, "", "blue", HOTPLUG_INTERFACE_MOVE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
    "was not hotplugged, so it can't be moved" },
};

static void
test_change (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = changes[row].live != NULL ? new_side (changes[row].live, "") : NULL;
  g_autoptr (HotplugDomain) template
      = changes[row].template != NULL ? new_side (changes[row].template, changes[row].records) : NULL;
  const HotplugSides sides = { .live = live, .template = template };
  g_autoptr (GError) error = NULL;

  gboolean admitted
      = _hotplug_interface_admission_change (&sides, changes[row].name, changes[row].verb, &error);
  assert_answer (admitted, error, changes[row].code, changes[row].mentions);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (adds); row++)
    {
      g_autofree char *path = g_strdup_printf ("/interface-admission/add/%s", adds[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_add);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (changes); row++)
    {
      g_autofree char *path = g_strdup_printf ("/interface-admission/change/%s", changes[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_change);
    }

  return g_test_run ();
}
