/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lab-private.h"

#define MEMORY_MIB 160
/* less than QEMU's default: the guest's speed is the same, and each machine holds some 50 MB less */
#define TB_CACHE_MIB 32
/* Slot 1 is where libvirt puts a video card. */
#define FIRST_PORT_SLOT 2
#define FUNCTIONS 8
#define CMDLINE "console=ttyS0 quiet panic=-1 no_timer_check cryptomgr.notests"

static char *
path_in_directory (const LabMachine *machine, const char *suffix)
{
  g_autofree char *name = g_strconcat (machine->name, suffix, NULL);

  return g_build_filename (machine->directory != NULL ? machine->directory : lab_embed_root (), name, NULL);
}

char *
lab_machine_socket (const LabMachine *machine)
{
  return path_in_directory (machine, ".sock");
}

char *
lab_machine_console (const LabMachine *machine)
{
  return path_in_directory (machine, ".log");
}

static gboolean
is_pc (const LabMachine *machine)
{
  return machine->machine != NULL
         && (g_str_equal (machine->machine, "pc") || g_str_has_prefix (machine->machine, "pc-i440"));
}

static void
add_system (GString *xml, const LabMachine *machine)
{
  g_string_append_printf (xml, "  <os>\n    <type arch='x86_64' machine='%s'>hvm</type>\n",
                          machine->machine != NULL ? machine->machine : "q35");
  if (machine->boots)
    {
      g_autofree char *kernel = lab_guest_kernel ();
      g_autofree char *initrd = lab_guest_initrd ();
      g_autofree char *part = g_markup_printf_escaped (
          "    <kernel>%s</kernel>\n    <initrd>%s</initrd>\n    <cmdline>%s</cmdline>\n", kernel, initrd, CMDLINE);
      g_string_append (xml, part);
    }
  g_string_append (xml, "  </os>\n");

  g_string_append_printf (xml,
                          "  <features>\n%s"
                          "    <tcg>\n      <tb-cache unit='MiB'>%d</tb-cache>\n    </tcg>\n  </features>\n",
                          machine->no_acpi ? "" : "    <acpi/>\n", TB_CACHE_MIB);
}

static void
add_controllers (GString *xml, const LabMachine *machine)
{
  for (guint i = 0; i < machine->root_ports; i++)
    g_string_append_printf (xml,
                            "    <controller type='pci' index='%u' model='pcie-root-port'>\n"
                            "      <address type='pci' domain='0' bus='0' slot='%u' function='%u'%s/>\n"
                            "    </controller>\n",
                            i + 1, FIRST_PORT_SLOT + i / FUNCTIONS, i % FUNCTIONS,
                            i % FUNCTIONS == 0 ? " multifunction='on'" : "");

  if (machine->scsi)
    g_string_append (xml, "    <controller type='scsi' index='0' model='virtio-scsi'/>\n");

  if (machine->bare)
    g_string_append (xml, "    <controller type='usb' model='none'/>\n    <memballoon model='none'/>\n");

  if (machine->video)
    g_string_append (xml, "    <video>\n      <model type='virtio'/>\n    </video>\n");
}

static void
add_consoles (GString *xml, const LabMachine *machine)
{
  g_autofree char *console = lab_machine_console (machine);
  g_autofree char *socket = lab_machine_socket (machine);
  g_autofree char *part = g_markup_printf_escaped (
      "    <serial type='file'>\n      <source path='%s'/>\n      <target port='0'/>\n    </serial>\n"
      "    <serial type='unix'>\n      <source mode='bind' path='%s'/>\n      <target port='1'/>\n    </serial>\n",
      console, socket);

  g_string_append (xml, part);
  if (machine->agent)
    g_string_append (xml,
                     "    <channel type='unix'>\n"
                     "      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n");
}

static void
add_arguments (GString *xml, const LabMachine *machine)
{
  if (machine->arguments == NULL)
    return;

  g_string_append (xml, "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n");
  for (guint i = 0; machine->arguments[i] != NULL; i++)
    {
      g_autofree char *part = g_markup_printf_escaped ("    <qemu:arg value='%s'/>\n", machine->arguments[i]);
      g_string_append (xml, part);
    }
  g_string_append (xml, "  </qemu:commandline>\n");
}

char *
lab_machine_xml (const LabMachine *machine)
{
  g_return_val_if_fail (machine->name != NULL, NULL);
  g_return_val_if_fail (machine->root_ports == 0 || !is_pc (machine), NULL);

  GString *xml = g_string_new ("<domain type='qemu'>\n");
  g_string_append_printf (xml, "  <name>%s</name>\n", machine->name);
  if (machine->uuid != NULL)
    g_string_append_printf (xml, "  <uuid>%s</uuid>\n", machine->uuid);
  if (machine->metadata != NULL)
    g_string_append_printf (xml, "  <metadata>%s</metadata>\n", machine->metadata);
  g_string_append_printf (xml, "  <memory unit='MiB'>%u</memory>\n  <vcpu>%u</vcpu>\n",
                          machine->memory > 0 ? machine->memory : MEMORY_MIB, MAX (machine->vcpus, 1));
  if (machine->iothreads > 0)
    g_string_append_printf (xml, "  <iothreads>%u</iothreads>\n", machine->iothreads);

  add_system (xml, machine);
  g_string_append (xml, "  <devices>\n");
  add_controllers (xml, machine);
  /* without a system nobody talks, and a paused machine needs no files */
  if (machine->boots || machine->firmware)
    add_consoles (xml, machine);
  for (guint i = 0; machine->devices != NULL && machine->devices[i] != NULL; i++)
    g_string_append (xml, machine->devices[i]);
  g_string_append (xml, "  </devices>\n");
  add_arguments (xml, machine);
  g_string_append (xml, "</domain>\n");

  return g_string_free (xml, FALSE);
}

char *
lab_disk_xml (const char *path, const char *bus, const char *target, const char *serial, const char *alias)
{
  struct stat info;
  gboolean block = stat (path, &info) == 0 && S_ISBLK (info.st_mode);

  GString *xml = g_string_new (NULL);
  g_string_append_printf (xml, "<disk type='%s' device='disk'>\n  <driver name='qemu' type='raw'/>\n",
                          block ? "block" : "file");
  g_string_append_printf (xml, "  <source %s='%s'/>\n", block ? "dev" : "file", path);
  g_string_append_printf (xml, "  <target dev='%s' bus='%s'/>\n", target, bus);
  if (serial != NULL)
    g_string_append_printf (xml, "  <serial>%s</serial>\n", serial);
  if (alias != NULL)
    g_string_append_printf (xml, "  <alias name='%s'/>\n", alias);
  g_string_append (xml, "</disk>\n");

  return g_string_free (xml, FALSE);
}
