/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A template is changed as text: what is cut out, put in or put back is libvirt's own, byte for byte, and so is all the
 * rest. HOTPLUG_ERROR_FAILED where something in it is not what it should be. */

/* A device of a template that may have to go back into it */
typedef struct
{
  char *alias;
  char *xml;      /* as it stands in the template */
  guint position; /* how many elements of its name stand before it, of those that were taken with it too */
} HotplugTemplateDevice;

HotplugTemplateDevice *_hotplug_template_device_new (const char *alias, const char *xml, guint position);
HotplugTemplateDevice *_hotplug_template_device_copy (const HotplugTemplateDevice *self);
void _hotplug_template_device_free (HotplugTemplateDevice *self);

/* A template with more devices: @xml with each of @devices, device XML, at the end of its <devices>.
 * @element: (nullable): what our element of its metadata is to be, as _hotplug_records_to_xml () writes it; NULL leaves
 *   it */
char *_hotplug_template_add_devices (const char *xml, const GPtrArray *devices, const char *element, GError **error);

/* HotplugTemplateDevice: the volumes' disks and the interfaces of these aliases, as far as they are there */
GPtrArray *_hotplug_template_list_devices (const char *xml, const char *const *aliases, GError **error);

/* Without them; what is not there is no error */
char *_hotplug_template_drop_devices (const char *xml, const char *const *aliases, GError **error);

/* Without any interface, ours or not */
char *_hotplug_template_drop_interfaces (const char *xml, GError **error);

/* With these of a list again, each at its place if the others are as they were; one that is there already stays as it
 * is */
char *_hotplug_template_restore_devices (const char *xml, const GPtrArray *devices, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugTemplateDevice, _hotplug_template_device_free)

G_END_DECLS
