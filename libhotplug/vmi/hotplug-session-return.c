/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "vmi/hotplug-return-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* What is recorded comes back as it was, at the place that it had. That was free when it was chosen, and every later
 * choice of ours has kept it; but others may have taken it in the template, and its controller or port may be gone with
 * the machine that it was plugged into. Then it takes another one, and never that of one that is still to come. */

static gboolean
lacks_controller (const HotplugDomain *live, const HotplugDisk *disk)
{
  return disk->bus == HOTPLUG_BUS_SCSI
         && _hotplug_domain_find_controller (live, "scsi", disk->address.controller) == NULL;
}

gboolean
_hotplug_return_is_to_come (const HotplugDomain *side, const HotplugRecord *record)
{
  return record->state == HOTPLUG_RECORD_ATTACHED && !_hotplug_domain_has_alias (side, _hotplug_record_alias (record));
}

static guint
boot_order_of (const HotplugRecord *device)
{
  return device->disk != NULL ? device->disk->boot_order : device->nic->boot_order;
}

/* Into the snapshot: a record there is a place that is kept free */
static void
keep_places (const HotplugReturn *self, const char *alias)
{
  g_ptr_array_set_size (self->live->records, 0);
  for (guint i = 0; self->template != NULL && i < self->template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (self->template->records, i);
      if (g_strcmp0 (_hotplug_record_alias (record), alias) != 0 && _hotplug_return_is_to_come (self->live, record))
        g_ptr_array_add (self->live->records, _hotplug_record_copy (record));
    }
}

/* Its port may be one that the template has no more, or never had; then it takes another. */
static gboolean
find_port (const HotplugReturn *self, HotplugRecord *device, GError **error)
{
  const HotplugSides live_only = { .live = self->live, .asks = self->asks };
  g_autofree char *what = _hotplug_alias_describe (_hotplug_record_alias (device));
  HotplugAddress *address = _hotplug_record_address (device);
  HotplugPort port;

  if (!_hotplug_port_follow (&live_only, HOTPLUG_PCI_CLASS_EITHER, what, address, &port, error))
    return FALSE;

  *address = port.live;
  return TRUE;
}

static gboolean
find_virtio (const HotplugReturn *self, HotplugRecord *device, GError **error)
{
  const HotplugSides live_only = { .live = self->live, .asks = self->asks };
  g_auto (HotplugPlacement) placement = { 0 };

  if (!find_port (self, device, error))
    return FALSE;
  if (_hotplug_domain_find_target (self->live, device->disk->target) == NULL)
    return TRUE;
  if (!_hotplug_placement_choose (&live_only, _hotplug_disk_name (device->disk), device->disk->bus, &placement, error))
    return FALSE;
  g_free (device->disk->target);
  device->disk->target = g_steal_pointer (&placement.target);
  return TRUE;
}

/* A controller that comes for it has its index, if that is free, and then the recorded unit is free too. */
static gboolean
find_unit (const HotplugReturn *self, HotplugDisk *disk, HotplugPlacement *placement, GError **error)
{
  const HotplugSides live_only = { .live = self->live, .asks = self->asks };
  gboolean has_unit = !lacks_controller (self->live, disk)
                      && _hotplug_domain_find_scsi (self->live, &disk->address) == NULL;
  gboolean has_target = _hotplug_domain_find_target (self->live, disk->target) == NULL;

  if (has_unit && has_target)
    return TRUE;
  if (!_hotplug_placement_choose (&live_only, _hotplug_disk_name (disk), disk->bus, placement, error))
    return FALSE;

  if (!has_unit && (!placement->controller_live || placement->controller_index != disk->address.controller))
    disk->address = placement->address;
  if (!has_target)
    {
      g_free (disk->target);
      disk->target = g_steal_pointer (&placement->target);
    }
  return TRUE;
}

