/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "volume-options.h"

#include <string.h>

#include "volume-request.h"
#include "volume-source.h"

/* All that is said of a volume by an option of its own, and has to be freed */
#define N_WORDS 10
#define N_LISTS 5

static void
list_texts (VolumeOptions *self, char **words[N_WORDS], char ***lists[N_LISTS])
{
  char **all_words[N_WORDS] = { &self->disk_type,
                                &self->bus,
                                &self->cache,
                                &self->io,
                                &self->discard,
                                &self->error_policy,
                                &self->access_mode,
                                &self->format,
                                &self->logical_block_size,
                                &self->physical_block_size };
  char ***all_lists[N_LISTS] = { &self->names, &self->sources, &self->disk_names, &self->serials, &self->boot_orders };

  memcpy (words, all_words, sizeof all_words);
  memcpy (lists, all_lists, sizeof all_lists);
}

void
volume_options_clear (VolumeOptions *self)
{
  char **words[N_WORDS];
  char ***lists[N_LISTS];

  list_texts (self, words, lists);
  for (gsize i = 0; i < N_WORDS; i++)
    g_clear_pointer (words[i], g_free);
  for (gsize i = 0; i < N_LISTS; i++)
    g_clear_pointer (lists[i], g_strfreev);
  g_clear_pointer (&self->file, g_free);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, why);
  return FALSE;
}

/* The library has the rule for a word that it knows and refuses; one that it does not know gets the same code. */
static gboolean
parse_word (const char *what, const char *word, GType type, int *value, HotplugError code, const char *rule,
            GError **error)
{
  if (word == NULL)
    return TRUE;

  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *)klass, word);
  if (found == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, (int)code, "%s \"%s\" %s", what, word, rule);
      return FALSE;
    }

  *value = found->value;
  return TRUE;
}

/* What holds for all of the volumes */
typedef struct
{
  int bus;
  int device;
  int cache;
  int io;
  int discard;
  int error_policy;
  int access_mode;
  int format;
  guint logical_block_size;
  guint physical_block_size;
} Values;

static const char *const cache_words[] = { "none", "writethrough", "writeback", NULL };
static const char *const io_words[] = { "native", "threads", NULL };
static const char *const discard_words[] = { "unmap", "ignore", NULL };
static const char *const policy_words[] = { "stop", "ignore", "report", "enospace", NULL };
static const char *const access_words[] = { "ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", NULL };
static const char *const format_words[] = { "raw", "qcow2", NULL };

static gboolean
parse_values (const VolumeOptions *self, Values *values, GError **error)
{
  const struct
  {
    const char *option;
    const char *text;
    GType type;
    const char *const *words;
    int *value;
  } options[] = {
    { "cache", self->cache, HOTPLUG_TYPE_CACHE, cache_words, &values->cache },
    { "io", self->io, HOTPLUG_TYPE_IO, io_words, &values->io },
    { "discard", self->discard, HOTPLUG_TYPE_DISCARD, discard_words, &values->discard },
    { "error-policy", self->error_policy, HOTPLUG_TYPE_ERROR_POLICY, policy_words, &values->error_policy },
    { "access-mode", self->access_mode, HOTPLUG_TYPE_ACCESS_MODE, access_words, &values->access_mode },
    { "format", self->format, HOTPLUG_TYPE_IMAGE_FORMAT, format_words, &values->format },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      if (!hotplugctl_parse_enum (options[i].option, options[i].text, options[i].type, options[i].words,
                                  options[i].value, error))
        return FALSE;
    }

  return hotplugctl_parse_number ("logical-block-size", self->logical_block_size, 1, &values->logical_block_size, error)
         && hotplugctl_parse_number ("physical-block-size", self->physical_block_size, 1, &values->physical_block_size,
                                     error)
         && parse_word ("bus", self->bus, HOTPLUG_TYPE_BUS, &values->bus, HOTPLUG_ERROR_BUS_UNSUPPORTED,
                        "takes no hotplugged disk, \"scsi\" and \"virtio\" do", error)
         && parse_word ("disk type", self->disk_type, HOTPLUG_TYPE_DISK_TYPE, &values->device,
                        HOTPLUG_ERROR_DEVICE_UNSUPPORTED, "can't be hotplugged, \"disk\" and \"lun\" can", error);
}

static gboolean
check_list (const VolumeOptions *self, const char *option, char **list, GError **error)
{
  return hotplugctl_check_list (option, list, "volume-name", self->names, "volume", error);
}

