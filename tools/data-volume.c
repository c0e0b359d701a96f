/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "data-volume.h"

#include "progress.h"
#include "table.h"

/* How often it is looked how far a copy is, in milliseconds */
#define INTERVAL 200

gboolean
data_volume_is_kind (const char *word)
{
  static const char *const words[] = { "datavolume", "datavolumes", "dv", NULL };
  return g_strv_contains (words, word);
}

static void
print_table (Hotplugctl *ctl, GPtrArray *volumes)
{
  static const char *const heading[] = { "NAME", "PHASE", "PROGRESS", "SIZE", "ACCESS", "MODE", "FORMAT", "STORE" };
  g_autoptr (Table) table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugDataVolume *volume = g_ptr_array_index (volumes, i);
      g_autofree char *progress = g_strdup_printf ("%.1f%%", hotplug_data_volume_get_progress (volume));
      g_autofree char *size = table_format_size (hotplug_data_volume_get_size (volume));
      const char *const cells[G_N_ELEMENTS (heading)] = {
        hotplug_data_volume_get_name (volume),
        hotplugctl_enum_nick (HOTPLUG_TYPE_DATA_VOLUME_PHASE, (int)hotplug_data_volume_get_phase (volume)),
        progress,
        size,
        hotplugctl_enum_nick (HOTPLUG_TYPE_ACCESS_MODE, (int)hotplug_data_volume_get_access_mode (volume)),
        hotplugctl_enum_nick (HOTPLUG_TYPE_VOLUME_MODE, (int)hotplug_data_volume_get_volume_mode (volume)),
        hotplugctl_enum_nick (HOTPLUG_TYPE_IMAGE_FORMAT, (int)hotplug_data_volume_get_format (volume)),
        hotplug_data_volume_get_store (volume),
      };
      table_add_row (table, cells);
    }
  table_print (table, ctl->out);

  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugDataVolume *volume = g_ptr_array_index (volumes, i);
      if (hotplug_data_volume_get_message (volume) != NULL)
        hotplugctl_print (ctl, "\n%s: %s\n", hotplug_data_volume_get_name (volume),
                          hotplug_data_volume_get_message (volume));
    }
}

static void
print_one (Hotplugctl *ctl, HotplugDataVolume *volume)
{
  g_autofree char *manifest = hotplug_data_volume_to_manifest (volume, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
}

static gboolean
get_one (Hotplugctl *ctl, HotplugHost *host, const char *name, GError **error)
{
  g_autoptr (HotplugDataVolume) volume = hotplug_host_get_data_volume (host, name, ctl->cancellable, error);
  if (volume == NULL)
    return FALSE;

  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_ptr_array_add (volumes, volume);
  if (ctl->manifest)
    print_one (ctl, volume);
  else
    print_table (ctl, volumes);
  return TRUE;
}

gboolean
data_volume_get (Hotplugctl *ctl, const char *name, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return FALSE;
  if (name != NULL)
    return get_one (ctl, host, name, error);

  g_autoptr (GPtrArray) volumes = hotplug_host_list_data_volumes (host, ctl->cancellable, error);
  if (volumes == NULL)
    return FALSE;

  if (!ctl->manifest)
    {
      print_table (ctl, volumes);
      return TRUE;
    }

  g_autofree char *manifest = hotplug_data_volume_list_to_manifest (volumes, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
  return TRUE;
}

/* A create under way, and the line that tells how far it is */
typedef struct
{
  HotplugHost *host;
  const char *name;
  GMainLoop *loop;
  GAsyncResult *result;
} Creation;

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Creation *self = user_data;

  self->result = g_object_ref (result);
  g_main_loop_quit (self->loop);
}

static gboolean
show_progress (gpointer user_data)
{
  Creation *self = user_data;
  g_autoptr (HotplugDataVolume) volume = hotplug_host_get_data_volume (self->host, self->name, NULL, NULL);
  double progress = volume != NULL ? hotplug_data_volume_get_progress (volume) : 0;

  if (progress > 0)
    progress_show (self->name, progress / 100, NULL);
  return G_SOURCE_CONTINUE;
}

static HotplugDataVolume *
create (Hotplugctl *ctl, HotplugHost *host, HotplugDataVolume *volume, GError **error)
{
  if (!progress_is_seen ())
    return hotplug_host_create_data_volume (host, volume, ctl->cancellable, error);

  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Creation creation = { host, hotplug_data_volume_get_name (volume), loop, NULL };
  guint timer = g_timeout_add (INTERVAL, show_progress, &creation);

  hotplug_host_create_data_volume_async (host, volume, ctl->cancellable, on_created, &creation);
  g_main_loop_run (loop);
  g_source_remove (timer);
  progress_end ();

  g_autoptr (GAsyncResult) result = creation.result;
  return hotplug_host_create_data_volume_finish (host, result, error);
}

gboolean
data_volume_create (Hotplugctl *ctl, HotplugDataVolume *volume, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return FALSE;

  g_autoptr (HotplugDataVolume) made = create (ctl, host, volume, error);
  if (made == NULL)
    return FALSE;

  if (ctl->manifest)
    {
      print_one (ctl, made);
      return TRUE;
    }

  g_autofree char *size = table_format_size (hotplug_data_volume_get_size (made));
  hotplugctl_print (ctl, "data volume \"%s\" created: %s, %s\n", hotplug_data_volume_get_name (made), size,
                    hotplug_data_volume_get_path (made));
  return TRUE;
}
