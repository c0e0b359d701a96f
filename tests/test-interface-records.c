/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "fake/fake-rig.h"
#include "host/hotplug-connection-private.h"

#define RECORD(name, state, mac)                                                                                       \
  "<interface name='" name "' state='" state "' type='bridge' source='br0' network='net' mac='" mac "'/>"
#define RECORDS                                                                                                        \
  "<hotplug>" RECORD ("blue", "attached", "02:00:00:00:00:0a") RECORD ("red", "pending", "02:00:00:00:00:0b")           \
      RECORD ("old", "removing", "02:00:00:00:00:0c") "</hotplug>"

static gboolean
is_recorded (Rig *rig, const char *name)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autofree char *attribute = g_strdup_printf ("name=\"%s\"", name);
  g_autofree char *quoted = g_strdup_printf ("name='%s'", name);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return strstr (text.template, attribute) != NULL || strstr (text.template, quoted) != NULL;
}

/* What is done with volumes neither trips over the records of interfaces nor loses them; a removal that the guest has
 * answered is settled. */
static void
test_volumes_beside (void)
{
  Rig *rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  _hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, HOTPLUG_SIDE_TEMPLATE, RECORDS, &error);
  g_assert_no_error (error);
  g_assert_true (is_recorded (rig, "old"));

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
  g_assert_true (rig_add (rig, "plain", HOTPLUG_PLUG_NONE, &error));
  g_assert_true (rig_add_on (rig, "port", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error));
  g_assert_no_error (error);
  g_assert_false (is_recorded (rig, "old"));
  g_assert_true (is_recorded (rig, "plain"));

  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "port", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (is_recorded (rig, "blue"));
  g_assert_true (is_recorded (rig, "red"));
  rig_free (rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/interface-records/volumes-beside", test_volumes_beside);

  return g_test_run ();
}
