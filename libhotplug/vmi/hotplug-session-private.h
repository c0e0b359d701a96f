/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-machine-lock-private.h"
#include "rules/hotplug-placement-private.h"
#include "vmi/hotplug-journal-private.h"
#include "vmi/hotplug-vmi-private.h"

G_BEGIN_DECLS

/* One piece of work on a machine: its lock, its journal, and what it looked like when the work began. */
typedef struct
{
  HotplugVmi *vmi;
  HotplugConnection *connection;
  HotplugMachineLock *lock; /* nullable: this one only looks */
  HotplugMachineLock *other; /* nullable: of a migration: that of its other host, for as long as the intent stands */
  HotplugJournal *journal;
  HotplugLook look;
  HotplugVmiState state; /* by that look */
  gboolean persistent;
  HotplugDomain *live;     /* nullable */
  HotplugDomain *template; /* nullable */
  char *template_text;     /* nullable: what that was read from */
  gboolean asked_saved;
  char *saved_text;        /* nullable: what the hypervisor says of the state that its next start goes on from, */
  HotplugDomain *saved;    /* and what is in it; nullable: not known */
  GHashTable *snapshots;   /* nullable, not asked: the directories of what its snapshots have put upon its disks */
  GHashTable *looked_up;   /* nullable: of a path, the HotplugSource that stood there at that look, or NULL */
  GPtrArray *users;        /* nullable: HotplugImageUser, what the other machines of the host have; read once */
  GArray *holds;           /* nullable: on volumes that must not be deleted while this works */
  const GArray *refused;   /* nullable: HotplugAddress, places that were refused before; the caller's */
  gboolean asks;           /* libvirt is asked for a place where none is found */
} HotplugSession;

/* Takes the lock, and brings what a killed client left to an end first */
HotplugSession *_hotplug_session_begin (HotplugVmi *vmi, GCancellable *cancellable, GError **error);

/* HOTPLUG_ERROR_BUSY if the hypervisor is at something that no change can be made beside: for changes outside a
 * session */
gboolean _hotplug_vmi_check_idle (HotplugVmi *vmi, GError **error);

/* Only looks: no lock is taken, and nothing may be done in it */
HotplugSession *_hotplug_session_look (HotplugVmi *vmi, GError **error);

void _hotplug_session_end (HotplugSession *self);

/* Looks at the machine again */
gboolean _hotplug_session_refresh (HotplugSession *self, GError **error);

/* Gives live interfaces that a removal is about the names of their network attachments, as its intent has them: the
 * removal begins with their records */
void _hotplug_session_name_leaving (HotplugSession *self);

HotplugSides _hotplug_session_sides (HotplugSession *self);

/* Whether the copy of libvirt's rules may be wrong here, so that libvirt has to be asked before it is said to refuse */
gboolean _hotplug_session_doubts (HotplugSession *self);

/* The side that holds our records: the template, of a transient machine the live one */
HotplugDomain *_hotplug_session_record_side (HotplugSession *self);

/* Whether the machine is stopped and its next start goes on from a state that it was saved in: self->saved. Asked the
 * first time after each look. */
gboolean _hotplug_session_is_saved (HotplugSession *self);

/* HOTPLUG_ERROR_BUSY if QEMU is at work on the images of that disk, so that it can't go and its medium can't be
 * changed.
 * @what: whose it is; @live: (nullable) */
gboolean _hotplug_session_check_block_job (HotplugSession *self, const char *what, const HotplugDisk *live,
                                           GError **error);

/* Writes the journal down */
gboolean _hotplug_session_store (HotplugSession *self, GError **error);

/* Writes the intent down; @devices: (nullable): their aliases */
gboolean _hotplug_session_intend (HotplugSession *self, HotplugIntentKind kind, const char *const *devices,
                                  GError **error);

/* Takes out of the metadata what they say of an operation under way: of a machine that came from another host, where it
 * was told to clients elsewhere */
gboolean _hotplug_session_untell (HotplugSession *self, GError **error);

/* Strikes the intent. What fails here is mended by the next session. */
void _hotplug_session_strike (HotplugSession *self);

/* Adds or replaces records as they are, or as those of @devices, which are HotplugRecord too, or drops those of
 * @aliases; one write each */
