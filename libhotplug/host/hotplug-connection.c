/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-connection-private.h"
#include "host/hotplug-machine-lock-private.h"
#include "host/hotplug-peer-private.h"

enum {
  DEVICE_REMOVED,
  DEVICE_REMOVAL_FAILED,
  CHANGED,
  STARTED,
  STOPPED,
  LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE (HotplugConnection, _hotplug_connection, G_TYPE_OBJECT)


static HotplugConnectionClass *
CLASS (HotplugConnection *self)
{
  return G_TYPE_INSTANCE_GET_CLASS (self, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);
}

static void
_hotplug_connection_init (HotplugConnection *self)
{
}

static guint
new_signal (const char *name, guint n_strings)
{
  return g_signal_new (name, HOTPLUG_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n_strings,
                       G_TYPE_STRING, G_TYPE_STRING);
}

static guint64
no_version (HotplugConnection *self)
{
  return 0;
}

static void
_hotplug_connection_class_init (HotplugConnectionClass *class)
{
  class->get_hypervisor_version = no_version;
  signals[DEVICE_REMOVED] = new_signal ("device-removed", 2);
  signals[DEVICE_REMOVAL_FAILED] = new_signal ("device-removal-failed", 2);
  signals[CHANGED] = new_signal ("changed", 1);
  signals[STARTED] = new_signal ("started", 1);
  signals[STOPPED] = new_signal ("stopped", 1);
  signals[LOST] = new_signal ("lost", 1);
}

HotplugAddressText *
_hotplug_address_text_new (const char *mac, const char *address)
{
  HotplugAddressText *self = g_new0 (HotplugAddressText, 1);

  self->mac = g_strdup (mac);
  self->address = g_strdup (address);
  return self;
}

void
_hotplug_address_text_free (HotplugAddressText *self)
{
  g_free (self->mac);
  g_free (self->address);
  g_free (self);
}

HotplugDiskError *
_hotplug_disk_error_new (const char *target, gboolean full)
{
  HotplugDiskError *self = g_new0 (HotplugDiskError, 1);

  self->target = g_strdup (target);
  self->full = full;
  return self;
}

void
_hotplug_disk_error_free (HotplugDiskError *self)
{
  g_free (self->target);
  g_free (self);
}

void
_hotplug_network_text_free (HotplugNetworkText *self)
{
  g_free (self->name);
  g_free (self->bridge);
  g_free (self->xml);
  g_free (self);
}

void
_hotplug_machine_text_clear (HotplugMachineText *self)
{
  g_clear_pointer (&self->live, g_free);
  g_clear_pointer (&self->template, g_free);
}

gboolean
_hotplug_connection_ensure (HotplugConnection *self, GError **error)
{
  return CLASS (self)->ensure (self, error);
}

void
_hotplug_connection_close (HotplugConnection *self)
{
  CLASS (self)->close (self);
}

gboolean
_hotplug_connection_is_connected (HotplugConnection *self)
{
  return CLASS (self)->is_connected (self);
}

const char *
_hotplug_connection_get_uri (HotplugConnection *self)
{
  return CLASS (self)->get_uri (self);
}

gboolean
_hotplug_connection_is_local (HotplugConnection *self)
{
  return CLASS (self)->is_local (self);
}

gboolean
_hotplug_connection_shares_user (HotplugConnection *self)
{
  return CLASS (self)->shares_user (self);
}

char *
_hotplug_connection_dup_capabilities (HotplugConnection *self)
{
  return CLASS (self)->dup_capabilities != NULL ? CLASS (self)->dup_capabilities (self) : NULL;
}

gboolean
_hotplug_connection_delivers_events (HotplugConnection *self)
{
  return CLASS (self)->delivers_events (self);
}

gboolean
_hotplug_connection_shares_network (HotplugConnection *self)
{
  return CLASS (self)->shares_network != NULL && CLASS (self)->shares_network (self);
}

gint64
_hotplug_connection_get_return_patience (HotplugConnection *self)
{
  return CLASS (self)->get_return_patience != NULL ? CLASS (self)->get_return_patience (self) : 0;
}

guint64
_hotplug_connection_get_hypervisor_version (HotplugConnection *self)
{
  return CLASS (self)->get_hypervisor_version (self);
}

char *
_hotplug_connection_dup_common_directory (HotplugConnection *self)
{
  return CLASS (self)->dup_common_directory (self);
}

char *
_hotplug_connection_dup_runtime_directory_of (HotplugConnection *self, const char *host)
{
  g_autofree char *common = _hotplug_connection_dup_common_directory (self);

  return host != NULL ? _hotplug_runtime_directory_of (common, host) : g_steal_pointer (&common);
}

char *
_hotplug_connection_dup_runtime_directory (HotplugConnection *self)
{
  g_autofree char *host = _hotplug_connection_dup_host (self);

  return _hotplug_connection_dup_runtime_directory_of (self, host);
}

char *
_hotplug_connection_find_machine (HotplugConnection *self, const char *name_or_uuid, char **name, GError **error)
{
  return CLASS (self)->find_machine (self, name_or_uuid, name, error);
}

GStrv
_hotplug_connection_list_machines (HotplugConnection *self, GError **error)
{
  return CLASS (self)->list_machines (self, error);
}

gboolean
_hotplug_connection_read_machine (HotplugConnection *self, const char *uuid, HotplugLook look, HotplugMachineText *out,
                                  GError **error)
{
  return CLASS (self)->read_machine (self, uuid, look, out, error);
}

gboolean
_hotplug_connection_attach (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                            GError **error)
{
  return CLASS (self)->attach (self, uuid, side, xml, error);
}

void
_hotplug_connection_clear_leftovers (HotplugConnection *self, const char *uuid, const char *const *aliases)
{
  if (CLASS (self)->clear_leftovers != NULL)
    CLASS (self)->clear_leftovers (self, uuid, aliases);
}

gboolean
_hotplug_connection_detach (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                            GError **error)
{
  return CLASS (self)->detach (self, uuid, side, xml, error);
}

gboolean
_hotplug_connection_update (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                            GError **error)
{
  return CLASS (self)->update (self, uuid, side, xml, error);
}

gboolean
_hotplug_connection_request_detach (HotplugConnection *self, const char *uuid, const char *alias, GError **error)
{
  return CLASS (self)->request_detach (self, uuid, alias, error);
}

gboolean
_hotplug_connection_drop (HotplugConnection *self, const char *uuid, const char *alias, GError **error)
{
  return CLASS (self)->drop (self, uuid, alias, error);
}

gboolean
_hotplug_connection_set_metadata (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                                  GError **error)
{
  return CLASS (self)->set_metadata (self, uuid, side, xml, error);
}

char *
_hotplug_connection_read_template (HotplugConnection *self, const char *uuid, GError **error)
{
  return CLASS (self)->read_template (self, uuid, error);
}

gboolean
_hotplug_connection_define (HotplugConnection *self, const char *uuid, const char *xml, GError **error)
{
  return CLASS (self)->define (self, uuid, xml, error);
}

const char *
_hotplug_connection_find_job (HotplugConnection *self, const char *uuid)
{
  return CLASS (self)->find_job != NULL ? CLASS (self)->find_job (self, uuid) : NULL;
}

HotplugBlockJob
_hotplug_connection_find_block_job (HotplugConnection *self, const char *uuid, const char *target)
{
  return CLASS (self)->find_block_job != NULL ? CLASS (self)->find_block_job (self, uuid, target)
                                              : HOTPLUG_BLOCK_JOB_NONE;
}

HotplugPause
_hotplug_connection_find_pause (HotplugConnection *self, const char *uuid, GPtrArray *errors)
{
  return CLASS (self)->find_pause != NULL ? CLASS (self)->find_pause (self, uuid, errors) : HOTPLUG_PAUSE_OTHER;
}

char *
_hotplug_connection_read_saved (HotplugConnection *self, const char *uuid)
{
  return CLASS (self)->read_saved != NULL ? CLASS (self)->read_saved (self, uuid) : NULL;
}

GPtrArray *
_hotplug_connection_list_snapshots (HotplugConnection *self, const char *uuid)
{
  return CLASS (self)->list_snapshots != NULL ? CLASS (self)->list_snapshots (self, uuid)
                                              : g_ptr_array_new_with_free_func (g_free);
}

gboolean
_hotplug_connection_try_definition (HotplugConnection *self, const char *xml, GError **error)
{
  return CLASS (self)->try_definition == NULL || CLASS (self)->try_definition (self, xml, error);
}

gboolean
_hotplug_connection_start (HotplugConnection *self, const char *uuid, gboolean paused, GError **error)
{
  return CLASS (self)->start (self, uuid, paused, error);
}

gboolean
_hotplug_connection_resume (HotplugConnection *self, const char *uuid, GError **error)
{
  return CLASS (self)->resume (self, uuid, error);
}

gboolean
_hotplug_connection_shut_down (HotplugConnection *self, const char *uuid, GError **error)
{
  return CLASS (self)->shut_down (self, uuid, error);
}

gboolean
_hotplug_connection_destroy (HotplugConnection *self, const char *uuid, GError **error)
{
  return CLASS (self)->destroy (self, uuid, error);
}

static gboolean
knows_no_guest (const char *uuid, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "vmi %s: the hypervisor knows nothing of its guest",
               uuid);
  return FALSE;
}

