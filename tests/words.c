/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words.h"

#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "xml/hotplug-domain-xml-private.h"

/* Root ports begin in this slot of bus 0 */
#define PORT_SLOT 3

typedef struct
{
  GString *devices;
  GString *head;
  const char *machine;
  gboolean acpi;
  gboolean boots_by_kind;
} Side;

static void
add_address (Side *side, const char *text)
{
  HotplugAddress address;

  if (text == NULL)
    return;
  g_assert_true (_hotplug_address_from_string (text, &address));
  if (address.kind == HOTPLUG_ADDRESS_PCI)
    g_string_append_printf (side->devices, "<address type='pci' domain='%u' bus='%u' slot='%u' function='%u'/>",
                            address.domain, address.bus, address.slot, address.function);
  else
    g_string_append_printf (side->devices, "<address type='drive' controller='%u' bus='%u' target='%u' unit='%u'/>",
                            address.controller, address.bus, address.target, address.unit);
}

static void
add_port (Side *side, const char *number, gboolean hotplug)
{
  guint index = (guint)g_ascii_strtoull (number, NULL, 10);

  g_string_append_printf (side->devices,
                          "<controller type='pci' index='%u' model='pcie-root-port'>%s<address type='pci' bus='0' "
                          "slot='%u' function='%u'%s/></controller>",
                          index, hotplug ? "" : "<target hotplug='off'/>", PORT_SLOT + (index - 1) / 8, (index - 1) % 8,
                          (index - 1) % 8 == 0 ? " multifunction='on'" : "");
}

static void
add_bridge (Side *side, const char *number)
{
  guint index = (guint)g_ascii_strtoull (number, NULL, 10);

  g_string_append_printf (side->devices,
                          "<controller type='pci' index='%u' model='pci-bridge'><address type='pci' bus='0' "
                          "slot='%u' function='0'/></controller>",
                          index, 0x10 + index);
}

static void
add_scsi (Side *side, char *number, char *model)
{
  char *address = strchr (model, '=');

  if (address != NULL)
    *address++ = '\0';
  g_string_append_printf (side->devices, "<controller type='scsi' index='%s' model='%s'>", number, model);
  add_address (side, address);
  g_string_append (side->devices, "</controller>");
}

static void
add_taken (Side *side, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);

  g_string_append (side->devices, "<interface type='user'><model type='virtio'/>");
  if (parts[1] != NULL)
    g_string_append_printf (side->devices, "<alias name='%s'/>", parts[1]);
  add_address (side, parts[0]);
  g_string_append (side->devices, "</interface>");
}

static void
add_host_scsi (Side *side, const char *address)
{
  g_string_append (side->devices, "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
                                  "<address bus='0' target='0' unit='9'/></source>");
  add_address (side, address);
  g_string_append (side->devices, "</hostdev>");
}

static void
add_disk (Side *side, const char *word)
{
  g_auto (GStrv) named = g_strsplit (word, "=", 2);
  g_auto (GStrv) parts = g_strsplit (named[0], "@", 2);

  g_string_append_printf (side->devices, "<disk type='file' device='disk'><target dev='%s' bus='%s'/>", parts[0],
                          g_str_has_prefix (parts[0], "vd") ? "virtio" : "scsi");
  if (named[1] != NULL)
    g_string_append_printf (side->devices, "<alias name='%s'/>", named[1]);
  add_address (side, parts[1]);
  g_string_append (side->devices, "</disk>");
}

static void
add_word (Side *side, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", 3);

  if (g_str_has_prefix (word, "host@"))
    add_host_scsi (side, word + strlen ("host@"));
  else if (strchr (word, '@') != NULL)
    add_disk (side, word);
  else if (strcmp (parts[0], "boot") == 0)
    side->boots_by_kind = TRUE;
  else if (strcmp (parts[0], "port") == 0 || strcmp (parts[0], "off") == 0)
    add_port (side, parts[1], *word == 'p');
  else if (strcmp (parts[0], "bridge") == 0)
    add_bridge (side, parts[1]);
  else if (strcmp (parts[0], "scsi") == 0)
    add_scsi (side, parts[1], parts[2]);
  else if (strcmp (parts[0], "pci") == 0)
    add_taken (side, word + strlen ("pci:"));
  else if (strcmp (parts[0], "nic") == 0)
    g_string_append_printf (side->devices, "<interface type='user'><model type='%s'/></interface>", parts[1]);
  else if (strcmp (parts[0], "memory") == 0)
    g_string_append_printf (side->head, "<memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>",
                            g_ascii_strtoull (parts[1], NULL, 10) * 1024);
  else if (strcmp (parts[0], "noacpi") == 0)
    side->acpi = FALSE;
  else if (strcmp (parts[0], "q35") == 0)
    side->machine = "pc-q35-7.2";
  else
    side->machine = strcmp (parts[0], "pc") == 0 ? "pc-i440fx-7.2" : g_intern_string (word);
}

static gboolean
is_record (const char *word)
{
  return *word == '-';
}

char *
words_to_xml (const char *words, gboolean live)
{
  g_auto (GStrv) split = g_strsplit (words, " ", -1);
  g_autoptr (GString) devices = g_string_new (NULL);
  g_autoptr (GString) head = g_string_new (NULL);
  Side side = { .devices = devices, .head = head, .acpi = TRUE };

  for (guint i = 0; split[i] != NULL; i++)
    {
      if (*split[i] != '\0' && !is_record (split[i]))
        add_word (&side, split[i]);
    }

  gboolean express = strstr (side.machine, "q35") != NULL || g_str_has_prefix (side.machine, "virt");
  return g_strdup_printf ("<domain type='qemu'%s><name>vmi</name>%s<vcpu>4</vcpu>"
                          "<os><type arch='x86_64' machine='%s'>hvm</type>%s</os><features>%s</features><devices>"
                          "<controller type='pci' index='0' model='%s'/><controller type='usb' model='none'/>%s"
                          "<memballoon model='none'/></devices></domain>",
                          live ? " id='1'" : "", head->str, side.machine,
                          side.boots_by_kind ? "<boot dev='hd'/>" : "", side.acpi ? "<acpi/>" : "",
                          express ? "pcie-root" : "pci-root", devices->str);
}

static void
add_record (HotplugDomain *domain, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word + 1, "@", 2);
  g_autoptr (HotplugDisk) disk = _hotplug_disk_new ();

  disk->target = g_strdup (parts[0]);
  disk->bus = g_str_has_prefix (parts[0], "vd") ? HOTPLUG_BUS_VIRTIO : HOTPLUG_BUS_SCSI;
  g_assert_true (_hotplug_address_from_string (parts[1], &disk->address));
  g_ptr_array_add (domain->records, _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, disk));
}

HotplugDomain *
words_to_domain (const char *words, gboolean live)
{
  g_autoptr (GError) error = NULL;

  if (words == NULL)
    return NULL;

  g_autofree char *xml = words_to_xml (words, live);
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);
  g_assert_no_error (error);

  g_auto (GStrv) split = g_strsplit (words, " ", -1);
  for (guint i = 0; split[i] != NULL; i++)
    {
      if (is_record (split[i]))
        add_record (domain, split[i]);
    }
  return domain;
}
