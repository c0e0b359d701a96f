/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "conformance/rig.h"

/* Whatever is wrong with what a machine starts with: a restart names all of it, and the machine runs on, or it comes up
 * with what can be had. Each row has a machine of its own, that runs and whose disks and networks then go. */

/* Of the rows' devices, XML and commands: the row's directory */
#define HERE "@D@"

#define NAME "vmi-restarts"

#define QCOW2 "qemu-img create -q -f qcow2 "
/* Its header says LUKS, as far as anybody looks who has no passphrase: qemu-img would measure how fast the host is. */
#define ENCRYPTED(file)                                                                                                \
  QCOW2 HERE "/" file " 8M; printf '\\000\\000\\000\\002' | dd of=" HERE "/" file " bs=1 seek=32 conv=notrunc"

#define ALL_DISK(type, source, format, target, bus, more)                                                             \
  "<disk type='" type "' device='disk'><driver name='qemu' type='" format "'/><source " source "/><target dev='" target \
  "' bus='" bus "'/>" more "</disk>"
#define DISK(file, format, more) ALL_DISK ("file", "file='" HERE "/" file "'", format, "sda", "sata", more)
#define SECOND(file) ALL_DISK ("file", "file='" HERE "/" file "'", "raw", "sdf", "sata", "")
#define SERVED(host)                                                                                                   \
  "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' name='x'>" host           \
  "</source><target dev='sdf' bus='sata'/></disk>"
#define SERVER "<host name='127.0.0.1' port='4477'/>"
#define SERVE                                                                                                          \
  "qemu-nbd -f raw -t -e 5 -x x -b 127.0.0.1 -p 4477 --fork --pid-file=" HERE "/nbd.pid " HERE "/far.img > /dev/null"
#define SERVE_SOCKET                                                                                                   \
  "cd " HERE "; qemu-nbd -f raw -t -e 5 -x x -k " HERE "/nbd.sock --fork --pid-file=" HERE "/nbd.pid " HERE            \
  "/far.img > /dev/null"
/* Until it is gone: asked kindly it would go on for as long as it has clients. */
#define KILL_SERVER                                                                                                    \
  "p=$(cat " HERE "/nbd.pid); kill -9 $p; while kill -0 $p 2> /dev/null; do sleep 0.1; done"
#define SHARED_MEMORY                                                                                                  \
  .from = "<os>", .to = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking><os>"
#define POOL_DISK ALL_DISK ("volume", "pool='pool' volume='own.img'", "raw", "sda", "sata", "")
#define CDROM(policy)                                                                                                  \
  "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='" HERE "/cd.iso'" policy            \
  "/><target dev='sdc' bus='sata'/><readonly/></disk>"
#define PCI_HOST                                                                                                       \
  "<hostdev mode='subsystem' type='pci'><source><address domain='0xffff' bus='0xfe' slot='0x1e' function='0x6'/>"      \
  "</source></hostdev>"
#define USB_HOST                                                                                                       \
  "<hostdev mode='subsystem' type='usb'><source><vendor id='0xdead'/><product id='0xbeef'/></source></hostdev>"
#define INTERFACE(type, source, mac, more)                                                                             \
  "<interface type='" type "'><mac address='" mac "'/><source " source "/>" more "<model type='virtio'/></interface>"
#define MAC "52:54:00:aa:bb:01"
#define POOL                                                                                                           \
  "$V pool-define-as pool dir --target " HERE "/pool; mkdir -p " HERE "/pool; "                                        \
  "truncate -s 8M " HERE "/pool/own.img; $V pool-start pool"
#define NETWORK(name)                                                                                                  \
  "echo \"<network><name>" name "</name><bridge name='br-" name "' stp='off'/></network>\" > " HERE "/net.xml; "        \
  "$V net-define " HERE "/net.xml; $V net-start " name

/* A volume of a file, or an interface of a bridge, which the running machine gets */
typedef struct
{
  const char *name; /* NULL: none */
  const char *file; /* NULL: an interface, of @bridge */
  const char *bridge;
  const char *uri; /* nullable: of a volume on the network */
  gboolean persist;
  HotplugBus bus;
  HotplugImageFormat format;
  HotplugCache cache;
  const char *serial;
  const char *mac;
} Device;

