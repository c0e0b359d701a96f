/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "model/hotplug-attach-id-private.h"
#include "model/hotplug-vmi-status-private.h"
#include "model/hotplug-volume-status-private.h"
#include "rules/hotplug-admission-private.h"
#include "host/hotplug-pool-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-pool-xml-private.h"

static const char *
reason_of (HotplugVolumePhase phase)
{
  switch (phase)
    {
    case HOTPLUG_VOLUME_PHASE_READY:
      return "VolumeReady";
    case HOTPLUG_VOLUME_PHASE_DETACHING:
      return "VolumeDetaching";
    case HOTPLUG_VOLUME_PHASE_FAILED:
      return "HotplugFailed";
    case HOTPLUG_VOLUME_PHASE_PENDING:
    default:
      return "VolumePending";
    }
}

static char *
message_of_stopped (HotplugSession *session, const char *alias, const char *name)
{
  const char *otherwise = _hotplug_report_saved (session, alias);

  return g_strdup_printf ("Volume %s %s", name, otherwise != NULL ? otherwise : "is attached when the VMI starts");
}

static char *
message_of (HotplugSession *session, const char *alias, HotplugVolumePhase phase)
{
  const char *name = _hotplug_volume_name_from_alias (alias);

  switch (phase)
    {
    case HOTPLUG_VOLUME_PHASE_READY:
      /* KubeVirt's words, which its users grep for */
      return g_strdup_printf ("Successfully attach hotplugged volume %s to VM", name);
    case HOTPLUG_VOLUME_PHASE_DETACHING:
      return g_strdup_printf ("The guest was asked to let go of volume %s and has not yet done so%s", name,
                              _hotplug_domain_has_alias (session->template, alias)
                                  ? "; it is back at the next start"
                                  : "");
    case HOTPLUG_VOLUME_PHASE_PENDING:
      return session->live == NULL ? message_of_stopped (session, alias, name)
             : _hotplug_domain_has_alias (session->live, alias)
                 ? g_strdup_printf ("Another client is still attaching volume %s", name)
                 : g_strdup_printf ("Volume %s is not in the running VMI%s", name,
                                        _hotplug_domain_has_alias (session->template, alias)
                                            ? "; it is back at the next start"
                                            : "");
    case HOTPLUG_VOLUME_PHASE_FAILED:
    default:
      return NULL;
    }
}

/* Whether the guest will find it elsewhere after the next start: the template had no such place free */
static gboolean
will_move (HotplugSession *session, const HotplugDisk *disk)
{
  const HotplugDisk *configured = _hotplug_domain_find_alias (session->template, disk->alias);

  return session->live != NULL && configured != NULL && disk->address.kind != HOTPLUG_ADDRESS_NONE
         && !_hotplug_address_equal (&configured->address, &disk->address);
}

static char *
message_of_ours (HotplugSession *session, const HotplugDisk *disk, HotplugVolumePhase phase)
{
  g_autofree char *message = message_of (session, disk->alias, phase);
  const char *moved = phase == HOTPLUG_VOLUME_PHASE_READY && session->live != NULL
                          ? _hotplug_journal_find_moved (session->journal, disk->alias, session->live->run)
                          : NULL;

  if (moved != NULL)
    return g_strconcat (message, "; ", moved, NULL);
  return message != NULL && will_move (session, disk)
             ? g_strconcat (message, "; it will be at another PCI address after the next start", NULL)
             : g_steal_pointer (&message);
}

/* The disk's, and not its file's. Where that can't be looked at from here a running machine's hypervisor knows, and of
 * a stopped one's volume its pool. */
static guint64
size_of (HotplugSession *session, const HotplugDisk *disk)
{
  HotplugConnection *connection = session->connection;
  guint64 size = disk->path != NULL && _hotplug_connection_is_local (connection)
                     ? _hotplug_source_capacity (disk->path, disk->format)
                     : 0;

  if (size == 0 && session->live != NULL && disk->target != NULL
      && (disk->path != NULL || disk->uri != NULL || disk->pool != NULL)
      && _hotplug_domain_find_target (session->live, disk->target) != NULL)
    size = _hotplug_connection_get_capacity (connection, hotplug_vmi_get_uuid (session->vmi), disk->target);
  if (size > 0 || disk->pool == NULL || disk->pool_volume == NULL)
    return size;

  g_autofree char *xml = _hotplug_connection_find_pool_volume (connection, disk->pool, disk->pool_volume, NULL);
  g_autoptr (HotplugStorageVolume) volume = xml != NULL ? _hotplug_pool_volume_from_xml (xml, NULL) : NULL;
  return volume != NULL ? volume->capacity : 0;
}

