/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-migration-admission-private.h"
#include "xml/hotplug-backing-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define OK 0
#define HOST "qemu+ssh://b/system"

#define DISK(device, type, source, target, rest)                                                                       \
  "<disk type='" type "' device='" device "'>" source "<target dev='" target "' bus='scsi'/>" rest "</disk>"
#define FILE_AT(path) "<source file='" path "'/>"
#define SHAREABLE "<shareable/>"
#define READ_ONLY "<readonly/>"
#define OURS(name) "<alias name='ua-hpv-" name "'/>"
#define NBD(host, port) "<source protocol='nbd' name='x'><host name='" host "' port='" port "'/></source>"
#define NBD_SOCKET "<source protocol='nbd' name='x'><host transport='unix' socket='/run/nbd.sock'/></source>"
#define ROOT DISK ("disk", "file", FILE_AT ("/srv/root.qcow2"), "vda", "")
#define NIC(kind, source, rest)                                                                                        \
  "<interface type='" kind "'>" source "<mac address='52:54:00:00:00:01'/>" rest "</interface>"
#define BLUE "<alias name='ua-hpi-blue'/>"
#define VOLUME                                                                                                         \
  "<disk type='file' device='disk'><source file='/srv/a'/><target dev='sda' bus='scsi'/><alias name='ua-hpv-a'/></disk>"
#define REMOVING_VOLUME "<volume name='a' state='removing'>" VOLUME "</volume>"
#define REMOVING_NIC "<interface name='blue' state='removing' type='bridge' source='br0' mac='52:54:00:00:00:01'/>"

#define NOT_SHARED "not shared: live migration requires access mode ReadWriteMany, or a source on the network"

