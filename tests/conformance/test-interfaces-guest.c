/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* Interfaces in a booted guest, on bridges of a network that is this program's own */

#define GUEST_PATIENCE 60
#define BRIDGE "cni0" /* what an attachment that says none has; as in the user guide's */
#define OTHER_BRIDGE "br-other"
#define MTU 1300
#define PRIMARY_MAC "52:54:00:00:00:01"
#define PEER_MAC "52:54:00:00:00:02"
#define FOREIGN_MAC "52:54:00:00:00:03"

/* KubeVirt's user guide, docs/network/hotplug_interfaces.md, and one without options */
static const char
    networks[] = "apiVersion: \"k8s.cni.cncf.io/v1\"\n"
                 "kind: NetworkAttachmentDefinition\n"
                 "metadata:\n"
                 "  name: new-fancy-net\n"
                 "spec:\n"
                 "    config: '{\n"
                 "      \"cniVersion\": \"0.3.1\",\n"
                 "      \"type\": \"bridge\",\n"
                 "      \"mtu\": 1300,\n"
                 "      \"name\":\"new-fancy-net\"\n"
                 "    }'\n"
                 "---\n"
                 "apiVersion: k8s.cni.cncf.io/v1\n"
                 "kind: NetworkAttachmentDefinition\n"
                 "metadata:\n"
                 "  name: other-net\n"
                 "spec:\n"
                 "  config: '{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"bridge\": \"br-other\"}'\n"
                 "---\n"
                 "apiVersion: k8s.cni.cncf.io/v1\n"
                 "kind: NetworkAttachmentDefinition\n"
                 "metadata:\n"
                 "  name: no-bridge-net\n"
                 "spec:\n"
                 "  config: '{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"bridge\": \"br-none\"}'\n";

static const char *const devices[] = { "<interface type='user'><mac address='" PRIMARY_MAC
                                       "'/><model type='virtio'/></interface>",
                                       NULL };
static const char *const peer_devices[] = { "<interface type='bridge'><source bridge='" BRIDGE
                                            "'/><mac address='" PEER_MAC "'/><model type='virtio'/></interface>",
                                            NULL };
static const char *const foreign_devices[] = { "<interface type='user'><mac address='" FOREIGN_MAC
                                               "'/><model type='virtio'/></interface>",
                                               NULL };

static const LabMachine machine = {
  .name = "vmi-fedora", .root_ports = 6, .bare = TRUE, .boots = TRUE, .devices = devices
};

static Rig *rig;

static void
make_networks (void)
{
  static gboolean made;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) manifests = hotplug_manifest_parse (networks, -1, &error);
  g_assert_no_error (error);

  for (guint i = 0; !made && i < manifests->len; i++)
    {
      g_autoptr (HotplugNetworkAttachment)
          wanted = hotplug_network_attachment_new_from_manifest (g_ptr_array_index (manifests, i), &error);
      g_assert_no_error (error);
      g_autoptr (HotplugNetworkAttachment)
          kept = hotplug_host_create_network_attachment (rig->host, wanted, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (kept);
    }
  made = TRUE;
}

/* @mac: (nullable): else it is made */
static HotplugInterface *
new_interface (const char *name, const char *network, HotplugInterfaceState state, const char *mac)
{
  g_autoptr (GError) error = NULL;

  make_networks ();
  HotplugInterface *interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", name, "network", network,
                                                "state", state, "mac", mac, NULL);
  g_assert_no_error (error);
  return interface;
}

/* The status of an interface, as asked for now; NULL if it has none */
static HotplugInterfaceStatus *
find_status (Rig *of, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (of->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_status_get_interface (vmi, name);

  return status != NULL ? hotplug_interface_status_ref (status) : NULL;
}

static HotplugInterfaceStatus *
add_to (Rig *to, const char *name, const char *network, HotplugInterfaceState state, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface = new_interface (name, network, state, NULL);
  HotplugInterfaceStatus *status = hotplug_vmi_add_interface (to->vmi, interface, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_status_get_name (status), ==, name);
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, network);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, (int)state);
  g_assert_true (hotplug_interface_status_is_hotplugged (status));
  g_assert_cmpint (hotplug_interface_status_is_persisted (status), ==, (flags & HOTPLUG_PLUG_PERSIST) != 0);
  return status;
}

