/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-xml.h"

#include "config.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include <hotplug/hotplug.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

static xmlDoc *
parse (const char *text)
{
  xmlDoc *doc = xmlReadMemory (text, (int)strlen (text), NULL, NULL, XML_PARSE_NOBLANKS | XML_PARSE_NONET);

  g_assert_nonnull (doc);
  return doc;
}

static char *
print (xmlDoc *doc)
{
  xmlChar *text;
  int size;

  xmlDocDumpFormatMemory (doc, &text, &size, 1);
  char *copy = g_strdup ((const char *)text);
  xmlFree (text);
  return copy;
}

static xmlNode *
child (xmlNode *node, const char *name)
{
  for (xmlNode *one = node != NULL ? node->children : NULL; one != NULL; one = one->next)
    {
      if (one->type == XML_ELEMENT_NODE && xmlStrEqual (one->name, BAD_CAST name))
        return one;
    }
  return NULL;
}

/* @path: element/element@attribute, the attribute may be missing */
static char *
value (xmlNode *node, const char *path)
{
  g_auto (GStrv) halves = g_strsplit (path, "@", 2);
  g_auto (GStrv) elements = g_strsplit (halves[0], "/", -1);
  xmlNode *found = node;

  for (guint i = 0; elements[i] != NULL && *elements[i] != '\0'; i++)
    found = child (found, elements[i]);
  if (found == NULL)
    return NULL;

  xmlChar *text = halves[1] != NULL ? xmlGetProp (found, BAD_CAST halves[1]) : xmlNodeGetContent (found);
  char *copy = g_strdup ((const char *)text);
  xmlFree (text);
  return copy;
}

/* Whether both have it, and it is the same */
static gboolean
same (xmlNode *a, xmlNode *b, const char *path)
{
  g_autofree char *of_a = value (a, path);
  g_autofree char *of_b = value (b, path);

  return of_a != NULL && g_strcmp0 (of_a, of_b) == 0;
}

static gboolean
is (xmlNode *node, const char *path, const char *text)
{
  g_autofree char *found = value (node, path);

  return g_strcmp0 (found, text) == 0;
}

static gboolean
same_address (xmlNode *a, xmlNode *b)
{
  if (!same (a, b, "address@type"))
    return FALSE;
  if (is (a, "address@type", "pci"))
    return same (a, b, "address@bus") && same (a, b, "address@slot") && same (a, b, "address@function");
  return same (a, b, "target@bus") && same (a, b, "address@controller") && same (a, b, "address@unit");
}

static gboolean
is_same_device (xmlNode *a, xmlNode *b)
{
  if (!xmlStrEqual (a->name, b->name))
    return FALSE;
  if (xmlStrEqual (a->name, BAD_CAST "interface"))
    return same (a, b, "mac@address");
  return xmlStrEqual (a->name, BAD_CAST "disk") ? same (a, b, "target@dev")
                                                : same (a, b, "@type") && same (a, b, "@index");
}

static const char *
clash (xmlNode *old, xmlNode *device)
{
  if (old->type != XML_ELEMENT_NODE)
    return NULL;
  if (is_same_device (old, device))
    return "target already exists";
  if (same (old, device, "alias@name"))
    return "non unique alias detected";
  return same_address (old, device) ? "Attempted double use of an address" : NULL;
}

/* libvirt would add a controller of its own liking: nobody is to rely on that */
static gboolean
has_controller (xmlNode *devices, xmlNode *disk)
{
  g_autofree char *index = value (disk, "address@controller");

  if (!is (disk, "target@bus", "scsi"))
    return TRUE;
  for (xmlNode *one = devices->children; one != NULL; one = one->next)
    {
      if (one->type == XML_ELEMENT_NODE && is (one, "@type", "scsi") && is (one, "@index", index))
        return TRUE;
    }
  return FALSE;
}

char *
fake_xml_attach (const char *domain, const char *device, GError **error)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  g_autoptr (xmlDoc) device_doc = parse (device);
  xmlNode *devices = child (xmlDocGetRootElement (doc), "devices");
  xmlNode *node = xmlDocGetRootElement (device_doc);
  const char *refusal = has_controller (devices, node) ? NULL : "No such controller";

  for (xmlNode *old = devices->children; old != NULL && refusal == NULL; old = old->next)
    refusal = clash (old, node);
  if (refusal != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "operation failed: %s", refusal);
      return NULL;
    }

  xmlAddChild (devices, xmlDocCopyNode (node, doc, 1));
  return print (doc);
}

static void
drop (xmlNode *node)
{
  xmlUnlinkNode (node);
  xmlFreeNode (node);
}

static gboolean
is_busy (xmlNode *devices, xmlNode *controller)
{
  g_autofree char *index = value (controller, "@index");

  for (xmlNode *one = devices->children; one != NULL; one = one->next)
    {
      if (one->type == XML_ELEMENT_NODE && is (one, "target@bus", "scsi") && is (one, "address@controller", index))
        return TRUE;
    }
  return FALSE;
}

char *
fake_xml_detach (const char *domain, const char *device, GError **error)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  g_autoptr (xmlDoc) device_doc = parse (device);
  xmlNode *devices = child (xmlDocGetRootElement (doc), "devices");
  xmlNode *node = xmlDocGetRootElement (device_doc);

  for (xmlNode *old = devices->children; old != NULL; old = old->next)
    {
      if (old->type != XML_ELEMENT_NODE || !is_same_device (old, node))
        continue;
      if (xmlStrEqual (old->name, BAD_CAST "controller") && is_busy (devices, old))
        {
          g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "operation failed: device is busy");
          return NULL;
        }
      drop (old);
      return print (doc);
    }

  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "device not found");
  return NULL;
}

