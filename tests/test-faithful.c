/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include "fake/fake-rig.h"
#include "fake/fake-xml.h"

/* What a removal has in its hands is libvirt's own text: a machine whose devices say all that libvirt's schema knows, a
 * removal that comes to nothing in each way and at each moment, and the template is byte for byte as it was. */

#define VICTIM "--victim"

static const char *program;

/* Everything that a disk can say, and what no libvirt of today knows */
static const char disk
    [] = "<disk type='file' device='disk' sgio='unfiltered' snapshot='external' model='virtio-non-transitional'>"
         "<driver name='qemu' type='qcow2' cache='none' error_policy='stop' rerror_policy='report' io='native'"
         " ioeventfd='on' event_idx='off' copy_on_read='on' discard='unmap' detect_zeroes='unmap' iothread='1' queues='4'"
         " queue_size='256' max_bulk='7'><metadata_cache><max_size unit='bytes'>1048576</max_size></metadata_cache>"
         "</driver><auth username='u'><secret type='ceph' uuid='6695eb01-f6a4-8304-79aa-97f2502e193e'/></auth>"
         "<source file='%s' startupPolicy='optional' index='3'><encryption format='luks' engine='qemu'><secret"
         " type='passphrase' uuid='0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b40'/></encryption><reservations managed='no'><source"
         " type='unix' path='/pr.sock' mode='client'/></reservations><slices><slice type='storage' offset='1' size='2'/>"
         "</slices><privateData><nodenames><nodename type='storage' name='n'/></nodenames></privateData></source>"
         "<backingStore type='file' index='4'><format type='qcow2'/><source file='/base &amp; &lt;1&gt;.qcow2'/>"
         "<backingStore type='network'><format type='raw'/><source protocol='nbd' name='x'><host name='h' port='1'/>"
         "</source><backingStore/></backingStore></backingStore>"
         "<target dev='%s' bus='scsi' rotation_rate='1' removable='on'/>"
         "<iotune><total_bytes_sec>1000000</total_bytes_sec><group_name>g</group_name></iotune>"
         "<blockio logical_block_size='512' physical_block_size='4096' discard_granularity='4096'/>"
         "<transient shareBacking='yes'/><serial>%s</serial><wwn>5000c50015ea71ad</wwn><vendor>VENDOR</vendor>"
         "<product>PRODUCT</product><geometry cyls='1' heads='2' secs='3' trans='lba'/>"
         "<x:later xmlns:x='urn:later'><![CDATA[<of another time>]]></x:later><alias name='ua-hpv-%s'/>"
         "<address type='drive' controller='0' bus='0' target='0' unit='%u'/></disk>";

static const char nic[] =
    "<interface type='bridge' trustGuestRxFilters='yes'><mac address='52:54:00:00:00:%02u' type='static' check='no'/>"
    "<source bridge='br-fake'/><vlan trunk='yes'><tag id='42' nativeMode='untagged'/><tag id='47'/></vlan>"
    "<virtualport type='openvswitch'><parameters interfaceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f'/></virtualport>"
    "<bandwidth><inbound average='1000' peak='5000' floor='200' burst='1024'/><outbound average='128'/></bandwidth>"
    "<target dev='t%u'/><guest dev='g0'/><model type='virtio'/><driver name='vhost' txmode='iothread' queues='5'"
    " rx_queue_size='256'><host csum='off' gso='off'/><guest csum='off'/></driver><backend tap='/dev/net/tun'/>"
    "<filterref filter='clean-traffic'><parameter name='IP' value='10.0.0.1'/></filterref><tune><sndbuf>1600</sndbuf>"
    "</tune><link state='up'/><mtu size='1300'/><coalesce><rx><frames max='7'/></rx></coalesce>"
    "<port isolated='yes'/><ip family='ipv4' address='192.0.2.1' prefix='24'/><route address='192.0.2.0'"
    " gateway='192.0.2.9'/><rom bar='off' file='/r'/><acpi index='5'/><later>still unknown</later>"
    "<alias name='ua-hpi-%s'/><address type='pci' domain='0x0000' bus='0x0%u' slot='0x00' function='0x0'/></interface>";

static void
give (Rig *rig, const char *xml)
{
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, xml);
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, xml);
}

