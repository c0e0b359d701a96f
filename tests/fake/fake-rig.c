/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-rig.h"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-host-private.h"
#include "host/hotplug-machine-lock-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define IMAGE_SIZE (1024 * 1024)
#define ROOT_PORTS 4
#define ITERATE_MAX (20 * G_TIME_SPAN_SECOND)

char *
rig_machine_xml (const char *uuid, const char *name, RigKind kind)
{
  g_autoptr (GString) xml = g_string_new (NULL);

  g_string_append_printf (xml,
                          "<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='KiB'>163840</memory>"
                          "<vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>"
                          "<controller type='pci' index='0' model='pcie-root'/>"
                          "<controller type='usb' index='0' model='none'/><memballoon model='none'/>",
                          name, uuid);
  for (int i = 1; i <= ROOT_PORTS && !(kind & RIG_NO_PORTS); i++)
    g_string_append_printf (xml,
                            "<controller type='pci' index='%d' model='pcie-root-port'><address type='pci'"
                            " domain='0x0000' bus='0x00' slot='0x01' function='0x%d'/></controller>",
                            i, i - 1);
  if (!(kind & (RIG_BARE | RIG_NO_PORTS)))
    g_string_append (xml, "<controller type='scsi' index='0' model='virtio-scsi'><address type='pci' domain='0x0000'"
                          " bus='0x01' slot='0x00' function='0x0'/></controller>");
  g_string_append (xml, "<disk type='file' device='cdrom'><target dev='sdz' bus='sata'/><readonly/>"
                        "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk></devices></domain>");
  return g_string_free (g_steal_pointer (&xml), FALSE);
}

static void
define (Rig *self, const char *uuid, const char *name, RigKind kind)
{
  g_autofree char *xml = rig_machine_xml (uuid, name, kind);

  if (!(kind & RIG_TRANSIENT))
    fake_machine_define (self->fake, uuid, xml);
  if (!(kind & RIG_STOPPED))
    fake_machine_run (self->fake, uuid, xml, HOTPLUG_VMI_STATE_RUNNING);
}

static HotplugVmi *
get_vmi (Rig *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  HotplugVmi *vmi = hotplug_host_get_vmi (self->host, name, NULL, &error);

  g_assert_no_error (error);
  return vmi;
}

static void
open_host (Rig *self)
{
  g_autoptr (GError) error = NULL;

  self->host = _hotplug_host_new (HOTPLUG_CONNECTION (self->fake), g_main_context_get_thread_default (), &error);
  g_assert_no_error (error);
}

static Rig *
new_rig (const char *directory, RigKind kind)
{
  Rig *self = g_new0 (Rig, 1);

  self->directory = g_strdup (directory);
  self->fake = fake_connection_new (directory);
  if (kind & RIG_REMOTE)
    fake_connection_set_remote (self->fake);
  open_host (self);
  return self;
}

Rig *
rig_new_empty (const char *directory, RigKind kind)
{
  return new_rig (directory, kind);
}

Rig *
rig_new (RigKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("hotplug-XXXXXX", &error);

  g_assert_no_error (error);
  Rig *self = new_rig (directory, kind);
  self->owns_directory = TRUE;
  define (self, RIG_UUID, RIG_VMI, kind);
  self->vmi = get_vmi (self, RIG_VMI);
  return self;
}

Rig *
rig_join (const char *directory, RigKind kind)
{
  Rig *self = new_rig (directory, kind);

  self->vmi = get_vmi (self, RIG_VMI);
  return self;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      if (g_unlink (below) != 0)
        remove_tree (below);
    }
  g_rmdir (path);
}

/* A thread of the library, or a result that was not yet taken, may hold them a little longer, but not for ever. */
static void
close_all (Rig *self)
{
  gint64 until = g_get_monotonic_time () + ITERATE_MAX;
  GWeakRef left;

  g_weak_ref_init (&left, self->fake);
  g_clear_object (&self->vmi);
  g_clear_object (&self->host);
  g_clear_object (&self->fake);
  for (gboolean gone = FALSE; !gone; g_usleep (100))
    {
      g_main_context_iteration (g_main_context_get_thread_default (), FALSE);
      g_autoptr (FakeConnection) still = g_weak_ref_get (&left);
      gone = still == NULL;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
    }
  g_weak_ref_clear (&left);
}

