/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>

#include <hotplug/hotplug.h>

#include "fuzz/fuzz.h"
#include "manifest/hotplug-manifest-guest-private.h"
#include "model/hotplug-interface-status-private.h"

/* From a guest agent's answer, which the guest writes, to the statuses of a machine */

#define GUEST_ONLY_MAX 10

static const HotplugInterfaceStatusFields known[] = {
  { .name = "default", .mac = "52:54:00:00:00:01", .in_domain = TRUE, .primary = TRUE },
  { .name = "blue", .mac = "02:00:00:00:00:0a", .in_domain = TRUE, .hotplugged = TRUE },
};

static void
check_nic (const HotplugGuestNic *nic)
{
  guint8 octets[sizeof (struct in6_addr)];

  for (guint i = 0; nic->addresses[i] != NULL; i++)
    g_assert_true (inet_pton (AF_INET, nic->addresses[i], octets) == 1
                   || inet_pton (AF_INET6, nic->addresses[i], octets) == 1);
  if (nic->name == NULL)
    return;

  g_assert_cmpuint (strlen (nic->name), <=, 80);
  g_assert_true (g_utf8_validate (nic->name, -1, NULL));
  for (const char *at = nic->name; *at != '\0'; at = g_utf8_next_char (at))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (at)));
}

/* Nothing of the machine's is lost, and one that only the guest has has no name. */
static void
check_statuses (GPtrArray *statuses)
{
  guint n_named = 0;

  g_assert_cmpuint (statuses->len, <=, G_N_ELEMENTS (known) + GUEST_ONLY_MAX);
  g_assert_true (hotplug_interface_status_is_primary (statuses->pdata[0]));
  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugInterfaceStatus *status = statuses->pdata[i];
      g_autofree char *manifest = hotplug_interface_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_JSON);

      g_assert_nonnull (manifest);
      g_assert_nonnull (hotplug_interface_status_get_mac (status));
      if (hotplug_interface_status_get_name (status) != NULL)
        n_named++;
      else
        g_assert_cmpstr (hotplug_interface_status_get_info_source (status), ==, "guest-agent");
    }
  g_assert_cmpuint (n_named, ==, G_N_ELEMENTS (known));
}

static void
fuzz_text (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) nics = _hotplug_manifest_read_guest_nics (text, &error);

  if (nics == NULL)
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }

  for (guint i = 0; i < nics->len; i++)
    check_nic (&g_array_index (nics, HotplugGuestNic, i));
  g_autoptr (GPtrArray) statuses = _hotplug_interface_statuses_merge (known, G_N_ELEMENTS (known), nics);
  check_statuses (statuses);
}

FUZZ_TARGET ("guest-interfaces")
