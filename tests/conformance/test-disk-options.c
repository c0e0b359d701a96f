/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <libvirt/libvirt-qemu.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/rig.h"

/* A disk's options reach libvirt and QEMU as asked, or are refused before either is asked. */

static const LabMachine machine = {
  .name = "vmi-options", .root_ports = 6, .scsi = TRUE, .bare = TRUE, .iothreads = 2
};

static Rig *rig;

G_GNUC_NULL_TERMINATED
static HotplugVolume *
make (const char *property, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, property);
  HotplugVolume *volume = HOTPLUG_VOLUME (
      g_initable_new_valist (HOTPLUG_TYPE_VOLUME, property, arguments, NULL, &error));
  va_end (arguments);
  g_assert_no_error (error);
  return volume;
}

G_GNUC_NULL_TERMINATED
static void
refused (HotplugError code, const char *mentions, const char *property, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, property);
  g_assert_null (g_initable_new_valist (HOTPLUG_TYPE_VOLUME, property, arguments, NULL, &error));
  va_end (arguments);
  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, mentions));
}

static void
plug (HotplugVmi *vmi, HotplugVolume *volume, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (status);
}

static void
unplug (HotplugVmi *vmi, const char *name)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_remove_volume (vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static char *
cut (const char *text, const char *begin, const char *mark)
{
  g_auto (GStrv) parts = g_strsplit (text, begin, -1);

  for (guint i = 1; parts[i] != NULL; i++)
    {
      if (strstr (parts[i], mark) != NULL)
        return g_strdup (parts[i]);
    }
  return g_strdup ("");
}

/* What libvirt says of the disk, and what QEMU says of its device */
static char *
xml_of (const char *xml, const char *name)
{
  g_autofree char *alias = g_strdup_printf ("<alias name='ua-hpv-%s'/>", name);

  return cut (xml, "<disk ", alias);
}

static char *
live_of (virDomainPtr domain, const char *name)
{
  g_autofree char *xml = lab_live_xml (domain);

  return xml_of (xml, name);
}

static char *
ask_qemu (virDomainPtr domain, const char *command)
{
  char *answer = NULL;

  g_assert_cmpint (virDomainQemuMonitorCommand (domain, command, &answer, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP), ==, 0);
  char *copy = g_strdup (answer);
  free (answer);
  return copy;
}

static char *
device_of (virDomainPtr domain, const char *name)
{
  g_autofree char *id = g_strdup_printf ("id \"ua-hpv-%s\"", name);
  g_autofree char *tree = ask_qemu (domain, "info qtree");

  return cut (tree, "dev: ", id);
}

G_GNUC_NULL_TERMINATED
static void
assert_has (const char *text, ...)
{
  va_list words;

  va_start (words, text);
  for (const char *word = va_arg (words, const char *); word != NULL; word = va_arg (words, const char *))
    {
      if (strstr (text, word) == NULL)
        g_error ("%s is not in: %s", word, text);
    }
  va_end (words);
}

static gboolean
is_direct (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECT);

  return fd >= 0 && close (fd) == 0;
}

