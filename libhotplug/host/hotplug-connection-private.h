/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>

G_BEGIN_DECLS

/* The seam between libhotplug and a hypervisor: machines by their UUID, devices as XML text, and no noun of ours.
 * libvirt stands behind it, and in tests a fake. Every call blocks, may be made from any thread, and sets an error of
 * HOTPLUG_ERROR: of a connection that broke HOTPLUG_ERROR_CONNECTION, and the next call makes it anew. */

#define HOTPLUG_TYPE_CONNECTION (_hotplug_connection_get_type ())
#define HOTPLUG_CONNECTION(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), HOTPLUG_TYPE_CONNECTION, HotplugConnection))

GType _hotplug_connection_get_type (void);

typedef struct _HotplugConnection HotplugConnection;
typedef struct _HotplugConnectionClass HotplugConnectionClass;
typedef struct _HotplugPoolCalls HotplugPoolCalls;
typedef struct _HotplugPeerCalls HotplugPeerCalls;
typedef struct _HotplugMigrationCalls HotplugMigrationCalls;

/* Which side of a machine a call is for */
typedef enum {
  HOTPLUG_SIDE_LIVE = 1 << 0,
  HOTPLUG_SIDE_TEMPLATE = 1 << 1,
} HotplugSide;

/* How closely a machine is looked at. What a piece of work needs is its devices; a live machine's state then counts as
 * running, and a call less is made. */
typedef enum {
  HOTPLUG_LOOK_DEVICES,
  HOTPLUG_LOOK_ALL,
} HotplugLook;

/* What QEMU does with the images of a disk; while it does, the disk can't go. */
typedef enum {
  HOTPLUG_BLOCK_JOB_NONE,
  HOTPLUG_BLOCK_JOB_PULL,
  HOTPLUG_BLOCK_JOB_COPY,
  HOTPLUG_BLOCK_JOB_COMMIT,
  HOTPLUG_BLOCK_JOB_ACTIVE_COMMIT,
  HOTPLUG_BLOCK_JOB_BACKUP,
  HOTPLUG_BLOCK_JOB_OTHER,
} HotplugBlockJob;

/* Why a machine stands still */
typedef enum {
  HOTPLUG_PAUSE_OTHER,
  HOTPLUG_PAUSE_USER,
  HOTPLUG_PAUSE_IO_ERROR,
} HotplugPause;

/* A disk of it that could not be read or written */
typedef struct
{
  char *target;
  gboolean full; /* its file system or device has no room left */
} HotplugDiskError;

/* A machine as the hypervisor tells it */
typedef struct
{
  HotplugVmiState state;
  gboolean persistent;
  char *live;     /* its XML, NULL unless it runs or is paused */
  char *template; /* its inactive XML, NULL unless it is persistent */
} HotplugMachineText;

/* A network of the hypervisor's that has a bridge */
typedef struct
{
  char *name;
  char *bridge;
  char *xml;
  gboolean active;
} HotplugNetworkText;

/* Who has seen addresses of a machine's interfaces, besides its guest */
typedef enum {
  HOTPLUG_ADDRESS_SOURCE_LEASES, /* those that the hypervisor's networks have given */
  HOTPLUG_ADDRESS_SOURCE_ARP,    /* the host's neighbours */
} HotplugAddressSource;

/* An address of an interface, without its prefix */
typedef struct
{
  char *mac;
  char *address;
} HotplugAddressText;

HotplugAddressText *_hotplug_address_text_new (const char *mac, const char *address);
void _hotplug_address_text_free (HotplugAddressText *self);
HotplugDiskError *_hotplug_disk_error_new (const char *target, gboolean full);
void _hotplug_disk_error_free (HotplugDiskError *self);
void _hotplug_network_text_free (HotplugNetworkText *self);
void _hotplug_machine_text_clear (HotplugMachineText *self);

struct _HotplugConnection
{
  GObject parent_instance;
};

struct _HotplugConnectionClass
{
  GObjectClass parent_class;

