/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-vmi-status-private.h"
#include "model/hotplug-volume-status-private.h"

static GPtrArray *
new_volumes (const char *const *names)
{
  GPtrArray *volumes = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_volume_status_unref);

  for (guint i = 0; names[i] != NULL; i++)
    {
      HotplugVolumeStatusFields fields = { .name = names[i] };
      g_ptr_array_add (volumes, _hotplug_volume_status_new (&fields));
    }
  return volumes;
}

static HotplugVmiStatus *
new_status (GPtrArray *volumes)
{
  HotplugVmiStatusFields fields = {
    .name = "vmi-fedora",
    .uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f",
    .machine = "pc-q35-7.2",
    .memory = 1024,
    .vcpus = 2,
    .state = HOTPLUG_VMI_STATE_PAUSED,
    .persistent = TRUE,
  };

  return _hotplug_vmi_status_new (&fields, volumes);
}

static void
test_fields (void)
{
  static const char *const none[] = { NULL };
  g_autoptr (GPtrArray) volumes = new_volumes (none);
  g_autoptr (HotplugVmiStatus) status = new_status (volumes);

  g_assert_cmpstr (hotplug_vmi_status_get_name (status), ==, "vmi-fedora");
  g_assert_cmpstr (hotplug_vmi_status_get_uuid (status), ==, "6695eb01-f6a4-8304-79aa-97f2502e193f");
  g_assert_cmpstr (hotplug_vmi_status_get_machine (status), ==, "pc-q35-7.2");
  g_assert_cmpuint (hotplug_vmi_status_get_memory (status), ==, 1024);
  g_assert_cmpuint (hotplug_vmi_status_get_vcpus (status), ==, 2);
  g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, HOTPLUG_VMI_STATE_PAUSED);
  g_assert_true (hotplug_vmi_status_is_persistent (status));
  g_assert_null (hotplug_vmi_status_get_volume (status, "data"));
}

/* By name, whatever the order was; and the list that it gives is the caller's own. */
static void
test_volumes (void)
{
  static const char *const names[] = { "sdb", "data", "a", "b-10", "b-9", NULL };
  static const char *const sorted[] = { "a", "b-10", "b-9", "data", "sdb" };
  GPtrArray *volumes = new_volumes (names);
  g_autoptr (HotplugVmiStatus) status = new_status (volumes);

  g_assert_cmpstr (hotplug_volume_status_get_name (g_ptr_array_index (volumes, 0)), ==, "sdb");
  g_ptr_array_unref (volumes);
  for (int again = 0; again < 2; again++)
    {
      g_autoptr (GPtrArray) list = hotplug_vmi_status_list_volumes (status);
      g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (sorted));
      for (guint i = 0; i < list->len; i++)
        {
          HotplugVolumeStatus *volume = g_ptr_array_index (list, i);
          g_assert_cmpstr (hotplug_volume_status_get_name (volume), ==, sorted[i]);
          g_assert_true (hotplug_vmi_status_get_volume (status, sorted[i]) == volume);
        }
      g_ptr_array_set_size (list, 0);
    }
}

/* What a list holds outlives what it came from. */
static void
test_references (void)
{
  static const char *const names[] = { "data", NULL };
  g_autoptr (GPtrArray) volumes = new_volumes (names);
  HotplugVmiStatus *status = new_status (volumes);
  HotplugVmiStatus *held = hotplug_vmi_status_ref (status);
  g_autoptr (GPtrArray) list = hotplug_vmi_status_list_volumes (status);

  hotplug_vmi_status_unref (status);
  g_assert_nonnull (hotplug_vmi_status_get_volume (held, "data"));
  hotplug_vmi_status_unref (held);
  g_assert_cmpstr (hotplug_volume_status_get_name (g_ptr_array_index (list, 0)), ==, "data");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vmi-status/fields", test_fields);
  g_test_add_func ("/vmi-status/volumes", test_volumes);
  g_test_add_func ("/vmi-status/references", test_references);

  return g_test_run ();
}
