/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 30

static gboolean shown;

gboolean
progress_is_seen (void)
{
  return isatty (STDERR_FILENO) != 0;
}

void
progress_show (const char *name, double fraction, const char *more)
{
  int done = (int)(fraction * BAR_WIDTH);
  char bar[BAR_WIDTH + 1] = { 0 };

  for (int i = 0; i < BAR_WIDTH; i++)
    bar[i] = i < done ? '#' : '-';
  fprintf (stderr, "\r%s [%s] %5.1f%%%s%s\033[K", name, bar, fraction * 100, more != NULL ? " " : "",
           more != NULL ? more : "");
  shown = TRUE;
}

void
progress_end (void)
{
  if (shown)
    fprintf (stderr, "\r\033[K");
  shown = FALSE;
}
