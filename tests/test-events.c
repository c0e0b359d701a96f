/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"

/* What a handle told, and where */
typedef struct
{
  GThread *thread;
  GString *told;
  gboolean any;
} Ear;

static void
hear (Ear *self, const char *what, const char *name)
{
  g_assert_true (g_thread_self () == self->thread);
  g_string_append_printf (self->told, "%s%s %s", self->told->len > 0 ? ", " : "", what, name);
  self->any = TRUE;
}

static void
on_status (HotplugVmi *vmi, HotplugVolumeStatus *status, gpointer user_data)
{
  static const char *const phases[] = { "pending", "ready", "detaching", "failed" };

  hear (user_data, phases[hotplug_volume_status_get_phase (status)], hotplug_volume_status_get_name (status));
}

static void
on_removed (HotplugVmi *vmi, const char *name, gpointer user_data)
{
  hear (user_data, "removed", name);
}

static void
on_lost (HotplugHost *host, const char *message, gpointer user_data)
{
  hear (user_data, "lost", message);
}

typedef struct
{
  GMainContext *context;
  Rig *rig;
  Ear ear;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->rig = rig_new ((RigKind)GPOINTER_TO_INT (data));
  self->ear = (Ear){ .thread = g_thread_self (), .told = g_string_new (NULL) };
  g_signal_connect (self->rig->vmi, "volume-status-changed", G_CALLBACK (on_status), &self->ear);
  g_signal_connect (self->rig->vmi, "volume-removed", G_CALLBACK (on_removed), &self->ear);
  g_signal_connect (self->rig->host, "connection-lost", G_CALLBACK (on_lost), &self->ear);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  rig_free (self->rig);
  g_string_free (self->ear.told, TRUE);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
}

static void
assert_told (Fixture *self, const char *told)
{
  g_assert_cmpuint (self->ear.told->len, ==, 0);
  rig_iterate_until (&self->ear.any);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_cmpstr (self->ear.told->str, ==, told);
  g_string_truncate (self->ear.told, 0);
  self->ear.any = FALSE;
}

static gpointer
add_in_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (self->rig, "data", HOTPLUG_PLUG_PERSIST, &error));
  g_assert_no_error (error);
  return NULL;
}

static gpointer
remove_in_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_volume (self->rig->vmi, "data", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_no_error (error);
  return NULL;
}

/* Whatever thread a call is made in, the one that got the VMI is told, and when its context runs. */
static void
test_context (Fixture *self, gconstpointer data)
{
  g_thread_join (g_thread_new ("adder", add_in_thread, self));
  assert_told (self, "ready data");
  g_thread_join (g_thread_new ("remover", remove_in_thread, self));
  assert_told (self, "detaching data, removed data");
}

static void
test_failed (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_connection_fail (self->rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  g_assert_false (rig_add (self->rig, "data", HOTPLUG_PLUG_NONE, &error));
  assert_told (self, "failed data");
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_remove_volume (self->rig->vmi, "data", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  assert_told (self, "removed data");
}

/* The guest lets go when nobody asks any more: the record follows by itself. */
static void
test_late (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (self->rig, "data", HOTPLUG_PLUG_NONE, &error));
  assert_told (self, "ready data");
  fake_connection_set_guest (self->rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (self->rig->vmi, "data", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  assert_told (self, "detaching data");

  fake_connection_guest_wakes (self->rig->fake, FAKE_GUEST_LETS_GO);
  assert_told (self, "removed data");
  g_assert_false (rig_state_has (self->rig, "ua-hpv-data"));
}

static void
test_lost (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_host_is_connected (self->rig->host));
  fake_connection_fail (self->rig->fake, FAKE_READ, 1, FAKE_GOES_DOWN);
  g_autoptr (HotplugVmiStatus) none = hotplug_vmi_query_status (self->rig->vmi, NULL, &error);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  assert_told (self, "lost the daemon closed it");
  g_assert_false (hotplug_host_is_connected (self->rig->host));

  /* the next call repairs it */
  g_clear_error (&error);
  fake_connection_come_up (self->rig->fake);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (self->rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
  g_assert_true (hotplug_host_is_connected (self->rig->host));
}

static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hotplug_host_close (self->rig->host);
  g_assert_false (hotplug_host_is_connected (self->rig->host));
  g_assert_false (rig_add (self->rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
}

/* What was about to be told when the handle went is told to nobody. */
static void
test_handle_goes (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (self->rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_clear_object (&self->rig->vmi);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_false (self->ear.any);
}

static void
test_dry_run (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (self->rig);

  g_assert_true (rig_add (self->rig, "data", HOTPLUG_PLUG_PERSIST | HOTPLUG_PLUG_DRY_RUN, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_state (self->rig);
  g_assert_cmpstr (after, ==, before);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_false (self->ear.any);
}

#define ADD(path, kind, test) g_test_add (path, Fixture, GINT_TO_POINTER (kind), set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/events/context", RIG_RUNNING, test_context);
  ADD ("/events/failed", RIG_RUNNING, test_failed);
  ADD ("/conformance/V23/late", RIG_RUNNING, test_late);
  ADD ("/conformance/V23/late-remote", RIG_REMOTE, test_late);
  ADD ("/conformance/V23/late-transient", RIG_TRANSIENT, test_late);
  ADD ("/conformance/V26/lost", RIG_RUNNING, test_lost);
  ADD ("/events/closed", RIG_RUNNING, test_closed);
  ADD ("/events/handle-goes", RIG_RUNNING, test_handle_goes);
  ADD ("/events/dry-run", RIG_RUNNING, test_dry_run);

  return g_test_run ();
}
