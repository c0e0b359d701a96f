/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-plan-private.h"

struct _HotplugPlanItem
{
  HotplugPlanItemFields fields; /* the strings are its own */
};

G_DEFINE_BOXED_TYPE (HotplugPlanItem, hotplug_plan_item, hotplug_plan_item_ref, hotplug_plan_item_unref)

HotplugPlanItem *
_hotplug_plan_item_new (const HotplugPlanItemFields *fields)
{
  HotplugPlanItem *self = g_atomic_rc_box_new0 (HotplugPlanItem);

  self->fields = *fields;
  self->fields.name = g_strdup (fields->name);
  self->fields.alias = g_strdup (fields->alias);
  self->fields.target = g_strdup (fields->target);
  self->fields.address = g_strdup (fields->address);
  self->fields.device_xml = g_strdup (fields->device_xml);
  return self;
}

static void
clear (gpointer data)
{
  HotplugPlanItem *self = data;

  g_free ((char *)self->fields.name);
  g_free ((char *)self->fields.alias);
  g_free ((char *)self->fields.target);
  g_free ((char *)self->fields.address);
  g_free ((char *)self->fields.device_xml);
}

/**
 * hotplug_plan_item_ref:
 * @self: an item of a plan
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugPlanItem *
hotplug_plan_item_ref (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_plan_item_unref:
 * @self: (transfer full): an item of a plan
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_plan_item_unref (HotplugPlanItem *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_plan_item_get_kind:
 * @self: an item of a plan
 *
 * Returns: what kind of device it is
 *
 * Since: 0.1
 */
HotplugPlanKind
hotplug_plan_item_get_kind (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_PLAN_KIND_VOLUME);

  return self->fields.kind;
}

/**
 * hotplug_plan_item_get_action:
 * @self: an item of a plan
 *
 * Returns: what would be done with it
 *
 * Since: 0.1
 */
HotplugPlanAction
hotplug_plan_item_get_action (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_PLAN_ACTION_ADD);

  return self->fields.action;
}

/**
 * hotplug_plan_item_get_name:
 * @self: an item of a plan
 *
 * Returns: (transfer none): its name: that of a volume or a drive; a controller's user alias without its
 *   `ua-`, or as libvirt calls it: `pci.7`
 *
 * Since: 0.1
 */
const char *
hotplug_plan_item_get_name (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.name;
}

/**
 * hotplug_plan_item_get_alias:
 * @self: an item of a plan
 *
 * Returns: (transfer none) (nullable): its user alias, by which libvirt knows it; %NULL if it has none
 *
 * Since: 0.1
 */
const char *
hotplug_plan_item_get_alias (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.alias;
}

/**
 * hotplug_plan_item_get_target:
 * @self: an item of a plan
 *
 * Returns: (transfer none) (nullable): the target, such as `sda`; %NULL if it has none
 *
 * Since: 0.1
 */
const char *
hotplug_plan_item_get_target (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.target;
}

/**
 * hotplug_plan_item_get_address:
 * @self: an item of a plan
 *
 * Returns: (transfer none) (nullable): where it would be, or is: `0:0:0:3` or `0000:01:00.0`, in the running machine,
 *   or if that has no part in it in the template; %NULL if libvirt would choose when it defines the template
 *
 * Since: 0.1
 */
const char *
hotplug_plan_item_get_address (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.address;
}

/**
 * hotplug_plan_item_get_device_xml:
 * @self: an item of a plan
 *
 * Returns: (transfer none) (nullable): the device's XML as libvirt would get it, for the running machine, or if that
 *   has no part in it for the template; %NULL where it is asked for a removal, for which the alias is enough
 *
 * Since: 0.1
 */
const char *
hotplug_plan_item_get_device_xml (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.device_xml;
}

/**
 * hotplug_plan_item_get_slots:
 * @self: an item of a plan
 *
 * How many PCI slots it takes, or when it is removed gives back: of the running machine, or of the template if none
 * runs.
 *
 * Returns: how many PCI slots it would take, or give back
 *
 * Since: 0.1
 */
guint
hotplug_plan_item_get_slots (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.slots;
}

/**
 * hotplug_plan_item_is_live:
 * @self: an item of a plan
 *
 * Returns: %TRUE if the running machine would be changed
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_item_is_live (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.live;
}

/**
 * hotplug_plan_item_is_persisted:
 * @self: an item of a plan
 *
 * Returns: %TRUE if the devices of the template would be changed
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_item_is_persisted (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.persisted;
}

/**
 * hotplug_plan_item_is_moving:
 * @self: an item of a plan
 *
 * Returns: %TRUE if it will be at another address after the next start, since this one is in use in the template
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_item_is_moving (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.moving;
}

/**
 * hotplug_plan_item_is_returning:
 * @self: an item of a plan
 *
 * Returns: %TRUE if it would leave the running machine only: the template keeps it, so that it is back at the next
 *   start
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_item_is_returning (HotplugPlanItem *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.returning;
}
