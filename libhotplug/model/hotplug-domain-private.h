/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

#include "model/hotplug-device-private.h"
#include "model/hotplug-image-use-private.h"
#include "model/hotplug-nic-private.h"

G_BEGIN_DECLS

/* A disk of a domain. Ours if its alias says so. */
typedef struct
{
  char *alias;  /* nullable: a template has none but user aliases */
  char *device; /* disk, cdrom, floppy or lun */
  char *target; /* sda, vdb, … */
  char *path;   /* nullable: no medium, or a source that is no path */
  char *uri;    /* nullable: a source on the network, as _hotplug_network_source_to_uri () writes it */
  char *pool;   /* nullable: a source that is named by its storage pool, and not yet by a path */
  char *pool_volume;
  char *serial; /* nullable */
  char *xml;    /* nullable: of one that is ours, its own text as the hypervisor has it, or as a record keeps it */
  HotplugBus bus;
  HotplugCache cache;
  HotplugIo io;
  HotplugErrorPolicy error_policy;
  HotplugDiscard discard;
  HotplugImageFormat format;
  guint logical_block_size;  /* bytes, 0 for the hypervisor's choice */
  guint physical_block_size; /* and so is this */
  guint io_thread;           /* 0 for none of its own */
  guint boot_order;          /* 0 for none */
  gboolean block;            /* the source is a block device */
  gboolean read_only;
  gboolean shareable;
  gboolean encrypted; /* the XML says how it is, and libvirt has the secret */
  gboolean unread;    /* its format is none that is looked into here */
  gboolean chain_ends; /* the XML says where its chain does, whatever the images say */
  gboolean borrowed; /* the strings are the domain's that the disk is of; a copy has its own */
  HotplugAddress address;
} HotplugDisk;

/* The strings are the domain's. */
typedef struct
{
  const char *alias; /* nullable */
  const char *type;  /* nullable; pci, scsi, … */
  const char *model; /* nullable: the hypervisor's default */
  guint index;
  gboolean hotplug; /* FALSE where the XML says hotplug='off' */
  HotplugAddress address;
} HotplugController;

/* What libhotplug says of a volume or an interface in the template's <metadata>, where the device lists can't say
 * it. */
typedef enum {
  HOTPLUG_RECORD_ATTACHED, /* not persisted, and back at the next start through libhotplug */
  HOTPLUG_RECORD_REMOVING, /* the guest was asked to let go, and has not */
  HOTPLUG_RECORD_PENDING,  /* of an interface: not to be had on this host, and to be plugged in where it can be */
  HOTPLUG_RECORD_NAMED,    /* of an interface that is in the device list: which network attachment it has */
  HOTPLUG_RECORD_UNKNOWN,  /* in words of a newer libhotplug's: kept as it is, and acted upon by nobody here */
} HotplugRecordState;

typedef struct
{
  HotplugRecordState state;
  HotplugDisk *disk; /* nullable, where it is an interface's */
  HotplugNic *nic;   /* nullable, where it is a volume's */
  gboolean persist;  /* of one that is pending: it is to be in the template too */
  gint64 seen;       /* of a volume that the running machine did not have when others were seen last: when it had it
                      * last; 0: as all of them */
} HotplugRecord;

/* A file of the host's that a machine is started with, and is no disk of it; the strings are the domain's */
typedef struct
{
  const char *what; /* the element that names it */
  const char *path;
  gboolean socket; /* somebody listens on it */
} HotplugHostFile;

/* A socket that it is started with; the strings are the domain's */
typedef struct
{
  const char *what; /* the element that names it */
  const char *host; /* nullable: any address of the host */
  guint port;       /* 0: whichever is free */
  gboolean datagram;
  gboolean binds; /* it is its own; otherwise somebody else's, who listens there */
} HotplugHostSocket;

/* One side of a machine, live or template, as its XML told it: frozen once made. */
typedef struct
{
  char *name;
  char *uuid;
  char *arch;
  char *machine;
  gboolean acpi; /* the XML has <features><acpi/> */
  guint64 memory; /* bytes */
  guint vcpus;
  GArray *io_threads;     /* guint: their ids, lowest first */
  gboolean boots_by_kind; /* the XML has <os><boot dev='…'/>, so that no device may have a boot order */
  gboolean labelled;      /* the XML says whom the hypervisor is to run it as */
  gboolean active;        /* this is the live side */
  guint64 libvirt_version; /* of the libvirt that is to define it; 0: not known */
  char *run;              /* nullable: which of the machine's runs it is of, as the hypervisor counts them */
  gboolean agent;         /* and a guest agent has opened its channel in the guest */
  GPtrArray *disks;       /* HotplugDisk */
  GPtrArray *nics;        /* HotplugNic */
  GPtrArray *controllers; /* HotplugController */
  GArray *devices;        /* HotplugDevice: all, disks, interfaces and controllers too, in the order of the XML */
  GArray *images;         /* HotplugImageUse: all that its devices stand upon, in the order of the XML */
  GArray *files;          /* HotplugHostFile */
  GArray *sockets;        /* HotplugHostSocket */
  guint processors;       /* how many the host must have, so that each set of them that the XML has can be had */
  GStringChunk *strings;  /* those of devices, disks, interfaces and controllers */
  GPtrArray *records;     /* HotplugRecord */
  GPtrArray *names;       /* HotplugRecord: those that only name what is in the device list, HOTPLUG_RECORD_NAMED */
  GPtrArray *arguments;   /* char *: of the hypervisor's command line, as <qemu:commandline> has them */
  char *overridden;       /* nullable: a device whose place <qemu:override> changes, by its alias */
  char *intent;           /* nullable: what the metadata says of an operation under way */
  char *element;          /* nullable: our element of the metadata, if it has words in it that we don't know */
  char *owner;            /* nullable: the UUID of the machine that the element is of */
  guint version;          /* of what the element says; 0: it has none */
  gint64 seen;            /* when its records were last what the running machine had: microseconds of real time, or 0 */
  gboolean has_element;   /* there is one, whosever it is */
} HotplugDomain;

