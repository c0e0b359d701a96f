/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/hotplug-io-thread-private.h"

/* Each side in a word: its IO threads, one letter a disk that a thread has behind its number. "1 2a 4ab": threads 1, 2
 * with a disk, 4 with two. "-": there is no such side.
 *
 * KubeVirt hands its threads out in turn (pkg/virt-launcher/virtwrap/converter). libvirt makes none for a disk, and
 * refuses a number that the machine lacks (9.0.0 src/qemu/qemu_validate.c:2780, "Disk iothread '%u' not defined in
 * iothreadid"). */
static const struct
{
  const char *row;
  const char *live;
  const char *template;
  guint thread;
} rows[] = {
  /* none to be had */
  { "none", "", "", 0 },
  { "none-live", "", "1", 0 },
  { "none-in-template", "1", "", 0 },
  { "none-in-both", "1 2", "3 4", 0 },
  /* a thread of its own, the lowest one */
  { "one", "1", "1", 1 },
  { "first", "1 2 3", "1 2 3", 1 },
  { "second", "1a 2 3", "1 2 3", 2 },
  { "between", "1a 2 3a", "1 2 3", 2 },
  { "gap", "3 7", "3 7", 3 },
  /* then round */
  { "round", "1a 2a", "1 2", 1 },
  { "round-again", "1ab 2a", "1 2", 2 },
  { "all-alike", "1abc 2abc 3abc", "1 2 3", 1 },
  /* what only one side has is none, however free */
  { "added-live", "1a 2", "1a", 1 },
  { "added-to-template", "1a", "1a 2", 1 },
  { "common", "1 3", "2 3", 3 },
  /* one side only: a stopped machine, and a transient one */
  { "stopped", "-", "1a 2", 2 },
  { "transient", "1a 2", "-", 2 },
};

static HotplugDomain *
new_side (const char *text)
{
  HotplugDomain *domain = _hotplug_domain_new ();
  g_auto (GStrv) threads = g_strsplit (text, " ", -1);

  for (guint i = 0; threads[i] != NULL && *threads[i] != '\0'; i++)
    {
      char *letters;
      guint id = (guint)g_ascii_strtoull (threads[i], &letters, 10);

      g_array_append_val (domain->io_threads, id);
      for (; *letters != '\0'; letters++)
        {
          HotplugDisk *disk = _hotplug_disk_new ();
          disk->io_thread = id;
          g_ptr_array_add (domain->disks, disk);
        }
    }
  /* disks without one are no thread's */
  g_ptr_array_add (domain->disks, _hotplug_disk_new ());
  return domain;
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = *rows[row].live != '-' ? new_side (rows[row].live) : NULL;
  g_autoptr (HotplugDomain) template = *rows[row].template != '-' ? new_side (rows[row].template) : NULL;
  HotplugSides sides = { .live = live, .template = template };

  g_assert_cmpuint (_hotplug_io_thread_choose (&sides), ==, rows[row].thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/io-thread/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  return g_test_run ();
}
