/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/hotplug-io-thread-private.h"

static gboolean
has_thread (const HotplugDomain *domain, guint id)
{
  for (guint i = 0; domain != NULL && i < domain->io_threads->len; i++)
    {
      if (g_array_index (domain->io_threads, guint, i) == id)
        return TRUE;
    }
  return domain == NULL;
}

static guint
count_disks (const HotplugDomain *domain, guint id)
{
  guint n = 0;

  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    n += ((const HotplugDisk *)g_ptr_array_index (domain->disks, i))->io_thread == id;
  return n;
}

guint
_hotplug_io_thread_choose (const HotplugSides *sides)
{
  const HotplugDomain *one = sides->live != NULL ? sides->live : sides->template;
  guint best = 0;
  guint best_count = G_MAXUINT;

  for (guint i = 0; i < one->io_threads->len; i++)
    {
      guint id = g_array_index (one->io_threads, guint, i);
      guint count = count_disks (one, id);

      if (count < best_count && has_thread (sides->live, id) && has_thread (sides->template, id))
        {
          best = id;
          best_count = count;
        }
    }
  return best;
}