static HotplugInterfaceStatus *
add (const char *name, const char *network)
{
  return add_to (rig, name, network, HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_NONE);
}

static gboolean
host_has_link (const char *name)
{
  g_auto (GStrv) links = lab_links ();

  return g_strv_contains ((const char *const *)links, name);
}

static char *
guest_attribute (Rig *of, const char *name, const char *attribute)
{
  return g_strstrip (lab_guest_run (of->guest, NULL, "cat /sys/class/net/%s/%s", name, attribute));
}

/* Where it is on the guest's PCI buses: its device there is the parent of virtio's */
static char *
guest_address (Rig *of, const char *name)
{
  return g_strstrip (
      lab_guest_run (of->guest, NULL, "basename $(dirname $(readlink -f /sys/class/net/%s/device))", name));
}

/* It is in the guest no longer, nor in the status, and the host has no tap device of it */
static void
remove_interface (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus) before = find_status (rig, name);
  const char *tap = hotplug_interface_status_get_tap (before);
  g_autofree char *gone = g_strdup_printf ("! grep -qx %s /sys/class/net/*/address",
                                           hotplug_interface_status_get_mac (before));

  g_assert_true (host_has_link (tap));
  gboolean removed = hotplug_vmi_remove_interface (rig->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (removed);
  g_assert_true (lab_guest_wait_for (rig->guest, gone, GUEST_PATIENCE));
  g_assert_null (find_status (rig, name));
  g_assert_false (host_has_link (tap));
}

/* The user guide's story */
static void
test_n01 (void)
{
  g_autofree char *clean = rig_template (rig);
  g_autoptr (HotplugInterfaceStatus) added = add ("dyniface1", "new-fancy-net");
  g_autoptr (HotplugInterfaceStatus) status = find_status (rig, "dyniface1");
  const char *mac = hotplug_interface_status_get_mac (status);

  g_assert_cmpstr (hotplug_interface_status_get_mac (added), ==, mac);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_info_source (status), ==, "domain");
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (status), ==, 1);
  g_assert_cmpuint (hotplug_interface_status_get_mtu (status), ==, MTU);
  g_assert_false (hotplug_interface_status_is_primary (status));
  g_assert_true (host_has_link (hotplug_interface_status_get_tap (status)));

  g_autofree char *name = lab_guest_interface (rig->guest, mac);
  g_autofree char *mtu = guest_attribute (rig, name, "mtu");
  g_assert_cmpuint (g_ascii_strtoull (mtu, NULL, 10), ==, MTU);

  remove_interface ("dyniface1");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

/* The other machine had its interface when it was made */
static void
test_n02 (void)
{
  const LabMachine peer = { .name = "vmi-peer", .root_ports = 1, .bare = TRUE, .boots = TRUE, .devices = peer_devices };
  g_autofree char *xml = lab_machine_xml (&peer);
  g_autofree char *socket = lab_machine_socket (&peer);
  g_autoptr (LabDomain) domain = lab_define (rig->connect, xml);
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "new-fancy-net");
  g_autofree char *name = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (status));

  lab_create (domain, FALSE);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_free (lab_guest_run (guest, NULL,
                         "for n in /sys/class/net/e*; do ip link set ${n##*/} up; "
                         "ip addr add 192.0.2.2/24 dev ${n##*/}; done"));
  g_free (lab_guest_run (rig->guest, NULL, "ip link set %s up; ip addr add 192.0.2.1/24 dev %s", name, name));
  g_assert_true (lab_guest_wait_for (rig->guest, "ping -c 1 -w 2 192.0.2.2", GUEST_PATIENCE));

  /* as the other one saw it */
  g_autofree char *seen = lab_guest_run (guest, NULL, "cat /proc/net/arp");
  g_assert_nonnull (strstr (seen, hotplug_interface_status_get_mac (status)));
  lab_destroy (domain);
  lab_undefine (domain);
  remove_interface ("dyniface1");
}