static char *
disk_xml (Rig *rig, const char *name, const char *target, guint unit)
{
  g_autofree char *path = rig_image (rig, name);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (disk, path, target, name, name, unit);
#pragma GCC diagnostic pop
}

static char *
nic_xml (const char *name, guint port)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (nic, port, port, name, port);
#pragma GCC diagnostic pop
}

/* Volumes a, b, c and interfaces n, o, in the template and live */
static void
furnish (Rig *rig)
{
  static const char *const volumes[] = { "a", "b", "c" };
  static const char *const targets[] = { "sda", "sdb", "sdc" };
  static const char *const interfaces[] = { "n", "o" };

  for (guint i = 0; i < G_N_ELEMENTS (volumes); i++)
    {
      g_autofree char *xml = disk_xml (rig, volumes[i], targets[i], i);
      give (rig, xml);
    }
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      g_autofree char *xml = nic_xml (interfaces[i], i + 2);
      give (rig, xml);
    }
}

static char *
template_of (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return g_steal_pointer (&text.template);
}

/* Of its device list; the metadata is our own */
static char *
devices_of (Rig *rig)
{
  g_autofree char *text = template_of (rig);
  const char *begin = strstr (text, "<devices>");

  return g_strndup (begin, (gsize)(strstr (begin, "</devices>") - begin));
}

static void
assert_same (Rig *rig, const char *before)
{
  g_autofree char *after = devices_of (rig);

  g_assert_cmpstr (after, ==, before);
}

static gboolean
remove_all (Rig *rig, HotplugPlugFlags flags, int timeout_msec, GError **error)
{
  static const char *const volumes[] = { "a", "b", "c", NULL };
  static const char *const interfaces[] = { "n", "o", NULL };

  return hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, flags, timeout_msec, NULL, error);
}

static const struct
{
  const char *name;
  FakeGuest guest;
  guint delay_msec;
  int timeout_msec;
  HotplugError code;
} rows[] = {
  { "at-once", FAKE_GUEST_REFUSES, 0, 5000, HOTPLUG_ERROR_HYPERVISOR },
  { "with-the-lock-given-back", FAKE_GUEST_REFUSES, 1300, 5000, HOTPLUG_ERROR_HYPERVISOR },
};

static void
test_guest_refuses (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  furnish (rig);
  g_autofree char *before = devices_of (rig);
  g_autofree char *state = rig_state (rig);
  fake_connection_set_guest (rig->fake, rows[row].guest, rows[row].delay_msec);
  g_assert_false (remove_all (rig, HOTPLUG_PLUG_PERSIST, rows[row].timeout_msec, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)rows[row].code);
  assert_same (rig, before);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, state);
}

