/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "conformance/rig.h"

/* Several volumes as one, on a real machine whose guest runs nothing */

#define MANY 75

static const LabMachine machine = { .name = "vmi-batch", .scsi = TRUE, .root_ports = 6, .bare = TRUE };

static Rig *rig;

static GPtrArray *
make_volumes (const char *prefix, guint count, HotplugBus bus)
{
  GPtrArray *volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", prefix, i);
      g_autofree char *image = rig_image (rig, name, 1);
      g_ptr_array_add (volumes, rig_volume (name, image, bus));
    }
  return volumes;
}

static GStrv
names_of (const GPtrArray *volumes)
{
  GStrv names = g_new0 (char *, volumes->len + 1);

  for (guint i = 0; i < volumes->len; i++)
    names[i] = g_strdup (hotplug_volume_get_name (g_ptr_array_index (volumes, i)));
  return names;
}

static guint
count_free_ports (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return hotplug_pci_budget_get_free (budget);
}

static void
test_many (HotplugPlugFlags flags)
{
  g_autofree char *before = rig_picture (rig);
  g_autoptr (GPtrArray) volumes = make_volumes ("many", MANY, HOTPLUG_BUS_SCSI);
  g_autoptr (GError) error = NULL;
  guint ports = count_free_ports ();

  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (statuses->len, ==, MANY);
  for (guint i = 0; i < MANY; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
      g_assert_cmpstr (hotplug_volume_status_get_name (status), ==,
                       hotplug_volume_get_name (g_ptr_array_index (volumes, i)));
      g_assert_true (hotplug_volume_status_is_persisted (status) == (flags == HOTPLUG_PLUG_PERSIST));
      rig_assert_status (rig, hotplug_volume_status_get_name (status), HOTPLUG_VOLUME_PHASE_READY,
                         hotplug_volume_status_get_target (status), flags == HOTPLUG_PLUG_PERSIST);
    }
  g_assert_cmpuint (count_free_ports (), ==, ports);

  g_auto (GStrv) names = names_of (volumes);
  g_assert_true (
      hotplug_vmi_remove_volumes (rig->vmi, (const char *const *)names, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
}

static void
test_v08_persist (void)
{
  test_many (HOTPLUG_PLUG_PERSIST);
}

static void
test_v08_plain (void)
{
  test_many (HOTPLUG_PLUG_NONE);
}

/* The fortieth is refused by QEMU: those before it go again, and none was ever there for others to see. */
static void
test_all_or_none (HotplugBus bus, guint count, guint bad, HotplugPlugFlags flags)
{
  g_autoptr (GPtrArray) volumes = make_volumes ("none", count, bus);
  HotplugVolume *culprit = g_ptr_array_index (volumes, bad);
  g_autofree char *before = rig_picture (rig);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  int fd = rig_lock_image (hotplug_volume_get_path (culprit));

  g_assert_null (hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, hotplug_volume_get_name (culprit)));
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (HotplugVolumeStatus) status
          = rig_status (rig, hotplug_volume_get_name (g_ptr_array_index (volumes, i)));
      if (status != NULL)
        g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_FAILED);
    }

  /* and all can be added once the image is free */
  g_close (fd, NULL);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &again);
  g_assert_no_error (again);
  g_auto (GStrv) names = names_of (volumes);
  g_assert_true (
      hotplug_vmi_remove_volumes (rig->vmi, (const char *const *)names, HOTPLUG_PLUG_PERSIST, -1, NULL, &again));
  g_assert_no_error (again);
}

static void
test_v08_refused (void)
{
  test_all_or_none (HOTPLUG_BUS_SCSI, 50, 39, HOTPLUG_PLUG_PERSIST);
}

static void
test_v08_refused_plain (void)
{
  test_all_or_none (HOTPLUG_BUS_SCSI, 3, 2, HOTPLUG_PLUG_NONE);
}

static void
refused (const GPtrArray *volumes, HotplugError code, const char *mentions)
{
  g_autofree char *before = rig_picture (rig);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_vmi_add_volumes (rig->vmi, (GPtrArray *)volumes, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, mentions));
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
}

/* Volumes of a batch see each other: names, sources, ports. */
static void
test_v08_checks (void)
{
  g_autoptr (GPtrArray) twice = make_volumes ("twice", 2, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) same = make_volumes ("same", 2, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) many = make_volumes ("port", 7, HOTPLUG_BUS_VIRTIO);

  g_ptr_array_add (twice, g_object_ref (g_ptr_array_index (twice, 0)));
  refused (twice, HOTPLUG_ERROR_EXISTS, "twice-0");
  g_ptr_array_add (same, rig_volume ("other", hotplug_volume_get_path (g_ptr_array_index (same, 1)), HOTPLUG_BUS_SCSI));
  refused (same, HOTPLUG_ERROR_SOURCE_IN_USE, "same-1");
  refused (many, HOTPLUG_ERROR_NO_PCI_SLOT, "port-5");
}

/* One that can't be removed keeps all. */
static void
test_v08_remove_checks (void)
{
  g_autoptr (GPtrArray) volumes = make_volumes ("keep", 3, HOTPLUG_BUS_SCSI);
  const char *const wrong[] = { "keep-0", "keep-1", "nobody", NULL };
  const char *const right[] = { "keep-0", "keep-1", "keep-2", NULL };
  g_autoptr (GError) error = NULL;

  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *before = rig_picture (rig);
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, wrong, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (hotplug_vmi_remove_volumes (rig->vmi, right, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
}

static const RigRow rows[] = {
  { "/conformance/V08/persist", test_v08_persist },
  { "/conformance/V08/plain", test_v08_plain },
  { "/conformance/V08/refused", test_v08_refused },
  { "/conformance/V08/refused-plain", test_v08_refused_plain },
  { "/conformance/V08/checks", test_v08_checks },
  { "/conformance/V08/remove-checks", test_v08_remove_checks },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