gboolean _hotplug_session_put_records (HotplugSession *self, const GPtrArray *records, GError **error);
gboolean _hotplug_session_write_records (HotplugSession *self, HotplugRecordState state, const GPtrArray *devices,
                                         GError **error);
/* Which network attachments those of @devices have that are interfaces in the device list, which does not keep it */
gboolean _hotplug_session_write_names (HotplugSession *self, const GPtrArray *devices, GError **error);
gboolean _hotplug_session_drop_records (HotplugSession *self, const char *const *aliases, GError **error);

/* One write of all that changes: records of @aliases are dropped, names of @nameless, and those of @added come, each as
 * it is. @added: (nullable) */
gboolean _hotplug_session_change_records (HotplugSession *self, const char *const *aliases, const char *const *nameless,
                                          const GPtrArray *added, GError **error);

/* The same, with records of them, all in one write */
gboolean _hotplug_session_add_recorded (HotplugSession *self, const GPtrArray *devices, const GPtrArray *records,
                                        GError **error);

/* One write of the template with more devices, and with @element as our element of its metadata: (nullable): as it
 * is */
gboolean _hotplug_session_define_with (HotplugSession *self, const GPtrArray *devices, const char *element,
                                       GError **error);

/* Takes a device, by its XML, out of the template; that it is not there is no error */
gboolean _hotplug_session_detach_from_template (HotplugSession *self, const char *xml, GError **error);

/* HotplugTemplateDevice: those of these aliases that the template has, as libvirt has written them, passwords too */
GPtrArray *_hotplug_session_list_template (HotplugSession *self, const char *const *aliases, GError **error);

/* Puts such devices back, each where it was, in one write */
gboolean _hotplug_session_restore_in_template (HotplugSession *self, const GPtrArray *devices, GError **error);

/* Takes devices, by their aliases, out of the template: one by libvirt's own call, several by one write of it all. What
 * is not there is no error: the other half of a step may have been done, or undone. */
gboolean _hotplug_session_drop_from_template (HotplugSession *self, const char *const *aliases, GError **error);

/* Takes out the root ports that came into the template with devices that are gone from it and from the guest; none for
 * as long as a device may come back into it */
gboolean _hotplug_session_drop_left_ports (HotplugSession *self, GError **error);

/* Puts devices, XML each, into the template: one by libvirt's own call, several by one write of it all */
gboolean _hotplug_session_add_to_template (HotplugSession *self, const GPtrArray *devices, GError **error);

/* Where a machine is whose migration ended nobody knows how, and nothing of it is left on the other host; it runs again
 * if it did before. HOTPLUG_ERROR_CONNECTION if one of the hosts can't be asked now.
 * @moved: (out): it runs on the destination, which may be known although FALSE is returned. The session stays with
 * its host. */
gboolean _hotplug_session_settle_migration (HotplugSession *self, const HotplugIntent *intent, gboolean *moved,
                                            GError **error);

/* Takes the lock of the same machine on the other host of the migration that is intended, so that what is written down
 * stands in both journals until one of the two is done with it. Nothing to do where the hosts are not told apart.
 * HOTPLUG_ERROR_BUSY if that would be waiting for somebody who waits for us, or who is at another migration. */
gboolean _hotplug_session_lock_other (HotplugSession *self, GCancellable *cancellable, GError **error);

/* From now on this session's journal is that of the other host */
void _hotplug_session_change_host (HotplugSession *self);

/* The other host's journal has nothing to say any more */
void _hotplug_session_leave_other (HotplugSession *self);

/* Whether a migration's destination is the host that this session is at */
gboolean _hotplug_session_is_destination (HotplugSession *self, const HotplugIntent *intent);

/* Writes into the intent of a migration how its hosts call themselves, if that tells them apart */
void _hotplug_migration_name_hosts (HotplugConnection *source, HotplugConnection *destination, HotplugIntent *intent);

/* Brings the intent to an end: completes it, or takes it back. %TRUE if the machine was changed. */
gboolean _hotplug_session_recover (HotplugSession *self, GError **error);

/* Fails for the volume of a record whose file is not the newest of its chain any more, naming both: what it was plugged
 * with has moved on unseen */
gboolean _hotplug_session_check_newest (HotplugSession *self, const HotplugRecord *record, GError **error);

/* What @live, the running machine or how it was seen last, has, or is about to get, is seen now. What it has not, since
 * others have started it, was seen last in an earlier run: what has happened to its image since then, the next start
 * has to find. */
