/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "xml/hotplug-template-layout-private.h"
#include "xml/hotplug-template-xml-private.h"
#include "xml/hotplug-xml-private.h"

/* As libvirt indents what it writes; whoever reads it does not mind */
#define INDENT "\n    "

HotplugTemplateDevice *
_hotplug_template_device_new (const char *alias, const char *xml, guint position)
{
  HotplugTemplateDevice *self = g_new0 (HotplugTemplateDevice, 1);

  self->alias = g_strdup (alias);
  self->xml = g_strdup (xml);
  self->position = position;
  return self;
}

HotplugTemplateDevice *
_hotplug_template_device_copy (const HotplugTemplateDevice *self)
{
  return _hotplug_template_device_new (self->alias, self->xml, self->position);
}

void
_hotplug_template_device_free (HotplugTemplateDevice *self)
{
  g_free (self->alias);
  g_free (self->xml);
  g_free (self);
}

static gpointer
refuse (GError **error)
{
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "the template's XML can't be changed");
  return NULL;
}

static gboolean
is_device (const char *xml)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (xml);

  return document != NULL && document->intSubset == NULL;
}

static void
set_namespace (xmlNode *node, xmlNs *ns)
{
  xmlSetNs (node, ns);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type == XML_ELEMENT_NODE)
        set_namespace (child, ns);
    }
}

static void
drop_element (xmlNode *metadata)
{
  for (xmlNode *node = metadata->children; node != NULL;)
    {
      xmlNode *next = node->next;
      if (_hotplug_xml_is (node, HOTPLUG_METADATA_KEY) && node->ns != NULL
          && strcmp ((const char *)node->ns->href, HOTPLUG_METADATA_URI) == 0)
        {
          xmlUnlinkNode (node);
          xmlFreeNode (node);
        }
      node = next;
    }
}

/* The template's <metadata> with our element in it: all of that is in our namespace, as libvirt's
 * virDomainSetMetadata () does it, and what others have there keeps its blanks. */
