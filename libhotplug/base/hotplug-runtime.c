/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-runtime.h>

/**
 * hotplug_get_runtime_version:
 *
 * The version of the library that the program runs with; %HOTPLUG_MAJOR_VERSION and its like tell what it was compiled
 * with.
 *
 * Returns: (transfer none): the version, such as `0.1.0`
 *
 * Since: 0.1
 */
const char *
hotplug_get_runtime_version (void)
{
  return PACKAGE_VERSION;
}
