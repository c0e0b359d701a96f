/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/rig.h"

/* The rows for which the machine's own word is enough: a real QEMU without a system in it. */

static const LabMachine machine = { .name = "vmi-bare", .root_ports = 4, .scsi = TRUE, .bare = TRUE };

static Rig *rig;

static void
test_v03 (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "dry.img", 4);
  g_autoptr (HotplugVolume) volume = rig_volume ("dry", image, HOTPLUG_BUS_SCSI);
  g_autofree char *before = rig_picture (rig);
  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_DRY_RUN | HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, "sda");
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_PENDING);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);

  rig_add (rig, "wet", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  g_autofree char *added = rig_picture (rig);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "wet", HOTPLUG_PLUG_DRY_RUN, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *kept = rig_picture (rig);
  g_assert_cmpstr (added, ==, kept);

  /* the same refusals as the real calls */
  g_autofree char *path = g_build_filename (rig->images, "wet", NULL);
  g_autoptr (HotplugVolume) same_name = rig_volume ("wet", image, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolume) same_source = rig_volume ("other", path, HOTPLUG_BUS_SCSI);
  rig_refused_add (rig, same_name, HOTPLUG_PLUG_DRY_RUN, HOTPLUG_ERROR_EXISTS, "wet");
  rig_refused_add (rig, same_source, HOTPLUG_PLUG_DRY_RUN, HOTPLUG_ERROR_SOURCE_IN_USE, "wet");
  rig_refused_remove (rig, "nothing", HOTPLUG_PLUG_DRY_RUN, HOTPLUG_ERROR_NOT_FOUND);
  rig_remove (rig, "wet");
}

static void
test_v06 (void)
{
  rig_add (rig, "one", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_add (rig, "two", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdb");
  rig_add (rig, "three", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdc");
  rig_add (rig, "four", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdd");
  rig_remove (rig, "three");
  rig_add (rig, "five", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdc");
  rig_add (rig, "three", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sde");

  rig_remove (rig, "one");
  rig_remove (rig, "two");
  rig_remove (rig, "three");
  rig_remove (rig, "four");
  rig_remove (rig, "five");
}

static void
test_v12 (void)
{
  rig_add (rig, "original", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  g_autofree char *path = g_build_filename (rig->images, "original", NULL);
  g_autofree char *soft = g_build_filename (rig->images, "soft", NULL);
  g_autofree char *hard = g_build_filename (rig->images, "hard", NULL);
  g_autofree char *dotted = g_build_filename (rig->images, ".", "original", NULL);
  g_autofree char *other = rig_image (rig, "other.img", 4);
  g_assert_cmpint (symlink (path, soft), ==, 0);
  g_assert_cmpint (link (path, hard), ==, 0);

  g_autoptr (HotplugVolume) same_name = rig_volume ("original", other, HOTPLUG_BUS_SCSI);
  rig_refused_add (rig, same_name, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_EXISTS, "\"original\"");

  const char *const paths[] = { path, soft, hard, dotted };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (HotplugVolume) copy = rig_volume ("copy", paths[i], HOTPLUG_BUS_SCSI);
      rig_refused_add (rig, copy, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "\"original\"");
      rig_refused_add (rig, copy, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE, "\"copy\"");
    }

  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) same_serial = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "copy", "path",
                                                          other, "serial", "original", NULL);
  g_assert_no_error (error);
  rig_refused_add (rig, same_serial, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SERIAL_IN_USE, "\"original\"");
  rig_remove (rig, "original");
}

static void
test_v13 (void)
{
  g_autofree char *image = rig_image (rig, "stranger.img", 4);
  g_autofree char *plain = lab_disk_xml (image, "scsi", "sdc", "stranger", NULL);
  g_autofree char *aliased_image = rig_image (rig, "aliased.img", 4);
  g_autofree char *aliased = lab_disk_xml (aliased_image, "scsi", "sdd", "aliased", "ua-aliased");

  lab_attach (rig->domain, plain, VIR_DOMAIN_AFFECT_LIVE);
  lab_attach (rig->domain, aliased, VIR_DOMAIN_AFFECT_LIVE);
  rig_refused_remove (rig, "sdc", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE);
  rig_refused_remove (rig, "aliased", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE);
  rig_refused_remove (rig, "nothing", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND);
  rig_refused_remove (rig, "nothing", HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_NOT_FOUND);
  lab_detach (rig->domain, plain, VIR_DOMAIN_AFFECT_LIVE);
  lab_detach (rig->domain, aliased, VIR_DOMAIN_AFFECT_LIVE);
}

/* Somebody else's QEMU has the image locked: the check lets it by, and the hypervisor does not. */
static void
test_v22 (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "locked.img", 4);
  g_autofree char *socket = g_build_filename (rig->images, "locker", NULL);
  const char *const argv[] = { "qemu-nbd", "-f", "raw", "-k", socket, "-t", image, NULL };
  GPid holder;

  /* no VMI of the host, which would be found without QEMU's help */
  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &holder, &error));
  for (guint i = 0; i < 100 && !g_file_test (socket, G_FILE_TEST_EXISTS); i++)
    g_usleep (50 * 1000);

  g_autoptr (HotplugVolume) volume = rig_volume ("locked", image, HOTPLUG_BUS_SCSI);
  rig_refused_add (rig, volume, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "lock");
  rig_refused_add (rig, volume, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE, "lock");

  g_autoptr (HotplugVolumeStatus) failed = rig_status (rig, "locked");
  g_assert_nonnull (failed);
  g_assert_cmpint (hotplug_volume_status_get_phase (failed), ==, HOTPLUG_VOLUME_PHASE_FAILED);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (failed), "lock"));

  g_assert_cmpint (kill (holder, SIGTERM), ==, 0);
  g_assert_cmpint (waitpid (holder, NULL, 0), ==, holder);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  rig_assert_status (rig, "locked", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_remove (rig, "locked");
}

