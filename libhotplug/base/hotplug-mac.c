/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-mac-private.h"

#define OCTETS 6

/* The two low bits of the first octet: IEEE 802 */
#define GROUP 1
#define LOCAL 2

/* Of one digit or two */
static gboolean
read_octet (const char **text, guint8 *out)
{
  const char *at = *text;

  *out = 0;
  while (at - *text < 2 && g_ascii_isxdigit (*at))
    *out = (guint8) (*out << 4 | g_ascii_xdigit_value (*at++));

  gboolean read = at > *text;
  *text = at;
  return read;
}

static char *
print (const guint8 octets[OCTETS])
{
  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", octets[0], octets[1], octets[2], octets[3], octets[4],
                          octets[5]);
}

char *
_hotplug_mac_normalize (const char *text)
{
  guint8 octets[OCTETS];
  char separator = '\0';

  for (guint i = 0; i < OCTETS; i++)
    {
      if (text == NULL || !read_octet (&text, &octets[i]))
        return NULL;
      if (i + 1 == OCTETS)
        break;
      if (i == 0 && (*text == ':' || *text == '-'))
        separator = *text;
      /* without a separator the text may be at its end */
      if (separator == '\0' || *text++ != separator)
        return NULL;
    }
  return *text == '\0' ? print (octets) : NULL;
}

static guint8
first_octet (const char *mac)
{
  guint8 octet;

  return read_octet (&mac, &octet) ? octet : 0;
}

gboolean
_hotplug_mac_is_multicast (const char *mac)
{
  return (first_octet (mac) & GROUP) != 0;
}

gboolean
_hotplug_mac_is_local (const char *mac)
{
  return (first_octet (mac) & LOCAL) != 0;
}

char *
_hotplug_mac_make (GHashTable *taken)
{
  for (;;)
    {
      guint8 octets[OCTETS] = { LOCAL };

      for (guint i = 1; i < OCTETS; i++)
        octets[i] = (guint8) g_random_int_range (0, 256);

      g_autofree char *mac = print (octets);
      /* what KubeVirt keeps for itself, 02:00:00:00:00:00, and its kin */
      if (octets[1] == 0 && octets[2] == 0)
        continue;
      if (taken == NULL || !g_hash_table_contains (taken, mac))
        return g_steal_pointer (&mac);
    }
}
