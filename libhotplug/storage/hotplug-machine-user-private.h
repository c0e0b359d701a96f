/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whom the hypervisor opens files as, where that is somebody else than we are: libvirt gives him an image that a
 * machine gets, but not the directories on the way to it. */
typedef struct
{
  guint uid;
  guint gid;
} HotplugMachineUser;

/* Whether he is in that group */
gboolean _hotplug_machine_user_is_in (const HotplugMachineUser *self, guint gid);

/* The first directory on the way to @path, @path itself too if it is one, that he can't search; NULL if there is none,
 * or none of which that is certain: one with an access control list is taken for open */
char *_hotplug_machine_user_find_closed (const HotplugMachineUser *self, const char *path);

/* HOTPLUG_ERROR_PERMISSION with the cure, if there is such a one; @what: whose path it is */
gboolean _hotplug_machine_user_check (const HotplugMachineUser *self, const char *what, const char *path,
                                      GError **error);

G_END_DECLS
