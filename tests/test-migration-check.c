/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "fake/fake-peer.h"
#include "fake/fake-rig.h"
#include "vmi/hotplug-migration-check-private.h"

#define MANY HOTPLUG_ACCESS_MODE_READ_WRITE_MANY
#define PREFIX "libhotplug-" RIG_UUID "-"
#define CONFIGURED "<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory>1</memory><devices/></domain>"

/* Two hosts, of which one has the machine; and a directory for its images */
typedef struct
{
  Rig *here;
  Rig *there;
  char *images;
} Pair;

static void
remove_machine (Rig *rig)
{
  g_autoptr (GDir) directory = g_dir_open (rig->directory, 0, NULL);

  g_clear_object (&rig->vmi);
  for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
    {
      g_autofree char *path = g_build_filename (rig->directory, name, NULL);
      if (strstr (name, RIG_UUID) != NULL)
        g_unlink (path);
    }
}

static void
add_volume (Pair *pair, const char *name, HotplugAccessMode mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (pair->images, name, NULL);

  g_assert_true (g_file_set_contents (path, "1234", 4, NULL));
  g_assert_cmpint (truncate (path, 1024 * 1024), ==, 0);
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path,
                                                     "access-mode", mode, NULL);
  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (pair->here->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
}

static void
set_up (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  pair->here = rig_new (RIG_RUNNING);
  pair->there = rig_new (RIG_RUNNING);
  remove_machine (pair->there);
  fake_peer_set_uri (pair->there->fake, "fake://b/");
  pair->images = g_build_filename (pair->here->directory, "images", NULL);
  g_assert_cmpint (g_mkdir (pair->images, 0700), ==, 0);
}

static void
tear_down (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_clear_pointer (&pair->here, rig_free);
  g_clear_pointer (&pair->there, rig_free);
  g_free (pair->images);
}

static guint
count_entries (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
assert_clean (Pair *pair, guint images)
{
  g_auto (GStrv) here = fake_peer_list_marks (pair->here->fake);
  g_auto (GStrv) there = fake_peer_list_marks (pair->there->fake);

  g_assert_cmpuint (g_strv_length (here), ==, 0);
  g_assert_cmpuint (g_strv_length (there), ==, 0);
  g_assert_cmpuint (count_entries (pair->images), ==, images);
}

/* @code: 0: it may go */
static gboolean
check (Pair *pair, int code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);
  guint images = count_entries (pair->images);
  gboolean shared = FALSE;
  gboolean may;

  {
    g_autoptr (HotplugSession) session = _hotplug_session_begin (pair->here->vmi, NULL, &error);
    g_assert_no_error (error);
    may = _hotplug_migration_check (session, pair->there->host, NULL, &shared, NULL, &error);
  }
  if (code == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, HOTPLUG_ERROR, code);
  g_assert_cmpint (may, ==, code == 0);
  g_assert_true (mentions == NULL || strstr (error->message, mentions) != NULL);
  if (code != 0)
    g_assert_false (shared);

  g_autofree char *after = rig_state (pair->here);
  g_assert_cmpstr (after, ==, before);
  if (code != HOTPLUG_ERROR_CONNECTION)
    assert_clean (pair, images);
  return shared;
}

static void
test_shared (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_false (check (pair, 0, NULL));
  add_volume (pair, "many", MANY);
  add_volume (pair, "other", MANY);
  add_volume (pair, "read", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY);
  g_assert_true (check (pair, 0, NULL));
  /* one look a directory, and what was left is taken away */
  g_assert_cmpuint (fake_peer_count (pair->here->fake, FAKE_PEER_LEAVE_MARK), ==, 1);
  g_assert_cmpuint (fake_peer_count (pair->there->fake, FAKE_PEER_FIND_MARK), ==, 1);
  g_assert_cmpuint (fake_peer_count (pair->there->fake, FAKE_PEER_FIND_FILE), ==, 0);
}

static void
test_not_shared (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *mentions = g_strdup_printf (
      "vmi \"vmi\" can't migrate to fake://b/: %s is not shared with that host: "
      "volume \"many\", volume \"other\"",
      pair->images);

  add_volume (pair, "many", MANY);
  add_volume (pair, "other", MANY);
  fake_peer_hide (pair->there->fake, pair->images);
  check (pair, HOTPLUG_ERROR_SOURCE_MISSING, mentions);
}

/* What is only read may be another file of that size there. */
static void
test_read_only (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *path = g_build_filename (pair->images, "read", NULL);

  add_volume (pair, "read", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY);
  fake_peer_hide (pair->there->fake, pair->images);
  check (pair, HOTPLUG_ERROR_SOURCE_MISSING, "/images/read: volume \"read\"");

  g_autofree char *copy = fake_peer_map (pair->there->fake, path);
  g_assert_true (g_file_set_contents (copy, "1234", 4, NULL));
  check (pair, HOTPLUG_ERROR_SOURCE_MISSING, "is another file there, of 4 bytes instead of 1048576: volume \"read\"");
  g_assert_cmpint (truncate (copy, 1024 * 1024), ==, 0);
  g_assert_false (check (pair, 0, NULL));
}

