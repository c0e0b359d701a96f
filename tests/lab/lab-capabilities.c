/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "lab-private.h"

#define INSIDE "qemu/capabilities"

static char *
kept_dir (const char *kind)
{
  const char *guest = lab_guest_dir ();
  if (guest == NULL)
    return NULL;

  g_autofree char *name = g_strdup_printf ("capabilities-%s", kind);
  return g_build_filename (guest, name, NULL);
}

/* File by file, each by rename: programs that run at the same time see whole files, whoever comes last. */
static void
copy_all (const char *from, const char *to)
{
  g_autoptr (GDir) entries = g_dir_open (from, 0, NULL);
  const char *name;

  if (entries == NULL || g_mkdir_with_parents (to, 0755) < 0)
    return;

  while ((name = g_dir_read_name (entries)) != NULL)
    {
      if (!g_str_has_suffix (name, ".xml"))
        continue;

      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_autofree char *content = NULL;
      g_autofree char *old = NULL;
      gsize length, old_length;
      if (!g_file_get_contents (source, &content, &length, NULL))
        continue;
      if (g_file_get_contents (target, &old, &old_length, NULL) && old_length == length
          && memcmp (old, content, length) == 0)
        continue;

      /* a cache: without it the next program only starts later */
      g_file_set_contents_full (target, content, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL);
    }
}

void
lab_capabilities_seed (const char *kind, const char *cache_dir)
{
  g_autofree char *kept = kept_dir (kind);
  g_autofree char *inside = g_build_filename (cache_dir, INSIDE, NULL);

  if (kept != NULL)
    copy_all (kept, inside);
}

void
lab_capabilities_keep (const char *kind, const char *cache_dir)
{
  g_autofree char *kept = kept_dir (kind);
  g_autofree char *inside = g_build_filename (cache_dir, INSIDE, NULL);

  if (kept != NULL)
    copy_all (inside, kept);
}
