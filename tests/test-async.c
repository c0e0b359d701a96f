/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fake/fake-rig.h"
#include "host/hotplug-machine-lock-private.h"

/* Each asynchronous twin: what begins it, and what its finish says */
typedef struct
{
  const char *name;
  RigKind kind;
  gboolean with_volume;
  void (*begin) (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*finish) (Rig *rig, GAsyncResult *result, GError **error);
} Twin;

static void
begin_get_vmi (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_host_get_vmi_async (rig->host, RIG_VMI, cancellable, callback, user_data);
}

static gboolean
finish_get_vmi (Rig *rig, GAsyncResult *result, GError **error)
{
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi_finish (rig->host, result, error);

  return vmi != NULL;
}

static void
begin_list_vmis (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_host_list_vmis_async (rig->host, cancellable, callback, user_data);
}

static gboolean
finish_list_vmis (Rig *rig, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) vmis = hotplug_host_list_vmis_finish (rig->host, result, error);

  return vmis != NULL;
}

static void
begin_query (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_query_status_async (rig->vmi, cancellable, callback, user_data);
}

static gboolean
finish_query (Rig *rig, GAsyncResult *result, GError **error)
{
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status_finish (rig->vmi, result, error);

  return status != NULL;
}

static void
begin_list (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_list_volume_statuses_async (rig->vmi, cancellable, callback, user_data);
}

static gboolean
finish_list (Rig *rig, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) volumes = hotplug_vmi_list_volume_statuses_finish (rig->vmi, result, error);

  return volumes != NULL;
}

static void
begin_add (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (HotplugVolume) volume = rig_volume (rig, "data", HOTPLUG_BUS_SCSI);

  hotplug_vmi_add_volume_async (rig->vmi, volume, HOTPLUG_PLUG_NONE, cancellable, callback, user_data);
}

static gboolean
finish_add (Rig *rig, GAsyncResult *result, GError **error)
{
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume_finish (rig->vmi, result, error);

  return status != NULL;
}

static void
begin_remove (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_remove_volume_async (rig->vmi, "data", HOTPLUG_PLUG_NONE, -1, cancellable, callback, user_data);
}

static gboolean
finish_remove (Rig *rig, GAsyncResult *result, GError **error)
{
  return hotplug_vmi_remove_volume_finish (rig->vmi, result, error);
}

static void
begin_start (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_start_async (rig->vmi, cancellable, callback, user_data);
}

static gboolean
finish_start (Rig *rig, GAsyncResult *result, GError **error)
{
  return hotplug_vmi_start_finish (rig->vmi, result, error);
}

static void
begin_stop (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_stop_async (rig->vmi, -1, cancellable, callback, user_data);
}

static gboolean
finish_stop (Rig *rig, GAsyncResult *result, GError **error)
{
  return hotplug_vmi_stop_finish (rig->vmi, result, error);
}

static void
begin_restart (Rig *rig, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  hotplug_vmi_restart_async (rig->vmi, -1, cancellable, callback, user_data);
}

static gboolean
finish_restart (Rig *rig, GAsyncResult *result, GError **error)
{
  return hotplug_vmi_restart_finish (rig->vmi, result, error);
}

static const Twin twins[] = {
  { "get-vmi", RIG_RUNNING, FALSE, begin_get_vmi, finish_get_vmi },
  { "list-vmis", RIG_RUNNING, FALSE, begin_list_vmis, finish_list_vmis },
  { "query-status", RIG_RUNNING, FALSE, begin_query, finish_query },
  { "list-volume-statuses", RIG_RUNNING, FALSE, begin_list, finish_list },
  { "add-volume", RIG_RUNNING, FALSE, begin_add, finish_add },
  { "remove-volume", RIG_RUNNING, TRUE, begin_remove, finish_remove },
  { "start", RIG_STOPPED, FALSE, begin_start, finish_start },
  { "stop", RIG_RUNNING, FALSE, begin_stop, finish_stop },
  { "restart", RIG_RUNNING, FALSE, begin_restart, finish_restart },
};