/* In the machine, or of one that is still to come */
static gboolean
has_serial (const HotplugDomain *live, const char *serial)
{
  for (guint i = 0; i < live->disks->len; i++)
    {
      if (g_strcmp0 (((const HotplugDisk *)g_ptr_array_index (live->disks, i))->serial, serial) == 0)
        return TRUE;
    }
  for (guint i = 0; i < live->records->len; i++)
    {
      const HotplugDisk *disk = ((const HotplugRecord *)g_ptr_array_index (live->records, i))->disk;
      if (disk != NULL && g_strcmp0 (disk->serial, serial) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Two of one serial are one link in the guest, which is then of either. */
static void
find_serial (const HotplugReturn *self, HotplugDisk *disk)
{
  const char *wanted = disk->serial;

  for (guint n = 2; wanted != NULL && has_serial (self->live, disk->serial); n++)
    {
      g_free (g_steal_pointer (&disk->serial));
      disk->serial = g_strdup_printf ("%.16s-%u", _hotplug_disk_name (disk), n);
    }
}

static gboolean
is_there (const HotplugDomain *live, guint order)
{
  for (guint i = 0; i < live->devices->len; i++)
    {
      if (g_array_index (live->devices, HotplugDevice, i).boot_order == order)
        return TRUE;
    }
  return FALSE;
}

static gboolean
keeps_boot_order (const HotplugDomain *live, guint order)
{
  for (guint i = 0; i < live->records->len; i++)
    {
      if (boot_order_of (g_ptr_array_index (live->records, i)) == order)
        return TRUE;
    }
  return FALSE;
}

/* Its own, if that is free, whoever has it in his record; else the next one that nobody has */
static guint
find_boot_order (const HotplugReturn *self, const HotplugRecord *device)
{
  guint order = self->live->boots_by_kind ? 0 : boot_order_of (device);

  if (order == 0 || !is_there (self->live, order))
    return order;
  while (is_there (self->live, order) || keeps_boot_order (self->live, order))
    order++;
  return order;
}

gboolean
_hotplug_return_choose (const HotplugReturn *self, HotplugRecord *device, HotplugPlacement *placement, GError **error)
{
  keep_places (self, _hotplug_record_alias (device));
  *(device->disk != NULL ? &device->disk->boot_order : &device->nic->boot_order) = find_boot_order (self, device);
  if (device->nic != NULL)
    return find_port (self, device, error);

  find_serial (self, device->disk);
  return device->disk->bus == HOTPLUG_BUS_SCSI ? find_unit (self, device->disk, placement, error)
                                               : find_virtio (self, device, error);
}

void
_hotplug_return_show (const HotplugReturn *self, const HotplugRecord *device)
{
  if (device->disk != NULL)
    _hotplug_domain_plan_disk (self->live, device->disk, &device->disk->address);
  else
    _hotplug_domain_plan_nic (self->live, device->nic, &device->nic->address);
}

static gboolean
foresee_one (const HotplugReturn *way, const HotplugRecord *record, GError **error)
{
  g_autoptr (HotplugRecord) device = _hotplug_record_copy (record);
  g_auto (HotplugPlacement) placement = { 0 };

  if (!_hotplug_return_choose (way, device, &placement, error))
    return FALSE;

  g_autofree char *alias = _hotplug_controller_alias (placement.controller_index);
  const HotplugController controller = _hotplug_placement_scsi_controller (&placement, alias, &placement.port.live);
  if (placement.controller_live)
    _hotplug_domain_plan_controller (way->live, &controller);
  _hotplug_return_show (way, device);
  return TRUE;
}

/* Each finds its place in the machine that the template makes, as it will when that runs. */
HotplugDomain *
_hotplug_return_foresee (HotplugSession *session, GHashTable *waits, GPtrArray *refused)
{
  const GPtrArray *records = session->template->records;
  HotplugDomain *coming = _hotplug_domain_from_xml (session->template_text, NULL);
  const HotplugReturn way = { coming, session->template, _hotplug_session_doubts (session) };

  for (guint i = 0; i < records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records, i);
      gboolean later = waits != NULL && g_hash_table_contains (waits, _hotplug_record_alias (record));
      GError *error = NULL;

      if (later || !_hotplug_return_is_to_come (session->template, record) || foresee_one (&way, record, &error))
        continue;
      if (refused != NULL)
        g_ptr_array_add (refused, error);
      else
        g_error_free (error);
    }
  return coming;
}

/* All that may be another one now */
static char *
describe_place (const HotplugRecord *device)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *address = _hotplug_address_to_string (_hotplug_record_address (device));
  guint order = boot_order_of (device);

  if (device->disk != NULL)
    g_string_append_printf (text, "%s at ", device->disk->target);
  g_string_append (text, address != NULL ? address : "no address");
  if (device->disk != NULL && device->disk->serial != NULL)
    g_string_append_printf (text, ", serial %s", device->disk->serial);
  if (order != 0)
    g_string_append_printf (text, ", boot order %u", order);
  return g_strdup (text->str);
}

/* Its status says so for as long as the machine runs. */
static void
note_move (HotplugSession *self, const HotplugRecord *device, const char *before)
{
  g_autofree char *now = describe_place (device);
  g_autofree char *moved = g_strcmp0 (before, now) != 0
                               ? g_strdup_printf ("it is %s now: others have taken its place, %s", now, before)
                               : NULL;

  _hotplug_journal_set_moved (self->journal, _hotplug_record_alias (device), self->live->run, moved);
}

static gboolean
plug (HotplugSession *self, const HotplugRecord *device, GError **error)
{
  g_autofree char *xml = _hotplug_record_to_device_xml (device);
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_attach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_LIVE, xml, &refused))
    return TRUE;
  if (device->disk != NULL)
    _hotplug_obstacles_explain_disk (self, device->disk, &refused);
  g_autofree char *what = _hotplug_alias_describe (_hotplug_record_alias (device));
  g_propagate_prefixed_error (error, g_steal_pointer (&refused), "%s: ", what);
  return FALSE;
}

