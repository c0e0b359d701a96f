/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <net/if_arp.h>

#include "base/hotplug-mac-private.h"
#include "model/hotplug-interface-status-private.h"
#include "storage/hotplug-neighbours-private.h"

/* Linux net/ipv4/arp.c arp_format_neigh_entry () */
enum {
  COLUMN_ADDRESS = 0,
  COLUMN_FLAGS = 2,
  COLUMN_MAC = 3,
  N_COLUMNS = 6,
};

/* "192.0.2.7        0x1         0x2         02:00:00:00:00:01     *        br0" */
static void
read_line (const char *line, GHashTable *macs, GArray *nics)
{
  g_auto (GStrv) columns = g_regex_split_simple ("\\s+", line, 0, 0);

  if (g_strv_length (columns) < N_COLUMNS)
    return;

  g_autofree char *mac = _hotplug_mac_normalize (columns[COLUMN_MAC]);
  guint64 flags = g_ascii_strtoull (columns[COLUMN_FLAGS], NULL, 16);
  /* one that is not complete was asked for, and did not answer */
  if (mac != NULL && (flags & ATF_COM) != 0 && g_hash_table_contains (macs, mac))
    _hotplug_guest_nics_add_address (nics, HOTPLUG_GUEST_NIC_OBSERVED, mac, columns[COLUMN_ADDRESS]);
}

gboolean
_hotplug_neighbours_read (const char *path, GHashTable *macs, GArray *nics, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    read_line (lines[i], macs, nics);
  return TRUE;
}
