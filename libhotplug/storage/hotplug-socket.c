/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-socket-private.h"

/* Linux include/net/tcp_states.h */
#define TCP_LISTEN 0x0a
/* Linux include/linux/net.h, __SO_ACCEPTCON */
#define ACCEPTS (1 << 16)

static gboolean
bind_once (GInetAddress *address, guint port, gboolean datagram, GError **error)
{
  GSocketType type = datagram ? G_SOCKET_TYPE_DATAGRAM : G_SOCKET_TYPE_STREAM;
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new (address, (guint16)port);
  g_autoptr (GSocket) socket
      = g_socket_new (g_inet_address_get_family (address), type, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  /* addresses are used again, as QEMU does it: what is only being closed is not in the way */
  return socket == NULL || g_socket_bind (socket, where, !datagram, error);
}

/* NULL: it is a name that only a resolver knows */
static GInetAddress *
address_of (const char *host)
{
  if (host == NULL || *host == '\0')
    return g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  return g_inet_address_new_from_string (strcmp (host, "localhost") == 0 ? "127.0.0.1" : host);
}

gboolean
_hotplug_socket_check_free (const HotplugHostSocket *self, GError **error)
{
  g_autoptr (GInetAddress) address = address_of (self->host);
  g_autoptr (GError) refused = NULL;

  if (address == NULL)
    return TRUE;
  bind_once (address, 0, self->datagram, &refused);
  if (g_error_matches (refused, G_IO_ERROR, g_io_error_from_errno (EADDRNOTAVAIL)))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%s: the host has no address %s", self->what,
                   self->host);
      return FALSE;
    }
  /* QEMU shares the port of datagrams with whoever does the same: MEASURED, 7.2 */
  if (refused != NULL || self->port == 0 || self->datagram)
    return TRUE;
  bind_once (address, self->port, self->datagram, &refused);
  if (!g_error_matches (refused, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "%s: port %u of the host is taken", self->what, self->port);
  return FALSE;
}

/* A line is "0: 0100007F:115C 00000000:0000 0A …", of IPv6 with a longer address. */
static gboolean
lists_listener (const char *path, guint port)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      guint found;
      guint state;
      if (sscanf (lines[i], " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &found, &state) == 2 && found == port
          && state == TCP_LISTEN)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_of_this_machine (const char *host)
{
  g_autoptr (GInetAddress) address = address_of (host);

  return address != NULL && g_inet_address_get_is_loopback (address);
}

gboolean
_hotplug_socket_check_served (const HotplugHostSocket *self, GError **error)
{
  if (self->host == NULL || self->port == 0 || !is_of_this_machine (self->host)
      || lists_listener ("/proc/thread-self/net/tcp", self->port)
      || lists_listener ("/proc/thread-self/net/tcp6", self->port))
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%s: nobody listens at %s:%u", self->what, self->host,
               self->port);
  return FALSE;
}

/* A line is "0000000000000000: 00000002 00000000 00010000 0001 01 INODE PATH", with the flag of who listens. */
gboolean
_hotplug_socket_check_listened (const HotplugHostFile *self, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->path);
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/thread-self/net/unix", &text, NULL, NULL))
    return TRUE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      unsigned flags;
      int path = 0;
      if (sscanf (lines[i], "%*[0-9a-f]: %*x %*x %x %*x %*x %*u %n", &flags, &path) != 1 || path == 0
          || (flags & ACCEPTS) == 0)
        continue;
      g_autofree char *bound = g_path_get_basename (lines[i] + path);
      if (strcmp (bound, name) == 0)
        return TRUE;
    }
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%s: nobody listens at %s", self->what, self->path);
  return FALSE;
}
