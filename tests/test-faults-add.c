/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-sweep.h"

static HotplugVolumeStatus *
status_of (HotplugVmiStatus *status, const char *name)
{
  HotplugVolumeStatus *volume = hotplug_vmi_status_get_volume (status, name);

  g_assert_nonnull (volume);
  return volume;
}

static const struct
{
  const char *name;
  RigKind kind;
  HotplugBus bus;
  HotplugPlugFlags flags;
} refused_rows[] = {
  { "scsi", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE },
  { "scsi-persist", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST },
  { "scsi-without-controller", RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST },
  { "virtio", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE },
  { "virtio-persist", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST },
};

static guint
count_attaches (RigKind kind, HotplugBus bus, HotplugPlugFlags flags)
{
  g_autoptr (Rig) rig = rig_new (kind);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_true (rig_add_on (rig, "data", bus, flags, &error));
  g_assert_no_error (error);
  return fake_connection_count (rig->fake, FAKE_ATTACH);
}

/* The last of the attaches is the guest's: refused, it leaves nothing but its status. */
static void
test_refused (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  guint attaches = count_attaches (refused_rows[row].kind, refused_rows[row].bus, refused_rows[row].flags);
  g_autoptr (Rig) rig = rig_new (refused_rows[row].kind);
  g_autofree char *before = rig_state (rig);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ATTACH, attaches, FAKE_REFUSES);
  g_assert_false (rig_add_on (rig, "data", refused_rows[row].bus, refused_rows[row].flags, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "internal error: told to fail"));
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_ATTACH), ==, attaches);
  g_autofree char *state = rig_state (rig);
  g_assert_cmpstr (state, ==, before);

  g_clear_error (&error);
  rig_reopen (rig);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugVolumeStatus *failed = status_of (status, "data");
  g_assert_cmpint (hotplug_volume_status_get_phase (failed), ==, HOTPLUG_VOLUME_PHASE_FAILED);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (failed), "internal error: told to fail"));

  g_assert_true (rig_add_on (rig, "data", refused_rows[row].bus, refused_rows[row].flags, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugVmiStatus) again = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status_of (again, "data")), ==, HOTPLUG_VOLUME_PHASE_READY);
}

/* A volume that failed is forgotten by a removal. */
static void
test_forget_failed (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, -1, NULL, &error));
  g_assert_no_error (error);

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_null (hotplug_vmi_status_get_volume (status, "data"));
}

static void
test_transient (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_TRANSIENT);
  g_autoptr (GError) error = NULL;

  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_PERSIST, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT);
  g_clear_error (&error);
  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (rig_state_has (rig, "ua-hpv-data"));
}

static guint64
answer_old (HotplugConnection *connection)
{
  return 2012000;
}

static guint64
answer_never (HotplugConnection *connection)
{
  g_assert_not_reached ();
}

/* A machine type that tells nothing of the hypervisor's version */
static void
set_machine_type (Rig *rig, const char *type)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autoptr (GString) live = g_string_new (text.live);
  g_assert_cmpuint (g_string_replace (live, "pc-q35-7.2", type, 0), ==, 1);
  fake_machine_run (rig->fake, RIG_UUID, live->str, HOTPLUG_VMI_STATE_RUNNING);
}

/* That the hypervisor shows less of a serial than the volume was made for is found out before anything changes. */
static void
test_old_hypervisor (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autofree char *image = rig_image (rig, "data");
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", image,
                                                     "serial", "123456789012345678901", NULL);
  g_assert_no_error (error);
  HotplugConnectionClass *class = (HotplugConnectionClass *) G_OBJECT_GET_CLASS (rig->fake);
  guint64 (*not_known) (HotplugConnection *) = class->get_hypervisor_version;

  /* where the type tells that it is recent, it is not asked */
  class->get_hypervisor_version = answer_never;
  g_autoptr (HotplugVolumeStatus)
      planned = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_DRY_RUN, NULL, &error);
  g_assert_no_error (error);
  set_machine_type (rig, "pc-q35-jammy");
  g_autofree char *before = rig_state (rig);

  class->get_hypervisor_version = answer_old;
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_null (hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_TOO_LONG);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_ATTACH), ==, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_SET_METADATA), ==, 0);
  g_autofree char *state = rig_state (rig);
  g_assert_cmpstr (state, ==, before);

  /* what any hypervisor shows is not in question */
  g_assert_true (rig_add (rig, "short", HOTPLUG_PLUG_NONE, NULL));
  class->get_hypervisor_version = not_known;
  g_clear_error (&error);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
}