typedef struct
{
  const char *name;
  const char *setup;  /* nullable: a shell command before the machine is there; V is virsh, D the directory */
  const char *own;    /* nullable: devices that it starts with */
  Device devices[3];  /* what is added then */
  const char *spoil;  /* nullable: another command */
  const char *insert; /* nullable: devices that somebody puts into the template meanwhile */
  const char *from;   /* nullable: what somebody replaces there, */
  const char *to;     /* and by what */
  const char *other;  /* nullable: the device that another running machine has */
  const char *locked; /* nullable: a file that another process has, as QEMU would */
  HotplugError code;  /* 0: it comes up */
  gboolean starts;    /* and only a restart is refused */
  const char *words[4];
  const char *pending; /* nullable: an interface that waits then, */
  gboolean comes;      /* for a bridge br-goes */
} Row;

static LabDaemon *daemon_;
static virConnectPtr connect_;
static HotplugHost *host;

#define VOLUME(called, of) { .name = called, .file = of, .bus = HOTPLUG_BUS_SCSI }
#define DATA VOLUME ("data", "data.img")
#define DATA_IMAGE "truncate -s 8M " HERE "/data.img"
#define OWN_IMAGE "truncate -s 8M " HERE "/own.img"

#include "conformance/restart-rows.h"

static char *
fill (const char *text, const char *directory)
{
  GString *filled = g_string_new (text);

  g_string_replace (filled, HERE, directory, 0);
  return g_string_free (filled, FALSE);
}

static void
run (const char *command, const char *directory)
{
  if (command == NULL)
    return;

  g_autofree char *virsh = g_strdup_printf ("virsh -q -c %s", lab_daemon_uri (daemon_));
  g_autofree char *filled = fill (command, directory);
  g_autofree char *script = g_strdup_printf ("set -e; V=\"%s\"; exec >&2; %s", virsh, filled);
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);

  if (!g_subprocess_wait_check (process, NULL, NULL))
    g_error ("%s", script);
}

static virDomainPtr
start_machine (const char *name, const char *own)
{
  const char *const devices[] = { own, NULL };
  LabMachine machine = { .name = name, .root_ports = 4, .scsi = TRUE, .bare = TRUE, .memory = 32, .devices = devices };
  g_autofree char *xml = lab_machine_xml (&machine);
  virDomainPtr domain = lab_define (connect_, xml);

  lab_create (domain, FALSE);
  return domain;
}

static void
add (HotplugVmi *vmi, const Device *device, const char *directory)
{
  g_autoptr (GError) error = NULL;
  HotplugPlugFlags flags = device->persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;

  if (device->bridge == NULL)
    {
      g_autofree char *path = device->file != NULL ? g_build_filename (directory, device->file, NULL) : NULL;
      g_autoptr (HotplugVolume) volume
          = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", device->name, "path", path, "uri",
                            device->uri, "bus", device->bus, "format", device->format, "cache", device->cache,
                            "serial", device->serial, NULL);
      g_assert_no_error (error);
      g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, flags, NULL, &error);
      g_assert_no_error (error);
      return;
    }

  g_autoptr (HotplugNetworkAttachment)
      attachment = hotplug_network_attachment_new_for_bridge (device->name, device->bridge, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", device->name,
                                                           "attachment", attachment, "mac", device->mac, NULL);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (vmi, interface, flags, NULL, &error);
  g_assert_no_error (error);
}

/* Somebody else's virsh edit */
static void
edit (virDomainPtr domain, const Row *row, const char *directory)
{
  if (row->insert == NULL && row->from == NULL)
    return;

  g_autofree char *xml = lab_inactive_xml (domain);
  g_autofree char *inserted = g_strconcat (row->insert != NULL ? row->insert : "", "</devices>", NULL);
  GString *text = g_string_new (xml);
  if (row->from != NULL)
    g_assert_cmpuint (g_string_replace (text, row->from, row->to, 1), ==, 1);
  g_string_replace (text, "</devices>", inserted, 1);
  g_autofree char *filled = fill (text->str, directory);
  virDomainPtr defined = virDomainDefineXML (connect_, filled);

  if (defined == NULL)
    g_error ("%s: %s", virGetLastErrorMessage (), filled);
  virDomainFree (defined);
  g_string_free (text, TRUE);
}

