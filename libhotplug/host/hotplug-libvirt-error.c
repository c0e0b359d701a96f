/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"

/* QEMU's own words, which nobody translates, for a request that it has already got
 * (softmmu/qdev-monitor.c:944, hw/pci/pcie.c:567) */
static gboolean
says_busy (const char *message)
{
  return strstr (message, "in the process of unplug") != NULL || strstr (message, "guest is busy") != NULL;
}

static gboolean
says_locked (const char *message)
{
  return strstr (message, "\"write\" lock") != NULL || strstr (message, "\"consistent read\" lock") != NULL;
}

static HotplugError
code_of (const virError *from)
{
  const char *message = from->message != NULL ? from->message : "";

  switch (from->code)
    {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_DEVICE_MISSING:
      return HOTPLUG_ERROR_NOT_FOUND;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
      return HOTPLUG_ERROR_PERMISSION;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
      return HOTPLUG_ERROR_CONNECTION;
    case VIR_ERR_OPERATION_TIMEOUT:
      return HOTPLUG_ERROR_BUSY;
    default:
      break;
    }

  if (says_busy (message))
    return HOTPLUG_ERROR_BUSY;
  return says_locked (message) ? HOTPLUG_ERROR_SOURCE_IN_USE : HOTPLUG_ERROR_HYPERVISOR;
}

gboolean
_hotplug_libvirt_set_error (virConnectPtr connection, const char *what, GError **error)
{
  const virError *last = virGetLastError ();
  g_autofree char *message = g_strdup (last != NULL && last->message != NULL ? last->message : "no reason was given");
  HotplugError code = last != NULL ? code_of (last) : HOTPLUG_ERROR_HYPERVISOR;

  if (connection != NULL && virConnectIsAlive (connection) != 1)
    code = HOTPLUG_ERROR_CONNECTION;

  g_set_error (error, HOTPLUG_ERROR, (int) code, "%s: %s", what, g_strdelimit (message, "\n", ' '));
  return FALSE;
}