static void
fill (const char *path, gsize size)
{
  g_autofree char *zeros = g_malloc0 (size);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, zeros, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
test_v16 (void)
{
  static const HotplugBus buses[] = { HOTPLUG_BUS_SATA, HOTPLUG_BUS_IDE, HOTPLUG_BUS_USB, HOTPLUG_BUS_FDC,
                                      HOTPLUG_BUS_OTHER };

  for (gsize i = 0; i < G_N_ELEMENTS (buses); i++)
    refused (HOTPLUG_ERROR_BUS_UNSUPPORTED, "\"scsi\" and \"virtio\"", "name", "x", "path", "/x", "bus", buses[i],
             NULL);
  refused (HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"scsi\" or \"virtio\"", "name", "x", "path", "/x", "device",
           HOTPLUG_DISK_TYPE_CDROM, NULL);
  refused (HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "\"scsi\" or \"virtio\"", "name", "x", "path", "/x", "device",
           HOTPLUG_DISK_TYPE_FLOPPY, NULL);
}

static void
test_v17 (void)
{
  g_autofree char *image = rig_image (rig, "lun.img", 4);
  g_autoptr (HotplugVolume) no_device = make ("name", "lun", "path", image, "device", HOTPLUG_DISK_TYPE_LUN, NULL);

  refused (HOTPLUG_ERROR_SERIAL_INVALID, "LUN", "name", "x", "path", "/x", "device", HOTPLUG_DISK_TYPE_LUN, "serial",
           "S1", NULL);
  refused (HOTPLUG_ERROR_BUS_UNSUPPORTED, "\"scsi\" does", "name", "x", "path", "/x", "device", HOTPLUG_DISK_TYPE_LUN,
           "bus", HOTPLUG_BUS_VIRTIO, NULL);
  rig_refused_add (rig, no_device, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "is no block device");
  if (lab_skip_without_loop ())
    return;

  g_autofree char *loop = lab_loop_attach (image);
  g_autoptr (HotplugVolume) no_scsi = make ("name", "lun", "path", loop, "device", HOTPLUG_DISK_TYPE_LUN, NULL);
  rig_refused_add (rig, no_scsi, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "is no SCSI device");
  lab_loop_detach (loop);
}

static void
test_v18 (void)
{
  const LabMachine plain = { .name = "vmi-no-threads", .root_ports = 2, .bare = TRUE };
  g_autofree char *first = rig_image (rig, "first.img", 4);
  g_autofree char *second = rig_image (rig, "second.img", 4);
  g_autoptr (HotplugVolume) one
      = make ("name", "first", "path", first, "bus", HOTPLUG_BUS_VIRTIO, "dedicated-io-thread", TRUE, NULL);
  g_autoptr (HotplugVolume) two
      = make ("name", "second", "path", second, "bus", HOTPLUG_BUS_VIRTIO, "dedicated-io-thread", TRUE, NULL);
  g_autoptr (GError) error = NULL;

  plug (rig->vmi, one, HOTPLUG_PLUG_PERSIST);
  plug (rig->vmi, two, HOTPLUG_PLUG_PERSIST);
  g_autofree char *first_live = live_of (rig->domain, "first");
  g_autofree char *second_live = live_of (rig->domain, "second");
  g_autofree char *first_thread = ask_qemu (rig->domain, "qom-get /machine/peripheral/ua-hpv-first iothread");
  g_autofree char *inactive = lab_inactive_xml (rig->domain);
  g_autofree char *second_kept = xml_of (inactive, "second");
  assert_has (first_live, "iothread='1'", NULL);
  assert_has (second_live, "iothread='2'", NULL);
  assert_has (second_kept, "iothread='2'", NULL);
  assert_has (first_thread, "/objects/iothread1", NULL);

  /* no system in it lets go of a PCI device */
  lab_destroy (rig->domain);
  unplug (rig->vmi, "first");
  unplug (rig->vmi, "second");
  hotplug_vmi_start (rig->vmi, NULL, &error);
  g_assert_no_error (error);

  refused (HOTPLUG_ERROR_BUS_UNSUPPORTED, "\"virtio\" can have", "name", "x", "path", "/x", "dedicated-io-thread", TRUE,
           NULL);

  g_autofree char *xml = lab_machine_xml (&plain);
  g_autoptr (LabDomain) domain = lab_create_transient (rig->connect, xml, TRUE);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, plain.name, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hotplug_vmi_add_volume (vmi, one, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_IO_THREAD);
  lab_destroy (domain);
}

static void
test_v19_automatic (void)
{
  g_autofree char *holes = rig_image (rig, "holes.img", 4);
  g_autofree char *whole = g_build_filename (rig->images, "whole.img", NULL);
  gboolean direct = is_direct (holes);

  fill (whole, 4 << 20);
  g_autoptr (HotplugVolume) with_holes = make ("name", "holes", "path", holes, NULL);
  g_autoptr (HotplugVolume) without = make ("name", "whole", "path", whole, NULL);
  plug (rig->vmi, with_holes, HOTPLUG_PLUG_NONE);
  plug (rig->vmi, without, HOTPLUG_PLUG_NONE);
  g_autofree char *holes_live = live_of (rig->domain, "holes");
  g_autofree char *whole_live = live_of (rig->domain, "whole");
  g_autofree char *holes_device = device_of (rig->domain, "holes");
  assert_has (holes_live, direct ? "cache='none'" : "cache='writethrough'", "error_policy='stop'", "discard='unmap'",
              NULL);
  assert_has (whole_live, direct ? "io='native'" : "cache='writethrough'", NULL);
  g_assert_null (strstr (holes_live, "io='"));
  assert_has (holes_device, "werror = \"stop\"", "rerror = \"stop\"", NULL);
  unplug (rig->vmi, "holes");
  unplug (rig->vmi, "whole");

  if (!direct)
    {
      g_autoptr (HotplugVolume) none = make ("name", "none", "path", holes, "cache", HOTPLUG_CACHE_NONE, NULL);
      rig_refused_add (rig, none, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_CACHE_UNSUPPORTED, "direct I/O");
    }
}

/* Also over a restart of what is not in the template */
static void
test_v19_asked (void)
{
  g_autofree char *image = rig_image (rig, "asked.img", 8);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume)
      volume = make ("name", "asked", "path", image, "cache", HOTPLUG_CACHE_WRITEBACK, "io", HOTPLUG_IO_THREADS,
                     "error-policy", HOTPLUG_ERROR_POLICY_REPORT, "discard", HOTPLUG_DISCARD_IGNORE,
                     "logical-block-size", 4096, "physical-block-size", 8192, "read-only", TRUE, NULL);

  plug (rig->vmi, volume, HOTPLUG_PLUG_NONE);
  g_autofree char *live = live_of (rig->domain, "asked");
  g_autofree char *device = device_of (rig->domain, "asked");
  assert_has (live, "cache='writeback'", "io='threads'", "error_policy='report'", "discard='ignore'", "<readonly/>",
              "<blockio logical_block_size='4096' physical_block_size='8192'/>", NULL);
  assert_has (device, "werror = \"report\"", "rerror = \"report\"", "logical_block_size = 4096",
              "physical_block_size = 8192", NULL);

  lab_destroy (rig->domain);
  hotplug_vmi_start (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *again = live_of (rig->domain, "asked");
  assert_has (again, "cache='writeback'", "io='threads'", "error_policy='report'", "discard='ignore'", "<readonly/>",
              "<blockio logical_block_size='4096' physical_block_size='8192'/>", NULL);
  unplug (rig->vmi, "asked");
}

static void
test_v19_matched (void)
{
  g_autofree char *image = rig_image (rig, "matched.img", 8);
  g_autoptr (HotplugVolume) volume = make ("name", "matched", "path", image, "match-block-size", TRUE, NULL);

  plug (rig->vmi, volume, HOTPLUG_PLUG_NONE);
  g_autofree char *device = device_of (rig->domain, "matched");
  assert_has (device, "logical_block_size = 4096", "physical_block_size = 4096", NULL);
  unplug (rig->vmi, "matched");
}

/* Of qcow2 no other file is opened, whatever the image says. */
static void
test_v19_format (void)
{
  g_autofree char *base = rig_image (rig, "base.img", 4);
  g_autofree char *whole = g_build_filename (rig->images, "whole.qcow2", NULL);
  g_autofree char *thin = g_build_filename (rig->images, "thin.qcow2", NULL);
  g_autofree char *make_whole = g_strdup_printf ("qemu-img create -q -f qcow2 '%s' 4M", whole);
  g_autofree char *make_thin = g_strdup_printf ("qemu-img create -q -f qcow2 -b '%s' -F raw '%s'", base, thin);

  g_assert_true (g_spawn_command_line_sync (make_whole, NULL, NULL, NULL, NULL));
  g_assert_true (g_spawn_command_line_sync (make_thin, NULL, NULL, NULL, NULL));
  g_autoptr (HotplugVolume) good = make ("name", "q", "path", whole, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);
  g_autoptr (HotplugVolume) refers = make ("name", "q", "path", thin, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);
  g_autoptr (HotplugVolume) raw = make ("name", "q", "path", base, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);
  plug (rig->vmi, good, HOTPLUG_PLUG_NONE);
  g_autofree char *live = live_of (rig->domain, "q");
  assert_has (live, "type='qcow2'", NULL);
  unplug (rig->vmi, "q");
  rig_refused_add (rig, refers, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "needs another file");
  rig_refused_add (rig, raw, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "no qcow2 image");
}

/* QEMU opens the source itself, here from a server of its own. */
static void
test_v19_nbd (void)
{
  g_autofree char *image = rig_image (rig, "exported.img", 4);
  g_autofree char *socket = g_build_filename (rig->images, "nbd", NULL);
  g_autofree char *uri = g_strdup_printf ("nbd+unix:///data?socket=%s", socket);
  const char *const argv[] = { "qemu-nbd", "-f", "raw", "-k", socket, "-x", "data", "-t", image, NULL };
  g_autoptr (GError) error = NULL;
  GPid server;

  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &server, &error));
  for (guint i = 0; i < 100 && !g_file_test (socket, G_FILE_TEST_EXISTS); i++)
    g_usleep (50 * 1000);
  g_autoptr (HotplugVolume) volume = make ("name", "remote", "uri", uri, NULL);
  g_autoptr (HotplugVolume) again = make ("name", "again", "uri", uri, NULL);
  plug (rig->vmi, volume, HOTPLUG_PLUG_NONE);
  g_autofree char *live = live_of (rig->domain, "remote");
  g_autofree char *blocks = ask_qemu (rig->domain, "info block");
  assert_has (live, "protocol='nbd'", "name='data'", socket, NULL);
  assert_has (blocks, socket, NULL);
  /* the next to come brings its record to what libvirt has made of it */
  g_autoptr (GPtrArray) none = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  rig_refused_add (rig, again, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "remote");
  unplug (rig->vmi, "remote");
  kill (server, SIGTERM);
  g_spawn_close_pid (server);
}

