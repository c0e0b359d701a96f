/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "xml/hotplug-template-xml-private.h"

static char *
add (const char *xml, const char *first, const char *second, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  if (first != NULL)
    g_ptr_array_add (devices, (gpointer)first);
  if (second != NULL)
    g_ptr_array_add (devices, (gpointer)second);
  return _hotplug_template_add_devices (xml, devices, NULL, error);
}

/* What stands there stays as it is: passwords, namespaces, escapes, CDATA, elements that nobody here knows. */
static void
test_rest_stays (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = add (
      "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>a &amp; b &lt;</name>"
      "<metadata><devices>not these</devices><x:y xmlns:x='urn:x'><![CDATA[<]]></x:y></metadata>"
      "<devices><graphics type='vnc' passwd='s&quot;e&#10;cret'/><disk/></devices>"
      "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>",
      "<controller type='pci' index='7' model='pcie-root-port'/>",
      "<disk type=\"file\"><serial>a&amp;b</serial></disk>", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>a &amp; b &lt;</name>"
                   "<metadata><devices>not these</devices><x:y xmlns:x='urn:x'><![CDATA[<]]></x:y></metadata>"
                   "<devices><graphics type='vnc' passwd='s&quot;e&#10;cret'/><disk/>\n"
                   "    <controller type='pci' index='7' model='pcie-root-port'/>\n"
                   "    <disk type=\"file\"><serial>a&amp;b</serial></disk></devices>"
                   "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>");
}

#define OURS_A                                                                                                         \
  "<disk type='file' device='disk'>\n      <!-- > -->\n      <source file='/a &quot;>&lt;' index=\"5\"><x:y "        \
  "xmlns:x='urn:x'>\n  <![CDATA[</disk>]]> </x:y></source>\n      <alias name='ua-hpv-a'/>\n    </disk>"
#define OURS_N "<interface type='user'>\n      <unknown a='>'/>\n      <alias  name=\"ua-hpi-n\" />\n    </interface>"
#define OURS_B "<disk><alias name='ua-hpv-b'/></disk>"

static const char whole[] = "<domain type='kvm'>\n  <name>x</name>\n  <devices>\n"
                            "    <emulator>/q</emulator>\n"
                            "    <disk><alias name='ua-other'/></disk>\n"
                            "    " OURS_A "\n"
                            "    <disk><source><alias name='ua-hpv-a'/></source></disk>\n"
                            "    " OURS_B "\n"
                            "    <controller><alias name='ua-hpv-a'/></controller>\n"
                            "    <interface/>\n"
                            "    " OURS_N "\n"
                            "    <hostdev/>\n"
                            "  </devices>\n  <seclabel/>\n</domain>\n";

