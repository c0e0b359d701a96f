/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "rules/hotplug-admission-private.h"

#define OK 0

typedef struct
{
  const char *alias;
  const char *target;
  const char *serial;
  HotplugBus bus;
} Disk;

/* Each side has one of these at most; a record stands in the template. */
static const Disk ours = { "ua-hpv-data", "sda", "data", HOTPLUG_BUS_SCSI };
static const Disk theirs = { "ua-data", "sda", "theirs", HOTPLUG_BUS_SCSI };
static const Disk named_by_target = { NULL, "data", NULL, HOTPLUG_BUS_SCSI };
static const Disk with_serial = { "scsi0-0-0-0", "sda", "data", HOTPLUG_BUS_SATA };
static const Disk other = { "ua-hpv-other", "sdb", "other", HOTPLUG_BUS_SCSI };
static const Disk interface = { "ua-hpi-data", "sdb", NULL, HOTPLUG_BUS_SCSI };

static const struct
{
  const char *row;
  const Disk *live;
  const Disk *template;
  const Disk *recorded;
  HotplugRecordState state;
  int add;
  int remove;
} rows[] = {
  { "empty", NULL, NULL, NULL, 0, OK, HOTPLUG_ERROR_NOT_FOUND },
  { "others", &other, &other, NULL, 0, OK, HOTPLUG_ERROR_NOT_FOUND },
  { "another-kind", &interface, &interface, NULL, 0, OK, HOTPLUG_ERROR_NOT_FOUND },
  { "both", &ours, &ours, NULL, 0, HOTPLUG_ERROR_EXISTS, OK },
  { "live", &ours, NULL, NULL, 0, HOTPLUG_ERROR_EXISTS, OK },
  { "template", NULL, &ours, NULL, 0, HOTPLUG_ERROR_EXISTS, OK },
  { "recorded", NULL, NULL, &ours, HOTPLUG_RECORD_ATTACHED, HOTPLUG_ERROR_EXISTS, OK },
  { "removing", &ours, NULL, &ours, HOTPLUG_RECORD_REMOVING, HOTPLUG_ERROR_EXISTS, OK },
  { "user-alias", &theirs, &theirs, NULL, 0, HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_NOT_HOTPLUGGABLE },
  { "user-alias-in-template", NULL, &theirs, NULL, 0, HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_NOT_HOTPLUGGABLE },
  { "target", &named_by_target, NULL, NULL, 0, HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_NOT_HOTPLUGGABLE },
  { "serial", &with_serial, NULL, NULL, 0, HOTPLUG_ERROR_SERIAL_IN_USE, HOTPLUG_ERROR_NOT_FOUND },
  { "serial-in-template", NULL, &with_serial, NULL, 0, HOTPLUG_ERROR_SERIAL_IN_USE, HOTPLUG_ERROR_NOT_FOUND },
};

static HotplugDisk *
new_disk (const Disk *words)
{
  HotplugDisk *disk = _hotplug_disk_new ();

  disk->alias = g_strdup (words->alias);
  disk->target = g_strdup (words->target);
  disk->serial = g_strdup (words->serial);
  disk->bus = words->bus;
  return disk;
}

static HotplugDomain *
new_side (const Disk *disk)
{
  HotplugDomain *domain = _hotplug_domain_new ();

  domain->name = g_strdup ("vmi");
  if (disk != NULL)
    g_ptr_array_add (domain->disks, new_disk (disk));
  return domain;
}

static void
assert_answer (gboolean admitted, int code, const GError *error)
{
  g_assert_true (admitted == (code == OK));
  if (code != OK)
    {
      g_assert_error (error, HOTPLUG_ERROR, code);
      g_assert_true (g_str_has_prefix (error->message, "vmi \"vmi\": "));
    }
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = new_side (rows[row].live);
  g_autoptr (HotplugDomain) template = new_side (rows[row].template);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("data", "/srv/data.img", NULL);
  HotplugSides sides = { .live = live, .template = template };
  g_autoptr (GError) add = NULL;
  g_autoptr (GError) remove = NULL;

  if (rows[row].recorded != NULL)
    {
      g_autoptr (HotplugDisk) disk = new_disk (rows[row].recorded);
      g_ptr_array_add (template->records, _hotplug_record_new (rows[row].state, disk));
    }

  gboolean added = _hotplug_admission_add (&sides, volume, 0, &add);
  gboolean removed = _hotplug_admission_remove (&sides, "data", &remove);
  assert_answer (added, rows[row].add, add);
  assert_answer (removed, rows[row].remove, remove);
}

