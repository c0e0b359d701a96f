/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

#include "host/hotplug-embed-private.h"
#include "host/hotplug-libvirt-private.h"

/* A daemon that answers on a socket of this machine may be in another network namespace than we, as in a container. */

#define SYSTEM_DIRECTORY "/run/libvirt"

/* Those of the modular daemon and of the old one: libvirt 9.0.0 src/remote/remote_sockets.c, remoteGetUNIXSocket () */
static GPtrArray *
list_sockets (const char *uri)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  const char *query = parsed != NULL ? g_uri_get_query (parsed) : NULL;
  g_autoptr (GHashTable) parameters = query != NULL ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL)
                                                    : NULL;
  const char *named = parameters != NULL ? g_hash_table_lookup (parameters, "socket") : NULL;
  gboolean system = parsed != NULL && strcmp (g_uri_get_path (parsed), "/system") == 0;
  g_autofree char *directory = system ? g_strdup (SYSTEM_DIRECTORY)
                                      : g_build_filename (g_get_user_runtime_dir (), "libvirt", NULL);

  if (named != NULL)
    {
      g_ptr_array_add (found, g_strdup (named));
      return found;
    }
  g_ptr_array_add (found, g_build_filename (directory, "virtqemud-sock", NULL));
  g_ptr_array_add (found, g_build_filename (directory, "libvirt-sock", NULL));
  return found;
}

/* Who listens on it, or has made it for the daemon; 0: that can't be known */
static pid_t
owner_of (const char *path)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  if (socket == NULL)
    return 0;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_connect (socket, address, NULL, NULL))
    return 0;

  g_autoptr (GCredentials) credentials = g_socket_get_credentials (socket, NULL);
  pid_t pid = credentials != NULL ? g_credentials_get_unix_pid (credentials, NULL) : 0;
  return MAX (pid, 0);
}

static gboolean
is_in_ours (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/ns/net", (int)pid);
  g_autofree char *theirs = g_file_read_link (path, NULL);
  g_autofree char *ours = g_file_read_link ("/proc/thread-self/ns/net", NULL);

  return ours != NULL && g_strcmp0 (ours, theirs) == 0;
}

static gboolean
shares_network (HotplugConnection *connection)
{
  const char *uri = _hotplug_connection_get_uri (connection);

  if (uri == NULL || !_hotplug_connection_is_local (connection))
    return FALSE;
  if (_hotplug_embed_is (uri))
    return TRUE;

  g_autoptr (GPtrArray) sockets = list_sockets (uri);
  for (guint i = 0; i < sockets->len; i++)
    {
      pid_t pid = owner_of (g_ptr_array_index (sockets, i));
      if (pid > 0)
        return is_in_ours (pid);
    }
  return FALSE;
}

void
_hotplug_libvirt_namespace_init (HotplugConnectionClass *class)
{
  class->shares_network = shares_network;
}
