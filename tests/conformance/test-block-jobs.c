/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/block-torture.h"
#include "conformance/rig.h"

/* A volume that is not persisted, whose disk others move on while it is plugged in: after a restart the guest reads its
 * own latest bytes back. Then all that may happen to disks, in random order, to a machine that runs no system.
 *
 *   test-block-jobs [--steps=N] [--seed=S]     or HOTPLUG_TEST_BLOCK_STEPS=N in the environment */

#define NAME "data"
#define LINK RIG_SCSI_LINK NAME
#define SECTOR 512
#define DEFAULT_STEPS 100
#define JOB_PATIENCE (60 * G_TIME_SPAN_SECOND)

static const LabMachine machine = { .name = "vmi-jobs", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;
static const char *program;
static int steps = 0;
static int seed = 1;

static void
write_word (guint place, const char *word)
{
  g_free (lab_guest_run (rig->guest, NULL,
                         "printf '%%-512s' %s | dd of=%s bs=512 seek=%u count=1 conv=fsync,notrunc 2>/dev/null", word,
                         LINK, place));
}

static void
assert_word (guint place, const char *word)
{
  g_autofree char *read = lab_guest_run (rig->guest, NULL, "dd if=%s bs=512 skip=%u count=1 2>/dev/null", LINK, place);

  g_assert_cmpstr (g_strstrip (read), ==, word);
}

static void
restart (void)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);
  rig_assert_link (rig, LINK);
}

/* What the running machine has of the disk: its files, the newest first */
static void
assert_source (const char *path)
{
  g_autofree char *xml = lab_live_xml (rig->domain);
  g_autofree char *source = g_strdup_printf ("<source file='%s'", path);
  const char *first = strstr (xml, "<source file='");

  g_assert_nonnull (first);
  if (!g_str_has_prefix (first, source))
    g_error ("not %s but %.200s", source, first);
}

static char *
snapshot (const char *name)
{
  char *path = g_strdup_printf ("%s/data.%s", rig->images, name);
  g_autofree char *xml = g_strdup_printf ("<domainsnapshot><name>%s</name><disks><disk name='sda' snapshot='external'>"
                                          "<source file='%s'/></disk></disks></domainsnapshot>",
                                          name, path);
  virDomainSnapshotPtr made = virDomainSnapshotCreateXML (
      rig->domain, xml, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA);

  g_assert_nonnull (made);
  virDomainSnapshotFree (made);
  return path;
}

static void
pivot (void)
{
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;
  virDomainBlockJobInfo info = { 0 };

  while (virDomainGetBlockJobInfo (rig->domain, "sda", &info, 0) != 1 || info.cur != info.end || info.end == 0
         || virDomainBlockJobAbort (rig->domain, "sda", VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT) != 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
}

static char *
plug (void)
{
  char *image = g_build_filename (rig->images, NAME, NULL);

  rig_add (rig, NAME, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_assert_link (rig, LINK);
  write_word (0, "plugged");
  return image;
}

static void
unplug (void)
{
  rig_remove (rig, NAME);
}

/* A snapshot over a snapshot, then tuned and made larger */
static void
test_snapshot (void)
{
  g_autofree char *image = plug ();
  g_autofree char *first = snapshot ("first");
  write_word (1, "first");
  g_autofree char *second = snapshot ("second");
  write_word (2, "second");

  virTypedParameter *parameters = NULL;
  int n = 0;
  int size = 0;
  virTypedParamsAddULLong (&parameters, &n, &size, VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC, 5000);
  g_assert_cmpint (virDomainSetBlockIoTune (rig->domain, "sda", parameters, n, VIR_DOMAIN_AFFECT_LIVE), ==, 0);
  virTypedParamsFree (parameters, n);
  g_assert_cmpint (virDomainBlockResize (rig->domain, "sda", 16 << 20, VIR_DOMAIN_BLOCK_RESIZE_BYTES), ==, 0);

  restart ();
  assert_source (second);
  assert_word (0, "plugged");
  assert_word (1, "first");
  assert_word (2, "second");
  g_autofree char *sectors = lab_guest_run (rig->guest, NULL, "cat /sys/block/sda/size");
  g_assert_cmpint (g_ascii_strtoll (sectors, NULL, 10), ==, (16 << 20) / SECTOR);
  g_autofree char *xml = lab_live_xml (rig->domain);
  g_assert_nonnull (strstr (xml, "<total_iops_sec>5000<"));
  unplug ();
}

static void
test_commit (void)
{
  g_autofree char *image = plug ();
  g_autofree char *overlay = snapshot ("overlay");
  write_word (1, "overlay");
  restart ();
  assert_source (overlay);
  g_assert_cmpint (virDomainBlockCommit (rig->domain, "sda", NULL, NULL, 0, VIR_DOMAIN_BLOCK_COMMIT_ACTIVE), ==, 0);
  pivot ();
  write_word (2, "committed");
  /* the overlay stays where it is, and names the image that has all of it now */
  restart ();
  assert_source (image);
  assert_word (0, "plugged");
  assert_word (1, "overlay");
  assert_word (2, "committed");
  unplug ();
}

static void
test_copy (void)
{
  g_autofree char *image = plug ();
  g_autofree char *copy = g_build_filename (rig->images, "copy.img", NULL);
  g_autofree char *xml
      = g_strdup_printf ("<disk type='file'><driver type='raw'/><source file='%s'/></disk>", copy);

  g_assert_cmpint (virDomainBlockCopy (rig->domain, "sda", xml, NULL, 0, VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB), ==, 0);
  pivot ();
  write_word (1, "copied");
  restart ();
  assert_source (copy);
  assert_word (0, "plugged");
  assert_word (1, "copied");
  unplug ();
}

/* Nobody looked between the snapshot and the end of the machine: nothing starts, and both files are named. */
static void
test_unseen (void)
{
  g_autofree char *image = plug ();
  g_autofree char *overlay = snapshot ("unseen");
  g_autoptr (GError) error = NULL;

  write_word (1, "unseen");
  lab_destroy (rig->domain);
  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, image));
  g_assert_nonnull (strstr (error->message, overlay));
  g_assert_false (lab_is_active (rig->domain));
}

static void
test_torture (void)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_BLOCK_STEPS");
  guint many = steps > 0 ? (guint)steps : wanted != NULL ? (guint)atoi (wanted) : DEFAULT_STEPS;

  if (!lab_skip_without_daemon ())
    block_torture (program, many, (guint)seed);
}

static const RigRow rows[] = {
  { "/conformance/FD02/snapshot", test_snapshot },
  { "/conformance/FD02/commit", test_commit },
  { "/conformance/FD02/copy", test_copy },
  { "/conformance/FD02/unseen", test_unseen },
  { "/conformance/FD01/FD02/FD06/torture", test_torture },
};

static gboolean
read_arguments (int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "steps", 0, 0, G_OPTION_ARG_INT, &steps, "Of the torture, and nothing else", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "In which order", "S" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  return g_option_context_parse (context, argc, argv, NULL);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (block_is_client (argc, argv))
    return block_be_client (argc, argv);
  if (!read_arguments (&argc, &argv))
    return EXIT_FAILURE;
  if (steps == 0)
    return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FD02/torture", test_torture);
  return g_test_run ();
}
