/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "conformance/block-torture.h"

#define DISKS_MOST 5
#define VIRTIO_MOST 3
#define BATCH_MOST 3
#define IMAGE_MIB 8
#define KILLED_PATIENCE (30 * G_TIME_SPAN_SECOND)
#define KILLED_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)
/* in which a daemon still carries out what a dead client has asked for */
#define DAEMON_TIME G_TIME_SPAN_SECOND
#define NO_RUN ((guint)-1)

guint
block_between (BlockTorture *self, guint from, guint to)
{
  return (guint)g_rand_int_range (self->random, (gint32)from, (gint32)to + 1);
}

gboolean
block_chance (BlockTorture *self, double part)
{
  return g_rand_double (self->random) < part;
}

char *
block_new_path (BlockTorture *self, const char *name)
{
  return g_strdup_printf ("%s/%s.%u", self->images, name, self->made++);
}

static GPtrArray *
draw (BlockTorture *self, guint most, gboolean (*fits) (const BlockDisk *))
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < self->model.disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (self->model.disks, i);
      if (fits (disk))
        g_ptr_array_insert (found, (gint)block_between (self, 0, found->len), disk);
    }
  if (found->len > most)
    g_ptr_array_set_size (found, (gint)most);
  return found;
}

static gboolean
is_plugged (const BlockDisk *disk)
{
  return disk->plugged && !disk->leaving;
}

/* QEMU takes a SCSI disk away without a guest; of a virtio disk a guest must let go, and here is none. */
static gboolean
answers (const BlockDisk *disk)
{
  return is_plugged (disk) && disk->bus == HOTPLUG_BUS_SCSI;
}

static gboolean
is_silent (const BlockDisk *disk)
{
  return is_plugged (disk) && disk->bus == HOTPLUG_BUS_VIRTIO;
}

static gboolean
is_only_kept (const BlockDisk *disk)
{
  return !disk->plugged;
}

GPtrArray *
block_draw_disks (BlockTorture *self, guint most, gboolean answering)
{
  return draw (self, most, answering ? answers : is_plugged);
}

static void
must_do (BlockTorture *self, BlockDeed deed, const char *const *specs, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  gboolean done = block_deed (self->model.vmi, deed, specs, flags, -1, &error);

  g_assert_no_error (error);
  g_assert_true (done);
  self->pace[deed] = g_get_monotonic_time () - start;
}

void
block_look (BlockTorture *self)
{
  static const char *const nobody[] = { "nobody", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (block_deed (self->model.vmi, BLOCK_REMOVE, nobody, HOTPLUG_PLUG_PERSIST, -1, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  block_model_follow (&self->model);
}

/* What the model has after each deed */

static void
end_disk (BlockTorture *self, BlockDisk *disk)
{
  for (guint i = 0; i < disk->chain->len; i++)
    g_unlink (block_disk_image (disk, i)->path);
  g_ptr_array_remove (self->model.disks, disk);
}

static void
has_stopped (BlockTorture *self)
{
  BlockModel *model = &self->model;

  model->running = FALSE;
  for (guint i = model->disks->len; i-- > 0;)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      disk->plugged = FALSE;
      if (disk->leaving && (disk->for_good || !disk->persisted))
        end_disk (self, disk);
      else
        disk->leaving = FALSE;
    }
}

static void
has_started (BlockTorture *self)
{
  BlockModel *model = &self->model;

  model->running = TRUE;
  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      disk->plugged = TRUE;
      disk->iops = disk->persisted ? disk->iops_template : disk->recorded.iops;
    }
  block_model_follow (model);
}

static void
has_removed (BlockTorture *self, GPtrArray *disks, HotplugPlugFlags flags)
{
  for (guint i = 0; i < disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (disks, i);
      if (disk->persisted && flags == HOTPLUG_PLUG_NONE)
        disk->plugged = FALSE;
      else
        end_disk (self, disk);
    }
}

/* What the library does */

static guint
count_virtio (const BlockModel *model)
{
  guint found = 0;

  for (guint i = 0; i < model->disks->len; i++)
    found += ((BlockDisk *)g_ptr_array_index (model->disks, i))->bus == HOTPLUG_BUS_VIRTIO;
  return found;
}

static BlockDisk *
new_disk (BlockTorture *self, HotplugBus bus, gboolean persisted)
{
  g_autofree char *name = g_strdup_printf ("v%u", self->made);
  g_autofree char *path = block_new_path (self, name);
  BlockImage *image = block_image_new (path, block_chance (self, 0.5), IMAGE_MIB);

  if (image->qcow2)
    {
      g_autofree char *command = g_strdup_printf ("qemu-img create -q -f qcow2 %s %uM", path, IMAGE_MIB);
      int status = 0;
      g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL) && status == 0);
    }
  else
    {
      g_autofree char *name_of = g_path_get_basename (path);
      g_free (lab_image_new (self->images, name_of, IMAGE_MIB << 20));
    }
  return block_disk_new (name, bus, persisted, image);
}

