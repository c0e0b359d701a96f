/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "conformance/block-torture.h"

#define JOB_PATIENCE (60 * G_TIME_SPAN_SECOND)
#define JOB_INTERVAL (10 * G_TIME_SPAN_MILLISECOND)
#define DEPTH_MOST 6
#define MIB_MOST 24

static void
must (int result, const char *what)
{
  if (result < 0)
    g_error ("%s: %s", what, virGetLastErrorMessage ());
}

static BlockDisk *
draw_disk (BlockTorture *self, guint depth)
{
  g_autoptr (GPtrArray) disks = block_draw_disks (self, G_MAXUINT, FALSE);

  for (guint i = 0; i < disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (disks, i);
      if (disk->chain->len >= depth)
        return disk;
    }
  return NULL;
}

/* Others may clean up behind themselves, or not */
static void
drop_image (BlockTorture *self, BlockDisk *disk, guint depth)
{
  if (block_chance (self, 0.5))
    g_unlink (block_disk_image (disk, depth)->path);
  g_ptr_array_remove_index (disk->chain, depth);
}

static void
add_overlay (BlockTorture *self, GString *xml, BlockDisk *disk)
{
  const BlockImage *below = block_disk_image (disk, 0);
  g_autofree char *path = block_new_path (self, disk->name);
  BlockImage *overlay = block_image_new (path, TRUE, below->mib);

  memcpy (overlay->words, below->words, BLOCK_SLOTS);
  g_ptr_array_insert (disk->chain, 0, overlay);
  g_string_append_printf (xml, "<disk name='%s' snapshot='external'><source file='%s'/></disk>",
                          block_disk_target (disk), path);
}

/* Of one disk, or of several at once. There is no event of it. */
gboolean
block_snapshot (BlockTorture *self)
{
  BlockModel *model = &self->model;
  g_autoptr (GPtrArray) disks = block_draw_disks (self, block_chance (self, 0.5) ? 1 : G_MAXUINT, FALSE);
  g_autoptr (GString) xml = g_string_new ("<domainsnapshot><disks>");
  guint taken = 0;

  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      if (g_ptr_array_find (disks, disk, NULL) && disk->chain->len < DEPTH_MOST)
        {
          add_overlay (self, xml, disk);
          taken++;
        }
      else if (disk->plugged)
        g_string_append_printf (xml, "<disk name='%s' snapshot='no'/>", block_disk_target (disk));
    }
  if (taken == 0)
    return FALSE;

  g_string_append (xml, "</disks></domainsnapshot>");
  virDomainSnapshotPtr made = virDomainSnapshotCreateXML (
      model->domain, xml->str, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA);
  must (made != NULL ? 0 : -1, "a snapshot");
  virDomainSnapshotFree (made);
  model->followed = FALSE;
  return TRUE;
}

static void
await_ready (BlockTorture *self, const char *target)
{
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;
  virDomainBlockJobInfo info = { 0 };

  while (virDomainGetBlockJobInfo (self->model.domain, target, &info, 0) != 1 || info.cur != info.end || info.end == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (JOB_INTERVAL);
    }
}

static void
await_end (BlockTorture *self, const char *target)
{
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;
  virDomainBlockJobInfo info = { 0 };

  while (virDomainGetBlockJobInfo (self->model.domain, target, &info, 0) != 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (JOB_INTERVAL);
    }
}

/* QEMU is ready a moment later than its figures say so. */
static void
pivot (BlockTorture *self, const char *target)
{
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;

  await_ready (self, target);
  while (virDomainBlockJobAbort (self->model.domain, target, VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT) != 0)
    {
      if (g_get_monotonic_time () >= until)
        g_error ("pivot of %s: %s", target, virGetLastErrorMessage ());
      g_usleep (JOB_INTERVAL);
    }
}

/* What @from shows is in @to then, and what was between them is left over. */
static void
merge (BlockTorture *self, BlockDisk *disk, guint from, guint to)
{
  const BlockImage *merged = block_disk_image (disk, from);
  BlockImage *into = block_disk_image (disk, to);

  memcpy (into->words, merged->words, BLOCK_SLOTS);
  into->mib = MAX (into->mib, merged->mib);
  for (guint depth = to; depth > from; depth--)
    drop_image (self, disk, from);
}

gboolean
block_commit_active (BlockTorture *self)
{
  BlockDisk *disk = draw_disk (self, 2);

  if (disk == NULL)
    return FALSE;
  guint to = block_between (self, 1, disk->chain->len - 1);
  const char *target = block_disk_target (disk);
  must (virDomainBlockCommit (self->model.domain, target, block_disk_image (disk, to)->path, NULL, 0,
                              VIR_DOMAIN_BLOCK_COMMIT_ACTIVE),
        "an active commit");
  if (block_chance (self, 0.5))
    block_model_write (&self->model, disk, block_between (self, 0, BLOCK_SLOTS - 1),
                       (guint8)block_between (self, 1, 255));
  pivot (self, target);
  merge (self, disk, 0, to);
  block_model_follow (&self->model);
  return TRUE;
}