/* Whatever is cut out is put back byte for byte where it was, also if not all of it is, or something is already. */
static void
test_restore (void)
{
  static const char *const aliases[] = { "ua-hpi-n", "ua-hpv-b", "ua-hpv-a", "ua-hpv-none", NULL };
  static const char *const first[] = { "ua-hpv-a", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = _hotplug_template_list_devices (whole, aliases, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (devices->len, ==, 3);
  g_assert_cmpstr (((HotplugTemplateDevice *)g_ptr_array_index (devices, 0))->xml, ==, OURS_A);
  g_assert_cmpstr (((HotplugTemplateDevice *)g_ptr_array_index (devices, 1))->xml, ==, OURS_B);
  g_assert_cmpstr (((HotplugTemplateDevice *)g_ptr_array_index (devices, 2))->xml, ==, OURS_N);
  g_assert_cmpuint (((HotplugTemplateDevice *)g_ptr_array_index (devices, 1))->position, ==, 3);

  g_autofree char *without = _hotplug_template_drop_devices (whole, aliases, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (without, ==,
                   "<domain type='kvm'>\n  <name>x</name>\n  <devices>\n"
                   "    <emulator>/q</emulator>\n"
                   "    <disk><alias name='ua-other'/></disk>\n"
                   "    <disk><source><alias name='ua-hpv-a'/></source></disk>\n"
                   "    <controller><alias name='ua-hpv-a'/></controller>\n"
                   "    <interface/>\n"
                   "    <hostdev/>\n"
                   "  </devices>\n  <seclabel/>\n</domain>\n");
  g_autofree char *back = _hotplug_template_restore_devices (without, devices, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back, ==, whole);

  g_autofree char *less = _hotplug_template_drop_devices (whole, first, &error);
  g_autofree char *same = _hotplug_template_restore_devices (less, devices, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (same, ==, whole);
}

/* What libvirt says of a machine that has no device with a boot order can't stay beside one. */
static void
test_restore_boots (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_template_device_free);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (devices, _hotplug_template_device_new ("ua-hpv-a", "<disk><boot order='1'/></disk>", 0));
  g_autofree char *text = _hotplug_template_restore_devices (
      "<domain>\n  <os>\n    <type>hvm</type>\n    <boot dev='hd'/>\n  </os><devices/></domain>", devices, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "<domain>\n  <os>\n    <type>hvm</type>\n  </os><devices>\n    <disk><boot order='1'/></disk>"
                   "</devices></domain>");
}

/* What can't be read is not written. */
static void
test_restore_refused (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_template_device_free);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (devices, _hotplug_template_device_new ("ua-hpv-a", "<disk", 0));
  g_assert_null (_hotplug_template_restore_devices (whole, devices, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *xml;
    const char *device;
  } rows[] = {
    { "", "<disk/>" },
    { "<domain>", "<disk/>" },
    { "<domain/>", "<disk/>" },
    { "<domain><metadata><devices/></metadata></domain>", "<disk/>" },
    { "<domain><devices/></domain>", "<disk>" },
    { "<domain><devices/></domain>", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (add (rows[i].xml, rows[i].device, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
    }
}

/* Our element of the metadata as libvirt would write it, in the place of the one that was there; others' stay. */
static void
test_element (void)
{
  static const struct
  {
    const char *before;
    const char *after;
  } rows[] = {
    { "<metadata><x:hotplug xmlns:x=\"urn:x\"/><h:hotplug xmlns:h=\"urn:libhotplug:1\"><h:volume/></h:hotplug></metadata>",
      "<metadata><x:hotplug xmlns:x=\"urn:x\"/><hotplug:hotplug xmlns:hotplug=\"urn:libhotplug:1\">"
      "<hotplug:interface name=\"a\"/></hotplug:hotplug></metadata><devices><disk/></devices>" },
    { "", "<metadata><hotplug:hotplug xmlns:hotplug=\"urn:libhotplug:1\">"
          "<hotplug:interface name=\"a\"/></hotplug:hotplug></metadata><devices><disk/></devices>" },
    { "<metadata><x:y xmlns:x=\"urn:x\"> <x:z/>  text </x:y></metadata>",
      "<metadata><x:y xmlns:x=\"urn:x\"> <x:z/>  text </x:y><hotplug:hotplug xmlns:hotplug=\"urn:libhotplug:1\">"
      "<hotplug:interface name=\"a\"/></hotplug:hotplug></metadata><devices><disk/></devices>" },
  };
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  g_ptr_array_add (devices, (gpointer) "<disk/>");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *xml = g_strdup_printf ("<domain>%s<devices/></domain>", rows[i].before);
      g_autofree char *text
          = _hotplug_template_add_devices (xml, devices, "<hotplug><interface name='a'/></hotplug>", &error);
      g_assert_no_error (error);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      for (guint j = 0; lines[j] != NULL; j++)
        g_strstrip (lines[j]);
      g_autofree char *flat = g_strjoinv ("", lines);
      g_autofree char *wanted = g_strdup_printf ("<domain>%s</domain>", rows[i].after);
      g_assert_cmpstr (flat, ==, wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template-xml/rest-stays", test_rest_stays);
  g_test_add_func ("/template-xml/restore", test_restore);
  g_test_add_func ("/template-xml/restore-boots", test_restore_boots);
  g_test_add_func ("/template-xml/restore-refused", test_restore_refused);
  g_test_add_func ("/template-xml/element", test_element);
  g_test_add_func ("/template-xml/refused", test_refused);
  return g_test_run ();
}
