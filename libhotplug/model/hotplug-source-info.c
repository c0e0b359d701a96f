/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-source-info-private.h"

void
_hotplug_source_clear (HotplugSource *self)
{
  g_clear_pointer (&self->path, g_free);
}
