/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-plan-item.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_PLAN (hotplug_plan_get_type ())

/**
 * HotplugPlan:
 *
 * What a change of a VMI would do: with which devices, where, and what of the template would be another.
 *
 * It is made by the checks and the choices of the call itself, so that this call, made next, does what the plan says,
 * unless the machine was changed meanwhile.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugPlan HotplugPlan;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plan_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_plan_ref (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_plan_unref (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_get_vmi_name (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_plan_get_items (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
int hotplug_plan_get_slots (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_is_live (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_plan_is_persisted (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *const *hotplug_plan_get_template_added (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *const *hotplug_plan_get_template_removed (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_get_records_added (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_get_records_removed (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_plan_get_message (HotplugPlan *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_plan_to_manifest (HotplugPlan *self, HotplugManifestFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPlan, hotplug_plan_unref)

G_END_DECLS