static void
test_n03 (void)
{
  g_autoptr (HotplugInterfaceStatus) up = add ("plugged", "new-fancy-net");
  g_autoptr (HotplugInterfaceStatus)
      down = add_to (rig, "unplugged", "other-net", HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_NONE);
  g_autofree char *up_name = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (up));
  g_autofree char *down_name = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (down));
  g_autofree char *has_carrier = g_strdup_printf ("test $(cat /sys/class/net/%s/carrier) = 1", up_name);

  g_free (lab_guest_run (rig->guest, NULL, "ip link set %s up; ip link set %s up", down_name, up_name));
  g_assert_true (lab_guest_wait_for (rig->guest, has_carrier, GUEST_PATIENCE));
  g_autofree char *carrier = guest_attribute (rig, down_name, "carrier");
  g_assert_cmpstr (carrier, ==, "0");

  g_autoptr (HotplugInterfaceStatus) up_now = find_status (rig, "plugged");
  g_autoptr (HotplugInterfaceStatus) down_now = find_status (rig, "unplugged");
  g_assert_cmpint (hotplug_interface_status_get_link_state (up_now), ==, HOTPLUG_INTERFACE_STATE_UP);
  g_assert_cmpint (hotplug_interface_status_get_link_state (down_now), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  remove_interface ("unplugged");
  remove_interface ("plugged");
}

/* One of two, then the last one: the primary interface is untouched */
static void
test_n04 (void)
{
  g_autofree char *clean = rig_template (rig);
  g_autoptr (HotplugInterfaceStatus)
      first = add_to (rig, "first", "new-fancy-net", HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_PERSIST);
  g_autoptr (HotplugInterfaceStatus) second = add ("second", "other-net");
  g_free (lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (first)));
  g_autofree char *second_name = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (second));

  remove_interface ("first");
  g_autofree char *template = rig_template (rig);
  g_assert_null (strstr (template, hotplug_interface_status_get_mac (first)));
  g_autofree char *still_there = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (second));
  g_assert_cmpstr (still_there, ==, second_name);

  remove_interface ("second");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
  g_free (lab_guest_interface (rig->guest, PRIMARY_MAC));
}

