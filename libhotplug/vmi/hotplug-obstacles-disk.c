/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-pool-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-machine-user-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-user-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* A disk that stands in the template or is recorded: whether a start, or whoever brings it back, could plug it in. */

/* What is looked at of a disk that stands in the template or is recorded, or of what it stands upon */
typedef struct
{
  HotplugSession *session;
  const HotplugDisk *disk;
  const char *name;
  const char *path;
  gboolean base;
} Wanted;

/* As the volume that it was made of, or could have been */
static HotplugVolume *
describe_disk (const Wanted *wanted)
{
  const HotplugDisk *disk = wanted->disk;
  gboolean lun = !wanted->base && g_strcmp0 (disk->device, "lun") == 0;
  gboolean read_only = wanted->base || disk->read_only;

  return g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", wanted->name, "path", wanted->path, "device",
                         lun ? HOTPLUG_DISK_TYPE_LUN : HOTPLUG_DISK_TYPE_DISK, "serial", lun ? NULL : "of-its-own",
                         "cache", wanted->base ? HOTPLUG_CACHE_DEFAULT : disk->cache, "io",
                         wanted->base ? HOTPLUG_IO_DEFAULT : disk->io, "format",
                         wanted->base ? HOTPLUG_IMAGE_FORMAT_RAW : disk->format, "read-only", read_only, "shareable",
                         !wanted->base && disk->shareable, "access-mode",
                         read_only ? HOTPLUG_ACCESS_MODE_READ_ONLY_MANY : HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE,
                         "allow-mounted", TRUE, NULL);
}

/* Of the machine's own an empty one is a disk like others. */
static gboolean
is_empty (const HotplugSource *source, gboolean ours)
{
  return !ours && source->looked && !source->block && source->size == 0;
}

/* Of an image that is encrypted libvirt has the secret, and one that stands upon another has been put there by a
 * snapshot, which libvirt follows. */
static gboolean
check_image_of (const Wanted *wanted, GError **error)
{
  HotplugSession *session = wanted->session;
  const HotplugDisk *disk = wanted->disk;
  gboolean ours = _hotplug_volume_name_from_alias (disk->alias) != NULL;
  gboolean read_only = wanted->base || disk->read_only;
  g_auto (HotplugSource) source = { 0 };
  HotplugMachineUser user;

  if (!_hotplug_source_probe (wanted->name, wanted->path, read_only,
                              _hotplug_connection_shares_user (session->connection), &source, error))
    {
      if (!is_empty (&source, ours))
        return FALSE;
      g_clear_error (error);
    }

  g_autofree char *what = g_strdup_printf ("volume \"%s\": source %s", wanted->name, wanted->path);
  if (!session->template->labelled && _hotplug_host_find_user (session->connection, &user)
      && !_hotplug_machine_user_check (&user, what, wanted->path, error))
    return FALSE;

  g_autoptr (HotplugVolume) volume = describe_disk (wanted);
  if (volume == NULL)
    return TRUE;
  source.refers = FALSE;
  source.encrypted = source.encrypted && !disk->encrypted;
  return _hotplug_obstacles_check_free (session, volume, &source, disk, error)
         && (wanted->base || disk->unread || _hotplug_volume_check_source (volume, &source, error));
}

/* By the XML as far as it says, and then by the headers of the images; a ring or a missing one ends it. */
static GPtrArray *
list_bases (const HotplugDomain *domain, guint index, const char *top)
{
  const HotplugDisk *disk = g_ptr_array_index (domain->disks, index);
  GPtrArray *bases = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < domain->images->len; i++)
    {
      const HotplugImageUse *image = &g_array_index (domain->images, HotplugImageUse, i);
      if (image->role == HOTPLUG_IMAGE_ROLE_BACKING && image->disk == index && image->path != NULL)
        g_ptr_array_add (bases, g_strdup (image->path));
    }
  if (disk->chain_ends || (bases->len == 0 && disk->format != HOTPLUG_IMAGE_FORMAT_QCOW2))
    return bases;

  const char *last = bases->len > 0 ? g_ptr_array_index (bases, bases->len - 1) : top;
  g_autoptr (GPtrArray) chain = _hotplug_image_chain (last);
  for (guint i = 0; i < chain->len; i++)
    g_ptr_array_add (bases, g_strdup (g_ptr_array_index (chain, i)));
  return bases;
}

