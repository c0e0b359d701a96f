/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-verbatim-private.h"
#include "xml/hotplug-xml-private.h"

static const char *const states[] = {
  [HOTPLUG_RECORD_ATTACHED] = "attached",
  [HOTPLUG_RECORD_REMOVING] = "removing",
  [HOTPLUG_RECORD_PENDING] = "pending",
  [HOTPLUG_RECORD_NAMED] = "named",
};

/* The device itself, in the hypervisor's words. What comes back is that, and not what we understand of it. */
static void
add_device (xmlNode *node, const HotplugRecord *record)
{
  g_autofree char *xml = _hotplug_record_to_device_xml (record);
  g_autofree char *settled = _hotplug_verbatim_settle (xml);
  g_autoptr (xmlDoc) document = settled != NULL ? _hotplug_xml_parse (settled) : NULL;

  if (document != NULL)
    xmlAddChild (node, xmlDocCopyNode (xmlDocGetRootElement (document), node->doc, 1));
}

/* One that is in no device list is told in words, and of one that is there only its name. */
static void
add_words (xmlNode *interface, const HotplugNic *nic)
{
  g_autofree char *address = _hotplug_address_to_string (&nic->address);
  const struct
  {
    const char *attribute;
    const char *value;
  } texts[] = {
    { "type", nic->type },
    { "source", nic->source },
    { "virtualport", nic->virtualport },
    { "mac", nic->mac },
    { "model", nic->model },
    { "tap", nic->tap },
    { "filter", nic->filter },
    { "address", address },
    { "link", nic->link_down ? "down" : NULL },
  };
  const struct
  {
    const char *attribute;
    guint value;
  } numbers[] = {
    { "vlan", nic->vlan },
    { "mtu", nic->mtu },
    { "queues", nic->queues },
    { "boot", nic->boot_order },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (texts[i].value != NULL)
        xmlNewProp (interface, BAD_CAST texts[i].attribute, BAD_CAST texts[i].value);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", numbers[i].value);
      if (numbers[i].value != 0)
        xmlNewProp (interface, BAD_CAST numbers[i].attribute, BAD_CAST text);
    }
}

static xmlNode *
add_nic_record (xmlNode *root, const HotplugRecord *record)
{
  const HotplugNic *nic = record->nic;
  xmlNode *interface = _hotplug_xml_add (root, "interface", "name", _hotplug_interface_name_from_alias (nic->alias),
                                         "state", states[record->state], "network", nic->attachment, NULL);

  if (record->state == HOTPLUG_RECORD_PENDING && record->persist)
    xmlNewProp (interface, BAD_CAST "persist", BAD_CAST "yes");
  if (record->state == HOTPLUG_RECORD_ATTACHED || record->state == HOTPLUG_RECORD_REMOVING)
    add_device (interface, record);
  else
    add_words (interface, nic);
  return interface;
}

static xmlNode *
add_disk_record (xmlNode *root, const HotplugRecord *record)
{
  xmlNode *volume = _hotplug_xml_add (root, "volume", "name", _hotplug_volume_name_from_alias (record->disk->alias),
                                      "state", states[record->state], NULL);
  g_autofree char *seen = g_strdup_printf ("%" G_GINT64_FORMAT, record->seen);

  if (record->seen != 0)
    xmlNewProp (volume, BAD_CAST "seen", BAD_CAST seen);
  add_device (volume, record);
  return volume;
}

/* With the namespace's prefix or without it: what nobody declared is a part of the name */
static const char *
local_name (const xmlNode *node)
{
  const char *colon = strchr ((const char *)node->name, ':');

  return colon != NULL ? colon + 1 : (const char *)node->name;
}

/* libvirt puts all of it into our namespace again. */
static void
drop_namespaces (xmlNode *node)
{
  g_autofree char *name = g_strdup (local_name (node));

  xmlNodeSetName (node, BAD_CAST name);
  node->ns = NULL;
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    attribute->ns = NULL;
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type == XML_ELEMENT_NODE)
        drop_namespaces (child);
    }
  xmlFreeNsList (g_steal_pointer (&node->nsDef));
}

static xmlNode *
find_kept (xmlNode *kept, const char *kind, const char *name)
{
  for (xmlNode *node = kept != NULL ? kept->children : NULL; node != NULL; node = node->next)
    {
      g_autofree char *called = _hotplug_xml_is (node, kind) ? _hotplug_xml_dup_value (node, "name") : NULL;
      if (called != NULL && g_strcmp0 (called, name) == 0)
        return node;
    }
  return NULL;
}

