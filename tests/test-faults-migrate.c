/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include "base/hotplug-host-uri-private.h"
#include "fake/fake-pair.h"
#include "fake/fake-peer.h"
#include "fake/fake-sweep.h"
#include "host/hotplug-migration-private.h"

/* A migration that fails, or whose client is killed, at each of the calls of both hosts in turn: afterwards the machine
 * runs on one of them with all that it had, the other has nothing of it, and nothing waits to be done. */

#define VICTIM "--victim"
#define END_MAX (5 * G_TIME_SPAN_SECOND)

typedef enum {
  HERE,
  THERE,
} Side;

typedef struct
{
  const char *path;
  RigKind kind;
  gboolean paused;
  gboolean pending; /* with an interface that only the destination can connect */
} Case;

static const Case cases[] = {
  { "local", RIG_RUNNING, FALSE, FALSE },
  { "paused", RIG_RUNNING, TRUE, FALSE },
  { "pending", RIG_RUNNING, FALSE, TRUE },
  { "transient", RIG_TRANSIENT, FALSE, FALSE },
  { "remote", RIG_REMOTE, FALSE, FALSE },
  { "remote-pending", RIG_REMOTE, FALSE, TRUE },
  { "remote-transient", RIG_REMOTE | RIG_TRANSIENT, FALSE, FALSE },
};

static const char *program;

static void
pause_it (Pair *pair)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (pair->here->fake, RIG_UUID, &text);
  fake_machine_run (pair->here->fake, RIG_UUID, text.live, HOTPLUG_VMI_STATE_PAUSED);
}

static Pair *
prepare (const Case *test)
{
  Pair *pair = pair_new (test->kind);

  pair_add (pair, "data", HOTPLUG_PLUG_NONE);
  if (test->pending)
    pair_add_pending (pair, "nic", HOTPLUG_PLUG_PERSIST);
  if (test->paused)
    pause_it (pair);
  return pair;
}

static Rig *
rig_of (Pair *pair, Side side)
{
  return side == HERE ? pair->here : pair->there;
}

/* What it is like before and after, and how many calls each host is made */
typedef struct
{
  char *before;
  char *after;
  guint calls[2];
} Measure;

