/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-removal-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"

/* How long a guest may take to let go of a controller that an add had to bring, and failed */
#define CONTROLLER_PATIENCE (10 * G_TIME_SPAN_SECOND)

/* What a device list says is no longer so is no error here: the other half of a step may have been done, or undone. */
static gboolean
detach_from_template (HotplugSession *self, const char *xml, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_detach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_TEMPLATE, xml, &refused)
      || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

gboolean
_hotplug_session_add_port (HotplugSession *self, const HotplugPlacement *placement, GError **error)
{
  const HotplugController port = {
    .type = (char *) "pci",
    .model = (char *) "pcie-root-port",
    .index = placement->port.port,
    .address = placement->port.port_address,
  };

  if (port.index == 0)
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (&port);
  return _hotplug_connection_attach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_TEMPLATE, xml, error);
}

gboolean
_hotplug_session_add_controller (HotplugSession *self, HotplugSide side, const HotplugPlacement *placement, GError **error)
{
  g_autofree char *alias = _hotplug_controller_alias (placement->controller_index);
  HotplugController controller = {
    .alias = alias,
    .type = (char *) "scsi",
    .model = (char *) "virtio-scsi",
    .index = placement->controller_index,
    .address = side == HOTPLUG_SIDE_LIVE ? placement->port.live : placement->port.template,
  };
  gboolean needed = side == HOTPLUG_SIDE_LIVE ? placement->controller_live : placement->controller_template;

  if (!needed)
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (&controller);
  return _hotplug_connection_attach (self->connection, hotplug_vmi_get_uuid (self->vmi), side, xml, error);
}

static gboolean
has_disks (const HotplugDomain *domain, guint controller)
{
  for (guint i = 0; i < domain->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (domain->disks, i);
      if (disk->bus == HOTPLUG_BUS_SCSI && disk->address.controller == controller)
        return TRUE;
    }
  return FALSE;
}

/* The controller that an intent tells of, if it is ours and idle: somebody else may have put a disk on it meanwhile. */
static HotplugController *
find_idle_controller (const HotplugDomain *domain, guint index)
{
  g_autofree char *alias = _hotplug_controller_alias (index);
  HotplugController *controller = _hotplug_domain_find_controller (domain, "scsi", index);

  return controller != NULL && g_strcmp0 (controller->alias, alias) == 0 && !has_disks (domain, index) ? controller : NULL;
}

static gboolean
take_template_controller_back (HotplugSession *self, guint index, GError **error)
{
  HotplugController *controller = find_idle_controller (self->template, index);

  if (controller == NULL)
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (controller);
  return detach_from_template (self, xml, error);
}

static gboolean
is_bus_in_use (const HotplugDomain *domain, guint bus)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugAddress *address = &g_array_index (domain->devices, HotplugDevice, i).address;
      if (address->kind == HOTPLUG_ADDRESS_PCI && address->bus == bus)
        return TRUE;
    }
  return FALSE;
}

static gboolean
take_port_back (HotplugSession *self, guint index, GError **error)
{
  if (!_hotplug_session_refresh (self, error))
    return FALSE;

  HotplugController *port = _hotplug_domain_find_controller (self->template, "pci", index);
  if (port == NULL || is_bus_in_use (self->template, index))
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (port);
  return detach_from_template (self, xml, error);
}

/* A controller is a PCI device, so that the guest must let go of it. If it does not, the controller is doomed: it goes
 * when the guest answers, and until then no disk may be put on it. */
static gboolean
take_live_controller_back (HotplugSession *self, guint index, GError **error)
{
  HotplugController *controller = find_idle_controller (self->live, index);
  HotplugRemovalAnswer answer = HOTPLUG_REMOVAL_WAITING;

  if (controller == NULL)
    return TRUE;

  g_autoptr (HotplugRemoval) removal = _hotplug_removal_new (self->vmi, controller->alias);
  if (!_hotplug_removal_ask (removal, error))
    return FALSE;
  _hotplug_removal_wait (removal, g_get_monotonic_time () + CONTROLLER_PATIENCE, NULL, &answer, NULL);
  g_debug ("vmi \"%s\": %s %s", hotplug_vmi_get_name (self->vmi), controller->alias,
           answer == HOTPLUG_REMOVAL_GONE ? "is gone again" : "waits for the guest to let go");
  if (answer != HOTPLUG_REMOVAL_GONE)
    _hotplug_journal_doom (self->journal, index);
  return TRUE;
}

