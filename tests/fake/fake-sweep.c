/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "fake/fake-sweep.h"

#define NAME "data"
#define END_MAX (5 * G_TIME_SPAN_SECOND)

static void
add_now (Rig *rig, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, NAME, flags, &error), error);
}

static void
stop_now (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  must (hotplug_vmi_stop (rig->vmi, 0, NULL, &error), error);
}

static gboolean
add_plain (Rig *rig, GError **error)
{
  return rig_add (rig, NAME, HOTPLUG_PLUG_NONE, error);
}

static gboolean
add_persist (Rig *rig, GError **error)
{
  return rig_add (rig, NAME, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
add_virtio (Rig *rig, GError **error)
{
  return rig_add_on (rig, NAME, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
add_virtio_plain (Rig *rig, GError **error)
{
  return rig_add_on (rig, NAME, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, error);
}

static gboolean
remove_it (Rig *rig, GError **error)
{
  return hotplug_vmi_remove_volume (rig->vmi, NAME, HOTPLUG_PLUG_PERSIST, 5000, NULL, error);
}

static gboolean
start_it (Rig *rig, GError **error)
{
  return hotplug_vmi_start (rig->vmi, NULL, error);
}

static gboolean
stop_it (Rig *rig, GError **error)
{
  return hotplug_vmi_stop (rig->vmi, 1000, NULL, error);
}

static void
with_persisted (Rig *rig)
{
  add_now (rig, HOTPLUG_PLUG_PERSIST);
}

static void
with_plain (Rig *rig)
{
  add_now (rig, HOTPLUG_PLUG_NONE);
}

static void
with_persisted_and_stopped (Rig *rig)
{
  add_now (rig, HOTPLUG_PLUG_PERSIST);
  stop_now (rig);
}

static void
with_plain_and_stopped (Rig *rig)
{
  add_now (rig, HOTPLUG_PLUG_NONE);
  stop_now (rig);
}

/* The guest was asked, and has not answered; now it would. */
static void
with_removal (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  add_now (rig, HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, NAME, HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  rig_reopen (rig);
}

/* Three volumes as one */
static const char *const batch[] = { "data", "more", "most", NULL };

static gboolean
add_batch (Rig *rig, HotplugBus bus, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; batch[i] != NULL; i++)
    g_ptr_array_add (volumes, rig_volume (rig, batch[i], bus));
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, error);
  g_assert_true (statuses == NULL || statuses->len == volumes->len);
  return statuses != NULL;
}

static gboolean
add_batch_plain (Rig *rig, GError **error)
{
  return add_batch (rig, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, error);
}

static gboolean
add_batch_persist (Rig *rig, GError **error)
{
  return add_batch (rig, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
add_batch_virtio (Rig *rig, GError **error)
{
  return add_batch (rig, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, error);
}

static gboolean
remove_batch (Rig *rig, GError **error)
{
  return hotplug_vmi_remove_volumes (rig->vmi, batch, HOTPLUG_PLUG_PERSIST, 5000, NULL, error);
}

static void
with_batch (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  must (add_batch_plain (rig, &error), error);
}

static void
with_persisted_batch (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  must (add_batch_virtio (rig, &error), error);
}

static void
with_persisted_batch_and_stopped (Rig *rig)
{
  with_persisted_batch (rig);
  stop_now (rig);
}

/* Somebody has taken all ports but the first out of the template since the start: it gets back the one that is
 * needed */
static void
with_fewer_ports (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GRegex) ports = g_regex_new ("<controller type=.pci. index=.[2-9][^/]*/></controller>", 0, 0, NULL);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autofree char *fewer = g_regex_replace_literal (ports, text.template, -1, 0, "", 0, NULL);
  g_assert_cmpstr (fewer, !=, text.template);
  fake_machine_define (rig->fake, RIG_UUID, fewer);
}

const SweepCase sweep_add_cases[] = {
  { "add/plain", RIG_RUNNING, NULL, add_plain, FALSE },
  { "add/persist", RIG_RUNNING, NULL, add_persist, FALSE },
  { "add/plain-without-controller", RIG_BARE, NULL, add_plain, FALSE },
  { "add/persist-without-controller", RIG_BARE, NULL, add_persist, FALSE },
  { "add/virtio-plain", RIG_RUNNING, NULL, add_virtio_plain, FALSE },
  { "add/virtio-persist", RIG_RUNNING, NULL, add_virtio, FALSE },
  { "add/virtio-persist-without-port", RIG_RUNNING, with_fewer_ports, add_virtio, FALSE },
  { "add/stopped", RIG_STOPPED, NULL, add_persist, FALSE },
  { "add/stopped-without-controller", RIG_STOPPED | RIG_BARE, NULL, add_persist, FALSE },
  { "add/transient", RIG_TRANSIENT, NULL, add_plain, FALSE },
  { "add/batch/plain", RIG_RUNNING, NULL, add_batch_plain, FALSE },
  { "add/batch/persist", RIG_RUNNING, NULL, add_batch_persist, FALSE },
  { "add/batch/without-controller", RIG_BARE, NULL, add_batch_persist, FALSE },
  { "add/batch/virtio", RIG_RUNNING, NULL, add_batch_virtio, FALSE },
  { "add/batch/virtio-without-port", RIG_RUNNING, with_fewer_ports, add_batch_virtio, FALSE },
  { "add/batch/stopped", RIG_STOPPED, NULL, add_batch_persist, FALSE },
  { "add/batch/transient", RIG_TRANSIENT, NULL, add_batch_plain, FALSE },
  { "add/batch/remote", RIG_REMOTE, NULL, add_batch_persist, FALSE },
  { "add/remote/plain", RIG_REMOTE, NULL, add_plain, FALSE },
  { "add/remote/persist", RIG_REMOTE, NULL, add_persist, FALSE },
  { "add/remote/persist-without-controller", RIG_REMOTE | RIG_BARE, NULL, add_persist, FALSE },
  { "add/remote/stopped", RIG_REMOTE | RIG_STOPPED, NULL, add_persist, FALSE },
  { "add/remote/stopped-without-controller", RIG_REMOTE | RIG_STOPPED | RIG_BARE, NULL, add_persist, FALSE },
  { "add/remote/transient", RIG_REMOTE | RIG_TRANSIENT, NULL, add_plain, FALSE },
};

const SweepCase sweep_remove_cases[] = {
  { "remove/plain", RIG_RUNNING, with_plain, remove_it, TRUE },
  { "remove/persisted", RIG_RUNNING, with_persisted, remove_it, TRUE },
  { "remove/stopped", RIG_RUNNING, with_persisted_and_stopped, remove_it, TRUE },
  { "remove/transient", RIG_TRANSIENT, with_plain, remove_it, TRUE },
  { "remove/batch/plain", RIG_RUNNING, with_batch, remove_batch, TRUE },
  { "remove/batch/persisted", RIG_RUNNING, with_persisted_batch, remove_batch, TRUE },
  { "remove/batch/stopped", RIG_RUNNING, with_persisted_batch_and_stopped, remove_batch, TRUE },
  { "remove/batch/remote", RIG_REMOTE, with_persisted_batch, remove_batch, TRUE },
  { "remove/again", RIG_RUNNING, with_removal, remove_it, TRUE },
  { "remove/remote/plain", RIG_REMOTE, with_plain, remove_it, TRUE },
  { "remove/remote/persisted", RIG_REMOTE, with_persisted, remove_it, TRUE },
  { "remove/remote/stopped", RIG_REMOTE, with_persisted_and_stopped, remove_it, TRUE },
  { "remove/remote/transient", RIG_REMOTE | RIG_TRANSIENT, with_plain, remove_it, TRUE },
};

static gboolean
reserve_it (Rig *rig, GError **error)
{
  return hotplug_vmi_reserve_ports (rig->vmi, -1, 20, HOTPLUG_PLUG_NONE, NULL, error) > 0;
}

const SweepCase sweep_life_cases[] = {
  { "start/empty", RIG_STOPPED, NULL, start_it, TRUE },
  { "start/persisted", RIG_RUNNING, with_persisted_and_stopped, start_it, TRUE },
  { "start/recorded", RIG_RUNNING, with_plain_and_stopped, start_it, TRUE },
  { "start/recorded-without-controller", RIG_BARE, with_plain_and_stopped, start_it, TRUE },
  { "stop/plain", RIG_RUNNING, with_plain, stop_it, TRUE },
  { "start/remote/recorded", RIG_REMOTE, with_plain_and_stopped, start_it, TRUE },
  { "stop/remote/plain", RIG_REMOTE, with_plain, stop_it, TRUE },
  { "reserve/running", RIG_RUNNING, NULL, reserve_it, TRUE },
  { "reserve/stopped", RIG_STOPPED, NULL, reserve_it, TRUE },
  { "reserve/remote", RIG_REMOTE, NULL, reserve_it, TRUE },
};

const guint sweep_n_add_cases = G_N_ELEMENTS (sweep_add_cases);
const guint sweep_n_remove_cases = G_N_ELEMENTS (sweep_remove_cases);
const guint sweep_n_life_cases = G_N_ELEMENTS (sweep_life_cases);

Rig *
sweep_prepare (const SweepCase *test)
{
  Rig *rig = rig_new (test->kind);

  if (test->prepare != NULL)
    test->prepare (rig);
  return rig;
}

guint
sweep_measure (const SweepCase *test, char **before, char **after)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Rig) rig = sweep_prepare (test);

  *before = rig_state (rig);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  must (test->run (rig, &error), error);
  *after = rig_state (rig);
  g_assert_cmpstr (*before, !=, *after);
  rig_assert_sound (rig);
  return fake_connection_count (rig->fake, FAKE_ANY);
}

/* Begins a session, and does nothing in it */
static void
begin_session (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* A volume has one status, and it is told as failed only if it is not there */
static void
assert_statuses (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_no_error (error);
  g_autoptr (GPtrArray) volumes = hotplug_vmi_status_list_volumes (status);
  for (guint i = 0; i < volumes->len; i++)
    g_assert_true (g_hash_table_add (seen, (gpointer)hotplug_volume_status_get_name (g_ptr_array_index (volumes, i))));
}

/* A start that the hypervisor may begin with yet */
static gboolean
is_open_start (Rig *rig, const char *intent)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return text.live == NULL && strstr (intent, "kind=start\n") != NULL;
}

void
sweep_assert_ends (const SweepCase *test, Rig *rig, const char *before, const char *after, gboolean reopen)
{
  gint64 until = g_get_monotonic_time () + END_MAX;
  g_autofree char *state = NULL;

  if (reopen)
    rig_reopen (rig);
  do
    {
      g_clear_pointer (&state, g_free);
      begin_session (rig);
      state = rig_state (rig);
      g_usleep (1000);
    }
  while (strcmp (state, before) != 0 && strcmp (state, after) != 0 && g_get_monotonic_time () < until);

  if (strcmp (state, before) != 0)
    g_assert_cmpstr (state, ==, after);
  g_autofree char *intent = rig_intent (rig);
  g_assert_true (intent == NULL || is_open_start (rig, intent));
  rig_assert_sound (rig);
  assert_statuses (rig);

  /* What was taken back can be done again; it may have come about meanwhile. */
  g_autoptr (GError) error = NULL;
  if (strcmp (state, after) == 0)
    return;
  if (!test->run (rig, &error))
    g_assert_true (test->late);
  g_clear_pointer (&state, g_free);
  state = rig_state (rig);
  g_assert_cmpstr (state, ==, after);
  assert_statuses (rig);
}

/* Whether each device is all there as before, or all as after: one of several was refused, and those behind it were not
 * asked for */
static gboolean
is_between (const char *state, const char *before, const char *after)
{
  g_auto (GStrv) lines = g_strsplit (before, "\n", -1);
  g_autoptr (GHashTable) left = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      if (strstr (after, lines[i]) == NULL && strstr (state, lines[i]) == NULL && g_strv_length (words) > 2)
        g_hash_table_add (left, g_strdup (words[2]));
    }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      if (strstr (after, lines[i]) == NULL && strstr (state, lines[i]) != NULL && g_strv_length (words) > 2
          && g_hash_table_contains (left, words[2]))
        return FALSE;
    }
  return strstr (state, "removes") == NULL;
}

