/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/libvirt-qemu.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conformance/block-model.h"

#define WORD_BYTES 512
#define SAID_MOST 4096
#define FOLLOW_PATIENCE (20 * G_TIME_SPAN_SECOND)
#define FOLLOW_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

/* libvirt's text, cut where it is asked about */
typedef struct
{
  char *live; /* NULL: it does not run */
  char *template;
  char *records; /* the metadata */
} Texts;

static void
texts_clear (Texts *texts)
{
  g_free (texts->live);
  g_free (texts->template);
  g_free (texts->records);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Texts, texts_clear)

void
block_image_free (gpointer data)
{
  BlockImage *image = data;

  g_free (image->path);
  g_free (image);
}

void
block_disk_free (gpointer data)
{
  BlockDisk *disk = data;

  g_free (disk->name);
  g_free (disk->place);
  g_free (disk->recorded.files);
  g_ptr_array_unref (disk->chain);
  g_free (disk);
}

BlockImage *
block_image_new (const char *path, gboolean qcow2, guint mib)
{
  BlockImage *image = g_new0 (BlockImage, 1);

  image->path = g_strdup (path);
  image->qcow2 = qcow2;
  image->mib = mib;
  return image;
}

BlockDisk *
block_disk_new (const char *name, HotplugBus bus, gboolean persisted, BlockImage *image)
{
  BlockDisk *disk = g_new0 (BlockDisk, 1);

  disk->name = g_strdup (name);
  disk->bus = bus;
  disk->persisted = persisted;
  disk->chain = g_ptr_array_new_with_free_func (block_image_free);
  g_ptr_array_add (disk->chain, image);
  return disk;
}

BlockImage *
block_disk_image (const BlockDisk *disk, guint depth)
{
  return g_ptr_array_index (disk->chain, depth);
}

BlockDisk *
block_model_find (const BlockModel *model, const char *name)
{
  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      if (g_str_equal (disk->name, name))
        return disk;
    }
  return NULL;
}

const char *
block_disk_target (const BlockDisk *disk)
{
  static char target[16];
  const char *dev = disk->place != NULL ? strstr (disk->place, "dev='") : NULL;

  g_assert_nonnull (dev);
  dev += strlen ("dev='");
  g_strlcpy (target, dev, MIN (sizeof target, strcspn (dev, "'") + 1));
  return target;
}

static char *
list_files (const BlockDisk *disk)
{
  GString *files = g_string_new (NULL);

  for (guint i = 0; i < disk->chain->len; i++)
    g_string_append_printf (files, "%s ", block_disk_image (disk, i)->path);
  return g_string_free (files, FALSE);
}

void
block_model_follow (BlockModel *model)
{
  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);
      if (disk->persisted || !disk->plugged || disk->leaving)
        continue;
      g_free (disk->recorded.files);
      disk->recorded.files = list_files (disk);
      disk->recorded.iops = disk->iops;
    }
  model->followed = TRUE;
}

void
block_model_clear (BlockModel *model)
{
  g_ptr_array_unref (model->disks);
  g_clear_object (&model->vmi);
  virDomainFree (model->domain);
  virConnectClose (model->connect);
  g_free (model->machine);
  g_free (model->log);
}

/* The guest's own device. What QEMU prints of it stands in the machine's log before the monitor answers. */

static char *
ask_device (const BlockModel *model, const BlockDisk *disk, const char *what)
{
  g_autofree char *command = g_strdup_printf ("qemu-io -d %sua-hpv-%s%s \"%s\"",
                                              disk->bus == HOTPLUG_BUS_VIRTIO ? "/machine/peripheral/" : "",
                                              disk->name,
                                              disk->bus == HOTPLUG_BUS_VIRTIO ? "/virtio-backend" : "", what);
  g_autofree char *reply = NULL;
  char said[SAID_MOST] = "";
  FILE *log = fopen (model->log, "re");

  g_assert_true (log != NULL && fseek (log, 0, SEEK_END) == 0);
  int result = virDomainQemuMonitorCommand (model->domain, command, &reply, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP);
  said[fread (said, 1, sizeof said - 1, log)] = '\0';
  fclose (log);
  return result == 0 ? g_strconcat (reply, said, NULL)
                     : g_strdup_printf ("%s: %s", command, virGetLastErrorMessage ());
}

