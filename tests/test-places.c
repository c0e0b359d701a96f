/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-private.h"
#include "fake/fake-rig.h"
#include "host/hotplug-machine-lock-private.h"

/* Where devices go, in whole operations: what the hypervisor refuses, and what a run of the machine leaves to the
 * next */

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
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR,
                       "Domain already contains a disk with that address");
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

static gboolean
add_interface (Rig *rig, const char *name, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugNetworkAttachment)
      network = g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, error, "name", "net", "bridge", FAKE_BRIDGE,
                                NULL);
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, error, "name", name,
                                                           "attachment", network, NULL);
  g_autoptr (HotplugInterfaceStatus)
      status = interface != NULL ? hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, error) : NULL;

  return status != NULL;
}

/* What the template, and the machine that is made of it, has free */
static guint
count_spare (Rig *rig, HotplugSide side)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) error = NULL;

  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autoptr (HotplugPciBudget)
      budget = hotplug_pci_budget_new_from_xml (side == HOTPLUG_SIDE_LIVE ? text.live : text.template, &error);
  g_assert_no_error (error);
  return hotplug_pci_budget_get_free (budget);
}

/* A machine with one port to spare, as libvirt gives to a new q35 */
static Rig *
with_one_spare (RigKind kind)
{
  static const char *const nics[] = { NIC ("1", "2"), NIC ("2", "3") };
  Rig *rig = rig_new (kind);

  for (gsize i = 0; i < G_N_ELEMENTS (nics); i++)
    {
      fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, nics[i]);
      if (!(kind & RIG_STOPPED))
        fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, nics[i]);
    }
  g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 1);
  return rig;
}

/* Persisting and a restart mitigate a single port, as KubeVirt's user guide says, as often as one likes. */
static void
test_spare_stays (gconstpointer data)
{
  gboolean volumes = GPOINTER_TO_INT (data);
  g_autoptr (Rig) rig = with_one_spare (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      must (volumes ? rig_add_on (rig, name, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error)
                    : add_interface (rig, name, HOTPLUG_PLUG_PERSIST, &error),
            error);
      g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_LIVE), ==, 0);
      g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 1);
      must (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error), error);
      g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_LIVE), ==, 1);
      rig_assert_sound (rig);
    }
}

/* What came with a device goes with it, also in another order; nothing grows. */
static void
test_spare_goes (gconstpointer data)
{
  g_autoptr (Rig) rig = with_one_spare ((RigKind)GPOINTER_TO_INT (data));
  g_autofree char *before = rig_state_but_ports (rig);
  g_autoptr (GError) error = NULL;

  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *name = g_strdup_printf ("n%u", i);
          must (rig_add_on (rig, name, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error), error);
          if (data == NULL)
            must (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error), error);
        }
      g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 1);
      must (hotplug_vmi_remove_volume (rig->vmi, "n1", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error), error);
      g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 1);
      static const char *const rest[] = { "n2", "n0", NULL };
      must (hotplug_vmi_remove_volumes (rig->vmi, rest, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error), error);
      g_autofree char *after = rig_state_but_ports (rig);
      g_assert_cmpstr (after, ==, before);
    }
}

/* The port of what the guest may still refuse to let go of stays, and the template is then as it was; it goes when the
 * device has. */
static void
test_spare_of_late (gconstpointer data)
{
  static const char *const names[] = { "a", "b", NULL };
  g_autoptr (Rig) rig = with_one_spare (RIG_RUNNING);
  g_autofree char *bare = rig_state_but_ports (rig);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      must (rig_add_on (rig, names[i], HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error), error);
      must (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error), error);
    }
  g_autofree char *before = rig_state (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, names, HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 3);

  if (GPOINTER_TO_INT (data))
    {
      rig_renew (rig);
      fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
      rig_find_vmi (rig);
      g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, names, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
      g_autofree char *after = rig_state (rig);
      g_assert_cmpstr (after, ==, before);
      return;
    }

  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 0);
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);
  while (rig_state_has (rig, "live has ua-hpv"))
    g_usleep (1000);
  must (rig_add (rig, "c", HOTPLUG_PLUG_NONE, &error), error);
  must (hotplug_vmi_remove_volume (rig->vmi, "c", HOTPLUG_PLUG_NONE, 5000, NULL, &error), error);
  g_autofree char *again = rig_state_but_ports (rig);
  g_assert_cmpstr (again, ==, bare);
  g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, 1);
}

/* A controller that a volume brings takes a port as a device does. */
static void
test_spare_of_controller (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_BARE);
  guint before = count_spare (rig, HOTPLUG_SIDE_TEMPLATE);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "a", HOTPLUG_PLUG_PERSIST, &error), error);
  must (rig_add (rig, "b", HOTPLUG_PLUG_PERSIST, &error), error);
  g_assert_cmpuint (count_spare (rig, HOTPLUG_SIDE_TEMPLATE), ==, before);
}

/* A refusal takes the port back, too */
static void
test_spare_of_refused (void)
{
  g_autoptr (Rig) rig = with_one_spare (RIG_RUNNING);
  g_autofree char *before = rig_state (rig);
  g_autoptr (GError) error = NULL;

  attach_by (rig->fake, attach_denied);
  g_assert_false (rig_add_on (rig, "bad", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error));
  attach_by (rig->fake, NULL);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

/* QEMU has something where nobody knows of anything. */
static gboolean
attach_in_use (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE || strstr (xml, "bus=\"0x02\"") == NULL)
    return real_attach (connection, uuid, side, xml, error);

  n_tries++;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR,
                       "internal error: unable to execute QEMU command 'device_add': PCI: slot 0 function 0 not available "
                       "for virtio-blk-pci, in use by virtio-rng-pci");
  return FALSE;
}

