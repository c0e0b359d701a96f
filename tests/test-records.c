/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "fake/fake-rig.h"
#include "host/hotplug-machine-lock-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* Records where the truth has moved on without us, and where they are another machine's, or a newer library's. */

#define ELSEWHERE "11111111-2222-4333-8444-555555555555"

static void
set_element (Rig *rig, HotplugSide side, const char *xml)
{
  g_autoptr (GError) error = NULL;

  must (_hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, side, xml, &error), error);
}

static char *
read_side (Rig *rig, HotplugSide side)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return g_strdup (side == HOTPLUG_SIDE_LIVE ? text.live : text.template);
}

static gboolean
has (Rig *rig, HotplugSide side, const char *what)
{
  g_autofree char *text = read_side (rig, side);

  return strstr (text, what) != NULL;
}

static void
restart (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
}

/* The head of an empty qcow2 image of 1 MiB: what a start looks at */
static void
write_qcow2 (const char *path)
{
  guint8 begin[65536] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };

  begin[23] = 16;   /* bits of a cluster's size */
  begin[29] = 0x10; /* the disk's size */
  begin[103] = 104; /* the header's length */
  g_assert_true (g_file_set_contents (path, (const char *)begin, sizeof begin, NULL));
}

/* The same, with the name of what it stands upon behind the header */
static void
write_qcow2_upon (const char *path, const char *base)
{
  g_autofree char *begin = NULL;
  gsize length;

  write_qcow2 (path);
  g_assert_true (g_file_get_contents (path, &begin, &length, NULL));
  begin[14] = 1; /* at 256 */
  begin[19] = (char)strlen (base);
  for (gsize i = 0; base[i] != '\0'; i++)
    begin[256 + i] = base[i];
  g_assert_true (g_file_set_contents (path, begin, (gssize)length, NULL));
}

/* As a snapshot, a copy or a tuning by others leaves a running disk; @job: what is still at work on it */
static char *
move_on (Rig *rig, const char *name, const char *to, const char *job)
{
  g_autofree char *path = rig_image (rig, to);
  g_autofree char *below = g_build_filename (rig->directory, "below.img", NULL);
  g_autofree char *xml = g_strdup_printf (
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='%s' index='7'/>"
      "<backingStore type='file' index='6'><format type='raw'/><source file='%s'/><backingStore/>"
      "</backingStore>%s<target dev='sda' bus='scsi'/><iotune><total_iops_sec>77</total_iops_sec>"
      "</iotune><vendor>ACME</vendor><serial>%s</serial><alias name='ua-hpv-%s'/>"
      "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>",
      path, below, job, name, name);

  g_assert_true (g_file_set_contents (below, "below", -1, NULL));
  write_qcow2 (path);
  fake_machine_detach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, xml);
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, xml);
  return g_steal_pointer (&path);
}

static void
test_follows (void)
{
  static const char *const kept[] = { "below.img", "<total_iops_sec>77<", "<vendor>ACME<", "qcow2" };
  static const char *const runtime[] = { "index='7'", "index=\"7\"", "mirror" };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_autofree char *path = move_on (rig, "data", "overlay", "<mirror type='file'/>");
  restart (rig);
  g_assert_true (has (rig, HOTPLUG_SIDE_LIVE, path));
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_true (has (rig, HOTPLUG_SIDE_LIVE, kept[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (runtime); i++)
    g_assert_false (has (rig, HOTPLUG_SIDE_LIVE, runtime[i]));
}

/* Whoever does anything to the machine, and also one that stops by itself while it is asked to */
static void
test_follows_anybody (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_autofree char *first = move_on (rig, "data", "first", "");
  must (rig_add (rig, "more", HOTPLUG_PLUG_NONE, &error), error);
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, first));

  g_autofree char *second = move_on (rig, "data", "second", "");
  must (hotplug_vmi_stop (rig->vmi, 0, NULL, &error), error);
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, second));
}

