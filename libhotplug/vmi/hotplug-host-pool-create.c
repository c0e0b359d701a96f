/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-host-private.h"
#include "storage/hotplug-image-transfer-private.h"
#include "vmi/hotplug-host-pool-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* A volume of a pool that is being made */
typedef struct
{
  HotplugPoolStore *store;
  HotplugDataVolume *volume;
  HotplugDataVolume *clone; /* nullable: what is copied into it */
  const char *clone_pool;   /* nullable: the pool that has it */
  HotplugMachineLock *lock;
  GCancellable *cancellable;
  char *what;          /* for errors */
  HotplugImage source; /* -1: none, or libvirt's to copy */
  guint64 needed;      /* bytes of it */
  guint64 size;
  gboolean direct; /* we can write where the volume is, and libvirt need not do it for us */
  gboolean device;
  gboolean copied;  /* by libvirt */
  gboolean foreign; /* the record is somebody else's, who came first */
  gboolean touched; /* NAME may be there, and is ours */
} Site;

static void
clear_site (Site *self)
{
  if (self->source.fd >= 0)
    close (self->source.fd);
  g_clear_pointer (&self->lock, _hotplug_machine_lock_give);
  g_clear_pointer (&self->what, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Site, clear_site)

static gboolean
refuse (const Site *self, HotplugError code, const char *why, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, (int)code, "%s %s", self->what, why);
  return FALSE;
}

/* That somebody is at it, and how far: for who looks meanwhile, and after us */
static void
note_progress (double percent, gpointer data)
{
  Site *self = data;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.2f", percent);
  _hotplug_machine_lock_write (self->lock, text, NULL);
}

/* The name is free, or only has what a killed process of this machine left. */
static gboolean
check_free (Site *self, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->volume);
  g_auto (HotplugPoolLook) look = { 0 };

  if (!_hotplug_pool_store_look (self->store, name, TRUE, &look, error))
    return FALSE;
  if (look.recorded && look.maker == HOTPLUG_MAKER_UNKNOWN)
    return refuse (self, HOTPLUG_ERROR_BUSY, "is being made from elsewhere; if its maker has ended, delete it", error);
  if (look.maker == HOTPLUG_MAKER_GONE || (look.recorded && look.volume == NULL))
    return _hotplug_pool_store_take_away (self->store, name, error);
  if (look.volume == NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "%s: pool %s has one of that name", self->what,
               self->store->pool.name);
  return FALSE;
}

static gboolean
take_lock (Site *self, GError **error)
{
  g_autofree char *id = _hotplug_pool_store_lock_name (self->store, hotplug_data_volume_get_name (self->volume));

  if (_hotplug_machine_lock_is_held (self->store->locks, id))
    return refuse (self, HOTPLUG_ERROR_BUSY, "is just being made", error);
  self->lock = _hotplug_machine_lock_take (self->store->locks, id, self->cancellable, error);
  return self->lock != NULL;
}

/* libvirt copies by the format that it has found in the source, which its guest may have written there, and with what
 * it names. */
static gboolean
check_clone (Site *self, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->clone);
  const char *format = hotplug_data_volume_get_format (self->clone) == HOTPLUG_IMAGE_FORMAT_QCOW2 ? "qcow2" : "raw";
  g_autofree char *xml = _hotplug_connection_find_pool_volume (self->store->connection, self->clone_pool, name, error);
  g_autoptr (HotplugStorageVolume) from = xml != NULL ? _hotplug_pool_volume_from_xml (xml, error) : NULL;

  if (from == NULL)
    return FALSE;
  if (from->backed)
    return refuse (self, HOTPLUG_ERROR_SOURCE_NOT_READY, "can't be a clone: its source has a backing file", error);
  if (!from->block && from->format != NULL && g_strcmp0 (from->format, format) != 0)
    return refuse (self, HOTPLUG_ERROR_SOURCE_NOT_READY,
                   "can't be a clone: libvirt takes its source for another format than it is", error);
  self->copied = TRUE;
  self->needed = hotplug_data_volume_get_size (self->clone);
  return TRUE;
}

/* A file to import is this machine's, wherever the pool is. */
static gboolean
open_source (Site *self, GError **error)
{
  const char *path = self->clone != NULL ? hotplug_data_volume_get_path (self->clone)
                                         : hotplug_data_volume_get_source_path (self->volume);

  if (self->clone != NULL && self->clone_pool != NULL && !self->direct)
    return check_clone (self, error);
  if (path == NULL)
    return TRUE;

  g_autofree char *what = g_strdup_printf ("%s: source %s", self->what, path);
  self->source.format = self->clone != NULL ? hotplug_data_volume_get_format (self->clone)
                                            : hotplug_data_volume_get_source_format (self->volume);
  self->source.told = self->clone != NULL || _hotplug_data_volume_tells_source_format (self->volume);
  return _hotplug_image_open (&self->source, path, what, &self->needed, error);
}

static HotplugImageFormat
format_of (const Site *self)
{
  return hotplug_data_volume_get_format (self->volume);
}

