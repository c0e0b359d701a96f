/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-placement-private.h"
#include "rules/hotplug-target-private.h"

/* libvirt's limit for virtio-scsi (src/conf/domain_conf.c:5024); MEASURED: unit 16384 is refused */
#define SCSI_UNIT_MAX 16383

void
_hotplug_placement_clear (HotplugPlacement *self)
{
  g_clear_pointer (&self->target, g_free);
}

typedef void (*DiskFunc) (const HotplugDisk *disk, gpointer user_data);

static void
each_disk (const HotplugDomain *domain, DiskFunc func, gpointer user_data)
{
  if (domain == NULL)
    return;

  for (guint i = 0; i < domain->disks->len; i++)
    func (g_ptr_array_index (domain->disks, i), user_data);
  for (guint i = 0; i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->disk != NULL)
        func (record->disk, user_data);
    }
}

/* A set of small numbers, and the lowest that is not in it */
static void
mark (GByteArray *set, guint number)
{
  static const guint8 zeros[64] = { 0 };

  while (set->len <= number)
    g_byte_array_append (set, zeros, sizeof zeros);
  set->data[number] = 1;
}

static guint
lowest_free (GByteArray *set, guint from)
{
  guint number = from;

  while (number < set->len && set->data[number])
    number++;
  return number;
}

typedef struct
{
  const char *prefix;
  GByteArray *set;
} Targets;

static void
mark_target (const HotplugDisk *disk, gpointer user_data)
{
  Targets *targets = user_data;
  int number = _hotplug_target_number (targets->prefix, disk->target);

  if (number >= 0)
    mark (targets->set, (guint)number);
}

static guint
choose_target (const HotplugSides *sides, const char *prefix)
{
  g_autoptr (GByteArray) set = g_byte_array_new ();
  Targets targets = { prefix, set };

  each_disk (sides->live, mark_target, &targets);
  each_disk (sides->template, mark_target, &targets);
  return lowest_free (set, 0);
}

typedef struct
{
  guint controller;
  GByteArray *set;
} Units;

static void
mark_unit (const HotplugDisk *disk, gpointer user_data)
{
  Units *units = user_data;

  if (disk->bus == HOTPLUG_BUS_SCSI && disk->address.kind == HOTPLUG_ADDRESS_DRIVE
      && disk->address.controller == units->controller && disk->address.target == 0
      && disk->address.unit <= SCSI_UNIT_MAX)
    mark (units->set, disk->address.unit);
}

/* The unit with the target's number, so that sda is unit 0, if it is free; else the first free one behind it */
static guint
choose_unit (const HotplugSides *sides, guint controller, guint number)
{
  g_autoptr (GByteArray) set = g_byte_array_new ();
  Units units = { controller, set };

  each_disk (sides->live, mark_unit, &units);
  each_disk (sides->template, mark_unit, &units);

  guint unit = lowest_free (set, number);
  return unit <= SCSI_UNIT_MAX ? unit : lowest_free (set, 0);
}

static gboolean
is_doomed (const HotplugSides *sides, guint index)
{
  for (guint i = 0; sides->doomed != NULL && i < sides->doomed->len; i++)
    {
      if (g_array_index (sides->doomed, guint, i) == index)
        return TRUE;
    }
  return FALSE;
}

/* The lowest virtio-scsi controller, one that both sides have rather than one that a single side has. -1 if none. */
static int
find_controller (const HotplugSides *sides)
{
  const HotplugDomain *both[] = { sides->live, sides->template };
  int found = -1;
  gboolean found_shared = FALSE;

  for (guint side = 0; side < G_N_ELEMENTS (both); side++)
    {
      const HotplugDomain *other = both[1 - side];

      for (guint i = 0; both[side] != NULL && i < both[side]->controllers->len; i++)
        {
          const HotplugController *controller = g_ptr_array_index (both[side]->controllers, i);
          if (!_hotplug_controller_is_virtio_scsi (controller) || is_doomed (sides, controller->index))
            continue;

          const HotplugController *twin = _hotplug_domain_find_controller (other, "scsi", controller->index);
          if (twin != NULL && !_hotplug_controller_is_virtio_scsi (twin))
            continue;

          gboolean shared = other == NULL || twin != NULL;
          if (found < 0 || shared > found_shared || (shared == found_shared && (int)controller->index < found))
            {
              found = (int)controller->index;
              found_shared = shared;
            }
        }
    }
  return found;
}

