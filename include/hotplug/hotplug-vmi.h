/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-host.h>
#include <hotplug/hotplug-interface-status.h>
#include <hotplug/hotplug-interface.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-migration-status.h>
#include <hotplug/hotplug-pci-budget.h>
#include <hotplug/hotplug-plan.h>
#include <hotplug/hotplug-vmi-status.h>
#include <hotplug/hotplug-volume-status.h>
#include <hotplug/hotplug-volume.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_VMI (hotplug_vmi_get_type ())

/**
 * HotplugVmi:
 *
 * A virtual machine of a host: its template (the persistent definition) and its live side (the running domain).
 *
 * Work on one VMI is serialised, between threads, handles and processes; work on different VMIs is parallel. All calls
 * block until they are done, may be made from any thread, and have an asynchronous twin that ends in the thread-default
 * main context of its caller.
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugVmi, hotplug_vmi, HOTPLUG, VMI, GObject)

/* The VMIs of a host */

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmi *hotplug_host_get_vmi (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_get_vmi_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmi *hotplug_host_get_vmi_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_vmis (HotplugHost *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_list_vmis_async (HotplugHost *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_vmis_finish (HotplugHost *self, GAsyncResult *result, GError **error);

/* What it is */

HOTPLUG_AVAILABLE_IN_0_1
HotplugHost *hotplug_vmi_get_host (HotplugVmi *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_get_name (HotplugVmi *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_get_uuid (HotplugVmi *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmiStatus *hotplug_vmi_query_status (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_query_status_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmiStatus *hotplug_vmi_query_status_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* Volumes */

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_list_volume_statuses (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_list_volume_statuses_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_list_volume_statuses_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_add_volume (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags,
                                             GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_add_volume_async (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags,
                                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_add_volume_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_vmi_add_interface (HotplugVmi *self, HotplugInterface *interface,
                                                   HotplugPlugFlags flags, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_add_interface_async (HotplugVmi *self, HotplugInterface *interface, HotplugPlugFlags flags,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_vmi_add_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_interface (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                       GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_remove_interface_async (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_vmi_update_interface (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                                      HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                                      GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_update_interface_async (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                         HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_vmi_update_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_volume (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                    GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_remove_volume_async (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_volume_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_add_volumes (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_add_volumes_async (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_add_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                     int timeout_msec, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_remove_volumes_async (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                       int timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* Both */

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_add_devices (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                                  GPtrArray **volume_statuses, GPtrArray **interface_statuses,
                                  GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_add_devices_async (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_add_devices_finish (HotplugVmi *self, GAsyncResult *result, GPtrArray **volume_statuses,
                                         GPtrArray **interface_statuses, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_devices (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                     HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable,
                                     GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_remove_devices_async (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                       HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_remove_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* Media in its CD-ROM drives */

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_insert_media (HotplugVmi *self, const char *drive, HotplugVolume *medium,
                                               HotplugPlugFlags flags, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_insert_media_async (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_insert_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_eject_media (HotplugVmi *self, const char *drive, HotplugPlugFlags flags,
                                              GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_eject_media_async (HotplugVmi *self, const char *drive, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_eject_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* What would be */

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_add_volumes (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags,
                                           GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_add_volumes_async (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_add_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                              GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_remove_volumes_async (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_remove_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_add_devices (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces,
                                           HotplugPlugFlags flags, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_add_devices_async (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces,
                                         HotplugPlugFlags flags, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_add_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_remove_devices (HotplugVmi *self, const char *const *volumes,
                                              const char *const *interfaces, HotplugPlugFlags flags,
                                              GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_remove_devices_async (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                            HotplugPlugFlags flags, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_remove_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_insert_media (HotplugVmi *self, const char *drive, HotplugVolume *medium,
                                            HotplugPlugFlags flags, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_insert_media_async (HotplugVmi *self, const char *drive, HotplugVolume *medium,
                                          HotplugPlugFlags flags, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_insert_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_eject_media (HotplugVmi *self, const char *drive, HotplugPlugFlags flags,
                                           GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_eject_media_async (HotplugVmi *self, const char *drive, HotplugPlugFlags flags,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_eject_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_update_interface (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                                HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                                GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_plan_update_interface_async (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                              HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                              GCancellable *cancellable, GAsyncReadyCallback callback,
                                              gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPlan *hotplug_vmi_plan_update_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* PCI ports */

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_vmi_get_pci_budget (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_get_pci_budget_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_vmi_get_pci_budget_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_vmi_get_template_pci_budget (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_get_template_pci_budget_async (HotplugVmi *self, GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_vmi_get_template_pci_budget_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
int hotplug_vmi_reserve_ports (HotplugVmi *self, int ports, int keep_free, HotplugPlugFlags flags,
                               GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_reserve_ports_async (HotplugVmi *self, int ports, int keep_free, HotplugPlugFlags flags,
                                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
int hotplug_vmi_reserve_ports_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* Its life */

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_start (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_start_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_start_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_stop (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_stop_async (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_stop_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_restart (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_restart_async (HotplugVmi *self, int grace_msec, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_restart_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_bring_back_volumes (HotplugVmi *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_bring_back_volumes_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_bring_back_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

/* Its way to another host */

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_migrate (HotplugVmi *self, HotplugHost *destination, HotplugMigrateFlags flags, guint64 bandwidth,
                              int timeout_msec, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_migrate_async (HotplugVmi *self, HotplugHost *destination, HotplugMigrateFlags flags,
                                guint64 bandwidth, int timeout_msec, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_migrate_finish (HotplugVmi *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugMigrationStatus *hotplug_vmi_dup_migration_status (HotplugVmi *self);

G_END_DECLS
