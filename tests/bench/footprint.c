/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/footprint.h"

#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Read by the C library before main () */
#define TUNABLES "GLIBC_TUNABLES"
#define NO_CACHE "glibc.malloc.tcache_count=0"

static gboolean
is_watched (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");

  return preload != NULL && strstr (preload, "valgrind") != NULL;
}

/* Valgrind has a malloc of its own, and does not follow. */
void
bench_footprint_init (char **argv)
{
#ifdef __GLIBC__
  if (g_getenv (TUNABLES) == NULL && !is_watched ())
    {
      g_setenv (TUNABLES, NO_CACHE, TRUE);
      execv ("/proc/self/exe", argv);
    }
  mallopt (M_ARENA_MAX, 1);
#endif
}

static gsize
take_heap (void)
{
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

/* @process: as /proc has it */
static gsize
take_resident (const char *process)
{
  g_autofree char *path = g_build_filename ("/proc", process, "statm", NULL);
  g_autofree char *text = NULL;
  unsigned long size = 0;
  unsigned long resident = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL) || sscanf (text, "%lu %lu", &size, &resident) != 2)
    return 0;
  return resident * (gsize)sysconf (_SC_PAGESIZE);
}

static guint
count_descriptors (const char *process)
{
  g_autofree char *path = g_build_filename ("/proc", process, "fd", NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (directory != NULL && g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

BenchFootprint
bench_footprint_take (void)
{
  return (BenchFootprint){ take_heap (), take_resident ("self"), count_descriptors ("self") };
}

BenchFootprint
bench_footprint_take_of (int pid)
{
  g_autofree char *process = g_strdup_printf ("%d", pid);

  return (BenchFootprint){ 0, take_resident (process), count_descriptors (process) };
}
