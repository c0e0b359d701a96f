/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "vmi/hotplug-journal-private.h"

/* A greater number is a newer libhotplug's, and nothing to write over */
#define JOURNAL_GROUP "journal"
#define JOURNAL_VERSION 1

#define INTENT_GROUP "intent"
#define REFUSAL_PREFIX "refused "
#define DOOMED_PREFIX "doomed "
#define LEAVING_PREFIX "leaving "
#define MOVED_PREFIX "moved "

static const char *const kinds[] = {
  [HOTPLUG_INTENT_NONE] = "none",
  [HOTPLUG_INTENT_ADD] = "add",
  [HOTPLUG_INTENT_REMOVE] = "remove",
  [HOTPLUG_INTENT_START] = "start",
  [HOTPLUG_INTENT_MEDIA] = "media",
  [HOTPLUG_INTENT_UPDATE] = "update",
  [HOTPLUG_INTENT_MIGRATE] = "migrate",
  [HOTPLUG_INTENT_UNKNOWN] = "unknown",
};

static const struct
{
  const char *key;
  gsize offset;
} texts[] = {
  { "client", G_STRUCT_OFFSET (HotplugIntent, client) },
  { "host", G_STRUCT_OFFSET (HotplugIntent, host) },
  { "source", G_STRUCT_OFFSET (HotplugIntent, source) },
  { "destination", G_STRUCT_OFFSET (HotplugIntent, destination) },
  { "source-host", G_STRUCT_OFFSET (HotplugIntent, source_host) },
  { "destination-host", G_STRUCT_OFFSET (HotplugIntent, destination_host) },
  { "medium", G_STRUCT_OFFSET (HotplugIntent, medium) },
  { "live-before", G_STRUCT_OFFSET (HotplugIntent, live_before) },
  { "template-before", G_STRUCT_OFFSET (HotplugIntent, template_before) },
  { "record-before", G_STRUCT_OFFSET (HotplugIntent, record_before) },
  { "live-after", G_STRUCT_OFFSET (HotplugIntent, live_after) },
  { "template-after", G_STRUCT_OFFSET (HotplugIntent, template_after) },
  { "record-after", G_STRUCT_OFFSET (HotplugIntent, record_after) },
};

static void
free_refusal (gpointer data)
{
  HotplugRefusal *refusal = data;

  g_free (refusal->alias);
  g_free (refusal->message);
  g_free (refusal);
}

static void
free_doomed (gpointer data)
{
  HotplugDoomed *doomed = data;

  g_free (doomed->alias);
  g_free (doomed->run);
  g_free (doomed);
}

static void
free_moved (gpointer data)
{
  HotplugMoved *moved = data;

  g_free (moved->alias);
  g_free (moved->run);
  g_free (moved->message);
  g_free (moved);
}

static void
add_refusal (HotplugJournal *self, const char *alias, char *message)
{
  HotplugRefusal *refusal = g_new0 (HotplugRefusal, 1);

  refusal->alias = g_strdup (alias);
  refusal->message = message;
  g_ptr_array_add (self->refusals, refusal);
}

static void
free_leaving (gpointer data)
{
  HotplugLeaving *leaving = data;

  g_clear_pointer (&leaving->device, _hotplug_template_device_free);
  g_free (leaving->alias);
  g_free (leaving);
}

static void
read_leaving (GKeyFile *file, const char *group, HotplugJournal *self)
{
  const char *alias = group + strlen (LEAVING_PREFIX);
  g_autofree char *xml = g_key_file_get_string (file, group, "template", NULL);
  guint position = (guint) g_key_file_get_uint64 (file, group, "position", NULL);
  g_autoptr (HotplugTemplateDevice) device = xml != NULL ? _hotplug_template_device_new (alias, xml, position) : NULL;

  _hotplug_journal_set_leaving (self, alias, device, g_key_file_get_boolean (file, group, "recorded", NULL));
}

static void
write_leaving (GKeyFile *file, const HotplugLeaving *leaving)
{
  g_autofree char *group = g_strconcat (LEAVING_PREFIX, leaving->alias, NULL);

  g_key_file_set_boolean (file, group, "recorded", leaving->recorded);
  if (leaving->device == NULL)
    return;
  g_key_file_set_string (file, group, "template", leaving->device->xml);
  g_key_file_set_uint64 (file, group, "position", leaving->device->position);
}

