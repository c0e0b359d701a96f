/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-migration-request.h>

#include "base/hotplug-enums-private.h"
#include "model/hotplug-migration-status-private.h"

/* KubeVirt: api/core/v1/types.go, VirtualMachineInstanceMigration */

#define HEAD "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceMigration\n"
#define NAMED HEAD "metadata: {name: job}\n"
#define TO(uri) HEAD "metadata: {name: job, annotations: {a: b, libhotplug/destination: '" uri "'}}\n"
#define SPEC "spec: {vmiName: web}\n"
#define URI "qemu+ssh://b/system"

/* The example of KubeVirt's user guide, docs/compute/live_migration.md */
#define USER_GUIDE                                                                                                     \
  "apiVersion: kubevirt.io/v1\n"                                                                                       \
  "kind: VirtualMachineInstanceMigration\n"                                                                            \
  "metadata:\n"                                                                                                        \
  "  name: migration-job\n"                                                                                            \
  "spec:\n"                                                                                                            \
  "  vmiName: vmi-fedora\n"

static const struct
{
  const char *name;
  const char *text;
  const char *request; /* its name, the VMI, the destination */
} good[] = {
  { "user-guide", USER_GUIDE, "migration-job vmi-fedora -" },
  { "destination", TO (URI) SPEC, "job web " URI },
  { "json",
    "{\"apiVersion\": \"kubevirt.io/v1\", \"kind\": \"VirtualMachineInstanceMigration\", \"metadata\": {\"name\": \"job\"}, "
    "\"spec\": {\"vmiName\": \"web\"}}",
    "job web -" },
  { "old-version",
    "apiVersion: kubevirt.io/v1alpha3\nkind: VirtualMachineInstanceMigration\nmetadata: {name: job}\n" SPEC,
    "job web -" },
  { "priority", NAMED "spec: {vmiName: web, priority: user-triggered}\n", "job web -" },
  { "nulls", HEAD "metadata: {name: job, annotations: ~}\nspec: {vmiName: web, sendTo: null}\nstatus: ~\n",
    "job web -" },
  { "status", NAMED SPEC "status: {phase: Running, more: [1]}\n", "job web -" },
};

static HotplugMigrationRequest *
read_first (const char *text, GError **error)
{
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, -1, error);

  return objects != NULL ? hotplug_migration_request_new_from_manifest (g_ptr_array_index (objects, 0), error) : NULL;
}

static void
assert_request (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugMigrationRequest) request = read_first (text, &error);
  g_assert_no_error (error);
  const char *destination = hotplug_migration_request_get_destination_uri (request);
  g_autofree char *described = g_strdup_printf (
      "%s %s %s", hotplug_migration_request_get_name (request), hotplug_migration_request_get_vmi_name (request),
      destination != NULL ? destination : "-");

  g_assert_cmpstr (described, ==, expected);
}

static void
test_good (gconstpointer data)
{
  assert_request (good[GPOINTER_TO_SIZE (data)].text, good[GPOINTER_TO_SIZE (data)].request);
}

#define NO_HOST                                                                                                        \
  "the annotation libhotplug/destination is a host, as in qemu+ssh://[USER@]HOST[:PORT]/system, or with qemu+tls, "     \
  "qemu+tcp or qemu, or /session"
#define ELSEWHERE "is not supported: the destination is the annotation libhotplug/destination"

