/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* unshare */
#include "config.h"

#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake/fake-rig.h"
#include "rules/hotplug-network-choice-private.h"
#include "storage/hotplug-bridge-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "xml/hotplug-network-xml-private.h"

#define V(major, minor, micro) ((major)*1000000 + (minor)*1000 + (micro))
#define DEBIAN V (9, 0, 0)

/* An attachment as bridge|ovs BRIDGE [vlan=N] [mtu=N] [macspoofchk], a host's networks as NAME=BRIDGE, with :off where
 * one is not active and :ovs where its ports are Open vSwitch's; and what is to come of it. Sources: CHECK libvirt
 * 9.0.0 src/conf/domain_validate.c:2046, FILTER src/qemu/qemu_domain.c:4813, NEWS libvirt's of 11.0.0, ISSUE what is
 * asked for: "where the bridge is a libvirt network, that is used", KEPT: an option is honoured or refused */
static const struct
{
  const char *name;
  const char *attachment;
  const char *networks;
  HotplugBridgeKind kind;
  guint64 version;
  gboolean filters;
  const char *wanted; /* or the beginning of a refusal, behind the attachment's name */
  HotplugError code;
} rows[] = {
  { "bridge", "bridge br0", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "bridge br0", 0 },
  { "mtu", "bridge br0 mtu=1300", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "bridge br0 mtu=1300", 0 },
  { "network", "bridge virbr0", "default=virbr0", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "network default",
    0 }, /* ISSUE */
  { "network-mtu", "bridge virbr0 mtu=1300", "default=virbr0", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE,
    "network default mtu=1300", 0 },
  { "other-network", "bridge br0", "default=virbr0", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "bridge br0", 0 },
  { "two-networks", "bridge br0", "a=br0:off b=br0 c=br0", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "network b", 0 },
  { "asleep-there", "bridge br0", "a=br0:off", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "bridge br0", 0 },
  { "asleep", "bridge virbr1", "a=virbr1:off", HOTPLUG_BRIDGE_MISSING, DEBIAN, FALSE,
    "its bridge virbr1 is libvirt's network \"a\", which is not active: virsh net-start a",
    HOTPLUG_ERROR_NETWORK_MISSING },
  { "unseen", "bridge br0", "", HOTPLUG_BRIDGE_UNKNOWN, DEBIAN, FALSE, "bridge br0", 0 },
  { "missing", "bridge br0", "default=virbr0", HOTPLUG_BRIDGE_MISSING, DEBIAN, FALSE, "the host has no bridge br0",
    HOTPLUG_ERROR_NETWORK_MISSING },
  { "no-bridge", "bridge eth0", "", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE,
    "eth0 is no Linux bridge; for one of Open vSwitch", HOTPLUG_ERROR_NETWORK_UNSUPPORTED },

  { "ovs", "ovs br1", "", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE, "bridge br1 ovs", 0 },
  { "ovs-vlan", "ovs br1 vlan=5", "", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE, "bridge br1 ovs vlan=5", 0 }, /* CHECK */
  { "ovs-network", "ovs br1 vlan=5", "o=br1:ovs", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE, "network o vlan=5", 0 },
  { "bridge-ovs-network", "bridge br1 vlan=5", "o=br1:ovs", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE, "network o vlan=5",
    0 },
  { "ovs-plain-network", "ovs br1", "o=br1", HOTPLUG_BRIDGE_OTHER, DEBIAN, FALSE, "bridge br1 ovs", 0 },
  { "ovs-linux", "ovs br1", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE, "br1 is a Linux bridge, and none of Open vSwitch",
    HOTPLUG_ERROR_NETWORK_UNSUPPORTED },
  { "ovs-missing", "ovs br1", "", HOTPLUG_BRIDGE_MISSING, DEBIAN, FALSE, "the host has no bridge br1",
    HOTPLUG_ERROR_NETWORK_MISSING },

  { "vlan", "bridge br0 vlan=5", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE,
    "a VLAN (5) on the Linux bridge br0 needs libvirt 11.0.0 or a bridge of Open vSwitch, and the host has libvirt 9.0.0",
    HOTPLUG_ERROR_NETWORK_UNSUPPORTED }, /* CHECK */
  { "vlan-10.10", "bridge br0 vlan=5", "", HOTPLUG_BRIDGE_LINUX, V (10, 10, 0), FALSE,
    "a VLAN (5) on the Linux bridge br0", HOTPLUG_ERROR_NETWORK_UNSUPPORTED },
  { "vlan-11", "bridge br0 vlan=5", "", HOTPLUG_BRIDGE_LINUX, V (11, 0, 0), FALSE, "bridge br0 vlan=5", 0 }, /* NEWS */
  { "vlan-unknown", "bridge br0 vlan=5", "", HOTPLUG_BRIDGE_LINUX, 0, FALSE, "bridge br0 vlan=5", 0 },
  { "vlan-network", "bridge virbr0 vlan=5", "default=virbr0", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE,
    "a VLAN (5) on the Linux bridge virbr0", HOTPLUG_ERROR_NETWORK_UNSUPPORTED }, /* CHECK: its actual type is bridge */
  { "vlan-network-11", "bridge virbr0 vlan=5", "default=virbr0", HOTPLUG_BRIDGE_LINUX, V (11, 0, 0), FALSE,
    "network default vlan=5", 0 },

  { "spoof", "bridge br0 macspoofchk", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, TRUE, "bridge br0 no-mac-spoofing",
    0 }, /* KEPT */
  { "spoof-network", "bridge virbr0 macspoofchk", "default=virbr0", HOTPLUG_BRIDGE_LINUX, DEBIAN, TRUE,
    "network default no-mac-spoofing", 0 },
  { "spoof-no-filter", "bridge br0 macspoofchk", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, FALSE,
    "MAC addresses are checked (macspoofchk) by libvirt's network filter no-mac-spoofing, which the host does not have",
    HOTPLUG_ERROR_NETWORK_UNSUPPORTED }, /* KEPT */
  { "spoof-ovs-network", "bridge br1 macspoofchk", "o=br1:ovs", HOTPLUG_BRIDGE_OTHER, DEBIAN, TRUE,
    "MAC addresses can't be checked (macspoofchk) on a port of Open vSwitch",
    HOTPLUG_ERROR_NETWORK_UNSUPPORTED }, /* FILTER */
  { "filter-unused", "bridge br0", "", HOTPLUG_BRIDGE_LINUX, DEBIAN, TRUE, "bridge br0", 0 },
};

