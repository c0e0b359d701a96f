/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-plan.h>

G_BEGIN_DECLS

/* What an item is made of; the strings are copied. */
typedef struct
{
  HotplugPlanKind kind;
  HotplugPlanAction action;
  const char *name;
  const char *alias;      /* nullable */
  const char *target;     /* nullable */
  const char *address;    /* nullable */
  const char *device_xml; /* nullable */
  guint slots;
  gboolean live;
  gboolean persisted;
  gboolean moving;
  gboolean returning; /* it is removed, and the template keeps it */
} HotplugPlanItemFields;

HotplugPlanItem *_hotplug_plan_item_new (const HotplugPlanItemFields *fields);

/* What a plan is made of; the arrays are kept with a reference, and nobody changes them any more. */
typedef struct
{
  const char *vmi_name;
  GPtrArray *items;            /* HotplugPlanItem */
  GPtrArray *template_added;   /* nullable: char *, device XML */
  GPtrArray *template_removed; /* and so is this */
  const char *records_added;   /* nullable */
  const char *records_removed; /* nullable */
  const char *message;         /* nullable */
} HotplugPlanFields;

HotplugPlan *_hotplug_plan_new (const HotplugPlanFields *fields);

G_END_DECLS
