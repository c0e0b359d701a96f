/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/fake-rig.h"
#include "storage/hotplug-block-private.h"
#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* Who uses an image is asked of all that machines stand upon, and of QEMU's locks. */

#define MIB G_GUINT64_CONSTANT (1048576)

static Rig *
new_rig (RigKind kind)
{
  Rig *rig = rig_new (kind);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new ("/etc/test.conf");
  HotplugStoreEntry *entry = _hotplug_store_entry_new ("main");

  entry->path = g_build_filename (rig->directory, "volumes", NULL);
  entry->is_default = TRUE;
  g_ptr_array_add (configuration->stores, entry);
  _hotplug_host_set_configuration (rig->host, configuration);
  return rig;
}

static HotplugDataVolume *
make_data (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_blank ("data", MIB, NULL);
  HotplugDataVolume *made = hotplug_host_create_data_volume (rig->host, volume, NULL, &error);

  g_assert_no_error (error);
  return made;
}

static void
put_32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

/* Without the end of the string, which no header has */
static void
put_text (guint8 *at, const char *text)
{
  for (gsize i = 0; text[i] != '\0'; i++)
    at[i] = (guint8)text[i];
}

/* The header of a qcow2 image over @base; @format: (nullable): what it says that is */
static void
write_overlay (const char *path, const char *base, const char *format)
{
  guint8 begin[65536] = { 0 };

  put_text (begin, "QFI\xfb");
  put_32 (begin + 4, 3);
  put_32 (begin + 12, 4096);
  put_32 (begin + 16, (guint32)strlen (base));
  put_32 (begin + 20, 16);
  put_32 (begin + 28, MIB);
  put_32 (begin + 100, 104);
  if (format != NULL)
    {
      put_32 (begin + 104, 0xe2792aca);
      put_32 (begin + 108, (guint32)strlen (format));
      put_text (begin + 112, format);
    }
  put_text (begin + 4096, base);
  g_assert_true (g_file_set_contents (path, (const char *)begin, sizeof begin, NULL));
}

static void
attach_with (Rig *rig, const char *uuid, HotplugSide side, const char *format, const char *path, const char *more)
{
  g_autofree char *xml = g_strdup_printf (
      "<disk type='file' device='disk'><driver name='qemu' type='%s'/><source file='%s'/>%s<target dev='sdq' "
      "bus='scsi'/><alias name='ua-own'/><address type='drive' controller='0' bus='0' target='0' unit='9'/></disk>",
      format, path, more);

  fake_machine_attach (rig->fake, uuid, side, xml);
}

static void
assert_not_deleted (Rig *rig, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
  g_assert_nonnull (strstr (error->message, says));
  g_autoptr (HotplugDataVolume) still = hotplug_host_get_data_volume (rig->host, "data", NULL, NULL);
  g_assert_cmpint (hotplug_data_volume_get_phase (still), ==, HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED);
}

/* As libvirt has it after a snapshot, after twenty of them, and while a block job runs: %s is the volume's image */
static void
test_in_live_xml (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (deep, "<backingStore type='file'><format type='qcow2'/><source file='/nowhere/%u'/>", i);
  g_string_append (deep, "<backingStore type='file'><format type='raw'/><source file='%s'/><backingStore/>");
  for (guint i = 0; i < 21; i++)
    g_string_append (deep, "</backingStore>");

  const struct
  {
    const char *more;
    const char *says;
  } rows[] = {
    { "<backingStore type='file' index='2'><format type='raw'/><source file='%s'/><backingStore/></backingStore>",
      "stands upon it" },
    { deep->str, "stands upon it" },
    { "<mirror type='file' job='copy' ready='yes'><format type='raw'/><source file='%s'/></mirror>", "copied to it" },
    { "<mirror file='%s' format='raw' job='copy'/>", "copied to it" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
      g_autoptr (HotplugDataVolume) made = make_data (rig);
      g_auto (GStrv) pieces = g_strsplit (rows[i].more, "%s", -1);
      g_autofree char *more = g_strjoinv (hotplug_data_volume_get_path (made), pieces);

      attach_with (rig, RIG_UUID, HOTPLUG_SIDE_LIVE, "qcow2", "/nowhere/top", more);
      assert_not_deleted (rig, rows[i].says);
    }
}

/* libvirt says nothing of what the image of a stopped machine stands upon; its header does. */
static void
test_in_headers (void)
{
  static const struct
  {
    const char *base; /* where the next one is, from where the image is */
    const char *format;
  } rows[] = {
    { "../volumes/data/disk.img", "raw" },
    { "../volumes/data/disk.img", NULL },
    { "file:../volumes/data/disk.img", "raw" },
    { "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"../volumes/data/disk.img\"}}", "raw" },
    { "middle", "qcow2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rig) rig = new_rig (RIG_STOPPED);
      g_autoptr (HotplugDataVolume) made = make_data (rig);
      g_autofree char *snapshots = g_build_filename (rig->directory, "snapshots", NULL);
      g_autofree char *top = g_build_filename (snapshots, "top", NULL);
      g_autofree char *middle = g_build_filename (snapshots, "middle", NULL);

      g_assert_cmpint (g_mkdir (snapshots, 0700), ==, 0);
      write_overlay (top, rows[i].base, rows[i].format);
      write_overlay (middle, "../volumes/data/disk.img", "raw");
      attach_with (rig, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, "qcow2", top, "");
      assert_not_deleted (rig, "stands upon it");
    }
}

/* A header that a guest wrote into its raw disk leads nowhere, and a ring has an end. */
static void
test_not_followed (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_STOPPED);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  g_autofree char *top = g_build_filename (rig->directory, "top", NULL);

  write_overlay (top, "top", "qcow2");
  g_autoptr (GPtrArray) chain = _hotplug_image_chain (top);
  g_assert_cmpuint (chain->len, >, 0);
  g_assert_cmpuint (chain->len, <, 1000);

  write_overlay (top, hotplug_data_volume_get_path (made), "raw");
  attach_with (rig, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, "raw", top, "");
  must (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error), error);
}

