/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Inside xml/ only: where the pieces of a machine's XML stand in its text, so that it can be changed without being
 * written anew. */

typedef struct
{
  gsize begin; /* of its "<" */
  gsize end;   /* behind its last ">"; 0: it is not there */
} HotplugSpan;

typedef struct
{
  HotplugSpan span;
  char *name;     /* of the element */
  char *alias;    /* nullable */
  gboolean boots; /* it has a boot order */
} HotplugDeviceSpan;

typedef struct
{
  HotplugSpan metadata;
  HotplugSpan os;
  HotplugSpan devices;
  gboolean empty;      /* the text says <devices/> */
  gsize inside_end;    /* of its "</devices>" */
  GPtrArray *children; /* HotplugDeviceSpan: those of <devices>, in their order */
  GArray *boots;       /* HotplugSpan: <boot dev='…'/> of <os> */
} HotplugTemplateLayout;

/* NULL for what is no well-formed XML, or has no <devices> */
HotplugTemplateLayout *_hotplug_template_layout_new (const char *xml);
void _hotplug_template_layout_free (HotplugTemplateLayout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugTemplateLayout, _hotplug_template_layout_free)

G_END_DECLS