/* A machine without a virtio-scsi controller gets one, and never another kind; one without room for it is told so. */
static void
test_controller (void)
{
  const struct
  {
    const LabMachine machine;
    HotplugError code; /* FAILED: it works */
  } rows[] = {
    { { .name = "q35-room", .bare = TRUE, .root_ports = 1 }, HOTPLUG_ERROR_FAILED },
    { { .name = "q35-full", .bare = TRUE }, HOTPLUG_ERROR_NO_PCI_SLOT },
    { { .name = "pc-room", .machine = "pc", .bare = TRUE }, HOTPLUG_ERROR_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *xml = lab_machine_xml (&rows[i].machine);
      g_autoptr (LabDomain) domain = lab_define (rig->connect, xml);
      lab_create (domain, TRUE);
      g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, rows[i].machine.name, NULL, &error);
      g_assert_no_error (error);
      Rig mine = { .connect = rig->connect, .domain = domain, .vmi = vmi, .images = rig->images };

      if (rows[i].code == HOTPLUG_ERROR_FAILED)
        {
          rig_add (&mine, "first", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
          g_autofree char *picture = rig_picture (&mine);
          g_assert_nonnull (strstr (picture, "model='virtio-scsi'"));
          g_assert_null (strstr (picture, "lsilogic"));
        }
      else
        {
          g_autofree char *image = rig_image (rig, "first", 4);
          g_autoptr (HotplugVolume) volume = rig_volume ("first", image, HOTPLUG_BUS_SCSI);
          rig_refused_add (&mine, volume, HOTPLUG_PLUG_NONE, rows[i].code, "virtio-scsi");
          rig_refused_add (&mine, volume, HOTPLUG_PLUG_PERSIST, rows[i].code, "virtio-scsi");
        }
      lab_destroy (domain);
      lab_undefine (domain);
    }
}

static void
test_v15 (void)
{
  g_autofree char *image = rig_image (rig, "one-too-many.img", 4);
  g_autoptr (HotplugVolume) virtio = rig_volume ("one-too-many", image, HOTPLUG_BUS_VIRTIO);

  /* four ports, of which the virtio-scsi controller has one */
  rig_add (rig, "first", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vda");
  rig_add (rig, "second", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, "vdb");
  rig_add (rig, "third", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vdc");
  rig_refused_add (rig, virtio, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NO_PCI_SLOT, "4 of 4 hotpluggable ports in use");
  rig_refused_add (rig, virtio, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_NO_PCI_SLOT, "--bus=scsi");
  rig_add (rig, "fourth", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_remove (rig, "fourth");

  /* no system in it that would let go of a PCI device */
  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, NULL));
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "first", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "second", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "third", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, NULL));
}

static void
count_removed (HotplugVmi *vmi, const char *name, guint *count)
{
  if (strcmp (name, "deaf") == 0)
    (*count)++;
}

/* No system in the machine, so nobody answers for a PCI device until a reset takes it out. */
static void
test_v23 (void)
{
  g_autoptr (GError) error = NULL;
  guint removed = 0;
  gulong handler = g_signal_connect (rig->vmi, "volume-removed", G_CALLBACK (count_removed), &removed);
  g_autofree char *clean = rig_template (rig);

  rig_add (rig, "deaf", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vda");
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "deaf", HOTPLUG_PLUG_PERSIST, 1500, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  rig_assert_status (rig, "deaf", HOTPLUG_VOLUME_PHASE_DETACHING, "vda", FALSE);

  /* asked again, still nothing; name and target stay taken */
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "deaf", HOTPLUG_PLUG_PERSIST, 100, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_autofree char *image = rig_image (rig, "second.img", 4);
  g_autoptr (HotplugVolume) same = rig_volume ("deaf", image, HOTPLUG_BUS_SCSI);
  rig_refused_add (rig, same, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_EXISTS, "removed");
  rig_add (rig, "neighbour", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, "vdb");

  lab_reset (rig->domain);
  g_assert_true (lab_wait_gone (rig->domain, "ua-hpv-deaf", 30));
  for (guint i = 0; i < 300 && removed == 0; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10 * 1000);
    }
  g_assert_cmpuint (removed, ==, 1);
  g_signal_handler_disconnect (rig->vmi, handler);
  g_assert_null (rig_status (rig, "deaf"));

  hotplug_vmi_stop (rig->vmi, 0, NULL, NULL);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "neighbour", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, NULL));
}

