/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "vmi/hotplug-journal-private.h"

static HotplugJournal *
again (const HotplugJournal *journal)
{
  g_autofree char *text = _hotplug_journal_to_text (journal);

  g_assert_nonnull (text);
  return _hotplug_journal_from_text (text);
}

static void
assert_empty (const HotplugJournal *journal)
{
  g_assert_cmpint (journal->intent.kind, ==, HOTPLUG_INTENT_NONE);
  g_assert_cmpuint (journal->refusals->len, ==, 0);
  g_assert_cmpuint (journal->doomed->len, ==, 0);
}

static void
test_intents (void)
{
  static const HotplugIntentKind kinds[] = { HOTPLUG_INTENT_ADD, HOTPLUG_INTENT_REMOVE, HOTPLUG_INTENT_START,
                                             HOTPLUG_INTENT_MEDIA, HOTPLUG_INTENT_UPDATE };
  static const char before[] = "  <disk>\n  <source file='/a;\\b'/>\n</disk> ";

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);
      const char *const volumes[] = { "data", "more", NULL };
      const guint ports[] = { 3, 250 };
      journal->intent = (HotplugIntent){
        .kind = kinds[i],
        .devices = kinds[i] != HOTPLUG_INTENT_START ? g_strdupv ((char **) volumes) : NULL,
        .ports = i == 0 ? g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (guint)), ports, 2) : NULL,
        .client = g_strdup ("a host, and \"its\" boot"),
        .medium = g_strdup (kinds[i] == HOTPLUG_INTENT_MEDIA ? "" : NULL),
        .live_before = g_strdup (kinds[i] == HOTPLUG_INTENT_MEDIA ? before : NULL),
        .template_before = g_strdup (kinds[i] == HOTPLUG_INTENT_MEDIA ? before + 1 : NULL),
        .live_after = g_strdup (kinds[i] == HOTPLUG_INTENT_UPDATE ? before : NULL),
        .template_after = g_strdup (kinds[i] == HOTPLUG_INTENT_UPDATE ? before + 1 : NULL),
        .record_before = g_strdup (kinds[i] == HOTPLUG_INTENT_UPDATE ? before + 2 : NULL),
        .record_after = g_strdup (kinds[i] == HOTPLUG_INTENT_UPDATE ? "" : NULL),
        .controller_template = i == 0,
        .controller_index = i == 0 ? 7 : 0,
      };

      g_autoptr (HotplugJournal) read = again (journal);
      g_assert_cmpint (read->intent.kind, ==, journal->intent.kind);
      if (journal->intent.devices != NULL)
        g_assert_cmpstrv (read->intent.devices, journal->intent.devices);
      else
        g_assert_null (read->intent.devices);
      g_assert_true (_hotplug_journal_intends (read, kinds[i], "more") == (kinds[i] != HOTPLUG_INTENT_START));
      g_assert_false (_hotplug_journal_intends (read, kinds[i], "other"));
      const GArray *read_ports = read->intent.ports;
      /* GLib's macro does not put its arguments into parentheses in each release */
      const void *indexes = read_ports != NULL ? read_ports->data : NULL;
      gsize size = read_ports != NULL ? read_ports->len * sizeof (guint) : 0;
      gsize expected = i == 0 ? sizeof ports : 0;
      g_assert_cmpmem (indexes, size, ports, expected);
      g_assert_cmpstr (read->intent.client, ==, journal->intent.client);
      g_assert_cmpstr (read->intent.live_after, ==, journal->intent.live_after);
      g_assert_cmpstr (read->intent.template_after, ==, journal->intent.template_after);
      g_assert_cmpstr (read->intent.record_before, ==, journal->intent.record_before);
      g_assert_cmpstr (read->intent.record_after, ==, journal->intent.record_after);
      g_assert_cmpstr (read->intent.medium, ==, journal->intent.medium);
      g_assert_cmpstr (read->intent.live_before, ==, journal->intent.live_before);
      g_assert_cmpstr (read->intent.template_before, ==, journal->intent.template_before);
      g_assert_false (read->intent.controller_live);
      g_assert_true (read->intent.controller_template == journal->intent.controller_template);
      g_assert_cmpuint (read->intent.controller_index, ==, journal->intent.controller_index);
    }
}

/* Who finds it must tell which of the two hosts it is at. */
static void
test_migration (void)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  journal->intent = (HotplugIntent){
    .kind = HOTPLUG_INTENT_MIGRATE,
    .source = g_strdup ("qemu+unix:///system?socket=/run/a;b\\c"),
    .destination = g_strdup ("qemu+ssh://me@other:22/system"),
    .source_host = g_strdup ("the source's name"),
    .destination_host = g_strdup ("the destination's"),
    .client = g_strdup ("elsewhere"),
    .paused = TRUE,
    .begun = G_GINT64_CONSTANT (1234567890123),
  };
  g_autoptr (HotplugJournal) read = again (journal);
  g_assert_cmpint (read->intent.kind, ==, HOTPLUG_INTENT_MIGRATE);
  g_assert_null (read->intent.devices);
  g_assert_cmpstr (read->intent.source, ==, journal->intent.source);
  g_assert_cmpstr (read->intent.destination, ==, journal->intent.destination);
  g_assert_cmpstr (read->intent.source_host, ==, journal->intent.source_host);
  g_assert_cmpstr (read->intent.destination_host, ==, journal->intent.destination_host);
  g_assert_cmpstr (read->intent.client, ==, "elsewhere");
  g_assert_true (read->intent.paused);
  g_assert_cmpint (read->intent.begun, ==, journal->intent.begun);

  read->intent.paused = FALSE;
  g_autoptr (HotplugJournal) once_more = again (read);
  g_assert_false (once_more->intent.paused);
  _hotplug_journal_strike (read);
  assert_empty (read);
  g_assert_null (read->intent.source);
  g_assert_null (read->intent.destination);
}

