/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-interface-change-private.h"

#define MAC "02:00:00:00:00:0a"

/* What names one on both sides: libvirt keeps user aliases, and gives others anew at each start. */
static void
test_key (void)
{
  static const struct
  {
    const char *alias;
    const char *key;
  } rows[] = { { "ua-hpi-blue", "ua-hpi-blue" }, { "ua-blue", "ua-blue" }, { "net0", MAC }, { NULL, MAC } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const HotplugNic nic = { .alias = (char *)rows[i].alias, .mac = (char *)MAC };
      g_assert_cmpstr (_hotplug_nic_key (&nic), ==, rows[i].key);
    }
}

/* libvirt 9.0.0 src/qemu/qemu_hotplug.c:3497 */
static void
test_link (void)
{
  static const struct
  {
    const char *type;
    gboolean can;
  } rows[] = { { "bridge", TRUE }, { "network", TRUE },  { "user", TRUE }, { "ethernet", TRUE },
               { NULL, TRUE },     { "hostdev", FALSE }, { "vdpa", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const HotplugNic nic = { .alias = (char *)"ua-nic", .type = (char *)rows[i].type };
      g_autoptr (GError) error = NULL;

      g_assert_true (_hotplug_interface_check_link (&nic, "web", &error) == rows[i].can);
      if (rows[i].can)
        continue;
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BINDING_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, rows[i].type));
    }
}

/* libvirt 9.0.0 src/qemu/qemu_hotplug.c:3808 */
static void
test_move (void)
{
  static const struct
  {
    const char *row;
    HotplugNic nic;
    HotplugNetworkConnection to;
    gboolean can;
  } rows[] = {
    { "bridges", { .source = (char *)"br0" }, { .bridge = (char *)"br1" }, TRUE },
    { "same", { .source = (char *)"br0" }, { .bridge = (char *)"br0" }, TRUE },
    { "to-a-network", { .source = (char *)"br0" }, { .bridge = (char *)"br1", .network = TRUE }, TRUE },
    { "from-a-network", { .source = (char *)"lan", .bridge = (char *)"br0" }, { .bridge = (char *)"br1" }, TRUE },
    { "vlan",
      { .source = (char *)"ovs0", .virtualport = (char *)"openvswitch" },
      { .bridge = (char *)"ovs0", .ovs_port = TRUE, .vlan = 3 },
      TRUE },
    { "vlan-by-a-network",
      { .source = (char *)"net", .bridge = (char *)"ovs0", .virtualport = (char *)"openvswitch" },
      { .bridge = (char *)"ovs0", .network = TRUE, .ovs_port = TRUE },
      TRUE },
    { "ports",
      { .source = (char *)"ovs0", .virtualport = (char *)"openvswitch" },
      { .bridge = (char *)"ovs1", .ovs_port = TRUE },
      FALSE },
    { "to-a-port", { .source = (char *)"br0" }, { .bridge = (char *)"ovs0", .ovs_port = TRUE }, FALSE },
    { "from-a-port",
      { .source = (char *)"ovs0", .virtualport = (char *)"openvswitch" },
      { .bridge = (char *)"br0" },
      FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugNic nic = rows[i].nic;

      g_test_message ("%s", rows[i].row);
      nic.alias = (char *)"ua-hpi-blue";
      g_assert_true (_hotplug_interface_check_move (&nic, &rows[i].to, "web", &error) == rows[i].can);
      if (rows[i].can)
        continue;
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "\"blue\""));
      g_assert_nonnull (strstr (error->message, rows[i].to.bridge));
    }
}

/* libvirt 9.0.0 src/qemu/qemu_hotplug.c:3678 */
static void
test_mtu (void)
{
  static const struct
  {
    guint mtu;
    guint to;
    const char *mentions; /* NULL: nothing is said */
  } rows[] = { { 0, 0, NULL },
               { 1300, 0, NULL },
               { 0, 1500, NULL },
               { 1300, 9000, NULL },
               { 1300, 1300, NULL },
               { 0, 1300, "1500" },
               { 9000, 1500, "MTU of 9000" },
               { 1400, 1399, "has 1399" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const HotplugNic nic = { .alias = (char *)"ua-hpi-blue", .mtu = rows[i].mtu };
      const HotplugNetworkConnection to = { .mtu = rows[i].to };
      g_autofree char *message = _hotplug_interface_move_message (&nic, &to, "far");

      g_assert_true ((message == NULL) == (rows[i].mentions == NULL));
      if (message != NULL)
        g_assert_nonnull (strstr (message, rows[i].mentions));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interface-change/key", test_key);
  g_test_add_func ("/interface-change/link", test_link);
  g_test_add_func ("/interface-change/move", test_move);
  g_test_add_func ("/interface-change/mtu", test_mtu);

  return g_test_run ();
}
