/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-vmi-status.h>

G_BEGIN_DECLS

/* What a status is made of; the strings are copied. */
typedef struct
{
  const char *name;
  const char *uuid;
  const char *machine;
  guint64 memory; /* bytes */
  guint vcpus;
  HotplugVmiState state;
  const char *reason;  /* nullable */
  const char *message; /* nullable */
  gboolean persistent;
  GPtrArray
      *interfaces; /* (nullable): HotplugInterfaceStatus; a reference is taken to each, and they stay in their order */
} HotplugVmiStatusFields;

/* @volumes: (element-type HotplugVolumeStatus): a reference is taken; sorted by name here */
HotplugVmiStatus *_hotplug_vmi_status_new (const HotplugVmiStatusFields *fields, GPtrArray *volumes);

G_END_DECLS
