/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-backing-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

typedef struct
{
  GPtrArray *files;
  guint first; /* of the disk that is being read */
  char *target;
} Place;

static void
free_file (HotplugBackingFile *file)
{
  g_free (file->target);
  g_free (file->path);
  g_free (file);
}

static gboolean
read_source (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  char *path = _hotplug_xml_element_dup (element, "file");

  if (path != NULL)
    {
      HotplugBackingFile *file = g_new0 (HotplugBackingFile, 1);
      file->path = path;
      g_ptr_array_add (place->files, file);
    }
  return FALSE;
}

static gboolean
read_target (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_xml_element_take (element, "dev", &((Place *)user_data)->target);
  return FALSE;
}

static gboolean
open_disk (const HotplugXmlElement *element G_GNUC_UNUSED, gpointer user_data)
{
  Place *place = user_data;

  place->first = place->files->len;
  return TRUE;
}

/* The target may stand behind what is read of its disk */
static void
close_disk (const HotplugXmlElement *element G_GNUC_UNUSED, gpointer user_data)
{
  Place *place = user_data;

  for (guint i = place->first; i < place->files->len; i++)
    ((HotplugBackingFile *)g_ptr_array_index (place->files, i))->target = g_strdup (place->target);
  g_clear_pointer (&place->target, g_free);
}

static const HotplugXmlRule backing_rules[] = {
  { "source", .open = read_source },
  { "backingStore", backing_rules },
  { NULL },
};

static const HotplugXmlRule disk_rules[] = {
  { "target", .open = read_target },
  { "backingStore", backing_rules },
  { NULL },
};

static const HotplugXmlRule devices_rules[] = {
  { "disk", disk_rules, .open = open_disk, .close = close_disk },
  { NULL },
};

static const HotplugXmlRule domain_rules[] = {
  { "devices", devices_rules },
  { NULL },
};

static const HotplugXmlRule root_rules[] = {
  { "domain", domain_rules },
  { NULL },
};

GPtrArray *
_hotplug_backing_files_from_xml (const char *xml, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify)free_file);
  Place place = { .files = files };
  gboolean read = _hotplug_xml_read (xml, "domain XML", root_rules, &place, error);

  g_free (place.target);
  return read ? g_steal_pointer (&files) : NULL;
}