static void
refused_add (const char *name, const char *network, const char *mac, HotplugError code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface = new_interface (name, network, HOTPLUG_INTERFACE_STATE_UP, mac);
  g_autofree char *before = rig_picture (rig);
  HotplugInterfaceStatus *status = hotplug_vmi_add_interface (rig->vmi, interface, HOTPLUG_PLUG_NONE, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_null (status);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_nonnull (strstr (error->message, mentions));
  g_assert_cmpstr (before, ==, after);
}

static void
test_n06_refused (void)
{
  const LabMachine foreign = { .name = "vmi-foreign", .root_ports = 1, .bare = TRUE, .devices = foreign_devices };
  g_autofree char *xml = lab_machine_xml (&foreign);
  g_autoptr (LabDomain) domain = lab_define (rig->connect, xml);
  g_autoptr (HotplugInterfaceStatus) taken = add ("taken", "other-net");
  const char *mac = hotplug_interface_status_get_mac (taken);

  refused_add ("taken", "new-fancy-net", NULL, HOTPLUG_ERROR_EXISTS, "taken");
  refused_add ("again", "new-fancy-net", mac, HOTPLUG_ERROR_MAC_IN_USE, "taken");
  refused_add ("again", "new-fancy-net", PRIMARY_MAC, HOTPLUG_ERROR_MAC_IN_USE, PRIMARY_MAC);
  refused_add ("again", "new-fancy-net", FOREIGN_MAC, HOTPLUG_ERROR_MAC_IN_USE, "vmi-foreign");
  refused_add ("again", "unknown-net", NULL, HOTPLUG_ERROR_NOT_FOUND, "unknown-net");
  remove_interface ("taken");
  lab_undefine (domain);
}

/* As KubeVirt, which plugs no other ones (pkg/network/controllers/vm.go); refused before there is an object */
static void
test_n06_unsupported (void)
{
  const struct
  {
    const char *property, *value;
    HotplugError code;
  } rows[] = {
    { "model", "e1000", HOTPLUG_ERROR_DEVICE_UNSUPPORTED },
    { "model", "rtl8139", HOTPLUG_ERROR_DEVICE_UNSUPPORTED },
    { "binding", "masquerade", HOTPLUG_ERROR_BINDING_UNSUPPORTED },
    { "binding", "sriov", HOTPLUG_ERROR_BINDING_UNSUPPORTED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gpointer interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "other", "network",
                                           "new-fancy-net", rows[i].property, rows[i].value, NULL);

      g_assert_error (error, HOTPLUG_ERROR, (int)rows[i].code);
      g_assert_null (interface);
      g_assert_nonnull (strstr (error->message, rows[i].value));
    }
}

static void
refused_remove (const char *name, HotplugError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);
  gboolean removed = hotplug_vmi_remove_interface (rig->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_false (removed);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_cmpstr (before, ==, after);
}

static void
test_n06_not_removable (void)
{
  refused_remove (PRIMARY_MAC, HOTPLUG_ERROR_NOT_HOTPLUGGABLE);
  refused_remove ("nobody", HOTPLUG_ERROR_NOT_FOUND);
}

/* In the status and in the guest, where the status had it before. @name: (nullable): what the guest called it */
static void
assert_same (HotplugInterfaceStatus *before, const char *name)
{
  g_autoptr (HotplugInterfaceStatus) now = find_status (rig, hotplug_interface_status_get_name (before));
  const char *mac = hotplug_interface_status_get_mac (before);

  g_assert_nonnull (now);
  g_assert_cmpint (hotplug_interface_status_get_phase (now), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_true (hotplug_interface_status_is_persisted (now));
  g_assert_cmpstr (hotplug_interface_status_get_mac (now), ==, mac);
  g_assert_cmpstr (hotplug_interface_status_get_address (now), ==, hotplug_interface_status_get_address (before));
  g_autofree char *name_now = lab_guest_interface (rig->guest, mac);
  g_autofree char *address_now = guest_address (rig, name_now);
  g_assert_cmpstr (address_now, ==, hotplug_interface_status_get_address (before));
  if (name != NULL)
    g_assert_cmpstr (name_now, ==, name);
}

/* The status and the guest agree. @name: what the guest calls it */
static void
assert_link (const char *interface, const char *name, HotplugInterfaceState state)
{
  gboolean up = state == HOTPLUG_INTERFACE_STATE_UP;
  g_autofree char *carrier = g_strdup_printf ("ip link set %s up; test $(cat /sys/class/net/%s/carrier) = %d", name,
                                              name, up);
  g_autoptr (HotplugInterfaceStatus) status = find_status (rig, interface);

  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, (int)state);
  g_assert_true (lab_guest_wait_for (rig->guest, carrier, GUEST_PATIENCE));
}

static void
set_link (const char *interface, const char *name, HotplugInterfaceState state, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_update_interface (rig->vmi, interface, state, NULL, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, (int)state);
  assert_link (interface, name, state);
}

/* Ours, and the machine's own; what is not persisted is not in the template */
static void
test_n05 (void)
{
  const HotplugInterfaceState states[] = { HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_INTERFACE_STATE_UP };
  g_autofree char *clean = rig_template (rig);
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "new-fancy-net");
  g_autofree char *name = lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (status));
  g_autofree char *primary = lab_guest_interface (rig->guest, PRIMARY_MAC);

  assert_link ("dyniface1", name, HOTPLUG_INTERFACE_STATE_UP);
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      set_link ("dyniface1", name, states[i], HOTPLUG_PLUG_NONE);
      set_link (PRIMARY_MAC, primary, states[i], HOTPLUG_PLUG_NONE);
    }

  remove_interface ("dyniface1");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

