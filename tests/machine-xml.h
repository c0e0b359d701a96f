/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-pci-budget.h>

G_BEGIN_DECLS

typedef struct
{
  const char *arch;
  const char *machine;
  guint vcpus;
  gboolean without_acpi;
  gboolean live;
} MachineShape;

/* Domain XML around the text of its <devices> */
char *machine_xml (const MachineShape *shape, const char *devices);

/* @text @n times, with each "#" in it counted from @first */
char *repeat (const char *text, guint first, guint n);

/* What sits on the buses, "0000:01:00.0 virtio-net\n" for each; those that the XML does not name in parentheses */
char *list_devices (HotplugPciBudget *budget);

G_END_DECLS
