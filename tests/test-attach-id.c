/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-attach-id-private.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define OTHER_UUID "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49"

/* They are the same in every release: a client compares what it wrote down with what it sees. */
static const struct
{
  const char *vmi_uuid;
  const char *name;
  const char *address;
  const char *id;
  const char *uid;
} rows[] = {
  { UUID, "data", "0:0:0:0", "hp-volume-6jvtv", "b8464ee8-4fb6-5db2-ac0c-a08a281df7b2" },
  { UUID, "data", "0:0:0:1", "hp-volume-rr9j4", "d27e5131-e642-57bb-a8e1-21159fbcff9c" },
  { UUID, "more", "0:0:0:0", "hp-volume-r48k5", "e32bef52-ae3f-5430-8629-a0b65c99a6d3" },
  { OTHER_UUID, "data", "0:0:0:0", "hp-volume-kmp9m", "e809865a-a17a-5969-a7c3-0f9fd36039c6" },
  { UUID, "data", "0000:01:00.0", "hp-volume-lmqlx", "c654283f-6a06-53b6-822c-daad5ca242cf" },
};

static void
test_fixed (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *id = NULL;
  g_autofree char *uid = NULL;

  _hotplug_attach_id (rows[row].vmi_uuid, rows[row].name, rows[row].address, &id, &uid);
  g_assert_cmpstr (id, ==, rows[row].id);
  g_assert_cmpstr (uid, ==, rows[row].uid);
}

/* The id is the name of a Kubernetes object, the UID one of RFC 9562, version 5. */
static void
test_shape (void)
{
  g_autoptr (GHashTable) uids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint unit = 0; unit < 500; unit++)
    {
      g_autofree char *address = g_strdup_printf ("0:0:0:%u", unit);
      g_autofree char *id = NULL;
      char *uid = NULL;

      _hotplug_attach_id (UUID, "data", address, &id, &uid);
      g_assert_true (g_regex_match_simple ("^hp-volume-[b-df-hj-np-tv-xz24-9]{5}$", id, 0, 0));
      g_assert_true (
          g_regex_match_simple ("^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", uid, 0, 0));
      g_assert_true (g_hash_table_add (uids, uid));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/attach-id/fixed/%" G_GSIZE_FORMAT, row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_fixed);
    }
  g_test_add_func ("/attach-id/shape", test_shape);

  return g_test_run ();
}