/* What is as it is recorded is not written again. */
static void
test_follows_nothing (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  fake_connection_hook (rig->fake, FAKE_SET_METADATA, 0, NULL, NULL);
  must (rig_add (rig, "more", HOTPLUG_PLUG_PERSIST, &error), error);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_SET_METADATA), ==, 0);
}

/* It was committed into what it stands upon and pivoted, the guest wrote to that, and nobody looked: the recorded file
 * would hide what was written. */
static void
test_older (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_autofree char *base = rig_image (rig, "data");
  g_autofree char *overlay = move_on (rig, "data", "overlay", "");
  write_qcow2_upon (overlay, base);
  must (rig_add (rig, "more", HOTPLUG_PLUG_NONE, &error), error);
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, overlay));
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (utime (base, NULL), ==, 0);
  fake_machine_run (rig->fake, RIG_UUID, NULL, HOTPLUG_VMI_STATE_STOPPED);

  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, base));
  g_assert_nonnull (strstr (error->message, overlay));
  g_assert_false (rig_state_has (rig, "live has"));

  /* whoever knows that it is the newest says so by its time */
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (utime (overlay, NULL), ==, 0);
  g_clear_error (&error);
  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);
}

/* The guest keeps what was asked for, and others have moved it on meanwhile, where the template did not have it for
 * libvirt to follow. */
static void
test_kept_moved (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_PERSIST, &error), error);
  g_autofree char *base = rig_image (rig, "data");
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_autofree char *overlay = move_on (rig, "data", "overlay", "");
  rig_renew (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
  rig_find_vmi (rig);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);

  g_autofree char *template = read_side (rig, HOTPLUG_SIDE_TEMPLATE);
  g_assert_nonnull (strstr (template, overlay));
  g_assert_null (strstr (template, base));
  g_assert_nonnull (strstr (template, "qcow2"));
  /* tuned while it ran only, as with each other device */
  g_assert_null (strstr (template, "total_iops_sec"));
}

/* A qcow2 header that says what it stands upon, and nothing else */
static char *
make_overlay (const char *directory, const char *base)
{
  char *path = g_build_filename (directory, "base.overlay", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  static const guint8 header[] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 20 };
  const guint8 length[] = { 0, 0, 0, (guint8)strlen (base) };

  g_byte_array_append (bytes, header, sizeof header);
  g_byte_array_append (bytes, length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *)base, (guint)strlen (base));
  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, (gssize)bytes->len, NULL));
  return path;
}

/* Nobody looked between the snapshot and the end of the machine: both files are named, and nothing starts. */
static void
test_newer (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  must (hotplug_vmi_stop (rig->vmi, 0, NULL, &error), error);
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_autofree char *base = rig_image (rig, "data");
  g_autofree char *overlay = make_overlay (rig->directory, base);

  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, base));
  g_assert_nonnull (strstr (error->message, overlay));
  g_assert_false (rig_state_has (rig, "live has"));
}

/* The same, with the overlay where only the snapshot's own XML says that it is */
static void
test_newer_elsewhere (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *elsewhere = g_build_filename (rig->directory, "elsewhere", NULL);

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  must (hotplug_vmi_stop (rig->vmi, 0, NULL, &error), error);
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  g_autofree char *base = rig_image (rig, "data");
  g_autofree char *overlay = make_overlay (elsewhere, base);
  g_autofree char *xml = g_markup_printf_escaped (
      "<domainsnapshot><name>s</name><disks><disk name='vda' snapshot='no'/>"
      "<disk name='sda' snapshot='external' type='file'><driver type='qcow2'/><source file='%s'/></disk></disks>"
      "<domain><devices><disk><source file='/x'/></disk></devices></domain></domainsnapshot>",
      overlay);

  fake_machine_keep_snapshot (rig->fake, RIG_UUID, xml);
  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, overlay));
  g_assert_false (rig_state_has (rig, "live has"));
  g_assert_cmpint (g_unlink (overlay), ==, 0);
}

