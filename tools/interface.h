/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* Without those that only the guest knows */
guint interface_count_own (GPtrArray *interfaces);

/* The interfaces of a VMI behind an empty line, and below them what is the matter with those that are not ready;
 * nothing if there are none. @interfaces: of HotplugInterfaceStatus */
void interface_print_table (Hotplugctl *ctl, GPtrArray *interfaces);

G_END_DECLS
