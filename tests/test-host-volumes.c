/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"
#include "vmi/hotplug-host-configuration-private.h"

#define MIB G_GUINT64_CONSTANT (1048576)

static void
add_store (HotplugConfiguration *configuration, Rig *rig, const char *name, gboolean is_default)
{
  HotplugStoreEntry *entry = _hotplug_store_entry_new (name);

  entry->path = g_build_filename (rig->directory, name, NULL);
  entry->is_default = is_default;
  g_ptr_array_add (configuration->stores, entry);
}

/* Two stores, of which the second is the default one */
static Rig *
new_rig (RigKind kind)
{
  Rig *rig = rig_new (kind);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new ("/etc/test.conf");

  add_store (configuration, rig, "slow", FALSE);
  add_store (configuration, rig, "fast", TRUE);
  _hotplug_host_set_configuration (rig->host, configuration);
  return rig;
}

static HotplugDataVolume *
make_in (Rig *rig, const char *name, const char *store, GError **error)
{
  g_autoptr (HotplugDataVolume)
      volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", name, "size", MIB, "store", store, NULL);
  return hotplug_host_create_data_volume (rig->host, volume, NULL, error);
}

static void
test_stores (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) b = make_in (rig, "b", NULL, NULL);
  g_autoptr (HotplugDataVolume) a = make_in (rig, "a", "slow", NULL);

  g_assert_cmpstr (hotplug_data_volume_get_store (b), ==, "fast");
  g_assert_cmpstr (hotplug_data_volume_get_store (a), ==, "slow");
  g_autoptr (HotplugDataVolume) found = hotplug_host_get_data_volume (rig->host, "a", NULL, NULL);
  g_assert_cmpstr (hotplug_data_volume_get_path (found), ==, hotplug_data_volume_get_path (a));

  g_autoptr (GPtrArray) all = hotplug_host_list_data_volumes (rig->host, NULL, NULL);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (hotplug_data_volume_get_name (g_ptr_array_index (all, 0)), ==, "a");

  g_assert_null (make_in (rig, "a", "fast", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_null (make_in (rig, "c", "none", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/etc/test.conf"));
  g_clear_error (&error);
  g_assert_null (hotplug_host_get_data_volume (rig->host, "c", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (hotplug_host_get_data_volume (rig->host, "../a", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
}

/* An object that nobody has initialised may be called anything. */
static void
test_names (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autofree char *outside = g_build_filename (rig->directory, "evil", NULL);
  static const char *const names[] = { "../evil", "/../evil", "", ".", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugDataVolume)
          volume = g_object_new (HOTPLUG_TYPE_DATA_VOLUME, "name", names[i], "size", MIB, NULL);

      g_assert_null (hotplug_host_create_data_volume (rig->host, volume, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
    }
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

static void
test_no_store (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_null (make_in (rig, "a", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "name one in"));
  g_autoptr (GPtrArray) none = hotplug_host_list_data_volumes (rig->host, NULL, NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

/* A directory of this machine is no store of another one */
static void
test_remote (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_REMOTE);
  g_autoptr (GError) error = NULL;

  g_assert_null (make_in (rig, "a", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

static void
test_clone (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) from = make_in (rig, "from", "slow", NULL);
  g_autoptr (HotplugDataVolume)
      to = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "to", "source-volume", "from", NULL);
  g_autoptr (HotplugDataVolume)
      lost = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "lost", "source-volume", "nobody", NULL);
  g_autofree char *tool = g_find_program_in_path ("qemu-img");

  g_assert_null (hotplug_host_create_data_volume (rig->host, lost, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  if (tool == NULL)
    return;

  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (rig->host, to, NULL, NULL);
  g_assert_cmpuint (hotplug_data_volume_get_size (made), ==, MIB);
  g_assert_cmpstr (hotplug_data_volume_get_store (made), ==, "fast");
}

/* Running, in the template, and recorded for the next start */
static void
test_in_use (void)
{
  static const struct
  {
    RigKind kind;
    HotplugPlugFlags flags;
  } rows[] = {
    { RIG_RUNNING, HOTPLUG_PLUG_NONE },
    { RIG_RUNNING, HOTPLUG_PLUG_PERSIST },
    { RIG_STOPPED, HOTPLUG_PLUG_PERSIST },
    { RIG_TRANSIENT, HOTPLUG_PLUG_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Rig) rig = new_rig (rows[i].kind);
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugDataVolume) made = make_in (rig, "data", NULL, NULL);
      g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_data_volume (made, NULL);
      g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, rows[i].flags, NULL, &error);

      g_assert_no_error (error);
      g_assert_false (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
      g_assert_nonnull (strstr (error->message, "vmi \"" RIG_VMI "\""));
      g_clear_error (&error);

      hotplug_vmi_remove_volume (rig->vmi, "data", rows[i].flags, -1, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
      g_assert_no_error (error);
    }
}

/* Whether it is used can't be told: it stays */
static void
test_host_fails (void)
{
  static const FakeCall calls[] = { FAKE_LIST, FAKE_READ };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugDataVolume) made = make_in (rig, "data", NULL, NULL);

      fake_connection_fail (rig->fake, calls[i], 1, FAKE_REFUSES);
      g_assert_false (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
      g_autoptr (HotplugDataVolume) still = hotplug_host_get_data_volume (rig->host, "data", NULL, NULL);
      g_assert_nonnull (still);
    }
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **out = user_data;

  *out = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
test_async (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_blank ("data", MIB, NULL);
  GAsyncResult *result = NULL;

  hotplug_host_create_data_volume_async (rig->host, volume, NULL, on_done, &result);
  g_autoptr (GAsyncResult) created = await (&result);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume_finish (rig->host, created, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_data_volume_get_name (made), ==, "data");

  hotplug_host_get_data_volume_async (rig->host, "data", NULL, on_done, &result);
  g_autoptr (GAsyncResult) got = await (&result);
  g_autoptr (HotplugDataVolume) found = hotplug_host_get_data_volume_finish (rig->host, got, &error);
  g_assert_cmpstr (hotplug_data_volume_get_path (found), ==, hotplug_data_volume_get_path (made));

  hotplug_host_list_data_volumes_async (rig->host, NULL, on_done, &result);
  g_autoptr (GAsyncResult) listed = await (&result);
  g_autoptr (GPtrArray) all = hotplug_host_list_data_volumes_finish (rig->host, listed, &error);
  g_assert_cmpuint (all->len, ==, 1);

  hotplug_host_delete_data_volume_async (rig->host, "data", NULL, on_done, &result);
  g_autoptr (GAsyncResult) deleted = await (&result);
  g_assert_true (hotplug_host_delete_data_volume_finish (rig->host, deleted, &error));
  g_assert_no_error (error);

  hotplug_host_delete_data_volume_async (rig->host, "data", NULL, on_done, &result);
  g_autoptr (GAsyncResult) again = await (&result);
  g_assert_false (hotplug_host_delete_data_volume_finish (rig->host, again, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-volumes/stores", test_stores);
  g_test_add_func ("/conformance/FX03/names", test_names);
  g_test_add_func ("/host-volumes/no-store", test_no_store);
  g_test_add_func ("/host-volumes/remote", test_remote);
  g_test_add_func ("/host-volumes/clone", test_clone);
  g_test_add_func ("/host-volumes/in-use", test_in_use);
  g_test_add_func ("/host-volumes/host-fails", test_host_fails);
  g_test_add_func ("/host-volumes/async", test_async);
  return g_test_run ();
}
