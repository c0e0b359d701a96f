/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "conformance/rig.h"

/* The application has a libvirt event loop of its own. It stays the only one, and a removal works whether that loop
 * runs in another thread or stands still because the very call blocks its thread. */

static const LabMachine machine = { .name = "own-loop", .root_ports = 2, .scsi = TRUE, .bare = TRUE };

static Rig *rig;
static gint dispatched;

static void
on_timeout (int timer, void *opaque)
{
  g_atomic_int_inc (&dispatched);
}

static gpointer
run_loop (gpointer running)
{
  while (g_atomic_int_get ((gint *) running))
    virEventRunDefaultImpl ();
  return NULL;
}

static void
test_blocked (void)
{
  rig_add (rig, "blocked", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  rig_remove (rig, "blocked");
}

static void
test_running (void)
{
  gint running = TRUE;
  int timer = virEventAddTimeout (5, on_timeout, NULL, NULL);
  GThread *thread = g_thread_new ("application", run_loop, &running);

  g_assert_cmpint (timer, >=, 0);
  rig_add (rig, "running", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_remove (rig, "running");
  while (g_atomic_int_get (&dispatched) == 0)
    g_usleep (1000);
  g_atomic_int_set (&running, FALSE);
  g_thread_join (thread);
  virEventRemoveTimeout (timer);
}

static const RigRow rows[] = {
  { "/event-loop/foreign/blocked", test_blocked },
  { "/event-loop/foreign/running", test_running },
};

int
main (int argc, char **argv)
{
  virEventRegisterDefaultImpl ();
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
