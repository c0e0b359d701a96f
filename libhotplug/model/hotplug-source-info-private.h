/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who else has the source open, by the locks that QEMU keeps on it */
typedef struct
{
  gboolean held;          /* somebody has it, however */
  gboolean written;       /* somebody writes */
  gboolean keeps_writers; /* somebody allows no others to write */
} HotplugSourceLocks;

/* What stands at a volume's path on the host, as storage/ has found it. */
typedef struct
{
  char *path; /* the image or device itself: a directory's disk.img */
  gboolean block;
  guint64 size;     /* bytes */
  guint64 major_id; /* the device that the file is on, or of the block device itself */
  guint64 minor_id; /* the inode, 0 for a block device */
  gboolean looked;  /* it could be opened, and the following is known: */
  gboolean direct;    /* it can be read and written past the page cache */
  gboolean allocated; /* an image without holes */
  gboolean scsi;      /* takes SCSI commands */
  guint alignment;    /* bytes: what QEMU reads and writes at once past the page cache */
  gboolean preallocated; /* a data volume whose bytes were all allotted at once */
  const char *header; /* nullable: the format that it begins as an image of; whether it is one can't be told */
  gboolean qcow2;     /* has the header of a qcow2 image */
  gboolean refers;    /* and that names other files */
  gboolean encrypted; /* or says that it is encrypted */
  guint logical_block_size;
  guint physical_block_size;
  HotplugSourceLocks locks;
} HotplugSource;

void _hotplug_source_clear (HotplugSource *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugSource, _hotplug_source_clear)

G_END_DECLS