static char *
print_metadata (const char *xml, const char *element)
{
  g_autoptr (xmlDoc) ours = _hotplug_xml_parse (element);
  g_autoptr (xmlDoc) document = xmlReadMemory (xml, (int)strlen (xml), NULL, NULL,
                                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlNode *root = ours != NULL ? xmlDocGetRootElement (ours) : NULL;
  xmlNode *copy = root != NULL ? xmlDocCopyNode (root, document, 1) : NULL;
  xmlNode *metadata = _hotplug_xml_find (xmlDocGetRootElement (document), "metadata");

  if (copy == NULL)
    return NULL;
  if (metadata == NULL)
    metadata = _hotplug_xml_add (xmlDocGetRootElement (document), "metadata", NULL);
  drop_element (metadata);
  xmlAddChild (metadata, copy);
  set_namespace (copy, xmlNewNs (copy, BAD_CAST HOTPLUG_METADATA_URI, BAD_CAST HOTPLUG_METADATA_KEY));

  xmlBuffer *buffer = xmlBufferCreate ();
  xmlNodeDump (buffer, document, metadata, 0, 0);
  char *text = g_strdup ((const char *)xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

/* The blanks before @end */
static gsize
find_blanks (const char *xml, gsize end)
{
  while (end > 0 && g_ascii_isspace (xml[end - 1]))
    end--;
  return end;
}

/* Everything behind the last device, with @devices before it */
static void
append_devices (GString *text, const char *xml, const HotplugTemplateLayout *layout, const GPtrArray *devices)
{
  gsize at = layout->empty ? layout->devices.begin : find_blanks (xml, layout->inside_end);

  g_string_append_len (text, xml, (gssize)at);
  if (layout->empty)
    g_string_append (text, "<devices>");
  for (guint i = 0; i < devices->len; i++)
    g_string_append_printf (text, INDENT "%s", (const char *)g_ptr_array_index (devices, i));
  if (layout->empty)
    g_string_append (text, "</devices>");
  g_string_append (text, xml + (layout->empty ? layout->devices.end : at));
}

static char *
set_element (const char *xml, const char *element)
{
  g_autoptr (HotplugTemplateLayout) layout = _hotplug_template_layout_new (xml);
  g_autofree char *metadata = layout != NULL ? print_metadata (xml, element) : NULL;

  if (metadata == NULL)
    return NULL;

  gboolean has = layout->metadata.end != 0;
  gsize begin = has ? layout->metadata.begin : layout->devices.begin;
  gsize end = has ? layout->metadata.end : layout->devices.begin;
  return g_strdup_printf ("%.*s%s%s", (int)begin, xml, metadata, xml + end);
}

char *
_hotplug_template_add_devices (const char *xml, const GPtrArray *devices, const char *element, GError **error)
{
  g_autoptr (HotplugTemplateLayout) layout = _hotplug_template_layout_new (xml);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean ok = layout != NULL;

  for (guint i = 0; ok && i < devices->len; i++)
    ok = is_device (g_ptr_array_index (devices, i));
  if (!ok)
    return refuse (error);

  append_devices (text, xml, layout, devices);
  char *changed = element != NULL ? set_element (text->str, element) : g_string_free (g_steal_pointer (&text), FALSE);
  return changed != NULL ? changed : refuse (error);
}

/* Of our aliases of that kind; NULL for a kind that can't be ours */
static const char *
prefix_of (const char *element)
{
  if (strcmp (element, "disk") == 0)
    return HOTPLUG_VOLUME_ALIAS_PREFIX;
  return strcmp (element, "interface") == 0 ? HOTPLUG_INTERFACE_ALIAS_PREFIX : NULL;
}

static gboolean
is_one_of (const HotplugDeviceSpan *device, const char *const *aliases)
{
  const char *prefix = prefix_of (device->name);

  return prefix != NULL && device->alias != NULL && g_str_has_prefix (device->alias, prefix)
         && g_strv_contains (aliases, device->alias);
}

/* How many of @children up to @end have the name of an element */
static guint
count_named (const GPtrArray *children, guint end, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < end; i++)
    count += strcmp (((const HotplugDeviceSpan *)g_ptr_array_index (children, i))->name, name) == 0;
  return count;
}

GPtrArray *
_hotplug_template_list_devices (const char *xml, const char *const *aliases, GError **error)
{
  g_autoptr (HotplugTemplateLayout) layout = _hotplug_template_layout_new (xml);

  if (layout == NULL)
    return refuse (error);

  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_template_device_free);
  for (guint i = 0; i < layout->children->len; i++)
    {
      const HotplugDeviceSpan *child = g_ptr_array_index (layout->children, i);
      if (!is_one_of (child, aliases))
        continue;
      g_autofree char *text = g_strndup (xml + child->span.begin, child->span.end - child->span.begin);
      g_ptr_array_add (
          devices, _hotplug_template_device_new (child->alias, text, count_named (layout->children, i, child->name)));
    }
  return devices;
}

/* @aliases: (nullable): interfaces, whatever they are called */
static char *
drop (const char *xml, const char *const *aliases, GError **error)
{
  g_autoptr (HotplugTemplateLayout) layout = _hotplug_template_layout_new (xml);
  g_autoptr (GString) text = g_string_new (NULL);
  gsize from = 0;

  if (layout == NULL)
    return refuse (error);

  for (guint i = 0; i < layout->children->len; i++)
    {
      const HotplugDeviceSpan *child = g_ptr_array_index (layout->children, i);
      if (aliases != NULL ? !is_one_of (child, aliases) : strcmp (child->name, "interface") != 0)
        continue;
      gsize until = find_blanks (xml, child->span.begin);
      g_string_append_len (text, xml + from, (gssize)(until - from));
      from = child->span.end;
    }
  g_string_append (text, xml + from);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
_hotplug_template_drop_devices (const char *xml, const char *const *aliases, GError **error)
{
  return drop (xml, aliases, error);
}

char *
_hotplug_template_drop_interfaces (const char *xml, GError **error)
{
  return drop (xml, NULL, error);
}

/* What it stood behind: the last of its name that is in front of it now; NULL: it was the first */
static const HotplugDeviceSpan *
find_place (const HotplugTemplateLayout *layout, const char *name, guint position, const HotplugDeviceSpan **next)
{
  const HotplugDeviceSpan *last = NULL;

  *next = NULL;
  for (guint i = 0, count = 0; i < layout->children->len; i++)
    {
      const HotplugDeviceSpan *child = g_ptr_array_index (layout->children, i);
      if (strcmp (child->name, name) != 0)
        continue;
      if (count++ == position)
        {
          *next = child;
          break;
        }
      last = child;
    }
  return last;
}

static char *
restore_one (const char *xml, const HotplugTemplateDevice *device)
{
  const char *const aliases[] = { device->alias, NULL };
  g_autoptr (HotplugTemplateLayout) layout = is_device (device->xml) ? _hotplug_template_layout_new (xml) : NULL;

  for (guint i = 0; layout != NULL && i < layout->children->len; i++)
    {
      if (is_one_of (g_ptr_array_index (layout->children, i), aliases))
        return g_strdup (xml);
    }
  if (layout == NULL)
    return NULL;

  g_autofree char *name = g_strndup (device->xml + 1, strcspn (device->xml + 1, " \t\r\n/>"));
  const HotplugDeviceSpan *next;
  const HotplugDeviceSpan *last = find_place (layout, name, device->position, &next);
  if (next != NULL && last == NULL)
    return g_strdup_printf ("%.*s%s" INDENT "%s", (int)next->span.begin, xml, device->xml, xml + next->span.begin);
  if (last != NULL)
    return g_strdup_printf ("%.*s" INDENT "%s%s", (int)last->span.end, xml, device->xml, xml + last->span.end);

  g_autoptr (GPtrArray) devices = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_ptr_array_add (devices, device->xml);
  append_devices (text, xml, layout, devices);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Of a definition that has lost its last device with a boot order libvirt says that it boots from a hard disk, and both
 * together it refuses (9.0.0 src/conf/domain_postparse.c). */
static char *
drop_boots (const char *xml)
{
  g_autoptr (HotplugTemplateLayout) layout = _hotplug_template_layout_new (xml);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean boots = FALSE;
  gsize from = 0;

  for (guint i = 0; layout != NULL && i < layout->children->len; i++)
    boots = boots || ((const HotplugDeviceSpan *)g_ptr_array_index (layout->children, i))->boots;
  for (guint i = 0; boots && i < layout->boots->len; i++)
    {
      const HotplugSpan *boot = &g_array_index (layout->boots, HotplugSpan, i);
      gsize until = find_blanks (xml, boot->begin);
      g_string_append_len (text, xml + from, (gssize)(until - from));
      from = boot->end;
    }
  g_string_append (text, xml + from);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  guint first = (*(const HotplugTemplateDevice *const *)a)->position;
  guint second = (*(const HotplugTemplateDevice *const *)b)->position;

  return first < second ? -1 : first > second;
}

/* Who stood in front goes first, since the others' positions count him. */
char *
_hotplug_template_restore_devices (const char *xml, const GPtrArray *devices, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autofree char *text = g_strdup (xml);

  for (guint i = 0; i < devices->len; i++)
    g_ptr_array_add (sorted, g_ptr_array_index (devices, i));
  g_ptr_array_sort (sorted, compare_positions);
  for (guint i = 0; i < sorted->len; i++)
    {
      char *with = restore_one (text, g_ptr_array_index (sorted, i));
      if (with == NULL)
        return refuse (error);
      g_free (text);
      text = with;
    }
  return drop_boots (text);
}