static HotplugNetworkAttachment *
make_attachment (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint vlan = 0;
  guint mtu = 0;

  for (guint i = 2; words[i] != NULL; i++)
    {
      if (g_str_has_prefix (words[i], "vlan="))
        vlan = (guint)g_ascii_strtoull (words[i] + strlen ("vlan="), NULL, 10);
      else if (g_str_has_prefix (words[i], "mtu="))
        mtu = (guint)g_ascii_strtoull (words[i] + strlen ("mtu="), NULL, 10);
    }

  g_autoptr (GError) error = NULL;
  HotplugNetworkAttachment *attachment = g_initable_new (
      HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "net", "plugin",
      g_str_equal (words[0], "ovs") ? HOTPLUG_NETWORK_PLUGIN_OVS : HOTPLUG_NETWORK_PLUGIN_BRIDGE, "bridge", words[1],
      "vlan", vlan, "mtu", mtu, "mac-spoof-check", g_strv_contains ((const char *const *)words, "macspoofchk"), NULL);
  g_assert_no_error (error);
  return attachment;
}

static void
add_networks (HotplugHostNetworks *host, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      char *bridge = strchr (words[i], '=');
      gboolean active = strstr (bridge, ":off") == NULL;
      gboolean ovs = strstr (bridge, ":ovs") != NULL;
      *bridge++ = '\0';
      bridge[strcspn (bridge, ":")] = '\0';
      g_ptr_array_add (host->networks, _hotplug_libvirt_network_new (words[i], bridge, active, ovs));
    }
}

