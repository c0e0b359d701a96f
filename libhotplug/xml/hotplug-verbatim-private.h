/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* A device's own text: what libvirt says of it, with all that this library does not know. What is put back, or brought
 * back, is that text, and nothing that was made of a model. */

/* A device of the running machine as libvirt would have it in a template: without what is so only while it runs (node
 * numbers, a copy that is under way, what a network has made of an interface). NULL if it can't be read. */
char *_hotplug_verbatim_settle (const char *xml);

/* The text in @record's device, at the place that the record has now, with its boot order: they are the record's to
 * change, for one that finds its old place taken. NULL if it can't be read. */
char *_hotplug_verbatim_place (const char *xml, const HotplugRecord *record);

/* A disk's text in a template, of which the running machine's @live says that others have moved it to another file
 * meanwhile: with that file, as libvirt has it follow, and all else as it was. NULL if it is the same file. */
char *_hotplug_verbatim_move (const char *xml, const char *live);

/* Whether two texts say the same of a device, in whatever order */
gboolean _hotplug_verbatim_equal (const char *a, const char *b);

G_END_DECLS
