/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "model/hotplug-network-source-private.h"

#define FORMS                                                                                                          \
  "nbd://HOST[:PORT]/[EXPORT], nbd+unix:///[EXPORT]?socket=PATH, iscsi://HOST[:PORT]/TARGET/LUN and "                  \
  "rbd://[HOST[:PORT]]/POOL/IMAGE are possible"

/* Ports of their own as libvirt has them: libvirt 9.0.0 src/conf/storage_source_conf.c:1300 */
static const struct
{
  const char *protocol;
  guint port;
  guint parts; /* of the name, 0 for any */
  gboolean needs_host;
} protocols[] = {
  { "nbd", 10809, 0, TRUE },
  { "iscsi", 3260, 2, TRUE },
  { "rbd", 6789, 2, FALSE },
};

void
_hotplug_network_source_clear (HotplugNetworkSource *self)
{
  g_clear_pointer (&self->protocol, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->socket, g_free);
  self->port = 0;
}

static gboolean
set_invalid (GError **error, const char *uri, const char *why)
{
  g_autofree char *shown = g_strescape (uri, NULL);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "source \"%s\" %s; " FORMS, shown, why);
  return FALSE;
}

static gboolean
is_plain (const char *text)
{
  for (const char *at = text; at != NULL && *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);
      if (g_unichar_iscntrl (character) || character == 0xfffe || character == 0xffff)
        return FALSE;
    }
  return TRUE;
}

static guint
count_parts (const char *name)
{
  guint parts = 0;

  if (name == NULL)
    return 0;
  for (const char *at = name;; at++)
    {
      gsize length = strcspn (at, "/");
      if (length == 0)
        return 0;
      parts++;
      at += length;
      if (*at == '\0')
        return parts;
    }
}

static const char *
find_fault (const HotplugNetworkSource *self, GUri *uri)
{
  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      if (strcmp (protocols[i].protocol, self->protocol) != 0)
        continue;
      if (self->socket == NULL && self->host == NULL && protocols[i].needs_host)
        return "names no host";
      if (protocols[i].parts > 0 && count_parts (self->name) != protocols[i].parts)
        return "does not name what is to be opened there";
      if (!is_plain (self->name) || !is_plain (self->host) || !is_plain (self->socket))
        return "has characters that libvirt can't be told";
      if (g_uri_get_userinfo (uri) != NULL)
        return "holds credentials, which would be readable in the VMI's definition";
      if (g_uri_get_fragment (uri) != NULL || (self->socket == NULL && g_uri_get_query (uri) != NULL))
        return "says more than can be told to the hypervisor";
      return NULL;
    }
  return "is of an unknown kind";
}

/* Only `socket` of a local NBD server has a meaning */
static const char *
take_socket (GUri *uri, HotplugNetworkSource *out)
{
  g_autoptr (GHashTable) query = g_uri_get_query (uri) != NULL
                                     ? g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL)
                                     : NULL;
  const char *socket = query != NULL ? g_hash_table_lookup (query, "socket") : NULL;

  if (socket == NULL || !g_path_is_absolute (socket) || g_hash_table_size (query) != 1 || out->host != NULL)
    return "does not name one socket, an absolute path";

  out->socket = g_strdup (socket);
  return NULL;
}

gboolean
_hotplug_network_source_parse (const char *text, HotplugNetworkSource *out, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_auto (HotplugNetworkSource) found = { NULL };
  const char *fault = NULL;

  if (uri == NULL)
    return set_invalid (error, text, "is no URI");

  const char *path = g_uri_get_path (uri);
  gboolean is_unix = strcmp (g_uri_get_scheme (uri), "nbd+unix") == 0;
  found.protocol = g_strdup (is_unix ? "nbd" : g_uri_get_scheme (uri));
  found.host = g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0' ? g_strdup (g_uri_get_host (uri)) : NULL;
  found.port = g_uri_get_port (uri) > 0 ? (guint)g_uri_get_port (uri) : 0;
  found.name = path[0] == '/' && path[1] != '\0' ? g_strdup (path + 1) : NULL;
  if (is_unix)
    fault = take_socket (uri, &found);
  if (fault == NULL)
    fault = find_fault (&found, uri);
  if (fault != NULL)
    return set_invalid (error, g_uri_get_userinfo (uri) != NULL ? "with credentials" : text, fault);

  *out = found;
  found = (HotplugNetworkSource){ NULL };
  return TRUE;
}

char *
_hotplug_network_source_to_uri (const HotplugNetworkSource *self)
{
  g_autofree char *path = NULL;
  g_autofree char *query = NULL;
  guint port = self->port;

  if (self->protocol == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      if (strcmp (protocols[i].protocol, self->protocol) == 0 && protocols[i].port == port)
        port = 0;
    }

  g_autofree char *escaped = self->name != NULL
                                 ? g_uri_escape_string (self->name, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, TRUE)
                                 : NULL;
  path = g_strconcat ("/", escaped, NULL);
  if (self->socket != NULL)
    {
      g_autofree char *socket = g_uri_escape_string (self->socket, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, TRUE);
      query = g_strconcat ("socket=", socket, NULL);
      return g_uri_join (G_URI_FLAGS_ENCODED, "nbd+unix", NULL, "", -1, path, query, NULL);
    }
  return g_uri_join (G_URI_FLAGS_ENCODED, self->protocol, NULL, self->host != NULL ? self->host : "",
                     port > 0 ? (int)port : -1, path, NULL, NULL);
}