/* QEMU's lock on a byte; -1: it has none */
static int
hold_byte (const char *path, off_t byte)
{
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
  int fd = open (path, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &lock), ==, 0);
  return fd;
}

/* A machine of another connection, of which no list tells */
static void
test_by_locks (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  int held = hold_byte (hotplug_data_volume_get_path (made), 100);

  assert_not_deleted (rig, "open in another process");
  close (held);
  must (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error), error);
}

static HotplugDataVolume *
copy_data (Rig *rig, HotplugDataVolume *made, gboolean clone, GError **error)
{
  g_autoptr (HotplugDataVolume) copy = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "copy",
                                                       clone ? "source-volume" : "source-path",
                                                       clone ? "data" : hotplug_data_volume_get_path (made), NULL);

  return hotplug_host_create_data_volume (rig->host, copy, NULL, error);
}

/* A copy of what is just written is torn. Who is named is he who writes, if the host knows him. */
static void
test_copies (void)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugDataVolume) made = make_data (rig);
      const char *path = hotplug_data_volume_get_path (made);
      int held = i < 2 ? hold_byte (path, 101) : -1;

      if (i >= 2)
        attach_with (rig, RIG_UUID, HOTPLUG_SIDE_LIVE, "raw", path, "");
      g_assert_null (copy_data (rig, made, i % 2 == 0, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
      g_assert_nonnull (strstr (error->message, i < 2 ? "another VMI or process" : "vmi \"" RIG_VMI "\""));
      if (held >= 0)
        close (held);
    }
}

static HotplugVolume *
describe_volume (const char *path, gboolean read_only)
{
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (
      HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", path, "access-mode",
      read_only ? HOTPLUG_ACCESS_MODE_READ_ONLY_MANY : HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, NULL);

  g_assert_no_error (error);
  return volume;
}

/* What another machine's overlay stands upon is read by many and written by none, whether it runs or not, and whether
 * it is this machine or another one */