/* Of several, some may be gone already, and an event of one makes a thread carry the others on */
static void
assert_settles (Rig *rig, const char *before, const char *after, gboolean refused)
{
  gint64 until = g_get_monotonic_time () + END_MAX;
  g_autofree char *state = rig_state (rig);

  while (strcmp (state, before) != 0 && strcmp (state, after) != 0 && !(refused && is_between (state, before, after))
         && g_get_monotonic_time () < until)
    {
      g_usleep (1000);
      g_free (state);
      state = rig_state (rig);
    }
  if (strcmp (state, before) != 0 && !(refused && is_between (state, before, after)))
    g_assert_cmpstr (state, ==, after);
}

/* Of several removals one was refused: what is left goes when it is asked for again. */
static void
remove_rest (Rig *rig, const char *before, const char *after)
{
  g_autofree char *state = rig_state (rig);
  g_auto (GStrv) lines = g_strsplit (state, "\n", -1);

  if (strcmp (state, before) == 0 || strcmp (state, after) == 0 || !is_between (state, before, after))
    return;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      const char *alias = g_strv_length (words) > 2 && strcmp (words[1], "has") == 0 ? words[2] : "";
      const char *volumes[] = { _hotplug_volume_name_from_alias (alias), NULL };
      const char *interfaces[] = { _hotplug_interface_name_from_alias (alias), NULL };
      g_autoptr (GError) error = NULL;

      if (strstr (after, lines[i]) != NULL || !rig_state_has (rig, lines[i])
          || (*volumes == NULL && *interfaces == NULL))
        continue;
      must (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error),
            error);
    }
}

