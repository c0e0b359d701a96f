/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A QEMU that has machine type pc-q35-7.2 is of version 7.2 or later: in libvirt's numbers (7002000), without a
 * question to the host. 0: the name tells nothing, as that of an alias or of a distribution's own type.
 * @machine: (nullable): as the domain XML has it */
guint64 _hotplug_machine_least_version (const char *machine);

G_END_DECLS