/* A link in a directory that is shared, to what is not */
static void
test_link (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *elsewhere = g_build_filename (pair->here->directory, "elsewhere", NULL);
  g_autofree char *target = g_build_filename (elsewhere, "disk.img", NULL);
  g_autofree char *link = g_build_filename (pair->images, "many", NULL);
  g_autofree char *mentions = g_strdup_printf ("%s is not shared with that host: volume \"many\"", elsewhere);

  add_volume (pair, "many", MANY);
  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  g_assert_cmpint (g_rename (link, target), ==, 0);
  g_assert_cmpint (symlink ("../elsewhere/disk.img", link), ==, 0);
  g_assert_true (check (pair, 0, NULL));
  fake_peer_hide (pair->there->fake, elsewhere);
  check (pair, HOTPLUG_ERROR_SOURCE_MISSING, mentions);

  /* one that leads to itself ends */
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (symlink ("many", link), ==, 0);
  g_assert_true (check (pair, 0, NULL));
}

/* Where nothing can be left in the directory libvirt is to judge; what is not there at all is refused. */
static void
test_unknown (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  add_volume (pair, "many", MANY);
  fake_peer_fail (pair->here->fake, FAKE_PEER_LEAVE_MARK, FAKE_REFUSES);
  g_assert_false (check (pair, 0, NULL));

  fake_peer_hide (pair->there->fake, pair->images);
  fake_peer_fail (pair->here->fake, FAKE_PEER_LEAVE_MARK, FAKE_REFUSES);
  check (pair, HOTPLUG_ERROR_SOURCE_MISSING, "/images/many: volume \"many\"");

  fake_peer_blind (pair->there->fake);
  g_assert_false (check (pair, 0, NULL));
  fake_peer_blind (pair->here->fake);
  g_assert_false (check (pair, 0, NULL));
}

static void
add_interface (Pair *pair, const char *name, const char *type, const char *source)
{
  g_autofree char *alias = g_strconcat ("ua-hpi-", name, NULL);
  g_autofree char *xml = g_strdup_printf (
      "<interface type='%s'><source %s='%s'/><mac address='02:00:00:00:00:%02x'/><model type='virtio'/>"
      "<alias name='%s'/></interface>",
      type, type, source, g_str_hash (name) & 0xff, alias);

  fake_machine_attach (pair->here->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, xml);
}

static void
test_networks (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  add_interface (pair, "red", "bridge", "br-red");
  add_interface (pair, "rose", "bridge", "br-red");
  add_interface (pair, "blue", "bridge", "br-blue");
  add_interface (pair, "green", "network", "green");
  add_interface (pair, "gray", "network", "gray");
  g_assert_false (check (pair, 0, NULL));
  g_assert_cmpuint (fake_peer_count (pair->there->fake, FAKE_PEER_FIND_LINK), ==, 2);

  fake_peer_set_sight (pair->there->fake, "br-red", HOTPLUG_SIGHT_MISSING);
  fake_peer_set_sight (pair->there->fake, "green", HOTPLUG_SIGHT_MISSING);
  fake_peer_set_sight (pair->there->fake, "gray", HOTPLUG_SIGHT_ASLEEP);
  check (
      pair, HOTPLUG_ERROR_NETWORK_MISSING,
      "fake://b/: it has no bridge br-red: interface \"red\", interface \"rose\"; it has no network \"green\": "
      "interface \"green\"; its network \"gray\" is not active (virsh net-start gray): interface \"gray\"");

  fake_peer_blind (pair->there->fake);
  g_assert_false (check (pair, 0, NULL));
}

/* One refusal names all */
static void
test_all (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  add_volume (pair, "once", HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);
  add_volume (pair, "many", MANY);
  add_interface (pair, "red", "bridge", "br-red");
  fake_peer_hide (pair->there->fake, pair->images);
  fake_peer_set_sight (pair->there->fake, "br-red", HOTPLUG_SIGHT_MISSING);
  check (pair, HOTPLUG_ERROR_ACCESS_MODE, "volume \"once\" is not shared");
  check (pair, HOTPLUG_ERROR_ACCESS_MODE, "volume \"many\"");
  check (pair, HOTPLUG_ERROR_ACCESS_MODE, "interface \"red\"");
}