/* What is needed: KIND NAME[:VOLUME] [ro] TITLE, with bars between; what is in the way, or NULL */
static const struct
{
  const char *row;
  const char *live;
  const char *records;
  const char *needs;
  gboolean doubtful;
  int code;
  const char *message;
} rows[] = {
  { "nothing", "", "", "", FALSE, OK, NULL },

  /* "cannot migrate VMI: PVC %v is not shared, live migration requires that all PVCs must be shared (using
   * ReadWriteMany access mode)": KubeVirt pkg/virt-handler/vm.go checkVolumesForMigration () */
  { "read-write-once", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", OURS ("a")), "", "", FALSE,
    HOTPLUG_ERROR_ACCESS_MODE, "volume \"a\" is " NOT_SHARED },
  { "block", DISK ("disk", "block", "<source dev='/dev/loop0'/>", "sda", OURS ("a")), "", "", FALSE,
    HOTPLUG_ERROR_ACCESS_MODE, "volume \"a\" is " NOT_SHARED },
  { "read-write-once-twice",
    DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", OURS ("a"))
        DISK ("disk", "file", FILE_AT ("/srv/b"), "sdb", SHAREABLE OURS ("b"))
            DISK ("lun", "block", "<source dev='/dev/sg1'/>", "sdc", OURS ("c")),
    "", "file /srv/b volume \"b\"", FALSE, HOTPLUG_ERROR_ACCESS_MODE, "volumes \"a\", \"c\" are " NOT_SHARED },
  { "read-write-many", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", SHAREABLE OURS ("a")), "",
    "file /srv/a volume \"a\"", FALSE, OK, NULL },
  /* ReadOnlyMany, and a CD-ROM, which KubeVirt passes over */
  { "read-only", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", READ_ONLY OURS ("a")), "",
    "file /srv/a ro volume \"a\"", FALSE, OK, NULL },
  { "cdrom", DISK ("cdrom", "file", FILE_AT ("/srv/a.iso"), "sda", OURS ("a")), "", "file /srv/a.iso ro volume \"a\"",
    FALSE, OK, NULL },
  { "cdrom-empty", DISK ("cdrom", "file", "", "sda", READ_ONLY), "", "", FALSE, OK, NULL },
  { "floppy-empty", DISK ("floppy", "file", "", "fda", ""), "", "", FALSE, OK, NULL },
  { "block-read-write-many", DISK ("disk", "block", "<source dev='/dev/loop0'/>", "sda", SHAREABLE OURS ("a")), "", "",
    FALSE, OK, NULL },

  /* a disk that is not ours has no access mode; it must be there all the same */
  { "root-disk", ROOT, "", "file /srv/root.qcow2 disk vda", FALSE, OK, NULL },
  { "user-alias", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", "<alias name='ua-a'/>"), "", "file /srv/a disk sda",
    FALSE, OK, NULL },
  { "pool", DISK ("disk", "volume", "<source pool='images' volume='a.img'/>", "sda", ""), "",
    "volume images:a.img disk sda", FALSE, OK, NULL },
  { "nvme", DISK ("disk", "nvme", "<source type='pci' managed='yes' namespace='1'/>", "vda", ""), "", "", TRUE,
    OK, NULL },

  /* what is on the network is safe to libvirt: 9.0.0 src/qemu/qemu_migration.c:1611; but not what is at this host's
   * own */
  { "nbd", DISK ("disk", "network", NBD ("storage", "10809"), "sda", OURS ("a")), "", "", FALSE, OK, NULL },
  { "nbd-localhost", DISK ("disk", "network", NBD ("localhost", "10809"), "sda", OURS ("a")), "", "", FALSE,
    HOTPLUG_ERROR_SOURCE_MISSING, "volume \"a\": its server is at localhost" },
  { "nbd-127", DISK ("disk", "network", NBD ("127.8.0.1", "10809"), "sda", OURS ("a")), "", "", FALSE,
    HOTPLUG_ERROR_SOURCE_MISSING, "volume \"a\": its server is at 127.8.0.1" },
  { "nbd-1", DISK ("disk", "network", NBD ("::1", "10809"), "sda", OURS ("a")), "", "", FALSE,
    HOTPLUG_ERROR_SOURCE_MISSING, "volume \"a\": its server is at ::1" },
  { "nbd-socket", DISK ("disk", "network", NBD_SOCKET, "sda", OURS ("a")), "", "", FALSE, HOTPLUG_ERROR_SOURCE_MISSING,
    "volume \"a\": its server is behind the socket /run/nbd.sock" },
  { "nbd-not-ours", DISK ("disk", "network", NBD ("127.0.0.1", "10809"), "vda", ""), "", "", FALSE,
    HOTPLUG_ERROR_SOURCE_MISSING, "disk vda: its server is at 127.0.0.1" },

  { "bridge", NIC ("bridge", "<source bridge='br0'/>", BLUE), "", "bridge br0 interface \"blue\"", FALSE, OK, NULL },
  { "network", NIC ("network", "<source network='lab' bridge='virbr0'/>", ""), "",
    "network lab interface \"52:54:00:00:00:01\"", FALSE, OK, NULL },
  { "network-of-bridge", NIC ("bridge", "<source network='lab' portid='3' bridge='br0'/>", BLUE), "",
    "network lab interface \"blue\"", FALSE, OK, NULL },
  { "user", NIC ("user", "", ""), "", "", FALSE, OK, NULL },

  /* asked for here, and the answer would come there */
  { "removal", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", SHAREABLE OURS ("a")), REMOVING_VOLUME,
    "file /srv/a volume \"a\"", FALSE, HOTPLUG_ERROR_BUSY, "volume \"a\" is still being removed" },
  { "removal-of-interface", NIC ("bridge", "<source bridge='br0'/>", BLUE), REMOVING_NIC,
    "bridge br0 interface \"blue\"", FALSE, HOTPLUG_ERROR_BUSY, "interface \"blue\" is still being removed" },
  { "removal-answered", ROOT, REMOVING_VOLUME, "file /srv/root.qcow2 disk vda", FALSE, OK, NULL },
  { "recorded", DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", SHAREABLE OURS ("a")),
    "<volume name='a' state='attached'>" VOLUME "</volume>",
    "file /srv/a volume \"a\"",
    FALSE, OK, NULL },

  /* all of it, and what does not pass by itself is the code */
  { "all",
    DISK ("disk", "file", FILE_AT ("/srv/a"), "sda", SHAREABLE OURS ("a"))
        DISK ("disk", "file", FILE_AT ("/srv/b"), "sdb", OURS ("b"))
            DISK ("disk", "network", NBD ("localhost", "10809"), "sdc", OURS ("c")),
    REMOVING_VOLUME, "file /srv/a volume \"a\"", FALSE, HOTPLUG_ERROR_SOURCE_MISSING,
    "volume \"a\" is still being removed: the guest has not let go of it; volume \"c\": its server is at localhost, "
    "which is this host to itself alone: name it by an address that both hosts reach; volume \"b\" is " NOT_SHARED },
};

