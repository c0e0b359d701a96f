/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fake/fake-private.h"
#include "fake/fake-store.h"

/* What is known of guests: of all machines the same */

void
fake_connection_set_agent (FakeConnection *self, const char *answer)
{
  g_free (self->agent);
  self->agent = g_strdup (answer);
}

void
fake_connection_set_addresses (FakeConnection *self, HotplugAddressSource source, const char *text)
{
  g_free (self->addresses[source]);
  self->addresses[source] = g_strdup (text);
}

static char *
read_guest_interfaces (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeConnection *self = FAKE_CONNECTION (connection);
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_READ_GUEST, &turn, error))
    return NULL;

  gboolean done = self->agent != NULL
                  || fake_refuse (error, HOTPLUG_ERROR_TIMEOUT, "Guest agent not available for now");
  return fake_end (&turn, done, error) ? g_strdup (self->agent) : NULL;
}

static GPtrArray *
list_addresses (HotplugConnection *connection, const char *uuid, HotplugAddressSource source, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_LIST_ADDRESSES, &turn, error) || !fake_end (&turn, TRUE, error))
    return NULL;

  GPtrArray *addresses = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_address_text_free);
  const char *text = FAKE_CONNECTION (connection)->addresses[source];
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], "=", 2);
      g_ptr_array_add (addresses, _hotplug_address_text_new (parts[0], parts[1]));
    }
  return addresses;
}

void
fake_addresses_clear (FakeConnection *self)
{
  fake_connection_set_agent (self, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (self->addresses); i++)
    fake_connection_set_addresses (self, (HotplugAddressSource)i, NULL);
}

void
fake_addresses_init (HotplugConnectionClass *class)
{
  class->read_guest_interfaces = read_guest_interfaces;
  class->list_addresses = list_addresses;
}