gboolean
_hotplug_session_take_back (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  g_autofree char *alias = _hotplug_volume_alias (intent->volume);

  if (!_hotplug_session_refresh (self, error))
    return FALSE;

  HotplugDisk *disk = _hotplug_domain_find_alias (self->template, alias);
  if (disk != NULL)
    {
      g_autofree char *xml = _hotplug_disk_to_xml (disk);
      if (!detach_from_template (self, xml, error) || !_hotplug_session_refresh (self, error))
        return FALSE;
    }

  return _hotplug_session_drop_record (self, alias, error)
         && (!intent->controller_template || take_template_controller_back (self, intent->controller_index, error))
         && (intent->port == 0 || take_port_back (self, intent->port, error))
         && (!intent->controller_live || take_live_controller_back (self, intent->controller_index, error));
}

/* The guest has it: all that an add does was done, since the template or the record comes first. */
static gboolean
recover_add (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  g_autofree char *alias = _hotplug_volume_alias (intent->volume);

  return _hotplug_domain_find_alias (self->live, alias) != NULL || _hotplug_session_take_back (self, intent, error);
}

/* A removal is always carried on: out of the template, and the guest is asked; its answer is settled when it comes. */
static gboolean
recover_remove (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  g_autofree char *alias = _hotplug_volume_alias (intent->volume);
  HotplugDisk *configured = _hotplug_domain_find_alias (self->template, alias);

  if (configured != NULL)
    {
      g_autofree char *xml = _hotplug_disk_to_xml (configured);
      if (!detach_from_template (self, xml, error) || !_hotplug_session_refresh (self, error))
        return FALSE;
    }

  HotplugDisk *disk = _hotplug_domain_find_alias (self->live, alias);
  if (disk == NULL)
    return _hotplug_session_drop_record (self, alias, error);

  g_autoptr (GError) refused = NULL;
  if (!_hotplug_connection_request_detach (self->connection, hotplug_vmi_get_uuid (self->vmi), alias, &refused))
    g_debug ("vmi \"%s\": volume \"%s\" asked for again: %s", hotplug_vmi_get_name (self->vmi), intent->volume,
             refused->message);
  return _hotplug_session_write_record (self, HOTPLUG_RECORD_REMOVING, disk, error);
}

static gboolean
recover_start (HotplugSession *self, GError **error)
{
  self->look = HOTPLUG_LOOK_ALL;
  if (!_hotplug_session_refresh (self, error))
    return FALSE;
  if (self->state != HOTPLUG_VMI_STATE_PAUSED)
    return TRUE;

  return _hotplug_session_bring_back (self, error)
         && _hotplug_connection_resume (self->connection, hotplug_vmi_get_uuid (self->vmi), error);
}

gboolean
_hotplug_session_recover (HotplugSession *self, GError **error)
{
  const HotplugIntent *intent = &self->journal->intent;
  gboolean done = TRUE;

  if (intent->kind == HOTPLUG_INTENT_NONE)
    return TRUE;

  g_debug ("vmi \"%s\": what another client began is brought to an end (%d, volume \"%s\")",
           hotplug_vmi_get_name (self->vmi), (int) intent->kind, intent->volume != NULL ? intent->volume : "");
  if (intent->kind == HOTPLUG_INTENT_ADD && intent->volume != NULL)
    done = recover_add (self, intent, error);
  else if (intent->kind == HOTPLUG_INTENT_REMOVE && intent->volume != NULL)
    done = recover_remove (self, intent, error);
  else if (intent->kind == HOTPLUG_INTENT_START)
    done = recover_start (self, error);
  if (!done)
    return FALSE;

  _hotplug_session_strike (self);
  return _hotplug_session_refresh (self, error);
}

