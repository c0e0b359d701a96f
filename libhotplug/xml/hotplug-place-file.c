/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-place-private.h"

/* Files of the host that a machine is started with, and that are no disk of it */

void
_hotplug_place_keep_file (HotplugPlace *place, const char *what, const char *path)
{
  HotplugHostFile file = { .what = what };

  if (path == NULL || *path != '/')
    return;
  file.path = g_string_chunk_insert (place->domain->strings, path);
  g_array_append_val (place->domain->files, file);
}

void
_hotplug_place_keep_socket_file (HotplugPlace *place, const char *what, const char *path)
{
  guint before = place->domain->files->len;

  _hotplug_place_keep_file (place, what, path);
  if (place->domain->files->len > before)
    g_array_index (place->domain->files, HotplugHostFile, before).socket = TRUE;
}

/* Of one that is made when the machine starts */
void
_hotplug_place_keep_directory (HotplugPlace *place, const char *what, const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  _hotplug_place_keep_file (place, what, directory);
}

void
_hotplug_place_read_nvram (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  if (*text == '/')
    _hotplug_place_keep_directory (user_data, "nvram", text);
}

gboolean
_hotplug_place_open_log (const HotplugXmlElement *element, gpointer user_data)
{
  g_autofree char *file = _hotplug_xml_element_dup (element, "file");

  if (file != NULL && *file == '/')
    _hotplug_place_keep_directory (user_data, "log", file);
  return TRUE;
}

gboolean
_hotplug_place_open_binary (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "filesystem", _hotplug_place_keep (user_data, element, "path"));
  return TRUE;
}

gboolean
_hotplug_place_open_entry (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "sysinfo", _hotplug_place_keep (user_data, element, "file"));
  return TRUE;
}

/* The first console is libvirt's copy of the first serial port. */
static gboolean
is_copy (const HotplugPlace *place)
{
  gboolean copied = FALSE;

  if (place->device.kind != HOTPLUG_DEVICE_CONSOLE)
    return FALSE;
  for (guint i = 0; i < place->domain->devices->len; i++)
    {
      HotplugDeviceKind kind = g_array_index (place->domain->devices, HotplugDevice, i).kind;
      if (kind == HOTPLUG_DEVICE_CONSOLE)
        return FALSE;
      copied = copied || kind == HOTPLUG_DEVICE_SERIAL;
    }
  return copied;
}

void
_hotplug_place_read_kernel (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "kernel", text);
}

void
_hotplug_place_read_initrd (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "initrd", text);
}

void
_hotplug_place_read_loader (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "loader", text);
}

/* What of the host a device is made of that is no disk: a directory that is shared, an input device, the other end of a
 * serial port. Of a file or a socket that is made when the machine starts the directory is to be there. */
gboolean
_hotplug_place_open_other_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  const char *what = place->device.element;
  gboolean binds = _hotplug_xml_element_says (element, "mode", "bind");
  g_autofree char *path = _hotplug_xml_element_dup (element, "path");

  place->sockets = place->domain->sockets->len;
  place->files = place->domain->files->len;
  if (_hotplug_xml_element_says (element, "startupPolicy", "optional") || is_copy (place))
    return TRUE;
  if (g_strcmp0 (what, "filesystem") == 0)
    _hotplug_place_keep_socket_file (place, what, _hotplug_place_keep (place, element, "socket"));
  _hotplug_place_keep_file (place, what, _hotplug_place_keep (place, element, "dir"));
  _hotplug_place_keep_file (place, what, _hotplug_place_keep (place, element, "evdev"));
  _hotplug_place_keep_file (place, what, _hotplug_place_keep (place, element, "dev"));
  _hotplug_place_read_chardev_socket (place, element);
  if (path == NULL)
    return TRUE;
  if (g_strcmp0 (place->device.type, "dev") == 0)
    _hotplug_place_keep_file (place, what, path);
  else if (g_strcmp0 (place->device.type, "unix") == 0 && !binds)
    _hotplug_place_keep_socket_file (place, what, path);
  else if (g_strcmp0 (place->device.type, "file") == 0 || binds)
    _hotplug_place_keep_directory (place, what, path);
  return TRUE;
}

void
_hotplug_place_read_backend (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, ((HotplugPlace *)user_data)->device.element, text);
}

gboolean
_hotplug_place_open_gl (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "graphics", _hotplug_place_keep (user_data, element, "rendernode"));
  return TRUE;
}

/* MEASURED: libvirt 9.0.0 refuses a start where that is not there. */
gboolean
_hotplug_place_open_cid (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_place_keep_file (user_data, "vsock", "/dev/vhost-vsock");
  return TRUE;
}
