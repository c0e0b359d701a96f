/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "fuzz/fuzz.h"

/* From a manifest, or from a configuration of CNI, to an attachment */

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == HOTPLUG_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strpbrk (error->message, "\n\r\x1b"));
  g_assert_true (g_str_has_prefix (error->message, "line "));
}

/* What was read is written, and that is read as the same. */
static void
check_attachment (HotplugNetworkAttachment *attachment, const GError *refused)
{
  g_autoptr (GError) error = NULL;

  if (attachment == NULL)
    {
      check_error (refused);
      return;
    }

  g_assert_cmpuint (hotplug_network_attachment_get_vlan (attachment), <=, 4094);
  g_assert_cmpuint (hotplug_network_attachment_get_mtu (attachment), <=, 65535);
  g_assert_cmpuint (strlen (hotplug_network_attachment_get_bridge (attachment)), <=, 15);

  g_autofree char *written = hotplug_network_attachment_to_manifest (attachment, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (written, -1, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugNetworkAttachment) again = hotplug_network_attachment_new_from_manifest (objects->pdata[0], &error);
  g_assert_no_error (error);
  g_autofree char *same = hotplug_network_attachment_to_manifest (again, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_cmpstr (written, ==, same);
}

static void
fuzz_text (const char *text, gsize length)
{
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) no_manifest = NULL;
  g_autoptr (HotplugNetworkAttachment)
      config = hotplug_network_attachment_new_from_config (text, (gssize)length, "fuzz", &refused);
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, (gssize)length, &no_manifest);

  check_attachment (config, refused);
  if (objects == NULL)
    check_error (no_manifest);
  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugNetworkAttachment)
          attachment = hotplug_network_attachment_new_from_manifest (objects->pdata[i], &error);
      check_attachment (attachment, error);
    }
}

FUZZ_TARGET ("network-attachment")
