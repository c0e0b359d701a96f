/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "xml/hotplug-address-xml-private.h"
#include "xml/hotplug-verbatim-private.h"
#include "xml/hotplug-xml-private.h"

/* What libvirt leaves out where it writes a template: libvirt 9.0.0 src/conf/domain_conf.c, virDomainDiskDefFormat ()
 * and virDomainNetDefFormat () with VIR_DOMAIN_DEF_FORMAT_INACTIVE. A chain stays, other than there: it is known which
 * files it is, and following what their headers name would be less. */

/* libvirt's own names of tap devices, which it drops from templates: src/conf/domain_conf.c, virDomainNetDefParseXML */
static const char *const generated_taps[] = { "vnet", "macvtap", "macvlan" };

static void
settle_disk (xmlNode *node)
{
  _hotplug_xml_drop (node, "mirror");
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (_hotplug_xml_is (child, "source"))
        xmlUnsetProp (child, BAD_CAST "index");
      else if (_hotplug_xml_is (child, "backingStore"))
        {
          xmlUnsetProp (child, BAD_CAST "index");
          settle_disk (child);
        }
    }
}

static gboolean
is_generated (const char *tap)
{
  for (gsize i = 0; i < G_N_ELEMENTS (generated_taps); i++)
    {
      if (tap != NULL && g_str_has_prefix (tap, generated_taps[i]))
        return TRUE;
    }
  return FALSE;
}

static void
settle_interface (xmlNode *node)
{
  g_autofree char *tap = _hotplug_xml_dup_value (_hotplug_xml_find (node, "target"), "dev");

  _hotplug_xml_tell_network (node);
  if (is_generated (tap))
    _hotplug_xml_drop (node, "target");
}

static void
settle (xmlNode *node)
{
  if (_hotplug_xml_is (node, "disk"))
    settle_disk (node);
  else if (_hotplug_xml_is (node, "interface"))
    settle_interface (node);
}

static char *
print_root (xmlDoc *document)
{
  return _hotplug_xml_print (xmlCopyNode (xmlDocGetRootElement (document), 1));
}

char *
_hotplug_verbatim_settle (const char *xml)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (xml);

  if (document == NULL)
    return NULL;
  settle (xmlDocGetRootElement (document));
  return print_root (document);
}

/* In the base that libvirt reads them in */
static gboolean
says (xmlNode *node, const char *attribute, guint value)
{
  g_autofree char *text = _hotplug_xml_dup_value (node, attribute);

  return text == NULL ? value == 0 : g_ascii_strtoull (text, NULL, 0) == value;
}

static gboolean
is_at (xmlNode *node, const HotplugAddress *address)
{
  g_autofree char *type = _hotplug_xml_dup_value (node, "type");

  if (address->kind == HOTPLUG_ADDRESS_PCI)
    return g_strcmp0 (type, "pci") == 0 && says (node, "domain", address->domain) && says (node, "bus", address->bus)
           && says (node, "slot", address->slot) && says (node, "function", address->function);
  if (address->kind == HOTPLUG_ADDRESS_DRIVE)
    return g_strcmp0 (type, "drive") == 0 && says (node, "controller", address->controller)
           && says (node, "bus", address->bus) && says (node, "target", address->target)
           && says (node, "unit", address->unit);
  /* of another kind it is libvirt's */
  return address->kind == HOTPLUG_ADDRESS_OTHER || node == NULL;
}

static void
set_address (xmlNode *node, const HotplugAddress *address)
{
  if (is_at (_hotplug_xml_find (node, "address"), address))
    return;
  _hotplug_xml_drop (node, "address");
  _hotplug_xml_add_address (node, address);
}

static void
set_boot_order (xmlNode *node, guint order)
{
  xmlNode *boot = _hotplug_xml_find (node, "boot");
  g_autofree char *text = g_strdup_printf ("%u", order);

  if (order == 0)
    _hotplug_xml_drop (node, "boot");
  else if (boot == NULL)
    _hotplug_xml_add (node, "boot", "order", text, NULL);
  else if (!says (boot, "order", order))
    xmlSetProp (boot, BAD_CAST "order", BAD_CAST text);
}

static void
set_serial (xmlNode *node, const char *serial)
{
  xmlNode *now = _hotplug_xml_find (node, "serial");
  xmlChar *text = now != NULL ? xmlNodeGetContent (now) : NULL;
  gboolean same = g_strcmp0 ((const char *)text, serial) == 0;

  xmlFree (text);
  if (same)
    return;
  _hotplug_xml_drop (node, "serial");
  if (serial != NULL)
    xmlNewTextChild (node, NULL, BAD_CAST "serial", BAD_CAST serial);
}

static void
set_word (xmlNode *node, const char *attribute, const char *word)
{
  g_autofree char *now = _hotplug_xml_dup_value (node, attribute);

  if (node != NULL && g_strcmp0 (now, word) != 0)
    xmlSetProp (node, BAD_CAST attribute, BAD_CAST word);
}

static void
place_disk (xmlNode *node, const HotplugDisk *disk)
{
  set_word (_hotplug_xml_find (node, "target"), "dev", disk->target);
  set_serial (node, disk->serial);
  set_boot_order (node, disk->boot_order);
  set_address (node, &disk->address);
}