#define HOST_HERE "192.0.2.254"
#define HOST_THERE "198.51.100.254"

/* One of them answers, and the other does not. */
static void
assert_reaches (const char *host, const char *other)
{
  g_autofree char *reached = g_strdup_printf ("ping -c 1 -w 2 %s", host);
  g_autofree char *not_reached = g_strdup_printf ("! ping -c 1 -w 1 %s", other);

  g_assert_true (lab_guest_wait_for (rig->guest, reached, GUEST_PATIENCE));
  g_assert_true (lab_guest_wait_for (rig->guest, not_reached, 2));
}

/* There and back, with an address of either network: the guest's device is the same all the time. */
static void
test_n10 (void)
{
  const char *const nets[] = { "other-net", "new-fancy-net" };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus) before = add ("dyniface1", "new-fancy-net");
  const char *mac = hotplug_interface_status_get_mac (before);
  g_autofree char *name = lab_guest_interface (rig->guest, mac);
  g_autofree char *index = guest_attribute (rig, name, "ifindex");

  lab_network_run ("addr replace " HOST_HERE "/24 dev " BRIDGE);
  lab_network_run ("addr replace " HOST_THERE "/24 dev " OTHER_BRIDGE);
  g_free (lab_guest_run (rig->guest, NULL,
                         "ip link set %s up; ip addr add 192.0.2.1/24 dev %s; ip addr add 198.51.100.1/24 dev %s", name,
                         name, name));
  assert_reaches (HOST_HERE, HOST_THERE);

  for (gsize i = 0; i < G_N_ELEMENTS (nets); i++)
    {
      g_autoptr (HotplugNetworkAttachment)
          to = hotplug_host_get_network_attachment (rig->host, nets[i], NULL, &error);
      g_assert_no_error (error);
      g_autoptr (HotplugInterfaceStatus)
          moved = hotplug_vmi_update_interface (rig->vmi, "dyniface1", HOTPLUG_INTERFACE_STATE_UNCHANGED, to,
                                                HOTPLUG_PLUG_NONE, NULL, &error);
      g_assert_no_error (error);
      g_autoptr (HotplugInterfaceStatus) status = find_status (rig, "dyniface1");
      g_assert_cmpstr (hotplug_interface_status_get_network (moved), ==, nets[i]);
      g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, nets[i]);
      g_assert_cmpstr (hotplug_interface_status_get_mac (status), ==, mac);
      g_assert_cmpstr (hotplug_interface_status_get_address (status), ==,
                       hotplug_interface_status_get_address (before));

      g_autofree char *now = lab_guest_interface (rig->guest, mac);
      g_autofree char *index_now = guest_attribute (rig, now, "ifindex");
      g_assert_cmpstr (now, ==, name);
      g_assert_cmpstr (index_now, ==, index);
      assert_reaches (i == 0 ? HOST_THERE : HOST_HERE, i == 0 ? HOST_HERE : HOST_THERE);
    }
  remove_interface ("dyniface1");
}

/* One that is persisted while the machine runs, and one while it is stopped: both are there when it has started, the
 * first with its link as it was persisted */
