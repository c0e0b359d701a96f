/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* NULL for a value that the type does not have */
const char *_hotplug_enum_to_nick (GType type, int value);

/* @fallback for NULL and for a nick that the type does not have */
int _hotplug_enum_from_nick (GType type, const char *nick, int fallback);

G_END_DECLS
