/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"
#include "storage/hotplug-configuration-file-private.h"
#include "vmi/hotplug-host-configuration-private.h"

/* KubeVirt: pkg/virt-api/rest/volumes.go, "Enable … feature gate to use this API." */

static void
configure (Rig *rig, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugConfiguration)
      configuration = _hotplug_configuration_parse (text, strlen (text), "/etc/hotplug/hotplug.conf", &error);

  g_assert_no_error (error);
  _hotplug_host_set_configuration (rig->host, configuration);
}

static void
assert_disabled (GError **error)
{
  g_assert_error (*error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED);
  g_assert_cmpstr ((*error)->message, ==,
                   "feature gate HotplugVolumes is off; to enable it, write HotplugVolumes=true below [gates] in "
                   "/etc/hotplug/hotplug.conf");
  g_clear_error (error);
}

static void
test_off (gconstpointer data)
{
  static const char *const names[] = { "before", NULL };
  HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_UINT (data);
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, "before", HOTPLUG_PLUG_PERSIST, &error));
  g_assert_no_error (error);
  g_autofree char *before = rig_state (rig);

  configure (rig, "[gates]\nHotplugVolumes=false\n");
  g_assert_false (rig_add (rig, "data", flags, &error));
  assert_disabled (&error);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "before", flags, -1, NULL, &error));
  assert_disabled (&error);
  g_assert_null (hotplug_vmi_plan_remove_volumes (rig->vmi, names, flags, NULL, &error));
  assert_disabled (&error);
  g_assert_null (hotplug_vmi_plan_eject_media (rig->vmi, "sdz", flags, NULL, &error));
  assert_disabled (&error);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (before, ==, after);

  /* it can be looked at, and when the gate is on again all goes on */
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
  configure (rig, "[gates]\nHotplugVolumes=true\nHotplugNICs=false\n");
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "before", HOTPLUG_PLUG_NONE, -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_has_gate (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  g_assert_true (hotplug_host_has_gate (rig->host, "HotplugVolumes"));
  g_assert_true (hotplug_host_has_gate (rig->host, "HotplugNICs"));
  g_assert_false (hotplug_host_has_gate (rig->host, "LiveMigration"));
  configure (rig, "[gates]\nHotplugNICs=false\n");
  g_assert_true (hotplug_host_has_gate (rig->host, "HotplugVolumes"));
  g_assert_false (hotplug_host_has_gate (rig->host, "HotplugNICs"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/conformance/V31/plain", GUINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_off);
  g_test_add_data_func ("/conformance/V31/persist", GUINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_off);
  g_test_add_data_func ("/conformance/V31/dry-run", GUINT_TO_POINTER (HOTPLUG_PLUG_DRY_RUN), test_off);
  g_test_add_func ("/gates/has", test_has_gate);
  return g_test_run ();
}
