/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "bench/batch.h"
#include "model/hotplug-volume-private.h"
#include "rules/hotplug-target-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "storage/hotplug-source-private.h"
#include "xml/hotplug-device-xml-private.h"

#define PATIENCE (300 * G_TIME_SPAN_SECOND)

static void
on_removed (virConnectPtr connect G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, const char *alias G_GNUC_UNUSED,
            void *opaque)
{
  BatchMachine *self = opaque;

  g_mutex_lock (&self->lock);
  self->removed++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
expect (BatchMachine *self)
{
  g_mutex_lock (&self->lock);
  self->removed = 0;
  g_mutex_unlock (&self->lock);
}

/* Both connections hear of every removal, in either order: nobody goes on before all is said. */
static void
await (BatchMachine *self, guint count)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&self->lock);
  while (self->removed < count)
    {
      if (!g_cond_wait_until (&self->changed, &self->lock, until))
        g_error ("%u of %u removed events", self->removed, count);
    }
  g_mutex_unlock (&self->lock);
}

/* The very disk that the library makes of the volume, so that QEMU has the same to do */
static char *
make_xml (HotplugVolume *volume, guint number, const char *alias)
{
  const HotplugSides sides = { 0 };
  g_auto (HotplugSource) source = { 0 };
  g_autoptr (GError) error = NULL;
  HotplugPlacement placement = { .target = _hotplug_target_name ("sd", number),
                                 .address = _hotplug_address_drive (0, 0, 0, number) };

  _hotplug_source_probe (hotplug_volume_get_name (volume), hotplug_volume_get_path (volume), FALSE, TRUE, &source,
                         &error);
  g_assert_no_error (error);
  HotplugDisk *disk = _hotplug_volume_to_disk (volume, &source, &placement, &sides);
  g_free (disk->alias);
  disk->alias = g_strdup (alias);

  char *xml = _hotplug_disk_to_xml (disk);
  _hotplug_disk_free (disk);
  _hotplug_placement_clear (&placement);
  return xml;
}

static void
make_volumes (BatchMachine *self, guint disks, guint count)
{
  self->volumes = g_ptr_array_new_with_free_func (g_object_unref);
  self->names = g_new0 (char *, count + 1);
  self->xml = g_new0 (char *, count + 1);
  self->aliases = g_new0 (char *, count + 1);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GError) error = NULL;

      self->names[i] = g_strdup_printf ("hpv-batch-%u", i);
      self->aliases[i] = g_strdup_printf (BENCH_RAW_ALIAS "-%u", i);
      g_autofree char *image = lab_image_new (self->directory, self->names[i], 1 << 20);
      HotplugVolume *volume = hotplug_volume_new_for_path (self->names[i], image, &error);
      g_assert_no_error (error);
      g_ptr_array_add (self->volumes, volume);
      self->xml[i] = make_xml (volume, disks + i, self->aliases[i]);
    }
}

BatchMachine *
batch_machine_new (const Batch *batch, const char *name, guint disks, guint count)
{
  BatchMachine *self = g_new0 (BatchMachine, 1);
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->directory = lab_dir_new ();
  g_auto (GStrv) devices = bench_make_disks (self->directory, disks);
  const LabMachine machine = { .name = name,
                               .directory = self->directory,
                               .root_ports = 6,
                               .scsi = TRUE,
                               .bare = TRUE,
                               .devices = (const char *const *)devices };
  g_autofree char *xml = lab_machine_xml (&machine);

  self->domain = lab_define (batch->connect, xml);
  lab_create (self->domain, TRUE);
  self->template = lab_inactive_xml (self->domain);
  self->vmi = hotplug_host_get_vmi (batch->host, name, NULL, &error);
  g_assert_no_error (error);
  self->callback = virConnectDomainEventRegisterAny (batch->connect, self->domain, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                                     VIR_DOMAIN_EVENT_CALLBACK (on_removed), self, NULL);
  g_assert_cmpint (self->callback, >=, 0);
  make_volumes (self, disks, count);
  return self;
}

/* The callback may run once more after this: what it touches stays */
void
batch_machine_free (BatchMachine *self)
{
  virConnectDomainEventDeregisterAny (virDomainGetConnect (self->domain), self->callback);
  g_clear_object (&self->vmi);
  lab_destroy (self->domain);
  lab_undefine (self->domain);
  virDomainFree (self->domain);
  g_free (self->directory);
  free (self->template);
  g_ptr_array_unref (self->volumes);
  g_strfreev (self->names);
  g_strfreev (self->xml);
  g_strfreev (self->aliases);
}

gint64
batch_add (BatchMachine *self, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (self->vmi, self->volumes, flags, NULL, &error);
  gint64 end = g_get_monotonic_time ();

  g_assert_no_error (error);
  g_assert_cmpuint (statuses->len, ==, self->volumes->len);
  return end - start;
}

gint64
batch_plan (BatchMachine *self, HotplugPlugFlags flags)
{
  return batch_add (self, flags | HOTPLUG_PLUG_DRY_RUN);
}

gint64
batch_remove (BatchMachine *self, guint from, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autofree const char **names = g_new0 (const char *, count + 1);

  memcpy (names, self->names + from, count * sizeof *names);
  expect (self);
  gint64 start = g_get_monotonic_time ();
  hotplug_vmi_remove_volumes (self->vmi, names, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  gint64 end = g_get_monotonic_time ();
  g_assert_no_error (error);
  await (self, count);
  return end - start;
}

gint64
batch_raw_attach (BatchMachine *self, guint flags)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; self->xml[i] != NULL; i++)
    lab_attach (self->domain, self->xml[i], flags);
  self->attached = self->volumes->len;
  return g_get_monotonic_time () - start;
}

gint64
batch_raw_detach (BatchMachine *self, guint count, guint flags)
{
  expect (self);
  gint64 start = g_get_monotonic_time ();
  for (guint i = 0; i < count; i++)
    lab_detach (self->domain, self->xml[i], flags);
  gint64 end = g_get_monotonic_time ();
  await (self, count);
  self->attached -= count;
  return end - start;
}

gint64
batch_raw_clear (BatchMachine *self)
{
  guint first = self->volumes->len - self->attached;

  expect (self);
  gint64 start = g_get_monotonic_time ();
  for (guint i = first; self->aliases[i] != NULL; i++)
    {
      if (virDomainDetachDeviceAlias (self->domain, self->aliases[i], VIR_DOMAIN_AFFECT_LIVE) < 0)
        g_error ("detach: %s", virGetLastErrorMessage ());
    }
  await (self, self->attached);
  gint64 end = g_get_monotonic_time ();
  self->attached = 0;

  g_autoptr (LabDomain) again = lab_define (virDomainGetConnect (self->domain), self->template);
  return end - start;
}
