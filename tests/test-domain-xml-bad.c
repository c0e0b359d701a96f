/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

/* Domain XML from anybody: what is refused, in which words, and what that may cost */

#define DOMAIN(devices) "<domain>\n<devices>\n" devices "\n</devices>\n</domain>"
#define PCI(bus, slot, function) "<address type='pci' bus='" bus "' slot='" slot "' function='" function "'/>"
#define DRIVE(unit) "<address type='drive' controller='0' bus='0' target='0' unit='" unit "'/>"
#define LINE(n) "domain XML, line " n ": "

/* A message that ends with * is libxml2's from there on. */
static const struct
{
  const char *row;
  const char *xml;
  const char *message;
} refused[] = {
  { "empty", "", LINE ("1") "the text is empty" },
  { "blank", " \n\n ", LINE ("1") "the text is empty" },
  { "text", "no XML at all", LINE ("1") "not well-formed: no XML in UTF-8" },
  { "no-root", "<?xml version='1.0'?>\n<!-- nothing -->\n", LINE ("3") "not well-formed: *" },
  { "torn", "<domain>\n<name>vm</name>\n<devices>\n<disk type='file'>", LINE ("4") "not well-formed: *" },
  { "torn-tag", "<domain>\n<devices>\n<disk type='fi", LINE ("3") "not well-formed: *" },
  { "crossed", "<domain>\n<devices>\n</domain>\n</devices>", LINE ("3") "not well-formed: *" },
  { "two-roots", "<domain/>\n<domain/>", LINE ("2") "not well-formed: *" },
  { "twice", "<domain>\n<devices id='1' id='2'/></domain>", LINE ("2") "not well-formed: *" },

  { "other-root", "<?xml version='1.0'?>\n<network>\n<name>default</name></network>",
    LINE ("2") "the document is <network>, and not <domain>" },
  { "nested", "<capabilities>\n<domain><name>vm</name></domain></capabilities>",
    LINE ("1") "the document is <capabilities>, and not <domain>" },
  { "long-root", "<abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789/>",
    LINE ("1") "the document is <abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789>, and not "
               "<domain>" },

  { "latin-1", "<domain>\n<name>caf\xe9</name></domain>", LINE ("2") "not well-formed: *" },
  { "latin-1-declared", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<domain><name>caf\xe9</name></domain>",
    LINE ("2") "not well-formed: *" },
  { "latin-1-comment", "<domain>\n<!-- caf\xe9 --></domain>", LINE ("2") "not well-formed: *" },
  { "utf-16-mark", "\xff\xfe<\0", LINE ("1") "not well-formed: no XML in UTF-8" },
  { "utf-16", "<\0d\0o\0m\0a\0i\0n\0/\0>\0", LINE ("1") "not well-formed: *" },
  /* <?xm, which is a sign to libxml2 */
  { "ebcdic", "\x4c\x6f\xa7\x94\x93", LINE ("1") "not well-formed: no XML in UTF-8" },
  { "embedded-nul", "<domain>\n<name>v\0m</name></domain>", LINE ("2") "not well-formed: *" },
  { "written-nul", "<domain>\n<name>v&#0;m</name></domain>", LINE ("2") "not well-formed: *" },
  { "control", "<domain>\n<name>\x1b[31m</name></domain>", LINE ("2") "not well-formed: *" },

  { "document-type", "<!DOCTYPE domain>\n<domain/>", LINE ("1") "a document type is not accepted" },
  { "bomb",
    "<!DOCTYPE domain [\n<!ENTITY a 'ha'>\n<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\n]>\n<domain><name>&b;</name></domain>",
    LINE ("1") "a document type is not accepted" },
  { "entity", "<domain>\n<name>&ha;</name></domain>", LINE ("2") "not well-formed: *" },
  { "entity-in-attribute", "<domain>\n<devices id='&ha;'/></domain>", LINE ("2") "not well-formed: *" },

  { "pci-bus", DOMAIN ("<rng>" PCI ("0x100", "0", "0") "</rng>"),
    LINE ("3") "bus='0x100' of <address> is no number from 0 to 255" },
  { "pci-slot", DOMAIN ("<rng>" PCI ("1", "0x20", "0") "</rng>"),
    LINE ("3") "slot='0x20' of <address> is no number from 0 to 31" },
  { "pci-function", DOMAIN ("<rng>" PCI ("1", "0", "8") "</rng>"),
    LINE ("3") "function='8' of <address> is no number from 0 to 7" },
  { "pci-domain", DOMAIN ("<rng><address type='pci' domain='0x10000' bus='1'/></rng>"),
    LINE ("3") "domain='0x10000' of <address> is no number from 0 to 65535" },
  { "pci-octal", DOMAIN ("<rng>" PCI ("1", "08", "0") "</rng>"),
    LINE ("3") "slot='08' of <address> is no number from 0 to 31" },
  { "pci-empty", DOMAIN ("<rng>" PCI ("", "1", "0") "</rng>"),
    LINE ("3") "bus='' of <address> is no number from 0 to 255" },
  { "pci-negative", DOMAIN ("<rng>\n" PCI ("-1", "1", "0") "</rng>"),
    LINE ("4") "bus='-1' of <address> is no number from 0 to 255" },
  { "pci-only-0x", DOMAIN ("<rng>" PCI ("0x", "1", "0") "</rng>"),
    LINE ("3") "bus='0x' of <address> is no number from 0 to 255" },
  { "pci-tail", DOMAIN ("<rng>" PCI ("1 ", "1", "0") "</rng>"),
    LINE ("3") "bus='1 ' of <address> is no number from 0 to 255" },
  /* 2^64 + 1 */
  { "pci-wraps", DOMAIN ("<rng>" PCI ("18446744073709551617", "1", "0") "</rng>"),
    LINE ("3") "bus='18446744073709551617' of <address> is no number from 0 to 255" },
  { "quoted",
    DOMAIN ("<rng>" PCI ("&#x9b;31m\xe2\x80\xae&lt;&#10;0123456789012345678901234567890123456789", "1", "0") "</rng>"),
    LINE ("3") "bus='?31m?<?012345678901234567890123456789012…' of <address> is no number from 0 to 255" },
  { "unit", DOMAIN ("<disk>" DRIVE ("65536") "</disk>"),
    LINE ("3") "unit='65536' of <address> is no number from 0 to 65535" },
  { "unit-hexadecimal", DOMAIN ("<disk>" DRIVE ("0x1") "</disk>"),
    LINE ("3") "unit='0x1' of <address> is no number from 0 to 65535" },
  { "index", DOMAIN ("<controller type='scsi' index='first'/>"),
    LINE ("3") "index='first' of <controller> is no number from 0 to 2147483647" },
  { "index-pci", DOMAIN ("<controller type='pci'\nindex='256'/>"),
    LINE ("4") "index='256' of <controller> is no number from 0 to 255" },
  { "index-missing", "<domain id='1'>\n<devices>\n<controller type='pci' model='pci-bridge'/></devices></domain>",
    LINE ("3") "a PCI controller of a running machine has no index" },
  { "model-of-two-lines", DOMAIN ("<controller type='pci' index='1' model='a&#10;b'/>"),
    "a PCI controller has a model that libvirt does not know: a?b" },
  { "memory", "<domain>\n<memory>18014398509481984</memory></domain>",
    LINE ("2") "'18014398509481984' in <memory> is no number from 0 to 9007199254740991" },
  { "vcpus", "<domain>\n<vcpu>many</vcpu></domain>", LINE ("2") "'many' in <vcpu> is no number from 0 to 65535" },

  { "same-pci", DOMAIN ("<rng>" PCI ("1", "0", "0") "</rng>\n<sound/>\n<video>" PCI ("0x01", "0x00", "0x0") "</video>"),
    LINE ("5") "PCI address 0000:01:00.0 is taken already, in line 3" },
  { "same-twice",
    DOMAIN ("<rng>" PCI ("2", "1", "0") "</rng>\n<rng>" PCI ("2", "1", "0") "</rng>\n<rng>" PCI (
        "1", "1", "0") "</rng>\n<rng>" PCI ("1", "1", "0") "</rng>"),
    LINE ("4") "PCI address 0000:02:01.0 is taken already, in line 3" },
  { "same-drive",
    DOMAIN ("<disk><target dev='sda' bus='scsi'/>" DRIVE ("7") "</disk>\n<disk>" DRIVE (
        "7") "<target dev='sdb' bus='scsi'/></disk>"),
    LINE ("4") "scsi address 0:0:0:7 is taken already, in line 3" },
  { "same-index", DOMAIN ("<controller type='scsi' index='1'/>\n\n<controller type='scsi' index='01'/>"),
    LINE ("5") "index 1 of the scsi controllers is taken already, in line 3" },
};

