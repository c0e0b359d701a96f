/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-target-private.h"

#define LETTERS 26

/* As many letters as libvirt itself ever makes */
#define SUFFIX_MAX 5

char *
_hotplug_target_name (const char *prefix, guint number)
{
  char suffix[16];
  char *first = suffix + sizeof suffix - 1;

  *first = '\0';
  for (guint rest = number + 1; rest > 0; rest = (rest - 1) / LETTERS)
    *--first = (char) ('a' + (rest - 1) % LETTERS);

  return g_strconcat (prefix, first, NULL);
}

int
_hotplug_target_number (const char *prefix, const char *target)
{
  if (target == NULL || !g_str_has_prefix (target, prefix))
    return -1;

  const char *suffix = target + strlen (prefix);
  gsize length = strlen (suffix);
  int number = 0;

  if (length == 0 || length > SUFFIX_MAX)
    return -1;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_islower (suffix[i]))
        return -1;
      number = number * LETTERS + (suffix[i] - 'a' + 1);
    }
  return number - 1;
}

int
_hotplug_target_index (const char *target)
{
  static const char *const prefixes[] = { "sd", "vd", "hd", "fd", "xvd", "ubd" };
  int index = -1;

  for (guint i = 0; i < G_N_ELEMENTS (prefixes) && index < 0; i++)
    index = _hotplug_target_number (prefixes[i], target);
  return index;
}
