/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* What becomes of a serial, on every bus that the guest has a driver for: a disk that raw libvirt or QEMU was given
 * shows where the limit is, and hotplug_serial_check () must say the same of each.
 *
 * The usual kernel of the guests has no AHCI and no USB, so this guest is the full one. */

#define PATIENCE 30
#define IDE_DISK_LINK "/dev/disk/by-id/ata-QEMU_HARDDISK_"
#define IDE_CDROM_LINK "/dev/disk/by-id/ata-QEMU_DVD-ROM_"
#define SCSI_CDROM_LINK "/dev/disk/by-id/scsi-0QEMU_QEMU_CD-ROM_"
#define NVME_LINK "/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_"
#define USB_LINK "/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_"
#define USB_LINK_END "-0:0"
/* what a USB disk without a serial is called */
#define USB_LINK_NONE "/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK" USB_LINK_END

#define DISK HOTPLUG_DISK_TYPE_DISK
#define CDROM HOTPLUG_DISK_TYPE_CDROM

/* Since then a SCSI disk, which is inside a USB disk too, refuses more than it shows (QEMU's commit 75997e182b69). */
#define VERSION_OF_REFUSAL 9001000

typedef struct
{
  const char *name;
  HotplugBus bus;
  HotplugDiskType disk_type;
  guint length;
  const char *link; /* before the serial */
} Row;

/* IDE has four places, and none for hotplug */
static const Row cold_rows[] = {
  { "ide-20", HOTPLUG_BUS_IDE, DISK, 20, IDE_DISK_LINK },
  { "ide-21", HOTPLUG_BUS_IDE, DISK, 21, IDE_DISK_LINK },
  { "ide-cdrom-20", HOTPLUG_BUS_IDE, CDROM, 20, IDE_CDROM_LINK },
  { "ide-cdrom-21", HOTPLUG_BUS_IDE, CDROM, 21, IDE_CDROM_LINK },
  { "sata-19", HOTPLUG_BUS_SATA, DISK, 19, IDE_DISK_LINK },
  { "sata-20", HOTPLUG_BUS_SATA, DISK, 20, IDE_DISK_LINK },
  { "sata-21", HOTPLUG_BUS_SATA, DISK, 21, IDE_DISK_LINK },
  { "sata-cdrom-20", HOTPLUG_BUS_SATA, CDROM, 20, IDE_CDROM_LINK },
  { "sata-cdrom-21", HOTPLUG_BUS_SATA, CDROM, 21, IDE_CDROM_LINK },
  { "nvme-19", HOTPLUG_BUS_NVME, DISK, 19, NVME_LINK },
  { "nvme-20", HOTPLUG_BUS_NVME, DISK, 20, NVME_LINK },
  { "nvme-21", HOTPLUG_BUS_NVME, DISK, 21, NVME_LINK },
};

static const Row hot_rows[] = {
  { "virtio-19", HOTPLUG_BUS_VIRTIO, DISK, 19, RIG_VIRTIO_LINK },
  { "virtio-20", HOTPLUG_BUS_VIRTIO, DISK, 20, RIG_VIRTIO_LINK },
  { "virtio-21", HOTPLUG_BUS_VIRTIO, DISK, 21, RIG_VIRTIO_LINK },
  { "scsi-35", HOTPLUG_BUS_SCSI, DISK, 35, RIG_SCSI_LINK },
  { "scsi-36", HOTPLUG_BUS_SCSI, DISK, 36, RIG_SCSI_LINK },
  { "scsi-37", HOTPLUG_BUS_SCSI, DISK, 37, RIG_SCSI_LINK },
  { "scsi-cdrom-36", HOTPLUG_BUS_SCSI, CDROM, 36, SCSI_CDROM_LINK },
  { "scsi-cdrom-37", HOTPLUG_BUS_SCSI, CDROM, 37, SCSI_CDROM_LINK },
};

static LabMachine machine = { .name = "vmi-serials", .machine = "pc", .scsi = TRUE, .boots = TRUE };

static Rig *rig;

/* Each begins with the name of its row, so that no two are the same when they are cut */
static char *
make_serial (const char *row, guint length)
{
  GString *serial = g_string_new (row);

  for (guint i = 0; serial->len < length; i++)
    g_string_append_printf (serial, "%u", i % 10);
  return g_string_free (serial, FALSE);
}

