/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-peer.h"

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include <hotplug/hotplug-error.h>

#include "fake/fake-private.h"
#include "fake/fake-store.h"

#define KEY "fake-peer"

typedef struct
{
  char *uri;
  GPtrArray *hidden;
  GHashTable *sights;
  gboolean blind;
  guint counts[FAKE_PEER_N_CALLS];
  FakePeerCall fault_call;
  FakeFault fault;
  gboolean fails;
} Peer;

static void
free_peer (Peer *peer)
{
  g_free (peer->uri);
  g_ptr_array_unref (peer->hidden);
  g_hash_table_unref (peer->sights);
  g_free (peer);
}

static Peer *
get_peer (gpointer self)
{
  Peer *peer = g_object_get_data (self, KEY);

  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->uri = g_strconcat ("fake://", FAKE_CONNECTION (self)->directory, NULL);
  peer->hidden = g_ptr_array_new_with_free_func (g_free);
  peer->sights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_object_set_data_full (self, KEY, peer, (GDestroyNotify)free_peer);
  return peer;
}

void
fake_peer_set_uri (FakeConnection *self, const char *uri)
{
  g_free (get_peer (self)->uri);
  get_peer (self)->uri = g_strdup (uri);
}

void
fake_peer_hide (FakeConnection *self, const char *path)
{
  g_ptr_array_add (get_peer (self)->hidden, g_strconcat (path, "/", NULL));
  g_autofree char *below = g_strconcat (path, "/.", NULL);
  g_autofree char *own = fake_peer_map (self, below);
  g_assert_cmpint (g_mkdir_with_parents (own, 0700), ==, 0);
}

char *
fake_peer_map (FakeConnection *self, const char *path)
{
  const Peer *peer = get_peer (self);

  for (guint i = 0; i < peer->hidden->len; i++)
    {
      if (g_str_has_prefix (path, g_ptr_array_index (peer->hidden, i)))
        return g_build_filename (self->directory, "own", path, NULL);
    }
  return g_strdup (path);
}

void
fake_peer_blind (FakeConnection *self)
{
  get_peer (self)->blind = TRUE;
}

void
fake_peer_set_sight (FakeConnection *self, const char *name, HotplugSight sight)
{
  g_hash_table_insert (get_peer (self)->sights, g_strdup (name), GINT_TO_POINTER (sight));
}

void
fake_peer_fail (FakeConnection *self, FakePeerCall call, FakeFault fault)
{
  Peer *peer = get_peer (self);

  peer->fault_call = call;
  peer->fault = fault;
  peer->fails = TRUE;
}

guint
fake_peer_count (FakeConnection *self, FakePeerCall call)
{
  return get_peer (self)->counts[call];
}

static gboolean
begin (HotplugConnection *connection, FakePeerCall call, GError **error)
{
  Peer *peer = get_peer (connection);

  peer->counts[call]++;
  if (!peer->fails || peer->fault_call != call)
    return TRUE;
  peer->fails = FALSE;
  return fake_refuse (error, peer->fault == FAKE_REFUSES ? HOTPLUG_ERROR_HYPERVISOR : HOTPLUG_ERROR_CONNECTION,
                      "told to fail");
}

/* Marks are told by files, so that other connections and processes have them: the directory is in the file NAME. */

static char *
mark_directory (FakeConnection *self)
{
  char *directory = g_build_filename (self->directory, "marks", NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  return directory;
}

static gboolean
leave_mark (HotplugConnection *connection, const char *name, const char *path, GError **error)
{
  FakeConnection *self = FAKE_CONNECTION (connection);
  g_autofree char *directory = mark_directory (self);
  g_autofree char *file = g_build_filename (directory, name, NULL);
  g_autofree char *own = fake_peer_map (self, path);

  if (!begin (connection, FAKE_PEER_LEAVE_MARK, error))
    return FALSE;
  if (get_peer (self)->blind)
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "no storage driver");
  g_assert_true (g_file_set_contents (file, own, -1, NULL));
  if (g_mkdir (own, 0700) == 0)
    return TRUE;

  g_unlink (file);
  return fake_refuse (error, HOTPLUG_ERROR_PERMISSION, g_strerror (errno));
}