void _hotplug_session_see (HotplugSession *self, HotplugDomain *side, const HotplugDomain *live);

/* Has the records say that they are what the machine has now, or had when it was seen last, where its files alone would
 * say something else: an overlay that was committed and left lying there, a commit that was given up */
gboolean _hotplug_session_affirm (HotplugSession *self, const HotplugDomain *live, GError **error);
gboolean _hotplug_session_confirm (HotplugSession *self, const HotplugDomain *live, GError **error);

/* Takes libvirt's copy of our metadata out of the live side */
gboolean _hotplug_session_drop_copy (HotplugSession *self, GError **error);

/* Brings the records of what is not persisted to what the running machine has, so that it comes back as it was last.
 * @live: (nullable): as it was last seen, none if it was not */
gboolean _hotplug_session_follow (HotplugSession *self, const HotplugDomain *live, GError **error);

/* Drops the records of removals that the guest has answered meanwhile, and tells so */
gboolean _hotplug_session_settle (HotplugSession *self, GError **error);

/* Takes back what an add has done so far, of which @intent tells; the journal's intent is not touched. Volumes that are
 * in the guest already are asked back; those that it does not let go of are recorded as removals under way. */
gboolean _hotplug_session_take_back (HotplugSession *self, const HotplugIntent *intent, GError **error);

/* The same of an add whose end nobody saw: the hypervisor may have more of it than it tells */
gboolean _hotplug_session_take_lost_back (HotplugSession *self, const HotplugIntent *intent, GError **error);

/* What a drive holds: a path, an address on the network, or "" for nothing; @text: the XML of its side */
char *_hotplug_session_medium_in (const HotplugDisk *drive, const char *text);

/* Takes out what the live drive holds, by its side's XML @text, and puts in what its own @xml says */
gboolean _hotplug_session_reload_medium (HotplugSession *self, const char *text, const char *target, const char *xml,
                                         GError **error);

/* Brings a change of a medium to an end by what the running machine's drive holds: it is done there, or taken back. The
 * journal's intent is not touched. */
gboolean _hotplug_session_settle_media (HotplugSession *self, const HotplugIntent *intent, gboolean *done,
                                        GError **error);

/* One record, as _hotplug_record_to_text () says it */
gboolean _hotplug_session_write_record_text (HotplugSession *self, const char *text, GError **error);

/* Brings a change of an interface to an end: it is done everywhere, or taken back. The journal's intent is not
 * touched. */
gboolean _hotplug_session_settle_update (HotplugSession *self, const HotplugIntent *intent, gboolean *done,
                                         GError **error);

/* The same for one that a killed client began: what is not done yet is done, if it can be. */
gboolean _hotplug_session_carry_on_update (HotplugSession *self, const HotplugIntent *intent, GError **error);

/* Attaches the devices that are recorded and not there: first step of a start, the machine stands still */
gboolean _hotplug_session_bring_back (HotplugSession *self, GError **error);

/* The same for one that runs, each device for itself: @statuses gets a HotplugVolumeStatus for each volume. Fails only
 * where it is not known how a device stands. */
gboolean _hotplug_session_bring_each_back (HotplugSession *self, GPtrArray *statuses, GError **error);

/* One of them; where it is now is in the journal, if that is not where it was, for the caller to store. @recorded is no
 * longer valid afterwards, as the session may have looked at the machine again */
gboolean _hotplug_session_bring_one_back (HotplugSession *self, const HotplugRecord *recorded, GError **error);

/* Attaches the interfaces that wait to the live machine, those that this host can connect, and into the template where
 * that was asked for: recorded as pending, or left out when the machine came up. Fails only where the connection
 * does. */
gboolean _hotplug_session_attach_pending (HotplugSession *self, GError **error);

/* Whether it comes back at a start, and is not there */
gboolean _hotplug_session_lacks (const HotplugSession *self, const HotplugRecord *record);

/* Whether that is because an interface waits for what it is connected to, which is no failure */
gboolean _hotplug_session_waits (const HotplugRecord *record, const GError *refused);

/* Attaches the virtio-scsi controller that a placement needs to the live side, if it needs one there */
gboolean _hotplug_session_add_controller (HotplugSession *self, const HotplugPlacement *placement, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugSession, _hotplug_session_end)

G_END_DECLS