static guint
free_controller_index (const HotplugSides *sides)
{
  guint index = 0;

  while (_hotplug_domain_find_controller (sides->live, "scsi", index) != NULL
         || _hotplug_domain_find_controller (sides->template, "scsi", index) != NULL)
    index++;
  return index;
}

static gboolean
place_controller (const HotplugSides *sides, const char *volume, HotplugPlacement *out, GError **error)
{
  int found = find_controller (sides);

  out->controller_index = found >= 0 ? (guint)found : free_controller_index (sides);
  HotplugController *live = _hotplug_domain_find_controller (sides->live, "scsi", out->controller_index);
  HotplugController *template = _hotplug_domain_find_controller (sides->template, "scsi", out->controller_index);

  out->controller_live = sides->live != NULL && live == NULL;
  out->controller_template = sides->template != NULL && template == NULL;
  if (!out->controller_live && !out->controller_template)
    return TRUE;

  /* The side that has it tells where it is; the other then gets it at the same place if it can. */
  g_autofree char *what = g_strdup_printf ("the virtio-scsi controller that volume \"%s\" needs", volume);
  if (live == NULL && template == NULL)
    return _hotplug_port_choose (sides, HOTPLUG_PCI_CLASS_EITHER, what, &out->port, error);

  const HotplugSides lacking = { .live = live == NULL ? sides->live : NULL,
                                 .template = template == NULL ? sides->template : NULL };
  return _hotplug_port_follow (&lacking, HOTPLUG_PCI_CLASS_EITHER, what,
                               live != NULL ? &live->address : &template->address, &out->port, error);
}

static gboolean
place_scsi (const HotplugSides *sides, const char *volume, HotplugPlacement *out, GError **error)
{
  if (!place_controller (sides, volume, out, error))
    return FALSE;

  guint number = choose_target (sides, "sd");
  out->target = _hotplug_target_name ("sd", number);
  out->address = _hotplug_address_drive (out->controller_index, 0, 0,
                                         choose_unit (sides, out->controller_index, number));
  out->template_address = out->address;
  return TRUE;
}

static gboolean
place_virtio (const HotplugSides *sides, const char *volume, HotplugPlacement *out, GError **error)
{
  g_autofree char *what = g_strdup_printf ("volume \"%s\"", volume);

  if (!_hotplug_port_choose (sides, HOTPLUG_PCI_CLASS_EITHER, what, &out->port, error))
    return FALSE;

  out->target = _hotplug_target_name ("vd", choose_target (sides, "vd"));
  out->address = sides->live != NULL ? out->port.live : out->port.template;
  out->template_address = out->port.template;
  return TRUE;
}

gboolean
_hotplug_placement_choose (const HotplugSides *sides, const char *volume, HotplugBus bus, HotplugPlacement *out,
                           GError **error)
{
  *out = (HotplugPlacement){ 0 };

  return bus == HOTPLUG_BUS_VIRTIO ? place_virtio (sides, volume, out, error) : place_scsi (sides, volume, out, error);
}

HotplugController
_hotplug_placement_scsi_controller (const HotplugPlacement *self, const char *alias, const HotplugAddress *address)
{
  return (HotplugController){
    .alias = alias,
    .type = "scsi",
    .model = "virtio-scsi",
    .index = self->controller_index,
    .hotplug = TRUE,
    .address = *address,
  };
}

HotplugController
_hotplug_placement_root_port (const HotplugPlacement *self)
{
  return (HotplugController){
    .type = "pci",
    .model = "pcie-root-port",
    .index = self->port.port,
    .hotplug = TRUE,
    .address = self->port.port_address,
  };
}
