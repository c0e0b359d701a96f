/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* The device XML of a disk, complete: nothing of it is left to libvirt's defaults but an address of kind NONE. */
char *_hotplug_disk_to_xml (const HotplugDisk *disk);

/* The same of an interface */
char *_hotplug_nic_to_xml (const HotplugNic *nic);

/* That of the device that a record tells of: its own text where it has one, at the place that the record has */
char *_hotplug_record_to_device_xml (const HotplugRecord *record);

char *_hotplug_controller_to_xml (const HotplugController *controller);

G_END_DECLS