static void
settle_doomed (HotplugSession *self)
{
  GArray *doomed = self->journal->doomed;
  gboolean changed = FALSE;

  for (guint i = doomed->len; i > 0; i--)
    {
      if (_hotplug_domain_find_controller (self->live, "scsi", g_array_index (doomed, guint, i - 1)) != NULL)
        continue;
      g_array_remove_index (doomed, i - 1);
      changed = TRUE;
    }
  if (changed)
    _hotplug_session_store (self, NULL);
}

gboolean
_hotplug_session_settle (HotplugSession *self, GError **error)
{
  GPtrArray *records = _hotplug_session_record_side (self)->records;

  settle_doomed (self);
  for (guint i = 0; i < records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (records, i);
      if (record->state != HOTPLUG_RECORD_REMOVING
          || _hotplug_domain_find_alias (self->live, record->disk->alias) != NULL)
        continue;

      g_autofree char *alias = g_strdup (record->disk->alias);
      if (!_hotplug_session_drop_record (self, alias, error))
        return FALSE;
      _hotplug_vmi_emit_removed (self->vmi, _hotplug_volume_name_from_alias (alias));
      i--;
    }
  return TRUE;
}

static gboolean
lacks_controller (HotplugSession *self, const HotplugDisk *disk)
{
  return disk->bus == HOTPLUG_BUS_SCSI
         && _hotplug_domain_find_controller (self->live, "scsi", disk->address.controller) == NULL;
}

/* Its port may be one that the template has no more, or never had; then it takes another. */
static gboolean
find_port (HotplugSession *self, HotplugDisk *disk, GError **error)
{
  const HotplugSides live_only = { .live = self->live };
  g_autofree char *what = g_strdup_printf ("volume \"%s\"", _hotplug_disk_name (disk));
  HotplugPort port;

  if (disk->bus != HOTPLUG_BUS_VIRTIO)
    return TRUE;
  if (!_hotplug_port_follow (&live_only, HOTPLUG_PCI_CLASS_EITHER, what, &disk->address, &port, error))
    return FALSE;

  disk->address = port.live;
  return TRUE;
}

/* The recorded place is free: it was so in the template when it was chosen, and every later choice has kept it. Only its
 * controller or port may be one that is gone with the machine that it was plugged into. */
static gboolean
bring_one_back (HotplugSession *self, const HotplugDisk *recorded, GError **error)
{
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (HotplugDisk) disk = _hotplug_disk_copy (recorded);
  const char *name = _hotplug_volume_name_from_alias (recorded->alias);
  HotplugSides live_only = { .live = self->live };
  gboolean lacks = lacks_controller (self, recorded);

  if (lacks)
    {
      if (!_hotplug_placement_choose (&live_only, name, disk->bus, &placement, error)
          || !_hotplug_session_add_controller (self, HOTPLUG_SIDE_LIVE, &placement, error))
        return FALSE;
      disk->address = placement.address;
    }

  if (!find_port (self, disk, error))
    return FALSE;

  g_autofree char *xml = _hotplug_disk_to_xml (disk);
  g_autoptr (GError) refused = NULL;
  if (!_hotplug_connection_attach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_LIVE, xml, &refused))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&refused), "volume \"%s\": ", name);
      return FALSE;
    }

  gboolean moved = !_hotplug_address_equal (&disk->address, &recorded->address);
  return (!lacks && !moved) || _hotplug_session_refresh (self, error);
}

gboolean
_hotplug_session_bring_back (HotplugSession *self, GError **error)
{
  /* the records are read anew when a controller was added, so they are counted, not held */
  for (guint i = 0; self->template != NULL && i < self->template->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (self->template->records, i);

      if (record->state == HOTPLUG_RECORD_ATTACHED
          && _hotplug_domain_find_alias (self->live, record->disk->alias) == NULL
          && !bring_one_back (self, record->disk, error))
        return FALSE;
    }
  return TRUE;
}