static const char *
word (HotplugBus bus)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (HOTPLUG_TYPE_BUS);

  return g_enum_get_value (class, (int) bus)->value_nick;
}

static char *
disk_xml (const char *path, HotplugBus bus, HotplugDiskType disk_type, const char *target, const char *serial)
{
  g_autofree char *alias = g_strconcat ("ua-raw-", target, NULL);
  g_autofree char *xml = lab_disk_xml (path, word (bus), target, serial, alias);

  if (disk_type == DISK)
    return g_steal_pointer (&xml);

  GString *text = g_string_new (xml);
  g_string_replace (text, "device='disk'", "device='cdrom'", 0);
  return g_string_free (text, FALSE);
}

static guint64
qemu_version (void)
{
  unsigned long version;

  g_assert_cmpint (virConnectGetVersion (rig->connect, &version), ==, 0);
  return version;
}

/* The first link that begins so, without what it begins with */
static char *
find_link (const char *prefix, const char *row)
{
  g_autofree char *output
      = lab_guest_run (rig->guest, NULL, "udevadm settle; ls -d %s%s* 2>/dev/null || true", prefix, row);
  g_autofree char *link = g_strdup (g_strstrip (output));

  *strchrnul (link, '\n') = '\0';
  return g_str_has_prefix (link, prefix) ? g_strdup (link + strlen (prefix)) : NULL;
}

/* Of a SCSI disk Linux makes the link out of page 0x83, which has more than page 0x80: what both have is what arrives.
 */
static char *
dup_seen (const Row *row)
{
  g_autofree char *linked = find_link (row->link, row->name);

  if (linked == NULL || row->bus != HOTPLUG_BUS_SCSI)
    return g_steal_pointer (&linked);

  g_autofree char *output
      = lab_guest_run (rig->guest, NULL, "udevadm info --query=property --name=%s%s | sed -n s/^ID_SCSI_SERIAL=//p",
                       row->link, linked);
  g_strstrip (output);
  g_assert_true (g_str_has_prefix (linked, output));
  return g_steal_pointer (&output);
}

static void
assert_row (const Row *row)
{
  g_autofree char *serial = make_serial (row->name, row->length);
  g_autofree char *seen = dup_seen (row);
  g_autoptr (GError) error = NULL;
  guint limit = 0;
  gboolean legal = hotplug_serial_check (row->bus, row->disk_type, serial, qemu_version (), &limit, &error);
  g_autofree char *begin = g_strndup (serial, limit);

  g_test_message ("%s: gave %s, the guest sees %s", row->name, serial, seen);
  g_assert_cmpstr (seen, ==, begin);
  g_assert_true (legal == g_str_equal (seen, serial));
  if (!legal)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_TOO_LONG);
}

static gboolean
load_driver (const char *module)
{
  int status;

  g_free (lab_guest_run (rig->guest, &status, "modprobe -q %s", module));
  return status == 0;
}

static void
assert_cold (HotplugBus bus)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cold_rows); i++)
    {
      g_autofree char *condition = g_strdup_printf ("ls %s%s*", cold_rows[i].link, cold_rows[i].name);

      if (cold_rows[i].bus != bus)
        continue;
      g_assert_true (lab_guest_wait_for (rig->guest, condition, PATIENCE));
      assert_row (&cold_rows[i]);
    }
}

static void
test_ide (void)
{
  g_assert_true (load_driver ("ata_piix"));
  assert_cold (HOTPLUG_BUS_IDE);
}

static void
test_sata (void)
{
  g_assert_true (load_driver ("ahci"));
  assert_cold (HOTPLUG_BUS_SATA);
}

static void
test_nvme (void)
{
  g_assert_true (load_driver ("nvme"));
  assert_cold (HOTPLUG_BUS_NVME);
}

/* Past the library, and it may be refused */
static gboolean
attach (const char *xml)
{
  if (virDomainAttachDeviceFlags (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE) == 0)
    return TRUE;
  g_test_message ("%s", virGetLastErrorMessage ());
  return FALSE;
}

