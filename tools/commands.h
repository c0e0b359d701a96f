/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

gboolean hotplugctl_addinterface (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_addvolume (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_budget (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_create (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_delete (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_eject (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_get (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_insert (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_migrate (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_removeinterface (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_removevolume (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_reserve (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_restart (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_set (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_start (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_stop (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_topology (Hotplugctl *ctl, int argc, char **argv, GError **error);
gboolean hotplugctl_watch (Hotplugctl *ctl, int argc, char **argv, GError **error);

G_END_DECLS
