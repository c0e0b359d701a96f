/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-sweep.h"

#include "config.h"

/* Interfaces, on the networks that the fake has, and with volumes in one transaction */

#define MAC "02:00:00:00:00:07"
#define OTHER_MAC "02:00:00:00:00:08"

static HotplugInterface *
new_interface_on (const char *name, const char *mac, const char *bridge)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("lab", bridge, &error);

  g_assert_no_error (error);
  HotplugInterface *interface
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", name, "attachment", attachment, "mac", mac, NULL);
  g_assert_no_error (error);
  return interface;
}

static HotplugInterface *
new_interface (const char *name, const char *mac)
{
  return new_interface_on (name, mac, FAKE_BRIDGE);
}

static gboolean
add (Rig *rig, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugInterface) interface = new_interface ("nic", MAC);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, error);

  return status != NULL;
}

static gboolean
add_plain (Rig *rig, GError **error)
{
  return add (rig, HOTPLUG_PLUG_NONE, error);
}

static gboolean
add_persist (Rig *rig, GError **error)
{
  return add (rig, HOTPLUG_PLUG_PERSIST, error);
}

/* A volume and two interfaces as one */
static gboolean
add_batch (Rig *rig, HotplugBus bus, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) volume_statuses = NULL;
  g_autoptr (GPtrArray) interface_statuses = NULL;

  g_ptr_array_add (volumes, rig_volume (rig, "data", bus));
  g_ptr_array_add (interfaces, new_interface ("nic", MAC));
  g_ptr_array_add (interfaces, new_interface ("data", OTHER_MAC));
  gboolean done = hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, flags, &volume_statuses, &interface_statuses,
                                           NULL, error);
  g_assert_true (done == (volume_statuses != NULL && volume_statuses->len == 1));
  g_assert_true (done == (interface_statuses != NULL && interface_statuses->len == 2));
  return done;
}

static gboolean
add_batch_plain (Rig *rig, GError **error)
{
  return add_batch (rig, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, error);
}

static gboolean
add_batch_persist (Rig *rig, GError **error)
{
  return add_batch (rig, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
remove_it (Rig *rig, GError **error)
{
  return hotplug_vmi_remove_interface (rig->vmi, "nic", HOTPLUG_PLUG_PERSIST, 5000, NULL, error);
}

static gboolean
remove_batch (Rig *rig, GError **error)
{
  static const char *const volumes[] = { "data", NULL };
  static const char *const interfaces[] = { "nic", "data", NULL };

  return hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, 5000, NULL, error);
}

static void
with (Rig *rig, gboolean (*func) (Rig *rig, GError **error))
{
  g_autoptr (GError) error = NULL;

  func (rig, &error);
  g_assert_no_error (error);
}

/* On a bridge that is not here: recorded, and nothing else */
static gboolean
add_missing (Rig *rig, GError **error)
{
  g_autoptr (HotplugInterface) interface = new_interface_on ("nic", MAC, "br-none-such");
  g_autoptr (HotplugInterfaceStatus) status
      = hotplug_vmi_add_interface (rig->vmi, interface, HOTPLUG_PLUG_PERSIST, NULL, error);

  return status != NULL;
}

static gboolean
add_missing_and_volume (Rig *rig, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (volumes, rig_volume (rig, "data", HOTPLUG_BUS_SCSI));
  g_ptr_array_add (interfaces, new_interface_on ("nic", MAC, "br-none-such"));
  return hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, NULL, NULL, NULL, error);
}

static void
with_missing (Rig *rig)
{
  with (rig, add_missing);
}

static void
with_plain (Rig *rig)
{
  with (rig, add_plain);
}

static void
with_persisted (Rig *rig)
{
  with (rig, add_persist);
}

static void
with_batch (Rig *rig)
{
  with (rig, add_batch_plain);
}

static void
with_persisted_batch (Rig *rig)
{
  with (rig, add_batch_persist);
}

/* To the other network, which checks MAC addresses, and with its cable out: three calls of a running machine's */
static gboolean
update (Rig *rig, HotplugInterfaceState state, gboolean moves, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment
      = g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, NULL, "name", "far", "bridge", FAKE_OTHER_BRIDGE,
                        "mac-spoof-check", TRUE, "mtu", 1300, NULL);

  g_assert_nonnull (attachment);
  g_autoptr (HotplugInterfaceStatus) status
      = hotplug_vmi_update_interface (rig->vmi, "nic", state, moves ? attachment : NULL, flags, NULL, error);
  return status != NULL;
}

