/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>

#include "host/hotplug-libvirt-private.h"

/* Where the transport has it: five seconds, and three of them unanswered mean that the peer is gone */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT 3

static gboolean
uuid_of (virDomainPtr domain, char *uuid)
{
  return virDomainGetUUIDString (domain, uuid) == 0;
}

static void
on_device_removed (virConnectPtr connection, virDomainPtr domain, const char *alias, void *opaque)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (uuid_of (domain, uuid))
    _hotplug_connection_emit_device_removed (opaque, uuid, alias);
}

static void
on_device_removal_failed (virConnectPtr connection, virDomainPtr domain, const char *alias, void *opaque)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (uuid_of (domain, uuid))
    _hotplug_connection_emit_device_removal_failed (opaque, uuid, alias);
}

/* One that comes from another host has started when it runs here. */
static int
on_lifecycle (virConnectPtr connection, virDomainPtr domain, int event, int detail, void *opaque)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (!uuid_of (domain, uuid))
    return 0;
  if (event == VIR_DOMAIN_EVENT_STOPPED)
    _hotplug_connection_emit_stopped (opaque, uuid);
  else if (event == VIR_DOMAIN_EVENT_STARTED
               ? detail != VIR_DOMAIN_EVENT_STARTED_MIGRATED
               : event == VIR_DOMAIN_EVENT_RESUMED && detail == VIR_DOMAIN_EVENT_RESUMED_MIGRATED)
    _hotplug_connection_emit_started (opaque, uuid);
  else if (event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED)
    _hotplug_libvirt_forget_persistent (opaque, uuid);
  return 0;
}

/* The disk is another one when it has ended, or with others behind it */
static void
on_block_job (virConnectPtr connection, virDomainPtr domain, const char *disk, int type, int status, void *opaque)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (status != VIR_DOMAIN_BLOCK_JOB_READY && uuid_of (domain, uuid))
    _hotplug_connection_emit_changed (opaque, uuid);
}

static void
on_tunable (virConnectPtr connection, virDomainPtr domain, virTypedParameterPtr parameters, int count, void *opaque)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (uuid_of (domain, uuid))
    _hotplug_connection_emit_changed (opaque, uuid);
}

static void
on_close (virConnectPtr connection, int reason, void *opaque)
{
  static const char *const reasons[] = {
    [VIR_CONNECT_CLOSE_REASON_ERROR] = "input/output error",
    [VIR_CONNECT_CLOSE_REASON_EOF] = "the daemon closed it",
    [VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "the daemon does not answer",
    [VIR_CONNECT_CLOSE_REASON_CLIENT] = "closed",
  };

  _hotplug_libvirt_mark_lost (opaque,
                              reason >= 0 && reason < (int) G_N_ELEMENTS (reasons) ? reasons[reason] : "closed");
}

/* An event that can't be had is done without: who waits looks at the machine itself from time to time. */
void
_hotplug_libvirt_register_events (HotplugLibvirt *self, virConnectPtr connection, int *callbacks)
{
  const struct
  {
    int id;
    virConnectDomainEventGenericCallback func;
  } events[HOTPLUG_LIBVIRT_N_EVENTS] = {
    [HOTPLUG_LIBVIRT_REMOVED] = { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK (on_device_removed) },
    [HOTPLUG_LIBVIRT_REMOVAL_FAILED]
    = { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, VIR_DOMAIN_EVENT_CALLBACK (on_device_removal_failed) },
    [HOTPLUG_LIBVIRT_LIFECYCLE] = { VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle) },
    [HOTPLUG_LIBVIRT_BLOCK_JOB] = { VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, VIR_DOMAIN_EVENT_CALLBACK (on_block_job) },
    [HOTPLUG_LIBVIRT_TUNABLE] = { VIR_DOMAIN_EVENT_ID_TUNABLE, VIR_DOMAIN_EVENT_CALLBACK (on_tunable) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      callbacks[i] = virConnectDomainEventRegisterAny (connection, NULL, events[i].id, events[i].func,
                                                       g_object_ref (self), g_object_unref);
      if (callbacks[i] < 0)
        {
          g_debug ("no libvirt event %d: %s", events[i].id, virGetLastErrorMessage ());
          g_object_unref (self);
        }
    }

  if (virConnectRegisterCloseCallback (connection, on_close, g_object_ref (self), g_object_unref) < 0)
    g_object_unref (self);
  virConnectSetKeepAlive (connection, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT);
}

/* Each callback holds a reference on the connection, a broken one too: without this it would never be freed. */
void
_hotplug_libvirt_deregister_events (virConnectPtr connection, const int *callbacks)
{
  for (guint i = 0; i < HOTPLUG_LIBVIRT_N_EVENTS; i++)
    {
      if (callbacks[i] >= 0)
        virConnectDomainEventDeregisterAny (connection, callbacks[i]);
    }
  virConnectUnregisterCloseCallback (connection, on_close);
}
