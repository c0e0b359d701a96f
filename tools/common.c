/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common.h"

/* The longest wait whose milliseconds are an int, in seconds */
#define SECONDS_MAX (G_MAXINT / 1000)

G_DEFINE_QUARK (hotplugctl-error-quark, hotplugctl_error)

Hotplugctl *
hotplugctl_new (void)
{
  Hotplugctl *ctl = g_new0 (Hotplugctl, 1);
  ctl->cancellable = g_cancellable_new ();
  ctl->out = g_string_new (NULL);
  return ctl;
}

void
hotplugctl_free (Hotplugctl *ctl)
{
  if (ctl->host != NULL)
    {
      hotplug_host_close (ctl->host);
      g_object_unref (ctl->host);
    }
  g_object_unref (ctl->cancellable);
  g_string_free (ctl->out, TRUE);
  g_free (ctl->uri);
  g_free (ctl);
}

static gboolean
take_format (Hotplugctl *ctl, const char *word, GError **error)
{
  static const char *const words[] = { "table", "json", "yaml", NULL };

  if (word == NULL)
    return TRUE;

  if (!g_strv_contains (words, word))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--output is one of table, json, yaml, not \"%s\"",
                   word);
      return FALSE;
    }

  ctl->manifest = g_strcmp0 (word, "table") != 0;
  ctl->format = g_strcmp0 (word, "yaml") == 0 ? HOTPLUG_MANIFEST_FORMAT_YAML : HOTPLUG_MANIFEST_FORMAT_JSON;
  return TRUE;
}

/* GOption takes --persist=false for --persist. */
static gboolean
check_flags (const GOptionEntry *entries, char **argv, GError **error)
{
  for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++)
    {
      g_autofree char *prefix = g_strconcat ("--", entry->long_name, "=", NULL);
      for (char **word = argv; entry->arg == G_OPTION_ARG_NONE && *word != NULL && !g_str_equal (*word, "--"); word++)
        {
          if (!g_str_has_prefix (*word, prefix))
            continue;
          g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s takes no value", entry->long_name);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
parse (Hotplugctl *ctl, GOptionContext *context, const GOptionEntry *own_entries, int *argc, char ***argv,
       GError **error)
{
  g_autofree char *uri = NULL;
  g_autofree char *format = NULL;
  gboolean help = FALSE;
  const GOptionEntry entries[] = {
    { "connect", 'c', 0, G_OPTION_ARG_STRING, &uri, "The host, as a libvirt URI", "URI" },
    { "output", 'o', 0, G_OPTION_ARG_STRING, &format, "How to print: table, json or yaml", "FORMAT" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Print this help", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_option_context_set_help_enabled (context, FALSE);
  if (own_entries != NULL)
    g_option_context_add_main_entries (context, own_entries, NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!check_flags (own_entries, *argv, error) || !g_option_context_parse (context, argc, argv, error))
    return FALSE;

  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_HELP, "%s\n", g_strchomp (text));
      return FALSE;
    }

  if (uri != NULL)
    {
      g_free (ctl->uri);
      ctl->uri = g_steal_pointer (&uri);
    }
  return take_format (ctl, format, error);
}

gboolean
hotplugctl_parse_global (Hotplugctl *ctl, const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_strict_posix (context, TRUE);
  return parse (ctl, context, entries, argc, argv, error);
}

char **
hotplugctl_parse (Hotplugctl *ctl, const GOptionEntry *entries, guint min, guint max, int argc, char **argv,
                  GError **error)
{
  g_auto (GStrv) arguments = NULL;
  const GOptionEntry rest[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, ctl->command->parameters },
    G_OPTION_ENTRY_NULL
  };

  g_autofree char *name = g_strconcat ("hotplugctl ", ctl->command->name, NULL);
  g_set_prgname (name);

  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_summary (context, ctl->command->summary);
  g_option_context_add_main_entries (context, rest, NULL);
  if (!parse (ctl, context, entries, &argc, &argv, error))
    return NULL;

  guint n = arguments != NULL ? g_strv_length (arguments) : 0;
  if (n < min)
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "%s: missing argument: %s", ctl->command->name,
                   ctl->command->parameters);
      return NULL;
    }
  if (n > max)
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "%s: unexpected argument \"%s\"",
                   ctl->command->name, arguments[max]);
      return NULL;
    }

  return arguments != NULL ? g_steal_pointer (&arguments) : g_new0 (char *, 1);
}