static void
test_adds (void)
{
  static const struct
  {
    RigKind kind;
    const char *uuid;
    HotplugSide side;
  } rows[] = {
    { RIG_RUNNING, RIG_OTHER_UUID, HOTPLUG_SIDE_LIVE },     { RIG_RUNNING, RIG_OTHER_UUID, HOTPLUG_SIDE_TEMPLATE },
    { RIG_STOPPED, RIG_OTHER_UUID, HOTPLUG_SIDE_TEMPLATE }, { RIG_RUNNING, RIG_UUID, HOTPLUG_SIDE_LIVE },
    { RIG_RUNNING, RIG_UUID, HOTPLUG_SIDE_TEMPLATE },       { RIG_STOPPED, RIG_UUID, HOTPLUG_SIDE_TEMPLATE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rig) rig = new_rig (rows[i].kind);
      g_autoptr (HotplugVmi) other = rig_add_machine (rig, RIG_OTHER_UUID, RIG_OTHER);
      g_autoptr (HotplugDataVolume) made = make_data (rig);
      const char *path = hotplug_data_volume_get_path (made);
      g_autofree char *more = g_strdup_printf (
          "<backingStore type='file'><format type='raw'/><source file='%s'/><backingStore/></backingStore>", path);
      g_autoptr (HotplugVolume) written = describe_volume (path, FALSE);
      g_autoptr (HotplugVolume) read = describe_volume (path, TRUE);
      g_autoptr (GError) error = NULL;

      attach_with (rig, rows[i].uuid, rows[i].side, "qcow2", "/nowhere/top", more);
      g_autoptr (HotplugVolumeStatus)
          refused = hotplug_vmi_add_volume (rig->vmi, written, HOTPLUG_PLUG_PERSIST, NULL, &error);
      g_assert_null (refused);
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
      g_assert_nonnull (strstr (error->message, "stands upon"));
      g_clear_error (&error);
      g_autoptr (HotplugVolumeStatus)
          taken = hotplug_vmi_add_volume (rig->vmi, read, HOTPLUG_PLUG_PERSIST, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (taken);
    }
}

/* What a start would find taken is not promised to it. */
static void
test_add_to_stopped (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_STOPPED);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  g_autoptr (HotplugVolume) volume = describe_volume (hotplug_data_volume_get_path (made), FALSE);
  int held = hold_byte (hotplug_data_volume_get_path (made), 101);
  g_autoptr (HotplugVolumeStatus)
      refused = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_null (refused);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
  close (held);
}

/* Devices that are handed over whole are read with the kernel's names of what is behind them. */
static void
test_devices (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (
      "<domain><devices>"
      "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host2'/><address bus='0' target='1' "
      "unit='3'/></source></hostdev>"
      "<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x3b' slot='0x00' "
      "function='0x1'/></source></hostdev>"
      "<hostdev mode='capabilities' type='storage'><source><block>/dev/sdz</block></source></hostdev>"
      "<memory model='nvdimm'><source><path>/srv/nvdimm</path></source></memory>"
      "<disk type='nvme'><source type='pci' managed='yes' namespace='1'><address domain='0x0000' bus='0x01' "
      "slot='0x00' function='0x0'/></source><target dev='vda' bus='virtio'/></disk>"
      "<disk type='volume'><source pool='p' volume='v'/><target dev='vdb' bus='virtio'/></disk>"
      "</devices></domain>",
      &error);

  g_assert_no_error (error);
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < domain->images->len; i++)
    {
      const HotplugImageUse *image = &g_array_index (domain->images, HotplugImageUse, i);
      g_string_append_printf (found, "%s ",
                              image->device != NULL ? image->device
                              : image->path != NULL ? image->path
                                                    : image->pool_volume);
    }
  g_assert_cmpstr (found->str, ==, "2:0:1:3 0000:3b:00.1 /dev/sdz /srv/nvdimm 0000:01:00.0 v ");
}

/* The size of a qcow2's disk is in its header, and not its file's. */
static void
test_capacity (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (rig->directory, "small", NULL);

  write_overlay (path, "", NULL);
  g_assert_cmpuint (_hotplug_source_capacity (path, HOTPLUG_IMAGE_FORMAT_QCOW2), ==, MIB);
  g_assert_cmpuint (_hotplug_source_capacity (path, HOTPLUG_IMAGE_FORMAT_RAW), ==, 65536);
  attach_with (rig, RIG_UUID, HOTPLUG_SIDE_LIVE, "qcow2", path, "");
  g_autoptr (GPtrArray) volumes = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  guint seen = 0;
  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (volumes, i);
      if (g_strcmp0 (hotplug_volume_status_get_target (status), "sdq") != 0)
        continue;
      g_assert_cmpuint (hotplug_volume_status_get_size (status), ==, MIB);
      seen++;
    }
  g_assert_cmpuint (seen, ==, 1);
}

/* What a machine of the template alone would find at its start is told before it is started. */
static void
test_start (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_STOPPED);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  g_autoptr (HotplugVolume) volume = describe_volume (hotplug_data_volume_get_path (made), FALSE);
  g_autoptr (HotplugVolumeStatus) added = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
  int held = hold_byte (hotplug_data_volume_get_path (made), 101);
  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
  g_assert_nonnull (strstr (error->message, "can't be started: volume \"data\""));
  g_clear_error (&error);
  close (held);
  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);
}

