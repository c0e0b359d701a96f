/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "conformance/rig.h"

#define GUEST_PATIENCE 30

Rig *
rig_new_unbooted (const LabMachine *machine)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = lab_machine_xml (machine);
  Rig *rig = g_new0 (Rig, 1);

  /* first, so that libvirt's event loop is the library's */
  rig->host = hotplug_host_open (lab_embed_uri (), NULL, &error);
  g_assert_no_error (error);
  rig->connect = lab_connect (lab_embed_uri ());
  rig->domain = lab_define (rig->connect, xml);
  rig->vmi = hotplug_host_get_vmi (rig->host, machine->name, NULL, &error);
  g_assert_no_error (error);
  hotplug_vmi_start (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  rig->images = lab_dir_new ();
  return rig;
}

Rig *
rig_new (const LabMachine *machine)
{
  Rig *rig = rig_new_unbooted (machine);

  if (machine->boots)
    rig_wait_for_guest (rig, machine);
  return rig;
}

void
rig_wait_for_guest (Rig *rig, const LabMachine *machine)
{
  g_autofree char *socket = lab_machine_socket (machine);

  g_clear_pointer (&rig->guest, lab_guest_free);
  rig->guest = lab_guest_wait (socket);
}

void
rig_free (Rig *rig)
{
  g_clear_pointer (&rig->guest, lab_guest_free);
  if (lab_is_active (rig->domain))
    lab_destroy (rig->domain);
  lab_undefine (rig->domain);
  virDomainFree (rig->domain);
  virConnectClose (rig->connect);
  g_clear_object (&rig->vmi);
  g_clear_object (&rig->host);
  g_free (rig->images);
  g_free (rig);
}

char *
rig_image (Rig *rig, const char *name, guint mib)
{
  g_autofree char *path = g_build_filename (rig->images, name, NULL);

  g_unlink (path);
  return lab_image_new (rig->images, name, (guint64) mib << 20);
}

int
rig_lock_image (const char *path)
{
  /* the bytes that block/file-posix.c locks: what it uses, and what it lets others use */
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 200 };
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &lock), ==, 0);
  return fd;
}

HotplugVolume *
rig_volume (const char *name, const char *path, HotplugBus bus)
{
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path, "bus", bus,
                                          NULL);

  g_assert_no_error (error);
  return volume;
}

void
rig_add (Rig *rig, const char *name, HotplugBus bus, HotplugPlugFlags flags, const char *target)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, name, 8);
  g_autoptr (HotplugVolume) volume = rig_volume (name, image, bus);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, name);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_cmpint (hotplug_volume_status_is_persisted (status), ==, (flags & HOTPLUG_PLUG_PERSIST) != 0);
  if (target != NULL)
    g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, target);
}

/* As many disks in the guest as the status has */
static void
await_guest (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *condition
      = g_strdup_printf ("udevadm settle; test $(ls /sys/block | grep -c '^[sv]d') = %u", statuses->len);

  if (lab_guest_wait_for (rig->guest, condition, GUEST_PATIENCE))
    return;

  /* a volume that was refused has a status too */
  g_autofree char *seen = lab_guest_run (rig->guest, NULL, "echo /sys/block/[sv]d*; dmesg | tail -n 20");
  g_error ("there are %u volumes, and the guest has %s", statuses->len, seen);
}

void
rig_remove (Rig *rig, const char *name)
{
  rig_remove_at_once (rig, name);
  if (rig->guest != NULL)
    await_guest (rig);
}

void
rig_remove_at_once (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;
  gboolean removed = hotplug_vmi_remove_volume (rig->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (removed);
  g_assert_null (rig_status (rig, name));
}

void
rig_refused_add (Rig *rig, HotplugVolume *volume, HotplugPlugFlags flags, HotplugError code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);
  HotplugVolumeStatus *status = hotplug_vmi_add_volume (rig->vmi, volume, flags, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_null (status);
  g_assert_null (strchr (error->message, '\n'));
  if (mentions != NULL)
    g_assert_nonnull (strstr (error->message, mentions));
  g_assert_cmpstr (before, ==, after);
}

void
rig_refused_remove (Rig *rig, const char *name, HotplugPlugFlags flags, HotplugError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);
  gboolean removed = hotplug_vmi_remove_volume (rig->vmi, name, flags, -1, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_false (removed);
  g_assert_cmpstr (before, ==, after);
}

HotplugVolumeStatus *
rig_status (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugVolumeStatus *volume = hotplug_vmi_status_get_volume (vmi, name);

  return volume != NULL ? hotplug_volume_status_ref (volume) : NULL;
}

void
rig_assert_status (Rig *rig, const char *name, HotplugVolumePhase phase, const char *target, gboolean persisted)
{
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, name);

  g_assert_nonnull (status);
  g_assert_true (hotplug_volume_status_is_hotplugged (status));
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, (int) phase);
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, target);
  g_assert_cmpint (hotplug_volume_status_is_persisted (status), ==, persisted);
  g_assert_nonnull (hotplug_volume_status_get_attach_id (status));
  g_assert_true (g_uuid_string_is_valid (hotplug_volume_status_get_attach_uid (status)));
}

/* libvirt leaves an empty element where the last of the metadata was removed, and has no call that removes it. */
static char *
without_empty_metadata (char *xml)
{
  GString *text = g_string_new (xml);

  g_free (xml);
  g_string_replace (text, "  <metadata/>\n", "", 0);
  return g_string_free (text, FALSE);
}

char *
rig_picture (Rig *rig)
{
  g_autofree char *live = lab_is_active (rig->domain) ? lab_live_xml (rig->domain) : NULL;
  g_autofree char *inactive = lab_inactive_xml (rig->domain);

  return without_empty_metadata (g_strconcat (inactive, live, NULL));
}

char *
rig_template (Rig *rig)
{
  return without_empty_metadata (lab_inactive_xml (rig->domain));
}

void
rig_assert_link (Rig *rig, const char *link)
{
  g_autofree char *condition = g_strdup_printf ("test -b %s", link);

  g_assert_true (lab_guest_wait_for (rig->guest, condition, GUEST_PATIENCE));
}

void
rig_assert_no_link (Rig *rig, const char *link)
{
  g_autofree char *condition = g_strdup_printf ("test ! -e %s", link);

  g_assert_true (lab_guest_wait_for (rig->guest, condition, GUEST_PATIENCE));
}

int
rig_main (int argc, char **argv, const LabMachine *machine, const char *missing, Rig **rig, const RigRow *rows,
          gsize n_rows)
{
  g_test_init (&argc, &argv, NULL);

  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  *rig = rig_new (machine);
  for (gsize i = 0; i < n_rows; i++)
    g_test_add_func (rows[i].path, rows[i].test);
  int result = g_test_run ();
  rig_free (*rig);
  return result;
}