static void
test_n05_n07_n08 (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = rig_template (rig);
  g_autoptr (HotplugInterfaceStatus)
      kept = add_to (rig, "kept", "new-fancy-net", HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_PERSIST);
  const char *mac = hotplug_interface_status_get_mac (kept);
  g_autofree char *name = lab_guest_interface (rig->guest, mac);
  g_autofree char *address = guest_address (rig, name);
  g_assert_cmpstr (address, ==, hotplug_interface_status_get_address (kept));
  set_link ("kept", name, HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_PERSIST);

  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (host_has_link (hotplug_interface_status_get_tap (kept)));
  g_autoptr (HotplugInterfaceStatus)
      later = add_to (rig, "later", "other-net", HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_PERSIST);
  g_assert_cmpint (hotplug_interface_status_get_phase (later), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_null (hotplug_interface_status_get_info_source (later));
  g_autofree char *template = rig_template (rig);
  g_assert_nonnull (strstr (template, mac));
  g_assert_nonnull (strstr (template, hotplug_interface_status_get_mac (later)));
  g_assert_false (host_has_link (hotplug_interface_status_get_tap (later)));

  hotplug_vmi_start (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);
  assert_same (kept, name);
  assert_link ("kept", name, HOTPLUG_INTERFACE_STATE_DOWN);
  set_link ("kept", name, HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_PERSIST);
  assert_same (later, NULL);

  remove_interface ("kept");
  remove_interface ("later");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

/* libvirt leaves one port free on a q35 that says nothing of its ports */
static void
test_n09 (void)
{
  const LabMachine stock = { .name = "vmi-stock", .boots = TRUE, .devices = foreign_devices };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) second = new_interface ("second", "other-net", HOTPLUG_INTERFACE_STATE_UP, NULL);
  g_autoptr (Rig) other = rig_new (&stock);
  g_autoptr (HotplugInterfaceStatus)
      first = add_to (other, "first", "new-fancy-net", HOTPLUG_INTERFACE_STATE_UP, HOTPLUG_PLUG_NONE);
  g_free (lab_guest_interface (other->guest, hotplug_interface_status_get_mac (first)));

  g_autofree char *before = rig_picture (other);
  g_assert_null (hotplug_vmi_add_interface (other->vmi, second, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
  g_assert_nonnull (strstr (error->message, "hotpluggable ports in use"));
  g_assert_nonnull (strstr (error->message, "reserve"));
  g_clear_error (&error);
  g_autofree char *after = rig_picture (other);
  g_assert_cmpstr (before, ==, after);

  g_assert_cmpint (hotplug_vmi_reserve_ports (other->vmi, -1, -1, HOTPLUG_PLUG_NONE, NULL, &error), >, 0);
  g_assert_no_error (error);
  hotplug_vmi_restart (other->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (other, &stock);
  g_autoptr (HotplugInterfaceStatus)
      added = hotplug_vmi_add_interface (other->vmi, second, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_free (lab_guest_interface (other->guest, hotplug_interface_status_get_mac (first)));
  g_free (lab_guest_interface (other->guest, hotplug_interface_status_get_mac (added)));
}

/* The first half: in the spec, and not in the guest; a migration brings it */
static void
test_n11 (void)
{
  g_autoptr (HotplugInterfaceStatus) waits = add ("waits", "no-bridge-net");
  const char *mac = hotplug_interface_status_get_mac (waits);

  g_assert_cmpint (hotplug_interface_status_get_phase (waits), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpstr (hotplug_interface_status_get_reason (waits), ==, "MigrationRequired");
  g_free (lab_guest_run (rig->guest, NULL, "! grep -qx %s /sys/class/net/*/address", mac));
  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, "waits", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
}

static const RigRow rows[] = {
  { "/conformance/N01", test_n01 },
  { "/conformance/N02", test_n02 },
  { "/conformance/N03", test_n03 },
  { "/conformance/N04", test_n04 },
  { "/conformance/N05/live", test_n05 },
  { "/conformance/N06/refused", test_n06_refused },
  { "/conformance/N06/unsupported", test_n06_unsupported },
  { "/conformance/N06/not-removable", test_n06_not_removable },
  { "/conformance/N05/N07/N08/over-a-restart", test_n05_n07_n08 },
  { "/conformance/N09", test_n09 },
  { "/conformance/N10", test_n10 },
  { "/conformance/N11/pending", test_n11 },
};

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_network ();

  if (missing == NULL)
    {
      lab_network_enter ();
      lab_bridge_new (BRIDGE);
      lab_bridge_new (OTHER_BRIDGE);
    }
  return rig_main (argc, argv, &machine, missing, &rig, rows, G_N_ELEMENTS (rows));
}