/* It was committed, and left lying there: the running machine has the base, and its records know. */
static void
test_left_lying (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_autofree char *base = rig_image (rig, "data");
  g_autofree char *overlay = make_overlay (rig->directory, base);
  restart (rig);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data"));
}

static void
run_by_others (Rig *rig, gboolean runs)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  fake_machine_run (rig->fake, RIG_UUID, runs ? text.template : NULL, HOTPLUG_VMI_STATE_RUNNING);
}

/* Others start it without the volume, and what is done to the machine then says nothing of that. */
static void
test_newer_missing (gconstpointer removes)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  must (rig_add (rig, "more", HOTPLUG_PLUG_NONE, &error), error);
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  g_autofree char *base = rig_image (rig, "data");
  g_autofree char *overlay = make_overlay (rig->directory, base);
  run_by_others (rig, FALSE);
  run_by_others (rig, TRUE);
  rig_reopen (rig);
  if (GPOINTER_TO_INT (removes))
    must (hotplug_vmi_remove_volume (rig->vmi, "more", HOTPLUG_PLUG_PERSIST, -1, NULL, &error), error);
  else
    must (rig_add (rig, "third", HOTPLUG_PLUG_NONE, &error), error);

  g_assert_false (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, overlay));
  g_assert_false (rig_state_has (rig, "live has ua-hpv-data"));
}

#define VOLUME(name, path)                                                                                             \
  "<volume name='" name "' state='attached'><disk type='file' device='disk'><source file='" path "'/>"                 \
  "<target dev='sda' bus='scsi'/><alias name='ua-hpv-" name "'/></disk></volume>"

/* What a copy of a machine brings of its original's */
static void
test_of_another (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_STOPPED);
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "theirs");
  g_autofree char *element
      = g_strdup_printf ("<hotplug version='1' uuid='" ELSEWHERE "'><volume name='theirs' state='attached'>"
                         "<disk type='file' device='disk'><source file='%s'/><target dev='sda' bus='scsi'/>"
                         "<alias name='ua-hpv-theirs'/></disk></volume><intent>[intent]\nkind=start\n</intent></hotplug>",
                         image);

  set_element (rig, HOTPLUG_SIDE_TEMPLATE, element);
  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);
  g_assert_false (rig_state_has (rig, "theirs"));
  must (rig_add (rig, "mine", HOTPLUG_PLUG_NONE, &error), error);
  g_assert_false (has (rig, HOTPLUG_SIDE_TEMPLATE, ELSEWHERE));
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, RIG_UUID "\""));
  must (rig_add (rig, "theirs", HOTPLUG_PLUG_NONE, &error), error);
}

/* A tap's name in a template would keep a copy from starting beside it. */
static void
test_tap (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) network
      = hotplug_network_attachment_new_for_bridge ("lab", FAKE_BRIDGE, &error);
  g_autoptr (HotplugInterface) nic
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "nic", "attachment", network, NULL);
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (rig->vmi, nic, HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (has (rig, HOTPLUG_SIDE_LIVE, "<target dev=\"tap"));
  g_autofree char *template = read_side (rig, HOTPLUG_SIDE_TEMPLATE);
  g_assert_null (strstr (strstr (template, "<devices>"), "<target dev=\"tap"));
}

/* The running machine's copy is not there for the next `virsh define` to bring back. */
static void
test_copy (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  restart (rig);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data"));
  g_assert_false (has (rig, HOTPLUG_SIDE_LIVE, HOTPLUG_METADATA_URI));
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, HOTPLUG_METADATA_URI));
}

static const char *const newer_journals[]
    = { "[intent]\nkind=resize\ndevices=ua-hpv-seed;\n", "[journal]\nversion=2\n[intent]\nkind=add\n" };

