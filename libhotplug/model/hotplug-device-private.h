/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-address-private.h"

G_BEGIN_DECLS

/* The elements of a domain's <devices>, as far as PCI slots may depend on them. */
typedef enum {
  HOTPLUG_DEVICE_OTHER, /* of no interest, unless it has a PCI address */
  HOTPLUG_DEVICE_CHANNEL,
  HOTPLUG_DEVICE_CONSOLE,
  HOTPLUG_DEVICE_CONTROLLER,
  HOTPLUG_DEVICE_DISK,
  HOTPLUG_DEVICE_FILESYSTEM,
  HOTPLUG_DEVICE_GRAPHICS,
  HOTPLUG_DEVICE_HOSTDEV,
  HOTPLUG_DEVICE_INPUT,
  HOTPLUG_DEVICE_INTERFACE,
  HOTPLUG_DEVICE_IOMMU,
  HOTPLUG_DEVICE_MEMBALLOON,
  HOTPLUG_DEVICE_MEMORY,
  HOTPLUG_DEVICE_RNG,
  HOTPLUG_DEVICE_SERIAL,
  HOTPLUG_DEVICE_SHMEM,
  HOTPLUG_DEVICE_SMARTCARD,
  HOTPLUG_DEVICE_SOUND,
  HOTPLUG_DEVICE_VIDEO,
  HOTPLUG_DEVICE_VSOCK,
  HOTPLUG_DEVICE_WATCHDOG,
} HotplugDeviceKind;

/* The bus of a controller that says none: libvirt numbers it when it is defined */
#define HOTPLUG_CONTROLLER_INDEX_NONE G_MAXUINT

/* A device of a domain in few words. The strings are the domain's. */
typedef struct
{
  HotplugDeviceKind kind;
  const char *element; /* of the XML: disk, interface, … */
  const char *type;    /* nullable: its type attribute; of a disk its device attribute, disk, cdrom, lun or floppy */
  const char *model;   /* nullable: its model attribute, or the type of its <model> */
  const char *bus;     /* nullable: of a disk that of its <target>, of an input device its bus attribute */
  const char
      *target; /* nullable: of a disk its <target>'s dev, of a serial port, channel or console its <target>'s type */
  const char *mode;    /* nullable: of a host device */
  const char *alias;   /* nullable */
  const char *name;    /* nullable: of a PCI controller the hypervisor's name for its model, if the XML says it */
  guint index;         /* of a controller; HOTPLUG_CONTROLLER_INDEX_NONE if it says none */
  guint boot_order;    /* 0 for none */
  gboolean hotplug;    /* of a controller: FALSE where the XML says hotplug='off' */
  gboolean wants_pci;  /* the address says that it is on PCI, and not where */
  gboolean primary;    /* of a video device: the XML says primary='yes' */
  HotplugAddress address;
} HotplugDevice;

G_END_DECLS
