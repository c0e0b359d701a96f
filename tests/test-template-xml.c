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
                   "<domain xmlns:qemu=\"http://libvirt.org/schemas/domain/qemu/1.0\" type=\"kvm\">\n"
                   "  <name>a &amp; b &lt;</name>\n"
                   "  <metadata>\n    <devices>not these</devices>\n    <x:y xmlns:x=\"urn:x\"><![CDATA[<]]></x:y>\n"
                   "  </metadata>\n"
                   "  <devices>\n    <graphics type=\"vnc\" passwd=\"s&quot;e&#10;cret\"/>\n    <disk/>\n"
                   "    <controller type=\"pci\" index=\"7\" model=\"pcie-root-port\"/>\n"
                   "    <disk type=\"file\">\n      <serial>a&amp;b</serial>\n    </disk>\n  </devices>\n"
                   "  <qemu:commandline>\n    <qemu:arg value=\"-S\"/>\n  </qemu:commandline>\n</domain>");
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
    { "", "<devices><disk/></devices><metadata><hotplug:hotplug xmlns:hotplug=\"urn:libhotplug:1\">"
          "<hotplug:interface name=\"a\"/></hotplug:hotplug></metadata>" },
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
  g_test_add_func ("/template-xml/element", test_element);
  g_test_add_func ("/template-xml/refused", test_refused);
  return g_test_run ();
}
