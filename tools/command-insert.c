/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"
#include "volume-source.h"

typedef struct
{
  char *cdrom;
  char *volume_name;
  char *source;
  char *format;
  gboolean persist;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->cdrom);
  g_free (options->volume_name);
  g_free (options->source);
  g_free (options->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "cdrom", 0, 0, G_OPTION_ARG_STRING, &options->cdrom, "The CD-ROM drive, as the VMI calls it; required", "NAME" },
    { "volume-name", 0, 0, G_OPTION_ARG_STRING, &options->volume_name, "The medium; required", "NAME" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME, &options->source,
      "Its image file, directory with a disk.img, or block device on the host; default: the data volume of that name",
      "PATH" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options->format, "Of the source: raw or qcow2; default: raw", "FORMAT" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &options->persist, "Put it into the drive of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run, "Check everything, print the plan, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  return hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
}

static HotplugVolume *
make_medium (Hotplugctl *ctl, const Options *options, GError **error)
{
  static const char *const format_words[] = { "raw", "qcow2", NULL };
  int format = HOTPLUG_IMAGE_FORMAT_DEFAULT;
  g_autoptr (HotplugDataVolume) found = NULL;

  if (!hotplugctl_parse_enum ("format", options->format, HOTPLUG_TYPE_IMAGE_FORMAT, format_words, &format, error))
    return NULL;
  g_autofree char *path = volume_source_find (ctl, options->source, options->volume_name, &found, error);
  if (path == NULL)
    return NULL;
  if (found != NULL)
    format = (int)hotplug_data_volume_get_format (found);
  return g_initable_new (HOTPLUG_TYPE_VOLUME, ctl->cancellable, error, "name", options->volume_name, "path", path,
                         "read-only", TRUE, "format", format, NULL);
}

gboolean
hotplugctl_insert (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require ("cdrom", "NAME", options.cdrom, error)
      || !hotplugctl_require ("volume-name", "NAME", options.volume_name, error))
    return FALSE;
  if (options.format != NULL && options.source == NULL)
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                           "--format is for --source=PATH; a data volume has its own");
      return FALSE;
    }

  g_autoptr (HotplugVolume) medium = make_medium (ctl, &options, error);
  if (medium == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = options.persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (options.dry_run)
    {
      g_autoptr (HotplugPlan)
          plan = hotplug_vmi_plan_insert_media (vmi, options.cdrom, medium, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }

  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_insert_media (vmi, options.cdrom, medium, flags, ctl->cancellable, error);
  if (status == NULL)
    return FALSE;

  return hotplugctl_print_change (ctl, vmi, "medium \"%s\" inserted into drive \"%s\" of VMI \"%s\": target %s%s\n",
                                  options.volume_name, options.cdrom, hotplug_vmi_get_name (vmi),
                                  hotplug_volume_status_get_target (status), options.persist ? ", persisted" : "");
}
