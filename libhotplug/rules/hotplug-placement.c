/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-placement-private.h"
#include "rules/hotplug-spare-port-private.h"
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

/* The disk that a side boots from, if it is on @bus and the side boots by kind: then libvirt takes the first disk by
 * target, and the guest names disks in the order of their places. NULL if there is none. */
static const HotplugDisk *
find_boot_disk (const HotplugDomain *domain, HotplugBus bus, const char *prefix)
{
  const HotplugDisk *first = NULL;

  for (guint i = 0; domain != NULL && domain->boots_by_kind && i < domain->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (domain->disks, i);
      int number = _hotplug_target_number (prefix, disk->target);
      gboolean boots = g_strcmp0 (disk->device, "disk") == 0 || g_strcmp0 (disk->device, "lun") == 0;

      if (disk->bus == bus && boots && number >= 0 && _hotplug_volume_name_from_alias (disk->alias) == NULL
          && (first == NULL || number < _hotplug_target_number (prefix, first->target)))
        first = disk;
    }
  return first;
}

/* The disks that the two sides boot from; what is plugged in goes behind them */
typedef struct
{
  const HotplugDisk *disks[2]; /* nullable */
} BootDisks;

static BootDisks
find_boot_disks (const HotplugSides *sides, HotplugBus bus, const char *prefix)
{
  return (BootDisks){ { find_boot_disk (sides->live, bus, prefix), find_boot_disk (sides->template, bus, prefix) } };
}

static guint
choose_target (const HotplugSides *sides, const BootDisks *boot, const char *prefix)
{
  g_autoptr (GByteArray) set = g_byte_array_new ();
  Targets targets = { prefix, set };
  guint from = 0;

  for (guint i = 0; i < G_N_ELEMENTS (boot->disks); i++)
    {
      if (boot->disks[i] != NULL)
        from = MAX (from, (guint)_hotplug_target_number (prefix, boot->disks[i]->target) + 1);
    }
  each_disk (sides->live, mark_target, &targets);
  each_disk (sides->template, mark_target, &targets);
  return lowest_free (set, from);
}

typedef struct
{
  guint controller;
  guint target;
  GByteArray *set;
} Units;

static void
mark_place (Units *units, const HotplugAddress *address)
{
  if (address->kind == HOTPLUG_ADDRESS_DRIVE && address->controller == units->controller
      && address->target == units->target && address->unit <= SCSI_UNIT_MAX)
    mark (units->set, address->unit);
}

static void
mark_unit (const HotplugDisk *disk, gpointer user_data)
{
  Units *units = user_data;

  if (disk->bus == HOTPLUG_BUS_SCSI)
    mark_place (units, &disk->address);
}

/* A host's SCSI device that is passed through sits among the disks. */
static void
mark_host_devices (const HotplugDomain *domain, Units *units)
{
  for (guint i = 0; domain != NULL && i < domain->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, i);
      if (device->kind == HOTPLUG_DEVICE_HOSTDEV)
        mark_place (units, &device->address);
    }
}

/* The unit with the target's number, so that sda is unit 0, if it is free and behind the disk that the machine boots
 * from, on its SCSI target; else the first free one behind it */
static HotplugAddress
choose_unit (const HotplugSides *sides, const BootDisks *boot, guint controller, guint number)
{
  g_autoptr (GByteArray) set = g_byte_array_new ();
  Units units = { controller, 0, set };

  for (guint i = 0; i < G_N_ELEMENTS (boot->disks); i++)
    {
      const HotplugAddress *first = boot->disks[i] != NULL ? &boot->disks[i]->address : NULL;
      if (first == NULL || first->kind != HOTPLUG_ADDRESS_DRIVE || first->controller != controller
          || first->target < units.target)
        continue;
      number = MAX (number, first->unit + 1);
      units.target = first->target;
    }
  each_disk (sides->live, mark_unit, &units);
  each_disk (sides->template, mark_unit, &units);
  mark_host_devices (sides->live, &units);
  mark_host_devices (sides->template, &units);

  guint unit = lowest_free (set, number);
  return _hotplug_address_drive (controller, 0, units.target, unit <= SCSI_UNIT_MAX ? unit : lowest_free (set, 0));
}

static gboolean
is_doomed (const HotplugSides *sides, const HotplugController *controller)
{
  for (guint i = 0; sides->live != NULL && sides->doomed != NULL && i < sides->doomed->len; i++)
    {
      if (_hotplug_doomed_is (g_ptr_array_index (sides->doomed, i), sides->live, controller->alias))
        return TRUE;
    }
  return FALSE;
}

