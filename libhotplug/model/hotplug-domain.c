/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-domain-private.h"

/* Of a machine of ten devices; of pieces of this size malloc keeps some at hand. */
#define STRINGS_SIZE 1024
#define DEVICES_SIZE 8

HotplugDisk *
_hotplug_disk_new (void)
{
  return g_new0 (HotplugDisk, 1);
}

HotplugDisk *
_hotplug_disk_copy (const HotplugDisk *self)
{
  HotplugDisk *copy = g_memdup2 (self, sizeof *self);

  copy->alias = g_strdup (self->alias);
  copy->device = g_strdup (self->device);
  copy->target = g_strdup (self->target);
  copy->path = g_strdup (self->path);
  copy->uri = g_strdup (self->uri);
  copy->pool = g_strdup (self->pool);
  copy->pool_volume = g_strdup (self->pool_volume);
  copy->serial = g_strdup (self->serial);
  copy->xml = g_strdup (self->xml);
  copy->borrowed = FALSE;
  return copy;
}

void
_hotplug_disk_free (HotplugDisk *self)
{
  if (!self->borrowed)
    {
      g_free (self->alias);
      g_free (self->device);
      g_free (self->target);
      g_free (self->path);
      g_free (self->uri);
      g_free (self->pool);
      g_free (self->pool_volume);
      g_free (self->serial);
      g_free (self->xml);
    }
  g_free (self);
}

HotplugController *
_hotplug_controller_new (void)
{
  HotplugController *self = g_new0 (HotplugController, 1);

  self->hotplug = TRUE;
  return self;
}

void
_hotplug_controller_free (HotplugController *self)
{
  g_free (self);
}

gboolean
_hotplug_controller_is_virtio_scsi (const HotplugController *self)
{
  return self != NULL && g_strcmp0 (self->type, "scsi") == 0 && self->model != NULL
         && g_str_has_prefix (self->model, "virtio");
}

HotplugDomain *
_hotplug_domain_new (void)
{
  HotplugDomain *self = g_new0 (HotplugDomain, 1);

  self->disks = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_disk_free);
  self->nics = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_nic_free);
  self->controllers = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_controller_free);
  self->devices = g_array_sized_new (FALSE, FALSE, sizeof (HotplugDevice), DEVICES_SIZE);
  self->images = g_array_new (FALSE, FALSE, sizeof (HotplugImageUse));
  self->files = g_array_new (FALSE, FALSE, sizeof (HotplugHostFile));
  self->sockets = g_array_new (FALSE, FALSE, sizeof (HotplugHostSocket));
  self->strings = g_string_chunk_new (STRINGS_SIZE);
  self->io_threads = g_array_new (FALSE, FALSE, sizeof (guint));
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_record_free);
  self->arguments = g_ptr_array_new_with_free_func (g_free);
  self->names = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_record_free);
  return self;
}

void
_hotplug_domain_free (HotplugDomain *self)
{
  g_free (self->name);
  g_free (self->uuid);
  g_free (self->arch);
  g_free (self->machine);
  g_free (self->intent);
  g_free (self->run);
  g_free (self->overridden);
  g_ptr_array_unref (self->arguments);
  g_free (self->element);
  g_free (self->owner);
  g_ptr_array_unref (self->disks);
  g_ptr_array_unref (self->nics);
  g_ptr_array_unref (self->controllers);
  g_ptr_array_unref (self->records);
  g_ptr_array_unref (self->names);
  g_array_unref (self->devices);
  g_array_unref (self->images);
  g_array_unref (self->files);
  g_array_unref (self->sockets);
  g_array_unref (self->io_threads);
  g_string_chunk_free (self->strings);
  g_free (self);
}

