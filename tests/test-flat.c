/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/footprint.h"
#include "fake/fake-rig.h"

/* What the library holds after many rounds is what it held after the first ones. No clock, and no libvirt that would
 * hold anything of its own. tests/bench/batch --rounds=N is the same on a real machine. */

#define WARM_UP 20
#define ROUNDS 250

/* Arrays that are still growing to what they need: MEASURED, up to 4.2 KiB, whatever the rounds. The smallest block,
 * leaked once a round, is more. */
#define HEAP_SLACK ((gsize)rounds * 20)

static int rounds = ROUNDS;

typedef struct
{
  const char *path;
  RigKind kind;
  HotplugBus bus;
  HotplugPlugFlags flags;
  gboolean interfaces; /* in place of two of the three volumes */
} FlatCase;

static const FlatCase cases[] = {
  { "/flat/plain", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, FALSE },
  { "/flat/persist", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, FALSE },
  { "/flat/controller", RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, FALSE },
  { "/flat/virtio", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, FALSE },
  { "/flat/stopped", RIG_STOPPED, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, FALSE },
  { "/flat/transient", RIG_TRANSIENT, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, FALSE },
  { "/flat/remote", RIG_REMOTE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, FALSE },
  { "/flat/interfaces", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, TRUE },
  { "/flat/interfaces-persist", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, TRUE },
};

/* What is added */
typedef struct
{
  GPtrArray *volumes;
  GPtrArray *interfaces;
  GStrv volume_names;
  GStrv interface_names;
} Devices;

static void
clear_devices (Devices *devices)
{
  g_ptr_array_unref (devices->volumes);
  g_ptr_array_unref (devices->interfaces);
  g_strfreev (devices->volume_names);
  g_strfreev (devices->interface_names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Devices, clear_devices)

static HotplugInterface *
new_interface (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) lab = hotplug_network_attachment_new_for_bridge ("lab", FAKE_BRIDGE, &error);
  g_assert_no_error (error);
  HotplugInterface *interface = hotplug_interface_new (name, lab, &error);

  g_assert_no_error (error);
  return interface;
}

static Devices
make_devices (Rig *rig, const FlatCase *test)
{
  Devices devices = {
    .volumes = g_ptr_array_new_with_free_func (g_object_unref),
    .interfaces = g_ptr_array_new_with_free_func (g_object_unref),
    .volume_names = g_strsplit (test->interfaces ? "a" : "a b c", " ", -1),
    .interface_names = g_strsplit (test->interfaces ? "b c" : "", " ", -1),
  };

  for (guint i = 0; devices.volume_names[i] != NULL; i++)
    g_ptr_array_add (devices.volumes, rig_volume (rig, devices.volume_names[i], test->bus));
  for (guint i = 0; devices.interface_names[i] != NULL; i++)
    g_ptr_array_add (devices.interfaces, new_interface (devices.interface_names[i]));
  return devices;
}

static gboolean
add (Rig *rig, const Devices *devices, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) volumes = NULL;
  g_autoptr (GPtrArray) interfaces = NULL;

  return hotplug_vmi_add_devices (rig->vmi, devices->volumes, devices->interfaces, flags, &volumes, &interfaces, NULL,
                                  error);
}

/* Three as one: planned, added, refused for they are there, listed, and removed */
static void
run_round (Rig *rig, const FlatCase *test, const Devices *devices)
{
  const char *const *volumes = (const char *const *)devices->volume_names;
  const char *const *interfaces = (const char *const *)devices->interface_names;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refused = NULL;

  add (rig, devices, test->flags | HOTPLUG_PLUG_DRY_RUN, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugPlan)
      plan = hotplug_vmi_plan_add_devices (rig->vmi, devices->volumes, devices->interfaces, test->flags, NULL, &error);
  g_assert_no_error (error);
  add (rig, devices, test->flags, &error);
  g_assert_no_error (error);
  g_assert_false (add (rig, devices, test->flags, &refused));
  g_assert_error (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, test->flags, -1, NULL, &error));
  g_assert_no_error (error);
}

/* The same against a host that refuses at each call in turn: the way back holds nothing either */
static void
run_refused (Rig *rig, const FlatCase *test, const Devices *devices, guint round)
{
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ATTACH, 1 + round % 3, FAKE_REFUSES);
  g_assert_false (add (rig, devices, test->flags, &error));
  g_assert_nonnull (error);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
}

static void
test_flat (gconstpointer data)
{
  const FlatCase *test = data;
  g_autoptr (Rig) rig = rig_new (test->kind);
  g_auto (Devices) devices = make_devices (rig, test);
  BenchFootprint before = { 0 };

  for (guint round = 0; round < WARM_UP + (guint)rounds; round++)
    {
      if (round == WARM_UP)
        before = bench_footprint_take ();
      run_round (rig, test, &devices);
      if (!(test->kind & RIG_STOPPED))
        run_refused (rig, test, &devices, round);
    }

  BenchFootprint after = bench_footprint_take ();
  g_test_message ("%d rounds: heap %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT ", %u to %u descriptors", rounds,
                  before.heap, after.heap, before.descriptors, after.descriptors);
  g_assert_cmpuint (after.heap, <=, before.heap + HEAP_SLACK);
  g_assert_cmpuint (after.descriptors, ==, before.descriptors);
}

static const GOptionEntry entries[] = { { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "How many; default: 250", "N" },
                                        G_OPTION_ENTRY_NULL };

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  bench_footprint_init (argv);
  g_test_init (&argc, &argv, NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_flat);
  return g_test_run ();
}
