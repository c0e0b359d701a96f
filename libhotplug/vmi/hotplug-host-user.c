/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include "host/hotplug-embed-private.h"
#include "vmi/hotplug-host-user-private.h"
#include "xml/hotplug-capabilities-xml-private.h"

gboolean
_hotplug_host_find_user (HotplugConnection *connection, HotplugMachineUser *user)
{
  const char *uri = _hotplug_connection_get_uri (connection);
  g_autofree char *xml = NULL;

  if (!_hotplug_connection_is_local (connection) || (uri != NULL && _hotplug_embed_is (uri))
      || (geteuid () != 0 && _hotplug_connection_shares_user (connection)))
    return FALSE;
  xml = _hotplug_connection_dup_capabilities (connection);
  return xml != NULL && _hotplug_capabilities_find_user (xml, &user->uid, &user->gid) && user->uid != 0
         && user->uid != geteuid ();
}