void
_hotplug_domain_plan_disk (HotplugDomain *self, const HotplugDisk *disk, const HotplugAddress *address)
{
  if (self == NULL)
    return;

  HotplugDisk *copy = _hotplug_disk_copy (disk);
  HotplugDevice device = { .kind = HOTPLUG_DEVICE_DISK,
                           .element = "disk",
                           .type = "disk",
                           .bus = disk->bus == HOTPLUG_BUS_VIRTIO ? "virtio" : "scsi",
                           .target = g_string_chunk_insert (self->strings, disk->target),
                           .alias = g_string_chunk_insert (self->strings, disk->alias),
                           .boot_order = disk->boot_order,
                           .address = *address };

  copy->address = *address;
  g_ptr_array_add (self->disks, copy);
  g_array_append_val (self->devices, device);
}

void
_hotplug_domain_plan_nic (HotplugDomain *self, const HotplugNic *nic, const HotplugAddress *address)
{
  if (self == NULL)
    return;

  HotplugNic *copy = _hotplug_nic_copy (nic);
  HotplugDevice device = { .kind = HOTPLUG_DEVICE_INTERFACE,
                           .element = "interface",
                           .type = g_string_chunk_insert (self->strings, nic->type),
                           .model = nic->model != NULL ? g_string_chunk_insert (self->strings, nic->model) : NULL,
                           .alias = g_string_chunk_insert (self->strings, nic->alias),
                           .boot_order = nic->boot_order,
                           .address = *address };

  copy->address = *address;
  g_ptr_array_add (self->nics, copy);
  g_array_append_val (self->devices, device);
}

void
_hotplug_domain_plan_controller (HotplugDomain *self, const HotplugController *controller)
{
  if (self == NULL)
    return;

  HotplugController *copy = _hotplug_controller_new ();
  HotplugDevice device = { .kind = HOTPLUG_DEVICE_CONTROLLER,
                           .element = "controller",
                           .type = g_string_chunk_insert (self->strings, controller->type),
                           .model = g_string_chunk_insert (self->strings, controller->model),
                           .alias = controller->alias != NULL
                                        ? g_string_chunk_insert (self->strings, controller->alias)
                                        : NULL,
                           .index = controller->index,
                           .hotplug = TRUE,
                           .address = controller->address };

  copy->alias = device.alias;
  copy->type = device.type;
  copy->model = device.model;
  copy->index = controller->index;
  copy->address = controller->address;
  g_ptr_array_add (self->controllers, copy);
  g_array_append_val (self->devices, device);
}

HotplugDisk *
_hotplug_domain_find_alias (const HotplugDomain *self, const char *alias)
{
  for (guint i = 0; self != NULL && i < self->disks->len; i++)
    {
      HotplugDisk *disk = g_ptr_array_index (self->disks, i);
      if (g_strcmp0 (disk->alias, alias) == 0)
        return disk;
    }
  return NULL;
}

HotplugDisk *
_hotplug_domain_find_target (const HotplugDomain *self, const char *target)
{
  for (guint i = 0; self != NULL && i < self->disks->len; i++)
    {
      HotplugDisk *disk = g_ptr_array_index (self->disks, i);
      if (g_strcmp0 (disk->target, target) == 0)
        return disk;
    }
  return NULL;
}

HotplugDisk *
_hotplug_domain_find_drive (const HotplugDomain *self, HotplugBus bus, const HotplugAddress *address)
{
  for (guint i = 0; self != NULL && i < self->disks->len; i++)
    {
      HotplugDisk *disk = g_ptr_array_index (self->disks, i);
      if (disk->bus == bus && _hotplug_address_equal (&disk->address, address))
        return disk;
    }
  return NULL;
}

HotplugNic *
_hotplug_domain_find_nic (const HotplugDomain *self, const char *alias)
{
  for (guint i = 0; self != NULL && i < self->nics->len; i++)
    {
      HotplugNic *nic = g_ptr_array_index (self->nics, i);
      if (g_strcmp0 (nic->alias, alias) == 0)
        return nic;
    }
  return NULL;
}

HotplugNic *
_hotplug_domain_find_nic_by_mac (const HotplugDomain *self, const char *mac)
{
  for (guint i = 0; self != NULL && i < self->nics->len; i++)
    {
      HotplugNic *nic = g_ptr_array_index (self->nics, i);
      if (g_strcmp0 (nic->mac, mac) == 0)
        return nic;
    }
  return NULL;
}

