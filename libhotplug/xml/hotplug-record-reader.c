/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-mac-private.h"
#include "base/hotplug-name-private.h"
#include "xml/hotplug-place-private.h"
#include "xml/hotplug-record-xml-private.h"

/* The metadata is anybody's to write: what could not be ours is passed over, and never keeps a machine from being
 * read. */

/* As devices are */
#define RECORDS_MAX 65536

static guint
read_number (const HotplugXmlElement *element, const char *attribute)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, attribute);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL) ? (guint)number : 0;
}

static HotplugRecordState
read_state (const HotplugXmlElement *element)
{
  static const struct
  {
    const char *word;
    HotplugRecordState state;
  } words[] = {
    { "attached", HOTPLUG_RECORD_ATTACHED },
    { "removing", HOTPLUG_RECORD_REMOVING },
    { "pending", HOTPLUG_RECORD_PENDING },
    { "named", HOTPLUG_RECORD_NAMED },
  };
  gboolean volume = strcmp (_hotplug_xml_element_name (element), "volume") == 0;

  if (!_hotplug_xml_element_has (element, "state"))
    return HOTPLUG_RECORD_ATTACHED;
  for (gsize i = 0; i < (volume ? 2 : G_N_ELEMENTS (words)); i++)
    {
      if (_hotplug_xml_element_says (element, "state", words[i].word))
        return words[i].state;
    }
  return HOTPLUG_RECORD_UNKNOWN;
}

static gboolean
open_volume (const HotplugXmlElement *element, gpointer user_data)
{
  static const char *const known[] = { "name", "state", "seen", NULL };
  HotplugPlace *place = user_data;
  g_autofree char *name = _hotplug_xml_element_dup (element, "name");
  g_autofree char *seen = _hotplug_xml_element_dup (element, "seen");

  if (!_hotplug_name_check ("volume", name, NULL))
    return FALSE;

  place->record = g_new0 (HotplugRecord, 1);
  place->record->state = read_state (element);
  place->record->seen = seen != NULL ? g_ascii_strtoll (seen, NULL, 10) : 0;
  place->record->disk = _hotplug_disk_new ();
  place->record->disk->alias = _hotplug_volume_alias (name);
  place->record->disk->bus = HOTPLUG_BUS_OTHER;
  place->has_unknown = place->has_unknown || place->record->state == HOTPLUG_RECORD_UNKNOWN
                       || _hotplug_xml_element_has_others (element, known);
  return TRUE;
}

/* What is said of one that is in no device list, and by its name only of one that is */
static void
read_words (const HotplugXmlElement *element, HotplugNic *nic)
{
  g_autofree char *mac = _hotplug_xml_element_dup (element, "mac");
  g_autofree char *address = _hotplug_xml_element_dup (element, "address");

  nic->type = _hotplug_xml_element_dup (element, "type");
  nic->source = _hotplug_xml_element_dup (element, "source");
  nic->attachment = _hotplug_xml_element_dup (element, "network");
  nic->virtualport = _hotplug_xml_element_dup (element, "virtualport");
  nic->mac = _hotplug_mac_normalize (mac);
  nic->model = _hotplug_xml_element_dup (element, "model");
  nic->tap = _hotplug_xml_element_dup (element, "tap");
  nic->filter = _hotplug_xml_element_dup (element, "filter");
  nic->vlan = read_number (element, "vlan");
  nic->mtu = read_number (element, "mtu");
  nic->queues = read_number (element, "queues");
  nic->boot_order = read_number (element, "boot");
  nic->link_down = _hotplug_xml_element_says (element, "link", "down");
  _hotplug_address_from_string (address, &nic->address);
}

static gboolean
open_interface (const HotplugXmlElement *element, gpointer user_data)
{
  static const char *const known[]
      = { "name",   "state", "type", "source", "network", "virtualport", "mac",  "model",   "tap",
          "filter", "vlan",  "mtu",  "queues", "boot",    "link",        "address", "persist", NULL };
  HotplugPlace *place = user_data;
  g_autofree char *name = _hotplug_xml_element_dup (element, "name");

  if (!_hotplug_name_check ("interface", name, NULL))
    return FALSE;

  place->record = g_new0 (HotplugRecord, 1);
  place->record->state = read_state (element);
  place->record->nic = _hotplug_nic_new ();
  place->record->nic->alias = _hotplug_interface_alias (name);
  read_words (element, place->record->nic);
  place->record->persist = place->record->state == HOTPLUG_RECORD_PENDING
                           && _hotplug_xml_element_says (element, "persist", "yes");
  place->has_unknown = place->has_unknown || place->record->state == HOTPLUG_RECORD_UNKNOWN
                       || _hotplug_xml_element_has_others (element, known);
  return TRUE;
}

