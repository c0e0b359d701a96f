/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>
#include <json-glib/json-glib.h>

#include "base/hotplug-name-private.h"
#include "model/hotplug-volume-status-private.h"
#include "vmi/hotplug-journal-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

/* What means something to printf, XML, JSON, YAML, a key file or a terminal, as a name, a serial, a path and somebody
 * else's words: refused with a message of one line, or written so that it is read back as it was. */

#define TAIL ".img"

typedef struct
{
  const char *row;
  const char *word;
  const char *shown;     /* in a message */
  const char *attribute; /* in XML's attributes; NULL: no path has it */
  const char *text;      /* in XML's text */
  const char *json;
  const char *yaml; /* all of "/srv/WORD.img" */
} Row;

static const Row rows[] = {
  { "double-quote", "\"", "\\\"", "&quot;", "\"", "\\\"", "/srv/\".img" },
  { "single-quote", "'", "'", "'", "'", "'", "/srv/'.img" },
  { "less", "<", "<", "&lt;", "&lt;", "<", "/srv/<.img" },
  { "ampersand", "&", "&", "&amp;", "&amp;", "&", "/srv/&.img" },
  { "cdata-end", "]]>", "]]>", "]]&gt;", "]]&gt;", "]]>", "/srv/]]>.img" },
  { "cdata", "<![CDATA[", "<![CDATA[", "&lt;![CDATA[", "&lt;![CDATA[", "<![CDATA[", "/srv/<![CDATA[.img" },
  { "entity", "&lt;", "&lt;", "&amp;lt;", "&amp;lt;", "&lt;", "/srv/&lt;.img" },
  { "element", "'/><x a='", "'/><x a='", "'/&gt;&lt;x a='", "'/&gt;&lt;x a='", "'/><x a='", "/srv/'/><x a='.img" },
  { "comment", "<!--", "<!--", "&lt;!--", "&lt;!--", "<!--", "/srv/<!--.img" },
  { "string", "%s", "%s", "%s", "%s", "%s", "/srv/%s.img" },
  { "count", "%n%n%n", "%n%n%n", "%n%n%n", "%n%n%n", "%n%n%n", "/srv/%n%n%n.img" },
  { "backslash", "\\", "\\\\", "\\", "\\", "\\\\", "/srv/\\.img" },
  { "hash", "a #b", "a #b", "a #b", "a #b", "a #b", "'/srv/a #b.img'" },
  { "colon", "a: b", "a: b", "a: b", "a: b", "a: b", "'/srv/a: b.img'" },
  { "utf-8", "caf\xc3\xa9", "caf\\303\\251", "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9", "/srv/caf\xc3\xa9.img" },
  { "newline", "a\nb", "a\\nb", NULL, NULL, "a\\nb", "\"/srv/a\\nb.img\"" },
  { "return", "a\rb", "a\\rb", NULL, NULL, "a\\rb", "\"/srv/a\\rb.img\"" },
  { "tab", "a\tb", "a\\tb", NULL, NULL, "a\\tb", "\"/srv/a\\tb.img\"" },
  { "control", "a\001b", "a\\001b", NULL, NULL, "a\\u0001b", "\"/srv/a\\x01b.img\"" },
  { "escape", "\033[1m", "\\033[1m", NULL, NULL, "\\u001b[1m", "\"/srv/\\e[1m.img\"" },
  { "c1-control", "a\xc2\x9b", "a\\302\\233", NULL, NULL, "a\xc2\x9b", NULL },
  { "no-character", "a\xef\xbf\xbf", "a\\357\\277\\277", NULL, NULL, "a\xef\xbf\xbf", NULL },
  { "latin-1", "caf\xe9", "caf\\351", NULL, NULL, "caf\xef\xbf\xbd", NULL },
};

static void
assert_refused (HotplugVolume *volume, GError *error, HotplugError code, const char *message)
{
  g_assert_null (volume);
  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
  g_error_free (error);
}