typedef struct
{
  GMainContext *context;
  Rig *rig;
  const Twin *twin;
  GCancellable *cancellable;
  gboolean called;
  gboolean done;
  GError *error;
} Call;

static void
set_up (Call *self, gconstpointer twin)
{
  g_autoptr (GError) error = NULL;

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->twin = twin;
  self->cancellable = g_cancellable_new ();
  self->rig = rig_new (self->twin->kind);
  g_assert_true (!self->twin->with_volume || rig_add (self->rig, "data", HOTPLUG_PLUG_NONE, &error));
}

static void
tear_down (Call *self, gconstpointer twin)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
  rig_free (self->rig);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *self = user_data;

  g_assert_true (g_main_context_is_owner (self->context));
  self->done = self->twin->finish (self->rig, result, &self->error);
  self->called = TRUE;
}

static void
begin (Call *self)
{
  self->twin->begin (self->rig, self->cancellable, on_ready, self);
  g_assert_false (self->called);
}

static void
assert_cancelled (Call *self)
{
  rig_iterate_until (&self->called);
  g_assert_false (self->done);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_done (Call *self, gconstpointer twin)
{
  begin (self);
  rig_iterate_until (&self->called);
  g_assert_no_error (self->error);
  g_assert_true (self->done);
}

/* Nothing is done, not even asked for. */
static void
test_cancelled_before (Call *self, gconstpointer twin)
{
  g_autofree char *before = rig_state (self->rig);

  g_cancellable_cancel (self->cancellable);
  begin (self);
  assert_cancelled (self);
  g_autofree char *after = rig_state (self->rig);
  g_assert_cmpstr (after, ==, before);
}

static gboolean
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancel_later (Call *self, guint msec)
{
  g_autoptr (GSource) source = g_timeout_source_new (msec);

  g_source_set_callback (source, cancel, self->cancellable, NULL);
  g_source_attach (source, self->context);
}

static void
test_cancelled_at_lock (Call *self, gconstpointer twin)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (self->rig->fake));
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);

  g_assert_no_error (error);
  cancel_later (self, 20);
  begin (self);
  assert_cancelled (self);
}

/* It ends the wait, not the removal. */
static void
test_cancelled_removal (Call *self, gconstpointer twin)
{
  fake_connection_set_guest (self->rig->fake, FAKE_GUEST_IS_SILENT, 0);
  cancel_later (self, 20);
  begin (self);
  assert_cancelled (self);
  g_assert_true (rig_state_has (self->rig, "template removes ua-hpv-data"));
}

static void
test_cancelled_stop (Call *self, gconstpointer twin)
{
  fake_connection_set_obeys (self->rig->fake, FALSE);
  cancel_later (self, 20);
  begin (self);
  assert_cancelled (self);
  g_assert_true (rig_state_has (self->rig, "state 1"));
}

/* A result that nobody takes is not leaked. */
static void
test_not_finished (Call *self, gconstpointer twin)
{
  self->twin->begin (self->rig, NULL, NULL, NULL);
  g_assert_false (self->called);
}

static void
add (const char *prefix, const Twin *twin, void (*test) (Call *self, gconstpointer twin))
{
  g_autofree char *path = g_strdup_printf ("/async/%s/%s", prefix, twin->name);

  g_test_add (path, Call, twin, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      add ("done", &twins[i], test_done);
      add ("cancelled-before", &twins[i], test_cancelled_before);
      add ("not-finished", &twins[i], test_not_finished);
    }
  add ("cancelled-at-lock", &twins[4], test_cancelled_at_lock);
  add ("cancelled-at-lock", &twins[5], test_cancelled_at_lock);
  add ("cancelled-at-lock", &twins[6], test_cancelled_at_lock);
  add ("cancelled-waiting", &twins[5], test_cancelled_removal);
  add ("cancelled-waiting", &twins[7], test_cancelled_stop);

  return g_test_run ();
}