static guint
stride (void)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_STRIDE");
  guint64 n = 1;

  if (wanted != NULL && !g_ascii_string_to_unsigned (wanted, 10, 1, G_MAXUINT, &n, NULL))
    g_error ("HOTPLUG_TEST_STRIDE=%s is not a number from 1", wanted);
  if (n > 1)
    g_test_message ("one step of %" G_GUINT64_FORMAT " of each sweep", n);
  return (guint)n;
}

gboolean
sweep_takes_step (void)
{
  static guint every;
  static guint step;

  if (every == 0)
    every = stride ();
  return step++ % every == 0;
}

static void
fail_one (const SweepCase *test, guint nth, FakeFault fault, const char *before, const char *after)
{
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autoptr (GError) error = NULL;

  g_test_message ("%s: call %u, fault %d", test->path, nth, (int)fault);
  fake_connection_fail (rig->fake, FAKE_ANY, nth, fault);
  gboolean done = test->run (rig, &error);
  fake_connection_come_up (rig->fake);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, fault);

  g_autofree char *state = rig_state (rig);
  g_autofree char *intent = rig_intent (rig);
  if (done)
    g_assert_cmpstr (state, ==, after);
  else if (intent == NULL && test->late)
    assert_settles (rig, before, after, fault == FAKE_REFUSES);
  else if (intent == NULL)
    g_assert_cmpstr (state, ==, before);
  g_assert_true (done == (error == NULL));
  if (fault == FAKE_REFUSES)
    remove_rest (rig, before, after);
  sweep_assert_ends (test, rig, before, after, FALSE);
}

void
sweep_fail (gconstpointer data)
{
  static const FakeFault faults[] = { FAKE_REFUSES, FAKE_BREAKS_BEFORE, FAKE_BREAKS_AFTER, FAKE_GOES_DOWN };
  const SweepCase *test = data;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = sweep_measure (test, &before, &after);

  for (guint nth = 1; nth <= calls; nth++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
        {
          if (sweep_takes_step ())
            fail_one (test, nth, faults[i], before, after);
        }
    }
}

void
sweep_register (const char *prefix, const SweepCase *cases, guint n_cases, GTestDataFunc func)
{
  for (guint i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strconcat (prefix, "/", cases[i].path, NULL);
      g_test_add_data_func (path, &cases[i], func);
    }
}