HotplugDisk *_hotplug_disk_new (void);
HotplugDisk *_hotplug_disk_copy (const HotplugDisk *self);
void _hotplug_disk_free (HotplugDisk *self);

HotplugController *_hotplug_controller_new (void);
void _hotplug_controller_free (HotplugController *self);
/* Of any of its models; @self may be NULL, which is none */
gboolean _hotplug_controller_is_virtio_scsi (const HotplugController *self);

HotplugRecord *_hotplug_record_new (HotplugRecordState state, const HotplugDisk *disk);
HotplugRecord *_hotplug_record_new_for_nic (HotplugRecordState state, const HotplugNic *nic);
/* Of the device of that alias, a volume's disk or an interface; NULL if @domain, which may be NULL, has none */
HotplugRecord *_hotplug_record_new_of (HotplugRecordState state, const HotplugDomain *domain, const char *alias);
HotplugRecord *_hotplug_record_copy (const HotplugRecord *self);
void _hotplug_record_free (HotplugRecord *self);

/* Whether the metadata is another machine's: of one that this one was made from */
gboolean _hotplug_domain_is_borrowed (const HotplugDomain *self);

/* Whatever it is of */
const char *_hotplug_record_alias (const HotplugRecord *self);
HotplugAddress *_hotplug_record_address (const HotplugRecord *self);
guint _hotplug_record_boot_order (const HotplugRecord *self);
/* As it is to stand in a template: the tap device's name is one of a run, and of one machine, whose copies have the
 * same template */
void _hotplug_record_leave_tap (HotplugRecord *self);

/* Gives an interface of @self the name of its network attachment; all of them those which only the records of @records
 * tell. NULL has neither. Where somebody else has connected one elsewhere the name does not hold. */
void _hotplug_domain_name_network (HotplugDomain *self, const char *alias, const char *network);
void _hotplug_domain_name_networks (HotplugDomain *self, const HotplugDomain *records);

HotplugDomain *_hotplug_domain_new (void);
void _hotplug_domain_free (HotplugDomain *self);

/* What is planned, into a snapshot that is to show it; @self may be NULL, which takes nothing */
void _hotplug_domain_plan_disk (HotplugDomain *self, const HotplugDisk *disk, const HotplugAddress *address);
void _hotplug_domain_plan_nic (HotplugDomain *self, const HotplugNic *nic, const HotplugAddress *address);
void _hotplug_domain_plan_controller (HotplugDomain *self, const HotplugController *controller);

/* Each NULL where there is none; @self may be NULL, which has none. */
HotplugDisk *_hotplug_domain_find_alias (const HotplugDomain *self, const char *alias);
HotplugDisk *_hotplug_domain_find_target (const HotplugDomain *self, const char *target);
HotplugDisk *_hotplug_domain_find_drive (const HotplugDomain *self, HotplugBus bus, const HotplugAddress *address);
HotplugNic *_hotplug_domain_find_nic (const HotplugDomain *self, const char *alias);
/* @mac: normalized */
HotplugNic *_hotplug_domain_find_nic_by_mac (const HotplugDomain *self, const char *mac);
HotplugRecord *_hotplug_domain_find_record (const HotplugDomain *self, const char *alias);
HotplugRecord *_hotplug_domain_find_name (const HotplugDomain *self, const char *alias);
HotplugController *_hotplug_domain_find_controller (const HotplugDomain *self, const char *type, guint index);
/* Whether any device, a disk, an interface or a controller, has that alias */
gboolean _hotplug_domain_has_alias (const HotplugDomain *self, const char *alias);
gboolean _hotplug_domain_has_pci (const HotplugDomain *self, const HotplugAddress *address);
/* Whether a disk or a passed-through device is on the SCSI controller with that index */
gboolean _hotplug_domain_uses_scsi (const HotplugDomain *self, guint controller);
/* The alias of the SCSI device at that place, "" of one that has none; NULL: there is no device */
const char *_hotplug_domain_find_scsi (const HotplugDomain *self, const HotplugAddress *address);

/* @count: how many there are. Those that are counted and not named get the lowest numbers that are free:
 * libvirt 9.0.0 src/conf/domain_conf.c:3590 */
void _hotplug_domain_number_io_threads (HotplugDomain *self, guint count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugDisk, _hotplug_disk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugController, _hotplug_controller_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugRecord, _hotplug_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugDomain, _hotplug_domain_free)

G_END_DECLS
