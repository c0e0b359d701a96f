/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* A definition that is refused with neither of these words in the message is refused for something else than slots. */
static const char *const slot_words[] = { "PCI", "pci" };

void
oracle_answer_clear (OracleAnswer *answer)
{
  g_string_free (answer->text, TRUE);
  g_string_free (answer->remarks, TRUE);
}

void
oracle_fault (OracleAnswer *answer, OracleFault fault, const char *format, ...)
{
  va_list arguments;

  if (answer->fault == ORACLE_OK)
    answer->fault = fault;
  va_start (arguments, format);
  g_string_append_vprintf (answer->text, format, arguments);
  va_end (arguments);
  g_string_append_c (answer->text, '\n');
}

static const char *
class_name (HotplugPciClass class)
{
  static const char *const names[] = {
    [HOTPLUG_PCI_CLASS_NONE] = "none",
    [HOTPLUG_PCI_CLASS_PCI] = "pci",
    [HOTPLUG_PCI_CLASS_PCIE] = "pcie",
    [HOTPLUG_PCI_CLASS_EITHER] = "either",
  };

  return names[class];
}

static void
add_slot (GString *text, HotplugPciSlot *slot)
{
  const char *name = hotplug_pci_slot_get_name (slot);
  gboolean free = hotplug_pci_slot_is_free (slot);

  g_string_append_printf (text, "slot %s on %s: %s%s%s, class %s%s", hotplug_pci_slot_get_address (slot),
                          hotplug_pci_slot_get_controller (slot), free ? "free" : hotplug_pci_slot_get_device (slot),
                          name != NULL ? " " : "", name != NULL ? name : "",
                          class_name (hotplug_pci_slot_get_class (slot)),
                          hotplug_pci_slot_is_hotplug (slot) ? ", hotplug" : "");
  if (hotplug_pci_slot_get_bus_index (slot) >= 0)
    g_string_append_printf (text, ", bus %d", hotplug_pci_slot_get_bus_index (slot));
  g_string_append_c (text, '\n');
}

static void
add_bus (GString *text, HotplugPciBus *bus)
{
  const char *address = hotplug_pci_bus_get_address (bus);
  GPtrArray *slots = hotplug_pci_bus_get_slots (bus);

  g_string_append_printf (
      text, "bus %u: %s at %s on bus %d, slots %u-%u, class %s%s\n", hotplug_pci_bus_get_index (bus),
      hotplug_pci_bus_get_model (bus), address != NULL ? address : "no address", hotplug_pci_bus_get_parent_index (bus),
      hotplug_pci_bus_get_first_slot (bus), hotplug_pci_bus_get_last_slot (bus),
      class_name (hotplug_pci_bus_get_class (bus)), hotplug_pci_bus_is_hotplug (bus) ? ", hotplug" : "");
  for (guint i = 0; i < slots->len; i++)
    add_slot (text, slots->pdata[i]);
}

char *
oracle_budget_text (HotplugPciBudget *budget)
{
  GString *text = g_string_new (NULL);
  const char *reason = hotplug_pci_budget_get_reason (budget);
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  g_string_append_printf (text, "limit %u\ntotal %u\nused %u\nfree %u\n", hotplug_pci_budget_get_limit (budget),
                          hotplug_pci_budget_get_total (budget), hotplug_pci_budget_get_used (budget),
                          hotplug_pci_budget_get_free (budget));
  g_string_append_printf (text, "reason: %s\n", reason != NULL ? reason : "none");
  g_string_append_printf (text, "vectors: %u needed\n", hotplug_pci_budget_get_vectors_needed (budget));
  for (HotplugPciClass class = HOTPLUG_PCI_CLASS_PCI; class <= HOTPLUG_PCI_CLASS_EITHER; class ++)
    {
      const char *next = hotplug_pci_budget_get_next_address (budget, class);
      g_string_append_printf (text, "hotpluggable, class %s: %u, the next one at %s\n", class_name (class),
                              hotplug_pci_budget_get_hotpluggable (budget, class), next != NULL ? next : "no place");
    }
  for (guint i = 0; i < buses->len; i++)
    add_bus (text, buses->pdata[i]);

  return g_string_free (text, FALSE);
}

static void
report_missing (OracleAnswer *answer, OracleFault fault, const char *text, const char *other, const char *sign)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_auto (GStrv) others = g_strsplit (other, "\n", -1);
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; others[i] != NULL; i++)
    g_hash_table_add (there, others[i]);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_hash_table_contains (there, lines[i]))
        oracle_fault (answer, fault, "%s %s", sign, lines[i]);
    }
}

void
oracle_compare (OracleAnswer *answer, OracleFault fault, const char *before, const char *after)
{
  report_missing (answer, fault, before, after, "foretold:");
  report_missing (answer, fault, after, before, "it is:   ");
}

static HotplugPciBus *
find_bus (HotplugPciBudget *budget, guint index)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  for (guint i = 0; i < buses->len; i++)
    {
      if (hotplug_pci_bus_get_index (buses->pdata[i]) == index)
        return buses->pdata[i];
    }

  return NULL;
}