/* A device of this machine that is mounted; NULL: there is none */
static char *
find_mounted (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/mounts", &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = g_strndup (lines[i], strcspn (lines[i], " "));
      struct stat st;
      if (g_str_has_prefix (path, "/dev/") && stat (path, &st) == 0 && S_ISBLK (st.st_mode))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* What the host itself has mounted, and a file that it has not */
static void
test_mounted (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  HotplugSource file = { 0 };
  HotplugSource device = { 0 };
  g_autofree char *path = find_mounted ();

  g_assert_true (_hotplug_source_identify (hotplug_data_volume_get_path (made), &file));
  g_assert_null (_hotplug_block_find_mount (&file));
  if (path == NULL)
    {
      g_test_skip ("no block device is mounted here");
      return;
    }
  g_assert_true (_hotplug_source_identify (path, &device));
  g_autofree char *mount = _hotplug_block_find_mount (&device);
  g_assert_nonnull (mount);
}

/* What a saved machine goes on from has its disks, whatever its template says by now, and others don't write to them
 * meanwhile: its guest believes what it has in its memory. */
static void
test_saved (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (HotplugVmi) other = rig_add_machine (rig, RIG_OTHER_UUID, RIG_OTHER);
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  g_autoptr (HotplugVolume) volume = describe_volume (hotplug_data_volume_get_path (made), FALSE);
  g_autoptr (GError) error = NULL;

  attach_with (rig, RIG_OTHER_UUID, HOTPLUG_SIDE_LIVE, "raw", hotplug_data_volume_get_path (made), "");
  fake_machine_save (rig->fake, RIG_OTHER_UUID);
  assert_not_deleted (rig, "was saved while it ran");
  g_autoptr (HotplugVolumeStatus)
      refused = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
}

static char *
make_loop (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  const char *const argv[] = { "losetup", "--find", "--show", path, NULL };
  int status = 0;

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &found,
                     NULL, &status, NULL)
      || !g_spawn_check_wait_status (status, NULL))
    return NULL;
  return g_strdup (g_strchomp (found));
}

static void
drop_loop (const char *loop)
{
  const char *const argv[] = { "losetup", "--detach", loop, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* A loop device is its file, and so is another one of the same file. */
static void
test_loops (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (HotplugDataVolume) made = make_data (rig);
  const char *path = hotplug_data_volume_get_path (made);
  g_autofree char *unrelated = g_build_filename (rig->directory, "unrelated", NULL);
  g_autofree char *first = make_loop (path);
  g_autofree char *second = first != NULL ? make_loop (path) : NULL;
  HotplugSource sources[4] = { 0 };

  write_overlay (unrelated, "", NULL);
  if (second == NULL)
    {
      if (first != NULL)
        drop_loop (first);
      g_test_skip ("no loop devices here");
      return;
    }
  gboolean known = _hotplug_source_identify (path, &sources[0]) && _hotplug_source_identify (first, &sources[1])
                   && _hotplug_source_identify (second, &sources[2])
                   && _hotplug_source_identify (unrelated, &sources[3]);
  gboolean upon = _hotplug_block_overlaps (&sources[0], &sources[1]);
  gboolean back = _hotplug_block_overlaps (&sources[1], &sources[0]);
  gboolean beside = _hotplug_block_overlaps (&sources[1], &sources[2]);
  gboolean other = _hotplug_block_overlaps (&sources[1], &sources[3]);
  attach_with (rig, RIG_UUID, HOTPLUG_SIDE_LIVE, "raw", first, "");
  drop_loop (second);
  g_autoptr (GError) error = NULL;
  gboolean deleted = hotplug_host_delete_data_volume (rig->host, "data", NULL, &error);
  drop_loop (first);

  g_assert_true (known && upon && back && beside);
  g_assert_false (other);
  g_assert_false (deleted);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FD03/image-users-live-xml", test_in_live_xml);
  g_test_add_func ("/conformance/FD03/image-users-headers", test_in_headers);
  g_test_add_func ("/conformance/FD03/image-users-not-followed", test_not_followed);
  g_test_add_func ("/conformance/FD03/image-users-locks", test_by_locks);
  g_test_add_func ("/conformance/FD03/image-users-copies", test_copies);
  g_test_add_func ("/conformance/FD03/image-users-adds", test_adds);
  g_test_add_func ("/conformance/FD03/FS03/image-users-add-to-stopped", test_add_to_stopped);
  g_test_add_func ("/conformance/FD03/image-users-devices", test_devices);
  g_test_add_func ("/conformance/FD03/FS03/image-users-start", test_start);
  g_test_add_func ("/conformance/FW03/image-users-capacity", test_capacity);
  g_test_add_func ("/conformance/FW06/mounted", test_mounted);
  g_test_add_func ("/conformance/FD03/image-users-saved", test_saved);
  g_test_add_func ("/conformance/FD03/image-users-loops", test_loops);
  return g_test_run ();
}
