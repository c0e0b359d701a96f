/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "oracle.h"

/* Devices that are recorded, and not in the definition: a start of the library's brings them back. What it says of the
 * template then, with what is to come, is what the running machine must have. */

#define MOST 3
#define SIZE (1024 * 1024)

/* Where it comes from follows from the machine alone, as all else does. */
static HotplugVolume *
new_volume (const OracleMachine *machine, guint i)
{
  g_autofree char *name = g_strdup_printf ("recorded-%u", i);
  g_autofree char *path = g_build_filename (lab_embed_root (), name, NULL);
  HotplugBus bus = (machine->number >> 2 >> i) % 3 == 0 ? HOTPLUG_BUS_SCSI : HOTPLUG_BUS_VIRTIO;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_free (lab_image_new (lab_embed_root (), name, SIZE));
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path, "bus", bus,
                                          NULL);
  g_assert_no_error (error);
  return volume;
}

/* A refusal for want of a place is foretold too. FALSE: there is no use in another one */
static gboolean
record_one (HotplugVmi *vmi, const OracleMachine *machine, guint i, OracleAnswer *answer)
{
  g_autoptr (HotplugVolume) volume = new_volume (machine, i);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (vmi, NULL, &error);

  if (budget == NULL)
    {
      oracle_fault (answer, ORACLE_LIVE, "no budget of the running machine: %s", error->message);
      return FALSE;
    }

  guint fit = hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  if (status != NULL)
    {
      answer->recorded++;
      return TRUE;
    }
  if (g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT) && fit > 0)
    oracle_fault (answer, ORACLE_LIVE, "%u fit, but no volume does: %s", fit, error->message);
  g_string_append_printf (answer->remarks, "not recorded: %s\n", error->message);
  return FALSE;
}

/* Somebody edits the template, where a recorded device has its place in the running machine alone */
static void
take_a_place (virDomainPtr domain, OracleAnswer *answer)
{
  g_autofree char *xml = g_strdup_printf (
      "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s/image'/>"
      "<target dev='vdzz' bus='virtio'/><shareable/><alias name='ua-taker'/></disk>",
      lab_embed_root ());

  if (virDomainAttachDeviceFlags (domain, xml, VIR_DOMAIN_AFFECT_CONFIG) < 0)
    g_string_append_printf (answer->remarks, "nothing takes a recorded place: %s\n", virGetLastErrorMessage ());
}

static void
start_again (virDomainPtr domain, HotplugVmi *vmi, OracleAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) template = hotplug_vmi_get_template_pci_budget (vmi, NULL, &error);

  if (template == NULL)
    {
      oracle_fault (answer, ORACLE_LIVE, "no budget of a template with records: %s", error->message);
      return;
    }
  if (!hotplug_vmi_start (vmi, NULL, &error))
    {
      /* somebody has taken the last place */
      if (!g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT)
          || hotplug_pci_budget_get_hotpluggable (template, HOTPLUG_PCI_CLASS_EITHER) > 0)
        oracle_fault (answer, ORACLE_LIVE, "does not start with what is recorded: %s", error->message);
      return;
    }

  g_autoptr (HotplugPciBudget) live = hotplug_vmi_get_pci_budget (vmi, NULL, &error);
  if (live == NULL)
    {
      oracle_fault (answer, ORACLE_LIVE, "no budget of the started machine: %s", error->message);
      return;
    }
  g_autofree char *foretold = oracle_budget_text (template);
  g_autofree char *is = oracle_budget_text (live);
  g_autofree char *xml = lab_live_xml (domain);
  g_autoptr (GPtrArray) devices = oracle_devices_from_xml (xml);

  oracle_check_budget (template, devices, ORACLE_LIVE, answer);
  oracle_compare (answer, ORACLE_LIVE, foretold, is);
}

void
oracle_records (HotplugHost *host, virDomainPtr domain, const OracleMachine *machine, OracleAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, virDomainGetName (domain), NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < MOST && answer->fault == ORACLE_OK; i++)
    {
      if (!record_one (vmi, machine, i, answer))
        break;
    }
  if (answer->fault != ORACLE_OK || answer->recorded == 0)
    return;

  lab_destroy (domain);
  if (machine->number % 3 == 0)
    take_a_place (domain, answer);
  start_again (domain, vmi, answer);
}
