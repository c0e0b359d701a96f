/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-sides-private.h"

G_BEGIN_DECLS

/* What a running machine needs of the host that it is to migrate to */
typedef enum {
  HOTPLUG_MIGRATION_NEED_FILE,
  HOTPLUG_MIGRATION_NEED_VOLUME, /* of a storage pool, which says where it is */
  HOTPLUG_MIGRATION_NEED_BRIDGE,
  HOTPLUG_MIGRATION_NEED_NETWORK, /* of libvirt's */
} HotplugMigrationNeedKind;

typedef struct
{
  HotplugMigrationNeedKind kind;
  char *title;  /* whose it is, for a message: volume "NAME", disk vda, interface "NAME" */
  char *name;   /* a path, a pool, a bridge or a network */
  char *volume; /* nullable: the pool's */
  gboolean read_only;
} HotplugMigrationNeed;

/* How a migration looks beforehand: what is to be looked at on both hosts, and what is in its way, so that one refusal
 * can name all of it. */
typedef struct
{
  GPtrArray *needs;     /* HotplugMigrationNeed */
  GPtrArray *obstacles; /* inside this file only */
  const char *const *moved; /* nullable: aliases of interfaces that need no more what they are connected to */
  gboolean doubtful;    /* a disk is nothing that can be looked at: libvirt is to judge it */
} HotplugMigrationOutlook;

void _hotplug_migration_outlook_init (HotplugMigrationOutlook *self);
void _hotplug_migration_outlook_clear (HotplugMigrationOutlook *self);

/* What the machine says by itself: removals that its guest has not answered (HOTPLUG_ERROR_BUSY), volumes whose access
 * mode or source stays on one host (HOTPLUG_ERROR_ACCESS_MODE, HOTPLUG_ERROR_SOURCE_MISSING), and what is to be looked
 * at. HOTPLUG_ERROR_VMI_NOT_RUNNING */
gboolean _hotplug_migration_admit (const HotplugSides *sides, HotplugMigrationOutlook *outlook, GError **error);

/* A file that an image of @live stands upon, which is only read: of the disk of that target */
void _hotplug_migration_admit_backing (const HotplugDomain *live, const char *target, const char *path,
                                       HotplugMigrationOutlook *outlook);

void _hotplug_migration_outlook_add (HotplugMigrationOutlook *self, HotplugError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* One error of all obstacles, if there are any; @destination: its URI */
gboolean _hotplug_migration_outlook_judge (const HotplugMigrationOutlook *self, const char *vmi,
                                           const char *destination, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugMigrationOutlook, _hotplug_migration_outlook_clear)

G_END_DECLS
