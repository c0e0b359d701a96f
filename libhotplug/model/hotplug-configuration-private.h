/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a host's configuration says: see hotplug.conf(5). A value: it never changes once it is made. */

#define HOTPLUG_GATE_VOLUMES "HotplugVolumes"
#define HOTPLUG_GATE_NICS "HotplugNICs"

typedef enum {
  HOTPLUG_GATE_BIT_VOLUMES = 1 << 0,
  HOTPLUG_GATE_BIT_NICS = 1 << 1,
  HOTPLUG_GATE_BIT_ALL = HOTPLUG_GATE_BIT_VOLUMES | HOTPLUG_GATE_BIT_NICS,
} HotplugGateBits;

/* One [store NAME]: either a directory or a pool of libvirt's */
typedef struct
{
  char *name;
  char *path; /* nullable */
  char *pool; /* nullable */
  gboolean is_default;
} HotplugStoreEntry;

typedef struct
{
  char *file;        /* that would say otherwise, or says it; it need not be there */
  char *gates_from;  /* nullable: a KubeVirt object that says which gates are on */
  char *networks;     /* nullable: the directory of network attachments */
  char *cni_networks; /* nullable: another one, which is CNI's */
  gboolean attaches_by_migration; /* interfaces are not plugged into running machines here, but where they migrate to */
  GPtrArray *stores; /* HotplugStoreEntry, as they stand in the file */
  HotplugGateBits gates;
} HotplugConfiguration;

/* What holds where nothing is written: both gates on, no stores */
HotplugConfiguration *_hotplug_configuration_new (const char *file);
HotplugConfiguration *_hotplug_configuration_ref (HotplugConfiguration *self);
void _hotplug_configuration_unref (HotplugConfiguration *self);

/* 0: there is no such gate */
HotplugGateBits _hotplug_gate_from_name (const char *name);

HotplugStoreEntry *_hotplug_store_entry_new (const char *name);
void _hotplug_store_entry_free (HotplugStoreEntry *self);

/* @name: (nullable): NULL for the default one. NULL if there is none */
const HotplugStoreEntry *_hotplug_configuration_find_store (const HotplugConfiguration *self, const char *name);

/* HOTPLUG_ERROR_FEATURE_DISABLED, and how to enable it */
gboolean _hotplug_configuration_check_gate (const HotplugConfiguration *self, const char *gate, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugConfiguration, _hotplug_configuration_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugStoreEntry, _hotplug_store_entry_free)

G_END_DECLS
