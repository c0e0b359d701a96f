/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who makes a volume of a store: the host, its boot, the process and when it began, in words that another host can read
 * and keep. A store on NFS has no locks on directories that two hosts would share, so that a lock which can be had says
 * nothing of a maker there. */

typedef enum {
  HOTPLUG_STORE_MAKER_LIVES,
  HOTPLUG_STORE_MAKER_GONE,    /* one of this host, which has ended */
  HOTPLUG_STORE_MAKER_UNKNOWN, /* another host's, or of a container beside ours: it can't be asked */
} HotplugStoreMaker;

/* This process */
char *_hotplug_store_maker_tell (void);

/* The same as a piece of a name, for what has to be told by its name alone; and what it tells: one of an earlier boot
 * is not known */
char *_hotplug_store_maker_to_name (void);
HotplugStoreMaker _hotplug_store_maker_judge_name (const char *name);

/* @text: (nullable): what a maker told of itself
 * @host: (out) (nullable): where it is, if that is known */
HotplugStoreMaker _hotplug_store_maker_judge (const char *text, char **host);

G_END_DECLS
