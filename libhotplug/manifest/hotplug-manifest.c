/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manifest/hotplug-manifest-private.h"

static char *
to_json (JsonNode *root)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 2);
  json_generator_set_root (generator, root);

  g_autofree char *text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

char *
_hotplug_manifest_to_string (JsonNode *root, HotplugManifestFormat format)
{
  switch (format)
    {
    case HOTPLUG_MANIFEST_FORMAT_JSON:
      return to_json (root);
    case HOTPLUG_MANIFEST_FORMAT_YAML:
      return _hotplug_manifest_to_yaml (root);
    default:
      g_return_val_if_reached (NULL);
    }
}
