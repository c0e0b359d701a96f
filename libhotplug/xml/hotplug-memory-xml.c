/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-printable-private.h"
#include "xml/hotplug-memory-xml-private.h"

#define QUOTED_MAX 40

/* libvirt 9.0.0 src/util/virutil.c:170 (virScaleInteger): in any case, a letter and "iB", or a letter alone, is a power
 * of 1024, a letter and "B" one of 1000. The default of a domain's memory is in src/conf/domain_conf.c:8057. */
guint64
_hotplug_memory_unit (const char *unit)
{
  static const char letters[] = "kmgtpe";

  if (unit == NULL || *unit == '\0')
    return 1024;
  if (g_ascii_strcasecmp (unit, "b") == 0 || g_ascii_strcasecmp (unit, "byte") == 0
      || g_ascii_strcasecmp (unit, "bytes") == 0)
    return 1;

  const char *letter = strchr (letters, g_ascii_tolower (*unit));
  gboolean binary = unit[1] == '\0' || g_ascii_strcasecmp (unit + 1, "ib") == 0;
  if (letter == NULL || (!binary && g_ascii_strcasecmp (unit + 1, "b") != 0))
    return 0;

  guint64 bytes = 1;
  for (const char *at = letters; at <= letter; at++)
    bytes *= binary ? 1024 : 1000;
  return bytes;
}

gboolean
_hotplug_memory_read_unit (const HotplugXmlElement *element, guint64 *unit)
{
  if (*unit != 0)
    return FALSE;

  g_autofree char *word = _hotplug_xml_element_dup (element, "unit");
  *unit = _hotplug_memory_unit (word);
  if (*unit != 0)
    return TRUE;

  g_autofree char *quoted = _hotplug_printable (word, -1, QUOTED_MAX);
  _hotplug_xml_element_fail (element, "unit '%s' of <memory> is none of libvirt's, such as b, KiB, MiB, GB", quoted);
  return FALSE;
}

guint64
_hotplug_memory_read (const HotplugXmlElement *element, const char *text, guint64 unit)
{
  guint64 number = _hotplug_xml_element_text_number (element, text, HOTPLUG_MEMORY_BYTES_MAX / unit);

  return (number * unit + 1023) / 1024 * 1024;
}
