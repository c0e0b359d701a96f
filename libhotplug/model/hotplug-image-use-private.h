/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a machine does with an image or a device of the host that stands in its XML */
typedef enum {
  HOTPLUG_IMAGE_ROLE_TOP,     /* what a disk of it reads and writes */
  HOTPLUG_IMAGE_ROLE_BACKING, /* what such an image stands upon, however deep */
  HOTPLUG_IMAGE_ROLE_MIRROR,  /* where a block job copies one */
  HOTPLUG_IMAGE_ROLE_DEVICE,  /* handed to it whole: a hostdev, or the file of a memory device */
} HotplugImageRole;

/* One place of a domain's XML that names an image; the strings are the domain's, and one of path, uri, pool, device
 * and usb is there. */
typedef struct
{
  HotplugImageRole role;
  guint disk;              /* which of the domain's disks it is of, if it is one's */
  const char *path;        /* nullable */
  const char *uri;         /* nullable: on the network, as _hotplug_network_source_to_uri () writes it */
  const char *pool;        /* nullable: a volume of a pool */
  const char *pool_volume; /* nullable */
  const char *device;      /* nullable: a piece of its path in sysfs: a PCI address, H:C:T:L, or the UUID of a
                            * mediated device */
  const char *usb;         /* nullable: a USB device, by what its maker calls it, VVVV:PPPP */
  gboolean optional;       /* a start does without it where it is not there */
} HotplugImageUse;

G_END_DECLS
