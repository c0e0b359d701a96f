/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "conformance/every-element.h"
#include "conformance/rig.h"
#include "xml/hotplug-template-xml-private.h"

/* What a removal that comes to nothing leaves, by libvirt's own word, and by the bytes that a booted guest reads back.
 * */

static const LabMachine machine = { .name = "vmi-fedora", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;

/* The template with its passwords */
static char *
read_template (virDomainPtr domain)
{
  char *xml = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);

  g_assert_nonnull (xml);
  return xml;
}

static void
must_libvirt (int rc)
{
  if (rc < 0)
    g_error ("libvirt: %s", virGetLastErrorMessage ());
}

/* An overlay over what the volume has, made by somebody else's backup tool */
static void
snapshot (const char *target)
{
  g_autofree char *xml = g_strdup_printf ("<domainsnapshot><disks><disk name='%s' snapshot='external'/>"
                                          "</disks></domainsnapshot>",
                                          target);
  virDomainSnapshotPtr made = virDomainSnapshotCreateXML (
      rig->domain, xml, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA);

  must_libvirt (made != NULL ? 0 : -1);
  virDomainSnapshotFree (made);
}

static void
write_word (const char *link, guint mib, const char *word)
{
  g_free (lab_guest_run (rig->guest, NULL, "printf %%-512s %s | dd of=%s bs=1M seek=%u conv=fsync 2>/dev/null", word,
                         link, mib));
}

static void
assert_word (const char *link, guint mib, const char *word)
{
  g_autofree char *read = lab_guest_run (rig->guest, NULL, "dd if=%s bs=1M skip=%u count=1 2>/dev/null | head -c 40",
                                         link, mib);

  g_assert_cmpstr (g_strstrip (read), ==, word);
}

static void
restart (void)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&rig->guest, lab_guest_free);
  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);
}

static void
assert_busy (HotplugPlugFlags flags, const char *mentions, const char *cure)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = read_template (rig->domain);

  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "kept", flags, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "\"kept\""));
  g_assert_nonnull (strstr (error->message, mentions));
  g_assert_nonnull (strstr (error->message, cure));
  g_autofree char *after = read_template (rig->domain);
  g_assert_cmpstr (after, ==, before);
}

static void
add_kept (HotplugBus bus)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "kept", 8);
  g_autoptr (HotplugVolume) volume = rig_volume ("kept", image, bus);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
}

/* A backup tool has put an overlay over the volume, and commits it back just now: the removal is refused, and the guest
 * has after the next start what it wrote before and after the snapshot. */
static void
test_overlay (void)
{
  const char *link = RIG_SCSI_LINK "kept";

  add_kept (HOTPLUG_BUS_SCSI);
  rig_assert_link (rig, link);
  write_word (link, 1, "before-the-snapshot");
  snapshot ("sda");
  write_word (link, 2, "after-the-snapshot");

  must_libvirt (virDomainBlockCommit (rig->domain, "sda", NULL, NULL, 1, VIR_DOMAIN_BLOCK_COMMIT_ACTIVE));
  assert_busy (HOTPLUG_PLUG_PERSIST, "an active block commit", "virsh blockjob vmi-fedora sda --pivot");
  assert_busy (HOTPLUG_PLUG_NONE, "an active block commit", "--abort");
  must_libvirt (virDomainBlockJobAbort (rig->domain, "sda", 0));

  restart ();
  rig_assert_link (rig, link);
  assert_word (link, 1, "before-the-snapshot");
  assert_word (link, 2, "after-the-snapshot");
  rig_remove (rig, "kept");
}

/* One that others read from lasts until they are done. */
static void
test_backup (void)
{
  g_autofree char *scratch = g_build_filename (rig->images, "scratch.img", NULL);
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='%s/backup.sock'/><disks>"
      "<disk name='sda' backup='yes' type='file'><scratch file='%s'/></disk></disks></domainbackup>",
      rig->images, scratch);
  virDomainBlockJobInfo info;

  add_kept (HOTPLUG_BUS_SCSI);
  must_libvirt (virDomainBackupBegin (rig->domain, xml, NULL, 0));
  assert_busy (HOTPLUG_PLUG_PERSIST, "a backup", "virsh domjobabort vmi-fedora");
  must_libvirt (virDomainAbortJob (rig->domain));
  while (virDomainGetBlockJobInfo (rig->domain, "sda", &info, 0) == 1)
    g_usleep (10000);
  rig_remove (rig, "kept");
}

/* A guest that stands still has not let go of a virtio disk when the time is up: the template has it no longer, and
 * what the journal has of it puts it back, with the chain that a snapshot has made meanwhile. */
