/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-host.h>
#include <hotplug/hotplug-interface-status.h>
#include <hotplug/hotplug-interface.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-manifest.h>
#include <hotplug/hotplug-migration-request.h>
#include <hotplug/hotplug-migration-status.h>
#include <hotplug/hotplug-network-attachment.h>
#include <hotplug/hotplug-pci-budget.h>
#include <hotplug/hotplug-pci-bus.h>
#include <hotplug/hotplug-pci-slot.h>
#include <hotplug/hotplug-plan-item.h>
#include <hotplug/hotplug-plan.h>
#include <hotplug/hotplug-quantity.h>
#include <hotplug/hotplug-runtime.h>
#include <hotplug/hotplug-serial.h>
#include <hotplug/hotplug-version.h>
#include <hotplug/hotplug-vmi-status.h>
#include <hotplug/hotplug-vmi.h>
#include <hotplug/hotplug-volume-request.h>
#include <hotplug/hotplug-volume-status.h>
#include <hotplug/hotplug-volume.h>
