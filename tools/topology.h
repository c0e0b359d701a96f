/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "terminal.h"

G_BEGIN_DECLS

/* The tree of a budget's buses. Runs of free ports are one line, unless @all of them are asked for. */
void topology_print_text (HotplugPciBudget *budget, const Terminal *terminal, gboolean all, GString *out);

/* The same as a picture: an SVG document */
char *topology_draw_svg (HotplugPciBudget *budget);

G_END_DECLS
