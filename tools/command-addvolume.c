/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "volume-source.h"

typedef struct
{
  char *volume_name;
  char *source;
  char *disk_name;
  char *serial;
  char *bus;
  char *cache;
  gboolean read_only;
  gboolean persist;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->volume_name);
  g_free (options->source);
  g_free (options->disk_name);
  g_free (options->serial);
  g_free (options->bus);
  g_free (options->cache);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "volume-name", 0, 0, G_OPTION_ARG_STRING, &options->volume_name, "The volume; required", "NAME" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME, &options->source,
      "Its image file, directory with a disk.img, or block device on the host; default: the data volume of that name", "PATH" },
    { "disk-name", 0, 0, G_OPTION_ARG_STRING, &options->disk_name,
      "What the VMI calls it; default: the volume's name", "NAME" },
    { "serial", 0, 0, G_OPTION_ARG_STRING, &options->serial,
      "The serial that the guest sees; default: the name", "SERIAL" },
    { "bus", 0, 0, G_OPTION_ARG_STRING, &options->bus,
      "scsi, which needs no PCI port, or virtio; default: scsi", "BUS" },
    { "cache", 0, 0, G_OPTION_ARG_STRING, &options->cache,
      "none, writethrough or writeback; default: none where it works", "MODE" },
    { "read-only", 0, 0, G_OPTION_ARG_NONE, &options->read_only, "Let the guest read only", NULL },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &options->persist, "Make it part of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run, "Check everything, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  return hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
}

static gboolean
check_required (const Options *options, GError **error)
{
  if (options->volume_name == NULL)
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--volume-name=NAME is missing");
      return FALSE;
    }

  return TRUE;
}

/* The library has the words for a bus that it knows and refuses; a word that it does not know gets the same code. */
static gboolean
parse_bus (const char *word, HotplugBus *bus, GError **error)
{
  if (word == NULL)
    return TRUE;

  g_autoptr (GTypeClass) klass = g_type_class_ref (HOTPLUG_TYPE_BUS);
  const GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *) klass, word);
  if (found == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUS_UNSUPPORTED,
                   "bus \"%s\" takes no hotplugged disk, \"scsi\" and \"virtio\" do", word);
      return FALSE;
    }

  *bus = (HotplugBus) found->value;
  return TRUE;
}

static HotplugVolume *
make_volume (Hotplugctl *ctl, const Options *options, GError **error)
{
  static const char *const cache_words[] = { "none", "writethrough", "writeback", NULL };
  HotplugBus bus = HOTPLUG_BUS_SCSI;
  int cache = HOTPLUG_CACHE_DEFAULT;
  int access_mode = HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE;
  int format = HOTPLUG_IMAGE_FORMAT_RAW;

  if (!hotplugctl_parse_enum ("cache", options->cache, HOTPLUG_TYPE_CACHE, cache_words, &cache, error)
      || !parse_bus (options->bus, &bus, error))
    return NULL;

  g_autofree char *path = volume_source_find (ctl, options->source, options->volume_name, &access_mode, &format, error);
  if (path == NULL)
    return NULL;

  return g_initable_new (HOTPLUG_TYPE_VOLUME, ctl->cancellable, error,
                         "name", options->disk_name != NULL ? options->disk_name : options->volume_name,
                         "path", path,
                         "serial", options->serial,
                         "bus", bus,
                         "cache", cache,
                         "read-only", options->read_only,
                         "access-mode", access_mode,
                         "format", format,
                         NULL);
}

static void
print_added (Hotplugctl *ctl, HotplugVmi *vmi, HotplugVolumeStatus *status, HotplugPlugFlags flags)
{
  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_volume_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return;
    }

  gboolean dry_run = (flags & HOTPLUG_PLUG_DRY_RUN) != 0;
  hotplugctl_print (ctl, "volume \"%s\" %s VMI \"%s\"", hotplug_volume_status_get_name (status),
                    dry_run ? "can be added to" : "added to", hotplug_vmi_get_name (vmi));
  if (hotplug_volume_status_get_target (status) != NULL)
    hotplugctl_print (ctl, ": target %s", hotplug_volume_status_get_target (status));
  if (hotplug_volume_status_get_serial (status) != NULL)
    hotplugctl_print (ctl, ", serial %s", hotplug_volume_status_get_serial (status));
  if ((flags & HOTPLUG_PLUG_PERSIST) != 0)
    hotplugctl_print (ctl, ", persisted");
  hotplugctl_print (ctl, "%s\n", dry_run ? " (dry run: nothing was changed)" : "");
}

gboolean
hotplugctl_addvolume (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);
  if (arguments == NULL || !check_required (&options, error))
    return FALSE;

  g_autoptr (HotplugVolume) volume = make_volume (ctl, &options, error);
  if (volume == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = (options.persist ? HOTPLUG_PLUG_PERSIST : 0) | (options.dry_run ? HOTPLUG_PLUG_DRY_RUN : 0);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, flags, ctl->cancellable, error);
  if (status == NULL)
    return FALSE;

  print_added (ctl, vmi, status, flags);
  return TRUE;
}