/* The rules speak of the volume; here it is about what that stands upon. */
static void
tell_base (const char *name, const char *top, GError **error)
{
  g_autofree char *volume = g_strdup_printf ("volume \"%s\": ", name);
  g_autoptr (GError) told = g_steal_pointer (error);
  const char *rest = g_str_has_prefix (told->message, volume) ? told->message + strlen (volume) : told->message;

  g_set_error (error, told->domain, told->code, "%sbase of %s: %s", volume, top, rest);
}

static gboolean
check_chain (const Wanted *top, const HotplugDomain *domain, guint index, GError **error)
{
  g_autoptr (GPtrArray) bases = list_bases (domain, index, top->path);
  g_autoptr (GError) refused = NULL;

  if (!check_image_of (top, error))
    return FALSE;
  for (guint i = 0; i < bases->len; i++)
    {
      const Wanted base = { top->session, top->disk, top->name, g_ptr_array_index (bases, i), TRUE };
      if (check_image_of (&base, &refused))
        continue;
      tell_base (top->name, top->path, &refused);
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  return TRUE;
}

/* Where the image is, of a volume of a pool by libvirt's word; NULL without an error: it can't be looked at */
static char *
find_path (HotplugSession *session, const HotplugDisk *disk, const char *name, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (disk->path != NULL || disk->pool == NULL || disk->pool_volume == NULL)
    return g_strdup (disk->path);

  g_autofree char *xml = _hotplug_connection_find_pool_volume (session->connection, disk->pool, disk->pool_volume,
                                                               &refused);
  g_autoptr (HotplugStorageVolume) volume = xml != NULL ? _hotplug_pool_volume_from_xml (xml, NULL) : NULL;
  if (xml != NULL)
    return volume != NULL ? g_strdup (volume->path) : NULL;

  /* a driver without pools asks a daemon that has them when it starts a machine */
  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT))
    return NULL;
  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING,
                 "volume \"%s\": storage pool \"%s\" has no volume \"%s\"", name, disk->pool, disk->pool_volume);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&refused), "volume \"%s\": ", name);
  return NULL;
}

/* As it is told, if that is a name that a volume could have */
static const char *
name_disk (const HotplugDisk *disk)
{
  const char *name = _hotplug_disk_name (disk);

  return name != NULL && _hotplug_name_check ("disk", name, NULL) ? name : disk->target;
}

/* A machine's own disk is no volume of ours, and what it can do without is left out at a start. */
static gboolean
judge (const HotplugImageUse *image, const HotplugDisk *disk, GError *refused, GError **error)
{
  static const char prefix[] = "volume ";
  gboolean absent = g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING)
                    || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  gboolean ours = _hotplug_volume_name_from_alias (disk->alias) != NULL;
  gboolean done = absent && image != NULL && image->optional;

  if (!done && !ours && g_str_has_prefix (refused->message, prefix))
    g_set_error (error, refused->domain, refused->code, "disk %s", refused->message + strlen (prefix));
  else if (!done)
    g_propagate_error (error, g_error_copy (refused));
  g_error_free (refused);
  return done;
}

static const HotplugImageUse *
find_top (const HotplugDomain *domain, guint index)
{
  for (guint i = 0; i < domain->images->len; i++)
    {
      const HotplugImageUse *image = &g_array_index (domain->images, HotplugImageUse, i);
      if (image->role == HOTPLUG_IMAGE_ROLE_TOP && image->disk == index)
        return image;
    }
  return NULL;
}

gboolean
_hotplug_obstacles_check_disk (HotplugSession *session, const HotplugDomain *domain, guint index, GError **error)
{
  const HotplugDisk *disk = g_ptr_array_index (domain->disks, index);
  const char *name = name_disk (disk);
  GError *refused = NULL;
  g_autofree char *path = find_path (session, disk, name, &refused);
  const Wanted wanted = { session, disk, name, path, FALSE };

  if (path != NULL && *path != '\0' && _hotplug_connection_is_local (session->connection))
    check_chain (&wanted, domain, index, &refused);
  return refused == NULL || judge (find_top (domain, index), disk, refused, error);
}

void
_hotplug_obstacles_explain_disk (HotplugSession *session, const HotplugDisk *disk, GError **error)
{
  const Wanted wanted = { session, disk, name_disk (disk), disk->path, FALSE };
  g_autoptr (HotplugVolume) volume = disk->path != NULL ? describe_disk (&wanted) : NULL;

  if (volume != NULL)
    _hotplug_obstacles_explain (session, volume, disk, error);
}