/* Somebody else takes the place between the look and the act. */
static void
take_place (FakeConnection *fake, gpointer data)
{
  HotplugSide side = (HotplugSide) GPOINTER_TO_INT (data);

  fake_machine_attach (fake, RIG_UUID, side,
                       "<disk type='file' device='disk'><target dev='sda' bus='scsi'/><serial>theirs</serial>"
                       "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>");
}

static void
take_slot (FakeConnection *fake, gpointer data)
{
  HotplugSide side = (HotplugSide) GPOINTER_TO_INT (data);

  fake_machine_attach (fake, RIG_UUID, side,
                       "<disk type='file' device='disk'><target dev='vda' bus='virtio'/><serial>theirs</serial><address"
                       " type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></disk>");
}

static const struct
{
  const char *name;
  HotplugBus bus;
  HotplugSide side;
  guint before_attach;
  HotplugPlugFlags flags;
  FakeHook hook;
  const char *won;
} race_rows[] = {
  { "live", HOTPLUG_BUS_SCSI, HOTPLUG_SIDE_LIVE, 1, HOTPLUG_PLUG_NONE, take_place, "live has ua-hpv-data sdb 0:0:0:1" },
  { "template", HOTPLUG_BUS_SCSI, HOTPLUG_SIDE_TEMPLATE, 1, HOTPLUG_PLUG_PERSIST, take_place,
    "live has ua-hpv-data sdb 0:0:0:1" },
  { "live-persist", HOTPLUG_BUS_SCSI, HOTPLUG_SIDE_LIVE, 2, HOTPLUG_PLUG_PERSIST, take_place,
    "template has ua-hpv-data sdb 0:0:0:1" },
  { "slot", HOTPLUG_BUS_VIRTIO, HOTPLUG_SIDE_LIVE, 1, HOTPLUG_PLUG_NONE, take_slot,
    "live has ua-hpv-data vdb 0000:03:00.0" },
  { "slot-persist", HOTPLUG_BUS_VIRTIO, HOTPLUG_SIDE_LIVE, 1, HOTPLUG_PLUG_PERSIST, take_slot,
    "template has ua-hpv-data vdb 0000:03:00.0" },
};

static void
test_race (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (RIG_REMOTE);
  g_autoptr (GError) error = NULL;

  fake_connection_hook (rig->fake, FAKE_ATTACH, race_rows[row].before_attach, race_rows[row].hook,
                        GINT_TO_POINTER (race_rows[row].side));
  g_assert_true (rig_add_on (rig, "data", race_rows[row].bus, race_rows[row].flags, &error));
  g_assert_no_error (error);
  g_assert_true (rig_state_has (rig, race_rows[row].won));
  rig_assert_sound (rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  sweep_register ("/faults", sweep_add_cases, sweep_n_add_cases, sweep_fail);
  for (gsize row = 0; row < G_N_ELEMENTS (refused_rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/V22/%s", refused_rows[row].name);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_refused);
    }
  g_test_add_func ("/conformance/V22/forget", test_forget_failed);
  g_test_add_func ("/faults/add/old-hypervisor", test_old_hypervisor);
  g_test_add_func ("/conformance/V28", test_transient);
  for (gsize row = 0; row < G_N_ELEMENTS (race_rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/race/%s", race_rows[row].name);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_race);
    }

  return g_test_run ();
}