/* NULL if there are none */
static GArray *
read_ports (GKeyFile *file)
{
  gsize count = 0;
  g_autofree int *numbers = g_key_file_get_integer_list (file, INTENT_GROUP, "ports", &count, NULL);

  if (numbers == NULL)
    return NULL;

  GArray *ports = g_array_new (FALSE, FALSE, sizeof (guint));
  for (gsize i = 0; i < count; i++)
    {
      guint port = (guint) numbers[i];
      g_array_append_val (ports, port);
    }
  return ports;
}

static void
read_intent (GKeyFile *file, HotplugIntent *intent)
{
  g_autofree char *kind = g_key_file_get_string (file, INTENT_GROUP, "kind", NULL);

  intent->kind = kind != NULL ? HOTPLUG_INTENT_UNKNOWN : HOTPLUG_INTENT_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (kind, kinds[i]) == 0)
        intent->kind = (HotplugIntentKind) i;
    }
  intent->devices = g_key_file_get_string_list (file, INTENT_GROUP, "devices", NULL, NULL);
  intent->networks = g_key_file_get_string_list (file, INTENT_GROUP, "networks", NULL, NULL);
  intent->controller_live = g_key_file_get_boolean (file, INTENT_GROUP, "controller-live", NULL);
  intent->controller_template = g_key_file_get_boolean (file, INTENT_GROUP, "controller-template", NULL);
  intent->paused = g_key_file_get_boolean (file, INTENT_GROUP, "paused", NULL);
  intent->persist = g_key_file_get_boolean (file, INTENT_GROUP, "persist", NULL);
  intent->begun = g_key_file_get_int64 (file, INTENT_GROUP, "begun", NULL);
  intent->controller_index = (guint) g_key_file_get_uint64 (file, INTENT_GROUP, "controller-index", NULL);
  intent->ports = read_ports (file);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    G_STRUCT_MEMBER (char *, intent, texts[i].offset) = g_key_file_get_string (file, INTENT_GROUP, texts[i].key, NULL);
}

static void
read_doomed (HotplugJournal *self, GKeyFile *file, const char *group)
{
  g_autofree char *run = g_key_file_get_string (file, group, "run", NULL);

  _hotplug_journal_doom (self, group + sizeof DOOMED_PREFIX - 1, run);
}

static void
read_moved (HotplugJournal *self, GKeyFile *file, const char *group)
{
  g_autofree char *run = g_key_file_get_string (file, group, "run", NULL);
  g_autofree char *message = g_key_file_get_string (file, group, "message", NULL);

  _hotplug_journal_set_moved (self, group + sizeof MOVED_PREFIX - 1, run, message);
}

static void
write_moved (GKeyFile *file, const HotplugMoved *moved)
{
  g_autofree char *group = g_strconcat (MOVED_PREFIX, moved->alias, NULL);

  g_key_file_set_string (file, group, "run", moved->run);
  g_key_file_set_string (file, group, "message", moved->message);
}