  gboolean (*ensure) (HotplugConnection *self, GError **error);
  void (*close) (HotplugConnection *self);
  gboolean (*is_connected) (HotplugConnection *self);
  const char *(*get_uri) (HotplugConnection *self);
  gboolean (*is_local) (HotplugConnection *self);
  gboolean (*shares_user) (HotplugConnection *self);
  gboolean (*shares_network) (HotplugConnection *self); /* nullable: not, as far as is known */
  gboolean (*delivers_events) (HotplugConnection *self);
  gint64 (*get_return_patience) (HotplugConnection *self); /* nullable: 0 */
  guint64 (*get_hypervisor_version) (HotplugConnection *self);
  char *(*dup_common_directory) (HotplugConnection *self);
  char *(*dup_capabilities) (HotplugConnection *self); /* nullable: it has none */

  char *(*find_machine) (HotplugConnection *self, const char *name_or_uuid, char **name, GError **error);
  GStrv (*list_machines) (HotplugConnection *self, GError **error);
  gboolean (*read_machine) (HotplugConnection *self, const char *uuid, HotplugLook look, HotplugMachineText *out,
                            GError **error);
  gboolean (*attach) (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml, GError **error);
  /* nullable: its attaches leave nothing */
  void (*clear_leftovers) (HotplugConnection *self, const char *uuid, const char *const *aliases);
  gboolean (*detach) (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml, GError **error);
  gboolean (*update) (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml, GError **error);
  gboolean (*request_detach) (HotplugConnection *self, const char *uuid, const char *alias, GError **error);
  gboolean (*drop) (HotplugConnection *self, const char *uuid, const char *alias, GError **error);
  gboolean (*set_metadata) (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                            GError **error);
  char *(*read_template) (HotplugConnection *self, const char *uuid, GError **error);
  gboolean (*define) (HotplugConnection *self, const char *uuid, const char *xml, GError **error);
  const char *(*find_job) (HotplugConnection *self, const char *uuid); /* nullable: it has no jobs */
  HotplugBlockJob (*find_block_job) (HotplugConnection *self, const char *uuid, const char *target); /* and none here */
  HotplugPause (*find_pause) (HotplugConnection *self, const char *uuid, GPtrArray *errors); /* nor pauses */
  char *(*read_saved) (HotplugConnection *self, const char *uuid);                           /* nor saves */
  GPtrArray *(*list_snapshots) (HotplugConnection *self, const char *uuid);                  /* nor snapshots */
  gboolean (*try_definition) (HotplugConnection *self, const char *xml, GError **error);     /* nor trials */
  gboolean (*start) (HotplugConnection *self, const char *uuid, gboolean paused, GError **error);
  gboolean (*resume) (HotplugConnection *self, const char *uuid, GError **error);
  gboolean (*shut_down) (HotplugConnection *self, const char *uuid, GError **error);
  gboolean (*destroy) (HotplugConnection *self, const char *uuid, GError **error);

  /* nullable: it knows nothing of its guests */
  char *(*read_guest_interfaces) (HotplugConnection *self, const char *uuid, GError **error);
  GPtrArray *(*list_addresses) (HotplugConnection *self, const char *uuid, HotplugAddressSource source, GError **error);

  /* nullable: it knows no more of a disk than its definition says */
  guint64 (*get_capacity) (HotplugConnection *self, const char *uuid, const char *target);

  /* nullable: a hypervisor without networks */
  GPtrArray *(*list_networks) (HotplugConnection *self, GError **error);
  gboolean (*has_network_filter) (HotplugConnection *self, const char *name);
  guint64 (*get_libvirt_version) (HotplugConnection *self);
  const HotplugPoolCalls *pools; /* nullable: it has no storage pools */
  const HotplugPeerCalls *peers; /* nullable: it can't be looked at for a migration */
  const HotplugMigrationCalls *migration; /* nullable: its machines stay */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugConnection, g_object_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugMachineText, _hotplug_machine_text_clear)

