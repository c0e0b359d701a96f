/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "xml/hotplug-xml-reader-private.h"

G_BEGIN_DECLS

/* The most bytes that libvirt gives a domain: one KiB less than what its numbers hold, libvirt 9.0.0
 * src/conf/domain_conf.c:8064 */
#define HOTPLUG_MEMORY_BYTES_MAX ((G_GUINT64_CONSTANT (1) << 63) - 1024)

/* What one of libvirt's units is in bytes; 0 for what is none
 * @unit: (nullable): NULL and "" are libvirt's default, a KiB */
guint64 _hotplug_memory_unit (const char *unit);

/* Of <memory> where it begins; FALSE to leave it out, since of several the first counts: libvirt 9.0.0
 * src/conf/domain_conf.c:17722
 * @unit: 0 before the first */
gboolean _hotplug_memory_read_unit (const HotplugXmlElement *element, guint64 *unit);

/* Bytes, where it ends: whole KiB, as libvirt has it (src/conf/domain_conf.c:8062) */
guint64 _hotplug_memory_read (const HotplugXmlElement *element, const char *text, guint64 unit);

G_END_DECLS