/* What a drive holds is another matter than whether the template has the drive. */
static gboolean
is_persisted (HotplugSession *session, const HotplugDisk *disk, gboolean ours)
{
  const HotplugDisk *configured = ours ? _hotplug_domain_find_alias (session->template, disk->alias)
                                       : _hotplug_domain_find_target (session->template, disk->target);

  if (configured == NULL || disk->device == NULL
      || (g_strcmp0 (disk->device, "cdrom") != 0 && g_strcmp0 (disk->device, "floppy") != 0))
    return configured != NULL;
  return g_strcmp0 (configured->path, disk->path) == 0 && g_strcmp0 (configured->uri, disk->uri) == 0
         && g_strcmp0 (configured->pool, disk->pool) == 0
         && g_strcmp0 (configured->pool_volume, disk->pool_volume) == 0;
}

HotplugVolumeStatus *
_hotplug_report_disk (HotplugSession *session, const HotplugDisk *disk, HotplugVolumePhase phase, const char *message)
{
  const char *name = _hotplug_disk_name (disk);
  gboolean ours = _hotplug_volume_name_from_alias (disk->alias) != NULL;
  g_autofree char *address = _hotplug_address_to_string (&disk->address);
  g_autofree char *said = ours && message == NULL ? message_of_ours (session, disk, phase) : g_strdup (message);
  g_autofree char *id = NULL;
  g_autofree char *uid = NULL;

  if (ours && address != NULL)
    _hotplug_attach_id (hotplug_vmi_get_uuid (session->vmi), name, address, &id, &uid);

  HotplugVolumeStatusFields fields = {
    .name = name,
    .target = disk->target,
    .reason = ours ? reason_of (phase) : NULL,
    .message = said,
    .path = disk->path,
    .uri = disk->uri,
    .serial = disk->serial,
    .address = address,
    .attach_id = id,
    .attach_uid = uid,
    .size = size_of (session, disk),
    .bus = disk->bus,
    .device = (HotplugDiskType) _hotplug_enum_from_nick (HOTPLUG_TYPE_DISK_TYPE, disk->device, HOTPLUG_DISK_TYPE_DISK),
    .cache = disk->cache,
    .io = disk->io,
    .error_policy = disk->error_policy,
    .discard = disk->discard == HOTPLUG_DISCARD_DEFAULT ? HOTPLUG_DISCARD_IGNORE : disk->discard,
    .phase = phase,
    .logical_block_size = disk->logical_block_size,
    .physical_block_size = disk->physical_block_size,
    .boot_order = disk->boot_order,
    .dedicated_io_thread = disk->io_thread != 0,
    .block = disk->block,
    .hotplugged = ours,
    .persisted = is_persisted (session, disk, ours),
    .read_only = disk->read_only,
    .shareable = disk->shareable,
  };
  return _hotplug_volume_status_new (&fields);
}

static HotplugVolumePhase
phase_of (HotplugSession *session, const HotplugDisk *disk)
{
  const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), disk->alias);

  if (_hotplug_volume_name_from_alias (disk->alias) == NULL)
    return session->live != NULL ? HOTPLUG_VOLUME_PHASE_READY : HOTPLUG_VOLUME_PHASE_PENDING;
  if (_hotplug_domain_find_alias (session->live, disk->alias) == NULL)
    return HOTPLUG_VOLUME_PHASE_PENDING;
  if (record != NULL && record->state == HOTPLUG_RECORD_REMOVING)
    return HOTPLUG_VOLUME_PHASE_DETACHING;

  /* another client is at it just now; what it adds may yet be taken back */
  if (_hotplug_journal_intends (session->journal, HOTPLUG_INTENT_REMOVE, disk->alias))
    return HOTPLUG_VOLUME_PHASE_DETACHING;
  return _hotplug_journal_intends (session->journal, HOTPLUG_INTENT_ADD, disk->alias) ? HOTPLUG_VOLUME_PHASE_PENDING
                                                                                     : HOTPLUG_VOLUME_PHASE_READY;
}