/* One or several that are to be added; they are the model's when they are. @answering: none of which a guest would have
 * to let go */
static GPtrArray *
new_disks (BlockTorture *self, gboolean answering, HotplugPlugFlags *flags)
{
  BlockModel *model = &self->model;
  guint virtio = count_virtio (model);
  GPtrArray *disks = g_ptr_array_new ();

  if (model->disks->len >= DISKS_MOST)
    return disks;
  *flags = !model->running || block_chance (self, 0.4) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  guint wanted = block_between (self, 1, MIN (BATCH_MOST, DISKS_MOST - model->disks->len));
  while (disks->len < wanted)
    {
      gboolean on_virtio = !answering && virtio < VIRTIO_MOST && block_chance (self, 0.3);
      BlockDisk *disk = new_disk (self, on_virtio ? HOTPLUG_BUS_VIRTIO : HOTPLUG_BUS_SCSI,
                                  *flags == HOTPLUG_PLUG_PERSIST);
      disk->plugged = model->running;
      virtio += on_virtio;
      g_ptr_array_add (disks, disk);
    }
  return disks;
}

static GStrv
list_specs (GPtrArray *disks, gboolean names)
{
  GStrv specs = g_new0 (char *, disks->len + 1);

  for (guint i = 0; i < disks->len; i++)
    {
      const BlockDisk *disk = g_ptr_array_index (disks, i);
      specs[i] = names ? g_strdup (disk->name) : block_spec (disk);
    }
  return specs;
}

static void
take_disks (BlockTorture *self, GPtrArray *disks)
{
  for (guint i = 0; i < disks->len; i++)
    g_ptr_array_add (self->model.disks, g_ptr_array_index (disks, i));
}

gboolean
block_add (BlockTorture *self)
{
  HotplugPlugFlags flags = HOTPLUG_PLUG_NONE;
  g_autoptr (GPtrArray) disks = new_disks (self, FALSE, &flags);
  g_auto (GStrv) specs = list_specs (disks, FALSE);

  if (disks->len == 0)
    return FALSE;
  must_do (self, BLOCK_ADD, (const char *const *)specs, flags);
  take_disks (self, disks);
  block_model_follow (&self->model);
  return TRUE;
}

static GPtrArray *
draw_removed (BlockTorture *self, HotplugPlugFlags *flags)
{
  guint most = block_chance (self, 0.5) ? 1 : BATCH_MOST;

  *flags = !self->model.running || block_chance (self, 0.5) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (!self->model.running || (*flags == HOTPLUG_PLUG_PERSIST && block_chance (self, 0.2)))
    return draw (self, most, is_only_kept);
  return draw (self, most, answers);
}

gboolean
block_remove (BlockTorture *self)
{
  HotplugPlugFlags flags;
  g_autoptr (GPtrArray) disks = draw_removed (self, &flags);
  g_auto (GStrv) names = list_specs (disks, TRUE);

  if (disks->len == 0)
    return FALSE;
  must_do (self, BLOCK_REMOVE, (const char *const *)names, flags);
  has_removed (self, disks, flags);
  block_model_follow (&self->model);
  return TRUE;
}

