/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>
#include <stdlib.h>

#include <hotplug/hotplug-error.h>

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

/* What a start would say too: of huge pages and nodes that the host has not, secrets, processor models, devices that
 * libvirt opens itself. That a trial can't be had, or not by this user, says nothing of the machine. */
static gboolean
is_refusal (const virError *last)
{
  switch (last != NULL ? last->code : VIR_ERR_OK)
    {
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_CPU_INCOMPATIBLE:
    case VIR_ERR_INTERNAL_ERROR:
    case VIR_ERR_INVALID_SECRET:
    case VIR_ERR_NO_SECRET:
    case VIR_ERR_SYSTEM_ERROR:
      return TRUE;
    default:
      return FALSE;
    }
}

/* libvirt prepares a machine to tell its command line, and makes nothing: 9.0.0 src/qemu/qemu_process.c,
 * qemuProcessCreatePretendCmdPrepare (). */
static gboolean
try_definition (HotplugConnection *connection, const char *xml, GError **error)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire ((HotplugLibvirt *)connection, error);

  if (open == NULL)
    return FALSE;

  char *command = virConnectDomainXMLToNative (open, "qemu-argv", xml, 0);
  gboolean refused = command == NULL && is_refusal (virGetLastError ());
  if (refused)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "libvirt: %s", virGetLastErrorMessage ());
  free (command);
  return !refused;
}

void
_hotplug_libvirt_state_init (HotplugConnectionClass *class)
{
  class->find_pause = find_pause;
  class->read_saved = read_saved;
  class->list_snapshots = list_snapshots;
  class->try_definition = try_definition;
}
