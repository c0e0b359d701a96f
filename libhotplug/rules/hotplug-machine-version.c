/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-machine-version-private.h"

#define MAJOR 1000000
#define MINOR 1000

guint64
_hotplug_machine_least_version (const char *machine)
{
  const char *dash = machine != NULL ? strrchr (machine, '-') : NULL;
  const char *at = dash != NULL ? dash + 1 : "";
  char *end = NULL;

  if (!g_ascii_isdigit (*at))
    return 0;
  guint64 major = g_ascii_strtoull (at, &end, 10);
  if (*end != '.' || !g_ascii_isdigit (end[1]))
    return 0;
  guint64 minor = g_ascii_strtoull (end + 1, &end, 10);
  return *end == '\0' && major < MINOR && minor < MINOR ? major * MAJOR + minor * MINOR : 0;
}
