/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/hotplug-store-maker-private.h"

#define GROUP "Maker"

/* The fields of /proc/PID/stat behind the process's name, which may have anything in it */
#define FIELD_OF_START 19

/* Of a checksum: enough to tell the hosts of a store apart */
#define PLACE_LENGTH 16

/* Of a process in clock ticks since the boot; 0: there is none of that number */
static guint64
start_of (guint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GUINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;
  const char *end = g_file_get_contents (path, &text, NULL, NULL) ? strrchr (text, ')') : NULL;

  if (end == NULL)
    return 0;
  /* one that has ended, and was not waited for yet */
  if (g_str_has_prefix (end, ") Z") || g_str_has_prefix (end, ") X"))
    return 0;
  g_auto (GStrv) fields = g_strsplit (end + 1, " ", -1);
  return g_strv_length (fields) > FIELD_OF_START + 1 ? g_ascii_strtoull (fields[FIELD_OF_START + 1], NULL, 10) : 0;
}

static char *
read_boot (void)
{
  char *boot = NULL;

  return g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL) ? g_strchomp (boot) : g_strdup ("");
}

/* Seconds since 1970; 0: not known */
static guint64
read_boot_time (void)
{
  g_autofree char *text = NULL;
  const char *line = g_file_get_contents ("/proc/stat", &text, NULL, NULL) ? strstr (text, "\nbtime ") : NULL;

  return line != NULL ? g_ascii_strtoull (line + strlen ("\nbtime "), NULL, 10) : 0;
}

/* Process numbers are those of a container, which shares the host's name and boot. */
static guint64
pid_namespace (void)
{
  struct stat st;

  return stat ("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

char *
_hotplug_store_maker_tell (void)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *boot = read_boot ();

  g_key_file_set_string (file, GROUP, "host", g_get_host_name ());
  g_key_file_set_string (file, GROUP, "boot", boot);
  g_key_file_set_uint64 (file, GROUP, "pid-namespace", pid_namespace ());
  g_key_file_set_uint64 (file, GROUP, "pid", (guint64)getpid ());
  g_key_file_set_uint64 (file, GROUP, "start", start_of ((guint64)getpid ()));
  g_key_file_set_uint64 (file, GROUP, "time", (guint64)(g_get_real_time () / G_TIME_SPAN_SECOND));
  return g_key_file_to_data (file, NULL, NULL);
}

/* Host, boot and container in a word */
static char *
name_place (void)
{
  g_autofree char *boot = read_boot ();
  g_autofree char *place = g_strdup_printf ("%s %s %" G_GUINT64_FORMAT, g_get_host_name (), boot, pid_namespace ());
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, place, -1);

  return g_strndup (sum, PLACE_LENGTH);
}

char *
_hotplug_store_maker_to_name (void)
{
  g_autofree char *place = name_place ();
  guint64 pid = (guint64)getpid ();

  return g_strdup_printf ("%s-%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "-%08x", place, pid, start_of (pid),
                          g_random_int ());
}

HotplugStoreMaker
_hotplug_store_maker_judge_name (const char *name)
{
  g_autofree char *place = name_place ();
  g_auto (GStrv) pieces = g_strsplit (name, "-", -1);

  if (g_strv_length (pieces) != 4 || strcmp (pieces[0], place) != 0)
    return HOTPLUG_STORE_MAKER_UNKNOWN;
  guint64 start = g_ascii_strtoull (pieces[2], NULL, 10);
  return start != 0 && start_of (g_ascii_strtoull (pieces[1], NULL, 10)) == start ? HOTPLUG_STORE_MAKER_LIVES
                                                                                  : HOTPLUG_STORE_MAKER_GONE;
}

HotplugStoreMaker
_hotplug_store_maker_judge (const char *text, char **host)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *ours = read_boot ();

  *host = NULL;
  if (text == NULL || !g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, NULL))
    return HOTPLUG_STORE_MAKER_UNKNOWN;

  g_autofree char *where = g_key_file_get_string (file, GROUP, "host", NULL);
  g_autofree char *boot = g_key_file_get_string (file, GROUP, "boot", NULL);
  guint64 time = g_key_file_get_uint64 (file, GROUP, "time", NULL);
  guint64 pid = g_key_file_get_uint64 (file, GROUP, "pid", NULL);
  guint64 start = g_key_file_get_uint64 (file, GROUP, "start", NULL);

  if (g_strcmp0 (where, g_get_host_name ()) != 0)
    {
      *host = g_steal_pointer (&where);
      return HOTPLUG_STORE_MAKER_UNKNOWN;
    }
  /* an earlier boot of this host, if it is no other one of the same name that makes it just now */
  if (g_strcmp0 (boot, ours) != 0)
    return time < read_boot_time () ? HOTPLUG_STORE_MAKER_GONE : HOTPLUG_STORE_MAKER_UNKNOWN;
  if (start == 0 || g_key_file_get_uint64 (file, GROUP, "pid-namespace", NULL) != pid_namespace ())
    return HOTPLUG_STORE_MAKER_UNKNOWN;
  return start_of (pid) == start ? HOTPLUG_STORE_MAKER_LIVES : HOTPLUG_STORE_MAKER_GONE;
}
