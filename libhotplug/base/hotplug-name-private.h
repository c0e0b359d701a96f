/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a volume is called in libvirt: a user alias, so that libvirt keeps it over restarts and migration.
 * Source: libvirt src/conf/domain_conf.c:5503 (prefix "ua-", characters [A-Za-z0-9_-], others dropped without a
 * word). */
#define HOTPLUG_USER_ALIAS_PREFIX "ua-"
#define HOTPLUG_VOLUME_ALIAS_PREFIX "ua-hpv-"
#define HOTPLUG_INTERFACE_ALIAS_PREFIX "ua-hpi-" /* and an interface */
#define HOTPLUG_SCSI_ALIAS_PREFIX "ua-hpc-scsi"  /* a virtio-scsi controller that we added */
#define HOTPLUG_PORT_ALIAS_PREFIX "ua-hpc-port"  /* and a root port, for a device that was persisted */

/* Our one element in a domain's <metadata>: its namespace, and the prefix that libvirt gives it. */
#define HOTPLUG_METADATA_URI "urn:libhotplug:1"
#define HOTPLUG_METADATA_KEY "hotplug"

/* A DNS-1123 label of at most 63 characters, as KubeVirt has it for volume names; HOTPLUG_ERROR_INVALID_NAME if not */
gboolean _hotplug_name_check (const char *kind, const char *name, GError **error);

/* What a virtio-scsi controller that we added is called, and a root port */
char *_hotplug_controller_alias (guint index);
char *_hotplug_port_alias (guint index);

char *_hotplug_volume_alias (const char *name);

/* The name behind a volume's alias, or NULL for an alias that is not ours */
const char *_hotplug_volume_name_from_alias (const char *alias);

/* The same of an interface */
char *_hotplug_interface_alias (const char *name);
const char *_hotplug_interface_name_from_alias (const char *alias);

/* What messages call the device of an alias of ours: volume "NAME", interface "NAME"; another alias as it is */
char *_hotplug_alias_describe (const char *alias);

G_END_DECLS
