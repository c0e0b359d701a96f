/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

/* XML 1.0, production 2, has no U+FFFE and U+FFFF, also not as a reference. */
static gboolean
is_shown (gunichar c)
{
  return !g_unichar_iscntrl (c) && c != 0xfffe && c != 0xffff;
}

char *
text_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) clean = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      g_string_append_unichar (clean, is_shown (c) ? c : '?');
    }

  return g_string_free (g_steal_pointer (&clean), FALSE);
}

static guint
measure_char (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
text_measure (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += measure_char (g_utf8_get_char (at));
  return width;
}

char *
text_clip (const char *text, guint columns, gboolean ascii)
{
  const char *ellipsis = ascii ? "..." : "…";
  guint reserved = text_measure (ellipsis);
  guint width = 0;
  const char *at = text;

  if (text_measure (text) <= columns)
    return g_strdup (text);

  for (; *at != '\0'; at = g_utf8_next_char (at))
    {
      width += measure_char (g_utf8_get_char (at));
      if (width + reserved > columns)
        break;
    }

  g_autofree char *part = g_strndup (text, (gsize)(at - text));
  return reserved <= columns ? g_strconcat (part, ellipsis, NULL) : g_strdup ("");
}