/* What is sent to libvirt is the image's file as it is; only we know then that it is a qcow2. */
static gboolean
is_sent_whole (const Site *self)
{
  return !self->direct && self->source.fd >= 0 && format_of (self) == HOTPLUG_IMAGE_FORMAT_QCOW2;
}

/* A logical volume that is not all there is a snapshot to libvirt, which is lost when it is full
 * (src/storage/storage_backend_logical.c:842). */
static gboolean
make (Site *self, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->volume);
  HotplugConnection *connection = self->store->connection;
  const char *pool = self->store->entry->pool;
  gboolean preallocate = hotplug_data_volume_get_preallocation (self->volume);
  gboolean qcow2 = format_of (self) == HOTPLUG_IMAGE_FORMAT_QCOW2;
  g_autofree char *xml = is_sent_whole (self)
                             ? _hotplug_pool_volume_to_xml (name, HOTPLUG_IMAGE_FORMAT_RAW, 0, 0)
                             : _hotplug_pool_volume_to_xml (name, format_of (self), self->size,
                                                            preallocate || self->device ? self->size : 0);

  if (self->copied)
    return _hotplug_connection_clone_pool_volume (connection, pool, xml, self->clone_pool,
                                                  hotplug_data_volume_get_name (self->clone), error);
  return _hotplug_connection_create_pool_volume (
      connection, pool, xml, preallocate && qcow2 ? HOTPLUG_POOL_PREALLOCATE : HOTPLUG_POOL_NONE, error);
}

/* Where we may write: as in a directory. A new device has what was on it before, which is nobody's to read. */
static gboolean
fill_directly (Site *self, const HotplugStorageVolume *made, GError **error)
{
  HotplugImage image = { -1, format_of (self) };
  gboolean done = _hotplug_image_open_target (&image, made->path, self->device, self->what, error)
                  && (!self->device
                      || _hotplug_image_zero (&image, self->what, self->needed, made->size,
                                              self->source.fd < 0 ? note_progress : NULL, self, self->cancellable,
                                              error))
                  && (self->source.fd < 0
                      || _hotplug_image_copy (&self->source, &image, self->what, self->size, note_progress, self,
                                              self->cancellable, error))
                  && _hotplug_image_sync (&image, self->what, error);

  if (image.fd >= 0)
    close (image.fd);
  return done;
}

/* How many bytes of the pool it takes: none where they were allotted before, and for holes */
static guint64
room_for (const Site *self, const HotplugImageTransfer *transfer)
{
  return self->device || hotplug_data_volume_get_preallocation (self->volume) ? 0
                                                                              : _hotplug_image_transfer_room (transfer);
}

static gboolean
send (Site *self, HotplugImageTransfer *transfer, guint64 offset, GError **error)
{
  const HotplugUpload upload = { offset, transfer->length, room_for (self, transfer), _hotplug_image_transfer_read,
                                 transfer };

  return _hotplug_connection_upload (self->store->connection, self->store->entry->pool,
                                     hotplug_data_volume_get_name (self->volume), &upload, error);
}

/* qemu-img first, where the bytes in the volume are to be others than those of the source */
static gboolean
send_source (Site *self, const HotplugStorageVolume *made, GError **error)
{
  gboolean preallocate = hotplug_data_volume_get_preallocation (self->volume);
  gboolean as_it_is = self->source.format == HOTPLUG_IMAGE_FORMAT_RAW && format_of (self) == HOTPLUG_IMAGE_FORMAT_RAW;
  HotplugImageTransfer transfer = { .fd = self->source.fd,
                                    .end = self->needed,
                                    .length = self->device ? made->size : self->size,
                                    .full = preallocate && !self->device,
                                    .progress = note_progress,
                                    .data = self,
                                    .cancellable = self->cancellable };

  if (!as_it_is)
    {
      transfer.fd = _hotplug_image_transfer_prepare (&self->source, format_of (self), self->what, self->size,
                                                     preallocate, NULL, NULL, self->cancellable, &transfer.end, error);
      if (transfer.fd < 0)
        return FALSE;
      if (is_sent_whole (self))
        transfer.length = transfer.end;
    }

  gboolean done = send (self, &transfer, 0, error);
  if (!as_it_is)
    close (transfer.fd);
  return done;
}

static gboolean
send_zeros (Site *self, guint64 from, guint64 to, GError **error)
{
  HotplugImageTransfer transfer = {
    .fd = -1, .length = to - from, .progress = note_progress, .data = self, .cancellable = self->cancellable
  };

  return from >= to || send (self, &transfer, from, error);
}

static gboolean
fill (Site *self, const HotplugStorageVolume *made, GError **error)
{
  if (self->direct)
    return fill_directly (self, made, error);
  if (self->source.fd >= 0)
    return send_source (self, made, error);
  return !self->device || send_zeros (self, self->needed, made->size, error);
}

