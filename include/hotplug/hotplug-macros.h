/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include <hotplug/hotplug-version.h>

/**
 * HOTPLUG_AVAILABLE_IN_0_1:
 *
 * Marks a function that is part of the ABI since libhotplug 0.1. Whatever lacks such a mark is not exported.
 *
 * Since: 0.1
 */
#if defined(__GNUC__) || defined(__clang__)
#define HOTPLUG_AVAILABLE_IN_0_1 __attribute__ ((visibility ("default"))) extern
#else
#define HOTPLUG_AVAILABLE_IN_0_1 extern
#endif
