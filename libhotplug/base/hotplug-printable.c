/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-printable-private.h"

#define MESSAGE_MAX 1000

char *
_hotplug_printable (const char *text, gssize length, gsize max)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (out->len >= max)
        {
          g_string_append (out, "…");
          break;
        }
      gunichar c = g_utf8_get_char (p);
      g_string_append_unichar (out, g_unichar_isprint (c) ? c : '?');
    }
  return g_string_free (out, FALSE);
}

void
_hotplug_printable_error (GError *error)
{
  char *message = _hotplug_printable (error->message, -1, MESSAGE_MAX);

  g_free (error->message);
  error->message = message;
}