static HotplugDomain *
new_side (const char *devices, const char *records)
{
  g_autofree char *xml = g_strdup_printf ("<domain><name>vmi</name><metadata><hotplug xmlns='" HOTPLUG_METADATA_URI "'>"
                                          "%s</hotplug></metadata><devices>%s</devices></domain>",
                                          records, devices);
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

static char *
describe (const HotplugMigrationOutlook *outlook)
{
  static const char *const kinds[] = { "file", "volume", "bridge", "network" };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < outlook->needs->len; i++)
    {
      const HotplugMigrationNeed *need = g_ptr_array_index (outlook->needs, i);
      g_string_append_printf (text, "%s%s %s%s%s%s %s", i > 0 ? "|" : "", kinds[need->kind], need->name,
                              need->volume != NULL ? ":" : "", need->volume != NULL ? need->volume : "",
                              need->read_only ? " ro" : "", need->title);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_row (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);

  /* a transient machine has its records on the live side */
  for (guint persistent = 0; persistent < 2; persistent++)
    {
      g_autoptr (HotplugDomain) live = new_side (rows[row].live, persistent ? "" : rows[row].records);
      g_autoptr (HotplugDomain) template = persistent ? new_side ("", rows[row].records) : NULL;
      HotplugSides sides = { .live = live, .template = template };
      g_auto (HotplugMigrationOutlook) outlook = { NULL };
      g_autoptr (GError) error = NULL;

      _hotplug_migration_outlook_init (&outlook);
      g_assert_true (_hotplug_migration_admit (&sides, &outlook, &error));
      g_assert_no_error (error);
      g_autofree char *needs = describe (&outlook);
      g_assert_cmpstr (needs, ==, rows[row].needs);
      g_assert_cmpint (outlook.doubtful, ==, rows[row].doubtful);
      g_assert_cmpint (_hotplug_migration_outlook_judge (&outlook, "vmi", HOST, &error), ==, rows[row].code == OK);
      if (rows[row].code == OK)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, HOTPLUG_ERROR, rows[row].code);
      g_assert_true (g_str_has_prefix (error->message, "vmi \"vmi\" can't migrate to " HOST ": "));
      g_assert_nonnull (strstr (error->message, rows[row].message));
      g_assert_null (strchr (error->message, '\n'));
    }
}

/* The chains that libvirt has opened (<backingStore>, 9.0.0 src/conf/domain_conf.c virDomainDiskBackingStoreFormat
 * ()): files wherever in one they are, and the end of it, which is empty */
static void
test_backing (void)
{
#define STORE(source, rest) "<backingStore type='file'><format type='raw'/>" source rest "</backingStore>"
#define NBD_STORE                                                                                                      \
  "<backingStore type='network'><format type='raw'/>" NBD ("b", "10809") "<backingStore/></backingStore>"
  static const char devices[] = ROOT DISK (
      "disk", "file",
      FILE_AT ("/srv/a") STORE (FILE_AT ("/base/a"), STORE (FILE_AT ("/base/b"), "<backingStore/>")), "vdb", "")
      DISK ("disk", "file", FILE_AT ("/srv/c") "<backingStore/>", "vdc", "")
          DISK ("disk", "file", FILE_AT ("/srv/d") NBD_STORE, "sda", OURS ("d"))
              DISK ("disk", "file", FILE_AT ("/srv/e") STORE (FILE_AT ("/base/e"), ""), "sdb", OURS ("e"));
  g_autoptr (HotplugDomain) live = new_side (devices, "");
  g_autofree char *xml = g_strconcat ("<domain><devices>", devices, "</devices></domain>", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = _hotplug_backing_files_from_xml (xml, &error);
  g_auto (HotplugMigrationOutlook) outlook = { NULL };

  g_assert_no_error (error);
  _hotplug_migration_outlook_init (&outlook);
  for (guint i = 0; i < files->len; i++)
    {
      const HotplugBackingFile *file = g_ptr_array_index (files, i);
      _hotplug_migration_admit_backing (live, file->target, file->path, &outlook);
    }
  g_autofree char *needs = describe (&outlook);
  g_assert_cmpstr (needs, ==, "file /base/a ro disk vdb|file /base/b ro disk vdb|file /base/e ro volume \"e\"");

  g_assert_null (_hotplug_backing_files_from_xml ("<domain><devices>", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

static void
test_stopped (void)
{
  g_autoptr (HotplugDomain) template = new_side (ROOT, "");
  HotplugSides sides = { .template = template };
  g_auto (HotplugMigrationOutlook) outlook = { NULL };
  g_autoptr (GError) error = NULL;

  _hotplug_migration_outlook_init (&outlook);
  g_assert_false (_hotplug_migration_admit (&sides, &outlook, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strconcat ("/migration-admission/", rows[row].row, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (row), test_row);
    }
  g_test_add_func ("/migration-admission/backing", test_backing);
  g_test_add_func ("/migration-admission/stopped", test_stopped);
  return g_test_run ();
}