static void
clear_measure (Measure *self)
{
  g_free (self->before);
  g_free (self->after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Measure, clear_measure)

static void
measure (const Case *test, Measure *out)
{
  g_autoptr (Pair) pair = prepare (test);
  g_autoptr (GError) error = NULL;

  out->before = rig_state (pair->here);
  fake_connection_fail (pair->here->fake, FAKE_ANY, 0, FAKE_REFUSES);
  fake_connection_fail (pair->there->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_true (pair_migrate (pair, NULL, &error));
  g_assert_no_error (error);
  out->calls[HERE] = fake_connection_count (pair->here->fake, FAKE_ANY);
  out->calls[THERE] = fake_connection_count (pair->there->fake, FAKE_ANY);
  out->after = rig_state (pair->there);
  pair_assert_only (pair, pair->there, out->after);
  g_assert_true ((strcmp (out->before, out->after) != 0) == test->pending);
}

/* Begins a session where the VMI is, if it is there at all, and does nothing in it */
static void
begin_session (HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;

  if (vmi == NULL)
    return;
  g_assert_false (hotplug_vmi_remove_volume (vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* An interface that the destination has refused stays pending, until somebody asks for it again. */
static void
bring_back (HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = vmi != NULL ? hotplug_vmi_bring_back_volumes (vmi, NULL, &error) : NULL;

  g_assert_no_error (error);
}

static gboolean
has_ended (Pair *pair, const Measure *wanted)
{
  g_autofree char *state = pair_state (pair);
  g_autofree char *stayed = g_strconcat ("here\n", wanted->before, "\n", NULL);
  g_autofree char *moved = g_strconcat ("there\n", wanted->after, "\n", NULL);
  g_autofree char *here = rig_intent (pair->here);
  g_autofree char *there = rig_intent (pair->there);

  return (strcmp (state, stayed) == 0 || strcmp (state, moved) == 0) && here == NULL && there == NULL;
}

/* New handles, first on @first: the machine is brought to one of the two ends */
static void
assert_ends (Pair *pair, const Measure *wanted, Side first)
{
  gint64 until = g_get_monotonic_time () + END_MAX;

  do
    {
      begin_session (rig_of (pair, first)->vmi);
      begin_session (rig_of (pair, first == HERE ? THERE : HERE)->vmi);
      rig_find_vmi (rig_of (pair, first));
      rig_find_vmi (rig_of (pair, first == HERE ? THERE : HERE));
    }
  while (!has_ended (pair, wanted) && g_get_monotonic_time () < until);

  if (!has_ended (pair, wanted))
    {
      g_autofree char *state = pair_state (pair);
      g_autofree char *intent = rig_intent (pair->here);
      g_error ("it has not come to an end: %s\nintent %s", state, intent != NULL ? intent : "none");
    }
}

/* What the call itself says must be so */
static void
assert_told (Pair *pair, const Measure *wanted, gboolean done)
{
  g_autofree char *intent = rig_intent (pair->here);
  g_autofree char *told = rig_intent (pair->there);

  g_assert_true (hotplug_vmi_get_host (pair->here->vmi) == (done ? pair->there->host : pair->here->host));
  if (intent != NULL || told != NULL)
    return;
  pair_assert_only (pair, done ? pair->there : pair->here, done ? wanted->after : wanted->before);
}

static void
fail_one (const Case *test, const Measure *wanted, Side side, guint nth, FakeFault fault, Side first)
{
  g_autoptr (Pair) pair = prepare (test);
  g_autoptr (GError) error = NULL;
  FakeConnection *fake = rig_of (pair, side)->fake;

  g_test_message ("%s: call %u of %s, fault %d, then %d", test->path, nth, side == HERE ? "here" : "there", (int)fault,
                  (int)first);
  fake_connection_fail (fake, FAKE_ANY, nth, fault);
  gboolean done = pair_migrate (pair, NULL, &error);
  fake_connection_come_up (fake);
  fake_connection_fail (fake, FAKE_ANY, 0, fault);
  g_assert_true (done == (error == NULL));
  if (test->pending && side == THERE && fault == FAKE_REFUSES)
    {
      pair_reopen (pair);
      bring_back (pair->there->vmi);
    }
  else
    {
      assert_told (pair, wanted, done);
      pair_reopen (pair);
    }
  assert_ends (pair, wanted, first);
}

static void
test_fails (gconstpointer data)
{
  static const FakeFault faults[] = { FAKE_REFUSES, FAKE_BREAKS_BEFORE, FAKE_BREAKS_AFTER, FAKE_GOES_DOWN };
  g_auto (Measure) wanted = { NULL };

  measure (data, &wanted);
  for (Side side = HERE; side <= THERE; side++)
    {
      for (guint nth = 1; nth <= wanted.calls[side]; nth++)
        {
          for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
            {
              if (sweep_takes_step ())
                fail_one (data, &wanted, side, nth, faults[i], (nth + i) % 2 == 0 ? HERE : THERE);
            }
        }
    }
}

static gpointer
start_daemon (gpointer fake)
{
  g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  fake_connection_come_up (fake);
  return NULL;
}

/* The daemon dies with its answer, and somebody starts it again: the call waits for that, and says how it ended. Only
 * what is left to do after an arrival is left to the next session. */
static void
come_back (const Measure *wanted, Side side, guint nth)
{
  g_autoptr (Pair) pair = prepare (&cases[0]);
  FakeConnection *fake = rig_of (pair, side)->fake;

  fake_connection_set_patience (pair->here->fake, G_TIME_SPAN_MINUTE);
  fake_connection_fail (fake, FAKE_ANY, nth, FAKE_GOES_DOWN);
  GThread *starter = g_thread_new ("starter", start_daemon, fake);
  gboolean done = pair_migrate (pair, NULL, NULL);
  g_thread_join (starter);

  g_autofree char *intent = rig_intent (pair->here);
  g_assert_true (hotplug_vmi_get_host (pair->here->vmi) == (done ? pair->there->host : pair->here->host));
  g_assert_true (done || intent == NULL);
  pair_reopen (pair);
  assert_ends (pair, wanted, side);
}

static void
test_comes_back (void)
{
  g_auto (Measure) wanted = { NULL };

  measure (&cases[0], &wanted);
  for (Side side = HERE; side <= THERE; side++)
    {
      for (guint nth = 1; nth <= wanted.calls[side]; nth++)
        come_back (&wanted, side, nth);
    }
}

/* In the process that dies: DIRECTORY CASE SIDE NTH FAULT */
static int
be_victim (char **arguments)
{
  const Case *test = &cases[g_ascii_strtoull (arguments[1], NULL, 10)];
  g_autoptr (Pair) pair = pair_join (arguments[0], test->kind);
  Side side = (Side)g_ascii_strtoull (arguments[2], NULL, 10);

  fake_connection_fail (rig_of (pair, side)->fake, FAKE_ANY, (guint)g_ascii_strtoull (arguments[3], NULL, 10),
                        (FakeFault)g_ascii_strtoull (arguments[4], NULL, 10));
  pair_migrate (pair, NULL, NULL);
  return 0;
}

static void
kill_one (const Case *test, const Measure *wanted, Side side, guint nth, FakeFault fault, Side first)
{
  g_autoptr (Pair) pair = prepare (test);
  g_autoptr (GError) error = NULL;
  g_autofree char *number = g_strdup_printf ("%d", (int)(test - cases));
  g_autofree char *where = g_strdup_printf ("%d", (int)side);
  g_autofree char *call = g_strdup_printf ("%u", nth);
  g_autofree char *how = g_strdup_printf ("%d", (int)fault);
  const char *argv[] = { program, VICTIM, pair->here->directory, number, where, call, how, NULL };
  int status = 0;

  g_test_message ("%s: killed at call %u of %s (%d), then %d", test->path, nth, side == HERE ? "here" : "there",
                  (int)fault, (int)first);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status));
  pair_reopen (pair);
  assert_ends (pair, wanted, first);
}

static void
test_killed (gconstpointer data)
{
  g_auto (Measure) wanted = { NULL };

  measure (data, &wanted);
  for (Side side = HERE; side <= THERE; side++)
    {
      for (guint nth = 1; nth <= wanted.calls[side]; nth++)
        {
          if (sweep_takes_step ())
            kill_one (data, &wanted, side, nth, FAKE_CLIENT_DIES_BEFORE, nth % 2 == 0 ? HERE : THERE);
          if (sweep_takes_step ())
            kill_one (data, &wanted, side, nth, FAKE_CLIENT_DIES_AFTER, nth % 2 == 0 ? THERE : HERE);
        }
    }
}

/* What libvirt leaves: with a client's intent, it comes to an end whoever looks first. */
static const struct
{
  const char *row;
  FakeHalf half;
  gboolean moved;
} halves[] = {
  { "awaited", FAKE_HALF_AWAITED, FALSE }, { "standing", FAKE_HALF_STANDING, FALSE }, { "both", FAKE_HALF_BOTH, FALSE },
  { "running", FAKE_HALF_RUNNING, TRUE },  { "defined", FAKE_HALF_DEFINED, TRUE },
};

static void
end_half (guint row, const Case *test, const Measure *wanted, Side first)
{
  g_autoptr (Pair) pair = prepare (test);

  pair_intend (pair, test->paused, NULL);
  fake_migrate_leave (pair->here->fake, pair->there->fake, RIG_UUID, halves[row].half);
  pair_reopen (pair);
  assert_ends (pair, wanted, first);
  pair_assert_only (pair, halves[row].moved ? pair->there : pair->here,
                    halves[row].moved ? wanted->after : wanted->before);
}

static void
test_half (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Measure) wanted = { NULL };

      measure (&cases[i], &wanted);
      end_half (GPOINTER_TO_UINT (data), &cases[i], &wanted, HERE);
      end_half (GPOINTER_TO_UINT (data), &cases[i], &wanted, THERE);
    }
}

/* The table of vmi/hotplug-session-migration.c: how each host has the machine, and what becomes of it. */

typedef enum {
  NONE,
  STOPPED,
  RUNS,
  STANDS,
  UNKNOWN,
  N_STATES,
} State;

/* s: it stays, m: it has moved, u: that, or what the other host has left, can't be told, !: it runs on both, x:
 * neither has it, -: no session begins */
static const char *const table[N_STATES] = {
  /*             there: none stopped runs stands unknown */
  [NONE] = /*    */ "xmmm-", /* only there is somebody to ask */
  [STOPPED] = /* */ "smmmu",
  [RUNS] = /*    */ "ss!su",
  [STANDS] = /*  */ "smmmu", /* one that is only awaited there has no template: /recover/half/both */
  [UNKNOWN] = /* */ "-uuu-",
};

static void
put (Rig *rig, State state)
{
  g_autofree char *xml = rig_machine_xml (RIG_UUID, RIG_VMI, RIG_RUNNING);

  fake_machine_define (rig->fake, RIG_UUID, state == NONE ? NULL : xml);
  fake_machine_run (rig->fake, RIG_UUID, state == RUNS || state == STANDS ? xml : NULL,
                    state == STANDS ? HOTPLUG_VMI_STATE_PAUSED : HOTPLUG_VMI_STATE_RUNNING);
  if (state == UNKNOWN)
    fake_connection_go_down (rig->fake);
}

static State
get (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  if (text.live == NULL)
    return text.template != NULL ? STOPPED : NONE;
  return text.state == HOTPLUG_VMI_STATE_RUNNING ? RUNS : STANDS;
}

/* What @here has become, and @there */
static void
assert_outcome (Pair *pair, State here, State there, gboolean paused, const GError *error)
{
  State here_now = get (pair->here);
  State there_now = get (pair->there);
  HotplugError code = table[here][there] == '!' ? HOTPLUG_ERROR_HYPERVISOR : HOTPLUG_ERROR_CONNECTION;

  switch (table[here][there])
    {
    case 's':
      g_assert_cmpint (here_now, ==, here == STANDS && !paused ? RUNS : here);
      g_assert_true (there == UNKNOWN || there_now == NONE);
      break;
    case 'm':
      g_assert_cmpint (there_now, ==, there);
      g_assert_true (here == UNKNOWN || here_now == NONE);
      break;
    default:
      g_assert_true (here == UNKNOWN || here_now == here);
      g_assert_true (there == UNKNOWN || there_now == there);
      g_assert_error (error, HOTPLUG_ERROR, (int)code);
    }
}

static void
decide_one (State here, State there, gboolean paused, Side first)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_test_message ("here %d, there %d, paused %d, handle %d", here, there, paused, (int)first);
  put (pair->there, RUNS);
  rig_find_vmi (pair->there);
  pair_intend (pair, paused, NULL);
  put (pair->here, here);
  put (pair->there, there);
  hotplug_vmi_remove_volume (rig_of (pair, first)->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error);
  assert_outcome (pair, here, there, paused, error);
}

