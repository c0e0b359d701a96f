/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A template with more devices: @xml with each of @devices, device XML, at the end of its <devices>; the rest as it
 * was.
 * @element: (nullable): what our element of its metadata is to be, as _hotplug_records_to_xml () writes it; NULL leaves
 *   it
 * HOTPLUG_ERROR_FAILED if one of them is not what it should be. */
char *_hotplug_template_add_devices (const char *xml, const GPtrArray *devices, const char *element, GError **error);

/* The same without the disks of these aliases; what is not there is no error */
char *_hotplug_template_drop_devices (const char *xml, const char *const *aliases, GError **error);

G_END_DECLS
