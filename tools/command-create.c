/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include "data-volume.h"
#include "manifest-file.h"
#include "migration.h"
#include "network.h"

typedef struct
{
  char *file;
  char *to;
  char *size;
  char *source_file;
  char *source_format;
  char *clone;
  char *access_mode;
  char *volume_mode;
  char *format;
  char *store;
  gboolean preallocation;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->file);
  g_free (options->to);
  g_free (options->size);
  g_free (options->source_file);
  g_free (options->source_format);
  g_free (options->clone);
  g_free (options->access_mode);
  g_free (options->volume_mode);
  g_free (options->format);
  g_free (options->store);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "filename", 'f', 0, G_OPTION_ARG_FILENAME, &options->file, "A manifest that says it all, - for standard input",
      "FILE" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &options->to,
      "The host that the VMI of a migration in the manifest goes to; default: what its annotation says", "URI" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &options->size,
      "How large it is, such as 5Gi; default: as large as what is copied into it", "SIZE" },
    { "source-file", 0, 0, G_OPTION_ARG_FILENAME, &options->source_file, "A file of the host to copy into it", "PATH" },
    { "source-format", 0, 0, G_OPTION_ARG_STRING, &options->source_format,
      "What that file is, raw or qcow2; default: raw", "FORMAT" },
    { "clone", 0, 0, G_OPTION_ARG_STRING, &options->clone, "A data volume to copy into it", "NAME" },
    { "access-mode", 0, 0, G_OPTION_ARG_STRING, &options->access_mode,
      "ReadWriteOnce, ReadWriteMany or ReadOnlyMany; default: ReadWriteOnce", "MODE" },
    { "volume-mode", 0, 0, G_OPTION_ARG_STRING, &options->volume_mode, "Filesystem or Block; default: Filesystem",
      "MODE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options->format, "What it is, raw or qcow2; default: raw", "FORMAT" },
    { "store", 0, 0, G_OPTION_ARG_STRING, &options->store, "Which store it is made in; default: the host's", "NAME" },
    { "preallocation", 0, 0, G_OPTION_ARG_NONE, &options->preallocation, "Allot all of its bytes now", NULL },
    G_OPTION_ENTRY_NULL
  };

  return hotplugctl_parse (ctl, entries, 0, 2, argc, argv, error);
}

static gboolean
check_source (const Options *options, GError **error)
{
  const char *wrong = NULL;

  if (options->source_file != NULL && options->clone != NULL)
    wrong = "--source-file and --clone exclude each other";
  else if (options->source_format != NULL && options->source_file == NULL)
    wrong = "--source-format is for --source-file=PATH";
  else if (options->size == NULL && options->source_file == NULL && options->clone == NULL)
    wrong = "--size=SIZE is missing";

  if (wrong != NULL)
    g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, wrong);
  return wrong == NULL;
}

static HotplugDataVolume *
make (const Options *options, const char *name, GError **error)
{
  static const char *const access_words[] = { "ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", NULL };
  static const char *const mode_words[] = { "Filesystem", "Block", NULL };
  static const char *const format_words[] = { "raw", "qcow2", NULL };
  int access_mode = HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE;
  int volume_mode = HOTPLUG_VOLUME_MODE_FILESYSTEM;
  int format = HOTPLUG_IMAGE_FORMAT_RAW;
  int source_format = HOTPLUG_IMAGE_FORMAT_DEFAULT;
  guint64 size = 0;

  if (!check_source (options, error)
      || !hotplugctl_parse_enum ("access-mode", options->access_mode, HOTPLUG_TYPE_ACCESS_MODE, access_words,
                                 &access_mode, error)
      || !hotplugctl_parse_enum ("volume-mode", options->volume_mode, HOTPLUG_TYPE_VOLUME_MODE, mode_words,
                                 &volume_mode, error)
      || !hotplugctl_parse_enum ("format", options->format, HOTPLUG_TYPE_IMAGE_FORMAT, format_words, &format, error)
      || !hotplugctl_parse_enum ("source-format", options->source_format, HOTPLUG_TYPE_IMAGE_FORMAT, format_words,
                                 &source_format, error)
      || (options->size != NULL && !hotplug_quantity_parse (options->size, &size, error)))
    return NULL;

  g_autofree char *directory = g_get_current_dir ();
  g_autofree char *path = options->source_file == NULL || g_path_is_absolute (options->source_file)
                              ? g_strdup (options->source_file)
                              : g_build_filename (directory, options->source_file, NULL);
  return g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, error,
                         "name", name,
                         "size", size,
                         "source-path", path,
                         "source-format", source_format,
                         "source-volume", options->clone,
                         "access-mode", access_mode,
                         "volume-mode", volume_mode,
                         "format", format,
                         "preallocation", options->preallocation,
                         "store", options->store,
                         NULL);
}

/* What a manifest says is said there alone. */
static gboolean
check_alone (const Options *options, GError **error)
{
  if (options->size == NULL && options->source_file == NULL && options->source_format == NULL && options->clone == NULL
      && options->access_mode == NULL && options->volume_mode == NULL && options->format == NULL
      && options->store == NULL && !options->preallocation)
    return TRUE;

  g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--filename excludes all options of a volume");
  return FALSE;
}