static HotplugVolume *
make (const char *name, const char *path, const char *serial, GError **error)
{
  return g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, error, "name", name, "path", path, "serial", serial, NULL);
}

static void
test_name (gconstpointer data)
{
  const Row *row = data;
  GError *error = NULL;
  g_autofree char *message = g_strdup_printf (
      "volume name \"%s\": a name has lower-case letters, digits and inner hyphens only", row->shown);
  HotplugVolume *volume = make (row->word, "/srv/data.img", "data", &error);
  assert_refused (volume, g_steal_pointer (&error), HOTPLUG_ERROR_INVALID_NAME, message);

  g_autofree char *filling = g_strnfill (64, 'x');
  g_autofree char *longer = g_strconcat (filling, row->word, NULL);
  g_autofree char *told = g_strdup_printf ("volume name \"%s%s\": %" G_GSIZE_FORMAT
                                           " characters, at most 63 are allowed",
                                           filling, row->shown, strlen (longer));
  volume = make (longer, "/srv/data.img", "data", &error);
  assert_refused (volume, error, HOTPLUG_ERROR_INVALID_NAME, told);
}

static void
test_serial (gconstpointer data)
{
  const Row *row = data;
  GError *error = NULL;
  g_autofree char *message = g_strdup_printf (
      "volume \"data\": serial \"%s\": a serial has letters, digits and _ . + - only", row->shown);
  HotplugVolume *volume = make ("data", "/srv/data.img", row->word, &error);

  assert_refused (volume, error, HOTPLUG_ERROR_SERIAL_INVALID, message);
}

static HotplugDisk *
new_disk (const char *path, const char *serial)
{
  HotplugDisk *disk = _hotplug_disk_new ();

  disk->alias = g_strdup ("ua-hpv-data");
  disk->device = g_strdup ("disk");
  disk->target = g_strdup ("sda");
  disk->path = g_strdup (path);
  disk->serial = g_strdup (serial);
  return disk;
}

static void
assert_has (const char *xml, const char *before, const char *quoted, const char *after)
{
  g_autofree char *golden = g_strconcat (before, quoted, after, NULL);

  if (strstr (xml, golden) == NULL)
    g_error ("no %s in %s", golden, xml);
}

/* A domain around it, whose disk or record is then the same again */
static void
assert_read_back (const char *before, const char *xml, const char *after, const HotplugDisk *disk)
{
  g_autofree char *all = g_strconcat ("<domain>", before, xml, after, "</domain>", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (all, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (domain->disks->len + domain->records->len, ==, 1);
  const HotplugDisk *read = domain->disks->len > 0 ? g_ptr_array_index (domain->disks, 0)
                                                   : ((HotplugRecord *) g_ptr_array_index (domain->records, 0))->disk;
  g_assert_cmpstr (read->path, ==, disk->path);
  g_assert_cmpstr (read->serial, ==, disk->serial);
}

static void
test_device_xml (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *path = g_strconcat ("/srv/", row->word, TAIL, NULL);

  if (row->attribute == NULL)
    {
      g_autofree char *message = g_strdup_printf ("volume \"data\": source \"/srv/%s" TAIL "\" has bytes that libvirt "
                                                  "can't be told: no UTF-8, or control characters",
                                                  row->shown);
      GError *error = NULL;
      HotplugVolume *refused = make ("data", path, NULL, &error);
      assert_refused (refused, error, HOTPLUG_ERROR_INVALID_ARGUMENT, message);
      return;
    }

  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = make ("data", path, NULL, &error);
  g_assert_no_error (error);
  /* our own serials have no such word; one of somebody else may, in a record of his hand */
  g_autoptr (HotplugDisk) disk = new_disk (hotplug_volume_get_path (volume), row->word);
  g_autofree char *xml = _hotplug_disk_to_xml (disk);

  assert_has (xml, "<source file=\"/srv/", row->attribute, TAIL "\"/>");
  assert_has (xml, "<serial>", row->text, "</serial>");
  assert_read_back ("<devices>", xml, "</devices>", disk);
}

static void
test_record_xml (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *path = g_strconcat ("/srv/", row->word, TAIL, NULL);
  g_autoptr (HotplugDisk) disk = new_disk (path, row->word);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_record_free);

  if (row->attribute == NULL)
    return;

  g_ptr_array_add (records, _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, disk));
  g_autofree char *xml = _hotplug_records_to_xml (records, NULL, NULL);
  g_assert_true (g_str_has_prefix (xml, "<hotplug>"));
  assert_has (xml, "<source file=\"/srv/", row->attribute, TAIL "\"/>");
  assert_has (xml, "<serial>", row->text, "</serial>");
  /* in a domain it has the namespace that libvirt gives it */
  g_autofree char *named
      = g_strconcat ("<hotplug xmlns='" HOTPLUG_METADATA_URI "'>", xml + strlen ("<hotplug>"), NULL);
  assert_read_back ("<metadata>", named, "</metadata>", disk);
}

