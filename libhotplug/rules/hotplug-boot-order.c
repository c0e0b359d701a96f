/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-boot-order-private.h"

/* NULL: none */
static char *
who_has (const HotplugDomain *domain, guint order)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, i);
      if (device->boot_order == order)
        return g_strdup_printf ("%s \"%s\" has it", device->element,
                                device->alias != NULL    ? device->alias
                                : device->target != NULL ? device->target
                                                         : "");
    }
  for (guint i = 0; i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (_hotplug_record_boot_order (record) == order)
        return g_strdup_printf ("%s that comes back at the next start has it",
                                record->disk != NULL ? "a volume" : "an interface");
    }
  return NULL;
}

/* libvirt 9.0.0 src/conf/domain_conf.c:27690 and 27742 */
gboolean
_hotplug_boot_order_check (const HotplugSides *sides, const char *kind, const char *name, guint order, GError **error)
{
  const HotplugDomain *domains[] = { sides->live, sides->template };

  for (guint i = 0; order != 0 && i < G_N_ELEMENTS (domains); i++)
    {
      if (domains[i] == NULL)
        continue;

      g_autofree char *why
          = domains[i]->boots_by_kind
                ? g_strdup ("the VMI's definition has <os><boot/>, and not a boot order of each device")
                : who_has (domains[i], order);
      if (why == NULL)
        continue;

      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BOOT_ORDER, "vmi \"%s\": %s \"%s\" can't have boot order %u: %s",
                   domains[i]->name, kind, name, order, why);
      return FALSE;
    }
  return TRUE;
}
