/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-reservation-private.h"
#include "words.h"

#define GIB (G_GUINT64_CONSTANT (1) << 30)

/* kubevirt pkg/virt-launcher/virtwrap/manager_test.go, its table of the rule's third version */
static void
test_rule (void)
{
  static const struct
  {
    guint64 memory;
    guint devices;
    guint free;
  } rows[] = {
    { GIB, 0, 8 },     { GIB, 5, 3 },         { GIB, 100, 3 },    { 2 * GIB, 8, 3 },
    { 2 * GIB, 4, 4 }, { 2 * GIB + 1, 8, 8 }, { 3 * GIB, 4, 12 }, { 3 * GIB, 16, 6 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (_hotplug_reservation_rule (rows[i].memory, rows[i].devices), ==, rows[i].free);
}

#define THREE "port:1 port:2 port:3 "
#define FULL_PC                                                                                                        \
  "pc pci:0000:00:02.0 pci:0000:00:03.0 pci:0000:00:04.0 pci:0000:00:05.0 pci:0000:00:06.0 pci:0000:00:07.0 "          \
  "pci:0000:00:08.0 pci:0000:00:09.0 pci:0000:00:0a.0 pci:0000:00:0b.0 pci:0000:00:0c.0 pci:0000:00:0d.0 "             \
  "pci:0000:00:0e.0 pci:0000:00:0f.0 pci:0000:00:10.0 pci:0000:00:11.0 pci:0000:00:12.0 pci:0000:00:13.0 "             \
  "pci:0000:00:14.0 pci:0000:00:15.0 pci:0000:00:16.0 pci:0000:00:17.0 pci:0000:00:18.0 pci:0000:00:19.0 "             \
  "pci:0000:00:1a.0 pci:0000:00:1b.0 pci:0000:00:1c.0 pci:0000:00:1d.0 "

static const struct
{
  const char *row;
  const char *template;
  int ports;
  int keep_free;
  const char *model;
  const char *indexes; /* NULL: refused */
  const char *message;
} rows[] = {
  { "free-enough", "q35 " THREE, -1, 3, "pcie-root-port", "" },
  { "one-more", "q35 " THREE, -1, 4, "pcie-root-port", "4" },
  { "used-is-not-free", "q35 " THREE "pci:0000:01:00.0", -1, 3, "pcie-root-port", "4" },
  { "nothing-wanted", "q35", 0, -1, "pcie-root-port", "" },
  { "from-nothing", "q35", 2, -1, "pcie-root-port", "1 2" },
  { "hole", "q35 port:1 port:3", -1, 4, "pcie-root-port", "4" },
  { "off-is-not-free", "q35 off:1", -1, 1, "pcie-root-port", "2" },
  /* a port with a hotplugged device counts as one for hotplugged devices, any other does not */
  { "ours-counts", "q35 " THREE "pci:0000:01:00.0=ua-hpi-net1", 3, -1, "pcie-root-port", "" },
  { "other-does-not", "q35 " THREE "pci:0000:01:00.0=ua-net1", 3, -1, "pcie-root-port", "4" },
  { "coming-back-counts", "q35 " THREE "-vda@0000:01:00.0", 3, -1, "pcie-root-port", "" },
  { "coming-back-is-not-free", "q35 " THREE "-vda@0000:01:00.0", -1, 3, "pcie-root-port", "4" },
  { "larger-counts", "q35 " THREE, 4, 5, "pcie-root-port", "4 5" },
  /* KubeVirt's rule: 1 GiB and one device are 7 free */
  { "rule", "q35 memory:1024 " THREE "pci:0000:01:00.0", -1, -1, "pcie-root-port", "4 5 6 7 8" },
  { "rule-large", "q35 memory:2049", -1, -1, "pcie-root-port", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16" },
  { "pc-has-room", "pc", -1, 20, "pci-bridge", "" },
  /* 29 slots are free; a bridge takes one and has 31 */
  { "pc-bridge", "pc", -1, 40, "pci-bridge", "1" },
  { "pc-two-bridges", "pc", -1, 80, "pci-bridge", "1 2" },
  { "pc-nearly-full", FULL_PC, -1, 10, "pci-bridge", "1" },
  { "too-many", "q35", 1000, -1, NULL, NULL, "vmi \"vmi\": 1000 more PCI ports don't fit" },
  { "without-acpi", "pc noacpi", 1, -1, NULL, NULL, "vmi \"vmi\": ports can't be reserved: " },
  { "without-pci", "s390-ccw-virtio-7.2", 1, -1, NULL, NULL, "vmi \"vmi\": ports can't be reserved: " },
};

static char *
print_indexes (const GArray *indexes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < indexes->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", g_array_index (indexes, guint, i));
  return g_string_free (text, FALSE);
}

static void
test_plan (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) template = words_to_domain (rows[row].template, FALSE);
  g_auto (HotplugReservation) plan = { 0 };
  g_autoptr (GError) error = NULL;

  gboolean planned = _hotplug_reservation_plan (template, rows[row].ports, rows[row].keep_free, &plan, &error);
  if (rows[row].indexes == NULL)
    {
      g_assert_false (planned);
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
      g_assert_true (g_str_has_prefix (error->message, rows[row].message));
      return;
    }

  g_assert_no_error (error);
  g_autofree char *indexes = print_indexes (plan.indexes);
  g_assert_cmpstr (indexes, ==, rows[row].indexes);
  g_assert_cmpstr (plan.model, ==, rows[row].model);
}

/* The number that a refusal names is one that works, and the next does not. */
static void
test_most (void)
{
  g_autoptr (HotplugDomain) template = words_to_domain ("q35 " THREE, FALSE);
  g_auto (HotplugReservation) refused = { 0 };
  g_auto (HotplugReservation) most = { 0 };
  g_auto (HotplugReservation) more = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (_hotplug_reservation_plan (template, 1000, -1, &refused, &error));
  const char *number = strstr (error->message, "so that ");
  g_assert_nonnull (number);
  int free = (int)g_ascii_strtoll (number + strlen ("so that "), NULL, 10);
  g_assert_cmpint (free, >, 200);
  g_assert_true (_hotplug_reservation_plan (template, free, -1, &most, NULL));
  g_assert_cmpuint (most.indexes->len, ==, free - 3);
  g_assert_false (_hotplug_reservation_plan (template, free + 1, -1, &more, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reservation/rule", test_rule);
  g_test_add_func ("/reservation/most", test_most);
  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/reservation/plan/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_plan);
    }
  return g_test_run ();
}