char *
_hotplug_connection_read_guest_interfaces (HotplugConnection *self, const char *uuid, GError **error)
{
  if (CLASS (self)->read_guest_interfaces == NULL && !knows_no_guest (uuid, error))
    return NULL;
  return CLASS (self)->read_guest_interfaces (self, uuid, error);
}

GPtrArray *
_hotplug_connection_list_addresses (HotplugConnection *self, const char *uuid, HotplugAddressSource source,
                                    GError **error)
{
  if (CLASS (self)->list_addresses == NULL && !knows_no_guest (uuid, error))
    return NULL;
  return CLASS (self)->list_addresses (self, uuid, source, error);
}

GPtrArray *
_hotplug_connection_list_networks (HotplugConnection *self, GError **error)
{
  return CLASS (self)->list_networks != NULL ? CLASS (self)->list_networks (self, error) : g_ptr_array_new ();
}

gboolean
_hotplug_connection_has_network_filter (HotplugConnection *self, const char *name)
{
  return CLASS (self)->has_network_filter != NULL && CLASS (self)->has_network_filter (self, name);
}

guint64
_hotplug_connection_get_capacity (HotplugConnection *self, const char *uuid, const char *target)
{
  return CLASS (self)->get_capacity != NULL ? CLASS (self)->get_capacity (self, uuid, target) : 0;
}

