/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The name of the disk with that number: 0 is `sda`, 25 `sdz`, 26 `sdaa` */
char *_hotplug_target_name (const char *prefix, guint number);

/* The number of a disk's name, -1 if it does not have that prefix or is no such name */
int _hotplug_target_number (const char *prefix, const char *target);

/* The same of any prefix that libvirt knows (its src/util/virutil.c:319); @target may be NULL */
int _hotplug_target_index (const char *target);

G_END_DECLS