static void
test_newer_journal (gconstpointer data)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (rig->fake));
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);

  g_assert_no_error (error);
  must (_hotplug_machine_lock_write (lock, data, &error), error);
  g_clear_pointer (&lock, _hotplug_machine_lock_give);
  g_autofree char *before = read_side (rig, HOTPLUG_SIDE_TEMPLATE);

  rig_reopen (rig);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "made by a newer libhotplug"));
  g_autofree char *after = read_side (rig, HOTPLUG_SIDE_TEMPLATE);
  g_autofree char *journal = _hotplug_machine_lock_peek (directory, RIG_UUID);
  g_assert_cmpstr (after, ==, before);
  g_autofree char *expected = g_strdup (data);
  g_assert_cmpstr (g_strchomp (journal), ==, g_strchomp (expected));
}

/* In the metadata: kept, word for word, and not acted upon */
static void
test_newer_words (void)
{
  static const char *const kept[] = { "name=\"later\"", "state=\"parked\"", "quota=\"5\"", "colour=\"blue\"",
                                      "<filesystem name=\"fs\">", "<deep/>", "mood=\"good\"", "<extra/>" };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_autofree char *now = read_side (rig, HOTPLUG_SIDE_TEMPLATE);
  g_autofree char *path = rig_image (rig, "data");
  g_autofree char *element = g_strdup_printf (
      "<hotplug colour='blue'><volume name='later' state='parked' quota='5'/><filesystem name='fs'><deep/></filesystem>"
      "<volume name='data' state='attached' mood='good'><extra/><disk type='file' device='disk'><source file='%s'/>"
      "<target dev='sda' bus='scsi'/><alias name='ua-hpv-data'/></disk></volume></hotplug>",
      path);
  set_element (rig, HOTPLUG_SIDE_TEMPLATE, element);

  must (rig_add (rig, "mine", HOTPLUG_PLUG_NONE, &error), error);
  restart (rig);
  g_autofree char *text = read_side (rig, HOTPLUG_SIDE_TEMPLATE);
  g_autoptr (GRegex) prefix = g_regex_new ("hotplug:", 0, 0, NULL);
  g_autofree char *plain = g_regex_replace_literal (prefix, text, -1, 0, "", 0, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      if (strstr (plain, kept[i]) == NULL)
        g_error ("no %s in %s", kept[i], plain);
    }
  g_assert_false (rig_state_has (rig, "live has ua-hpv-later"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-mine"));
}

static void
test_newer_element (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  set_element (rig, HOTPLUG_SIDE_TEMPLATE, "<hotplug version='2'>" VOLUME ("data", "/srv/a") "</hotplug>");
  g_assert_false (rig_add (rig, "mine", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_true (has (rig, HOTPLUG_SIDE_TEMPLATE, "version"));
}

/* Others have taken in the template what is recorded: all comes back, and only what must move does. */
static void
test_taken (gconstpointer data)
{
  const char *theirs = data;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "one", HOTPLUG_PLUG_NONE, &error), error);
  must (rig_add (rig, "two", HOTPLUG_PLUG_NONE, &error), error);
  must (rig_add_on (rig, "port", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, &error), error);
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, theirs);
  restart (rig);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-one"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-two sdb 0:0:0:1"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-port"));
  rig_assert_sound (rig);

  /* and is recorded where it is now */
  g_autofree char *once = rig_state (rig);
  restart (rig);
  g_autofree char *twice = rig_state (rig);
  g_assert_cmpstr (twice, ==, once);
}

#define THEIRS(target, bus, more)                                                                                      \
  "<disk type='file' device='disk'><target dev='" target "' bus='" bus "'/>" more "</disk>"
#define UNIT(unit) "<address type='drive' controller='0' bus='0' target='0' unit='" unit "'/>"
#define PORT(bus) "<address type='pci' domain='0x0000' bus='" bus "' slot='0x00' function='0x0'/>"

static const struct
{
  const char *path;
  const char *xml;
} taken[] = {
  { "/conformance/FS01/target", THEIRS ("sda", "scsi", UNIT ("9")) },
  { "/conformance/FS01/unit", THEIRS ("sdy", "scsi", UNIT ("0")) },
  { "/conformance/FS01/target-and-unit", THEIRS ("sda", "scsi", UNIT ("0")) },
  { "/conformance/FS01/port", THEIRS ("vdz", "virtio", PORT ("0x02")) },
  { "/conformance/FS01/virtio-target", THEIRS ("vda", "virtio", PORT ("0x03")) },
  { "/conformance/FS01/serial", THEIRS ("sdy", "scsi", "<serial>one</serial>" UNIT ("9")) },
};

static void
test_budget (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) before = hotplug_vmi_get_template_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  must (rig_add_on (rig, "port", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, &error), error);
  g_autoptr (HotplugPciBudget) after = hotplug_vmi_get_template_pci_budget (rig->vmi, NULL, &error);
  g_autoptr (HotplugPciBudget) live = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hotplug_pci_budget_get_free (after), ==, hotplug_pci_budget_get_free (before) - 1);
  g_assert_cmpuint (hotplug_pci_budget_get_free (after), ==, hotplug_pci_budget_get_free (live));
}

