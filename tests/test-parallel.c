/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"

#define N_THREADS 8
#define N_PROCESSES 4
#define N_VOLUMES 4
#define CLIENT "--client"

typedef struct
{
  Rig *rig;
  const char *process;
  guint number;
} Worker;

static char *
name_of (const Worker *self, guint volume)
{
  return g_strdup_printf ("v-%s-%u-%u", self->process, self->number, volume);
}

static HotplugPlugFlags
flags_of (guint volume)
{
  return volume % 2 == 0 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
}

static gpointer
work (gpointer data)
{
  const Worker *self = data;

  for (guint volume = 0; volume < N_VOLUMES; volume++)
    {
      g_autofree char *name = name_of (self, volume);
      g_autoptr (GError) error = NULL;

      g_assert_true (rig_add (self->rig, name, flags_of (volume), &error));
      g_assert_no_error (error);
    }

  /* every second one goes again */
  for (guint volume = 0; volume < N_VOLUMES; volume += 2)
    {
      g_autofree char *name = name_of (self, volume);
      g_autoptr (GError) error = NULL;

      g_assert_true (hotplug_vmi_remove_volume (self->rig->vmi, name, HOTPLUG_PLUG_PERSIST, 20000, NULL, &error));
      g_assert_no_error (error);
    }
  return NULL;
}

static void
run_threads (Rig *const *rigs, const char *process)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ rigs[i], process, i };
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static guint
count (Rig *rig, const char *what)
{
  g_autofree char *state = rig_state (rig);
  guint found = 0;

  for (const char *at = strstr (state, what); at != NULL; at = strstr (at + 1, what))
    found++;
  return found;
}

static void
assert_sum (Rig *rig, guint n_workers)
{
  rig_assert_sound (rig);
  g_assert_cmpuint (count (rig, "live has"), ==, n_workers * N_VOLUMES / 2);
  g_assert_cmpuint (count (rig, "template records"), ==, n_workers * N_VOLUMES / 2);
  g_assert_cmpuint (count (rig, "template has"), ==, 0);
  g_assert_cmpuint (count (rig, "template removes"), ==, 0);
  g_autofree char *intent = rig_intent (rig);
  g_assert_cmpstr (intent, ==, NULL);
}

/* One handle for all threads */
static void
test_threads (gconstpointer data)
{
  g_autoptr (Rig) rig = rig_new ((RigKind)GPOINTER_TO_INT (data));
  Rig *rigs[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    rigs[i] = rig;
  run_threads (rigs, "a");
  assert_sum (rig, N_THREADS);
}

/* A connection and a handle for each */
static void
test_clients (gconstpointer data)
{
  RigKind kind = (RigKind)GPOINTER_TO_INT (data);
  g_autoptr (Rig) rig = rig_new (kind);
  Rig *rigs[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    rigs[i] = rig_join (rig->directory, kind);
  run_threads (rigs, "a");
  for (guint i = 0; i < N_THREADS; i++)
    rig_free (rigs[i]);
  assert_sum (rig, N_THREADS);
}

static const char *program;

static void
test_processes (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  GSubprocess *clients[N_PROCESSES];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", i);
      clients[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, CLIENT, rig->directory, name, NULL);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_assert_true (g_subprocess_wait_check (clients[i], NULL, &error));
      g_assert_no_error (error);
      g_object_unref (clients[i]);
    }
  assert_sum (rig, N_PROCESSES * N_THREADS);
}

static int
be_client (const char *directory, const char *process)
{
  g_autoptr (Rig) rig = rig_join (directory, RIG_RUNNING);
  Rig *rigs[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    rigs[i] = rig;
  run_threads (rigs, process);
  return 0;
}

/* A guest that takes its time keeps nobody from another machine. */
static gpointer
remove_slowly (gpointer data)
{
  HotplugVmi *vmi = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_volume (vmi, "slow", HOTPLUG_PLUG_NONE, 20000, NULL, &error));
  g_assert_no_error (error);
  return GSIZE_TO_POINTER (g_get_monotonic_time ());
}

static void
test_machines (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugVmi) other = rig_add_machine (rig, RIG_OTHER_UUID, RIG_OTHER);
  g_autoptr (HotplugVolume) volume = rig_volume (rig, "quick", HOTPLUG_BUS_SCSI);
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, "slow", HOTPLUG_PLUG_NONE, &error));
  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 700);
  GThread *thread = g_thread_new ("remover", remove_slowly, rig->vmi);
  for (gboolean begun = FALSE; !begun; g_usleep (500))
    {
      g_autofree char *intent = rig_intent (rig);
      begun = intent != NULL && strstr (intent, "kind=remove") != NULL;
    }

  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (other, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  gint64 added = g_get_monotonic_time ();
  g_assert_no_error (error);
  gint64 removed = (gint64)GPOINTER_TO_SIZE (g_thread_join (thread));
  g_assert_cmpint (added, <, removed);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 4 && strcmp (argv[1], CLIENT) == 0)
    return be_client (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/conformance/V25/threads", GINT_TO_POINTER (RIG_RUNNING), test_threads);
  g_test_add_data_func ("/conformance/V25/clients", GINT_TO_POINTER (RIG_RUNNING), test_clients);
  g_test_add_data_func ("/conformance/V25/without-controller", GINT_TO_POINTER (RIG_BARE), test_clients);
  g_test_add_func ("/conformance/V25/processes", test_processes);
  g_test_add_data_func ("/conformance/V25/remote-threads", GINT_TO_POINTER (RIG_REMOTE), test_threads);
  g_test_add_data_func ("/conformance/V25/remote-clients", GINT_TO_POINTER (RIG_REMOTE), test_clients);
  g_test_add_func ("/parallel/machines", test_machines);

  return g_test_run ();
}