static void
detach (const char *xml, const char *target, const char *link)
{
  g_autofree char *alias = g_strconcat ("ua-raw-", target, NULL);

  lab_detach (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  g_assert_true (lab_wait_gone (rig->domain, alias, PATIENCE));
  rig_assert_no_link (rig, link);
}

static void
test_hot (void)
{
  g_autofree char *image = rig_image (rig, "raw.img", 8);

  for (gsize i = 0; i < G_N_ELEMENTS (hot_rows); i++)
    {
      const Row *row = &hot_rows[i];
      const char *target = row->bus == HOTPLUG_BUS_SCSI ? "sdx" : "vdx";
      g_autofree char *serial = make_serial (row->name, row->length);
      g_autofree char *xml = disk_xml (image, row->bus, row->disk_type, target, serial);
      gboolean refused = row->bus == HOTPLUG_BUS_SCSI && row->length > 36 && qemu_version () >= VERSION_OF_REFUSAL;
      g_autofree char *condition = g_strdup_printf ("ls %s%s*", row->link, row->name);

      g_assert_true (attach (xml) != refused);
      if (refused)
        {
          g_assert_false (hotplug_serial_check (row->bus, row->disk_type, serial, qemu_version (), NULL, NULL));
          continue;
        }

      g_assert_true (lab_guest_wait_for (rig->guest, condition, PATIENCE));
      assert_row (row);
      g_autofree char *linked = find_link (row->link, row->name);
      g_autofree char *link = g_strconcat (row->link, linked, NULL);
      detach (xml, target, link);
    }
}

/* libvirt hands a blank on with a backslash before it. */
static void
test_blank (void)
{
  g_autofree char *image = rig_image (rig, "raw.img", 8);
  g_autofree char *xml = disk_xml (image, HOTPLUG_BUS_VIRTIO, DISK, "vdx", "a b");

  g_assert_true (attach (xml));
  g_assert_true (lab_guest_wait_for (rig->guest, "test -e /sys/block/vda/serial", PATIENCE));
  g_autofree char *seen = lab_guest_run (rig->guest, NULL, "udevadm settle; cat /sys/block/vda/serial");
  lab_detach (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  g_assert_true (lab_wait_gone (rig->domain, "ua-raw-vdx", PATIENCE));
  g_assert_true (lab_guest_wait_for (rig->guest, "test ! -e /sys/block/vda", PATIENCE));

  g_assert_cmpstr (g_strstrip (seen), ==, "a\\ b");
  g_assert_false (hotplug_serial_check (HOTPLUG_BUS_VIRTIO, DISK, "a b", qemu_version (), NULL, NULL));
}

/* Through the library: every character there is, and by default the name. What it doesn't take changes nothing. */
static void
test_library (void)
{
  const struct
  {
    const char *name, *serial;
    HotplugBus bus;
    gboolean taken;
  } rows[] = {
    { "upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", HOTPLUG_BUS_SCSI, TRUE },
    { "lower", "abcdefghijklmnopqrstuvwxyz", HOTPLUG_BUS_SCSI, TRUE },
    { "marks", "-.+_0123456789_+.-", HOTPLUG_BUS_SCSI, TRUE },
    { "marks-virtio", "-.+_0123456789_+.-", HOTPLUG_BUS_VIRTIO, TRUE },
    { "pvc-0e3bc3a5-43cf-4b09-9a37-2c47e3fe", NULL, HOTPLUG_BUS_SCSI, TRUE },
    { "pvc-0e3bc3a5-43cf-4b09-9a37-2c47e3fe6", NULL, HOTPLUG_BUS_SCSI, FALSE },
    { "pvc-0e3bc3a5-43cf-4b", NULL, HOTPLUG_BUS_VIRTIO, TRUE },
    { "pvc-0e3bc3a5-43cf-4b0", NULL, HOTPLUG_BUS_VIRTIO, FALSE },
    { "pvc-0e3bc3a5-43cf-4b09", "shorter", HOTPLUG_BUS_VIRTIO, TRUE },
  };
  g_autofree char *image = rig_image (rig, "library.img", 8);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVolume) volume
          = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", rows[i].name, "path", image, "bus", rows[i].bus,
                            "serial", rows[i].serial, NULL);
      if (!rows[i].taken)
        {
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_TOO_LONG);
          continue;
        }

      g_assert_no_error (error);
      g_autoptr (HotplugVolumeStatus) status
          = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
      g_assert_no_error (error);
      g_autofree char *link = g_strconcat (rows[i].bus == HOTPLUG_BUS_SCSI ? RIG_SCSI_LINK : RIG_VIRTIO_LINK,
                                           hotplug_volume_get_serial (volume), NULL);
      rig_assert_link (rig, link);
      rig_remove_at_once (rig, rows[i].name);
      rig_assert_no_link (rig, link);
    }
}