/* A volume is still being removed: that is another reason than that it is there. */
static void
test_removing_message (void)
{
  g_autoptr (HotplugDomain) template = new_side (NULL);
  g_autoptr (HotplugDisk) disk = new_disk (&ours);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("data", "/srv/data.img", NULL);
  HotplugSides sides = { .template = template };
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (template->records, _hotplug_record_new (HOTPLUG_RECORD_REMOVING, disk));
  g_assert_false (_hotplug_admission_add (&sides, volume, 0, &error));
  g_assert_cmpstr (error->message, ==,
                   "vmi \"vmi\": volume \"data\" is still being removed: the guest has not let go of it");
}

#define TWENTY "12345678901234567890"
#define OLD_QEMU G_GUINT64_CONSTANT (2008000)

/* The new volume against one disk that is there already, whoever put it there: on each side alone, and as a record */
static const struct
{
  const char *row;
  const char *serial;
  HotplugBus bus;
  const char *alias;
  const char *device;
  const char *theirs;
  HotplugBus their_bus;
  guint64 version;
  int code;
} serials[] = {
  { "other", "mine", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", "theirs", HOTPLUG_BUS_SCSI, 0, OK },
  { "same", "mine", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", "mine", HOTPLUG_BUS_SCSI, 0, HOTPLUG_ERROR_SERIAL_IN_USE },
  { "cdrom", "mine", HOTPLUG_BUS_VIRTIO, "ide0-0-0", "cdrom", "mine", HOTPLUG_BUS_IDE, 0, HOTPLUG_ERROR_SERIAL_IN_USE },
  { "nvme", "mine", HOTPLUG_BUS_SCSI, "nvme0", "disk", "mine", HOTPLUG_BUS_NVME, 0, HOTPLUG_ERROR_SERIAL_IN_USE },
  { "user-alias", "mine", HOTPLUG_BUS_SCSI, "ua-x", "disk", "mine", HOTPLUG_BUS_USB, 0, HOTPLUG_ERROR_SERIAL_IN_USE },
  { "no-alias", "mine", HOTPLUG_BUS_SCSI, NULL, "disk", "mine", HOTPLUG_BUS_SATA, 0, HOTPLUG_ERROR_SERIAL_IN_USE },
  /* what the guest sees of theirs is cut */
  { "cut", TWENTY, HOTPLUG_BUS_VIRTIO, "virtio-disk0", "disk", TWENTY "1", HOTPLUG_BUS_VIRTIO, 0,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  { "cut-sata", TWENTY, HOTPLUG_BUS_SCSI, "sata0-0-0", "disk", TWENTY "1", HOTPLUG_BUS_SATA, 0,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  { "cut-cdrom", TWENTY, HOTPLUG_BUS_SCSI, "ide0-0-0", "cdrom", TWENTY "1", HOTPLUG_BUS_IDE, 0,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  { "not-cut", TWENTY, HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", TWENTY "1", HOTPLUG_BUS_SCSI, 0, OK },
  { "cut-old", TWENTY, HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", TWENTY "1", HOTPLUG_BUS_SCSI, OLD_QEMU,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  /* a SCSI disk without a serial is known by its alias, others are not */
  { "alias", "drive-scsi0-0-0-0", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", NULL, HOTPLUG_BUS_SCSI, 0,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  { "alias-empty", "drive-ua-x", HOTPLUG_BUS_SCSI, "ua-x", "disk", "", HOTPLUG_BUS_SCSI, 0,
    HOTPLUG_ERROR_SERIAL_IN_USE },
  { "not-alias", "drive-scsi0-0-0-0", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", "theirs", HOTPLUG_BUS_SCSI, 0, OK },
  { "alias-virtio", "drive-virtio-disk0", HOTPLUG_BUS_SCSI, "virtio-disk0", "disk", NULL, HOTPLUG_BUS_VIRTIO, 0, OK },
  { "alias-lun", "drive-scsi0-0-0-0", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "lun", NULL, HOTPLUG_BUS_SCSI, 0, OK },
  /* an old hypervisor shows less than the volume was made for */
  { "old", TWENTY "1", HOTPLUG_BUS_SCSI, "scsi0-0-0-0", "disk", "theirs", HOTPLUG_BUS_SCSI, OLD_QEMU,
    HOTPLUG_ERROR_SERIAL_TOO_LONG },
};

typedef enum {
  WHERE_LIVE,
  WHERE_TEMPLATE,
  WHERE_RECORD,
  WHERE_LIVE_RECORD, /* of a transient machine */
  N_WHERE,
} Where;

static void
put_disk (gsize row, Where where, HotplugDomain *live, HotplugDomain *template)
{
  HotplugDisk *disk = _hotplug_disk_new ();
  HotplugDomain *side = where == WHERE_LIVE || where == WHERE_LIVE_RECORD ? live : template;

  disk->alias = g_strdup (serials[row].alias);
  disk->device = g_strdup (serials[row].device);
  disk->target = g_strdup ("xda");
  disk->serial = g_strdup (serials[row].theirs);
  disk->bus = serials[row].their_bus;
  if (where == WHERE_RECORD || where == WHERE_LIVE_RECORD)
    {
      g_ptr_array_add (side->records, _hotplug_record_new (HOTPLUG_RECORD_REMOVING, disk));
      _hotplug_disk_free (disk);
    }
  else
    g_ptr_array_add (side->disks, disk);
}

static void
test_serials (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume
      = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", "/srv/data.img", "bus",
                        serials[row].bus, "serial", serials[row].serial, NULL);
  g_assert_no_error (error);

  for (Where where = WHERE_LIVE; where < N_WHERE; where++)
    {
      g_autoptr (HotplugDomain) live = new_side (NULL);
      g_autoptr (HotplugDomain) template = new_side (NULL);
      HotplugSides sides = { .live = live, .template = template };
      g_autoptr (GError) refused = NULL;

      put_disk (row, where, live, template);
      gboolean added = _hotplug_admission_add (&sides, volume, serials[row].version, &refused);
      assert_answer (added, serials[row].code, refused);
    }
}

static void
test_serial_messages (void)
{
  const Disk disk = { "sata0-0-0", "sdb", TWENTY "and more", HOTPLUG_BUS_SATA };
  g_autoptr (HotplugDomain) live = new_side (&disk);
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                     "/srv/data.img", "serial", TWENTY, NULL);
  g_autoptr (HotplugVolume) longer = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                     "/srv/data.img", "serial", TWENTY "1", NULL);
  HotplugSides sides = { .live = live };
  g_autoptr (GError) in_use = NULL;
  g_autoptr (GError) too_long = NULL;

  g_assert_false (_hotplug_admission_add (&sides, volume, 0, &in_use));
  g_assert_cmpstr (in_use->message, ==,
                   "vmi \"vmi\": serial \"" TWENTY "\" of volume \"data\" is the serial of \"sdb\" already; "
                   "give it another one");
  g_assert_false (_hotplug_admission_add (&sides, longer, OLD_QEMU, &too_long));
  g_assert_cmpstr (too_long->message, ==,
                   "vmi \"vmi\": volume \"data\": serial \"" TWENTY "1\": 21 characters, on bus scsi the guest sees "
                   "20; give it a shorter serial");
}

static const struct
{
  const Disk *disk;
  const char *name;
} names[] = {
  { &ours, "data" },          { &theirs, "data" }, { &with_serial, "sda" }, { &named_by_target, "data" },
  { &interface, "hpi-data" },
};

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (HotplugDisk) disk = new_disk (names[i].disk);
      g_assert_cmpstr (_hotplug_disk_name (disk), ==, names[i].name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/admission/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (serials); row++)
    {
      g_autofree char *path = g_strdup_printf ("/admission/serial/%s", serials[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_serials);
    }
  g_test_add_func ("/admission/serial-messages", test_serial_messages);
  g_test_add_func ("/admission/removing-message", test_removing_message);
  g_test_add_func ("/admission/names", test_names);

  return g_test_run ();
}