static void
check_refused (const char *xml, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_null (budget);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  if (!g_str_has_suffix (message, "*"))
    {
      g_assert_cmpstr (error->message, ==, message);
      return;
    }
  g_assert_cmpmem (error->message, MIN (strlen (error->message), strlen (message) - 1), message, strlen (message) - 1);
  g_assert_cmpuint (strlen (error->message), >, strlen (message));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_refused (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  check_refused (refused[row].xml, refused[row].message);
}

/* What looks odd, and libvirt takes */
static const struct
{
  const char *row;
  const char *xml;
  guint devices;
} accepted[] = {
  { "byte-order-mark", "\xef\xbb\xbf<domain/>", 0 },
  { "declared", "<?xml version='1.0' encoding='UTF-8'?>\n<domain><name>caf\xc3\xa9</name></domain>", 0 },
  { "other-encoding-unused", "<?xml version='1.0' encoding='ISO-8859-1'?><domain/>", 0 },
  { "instructions", "<?a b?><!-- c --><domain><?d e?><!-- <devices> --><![CDATA[<devices>]]></domain>", 0 },
  { "unknown-prefix", "<domain><qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>", 0 },
  { "functions", DOMAIN ("<rng>" PCI ("1", "0", "0") "</rng><rng>" PCI ("1", "0", "1") "</rng>"), 2 },
  /* libvirt 9.0.0 src/conf/device_conf.c:170 */
  { "no-address", DOMAIN ("<rng>" PCI ("0", "0", "0") "</rng><rng>" PCI ("0", "0", "0") "</rng>"), 2 },
  { "no-address-function", DOMAIN ("<rng>" PCI ("0", "0", "1") "</rng><rng>" PCI ("0", "0", "1") "</rng>"), 2 },
  { "octal", DOMAIN ("<rng>" PCI ("1", "010", "0") "</rng><rng>" PCI ("1", "10", "0") "</rng>"), 2 },
  /* libvirt 9.0.0 src/conf/domain_conf.c:5578 */
  { "second-address", DOMAIN ("<rng>" PCI ("1", "0", "0") PCI ("1", "0x99", "0") "</rng>"), 1 },
  { "address-of-the-host",
    DOMAIN ("<hostdev><source><address domain='0x12345' bus='0x1ff' slot='0x99'/></source></hostdev>"), 1 },
  /* libvirt 9.0.0 src/conf/domain_postparse.c:1152 */
  { "usb-companions",
    DOMAIN (
        "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'/>"),
    2 },
  { "other-types", DOMAIN ("<controller type='scsi' index='0'/><controller type='sata' index='0'/>"), 2 },
  { "other-buses",
    DOMAIN ("<disk><target dev='sda' bus='scsi'/>" DRIVE ("0") "</disk><disk><target dev='sdb' "
                                                               "bus='sata'/>" DRIVE ("0") "</disk>"),
    2 },
  { "blanks-in-numbers", "<domain><memory>\n 1024 </memory><vcpu> 2\n</vcpu></domain>", 0 },
};

static void
test_accepted (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (accepted[row].xml, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (domain->devices->len, ==, accepted[row].devices);
}

static char *
repeated (const char *before, const char *text, gsize count, const char *behind)
{
  g_autoptr (GString) out = g_string_new (before);

  for (gsize i = 0; i < count; i++)
    g_string_append (out, text);
  g_string_append (out, behind);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_nesting (void)
{
  g_autofree char *deep = repeated ("<domain>", "<a>", 100000, "");
  g_autofree char *deep_in_metadata = repeated ("<domain>\n<metadata>\n", "<a>", 300, "");
  g_autofree char *just_deep_enough = repeated ("<domain><metadata>", "<a>", 254, "");
  g_autofree char *whole = repeated (just_deep_enough, "</a>", 254, "</metadata></domain>");
  g_autoptr (GError) error = NULL;

  check_refused (deep, LINE ("1") "elements are nested more than 256 deep");
  check_refused (deep_in_metadata, LINE ("3") "elements are nested more than 256 deep");
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (whole, &error);
  g_assert_no_error (error);
}

/* libxml2 would be at it for hours. */
static void
test_crowds (void)
{
  g_autoptr (GString) names = g_string_new ("<domain>\n<name>'=\"</name><devices\n");
  g_autoptr (GString) namespaces = g_string_new ("<domain>\n");
  g_autofree char *text = repeated ("<domain>\n<!-- ", "a='' ", 3000, "--><description>");
  g_autofree char *much_text = repeated (text, "a='' ", 3000, "</description></domain>");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 300000; i++)
    g_string_append_printf (names, " a%u='>'", i);
  for (guint i = 0; i < 300000; i++)
    g_string_append_printf (namespaces, "<a xmlns:a%u='a'/>", i);

  check_refused (names->str, LINE ("2") "an element has more than 1000 attributes");
  check_refused (namespaces->str, LINE ("2") "more than 1000 namespaces");
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (much_text, &error);
  g_assert_no_error (error);
}

/* Of this process, in kB; 0 where that is not known */
static guint64
read_memory (const char *name)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL) || (line = strstr (status, name)) == NULL)
    return 0;
  return g_ascii_strtoull (line + strlen (name), NULL, 10);
}