static gboolean
attach_off (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE || strstr (xml, "bus=\"0x02\"") == NULL)
    return real_attach (connection, uuid, side, xml, error);

  n_tries++;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR,
                       "internal error: unable to execute QEMU command 'device_add': Bus 'pci.2' does not support "
                       "hotplugging");
  return FALSE;
}

static void
test_refused_place (gconstpointer data)
{
  AttachFunc attach = GPOINTER_TO_INT (data) ? attach_off : attach_in_use;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  attach_by (rig->fake, attach);
  gboolean done = rig_add_on (rig, "data", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error);
  guint tries = n_tries;
  attach_by (rig->fake, NULL);
  must (done, error);
  g_assert_cmpuint (tries, ==, 1);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data vda 0000:03:00.0"));
  g_assert_true (rig_state_has (rig, "template has ua-hpv-data vda 0000:03:00.0"));
}

static guint64
answer_future (HotplugConnection *connection)
{
  return 99000000;
}

static guint64
answer_measured (HotplugConnection *connection)
{
  return 9000000;
}

/* A libvirt that has a place where the rules of others know none */
static gboolean
attach_anywhere (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE || strstr (xml, "<address") != NULL)
    return real_attach (connection, uuid, side, xml, error);

  g_autoptr (GString) placed = g_string_new (xml);
  n_tries++;
  g_string_replace (placed, "</disk>",
                    "<address type='pci' domain='0x0000' bus='0x00' slot='0x1c' function='0x0'/></disk>", 1);
  return real_attach (connection, uuid, side, placed->str, error);
}

static gboolean
attach_nowhere (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  if (side != HOTPLUG_SIDE_LIVE)
    return real_attach (connection, uuid, side, xml, error);

  n_tries++;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "internal error: No more available PCI slots");
  return FALSE;
}

static const struct
{
  const char *row;
  guint64 (*version) (HotplugConnection *connection);
  AttachFunc attach;
  HotplugPlugFlags flags;
  guint tries;
  gboolean done;
} asked_rows[] = {
  { "taken", answer_future, attach_anywhere, HOTPLUG_PLUG_NONE, 1, TRUE },
  { "taken-persist", answer_future, attach_anywhere, HOTPLUG_PLUG_PERSIST, 1, TRUE },
  { "refused", answer_future, attach_nowhere, HOTPLUG_PLUG_NONE, 1, FALSE },
  { "dry-run", answer_future, attach_anywhere, HOTPLUG_PLUG_DRY_RUN, 0, FALSE },
  { "measured", answer_measured, attach_anywhere, HOTPLUG_PLUG_NONE, 0, FALSE },
};

/* What is foretold explains, and libvirt decides, unless it is one that the foretelling was held against. */
static void
test_asked (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (RIG_NO_PORTS);
  HotplugConnectionClass *class
      = G_TYPE_INSTANCE_GET_CLASS (rig->fake, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);
  g_autofree char *before = rig_state (rig);
  g_autoptr (GError) error = NULL;

  class->get_libvirt_version = asked_rows[row].version;
  attach_by (rig->fake, asked_rows[row].attach);
  gboolean done = rig_add_on (rig, "data", HOTPLUG_BUS_VIRTIO, asked_rows[row].flags, &error);
  guint tries = n_tries;
  attach_by (rig->fake, NULL);
  class->get_libvirt_version = NULL;
  g_assert_cmpuint (tries, ==, asked_rows[row].tries);
  g_assert_true (done == asked_rows[row].done);
  if (done)
    {
      g_assert_true (rig_state_has (rig, "live has ua-hpv-data vda 0000:00:1c.0"));
      if ((asked_rows[row].flags & HOTPLUG_PLUG_PERSIST) == 0)
        g_assert_true (rig_state_has (rig, "template records ua-hpv-data vda 0000:00:1c.0"));
      return;
    }
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
  g_assert_nonnull (strstr (error->message, "no PCI port is free"));
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/conformance/FP08/not-crossed-persist", GUINT_TO_POINTER (HOTPLUG_PLUG_PERSIST),
                        test_not_crossed);
  g_test_add_data_func ("/conformance/FP08/not-crossed", GUINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_not_crossed);
  g_test_add_func ("/conformance/FP08/last-is-told", test_last_is_told);
  g_test_add_data_func ("/conformance/FP07/stays-interfaces", GINT_TO_POINTER (FALSE), test_spare_stays);
  g_test_add_data_func ("/conformance/FP07/stays-volumes", GINT_TO_POINTER (TRUE), test_spare_stays);
  g_test_add_data_func ("/conformance/FP07/goes-running", GINT_TO_POINTER (RIG_RUNNING), test_spare_goes);
  g_test_add_data_func ("/conformance/FP07/goes-stopped", GINT_TO_POINTER (RIG_STOPPED), test_spare_goes);
  g_test_add_data_func ("/conformance/FP07/late/lets-go", GINT_TO_POINTER (FALSE), test_spare_of_late);
  g_test_add_data_func ("/conformance/FP07/late/refuses", GINT_TO_POINTER (TRUE), test_spare_of_late);
  g_test_add_func ("/conformance/FP07/controller", test_spare_of_controller);
  g_test_add_func ("/conformance/FP07/refused", test_spare_of_refused);
  g_test_add_data_func ("/conformance/FP05/refused-slot", GINT_TO_POINTER (FALSE), test_refused_place);
  g_test_add_data_func ("/conformance/FP05/refused-bus", GINT_TO_POINTER (TRUE), test_refused_place);
  for (gsize row = 0; row < G_N_ELEMENTS (asked_rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/FP10/%s", asked_rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_asked);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (doomed_rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/FP09/%s", doomed_rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_doom_ends);
    }

  return g_test_run ();
}