static void
test_v19_boot_order (void)
{
  g_autofree char *root = rig_image (rig, "root.img", 4);
  g_autofree char *image = rig_image (rig, "boot.img", 4);
  g_autofree char *disk = g_strdup_printf ("<disk type='file'><source file='%s'/><target dev='vda' bus='virtio'/>"
                                           "<boot order='1'/></disk>", root);
  const char *const devices[] = { disk, NULL };
  const LabMachine ordered = { .name = "vmi-ordered", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .devices = devices };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) first = make ("name", "boot", "path", image, "boot-order", 1, NULL);
  g_autoptr (HotplugVolume) second = make ("name", "boot", "path", image, "boot-order", 2, NULL);

  rig_refused_add (rig, second, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_BOOT_ORDER, "<os><boot/>");

  g_autofree char *xml = lab_machine_xml (&ordered);
  g_autoptr (LabDomain) domain = lab_define (rig->connect, xml);
  lab_create (domain, TRUE);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, ordered.name, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hotplug_vmi_add_volume (vmi, first, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BOOT_ORDER);
  g_clear_error (&error);
  plug (vmi, second, HOTPLUG_PLUG_PERSIST);
  g_autofree char *live = live_of (domain, "boot");
  g_autofree char *index = ask_qemu (domain, "qom-get /machine/peripheral/ua-hpv-boot bootindex");
  assert_has (live, "<boot order='2'/>", NULL);
  g_assert_cmpstr (g_strstrip (index), ==, "2");
  lab_destroy (domain);
  lab_undefine (domain);
}