static gboolean
check_lists (const VolumeOptions *self, GError **error)
{
  for (char **order = self->boot_orders; order != NULL && *order != NULL; order++)
    {
      guint number;
      if (!hotplugctl_parse_number ("boot-order", *order, 1, &number, error))
        return FALSE;
    }

  return check_list (self, "source", self->sources, error) && check_list (self, "disk-name", self->disk_names, error)
         && check_list (self, "serial", self->serials, error)
         && check_list (self, "boot-order", self->boot_orders, error);
}

/* What a file says is said there alone. */
static gboolean
check_alone (VolumeOptions *self, GError **error)
{
  char **words[N_WORDS];
  char ***lists[N_LISTS];
  gboolean alone = !self->match_block_size && !self->dedicated_io_thread && !self->shareable && !self->read_only;

  list_texts (self, words, lists);
  for (gsize i = 0; i < N_WORDS; i++)
    alone = alone && *words[i] == NULL;
  for (gsize i = 0; i < N_LISTS; i++)
    alone = alone && *lists[i] == NULL;
  return alone || refuse (error, "--filename excludes all options of a volume");
}

static gboolean
check (VolumeOptions *self, GError **error)
{
  if (self->file != NULL)
    return check_alone (self, error);
  if (self->names == NULL)
    return refuse (error, "--volume-name=NAME is missing, or --filename=FILE");
  if (self->sources == NULL && (self->access_mode != NULL || self->format != NULL))
    return refuse (error, "--access-mode and --format are for --source=PATH; a data volume has its own");
  if (self->match_block_size && (self->logical_block_size != NULL || self->physical_block_size != NULL))
    return refuse (error, "--match-block-size excludes --logical-block-size and --physical-block-size");
  return check_lists (self, error);
}

char **
volume_options_parse (Hotplugctl *ctl, VolumeOptions *self, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "filename", 'f', 0, G_OPTION_ARG_FILENAME, &self->file, "AddVolumeOptions that say it all, - for standard input",
      "FILE" },
    { "volume-name", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->names, "The volume; required; several go together",
      "NAME" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->sources,
      "Its image file, directory with a disk.img, or block device on the host, or a URI (nbd, nbd+unix, iscsi, rbd); "
      "default: the data volume of that name",
      "PATH|URI" },
    { "disk-name", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->disk_names,
      "What the VMI calls it; default: the volume's name", "NAME" },
    { "serial", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->serials, "The serial that the guest sees; default: the name",
      "SERIAL" },
    { "disk-type", 0, 0, G_OPTION_ARG_STRING, &self->disk_type,
      "disk, or lun for a SCSI device that the guest speaks to itself; default: disk", "TYPE" },
    { "bus", 0, 0, G_OPTION_ARG_STRING, &self->bus, "scsi, which needs no PCI port, or virtio; default: scsi", "BUS" },
    { "cache", 0, 0, G_OPTION_ARG_STRING, &self->cache, "none, writethrough or writeback; default: none where it works",
      "MODE" },
    { "io", 0, 0, G_OPTION_ARG_STRING, &self->io,
      "native or threads; default: native where nothing has to be allocated", "MODE" },
    { "discard", 0, 0, G_OPTION_ARG_STRING, &self->discard, "unmap or ignore; default: unmap, but for a preallocated data volume", "MODE" },
    { "error-policy", 0, 0, G_OPTION_ARG_STRING, &self->error_policy, "stop, ignore, report or enospace; default: stop",
      "POLICY" },
    { "logical-block-size", 0, 0, G_OPTION_ARG_STRING, &self->logical_block_size, "The sectors that the guest sees",
      "BYTES" },
    { "physical-block-size", 0, 0, G_OPTION_ARG_STRING, &self->physical_block_size,
      "The blocks that the guest is told to write in", "BYTES" },
    { "match-block-size", 0, 0, G_OPTION_ARG_NONE, &self->match_block_size, "Both as the source has them", NULL },
    { "boot-order", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->boot_orders,
      "When the firmware tries to boot from it, from 1", "N" },
    { "dedicated-io-thread", 0, 0, G_OPTION_ARG_NONE, &self->dedicated_io_thread,
      "Let one of the VMI's IO threads serve it; bus virtio only", NULL },
    { "shareable", 0, 0, G_OPTION_ARG_NONE, &self->shareable, "Let other VMIs write to it at the same time", NULL },
    { "read-only", 0, 0, G_OPTION_ARG_NONE, &self->read_only, "Let the guest read only", NULL },
    { "access-mode", 0, 0, G_OPTION_ARG_STRING, &self->access_mode,
      "Of the source: ReadWriteOnce, ReadWriteMany or ReadOnlyMany; default: ReadWriteOnce", "MODE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &self->format, "Of the source: raw or qcow2; default: raw, if it does not begin as another one", "FORMAT" },
    { "allow-mounted", 0, 0, G_OPTION_ARG_NONE, &self->allow_mounted,
      "Let the guest write to what the host has mounted", NULL },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &self->persist, "Make it part of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry_run, "Check everything, print the plan, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };
  Values values = { 0 };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !check (self, error) || !parse_values (self, &values, error))
    return NULL;
  return g_steal_pointer (&arguments);
}