gboolean
hotplugctl_parse_seconds (const char *option, const char *text, int *msec, GError **error)
{
  guint64 seconds = 0;

  if (text == NULL)
    return TRUE;

  if (!g_ascii_string_to_unsigned (text, 10, 0, SECONDS_MAX, &seconds, NULL))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                   "--%s is a number of seconds from 0 to %d, not \"%s\"", option, SECONDS_MAX, text);
      return FALSE;
    }

  *msec = (int) seconds * 1000;
  return TRUE;
}

char **
hotplugctl_parse_with_grace (Hotplugctl *ctl, int *grace_msec, int argc, char **argv, GError **error)
{
  g_autofree char *grace = NULL;
  gboolean force = FALSE;
  const GOptionEntry entries[] = {
    { "grace-period", 0, 0, G_OPTION_ARG_STRING, &grace, "How long the guest may take to shut down; default: 60",
      "SECONDS" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &force, "Do not ask the guest: the same as --grace-period=0", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_parse_seconds ("grace-period", grace, grace_msec, error))
    return NULL;

  if (force)
    *grace_msec = 0;
  return g_steal_pointer (&arguments);
}

gboolean
hotplugctl_parse_number (const char *option, const char *text, guint min, guint *value, GError **error)
{
  guint64 number = 0;

  if (text == NULL)
    return TRUE;

  if (!g_ascii_string_to_unsigned (text, 10, min, G_MAXUINT, &number, NULL))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s is a number from %u, not \"%s\"", option, min,
                   text);
      return FALSE;
    }

  *value = (guint) number;
  return TRUE;
}

gboolean
hotplugctl_require (const char *option, const char *value, const char *text, GError **error)
{
  if (text != NULL)
    return TRUE;

  g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s=%s is missing", option, value);
  return FALSE;
}

gboolean
hotplugctl_check_list (const char *option, char **list, const char *of, char **names, const char *kind, GError **error)
{
  guint n_names = g_strv_length (names);
  guint n = list != NULL ? g_strv_length (list) : 0;

  if (n == 0 || n == n_names)
    return TRUE;

  if (n_names == 1)
    g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s is given %u times for one %s", option, n, kind);
  else
    g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                 "--%s is given %u time%s for %u %ss; it is given for each, in the order of --%s, or for none", option,
                 n, n == 1 ? "" : "s", n_names, kind, of);
  return FALSE;
}

gboolean
hotplugctl_parse_enum (const char *option, const char *text, GType type, const char *const *words, int *value,
                       GError **error)
{
  if (text == NULL)
    return TRUE;

  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *) klass, text);
  if (found == NULL || !g_strv_contains (words, text))
    {
      g_autofree char *list = g_strjoinv (", ", (char **) words);
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s is one of %s, not \"%s\"", option, list,
                   text);
      return FALSE;
    }

  *value = found->value;
  return TRUE;
}

HotplugPlugFlags
hotplugctl_plug_flags (gboolean persist, gboolean dry_run)
{
  return (persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE) | (dry_run ? HOTPLUG_PLUG_DRY_RUN : HOTPLUG_PLUG_NONE);
}

const char *
hotplugctl_enum_nick (GType type, int value)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value ((GEnumClass *) klass, value);

  return found != NULL ? found->value_nick : NULL;
}

HotplugHost *
hotplugctl_get_host (Hotplugctl *ctl, GError **error)
{
  if (ctl->host != NULL)
    return ctl->host;

  const char *uri = ctl->uri != NULL ? ctl->uri : g_getenv ("HOTPLUG_URI");
  if (uri != NULL && *uri == '\0')
    uri = NULL;

  ctl->host = hotplug_host_open (uri, ctl->cancellable, error);
  return ctl->host;
}

HotplugVmi *
hotplugctl_get_vmi (Hotplugctl *ctl, const char *name, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  return host != NULL ? hotplug_host_get_vmi (host, name, ctl->cancellable, error) : NULL;
}

void
hotplugctl_print (Hotplugctl *ctl, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (ctl->out, format, args);
  va_end (args);
}

void
hotplugctl_print_message (Hotplugctl *ctl, const char **separator, const char *name, const char *message)
{
  if (message == NULL)
    return;

  hotplugctl_print (ctl, "%s%s: %s\n", *separator, name, message);
  *separator = "";
}

gboolean
hotplugctl_print_change (Hotplugctl *ctl, HotplugVmi *vmi, const char *format, ...)
{
  if (!ctl->manifest)
    {
      va_list args;
      va_start (args, format);
      g_string_append_vprintf (ctl->out, format, args);
      va_end (args);
      return TRUE;
    }

  /* What was asked for is done; that a transient VMI is gone with it, or a connection just then, is no failure. */
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, NULL);
  if (status == NULL)
    return TRUE;

  g_autofree char *manifest = hotplug_vmi_status_to_manifest (status, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
  return TRUE;
}