static void
test_busy (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  add_volume (pair, "many", MANY);
  fake_connection_set_guest (pair->here->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (pair->here->vmi, "many", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  check (pair, HOTPLUG_ERROR_BUSY, "volume \"many\" is still being removed");
}

static void
test_stopped (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_stop (pair->here->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  check (pair, HOTPLUG_ERROR_VMI_NOT_RUNNING, "vmi \"vmi\" is not running");
}

static void
test_exists (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *same = g_strdup_printf (CONFIGURED, RIG_VMI, RIG_UUID);
  g_autofree char *other = g_strdup_printf (CONFIGURED, RIG_VMI, RIG_OTHER_UUID);

  fake_machine_define (pair->there->fake, RIG_UUID, same);
  check (pair, HOTPLUG_ERROR_EXISTS, "virsh undefine vmi there");
  fake_machine_run (pair->there->fake, RIG_UUID, same, HOTPLUG_VMI_STATE_RUNNING);
  check (pair, HOTPLUG_ERROR_EXISTS, "it has a running VMI of that UUID, \"vmi\"");
  remove_machine (pair->there);
  check (pair, 0, NULL);
  fake_machine_define (pair->there->fake, RIG_OTHER_UUID, other);
  check (pair, HOTPLUG_ERROR_EXISTS, "it has another VMI of that name, " RIG_OTHER_UUID);
}

static void
test_hosts (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  Rig *there = pair->there;

  pair->there = pair->here;
  check (pair, HOTPLUG_ERROR_INVALID_ARGUMENT, "it is on that host");
  Rig *joined = rig_join (pair->here->directory, RIG_RUNNING);
  pair->there = joined;
  check (pair, HOTPLUG_ERROR_INVALID_ARGUMENT, "it is on that host");
  pair->there = there;
  rig_free (joined);

  fake_peer_set_uri (there->fake, "qemu:///embed?root=/x");
  check (pair, HOTPLUG_ERROR_INVALID_ARGUMENT, "can't migrate to qemu:///embed?root=/x: an embedded hypervisor can't");
  fake_peer_set_uri (pair->here->fake, "qemu:///embed?root=/y");
  check (pair, HOTPLUG_ERROR_INVALID_ARGUMENT, "can't migrate from qemu:///embed?root=/y");
}

/* Each call of either host, when its connection breaks: it is told, and the next look mends what is left. */
static void
test_broken (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    gboolean there;
    FakePeerCall call;
  } calls[] = {
    { FALSE, FAKE_PEER_LEAVE_MARK }, { FALSE, FAKE_PEER_CLEAR_MARKS }, { TRUE, FAKE_PEER_CLEAR_MARKS },
    { TRUE, FAKE_PEER_FIND_MARK },   { TRUE, FAKE_PEER_FIND_LINK },    { TRUE, FAKE_PEER_FIND_NETWORK },
    { TRUE, FAKE_PEER_FIND_FILE },
  };

  add_volume (pair, "many", MANY);
  add_interface (pair, "red", "bridge", "br-red");
  add_interface (pair, "green", "network", "green");
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      FakeConnection *fake = calls[i].there ? pair->there->fake : pair->here->fake;

      if (calls[i].call == FAKE_PEER_FIND_FILE)
        fake_peer_fail (pair->here->fake, FAKE_PEER_LEAVE_MARK, FAKE_REFUSES);
      fake_peer_fail (fake, calls[i].call, FAKE_BREAKS_BEFORE);
      check (pair, HOTPLUG_ERROR_CONNECTION, "told to fail");
      g_assert_true (check (pair, 0, NULL));
    }
}

static void
test_cancelled (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean shared;

  add_volume (pair, "many", MANY);
  g_autoptr (HotplugSession) session = _hotplug_session_begin (pair->here->vmi, NULL, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (_hotplug_migration_check (session, pair->there->host, NULL, &shared, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_clean (pair, 1);
}

/* A client that is killed leaves its mark, and the next look takes it away. */
static void
test_killed (Pair *pair, gconstpointer data G_GNUC_UNUSED)
{
  add_volume (pair, "many", MANY);
  g_autofree char *mark = g_strconcat (PREFIX "dead", NULL);
  g_autofree char *marks = g_build_filename (pair->here->directory, "marks", NULL);
  g_autofree char *file = g_build_filename (marks, mark, NULL);
  g_autofree char *hidden = g_strconcat (pair->images, "/.", mark, NULL);

  g_assert_cmpint (g_mkdir_with_parents (marks, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, hidden, -1, NULL));
  g_assert_cmpint (g_mkdir (hidden, 0700), ==, 0);

  g_autoptr (GError) error = NULL;
  gboolean shared;
  {
    g_autoptr (HotplugSession) session = _hotplug_session_begin (pair->here->vmi, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (_hotplug_migration_check (session, pair->there->host, NULL, &shared, NULL, &error));
    g_assert_no_error (error);
  }
  assert_clean (pair, 1);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Pair *pair, gconstpointer data);
  } tests[] = {
    { "shared", test_shared },   { "not-shared", test_not_shared }, { "read-only", test_read_only },
    { "unknown", test_unknown }, { "link", test_link }, { "networks", test_networks },     { "all", test_all },
    { "busy", test_busy },       { "stopped", test_stopped },       { "exists", test_exists },
    { "hosts", test_hosts },     { "broken", test_broken },         { "cancelled", test_cancelled },
    { "killed", test_killed },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/migration-check/", tests[i].path, NULL);
      g_test_add (path, Pair, NULL, set_up, tests[i].func, tear_down);
    }
  return g_test_run ();
}
