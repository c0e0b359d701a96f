/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-serial.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "rules/hotplug-machine-version-private.h"
#include "vmi/hotplug-addition-interface-private.h"
#include "vmi/hotplug-addition-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "xml/hotplug-device-xml-private.h"

static void
free_item (gpointer data)
{
  HotplugAdditionItem *item = data;

  g_clear_pointer (&item->device, _hotplug_record_free);
  _hotplug_placement_clear (&item->placement);
  g_free (item);
}

void
_hotplug_addition_free (HotplugAddition *self)
{
  g_ptr_array_unref (self->items);
  g_free (self);
}

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);
  gboolean persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;

  if (persist && !session->persistent)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it has no template that a device could be persisted in", vmi);
      return FALSE;
    }
  if (!persist && session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running; with persist a device is added to its template", vmi);
      return FALSE;
    }
  return TRUE;
}

/* Asked only where it counts, of a long serial that an old hypervisor shows less of, and only if the machine's type
 * does not tell enough: to answer, libvirt asks each QEMU binary of the host what it can (MEASURED: 27 of them, 38 s in
 * an embedded driver whose root is new). 0 elsewhere. */
static guint64
find_hypervisor_version (HotplugSession *session, HotplugVolume *volume)
{
  HotplugBus bus = hotplug_volume_get_bus (volume);
  const char *serial = hotplug_volume_get_serial (volume);
  guint64 least = _hotplug_machine_least_version (session->live != NULL ? session->live->machine : NULL);

  if (serial == NULL || strlen (serial) <= hotplug_serial_get_limit (bus, HOTPLUG_DISK_TYPE_DISK, 1))
    return 0;
  return least != 0 && hotplug_serial_get_limit (bus, HOTPLUG_DISK_TYPE_DISK, least)
                           == hotplug_serial_get_limit (bus, HOTPLUG_DISK_TYPE_DISK, 0)
             ? least
             : _hotplug_connection_get_hypervisor_version (session->connection);
}

static void
plan_device (HotplugDomain *domain, const HotplugRecord *device, const HotplugAddress *address)
{
  if (device->disk != NULL)
    _hotplug_domain_plan_disk (domain, device->disk, address);
  else
    _hotplug_domain_plan_nic (domain, device->nic, address);
}

/* Into the snapshots, where the next device's plan finds it */
static void
show_item (HotplugSession *session, const HotplugAddition *self, const HotplugAdditionItem *item)
{
  const HotplugPlacement *placement = &item->placement;
  g_autofree char *alias = _hotplug_controller_alias (placement->controller_index);
  const HotplugController live = _hotplug_placement_scsi_controller (placement, alias, &placement->port.live);
  const HotplugController configured = _hotplug_placement_scsi_controller (placement, alias, &placement->port.template);
  const HotplugController port = _hotplug_placement_root_port (placement);
  g_autofree char *spare_alias = _hotplug_port_alias (placement->spare);
  const HotplugController spare = _hotplug_placement_spare_port (placement, spare_alias);

  if (item->pending)
    {
      g_ptr_array_add (session->template->records, _hotplug_record_copy (item->device));
      return;
    }
  if (placement->controller_live && self->live)
    _hotplug_domain_plan_controller (session->live, &live);
  if (self->live)
    plan_device (session->live, item->device, _hotplug_record_address (item->device));

  if (!self->persist)
    {
      /* a transient machine has it in its devices alone */
      if (session->template != NULL)
        g_ptr_array_add (session->template->records, _hotplug_record_copy (item->device));
      return;
    }
  if (port.index != 0)
    _hotplug_domain_plan_controller (session->template, &port);
  if (spare.index != 0)
    _hotplug_domain_plan_controller (session->template, &spare);
  if (placement->controller_template)
    _hotplug_domain_plan_controller (session->template, &configured);
  plan_device (session->template, item->device, &placement->template_address);
}

static gboolean
plan_volume (HotplugSession *session, HotplugVolume *volume, HotplugAdditionItem *item, GError **error)
{
  g_auto (HotplugSource) source = { 0 };
  HotplugSides sides = _hotplug_session_sides (session);

  item->volume = volume;
  if (!_hotplug_admission_add (&sides, volume, find_hypervisor_version (session, volume), error)
      || !_hotplug_obstacles_to_add (session, volume, &source, error)
      || !_hotplug_placement_choose (&sides, hotplug_volume_get_name (volume), hotplug_volume_get_bus (volume),
                                     &item->placement, error))
    return FALSE;

  g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (volume, &source, &item->placement, &sides);
  item->device = _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, disk);
  return TRUE;
}