static void
check_controller (HotplugPciBudget *budget, const OracleDevice *device, OracleFault fault, OracleAnswer *answer)
{
  HotplugPciBus *bus = find_bus (budget, device->index);
  if (bus == NULL)
    {
      oracle_fault (answer, fault, "no bus %u, %s %s", device->index, device->model, device->address);
      return;
    }

  const char *address = hotplug_pci_bus_get_address (bus);
  if (g_strcmp0 (hotplug_pci_bus_get_model (bus), device->model) != 0
      || !g_str_equal (address != NULL ? address : "", device->address))
    oracle_fault (answer, fault, "bus %u: %s at %s, but libvirt has %s at %s", device->index,
                  hotplug_pci_bus_get_model (bus), address != NULL ? address : "no address", device->model,
                  device->address);
  if (device->refuses && hotplug_pci_bus_is_hotplug (bus))
    oracle_fault (answer, fault, "bus %u: hotplug, but libvirt has it off", device->index);
}

/* By address, those that are not free */
static GHashTable *
used_slots (HotplugPciBudget *budget, OracleFault fault, OracleAnswer *answer)
{
  GHashTable *used = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (buses->pdata[i]);
      for (guint j = 0; j < slots->len; j++)
        {
          HotplugPciSlot *slot = slots->pdata[j];
          char *address = (char *)hotplug_pci_slot_get_address (slot);
          if (!hotplug_pci_slot_is_free (slot) && !g_hash_table_insert (used, address, slot))
            oracle_fault (answer, fault, "slot %s is there twice", address);
        }
    }

  return used;
}

/* The numbers are those of the slots that are listed. */
static void
check_sums (HotplugPciBudget *budget, OracleFault fault, OracleAnswer *answer)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  guint n_free = 0;

  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (buses->pdata[i]);
      for (guint j = 0; j < slots->len; j++)
        n_free += hotplug_pci_slot_is_free (slots->pdata[j]) && hotplug_pci_slot_is_hotplug (slots->pdata[j]);
    }

  guint total = hotplug_pci_budget_get_total (budget);
  guint used = hotplug_pci_budget_get_used (budget);
  if (n_free != hotplug_pci_budget_get_free (budget) || total != used + n_free)
    oracle_fault (answer, fault, "%u slots: %u used, %u free, and %u are listed as free", total, used,
                  hotplug_pci_budget_get_free (budget), n_free);
  for (HotplugPciClass class = HOTPLUG_PCI_CLASS_PCI; class <= HOTPLUG_PCI_CLASS_EITHER; class ++)
    {
      if (hotplug_pci_budget_get_hotpluggable (budget, class) > n_free)
        oracle_fault (answer, fault, "class %s: %u fit into %u free slots", class_name (class),
                      hotplug_pci_budget_get_hotpluggable (budget, class), n_free);
    }
}

/* The library's own begin with what they are */
static const char *
name_of (const char *alias)
{
  static const char *const prefixes[] = { "ua-hpv-", "ua-hpc-", "ua-" };

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      if (g_str_has_prefix (alias, prefixes[i]))
        return alias + strlen (prefixes[i]);
    }
  return alias;
}

void
oracle_check_budget (HotplugPciBudget *budget, GPtrArray *devices, OracleFault fault, OracleAnswer *answer)
{
  g_autoptr (GHashTable) used = used_slots (budget, fault, answer);

  check_sums (budget, fault, answer);
  for (guint i = 0; i < devices->len; i++)
    {
      const OracleDevice *device = devices->pdata[i];
      gboolean ours = g_str_has_prefix (device->alias, "ua-");
      /* libvirt gives machines without PCI a pci-root too */
      if (g_str_equal (device->element, "controller") && g_str_equal (device->type, "pci")
          && hotplug_pci_budget_get_limit (budget) > 0)
        check_controller (budget, device, fault, answer);
      /* the first console is a serial port once more */
      if (*device->address == '\0' || g_str_equal (device->element, "console"))
        continue;

      HotplugPciSlot *slot = g_hash_table_lookup (used, device->address);
      if (slot == NULL)
        oracle_fault (answer, fault, "slot %s is not used, but libvirt has <%s> %s %s %s there", device->address,
                      device->element, device->type, device->model, device->alias);
      else if (ours && g_strcmp0 (hotplug_pci_slot_get_name (slot), name_of (device->alias)) != 0)
        oracle_fault (answer, fault, "slot %s has %s, but libvirt has <%s> %s there", device->address,
                      hotplug_pci_slot_get_name (slot), device->element, device->alias);
      g_hash_table_remove (used, device->address);
    }

  GHashTableIter iter;
  gpointer address, slot;
  g_hash_table_iter_init (&iter, used);
  while (g_hash_table_iter_next (&iter, &address, &slot))
    {
      if (!hotplug_pci_slot_is_implied (slot))
        oracle_fault (answer, fault, "slot %s has %s, but libvirt has nothing there", (char *)address,
                      hotplug_pci_slot_get_device (slot));
    }
}