gboolean
block_remove_unanswered (BlockTorture *self)
{
  g_autoptr (GPtrArray) disks = draw (self, 1, is_silent);
  g_auto (GStrv) names = list_specs (disks, TRUE);
  HotplugPlugFlags flags = block_chance (self, 0.5) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  g_autoptr (GError) error = NULL;

  if (disks->len == 0)
    return FALSE;
  BlockDisk *disk = g_ptr_array_index (disks, 0);
  g_assert_false (block_deed (self->model.vmi, BLOCK_REMOVE, (const char *const *)names, flags, 0, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  block_model_follow (&self->model);
  disk->leaving = TRUE;
  disk->for_good = flags == HOTPLUG_PLUG_PERSIST;
  return TRUE;
}

gboolean
block_stop (BlockTorture *self)
{
  must_do (self, BLOCK_STOP, NULL, HOTPLUG_PLUG_NONE);
  block_model_follow (&self->model);
  has_stopped (self);
  return TRUE;
}

gboolean
block_start (BlockTorture *self)
{
  must_do (self, BLOCK_START, NULL, HOTPLUG_PLUG_NONE);
  has_started (self);
  return TRUE;
}

gboolean
block_restart (BlockTorture *self)
{
  must_do (self, BLOCK_RESTART, NULL, HOTPLUG_PLUG_NONE);
  block_model_follow (&self->model);
  has_stopped (self);
  has_started (self);
  return TRUE;
}

/* Somebody who knows nothing of records */
gboolean
block_start_by_others (BlockTorture *self)
{
  g_autoptr (GError) error = NULL;

  lab_create (self->model.domain, FALSE);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (self->model.vmi, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
      if (hotplug_volume_status_get_phase (status) != HOTPLUG_VOLUME_PHASE_READY)
        g_error ("%s does not come back: %s", hotplug_volume_status_get_name (status),
                 hotplug_volume_status_get_message (status));
    }
  has_started (self);
  return TRUE;
}

/* The machine ends with nobody looking. Where a snapshot had not been seen either, nothing starts until somebody has
 * decided: the newer files are merged into the recorded one, or thrown away. */

static void
decide (BlockTorture *self, BlockDisk *disk, guint newer)
{
  BlockImage *first = block_disk_image (disk, 0);
  BlockImage *recorded = block_disk_image (disk, newer);

  if (block_chance (self, 0.5))
    {
      g_autofree char *command = g_strdup_printf ("qemu-img commit -q -f qcow2 -b %s %s", recorded->path, first->path);
      g_autofree char *complaint = NULL;
      int status = 0;
      g_assert_true (g_spawn_command_line_sync (command, NULL, &complaint, &status, NULL));
      if (status != 0)
        g_error ("%s: %s", command, complaint);
      memcpy (recorded->words, first->words, BLOCK_SLOTS);
      recorded->mib = MAX (recorded->mib, first->mib);
    }
  for (guint i = 0; i < newer; i++)
    {
      g_unlink (block_disk_image (disk, 0)->path);
      g_ptr_array_remove_index (disk->chain, 0);
    }
}

/* An overlay that nobody has written to may pass for none: QEMU closes what is below it later than it makes it. */
static gboolean
has_changed (const BlockDisk *disk, guint newer)
{
  return memcmp (block_disk_image (disk, 0)->words, block_disk_image (disk, newer)->words, BLOCK_SLOTS) != 0;
}

gboolean
block_crash (BlockTorture *self)
{
  BlockModel *model = &self->model;
  g_autoptr (GError) error = NULL;
  gboolean behind = FALSE;

  lab_destroy (model->domain);
  for (guint i = 0; i < model->disks->len; i++)
    {
      const BlockDisk *disk = g_ptr_array_index (model->disks, i);
      guint newer = block_model_count_newer (model, disk);
      behind = behind || (newer > 0 && has_changed (disk, newer));
    }
  if (behind)
    {
      g_assert_false (block_deed (model->vmi, BLOCK_START, NULL, HOTPLUG_PLUG_NONE, -1, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
      g_assert_false (lab_is_active (model->domain));
    }
  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      guint newer = block_model_count_newer (model, disk);
      if (newer > 0)
        decide (self, disk, newer);
    }
  has_stopped (self);
  block_look (self);
  return TRUE;
}

/* A client dies at it */

/* What the template keeps, and left the running machine, is pending until the next start. */
static gboolean
is_waiting (BlockTorture *self, HotplugVolumeStatus *status)
{
  const BlockDisk *disk = block_model_find (&self->model, hotplug_volume_status_get_name (status));
  HotplugVolumePhase phase = hotplug_volume_status_get_phase (status);

  return (phase == HOTPLUG_VOLUME_PHASE_DETACHING && (disk == NULL || !disk->leaving))
         || (phase == HOTPLUG_VOLUME_PHASE_PENDING && (disk == NULL || !disk->persisted)
             && lab_is_active (self->model.domain));
}

/* Whoever opens the machine next ends what was begun. */
static void
await_mended (BlockTorture *self)
{
  gint64 until = g_get_monotonic_time () + KILLED_PATIENCE;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVmi) opened = hotplug_host_get_vmi (self->host, self->model.machine, NULL, &error);
      g_assert_no_error (error);
      g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (opened, NULL, &error);

      g_assert_no_error (error);
      const char *waiting = NULL;
      for (guint i = 0; i < statuses->len && waiting == NULL; i++)
        {
          HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
          waiting = is_waiting (self, status) ? hotplug_volume_status_get_message (status) : NULL;
        }
      if (waiting == NULL)
        return;
      if (g_get_monotonic_time () >= until)
        g_error ("what a killed client began has no end: %s", waiting);
      g_usleep (KILLED_INTERVAL);
    }
}

/* How many of them the machine has, running or not */
static guint
count_there (BlockTorture *self, GPtrArray *disks)
{
  g_autofree char *xml = self->model.running ? lab_live_xml (self->model.domain)
                                             : lab_inactive_xml (self->model.domain);
  guint found = 0;

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *alias = g_strdup_printf ("ua-hpv-%s'", ((BlockDisk *)g_ptr_array_index (disks, i))->name);
      found += strstr (g_strdelimit (xml, "\"", '\''), alias) != NULL;
    }
  return found;
}

