/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "volume-request.h"

#include "manifest-file.h"

static gboolean
check_dry_run (GPtrArray *requests, gboolean *dry_run, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < requests->len; i++)
    n += hotplug_volume_request_is_dry_run (g_ptr_array_index (requests, i)) ? 1 : 0;

  if (n > 0)
    *dry_run = TRUE;
  if (n == 0 || n == requests->len)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST,
               "%u of %u requests have dryRun; they are one, so it is for all or none", n, requests->len);
  return FALSE;
}

static GPtrArray *
parse (const char *file, gboolean add, gboolean *dry_run, GError **error)
{
  g_autoptr (GString) text = manifest_file_read_text (file, error);
  if (text == NULL)
    return NULL;

  g_autoptr (GPtrArray) requests = add ? hotplug_volume_request_parse_add (text->str, (gssize)text->len, error)
                                       : hotplug_volume_request_parse_remove (text->str, (gssize)text->len, error);
  gboolean good = requests != NULL && requests->len > 0 && check_dry_run (requests, dry_run, error);
  if (requests != NULL && requests->len == 0)
    g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST, "nothing is in it");
  if (!good)
    manifest_file_prefix_error (file, error);
  return good ? g_steal_pointer (&requests) : NULL;
}

GPtrArray *
volume_request_make_volumes (Hotplugctl *ctl, const char *file, gboolean *dry_run, GError **error)
{
  g_autoptr (GPtrArray) requests = parse (file, TRUE, dry_run, error);
  HotplugHost *host = requests != NULL ? hotplugctl_get_host (ctl, error) : NULL;
  if (host == NULL)
    return NULL;

  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < requests->len; i++)
    {
      HotplugVolumeRequest *request = g_ptr_array_index (requests, i);
      g_autoptr (HotplugDataVolume) found = hotplug_host_get_data_volume (
          host, hotplug_volume_request_get_data_volume (request), ctl->cancellable, error);
      HotplugVolume *volume = found != NULL ? hotplug_volume_request_make_volume (request, found, error) : NULL;
      if (volume == NULL)
        {
          manifest_file_prefix_error (file, error);
          return NULL;
        }
      g_ptr_array_add (volumes, volume);
    }
  return g_steal_pointer (&volumes);
}

char **
volume_request_read_names (const char *file, gboolean *dry_run, GError **error)
{
  g_autoptr (GPtrArray) requests = parse (file, FALSE, dry_run, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; requests != NULL && i < requests->len; i++)
    g_strv_builder_add (names, hotplug_volume_request_get_name (g_ptr_array_index (requests, i)));
  return requests != NULL ? g_strv_builder_end (names) : NULL;
}