static void
test_put_back (void)
{
  g_autoptr (GError) error = NULL;
  static const char *const aliases[] = { "ua-hpv-kept", NULL };

  add_kept (HOTPLUG_BUS_VIRTIO);
  rig_add (rig, "behind", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vdb");
  rig_assert_link (rig, RIG_VIRTIO_LINK "kept");
  snapshot ("vda");
  g_autofree char *before = read_template (rig->domain);
  g_autoptr (GPtrArray) devices = _hotplug_template_list_devices (before, aliases, &error);
  g_assert_no_error (error);
  g_assert_nonnull (
      strstr (((HotplugTemplateDevice *)g_ptr_array_index (devices, 0))->xml, "<backingStore type='file'"));

  lab_suspend (rig->domain);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "kept", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_autofree char *without = read_template (rig->domain);
  /* its record has the alias too */
  g_autoptr (GPtrArray) left = _hotplug_template_list_devices (without, aliases, &error);
  g_assert_cmpuint (left->len, ==, 0);
  g_autofree char *back = _hotplug_template_restore_devices (without, devices, &error);
  g_assert_no_error (error);
  g_autoptr (LabDomain) defined = virDomainDefineXML (rig->connect, back);
  must_libvirt (defined != NULL ? 0 : -1);
  g_autofree char *after = read_template (rig->domain);
  g_autoptr (GPtrArray) again = _hotplug_template_list_devices (after, aliases, &error);
  g_assert_cmpuint (again->len, ==, 1);
  const HotplugTemplateDevice *was = g_ptr_array_index (devices, 0);
  const HotplugTemplateDevice *is = g_ptr_array_index (again, 0);
  g_assert_cmpstr (is->xml, ==, was->xml);
  g_assert_cmpuint (is->position, ==, was->position);

  lab_resume (rig->domain);
  rig_assert_no_link (rig, RIG_VIRTIO_LINK "kept");
  /* libvirt, 9.0.0 and 11.3.0, uses a device after it has freed it where it is asked again just as QEMU answers */
  g_assert_true (lab_wait_gone (rig->domain, "ua-hpv-kept", 30));
  hotplug_vmi_remove_volume (rig->vmi, "kept", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error);
  rig_remove (rig, "behind");
}

static virDomainPtr
define_rich (void)
{
  g_autoptr (GString) xml = g_string_new ("<domain type='qemu'><name>rich</name><memory unit='MiB'>64</memory>"
                                          "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
                                          "<vcpu>1</vcpu><iothreads>1</iothreads><os><type arch='x86_64' machine='q35'>"
                                          "hvm</type></os><devices><controller type='scsi' index='0' "
                                          "model='virtio-scsi'/><memballoon model='none'/>"
                                          "<controller type='usb' model='none'/>");

  for (guint i = 1; i <= 12; i++)
    g_string_append_printf (xml, "<controller type='pci' index='%u' model='pcie-root-port'/>", i);
  for (guint i = 0; i < G_N_ELEMENTS (every_element); i++)
    g_string_append (xml, every_element[i].xml);
  g_string_append (xml, "</devices></domain>");
  return lab_define (rig->connect, xml->str);
}

/* Each device, and then each two of them, out of the template and back into it, as libvirt takes it: it is the same to
 * the last byte. */
static void
test_every_element (void)
{
  g_autoptr (LabDomain) domain = define_rich ();
  /* libvirt sorts the controllers of a definition that is its own anew, once */
  g_autofree char *first = read_template (domain);
  g_autoptr (LabDomain) sorted = virDomainDefineXML (rig->connect, first);
  must_libvirt (sorted != NULL ? 0 : -1);
  g_autofree char *before = read_template (domain);
  guint count = G_N_ELEMENTS (every_element);

  for (guint i = 0; i < count * count; i++)
    {
      const char *const aliases[] = { every_element[i / count].alias, every_element[i % count].alias, NULL };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = read_template (domain);
      g_autoptr (GPtrArray) devices = _hotplug_template_list_devices (text, aliases, &error);
      g_autofree char *without = _hotplug_template_drop_devices (text, aliases, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (devices->len, ==, i / count == i % count ? 1 : 2);
      g_autoptr (LabDomain) less = virDomainDefineXML (rig->connect, without);
      must_libvirt (less != NULL ? 0 : -1);

      g_autofree char *left = read_template (domain);
      g_assert_null (strstr (left, aliases[0]));
      g_autofree char *with = _hotplug_template_restore_devices (left, devices, &error);
      g_assert_no_error (error);
      g_autoptr (LabDomain) again = virDomainDefineXML (rig->connect, with);
      must_libvirt (again != NULL ? 0 : -1);
      g_autofree char *after = read_template (domain);
      g_assert_cmpstr (after, ==, before);
    }
  lab_undefine (domain);
}

int
main (int argc, char **argv)
{
  static const RigRow rows[] = {
    { "/conformance/FD01/every-element", test_every_element },
    { "/conformance/FD01/overlay", test_overlay },
    { "/conformance/FD01/backup", test_backup },
    { "/conformance/FD01/put-back", test_put_back },
  };

  return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));
}
