/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "fuzz/fuzz.h"
#include "manifest/hotplug-manifest-kubevirt-private.h"
#include "manifest/hotplug-manifest-private.h"
#include "manifest/hotplug-manifest-reader-private.h"
#include "model/hotplug-data-volume-private.h"

/* From text to objects, and what is made of them */

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == HOTPLUG_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strpbrk (error->message, "\n\r\x1b"));
  g_assert_true (g_str_has_prefix (error->message, "line "));
}

/* The bound is on what contains; a value may stand in the deepest. */
static void
check_lines (const HotplugManifestDocument *document, JsonNode *node, guint depth)
{
  g_assert_true (depth <= HOTPLUG_MANIFEST_DEPTH_MAX || JSON_NODE_HOLDS_VALUE (node) || JSON_NODE_HOLDS_NULL (node));
  g_assert_cmpuint (_hotplug_manifest_document_line (document, node), >, 0);

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        check_lines (document, json_array_get_element (array, i), depth + 1);
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *value;
      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &value))
        check_lines (document, value, depth + 1);
    }
}

/* What is read is written, and that is read as the same. */
static void
check_round (const HotplugManifestDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json = json_to_string (document->root, FALSE);
  g_autofree char *yaml = _hotplug_manifest_to_yaml (document->root);

  if (strlen (yaml) > HOTPLUG_MANIFEST_BYTES_MAX)
    return;

  g_autoptr (GPtrArray) again = _hotplug_manifest_read (yaml, strlen (yaml), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 1);
  g_autofree char *same = json_to_string (((HotplugManifestDocument *)again->pdata[0])->root, FALSE);
  g_assert_cmpstr (json, ==, same);
}

static void
check_object (HotplugManifest *object)
{
  g_assert_nonnull (hotplug_manifest_get_kind (object));
  g_assert_nonnull (hotplug_manifest_get_api_version (object));
  g_assert_cmpuint (hotplug_manifest_get_line (object), >, 0);
}

/* A volume that was read is written, and that is read as the same. */
static void
check_volume (HotplugManifest *object)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_from_manifest (object, &error);

  if (volume == NULL)
    {
      check_error (error);
      return;
    }

  g_autofree char *written = hotplug_data_volume_to_manifest (volume, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (written, -1, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugDataVolume) again = hotplug_data_volume_new_from_manifest (objects->pdata[0], &error);
  g_assert_no_error (error);
  g_autofree char *same = hotplug_data_volume_to_manifest (again, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_cmpstr (written, ==, same);
}

static void
check_migration (HotplugManifest *object)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugMigrationRequest) request = hotplug_migration_request_new_from_manifest (object, &error);

  if (request == NULL)
    {
      check_error (error);
      return;
    }
  g_assert_nonnull (hotplug_migration_request_get_name (request));
  g_assert_cmpstr (hotplug_migration_request_get_vmi_name (request), !=, "");
  g_assert_cmpstr (hotplug_migration_request_get_destination_uri (request), !=, "");
}

/* A request that was read makes a volume, or says why not. */
static void
check_requests (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) no_removal = NULL;
  g_autoptr (HotplugDataVolume) blank = hotplug_data_volume_new_blank ("data", 4096, NULL);
  g_autoptr (HotplugDataVolume) found = _hotplug_data_volume_with_status (
      blank, 4096, NULL, "/srv/data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, 1.0, NULL);
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_add (text, (gssize)length, &error);
  g_autoptr (GPtrArray) removals = hotplug_volume_request_parse_remove (text, (gssize)length, &no_removal);

  if (removals == NULL)
    check_error (no_removal);
  if (requests == NULL)
    check_error (error);
  for (guint i = 0; requests != NULL && i < requests->len; i++)
    {
      g_autoptr (GError) refused = NULL;
      g_autoptr (HotplugVolume) volume = hotplug_volume_request_make_volume (requests->pdata[i], found, &refused);
      if (volume == NULL)
        check_error (refused);
    }
}

static void
fuzz_text (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) no_gates = NULL;
  HotplugGateBits gates;
  g_autoptr (GPtrArray) documents = _hotplug_manifest_read (text, length, &error);

  if (documents == NULL)
    check_error (error);
  for (guint i = 0; documents != NULL && i < documents->len; i++)
    {
      const HotplugManifestDocument *document = g_ptr_array_index (documents, i);
      check_lines (document, document->root, 1);
      check_round (document);
    }

  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, (gssize)length, &refused);
  if (objects == NULL)
    check_error (refused);
  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      check_object (g_ptr_array_index (objects, i));
      check_volume (g_ptr_array_index (objects, i));
      check_migration (g_ptr_array_index (objects, i));
    }

  check_requests (text, length);
  if (!_hotplug_manifest_read_gates (text, length, &gates, &no_gates))
    check_error (no_gates);
}

FUZZ_TARGET ("manifest")
