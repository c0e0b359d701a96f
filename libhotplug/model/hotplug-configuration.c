/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "model/hotplug-configuration-private.h"

#define FEATURE_GATES "spec.configuration.developerConfiguration.featureGates"

HotplugStoreEntry *
_hotplug_store_entry_new (const char *name)
{
  HotplugStoreEntry *self = g_new0 (HotplugStoreEntry, 1);

  self->name = g_strdup (name);
  return self;
}

void
_hotplug_store_entry_free (HotplugStoreEntry *self)
{
  g_free (self->name);
  g_free (self->path);
  g_free (self->pool);
  g_free (self);
}

HotplugConfiguration *
_hotplug_configuration_new (const char *file)
{
  HotplugConfiguration *self = g_atomic_rc_box_new0 (HotplugConfiguration);

  self->file = g_strdup (file);
  self->stores = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_store_entry_free);
  self->gates = HOTPLUG_GATE_BIT_ALL;
  return self;
}

HotplugConfiguration *
_hotplug_configuration_ref (HotplugConfiguration *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugConfiguration *self = data;

  g_free (self->file);
  g_free (self->gates_from);
  g_free (self->networks);
  g_free (self->cni_networks);
  g_ptr_array_unref (self->stores);
}

void
_hotplug_configuration_unref (HotplugConfiguration *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

HotplugGateBits
_hotplug_gate_from_name (const char *name)
{
  if (g_strcmp0 (name, HOTPLUG_GATE_VOLUMES) == 0)
    return HOTPLUG_GATE_BIT_VOLUMES;
  return g_strcmp0 (name, HOTPLUG_GATE_NICS) == 0 ? HOTPLUG_GATE_BIT_NICS : (HotplugGateBits)0;
}

const HotplugStoreEntry *
_hotplug_configuration_find_store (const HotplugConfiguration *self, const char *name)
{
  for (guint i = 0; i < self->stores->len; i++)
    {
      const HotplugStoreEntry *entry = g_ptr_array_index (self->stores, i);
      if (name != NULL ? g_strcmp0 (entry->name, name) == 0 : entry->is_default)
        return entry;
    }
  return NULL;
}

gboolean
_hotplug_configuration_check_gate (const HotplugConfiguration *self, const char *gate, GError **error)
{
  if ((self->gates & _hotplug_gate_from_name (gate)) != 0)
    return TRUE;

  if (self->gates_from != NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED,
                 "feature gate %s is off; to enable it, add it to " FEATURE_GATES " in %s", gate, self->gates_from);
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED,
                 "feature gate %s is off; to enable it, write %s=true below [gates] in %s", gate, gate, self->file);
  return FALSE;
}
