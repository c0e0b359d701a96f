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
  char *file = _hotplug_xml_element_dup (element, "file");

  if (file != NULL)
    g_ptr_array_add (user_data, file);
  return TRUE;
}

void
_hotplug_snapshot_add_files (const char *xml, GPtrArray *files)
{
  static const HotplugXmlRule disk[] = { { "source", .open = read_source }, { NULL } };
  static const HotplugXmlRule disks[] = { { "disk", disk, .open = is_external }, { NULL } };
  static const HotplugXmlRule children[] = { { "disks", disks }, { NULL } };
  static const HotplugXmlRule rules[] = { { "domainsnapshot", children }, { NULL } };
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_xml_read (xml, "snapshot XML", rules, files, &refused))
    g_debug ("a snapshot is passed over: %s", refused->message);
}