static gboolean
down_plain (Rig *rig, GError **error)
{
  return update (rig, HOTPLUG_INTERFACE_STATE_DOWN, FALSE, HOTPLUG_PLUG_NONE, error);
}

static gboolean
down_persist (Rig *rig, GError **error)
{
  return update (rig, HOTPLUG_INTERFACE_STATE_DOWN, FALSE, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
move_plain (Rig *rig, GError **error)
{
  return update (rig, HOTPLUG_INTERFACE_STATE_UNCHANGED, TRUE, HOTPLUG_PLUG_NONE, error);
}

static gboolean
move_persist (Rig *rig, GError **error)
{
  return update (rig, HOTPLUG_INTERFACE_STATE_UNCHANGED, TRUE, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
move_down (Rig *rig, GError **error)
{
  return update (rig, HOTPLUG_INTERFACE_STATE_DOWN, TRUE, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
make_absent (Rig *rig, GError **error)
{
  g_autoptr (GError) failed = NULL;

  g_assert_null (hotplug_vmi_update_interface (rig->vmi, "nic", HOTPLUG_INTERFACE_STATE_ABSENT, NULL,
                                               HOTPLUG_PLUG_PERSIST, NULL, &failed));
  gboolean done = failed == NULL;
  if (!done)
    g_propagate_error (error, g_steal_pointer (&failed));
  return done;
}

const SweepCase sweep_interface_cases[] = {
  { "interface/add/plain", RIG_RUNNING, NULL, add_plain, FALSE },
  { "interface/add/persist", RIG_RUNNING, NULL, add_persist, FALSE },
  { "interface/add/stopped", RIG_STOPPED, NULL, add_persist, FALSE },
  { "interface/add/remote", RIG_REMOTE, NULL, add_persist, FALSE },
  { "interface/add/batch", RIG_RUNNING, NULL, add_batch_plain, FALSE },
  { "interface/add/batch-persist", RIG_RUNNING, NULL, add_batch_persist, FALSE },
  { "interface/add/batch-without-controller", RIG_BARE, NULL, add_batch_persist, FALSE },
  { "interface/add/batch-stopped", RIG_STOPPED, NULL, add_batch_persist, FALSE },
  { "interface/add/batch-remote", RIG_REMOTE, NULL, add_batch_persist, FALSE },
  { "interface/pending/add", RIG_RUNNING, NULL, add_missing, FALSE },
  { "interface/pending/add-with-volume", RIG_RUNNING, NULL, add_missing_and_volume, FALSE },
  { "interface/pending/remove", RIG_RUNNING, with_missing, remove_it, TRUE },
  { "interface/remove/plain", RIG_RUNNING, with_plain, remove_it, TRUE },
  { "interface/remove/persisted", RIG_RUNNING, with_persisted, remove_it, TRUE },
  { "interface/remove/remote", RIG_REMOTE, with_persisted, remove_it, TRUE },
  { "interface/remove/batch", RIG_RUNNING, with_batch, remove_batch, TRUE },
  { "interface/remove/batch-remote", RIG_REMOTE, with_persisted_batch, remove_batch, TRUE },
  { "interface/link/recorded", RIG_RUNNING, with_plain, down_plain, FALSE },
  { "interface/link/recorded-persist", RIG_RUNNING, with_plain, down_persist, FALSE },
  { "interface/link/persisted", RIG_RUNNING, with_persisted, down_persist, FALSE },
  { "interface/link/live-of-persisted", RIG_RUNNING, with_persisted, down_plain, FALSE },
  { "interface/link/stopped", RIG_STOPPED, with_persisted, down_persist, FALSE },
  { "interface/link/transient", RIG_TRANSIENT, with_plain, down_plain, FALSE },
  { "interface/link/remote", RIG_REMOTE, with_persisted, down_persist, FALSE },
  { "interface/move/recorded", RIG_RUNNING, with_plain, move_plain, FALSE },
  { "interface/move/persisted", RIG_RUNNING, with_persisted, move_persist, FALSE },
  { "interface/move/stopped", RIG_STOPPED, with_persisted, move_persist, FALSE },
  { "interface/move/down", RIG_RUNNING, with_persisted, move_down, FALSE },
  { "interface/move/down-recorded", RIG_RUNNING, with_plain, move_down, FALSE },
  { "interface/move/down-remote", RIG_REMOTE, with_persisted, move_down, FALSE },
  { "interface/move/remote-recorded", RIG_REMOTE, with_plain, move_plain, FALSE },
  { "interface/absent/persisted", RIG_RUNNING, with_persisted, make_absent, TRUE },
};
const guint sweep_n_interface_cases = G_N_ELEMENTS (sweep_interface_cases);