/* One of libvirt's runs of a machine */
static int
run_of (virDomainPtr domain)
{
  virDomainPtr now = virDomainLookupByName (connect_, virDomainGetName (domain));
  int id = (int)virDomainGetID (now);

  virDomainFree (now);
  return id;
}

static char *
pid_of (virDomainPtr domain)
{
  g_autofree char *command = g_strdup_printf ("cat /run/libvirt/qemu/%s.pid", virDomainGetName (domain));
  int status;

  return lab_daemon_run (daemon_, &status, command);
}

static void
assert_runs (virDomainPtr domain)
{
  int state = 0;

  g_assert_cmpint (virDomainGetState (domain, &state, NULL, 0), ==, 0);
  g_assert_cmpint (state, ==, VIR_DOMAIN_RUNNING);
}

static gboolean
is_named (const Row *row, const GError *error)
{
  for (guint i = 0; i < G_N_ELEMENTS (row->words) && row->words[i] != NULL; i++)
    {
      if (strstr (error->message, row->words[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* One line, and none of it QEMU's command line */
static void
assert_refusal (const Row *row, const GError *error)
{
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, HOTPLUG_ERROR, (int)row->code);
  g_assert_true (is_named (row, error));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_null (strstr (error->message, "-blockdev"));
  g_assert_true (g_str_has_prefix (error->message, "vmi \"" NAME "\" can't be started: "));
}

/* All that is ours is there again, but for what waits */
static void
assert_back (const Row *row, HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (row->devices) && row->devices[i].name != NULL; i++)
    {
      const Device *device = &row->devices[i];
      if (device->bridge == NULL)
        {
          HotplugVolumeStatus *volume = hotplug_vmi_status_get_volume (status, device->name);
          g_assert_nonnull (volume);
          g_assert_cmpint (hotplug_volume_status_get_phase (volume), ==, HOTPLUG_VOLUME_PHASE_READY);
          continue;
        }
      HotplugInterfaceStatus *interface = hotplug_vmi_status_get_interface (status, device->name);
      gboolean waits = g_strcmp0 (device->name, row->pending) == 0;
      g_assert_nonnull (interface);
      g_assert_cmpint (hotplug_interface_status_get_phase (interface), ==,
                       waits ? HOTPLUG_INTERFACE_PHASE_PENDING : HOTPLUG_INTERFACE_PHASE_READY);
    }
}

static void
clear (virDomainPtr domain)
{
  if (lab_is_active (domain))
    lab_destroy (domain);
  lab_undefine (domain);
  virDomainFree (domain);
}

static void
check (const Row *row, virDomainPtr domain, HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = pid_of (domain);
  int id = run_of (domain);
  gboolean done = hotplug_vmi_restart (vmi, 0, NULL, &error);
  int now = run_of (domain);
  g_autofree char *after = pid_of (domain);

  if (row->code != 0)
    {
      g_assert_false (done);
      g_assert_cmpint (now, ==, id);
      g_assert_cmpstr (after, ==, before);
      /* QEMU may have paused it, for a server that has died */
      g_assert_true (lab_is_active (domain));
      assert_refusal (row, error);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (done);
  g_assert_cmpint (now, !=, id);
  assert_runs (domain);
  assert_back (row, vmi);
}

/* When what it waits for is there again, whoever brings devices back brings it too. */
static void
check_waiting (const Row *row, HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) waits = hotplug_vmi_query_status (vmi, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (
      hotplug_interface_status_get_reason (hotplug_vmi_status_get_interface (waits, row->pending)), ==,
      "MigrationRequired");
  g_autoptr (GPtrArray) none = hotplug_vmi_bring_back_volumes (vmi, NULL, &error);
  g_assert_no_error (error);
  assert_back (row, vmi);

  run ("ip link add br-goes type bridge; ip link set br-goes up", "");
  g_autoptr (GPtrArray) back = hotplug_vmi_bring_back_volumes (vmi, NULL, &error);
  g_assert_no_error (error);
  const Row all = { .devices = { row->devices[0], row->devices[1], row->devices[2] } };
  assert_back (&all, vmi);
}

/* Of a machine that is stopped a start says the same. */
static void
check_start (const Row *row, virDomainPtr domain, HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;

  lab_destroy (domain);
  g_assert_false (hotplug_vmi_start (vmi, NULL, &error));
  assert_refusal (row, error);
  g_assert_false (lab_is_active (domain));
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *own = row->own != NULL ? fill (row->own, directory) : NULL;

  run ("ip link show br-there || ip link add br-there type bridge; ip link set br-there up", directory);
  run (row->setup, directory);
  virDomainPtr domain = start_machine (NAME, own);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, NAME, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (row->devices) && row->devices[i].name != NULL; i++)
    add (vmi, &row->devices[i], directory);

  run (row->spoil, directory);
  edit (domain, row, directory);
  g_autofree char *disk = row->other != NULL ? fill (row->other, directory) : NULL;
  virDomainPtr other = disk != NULL ? start_machine ("vmi-other", disk) : NULL;
  g_autofree char *locked = row->locked != NULL ? g_build_filename (directory, row->locked, NULL) : NULL;
  int lock = locked != NULL ? rig_lock_image (locked) : -1;

  check (row, domain, vmi);
  if (row->code != 0 && !row->starts)
    check_start (row, domain, vmi);
  else if (row->pending != NULL && row->comes)
    check_waiting (row, vmi);
  if (lock >= 0)
    g_close (lock, NULL);
  if (other != NULL)
    clear (other);
  clear (domain);
  run ("for p in $($V pool-list --all --name); do $V pool-destroy $p || :; $V pool-undefine $p; done;"
       "for n in $($V net-list --all --name); do $V net-destroy $n || :; $V net-undefine $n; done;"
       "ip link del br-goes || :; ! test -e " HERE "/nbd.pid || kill $(cat " HERE "/nbd.pid) || :",
       directory);
}

/* An interface's script runs once for each start, and never for a look. */
static void
test_scripts (void)
{
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *own = fill ("<interface type='ethernet'><mac address='" MAC "'/><script path='" HERE
                               "/script'/><model type='virtio'/></interface>",
                               directory);
  g_autofree char *count = fill (HERE "/count", directory);
  g_autoptr (GError) error = NULL;
  g_autofree char *calls = NULL;

  run ("printf '#!/bin/sh\necho called >> " HERE "/count\n' > " HERE "/script; chmod 755 " HERE "/script", directory);
  virDomainPtr domain = start_machine (NAME, own);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, NAME, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_restart (vmi, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (count, &calls, NULL, NULL));
  g_assert_cmpstr (calls, ==, "called\ncalled\n");
  clear (domain);
}

/* What nobody could foresee is told in few words: QEMU says its whole option before. */
static void
test_words (void)
{
  static const char *const arguments[]
      = { "-device", "{\"driver\":\"virtio-rng-pci\",\"rng\":\"none\",\"id\":\"odd\"}", NULL };
  LabMachine machine = { .name = NAME, .root_ports = 1, .bare = TRUE, .memory = 32, .arguments = arguments };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = lab_machine_xml (&machine);
  virDomainPtr domain = lab_define (connect_, xml);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, NAME, NULL, &error);

  g_assert_no_error (error);
  g_assert_false (hotplug_vmi_start (vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "-device odd: "));
  g_assert_null (strchr (error->message, '{'));
  clear (domain);
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_daemon_network () != NULL ? lab_missing_daemon_network () : lab_missing_network ();
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  lab_network_enter ();
  daemon_ = lab_daemon_new ("restarts", TRUE);
  host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  connect_ = lab_connect (lab_daemon_uri (daemon_));

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/conformance/FS02/", rows[i].name, NULL);
      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/conformance/FS02/scripts", test_scripts);
  g_test_add_func ("/conformance/FS02/words-of-qemu", test_words);
  int result = g_test_run ();
  virConnectClose (connect_);
  g_object_unref (host);
  lab_daemon_free (daemon_);
  return result;
}
