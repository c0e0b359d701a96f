/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-name-private.h"
#include "model/hotplug-domain-private.h"

HotplugRecord *
_hotplug_record_new (HotplugRecordState state, const HotplugDisk *disk)
{
  HotplugRecord *self = g_new0 (HotplugRecord, 1);

  self->state = state;
  self->disk = _hotplug_disk_copy (disk);
  return self;
}

HotplugRecord *
_hotplug_record_new_for_nic (HotplugRecordState state, const HotplugNic *nic)
{
  HotplugRecord *self = g_new0 (HotplugRecord, 1);

  self->state = state;
  self->nic = _hotplug_nic_copy (nic);
  return self;
}

HotplugRecord *
_hotplug_record_new_of (HotplugRecordState state, const HotplugDomain *domain, const char *alias)
{
  /* what somebody else calls as we call another kind is not ours */
  const HotplugDisk *disk = g_str_has_prefix (alias, HOTPLUG_VOLUME_ALIAS_PREFIX)
                                ? _hotplug_domain_find_alias (domain, alias)
                                : NULL;
  const HotplugNic *nic = g_str_has_prefix (alias, HOTPLUG_INTERFACE_ALIAS_PREFIX)
                              ? _hotplug_domain_find_nic (domain, alias)
                              : NULL;

  if (disk != NULL)
    return _hotplug_record_new (state, disk);
  return nic != NULL ? _hotplug_record_new_for_nic (state, nic) : NULL;
}

HotplugRecord *
_hotplug_record_copy (const HotplugRecord *self)
{
  HotplugRecord *copy = self->disk != NULL ? _hotplug_record_new (self->state, self->disk)
                                           : _hotplug_record_new_for_nic (self->state, self->nic);

  copy->persist = self->persist;
  copy->seen = self->seen;
  return copy;
}

void
_hotplug_record_free (HotplugRecord *self)
{
  g_clear_pointer (&self->disk, _hotplug_disk_free);
  g_clear_pointer (&self->nic, _hotplug_nic_free);
  g_free (self);
}

void
_hotplug_record_leave_tap (HotplugRecord *self)
{
  if (self->nic != NULL)
    g_clear_pointer (&self->nic->tap, g_free);
}

gboolean
_hotplug_domain_is_borrowed (const HotplugDomain *self)
{
  return self->owner != NULL && self->uuid != NULL && g_ascii_strcasecmp (self->owner, self->uuid) != 0;
}

const char *
_hotplug_record_alias (const HotplugRecord *self)
{
  return self->disk != NULL ? self->disk->alias : self->nic->alias;
}

HotplugAddress *
_hotplug_record_address (const HotplugRecord *self)
{
  return self->disk != NULL ? &self->disk->address : &self->nic->address;
}

guint
_hotplug_record_boot_order (const HotplugRecord *self)
{
  return self->disk != NULL ? self->disk->boot_order : self->nic->boot_order;
}

void
_hotplug_domain_name_network (HotplugDomain *self, const char *alias, const char *network)
{
  HotplugNic *nic = _hotplug_domain_find_nic (self, alias);

  if (nic != NULL && nic->attachment == NULL)
    nic->attachment = nic->borrowed ? g_string_chunk_insert (self->strings, network) : g_strdup (network);
}

static void
name_by_record (HotplugDomain *self, const HotplugRecord *record)
{
  const HotplugNic *nic = record->nic != NULL ? _hotplug_domain_find_nic (self, record->nic->alias) : NULL;

  if (nic != NULL && record->nic->attachment != NULL && g_strcmp0 (nic->type, record->nic->type) == 0
      && g_strcmp0 (nic->source, record->nic->source) == 0)
    _hotplug_domain_name_network (self, nic->alias, record->nic->attachment);
}

void
_hotplug_domain_name_networks (HotplugDomain *self, const HotplugDomain *records)
{
  for (guint i = 0; self != NULL && records != NULL && i < records->names->len; i++)
    name_by_record (self, g_ptr_array_index (records->names, i));
  for (guint i = 0; self != NULL && records != NULL && i < records->records->len; i++)
    name_by_record (self, g_ptr_array_index (records->records, i));
}