void
rig_free (Rig *self)
{
  close_all (self);
  if (self->owns_directory)
    remove_tree (self->directory);
  g_free (self->directory);
  g_free (self);
}

/* Disposing of a host closes its connection for good: the new one is a new connection, too. */
void
rig_renew (Rig *self)
{
  gboolean remote = !_hotplug_connection_is_local (HOTPLUG_CONNECTION (self->fake));

  close_all (self);
  self->fake = fake_connection_new (self->directory);
  if (remote)
    fake_connection_set_remote (self->fake);
  open_host (self);
}

void
rig_reopen (Rig *self)
{
  rig_renew (self);
  self->vmi = get_vmi (self, RIG_VMI);
}

void
rig_find_vmi (Rig *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->vmi);
  self->vmi = hotplug_host_get_vmi (self->host, RIG_VMI, NULL, &error);
  if (self->vmi == NULL)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

HotplugVmi *
rig_add_machine (Rig *self, const char *uuid, const char *name)
{
  define (self, uuid, name, RIG_RUNNING);
  return get_vmi (self, name);
}

char *
rig_image (Rig *self, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".img", NULL);
  char *path = g_build_filename (self->directory, file, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_file_set_contents (path, "\0", 1, NULL);
      g_assert_cmpint (truncate (path, IMAGE_SIZE), ==, 0);
    }
  return path;
}

HotplugVolume *
rig_volume (Rig *self, const char *name, HotplugBus bus)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = rig_image (self, name);
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path, "bus", bus,
                                          NULL);

  g_assert_no_error (error);
  return volume;
}

gboolean
rig_add_on (Rig *self, const char *name, HotplugBus bus, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugVolume) volume = rig_volume (self, name, bus);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (self->vmi, volume, flags, NULL, error);

  return status != NULL;
}

gboolean
rig_add (Rig *self, const char *name, HotplugPlugFlags flags, GError **error)
{
  return rig_add_on (self, name, HOTPLUG_BUS_SCSI, flags, error);
}

static HotplugDomain *
parse (const char *xml)
{
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = xml != NULL ? _hotplug_domain_from_xml (xml, &error) : NULL;

  g_assert_no_error (error);
  return domain;
}

static void
add_line (GPtrArray *lines, const char *side, const char *what, const HotplugDisk *disk)
{
  g_autofree char *address = _hotplug_address_to_string (&disk->address);

  g_ptr_array_add (lines, g_strdup_printf ("%s %s %s %s %s", side, what, disk->alias, disk->target, address));
}

static void
add_nic_line (GPtrArray *lines, const char *side, const char *what, const HotplugNic *nic)
{
  g_autofree char *address = _hotplug_address_to_string (&nic->address);

  g_ptr_array_add (lines, g_strdup_printf ("%s %s %s %s %s%s%s%s%s", side, what, nic->alias, nic->source, address,
                                           nic->link_down ? " down" : "", nic->filter != NULL ? " filtered" : "",
                                           nic->attachment != NULL ? " by " : "",
                                           nic->attachment != NULL ? nic->attachment : ""));
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
add_side (GPtrArray *lines, const char *side, const char *xml, gboolean with_records)
{
  g_autoptr (HotplugDomain) domain = parse (xml);

  for (guint i = 0; domain != NULL && i < domain->controllers->len; i++)
    {
      HotplugController *controller = g_ptr_array_index (domain->controllers, i);
      if (strcmp (controller->type, "scsi") == 0)
        g_ptr_array_add (lines, g_strdup_printf ("%s controller %u", side, controller->index));
      if (g_strcmp0 (controller->model, "pcie-root-port") == 0)
        g_ptr_array_add (lines, g_strdup_printf ("%s port %u", side, controller->index));
    }
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      if (_hotplug_volume_name_from_alias (((HotplugDisk *)g_ptr_array_index (domain->disks, i))->alias) != NULL)
        add_line (lines, side, "has", g_ptr_array_index (domain->disks, i));
    }
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (domain->disks, i);
      g_autofree char *medium = disk->path != NULL ? g_path_get_basename (disk->path) : g_strdup ("nothing");
      if (strcmp (disk->device, "cdrom") == 0)
        g_ptr_array_add (lines, g_strdup_printf ("%s drive %s holds %s", side, disk->target, medium));
    }
  for (guint i = 0; domain != NULL && i < domain->nics->len; i++)
    {
      if (_hotplug_interface_name_from_alias (((HotplugNic *)g_ptr_array_index (domain->nics, i))->alias) != NULL)
        add_nic_line (lines, side, "has", g_ptr_array_index (domain->nics, i));
    }
  for (guint i = 0; with_records && domain != NULL && i < domain->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (domain->records, i);
      const char *what = record->state == HOTPLUG_RECORD_REMOVING ? "removes" : "records";
      if (record->disk != NULL)
        add_line (lines, side, what, record->disk);
      else
        add_nic_line (lines, side, what, record->nic);
    }
}

