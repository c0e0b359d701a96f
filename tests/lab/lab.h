/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The lab: real machines, guests, disks and daemons for tests and benchmarks.
 *
 * It speaks libvirt itself and knows nothing of the library under test. A call without a GError ends the test with
 * libvirt's message if it fails. Whatever it made is taken down at exit; after a crash, by the program `reap`.
 */

#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

G_BEGIN_DECLS

/* g_autoptr (LabConnect), g_autoptr (LabDomain): under names of our own, lest they clash with those of the library */
typedef virConnect LabConnect;
typedef virDomain LabDomain;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabConnect, virConnectClose)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabDomain, virDomainFree)

/* Says in TAP's words that a program has nothing to run. Not by g_print(), which GLib gives a "# " in test programs
 * since 2.84: a plan would be missing. */
void lab_skip (const char *why);

/* What this machine can't do: a reason, or NULL. The lab_skip_ twins call g_test_skip and say whether they did. */
const char *lab_missing_guest (void);
const char *lab_missing_agent (void); /* in the guest, which must be there as well */
const char *lab_missing_qemu (void);
const char *lab_missing_loop (void);
const char *lab_missing_daemon (void);
const char *lab_missing_target (void);
const char *lab_missing_network (void);
const char *lab_missing_daemon_network (void); /* one that libvirtd makes */
gboolean lab_skip_without_guest (void);
gboolean lab_skip_without_qemu (void);
gboolean lab_skip_without_loop (void);
gboolean lab_skip_without_daemon (void);
gboolean lab_skip_without_target (void);
gboolean lab_skip_without_network (void);

/* Directories. All are removed at exit, with machines, mounts and loop devices below them. */
char *lab_dir_new (void);  /* for images */
char *lab_root_new (void); /* with a short path: libvirt's sockets must fit into 108 bytes */
void lab_cleanup (void);   /* runs at exit by itself */

/* The embedded driver: libvirt allows one root a process. It has a qemu.conf and the capabilities of earlier runs. */
const char *lab_embed_root (void);
const char *lab_embed_uri (void);

/* Raw libvirt. The lab registers no event loop unless told to: the first one in a process wins. */
void lab_run_event_loop (void);
virConnectPtr lab_connect (const char *uri);
virDomainPtr lab_define (virConnectPtr connect, const char *xml);
virDomainPtr lab_create_transient (virConnectPtr connect, const char *xml, gboolean paused);
virDomainPtr lab_lookup (virConnectPtr connect, const char *name);
void lab_create (virDomainPtr domain, gboolean paused);
void lab_suspend (virDomainPtr domain);
void lab_resume (virDomainPtr domain);
void lab_reset (virDomainPtr domain);
void lab_destroy (virDomainPtr domain);
void lab_undefine (virDomainPtr domain);
gboolean lab_is_active (virDomainPtr domain);
char *lab_live_xml (virDomainPtr domain);
char *lab_inactive_xml (virDomainPtr domain);
char *lab_metadata (virDomainPtr domain, const char *uri, gboolean live); /* NULL: none */
void lab_attach (virDomainPtr domain, const char *xml, guint flags);      /* flags: VIR_DOMAIN_AFFECT_… */
void lab_detach (virDomainPtr domain, const char *xml, guint flags);
gboolean lab_wait_gone (virDomainPtr domain, const char *alias, guint seconds); /* until the live XML lacks it */

/* Machines */
typedef struct
{
  const char *name;
  const char *uuid;           /* NULL: libvirt makes one */
  const char *machine;        /* NULL: q35 */
  const char *directory;      /* of the sockets and the console's log; NULL: lab_embed_root () */
  guint memory;               /* MiB; 0: 160 */
  guint vcpus;                /* 0: 1 */
  guint root_ports;           /* q35: pcie-root-ports, eight to a slot */
  guint iothreads;
  gboolean scsi;              /* a virtio-scsi controller; on q35 it takes a root port */
  gboolean bare;              /* no USB and no balloon, which take a slot or a port each */
  gboolean boots;             /* runs the guest; else there is no system at all */
  gboolean firmware;          /* of a machine that does not: the console's log is of what its disks' boot sectors say */
  gboolean agent;             /* the channel of qemu-guest-agent; a port too */
  gboolean video;
  gboolean no_acpi;           /* pc can't hotplug then */
  const char *metadata;       /* what stands inside <metadata> */
  const char *const *devices; /* more devices, XML each, NULL at the end */
  const char *const *arguments; /* of QEMU itself, for what libvirt has no XML for, NULL at the end */
} LabMachine;