/* Opens it if it is not open, or no longer */
gboolean _hotplug_connection_ensure (HotplugConnection *self, GError **error);
/* For good: every later call is refused */
void _hotplug_connection_close (HotplugConnection *self);
gboolean _hotplug_connection_is_connected (HotplugConnection *self);
const char *_hotplug_connection_get_uri (HotplugConnection *self);
/* Whether the hypervisor's files are this machine's */
gboolean _hotplug_connection_is_local (HotplugConnection *self);
/* Whether the hypervisor opens files as we do */
gboolean _hotplug_connection_shares_user (HotplugConnection *self);
/* Whether the hypervisor is known to be in our network namespace */
gboolean _hotplug_connection_shares_network (HotplugConnection *self);
/* What libvirt says of the host, as XML; NULL if that can't be had */
char *_hotplug_connection_dup_capabilities (HotplugConnection *self);
/* Whether events come while the caller's thread is blocked */
gboolean _hotplug_connection_delivers_events (HotplugConnection *self);
/* How long a daemon that has died may take until its service manager has started it again; 0: nobody starts it */
gint64 _hotplug_connection_get_return_patience (HotplugConnection *self);
/* QEMU's version, major * 1000000 + minor * 1000 + micro; 0: not known, or another hypervisor's. What the host starts
 * machines with: one that runs since before an upgrade may have an older one. */
guint64 _hotplug_connection_get_hypervisor_version (HotplugConnection *self);
/* Where the locks of its machines are, between the clients of this machine: of each host another directory, since two
 * may know one UUID */
char *_hotplug_connection_dup_runtime_directory (HotplugConnection *self);
/* The same for the host that _hotplug_connection_dup_host () names so; @host: (nullable): one without a name */
char *_hotplug_connection_dup_runtime_directory_of (HotplugConnection *self, const char *host);
/* What the clients of this machine have in common, whatever host it is about */
char *_hotplug_connection_dup_common_directory (HotplugConnection *self);

/* @name: (out) (optional): its name. HOTPLUG_ERROR_NOT_FOUND */
char *_hotplug_connection_find_machine (HotplugConnection *self, const char *name_or_uuid, char **name, GError **error);
/* The UUIDs of all */
GStrv _hotplug_connection_list_machines (HotplugConnection *self, GError **error);
gboolean _hotplug_connection_read_machine (HotplugConnection *self, const char *uuid, HotplugLook look,
                                           HotplugMachineText *out, GError **error);
gboolean _hotplug_connection_attach (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                                     GError **error);
/* Takes away what an attach has left in the machine whose hypervisor's driver died, and its next one does not know; as
 * far as that can be done. @aliases: of the devices that it was about */
void _hotplug_connection_clear_leftovers (HotplugConnection *self, const char *uuid, const char *const *aliases);
/* Of a template it is done when this returns, of a live machine asked for and waited for a few seconds by the
 * hypervisor. HOTPLUG_ERROR_NOT_FOUND if there is no such device. */
gboolean _hotplug_connection_detach (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                                     GError **error);
/* Replaces a device's definition, which must be told whole; of a live one only a medium can be another.
 * HOTPLUG_ERROR_BUSY if the guest does not let go of the old one; it is never forced to. */
gboolean _hotplug_connection_update (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                                     GError **error);
/* Only asks the guest. HOTPLUG_ERROR_BUSY if it was asked before, and has not answered. */
gboolean _hotplug_connection_request_detach (HotplugConnection *self, const char *uuid, const char *alias,
                                             GError **error);
/* Takes the device of that user alias out of the template: done when this returns. */
gboolean _hotplug_connection_drop (HotplugConnection *self, const char *uuid, const char *alias, GError **error);
/* Our element of the metadata; @xml: (nullable) */
gboolean _hotplug_connection_set_metadata (HotplugConnection *self, const char *uuid, HotplugSide side, const char *xml,
                                           GError **error);
/* The template to write again: with the passwords that read_machine() leaves out, so that none is lost. Not for a
 * log. */