void
block_model_write (BlockModel *model, BlockDisk *disk, guint slot, guint8 word)
{
  g_autofree char *what = g_strdup_printf ("write -P %u %uM %u", word, slot, WORD_BYTES);
  g_autofree char *said = ask_device (model, disk, what);

  if (strstr (said, "wrote ") == NULL)
    g_error ("%s can't be written to: %s", disk->name, said);
  block_disk_image (disk, 0)->words[slot] = word;
}

static void G_GNUC_PRINTF (2, 3)
tell (GString *wrong, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (wrong, format, arguments);
  va_end (arguments);
  g_string_append_c (wrong, '\n');
}

static void
check_words (const BlockModel *model, const BlockDisk *disk, GString *wrong)
{
  for (guint slot = 0; slot < BLOCK_SLOTS; slot++)
    {
      guint8 word = block_disk_image (disk, 0)->words[slot];
      g_autofree char *what = g_strdup_printf ("read -v %uM 16", slot);
      g_autofree char *said = ask_device (model, disk, what);
      g_autofree char *line = g_strdup_printf (
          "%08x:  %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x %02x ", slot << 20, word,
          word, word, word, word, word, word, word, word, word, word, word, word, word, word, word);
      if (strstr (said, line) == NULL)
        tell (wrong, "%s: the guest is to read %02x in slot %u, and it reads %.60s", disk->name, word, slot, said);
    }
}

/* libvirt's text */

static Texts
read_texts (const BlockModel *model)
{
  g_autofree char *inactive = lab_inactive_xml (model->domain);
  char *devices = strstr (inactive, "<devices>");
  Texts texts = { 0 };

  g_assert_nonnull (devices);
  texts.live = lab_is_active (model->domain) ? lab_live_xml (model->domain) : NULL;
  texts.template = g_strdup (devices);
  GString *records = g_string_new_len (inactive, devices - inactive);
  g_string_replace (records, "hotplug:", "", 0);
  texts.records = g_strdelimit (g_string_free (records, FALSE), "\"", '\'');
  return texts;
}

/* From @before to @after, both included, around the first @what */
static char *
cut (const char *text, const char *before, const char *what, const char *after)
{
  const char *at = text != NULL ? strstr (text, what) : NULL;
  const char *begin = at != NULL ? g_strrstr_len (text, at - text + (gssize)strlen (what), before) : NULL;
  const char *end = at != NULL ? strstr (at, after) : NULL;

  return begin != NULL && end != NULL ? g_strndup (begin, (gsize)(end - begin) + strlen (after)) : NULL;
}

static char *
find_disk (const char *text, const BlockDisk *disk)
{
  g_autofree char *alias = g_strdup_printf ("<alias name='ua-hpv-%s'/>", disk->name);

  return cut (text, "<disk ", alias, "</disk>");
}

static char *
find_record (const Texts *texts, const BlockDisk *disk)
{
  g_autofree char *name = g_strdup_printf ("<volume name='%s'", disk->name);

  return cut (texts->records, "<volume ", name, "</volume>");
}

static guint
count (const char *text, const char *what)
{
  guint found = 0;

  for (const char *at = text; at != NULL && (at = strstr (at, what)) != NULL; at++)
    found++;
  return found;
}

static char *
files_of (const char *xml)
{
  GString *files = g_string_new (NULL);

  for (const char *at = xml; (at = strstr (at, "<source file='")) != NULL;)
    {
      at += strlen ("<source file='");
      g_string_append_printf (files, "%.*s ", (int)strcspn (at, "'"), at);
    }
  return g_string_free (files, FALSE);
}

static guint
iops_of (const char *xml)
{
  const char *at = strstr (xml, "<total_iops_sec>");

  return at != NULL ? (guint)g_ascii_strtoull (at + strlen ("<total_iops_sec>"), NULL, 10) : 0;
}

static char *
line_of (const char *xml, const char *begin)
{
  const char *at = strstr (xml, begin);

  return at != NULL ? g_strndup (at, strcspn (at, ">")) : g_strdup ("");
}

static char *
place_of (const char *xml)
{
  g_autofree char *target = line_of (xml, "<target ");
  g_autofree char *address = line_of (xml, "<address ");

  return g_strconcat (target, " ", address, NULL);
}

static void
check_text (const char *where, const char *xml, BlockDisk *disk, const char *files, guint iops, GString *wrong)
{
  g_autofree char *found = files_of (xml);
  g_autofree char *place = place_of (xml);

  if (!g_str_equal (found, files))
    tell (wrong, "%s: the files in %s are to be %s, and are %s", disk->name, where, files, found);
  if (iops_of (xml) != iops)
    tell (wrong, "%s: in %s are to be %u operations a second, and are %u", disk->name, where, iops, iops_of (xml));
  if (disk->place == NULL)
    disk->place = g_strdup (place);
  else if (!g_str_equal (disk->place, place))
    tell (wrong, "%s: in %s it is to be at %s, and is at %s", disk->name, where, disk->place, place);
}