static void
set_block_device (const char *option, const char *device)
{
  const char *const argv[] = { "blockdev", option, device, NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
test_v21 (void)
{
  g_autofree char *empty = g_build_filename (rig->images, "empty", NULL);
  g_autofree char *fifo = g_build_filename (rig->images, "fifo", NULL);
  g_autofree char *image = rig_image (rig, "locked.img", 4);

  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_autoptr (HotplugVolume) directory = make ("name", "bad", "path", empty, NULL);
  g_autoptr (HotplugVolume) pipe = make ("name", "bad", "path", fifo, NULL);
  rig_refused_add (rig, directory, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "a directory without disk.img");
  rig_refused_add (rig, pipe, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_NOT_READY, "a FIFO");
  if (lab_skip_without_loop ())
    return;

  g_autofree char *loop = lab_loop_attach (image);
  g_autoptr (HotplugVolume) closed = make ("name", "bad", "path", loop, NULL);
  set_block_device ("--setro", loop);
  rig_refused_add (rig, closed, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_PERMISSION, loop);
  set_block_device ("--setrw", loop);
  lab_loop_detach (loop);
}

/* Two running VMIs and one image */
static void
test_v30 (void)
{
  const LabMachine another = { .name = "vmi-another", .root_ports = 2, .scsi = TRUE, .bare = TRUE };
  g_autofree char *image = rig_image (rig, "common.img", 4);
  g_autofree char *xml = lab_machine_xml (&another);
  g_autoptr (LabDomain) domain = lab_create_transient (rig->connect, xml, TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, another.name, NULL, &error);
  g_autoptr (HotplugVolume) once = make ("name", "common", "path", image, NULL);
  g_autoptr (HotplugVolume) many
      = make ("name", "common", "path", image, "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, NULL);
  g_autoptr (HotplugVolume) read
      = make ("name", "common", "path", image, "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, NULL);

  plug (vmi, once, HOTPLUG_PLUG_NONE);
  rig_refused_add (rig, once, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE,
                   "vmi \"vmi-another\", and access mode ReadWriteOnce");
  rig_refused_add (rig, many, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "vmi \"vmi-another\"");
  rig_refused_add (rig, read, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "vmi \"vmi-another\"");
  unplug (vmi, "common");

  if (is_direct (image))
    {
      plug (vmi, many, HOTPLUG_PLUG_NONE);
      plug (rig->vmi, many, HOTPLUG_PLUG_NONE);
      g_autofree char *live = live_of (rig->domain, "common");
      g_autofree char *device = device_of (rig->domain, "common");
      assert_has (live, "<shareable/>", "cache='none'", NULL);
      assert_has (device, "share-rw = true", NULL);
      unplug (vmi, "common");
      unplug (rig->vmi, "common");
    }

  plug (vmi, read, HOTPLUG_PLUG_NONE);
  rig_refused_add (rig, once, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "vmi \"vmi-another\"");
  plug (rig->vmi, read, HOTPLUG_PLUG_NONE);
  g_autofree char *live = live_of (rig->domain, "common");
  assert_has (live, "<readonly/>", NULL);
  unplug (rig->vmi, "common");
  lab_destroy (domain);
}

G_GNUC_PRINTF (1, 2)
static void
run (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  int status = 0;
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_spawn_command_line_sync (command, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

static void
assert_goes (HotplugVolume *volume)
{
  plug (rig->vmi, volume, HOTPLUG_PLUG_NONE);
  unplug (rig->vmi, hotplug_volume_get_name (volume));
}

/* A file system that this host has mounted: the device, and the file that it is made of */
static void
test_mounted (void)
{
  g_autofree char *mke2fs = g_find_program_in_path ("mke2fs");

  if (mke2fs == NULL)
    return g_test_skip ("there is no mke2fs");
  if (lab_skip_without_loop ())
    return;

  g_autofree char *image = rig_image (rig, "mounted.img", 4);
  g_autofree char *loop = lab_loop_attach (image);
  g_autofree char *place = g_build_filename (rig->images, "a place", NULL);
  g_autofree char *says = g_strdup_printf ("is mounted on this host, at %s", place);
  const char *const paths[] = { loop, image };

  run ("mke2fs -q -F '%s'", loop);
  g_assert_cmpint (g_mkdir (place, 0700), ==, 0);
  run ("mount '%s' '%s'", loop, place);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (HotplugVolume) written = make ("name", "mounted", "path", paths[i], NULL);
      g_autoptr (HotplugVolume) allowed = make ("name", "mounted", "path", paths[i], "allow-mounted", TRUE, NULL);
      g_autoptr (HotplugVolume) read = make ("name", "mounted", "path", paths[i], "read-only", TRUE, NULL);

      rig_refused_add (rig, written, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, says);
      rig_refused_add (rig, written, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE, says);
      assert_goes (read);
      assert_goes (allowed);
    }

  run ("umount '%s'", place);
  g_autoptr (HotplugVolume) device = make ("name", "mounted", "path", loop, NULL);
  assert_goes (device);
  lab_loop_detach (loop);
  g_autoptr (HotplugVolume) file = make ("name", "mounted", "path", image, NULL);
  assert_goes (file);
}

static guint64
size_of (const char *name)
{
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, name);

  return hotplug_volume_status_get_size (status);
}

/* Of what is on the network the hypervisor knows it, be it the disk of a qcow2 that a server has the file of. */
static void
test_network_size (void)
{
  g_autofree char *qemu_nbd = g_find_program_in_path ("qemu-nbd");

  if (qemu_nbd == NULL)
    return g_test_skip ("there is no qemu-nbd");

  g_autofree char *raw = rig_image (rig, "served.img", 5);
  g_autofree char *qcow2 = g_build_filename (rig->images, "served.qcow2", NULL);
  const char *const paths[] = { raw, qcow2 };
  const guint64 sizes[] = { 5 << 20, 24 << 20 };

  run ("qemu-img create -q -f qcow2 '%s' 24M", qcow2);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *socket = g_strdup_printf ("%s/nbd-%zu", lab_embed_root (), i);
      g_autofree char *uri = g_strdup_printf ("nbd+unix:///data?socket=%s", socket);
      run ("qemu-nbd --fork -f raw -x data -k '%s' '%s'", socket, paths[i]);
      g_autoptr (HotplugVolume)
          volume = make ("name", "served", "uri", uri, "format",
                         i == 0 ? HOTPLUG_IMAGE_FORMAT_RAW : HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);

      plug (rig->vmi, volume, HOTPLUG_PLUG_NONE);
      g_assert_cmpuint (size_of ("served"), ==, sizes[i]);
      unplug (rig->vmi, "served");
    }
}

static const RigRow rows[] = {
  { "/conformance/V16", test_v16 },
  { "/conformance/V17", test_v17 },
  { "/conformance/V18", test_v18 },
  { "/conformance/V19/automatic", test_v19_automatic },
  { "/conformance/V19/asked", test_v19_asked },
  { "/conformance/V19/matched", test_v19_matched },
  { "/conformance/V19/format", test_v19_format },
  { "/conformance/V19/nbd", test_v19_nbd },
  { "/conformance/V19/boot-order", test_v19_boot_order },
  { "/conformance/V21", test_v21 },
  { "/conformance/V30/V21/two-machines", test_v30 },
  { "/conformance/FW03/network", test_network_size },
  { "/conformance/FW06/disk-options-mounted", test_mounted },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
