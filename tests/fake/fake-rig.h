/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "fake/fake-connection.h"

G_BEGIN_DECLS

/* A fake host with machines on it, in a directory of its own */

#define RIG_VMI "vmi"
#define RIG_UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define RIG_OTHER "other"
#define RIG_OTHER_UUID "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49"

typedef enum {
  RIG_RUNNING = 0,
  RIG_STOPPED = 1 << 0,
  RIG_TRANSIENT = 1 << 1,
  RIG_REMOTE = 1 << 2,
  RIG_BARE = 1 << 3,     /* without a virtio-scsi controller */
  RIG_NO_PORTS = 1 << 4, /* without a root port, and so without that controller */
} RigKind;

typedef struct
{
  char *directory;
  gboolean owns_directory;
  FakeConnection *fake;
  HotplugHost *host;
  HotplugVmi *vmi;
} Rig;

/* One machine; get_vmi () is what begins to count */
Rig *rig_new (RigKind kind);
/* Another client of the same machines: a connection and handles of its own. It goes before @first does. */
Rig *rig_join (const char *directory, RigKind kind);
/* A host that has no machine yet; @directory stays */
Rig *rig_new_empty (const char *directory, RigKind kind);
void rig_free (Rig *self);
/* New handles over the same connection */
void rig_reopen (Rig *self);
/* The same in two steps: the host, and its machine: NULL if it has none */
void rig_renew (Rig *self);
void rig_find_vmi (Rig *self);
HotplugVmi *rig_add_machine (Rig *self, const char *uuid, const char *name);

/* NAME with an image of its own behind it; @bus: NULL for scsi */
HotplugVolume *rig_volume (Rig *self, const char *name, HotplugBus bus);
char *rig_image (Rig *self, const char *name);
gboolean rig_add (Rig *self, const char *name, HotplugPlugFlags flags, GError **error);
gboolean rig_add_on (Rig *self, const char *name, HotplugBus bus, HotplugPlugFlags flags, GError **error);

/* All that counts of a machine, as text that can be compared: state, controllers, disks, records. Not the intent. */
char *rig_state (Rig *self);
/* The same without the live side's root ports: a machine has those that it was started with */
char *rig_state_but_ports (Rig *self);
gboolean rig_state_has (Rig *self, const char *what);
/* The intent that is left; NULL: none */
char *rig_intent (Rig *self);
/* No target, address, alias or serial is there twice on a side, and what both sides have is at the same place */
void rig_assert_sound (Rig *self);

char *rig_machine_xml (const char *uuid, const char *name, RigKind kind);
void rig_iterate_until (gboolean *done);

/* A call that returns whether it was done, and was */
#define must(done, error)                                                                                              \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gboolean was_done = (done);                                                                                        \
    g_assert_no_error (error);                                                                                         \
    g_assert_true (was_done);                                                                                          \
  }                                                                                                                    \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

G_END_DECLS
