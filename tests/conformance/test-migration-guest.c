/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/pair.h"

/* Rows M and N11: a guest that is used while its machine goes from host to host */

#define GUEST_PATIENCE 60
#define SCSI_LINK "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_"
#define VIRTIO_LINK "/dev/disk/by-id/virtio-"
#define MIGRATIONS 6 /* or HOTPLUG_TEST_MIGRATIONS=N in the environment */
/* What a heap may be larger at its end: two handles on hosts, and what libvirt keeps of each connection */
#define HEAP_SLACK (256 << 10)

static Pair *pair;

static void
assert_links (void)
{
  g_assert_true (lab_guest_wait_for (pair_guest (pair),
                                     "test -e " SCSI_LINK "kept -a -e " SCSI_LINK "block -a -e " VIRTIO_LINK "fast",
                                     GUEST_PATIENCE));
}

static void
remove_volume (const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_remove_volume (pair->vmi, name, flags, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
test_there_and_back (void)
{
  g_autofree char *loop = NULL;
  g_autoptr (HotplugVolume) kept
      = pair_volume (pair, "kept", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, NULL);
  g_autoptr (HotplugVolume) fast
      = pair_volume (pair, "fast", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_VIRTIO, NULL);
  g_autoptr (HotplugVolume) block
      = pair_volume (pair, "block", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, &loop);

  pair_add (pair, kept, HOTPLUG_PLUG_PERSIST);
  pair_add (pair, fast, HOTPLUG_PLUG_NONE);
  pair_add (pair, block, HOTPLUG_PLUG_PERSIST);
  pair_add_interface (pair, "dyniface1", "lab-br0", HOTPLUG_PLUG_PERSIST);
  assert_links ();
  pair_begin_writing (pair, SCSI_LINK "kept");
  g_autofree char *before = pair_picture (pair);

  for (guint i = 0; i < 2; i++)
    {
      pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
      g_autofree char *after = pair_picture (pair);
      g_assert_cmpstr (after, ==, before);
      assert_links ();
    }
  g_test_message ("%u blocks written", pair_end_writing (pair));

  remove_volume ("block", HOTPLUG_PLUG_PERSIST);
  lab_loop_detach (loop);
}

static void
expect_place_and_picture (const char *before)
{
  g_autofree char *after = pair_picture (pair);

  g_assert_cmpstr (after, ==, before);
  pair_assert_place (pair);
}

static void
test_peer_to_peer (void)
{
  g_autofree char *before = pair_picture (pair);

  for (guint i = 0; i < 2; i++)
    {
      pair_migrate (pair, HOTPLUG_MIGRATE_PEER_TO_PEER);
      expect_place_and_picture (before);
    }
  g_assert_true (pair_find (pair));
}

/* On the network, by an address of the one host that both reach: access modes don't matter then. */
static void
test_network_source (void)
{
  g_autofree char *image = lab_image_new (pair->images, "served", 4 << 20);
  g_autofree char *serve = g_strdup_printf (
      "qemu-nbd --fork --persistent --shared=2 -f raw -x served -b 198.51.100.1 %s", image);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "served", "uri",
                                                     "nbd://198.51.100.1/served", NULL);
  g_assert_no_error (error);

  g_free (lab_daemon_run (pair->daemons[0], NULL, serve));
  pair_add (pair, volume, HOTPLUG_PLUG_NONE);
  g_assert_true (lab_guest_wait_for (pair_guest (pair), "test -e " SCSI_LINK "served", GUEST_PATIENCE));
  pair_begin_writing (pair, SCSI_LINK "served");
  g_autofree char *before = pair_picture (pair);
  for (guint i = 0; i < 2; i++)
    {
      pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
      expect_place_and_picture (before);
    }
  pair_end_writing (pair);
  remove_volume ("served", HOTPLUG_PLUG_NONE);
}

typedef struct
{
  GMainLoop *loop;
  GCancellable *cancellable; /* nullable: cancelled when its memory is on the way */
  GError *error;
  guint told[HOTPLUG_MIGRATION_PHASE_FAILED + 1];
  guint64 processed;
  guint moved;
} Journey;

static void
on_status (HotplugVmi *vmi, HotplugMigrationStatus *status, gpointer data)
{
  Journey *journey = data;

  journey->told[hotplug_migration_status_get_phase (status)]++;
  journey->processed = MAX (journey->processed, hotplug_migration_status_get_bytes_processed (status));
  if (journey->processed > 0 && journey->cancellable != NULL)
    g_cancellable_cancel (journey->cancellable);
}

static void
on_host (GObject *vmi, GParamSpec *pspec, gpointer data)
{
  ((Journey *)data)->moved++;
}

static void
on_migrated (GObject *vmi, GAsyncResult *result, gpointer data)
{
  Journey *journey = data;

  hotplug_vmi_migrate_finish (HOTPLUG_VMI (vmi), result, &journey->error);
  g_main_loop_quit (journey->loop);
}

static void
travel (Journey *journey, guint64 bandwidth, int timeout_msec)
{
  gulong status = g_signal_connect (pair->vmi, "migration-status-changed", G_CALLBACK (on_status), journey);
  gulong host = g_signal_connect (pair->vmi, "notify::host", G_CALLBACK (on_host), journey);

  g_clear_pointer (&pair->guest, lab_guest_free);
  journey->loop = g_main_loop_new (NULL, FALSE);
  hotplug_vmi_migrate_async (pair->vmi, pair->hosts[1 - pair->at], HOTPLUG_MIGRATE_NONE, bandwidth, timeout_msec,
                             journey->cancellable, on_migrated, journey);
  g_main_loop_run (journey->loop);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_main_loop_unref (journey->loop);
  g_signal_handler_disconnect (pair->vmi, status);
  g_signal_handler_disconnect (pair->vmi, host);
  g_assert_cmpuint (journey->told[HOTPLUG_MIGRATION_PHASE_PENDING], ==, 1);
}

static void
test_progress (void)
{
  Journey journey = { NULL };

  travel (&journey, 64 << 20, -1);
  g_assert_no_error (journey.error);
  pair->at = 1 - pair->at;
  pair_assert_place (pair);
  g_assert_cmpuint (journey.told[HOTPLUG_MIGRATION_PHASE_RUNNING], >, 0);
  g_assert_cmpuint (journey.told[HOTPLUG_MIGRATION_PHASE_SUCCEEDED], ==, 1);
  g_assert_cmpuint (journey.processed, >, 1 << 20);
  g_assert_cmpuint (journey.moved, ==, 1);

  g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (pair->vmi);
  g_assert_cmpint (hotplug_migration_status_get_phase (status), ==, HOTPLUG_MIGRATION_PHASE_SUCCEEDED);
  g_assert_cmpfloat (hotplug_migration_status_get_fraction (status), >, 0.99);
  g_assert_cmpuint (hotplug_migration_status_get_elapsed_msec (status), >, 0);
  g_assert_cmpuint (hotplug_migration_status_get_downtime_msec (status), >, 0);
}

static void
stay (Journey *journey, int timeout_msec)
{
  g_autofree char *before = pair_picture (pair);

  travel (journey, 1 << 20, timeout_msec);
  g_assert_cmpuint (journey->told[HOTPLUG_MIGRATION_PHASE_FAILED], ==, 1);
  g_assert_cmpuint (journey->moved, ==, 0);
  expect_place_and_picture (before);
  g_free (lab_guest_run (pair_guest (pair), NULL, "true"));
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Journey cancelled = { .cancellable = cancellable };
  Journey late = { NULL };

  stay (&cancelled, -1);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&cancelled.error);

  stay (&late, 1000);
  g_assert_error (late.error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&late.error);
}