static gboolean
killed_add (BlockTorture *self)
{
  HotplugPlugFlags flags = HOTPLUG_PLUG_NONE;
  /* what was begun is taken back, which takes a guest */
  g_autoptr (GPtrArray) disks = new_disks (self, self->model.running, &flags);
  g_auto (GStrv) specs = list_specs (disks, FALSE);

  if (disks->len == 0)
    return FALSE;
  g_test_message ("killed at an add of %s …, flags %u", specs[0], (guint)flags);
  block_kill_client (self, BLOCK_ADD, (const char *const *)specs, flags);
  await_mended (self);
  guint there = count_there (self, disks);
  g_assert_true (there == 0 || there == disks->len);
  take_disks (self, disks);
  for (guint i = 0; there == 0 && i < disks->len; i++)
    end_disk (self, g_ptr_array_index (disks, i));
  return TRUE;
}

static gboolean
killed_remove (BlockTorture *self)
{
  HotplugPlugFlags flags;
  g_autoptr (GPtrArray) disks = draw_removed (self, &flags);
  g_auto (GStrv) names = list_specs (disks, TRUE);

  /* of what is only in the template it can't be told by what runs */
  if (disks->len == 0 || (self->model.running && is_only_kept (g_ptr_array_index (disks, 0))))
    return FALSE;
  g_test_message ("killed at a removal of %s …, flags %u", names[0], (guint)flags);
  block_kill_client (self, BLOCK_REMOVE, (const char *const *)names, flags);
  await_mended (self);
  guint there = count_there (self, disks);
  g_assert_true (there == 0 || there == disks->len);
  if (there == 0)
    has_removed (self, disks, flags);
  return TRUE;
}

/* libvirt counts them. */
static guint
find_run (BlockTorture *self)
{
  g_autoptr (LabDomain) domain = lab_lookup (self->model.connect, self->model.machine);

  return virDomainGetID (domain);
}

static gboolean
killed_life (BlockTorture *self)
{
  BlockModel *model = &self->model;
  BlockDeed deed = !model->running ? BLOCK_START : block_chance (self, 0.5) ? BLOCK_STOP : BLOCK_RESTART;

  block_look (self);
  guint before = find_run (self);
  g_test_message ("killed at deed %d", (int)deed);
  block_kill_client (self, deed, NULL, HOTPLUG_PLUG_NONE);
  g_usleep (DAEMON_TIME);
  await_mended (self);
  guint after = find_run (self);
  if (after == before)
    return TRUE;
  if (model->running)
    has_stopped (self);
  if (after != NO_RUN)
    has_started (self);
  return TRUE;
}

gboolean
block_killed (BlockTorture *self)
{
  switch (block_between (self, 0, 2))
    {
    case 0:
      if (!killed_add (self))
        return FALSE;
      break;
    case 1:
      if (!killed_remove (self))
        return FALSE;
      break;
    default:
      killed_life (self);
    }
  block_look (self);
  return TRUE;
}