static guint
count_buses (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_template_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return hotplug_pci_budget_get_buses (budget)->len;
}

/* No port grows for what has lost its own, since none will in the running machine. */
static void
test_budget_taken (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  guint made = 0;
  guint free_ports;

  do
    {
      g_autofree char *name = g_strdup_printf ("port-%u", made++);
      must (rig_add_on (rig, name, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, &error), error);
      g_autoptr (HotplugPciBudget) live = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);
      g_assert_no_error (error);
      free_ports = hotplug_pci_budget_get_free (live);
    }
  while (free_ports > 0);
  guint before = count_buses (rig);
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, THEIRS ("vdz", "virtio", PORT ("0x02")));
  g_assert_cmpuint (count_buses (rig), ==, before);
}

/* The controller that comes with a SCSI volume is known by its name there too. */
static void
test_budget_controller (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_BARE);
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_template_pci_budget (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (buses, i));
      for (guint j = 0; j < slots->len; j++)
        found = found || g_strcmp0 (hotplug_pci_slot_get_name (g_ptr_array_index (slots, j)), "scsi0") == 0;
    }
  g_assert_true (found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/conformance/FD02/restart", test_follows);
  g_test_add_func ("/conformance/FD02/anybody", test_follows_anybody);
  g_test_add_func ("/conformance/FD02/nothing", test_follows_nothing);
  g_test_add_func ("/conformance/FD02/newer", test_newer);
  g_test_add_func ("/conformance/FD02/newer-elsewhere", test_newer_elsewhere);
  g_test_add_data_func ("/conformance/FD02/newer-missing/add", GINT_TO_POINTER (FALSE), test_newer_missing);
  g_test_add_data_func ("/conformance/FD02/newer-missing/remove", GINT_TO_POINTER (TRUE), test_newer_missing);
  g_test_add_func ("/conformance/FD02/left-lying", test_left_lying);
  g_test_add_func ("/conformance/FD02/older", test_older);
  g_test_add_func ("/conformance/FD01/FD02/kept-moved", test_kept_moved);
  g_test_add_func ("/conformance/FM01/element", test_of_another);
  g_test_add_func ("/conformance/FM01/tap", test_tap);
  g_test_add_func ("/conformance/FM03/copy", test_copy);
  for (gsize i = 0; i < G_N_ELEMENTS (newer_journals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/FM04/journal/%u", (guint)i);
      g_test_add_data_func (path, newer_journals[i], test_newer_journal);
    }
  g_test_add_func ("/conformance/FM04/words", test_newer_words);
  g_test_add_func ("/conformance/FM04/element", test_newer_element);
  for (gsize i = 0; i < G_N_ELEMENTS (taken); i++)
    g_test_add_data_func (taken[i].path, taken[i].xml, test_taken);
  g_test_add_func ("/conformance/FS04/budget", test_budget);
  g_test_add_func ("/conformance/FS04/taken", test_budget_taken);
  g_test_add_func ("/conformance/FS04/controller", test_budget_controller);
  return g_test_run ();
}
