/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-media-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-media-xml-private.h"

/* As libvirt 9.0.0 writes a running machine's drives */
#define SCSI_DRIVE                                                                                                     \
  "<disk type='file' device='cdrom'><driver name='qemu' type='qcow2' cache='none'/>"                                   \
  "<source file='/old.qcow2' index='3'/><backingStore type='file' index='4'><format type='raw'/>"                      \
  "<source file='/base'/></backingStore><target dev='sda' bus='scsi' tray='open'/><readonly/><serial>S1</serial>"      \
  "<boot order='2'/><alias name='ua-tools'/>"                                                                          \
  "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>"
#define EMPTY_DRIVE                                                                                                    \
  "<disk type='file' device='cdrom'><target dev='sdb' bus='sata'/><readonly/><alias name='sata0-0-1'/>"                \
  "<address type='drive' controller='0' bus='0' target='0' unit='1'/></disk>"
#define IDE_DRIVE "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>"
#define USB_DRIVE "<disk type='file' device='cdrom'><target dev='sdc' bus='usb'/><readonly/></disk>"
#define POOL_DRIVE                                                                                                     \
  "<disk type='volume' device='cdrom'><driver name='qemu' type='raw'/><source pool='p' volume='v'/>"                   \
  "<target dev='sde' bus='sata'/><readonly/></disk>"
#define EMPTIED_DRIVE                                                                                                  \
  "<disk type='file' device='cdrom'><source index='5'/><target dev='sdf' bus='sata'/><readonly/></disk>"
#define DISK "<disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk>"
#define FLOPPY "<disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>"

#define MACHINE(id, devices)                                                                                           \
  "<domain type='qemu'" id "><name>web</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>"                        \
  "<memory unit='KiB'>1024</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"         \
  "<devices>" devices "</devices></domain>"

static const char machine[]
    = MACHINE (" id='1'", SCSI_DRIVE EMPTY_DRIVE IDE_DRIVE USB_DRIVE POOL_DRIVE EMPTIED_DRIVE DISK FLOPPY);

static const struct
{
  const char *name;
  const char *target; /* NULL: refused */
  int code;
  const char *mentions;
} drives[] = {
  { "tools", "sda", 0, NULL },
  { "sdb", "sdb", 0, NULL },
  { "sde", "sde", 0, NULL },
  /* a user alias is the name of what has one */
  { "sda", NULL, HOTPLUG_ERROR_NOT_FOUND, "\"tools\", \"sdb\"" },
  { "sata0-0-1", NULL, HOTPLUG_ERROR_NOT_FOUND, "\"tools\", \"sdb\"" },
  { "", NULL, HOTPLUG_ERROR_NOT_FOUND, "\"tools\"" },
  { "vda", NULL, HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "no CD-ROM drive" },
  { "fda", NULL, HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "no CD-ROM drive" },
  /* a pc's own, which libvirt changes */
  { "hda", "hda", 0, NULL },
  { "sdc", NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED, "\"usb\"" },
};

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (machine, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (drives); i++)
    {
      const HotplugDisk *found = _hotplug_media_find_drive (domain, drives[i].name, &error);

      g_assert_cmpstr (found != NULL ? found->target : NULL, ==, drives[i].target);
      if (drives[i].target != NULL)
        continue;
      g_assert_error (error, HOTPLUG_ERROR, drives[i].code);
      g_assert_nonnull (strstr (error->message, drives[i].mentions));
      g_clear_error (&error);
    }
}

static void
test_no_drive (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (MACHINE ("", DISK), &error);

  g_assert_no_error (error);
  g_assert_null (_hotplug_media_find_drive (domain, "sdb", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "the template of vmi \"web\""));
  g_assert_nonnull (strstr (error->message, "can't be plugged in"));
}

static HotplugDisk *
medium (const char *path, gboolean block, const char *uri, HotplugImageFormat format)
{
  HotplugDisk *disk = _hotplug_disk_new ();

  disk->device = g_strdup ("disk");
  disk->target = g_strdup ("sdq");
  disk->path = g_strdup (path);
  disk->uri = g_strdup (uri);
  disk->serial = g_strdup ("of the medium, and not of the drive");
  disk->block = block;
  disk->format = format;
  return disk;
}

#define SCSI_REST                                                                                                      \
  "  <target dev=\"sda\" bus=\"scsi\"/>\n  <readonly/>\n  <serial>S1</serial>\n  <boot order=\"2\"/>\n"                \
  "  <alias name=\"ua-tools\"/>\n"                                                                                     \
  "  <address type=\"drive\" controller=\"0\" bus=\"0\" target=\"0\" unit=\"0\"/>\n"