gboolean
block_commit_inner (BlockTorture *self)
{
  BlockDisk *disk = draw_disk (self, 3);

  if (disk == NULL)
    return FALSE;
  guint from = block_between (self, 1, disk->chain->len - 2);
  guint to = block_between (self, from + 1, disk->chain->len - 1);
  must (virDomainBlockCommit (self->model.domain, block_disk_target (disk), block_disk_image (disk, to)->path,
                              block_disk_image (disk, from)->path, 0, 0),
        "a commit");
  await_end (self, block_disk_target (disk));
  merge (self, disk, from, to);
  block_model_follow (&self->model);
  return TRUE;
}

/* @shallow: what the disk stands upon stays */
static BlockImage *
begin_copy (BlockTorture *self, BlockDisk *disk, gboolean shallow)
{
  const BlockImage *from = block_disk_image (disk, 0);
  g_autofree char *path = block_new_path (self, disk->name);
  BlockImage *copy = block_image_new (path, shallow || block_chance (self, 0.5), from->mib);
  g_autofree char *xml = g_strdup_printf ("<disk type='file'><driver type='%s'/><source file='%s'/></disk>",
                                          copy->qcow2 ? "qcow2" : "raw", path);

  must (virDomainBlockCopy (self->model.domain, block_disk_target (disk), xml, NULL, 0,
                            VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB | (shallow ? VIR_DOMAIN_BLOCK_COPY_SHALLOW : 0)),
        "a copy");
  return copy;
}

static void
end_copy (BlockTorture *self, BlockDisk *disk, BlockImage *copy, gboolean shallow)
{
  pivot (self, block_disk_target (disk));
  memcpy (copy->words, block_disk_image (disk, 0)->words, BLOCK_SLOTS);
  do
    drop_image (self, disk, 0);
  while (!shallow && disk->chain->len > 0);
  g_ptr_array_insert (disk->chain, 0, copy);
  block_model_follow (&self->model);
}

gboolean
block_copy (BlockTorture *self)
{
  BlockDisk *disk = draw_disk (self, 1);

  if (disk == NULL)
    return FALSE;
  gboolean shallow = disk->chain->len > 1 && block_chance (self, 0.5);
  end_copy (self, disk, begin_copy (self, disk, shallow), shallow);
  return TRUE;
}

/* A removal while a block job is at work, of that disk or of others too: refused, and nothing is touched. */
gboolean
block_refused (BlockTorture *self)
{
  g_autoptr (GPtrArray) disks = block_draw_disks (self, block_between (self, 1, 3), TRUE);
  HotplugPlugFlags flags = block_chance (self, 0.5) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  g_autofree char *before = NULL;
  const char *names[4] = { NULL };

  if (disks->len == 0)
    return FALSE;
  for (guint i = 0; i < disks->len; i++)
    names[i] = ((BlockDisk *)g_ptr_array_index (disks, i))->name;
  BlockDisk *disk = g_ptr_array_index (disks, block_between (self, 0, disks->len - 1));
  BlockImage *copy = begin_copy (self, disk, FALSE);
  block_look (self);
  before = lab_inactive_xml (self->model.domain);

  g_autoptr (GError) error = NULL;
  g_assert_false (block_deed (self->model.vmi, BLOCK_REMOVE, names, flags, -1, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_autofree char *after = lab_inactive_xml (self->model.domain);
  g_assert_cmpstr (before, ==, after);
  block_model_follow (&self->model);
  if (block_chance (self, 0.5))
    {
      end_copy (self, disk, copy, FALSE);
      return TRUE;
    }

  must (virDomainBlockJobAbort (self->model.domain, block_disk_target (disk), 0), "the end of a copy");
  await_end (self, block_disk_target (disk));
  g_unlink (copy->path);
  block_image_free (copy);
  return TRUE;
}

/* libvirt tells nobody, and there is nothing in the XML to tell. */
gboolean
block_resize (BlockTorture *self)
{
  BlockDisk *disk = draw_disk (self, 1);

  if (disk == NULL || block_disk_image (disk, 0)->mib >= MIB_MOST)
    return FALSE;
  BlockImage *image = block_disk_image (disk, 0);
  image->mib += block_between (self, 1, 3);
  must (virDomainBlockResize (self->model.domain, block_disk_target (disk), (guint64)image->mib << 20,
                              VIR_DOMAIN_BLOCK_RESIZE_BYTES),
        "a resize");
  return TRUE;
}

gboolean
block_tune (BlockTorture *self)
{
  BlockDisk *disk = draw_disk (self, 1);
  virTypedParameter *parameters = NULL;
  int n = 0;
  int size = 0;

  if (disk == NULL)
    return FALSE;
  gboolean both = disk->persisted && block_chance (self, 0.5);
  guint iops = block_chance (self, 0.2) ? 0 : block_between (self, 20, 90) * 100;
  virTypedParamsAddULLong (&parameters, &n, &size, VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC, iops);
  must (virDomainSetBlockIoTune (self->model.domain, block_disk_target (disk), parameters, n,
                                 VIR_DOMAIN_AFFECT_LIVE | (both ? VIR_DOMAIN_AFFECT_CONFIG : 0)),
        "blkdeviotune");
  virTypedParamsFree (parameters, n);
  disk->iops = iops;
  if (both)
    disk->iops_template = iops;
  block_model_follow (&self->model);
  return TRUE;
}
