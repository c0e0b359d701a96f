/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "bench/bench.h"
#include "host/hotplug-machine-lock-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-placement-private.h"
#include "storage/hotplug-source-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* What an operation does before and after the calls that its outcome needs, each part alone */
typedef struct
{
  virDomainPtr domain;
  HotplugVolume *volume;
  const char *directory;
  char *live_xml;
  char *template_xml;
  HotplugDomain *live;
  HotplugDomain *template;
} Machine;

static void
read_live (Machine *machine)
{
  free (machine->live_xml);
  machine->live_xml = virDomainGetXMLDesc (machine->domain, 0);
}

static void
read_template (Machine *machine)
{
  free (machine->template_xml);
  machine->template_xml = virDomainGetXMLDesc (machine->domain, VIR_DOMAIN_XML_INACTIVE);
}

static void
parse (Machine *machine)
{
  g_clear_pointer (&machine->live, _hotplug_domain_free);
  g_clear_pointer (&machine->template, _hotplug_domain_free);
  machine->live = _hotplug_domain_from_xml (machine->live_xml, NULL);
  machine->template = _hotplug_domain_from_xml (machine->template_xml, NULL);
}

static void
apply_rules (Machine *machine)
{
  HotplugSides sides = { machine->live, machine->template };
  g_auto (HotplugPlacement) placement = { 0 };

  _hotplug_admission_add (&sides, machine->volume, 0, NULL);
  _hotplug_placement_choose (&sides, "volume", HOTPLUG_BUS_SCSI, &placement, NULL);
}

static void
check_source (Machine *machine)
{
  g_auto (HotplugSource) source = { 0 };

  _hotplug_source_probe ("volume", hotplug_volume_get_path (machine->volume), FALSE, TRUE, &source, NULL);
  for (guint i = 0; i < machine->live->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (machine->live->disks, i);
      _hotplug_source_is (&source, disk->path);
    }
}

static void
lock_and_journal (Machine *machine)
{
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (machine->directory, "bench", NULL, NULL);

  g_free (_hotplug_machine_lock_read (lock));
  _hotplug_machine_lock_write (lock, "[intent]\nkind=add\nvolume=volume\n", NULL);
  _hotplug_machine_lock_write (lock, NULL, NULL);
}

void
bench_print_parts (virDomainPtr domain, const char *image, guint rounds, double ours, double raw)
{
  static const struct
  {
    const char *name;
    void (*run) (Machine *);
  } parts[] = {
    { "read the live XML", read_live },   { "read the inactive XML", read_template },
    { "parse both", parse },              { "check name, serial, place", apply_rules },
    { "check the source", check_source }, { "lock and journal", lock_and_journal },
  };
  g_autofree char *directory = lab_dir_new ();
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("volume", image, NULL);
  Machine machine = { .domain = domain, .volume = volume, .directory = directory };
  double rest = ours - raw;

  g_print ("       where the %.2f ms of an add that is not persisted goes that the raw calls don't take:\n", rest);
  for (guint part = 0; part < G_N_ELEMENTS (parts); part++)
    {
      g_auto (BenchSeries) series;

      bench_series_init (&series);
      for (guint round = 0; round < rounds; round++)
        {
          gint64 start = g_get_monotonic_time ();
          parts[part].run (&machine);
          bench_series_add (&series, g_get_monotonic_time () - start);
        }

      double median = bench_series_median (&series);
      g_print ("         %-28s %7.3f ms %5.1f %% of raw\n", parts[part].name, median, 100 * median / raw);
      rest -= median;
    }
  g_print ("         %-28s %7.3f ms %5.1f %% of raw\n", "all else, and noise", rest, 100 * rest / raw);
  g_print ("         (the live XML has %" G_GSIZE_FORMAT " bytes)\n", strlen (machine.live_xml));

  free (machine.live_xml);
  free (machine.template_xml);
  g_clear_pointer (&machine.live, _hotplug_domain_free);
  g_clear_pointer (&machine.template, _hotplug_domain_free);
}
