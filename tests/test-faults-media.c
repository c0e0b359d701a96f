/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake/fake-sweep.h"

/* Media in a drive, on a host whose every call can fail */

#define DRIVE "sdz"

static HotplugVolumeStatus *
insert (Rig *rig, const char *drive, const char *name, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugVolume) medium = rig_volume (rig, name, HOTPLUG_BUS_SCSI);

  return hotplug_vmi_insert_media (rig->vmi, drive, medium, flags, NULL, error);
}

static void
insert_now (Rig *rig, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = rig_image (rig, name);
  g_autoptr (HotplugVolumeStatus) status = insert (rig, DRIVE, name, flags, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, DRIVE);
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, DRIVE);
  g_assert_cmpstr (hotplug_volume_status_get_path (status), ==, path);
}

static void
assert_holds (Rig *rig, const char *side, const char *name)
{
  g_autofree char *line = g_strdup_printf ("%s drive " DRIVE " holds %s%s", side, name != NULL ? name : "nothing",
                                           name != NULL ? ".img" : "");

  if (!rig_state_has (rig, line))
    g_error ("not so: %s", line);
}

static void
test_life (gconstpointer kind)
{
  g_autoptr (Rig) rig = rig_new ((RigKind)GPOINTER_TO_INT (kind));
  g_autoptr (GError) error = NULL;

  insert_now (rig, "first", HOTPLUG_PLUG_NONE);
  assert_holds (rig, "live", "first");
  assert_holds (rig, "template", NULL);
  insert_now (rig, "second", HOTPLUG_PLUG_PERSIST);
  assert_holds (rig, "live", "second");
  assert_holds (rig, "template", "second");
  insert_now (rig, "first", HOTPLUG_PLUG_NONE);

  /* not persisted: gone with the machine that it was put into */
  g_assert_true (hotplug_vmi_restart (rig->vmi, 5000, NULL, &error));
  g_assert_no_error (error);
  assert_holds (rig, "live", "second");

  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_eject_media (rig->vmi, DRIVE, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hotplug_volume_status_get_path (status));
  assert_holds (rig, "live", NULL);
  assert_holds (rig, "template", NULL);
}

static void
put_from_pool (Rig *rig, HotplugSide side, const char *pool)
{
  g_autofree char *xml = g_strdup_printf ("<disk type='volume' device='cdrom'><source pool='%s' volume='disc.iso'/>"
                                          "<target dev='" DRIVE "' bus='sata'/><readonly/><address type='drive' "
                                          "controller='0' bus='0' target='0' unit='0'/></disk>",
                                          pool);

  fake_machine_detach (rig->fake, RIG_UUID, side, xml);
  fake_machine_attach (rig->fake, RIG_UUID, side, xml);
}

/* A volume of that name in another pool is another medium. */
static void
test_pools (void)
{
  static const char *const pools[] = { "here", "there" };

  for (gsize i = 0; i < G_N_ELEMENTS (pools); i++)
    {
      g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
      g_autoptr (GError) error = NULL;

      put_from_pool (rig, HOTPLUG_SIDE_TEMPLATE, "here");
      put_from_pool (rig, HOTPLUG_SIDE_LIVE, pools[i]);
      g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (statuses->len, ==, 1);
      g_assert_cmpint (hotplug_volume_status_is_persisted (g_ptr_array_index (statuses, 0)), ==, i == 0);
    }
}

/* The same again changes nothing, and asks nothing of the machine but what it is like. */
static void
test_again (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  insert_now (rig, "first", HOTPLUG_PLUG_PERSIST);
  fake_connection_fail (rig->fake, FAKE_UPDATE, 1, FAKE_REFUSES);
  insert_now (rig, "first", HOTPLUG_PLUG_PERSIST);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_UPDATE), ==, 0);
}

static void
assert_refused (Rig *rig, const char *drive, const char *name, HotplugPlugFlags flags, HotplugError code,
                const char *mentions)
{
  g_autofree char *before = rig_state (rig);

  for (guint i = 0; i < 2; i++)
    {
      HotplugPlugFlags with = flags | (i == 0 ? HOTPLUG_PLUG_DRY_RUN : 0);
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVolumeStatus) status = name != NULL
                                                   ? insert (rig, drive, name, with, &error)
                                                   : hotplug_vmi_eject_media (rig->vmi, drive, with, NULL, &error);
      g_autofree char *after = rig_state (rig);

      g_assert_error (error, HOTPLUG_ERROR, (int)code);
      g_assert_null (status);
      if (strstr (error->message, mentions) == NULL)
        g_error ("\"%s\" does not mention \"%s\"", error->message, mentions);
      g_assert_cmpstr (before, ==, after);
    }
}

static void
test_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  assert_refused (rig, "sdy", "first", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND, "\"" DRIVE "\"");
  assert_refused (rig, DRIVE, NULL, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_NOT_FOUND, "holds no medium");
  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  assert_refused (rig, "data", "first", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "no CD-ROM drive");
  assert_refused (rig, DRIVE, "data", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "\"data\" already");

  insert_now (rig, "first", HOTPLUG_PLUG_NONE);
  g_assert_false (rig_add (rig, "first", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);

  g_autoptr (Rig) stopped = rig_new (RIG_STOPPED);
  assert_refused (stopped, DRIVE, "first", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING, "with persist");
  g_autoptr (Rig) transient = rig_new (RIG_TRANSIENT);
  assert_refused (transient, DRIVE, "first", HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_VMI_TRANSIENT, "transient");
}

static void
test_source (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (rig->directory, "absent.iso", NULL);
  g_autoptr (HotplugVolume) absent = hotplug_volume_new_for_path ("absent", path, &error);

  g_assert_null (hotplug_vmi_insert_media (rig->vmi, DRIVE, absent, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
  g_clear_error (&error);

  /* a template may name what is still to come */
  g_autoptr (Rig) stopped = rig_new (RIG_STOPPED);
  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_insert_media (stopped->vmi, DRIVE, absent, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_PENDING);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static void
test_async (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) inserted = NULL;
  g_autoptr (GAsyncResult) ejected = NULL;
  g_autoptr (HotplugVolume) medium = rig_volume (rig, "first", HOTPLUG_BUS_SCSI);

  hotplug_vmi_insert_media_async (rig->vmi, DRIVE, medium, HOTPLUG_PLUG_NONE, NULL, take_result, &inserted);
  while (inserted == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_insert_media_finish (rig->vmi, inserted, &error);
  g_assert_no_error (error);
  g_assert_nonnull (hotplug_volume_status_get_path (status));
  assert_holds (rig, "live", "first");

  hotplug_vmi_eject_media_async (rig->vmi, DRIVE, HOTPLUG_PLUG_NONE, NULL, take_result, &ejected);
  while (ejected == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (HotplugVolumeStatus) empty = hotplug_vmi_eject_media_finish (rig->vmi, ejected, &error);
  g_assert_no_error (error);
  g_assert_null (hotplug_volume_status_get_path (empty));
  assert_holds (rig, "live", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  sweep_register ("/faults", sweep_media_cases, sweep_n_media_cases, sweep_fail);
  g_test_add_data_func ("/media/life/local", GINT_TO_POINTER (RIG_RUNNING), test_life);
  g_test_add_data_func ("/media/life/remote", GINT_TO_POINTER (RIG_REMOTE), test_life);
  g_test_add_func ("/conformance/FW08/media-pools", test_pools);
  g_test_add_func ("/media/again", test_again);
  g_test_add_func ("/media/refused", test_refused);
  g_test_add_func ("/media/source", test_source);
  g_test_add_func ("/media/async", test_async);

  return g_test_run ();
}
