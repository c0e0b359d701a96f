/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"
#include "storage/hotplug-source-hold-private.h"
#include "vmi/hotplug-host-configuration-private.h"

/* A data volume is deleted and plugged in at once: one of them wins, and no machine has an image that is gone. */

#define ROUNDS 30

static Rig *
new_rig (RigKind kind)
{
  Rig *rig = rig_new (kind);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new ("/etc/test.conf");
  HotplugStoreEntry *entry = _hotplug_store_entry_new ("volumes");

  entry->path = g_build_filename (rig->directory, "volumes", NULL);
  entry->is_default = TRUE;
  g_ptr_array_add (configuration->stores, entry);
  _hotplug_host_set_configuration (rig->host, configuration);
  return rig;
}

static HotplugVolume *
make_volume (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("data", 1 << 20, NULL);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (rig->host, wanted, NULL, &error);
  g_assert_no_error (error);
  HotplugVolume *volume = hotplug_volume_new_for_data_volume (made, &error);

  g_assert_no_error (error);
  return volume;
}

/* The other one's call, at a moment of ours */
typedef struct
{
  Rig *rig;
  HotplugVolume *volume;
  HotplugPlugFlags flags;
  GError *error;
  gboolean done;
} Other;

static void
delete_it (FakeConnection *fake G_GNUC_UNUSED, gpointer user_data)
{
  Other *other = user_data;

  other->done = hotplug_host_delete_data_volume (other->rig->host, "data", NULL, &other->error);
}

static void
add_it (FakeConnection *fake G_GNUC_UNUSED, gpointer user_data)
{
  Other *other = user_data;
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (other->rig->vmi, other->volume, other->flags, NULL, &other->error);

  other->done = status != NULL;
}

static gboolean
has_image (HotplugVolume *volume)
{
  return g_file_test (hotplug_volume_get_path (volume), G_FILE_TEST_EXISTS);
}