static void
test_table (void)
{
  for (State here = NONE; here < N_STATES; here++)
    {
      for (State there = NONE; there < N_STATES; there++)
        {
          for (gboolean paused = FALSE; paused <= TRUE; paused++)
            {
              if (here != NONE && here != UNKNOWN)
                decide_one (here, there, paused, HERE);
              if (there != NONE && there != UNKNOWN)
                decide_one (here, there, paused, THERE);
            }
        }
    }
}

/* A QEMU that waits for a guest which nobody sends any more: its daemon calls that a job for ever. */
static void
test_orphan (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);

  pair_add (pair, "data", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (pair->here);
  pair_intend (pair, FALSE, NULL);
  fake_migrate_leave (pair->here->fake, pair->there->fake, RIG_UUID, FAKE_HALF_AWAITED);
  fake_connection_set_job (pair->there->fake, "is just arriving by a migration");
  begin_session (pair->here->vmi);
  fake_connection_set_job (pair->there->fake, NULL);
  pair_assert_only (pair, pair->here, before);
}

static HotplugConnection *
open_nothing (HotplugConnection *self G_GNUC_UNUSED, const char *uri)
{
  g_test_message ("opens %s", uri);
  g_assert_not_reached ();
}

/* Who can write a machine's metadata does not say what is run where it is read. */
static void
test_forged (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING | RIG_REMOTE);
  g_autoptr (GError) error = NULL;
  HotplugConnectionClass *class
      = G_TYPE_INSTANCE_GET_CLASS (rig->fake, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);
  const HotplugMigrationCalls *before = class->migration;
  HotplugMigrationCalls calls = *before;
  g_autofree char *xml = g_markup_printf_escaped (
      "<hotplug><intent>%s</intent></hotplug>",
      "[intent]\nkind=migrate\nsource=qemu+tcp://a/system\ndestination=qemu+ext://x/system?command=/bin/touch\n");

  calls.open_peer = open_nothing;
  calls.is_plain = _hotplug_host_uri_is_plain;
  class->migration = &calls;
  _hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, HOTPLUG_SIDE_LIVE, xml, &error);
  g_assert_no_error (error);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "qemu+ext://x/system?command=/bin/touch, which is not opened"));
  class->migration = before;
}