static gboolean
plan_item (HotplugSession *session, HotplugAddition *self, gpointer wanted, GError **error)
{
  HotplugAdditionItem *item = g_new0 (HotplugAdditionItem, 1);

  g_ptr_array_add (self->items, item);
  if (!(HOTPLUG_IS_VOLUME (wanted) ? plan_volume (session, wanted, item, error)
                                   : _hotplug_addition_plan_interface (session, wanted, self->persist, item, error)))
    return FALSE;

  if (self->persist && !item->pending)
    _hotplug_placement_keep_spare (&item->placement, session->template);
  show_item (session, self, item);
  return TRUE;
}

GPtrArray *
_hotplug_addition_list (const GPtrArray *volumes, const GPtrArray *interfaces)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; volumes != NULL && i < volumes->len; i++)
    g_ptr_array_add (devices, g_object_ref (g_ptr_array_index (volumes, i)));
  for (guint i = 0; interfaces != NULL && i < interfaces->len; i++)
    g_ptr_array_add (devices, g_object_ref (g_ptr_array_index (interfaces, i)));
  return devices;
}

HotplugAddition *
_hotplug_addition_plan (HotplugSession *session, const GPtrArray *wanted, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugAddition) self = g_new0 (HotplugAddition, 1);

  self->items = g_ptr_array_new_with_free_func (free_item);
  self->live = session->live != NULL;
  self->persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;
  if (!check_sides (session, flags, error))
    return NULL;

  for (guint i = 0; i < wanted->len; i++)
    {
      if (!plan_item (session, self, g_ptr_array_index (wanted, i), error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

static void
tell_port (HotplugIntent *intent, guint index)
{
  if (index == 0)
    return;
  if (intent->ports == NULL)
    intent->ports = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (intent->ports, index);
}

void
_hotplug_addition_tell (const HotplugAddition *self, HotplugIntent *intent)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugPlacement *placement = &((const HotplugAdditionItem *)g_ptr_array_index (self->items, i))->placement;

      if ((placement->controller_live && self->live) || (placement->controller_template && self->persist))
        {
          intent->controller_live = placement->controller_live && self->live;
          intent->controller_template = placement->controller_template && self->persist;
          intent->controller_index = placement->controller_index;
        }
      if (self->persist)
        {
          tell_port (intent, placement->port.port);
          tell_port (intent, placement->spare);
        }
    }
}

GPtrArray *
_hotplug_addition_write_devices (const HotplugAddition *self)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      const HotplugPlacement *placement = &item->placement;
      g_autofree char *alias = _hotplug_controller_alias (placement->controller_index);
      const HotplugController controller = _hotplug_placement_scsi_controller (placement, alias,
                                                                               &placement->port.template);
      const HotplugController port = _hotplug_placement_root_port (placement);
      g_autofree char *spare_alias = _hotplug_port_alias (placement->spare);
      const HotplugController spare = _hotplug_placement_spare_port (placement, spare_alias);
      g_autoptr (HotplugRecord) configured = _hotplug_record_copy (item->device);

      if (item->pending)
        continue;
      if (port.index != 0)
        g_ptr_array_add (devices, _hotplug_controller_to_xml (&port));
      if (spare.index != 0)
        g_ptr_array_add (devices, _hotplug_controller_to_xml (&spare));
      if (placement->controller_template)
        g_ptr_array_add (devices, _hotplug_controller_to_xml (&controller));
      *_hotplug_record_address (configured) = placement->template_address;
      _hotplug_record_leave_tap (configured);
      g_ptr_array_add (devices, _hotplug_record_to_device_xml (configured));
    }
  return devices;
}

/* What is to be in the template, or only in a transient machine's devices, has no record but the name of its
 * network. */
GPtrArray *
_hotplug_addition_list_records (const HotplugAddition *self, const HotplugSession *session)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);
  gboolean only_named = self->persist || session->template == NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      const HotplugNic *nic = item->device->nic;
      if (only_named && !item->pending && (nic == NULL || nic->attachment == NULL))
        continue;

      HotplugRecord *record = _hotplug_record_copy (item->device);
      if (only_named && !item->pending)
        record->state = HOTPLUG_RECORD_NAMED;
      g_ptr_array_add (records, record);
    }
  return records;
}

gboolean
_hotplug_addition_promise (const HotplugAddition *self, HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) records = _hotplug_addition_list_records (self, session);
  g_autoptr (GPtrArray) devices = self->persist ? _hotplug_addition_write_devices (self) : NULL;

  if (devices == NULL || devices->len == 0)
    return records->len == 0 || _hotplug_session_put_records (session, records, error);
  return records->len > 0 ? _hotplug_session_add_recorded (session, devices, records, error)
                          : _hotplug_session_add_to_template (session, devices, error);
}

