/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "lab/lab.h"
#include "vmi/hotplug-migration-check-private.h"

/* The looks before a migration, between two libvirt daemons with networks and mounts of their own */

#define MACHINE "wanders"
#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define PREFIX "libhotplug-" UUID "-"
#define BRIDGE "lab-br0"
#define SIZE (1 << 20)
#define KILLS_MAX 60
#define KILLED_WITHIN 60 /* ms */

typedef struct
{
  LabDaemon *daemons[2];
  virConnectPtr connects[2];
  HotplugHost *hosts[2];
  HotplugVmi *vmi;
  char *images;
} Pair;

static Pair *pair;

static void G_GNUC_PRINTF (2, 3)
run (guint at, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *command = g_strdup_vprintf (format, args);
  va_end (args);
  g_free (lab_daemon_run (pair->daemons[at], NULL, command));
}

static HotplugHost *
open_host (const char *uri)
{
  g_autoptr (GError) error = NULL;
  HotplugHost *host = hotplug_host_open (uri, NULL, &error);

  g_assert_no_error (error);
  return host;
}

static void
set_up (void)
{
  const LabMachine machine = { .name = MACHINE,
                               .uuid = UUID,
                               .directory = LAB_DAEMON_MACHINES,
                               .root_ports = 8,
                               .scsi = TRUE,
                               .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GError) error = NULL;

  pair = g_new0 (Pair, 1);
  pair->images = lab_dir_new ();
  lab_daemon_new_pair (&pair->daemons[0], &pair->daemons[1]);
  for (guint i = 0; i < 2; i++)
    {
      pair->hosts[i] = open_host (lab_daemon_uri (pair->daemons[i]));
      pair->connects[i] = lab_connect (lab_daemon_uri (pair->daemons[i]));
    }
  g_autoptr (LabDomain) domain = lab_define (pair->connects[0], xml);
  lab_create (domain, FALSE);
  pair->vmi = hotplug_host_get_vmi (pair->hosts[0], MACHINE, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (void)
{
  g_clear_object (&pair->vmi);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&pair->hosts[i]);
      virConnectClose (pair->connects[i]);
      lab_daemon_free (pair->daemons[i]);
    }
  g_free (pair->images);
  g_clear_pointer (&pair, g_free);
}

static guint
count_marks (guint at)
{
  virStoragePoolPtr *pools = NULL;
  int count = virConnectListAllStoragePools (pair->connects[at], &pools, 0);
  guint marks = 0;

  g_assert_cmpint (count, >=, 0);
  for (int i = 0; i < count; i++)
    {
      marks += g_str_has_prefix (virStoragePoolGetName (pools[i]), PREFIX);
      virStoragePoolFree (pools[i]);
    }
  free (pools);
  return marks;
}

static guint
count_hidden (void)
{
  g_autoptr (GDir) directory = g_dir_open (pair->images, 0, NULL);
  guint count = 0;

  for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
    count += *name == '.';
  return count;
}

static gboolean
look (HotplugHost *destination, gboolean *shared, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (pair->vmi, NULL, error);

  return session != NULL && _hotplug_migration_check (session, destination, NULL, shared, NULL, error);
}

/* @code: 0: it may go */
static gboolean
check (HotplugHost *destination, int code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  gboolean shared = FALSE;

  g_test_timer_start ();
  g_assert_cmpint (look (destination, &shared, &error), ==, code == 0);
  g_test_message ("looked: %.3f s: %s", g_test_timer_elapsed (), error != NULL ? error->message : "it may go");
  if (code == 0)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, HOTPLUG_ERROR, code);
      g_assert_nonnull (strstr (error->message, mentions));
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (count_marks (i), ==, 0);
  g_assert_cmpuint (count_hidden (), ==, 0);
  return shared;
}

static char *
add_volume (const char *name, HotplugAccessMode mode)
{
  char *path = g_build_filename (pair->images, name, NULL);
  g_autoptr (GError) error = NULL;

  g_unlink (path);
  g_free (lab_image_new (pair->images, name, SIZE));
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path,
                                                     "access-mode", mode, NULL);

  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_add_volume (pair->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  return path;
}

static void
attach (const char *xml)
{
  g_autoptr (LabDomain) domain = lab_lookup (pair->connects[0], MACHINE);

  lab_attach (domain, xml, VIR_DOMAIN_AFFECT_LIVE);
}