static void
keep_attributes (xmlNode *node, xmlNode *kept, const char *const *known)
{
  for (xmlAttr *attribute = kept->properties; attribute != NULL; attribute = attribute->next)
    {
      const char *name = (const char *)attribute->name;
      g_autofree char *value = _hotplug_xml_dup_value (kept, name);

      if (!g_strv_contains (known, name))
        xmlSetProp (node, BAD_CAST name, BAD_CAST (value != NULL ? value : ""));
    }
}

static void
keep_children (xmlNode *node, xmlNode *kept, const char *const *known)
{
  for (xmlNode *child = kept->children; child != NULL; child = child->next)
    {
      if (child->type == XML_ELEMENT_NODE && !g_strv_contains (known, (const char *)child->name))
        xmlAddChild (node, xmlDocCopyNode (child, node->doc, 1));
    }
}

/* What a newer libhotplug says beside what we know */
static void
keep_record (xmlNode *node, xmlNode *kept)
{
  static const char *const attributes[]
      = { "name",   "state", "type", "source", "network", "virtualport", "mac",     "model",   "tap",
          "filter", "vlan",  "mtu",  "queues", "boot",    "link",        "address", "persist", NULL };
  static const char *const of_volume[] = { "name", "state", "seen", NULL };
  static const char *const children[] = { "disk", "interface", NULL };

  keep_attributes (node, kept, _hotplug_xml_is (node, "volume") ? of_volume : attributes);
  keep_children (node, kept, children);
}

static void
add_record (xmlNode *root, const HotplugRecord *record, xmlNode *kept)
{
  const char *kind = record->disk != NULL ? "volume" : "interface";
  const char *alias = _hotplug_record_alias (record);
  const char *name = record->disk != NULL ? _hotplug_volume_name_from_alias (alias)
                                          : _hotplug_interface_name_from_alias (alias);
  xmlNode *before = find_kept (kept, kind, name);

  if (record->state == HOTPLUG_RECORD_UNKNOWN)
    {
      if (before != NULL)
        xmlAddChild (root, xmlDocCopyNode (before, root->doc, 1));
      return;
    }

  xmlNode *node = record->disk != NULL ? add_disk_record (root, record) : add_nic_record (root, record);
  if (before != NULL)
    keep_record (node, before);
}

static void
add_records (xmlNode *root, const GPtrArray *records, xmlNode *kept)
{
  for (guint i = 0; records != NULL && i < records->len; i++)
    add_record (root, g_ptr_array_index (records, i), kept);
}

static xmlNode *
make_element (const GPtrArray *records, const GPtrArray *names, const char *intent, xmlNode *kept)
{
  xmlNode *root = _hotplug_xml_add (NULL, HOTPLUG_METADATA_KEY, NULL);

  add_records (root, records, kept);
  add_records (root, names, kept);
  if (intent != NULL)
    xmlNewTextChild (root, NULL, BAD_CAST "intent", BAD_CAST intent);
  return root;
}

char *
_hotplug_records_to_xml (const GPtrArray *records, const GPtrArray *names, const char *intent)
{
  if (records->len == 0 && (names == NULL || names->len == 0) && intent == NULL)
    return NULL;
  return _hotplug_xml_print (make_element (records, names, intent, NULL));
}

char *
_hotplug_element_to_xml (const HotplugDomain *side)
{
  static const char *const attributes[] = { "uuid", "version", "seen", NULL };
  static const char *const children[] = { "volume", "interface", "intent", NULL };
  g_autoptr (xmlDoc) document = side->element != NULL ? _hotplug_xml_parse (side->element) : NULL;
  xmlNode *kept = document != NULL ? xmlDocGetRootElement (document) : NULL;

  if (side->records->len == 0 && side->names->len == 0 && side->intent == NULL && kept == NULL)
    return NULL;

  if (kept != NULL)
    drop_namespaces (kept);
  xmlNode *root = make_element (side->records, side->names, side->intent, kept);
  xmlNewProp (root, BAD_CAST "version", BAD_CAST G_STRINGIFY (HOTPLUG_ELEMENT_VERSION));
  g_autofree char *seen = g_strdup_printf ("%" G_GINT64_FORMAT, side->seen);
  if (side->seen != 0)
    xmlNewProp (root, BAD_CAST "seen", BAD_CAST seen);
  if (side->uuid != NULL)
    xmlNewProp (root, BAD_CAST "uuid", BAD_CAST side->uuid);
  if (kept != NULL)
    {
      keep_attributes (root, kept, attributes);
      keep_children (root, kept, children);
    }
  return _hotplug_xml_print (root);
}

char *
_hotplug_record_to_text (const HotplugRecord *record)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_ptr_array_add (records, (gpointer)record);
  return _hotplug_records_to_xml (records, NULL, NULL);
}
