/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/*
 * A hypervisor that is none: its machines are XML files of a directory, which several connections and processes may
 * share. It refuses what libvirt refuses, its guests do as they are told, and any call of it can be made to fail.
 */

#define FAKE_TYPE_CONNECTION (fake_connection_get_type ())
G_DECLARE_FINAL_TYPE (FakeConnection, fake_connection, FAKE, CONNECTION, HotplugConnection)

/* The bridges of its networks */
#define FAKE_BRIDGE "br-fake"
#define FAKE_OTHER_BRIDGE "br-other"

typedef enum {
  FAKE_ANY,
  FAKE_FIND,
  FAKE_LIST,
  FAKE_READ,
  FAKE_ATTACH,
  FAKE_DETACH,
  FAKE_UPDATE,
  FAKE_REQUEST_DETACH,
  FAKE_SET_METADATA,
  FAKE_READ_TEMPLATE,
  FAKE_DEFINE,
  FAKE_START,
  FAKE_RESUME,
  FAKE_SHUT_DOWN,
  FAKE_DESTROY,
  FAKE_READ_GUEST,
  FAKE_LIST_ADDRESSES,
  FAKE_MIGRATE, /* of one migration: it begins, is carried over, is given up here */
  FAKE_RECEIVE, /* and is awaited, and runs */
  FAKE_READ_PORTABLE,
  FAKE_UNDEFINE,
  FAKE_N_CALLS,
} FakeCall;

typedef enum {
  FAKE_REFUSES,            /* HOTPLUG_ERROR_HYPERVISOR, and nothing is done */
  FAKE_BREAKS_BEFORE,      /* HOTPLUG_ERROR_CONNECTION, and nothing is done */
  FAKE_BREAKS_AFTER,       /* HOTPLUG_ERROR_CONNECTION, and all is done */
  FAKE_GOES_DOWN,          /* FAKE_BREAKS_AFTER, and every later call fails until fake_connection_come_up () */
  FAKE_CLIENT_DIES_BEFORE, /* SIGKILL to this process */
  FAKE_CLIENT_DIES_AFTER,
} FakeFault;

typedef enum {
  FAKE_GUEST_LETS_GO,      /* after its delay */
  FAKE_GUEST_REFUSES,      /* after its delay */
  FAKE_GUEST_IS_SILENT,    /* until fake_connection_guest_wakes () */
  FAKE_GUEST_LOSES_EVENTS, /* it lets go, and no event tells so */
} FakeGuest;

typedef void (*FakeHook) (FakeConnection *self, gpointer user_data);

FakeConnection *fake_connection_new (const char *directory);

/* A host on another machine: no lock is shared, and no file is looked at */
void fake_connection_set_remote (FakeConnection *self);
/* Somebody starts its daemon again, within that time: otherwise nobody does */
void fake_connection_set_patience (FakeConnection *self, gint64 patience);
void fake_connection_set_guest (FakeConnection *self, FakeGuest guest, guint delay_msec);
/* Whether a guest obeys when it is asked to shut down */
void fake_connection_set_obeys (FakeConnection *self, gboolean obeys);
/* What the hypervisor does with its machines meanwhile; @job: (nullable): nothing */
void fake_connection_set_job (FakeConnection *self, const char *job);
/* All devices that the guest was asked for go, or stay with an event that says so */
void fake_connection_guest_wakes (FakeConnection *self, FakeGuest guest);

/* What the guest agent of every machine answers; NULL: it does not, as at first */
void fake_connection_set_agent (FakeConnection *self, const char *answer);
/* What was seen of every machine's interfaces: "MAC=ADDRESS", with blanks between */
void fake_connection_set_addresses (FakeConnection *self, HotplugAddressSource source, const char *text);

/* The @nth next call of that kind does this; one fault at a time */
void fake_connection_fail (FakeConnection *self, FakeCall call, guint nth, FakeFault fault);
/* Before the @nth next call of that kind does anything */
void fake_connection_hook (FakeConnection *self, FakeCall call, guint nth, FakeHook hook, gpointer user_data);
/* Every call fails from now on */
void fake_connection_go_down (FakeConnection *self);
void fake_connection_come_up (FakeConnection *self);
/* How many calls there were since the last fake_connection_fail () or _hook () */
guint fake_connection_count (FakeConnection *self, FakeCall call);
/* What it was given to attach or to update since it keeps that, or since the last time, a line each: "live XML",
 * "template XML" */
void fake_connection_keep_given (FakeConnection *self);
char *fake_connection_take_given (FakeConnection *self);
const char *fake_connection_get_directory (FakeConnection *self);
/* Events are emitted here */
GThread *fake_connection_get_thread (FakeConnection *self);

/* Machines, past the connection: as somebody else with a connection of his own does it */
void fake_machine_define (FakeConnection *self, const char *uuid, const char *template);
void fake_machine_run (FakeConnection *self, const char *uuid, const char *live, HotplugVmiState state);
/* As the hypervisor does it; @why: what fake-state.c reads */
void fake_machine_pause (FakeConnection *self, const char *uuid, const char *why);
/* Its next start goes on from what it is now. */
void fake_machine_save (FakeConnection *self, const char *uuid);
/* What it tells of snapshots */
void fake_machine_keep_snapshot (FakeConnection *self, const char *uuid, const char *xml);
void fake_machine_read (FakeConnection *self, const char *uuid, HotplugMachineText *out);
void fake_machine_attach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml);
void fake_machine_detach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml);

G_END_DECLS
