/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "xml/hotplug-capabilities-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

#define DAC "dac"
/* QEMU without KVM; that with KVM has the same label (libvirt 9.0.0 src/qemu/qemu_conf.c:1392) */
#define KIND "qemu"

/* <secmodel><model>dac</model>…<baselabel type='qemu'>+64055:+64055</baselabel></secmodel> */
typedef struct
{
  gboolean is_dac;
  gboolean is_kind;
  gboolean found;
  guint uid;
  guint gid;
  char *host;
} Place;

static gboolean
read_secmodel (const HotplugXmlElement *element G_GNUC_UNUSED, gpointer user_data)
{
  ((Place *)user_data)->is_dac = FALSE;
  return TRUE;
}

static void
read_model (const HotplugXmlElement *element G_GNUC_UNUSED, const char *text, gpointer user_data)
{
  ((Place *)user_data)->is_dac = text != NULL && strcmp (text, DAC) == 0;
}

static gboolean
read_label_kind (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *)user_data)->is_kind = _hotplug_xml_element_says (element, "type", KIND);
  return TRUE;
}

/* Numbers with a plus, so that nobody takes them for names: src/security/security_dac.c:306 */
static void
read_label (const HotplugXmlElement *element G_GNUC_UNUSED, const char *text, gpointer user_data)
{
  Place *place = user_data;
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ":", 2);
  guint64 ids[2];

  if (!place->is_dac || !place->is_kind || place->found || g_strv_length (parts) != 2)
    return;
  for (guint i = 0; i < 2; i++)
    {
      if (!g_ascii_string_to_unsigned (parts[i] + (*parts[i] == '+'), 10, 0, G_MAXUINT32 - 1, &ids[i], NULL))
        return;
    }
  place->found = TRUE;
  place->uid = (guint)ids[0];
  place->gid = (guint)ids[1];
}

static void
read_host (const HotplugXmlElement *element G_GNUC_UNUSED, const char *text, gpointer user_data)
{
  Place *place = user_data;

  if (place->host == NULL && text != NULL && g_uuid_string_is_valid (text))
    place->host = g_ascii_strdown (text, -1);
}

static const HotplugXmlRule secmodel_rules[] = {
  { "model", .text = read_model },
  { "baselabel", .open = read_label_kind, .text = read_label },
  { NULL },
};

static const HotplugXmlRule host_rules[] = {
  { "uuid", .text = read_host },
  { "secmodel", secmodel_rules, .open = read_secmodel },
  { NULL },
};

static const HotplugXmlRule capabilities_rules[] = {
  { "host", host_rules },
  { NULL },
};

static const HotplugXmlRule root_rules[] = {
  { "capabilities", capabilities_rules },
  { NULL },
};

gboolean
_hotplug_capabilities_find_user (const char *xml, guint *uid, guint *gid)
{
  Place place = { 0 };

  gboolean read = _hotplug_xml_read (xml, "capabilities", root_rules, &place, NULL);
  g_free (place.host);
  if (!read || !place.found)
    return FALSE;
  *uid = place.uid;
  *gid = place.gid;
  return TRUE;
}

char *
_hotplug_capabilities_find_host (const char *xml)
{
  Place place = { 0 };

  if (!_hotplug_xml_read (xml, "capabilities", root_rules, &place, NULL))
    g_clear_pointer (&place.host, g_free);
  return place.host;
}