static void
check_live (const Texts *texts, BlockDisk *disk, GString *wrong)
{
  g_autofree char *xml = find_disk (texts->live, disk);
  g_autofree char *files = list_files (disk);
  const char *format = block_disk_image (disk, 0)->qcow2 ? "type='qcow2'" : "type='raw'";

  if ((xml != NULL) != disk->plugged)
    tell (wrong, "%s: L is to have it: %d", disk->name, disk->plugged);
  if (xml == NULL || !disk->plugged)
    return;
  check_text ("L", xml, disk, files, disk->iops, wrong);
  g_autofree char *driver = line_of (xml, "<driver ");
  if (strstr (driver, format) == NULL)
    tell (wrong, "%s: in L it is to be %s: %s", disk->name, format, driver);
}

/* libvirt's template tells the first file, and no chain where a snapshot has made it */
static void
check_template (const Texts *texts, BlockDisk *disk, GString *wrong)
{
  g_autofree char *xml = find_disk (texts->template, disk);
  gboolean wanted = disk->persisted && !(disk->leaving && disk->for_good);
  g_autofree char *first = g_strdup_printf ("%s ", block_disk_image (disk, 0)->path);

  if ((xml != NULL) != wanted)
    tell (wrong, "%s: T is to have it: %d", disk->name, wanted);
  if (xml == NULL || !wanted)
    return;
  char *backing = strstr (xml, "<backingStore");
  if (backing != NULL)
    {
      g_autofree char *files = list_files (disk);
      g_autofree char *found = files_of (xml);
      if (!g_str_equal (found, files) && !g_str_equal (found, first))
        tell (wrong, "%s: the chain in T is to be %s, and is %s", disk->name, files, found);
      char *rest = g_strrstr (backing, "</backingStore>");
      rest = rest != NULL ? rest : backing;
      memmove (backing, rest, strlen (rest) + 1);
    }
  check_text ("T", xml, disk, first, disk->iops_template, wrong);
}

static gboolean
is_recorded_as (const char *xml, const char *files, guint iops)
{
  g_autofree char *found = files_of (xml);

  return g_str_equal (found, files) && iops_of (xml) == iops;
}

/* Nobody of the library may have looked since others did something: then the record may be what it was. */
static gboolean
check_record (const BlockModel *model, const Texts *texts, BlockDisk *disk, GString *wrong)
{
  g_autofree char *xml = find_record (texts, disk);
  g_autofree char *files = list_files (disk);
  gboolean wanted = !disk->persisted || disk->leaving;
  const char *state = disk->leaving ? "state='removing'" : "state='attached'";

  if ((xml != NULL) != wanted)
    tell (wrong, "%s: R is to have it: %d", disk->name, wanted);
  if (xml == NULL || !wanted)
    return TRUE;
  if (strstr (xml, state) == NULL)
    tell (wrong, "%s: its record is to be %s: %.200s", disk->name, state, xml);
  if (disk->leaving)
    return TRUE;
  g_autofree char *place = place_of (xml);
  if (disk->place != NULL && !g_str_equal (place, disk->place))
    tell (wrong, "%s: in R it is to be at %s, and is at %s", disk->name, disk->place, place);
  if (is_recorded_as (xml, files, disk->iops))
    return TRUE;
  if (!model->followed && is_recorded_as (xml, disk->recorded.files, disk->recorded.iops))
    return TRUE;

  g_autofree char *found = files_of (xml);
  tell (wrong, "%s: in R are to be %swith %u operations a second, and are %swith %u", disk->name, files, disk->iops,
        found, iops_of (xml));
  return FALSE;
}

guint
block_model_count_newer (const BlockModel *model, const BlockDisk *disk)
{
  g_auto (Texts) texts = read_texts (model);
  g_autofree char *xml = find_record (&texts, disk);
  g_autofree char *files = xml != NULL ? files_of (xml) : NULL;

  if (files == NULL || disk->leaving)
    return 0;
  for (guint i = 0; i < disk->chain->len; i++)
    {
      const char *path = block_disk_image (disk, i)->path;
      if (g_str_has_prefix (files, path) && files[strlen (path)] == ' ')
        return i;
    }
  g_error ("%s: recorded is %s", disk->name, files);
}