/* A client on another machine may be at it still: it gets its time, and is then taken for dead. */
static void
test_foreigner (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_REMOTE);
  gint64 begun = g_get_monotonic_time ();

  pair_add (pair, "data", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (pair->here);
  pair_intend (pair, FALSE, "elsewhere");
  fake_migrate_leave (pair->here->fake, pair->there->fake, RIG_UUID, FAKE_HALF_RUNNING);
  rig_find_vmi (pair->there);
  g_autofree char *told = rig_intent (pair->there);
  g_assert_nonnull (told);
  begin_session (pair->there->vmi);
  g_assert_cmpint (g_get_monotonic_time () - begun, >, 9 * G_TIME_SPAN_SECOND);
  pair_assert_only (pair, pair->there, before);
  g_autofree char *left = rig_intent (pair->there);
  g_assert_cmpstr (left, ==, NULL);
}

/* Who opens the destination by another URI is there all the same. */
static void
test_other_uri (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autofree char *other = g_strconcat ("fake+other://", pair->there->directory, NULL);
  g_autofree char *before = rig_state (pair->here);

  pair_intend (pair, FALSE, NULL);
  fake_migrate_leave (pair->here->fake, pair->there->fake, RIG_UUID, FAKE_HALF_RUNNING);
  fake_peer_set_uri (pair->there->fake, other);
  rig_find_vmi (pair->there);
  begin_session (pair->there->vmi);
  pair_assert_only (pair, pair->there, before);
}