/* Below a disk's controller libvirt makes those that are missing, each of which takes a port, and in a template of a
 * model that the guest may not know: 9.0.0 src/qemu/qemu_hotplug.c:960, src/conf/domain_conf.c:21434 */
static gboolean
has_gap_below (const HotplugDomain *domain, guint index)
{
  for (guint i = 0; domain != NULL && i < index; i++)
    {
      if (_hotplug_domain_find_controller (domain, "scsi", i) == NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_gap (const HotplugSides *sides, guint index)
{
  return has_gap_below (sides->live, index) || has_gap_below (sides->template, index);
}

/* The lowest virtio-scsi controller from @least on, one that both sides have rather than one that a single side has.
 * -1 if none.
 * @gaps: also one with a gap below */
static int
find_controller (const HotplugSides *sides, guint least, gboolean gaps)
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
          if (!_hotplug_controller_is_virtio_scsi (controller) || is_doomed (sides, controller)
              || controller->index < least || (!gaps && has_gap (sides, controller->index)))
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

/* Rather that of the disk that the machine boots from than one before it */
static guint
least_controller (const BootDisks *boot)
{
  guint least = 0;

  for (guint i = 0; i < G_N_ELEMENTS (boot->disks); i++)
    {
      if (boot->disks[i] != NULL && boot->disks[i]->address.kind == HOTPLUG_ADDRESS_DRIVE)
        least = MAX (least, boot->disks[i]->address.controller);
    }
  return least;
}

static gboolean
place_controller (const HotplugSides *sides, const BootDisks *boot, const char *volume, HotplugPlacement *out,
                  GError **error)
{
  int found = find_controller (sides, least_controller (boot), FALSE);

  if (found < 0)
    found = find_controller (sides, 0, FALSE);
  /* a new one fills the gap, unless it is of one side alone */
  if (found < 0 && has_gap (sides, free_controller_index (sides)))
    found = find_controller (sides, 0, TRUE);

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
  const BootDisks boot = find_boot_disks (sides, HOTPLUG_BUS_SCSI, "sd");

  if (!place_controller (sides, &boot, volume, out, error))
    return FALSE;

  guint number = choose_target (sides, &boot, "sd");
  out->target = _hotplug_target_name ("sd", number);
  out->address = choose_unit (sides, &boot, out->controller_index, number);
  out->template_address = out->address;
  return TRUE;
}

/* Of kind NONE if neither side boots from a disk on PCI */
static HotplugAddress
last_place (const BootDisks *boot)
{
  HotplugAddress last = { .kind = HOTPLUG_ADDRESS_NONE };

  for (guint i = 0; i < G_N_ELEMENTS (boot->disks); i++)
    {
      const HotplugAddress *place = boot->disks[i] != NULL ? &boot->disks[i]->address : &last;
      gboolean later = place->bus > last.bus || (place->bus == last.bus && place->slot > last.slot);
      if (place->kind == HOTPLUG_ADDRESS_PCI && (last.kind == HOTPLUG_ADDRESS_NONE || later))
        last = *place;
    }
  return last;
}

static gboolean
place_virtio (const HotplugSides *sides, const char *volume, HotplugPlacement *out, GError **error)
{
  g_autofree char *what = g_strdup_printf ("volume \"%s\"", volume);
  const BootDisks boot = find_boot_disks (sides, HOTPLUG_BUS_VIRTIO, "vd");
  const HotplugAddress behind = last_place (&boot);

  if (!_hotplug_port_choose_behind (sides, HOTPLUG_PCI_CLASS_EITHER, &behind, what, &out->port, error))
    return FALSE;

  out->target = _hotplug_target_name ("vd", choose_target (sides, &boot, "vd"));
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

HotplugController
_hotplug_placement_spare_port (const HotplugPlacement *self, const char *alias)
{
  return (HotplugController){
    .alias = alias,
    .type = "pci",
    .model = "pcie-root-port",
    .index = self->spare,
    .hotplug = TRUE,
    .address = self->spare_address,
  };
}

void
_hotplug_placement_keep_spare (HotplugPlacement *self, const HotplugDomain *template)
{
  gboolean on_pci = self->address.kind != HOTPLUG_ADDRESS_DRIVE || self->controller_template;

  /* a port that it brings along is none that was spare */
  if (!on_pci || self->port.port != 0
      || !_hotplug_spare_port_plan (template, &self->port.template, &self->spare, &self->spare_address))
    self->spare = 0;
}
