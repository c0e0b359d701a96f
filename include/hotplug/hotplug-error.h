/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_ERROR (hotplug_error_get_type ())

/**
 * HOTPLUG_ERROR:
 *
 * The error domain of libhotplug; its codes are #HotplugError.
 *
 * Since: 0.1
 */
#define HOTPLUG_ERROR (hotplug_error_quark ())

/**
 * HotplugError:
 * @HOTPLUG_ERROR_FAILED: anything that no other code tells. Since: 0.1
 * @HOTPLUG_ERROR_NOT_FOUND: no such VMI, volume or interface; of a start, no such thing on the host. Since: 0.1
 * @HOTPLUG_ERROR_EXISTS: the VMI has one of that name already; of a start, a port of the host is taken. Since: 0.1
 * @HOTPLUG_ERROR_NOT_HOTPLUGGABLE: the device was not hotplugged, so it is not removed either. Since: 0.1
 * @HOTPLUG_ERROR_INVALID_NAME: the name is no DNS-1123 label. Since: 0.1
 * @HOTPLUG_ERROR_INVALID_ARGUMENT: a value, or a combination of values, that can't be. Since: 0.1
 * @HOTPLUG_ERROR_SERIAL_TOO_LONG: the guest would see the serial cut. Since: 0.1
 * @HOTPLUG_ERROR_SERIAL_INVALID: the serial has a character that would not arrive in the guest as it is. Since: 0.1
 * @HOTPLUG_ERROR_SERIAL_IN_USE: another disk of the VMI has that serial. Since: 0.1
 * @HOTPLUG_ERROR_NO_PCI_SLOT: no PCI port that accepts hotplug is free. Since: 0.1
 * @HOTPLUG_ERROR_BUS_UNSUPPORTED: a disk can't be plugged into that bus. Since: 0.1
 * @HOTPLUG_ERROR_SOURCE_MISSING: the volume's source does not exist. Since: 0.1
 * @HOTPLUG_ERROR_SOURCE_IN_USE: another disk uses the source. Since: 0.1
 * @HOTPLUG_ERROR_SOURCE_NOT_READY: the source exists, and no disk can be made of it. Since: 0.1
 * @HOTPLUG_ERROR_VMI_NOT_RUNNING: the VMI is stopped, and what was asked needs it running. Since: 0.1
 * @HOTPLUG_ERROR_VMI_RUNNING: the VMI is running already. Since: 0.1
 * @HOTPLUG_ERROR_VMI_TRANSIENT: the VMI has no template to keep a change in. Since: 0.1
 * @HOTPLUG_ERROR_TIMEOUT: the guest did not answer in time; what was asked is still under way. Since: 0.1
 * @HOTPLUG_ERROR_BUSY: another operation on the VMI is under way, or another process has the embed root. Since: 0.1
 * @HOTPLUG_ERROR_CONNECTION: the connection to the host could not be made, or broke. Since: 0.1
 * @HOTPLUG_ERROR_PERMISSION: the host or the file system denied access. Since: 0.1
 * @HOTPLUG_ERROR_HYPERVISOR: the hypervisor refused; its own words stand behind the colon. Since: 0.1
 * @HOTPLUG_ERROR_FEATURE_DISABLED: a feature gate of the host is off. Since: 0.1
 * @HOTPLUG_ERROR_MANIFEST: a manifest, YAML or JSON, that can't be read, or says what can't be. Since: 0.1
 * @HOTPLUG_ERROR_ACCESS_MODE: the volume's access mode does not allow what was asked. Since: 0.1
 * @HOTPLUG_ERROR_BOOT_ORDER: another device has that boot order, or the VMI boots by kinds of devices. Since: 0.1
 * @HOTPLUG_ERROR_CACHE_UNSUPPORTED: the source can't be read and written past the host's page cache. Since: 0.1
 * @HOTPLUG_ERROR_DEVICE_UNSUPPORTED: a device of that type can't be plugged. Since: 0.1
 * @HOTPLUG_ERROR_NO_IO_THREAD: the VMI has no IO thread that a disk could have. Since: 0.1
 * @HOTPLUG_ERROR_NETWORK_MISSING: the host has no such bridge. Since: 0.1
 * @HOTPLUG_ERROR_NETWORK_UNSUPPORTED: a network of that type, or with that option, can't be had, or not on this
 *   host. Since: 0.1
 * @HOTPLUG_ERROR_BINDING_UNSUPPORTED: an interface of that binding can't be plugged. Since: 0.1
 * @HOTPLUG_ERROR_MAC_IN_USE: another interface of the host's VMIs has that MAC address. Since: 0.1
 * @HOTPLUG_ERROR_NETWORK_IN_USE: interfaces have the network attachment. Since: 0.1
 *
 * What went wrong, as a caller can act on it. The enumeration grows at its end.
 *
 * A cancelled call returns %G_IO_ERROR_CANCELLED of the #G_IO_ERROR domain instead.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_ERROR_FAILED,
  HOTPLUG_ERROR_NOT_FOUND,
  HOTPLUG_ERROR_EXISTS,
  HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
  HOTPLUG_ERROR_INVALID_NAME,
  HOTPLUG_ERROR_INVALID_ARGUMENT,
  HOTPLUG_ERROR_SERIAL_TOO_LONG,
  HOTPLUG_ERROR_SERIAL_INVALID,
  HOTPLUG_ERROR_SERIAL_IN_USE,
  HOTPLUG_ERROR_NO_PCI_SLOT,
  HOTPLUG_ERROR_BUS_UNSUPPORTED,
  HOTPLUG_ERROR_SOURCE_MISSING,
  HOTPLUG_ERROR_SOURCE_IN_USE,
  HOTPLUG_ERROR_SOURCE_NOT_READY,
  HOTPLUG_ERROR_VMI_NOT_RUNNING,
  HOTPLUG_ERROR_VMI_RUNNING,
  HOTPLUG_ERROR_VMI_TRANSIENT,
  HOTPLUG_ERROR_TIMEOUT,
  HOTPLUG_ERROR_BUSY,
  HOTPLUG_ERROR_CONNECTION,
  HOTPLUG_ERROR_PERMISSION,
  HOTPLUG_ERROR_HYPERVISOR,
  HOTPLUG_ERROR_FEATURE_DISABLED,
  HOTPLUG_ERROR_MANIFEST,
  HOTPLUG_ERROR_ACCESS_MODE,
  HOTPLUG_ERROR_BOOT_ORDER,
  HOTPLUG_ERROR_CACHE_UNSUPPORTED,
  HOTPLUG_ERROR_DEVICE_UNSUPPORTED,
  HOTPLUG_ERROR_NO_IO_THREAD,
  HOTPLUG_ERROR_NETWORK_MISSING,
  HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
  HOTPLUG_ERROR_BINDING_UNSUPPORTED,
  HOTPLUG_ERROR_MAC_IN_USE,
  HOTPLUG_ERROR_NETWORK_IN_USE,
} HotplugError;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_error_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GQuark hotplug_error_quark (void);

G_END_DECLS
