/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-admission-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* A boot order is one device's: libvirt 9.0.0 src/conf/domain_conf.c:27690 ("boot order %u is already used by another
 * device"), asked of each definition on its own; :27742 for <os><boot/>. In KubeVirt's API it is unique over disks and
 * interfaces too. */

#define NONE ""
#define KINDS "kinds"
#define DISK "<disk type='file'><source file='/srv/a'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>"
#define PLAIN "<disk type='file'><source file='/srv/a'/><target dev='vda' bus='virtio'/></disk>"
#define CDROM "<disk type='file' device='cdrom'><target dev='sdb' bus='sata'/><boot order='1'/></disk>"
#define NIC "<interface type='user'><target dev='tap0'/><alias name='ua-hpi-net'/><boot order='1'/></interface>"
#define HOSTDEV                                                                                                        \
  "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='6' slot='1' function='0'/></source>"          \
  "<boot order='1'/></hostdev>"
#define REDIR "<redirdev bus='usb' type='tcp'><boot order='1'/></redirdev>"

static const struct
{
  const char *row;
  guint order;
  const char *live;     /* NULL: no such side */
  const char *template; /* nullable, too */
  guint recorded;       /* of a volume that comes back at the next start */
  const char *mentions; /* NULL: it may have it */
} rows[] = {
  { "none-asked", 0, DISK NIC, DISK NIC, 1, NULL },
  { "none-asked-kinds", 0, KINDS, KINDS, 0, NULL },
  { "alone", 1, NONE, NONE, 0, NULL },
  { "plain", 1, PLAIN, PLAIN, 0, NULL },
  { "next", 2, DISK NIC, DISK NIC, 1, NULL },
  { "gap", 7, DISK, DISK, 0, NULL },
  /* of each kind of device, on each side */
  { "disk", 1, DISK, DISK, 0, "disk \"vda\" has it" },
  { "disk-live", 1, DISK, NONE, 0, "disk \"vda\" has it" },
  { "disk-in-template", 1, NONE, DISK, 0, "disk \"vda\" has it" },
  { "cdrom", 1, CDROM, NONE, 0, "disk \"sdb\" has it" },
  { "interface", 1, NIC, NONE, 0, "interface \"ua-hpi-net\" has it" },
  { "interface-in-template", 1, PLAIN, PLAIN NIC, 0, "interface \"ua-hpi-net\" has it" },
  { "host-device", 1, HOSTDEV, NONE, 0, "hostdev" },
  { "usb-redirection", 1, NONE, REDIR, 0, "redirdev" },
  { "recorded", 4, NONE, NONE, 4, "a volume that comes back at the next start has it" },
  { "not-the-recorded", 3, NONE, NONE, 4, NULL },
  /* one side only */
  { "stopped", 1, NULL, DISK, 0, "disk \"vda\" has it" },
  { "stopped-free", 2, NULL, DISK, 0, NULL },
  { "transient", 1, NIC, NULL, 0, "interface" },
  { "transient-free", 2, NIC, NULL, 0, NULL },
  /* the two ways exclude each other */
  { "kinds", 1, KINDS, KINDS, 0, "<os><boot/>" },
  { "kinds-live", 1, KINDS, NONE, 0, "<os><boot/>" },
  { "kinds-in-template", 1, NONE, KINDS, 0, "<os><boot/>" },
};

static HotplugDomain *
new_side (const char *devices)
{
  gboolean kinds = strcmp (devices, KINDS) == 0;
  g_autofree char *xml = g_strconcat ("<domain type='qemu'><name>vmi</name><os><type>hvm</type>",
                                      kinds ? "<boot dev='hd'/>" : "", "</os><devices>", kinds ? PLAIN : devices,
                                      "</devices></domain>", NULL);
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = rows[row].live != NULL ? new_side (rows[row].live) : NULL;
  g_autoptr (HotplugDomain) template = rows[row].template != NULL ? new_side (rows[row].template) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path",
                                                     "/srv/data.img", "boot-order", rows[row].order, NULL);
  HotplugSides sides = { .live = live, .template = template };

  g_assert_no_error (error);
  if (rows[row].recorded != 0)
    {
      g_autoptr (HotplugDisk) disk = _hotplug_disk_new ();
      g_assert_nonnull (template);
      disk->alias = g_strdup ("ua-hpv-other");
      disk->boot_order = rows[row].recorded;
      g_ptr_array_add (template->records, _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, disk));
    }

  gboolean admitted = _hotplug_admission_add (&sides, volume, 0, &error);
  g_assert_true (admitted == (rows[row].mentions == NULL));
  if (admitted)
    return;
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BOOT_ORDER);
  g_assert_true (g_str_has_prefix (error->message, "vmi \"vmi\": volume \"data\" can't have boot order "));
  g_assert_nonnull (strstr (error->message, rows[row].mentions));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-order/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  return g_test_run ();
}