/* One of the two */
typedef struct
{
  GObject *object;
  HotplugMigrationRequest *migration;
} Described;

static void
free_described (gpointer data)
{
  Described *self = data;

  g_clear_object (&self->object);
  g_clear_pointer (&self->migration, hotplug_migration_request_unref);
  g_free (self);
}

static gboolean
describe_migration (const Options *options, HotplugManifest *manifest, Described *self, GError **error)
{
  self->migration = hotplug_migration_request_new_from_manifest (manifest, error);
  if (self->migration == NULL)
    return FALSE;
  if (options->to != NULL || hotplug_migration_request_get_destination_uri (self->migration) != NULL)
    return TRUE;

  g_set_error (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST,
      "line %u: where VMI \"%s\" shall go is not said: by --to=URI, or by the annotation libhotplug/destination "
      "of the migration's metadata",
      hotplug_manifest_get_line (manifest), hotplug_migration_request_get_vmi_name (self->migration));
  return FALSE;
}

static gboolean
describe (const Options *options, HotplugManifest *manifest, Described *self, GError **error)
{
  if (g_str_equal (hotplug_manifest_get_kind (manifest), MIGRATION_KIND))
    return describe_migration (options, manifest, self, error);
  if (g_str_equal (hotplug_manifest_get_kind (manifest), NETWORK_KIND))
    self->object = (GObject *)hotplug_network_attachment_new_from_manifest (manifest, error);
  else
    self->object = (GObject *)hotplug_data_volume_new_from_manifest (manifest, error);
  return self->object != NULL;
}

static GPtrArray *
describe_all (const Options *options, GPtrArray *manifests, GError **error)
{
  g_autoptr (GPtrArray) described = g_ptr_array_new_with_free_func (free_described);
  gboolean migrates = FALSE;

  for (guint i = 0; i < manifests->len; i++)
    {
      Described *one = g_new0 (Described, 1);
      g_ptr_array_add (described, one);
      if (!describe (options, g_ptr_array_index (manifests, i), one, error))
        return NULL;
      migrates = migrates || one->migration != NULL;
    }
  if (options->to != NULL && !migrates)
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST,
                           "--to is given, and there is no " MIGRATION_KIND);
      return NULL;
    }
  return g_steal_pointer (&described);
}

static gboolean
create_migration (Hotplugctl *ctl, const Options *options, HotplugMigrationRequest *request, GError **error)
{
  const Migration migration = {
    .name = hotplug_migration_request_get_name (request),
    .vmi = hotplug_migration_request_get_vmi_name (request),
    .to = options->to != NULL ? options->to : hotplug_migration_request_get_destination_uri (request),
    .timeout_msec = -1,
  };

  return migration_run (ctl, &migration, error);
}

static gboolean
create_described (Hotplugctl *ctl, const Options *options, const Described *one, GError **error)
{
  if (one->migration != NULL)
    return create_migration (ctl, options, one->migration, error);
  if (HOTPLUG_IS_NETWORK_ATTACHMENT (one->object))
    return network_create (ctl, HOTPLUG_NETWORK_ATTACHMENT (one->object), error);
  return data_volume_create (ctl, HOTPLUG_DATA_VOLUME (one->object), error);
}

/* All of them are read before the first is made. */
static gboolean
create_from_file (Hotplugctl *ctl, const Options *options, GError **error)
{
  g_autoptr (GPtrArray) manifests = manifest_file_read (options->file, error);
  if (manifests == NULL)
    return FALSE;

  g_autoptr (GPtrArray) described = describe_all (options, manifests, error);
  if (described == NULL)
    {
      manifest_file_prefix_error (options->file, error);
      return FALSE;
    }

  for (guint i = 0; i < described->len; i++)
    {
      if (i > 0 && ctl->manifest && ctl->format == HOTPLUG_MANIFEST_FORMAT_YAML)
        hotplugctl_print (ctl, "---\n");
      if (create_described (ctl, options, g_ptr_array_index (described, i), error))
        continue;
      if (i > 0)
        g_prefix_error (error, "%u of %u created; ", i, described->len);
      return FALSE;
    }
  return TRUE;
}

gboolean
hotplugctl_create (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);
  if (arguments == NULL || !manifest_file_check_arguments (ctl, options.file, arguments, error)
      || !migration_check_destination (options.to, error))
    return FALSE;
  if (options.file != NULL)
    return check_alone (&options, error) && create_from_file (ctl, &options, error);
  if (options.to != NULL)
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--to is for a migration, --filename=FILE");
      return FALSE;
    }

  if (network_is_kind (arguments[0]))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                   "create: a %s is made of a manifest, --filename=FILE", arguments[0]);
      return FALSE;
    }
  if (!data_volume_is_kind (arguments[0]))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "create: unknown kind \"%s\", it is datavolume",
                   arguments[0]);
      return FALSE;
    }

  g_autoptr (HotplugDataVolume) volume = make (&options, arguments[1], error);
  return volume != NULL && data_volume_create (ctl, volume, error);
}