gboolean
_hotplug_session_bring_one_back (HotplugSession *self, const HotplugRecord *recorded, GError **error)
{
  g_autoptr (HotplugRecord) device = _hotplug_record_copy (recorded);
  g_autofree char *before = describe_place (device);
  g_auto (HotplugPlacement) placement = { 0 };

  /* it may have stopped since the one before was plugged */
  if (self->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING, "vmi \"%s\" is not running",
                   hotplug_vmi_get_name (self->vmi));
      return FALSE;
    }

  const HotplugReturn way = { self->live, self->template, _hotplug_session_doubts (self) };
  gboolean lacks = device->disk != NULL && lacks_controller (self->live, device->disk);
  if (!_hotplug_obstacles_to_return (self, device, error)
      || !_hotplug_return_choose (&way, device, &placement, error)
      || !_hotplug_session_add_controller (self, &placement, error) || !plug (self, device, error))
    return FALSE;

  note_move (self, device, before);
  _hotplug_return_show (&way, device);
  return !lacks || _hotplug_session_refresh (self, error);
}

gboolean
_hotplug_session_lacks (const HotplugSession *self, const HotplugRecord *record)
{
  return _hotplug_return_is_to_come (self->live, record);
}

gboolean
_hotplug_session_waits (const HotplugRecord *record, const GError *refused)
{
  return record->nic != NULL && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_MISSING);
}

gboolean
_hotplug_session_bring_back (HotplugSession *self, GError **error)
{
  /* the records are read anew when a controller was added, so they are counted, not held */
  for (guint i = 0; self->template != NULL && i < self->template->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (self->template->records, i);
      g_autoptr (GError) refused = NULL;

      if (!_hotplug_session_lacks (self, record))
        continue;
      g_autoptr (HotplugRecord) device = _hotplug_record_copy (record);
      if (_hotplug_session_bring_one_back (self, device, &refused))
        continue;
      if (!_hotplug_session_waits (device, refused))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
      g_debug ("vmi \"%s\": %s", hotplug_vmi_get_name (self->vmi), refused->message);
    }
  return _hotplug_session_refresh (self, error) && _hotplug_session_attach_pending (self, error)
         && _hotplug_session_drop_copy (self, error) && _hotplug_session_follow (self, self->live, error);
}
