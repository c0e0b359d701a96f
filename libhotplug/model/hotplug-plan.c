/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-plan-private.h"

struct _HotplugPlan
{
  char *vmi_name;
  GPtrArray *items;
  GStrv template_added;
  GStrv template_removed;
  char *records_added;   /* nullable */
  char *records_removed; /* nullable */
  char *message;         /* nullable */
};

G_DEFINE_BOXED_TYPE (HotplugPlan, hotplug_plan, hotplug_plan_ref, hotplug_plan_unref)

static GStrv
dup_texts (const GPtrArray *texts)
{
  guint count = texts != NULL ? texts->len : 0;
  GStrv copy = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++)
    copy[i] = g_strdup (g_ptr_array_index (texts, i));
  return copy;
}

HotplugPlan *
_hotplug_plan_new (const HotplugPlanFields *fields)
{
  HotplugPlan *self = g_atomic_rc_box_new0 (HotplugPlan);

  self->vmi_name = g_strdup (fields->vmi_name);
  self->items = g_ptr_array_ref (fields->items);
  self->template_added = dup_texts (fields->template_added);
  self->template_removed = dup_texts (fields->template_removed);
  self->records_added = g_strdup (fields->records_added);
  self->records_removed = g_strdup (fields->records_removed);
  self->message = g_strdup (fields->message);
  return self;
}

static void
clear (gpointer data)
{
  HotplugPlan *self = data;

  g_free (self->vmi_name);
  g_ptr_array_unref (self->items);
  g_strfreev (self->template_added);
  g_strfreev (self->template_removed);
  g_free (self->records_added);
  g_free (self->records_removed);
  g_free (self->message);
}

static gboolean
any_item (HotplugPlan *self, gboolean (*says) (HotplugPlanItem *item))
{
  for (guint i = 0; i < self->items->len; i++)
    {
      if (says (g_ptr_array_index (self->items, i)))
        return TRUE;
    }
  return FALSE;
}

/**
 * hotplug_plan_ref:
 * @self: a plan
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_plan_ref (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_plan_unref:
 * @self: (transfer full): a plan
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_plan_unref (HotplugPlan *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_plan_get_vmi_name:
 * @self: a plan
 *
 * Returns: (transfer none): the name of the VMI
 *
 * Since: 0.1
 */
const char *
hotplug_plan_get_vmi_name (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->vmi_name;
}

/**
 * hotplug_plan_get_items:
 * @self: a plan
 *
 * Returns: (transfer none) (element-type HotplugPlanItem): the devices, in the order in which they would be changed,
 *   with the controllers that they need before them; not to be changed
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_plan_get_items (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->items;
}

/**
 * hotplug_plan_get_slots:
 * @self: a plan
 *
 * How many PCI slots it takes: of the running machine, or of the template if none runs.
 *
 * Returns: their number, below zero if more are given back than taken
 *
 * Since: 0.1
 */
int
hotplug_plan_get_slots (HotplugPlan *self)
{
  int slots = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (self->items, i);
      int count = (int)hotplug_plan_item_get_slots (item);
      slots += hotplug_plan_item_get_action (item) == HOTPLUG_PLAN_ACTION_REMOVE ? -count : count;
    }
  return slots;
}

/**
 * hotplug_plan_is_live:
 * @self: a plan
 *
 * Returns: %TRUE if the running machine would be changed
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_is_live (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return any_item (self, hotplug_plan_item_is_live);
}

/**
 * hotplug_plan_is_persisted:
 * @self: a plan
 *
 * Returns: %TRUE if the devices of the template would be changed; what is recorded in its metadata is told by
 *   hotplug_plan_get_records_added() and hotplug_plan_get_records_removed()
 *
 * Since: 0.1
 */
gboolean
hotplug_plan_is_persisted (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return any_item (self, hotplug_plan_item_is_persisted);
}

/**
 * hotplug_plan_get_template_added:
 * @self: a plan
 *
 * Returns: (transfer none) (array zero-terminated=1): the elements that the template's devices would get, XML each
 *
 * Since: 0.1
 */
const char *const *
hotplug_plan_get_template_added (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->template_added;
}

/**
 * hotplug_plan_get_template_removed:
 * @self: a plan
 *
 * Returns: (transfer none) (array zero-terminated=1): the elements that the template's devices would lose, XML each
 *
 * Since: 0.1
 */
const char *const *
hotplug_plan_get_template_removed (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->template_removed;
}

/**
 * hotplug_plan_get_records_added:
 * @self: a plan
 *
 * Returns: (transfer none) (nullable): what libhotplug's element in the template's metadata would get, as XML: the
 *   volumes that are not persisted and come back at the next start; %NULL if nothing
 *
 * Since: 0.1
 */
const char *
hotplug_plan_get_records_added (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->records_added;
}

/**
 * hotplug_plan_get_records_removed:
 * @self: a plan
 *
 * Returns: (transfer none) (nullable): what libhotplug's element in the template's metadata would lose, as XML; %NULL
 *   if nothing
 *
 * Since: 0.1
 */
const char *
hotplug_plan_get_records_removed (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->records_removed;
}

/**
 * hotplug_plan_get_message:
 * @self: a plan
 *
 * Returns: (transfer none) (nullable): what a person should know of when it takes effect, without a stop at its end: a
 *   VMI that was saved while it ran goes on from there at its next start; %NULL if there is nothing to say
 *
 * Since: 0.1
 */
const char *
hotplug_plan_get_message (HotplugPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->message;
}
