/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "model/hotplug-domain-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-memory-xml-private.h"

#define K G_GUINT64_CONSTANT (1000)
#define KI G_GUINT64_CONSTANT (1024)

/* libvirt 9.0.0 src/util/virutil.c:170 (virScaleInteger); docs/formatdomain.rst says the same of <memory> */
static const struct
{
  const char *unit;
  guint64 bytes; /* 0: there is no such unit */
} units[] = {
  { NULL, KI },
  { "", KI },
  { "b", 1 },
  { "B", 1 },
  { "byte", 1 },
  { "bytes", 1 },
  { "BYTES", 1 },
  { "k", KI },
  { "K", KI },
  { "KiB", KI },
  { "kib", KI },
  { "KB", K },
  { "kb", K },
  { "M", KI *KI },
  { "MiB", KI *KI },
  { "MB", K *K },
  { "G", KI *KI *KI },
  { "GiB", KI *KI *KI },
  { "GB", K *K *K },
  { "T", KI *KI *KI *KI },
  { "TiB", KI *KI *KI *KI },
  { "TB", K *K *K *K },
  { "P", KI *KI *KI *KI *KI },
  { "PB", K *K *K *K *K },
  { "E", KI *KI *KI *KI *KI *KI },
  { "EiB", KI *KI *KI *KI *KI *KI },
  { "EB", K *K *K *K *K *K },
  { "ib", 0 },
  { "Ki", 0 },
  { "KiBs", 0 },
  { "KBs", 0 },
  { "bit", 0 },
  { "Z", 0 },
  { "ZiB", 0 },
  { " KiB", 0 },
  { "pages", 0 },
};

/* What a machine is given, through the reader of domains */
static const struct
{
  const char *name;
  const char *xml;
  guint64 bytes;
  const char *message; /* nullable: it is refused */
} memories[] = {
  { "default", "<memory>65536</memory>", 65536 * KI, NULL },
  { "mib", "<memory unit='MiB'>64</memory>", 64 * KI *KI, NULL },
  { "gigabytes", "<memory unit='GB'>1</memory>", 1000000512, NULL }, /* whole KiB: domain_conf.c:8062 */
  { "bytes", "<memory unit='b'>1</memory>", KI, NULL },
  { "first", "<memory unit='MiB'>1</memory><memory>1</memory>", KI *KI, NULL },
  { "zero", "<memory unit='MiB'>0</memory><memory>1</memory>", 0, NULL },
  { "largest", "<memory unit='KiB'>9007199254740991</memory>", HOTPLUG_MEMORY_BYTES_MAX, NULL },
  { "too-large", "<memory unit='EiB'>8</memory>", 0, "'8' in <memory> is no number from 0 to 7" },
  { "too-many-bytes", "<memory unit='b'>9223372036854775807</memory>", 0,
    "is no number from 0 to 9223372036854774784" },
  { "unknown", "<memory unit='pages'>8</memory>", 0, "unit 'pages' of <memory> is none of libvirt's" },
};

static void
test_units (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_test_message ("%s", units[i].unit != NULL ? units[i].unit : "(none)");
      g_assert_cmpuint (_hotplug_memory_unit (units[i].unit), ==, units[i].bytes);
    }
}

static void
test_memory (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *xml = g_strdup_printf ("<domain><name>x</name>%s</domain>", memories[row].xml);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, &error);

  if (memories[row].message == NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (domain->memory, ==, memories[row].bytes);
      return;
    }

  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, memories[row].message));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory-xml/units", test_units);
  for (gsize i = 0; i < G_N_ELEMENTS (memories); i++)
    {
      g_autofree char *path = g_strconcat ("/memory-xml/", memories[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_memory);
    }

  return g_test_run ();
}