char *_hotplug_connection_read_template (HotplugConnection *self, const char *uuid, GError **error);
/* Replaces the template: all of it, in one step */
gboolean _hotplug_connection_define (HotplugConnection *self, const char *uuid, const char *xml, GError **error);
/* What the hypervisor does with a running machine that no change can be made beside: words that follow the machine's
 * name; NULL: nothing, or that can't be known. libvirt lets a change wait for 30 s then, and refuses it. */
const char *_hotplug_connection_find_job (HotplugConnection *self, const char *uuid);
/* Of a running machine's disk; NONE also where that can't be known */
HotplugBlockJob _hotplug_connection_find_block_job (HotplugConnection *self, const char *uuid, const char *target);
/* Of a machine that stands still; @errors: gets a HotplugDiskError for each disk that it stands still for */
HotplugPause _hotplug_connection_find_pause (HotplugConnection *self, const char *uuid, GPtrArray *errors);
/* The XML of the state that a stopped machine was saved in, which its next start goes on from; "" if that can't be
 * read, NULL if there is none */
char *_hotplug_connection_read_saved (HotplugConnection *self, const char *uuid);
/* The XML of each snapshot that is known of it; none where that can't be known */
GPtrArray *_hotplug_connection_list_snapshots (HotplugConnection *self, const char *uuid);
/* Whether the hypervisor would make a machine of the definition, as far as it finds out without making one: it refuses
 * as a start does, with HOTPLUG_ERROR_HYPERVISOR. TRUE where it can't be asked. @xml: without interfaces, for each of
 * which libvirt would make a tap device, and run its script */
gboolean _hotplug_connection_try_definition (HotplugConnection *self, const char *xml, GError **error);
gboolean _hotplug_connection_start (HotplugConnection *self, const char *uuid, gboolean paused, GError **error);
gboolean _hotplug_connection_resume (HotplugConnection *self, const char *uuid, GError **error);
/* Only asks the guest */
gboolean _hotplug_connection_shut_down (HotplugConnection *self, const char *uuid, GError **error);
gboolean _hotplug_connection_destroy (HotplugConnection *self, const char *uuid, GError **error);

/* What the guest agent answers to guest-network-get-interfaces, JSON that whoever is in the guest has written. It is
 * waited for only a short while: HOTPLUG_ERROR_TIMEOUT. */
char *_hotplug_connection_read_guest_interfaces (HotplugConnection *self, const char *uuid, GError **error);
/* HotplugAddressText: of a running machine */
GPtrArray *_hotplug_connection_list_addresses (HotplugConnection *self, const char *uuid, HotplugAddressSource source,
                                               GError **error);

/* How many bytes a running machine's disk has, by the hypervisor that has it open; 0: not known */
guint64 _hotplug_connection_get_capacity (HotplugConnection *self, const char *uuid, const char *target);

/* HotplugNetworkText: those with a bridge. Where nobody has any there are none, which is no error. */
GPtrArray *_hotplug_connection_list_networks (HotplugConnection *self, GError **error);
/* Whether interfaces can have that filter */
gboolean _hotplug_connection_has_network_filter (HotplugConnection *self, const char *name);
/* The host's libvirt, major * 1000000 + minor * 1000 + micro; 0: not known */
guint64 _hotplug_connection_get_libvirt_version (HotplugConnection *self);
/* The same of the library that this process has loaded */
guint64 _hotplug_libvirt_client_version (void);

/* Signals, in whatever thread the events come: "device-removed" and "device-removal-failed" (uuid, alias),
 * "changed", by others while it runs, "started" and "stopped" (uuid; of "changed" NULL: perhaps any), "lost" (message).
 * For subclasses: */
void _hotplug_connection_emit_device_removed (HotplugConnection *self, const char *uuid, const char *alias);
void _hotplug_connection_emit_device_removal_failed (HotplugConnection *self, const char *uuid, const char *alias);
void _hotplug_connection_emit_changed (HotplugConnection *self, const char *uuid);
void _hotplug_connection_emit_started (HotplugConnection *self, const char *uuid);
void _hotplug_connection_emit_stopped (HotplugConnection *self, const char *uuid);
void _hotplug_connection_emit_lost (HotplugConnection *self, const char *message);

G_END_DECLS