/* The record as it will stay */
static HotplugDataVolume *
describe (const Site *self)
{
  return _hotplug_data_volume_with_status (self->volume, self->size, NULL, NULL, HOTPLUG_DATA_VOLUME_PHASE_PENDING, 0,
                                           NULL);
}

static gboolean
make_record (Site *self, HotplugDataVolume *known, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->volume);
  g_autofree char *record = g_strconcat (name, HOTPLUG_POOL_RECORD, NULL);
  g_autofree char *xml = _hotplug_pool_volume_to_xml (record, HOTPLUG_IMAGE_FORMAT_RAW, HOTPLUG_POOL_RECORD_SIZE,
                                                      HOTPLUG_POOL_RECORD_SIZE);
  g_autoptr (GError) cause = NULL;

  if (_hotplug_connection_create_pool_volume (self->store->connection, self->store->entry->pool, xml, HOTPLUG_POOL_NONE,
                                              &cause))
    return _hotplug_pool_store_write_record (self->store, known, FALSE, error);
  self->foreign = g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  if (self->foreign)
    return refuse (self, HOTPLUG_ERROR_BUSY, "is just being made from elsewhere", error);
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

/* Between the record that says that it is begun, and the one that says that it is whole */
static gboolean
build (Site *self, HotplugDataVolume *known, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->volume);
  g_autoptr (GError) cause = NULL;

  if (self->source.fd >= 0 || self->copied)
    note_progress (0, self);
  if (!make (self, &cause))
    {
      /* what came to be there meanwhile is somebody else's */
      self->touched = !g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  self->touched = TRUE;

  g_autofree char *xml = _hotplug_connection_find_pool_volume (self->store->connection, self->store->entry->pool, name,
                                                               error);
  g_autoptr (HotplugStorageVolume) made = xml != NULL ? _hotplug_pool_volume_from_xml (xml, error) : NULL;
  return made != NULL && fill (self, made, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && _hotplug_pool_store_write_record (self->store, known, TRUE, error);
}

/* What can be refused before anything is made */
static gboolean
prepare (Site *self, GError **error)
{
  return _hotplug_storage_pool_check (&self->store->pool, self->volume, error) && take_lock (self, error)
         && check_free (self, error) && open_source (self, error)
         && _hotplug_data_volume_choose_size (self->volume, self->needed, &self->size, error);
}

static gboolean
take_back (const Site *self, const char *name)
{
  return self->touched ? _hotplug_pool_store_take_away (self->store, name, NULL)
                       : _hotplug_pool_store_take_record (self->store, name, NULL);
}

static HotplugDataVolume *
run (Site *self, GError **error)
{
  const char *name = hotplug_data_volume_get_name (self->volume);
  g_auto (HotplugPoolLook) look = { 0 };

  if (!prepare (self, error))
    return NULL;

  g_autoptr (HotplugDataVolume) known = describe (self);
  _hotplug_machine_lock_write (self->lock, "", NULL);
  g_autoptr (GError) refused = NULL;
  gboolean done = make_record (self, known, &refused) && build (self, known, &refused);

  /* What can't be taken back now is what a killed process leaves. */
  if (done || self->foreign || take_back (self, name))
    _hotplug_machine_lock_write (self->lock, NULL, NULL);
  if (!done)
    return g_propagate_error (error, g_steal_pointer (&refused)), NULL;
  if (!_hotplug_pool_store_look (self->store, name, TRUE, &look, error))
    return NULL;
  HotplugDataVolume *made = _hotplug_pool_store_describe (self->store, name, &look);
  if (made == NULL)
    refuse (self, HOTPLUG_ERROR_NOT_FOUND, "was deleted as soon as it was made", error);
  return made;
}

static const char *
find_pool_of (HotplugHost *host, HotplugDataVolume *volume)
{
  g_autoptr (GPtrArray) stores = _hotplug_host_stores (host);
  const HotplugStoreEntry *entry = _hotplug_host_find_store (host, stores, hotplug_data_volume_get_store (volume),
                                                             NULL);

  return entry != NULL ? g_intern_string (entry->pool) : NULL;
}

HotplugDataVolume *
_hotplug_pool_create (HotplugHost *host, const HotplugStoreEntry *entry, HotplugDataVolume *volume,
                      HotplugDataVolume *source, GCancellable *cancellable, GError **error)
{
  g_auto (HotplugPoolStore) store = { 0 };

  if (!_hotplug_pool_store_open (&store, host, entry, error))
    return NULL;

  g_auto (Site) site = { .store = &store,
                         .volume = volume,
                         .clone = source,
                         .clone_pool = source != NULL ? find_pool_of (host, source) : NULL,
                         .cancellable = cancellable,
                         .what = g_strdup_printf ("data volume \"%s\"", hotplug_data_volume_get_name (volume)),
                         .source = { -1, HOTPLUG_IMAGE_FORMAT_RAW } };
  site.direct = _hotplug_connection_is_local (store.connection) && _hotplug_connection_shares_user (store.connection);
  site.device = _hotplug_storage_pool_has_devices (&store.pool);
  return run (&site, error);
}