static void
check_images (const BlockDisk *disk, GString *wrong)
{
  const char *argv[] = { "qemu-img", "info", "-U", "--backing-chain", block_disk_image (disk, 0)->path, NULL };
  g_autofree char *said = NULL;
  g_autofree char *complaint = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  g_autofree char *files = list_files (disk);
  int status = 0;

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, &complaint, &status, NULL)
      || status != 0)
    tell (wrong, "%s: qemu-img: %s", disk->name, complaint);
  for (const char *at = said; at != NULL && (at = strstr (at, "image: ")) != NULL;)
    {
      at += strlen ("image: ");
      g_string_append_printf (found, "%.*s ", (int)strcspn (at, "\n"), at);
    }
  if (!g_str_equal (found->str, files))
    tell (wrong, "%s: the images are to be %s, and are %s", disk->name, files, found->str);
}

static void
check_size (const BlockModel *model, const BlockDisk *disk, GString *wrong)
{
  virDomainBlockInfo info = { 0 };
  guint mib = block_disk_image (disk, 0)->mib;

  if (virDomainGetBlockInfo (model->domain, block_disk_target (disk), &info, 0) != 0 || info.capacity >> 20 != mib)
    tell (wrong, "%s: it is to have %u MiB, and has %u: %s", disk->name, mib, (guint)(info.capacity >> 20),
          virGetLastErrorMessage ());
}

static void
check_statuses (BlockModel *model, GString *wrong)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (model->vmi, NULL, &error);

  g_assert_no_error (error);
  if (statuses->len != model->disks->len)
    tell (wrong, "there are to be %u volumes, and are %u", model->disks->len, statuses->len);
  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
      const char *name = hotplug_volume_status_get_name (status);
      const BlockDisk *disk = block_model_find (model, name);
      HotplugVolumePhase phase = hotplug_volume_status_get_phase (status);

      if (disk == NULL)
        tell (wrong, "%s: nobody knows such a volume", name);
      else if (disk->plugged
               && (phase != (disk->leaving ? HOTPLUG_VOLUME_PHASE_DETACHING : HOTPLUG_VOLUME_PHASE_READY)
                   || g_strcmp0 (hotplug_volume_status_get_path (status), block_disk_image (disk, 0)->path) != 0))
        tell (wrong, "%s: its status is of phase %d, %s", name, (int)phase, hotplug_volume_status_get_path (status));
    }
}

/* TRUE: the records are what they must be, or won't be */
static gboolean
check_once (BlockModel *model, GString *wrong)
{
  g_auto (Texts) texts = read_texts (model);
  guint live = 0, template = 0;
  gboolean settled = TRUE;

  if ((texts.live != NULL) != model->running)
    tell (wrong, "it is to run: %d", model->running);
  for (guint i = 0; i < model->disks->len; i++)
    {
      BlockDisk *disk = g_ptr_array_index (model->disks, i);

      live += disk->plugged;
      template += disk->persisted && !(disk->leaving && disk->for_good);
      check_live (&texts, disk, wrong);
      check_template (&texts, disk, wrong);
      settled = check_record (model, &texts, disk, wrong) && settled;
    }
  if (count (texts.live, "<alias name='ua-hpv-") != live)
    tell (wrong, "L is to have %u of our disks, and has %u", live, count (texts.live, "<alias name='ua-hpv-"));
  if (count (texts.template, "<alias name='ua-hpv-") != template)
    tell (wrong, "T is to have %u of our disks, and has %u", template, count (texts.template, "<alias name='ua-hpv-"));
  return settled;
}

char *
block_model_check (BlockModel *model)
{
  gint64 until = g_get_monotonic_time () + FOLLOW_PATIENCE;
  g_autoptr (GString) wrong = g_string_new (NULL);

  /* a handle's own thread follows the events of others' work, in its time */
  while (!check_once (model, wrong) && g_get_monotonic_time () < until)
    {
      g_usleep (FOLLOW_INTERVAL);
      g_string_truncate (wrong, 0);
    }
  check_statuses (model, wrong);
  for (guint i = 0; i < model->disks->len; i++)
    {
      const BlockDisk *disk = g_ptr_array_index (model->disks, i);

      check_images (disk, wrong);
      if (!disk->plugged)
        continue;
      check_words (model, disk, wrong);
      check_size (model, disk, wrong);
    }
  return wrong->len > 0 ? g_string_free (g_steal_pointer (&wrong), FALSE) : NULL;
}