/* A path that is one has no :// in it, or ./ before it. */
static gboolean
is_uri (const char *source)
{
  return source != NULL && strstr (source, "://") != NULL && g_uri_peek_scheme (source) != NULL;
}

/* What was allotted in advance stays so, unless it is said otherwise. */
static void
take_data_volume (HotplugDataVolume *found, Values *values)
{
  values->access_mode = (int)hotplug_data_volume_get_access_mode (found);
  values->format = (int)hotplug_data_volume_get_format (found);
  /* of a file here the library sees it by itself, and says nothing of it, which is KubeVirt's way */
  gboolean seen = hotplug_data_volume_get_volume_mode (found) == HOTPLUG_VOLUME_MODE_FILESYSTEM
                  && g_file_test (hotplug_data_volume_get_path (found), G_FILE_TEST_EXISTS);
  if (values->discard == HOTPLUG_DISCARD_DEFAULT && hotplug_data_volume_get_preallocation (found) && !seen)
    values->discard = HOTPLUG_DISCARD_IGNORE;
}

static HotplugVolume *
make_one (const VolumeOptions *self, Hotplugctl *ctl, guint i, GError **error)
{
  Values values
      = { .bus = HOTPLUG_BUS_SCSI, .discard = HOTPLUG_DISCARD_DEFAULT, .format = HOTPLUG_IMAGE_FORMAT_DEFAULT };
  const char *source = self->sources != NULL ? self->sources[i] : NULL;
  g_autofree char *path = NULL;
  guint boot_order = 0;

  if (!parse_values (self, &values, error)
      || (self->boot_orders != NULL
          && !hotplugctl_parse_number ("boot-order", self->boot_orders[i], 1, &boot_order, error)))
    return NULL;
  if (!is_uri (source))
    {
      g_autoptr (HotplugDataVolume) found = NULL;
      path = volume_source_find (ctl, source, self->names[i], &found, error);
      if (path == NULL)
        return NULL;
      if (found != NULL)
        take_data_volume (found, &values);
    }

  return g_initable_new (HOTPLUG_TYPE_VOLUME, ctl->cancellable, error,
                         "name", self->disk_names != NULL ? self->disk_names[i] : self->names[i],
                         "path", path,
                         "uri", path == NULL ? source : NULL,
                         "serial", self->serials != NULL ? self->serials[i] : NULL,
                         "device", values.device,
                         "bus", values.bus,
                         "cache", values.cache,
                         "io", values.io,
                         "discard", values.discard,
                         "error-policy", values.error_policy,
                         "logical-block-size", values.logical_block_size,
                         "physical-block-size", values.physical_block_size,
                         "match-block-size", self->match_block_size,
                         "boot-order", boot_order,
                         "dedicated-io-thread", self->dedicated_io_thread,
                         "shareable", self->shareable,
                         "read-only", self->read_only,
                         "allow-mounted", self->allow_mounted,
                         "access-mode", values.access_mode,
                         "format", values.format,
                         NULL);
}

GPtrArray *
volume_options_make (VolumeOptions *self, Hotplugctl *ctl, GError **error)
{
  if (self->file != NULL)
    return volume_request_make_volumes (ctl, self->file, &self->dry_run, error);

  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; self->names[i] != NULL; i++)
    {
      HotplugVolume *volume = make_one (self, ctl, i, error);
      if (volume == NULL)
        return NULL;
      g_ptr_array_add (volumes, volume);
    }
  return g_steal_pointer (&volumes);
}
