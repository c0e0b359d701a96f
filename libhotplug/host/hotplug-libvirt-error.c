/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"

/* QEMU's own words, which nobody translates, for a request that it has already got
 * (softmmu/qdev-monitor.c:944, hw/pci/pcie.c:567), and libvirt's for a tray that the guest keeps locked
 * (src/qemu/qemu_hotplug.c:257, after 5 s) */
static gboolean
says_busy (const char *message)
{
  return strstr (message, "in the process of unplug") != NULL || strstr (message, "guest is busy") != NULL
         || strstr (message, "timed out waiting to open tray") != NULL;
}

static gboolean
says_locked (const char *message)
{
  return strstr (message, "\"write\" lock") != NULL || strstr (message, "\"consistent read\" lock") != NULL;
}

/* libvirt's storage code could not look at a file: the errno is in int1 (virReportSystemErrorFull,
 * src/util/virerror.c) */
static HotplugError
code_of_system_error (const virError *from)
{
  if (from->int1 == EACCES || from->int1 == EPERM)
    return HOTPLUG_ERROR_PERMISSION;
  return from->domain == VIR_FROM_STORAGE && from->int1 == ENOENT ? HOTPLUG_ERROR_SOURCE_MISSING
                                                                  : HOTPLUG_ERROR_HYPERVISOR;
}

static HotplugError
code_of (const virError *from)
{
  const char *message = from->message != NULL ? from->message : "";

  switch (from->code)
    {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_DEVICE_MISSING:
    case VIR_ERR_NO_STORAGE_VOL:
      return HOTPLUG_ERROR_NOT_FOUND;
    case VIR_ERR_STORAGE_VOL_EXIST:
      return HOTPLUG_ERROR_EXISTS;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
      return HOTPLUG_ERROR_PERMISSION;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
      return HOTPLUG_ERROR_CONNECTION;
    case VIR_ERR_SYSTEM_ERROR:
      return code_of_system_error (from);
    case VIR_ERR_OPERATION_TIMEOUT:
      return HOTPLUG_ERROR_BUSY;
    default:
      break;
    }

  if (says_busy (message))
    return HOTPLUG_ERROR_BUSY;
  return says_locked (message) ? HOTPLUG_ERROR_SOURCE_IN_USE : HOTPLUG_ERROR_HYPERVISOR;
}

/* What a JSON object has of that key, if it is a text without escapes */
static char *
find_text (const char *json, const char *end, const char *key)
{
  g_autofree char *wanted = g_strdup_printf ("\"%s\":\"", key);
  const char *at = g_strstr_len (json, end - json, wanted);
  const char *text = at != NULL ? at + strlen (wanted) : NULL;
  const char *stop = text != NULL ? memchr (text, '"', (gsize) (end - text)) : NULL;

  return stop != NULL ? g_strndup (text, (gsize) (stop - text)) : NULL;
}

/* A QEMU that does not start says the whole option that it is about before what is wrong with it, hundreds of
 * characters; of those the device's name or its file counts. NULL: it is no such message */
static char *
shorten (const char *message)
{
  const char *option = strstr (message, ": -");
  const char *begin = option != NULL && g_ascii_islower (option[3]) ? strchr (option + 3, ' ') : NULL;
  gboolean json = begin != NULL && begin[1] == '{';
  const char *end = begin != NULL ? strstr (begin, json ? "}: " : ": ") : NULL;

  if (end == NULL)
    return NULL;

  g_autofree char *id = json ? find_text (begin, end, "id") : NULL;
  g_autofree char *file = json && id == NULL ? find_text (begin, end, "filename") : NULL;
  g_autofree char *name = g_strndup (option + 2, (gsize) (begin - option - 2));
  const char *what = id != NULL ? id : file != NULL ? file : "";

  return g_strdup_printf ("QEMU, of its option %s%s%s: %s", name, *what != '\0' ? " " : "", what,
                          end + (json ? strlen ("}: ") : strlen (": ")));
}

/* Taken before anything else is asked of libvirt: each of its calls forgets what the last one said. */
typedef struct
{
  HotplugError code;
  char *message;
} Cause;

static Cause
last_cause (void)
{
  const virError *last = virGetLastError ();
  Cause cause = { HOTPLUG_ERROR_HYPERVISOR, g_strdup ("no reason was given") };

  if (last == NULL || last->message == NULL)
    return cause;

  char *shorter = shorten (last->message);
  g_free (cause.message);
  cause.code = code_of (last);
  cause.message = shorter != NULL ? shorter : g_strdup (last->message);
  return cause;
}

/* Names and paths of others stand in it as they are; a message is one line of UTF-8. */
static char *
make_printable (const char *message)
{
  char *valid = g_utf8_make_valid (message, -1);

  for (char *at = valid; *at != '\0'; at++)
    {
      if (g_ascii_iscntrl (*at))
        *at = ' ';
    }
  return valid;
}

static gboolean
set_cause (Cause cause, virConnectPtr connection, const char *what, GError **error)
{
  if (connection != NULL && virConnectIsAlive (connection) != 1)
    cause.code = HOTPLUG_ERROR_CONNECTION;

  g_autofree char *message = g_strconcat (what, ": ", cause.message, NULL);
  g_autofree char *printable = make_printable (message);
  g_set_error_literal (error, HOTPLUG_ERROR, (int) cause.code, printable);
  g_free (cause.message);
  return FALSE;
}

gboolean
_hotplug_libvirt_set_error (virConnectPtr connection, const char *what, GError **error)
{
  return set_cause (last_cause (), connection, what, error);
}

gboolean
_hotplug_libvirt_set_domain_error (virDomainPtr domain, GError **error)
{
  Cause cause = last_cause ();
  g_autofree char *what = g_strdup_printf ("vmi \"%s\"", virDomainGetName (domain));

  return set_cause (cause, virDomainGetConnect (domain), what, error);
}

gboolean
_hotplug_libvirt_set_pool_error (virStoragePoolPtr pool, GError **error)
{
  Cause cause = last_cause ();
  g_autofree char *what = g_strdup_printf ("storage pool \"%s\"", virStoragePoolGetName (pool));

  return set_cause (cause, virStoragePoolGetConnect (pool), what, error);
}

gboolean
_hotplug_libvirt_set_volume_error (virStorageVolPtr volume, GError **error)
{
  Cause cause = last_cause ();
  g_autofree char *what = g_strdup_printf ("storage volume \"%s\"", virStorageVolGetName (volume));

  return set_cause (cause, virStorageVolGetConnect (volume), what, error);
}
