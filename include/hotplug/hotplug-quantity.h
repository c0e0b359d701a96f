/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_quantity_parse (const char *text, guint64 *bytes, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_quantity_to_string (guint64 bytes);

G_END_DECLS
