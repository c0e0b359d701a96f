/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_PLAN_ITEM (hotplug_plan_item_get_type ())

/**
 * HotplugPlanItem:
 *
 * One device of a #HotplugPlan, and what would be done with it.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugPlanItem HotplugPlanItem;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plan_item_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlanItem *hotplug_plan_item_ref (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_plan_item_unref (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlanKind hotplug_plan_item_get_kind (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlanAction hotplug_plan_item_get_action (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_item_get_name (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_item_get_alias (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_item_get_target (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_item_get_address (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_item_get_device_xml (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_plan_item_get_slots (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_item_is_live (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_item_is_persisted (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_item_is_moving (HotplugPlanItem *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_item_is_returning (HotplugPlanItem *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPlanItem, hotplug_plan_item_unref)

G_END_DECLS
