/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-attach-id-private.h"

/* The characters and the length of the random part of a Kubernetes object's name, after generateName. */
#define SUFFIX_CHARACTERS "bcdfghjklmnpqrstvwxz2456789"
#define SUFFIX_LENGTH 5

#define SHA1_LENGTH 20

void
_hotplug_attach_id (const char *vmi_uuid, const char *name, const char *address, char **id, char **uid)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[SHA1_LENGTH];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) vmi_uuid, -1);
  g_checksum_update (checksum, (const guchar *) "/", 1);
  g_checksum_update (checksum, (const guchar *) name, -1);
  g_checksum_update (checksum, (const guchar *) "/", 1);
  g_checksum_update (checksum, (const guchar *) address, -1);
  g_checksum_get_digest (checksum, digest, &length);

  char suffix[SUFFIX_LENGTH + 1] = { 0 };
  for (int i = 0; i < SUFFIX_LENGTH; i++)
    suffix[i] = SUFFIX_CHARACTERS[digest[SHA1_LENGTH - 1 - i] % (sizeof SUFFIX_CHARACTERS - 1)];
  *id = g_strconcat ("hp-volume-", suffix, NULL);

  /* RFC 9562: version 5, a name's SHA-1 */
  *uid = g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-5%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", digest[0], digest[1],
                          digest[2], digest[3], digest[4], digest[5], digest[6] & 0xfu, digest[7],
                          8u | ((digest[8] >> 4) & 3u), digest[8] & 0xfu, digest[9], digest[10], digest[11], digest[12],
                          digest[13], digest[14], digest[15]);
}