/* A status says what is there, whoever put it there, and what the hypervisor said */
static HotplugVolumeStatus *
make_status (const Row *row)
{
  g_autofree char *path = g_strconcat ("/srv/", row->word, TAIL, NULL);
  HotplugVolumeStatusFields fields = {
    .name = (char *) row->word,
    .path = path,
    .serial = (char *) row->word,
    .message = (char *) row->word,
    .phase = HOTPLUG_VOLUME_PHASE_FAILED,
    .hotplugged = TRUE,
  };

  return _hotplug_volume_status_new (&fields);
}

static void
test_json (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (HotplugVolumeStatus) status = make_status (row);
  g_autofree char *json = hotplug_volume_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_JSON);
  g_autofree char *valid = g_utf8_make_valid (row->word, -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (json, &error);

  g_assert_no_error (error);
  assert_has (json, "\"name\" : \"", row->json, "\"");
  assert_has (json, "\"message\" : \"", row->json, "\"");
  assert_has (json, "\"serial\" : \"", row->json, "\"");
  assert_has (json, "\"path\" : \"/srv/", row->json, TAIL "\"");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (root), "name"), ==, valid);
}

static void
test_yaml (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (HotplugVolumeStatus) status = make_status (row);
  g_autofree char *yaml = hotplug_volume_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_YAML);

  g_assert_true (g_utf8_validate (yaml, -1, NULL));
  if (row->yaml != NULL)
    assert_has (yaml, "\n  path: ", row->yaml, "\n");
}

/* A refusal in the words of the hypervisor, which are UTF-8 by then, through the lock file of a machine */
static void
test_journal (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *valid = g_utf8_make_valid (row->word, -1);
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  g_assert_true (_hotplug_journal_set_refusal (journal, "data", valid));
  g_autofree char *text = _hotplug_journal_to_text (journal);
  g_autoptr (HotplugJournal) read = _hotplug_journal_from_text (text);
  g_assert_cmpuint (read->refusals->len, ==, 1);
  const HotplugRefusal *refusal = g_ptr_array_index (read->refusals, 0);
  g_assert_cmpstr (refusal->alias, ==, "data");
  g_assert_cmpstr (refusal->message, ==, valid);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *name;
    GTestDataFunc test;
  } tables[] = {
    { "name", test_name },
    { "serial", test_serial },
    { "device-xml", test_device_xml },
    { "record-xml", test_record_xml },
    { "json", test_json },
    { "yaml", test_yaml },
    { "journal", test_journal },
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize table = 0; table < G_N_ELEMENTS (tables); table++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          g_autofree char *path = g_strdup_printf ("/quoting/%s/%s", tables[table].name, rows[i].row);
          g_test_add_data_func (path, &rows[i], tables[table].test);
        }
    }

  return g_test_run ();
}