/* What @xml takes at its most, in kB */
static guint64
measure_peak (const char *xml, const char *message)
{
  /* the peak begins anew: proc(5) */
  int reset = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  gboolean was_reset = reset >= 0 && write (reset, "5", 1) == 1;
  /* what was freed, and may be used again, does not count */
  malloc_trim (0);
  guint64 before = read_memory ("VmRSS:");

  if (reset >= 0)
    close (reset);
  check_refused (xml, message);
  return was_reset ? read_memory ("VmHWM:") - before : 0;
}

/* Sanitizers and valgrind have memory of their own. */
static gboolean
is_watched (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

/* as GCC says it, and as clang does */
#if defined(__SANITIZE_ADDRESS__)
  return TRUE;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return TRUE;
#endif
#endif
  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL;
}

static void
assert_peak (const char *what, const char *xml, const char *message, guint64 limit)
{
  guint64 peak = measure_peak (xml, message);

  g_test_message ("%s: %" G_GUINT64_FORMAT " kB", what, peak);
  g_assert_cmpuint (peak, <=, limit);
}

#define MESSAGE_SIZE "domain XML is longer than 8388608 bytes"

static void
test_size (void)
{
  if (is_watched ())
    {
      g_test_skip ("the memory is not this program's own");
      return;
    }

  gsize size = 100 << 20;
  g_autofree char *huge = g_malloc (size + 1);

  memset (huge, 'a', size);
  huge[size] = '\0';
  memcpy (huge, "<domain>", 8);
  assert_peak ("100 MB", huge, MESSAGE_SIZE, 1024);
  memset (huge, ' ', 8);
  assert_peak ("100 MB of blanks", huge, MESSAGE_SIZE, 1024);

  /* just short enough, and then of whatever takes the most room in a snapshot */
  huge[HOTPLUG_XML_SIZE_MAX] = '\0';
  memset (huge, 'a', HOTPLUG_XML_SIZE_MAX);
  memcpy (huge, "<domain>\n<name>", 15);
  assert_peak ("a name", huge, LINE ("2") "not well-formed: *", 32 << 10);
}

