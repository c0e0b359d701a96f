/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-migration-status-private.h"

static const HotplugMigrationStatusFields on_its_way = {
  .phase = HOTPLUG_MIGRATION_PHASE_RUNNING,
  .source_uri = "qemu:///system",
  .destination_uri = "qemu+ssh://other/system",
  .bytes_total = 400,
  .bytes_processed = 900,
  .bytes_remaining = 100,
  .elapsed_msec = 1200,
  .downtime_msec = 300,
};

static void
assert_same (HotplugMigrationStatus *status, const HotplugMigrationStatusFields *fields)
{
  g_assert_cmpint (hotplug_migration_status_get_phase (status), ==, fields->phase);
  g_assert_cmpstr (hotplug_migration_status_get_source_uri (status), ==, fields->source_uri);
  g_assert_cmpstr (hotplug_migration_status_get_destination_uri (status), ==, fields->destination_uri);
  g_assert_cmpstr (hotplug_migration_status_get_message (status), ==, fields->message);
  g_assert_cmpuint (hotplug_migration_status_get_bytes_total (status), ==, fields->bytes_total);
  g_assert_cmpuint (hotplug_migration_status_get_bytes_processed (status), ==, fields->bytes_processed);
  g_assert_cmpuint (hotplug_migration_status_get_bytes_remaining (status), ==, fields->bytes_remaining);
  g_assert_cmpuint (hotplug_migration_status_get_elapsed_msec (status), ==, fields->elapsed_msec);
  g_assert_cmpuint (hotplug_migration_status_get_downtime_msec (status), ==, fields->downtime_msec);
}

/* It keeps its own copies, and is a value as any other of that type. */
static void
test_getters (void)
{
  char uri[] = "qemu:///system";
  HotplugMigrationStatusFields fields = on_its_way;

  fields.source_uri = uri;
  fields.message = uri;
  HotplugMigrationStatus *status = _hotplug_migration_status_new (&fields);
  HotplugMigrationStatus *another = hotplug_migration_status_ref (status);
  uri[0] = 'Q';
  fields.source_uri = fields.message = "qemu:///system";
  hotplug_migration_status_unref (status);
  assert_same (another, &fields);

  GValue value = G_VALUE_INIT;
  g_value_init (&value, HOTPLUG_TYPE_MIGRATION_STATUS);
  g_value_take_boxed (&value, another);
  g_autoptr (HotplugMigrationStatus) got = g_value_dup_boxed (&value);
  g_assert_true (got == another);
  g_value_unset (&value);
  assert_same (got, &fields);
}

static void
test_ended (void)
{
  g_autoptr (HotplugMigrationStatus) status = _hotplug_migration_status_new (&on_its_way);
  g_autoptr (HotplugMigrationStatus)
      there = _hotplug_migration_status_ended (status, HOTPLUG_MIGRATION_PHASE_SUCCEEDED, NULL);
  g_autoptr (HotplugMigrationStatus)
      here = _hotplug_migration_status_ended (status, HOTPLUG_MIGRATION_PHASE_FAILED, "no such host");
  HotplugMigrationStatusFields fields = on_its_way;

  assert_same (status, &fields);
  fields.phase = HOTPLUG_MIGRATION_PHASE_SUCCEEDED;
  fields.bytes_remaining = 0;
  assert_same (there, &fields);
  fields = on_its_way;
  fields.phase = HOTPLUG_MIGRATION_PHASE_FAILED;
  fields.message = "no such host";
  assert_same (here, &fields);
}

/* For a bar: it neither begins full, as nothing remains before anything is known, nor leaves its frame */
static const struct
{
  const char *row;
  HotplugMigrationPhase phase;
  guint64 total;
  guint64 remaining;
  double fraction;
} fractions[] = {
  { "pending", HOTPLUG_MIGRATION_PHASE_PENDING, 0, 0, 0 },
  { "nothing-known", HOTPLUG_MIGRATION_PHASE_RUNNING, 0, 0, 0 },
  { "all-remains", HOTPLUG_MIGRATION_PHASE_RUNNING, 400, 400, 0 },
  { "more-remains", HOTPLUG_MIGRATION_PHASE_RUNNING, 400, 500, 0 },
  { "quarter-remains", HOTPLUG_MIGRATION_PHASE_RUNNING, 400, 100, 0.75 },
  { "nothing-remains", HOTPLUG_MIGRATION_PHASE_RUNNING, 400, 0, 1 },
  { "succeeded", HOTPLUG_MIGRATION_PHASE_SUCCEEDED, 0, 0, 1 },
  { "succeeded-with-rest", HOTPLUG_MIGRATION_PHASE_SUCCEEDED, 400, 100, 1 },
  { "failed-on-its-way", HOTPLUG_MIGRATION_PHASE_FAILED, 400, 100, 0.75 },
  { "failed-at-once", HOTPLUG_MIGRATION_PHASE_FAILED, 0, 0, 0 },
};

static void
test_fraction (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  HotplugMigrationStatusFields fields = on_its_way;

  fields.phase = fractions[row].phase;
  fields.bytes_total = fractions[row].total;
  fields.bytes_remaining = fractions[row].remaining;
  g_autoptr (HotplugMigrationStatus) status = _hotplug_migration_status_new (&fields);
  g_assert_cmpfloat_with_epsilon (hotplug_migration_status_get_fraction (status), fractions[row].fraction, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/migration-status/getters", test_getters);
  g_test_add_func ("/migration-status/ended", test_ended);
  for (gsize row = 0; row < G_N_ELEMENTS (fractions); row++)
    {
      g_autofree char *path = g_strdup_printf ("/migration-status/fraction/%s", fractions[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_fraction);
    }

  return g_test_run ();
}
