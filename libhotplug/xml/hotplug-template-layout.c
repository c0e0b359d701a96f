/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "xml/hotplug-template-layout-private.h"
#include "xml/hotplug-xml-private.h"

/* How deep an element stands */
enum {
  DEPTH_OF_PIECES = 1,  /* <devices>, <metadata> */
  DEPTH_OF_DEVICES = 2, /* <disk> */
  DEPTH_OF_PARTS = 3,   /* <alias> */
};

typedef struct
{
  const char *xml;
  HotplugTemplateLayout *layout;
  guint depth;
  HotplugSpan *piece;        /* nullable: the one that is open */
  HotplugDeviceSpan *device; /* nullable: likewise */
} Scan;

static void
free_device (gpointer data)
{
  HotplugDeviceSpan *device = data;

  g_free (device->name);
  g_free (device->alias);
  g_free (device);
}

void
_hotplug_template_layout_free (HotplugTemplateLayout *self)
{
  g_ptr_array_unref (self->children);
  g_array_unref (self->boots);
  g_free (self);
}

/* Behind @mark */
static const char *
skip (const char *text, const char *mark)
{
  const char *found = strstr (text, mark);

  return found != NULL ? found + strlen (mark) : text + strlen (text);
}

/* The ">" of a tag: one in an attribute's value is none */
static const char *
find_end_of_tag (const char *tag)
{
  char quote = '\0';

  for (const char *at = tag; *at != '\0'; at++)
    {
      if (quote == '\0' && *at == '>')
        return at;
      if (quote == '\0' && (*at == '"' || *at == '\''))
        quote = *at;
      else if (*at == quote)
        quote = '\0';
    }
  return NULL;
}

static char *
name_of (const char *tag)
{
  return g_strndup (tag + 1, strcspn (tag + 1, " \t\r\n/>"));
}

/* An alias has no character that would be escaped. */
static char *
alias_in (const char *tag, const char *end)
{
  for (const char *at = tag; at < end; at++)
    {
      if (!g_ascii_isspace (*at) || !g_str_has_prefix (at + 1, "name="))
        continue;
      const char *value = at + 1 + strlen ("name='");
      return g_strndup (value, strcspn (value, "'\""));
    }
  return NULL;
}

static HotplugSpan *
find_piece (Scan *self, const char *name)
{
  const struct
  {
    const char *name;
    HotplugSpan *piece;
  } pieces[] = {
    { "devices", &self->layout->devices },
    { "metadata", &self->layout->metadata },
    { "os", &self->layout->os },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      if (strcmp (pieces[i].name, name) == 0 && pieces[i].piece->end == 0)
        return pieces[i].piece;
    }
  return NULL;
}

static void
open_element (Scan *self, const char *tag, const char *end)
{
  g_autofree char *name = name_of (tag);

  if (self->depth == DEPTH_OF_PIECES && (self->piece = find_piece (self, name)) != NULL)
    {
      self->piece->begin = (gsize)(tag - self->xml);
      if (self->piece == &self->layout->devices)
        self->layout->empty = end[-1] == '/';
    }
  if (self->piece == &self->layout->os && self->depth == DEPTH_OF_DEVICES && strcmp (name, "boot") == 0
      && end[-1] == '/')
    {
      HotplugSpan boot = { (gsize)(tag - self->xml), (gsize)(end + 1 - self->xml) };
      g_array_append_val (self->layout->boots, boot);
    }
  if (self->piece != &self->layout->devices)
    return;

  if (self->depth == DEPTH_OF_DEVICES)
    {
      self->device = g_new0 (HotplugDeviceSpan, 1);
      self->device->span.begin = (gsize)(tag - self->xml);
      self->device->name = g_steal_pointer (&name);
      g_ptr_array_add (self->layout->children, self->device);
    }
  else if (self->depth == DEPTH_OF_PARTS && strcmp (name, "alias") == 0 && self->device->alias == NULL)
    self->device->alias = alias_in (tag, end);
  else if (self->depth == DEPTH_OF_PARTS && strcmp (name, "boot") == 0)
    self->device->boots = TRUE;
}

static void
close_element (Scan *self, const char *tag, const char *end)
{
  if (self->depth == DEPTH_OF_DEVICES && self->device != NULL)
    {
      self->device->span.end = (gsize)(end + 1 - self->xml);
      self->device = NULL;
    }
  if (self->depth != DEPTH_OF_PIECES || self->piece == NULL)
    return;

  if (self->piece == &self->layout->devices)
    self->layout->inside_end = (gsize)(tag - self->xml);
  self->piece->end = (gsize)(end + 1 - self->xml);
  self->piece = NULL;
}

/* What begins with @tag, and where to go on */
static const char *
take_tag (Scan *self, const char *tag)
{
  if (g_str_has_prefix (tag, "<!--"))
    return skip (tag, "-->");
  if (g_str_has_prefix (tag, "<![CDATA["))
    return skip (tag, "]]>");
  if (tag[1] == '?' || tag[1] == '!')
    return skip (tag, ">");

  const char *end = find_end_of_tag (tag);
  if (end == NULL)
    return tag + strlen (tag);
  if (tag[1] == '/')
    {
      self->depth--;
      close_element (self, tag, end);
      return end + 1;
    }

  open_element (self, tag, end);
  if (end[-1] == '/')
    close_element (self, tag, end);
  else
    self->depth++;
  return end + 1;
}

HotplugTemplateLayout *
_hotplug_template_layout_new (const char *xml)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (xml);
  g_autoptr (HotplugTemplateLayout) layout = g_new0 (HotplugTemplateLayout, 1);
  Scan scan = { .xml = xml, .layout = layout };

  layout->children = g_ptr_array_new_with_free_func (free_device);
  layout->boots = g_array_new (FALSE, FALSE, sizeof (HotplugSpan));
  if (document == NULL || document->intSubset != NULL)
    return NULL;

  for (const char *at = strchr (xml, '<'); at != NULL; at = strchr (at, '<'))
    at = take_tag (&scan, at);
  return layout->devices.end != 0 ? g_steal_pointer (&layout) : NULL;
}