static char *
describe (const HotplugNetworkConnection *connection)
{
  g_autoptr (GString) out = g_string_new (connection->network ? "network " : "bridge ");

  g_string_append (out, connection->source);
  if (connection->ovs)
    g_string_append (out, " ovs");
  if (connection->vlan != 0)
    g_string_append_printf (out, " vlan=%u", connection->vlan);
  if (connection->mtu != 0)
    g_string_append_printf (out, " mtu=%u", connection->mtu);
  if (connection->filter != NULL)
    g_string_append_printf (out, " %s", connection->filter);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_row (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugNetworkAttachment) attachment = make_attachment (rows[i].attachment);
  g_auto (HotplugHostNetworks) host = { NULL };
  g_auto (HotplugNetworkConnection) connection = { 0 };
  g_autoptr (GError) error = NULL;

  _hotplug_host_networks_init (&host);
  add_networks (&host, rows[i].networks);
  host.kind = rows[i].kind;
  host.libvirt_version = rows[i].version;
  host.filters_mac = rows[i].filters;

  gboolean chosen = _hotplug_network_choose (attachment, &host, &connection, &error);
  if (rows[i].code != 0)
    {
      g_autofree char *wanted = g_strconcat ("network attachment \"net\": ", rows[i].wanted, NULL);
      g_assert_false (chosen);
      g_assert_error (error, HOTPLUG_ERROR, (int)rows[i].code);
      if (!g_str_has_prefix (error->message, wanted))
        g_assert_cmpstr (error->message, ==, wanted);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (chosen);
  g_autofree char *described = describe (&connection);
  g_assert_cmpstr (described, ==, rows[i].wanted);
}

/* libvirt's docs/formatnetwork.rst */
static void
test_xml (void)
{
  g_autoptr (GError) error = NULL;
  gboolean ovs = TRUE;

  g_assert_true (_hotplug_network_xml_read_ovs ("<network connections='1'><name>default</name><forward mode='nat'/>"
                                                "<bridge name='virbr0'/><ip address='192.168.122.1'/></network>",
                                                &ovs, &error));
  g_assert_no_error (error);
  g_assert_false (ovs);
  g_assert_true (_hotplug_network_xml_read_ovs ("<network><name>o</name><forward mode='bridge'/><bridge name='br1'/>"
                                                "<virtualport type='openvswitch'><parameters/></virtualport></network>",
                                                &ovs, &error));
  g_assert_true (ovs);
  /* a port group's is not the network's */
  g_assert_true (
      _hotplug_network_xml_read_ovs ("<network><portgroup name='a'><virtualport type='openvswitch'/></portgroup>"
                                     "</network>",
                                     &ovs, &error));
  g_assert_false (ovs);
  g_assert_false (_hotplug_network_xml_read_ovs ("<domain/>", &ovs, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

static void
assert_connects (HotplugHost *host, const char *text, const char *wanted)
{
  g_autoptr (HotplugNetworkAttachment) attachment = make_attachment (text);
  g_auto (HotplugNetworkConnection) connection = { 0 };
  g_autoptr (GError) error = NULL;

  gboolean connects = _hotplug_host_connect_network (host, attachment, &connection, &error);
  g_assert_no_error (error);
  g_assert_true (connects);
  g_autofree char *described = describe (&connection);
  g_assert_cmpstr (described, ==, wanted);
}

static void
assert_refused (HotplugHost *host, const char *text, HotplugError code)
{
  g_autoptr (HotplugNetworkAttachment) attachment = make_attachment (text);
  g_auto (HotplugNetworkConnection) connection = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (_hotplug_host_connect_network (host, attachment, &connection, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_null (connection.source);
}

/* A host without networks: its own bridges are looked at, another machine's are not */
static void
test_host (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (Rig) remote = rig_new (RIG_REMOTE);

  assert_refused (rig->host, "bridge no-such-bridge", HOTPLUG_ERROR_NETWORK_MISSING);
  assert_refused (rig->host, "bridge lo", HOTPLUG_ERROR_NETWORK_UNSUPPORTED);
  assert_connects (remote->host, "bridge no-such-bridge", "bridge no-such-bridge");
  assert_connects (remote->host, "bridge br0 macspoofchk", "bridge br0 no-mac-spoofing");
}

/* libvirt's own test driver has one network: "default" on virbr0 (libvirt 9.0.0 src/test/test_driver.c,
 * defaultConnXML) */
static void
test_libvirt (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open ("test:///default", NULL, &error);

  g_assert_no_error (error);
  assert_connects (host, "bridge virbr0 mtu=1300", "network default mtu=1300");
  assert_refused (host, "bridge no-such-bridge", HOTPLUG_ERROR_NETWORK_MISSING);
  assert_refused (host, "bridge virbr0 macspoofchk", HOTPLUG_ERROR_NETWORK_UNSUPPORTED);
  hotplug_host_close (host);

  g_autoptr (HotplugNetworkAttachment) attachment = make_attachment ("bridge virbr0");
  g_auto (HotplugNetworkConnection) connection = { 0 };
  g_assert_false (_hotplug_host_connect_network (host, attachment, &connection, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
}

/* In a network namespace that goes with this process; so it is the last test. */
static void
test_probe (void)
{
  int fd;

  g_assert_cmpint (_hotplug_bridge_probe ("no-such-bridge"), ==, HOTPLUG_BRIDGE_MISSING);
  g_assert_cmpint (_hotplug_bridge_probe ("lo"), ==, HOTPLUG_BRIDGE_OTHER);

  if (unshare (CLONE_NEWNET) != 0)
    {
      g_test_skip ("no network namespace can be made");
      return;
    }
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  if (ioctl (fd, SIOCBRADDBR, "br-probe") == 0)
    g_assert_cmpint (_hotplug_bridge_probe ("br-probe"), ==, HOTPLUG_BRIDGE_LINUX);
  else
    g_test_skip ("no bridge can be made");
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/network-choice/", rows[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/network-choice/of/xml", test_xml);
  g_test_add_func ("/network-choice/of/host", test_host);
  g_test_add_func ("/network-choice/of/libvirt", test_libvirt);
  g_test_add_func ("/network-choice/of/links", test_probe);
  return g_test_run ();
}
