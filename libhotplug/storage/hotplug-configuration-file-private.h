/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* The key file of hotplug.conf(5). A file that is not there says nothing: what holds then is the default. All that is
 * wrong with one that is there is an error with its name and the line: HOTPLUG_ERROR_INVALID_ARGUMENT,
 * HOTPLUG_ERROR_PERMISSION. */
HotplugConfiguration *_hotplug_configuration_read (const char *file, GError **error);

/* @file: what errors call it */
HotplugConfiguration *_hotplug_configuration_parse (const char *text, gsize length, const char *file, GError **error);

G_END_DECLS
