/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "manifest/hotplug-manifest-reader-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "storage/hotplug-file-private.h"
#include "vmi/hotplug-network-attachment-file-private.h"

static gboolean
is_config (const char *path)
{
  return g_str_has_suffix (path, HOTPLUG_NETWORK_CONF) || g_str_has_suffix (path, HOTPLUG_NETWORK_CONFLIST);
}

/* A configuration need not have a name of its own, and then is called as its file. */
static HotplugNetworkAttachment *
parse_config (const char *path, const char *text, gsize length, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);

  *strrchr (name, '.') = '\0';
  return hotplug_network_attachment_new_from_config (text, (gssize)length, name, error);
}

static HotplugNetworkAttachment *
parse_manifest (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, (gssize)length, error);

  if (objects == NULL)
    return NULL;
  if (objects->len != 1)
    return _hotplug_manifest_refuse (error, 1, "%u objects; a file has one", objects->len), NULL;
  return hotplug_network_attachment_new_from_manifest (g_ptr_array_index (objects, 0), error);
}

HotplugNetworkAttachment *
_hotplug_network_attachment_parse (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) read = is_config (path) ? parse_config (path, text, length, error)
                                                               : parse_manifest (text, length, error);

  if (read != NULL)
    return _hotplug_network_attachment_with_path (read, path);
  g_prefix_error (error, "%s: ", path);
  return NULL;
}

/**
 * hotplug_network_attachment_new_from_file:
 * @path: (type filename): a file of this machine
 * @error: return location for a #GError
 *
 * Reads what a file describes: by its name a configuration of CNI (`.conf`, `.conflist`, see
 * hotplug_network_attachment_new_from_config()), else a manifest with one object (see
 * hotplug_network_attachment_new_from_manifest()).
 *
 * Returns: (transfer full): the attachment, or %NULL with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_PERMISSION,
 *   %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED, %HOTPLUG_ERROR_INVALID_NAME or
 *   %HOTPLUG_ERROR_INVALID_ARGUMENT; the message begins with the file
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_network_attachment_new_from_file (const char *path, GError **error)
{
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  g_autofree char *text = _hotplug_file_read (path, HOTPLUG_MANIFEST_BYTES_MAX, &length, error);
  return text != NULL ? _hotplug_network_attachment_parse (path, text, length, error) : NULL;
}