/* The device of a record is read by the rules of the machine's own, into a domain that has no other. */
static void
begin_device (const HotplugXmlElement *element, HotplugPlace *place)
{
  place->machine = place->domain;
  place->claimed = place->claims;
  place->domain = _hotplug_domain_new ();
  place->claims = _hotplug_claims_new ();
  _hotplug_xml_element_tolerate (element);
}

static void
end_device (HotplugPlace *place)
{
  _hotplug_domain_free (place->domain);
  _hotplug_claims_free (place->claims);
  place->domain = place->machine;
  place->claims = place->claimed;
  place->machine = NULL;
}

void
_hotplug_record_abandon (HotplugPlace *place)
{
  if (place->machine != NULL)
    end_device (place);
  g_clear_pointer (&place->record, _hotplug_record_free);
}

static gboolean
open_disk (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (place->record->disk->target != NULL)
    return FALSE;
  begin_device (element, place);
  return _hotplug_place_open_disk (element, place);
}

static gboolean
open_nic (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (place->record->nic->xml != NULL)
    return FALSE;
  begin_device (element, place);
  return _hotplug_place_open_nic (element, place);
}

/* libvirt gives all of our element its prefix. No other < stands in well-formed XML but in comments. */
static char *
drop_prefix (const char *xml)
{
  const char *name = xml + 1;
  const char *colon = name + strcspn (name, ": \t\r\n/>");

  if (*colon != ':')
    return g_strdup (xml);

  g_autofree char *open = g_strndup (xml, (gsize)(colon + 1 - xml));
  g_autofree char *close = g_strconcat ("</", open + 1, NULL);
  g_autoptr (GString) text = g_string_new (xml);
  g_string_replace (text, open, "<", 0);
  g_string_replace (text, close, "</", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
close_disk (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugRecord *record = place->record;

  _hotplug_place_close_device (element, place);
  gboolean refused = _hotplug_xml_element_was_refused (element);
  HotplugDisk *disk = _hotplug_disk_copy (g_ptr_array_index (place->domain->disks, 0));
  if (!refused && disk->target != NULL && disk->xml != NULL && g_strcmp0 (disk->alias, record->disk->alias) == 0)
    {
      g_autofree char *told = disk->xml;
      disk->xml = drop_prefix (told);
      _hotplug_disk_free (record->disk);
      record->disk = disk;
    }
  else
    _hotplug_disk_free (disk);
  end_device (place);
}

static void
close_nic (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugRecord *record = place->record;

  _hotplug_place_close_device (element, place);
  gboolean refused = _hotplug_xml_element_was_refused (element);
  HotplugNic *nic = _hotplug_nic_copy (g_ptr_array_index (place->domain->nics, 0));
  if (!refused && nic->xml != NULL && g_strcmp0 (nic->alias, record->nic->alias) == 0)
    {
      g_autofree char *told = nic->xml;
      nic->xml = drop_prefix (told);
      nic->attachment = g_steal_pointer (&record->nic->attachment);
      _hotplug_nic_free (record->nic);
      record->nic = nic;
    }
  else
    _hotplug_nic_free (nic);
  end_device (place);
}

/* One in unknown words has a name, which is taken. */
static gboolean
is_whole (const HotplugRecord *record)
{
  if (record->state == HOTPLUG_RECORD_UNKNOWN)
    return TRUE;
  if (record->disk != NULL)
    return record->disk->target != NULL;
  return record->nic->mac != NULL && record->nic->type != NULL
         && (record->nic->source != NULL || record->nic->attachment != NULL || record->nic->xml != NULL);
}

static void
close_record (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugDomain *domain = place->domain;
  g_autoptr (HotplugRecord) record = g_steal_pointer (&place->record);

  if (!is_whole (record))
    return;
  if (domain->records->len + domain->names->len == RECORDS_MAX)
    _hotplug_xml_element_fail (element, "more than %d records", RECORDS_MAX);
  g_ptr_array_add (record->state == HOTPLUG_RECORD_NAMED ? domain->names : domain->records, record);
  record = NULL;
}

static void
read_intent (const HotplugXmlElement *element G_GNUC_UNUSED, const char *text, gpointer user_data)
{
  HotplugDomain *domain = ((HotplugPlace *)user_data)->domain;

  if (domain->intent == NULL)
    domain->intent = g_strdup (text);
}

static gboolean
pass_over (const HotplugXmlElement *element G_GNUC_UNUSED, gpointer user_data)
{
  ((HotplugPlace *)user_data)->has_unknown = TRUE;
  return FALSE;
}

gboolean
_hotplug_record_open (const HotplugXmlElement *element, gpointer user_data)
{
  static const char *const known[] = { "uuid", "version", "seen", NULL };
  HotplugPlace *place = user_data;

  if (!_hotplug_xml_element_is (element, HOTPLUG_METADATA_KEY, HOTPLUG_METADATA_URI))
    return FALSE;

  _hotplug_xml_element_take (element, "uuid", &place->domain->owner);
  place->domain->version = MAX (place->domain->version, read_number (element, "version"));
  g_autofree char *seen = _hotplug_xml_element_dup (element, "seen");
  place->domain->seen = seen != NULL ? g_ascii_strtoll (seen, NULL, 10) : 0;
  place->domain->has_element = TRUE;
  place->has_unknown = _hotplug_xml_element_has_others (element, known);
  place->element_begin = _hotplug_xml_element_get_begin (element);
  return TRUE;
}

void
_hotplug_record_close (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (place->has_unknown && place->domain->element == NULL)
    place->domain->element = _hotplug_xml_element_dup_since (element, place->element_begin);
}

static void
make_inert (GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    ((HotplugRecord *)g_ptr_array_index (records, i))->state = HOTPLUG_RECORD_UNKNOWN;
}

/* What was copied with the machine that this one was made from is that one's. */
void
_hotplug_record_judge (HotplugDomain *domain)
{
  if (domain->version > HOTPLUG_ELEMENT_VERSION)
    make_inert (domain->records);
  if (!_hotplug_domain_is_borrowed (domain))
    return;
  g_ptr_array_set_size (domain->records, 0);
  g_ptr_array_set_size (domain->names, 0);
  g_clear_pointer (&domain->intent, g_free);
  g_clear_pointer (&domain->element, g_free);
  domain->version = 0;
}

static const HotplugXmlRule volume_rules[] = {
  { "disk", _hotplug_place_disk_rules, .open = open_disk, .close = close_disk },
  { HOTPLUG_XML_ANY, .open = pass_over },
  { NULL },
};

static const HotplugXmlRule interface_rules[] = {
  { "interface", _hotplug_place_nic_rules, .open = open_nic, .close = close_nic },
  { HOTPLUG_XML_ANY, .open = pass_over },
  { NULL },
};

const HotplugXmlRule _hotplug_record_rules[] = {
  { "volume", volume_rules, .open = open_volume, .close = close_record },
  { "interface", interface_rules, .open = open_interface, .close = close_record },
  { "intent", .text = read_intent },
  { HOTPLUG_XML_ANY, .open = pass_over },
  { NULL },
};

static const HotplugXmlRule root[] = { { .name = HOTPLUG_METADATA_KEY, .children = _hotplug_record_rules }, { NULL } };

HotplugRecord *
_hotplug_record_from_text (const char *text)
{
  g_autoptr (HotplugDomain) domain = _hotplug_domain_new ();
  HotplugPlace place = { .domain = domain };
  gboolean read = _hotplug_xml_read (text, "record", root, &place, NULL);

  _hotplug_network_source_clear (&place.network);
  _hotplug_record_abandon (&place);
  const GPtrArray *found = domain->records->len > 0 ? domain->records : domain->names;
  return read && found->len > 0 ? _hotplug_record_copy (g_ptr_array_index (found, 0)) : NULL;
}
