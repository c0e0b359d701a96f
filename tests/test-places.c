/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-private.h"
#include "fake/fake-rig.h"
#include "host/hotplug-machine-lock-private.h"

/* Where devices go, in whole operations: what the hypervisor refuses, and what a run of the machine leaves to the next */

typedef gboolean (*AttachFunc) (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml,
                                GError **error);

static AttachFunc real_attach;
static guint n_tries;

#define DENIED "internal error: unable to execute QEMU command 'blockdev-add': Permission denied"

static gboolean
attach_denied (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE)
    return real_attach (connection, uuid, side, xml, error);

  n_tries++;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, DENIED);
  return FALSE;
}

/* Somebody else is always faster */
static gboolean
attach_crossed (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE)
    return real_attach (connection, uuid, side, xml, error);

  g_autofree char *other = g_strdup_printf (
      "<disk type='file' device='disk'><target dev='sd%c%c' bus='scsi'/><address type='drive' controller='0' bus='0' "
      "target='0' unit='%u'/></disk>",
      'x' + (char)(n_tries / 26), 'a' + (char)(n_tries % 26), n_tries);
  fake_machine_attach (FAKE_CONNECTION (connection), uuid, HOTPLUG_SIDE_LIVE, other);
  n_tries++;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "Domain already contains a disk with that address");
  return FALSE;
}

static void
attach_by (FakeConnection *fake, AttachFunc attach)
{
  HotplugConnectionClass *class = G_TYPE_INSTANCE_GET_CLASS (fake, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);

  if (real_attach == NULL)
    real_attach = class->attach;
  class->attach = attach != NULL ? attach : real_attach;
  n_tries = 0;
}

static void
assert_failed (Rig *rig, const char *name, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  HotplugVolumeStatus *volume = status != NULL ? hotplug_vmi_status_get_volume (status, name) : NULL;

  g_assert_no_error (error);
  g_assert_nonnull (volume);
  g_assert_cmpint (hotplug_volume_status_get_phase (volume), ==, HOTPLUG_VOLUME_PHASE_FAILED);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (volume), words));
}

#define NIC(number, bus)                                                                                               \
  "<interface type='user'><mac address='52:54:00:00:00:0" number "'/><model type='virtio'/><address type='pci' "        \
  "domain='0x0000' bus='0x0" bus "' slot='0x00' function='0x0'/></interface>"

/* The template has another device where the running machine's free port is, and always had: nothing was taken
 * meanwhile. */
static void
test_not_crossed (gconstpointer data)
{
  static const char *const nics[] = { NIC ("1", "2"), NIC ("2", "3"), NIC ("3", "4") };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (nics); i++)
    fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, nics[i]);
  attach_by (rig->fake, attach_denied);
  g_assert_false (rig_add_on (rig, "bad", HOTPLUG_BUS_VIRTIO, (HotplugPlugFlags)GPOINTER_TO_UINT (data), &error));
  attach_by (rig->fake, NULL);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  assert_failed (rig, "bad", DENIED);
}

static void
test_last_is_told (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  attach_by (rig->fake, attach_crossed);
  g_assert_false (rig_add (rig, "bad", HOTPLUG_PLUG_NONE, &error));
  g_assert_cmpuint (n_tries, >, 1);
  attach_by (rig->fake, NULL);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  assert_failed (rig, "bad", "already contains");
}

static void
leave (Rig *rig, const char *text)
{
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (rig->fake));
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);

  g_assert_no_error (error);
  must (_hotplug_machine_lock_write (lock, text, &error), error);
}

static const struct
{
  const char *row;
  const char *journal;
} doomed_rows[] = {
  { "another-run", "[doomed ua-hpc-scsi0]\nrun=before\n" },
  { "another-alias", "[doomed ua-hpc-scsi7]\nrun=\n" },
};

/* What waited to go in a run before says nothing of this one's controllers. */
static void
test_doom_ends (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (RIG_BARE);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "first", HOTPLUG_PLUG_PERSIST, &error), error);
  leave (rig, doomed_rows[row].journal);
  must (rig_add (rig, "second", HOTPLUG_PLUG_NONE, &error), error);
  g_assert_true (rig_state_has (rig, "ua-hpv-second sdb 0:0:0:1"));
  g_assert_false (rig_state_has (rig, "controller 1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/conformance/FP08/not-crossed-persist", GUINT_TO_POINTER (HOTPLUG_PLUG_PERSIST),
                        test_not_crossed);
  g_test_add_data_func ("/conformance/FP08/not-crossed", GUINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_not_crossed);
  g_test_add_func ("/conformance/FP08/last-is-told", test_last_is_told);
  for (gsize row = 0; row < G_N_ELEMENTS (doomed_rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/FP09/%s", doomed_rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_doom_ends);
    }

  return g_test_run ();
}