static void
remove_volume (const char *name)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_remove_volume (pair->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
test_directory (void)
{
  g_autofree char *path = add_volume ("many", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY);
  g_autofree char *refusal = g_strdup_printf ("%s is not shared with that host: volume \"many\"", pair->images);

  g_assert_true (check (pair->hosts[1], 0, NULL));

  /* another directory of that path, with a file of that name: nothing but a look tells them apart */
  run (1, "mount -t tmpfs none %s && truncate -s %d %s", pair->images, SIZE, path);
  check (pair->hosts[1], HOTPLUG_ERROR_SOURCE_MISSING, refusal);
  run (1, "umount %s", pair->images);

  /* nothing can be left in it: libvirt is to judge */
  run (0, "mount --bind %s %s && mount -o remount,bind,ro %s", pair->images, pair->images, pair->images);
  g_assert_false (check (pair->hosts[1], 0, NULL));
  run (0, "umount %s", pair->images);
  g_assert_true (check (pair->hosts[1], 0, NULL));
  remove_volume ("many");
}

/* Also where a pool is defined that has the path already */
static void
test_read_only (void)
{
  g_autofree char *path = add_volume ("read", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY);
  g_autofree char *xml = g_strdup_printf ("<pool type='dir'><name>iso</name><target><path>%s</path></target></pool>",
                                          pair->images);

  virStoragePoolPtr pool = virStoragePoolDefineXML (pair->connects[1], xml, 0);
  g_assert_nonnull (pool);
  run (1, "mount -t tmpfs none %s", pair->images);
  check (pair->hosts[1], HOTPLUG_ERROR_SOURCE_MISSING, "read: volume \"read\"");
  run (1, "truncate -s 4096 %s", path);
  check (pair->hosts[1], HOTPLUG_ERROR_SOURCE_MISSING, "is another file there, of 4096 bytes instead of 1048576");
  run (1, "truncate -s %d %s", SIZE, path);
  g_assert_false (check (pair->hosts[1], 0, NULL));
  run (1, "umount %s", pair->images);
  g_assert_false (check (pair->hosts[1], 0, NULL));
  g_assert_cmpint (virStoragePoolUndefine (pool), ==, 0);
  virStoragePoolFree (pool);
  remove_volume ("read");
}

/* An image of others that stands upon one in another directory */
static void
test_backing (void)
{
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *base = lab_image_new (directory, "base", SIZE);
  g_autofree char *path = g_build_filename (pair->images, "top", NULL);
  g_autofree char *xml = g_strdup_printf ("<disk type='file'><driver name='qemu' type='qcow2'/><source file='%s'/>"
                                          "<target dev='sdx' bus='scsi'/></disk>",
                                          path);
  g_autofree char *refusal = g_strdup_printf ("there is no %s: disk sdx", base);
  g_autoptr (LabDomain) domain = lab_lookup (pair->connects[0], MACHINE);

  run (0, "qemu-img create -q -f qcow2 -b %s -F raw %s", base, path);
  attach (xml);
  g_assert_true (check (pair->hosts[1], 0, NULL));
  run (1, "mount -t tmpfs none %s", directory);
  check (pair->hosts[1], HOTPLUG_ERROR_SOURCE_MISSING, refusal);
  run (1, "umount %s", directory);
  lab_detach (domain, xml, VIR_DOMAIN_AFFECT_LIVE);
}

static char *
describe_machine (void)
{
  g_autoptr (LabDomain) domain = lab_lookup (pair->connects[0], MACHINE);
  g_autofree char *live = lab_live_xml (domain);
  g_autofree char *template = lab_inactive_xml (domain);

  return g_strconcat (live, template, NULL);
}

static void
refuse_to_migrate (HotplugError code, const char *mentions)
{
  g_autofree char *before = describe_machine ();
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_migrate (pair->vmi, pair->hosts[1], HOTPLUG_MIGRATE_NONE, 0, -1, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, mentions));
  g_autofree char *after = describe_machine ();
  g_assert_cmpstr (after, ==, before);
  g_assert_true (hotplug_vmi_get_host (pair->vmi) == pair->hosts[0]);
  g_assert_null (virDomainLookupByName (pair->connects[1], MACHINE));
}

static void
migrate (guint to)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_migrate (pair->vmi, pair->hosts[to], HOTPLUG_MIGRATE_NONE, 0, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (virDomainLookupByName (pair->connects[1 - to], MACHINE));
}

/* Those that are not ReadWriteMany are named, all of them, and so is one that says it is where the other host does not
 * have it; without them the machine goes, and comes back. */
static void
test_access_mode (void)
{
  g_autofree char *one = add_volume ("one", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);
  g_autofree char *two = add_volume ("two", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);
  g_autofree char *many = add_volume ("many", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY);

  refuse_to_migrate (HOTPLUG_ERROR_ACCESS_MODE,
                     "volumes \"one\", \"two\" are not shared: live migration requires access mode ReadWriteMany");
  remove_volume ("one");
  refuse_to_migrate (HOTPLUG_ERROR_ACCESS_MODE, "volume \"two\" is not shared");
  remove_volume ("two");

  run (1, "mount -t tmpfs none %s && truncate -s %d %s", pair->images, SIZE, many);
  refuse_to_migrate (HOTPLUG_ERROR_SOURCE_MISSING, "is not shared with that host: volume \"many\"");
  run (1, "umount %s", pair->images);
  migrate (1);
  migrate (0);
  remove_volume ("many");
}

static void
make_bridge (guint at)
{
  run (at, "ip link add " BRIDGE " type bridge stp_state 0 && ip link set " BRIDGE " up");
}

