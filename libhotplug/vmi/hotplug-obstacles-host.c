/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"
#include "host/hotplug-peer-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "storage/hotplug-bridge-private.h"
#include "storage/hotplug-socket-private.h"
#include "vmi/hotplug-obstacles-private.h"

/* What else of its host a machine needs: bridges, networks and links, devices that are handed over, files. */

static gboolean
set_missing (const HotplugNic *nic, GError **error, const char *format, const char *name)
{
  g_autofree char *what = g_strdup_printf ("interface \"%s\": ", _hotplug_nic_name (nic));
  g_autoptr (GString) text = g_string_new (format);

  g_string_replace (text, "%", name, 0);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_MISSING, "%s%s", what, text->str);
  return FALSE;
}

/* What is not in our network namespace may be in libvirt's. @there: (out): it is, or that can't be known */
static gboolean
look_at_link (HotplugSession *session, const char *name, gboolean *there, GError **error)
{
  gboolean local = _hotplug_connection_is_local (session->connection);
  HotplugSight sight = HOTPLUG_SIGHT_UNKNOWN;

  *there = local && _hotplug_bridge_probe (name) != HOTPLUG_BRIDGE_MISSING;
  if (*there)
    return TRUE;
  if (!_hotplug_connection_find_link (session->connection, name, &sight, error))
    return FALSE;
  *there = sight == HOTPLUG_SIGHT_SEEN || (!local && sight == HOTPLUG_SIGHT_UNKNOWN);
  return TRUE;
}

static gboolean
check_link (HotplugSession *session, const HotplugNic *nic, const char *name, const char *words, GError **error)
{
  gboolean there;

  if (name == NULL)
    return TRUE;
  return look_at_link (session, name, &there, error) && (there || set_missing (nic, error, words, name));
}

/* An active network of a bridge that somebody else has made is active without it, too. */
static gboolean
check_bridge_of (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  g_autoptr (GPtrArray) networks = _hotplug_connection_list_networks (session->connection, error);

  if (networks == NULL)
    return FALSE;
  for (guint i = 0; i < networks->len; i++)
    {
      const HotplugNetworkText *network = g_ptr_array_index (networks, i);
      if (g_strcmp0 (network->name, nic->source) == 0)
        return check_link (session, nic, network->bridge, "the host has no bridge %, which its network is made of",
                           error);
    }
  return TRUE;
}

static gboolean
check_network (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  HotplugSight sight;

  if (nic->source == NULL)
    return TRUE;
  if (!_hotplug_connection_find_network (session->connection, nic->source, &sight, error))
    return FALSE;
  if (sight == HOTPLUG_SIGHT_MISSING)
    return set_missing (nic, error, "the host has no network \"%\"", nic->source);
  if (sight == HOTPLUG_SIGHT_ASLEEP)
    return set_missing (nic, error, "its network \"%\" is not active: virsh net-start %", nic->source);
  return sight != HOTPLUG_SIGHT_SEEN || check_bridge_of (session, nic, error);
}

/* An embedded driver has none itself, and asks a daemon for them. */
static gboolean
check_filter (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  const char *uri = _hotplug_connection_get_uri (session->connection);

  if (nic->filter == NULL || (uri != NULL && _hotplug_embed_is (uri))
      || _hotplug_connection_has_network_filter (session->connection, nic->filter))
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
               "interface \"%s\": libvirt has no network filter \"%s\" there", _hotplug_nic_name (nic), nic->filter);
  return FALSE;
}

gboolean
_hotplug_obstacles_check_nic (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  gboolean network = g_strcmp0 (nic->type, "network") == 0;
  gboolean bridge = g_strcmp0 (nic->type, "bridge") == 0;
  gboolean direct = g_strcmp0 (nic->type, "direct") == 0;

  if (network && !check_network (session, nic, error))
    return FALSE;
  if (bridge && !check_link (session, nic, nic->source, "the host has no bridge %", error))
    return FALSE;
  if (direct && !check_link (session, nic, nic->link, "the host has no link %", error))
    return FALSE;
  return check_filter (session, nic, error);
}

