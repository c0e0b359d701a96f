/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-nic-private.h"

static const gsize strings[] = {
  G_STRUCT_OFFSET (HotplugNic, alias),  G_STRUCT_OFFSET (HotplugNic, type),
  G_STRUCT_OFFSET (HotplugNic, source), G_STRUCT_OFFSET (HotplugNic, bridge),
  G_STRUCT_OFFSET (HotplugNic, mac),    G_STRUCT_OFFSET (HotplugNic, virtualport),
  G_STRUCT_OFFSET (HotplugNic, model),  G_STRUCT_OFFSET (HotplugNic, tap),
  G_STRUCT_OFFSET (HotplugNic, filter), G_STRUCT_OFFSET (HotplugNic, attachment),
  G_STRUCT_OFFSET (HotplugNic, network), G_STRUCT_OFFSET (HotplugNic, xml),
  G_STRUCT_OFFSET (HotplugNic, link),
};

HotplugNic *
_hotplug_nic_new (void)
{
  return g_new0 (HotplugNic, 1);
}

HotplugNic *
_hotplug_nic_copy (const HotplugNic *self)
{
  HotplugNic *copy = g_memdup2 (self, sizeof *self);

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    G_STRUCT_MEMBER (char *, copy, strings[i]) = g_strdup (G_STRUCT_MEMBER (char *, self, strings[i]));
  copy->borrowed = FALSE;
  return copy;
}

void
_hotplug_nic_free (HotplugNic *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (strings) && !self->borrowed; i++)
    g_free (G_STRUCT_MEMBER (char *, self, strings[i]));
  g_free (self);
}
