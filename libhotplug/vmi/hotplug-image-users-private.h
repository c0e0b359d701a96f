/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"
#include "model/hotplug-image-use-private.h"
#include "model/hotplug-source-info-private.h"

G_BEGIN_DECLS

/* Who uses an image: one question, asked by whoever deletes, copies, plugs in or starts. The answer is made of what the
 * machines of a host say, of both sides and the records, with all that their disks stand upon, where block jobs copy
 * them to, and what is handed to them whole. What machines of other connections have open QEMU's locks tell, which are
 * in HotplugSource; what the host itself has mounted _hotplug_block_find_mount() tells. */

typedef struct
{
  char *vmi;
  char *disk; /* nullable: what it is called there */
  HotplugImageRole role;
  gboolean live; /* a running machine has it open, and not only its template, or a record */
  gboolean saved; /* a machine that was saved while it ran goes on with it */
  gboolean read_only;
  gboolean shareable;
  char *path;   /* nullable, as in HotplugImageUse; of a volume of a pool it was asked for */
  char *uri;    /* nullable */
  char *pool;   /* nullable */
  char *volume; /* nullable: of the pool */
  char *device; /* nullable */
  HotplugSource source;
  gboolean found; /* it is this machine's, and @source says which */
} HotplugImageUser;

/* What is looked for */
typedef struct
{
  const char *path;            /* nullable */
  const char *uri;             /* nullable */
  const char *pool;            /* nullable */
  const char *volume;          /* nullable: of the pool */
  const HotplugSource *source; /* nullable: it could not be looked at from here, and its name is all there is */
} HotplugImageWanted;

/* HotplugImageUser: all that the machines of a host have, running ones first of each machine. A machine that goes
 * meanwhile has nothing.
 * @but: (nullable): the UUID of one that is left out
 * @error: (nullable): what can't be read is an error; without one it is passed over */
GPtrArray *_hotplug_image_users_list (HotplugConnection *connection, const char *but, GCancellable *cancellable,
                                      GError **error);

gboolean _hotplug_image_user_has (const HotplugImageUser *self, const HotplugImageWanted *wanted);

/* "vmi "web"", and how if it is not as a disk of its own */
char *_hotplug_image_user_describe (const HotplugImageUser *self);

G_END_DECLS
