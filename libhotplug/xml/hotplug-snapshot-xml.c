/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-snapshot-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

static gboolean
is_external (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_xml_element_says (element, "snapshot", "external");
}

static gboolean
read_source (const HotplugXmlElement *element, gpointer user_data)
{
  g_autofree char *file = _hotplug_xml_element_dup (element, "file");

  if (file != NULL)
    g_hash_table_add (user_data, g_path_get_dirname (file));
  return TRUE;
}

void
_hotplug_snapshot_add_directories (const char *xml, GHashTable *directories)
{
  static const HotplugXmlRule disk[] = { { "source", .open = read_source }, { NULL } };
  static const HotplugXmlRule disks[] = { { "disk", disk, .open = is_external }, { NULL } };
  static const HotplugXmlRule children[] = { { "disks", disks }, { NULL } };
  static const HotplugXmlRule rules[] = { { "domainsnapshot", children }, { NULL } };
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_xml_read (xml, "snapshot XML", rules, directories, &refused))
    g_debug ("a snapshot is passed over: %s", refused->message);
}
