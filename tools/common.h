/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

G_BEGIN_DECLS

#define HOTPLUGCTL_ERROR (hotplugctl_error_quark ())

typedef enum {
  HOTPLUGCTL_ERROR_USAGE, /* exit 2 */
  HOTPLUGCTL_ERROR_HELP,  /* no error: the message is the help that was asked for */
} HotplugctlError;

typedef struct _Hotplugctl Hotplugctl;

typedef struct
{
  const char *name;
  const char *parameters; /* what stands behind the options: VMI */
  const char *summary;
  gboolean (*run) (Hotplugctl *ctl, int argc, char **argv, GError **error);
} HotplugctlCommand;

/* One run of the program. What a command prints is collected in @out and written when it has succeeded. */
struct _Hotplugctl
{
  const HotplugctlCommand *command;
  char *uri;
  gboolean manifest; /* print a manifest, in @format, and no table */
  HotplugManifestFormat format;
  HotplugHost *host;
  GCancellable *cancellable;
  GString *out;
};

GQuark hotplugctl_error_quark (void);

Hotplugctl *hotplugctl_new (void);
void hotplugctl_free (Hotplugctl *ctl);

/* Takes the options before the command off @argv */
gboolean hotplugctl_parse_global (Hotplugctl *ctl, const GOptionEntry *entries, int *argc, char ***argv,
                                  GError **error);

/* The arguments that are no options, @min to @max of them; %NULL with an error, or with the help if asked for it */
char **hotplugctl_parse (Hotplugctl *ctl, const GOptionEntry *entries, guint min, guint max, int argc, char **argv,
                         GError **error);

/* As hotplugctl_parse() for a command that stops a VMI, with the options for that */
char **hotplugctl_parse_with_grace (Hotplugctl *ctl, int *grace_msec, int argc, char **argv, GError **error);

/* @text may be %NULL, an option that was not given: @msec stays as it is */
gboolean hotplugctl_parse_seconds (const char *option, const char *text, int *msec, GError **error);

/* @text may be %NULL, an option that was not given: @value stays as it is */
gboolean hotplugctl_parse_number (const char *option, const char *text, guint min, guint *value, GError **error);

/* Whether an option that is required was given; @value is the word for it in the help */
gboolean hotplugctl_require (const char *option, const char *value, const char *text, GError **error);

/* What is said of one device is said of each, or of none: who is meant is never a guess. @list may be %NULL; @names are
 * those that the option @of gave, and @kind is what they are: a volume, an interface */
gboolean hotplugctl_check_list (const char *option, char **list, const char *of, char **names, const char *kind,
                                GError **error);

/* @text may be %NULL, an option that was not given: @value stays as it is */
gboolean hotplugctl_parse_enum (const char *option, const char *text, GType type, const char *const *words, int *value,
                                GError **error);

HotplugPlugFlags hotplugctl_plug_flags (gboolean persist, gboolean dry_run);

/* The word for @value, %NULL for one that @type has not */
const char *hotplugctl_enum_nick (GType type, int value);

HotplugHost *hotplugctl_get_host (Hotplugctl *ctl, GError **error);
HotplugVmi *hotplugctl_get_vmi (Hotplugctl *ctl, const char *name, GError **error);

void hotplugctl_print (Hotplugctl *ctl, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A line that says of one thing what has no room in a table. @separator: what stands before it, nothing before the
 * next;
 * @message: (nullable): nothing is printed */
void hotplugctl_print_message (Hotplugctl *ctl, const char **separator, const char *name, const char *message);

/* What is printed after a change of @vmi: its manifest where one is asked for, else the line */
gboolean hotplugctl_print_change (Hotplugctl *ctl, HotplugVmi *vmi, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hotplugctl, hotplugctl_free)

G_END_DECLS