static gboolean
attach_live (HotplugSession *session, const HotplugAdditionItem *item, GError **error)
{
  g_autofree char *xml = _hotplug_record_to_device_xml (item->device);

  if (_hotplug_session_add_controller (session, &item->placement, error)
      && _hotplug_connection_attach (session->connection, hotplug_vmi_get_uuid (session->vmi), HOTPLUG_SIDE_LIVE, xml,
                                     error))
    return TRUE;

  if (item->volume != NULL)
    _hotplug_obstacles_explain (session, item->volume, item->device->disk, error);
  return FALSE;
}

gboolean
_hotplug_addition_act (const HotplugAddition *self, HotplugSession *session, const HotplugAdditionItem **failed,
                       GError **error)
{
  for (guint i = 0; self->live && i < self->items->len; i++)
    {
      *failed = g_ptr_array_index (self->items, i);
      if (!(*failed)->pending && !attach_live (session, *failed, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_no_place (const HotplugAdditionItem *item)
{
  return !item->pending && _hotplug_record_address (item->device)->kind == HOTPLUG_ADDRESS_NONE;
}

gboolean
_hotplug_addition_learn (const HotplugAddition *self, HotplugSession *session, GError **error)
{
  gboolean learned = FALSE;

  for (guint i = 0; self->live && session->asks && i < self->items->len; i++)
    {
      HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      if (!has_no_place (item))
        continue;
      if (!learned && !_hotplug_session_refresh (session, error))
        return FALSE;

      g_autoptr (HotplugRecord) there = _hotplug_record_new_of (HOTPLUG_RECORD_ATTACHED, session->live,
                                                                _hotplug_record_alias (item->device));
      learned = TRUE;
      if (there != NULL)
        *_hotplug_record_address (item->device) = item->placement.address = *_hotplug_record_address (there);
    }
  if (!learned || self->persist)
    return TRUE;

  g_autoptr (GPtrArray) records = _hotplug_addition_list_records (self, session);
  return records->len == 0 || _hotplug_session_put_records (session, records, error);
}

gboolean
_hotplug_addition_is_done (const HotplugAddition *self, const HotplugSession *session)
{
  const HotplugDomain *side = self->live ? session->live : session->template;

  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      const char *alias = _hotplug_record_alias (item->device);
      if (item->pending ? _hotplug_domain_find_record (session->template, alias) == NULL
                        : !_hotplug_domain_has_alias (side, alias))
        return FALSE;
    }
  return TRUE;
}

/* Whether somebody else has the place that @device was to have on that side, which is of kind NONE where libvirt was to
 * choose one. Asked when what we did is taken back, since our own half in the template would count as somebody
 * else's. */
static gboolean
was_taken (const HotplugDomain *side, const HotplugRecord *device, const HotplugAddress *place)
{
  const HotplugDisk *disk = device->disk;
  const HotplugDisk *named = disk != NULL ? _hotplug_domain_find_target (side, disk->target) : NULL;

  if (named != NULL && g_strcmp0 (named->alias, disk->alias) != 0)
    return TRUE;
  if (place->kind == HOTPLUG_ADDRESS_PCI)
    return _hotplug_domain_has_pci (side, place);

  const char *placed = place->kind == HOTPLUG_ADDRESS_DRIVE ? _hotplug_domain_find_scsi (side, place) : NULL;
  return placed != NULL && g_strcmp0 (placed, _hotplug_record_alias (device)) != 0;
}

/* Whether something is at that place that is not the controller of that type and index, which may still be there */
static gboolean
was_taken_from (const HotplugDomain *side, const HotplugAddress *place, const char *type, guint index)
{
  for (guint i = 0; side != NULL && place->kind == HOTPLUG_ADDRESS_PCI && i < side->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (side->devices, HotplugDevice, i);
      if (_hotplug_address_equal (&device->address, place)
          && (device->kind != HOTPLUG_DEVICE_CONTROLLER || g_strcmp0 (device->type, type) != 0
              || device->index != index))
        return TRUE;
    }
  return FALSE;
}

/* The same of the controllers that it brings */
static gboolean
was_port_taken (const HotplugAdditionItem *item, const HotplugSession *session)
{
  const HotplugPlacement *placement = &item->placement;
  guint index = placement->controller_index;

  return (placement->controller_live && was_taken_from (session->live, &placement->port.live, "scsi", index))
         || (placement->controller_template
             && was_taken_from (session->template, &placement->port.template, "scsi", index))
         || (placement->spare != 0
             && was_taken_from (session->template, &placement->spare_address, "pci", placement->spare))
         || (placement->port.port != 0
             && was_taken_from (session->template, &placement->port.port_address, "pci", placement->port.port));
}

gboolean
_hotplug_addition_was_crossed (const HotplugAddition *self, const HotplugSession *session)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      if (item->pending)
        continue;
      if (was_taken (session->live, item->device, _hotplug_record_address (item->device))
          || was_taken (session->template, item->device, &item->placement.template_address)
          || was_port_taken (item, session))
        return TRUE;
    }
  return FALSE;
}