static void
assert_in_use (const char *serial, const char *by)
{
  g_autofree char *image = rig_image (rig, "in-use.img", 8);
  g_autofree char *mention = g_strdup_printf ("serial \"%s\" of volume \"in-use\" is the serial of \"%s\"", serial, by);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "in-use", "path", image,
                                                     "serial", serial, NULL);

  g_assert_no_error (error);
  rig_refused_add (rig, volume, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SERIAL_IN_USE, mention);
  rig_refused_add (rig, volume, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SERIAL_IN_USE, mention);
}

/* Of all that the machine has, whoever put it there, and by what the guest sees of it */
static void
test_in_use (void)
{
  g_autofree char *image = rig_image (rig, "theirs.img", 8);
  g_autofree char *ide = make_serial ("ide-20", 20);
  g_autofree char *cut = make_serial ("ide-21", 20);
  g_autofree char *cdrom = make_serial ("ide-cdrom-21", 20);
  g_autofree char *template = disk_xml (image, HOTPLUG_BUS_VIRTIO, DISK, "vdy", "12345678901234567890-and-more");
  g_autofree char *live = disk_xml (image, HOTPLUG_BUS_SCSI, DISK, "sdy", NULL);

  assert_in_use (ide, "raw-hda");
  assert_in_use (cut, "raw-hdb");
  assert_in_use (cdrom, "raw-hdd");

  lab_attach (rig->domain, template, VIR_DOMAIN_AFFECT_CONFIG);
  assert_in_use ("12345678901234567890", "raw-vdy");
  lab_detach (rig->domain, template, VIR_DOMAIN_AFFECT_CONFIG);

  /* without a serial a SCSI disk is known by its alias */
  lab_attach (rig->domain, live, VIR_DOMAIN_AFFECT_LIVE);
  rig_assert_link (rig, RIG_SCSI_LINK "drive-ua-raw-sdy");
  assert_in_use ("drive-ua-raw-sdy", "raw-sdy");
  detach (live, "sdy", RIG_SCSI_LINK "drive-ua-raw-sdy");
}

/* A machine of its own, which runs no system: what comes of it if it has @devices */
typedef enum {
  NOT_DEFINED,
  NOT_STARTED,
  STARTED,
} Outcome;

static Outcome
try_machine (const char *devices, char **words)
{
  const char *const list[] = { devices, NULL };
  const LabMachine other = { .name = "vmi-refused", .machine = "pc", .scsi = TRUE, .devices = list };
  g_autofree char *xml = lab_machine_xml (&other);
  g_autoptr (LabDomain) domain = virDomainDefineXML (rig->connect, xml);
  gboolean started = domain != NULL && virDomainCreateWithFlags (domain, VIR_DOMAIN_START_PAUSED) == 0;

  *words = started ? NULL : g_strdup (virGetLastErrorMessage ());
  if (domain == NULL)
    return NOT_DEFINED;
  if (started)
    lab_destroy (domain);
  lab_undefine (domain);
  return started ? STARTED : NOT_STARTED;
}

static void
test_none (void)
{
  const struct
  {
    HotplugBus bus;
    HotplugDiskType disk_type;
    const char *xml;
    Outcome outcome;
    const char *words;
  } rows[] = {
    { HOTPLUG_BUS_FDC, HOTPLUG_DISK_TYPE_FLOPPY,
      "<disk type='file' device='floppy'><source file='%s'/><target dev='fda' bus='fdc'/><serial>a</serial></disk>",
      NOT_STARTED, "floppy.serial" },
    { HOTPLUG_BUS_SD, DISK,
      "<disk type='file' device='disk'><source file='%s'/><target dev='sda' bus='sd'/><serial>a</serial></disk>",
      NOT_DEFINED, "Serial property not supported" },
    { HOTPLUG_BUS_SCSI, HOTPLUG_DISK_TYPE_LUN,
      "<disk type='block' device='lun'><source dev='%s'/><target dev='sda' bus='scsi'/><serial>a</serial></disk>",
      NOT_DEFINED, "serial property" },
  };
  g_autofree char *image = rig_image (rig, "none.img", 8);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) halves = g_strsplit (rows[i].xml, "%s", 2);
      g_autofree char *xml = g_strjoinv (image, halves);
      g_autofree char *words = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (try_machine (xml, &words), ==, rows[i].outcome);
      g_assert_nonnull (strstr (words, rows[i].words));
      g_assert_false (hotplug_serial_check (rows[i].bus, rows[i].disk_type, "a", qemu_version (), NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID);
    }
}