char *
rig_state (Rig *self)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  fake_machine_read (self->fake, RIG_UUID, &text);
  add_side (lines, "live", text.live, text.template == NULL);
  add_side (lines, "template", text.template, TRUE);
  g_ptr_array_add (lines, g_strdup_printf ("state %d", text.state));
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

char *
rig_state_but_ports (Rig *self)
{
  g_autofree char *state = rig_state (self);
  g_auto (GStrv) lines = g_strsplit (state, "\n", -1);
  GString *kept = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_str_has_prefix (lines[i], "live port"))
        g_string_append_printf (kept, "%s\n", lines[i]);
    }
  return g_string_free (kept, FALSE);
}

gboolean
rig_state_has (Rig *self, const char *what)
{
  g_autofree char *state = rig_state (self);

  return strstr (state, what) != NULL;
}

char *
rig_intent (Rig *self)
{
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (self->fake));
  g_autofree char *journal = _hotplug_machine_lock_peek (directory, RIG_UUID);
  g_auto (HotplugMachineText) text = { 0 };

  if (journal != NULL && strstr (journal, "kind=") != NULL)
    return g_steal_pointer (&journal);

  fake_machine_read (self->fake, RIG_UUID, &text);
  g_autoptr (HotplugDomain) live = parse (text.live);
  g_autoptr (HotplugDomain) template = parse (text.template);
  if (live != NULL && live->intent != NULL)
    return g_strdup (live->intent);
  return g_strdup (template != NULL ? template->intent : NULL);
}

static void
assert_alone (GHashTable *seen, const char *kind, const char *what)
{
  char *key = g_strconcat (kind, " ", what, NULL);

  if (what == NULL)
    g_free (key);
  else if (!g_hash_table_add (seen, key))
    g_error ("%s is there twice", key);
}

static void
assert_side (const HotplugDomain *side, const HotplugDomain *other)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; side != NULL && i < side->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (side->disks, i);
      const HotplugDisk *twin = disk->alias != NULL ? _hotplug_domain_find_alias (other, disk->alias) : NULL;
      g_autofree char *address = _hotplug_address_to_string (&disk->address);
      g_autofree char *kind = g_strdup_printf ("address on bus %d", (int)disk->bus);

      assert_alone (seen, "alias", disk->alias);
      assert_alone (seen, "target", disk->target);
      assert_alone (seen, "serial", disk->serial);
      assert_alone (seen, kind, address);
      g_assert_true (twin == NULL || _hotplug_address_equal (&twin->address, &disk->address));
      g_assert_true (twin == NULL || strcmp (twin->target, disk->target) == 0);
    }
}

void
rig_assert_sound (Rig *self)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (self->fake, RIG_UUID, &text);
  g_autoptr (HotplugDomain) live = parse (text.live);
  g_autoptr (HotplugDomain) template = parse (text.template);
  assert_side (live, template);
  assert_side (template, live);
}

void
rig_iterate_until (gboolean *done)
{
  gint64 until = g_get_monotonic_time () + ITERATE_MAX;

  while (!*done && g_get_monotonic_time () < until)
    {
      g_main_context_iteration (g_main_context_get_thread_default (), FALSE);
      g_usleep (500);
    }
  g_assert_true (*done);
}