static xmlNode *
find_same (xmlNode *devices, xmlNode *node)
{
  for (xmlNode *old = devices->children; old != NULL; old = old->next)
    {
      if (old->type == XML_ELEMENT_NODE && is_same_device (old, node))
        return old;
    }
  return NULL;
}

/* libvirt 9.0.0 src/qemu/qemu_hotplug.c:3507 */
static const char *
find_interface_change (xmlNode *old, xmlNode *node)
{
  static const char *const fixed[] = { "model@type",  "driver@queues", "target@dev",
                                       "address@bus", "alias@name",    "mtu@size" };

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    {
      g_autofree char *was = value (old, fixed[i]);
      if (!is (node, fixed[i], was))
        return fixed[i];
    }
  return NULL;
}

/* libvirt src/qemu/qemu_domain.c:8052 */
static const char *
find_change (xmlNode *old, xmlNode *node)
{
  static const char *const fixed[] = { "@device", "target@bus", "address@unit", "serial", "alias@name" };

  if (xmlStrEqual (old->name, BAD_CAST "interface"))
    return find_interface_change (old, node);
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    {
      g_autofree char *was = value (old, fixed[i]);
      if (was != NULL && !is (node, fixed[i], was))
        return fixed[i];
    }
  return is (old, "@device", "cdrom") ? NULL : "source";
}

static char *
replace_device (const char *domain, const char *device, gboolean live, GError **error)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  g_autoptr (xmlDoc) device_doc = parse (device);
  xmlNode *node = xmlDocGetRootElement (device_doc);
  xmlNode *old = find_same (child (xmlDocGetRootElement (doc), "devices"), node);
  const char *change = live && old != NULL ? find_change (old, node) : NULL;

  if (old == NULL || change != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "cannot modify field '%s' of the device",
                   change != NULL ? change : "target");
      return NULL;
    }
  xmlFreeNode (xmlReplaceNode (old, xmlDocCopyNode (node, doc, 1)));
  return print (doc);
}

char *
fake_xml_update (const char *domain, const char *device, GError **error)
{
  return replace_device (domain, device, FALSE, error);
}

char *
fake_xml_update_live (const char *domain, const char *device, GError **error)
{
  return replace_device (domain, device, TRUE, error);
}

static xmlNode *
find_alias (xmlDoc *doc, const char *alias)
{
  xmlNode *devices = child (xmlDocGetRootElement (doc), "devices");

  for (xmlNode *one = devices->children; one != NULL; one = one->next)
    {
      if (one->type == XML_ELEMENT_NODE && is (one, "alias@name", alias))
        return one;
    }
  return NULL;
}

gboolean
fake_xml_has_alias (const char *domain, const char *alias)
{
  g_autoptr (xmlDoc) doc = parse (domain);

  return find_alias (doc, alias) != NULL;
}

gboolean
fake_xml_has_mirror (const char *domain, const char *alias)
{
  g_autoptr (xmlDoc) doc = parse (domain);

  return child (find_alias (doc, alias), "mirror") != NULL;
}

char *
fake_xml_find_mirror (const char *domain, const char *target)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  xmlNode *devices = child (xmlDocGetRootElement (doc), "devices");

  for (xmlNode *one = devices->children; one != NULL; one = one->next)
    {
      if (one->type == XML_ELEMENT_NODE && is (one, "target@dev", target))
        return value (one, "mirror@job");
    }
  return NULL;
}

char *
fake_xml_drop_alias (const char *domain, const char *alias)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  xmlNode *node = find_alias (doc, alias);

  if (node == NULL)
    return NULL;
  drop (node);
  return print (doc);
}

char *
fake_xml_set_metadata (const char *domain, const char *key, const char *uri, const char *element)
{
  g_autoptr (xmlDoc) doc = parse (domain);
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *metadata = child (root, "metadata");

  if (metadata == NULL)
    metadata = xmlNewChild (root, NULL, BAD_CAST "metadata", NULL);
  for (xmlNode *old = metadata->children, *next; old != NULL; old = next)
    {
      next = old->next;
      if (old->ns != NULL && xmlStrEqual (old->ns->href, BAD_CAST uri))
        drop (old);
    }

  if (element != NULL)
    {
      g_autoptr (xmlDoc) element_doc = parse (element);
      xmlNode *copy = xmlDocCopyNode (xmlDocGetRootElement (element_doc), doc, 1);
      xmlAddChild (metadata, copy);
      xmlSetNs (copy, xmlNewNs (copy, BAD_CAST uri, BAD_CAST key));
    }
  return print (doc);
}

char *
fake_xml_start (const char *domain)
{
  static gint runs;
  g_autoptr (xmlDoc) doc = parse (domain);
  g_autofree char *run = g_strdup_printf ("%d", g_atomic_int_add (&runs, 1) + 1);

  xmlSetProp (xmlDocGetRootElement (doc), BAD_CAST "id", BAD_CAST run);
  return print (doc);
}

char *
fake_xml_name (const char *domain)
{
  g_autoptr (xmlDoc) doc = parse (domain);

  return value (xmlDocGetRootElement (doc), "name");
}
