/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

/**
 * hotplug_error_quark:
 *
 * Returns: the quark of the domain %HOTPLUG_ERROR
 *
 * Since: 0.1
 */
G_DEFINE_QUARK (hotplug-error-quark, hotplug_error)

G_DEFINE_ENUM_TYPE (HotplugError, hotplug_error,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_EXISTS, "exists"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "not-hotpluggable"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_INVALID_NAME, "invalid-name"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SERIAL_TOO_LONG, "serial-too-long"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SERIAL_INVALID, "serial-invalid"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SERIAL_IN_USE, "serial-in-use"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NO_PCI_SLOT, "no-pci-slot"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_BUS_UNSUPPORTED, "bus-unsupported"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SOURCE_MISSING, "source-missing"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SOURCE_IN_USE, "source-in-use"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_SOURCE_NOT_READY, "source-not-ready"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_VMI_NOT_RUNNING, "vmi-not-running"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_VMI_RUNNING, "vmi-running"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_VMI_TRANSIENT, "vmi-transient"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_TIMEOUT, "timeout"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_CONNECTION, "connection"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_PERMISSION, "permission"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_HYPERVISOR, "hypervisor"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_FEATURE_DISABLED, "feature-disabled"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_MANIFEST, "manifest"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_ACCESS_MODE, "access-mode"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_BOOT_ORDER, "boot-order"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_CACHE_UNSUPPORTED, "cache-unsupported"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "device-unsupported"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NO_IO_THREAD, "no-io-thread"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NETWORK_MISSING, "network-missing"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NETWORK_UNSUPPORTED, "network-unsupported"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_BINDING_UNSUPPORTED, "binding-unsupported"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_MAC_IN_USE, "mac-in-use"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_NETWORK_IN_USE, "network-in-use"))