static void
test_many (void)
{
  if (is_watched ())
    {
      g_test_skip ("the memory is not this program's own");
      return;
    }

  static const struct
  {
    const char *what;
    const char *before;
    const char *text;
    const char *message;
  } many[] = {
    { "devices", "<domain><devices>", "<a/>", LINE ("1") "more than 65536 devices" },
    { "disks", "<domain><devices>", "<disk/>", LINE ("1") "more than 65536 devices" },
    { "controllers", "<domain><devices>", "<controller type='pci'/>", LINE ("1") "more than 65536 devices" },
    { "records", "<domain><metadata><h:hotplug xmlns:h='urn:libhotplug:1'>", "<interface name='a' state='parked'/>",
      LINE ("1") "more than 65536 records" },
    { "elements", "<domain><metadata>", "<a/>", LINE ("1") "not well-formed: *" },
    { "entities", "<domain><name>", "&lt;", LINE ("1") "not well-formed: *" },
    { "errors", "<domain><name>", "&a;", LINE ("1") "not well-formed: *" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (many); i++)
    {
      gsize count = (HOTPLUG_XML_SIZE_MAX - 100) / strlen (many[i].text);
      g_autofree char *xml = repeated (many[i].before, many[i].text, count, "");
      assert_peak (many[i].what, xml, many[i].message, 32 << 10);
    }
}

/* A file that tells when somebody opens it, and an address that tells when somebody connects */
typedef struct
{
  char *path;
  int watch;
  GSocketListener *listener;
  guint16 port;
  gboolean connected;
} Canary;

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Canary *canary = user_data;
  g_autoptr (GSocketConnection)
      connection = g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result, NULL, NULL);

  canary->connected = connection != NULL;
}