/* A QEMU that refuses none lets the guest see none above the limit. */
static void
test_usb (void)
{
  const guint lengths[] = { 20, 21, 36, 37, 125, 126, 127 };
  g_autofree char *image = rig_image (rig, "raw.img", 8);

  g_assert_true (load_driver ("uhci_hcd"));
  g_assert_true (load_driver ("usb_storage"));
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *serial = make_serial ("usb", lengths[i]);
      g_autofree char *xml = disk_xml (image, HOTPLUG_BUS_USB, DISK, "sdx", serial);
      g_autofree char *link = g_strconcat (USB_LINK, serial, USB_LINK_END, NULL);
      gboolean legal = hotplug_serial_check (HOTPLUG_BUS_USB, DISK, serial, qemu_version (), NULL, NULL);

      if (!attach (xml))
        {
          g_assert_false (legal);
          g_assert_cmpuint (qemu_version (), >=, VERSION_OF_REFUSAL);
          continue;
        }
      rig_assert_link (rig, legal ? link : USB_LINK_NONE);
      detach (xml, "sdx", legal ? link : USB_LINK_NONE);
    }
}

static void
test_usb_refused (void)
{
  const guint lengths[] = { 20, 21, 36, 37, 126, 127 };
  g_autofree char *image = rig_image (rig, "usb.img", 8);
  gboolean refuses = qemu_version () >= VERSION_OF_REFUSAL;

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *serial = make_serial ("usb", lengths[i]);
      g_autofree char *xml = disk_xml (image, HOTPLUG_BUS_USB, DISK, "sda", serial);
      g_autofree char *words = NULL;
      gboolean legal = hotplug_serial_check (HOTPLUG_BUS_USB, DISK, serial, qemu_version (), NULL, NULL);

      g_assert_cmpint (try_machine (xml, &words), ==, refuses && lengths[i] > 20 ? NOT_STARTED : STARTED);
      g_assert_true (legal == (lengths[i] <= (refuses ? 20 : 126)));
    }
}

static const RigRow rows[] = {
  { "/conformance/V29/ide", test_ide },
  { "/conformance/V29/sata", test_sata },
  { "/conformance/V29/nvme", test_nvme },
  { "/conformance/V29/hot", test_hot },
  { "/conformance/V29/usb", test_usb },
  { "/conformance/V29/blank", test_blank },
  { "/conformance/V29/library", test_library },
  { "/conformance/V29/in-use", test_in_use },
  { "/conformance/V29/none", test_none },
  { "/conformance/V29/usb-refused", test_usb_refused },
};

/* The cold disks; the lists are NULL at their ends. */
static void
fill_machine (GPtrArray *devices, GPtrArray *arguments)
{
  /* as the rows are; of SCSI, SATA and USB disks all are called sd */
  const char *const targets[] = { "hda", "hdb", "hdc", "hdd", "sda", "sdb", "sdc", "sdd", "sde" };
  g_autofree char *directory = lab_dir_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cold_rows); i++)
    {
      const Row *row = &cold_rows[i];
      g_autofree char *serial = make_serial (row->name, row->length);
      g_autofree char *image = lab_image_new (directory, row->name, 8 << 20);

      if (row->bus != HOTPLUG_BUS_NVME)
        {
          g_ptr_array_add (devices, disk_xml (image, row->bus, row->disk_type, targets[i], serial));
          continue;
        }

      /* libvirt 9.0 has no XML for it; from the last slot downward, out of the way of what libvirt places */
      g_ptr_array_add (arguments, g_strdup ("-drive"));
      g_ptr_array_add (arguments, g_strdup_printf ("if=none,format=raw,id=%s,file=%s", row->name, image));
      g_ptr_array_add (arguments, g_strdup ("-device"));
      g_ptr_array_add (arguments,
                       g_strdup_printf ("nvme,drive=%s,serial=%s,bus=pci.0,addr=0x%x", row->name, serial, 31 - i));
    }
  g_ptr_array_add (devices, NULL);
  g_ptr_array_add (arguments, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);

  lab_prefer_full_guest ();
  if (lab_missing_guest () == NULL)
    fill_machine (devices, arguments);
  machine.devices = (const char *const *) devices->pdata;
  machine.arguments = (const char *const *) arguments->pdata;
  return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));
}