HotplugJournal *
_hotplug_journal_from_text (const char *text)
{
  HotplugJournal *self = g_new0 (HotplugJournal, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  self->refusals = g_ptr_array_new_with_free_func (free_refusal);
  self->leaving = g_ptr_array_new_with_free_func (free_leaving);
  self->doomed = g_ptr_array_new_with_free_func (free_doomed);
  self->moved = g_ptr_array_new_with_free_func (free_moved);
  if (text == NULL || !g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return self;

  read_intent (file, &self->intent);
  self->late_start = g_key_file_get_int64 (file, JOURNAL_GROUP, "late-start", NULL);
  if (g_key_file_get_integer (file, JOURNAL_GROUP, "version", NULL) > JOURNAL_VERSION)
    self->intent.kind = HOTPLUG_INTENT_UNKNOWN;
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      if (g_str_has_prefix (groups[i], REFUSAL_PREFIX))
        add_refusal (self, groups[i] + sizeof REFUSAL_PREFIX - 1,
                     g_key_file_get_string (file, groups[i], "message", NULL));
      else if (g_str_has_prefix (groups[i], LEAVING_PREFIX))
        read_leaving (file, groups[i], self);
      else if (g_str_has_prefix (groups[i], DOOMED_PREFIX))
        read_doomed (self, file, groups[i]);
      else if (g_str_has_prefix (groups[i], MOVED_PREFIX))
        read_moved (self, file, groups[i]);
    }
  return self;
}

static void
write_list (GKeyFile *file, const char *key, GStrv list)
{
  if (list != NULL)
    g_key_file_set_string_list (file, INTENT_GROUP, key, (const char *const *) list, g_strv_length (list));
}

static void
write_intent (GKeyFile *file, const HotplugIntent *intent)
{
  g_key_file_set_string (file, INTENT_GROUP, "kind", kinds[intent->kind]);
  write_list (file, "devices", intent->devices);
  write_list (file, "networks", intent->networks);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = G_STRUCT_MEMBER (char *, intent, texts[i].offset);
      if (text != NULL)
        g_key_file_set_string (file, INTENT_GROUP, texts[i].key, text);
    }
  if (intent->ports != NULL && intent->ports->len > 0)
    g_key_file_set_integer_list (file, INTENT_GROUP, "ports", (int *) (void *) intent->ports->data, intent->ports->len);
  if (intent->paused)
    g_key_file_set_boolean (file, INTENT_GROUP, "paused", TRUE);
  if (intent->persist)
    g_key_file_set_boolean (file, INTENT_GROUP, "persist", TRUE);
  if (intent->begun != 0)
    g_key_file_set_int64 (file, INTENT_GROUP, "begun", intent->begun);
  if (!intent->controller_live && !intent->controller_template)
    return;

  g_key_file_set_boolean (file, INTENT_GROUP, "controller-live", intent->controller_live);
  g_key_file_set_boolean (file, INTENT_GROUP, "controller-template", intent->controller_template);
  g_key_file_set_uint64 (file, INTENT_GROUP, "controller-index", intent->controller_index);
}

char *
_hotplug_journal_to_text (const HotplugJournal *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (self->intent.kind == HOTPLUG_INTENT_NONE && self->refusals->len == 0 && self->leaving->len == 0
      && self->doomed->len == 0 && self->moved->len == 0 && self->late_start == 0)
    return NULL;

  g_key_file_set_integer (file, JOURNAL_GROUP, "version", JOURNAL_VERSION);
  if (self->late_start != 0)
    g_key_file_set_int64 (file, JOURNAL_GROUP, "late-start", self->late_start);
  if (self->intent.kind != HOTPLUG_INTENT_NONE)
    write_intent (file, &self->intent);
  for (guint i = 0; i < self->refusals->len; i++)
    {
      HotplugRefusal *refusal = g_ptr_array_index (self->refusals, i);
      g_autofree char *group = g_strconcat (REFUSAL_PREFIX, refusal->alias, NULL);
      g_key_file_set_string (file, group, "message", refusal->message != NULL ? refusal->message : "");
    }
  for (guint i = 0; i < self->leaving->len; i++)
    write_leaving (file, g_ptr_array_index (self->leaving, i));
  for (guint i = 0; i < self->doomed->len; i++)
    {
      const HotplugDoomed *doomed = g_ptr_array_index (self->doomed, i);
      g_autofree char *group = g_strconcat (DOOMED_PREFIX, doomed->alias, NULL);
      g_key_file_set_string (file, group, "run", doomed->run != NULL ? doomed->run : "");
    }
  for (guint i = 0; i < self->moved->len; i++)
    write_moved (file, g_ptr_array_index (self->moved, i));
  return g_key_file_to_data (file, NULL, NULL);
}

void
_hotplug_journal_free (HotplugJournal *self)
{
  _hotplug_journal_strike (self);
  g_ptr_array_unref (self->refusals);
  g_ptr_array_unref (self->leaving);
  g_ptr_array_unref (self->doomed);
  g_ptr_array_unref (self->moved);
  g_free (self);
}