/* All of the drive stays, and nothing of the old medium does. */
static void
test_change (void)
{
  g_autoptr (HotplugDisk) file = medium ("/new & fine.iso", FALSE, NULL, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDisk) block = medium ("/dev/loop7", TRUE, NULL, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDisk) qcow2 = medium ("/new.qcow2", FALSE, NULL, HOTPLUG_IMAGE_FORMAT_QCOW2);
  g_autoptr (HotplugDisk) network = medium (NULL, FALSE, "nbd://store:10809/cd", HOTPLUG_IMAGE_FORMAT_RAW);
  const struct
  {
    const char *target;
    const HotplugDisk *medium;
    const char *xml;
  } rows[] = {
    { "sda", file,
      "<disk type=\"file\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"raw\" cache=\"none\"/>\n" SCSI_REST
      "  <source file=\"/new &amp; fine.iso\"/>\n</disk>" },
    { "sda", block,
      "<disk type=\"block\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"raw\" cache=\"none\"/>\n" SCSI_REST
      "  <source dev=\"/dev/loop7\"/>\n</disk>" },
    { "sda", qcow2,
      "<disk type=\"file\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"qcow2\" cache=\"none\"/>\n" SCSI_REST
      "  <source file=\"/new.qcow2\"/>\n  <backingStore/>\n</disk>" },
    { "sda", network,
      "<disk type=\"network\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"raw\" cache=\"none\"/>\n" SCSI_REST
      "  <source protocol=\"nbd\" name=\"cd\">\n    <host name=\"store\" port=\"10809\"/>\n  </source>\n</disk>" },
    { "sda", NULL,
      "<disk type=\"file\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"qcow2\" cache=\"none\"/>\n" SCSI_REST
      "</disk>" },
    { "sdb", file,
      "<disk type=\"file\" device=\"cdrom\">\n  <target dev=\"sdb\" bus=\"sata\"/>\n  <readonly/>\n"
      "  <alias name=\"sata0-0-1\"/>\n"
      "  <address type=\"drive\" controller=\"0\" bus=\"0\" target=\"0\" unit=\"1\"/>\n"
      "  <driver name=\"qemu\" type=\"raw\"/>\n  <source file=\"/new &amp; fine.iso\"/>\n</disk>" },
    { "sde", NULL,
      "<disk type=\"file\" device=\"cdrom\">\n  <driver name=\"qemu\" type=\"raw\"/>\n"
      "  <target dev=\"sde\" bus=\"sata\"/>\n  <readonly/>\n</disk>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *xml = _hotplug_media_xml_change (machine, rows[i].target, rows[i].medium, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (xml, ==, rows[i].xml);
    }
}

static void
test_keep (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = _hotplug_media_xml_keep (machine, "sda", &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (xml, "<source file=\"/old.qcow2\" index=\"3\"/>"));
  g_assert_nonnull (strstr (xml, "<target dev=\"sda\" bus=\"scsi\"/>"));
  g_assert_null (strstr (xml, "tray"));
}

static void
test_look (void)
{
  g_assert_true (_hotplug_media_xml_has_medium (machine, "sda"));
  g_assert_true (_hotplug_media_xml_has_medium (machine, "sde"));
  g_assert_false (_hotplug_media_xml_has_medium (machine, "sdb"));
  g_assert_false (_hotplug_media_xml_has_medium (machine, "sdf"));
  g_assert_false (_hotplug_media_xml_has_medium (machine, "sdz"));
  g_assert_true (_hotplug_media_xml_has_medium (SCSI_DRIVE, "sda"));
  g_assert_false (_hotplug_media_xml_has_medium (EMPTY_DRIVE, "sdb"));
  g_assert_true (_hotplug_media_xml_is_open (machine, "sda"));
  g_assert_false (_hotplug_media_xml_is_open (machine, "sdb"));
  g_assert_false (_hotplug_media_xml_is_open (machine, "sdz"));
}

static void
test_unknown (void)
{
  static const char *const texts[] = { machine, "", "<domain>", "<domain/>",
                                       "<domain><devices><disk/></devices></domain>" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) again = NULL;

      g_assert_null (_hotplug_media_xml_change (texts[i], "sdz", NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
      g_assert_null (_hotplug_media_xml_keep (texts[i], "sdz", &again));
      g_assert_error (again, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
    }
}

/* What becomes of a machine whose medium is missing is the drive's, whichever it holds, and if it holds none. */
static void
test_startup_policy (void)
{
  static const char full[] = "<domain><devices><disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                             "<source file='/srv/old.iso' startupPolicy='optional' index='2'/>"
                             "<target dev='sda' bus='sata'/><readonly/></disk></devices></domain>";
  static const char empty[] = "<domain><devices><disk type='file' device='cdrom'><source startupPolicy='optional'/>"
                              "<target dev='sda' bus='sata'/><readonly/></disk></devices></domain>";
  g_autoptr (HotplugDisk) file = medium ("/srv/new.iso", FALSE, NULL, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDisk) block = medium ("/dev/loop7", TRUE, NULL, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDisk) network = medium (NULL, FALSE, "nbd://store:10809/cd", HOTPLUG_IMAGE_FORMAT_RAW);
  const struct
  {
    const char *before;
    const HotplugDisk *medium;
    const char *source;
  } rows[] = {
    { full, file, "<source file=\"/srv/new.iso\" startupPolicy=\"optional\"/>" },
    { full, block, "<source dev=\"/dev/loop7\" startupPolicy=\"optional\"/>" },
    { full, NULL, "<source startupPolicy=\"optional\"/>" },
    { empty, file, "<source file=\"/srv/new.iso\" startupPolicy=\"optional\"/>" },
    /* which libvirt refuses with a policy */
    { full, network, "<source protocol=\"nbd\" name=\"cd\">" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *xml = _hotplug_media_xml_change (rows[i].before, "sda", rows[i].medium, &error);

      g_assert_no_error (error);
      g_assert_nonnull (strstr (xml, rows[i].source));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FW08/media-startup-policy", test_startup_policy);

  g_test_add_func ("/media/find", test_find);
  g_test_add_func ("/media/no-drive", test_no_drive);
  g_test_add_func ("/media/xml/change", test_change);
  g_test_add_func ("/media/xml/keep", test_keep);
  g_test_add_func ("/media/xml/look", test_look);
  g_test_add_func ("/media/xml/unknown", test_unknown);

  return g_test_run ();
}
