/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-pool-private.h"
#include "rules/hotplug-admission-private.h"
#include "storage/hotplug-block-private.h"
#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-image-users-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* The reading of one side of one machine */
typedef struct
{
  HotplugConnection *connection;
  const HotplugDomain *domain;
  gboolean live;
  gboolean saved;
  gboolean local;
  GPtrArray *users;
} Reading;

static void
free_user (gpointer data)
{
  HotplugImageUser *self = data;

  g_free (self->vmi);
  g_free (self->disk);
  g_free (self->path);
  g_free (self->uri);
  g_free (self->pool);
  g_free (self->volume);
  g_free (self->device);
  g_free (self);
}

static HotplugImageUser *
add_user (const Reading *reading, HotplugImageRole role, const HotplugDisk *disk, const char *path)
{
  HotplugImageUser *user = g_new0 (HotplugImageUser, 1);

  user->vmi = g_strdup (reading->domain->name);
  user->disk = disk != NULL ? g_strdup (_hotplug_disk_name (disk)) : NULL;
  user->role = role;
  user->live = reading->live;
  user->saved = reading->saved;
  user->read_only = role == HOTPLUG_IMAGE_ROLE_BACKING || (disk != NULL && disk->read_only);
  user->shareable = role == HOTPLUG_IMAGE_ROLE_TOP && disk != NULL && disk->shareable;
  user->path = g_strdup (path);
  user->found = path != NULL && reading->local && _hotplug_source_identify (path, &user->source);
  g_ptr_array_add (reading->users, user);
  return user;
}

/* A template says of a qcow2 image what it is, and not what it stands upon; and a live one may have been told to end
 * where the image does not. */
static void
add_chain (const Reading *reading, const HotplugDisk *disk, const char *path)
{
  if (!reading->local || path == NULL || disk->format != HOTPLUG_IMAGE_FORMAT_QCOW2)
    return;

  g_autoptr (GPtrArray) chain = _hotplug_image_chain (path);
  for (guint i = 0; i < chain->len; i++)
    add_user (reading, HOTPLUG_IMAGE_ROLE_BACKING, disk, g_ptr_array_index (chain, i));
}

static char *
find_path (const Reading *reading, const char *pool, const char *name)
{
  g_autofree char *xml = _hotplug_connection_find_pool_volume (reading->connection, pool, name, NULL);
  g_autoptr (HotplugStorageVolume) volume = xml != NULL ? _hotplug_pool_volume_from_xml (xml, NULL) : NULL;

  return volume != NULL ? g_strdup (volume->path) : NULL;
}

static void
add_image (const Reading *reading, const HotplugImageUse *image)
{
  const HotplugDisk *disk = image->role != HOTPLUG_IMAGE_ROLE_DEVICE
                                ? g_ptr_array_index (reading->domain->disks, image->disk)
                                : NULL;
  g_autofree char *asked = image->path == NULL && image->pool != NULL
                               ? find_path (reading, image->pool, image->pool_volume)
                               : NULL;
  const char *path = image->path != NULL ? image->path : asked;
  HotplugImageUser *user = add_user (reading, image->role, disk, path);

  user->uri = g_strdup (image->uri);
  user->pool = g_strdup (image->pool);
  user->volume = g_strdup (image->pool_volume);
  user->device = g_strdup (image->device);
  if (image->role == HOTPLUG_IMAGE_ROLE_TOP)
    add_chain (reading, disk, path);
}

/* What a start would plug in again */
static void
add_record (const Reading *reading, const HotplugDisk *disk)
{
  HotplugImageUser *user = add_user (reading, HOTPLUG_IMAGE_ROLE_TOP, disk, disk->path);

  user->uri = g_strdup (disk->uri);
  user->live = FALSE;
  add_chain (reading, disk, disk->path);
}