/* The time is up, the client is another one, and only then the guest says no: it is as before the first removal. */
static void
test_refused_later (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  furnish (rig);
  g_autofree char *before = devices_of (rig);
  g_autofree char *state = rig_state (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (remove_all (rig, HOTPLUG_PLUG_PERSIST, 0, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_true (rig_state_has (rig, "removes ua-hpi-o"));
  g_assert_false (rig_state_has (rig, "template has"));

  rig_renew (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
  rig_find_vmi (rig);
  g_assert_false (remove_all (rig, HOTPLUG_PLUG_PERSIST, 5000, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  assert_same (rig, before);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, state);
}

/* Whichever of its calls fails, a removal that the guest refuses leaves the template as it was. */
static void
test_each_call_fails (void)
{
  static const FakeFault faults[] = { FAKE_REFUSES, FAKE_BREAKS_BEFORE, FAKE_BREAKS_AFTER, FAKE_GOES_DOWN };
  gboolean more = TRUE;

  for (guint nth = 1; more; nth++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
        {
          g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
          g_autoptr (GError) error = NULL;

          g_test_message ("call %u, fault %d", nth, (int)faults[i]);
          furnish (rig);
          g_autofree char *before = devices_of (rig);
          fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
          fake_connection_fail (rig->fake, FAKE_ANY, nth, faults[i]);
          g_assert_false (remove_all (rig, HOTPLUG_PLUG_PERSIST, 5000, NULL));
          fake_connection_come_up (rig->fake);
          more = fake_connection_count (rig->fake, FAKE_ANY) >= nth;
          fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
          /* another session carries on what is left of it, and is refused as well */
          g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
          assert_same (rig, before);
          g_assert_false (rig_state_has (rig, "removes"));
        }
    }
}

/* In the process that dies: DIRECTORY NTH FAULT TIMEOUT */
static int
be_victim (char **arguments)
{
  g_autoptr (Rig) rig = rig_join (arguments[0], RIG_RUNNING);

  fake_connection_set_guest (rig->fake, g_str_equal (arguments[3], "0") ? FAKE_GUEST_IS_SILENT : FAKE_GUEST_REFUSES, 0);
  fake_connection_fail (rig->fake, FAKE_ANY, (guint)g_ascii_strtoull (arguments[1], NULL, 10),
                        (FakeFault)g_ascii_strtoull (arguments[2], NULL, 10));
  remove_all (rig, HOTPLUG_PLUG_PERSIST, (int)g_ascii_strtoll (arguments[3], NULL, 10), NULL);
  return 0;
}

/* FALSE if it came to its end */
static gboolean
kill_one (guint nth, FakeFault fault, const char *timeout)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autofree char *call = g_strdup_printf ("%u", nth);
  g_autofree char *how = g_strdup_printf ("%d", (int)fault);
  const char *argv[] = { program, VICTIM, rig->directory, call, how, timeout, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  furnish (rig);
  g_autofree char *before = devices_of (rig);
  g_autofree char *state = rig_state (rig);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);

  rig_renew (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
  rig_find_vmi (rig);
  if (!remove_all (rig, HOTPLUG_PLUG_PERSIST, 5000, &error))
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  assert_same (rig, before);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, state);
  g_autofree char *intent = rig_intent (rig);
  g_assert_null (intent);
  return WIFSIGNALED (status);
}

/* Its client is killed at any call, with a guest that refuses and with one that is silent first; the next one's guest
 * refuses: what stood in the template is in it, byte for byte. */
static void
test_killed (gconstpointer timeout)
{
  for (guint nth = 1, ended = 0; ended < 2; nth++)
    {
      g_test_message ("killed at call %u", nth);
      ended = 0;
      ended += !kill_one (nth, FAKE_CLIENT_DIES_BEFORE, timeout);
      ended += !kill_one (nth, FAKE_CLIENT_DIES_AFTER, timeout);
    }
}

/* What is at work on a disk is found before anything has changed, and named with its cure. */
static void
test_block_job (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  static const char *const names[] = { "a", "b", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) planned = NULL;

  furnish (rig);
  g_auto (HotplugMachineText) text = { 0 };
  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_auto (GStrv) halves = g_strsplit (text.live, "<target dev=\"sdb\"", 2);
  g_autofree char *live = g_strconcat (halves[0], "<mirror type='file' job='active-commit'/><target dev=\"sdb\"",
                                       halves[1], NULL);
  fake_machine_run (rig->fake, RIG_UUID, live, HOTPLUG_VMI_STATE_RUNNING);
  g_autofree char *before = devices_of (rig);
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, names, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_cmpstr (
      error->message, ==,
      "vmi \"vmi\": volume \"b\": an active block commit is at work on its disk \"sdb\"; wait for its end, "
      "or end it with virsh blockjob vmi sdb --pivot, or --abort");
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_remove_volumes (rig->vmi, names, HOTPLUG_PLUG_NONE, NULL, &planned);
  g_assert_null (plan);
  g_assert_cmpstr (planned->message, ==, error->message);
  assert_same (rig, before);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-a"));
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 6 && strcmp (argv[1], VICTIM) == 0)
    return be_victim (argv + 2);

  g_test_init (&argc, &argv, NULL);
  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strconcat ("/conformance/FD01/guest-refuses/", rows[row].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_guest_refuses);
    }
  g_test_add_func ("/conformance/FD01/refused-later", test_refused_later);
  g_test_add_func ("/conformance/FD01/each-call-fails", test_each_call_fails);
  g_test_add_data_func ("/conformance/FD01/killed/refused", "5000", test_killed);
  g_test_add_data_func ("/conformance/FD01/killed/silent", "0", test_killed);
  g_test_add_func ("/conformance/FD01/block-job", test_block_job);
  return g_test_run ();
}