void
_hotplug_journal_doom (HotplugJournal *self, const char *alias, const char *run)
{
  HotplugDoomed *doomed = g_new0 (HotplugDoomed, 1);

  doomed->alias = g_strdup (alias);
  doomed->run = g_strdup (run != NULL ? run : "");
  g_ptr_array_add (self->doomed, doomed);
}

void
_hotplug_journal_strike (HotplugJournal *self)
{
  g_strfreev (self->intent.devices);
  g_strfreev (self->intent.networks);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (G_STRUCT_MEMBER (char *, &self->intent, texts[i].offset));
  g_clear_pointer (&self->intent.ports, g_array_unref);
  self->intent = (HotplugIntent){ .kind = HOTPLUG_INTENT_NONE };
}

gboolean
_hotplug_journal_set_refusal (HotplugJournal *self, const char *alias, const char *message)
{
  gboolean changed = message != NULL;

  for (guint i = 0; i < self->refusals->len; i++)
    {
      HotplugRefusal *refusal = g_ptr_array_index (self->refusals, i);
      if (g_strcmp0 (refusal->alias, alias) == 0)
        {
          g_ptr_array_remove_index (self->refusals, i);
          changed = TRUE;
          break;
        }
    }

  if (message != NULL)
    add_refusal (self, alias, g_strdup (message));
  return changed;
}

gboolean
_hotplug_journal_intends (const HotplugJournal *self, HotplugIntentKind kind, const char *alias)
{
  return self->intent.kind == kind && self->intent.devices != NULL
         && g_strv_contains ((const char *const *) self->intent.devices, alias);
}

const char *
_hotplug_journal_find_refusal (const HotplugJournal *self, const char *alias)
{
  for (guint i = 0; i < self->refusals->len; i++)
    {
      const HotplugRefusal *refusal = g_ptr_array_index (self->refusals, i);
      if (g_strcmp0 (refusal->alias, alias) == 0)
        return refusal->message != NULL ? refusal->message : "";
    }
  return NULL;
}

const HotplugLeaving *
_hotplug_journal_find_leaving (const HotplugJournal *self, const char *alias)
{
  for (guint i = 0; i < self->leaving->len; i++)
    {
      const HotplugLeaving *leaving = g_ptr_array_index (self->leaving, i);
      if (strcmp (leaving->alias, alias) == 0)
        return leaving;
    }
  return NULL;
}

gboolean
_hotplug_journal_forget_leaving (HotplugJournal *self, const char *alias)
{
  return g_ptr_array_remove (self->leaving, (gpointer) _hotplug_journal_find_leaving (self, alias));
}

void
_hotplug_journal_set_leaving (HotplugJournal *self, const char *alias, const HotplugTemplateDevice *device,
                              gboolean recorded)
{
  HotplugLeaving *leaving = g_new0 (HotplugLeaving, 1);

  leaving->alias = g_strdup (alias);
  leaving->device = device != NULL ? _hotplug_template_device_copy (device) : NULL;
  leaving->recorded = recorded;
  _hotplug_journal_forget_leaving (self, alias);
  g_ptr_array_add (self->leaving, leaving);
}

static HotplugMoved *
find_moved (const HotplugJournal *self, const char *alias)
{
  for (guint i = 0; i < self->moved->len; i++)
    {
      HotplugMoved *moved = g_ptr_array_index (self->moved, i);
      if (strcmp (moved->alias, alias) == 0)
        return moved;
    }
  return NULL;
}

const char *
_hotplug_journal_find_moved (const HotplugJournal *self, const char *alias, const char *run)
{
  const HotplugMoved *moved = find_moved (self, alias);

  return moved != NULL && strcmp (moved->run, run != NULL ? run : "") == 0 ? moved->message : NULL;
}

void
_hotplug_journal_set_moved (HotplugJournal *self, const char *alias, const char *run, const char *message)
{
  g_ptr_array_remove (self->moved, find_moved (self, alias));
  if (message == NULL)
    return;

  HotplugMoved *moved = g_new0 (HotplugMoved, 1);
  moved->alias = g_strdup (alias);
  moved->run = g_strdup (run != NULL ? run : "");
  moved->message = g_strdup (message);
  g_ptr_array_add (self->moved, moved);
}