/* No guest answers here, so that the interfaces stay. */
static void
test_networks (void)
{
  static const char *const nic = "<interface type='bridge'><mac address='02:00:00:00:00:01'/><model type='virtio'/>"
                                 "<source bridge='" BRIDGE "'/><alias name='ua-hpi-red'/></interface>";
  static const char *const other = "<interface type='network'><mac address='02:00:00:00:00:02'/><source network='lab'/>"
                                   "<model type='virtio'/><alias name='ua-hpi-green'/></interface>";
  static const char *const network
      = "<network><name>lab</name><forward mode='bridge'/><bridge name='" BRIDGE "'/></network>";
  virNetworkPtr networks[2];

  make_bridge (0);
  networks[0] = virNetworkCreateXML (pair->connects[0], network);
  g_assert_nonnull (networks[0]);
  attach (nic);
  attach (other);
  check (pair->hosts[1], HOTPLUG_ERROR_NETWORK_MISSING,
         "it has no bridge " BRIDGE ": interface \"red\"; it has no network \"lab\": interface \"green\"");

  make_bridge (1);
  networks[1] = virNetworkDefineXML (pair->connects[1], network);
  check (pair->hosts[1], HOTPLUG_ERROR_NETWORK_MISSING, "libvirt-sock: its network \"lab\" is not active");
  g_assert_cmpint (virNetworkCreate (networks[1]), ==, 0);
  check (pair->hosts[1], 0, NULL);
  for (guint i = 0; i < 2; i++)
    virNetworkFree (networks[i]);
}

static void
test_hosts (void)
{
  g_autoptr (HotplugHost) embedded = open_host (lab_embed_uri ());

  check (pair->hosts[0], HOTPLUG_ERROR_INVALID_ARGUMENT, "it is on that host");
  check (embedded, HOTPLUG_ERROR_INVALID_ARGUMENT, "an embedded hypervisor can't");
}

static void
test_exists (void)
{
  const LabMachine other = { .name = MACHINE, .uuid = "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49",
                             .directory = LAB_DAEMON_MACHINES, .bare = TRUE };
  const LabMachine same = { .name = MACHINE, .uuid = UUID, .directory = LAB_DAEMON_MACHINES, .bare = TRUE };
  g_autofree char *other_xml = lab_machine_xml (&other);
  g_autofree char *same_xml = lab_machine_xml (&same);

  LabDomain *domain = lab_define (pair->connects[1], other_xml);
  check (pair->hosts[1], HOTPLUG_ERROR_EXISTS, "it has another VMI of that name");
  lab_undefine (domain);
  virDomainFree (domain);

  domain = lab_define (pair->connects[1], same_xml);
  check (pair->hosts[1], HOTPLUG_ERROR_EXISTS, "virsh undefine " MACHINE " there");
  lab_undefine (domain);
  virDomainFree (domain);
}

/* A client that looks again and again, until it is killed */
static int
look_for_ever (const char *here, const char *there)
{
  g_autoptr (HotplugHost) source = open_host (here);
  g_autoptr (HotplugHost) destination = open_host (there);
  gboolean shared;

  pair = g_new0 (Pair, 1);
  pair->vmi = hotplug_host_get_vmi (source, MACHINE, NULL, NULL);
  g_print ("ready\n");
  while (look (destination, &shared, NULL))
    ;
  return 1;
}

static void
kill_one (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GSubprocess) client
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, self, "look", lab_daemon_uri (pair->daemons[0]),
                          lab_daemon_uri (pair->daemons[1]), NULL);
  char ready[6];

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (client), ready, sizeof ready, NULL, NULL), >, 0);
  g_usleep ((gulong)g_test_rand_int_range (0, KILLED_WITHIN * 1000));
  g_subprocess_force_exit (client);
  g_assert_true (g_subprocess_wait (client, NULL, NULL));
  g_assert_true (g_subprocess_get_if_signaled (client));
}

/* What a client leaves that is killed at any moment is taken away by the next look. */
static void
test_killed (void)
{
  g_autofree char *path = add_volume ("many", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY);
  guint left = 0;

  for (guint i = 0; i < KILLS_MAX && left < 2; i++)
    {
      kill_one ();
      gboolean marks = count_marks (0) > 0 || count_hidden () > 0;
      left += marks;
      g_assert_true (count_hidden () == 0 || count_marks (0) > 0);
      g_assert_true (check (pair->hosts[1], 0, NULL));
    }
  g_assert_cmpuint (left, >, 0);
  remove_volume ("many");
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "look") == 0)
    return look_for_ever (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);
  const char *missing = lab_missing_qemu () != NULL ? lab_missing_qemu () : lab_missing_daemon ();
  if (missing == NULL)
    missing = lab_missing_network ();
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  set_up ();
  g_test_add_func ("/migration-look/directory", test_directory);
  g_test_add_func ("/migration-look/read-only", test_read_only);
  g_test_add_func ("/migration-look/backing", test_backing);
  g_test_add_func ("/conformance/M02", test_access_mode);
  g_test_add_func ("/migration-look/hosts", test_hosts);
  g_test_add_func ("/migration-look/exists", test_exists);
  g_test_add_func ("/migration-look/killed", test_killed);
  g_test_add_func ("/migration-look/networks", test_networks);
  int result = g_test_run ();
  tear_down ();
  return result;
}