/* Before each thing that an add does to the machine, of which the first ends what a delete could not see */
static void
test_delete_in_add (void)
{
  static const struct
  {
    RigKind kind;
    HotplugPlugFlags flags;
    FakeCall call;
  } rows[] = {
    { RIG_RUNNING, HOTPLUG_PLUG_NONE, FAKE_SET_METADATA },
    { RIG_RUNNING, HOTPLUG_PLUG_PERSIST, FAKE_ATTACH },
    { RIG_STOPPED, HOTPLUG_PLUG_PERSIST, FAKE_ATTACH },
    { RIG_TRANSIENT, HOTPLUG_PLUG_NONE, FAKE_ATTACH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rig) rig = new_rig (rows[i].kind);
      g_autoptr (HotplugVolume) volume = make_volume (rig);
      g_autoptr (GError) error = NULL;
      Other other = { .rig = rig };

      fake_connection_hook (rig->fake, rows[i].call, 1, delete_it, &other);
      g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, rows[i].flags, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (status);
      g_assert_false (other.done);
      g_assert_error (other.error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
      g_assert_nonnull (strstr (other.error->message, "plugged into a VMI"));
      g_clear_error (&other.error);
      g_assert_true (has_image (volume));

      /* and nothing is held when the add is done */
      g_assert_false (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
    }
}

/* While it is looked up whether a machine has it */
static void
test_add_in_delete (void)
{
  static const FakeCall calls[] = { FAKE_LIST, FAKE_READ };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
      g_autoptr (HotplugVolume) volume = make_volume (rig);
      g_autoptr (GError) error = NULL;
      Other other = { .rig = rig, .volume = volume, .flags = HOTPLUG_PLUG_PERSIST };

      fake_connection_hook (rig->fake, calls[i], 1, add_it, &other);
      hotplug_host_delete_data_volume (rig->host, "data", NULL, &error);
      g_assert_no_error (error);
      g_assert_false (other.done);
      g_assert_error (other.error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
      g_assert_nonnull (strstr (other.error->message, "deleted"));
      g_clear_error (&other.error);
      g_assert_false (has_image (volume));
      g_assert_false (rig_state_has (rig, "ua-hpv-data"));

      add_it (rig->fake, &other);
      g_assert_error (other.error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
      g_clear_error (&other.error);
    }
}

/* An add that was refused, and one that only looks, hold nothing afterwards */
static void
test_let_go (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (HotplugVolume) volume = make_volume (rig);
  Other other = { .rig = rig, .volume = volume, .flags = HOTPLUG_PLUG_DRY_RUN };

  add_it (rig->fake, &other);
  g_assert_no_error (other.error);
  other.flags = HOTPLUG_PLUG_NONE;
  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  add_it (rig->fake, &other);
  g_assert_error (other.error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_clear_error (&other.error);
  delete_it (rig->fake, &other);
  g_assert_no_error (other.error);
  g_assert_true (other.done);
}

static gpointer
delete_in_thread (gpointer data)
{
  delete_it (NULL, data);
  return NULL;
}

/* Two clients with connections of their own, at any moment of each other */
static void
test_together (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (Rig) another = rig_join (rig->directory, RIG_RUNNING);
  guint deletes = 0;

  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (HotplugVolume) volume = make_volume (rig);
      Other adds = { .rig = another, .volume = volume, .flags = round % 2 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE };
      Other deleter = { .rig = rig };
      GThread *thread = g_thread_new ("delete", delete_in_thread, &deleter);

      if (round % 3 != 0)
        g_usleep (g_test_rand_int_range (0, 2000));
      add_it (NULL, &adds);
      g_thread_join (thread);

      g_assert_true (adds.done != deleter.done);
      g_assert_true (has_image (volume) == adds.done);
      g_assert_true (rig_state_has (rig, "ua-hpv-data") == adds.done);
      deletes += deleter.done;
      g_clear_error (&adds.error);
      g_clear_error (&deleter.error);
      if (adds.done)
        {
          g_assert_true (hotplug_vmi_remove_volume (another->vmi, "data", adds.flags, -1, NULL, NULL));
          g_assert_true (hotplug_host_delete_data_volume (rig->host, "data", NULL, NULL));
        }
    }
  g_test_message ("of %u, %u were deleted", ROUNDS, deletes);
}

/* What has such a lock: a directory with disk.img, by whatever name; nothing else */
static void
test_what_is_held (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autofree char *directory = g_build_filename (rig->directory, "volume", NULL);
  g_autofree char *image = g_build_filename (directory, "disk.img", NULL);
  g_autofree char *link = g_build_filename (rig->directory, "link", NULL);
  g_autofree char *plain = rig_image (rig, "plain");
  const struct
  {
    const char *path;
    gboolean held;
  } rows[] = { { directory, TRUE }, { image, TRUE }, { link, TRUE }, { plain, FALSE }, { "/nowhere/disk.img", FALSE } };

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (image, "x", 1, NULL));
  g_autoptr (GFile) file = g_file_new_for_path (link);
  g_assert_true (g_file_make_symbolic_link (file, image, NULL, NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      int hold = HOTPLUG_SOURCE_HOLD_NONE, second = HOTPLUG_SOURCE_HOLD_NONE;

      g_assert_true (_hotplug_source_hold ("data", rows[i].path, &hold, &error));
      g_assert_no_error (error);
      g_assert_true ((hold != HOTPLUG_SOURCE_HOLD_NONE) == rows[i].held);
      g_assert_true (_hotplug_source_hold ("data", rows[i].path, &second, &error));
      _hotplug_source_release (&second);
      if (rows[i].held)
        {
          g_assert_false (_hotplug_source_claim ("data", image, &second, &error));
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
          g_clear_error (&error);
        }
      _hotplug_source_release (&hold);
      g_assert_true (_hotplug_source_claim ("data", image, &second, &error));
      _hotplug_source_release (&second);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delete-race/what-is-held", test_what_is_held);
  g_test_add_func ("/delete-race/delete-in-add", test_delete_in_add);
  g_test_add_func ("/delete-race/add-in-delete", test_add_in_delete);
  g_test_add_func ("/delete-race/let-go", test_let_go);
  g_test_add_func ("/delete-race/together", test_together);
  return g_test_run ();
}
