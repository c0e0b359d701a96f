/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "host/hotplug-libvirt-private.h"

static void
add_errors (virDomainPtr domain, GPtrArray *errors)
{
  int most = virDomainGetDiskErrors (domain, NULL, 0, 0);
  g_autofree virDomainDiskError *found = most > 0 ? g_new0 (virDomainDiskError, (gsize)most) : NULL;
  int count = found != NULL ? virDomainGetDiskErrors (domain, found, (unsigned int)most, 0) : 0;

  for (int i = 0; i < count; i++)
    {
      gboolean full = found[i].error == VIR_DOMAIN_DISK_ERROR_NO_SPACE;
      g_ptr_array_add (errors, _hotplug_disk_error_new (found[i].disk, full));
      free (found[i].disk);
    }
}

static HotplugPause
find_pause (HotplugConnection *connection, const char *uuid, GPtrArray *errors)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);
  int state = 0;
  int reason = 0;

  if (domain == NULL || virDomainGetState (domain, &state, &reason, 0) != 0 || state != VIR_DOMAIN_PAUSED)
    return HOTPLUG_PAUSE_OTHER;
  if (reason == VIR_DOMAIN_PAUSED_USER)
    return HOTPLUG_PAUSE_USER;
  if (reason != VIR_DOMAIN_PAUSED_IOERROR)
    return HOTPLUG_PAUSE_OTHER;

  add_errors (domain, errors);
  return HOTPLUG_PAUSE_IO_ERROR;
}

static char *
read_saved (HotplugConnection *connection, const char *uuid)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);

  if (domain == NULL || virDomainHasManagedSaveImage (domain, 0) != 1)
    return NULL;

  char *xml = virDomainManagedSaveGetXMLDesc (domain, 0);
  char *copy = g_strdup (xml != NULL ? xml : "");
  free (xml);
  return copy;
}

static GPtrArray *
list_snapshots (HotplugConnection *connection, const char *uuid)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  virDomainSnapshotPtr *snapshots = NULL;
  int n = domain != NULL ? virDomainListAllSnapshots (domain, &snapshots, 0) : -1;

  for (int i = 0; i < n; i++)
    {
      char *xml = virDomainSnapshotGetXMLDesc (snapshots[i], 0);

      if (xml != NULL)
        g_ptr_array_add (found, g_strdup (xml));
      free (xml);
      virDomainSnapshotFree (snapshots[i]);
    }
  free (snapshots);
  return found;
}

void
_hotplug_libvirt_state_init (HotplugConnectionClass *class)
{
  class->find_pause = find_pause;
  class->read_saved = read_saved;
  class->list_snapshots = list_snapshots;
}