static gboolean
find_mark (HotplugConnection *connection, const char *name, const char *path, HotplugSight *sight, GError **error)
{
  g_autofree char *own = fake_peer_map (FAKE_CONNECTION (connection), path);

  if (!begin (connection, FAKE_PEER_FIND_MARK, error))
    return FALSE;
  if (!get_peer (connection)->blind)
    *sight = g_file_test (own, G_FILE_TEST_IS_DIR) ? HOTPLUG_SIGHT_SEEN : HOTPLUG_SIGHT_MISSING;
  return TRUE;
}

GStrv
fake_peer_list_marks (FakeConnection *self)
{
  g_autofree char *path = mark_directory (self);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
    g_strv_builder_add (names, name);
  return g_strv_builder_end (names);
}

static gboolean
clear_marks (HotplugConnection *connection, const char *prefix, GError **error)
{
  FakeConnection *self = FAKE_CONNECTION (connection);
  g_autofree char *directory = mark_directory (self);
  g_auto (GStrv) names = fake_peer_list_marks (self);

  if (!begin (connection, FAKE_PEER_CLEAR_MARKS, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (directory, names[i], NULL);
      g_autofree char *path = NULL;

      if (!g_str_has_prefix (names[i], prefix))
        continue;
      g_assert_true (g_file_get_contents (file, &path, NULL, NULL));
      g_rmdir (path);
      g_unlink (file);
    }
  return TRUE;
}

static gboolean
find_file (HotplugConnection *connection, const char *name, const char *path, HotplugSight *sight, guint64 *capacity,
           GError **error)
{
  g_autofree char *own = fake_peer_map (FAKE_CONNECTION (connection), path);
  GStatBuf status;

  if (!begin (connection, FAKE_PEER_FIND_FILE, error))
    return FALSE;
  if (get_peer (connection)->blind)
    return TRUE;
  *sight = g_stat (own, &status) == 0 ? HOTPLUG_SIGHT_SEEN : HOTPLUG_SIGHT_MISSING;
  *capacity = *sight == HOTPLUG_SIGHT_SEEN ? (guint64)status.st_size : 0;
  return TRUE;
}

static gboolean
look (HotplugConnection *connection, FakePeerCall call, const char *name, HotplugSight *sight, GError **error)
{
  Peer *peer = get_peer (connection);
  gpointer said = GINT_TO_POINTER (HOTPLUG_SIGHT_SEEN);

  if (!begin (connection, call, error))
    return FALSE;
  g_hash_table_lookup_extended (peer->sights, name, NULL, &said);
  if (!peer->blind)
    *sight = (HotplugSight)GPOINTER_TO_INT (said);
  return TRUE;
}

static gboolean
find_link (HotplugConnection *connection, const char *name, HotplugSight *sight, GError **error)
{
  return look (connection, FAKE_PEER_FIND_LINK, name, sight, error);
}

static gboolean
find_network (HotplugConnection *connection, const char *name, HotplugSight *sight, GError **error)
{
  return look (connection, FAKE_PEER_FIND_NETWORK, name, sight, error);
}

static char *
dup_hostname (HotplugConnection *connection)
{
  return g_strdup_printf ("fake-%x", g_str_hash (FAKE_CONNECTION (connection)->directory));
}

static const char *
get_uri (HotplugConnection *connection)
{
  return get_peer (connection)->uri;
}

/* The host is its directory: connections to one are to one host. */
static char *
dup_capabilities (HotplugConnection *connection)
{
  const char *directory = FAKE_CONNECTION (connection)->directory;

  return g_strdup_printf ("<capabilities><host><uuid>00000000-0000-4000-8000-%012x</uuid></host></capabilities>",
                          g_str_hash (directory));
}

void
fake_peer_init (HotplugConnectionClass *class)
{
  static const HotplugPeerCalls calls = {
    .dup_hostname = dup_hostname,
    .leave_mark = leave_mark,
    .find_mark = find_mark,
    .clear_marks = clear_marks,
    .find_file = find_file,
    .find_link = find_link,
    .find_network = find_network,
  };

  class->get_uri = get_uri;
  class->dup_capabilities = dup_capabilities;
  class->peers = &calls;
}