guint64
_hotplug_connection_get_libvirt_version (HotplugConnection *self)
{
  return CLASS (self)->get_libvirt_version != NULL ? CLASS (self)->get_libvirt_version (self) : 0;
}

void
_hotplug_connection_emit_device_removed (HotplugConnection *self, const char *uuid, const char *alias)
{
  g_signal_emit (self, signals[DEVICE_REMOVED], 0, uuid, alias);
}

void
_hotplug_connection_emit_device_removal_failed (HotplugConnection *self, const char *uuid, const char *alias)
{
  g_signal_emit (self, signals[DEVICE_REMOVAL_FAILED], 0, uuid, alias);
}

void
_hotplug_connection_emit_changed (HotplugConnection *self, const char *uuid)
{
  g_signal_emit (self, signals[CHANGED], 0, uuid);
}

void
_hotplug_connection_emit_started (HotplugConnection *self, const char *uuid)
{
  g_signal_emit (self, signals[STARTED], 0, uuid);
}

void
_hotplug_connection_emit_stopped (HotplugConnection *self, const char *uuid)
{
  g_signal_emit (self, signals[STOPPED], 0, uuid);
}

void
_hotplug_connection_emit_lost (HotplugConnection *self, const char *message)
{
  g_signal_emit (self, signals[LOST], 0, message);
}
