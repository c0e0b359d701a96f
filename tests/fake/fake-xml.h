/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libvirt does to a domain's XML. Each takes the old text and returns the new one, or NULL with libvirt's
 * refusal. */

char *fake_xml_attach (const char *domain, const char *device, GError **error);
/* HOTPLUG_ERROR_NOT_FOUND if there is no such device */
char *fake_xml_detach (const char *domain, const char *device, GError **error);
/* A device's whole definition: a disk's by its target, an interface's by its MAC address; a live disk may differ in its
 * medium alone, a live interface in its connection, filter and link */
char *fake_xml_update (const char *domain, const char *device, GError **error);
char *fake_xml_update_live (const char *domain, const char *device, GError **error);
/* NULL if there is none */
char *fake_xml_drop_alias (const char *domain, const char *alias);
gboolean fake_xml_has_alias (const char *domain, const char *alias);
/* A block job at work: its kind, NULL if the disk of that target has none */
char *fake_xml_find_mirror (const char *domain, const char *target);
gboolean fake_xml_has_mirror (const char *domain, const char *alias);
/* @element: (nullable) */
char *fake_xml_set_metadata (const char *domain, const char *key, const char *uri, const char *element);
/* A template that starts: it gets an id */
char *fake_xml_start (const char *domain);
char *fake_xml_name (const char *domain);

G_END_DECLS
