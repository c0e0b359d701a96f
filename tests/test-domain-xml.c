/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "xml/hotplug-domain-xml-private.h"

/* libvirt's own XML of real machines against what is to be read out of it */
static const char *const files[] = { "q35-live", "q35-template", "pc-live", "pc-template", "foreign" };

static char *
read_file (const char *name, const char *suffix)
{
  g_autofree char *base = g_strconcat (name, suffix, NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "domains", base, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
print_disk (GString *out, const char *what, const HotplugDisk *disk)
{
  g_autofree char *address = _hotplug_address_to_string (&disk->address);

  g_string_append_printf (out, "%s %s: alias %s, device %s, bus %d, path %s%s, serial %s, cache %d%s, at %s\n", what,
                          disk->target, disk->alias != NULL ? disk->alias : "none", disk->device, (int)disk->bus,
                          disk->block ? "block " : "", disk->path != NULL ? disk->path : "none",
                          disk->serial != NULL ? disk->serial : "none", (int)disk->cache,
                          disk->read_only ? ", read-only" : "", address != NULL ? address : "nowhere");
}

static char *
print (const HotplugDomain *domain)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_append_printf (out, "%s %s %s %s: %" G_GUINT64_FORMAT " bytes, %u vcpus, %s\n", domain->name, domain->uuid,
                          domain->arch, domain->machine, domain->memory, domain->vcpus,
                          domain->active ? "live" : "template");
  for (guint i = 0; i < domain->disks->len; i++)
    print_disk (out, "disk", g_ptr_array_index (domain->disks, i));
  for (guint i = 0; i < domain->controllers->len; i++)
    {
      const HotplugController *controller = g_ptr_array_index (domain->controllers, i);
      g_autofree char *address = _hotplug_address_to_string (&controller->address);
      g_string_append_printf (out, "controller %s %u: alias %s, model %s%s, at %s\n", controller->type,
                              controller->index, controller->alias != NULL ? controller->alias : "none",
                              controller->model != NULL ? controller->model : "none",
                              controller->hotplug ? "" : ", no hotplug", address != NULL ? address : "nowhere");
    }
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, i);
      g_autofree char *address = _hotplug_address_to_string (&device->address);
      if (device->address.kind == HOTPLUG_ADDRESS_PCI)
        g_string_append_printf (out, "pci %s\n", address);
    }
  for (guint i = 0; i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      print_disk (out, record->state == HOTPLUG_RECORD_REMOVING ? "removing" : "record", record->disk);
    }
  if (domain->intent != NULL)
    g_string_append_printf (out, "intent %s\n", domain->intent);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_file (gconstpointer name)
{
  g_autofree char *xml = read_file (name, ".xml");
  g_autofree char *expected = read_file (name, ".expected");
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  g_autofree char *printed = print (domain);
  g_assert_cmpstr (printed, ==, expected);
}

/* Every prefix of a real one is refused, and harms nothing. */
static void
test_torn (void)
{
  g_autofree char *xml = read_file ("q35-live", ".xml");
  gsize end = (gsize)(g_strrstr (xml, "</domain>") - xml);

  for (gsize length = 0; length < end; length += 7)
    {
      g_autofree char *torn = g_strndup (xml, length);
      g_assert_null (_hotplug_domain_from_xml (torn, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/domain-xml/%s", files[i]);
      g_test_add_data_func (path, files[i], test_file);
    }
  g_test_add_func ("/domain-xml/torn", test_torn);

  return g_test_run ();
}