static void
refuse (HotplugError code, const char *const *named)
{
  g_autofree char *before = pair_picture (pair);
  g_autoptr (GError) error = NULL;

  g_assert_false (
      hotplug_vmi_migrate (pair->vmi, pair->hosts[1 - pair->at], HOTPLUG_MIGRATE_NONE, 0, -1, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  for (guint i = 0; named[i] != NULL; i++)
    g_assert_nonnull (strstr (error->message, named[i]));
  expect_place_and_picture (before);
}

static void
test_not_shared (void)
{
  static const char *const both[] = { "\"once\"", "\"twice\"", "ReadWriteMany", NULL };
  g_autoptr (HotplugVolume) once
      = pair_volume (pair, "once", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, HOTPLUG_BUS_SCSI, NULL);
  g_autoptr (HotplugVolume) twice
      = pair_volume (pair, "twice", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, HOTPLUG_BUS_SCSI, NULL);

  pair_add (pair, once, HOTPLUG_PLUG_NONE);
  pair_add (pair, twice, HOTPLUG_PLUG_PERSIST);
  refuse (HOTPLUG_ERROR_ACCESS_MODE, both);
  remove_volume ("once", HOTPLUG_PLUG_NONE);
  remove_volume ("twice", HOTPLUG_PLUG_PERSIST);
}

static HotplugInterfaceStatus *
find_interface (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (pair->vmi, NULL, &error);

  g_assert_no_error (error);
  HotplugInterfaceStatus *found = hotplug_vmi_status_get_interface (status, name);
  return found != NULL ? hotplug_interface_status_ref (found) : NULL;
}

static gboolean
guest_has (const char *mac)
{
  g_autofree char *condition = g_strdup_printf ("grep -qx %s /sys/class/net/*/address", mac);

  return lab_guest_wait_for (pair_guest (pair), condition, GUEST_PATIENCE);
}

/* A bridge that the other host alone has */
static void
test_pending (void)
{
  static const char *const late[] = { "\"late\"", "elsewhere", NULL };
  g_autoptr (GError) error = NULL;
  guint home = pair->at;

  pair_network (pair, 1 - home, "elsewhere", "lab-br1");
  pair_add_interface (pair, "late", "lab-br1", HOTPLUG_PLUG_PERSIST);
  g_autoptr (HotplugInterfaceStatus) before = find_interface ("late");
  g_assert_cmpint (hotplug_interface_status_get_phase (before), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpstr (hotplug_interface_status_get_reason (before), ==, "MigrationRequired");
  g_autofree char *picture = pair_picture (pair);
  g_assert_nonnull (strstr (picture, "type: MigrationRequired"));

  pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
  g_autoptr (HotplugInterfaceStatus) after = find_interface ("late");
  g_assert_cmpint (hotplug_interface_status_get_phase (after), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_true (hotplug_interface_status_is_persisted (after));
  g_assert_true (guest_has (hotplug_interface_status_get_mac (after)));
  g_autofree char *arrived = pair_picture (pair);
  g_assert_null (strstr (arrived, "MigrationRequired"));

  refuse (HOTPLUG_ERROR_NETWORK_MISSING, late);
  hotplug_vmi_remove_interface (pair->vmi, "late", HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
  pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
}

static HotplugInterfaceStatus *
move_interface (const char *bridge)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("mover", bridge, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_update_interface (pair->vmi, "mover", HOTPLUG_INTERFACE_STATE_UNCHANGED,
                                                                 attachment, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  return status;
}

static void
assert_network (const char *network)
{
  g_autoptr (LabDomain) domain = lab_lookup (pair->connects[pair->at], PAIR_MACHINE);
  g_autofree char *source = g_strdup_printf ("<source network='%s'", network);
  g_autofree char *live = lab_live_xml (domain);
  g_autofree char *inactive = lab_inactive_xml (domain);

  g_assert_nonnull (strstr (live, source));
  g_assert_nonnull (strstr (inactive, source));
}

/* From a bridge that this host alone has to one that the other alone has; and it may change its mind before. */
static void
test_moved (void)
{
  guint home = pair->at;

  pair_network (pair, home, "only-here", "lab-br2");
  pair_add_interface (pair, "mover", "lab-br2", HOTPLUG_PLUG_PERSIST);
  g_autoptr (HotplugInterfaceStatus) first = move_interface ("lab-br1");
  g_assert_cmpint (hotplug_interface_status_get_phase (first), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_reason (first), ==, "MigrationRequired");
  g_autoptr (HotplugInterfaceStatus) back = move_interface ("lab-br2");
  g_assert_cmpstr (hotplug_interface_status_get_reason (back), ==, "InterfaceReady");
  assert_network ("only-here");
  g_autoptr (HotplugInterfaceStatus) again = move_interface ("lab-br1");
  g_autoptr (HotplugInterfaceStatus) before = find_interface ("mover");
  g_assert_cmpstr (hotplug_interface_status_get_reason (before), ==, "MigrationRequired");
  assert_network ("only-here");

  pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
  g_autoptr (HotplugInterfaceStatus) after = find_interface ("mover");
  g_assert_cmpstr (hotplug_interface_status_get_reason (after), ==, "InterfaceReady");
  g_assert_cmpstr (hotplug_interface_status_get_mac (after), ==, hotplug_interface_status_get_mac (before));
  g_assert_cmpstr (hotplug_interface_status_get_address (after), ==, hotplug_interface_status_get_address (before));
  assert_network ("elsewhere");
  g_assert_true (guest_has (hotplug_interface_status_get_mac (after)));

  g_autoptr (HotplugInterfaceStatus) waits = move_interface ("lab-br2");
  g_assert_cmpstr (hotplug_interface_status_get_reason (waits), ==, "MigrationRequired");
  pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
  assert_network ("only-here");
  g_autoptr (GError) error = NULL;
  hotplug_vmi_remove_interface (pair->vmi, "mover", HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

/* What there is of each host and of this process while the machine is at home */
typedef struct
{
  guint taps[2];
  guint files[2];
  gsize heap;
} Footprint;

static Footprint
measure (void)
{
  Footprint footprint = { .heap = mallinfo2 ().uordblks };

  for (guint i = 0; i < 2; i++)
    {
      footprint.taps[i] = pair_count_taps (pair, i);
      footprint.files[i] = pair_count_files (pair, i);
    }
  return footprint;
}

/* To and fro under the guest's own writes, with another volume in and out each time */
static void
test_to_and_fro (void)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_MIGRATIONS");
  int rounds = MAX ((wanted != NULL ? atoi (wanted) : MIGRATIONS) / 2, 2);
  g_autoptr (HotplugVolume)
      guest = pair_volume (pair, "guest", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, NULL);
  g_autofree char *before = pair_picture (pair);
  Footprint first = { 0 };

  pair_begin_writing (pair, SCSI_LINK "kept");
  for (int i = 0; i < rounds * 2; i++)
    {
      HotplugPlugFlags flags = i % 3 == 0 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;

      pair_add (pair, guest, flags);
      pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
      remove_volume ("guest", flags);
      g_autofree char *after = pair_picture (pair);
      g_assert_cmpstr (after, ==, before);
      if (i == 1)
        first = measure ();
    }
  const Footprint last = measure ();
  g_test_message (
      "%d migrations, %u blocks written; heap %zu to %zu KiB, files %u and %u to %u and %u, taps %u and %u to %u and %u",
      rounds * 2, pair_end_writing (pair), first.heap >> 10, last.heap >> 10, first.files[0], first.files[1],
      last.files[0], last.files[1], first.taps[0], first.taps[1], last.taps[0], last.taps[1]);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (last.taps[i], ==, first.taps[i]);
      g_assert_cmpuint (first.files[i], >, 0);
      g_assert_cmpuint (last.files[i], <=, first.files[i] + 1);
    }
  g_assert_cmpuint (first.taps[0] + first.taps[1], >, 0);
  g_assert_cmpuint (last.heap, <, first.heap + HEAP_SLACK);
}

#define MOVED_LINK SCSI_LINK "moved"

static void
write_word (guint place, const char *word)
{
  g_free (lab_guest_run (pair_guest (pair), NULL,
                         "printf '%%-512s' %s | dd of=" MOVED_LINK " bs=512 seek=%u count=1 conv=fsync,notrunc 2>/dev/null",
                         word, place));
}

static void
assert_word (guint place, const char *word)
{
  g_assert_true (lab_guest_wait_for (pair_guest (pair), "test -b " MOVED_LINK, GUEST_PATIENCE));
  g_autofree char *read
      = lab_guest_run (pair_guest (pair), NULL, "dd if=" MOVED_LINK " bs=512 skip=%u count=1 2>/dev/null", place);
  g_assert_cmpstr (g_strstrip (read), ==, word);
}

/* As virsh migrate --copy-storage-all --xml does: the disk goes along, into another file */
static void
migrate_with_storage (const char *from, const char *to)
{
  g_autoptr (LabDomain) here = lab_lookup (pair->connects[pair->at], PAIR_MACHINE);
  char *xml = virDomainGetXMLDesc (here, VIR_DOMAIN_XML_MIGRATABLE | VIR_DOMAIN_XML_SECURE);
  g_autofree char *old = g_strdup_printf ("'%s/%s'", pair->images, from);
  g_autofree char *new = g_strdup_printf ("'%s/%s'", pair->images, to);
  g_auto (GStrv) parts = g_strsplit (xml, old, -1);
  g_autofree char *there = g_strjoinv (new, parts);
  virTypedParameter *parameters = NULL;
  int n = 0;
  int size = 0;

  free (xml);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_free (lab_image_new (pair->images, to, 4 << 20));
  virTypedParamsAddString (&parameters, &n, &size, VIR_MIGRATE_PARAM_DEST_XML, there);
  virTypedParamsAddString (&parameters, &n, &size, VIR_MIGRATE_PARAM_MIGRATE_DISKS, "sda");
  g_clear_pointer (&pair->guest, lab_guest_free);
  virDomainPtr moved
      = virDomainMigrate3 (here, pair->connects[1 - pair->at], parameters, (unsigned int)n,
                           VIR_MIGRATE_LIVE | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE
                               | VIR_MIGRATE_NON_SHARED_DISK);
  if (moved == NULL)
    g_error ("%s", virGetLastErrorMessage ());
  virDomainFree (moved);
  virTypedParamsFree (parameters, n);
  pair->at = 1 - pair->at;
}

static void
assert_source (const char *name)
{
  g_autoptr (LabDomain) here = lab_lookup (pair->connects[pair->at], PAIR_MACHINE);
  g_autofree char *live = lab_live_xml (here);
  g_autofree char *source = g_strdup_printf ("<source file='%s/%s'", pair->images, name);

  g_assert_nonnull (strstr (live, source));
}

static GSubprocess *
watch_other_host (void)
{
  g_autoptr (GError) error = NULL;
  const char *program = g_getenv ("HOTPLUGCTL") != NULL ? g_getenv ("HOTPLUGCTL") : "tools/hotplugctl";
  GSubprocess *watch = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "-c",
                                         lab_daemon_uri (pair->daemons[1 - pair->at]), "watch", NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (watch));
  g_autofree char *line = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (line, "watching "));
  return watch;
}

/* In the template only its record names the volume's file. */
static void
await_record (const char *name)
{
  g_autoptr (LabDomain) here = lab_lookup (pair->connects[pair->at], PAIR_MACHINE);
  g_autofree char *file = g_strdup_printf ("\"%s/%s\"", pair->images, name);
  gint64 until = g_get_monotonic_time () + GUEST_PATIENCE * G_TIME_SPAN_SECOND;

  for (;;)
    {
      g_autofree char *template = lab_inactive_xml (here);
      if (strstr (template, file) != NULL)
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
}

/* With somebody who watches there, so that others may end it before anyone asks for anything; and without */
static void
test_storage_migration (void)
{
  g_autoptr (HotplugVolume) volume
      = pair_volume (pair, "moved", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, HOTPLUG_BUS_SCSI, NULL);
  g_autoptr (GError) error = NULL;

  pair_add (pair, volume, HOTPLUG_PLUG_NONE);
  g_assert_true (lab_guest_wait_for (pair_guest (pair), "test -b " MOVED_LINK, GUEST_PATIENCE));
  write_word (0, "plugged");

  g_autoptr (GSubprocess) watch = watch_other_host ();
  migrate_with_storage ("moved", "moved.there");
  write_word (1, "there");
  await_record ("moved.there");
  g_subprocess_send_signal (watch, SIGTERM);
  g_assert_true (g_subprocess_wait_check (watch, NULL, NULL));
  g_assert_true (pair_find (pair));
  hotplug_vmi_restart (pair->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  assert_source ("moved.there");
  assert_word (0, "plugged");
  assert_word (1, "there");

  migrate_with_storage ("moved.there", "moved.back");
  write_word (2, "back");
  g_assert_true (pair_find (pair));
  hotplug_vmi_restart (pair->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  assert_source ("moved.back");
  assert_word (1, "there");
  assert_word (2, "back");
  remove_volume ("moved", HOTPLUG_PLUG_PERSIST);
}

int
main (int argc, char **argv)
{
  static const PairRow rows[] = {
    { "/conformance/FD02/storage-migration", test_storage_migration },
    { "/conformance/M01/there-and-back", test_there_and_back },
    { "/conformance/M01/peer-to-peer", test_peer_to_peer },
    { "/conformance/M01/network-source", test_network_source },
    { "/conformance/M01/progress", test_progress },
    { "/conformance/M01/to-and-fro", test_to_and_fro },
    { "/conformance/M02/not-shared", test_not_shared },
    { "/conformance/M04/cancelled", test_cancelled },
    { "/conformance/N11/pending", test_pending },
    { "/conformance/N11/moved", test_moved },
  };

  return pair_main (argc, argv, &pair, rows, G_N_ELEMENTS (rows));
}