char *lab_machine_xml (const LabMachine *machine);
char *lab_machine_socket (const LabMachine *machine);  /* for lab_guest_wait */
char *lab_machine_console (const LabMachine *machine); /* the log of what the guest's kernel says */

/* A disk's XML: raw, a file or a block device as @path is one now. @serial and @alias may be NULL. */
char *lab_disk_xml (const char *path, const char *bus, const char *target, const char *serial, const char *alias);

/* Guests */
typedef struct _LabGuest LabGuest;

/* Before anything else: this program's guest is the one of make-guest --full, in full/ of the other's directory */
void lab_prefer_full_guest (void);
char *lab_guest_kernel (void);
char *lab_guest_initrd (void);
LabGuest *lab_guest_open (const char *socket, guint seconds, GError **error);
LabGuest *lab_guest_wait (const char *socket);
void lab_guest_free (LabGuest *guest); /* the guest goes on; one client at a time */
gboolean lab_guest_call (LabGuest *guest, const char *command, guint seconds, char **output, int *status,
                         GError **error);
char *lab_guest_run (LabGuest *guest, int *status, const char *format, ...) G_GNUC_PRINTF (3, 4); /* NULL: must be 0 */
gboolean lab_guest_wait_for (LabGuest *guest, const char *condition, guint seconds);
char *lab_guest_interface (LabGuest *guest, const char *mac); /* what its udev calls it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabGuest, lab_guest_free)

/* Disks */
char *lab_image_new (const char *dir, const char *name, guint64 size); /* raw and sparse */
char *lab_loop_attach (const char *image);                            /* /dev/loopN */
void lab_loop_detach (const char *device);

/* A SCSI target of one's own: tgtd on a port of the loopback, its units are files */
typedef struct _LabTarget LabTarget;

LabTarget *lab_target_new (void);
char *lab_target_add (LabTarget *target, guint lun, const char *image); /* the unit's URI; 0 is the target's own */
void lab_target_free (LabTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabTarget, lab_target_free)

/* A network of one's own, with no link but lo: for this process, the machines of its embedded driver, and whatever else
 * it starts. Before the first thread, thus before libvirt and the library. Nothing of it is seen on the host, or left
 * there. */
void lab_network_enter (void);
void lab_network_run (const char *format, ...) G_GNUC_PRINTF (1, 2); /* what stands behind ip */
void lab_bridge_new (const char *name);                              /* up, of MTU 1500 */
GStrv lab_links (void);                                              /* the names of all links */

/* A libvirtd of one's own: own mounts, hostname and IPC, and own network unless shared */
typedef struct _LabDaemon LabDaemon;

LabDaemon *lab_daemon_new (const char *hostname, gboolean share_net);
/* Its machines run as that user, and a group of that name */
LabDaemon *lab_daemon_new_with_user (const char *hostname, gboolean share_net, const char *user);
#define LAB_DAEMON_USER "libvirt-qemu" /* the one that Debian's packages make */
/* Two hosts that reach each other through a cable, and share files by their paths; each has its own networks and
 * taps */
void lab_daemon_new_pair (LabDaemon **one, LabDaemon **other);
const char *lab_daemon_uri (LabDaemon *daemon);     /* qemu+unix, from anywhere on this machine */
const char *lab_daemon_tcp_uri (LabDaemon *daemon); /* with share_net; of a pair: for its other one; else NULL */
const char *lab_daemon_dir (LabDaemon *daemon);
/* A machine with this directory can migrate: it is another one in each daemon, seen from outside by this path */
#define LAB_DAEMON_MACHINES "/var/lib/libvirt"
char *lab_daemon_socket (LabDaemon *daemon, const char *machine);
GPid lab_daemon_namespace (LabDaemon *daemon); /* for nsenter */
void lab_daemon_kill (LabDaemon *daemon);      /* SIGKILL: its machines go on */
void lab_daemon_stop (LabDaemon *daemon);      /* SIGTERM: they go on too */
void lab_daemon_start (LabDaemon *daemon);     /* again, after kill or stop */
char *lab_daemon_run (LabDaemon *daemon, int *status, const char *command); /* a shell command inside */
void lab_daemon_free (LabDaemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabDaemon, lab_daemon_free)

G_END_DECLS