static HotplugRecord *
find_among (const GPtrArray *records, const char *alias)
{
  for (guint i = 0; i < records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (records, i);
      if (g_strcmp0 (_hotplug_record_alias (record), alias) == 0)
        return record;
    }
  return NULL;
}

HotplugRecord *
_hotplug_domain_find_record (const HotplugDomain *self, const char *alias)
{
  return self != NULL ? find_among (self->records, alias) : NULL;
}

HotplugRecord *
_hotplug_domain_find_name (const HotplugDomain *self, const char *alias)
{
  return self != NULL ? find_among (self->names, alias) : NULL;
}

HotplugController *
_hotplug_domain_find_controller (const HotplugDomain *self, const char *type, guint index)
{
  for (guint i = 0; self != NULL && i < self->controllers->len; i++)
    {
      HotplugController *controller = g_ptr_array_index (self->controllers, i);
      if (g_strcmp0 (controller->type, type) == 0 && controller->index == index)
        return controller;
    }
  return NULL;
}

gboolean
_hotplug_domain_has_alias (const HotplugDomain *self, const char *alias)
{
  for (guint i = 0; self != NULL && i < self->controllers->len; i++)
    {
      const HotplugController *controller = g_ptr_array_index (self->controllers, i);
      if (g_strcmp0 (controller->alias, alias) == 0)
        return TRUE;
    }
  return _hotplug_domain_find_alias (self, alias) != NULL || _hotplug_domain_find_nic (self, alias) != NULL;
}

gboolean
_hotplug_domain_has_pci (const HotplugDomain *self, const HotplugAddress *address)
{
  for (guint i = 0; self != NULL && i < self->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (self->devices, HotplugDevice, i);
      if (device->address.kind == HOTPLUG_ADDRESS_PCI && _hotplug_address_equal (&device->address, address))
        return TRUE;
    }
  return FALSE;
}

/* A host's SCSI device that is passed through has a unit as a disk has one. */
static gboolean
is_host_scsi (const HotplugDevice *device)
{
  return device->kind == HOTPLUG_DEVICE_HOSTDEV && device->address.kind == HOTPLUG_ADDRESS_DRIVE;
}

gboolean
_hotplug_domain_uses_scsi (const HotplugDomain *self, guint controller)
{
  for (guint i = 0; self != NULL && i < self->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (self->disks, i);
      if (disk->bus == HOTPLUG_BUS_SCSI && disk->address.controller == controller)
        return TRUE;
    }
  for (guint i = 0; self != NULL && i < self->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (self->devices, HotplugDevice, i);
      if (is_host_scsi (device) && device->address.controller == controller)
        return TRUE;
    }
  return FALSE;
}

const char *
_hotplug_domain_find_scsi (const HotplugDomain *self, const HotplugAddress *address)
{
  const HotplugDisk *disk = _hotplug_domain_find_drive (self, HOTPLUG_BUS_SCSI, address);

  if (disk != NULL)
    return disk->alias != NULL ? disk->alias : "";
  for (guint i = 0; self != NULL && i < self->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (self->devices, HotplugDevice, i);
      if (is_host_scsi (device) && _hotplug_address_equal (&device->address, address))
        return device->alias != NULL ? device->alias : "";
    }
  return NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const guint *left = a;
  const guint *right = b;

  return (*left > *right) - (*left < *right);
}

void
_hotplug_domain_number_io_threads (HotplugDomain *self, guint count)
{
  GArray *ids = self->io_threads;

  g_array_sort (ids, compare_ids);
  for (guint id = 1, at = 0; ids->len < count; id++)
    {
      while (at < ids->len && g_array_index (ids, guint, at) < id)
        at++;
      if (at == ids->len || g_array_index (ids, guint, at) != id)
        g_array_insert_val (ids, at, id);
    }
}