static gboolean
is_about_slots (const char *message)
{
  /* it may be anywhere but on virtio-mmio, where libvirt puts it itself */
  if (strstr (message, "SCSI_host host device must use") != NULL)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (slot_words); i++)
    {
      if (strstr (message, slot_words[i]) != NULL)
        return TRUE;
    }

  return FALSE;
}

static void
undefine (virDomainPtr domain)
{
  if (lab_is_active (domain))
    lab_destroy (domain);
  lab_undefine (domain);
}

/* Before a restart libvirt is asked whether it would start the machine, without its interfaces: of one that it does
 * start it must say so. */
static void
check_trial (const OracleLab *lab, virDomainPtr domain, OracleAnswer *answer)
{
  g_autofree char *all = lab_inactive_xml (domain);
  g_autoptr (GRegex) interfaces = g_regex_new ("<interface.*?</interface>", G_REGEX_DOTALL, (GRegexMatchFlags)0, NULL);
  g_autofree char *xml = g_regex_replace_literal (interfaces, all, -1, 0, "", (GRegexMatchFlags)0, NULL);
  char *command = virConnectDomainXMLToNative (lab->connect, "qemu-argv", xml, 0);

  if (command == NULL)
    oracle_fault (answer, ORACLE_REFUSAL, "it starts, and libvirt's trial says: %s", virGetLastErrorMessage ());
  free (command);
}

static void
start (const OracleLab *lab, virDomainPtr domain, const OracleMachine *machine, const char *foretold,
       OracleAnswer *answer)
{
  if (virDomainCreateWithFlags (domain, VIR_DOMAIN_START_PAUSED) < 0)
    {
      g_string_append_printf (answer->remarks, "does not start: %s\n", virGetLastErrorMessage ());
      return;
    }

  answer->started = TRUE;
  check_trial (lab, domain, answer);
  oracle_live (lab, domain, machine, foretold, answer);
}

static void
examine_defined (const OracleLab *lab, virDomainPtr domain, const OracleMachine *machine, HotplugPciBudget *before,
                 gboolean live, OracleAnswer *answer)
{
  g_autofree char *xml = lab_inactive_xml (domain);
  g_autoptr (GPtrArray) devices = oracle_devices_from_xml (xml);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) after = hotplug_pci_budget_new_from_xml (xml, &error);

  oracle_check_budget (before, devices, ORACLE_TEMPLATE, answer);
  if (after == NULL)
    {
      oracle_fault (answer, ORACLE_TEMPLATE, "no budget of what libvirt defined: %s", error->message);
      return;
    }

  oracle_check_budget (after, devices, ORACLE_TEMPLATE, answer);
  g_autofree char *foretold = oracle_budget_text (before);
  g_autofree char *is = oracle_budget_text (after);
  oracle_compare (answer, ORACLE_TEMPLATE, foretold, is);
  if (live && answer->fault == ORACLE_OK)
    start (lab, domain, machine, foretold, answer);
}

/* libvirt has defined what the library refuses: QEMU is right */
static void
examine_without (virDomainPtr domain, const GError *error, OracleAnswer *answer)
{
  if (virDomainCreateWithFlags (domain, VIR_DOMAIN_START_PAUSED) == 0)
    oracle_fault (answer, ORACLE_REFUSAL, "libvirt defines it and QEMU starts it, but there is no budget: %s",
                  error->message);
  else
    g_string_append_printf (answer->remarks, "does not start: %s; no budget: %s\n", virGetLastErrorMessage (),
                            error->message);
}

void
oracle_examine (const OracleLab *lab, const OracleMachine *machine, gboolean live, OracleAnswer *answer)
{
  g_autofree char *xml = oracle_machine_xml (machine);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) before = hotplug_pci_budget_new_from_xml (xml, &error);
  g_autoptr (OracleMachine) startable = oracle_machine_copy (machine);
  gboolean less = oracle_machine_make_startable (startable);
  g_autoptr (LabDomain) domain = virDomainDefineXML (lab->connect, xml);

  if (domain == NULL)
    {
      const char *message = virGetLastErrorMessage ();
      answer->refused = TRUE;
      g_string_append_printf (answer->remarks, "refused%s: %s; budget: %s\n", is_about_slots (message) ? " (PCI)" : "",
                              message, before != NULL ? "yes" : error->message);
      if (before != NULL && is_about_slots (message))
        oracle_fault (answer, ORACLE_REFUSAL, "a budget, but libvirt refuses: %s", message);
    }
  else if (before == NULL && !less)
    examine_without (domain, error, answer);
  else if (before == NULL)
    live = TRUE; /* without what can't be started, QEMU can be asked */
  else
    examine_defined (lab, domain, machine, before, live && !less, answer);

  if (domain != NULL)
    undefine (domain);
  if (live && less && answer->fault == ORACLE_OK)
    oracle_examine (lab, startable, TRUE, answer);
}