/* A URI that is another host to who reads it: that it has no such machine says nothing. */
static void
test_other_host (gconstpointer data)
{
  Side first = (Side)GPOINTER_TO_INT (data);
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (Rig) third = rig_new (RIG_STOPPED);
  g_autoptr (GError) error = NULL;
  FakeConnection *fake = rig_of (pair, first == HERE ? THERE : HERE)->fake;

  fake_peer_set_uri (fake, hotplug_host_get_uri (third->host));
  pair_intend (pair, FALSE, NULL);
  fake_migrate_leave (pair->here->fake, pair->there->fake, RIG_UUID,
                      first == HERE ? FAKE_HALF_RUNNING : FAKE_HALF_BOTH);
  g_autofree char *before = pair_state (pair);
  rig_find_vmi (rig_of (pair, first));
  g_assert_false (
      hotplug_vmi_remove_volume (rig_of (pair, first)->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "another host"));
  g_autofree char *after = pair_state (pair);
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 7 && strcmp (argv[1], VICTIM) == 0)
    return be_victim (argv + 2);

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *fails = g_strconcat ("/faults/migrate/", cases[i].path, NULL);
      g_autofree char *killed = g_strconcat ("/recover/migrate/", cases[i].path, NULL);
      g_test_add_data_func (fails, &cases[i], test_fails);
      g_test_add_data_func (killed, &cases[i], test_killed);
    }
  for (guint row = 0; row < G_N_ELEMENTS (halves); row++)
    {
      g_autofree char *path = g_strconcat ("/recover/half/", halves[row].row, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (row), test_half);
    }
  g_test_add_func ("/conformance/FL03/daemon-comes-back", test_comes_back);
  g_test_add_func ("/conformance/FL03/table", test_table);
  g_test_add_func ("/conformance/FL03/orphan", test_orphan);
  g_test_add_func ("/conformance/FX01/forged", test_forged);
  g_test_add_func ("/recover/foreigner", test_foreigner);
  g_test_add_func ("/recover/other-uri", test_other_uri);
  g_test_add_data_func ("/recover/other-host/from-source", GINT_TO_POINTER (HERE), test_other_host);
  g_test_add_data_func ("/recover/other-host/from-destination", GINT_TO_POINTER (THERE), test_other_host);

  return g_test_run ();
}
