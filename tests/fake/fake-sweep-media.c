/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-sweep.h"

#include "config.h"

/* Media in the drive that each machine of the rig has: insert, swap and eject */

#define DRIVE "sdz"

static gboolean
insert (Rig *rig, const char *name, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugVolume) medium = rig_volume (rig, name, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_insert_media (rig->vmi, DRIVE, medium, flags, NULL, error);

  return status != NULL;
}

static gboolean
insert_plain (Rig *rig, GError **error)
{
  return insert (rig, "second", HOTPLUG_PLUG_NONE, error);
}

static gboolean
insert_persist (Rig *rig, GError **error)
{
  return insert (rig, "second", HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
eject (Rig *rig, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_eject_media (rig->vmi, DRIVE, flags, NULL, error);

  return status != NULL;
}

static gboolean
eject_plain (Rig *rig, GError **error)
{
  return eject (rig, HOTPLUG_PLUG_NONE, error);
}

static gboolean
eject_persist (Rig *rig, GError **error)
{
  return eject (rig, HOTPLUG_PLUG_PERSIST, error);
}

static void
with_medium (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  insert (rig, "first", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
}

static void
with_persisted_medium (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  insert (rig, "first", HOTPLUG_PLUG_PERSIST, &error);
  g_assert_no_error (error);
}

/* The template has the new one already, so that the running machine alone is changed, and the other way round */
static void
with_second_in_template (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  insert (rig, "second", HOTPLUG_PLUG_PERSIST, &error);
  g_assert_no_error (error);
  insert (rig, "first", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
}

static void
with_second_in_machine (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  insert (rig, "second", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
}

const SweepCase sweep_media_cases[] = {
  { "media/insert/plain", RIG_RUNNING, NULL, insert_plain, FALSE },
  { "media/insert/persist", RIG_RUNNING, NULL, insert_persist, FALSE },
  { "media/insert/stopped", RIG_STOPPED, NULL, insert_persist, FALSE },
  { "media/insert/transient", RIG_TRANSIENT, NULL, insert_plain, FALSE },
  { "media/insert/template-has-it", RIG_RUNNING, with_second_in_template, insert_persist, FALSE },
  { "media/insert/machine-has-it", RIG_RUNNING, with_second_in_machine, insert_persist, FALSE },
  { "media/swap/plain", RIG_RUNNING, with_medium, insert_plain, FALSE },
  { "media/swap/persist", RIG_RUNNING, with_persisted_medium, insert_persist, FALSE },
  { "media/swap/plain-of-persisted", RIG_RUNNING, with_persisted_medium, insert_plain, FALSE },
  { "media/eject/plain", RIG_RUNNING, with_medium, eject_plain, FALSE },
  { "media/eject/persist", RIG_RUNNING, with_persisted_medium, eject_persist, FALSE },
  { "media/eject/stopped", RIG_STOPPED, with_persisted_medium, eject_persist, FALSE },
  { "media/eject/transient", RIG_TRANSIENT, with_medium, eject_plain, FALSE },
  { "media/remote/insert", RIG_REMOTE, NULL, insert_persist, FALSE },
  { "media/remote/swap", RIG_REMOTE, with_persisted_medium, insert_persist, FALSE },
  { "media/remote/eject", RIG_REMOTE, with_persisted_medium, eject_persist, FALSE },
  { "media/remote/stopped", RIG_REMOTE | RIG_STOPPED, NULL, insert_persist, FALSE },
};

const guint sweep_n_media_cases = G_N_ELEMENTS (sweep_media_cases);