static gboolean
read_side (Reading *reading, const char *xml, gboolean records, GError **error)
{
  g_autoptr (HotplugDomain) domain = xml != NULL ? _hotplug_domain_from_xml (xml, error) : NULL;

  if (domain == NULL)
    return xml == NULL;
  reading->domain = domain;
  for (guint i = 0; i < domain->images->len; i++)
    add_image (reading, &g_array_index (domain->images, HotplugImageUse, i));
  for (guint i = 0; records && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->disk != NULL)
        add_record (reading, record->disk);
    }
  return TRUE;
}

/* What its next start goes on from, whatever the template says */
static void
read_saved (Reading *reading, const char *uuid)
{
  g_autofree char *xml = _hotplug_connection_read_saved (reading->connection, uuid);

  reading->saved = TRUE;
  if (xml != NULL)
    read_side (reading, xml, FALSE, NULL);
  reading->saved = FALSE;
}

/* A start copies the records to the live side, where nobody keeps them true. */
static gboolean
read_machine (Reading *reading, const char *uuid, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) gone = NULL;

  if (!_hotplug_connection_read_machine (reading->connection, uuid, HOTPLUG_LOOK_DEVICES, &text, &gone))
    {
      if (g_error_matches (gone, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&gone));
      return FALSE;
    }

  reading->live = TRUE;
  if (!read_side (reading, text.live, text.template == NULL, error))
    return FALSE;
  reading->live = FALSE;
  if (text.live == NULL)
    read_saved (reading, uuid);
  return read_side (reading, text.template, TRUE, error);
}

GPtrArray *
_hotplug_image_users_list (HotplugConnection *connection, const char *but, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) users = g_ptr_array_new_with_free_func (free_user);
  g_auto (GStrv) uuids = _hotplug_connection_list_machines (connection, error);
  Reading reading = { .connection = connection, .local = _hotplug_connection_is_local (connection), .users = users };

  if (uuids == NULL)
    return error != NULL ? NULL : g_steal_pointer (&users);
  for (guint i = 0; uuids[i] != NULL; i++)
    {
      if (g_strcmp0 (uuids[i], but) == 0)
        continue;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!read_machine (&reading, uuids[i], error) && error != NULL)
        return NULL;
    }
  return g_steal_pointer (&users);
}

static gboolean
is_at (const HotplugImageUser *self, const HotplugImageWanted *wanted)
{
  if (self->path != NULL && g_strcmp0 (self->path, wanted->path) == 0)
    return TRUE;
  return self->found && wanted->source != NULL
         && (_hotplug_source_is_same (&self->source, wanted->source)
             || _hotplug_block_overlaps (&self->source, wanted->source));
}

gboolean
_hotplug_image_user_has (const HotplugImageUser *self, const HotplugImageWanted *wanted)
{
  if (is_at (self, wanted))
    return TRUE;
  if (self->pool != NULL && g_strcmp0 (self->pool, wanted->pool) == 0 && g_strcmp0 (self->volume, wanted->volume) == 0)
    return TRUE;
  if (self->uri != NULL && g_strcmp0 (self->uri, wanted->uri) == 0)
    return TRUE;
  return self->device != NULL && wanted->source != NULL && _hotplug_block_is_behind (wanted->source, self->device);
}

char *
_hotplug_image_user_describe (const HotplugImageUser *self)
{
  switch (self->role)
    {
    case HOTPLUG_IMAGE_ROLE_BACKING:
      return g_strdup_printf ("vmi \"%s\", whose \"%s\" stands upon it", self->vmi, self->disk);
    case HOTPLUG_IMAGE_ROLE_MIRROR:
      return g_strdup_printf ("vmi \"%s\", whose \"%s\" is just copied to it", self->vmi, self->disk);
    case HOTPLUG_IMAGE_ROLE_DEVICE:
      return g_strdup_printf ("vmi \"%s\", which has the device itself", self->vmi);
    case HOTPLUG_IMAGE_ROLE_TOP:
    default:
      return g_strdup_printf (self->saved ? "vmi \"%s\", which was saved while it ran" : "vmi \"%s\"", self->vmi);
    }
}
