/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <gio/gio.h>

#include "base/hotplug-host-uri-private.h"

/* libvirt hands user and host to ssh as they are, and to a shell on the other side (9.0.0 src/rpc/virnetsocket.c,
 * virNetSocketNewConnectSSH): neither may be taken for an option, or for more than a word. */
static gboolean
is_word (const char *text, const char *more)
{
  if (!g_ascii_isalnum (*text))
    return FALSE;
  while (g_ascii_isalnum (*text) || (*text != '\0' && strchr (more, *text) != NULL))
    text++;
  return *text == '\0';
}

static gboolean
is_address (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL;
}

gboolean
_hotplug_host_uri_is_plain (const char *uri)
{
  static const char *const schemes[] = { "qemu", "qemu+tls", "qemu+tcp", "qemu+ssh", NULL };
  /* nothing in it is to be decoded, so that libvirt can't decode it in another way */
  g_autoptr (GUri) parsed = strchr (uri, '%') == NULL ? g_uri_parse (uri, G_URI_FLAGS_NONE, NULL) : NULL;

  if (parsed == NULL || !g_strv_contains (schemes, g_uri_get_scheme (parsed)))
    return FALSE;

  const char *user = g_uri_get_userinfo (parsed);
  const char *host = g_uri_get_host (parsed);
  const char *path = g_uri_get_path (parsed);

  return (user == NULL || is_word (user, "._-")) && host != NULL && (is_word (host, ".-") || is_address (host))
         && (strcmp (path, "/system") == 0 || strcmp (path, "/session") == 0) && g_uri_get_query (parsed) == NULL
         && g_uri_get_fragment (parsed) == NULL;
}
