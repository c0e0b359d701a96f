/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-mac-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define OTHER_UUID "6695eb01-f6a4-8304-79aa-97f2502e1940"
#define PORTS                                                                                                          \
  "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>"                                              \
  "<controller type='pci' index='0' model='pcie-root'/>"                                                               \
  "<controller type='pci' index='1' model='pcie-root-port'><address type='pci' slot='0x01' function='0x0'/></controller>"
#define PORT_1 "<address type='pci' bus='0x01' slot='0x00'/>"

static HotplugDomain *
new_domain (const char *devices)
{
  g_autofree char *xml = g_strdup_printf ("<domain type='qemu' id='1'><name>vmi</name>" PORTS "%s</devices></domain>",
                                          devices);
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

/* The digits are those that sha256sum prints of UUID/NAME. */
static void
test_tap (void)
{
  g_autofree char *tap = _hotplug_interface_tap (UUID, "blue");
  g_autofree char *same = _hotplug_interface_tap (UUID, "blue");
  g_autofree char *another_name = _hotplug_interface_tap (UUID, "red");
  g_autofree char *another_machine = _hotplug_interface_tap (OTHER_UUID, "blue");

  g_assert_cmpstr (tap, ==, "tap507e65c3235");
  g_assert_cmpuint (strlen (tap), ==, 14);
  g_assert_cmpstr (same, ==, tap);
  g_assert_cmpstr (another_name, !=, tap);
  g_assert_cmpstr (another_machine, !=, tap);
}

static void
test_mac (void)
{
  g_autoptr (HotplugDomain) live = new_domain ("<interface type='user'><mac address='02:aa:00:00:00:01'/></interface>");
  const HotplugSides sides = { .live = live };
  g_autoptr (GHashTable) others = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) made = hotplug_interface_new_for_network ("blue", "net", &error);
  g_autoptr (HotplugInterface) given = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "blue", "network",
                                                       "net", "mac", "02:11:22:33:44:55", NULL);
  g_autofree char *own = _hotplug_interface_choose_mac (given, &sides, others);

  g_assert_no_error (error);
  g_assert_cmpstr (own, ==, "02:11:22:33:44:55");

  /* with the same random numbers again, those that are taken are passed over, wherever they are */
  g_random_set_seed (11);
  g_autofree char *first = _hotplug_interface_choose_mac (made, &sides, NULL);
  g_hash_table_insert (others, first, (gpointer) "neighbour");
  g_random_set_seed (11);
  g_autofree char *second = _hotplug_interface_choose_mac (made, &sides, others);
  g_assert_cmpstr (second, !=, first);

  g_autofree char *xml = g_strdup_printf ("<interface type='user'><mac address='%s'/></interface>", first);
  g_autoptr (HotplugDomain) template = new_domain (xml);
  const HotplugSides both = { .live = live, .template = template };
  g_random_set_seed (11);
  g_autofree char *third = _hotplug_interface_choose_mac (made, &both, NULL);
  g_assert_cmpstr (third, ==, second);
}

static void
test_place (void)
{
  g_autoptr (HotplugDomain) free = new_domain ("");
  g_autoptr (HotplugDomain) full
      = new_domain ("<interface type='user'><model type='virtio'/><alias name='ua-hpi-red'/>" PORT_1 "</interface>");
  const HotplugSides sides = { .live = free, .template = free };
  const HotplugSides none = { .live = full, .template = full };
  g_autoptr (GError) error = NULL;
  HotplugPort port;

  g_assert_true (_hotplug_interface_place (&sides, "blue", &port, &error));
  g_assert_no_error (error);
  g_autofree char *address = _hotplug_address_to_string (&port.live);
  g_assert_cmpstr (address, ==, "0000:01:00.0");
  g_assert_true (_hotplug_address_equal (&port.live, &port.template));

  /* conformance N09: the refusal has the budget, who sits there, and the cure */
  g_assert_false (_hotplug_interface_place (&none, "blue", &port, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
  g_assert_nonnull (strstr (error->message, "interface \"blue\": 1 of 1"));
  g_assert_nonnull (strstr (error->message, "\"red\""));
  g_assert_nonnull (strstr (error->message, "reserve ports"));
}

static void
test_nic (void)
{
  const HotplugAddress address = _hotplug_address_pci (0, 1, 0, 0);
  const HotplugNetworkConnection ovs
      = { .source = (char *) "ovsbr", .ovs = TRUE, .vlan = 42, .mtu = 1300, .filter = (char *) "no-mac-spoofing" };
  const HotplugNetworkConnection network = { .network = TRUE, .source = (char *) "default", .mtu = 9000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "blue", "network", "infra/net", "boot-order", 2,
                        "queues", 4, "state", HOTPLUG_INTERFACE_STATE_DOWN, NULL);
  g_autofree char *tap = _hotplug_interface_tap (UUID, "blue");

  g_assert_no_error (error);
  g_autoptr (HotplugNic) nic = _hotplug_interface_to_nic (interface, &ovs, UUID, "02:11:22:33:44:55", &address);
  g_autofree char *words = g_strjoin (" ", nic->alias, nic->type, nic->source, nic->virtualport, nic->mac, nic->model,
                                      nic->filter, nic->attachment, NULL);
  g_assert_cmpstr (words, ==,
                   "ua-hpi-blue bridge ovsbr openvswitch 02:11:22:33:44:55 virtio no-mac-spoofing infra/net");
  g_assert_cmpstr (nic->tap, ==, tap);
  g_assert_cmpuint (nic->vlan, ==, 42);
  g_assert_cmpuint (nic->mtu, ==, 1300);
  g_assert_cmpuint (nic->queues, ==, 4);
  g_assert_cmpuint (nic->boot_order, ==, 2);
  g_assert_true (nic->link_down);
  g_assert_true (_hotplug_address_equal (&nic->address, &address));

  /* moved, it is the same device, with the MTU that the guest knows */
  g_autoptr (HotplugNic) moved = _hotplug_nic_moved (nic, &network, "other");
  g_autofree char *moved_words = g_strjoin (" ", moved->alias, moved->type, moved->source, moved->mac, moved->tap,
                                            moved->attachment, NULL);
  g_autofree char *expected = g_strjoin (" ", "ua-hpi-blue network default 02:11:22:33:44:55", tap, "other", NULL);
  g_assert_cmpstr (moved_words, ==, expected);
  g_assert_null (moved->virtualport);
  g_assert_null (moved->filter);
  g_assert_cmpuint (moved->vlan, ==, 0);
  g_assert_cmpuint (moved->mtu, ==, 1300);
  g_assert_true (_hotplug_address_equal (&moved->address, &address));

  /* one that waits for a migration is connected by a name only */
  g_autoptr (HotplugNic) waiting = _hotplug_interface_to_nic (interface, NULL, UUID, "02:11:22:33:44:55", &address);
  g_assert_null (waiting->source);
  g_assert_cmpstr (waiting->attachment, ==, "infra/net");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/interface-nic/tap", test_tap);
  g_test_add_func ("/interface-nic/mac", test_mac);
  g_test_add_func ("/interface-nic/place", test_place);
  g_test_add_func ("/interface-nic/nic", test_nic);

  return g_test_run ();
}
