/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

static void
tell_item (GPtrArray *items, HotplugPlanItemFields fields, const HotplugAddress *address)
{
  g_autofree char *place = _hotplug_address_to_string (address);

  fields.action = HOTPLUG_PLAN_ACTION_ADD;
  fields.address = place;
  g_ptr_array_add (items, _hotplug_plan_item_new (&fields));
}

/* The template's alone: the running machine has it, or gets none */
static void
tell_root_port (const HotplugController *port, GPtrArray *items)
{
  g_autofree char *name = g_strdup_printf ("pci.%u", port->index);
  g_autofree char *xml = _hotplug_controller_to_xml (port);

  tell_item (items,
             (HotplugPlanItemFields){ .kind = HOTPLUG_PLAN_KIND_CONTROLLER,
                                      .name = name,
                                      .alias = port->alias,
                                      .device_xml = xml,
                                      .persisted = TRUE },
             &port->address);
}

static void
tell_root_ports (const HotplugPlacement *placement, GPtrArray *items)
{
  const HotplugController port = _hotplug_placement_root_port (placement);
  g_autofree char *alias = _hotplug_port_alias (placement->spare);
  const HotplugController spare = _hotplug_placement_spare_port (placement, alias);

  if (port.index != 0)
    tell_root_port (&port, items);
  if (spare.index != 0)
    tell_root_port (&spare, items);
}

static void
tell_scsi_controller (const HotplugAddition *self, const HotplugPlacement *placement, GPtrArray *items)
{
  gboolean live = placement->controller_live && self->live;
  gboolean persisted = placement->controller_template && self->persist;
  const HotplugAddress *address = live ? &placement->port.live : &placement->port.template;
  g_autofree char *alias = _hotplug_controller_alias (placement->controller_index);
  const HotplugController controller = _hotplug_placement_scsi_controller (placement, alias, address);

  if (!live && !persisted)
    return;

  g_autofree char *xml = _hotplug_controller_to_xml (&controller);
  tell_item (items,
             (HotplugPlanItemFields){
                 .kind = HOTPLUG_PLAN_KIND_CONTROLLER,
                 .name = alias + strlen (HOTPLUG_USER_ALIAS_PREFIX),
                 .alias = alias,
                 .device_xml = xml,
                 .slots = live || !self->live,
                 .live = live,
                 .persisted = persisted,
                 .moving = live && persisted && !_hotplug_address_equal (address, &placement->port.template),
             },
             address);
}

static void
tell_device (const HotplugAddition *self, const HotplugAdditionItem *item, GPtrArray *items)
{
  const HotplugDisk *disk = item->device->disk;
  const char *alias = _hotplug_record_alias (item->device);
  const HotplugAddress *address = _hotplug_record_address (item->device);
  g_autofree char *xml = _hotplug_record_to_device_xml (item->device);
  const HotplugPlanItemFields fields = {
    .kind = disk != NULL ? HOTPLUG_PLAN_KIND_VOLUME : HOTPLUG_PLAN_KIND_INTERFACE,
    .name = disk != NULL ? _hotplug_volume_name_from_alias (alias) : _hotplug_interface_name_from_alias (alias),
    .alias = alias,
    .target = disk != NULL ? disk->target : NULL,
    .device_xml = xml,
    .slots = !item->pending && (disk == NULL || disk->bus == HOTPLUG_BUS_VIRTIO),
    .live = self->live && !item->pending,
    .persisted = self->persist && !item->pending,
    .moving = self->live && self->persist && !item->pending
              && !_hotplug_address_equal (address, &item->placement.template_address),
  };

  tell_item (items, fields, address);
}

static char *
write_records (const HotplugAddition *self, HotplugSession *session)
{
  g_autoptr (GPtrArray) records = _hotplug_addition_list_records (self, session);

  return _hotplug_records_to_xml (records, NULL, NULL);
}

HotplugPlan *
_hotplug_addition_to_plan (const HotplugAddition *self, HotplugSession *session)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) devices = self->persist ? _hotplug_addition_write_devices (self) : NULL;
  g_autofree char *records = write_records (self, session);

  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (self->items, i);
      if (self->persist)
        tell_root_ports (&item->placement, items);
      tell_scsi_controller (self, &item->placement, items);
      tell_device (self, item, items);
    }

  const HotplugPlanFields fields = {
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .items = items,
    .template_added = devices,
    .records_added = records,
    .message = _hotplug_report_plan (session),
  };
  return _hotplug_plan_new (&fields);
}