static const struct
{
  const char *name;
  const char *text;
  const char *message;
} bad[] = {
  { "other-kind", "apiVersion: v1\nkind: Pod\n", "line 1: kind is VirtualMachineInstanceMigration, not Pod" },
  { "other-version", "apiVersion: kubevirt.io/v2\nkind: VirtualMachineInstanceMigration\n",
    "line 1: apiVersion of a VirtualMachineInstanceMigration is kubevirt.io/v1 or kubevirt.io/v1alpha3, not kubevirt.io/v2" },
  { "no-name", HEAD SPEC, "line 1: metadata.name is missing" },
  { "generated-name", HEAD "metadata: {generateName: x-}\n" SPEC, "line 3: metadata.generateName is not supported" },
  { "no-spec", NAMED, "line 1: spec is missing" },
  { "no-vmi", NAMED "spec: {}\n", "line 4: spec.vmiName is missing" },
  { "empty-vmi", NAMED "spec: {vmiName: ''}\n", "line 4: spec.vmiName is missing" },
  { "vmi-is-number", NAMED "spec: {vmiName: 7}\n",
    "line 4: spec.vmiName is a text, not a number; a text is in quotes" },
  { "misspelt", NAMED "spec: {vmName: web}\n", "line 4: unknown field spec.vmName; known there: vmiName, priority" },
  { "empty-destination", TO ("") SPEC, "line 3: " NO_HOST },
  { "destination-runs-a-program", TO ("qemu+ext://x/system?command=/bin/touch") SPEC, "line 3: " NO_HOST },
  { "destination-is-a-socket", TO ("qemu+unix:///system?socket=/tmp/x") SPEC, "line 3: " NO_HOST },
  { "destination-is-list", HEAD "metadata: {name: job, annotations: {libhotplug/destination: [a]}}\n" SPEC,
    "line 3: metadata.annotations.libhotplug/destination is a text, not a list" },
  { "annotations-are-text", HEAD "metadata: {name: job, annotations: x}\n" SPEC,
    "line 3: metadata.annotations is an object, not a text" },
  { "node-selector", NAMED "spec: {vmiName: web, addedNodeSelector: {a: b}}\n",
    "line 4: spec.addedNodeSelector " ELSEWHERE },
  { "send-to", NAMED "spec:\n  vmiName: web\n  sendTo: {connectURL: x}\n", "line 6: spec.sendTo " ELSEWHERE },
  { "receive", NAMED "spec:\n  receive: {migrationID: x}\n  vmiName: web\n",
    "line 5: spec.receive is not supported: the source's side leads" },
};

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (read_first (bad[i].text, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_assert_cmpstr (error->message, ==, bad[i].message);
}

#define A "qemu+ssh://a/system"
#define BEGUN G_GINT64_CONSTANT (1700000000000001) /* 2023-11-14T22:13:20Z */
#define METADATA(name)                                                                                                 \
  "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceMigration\nmetadata:\n  annotations:\n"                     \
  "    libhotplug/destination: " URI "\n  name: " name "\nspec:\n  vmiName: web\nstatus:\n  migrationState:\n"
#define NODES                                                                                                          \
  "    sourceNode: " A "\n    startTimestamp: \"2023-11-14T22:13:20Z\"\n    targetNode: " URI "\n"

static const struct
{
  const char *name;
  HotplugMigrationStatusFields fields;
  const char *called;
  const char *manifest;
} written[] = {
  { "pending", { .phase = HOTPLUG_MIGRATION_PHASE_PENDING, .start_time = BEGUN }, NULL,
    METADATA ("web") NODES "  phase: Pending\n  libhotplug: {}\n" },
  { "running",
    { .phase = HOTPLUG_MIGRATION_PHASE_RUNNING, .bytes_total = 1000, .bytes_processed = G_GUINT64_CONSTANT (5000000000),
      .bytes_remaining = 400, .elapsed_msec = 1500, .start_time = BEGUN },
    "job",
    METADATA ("job") "    mode: PreCopy\n" NODES "  phase: Running\n  libhotplug:\n    bytesTotal: 1000\n"
    "    bytesProcessed: 5000000000\n    bytesRemaining: 400\n    elapsedMilliseconds: 1500\n" },
  { "succeeded",
    { .phase = HOTPLUG_MIGRATION_PHASE_SUCCEEDED, .bytes_total = 1000, .bytes_processed = 1200, .elapsed_msec = 2000,
      .downtime_msec = 46, .start_time = BEGUN, .end_time = BEGUN + 2 * G_USEC_PER_SEC },
    "job",
    METADATA ("job") "    completed: true\n    endTimestamp: \"2023-11-14T22:13:22Z\"\n    mode: PreCopy\n" NODES
    "  phase: Succeeded\n  libhotplug:\n    bytesTotal: 1000\n    bytesProcessed: 1200\n    bytesRemaining: 0\n"
    "    elapsedMilliseconds: 2000\n    downtimeMilliseconds: 46\n" },
  { "failed",
    { .phase = HOTPLUG_MIGRATION_PHASE_FAILED, .message = "no", .start_time = BEGUN, .end_time = BEGUN },
    "job",
    METADATA ("job") "    completed: true\n    endTimestamp: \"2023-11-14T22:13:20Z\"\n    failed: true\n"
    "    failureReason: \"no\"\n" NODES "  phase: Failed\n  libhotplug: {}\n" },
};

/* What is written asks for the same when it is read. */
static void
test_written (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  HotplugMigrationStatusFields fields = written[i].fields;

  fields.vmi_name = "web";
  fields.source_uri = A;
  fields.destination_uri = URI;
  g_autoptr (HotplugMigrationStatus) status = _hotplug_migration_status_new (&fields);
  g_autofree char *yaml
      = hotplug_migration_status_to_manifest (status, written[i].called, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_cmpstr (yaml, ==, written[i].manifest);

  g_autofree char *json
      = hotplug_migration_status_to_manifest (status, written[i].called, HOTPLUG_MANIFEST_FORMAT_JSON);
  g_autofree char *same
      = g_strdup_printf ("%s web " URI, written[i].called != NULL ? written[i].called : "web");
  assert_request (yaml, same);
  assert_request (json, same);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/migration-manifest/good/", good[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/migration-manifest/bad/", bad[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (written); i++)
    {
      g_autofree char *path = g_strconcat ("/migration-manifest/written/", written[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_written);
    }
  return g_test_run ();
}