static void
place_interface (xmlNode *node, const HotplugNic *nic)
{
  xmlNode *target = _hotplug_xml_find (node, "target");
  xmlNode *mtu = _hotplug_xml_find (node, "mtu");
  g_autofree char *size = g_strdup_printf ("%u", nic->mtu);

  if (nic->tap == NULL && target != NULL)
    xmlUnsetProp (target, BAD_CAST "dev");
  if (target != NULL && target->properties == NULL && target->children == NULL)
    _hotplug_xml_drop (node, "target");
  if (nic->mtu == 0)
    _hotplug_xml_drop (node, "mtu");
  else if (mtu == NULL)
    _hotplug_xml_add (node, "mtu", "size", size, NULL);
  else if (!says (mtu, "size", nic->mtu))
    xmlSetProp (mtu, BAD_CAST "size", BAD_CAST size);
  set_boot_order (node, nic->boot_order);
  set_address (node, &nic->address);
}

char *
_hotplug_verbatim_place (const char *xml, const HotplugRecord *record)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (xml);

  if (document == NULL)
    return NULL;
  if (record->disk != NULL)
    place_disk (xmlDocGetRootElement (document), record->disk);
  else
    place_interface (xmlDocGetRootElement (document), record->nic);
  return print_root (document);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static char *
join (GPtrArray *words)
{
  g_ptr_array_sort (words, compare);
  g_ptr_array_add (words, NULL);
  return g_strjoinv ("\n", (char **)words->pdata);
}

/* A raw image has nothing behind it, whether that is said or not. */
static gboolean
says_nothing (const xmlNode *node)
{
  return node->type == XML_COMMENT_NODE || xmlIsBlankNode (node)
         || (_hotplug_xml_is (node, "backingStore") && node->properties == NULL && node->children == NULL);
}

/* One text of all that say the same, and of no other */
static char *
normalize (xmlNode *node)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  if (node->type != XML_ELEMENT_NODE)
    return g_strescape ((const char *)node->content, NULL);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autofree char *value = _hotplug_xml_dup_value (node, (const char *)attribute->name);
      g_autofree char *escaped = g_strescape (value != NULL ? value : "", NULL);
      g_ptr_array_add (words, g_strdup_printf ("@%s=%s", (const char *)attribute->name, escaped));
    }
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (!says_nothing (child))
        g_ptr_array_add (words, normalize (child));
    }

  g_autofree char *inside = join (words);
  g_autofree char *escaped = g_strescape (inside, NULL);
  return g_strdup_printf ("<%s %s", (const char *)node->name, escaped);
}

gboolean
_hotplug_verbatim_equal (const char *a, const char *b)
{
  g_autoptr (xmlDoc) one = _hotplug_xml_parse (a);
  g_autoptr (xmlDoc) other = _hotplug_xml_parse (b);

  if (one == NULL || other == NULL)
    return FALSE;

  g_autofree char *of_one = normalize (xmlDocGetRootElement (one));
  g_autofree char *of_other = normalize (xmlDocGetRootElement (other));
  return strcmp (of_one, of_other) == 0;
}

/* What tells one file, device or place on a network from another */
static gboolean
has_same_source (xmlNode *one, xmlNode *other)
{
  static const char *const names[] = { "file", "dev", "dir", "protocol", "name", "pool", "volume" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *of_one = _hotplug_xml_dup_value (_hotplug_xml_find (one, "source"), names[i]);
      g_autofree char *of_other = _hotplug_xml_dup_value (_hotplug_xml_find (other, "source"), names[i]);
      if (g_strcmp0 (of_one, of_other) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
copy_value (xmlNode *from, xmlNode *to, const char *attribute)
{
  g_autofree char *value = _hotplug_xml_dup_value (from, attribute);

  if (value != NULL && to != NULL)
    xmlSetProp (to, BAD_CAST attribute, BAD_CAST value);
}

/* libvirt 9.0.0 src/qemu/qemu_snapshot.c, qemuSnapshotDiskUpdateSource (), and qemu_blockjob.c,
 * qemuBlockJobEventProcessConcludedCopyPivot (): the template gets the source, and no chain */
char *
_hotplug_verbatim_move (const char *xml, const char *live)
{
  g_autofree char *settled = _hotplug_verbatim_settle (live);
  g_autoptr (xmlDoc) from = settled != NULL ? _hotplug_xml_parse (settled) : NULL;
  g_autoptr (xmlDoc) to = _hotplug_xml_parse (xml);
  xmlNode *there = from != NULL ? xmlDocGetRootElement (from) : NULL;
  xmlNode *disk = to != NULL ? xmlDocGetRootElement (to) : NULL;
  xmlNode *source = _hotplug_xml_find (there, "source");

  if (source == NULL || disk == NULL || !_hotplug_xml_is (disk, "disk") || has_same_source (disk, there))
    return NULL;

  copy_value (there, disk, "type");
  copy_value (_hotplug_xml_find (there, "driver"), _hotplug_xml_find (disk, "driver"), "type");
  _hotplug_xml_drop (disk, "source");
  _hotplug_xml_drop (disk, "backingStore");
  xmlAddChild (disk, xmlDocCopyNode (source, to, 1));
  return print_root (to);
}