/* A message is the hypervisor's: any text. */
static void
test_refusals (void)
{
  static const char message[] = "operation failed: [x] = \\ ; \"quoted\"\n second line \xe2\x82\xac ";
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  g_assert_true (_hotplug_journal_set_refusal (journal, "data", "first"));
  g_assert_true (_hotplug_journal_set_refusal (journal, "more", "second"));
  g_assert_true (_hotplug_journal_set_refusal (journal, "data", message));
  g_autoptr (HotplugJournal) read = again (journal);
  g_assert_cmpuint (read->refusals->len, ==, 2);
  HotplugRefusal *last = g_ptr_array_index (read->refusals, 1);
  g_assert_cmpstr (last->alias, ==, "data");
  g_assert_cmpstr (last->message, ==, message);

  g_assert_true (_hotplug_journal_set_refusal (read, "data", NULL));
  g_assert_false (_hotplug_journal_set_refusal (read, "data", NULL));
  g_assert_true (_hotplug_journal_set_refusal (read, "more", NULL));
  assert_empty (read);
  g_assert_null (_hotplug_journal_to_text (read));
}

static void
test_moved (void)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  _hotplug_journal_set_moved (journal, "ua-hpv-data", "7", "it is sdb now");
  _hotplug_journal_set_moved (journal, "ua-hpi-nic", NULL, "it is elsewhere");
  g_autoptr (HotplugJournal) read = again (journal);
  g_assert_cmpstr (_hotplug_journal_find_moved (read, "ua-hpv-data", "7"), ==, "it is sdb now");
  g_assert_cmpstr (_hotplug_journal_find_moved (read, "ua-hpi-nic", NULL), ==, "it is elsewhere");
  /* in another run it is where it was */
  g_assert_null (_hotplug_journal_find_moved (read, "ua-hpv-data", "8"));
  g_assert_null (_hotplug_journal_find_moved (read, "ua-hpv-data", NULL));
  _hotplug_journal_set_moved (read, "ua-hpv-data", "7", NULL);
  g_assert_null (_hotplug_journal_find_moved (read, "ua-hpv-data", "7"));
  _hotplug_journal_set_moved (read, "ua-hpi-nic", "9", NULL);
  g_assert_null (_hotplug_journal_to_text (read));
}

static void
test_doomed (void)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  _hotplug_journal_doom (journal, "ua-hpc-scsi0", NULL);
  _hotplug_journal_doom (journal, "ua-hpc-scsi12", "7");
  g_autoptr (HotplugJournal) read = again (journal);
  g_assert_cmpuint (read->doomed->len, ==, 2);
  const HotplugDoomed *second = g_ptr_array_index (read->doomed, 1);
  g_assert_cmpstr (second->alias, ==, "ua-hpc-scsi12");
  g_assert_cmpstr (second->run, ==, "7");
}

static void
test_strike (void)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);

  journal->intent = (HotplugIntent){ .kind = HOTPLUG_INTENT_ADD,
                                     .devices = g_strsplit ("data", " ", 0),
                                     .controller_live = TRUE };
  _hotplug_journal_strike (journal);
  assert_empty (journal);
  g_assert_null (journal->intent.devices);
  g_assert_false (journal->intent.controller_live);
  g_assert_null (_hotplug_journal_to_text (journal));
}

static const struct
{
  const char *row;
  const char *text;
} garbage[] = {
  { "missing", NULL },
  { "empty", "" },
  { "words", "what is this?" },
  { "zeros", "\1\2\3" },
  { "bytes", "\xff\xfe[intent]\nkind=add\n" },
  { "no-kind", "[intent]\nvolume=data\n" },
  { "torn-group", "[intent\nkind=add" },
  { "torn-key", "[intent]\nkin" },
  { "other-group", "[intention]\nkind=add\nvolume=data\n" },
};

static void
test_garbage (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (garbage[row].text);

  assert_empty (journal);
}

/* Torn at any byte it is read without harm. */
static void
test_torn (void)
{
  static const char text[] = "[intent]\nkind=add\nvolume=data\ncontroller-live=true\ncontroller-index=4294967296\n\n"
                             "[refused data]\nmessage=no\n\n[doomed scsi 1]\ndoomed=true\n";

  for (gsize length = 0; length < sizeof text; length++)
    {
      g_autofree char *torn = g_strndup (text, length);
      g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (torn);
      g_autofree char *again_text = _hotplug_journal_to_text (journal);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal/intents", test_intents);
  g_test_add_func ("/journal/migration", test_migration);
  g_test_add_func ("/journal/refusals", test_refusals);
  g_test_add_func ("/journal/doomed", test_doomed);
  g_test_add_func ("/journal/moved", test_moved);
  g_test_add_func ("/journal/strike", test_strike);
  for (gsize row = 0; row < G_N_ELEMENTS (garbage); row++)
    {
      g_autofree char *path = g_strdup_printf ("/journal/garbage/%s", garbage[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_garbage);
    }
  g_test_add_func ("/journal/torn", test_torn);

  return g_test_run ();
}
