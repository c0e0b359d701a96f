/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "conformance/block-torture.h"

#define MACHINE "tortured"
/* What a start is taken to need before the first one; microseconds */
#define FIRST_PACE (300 * G_TIME_SPAN_MILLISECOND)

/* When it is possible */
typedef enum { RUNNING = 1, STOPPED = 2, ALWAYS = 3 } When;

static const struct
{
  const char *name;
  gboolean (*run) (BlockTorture *);
  When when;
  guint weight;
} operations[] = {
  { "add", block_add, ALWAYS, 14 },
  { "remove", block_remove, ALWAYS, 8 },
  { "remove, unanswered", block_remove_unanswered, RUNNING, 3 },
  { "remove, refused", block_refused, RUNNING, 4 },
  { "snapshot", block_snapshot, RUNNING, 14 },
  { "active commit", block_commit_active, RUNNING, 6 },
  { "commit", block_commit_inner, RUNNING, 5 },
  { "copy", block_copy, RUNNING, 5 },
  { "resize", block_resize, RUNNING, 4 },
  { "blkdeviotune", block_tune, RUNNING, 5 },
  { "restart", block_restart, RUNNING, 4 },
  { "stop", block_stop, RUNNING, 3 },
  { "crash", block_crash, RUNNING, 3 },
  { "start", block_start, STOPPED, 20 },
  { "start by others", block_start_by_others, STOPPED, 10 },
  { "client killed", block_killed, ALWAYS, 8 },
};

static guint
draw_operation (BlockTorture *self)
{
  When now = self->model.running ? RUNNING : STOPPED;
  guint total = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    total += operations[i].when & now ? operations[i].weight : 0;
  guint pick = block_between (self, 0, total - 1);
  for (guint i = 0;; i++)
    {
      guint weight = operations[i].when & now ? operations[i].weight : 0;
      if (pick < weight)
        return i;
      pick -= weight;
    }
}

static void
write_something (BlockTorture *self)
{
  g_autoptr (GPtrArray) disks = block_draw_disks (self, 2, FALSE);

  for (guint i = 0; i < disks->len; i++)
    block_model_write (&self->model, g_ptr_array_index (disks, i), block_between (self, 0, BLOCK_SLOTS - 1),
                       (guint8)block_between (self, 1, 255));
}

static void
tell (guint step, const char *name, const BlockModel *model)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < model->disks->len; i++)
    {
      const BlockDisk *disk = g_ptr_array_index (model->disks, i);
      g_string_append_printf (text, " %s%s%s%s:%u", disk->name, disk->persisted ? "+" : "",
                              disk->plugged || !model->running ? "" : "-", disk->leaving ? "?" : "", disk->chain->len);
    }
  g_test_message ("step %u: %s; %s%s", step, name, model->running ? "running" : "stopped", text->str);
}

static void
run_steps (BlockTorture *self, guint steps, guint seed)
{
  guint counts[G_N_ELEMENTS (operations)] = { 0 };
  gint64 begin = g_get_monotonic_time ();

  for (guint step = 0; step < steps;)
    {
      guint i = draw_operation (self);
      g_test_message ("step %u: %s?", step, operations[i].name);
      if (!operations[i].run (self))
        continue;
      counts[i]++;
      tell (step, operations[i].name, &self->model);
      g_autofree char *wrong = block_model_check (&self->model);
      if (wrong != NULL)
        g_error ("step %u of seed %u, %s:\n%s", step, seed, operations[i].name, wrong);
      write_something (self);
      step++;
    }

  double seconds = (double)(g_get_monotonic_time () - begin) / G_TIME_SPAN_SECOND;
  g_autoptr (GString) text = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    g_string_append_printf (text, "%s%u %s", i > 0 ? ", " : "", counts[i], operations[i].name);
  g_print ("# seed %u: %u steps, %.0f s, no violation: %s\n", seed, steps, seconds, text->str);
}

void
block_torture (const char *program, guint steps, guint seed)
{
  g_autoptr (LabDaemon) daemon = lab_daemon_new (MACHINE, FALSE);
  const LabMachine machine = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 8, .scsi = TRUE,
                               .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autofree char *images = lab_dir_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  BlockTorture self = { .random = random, .images = images, .program = program };
  BlockModel *model = &self.model;

  g_print ("# seed %u\n", seed);
  for (guint i = 0; i < BLOCK_N_DEEDS; i++)
    self.pace[i] = FIRST_PACE;
  model->daemon = daemon;
  self.host = hotplug_host_open (lab_daemon_uri (daemon), NULL, &error);
  g_assert_no_error (error);
  model->connect = lab_connect (lab_daemon_uri (daemon));
  model->domain = lab_define (model->connect, xml);
  model->vmi = hotplug_host_get_vmi (self.host, MACHINE, NULL, &error);
  g_assert_no_error (error);
  model->machine = g_strdup (MACHINE);
  model->log = g_build_filename (lab_daemon_dir (daemon), "log", "qemu", MACHINE ".log", NULL);
  model->disks = g_ptr_array_new_with_free_func (block_disk_free);

  run_steps (&self, steps, seed);

  if (lab_is_active (model->domain))
    lab_destroy (model->domain);
  lab_undefine (model->domain);
  block_model_clear (model);
  g_clear_object (&self.host);
}
