/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "lab/lab.h"

G_BEGIN_DECLS

/* What every row stands on: a host and a VMI of the library, the same machine for raw libvirt, its guest, and a
 * directory for images. One program has one; the rows share it, and leave it as they found it. */
typedef struct
{
  HotplugHost *host;
  HotplugVmi *vmi;
  virConnectPtr connect;
  virDomainPtr domain;
  LabGuest *guest; /* nullable: the machine runs no system */
  char *images;
} Rig;

/* Under the embedded driver. It boots if @machine does, else stands still with vCPUs that run nothing. */
Rig *rig_new (const LabMachine *machine);
/* The same, and the guest is not waited for: for a test that starts it anew before it asks it anything */
Rig *rig_new_unbooted (const LabMachine *machine);
void rig_free (Rig *rig);

/* A program of rows that share one rig, which stands in @rig while they run.
 * @missing: (nullable): why none of them can run here */
typedef struct
{
  const char *path;
  void (*test) (void);
} RigRow;

int rig_main (int argc, char **argv, const LabMachine *machine, const char *missing, Rig **rig, const RigRow *rows,
              gsize n_rows);

/* Waits for the guest again, after a restart of the machine */
void rig_wait_for_guest (Rig *rig, const LabMachine *machine);

/* An image of that many MiB */
char *rig_image (Rig *rig, const char *name, guint mib);

/* QEMU's own lock on an image, as a QEMU that libvirt knows nothing of would hold it; g_close () gives it back */
int rig_lock_image (const char *path);

HotplugVolume *rig_volume (const char *name, const char *path, HotplugBus bus);

/* Adds an image of the volume's name, and looks at the status that comes back */
void rig_add (Rig *rig, const char *name, HotplugBus bus, HotplugPlugFlags flags, const char *target);
/* Until the guest's kernel has the disk no longer either: QEMU takes a SCSI disk away without waiting for it, and a
 * guest that is given another one at the same place meanwhile may drop that one too */
void rig_remove (Rig *rig, const char *name);
void rig_remove_at_once (Rig *rig, const char *name);
void rig_refused_add (Rig *rig, HotplugVolume *volume, HotplugPlugFlags flags, HotplugError code, const char *mentions);
void rig_refused_remove (Rig *rig, const char *name, HotplugPlugFlags flags, HotplugError code);

/* The status of a volume, as asked for now; NULL if it has none */
HotplugVolumeStatus *rig_status (Rig *rig, const char *name);
void rig_assert_status (Rig *rig, const char *name, HotplugVolumePhase phase, const char *target, gboolean persisted);

/* Everything that an operation that does nothing must leave as it is: live and inactive XML with the metadata; and the
 * inactive XML alone */
char *rig_picture (Rig *rig);
char *rig_template (Rig *rig);

/* The guest's own view */
#define RIG_SCSI_LINK "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_"
#define RIG_VIRTIO_LINK "/dev/disk/by-id/virtio-"
void rig_assert_link (Rig *rig, const char *link);
void rig_assert_no_link (Rig *rig, const char *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

G_END_DECLS