/* What was to come back and was refused is one volume, and has failed. */
static void
add_missing (HotplugSession *session, const HotplugDisk *disk, GPtrArray *volumes)
{
  const char *refusal = session->live != NULL ? _hotplug_journal_find_refusal (session->journal, disk->alias) : NULL;
  HotplugVolumePhase phase = refusal != NULL ? HOTPLUG_VOLUME_PHASE_FAILED : phase_of (session, disk);

  g_ptr_array_add (volumes, _hotplug_report_disk (session, disk, phase, refusal));
}

static void
add_disk (HotplugSession *session, const HotplugDisk *disk, GPtrArray *volumes)
{
  g_ptr_array_add (volumes, _hotplug_report_disk (session, disk, phase_of (session, disk), NULL));
}

/* What is not in the running machine, and is ours: in the template, or recorded */
static void
add_pending (HotplugSession *session, GPtrArray *volumes)
{
  const HotplugDomain *template = session->template;

  for (guint i = 0; session->live != NULL && template != NULL && i < template->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (template->disks, i);
      if (_hotplug_volume_name_from_alias (disk->alias) != NULL
          && _hotplug_domain_find_alias (session->live, disk->alias) == NULL)
        add_missing (session, disk, volumes);
    }

  for (guint i = 0; template != NULL && i < template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (template->records, i);
      if (record->state == HOTPLUG_RECORD_ATTACHED && record->disk != NULL
          && _hotplug_domain_find_alias (session->live, record->disk->alias) == NULL
          && _hotplug_domain_find_alias (template, record->disk->alias) == NULL)
        add_missing (session, record->disk, volumes);
    }
}

/* What is in the state that the machine was saved in alone comes back all the same. */
static void
add_saved (HotplugSession *session, GPtrArray *volumes)
{
  const HotplugDomain *saved = _hotplug_session_is_saved (session) ? session->saved : NULL;

  for (guint i = 0; saved != NULL && i < saved->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (saved->disks, i);
      if (_hotplug_volume_name_from_alias (disk->alias) != NULL
          && !_hotplug_domain_has_alias (session->template, disk->alias)
          && _hotplug_domain_find_record (session->template, disk->alias) == NULL)
        add_disk (session, disk, volumes);
    }
}

gboolean
_hotplug_report_has (HotplugSession *session, const char *alias)
{
  const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), alias);

  return _hotplug_domain_has_alias (session->live, alias) || _hotplug_domain_has_alias (session->template, alias)
         || (record != NULL && record->state != HOTPLUG_RECORD_REMOVING);
}

static void
add_refused (HotplugSession *session, GPtrArray *volumes)
{
  for (guint i = 0; i < session->journal->refusals->len; i++)
    {
      const HotplugRefusal *refusal = g_ptr_array_index (session->journal->refusals, i);
      if (_hotplug_volume_name_from_alias (refusal->alias) == NULL || _hotplug_report_has (session, refusal->alias))
        continue;

      HotplugVolumeStatusFields fields = {
        .name = _hotplug_volume_name_from_alias (refusal->alias),
        .reason = reason_of (HOTPLUG_VOLUME_PHASE_FAILED),
        .message = refusal->message,
        .phase = HOTPLUG_VOLUME_PHASE_FAILED,
        .hotplugged = TRUE,
      };
      g_ptr_array_add (volumes, _hotplug_volume_status_new (&fields));
    }
}

HotplugVmiStatus *
_hotplug_report_vmi (HotplugSession *session, const GArray *guest)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_volume_status_unref);
  g_autoptr (GPtrArray) interfaces = _hotplug_report_interfaces (session, guest);
  const HotplugDomain *shown = session->live != NULL ? session->live : session->template;
  const char *reason;
  g_autofree char *message = _hotplug_report_state (session, &reason);

  for (guint i = 0; i < shown->disks->len; i++)
    add_disk (session, g_ptr_array_index (shown->disks, i), volumes);
  add_pending (session, volumes);
  add_saved (session, volumes);
  add_refused (session, volumes);

  HotplugVmiStatusFields fields = {
    .name = shown->name,
    .uuid = shown->uuid,
    .machine = shown->machine,
    .memory = shown->memory,
    .vcpus = shown->vcpus,
    .state = session->state,
    .reason = reason,
    .message = message,
    .persistent = session->persistent,
    .interfaces = interfaces,
  };
  return _hotplug_vmi_status_new (&fields, volumes);
}
