/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "oracle.h"

/* A machine that takes more than that is filled in part only: each one costs 10 ms, and more the more there are. */
#define MOST 250
#define MIXED 6
/* One that was started twice is not filled to the end too */
#define MOST_OF_RECORDED 2

typedef struct
{
  const char *name;
  HotplugPciClass class;
  const char *xml; /* # is a number, ~ a directory, % letters */
} Plug;

/* Without the ROM that a NIC brings QEMU is several times faster. */
static const Plug plugs[] = {
  { "virtio NIC", HOTPLUG_PCI_CLASS_EITHER,
    "<interface type='user'><model type='virtio'/><rom enabled='no'/><alias name='ua-p#'/></interface>" },
  { "virtio disk", HOTPLUG_PCI_CLASS_EITHER,
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='~/image'/>"
    "<target dev='vd%' bus='virtio'/><shareable/><alias name='ua-p#'/></disk>" },
  { "e1000 NIC", HOTPLUG_PCI_CLASS_PCI,
    "<interface type='user'><model type='e1000'/><rom enabled='no'/><alias name='ua-p#'/></interface>" },
  { "e1000e NIC", HOTPLUG_PCI_CLASS_PCIE,
    "<interface type='user'><model type='e1000e'/><rom enabled='no'/><alias name='ua-p#'/></interface>" },
};

typedef struct
{
  virDomainPtr domain;
  OracleAnswer *answer;
  guint plugged;
  gboolean places; /* each is plugged in where it was foretold, and not where libvirt would put it */
} Filling;

static HotplugPciBudget *
look (Filling *filling, GPtrArray **devices)
{
  g_autofree char *xml = lab_live_xml (filling->domain);
  g_autoptr (GError) error = NULL;
  HotplugPciBudget *budget = hotplug_pci_budget_new_from_xml (xml, &error);

  if (budget == NULL)
    oracle_fault (filling->answer, ORACLE_LIVE, "no budget of the running machine: %s", error->message);
  if (devices != NULL)
    *devices = oracle_devices_from_xml (xml);
  return budget;
}

/* Three letters, which no disk of the definition has */
static char *
plug_xml (const Plug *plug, guint number, const char *place)
{
  GString *xml = g_string_new (NULL);

  for (const char *at = plug->xml; *at != '\0'; at++)
    {
      if (*at == '#')
        g_string_append_printf (xml, "%u", number);
      else if (*at == '%')
        g_string_append_printf (xml, "%c%c%c", 'a' + number / 676, 'a' + number / 26 % 26, 'a' + number % 26);
      else if (*at == '~')
        g_string_append (xml, lab_embed_root ());
      else
        g_string_append_c (xml, *at);
    }

  if (place != NULL)
    {
      guint bus = (guint)g_ascii_strtoull (place + strlen ("0000:"), NULL, 16);
      guint slot = (guint)g_ascii_strtoull (place + strlen ("0000:00:"), NULL, 16);
      g_autofree char *address = g_strdup_printf ("<address type='pci' domain='0' bus='%u' slot='%u' function='0'/>",
                                                  bus, slot);
      g_string_insert (xml, g_strrstr (xml->str, "</") - xml->str, address);
    }
  return g_string_free (xml, FALSE);
}

/* Plugs one; FALSE if it was refused */
static gboolean
plug_one (Filling *filling, const Plug *plug, const char *foretold)
{
  g_autofree char *xml = plug_xml (plug, filling->plugged, filling->places ? foretold : NULL);
  g_autofree char *alias = g_strdup_printf ("ua-p%u", filling->plugged);

  if (virDomainAttachDeviceFlags (filling->domain, xml, VIR_DOMAIN_AFFECT_LIVE) < 0)
    {
      if (foretold != NULL)
        oracle_fault (filling->answer, ORACLE_LIVE, "%s: foretold %s, refused: %s", plug->name, foretold,
                      virGetLastErrorMessage ());
      return FALSE;
    }

  filling->plugged++;
  g_autofree char *live = lab_live_xml (filling->domain);
  g_autoptr (GPtrArray) devices = oracle_devices_from_xml (live);
  const OracleDevice *device = oracle_devices_find (devices, alias);
  const char *address = device != NULL ? device->address : "nowhere";
  if (g_strcmp0 (foretold, address) != 0)
    oracle_fault (filling->answer, ORACLE_LIVE, "%s: foretold %s, it is at %s", plug->name,
                  foretold != NULL ? foretold : "no place", address);
  return TRUE;
}

/* One class to the last place. Its number counts down with each one, and each one comes where it was foretold. */
static void
fill (Filling *filling, const Plug *plug, guint most)
{
  guint expected = 0;

  for (guint i = 0; filling->answer->fault == ORACLE_OK; i++)
    {
      g_autoptr (HotplugPciBudget) budget = look (filling, NULL);
      if (budget == NULL)
        return;

      guint number = hotplug_pci_budget_get_hotpluggable (budget, plug->class);
      const char *foretold = hotplug_pci_budget_get_next_address (budget, plug->class);
      if (i == 0)
        expected = number;
      if (number + i != expected || (number == 0) != (foretold == NULL))
        oracle_fault (filling->answer, ORACLE_LIVE, "%s: %u fit when %u of %u are in, the next one at %s", plug->name,
                      number, i, expected, foretold != NULL ? foretold : "no place");
      if (i == most || !plug_one (filling, plug, foretold))
        return;
      if (filling->plugged == MOST)
        {
          filling->answer->filled = FALSE;
          return;
        }
    }
}

void
oracle_live (const OracleLab *lab, virDomainPtr domain, const OracleMachine *machine, const char *foretold,
             OracleAnswer *answer)
{
  Filling filling = { .domain = domain, .answer = answer, .places = oracle_machine_has_arguments (machine) };
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (HotplugPciBudget) budget = look (&filling, &devices);
  if (budget == NULL)
    return;

  g_autofree char *is = oracle_budget_text (budget);
  oracle_check_budget (budget, devices, ORACLE_LIVE, answer);
  oracle_compare (answer, ORACLE_LIVE, foretold, is);

  /* A device of another bus than PCI has no address that this is about. */
  if (hotplug_pci_budget_get_limit (budget) == 0)
    return;

  if (machine->records && answer->fault == ORACLE_OK)
    oracle_records (lab->host, domain, machine, answer);
  if (!lab_is_active (domain))
    return;

  /* Classes share places, so that each one comes first in turn, and some come mixed */
  answer->filled = TRUE;
  for (guint i = 0; i < machine->number % MIXED; i++)
    fill (&filling, &plugs[(machine->number / MIXED + i) % G_N_ELEMENTS (plugs)], 1);
  for (guint i = 0; i < G_N_ELEMENTS (plugs) && answer->filled; i++)
    fill (&filling, &plugs[(machine->number + i) % G_N_ELEMENTS (plugs)], machine->records ? MOST_OF_RECORDED : MOST);
  answer->filled = answer->filled && !machine->records;
  answer->plugged = filling.plugged;
}
