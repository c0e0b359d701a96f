/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"
#include "xml/hotplug-xml-reader-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: what the devices of a domain take for themselves, to find out that two take the same. */
typedef struct _HotplugClaims HotplugClaims;

HotplugClaims *_hotplug_claims_new (void);
void _hotplug_claims_free (HotplugClaims *self);

/* A PCI device of one function of a slot; any other kind of address claims nothing. */
void _hotplug_claims_add_device (HotplugClaims *self, const HotplugDevice *device, guint line);

/* A disk, of its place on the buses of that kind */
void _hotplug_claims_add_disk (HotplugClaims *self, const HotplugDisk *disk, guint line);

/* A controller, of its index among those of its type */
void _hotplug_claims_add_controller (HotplugClaims *self, const char *type, guint index, guint line);

/* Fails the reading of @element, in the first line that takes what another one took. */
void _hotplug_claims_check (HotplugClaims *self, const HotplugXmlElement *element);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugClaims, _hotplug_claims_free)

G_END_DECLS