static gboolean
set_not_there (GError **error, const char *kind, const char *name)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "the host has no %s device %s", kind, name);
  return FALSE;
}

static gboolean
says (const char *device, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (device, file, NULL);
  g_autofree char *found = NULL;

  return g_file_get_contents (path, &found, NULL, NULL) && strcmp (g_strstrip (found), text) == 0;
}

#define USB_DEVICES "/sys/bus/usb/devices"

/* @name: VVVV:PPPP */
static gboolean
has_usb (const char *name)
{
  g_auto (GStrv) ids = g_strsplit (name, ":", 2);
  g_autoptr (GDir) devices = g_dir_open (USB_DEVICES, 0, NULL);
  const char *device;

  while (devices != NULL && (device = g_dir_read_name (devices)) != NULL)
    {
      g_autofree char *path = g_build_filename (USB_DEVICES, device, NULL);
      if (says (path, "idVendor", ids[0]) && says (path, "idProduct", ids[1]))
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  const char *words;
  const char *directory;
} HostDevices;

/* A PCI address has a function behind a dot, a UUID has hyphens, and a SCSI address neither: all are names in sysfs. */
static HostDevices
find_kind (const char *device)
{
  if (strchr (device, '.') != NULL)
    return (HostDevices){ "PCI", "/sys/bus/pci/devices" };
  if (strchr (device, '-') != NULL)
    return (HostDevices){ "mediated", "/sys/bus/mdev/devices" };
  return (HostDevices){ "SCSI", "/sys/bus/scsi/devices" };
}

gboolean
_hotplug_obstacles_check_device (const HotplugImageUse *device, GError **error)
{
  if (device->optional)
    return TRUE;
  if (device->role == HOTPLUG_IMAGE_ROLE_DEVICE && device->path != NULL && access (device->path, F_OK) != 0
      && errno == ENOENT)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "the host has no %s", device->path);
      return FALSE;
    }
  if (device->usb != NULL)
    return has_usb (device->usb) || set_not_there (error, "USB", device->usb);
  if (device->device == NULL)
    return TRUE;

  HostDevices kind = find_kind (device->device);
  g_autofree char *path = g_build_filename (kind.directory, device->device, NULL);
  return access (path, F_OK) == 0 || errno != ENOENT || set_not_there (error, kind.words, device->device);
}

gboolean
_hotplug_obstacles_check_file (HotplugSession *session, const HotplugHostFile *file, GError **error)
{
  if (access (file->path, F_OK) == 0)
    return !file->socket || !_hotplug_connection_shares_network (session->connection)
           || _hotplug_socket_check_listened (file, error);
  if (errno != ENOENT && errno != ENOTDIR)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%s %s: %s", file->what, file->path, g_strerror (errno));
  return FALSE;
}

static gboolean
has_socket (const HotplugDomain *live, const HotplugHostSocket *socket)
{
  for (guint i = 0; live != NULL && i < live->sockets->len; i++)
    {
      const HotplugHostSocket *own = &g_array_index (live->sockets, HotplugHostSocket, i);

      if (own->binds && own->port == socket->port && own->datagram == socket->datagram
          && g_strcmp0 (own->host, socket->host) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_obstacles_check_socket (HotplugSession *session, const HotplugHostSocket *socket, GError **error)
{
  if ((socket->binds && has_socket (session->live, socket))
      || !_hotplug_connection_shares_network (session->connection))
    return TRUE;
  return socket->binds ? _hotplug_socket_check_free (socket, error) : _hotplug_socket_check_served (socket, error);
}

#define PROCESSORS "/sys/devices/system/cpu/possible"

gboolean
_hotplug_obstacles_check_processors (const HotplugDomain *domain, GError **error)
{
  g_autofree char *text = NULL;

  if (domain->processors == 0 || !g_file_get_contents (PROCESSORS, &text, NULL, NULL))
    return TRUE;

  /* "0-3", or "0" */
  const char *last = strrchr (text, '-');
  guint64 count = g_ascii_strtoull (last != NULL ? last + 1 : text, NULL, 10) + 1;
  if (domain->processors <= count)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "the host has no processor %u", domain->processors - 1);
  return FALSE;
}
