/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#define OK 0

/* The rules are KubeVirt's (pkg/network/admitter/netiface.go, pkg/network/controllers/vm.go), but where another is
 * named */
static const struct
{
  const char *row;
  const char *name;
  const char *network;
  const char *mac;
  const char *model;   /* NULL: the default */
  const char *binding; /* and so here */
  guint boot_order;
  guint queues;
  int code;
  const char *mentions;
} rows[] = {
  { "usual", "blue", "net", NULL, NULL, NULL, 0, 0, OK, NULL },
  { "all", "blue", "infra/net", "02:11:22:33:44:55", "virtio", "bridge", 1, 256, OK, NULL },
  { "mac-hyphens", "blue", "net", "DE-AD-00-00-BE-AF", NULL, NULL, 0, 0, OK, NULL },
  { "network-with-dots", "blue", "net.example", NULL, NULL, NULL, 0, 0, OK, NULL },
  /* libvirt drops an alias with others (src/conf/domain_conf.c:5503), and KubeVirt's [A-Za-z0-9-_]+ is wider */
  { "no-name", NULL, "net", NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_NAME, "interface name" },
  { "upper-case", "Blue", "net", NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_NAME, "Blue" },
  { "underscore", "my_blue", "net", NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_NAME, "my_blue" },
  { "no-network", "blue", NULL, NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "no network" },
  { "bad-network", "blue", "../net", NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_NAME, "interface \"blue\": " },
  { "bad-namespace", "blue", "a/b/c", NULL, NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_NAME, "interface \"blue\": " },
  /* conformance N06 */
  { "e1000", "blue", "net", NULL, "e1000", NULL, 0, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"e1000\"" },
  { "e1000e", "blue", "net", NULL, "e1000e", NULL, 0, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"e1000e\"" },
  { "rtl8139", "blue", "net", NULL, "rtl8139", NULL, 0, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"rtl8139\"" },
  { "no-model", "blue", "net", NULL, "\n", NULL, 0, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"\\n\"" },
  { "masquerade", "blue", "net", NULL, NULL, "masquerade", 0, 0, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "\"masquerade\"" },
  { "slirp", "blue", "net", NULL, NULL, "slirp", 0, 0, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "\"slirp\"" },
  { "passt", "blue", "net", NULL, NULL, "passt", 0, 0, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "\"passt\"" },
  { "sriov", "blue", "net", NULL, NULL, "sriov", 0, 0, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "\"sriov\"" },
  { "macvtap", "blue", "net", NULL, NULL, "macvtap", 0, 0, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "\"macvtap\"" },
  { "no-mac", "blue", "net", "blue", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "\"blue\" is no MAC" },
  { "empty-mac", "blue", "net", "", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "no MAC" },
  { "long-mac", "blue", "net", "02:11:22:33:44:55:66", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "no MAC" },
  /* libvirt 9.0.0 src/conf/domain_conf.c:9530 */
  { "multicast", "blue", "net", "01:00:5e:00:00:01", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "a group" },
  { "broadcast", "blue", "net", "ff:ff:ff:ff:ff:ff", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "a group" },
  { "zero", "blue", "net", "00:00:00:00:00:00", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "no interface's" },
  { "reserved", "blue", "net", "02:00:00:00:00:00", NULL, NULL, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT,
    "no interface's" },
  /* QEMU's bootindex is an int32; Linux drivers/net/tun.c has MAX_TAP_QUEUES */
  { "boot-order", "blue", "net", NULL, NULL, NULL, G_MAXUINT, 0, HOTPLUG_ERROR_INVALID_ARGUMENT, "4294967295" },
  { "queues", "blue", "net", NULL, NULL, NULL, 0, 257, HOTPLUG_ERROR_INVALID_ARGUMENT, "257 queues" },
};

static HotplugInterface *
new_row (gsize row, GError **error)
{
  return g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, error, "name", rows[row].name, "network", rows[row].network,
                         "mac", rows[row].mac, "model", rows[row].model != NULL ? rows[row].model : "virtio", "binding",
                         rows[row].binding != NULL ? rows[row].binding : "bridge", "boot-order", rows[row].boot_order,
                         "queues", rows[row].queues, "state", HOTPLUG_INTERFACE_STATE_DOWN, NULL);
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface = new_row (row, &error);

  if (rows[row].code != OK)
    {
      g_assert_null (interface);
      g_assert_error (error, HOTPLUG_ERROR, rows[row].code);
      g_assert_nonnull (strstr (error->message, rows[row].mentions));
      g_assert_null (strchr (error->message, '\n'));
      return;
    }

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_get_name (interface), ==, rows[row].name);
  g_assert_cmpstr (hotplug_interface_get_network (interface), ==, rows[row].network);
  g_assert_null (hotplug_interface_get_attachment (interface));
  g_assert_cmpstr (hotplug_interface_get_model (interface), ==, "virtio");
  g_assert_cmpstr (hotplug_interface_get_binding (interface), ==, "bridge");
  g_assert_cmpint (hotplug_interface_get_state (interface), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_cmpuint (hotplug_interface_get_boot_order (interface), ==, rows[row].boot_order);
  g_assert_cmpuint (hotplug_interface_get_queues (interface), ==, rows[row].queues);
}

static void
test_mac (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) given = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "a", "network",
                                                       "n", "mac", "DE-AD-0-0-BE-AF", NULL);
  g_autoptr (HotplugInterface) made = hotplug_interface_new_for_network ("a", "n", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_get_mac (given), ==, "de:ad:00:00:be:af");
  g_assert_null (hotplug_interface_get_mac (made));
  g_assert_cmpint (hotplug_interface_get_state (made), ==, HOTPLUG_INTERFACE_STATE_UP);
}

static void
test_attachment (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("net", "br0", &error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new ("blue", attachment, &error);

  g_assert_no_error (error);
  g_assert_true (hotplug_interface_get_attachment (interface) == attachment);
  g_assert_cmpstr (hotplug_interface_get_network (interface), ==, "net");

  g_assert_null (g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "blue", "attachment", attachment,
                                 "network", "net", NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "not both"));
}

static void
test_properties (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("net", "br0", &error);
  g_autoptr (HotplugInterface) interface = g_initable_new (
      HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "blue", "attachment", attachment, "mac", "02:11:22:33:44:55",
      "boot-order", 2, "queues", 3, "state", HOTPLUG_INTERFACE_STATE_ABSENT, NULL);
  g_autoptr (HotplugNetworkAttachment) got = NULL;
  char *words[5] = { NULL };
  HotplugInterfaceState state;
  guint boot_order;
  guint queues;

  g_assert_no_error (error);
  g_object_get (interface, "name", &words[0], "network", &words[1], "mac", &words[2], "model", &words[3], "binding",
                &words[4], "attachment", &got, "state", &state, "boot-order", &boot_order, "queues", &queues, NULL);
  g_autofree char *all = g_strjoin (" ", words[0], words[1], words[2], words[3], words[4], NULL);
  g_assert_cmpstr (all, ==, "blue net 02:11:22:33:44:55 virtio bridge");
  g_assert_true (got == attachment);
  g_assert_cmpint (state, ==, HOTPLUG_INTERFACE_STATE_ABSENT);
  g_assert_cmpuint (boot_order, ==, 2);
  g_assert_cmpuint (queues, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_free (words[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/interface/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  g_test_add_func ("/interface/mac", test_mac);
  g_test_add_func ("/interface/attachment", test_attachment);
  g_test_add_func ("/interface/properties", test_properties);

  return g_test_run ();
}