static void
canary_init (Canary *canary)
{
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("canary-XXXXXX", &canary->path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (write (fd, "<!ENTITY e 'sung'>", 18), ==, 18);
  close (fd);
  canary->watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  g_assert_cmpint (inotify_add_watch (canary->watch, canary->path, IN_OPEN | IN_ACCESS), >=, 0);

  canary->listener = g_socket_listener_new ();
  canary->port = g_socket_listener_add_any_inet_port (canary->listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_listener_accept_async (canary->listener, NULL, on_connected, canary);
}

static gboolean
canary_sang (Canary *canary)
{
  char events[sizeof (struct inotify_event) + 256] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gboolean opened = read (canary->watch, events, sizeof events) > 0;

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return opened || canary->connected;
}

static void
canary_clear (Canary *canary)
{
  close (canary->watch);
  g_unlink (canary->path);
  g_free (canary->path);
  g_socket_listener_close (canary->listener);
  g_object_unref (canary->listener);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* FILE is the canary's path, and NET its address. */
static const char *const reaching[] = {
  "<!DOCTYPE domain SYSTEM 'FILE'><domain/>",
  "<!DOCTYPE domain SYSTEM 'NET'><domain/>",
  "<!DOCTYPE domain PUBLIC '-//x' 'NET'><domain/>",
  "<!DOCTYPE domain [<!ENTITY e SYSTEM 'FILE'>]><domain><name>&e;</name></domain>",
  "<!DOCTYPE domain [<!ENTITY e SYSTEM 'file://FILE'>]><domain><name>&e;</name></domain>",
  "<!DOCTYPE domain [<!ENTITY e SYSTEM 'NET'>]><domain id='&e;'/>",
  "<!DOCTYPE domain [<!ENTITY % p SYSTEM 'FILE'>%p;]><domain><name>&e;</name></domain>",
  "<!DOCTYPE domain [<!ENTITY % p SYSTEM 'NET'>%p;]><domain/>",
  ("<?xml-stylesheet href='NET'?><?xml-model href='FILE'?><domain xmlns:i='http://www.w3.org/2001/XInclude'>"
   "<i:include href='FILE' parse='text'/><i:include href='NET'/></domain>"),
  "<domain xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:noNamespaceSchemaLocation='NET' xml:base='FILE'/>",
};

static void
test_reaching (void)
{
  Canary canary = { NULL };

  canary_init (&canary);
  g_autofree char *net = g_strdup_printf ("http://127.0.0.1:%u/canary", canary.port);
  for (gsize i = 0; i < G_N_ELEMENTS (reaching); i++)
    {
      g_autoptr (GString) xml = g_string_new (reaching[i]);
      g_string_replace (xml, "FILE", canary.path, 0);
      g_string_replace (xml, "NET", net, 0);
      g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml->str, NULL);
      g_assert_cmpint (domain == NULL, ==, strstr (xml->str, "DOCTYPE") != NULL);
      g_assert_false (canary_sang (&canary));
    }

  /* it does sing */
  g_autofree char *content = NULL;
  g_assert_true (g_file_get_contents (canary.path, &content, NULL, NULL));
  g_assert_true (canary_sang (&canary));
  canary_clear (&canary);
}

/* An application has a terminal of its own: nothing of all this is for it. */
static void
test_silence (void)
{
  if (g_test_subprocess ())
    {
      for (gsize row = 0; row < G_N_ELEMENTS (refused); row++)
        check_refused (refused[row].xml, refused[row].message);
      test_nesting ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (refused); row++)
    {
      g_autofree char *path = g_strdup_printf ("/domain-xml-bad/refused/%s", refused[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_refused);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (accepted); row++)
    {
      g_autofree char *path = g_strdup_printf ("/domain-xml-bad/accepted/%s", accepted[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_accepted);
    }
  g_test_add_func ("/domain-xml-bad/nesting", test_nesting);
  g_test_add_func ("/domain-xml-bad/crowds", test_crowds);
  g_test_add_func ("/domain-xml-bad/size", test_size);
  g_test_add_func ("/domain-xml-bad/many", test_many);
  g_test_add_func ("/domain-xml-bad/reaching", test_reaching);
  g_test_add_func ("/domain-xml-bad/silence", test_silence);

  return g_test_run ();
}