/* Others edit machines too: half a volume that somebody took out by hand is not put back, and the rest can be
 * removed. */
static void
test_by_hand (void)
{
  g_autofree char *clean = rig_template (rig);
  g_autofree char *path = g_build_filename (rig->images, "half", NULL);
  g_autofree char *xml = lab_disk_xml (path, "scsi", "sda", NULL, NULL);

  rig_add (rig, "half", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  lab_detach (rig->domain, xml, VIR_DOMAIN_AFFECT_CONFIG);
  rig_assert_status (rig, "half", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_remove (rig, "half");

  rig_add (rig, "half", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  lab_detach (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  rig_assert_status (rig, "half", HOTPLUG_VOLUME_PHASE_PENDING, "sda", TRUE);
  rig_add (rig, "other", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdb");
  rig_assert_status (rig, "half", HOTPLUG_VOLUME_PHASE_PENDING, "sda", TRUE);
  rig_remove (rig, "half");
  rig_remove (rig, "other");

  rig_add (rig, "half", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  lab_detach (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  rig_assert_status (rig, "half", HOTPLUG_VOLUME_PHASE_PENDING, "sda", FALSE);
  rig_remove (rig, "half");

  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

/* A template that was edited since the start may have other things where the live side has room: the place is free in
 * both. */
static void
test_edited_template (void)
{
  g_autofree char *strange = rig_image (rig, "strange.img", 4);
  g_autofree char *scsi = lab_disk_xml (strange, "scsi", "sda", NULL, NULL);
  g_autofree char *other = rig_image (rig, "strange-virtio.img", 4);
  g_autofree char *virtio = lab_disk_xml (other, "virtio", "vda", NULL, NULL);

  lab_attach (rig->domain, scsi, VIR_DOMAIN_AFFECT_CONFIG);
  lab_attach (rig->domain, virtio, VIR_DOMAIN_AFFECT_CONFIG);
  rig_add (rig, "beside", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sdb");
  rig_add (rig, "beside-virtio", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vdb");
  g_autoptr (HotplugVolumeStatus) before = rig_status (rig, "beside-virtio");
  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, NULL));
  g_autoptr (HotplugVolumeStatus) after = rig_status (rig, "beside-virtio");
  g_assert_cmpstr (hotplug_volume_status_get_address (before), ==, hotplug_volume_status_get_address (after));
  rig_assert_status (rig, "beside", HOTPLUG_VOLUME_PHASE_READY, "sdb", TRUE);

  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, NULL));
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "beside", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "beside-virtio", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
  lab_detach (rig->domain, scsi, VIR_DOMAIN_AFFECT_CONFIG);
  lab_detach (rig->domain, virtio, VIR_DOMAIN_AFFECT_CONFIG);
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, NULL));
}

static void
test_v28 (void)
{
  const LabMachine transient = { .name = "transient", .scsi = TRUE, .bare = TRUE, .root_ports = 2 };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = lab_machine_xml (&transient);
  g_autoptr (LabDomain) domain = lab_create_transient (rig->connect, xml, TRUE);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, "transient", NULL, &error);
  g_assert_no_error (error);
  g_autofree char *image = rig_image (rig, "transient.img", 4);
  g_autoptr (HotplugVolume) volume = rig_volume ("passing", image, HOTPLUG_BUS_SCSI);

  g_assert_null (hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT);
  g_clear_error (&error);

  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (hotplug_volume_status_is_persisted (status));
  g_autoptr (HotplugVmiStatus) vmi_status = hotplug_vmi_query_status (vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (hotplug_vmi_status_is_persistent (vmi_status));
  g_assert_nonnull (hotplug_vmi_status_get_volume (vmi_status, "passing"));
  g_assert_true (hotplug_vmi_remove_volume (vmi, "passing", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  lab_destroy (domain);
}

static const RigRow rows[] = {
  { "/conformance/V03", test_v03 },
  { "/conformance/V06", test_v06 },
  { "/conformance/V12", test_v12 },
  { "/conformance/V13", test_v13 },
  { "/conformance/V22/locked", test_v22 },
  { "/volumes/controller", test_controller },
  { "/volumes/by-hand", test_by_hand },
  { "/volumes/edited-template", test_edited_template },
  { "/conformance/V15", test_v15 },
  { "/conformance/V23", test_v23 },
  { "/conformance/V28", test_v28 },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
