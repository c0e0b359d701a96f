/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-network-source-private.h"
#include "xml/hotplug-claims-private.h"
#include "xml/hotplug-xml-reader-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: what the readers of the kinds of devices share. */

/* Where the reader is: the device whose children come next */
typedef struct
{
  HotplugDomain *domain;
  HotplugClaims *claims;
  HotplugDisk *disk;             /* nullable */
  HotplugNic *nic;               /* nullable */
  HotplugController *controller; /* nullable */
  HotplugDevice device;
  HotplugNetworkSource network;  /* of the disk */
  HotplugImageUse image;         /* what is just read of a source */
  gboolean block;                /* and it is named as a device */
  HotplugImageRole role;         /* of the sources that come next */
  guint usb_vendor;              /* of the host's device that is just read */
  guint port;                    /* of the display that is just read */
  guint sockets;                 /* how many there were before the source that is just read, */
  guint files;                   /* and files */
  guint vlan_tags;    /* of the interface */
  guint address_line; /* 0 if the device has no <address> */
  guint io_threads;   /* how many there are, whether they are named or not */
  guint64 memory_unit; /* bytes; 0 before the first <memory> */
  gsize begin;         /* where the text of the disk or the interface does */

  HotplugRecord *record;       /* nullable: that of the metadata whose children come next */
  HotplugDomain *machine;      /* whose it is, while its device is read into a domain of its own, */
  HotplugClaims *claimed;      /* and what was claimed before */
  gsize element_begin;         /* where the text of our element does */
  gboolean has_unknown;        /* and it says what we don't know */
} HotplugPlace;

const char *_hotplug_place_keep (HotplugPlace *place, const HotplugXmlElement *element, const char *attribute);
/* The first of several elements is the one that counts. */
void _hotplug_place_keep_first (HotplugPlace *place, const HotplugXmlElement *element, const char *attribute,
                                const char **where);
void _hotplug_place_keep_text (HotplugPlace *place, const char *text, char **where);

/* For the rules of any device: its element begins, and ends; and what is in many */
gboolean _hotplug_place_open_device (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_place_close_device (const HotplugXmlElement *element, gpointer user_data);
gboolean _hotplug_place_read_address (const HotplugXmlElement *element, gpointer user_data);
gboolean _hotplug_place_read_alias (const HotplugXmlElement *element, gpointer user_data);
gboolean _hotplug_place_read_model (const HotplugXmlElement *element, gpointer user_data);
gboolean _hotplug_place_read_boot (const HotplugXmlElement *element, gpointer user_data);

/* <disk>, and what is in it */
extern const HotplugXmlRule _hotplug_place_disk_rules[];
gboolean _hotplug_place_open_disk (const HotplugXmlElement *element, gpointer user_data);

/* A <source> that names an image, wherever it stands: what is in it, and what is done where it begins and ends */
extern const HotplugXmlRule _hotplug_place_source_rules[];
gboolean _hotplug_place_open_source (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_place_close_source (const HotplugXmlElement *element, gpointer user_data);

/* What an image stands upon, and where it is copied to */
extern const HotplugXmlRule _hotplug_place_backing_rules[];
gboolean _hotplug_place_open_backing (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_place_close_backing (const HotplugXmlElement *element, gpointer user_data);
gboolean _hotplug_place_open_mirror (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_place_close_mirror (const HotplugXmlElement *element, gpointer user_data);

/* The <source> of a hostdev, and that of a memory device */
extern const HotplugXmlRule _hotplug_place_host_source_rules[];
gboolean _hotplug_place_open_host_source (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_place_close_host_source (const HotplugXmlElement *element, gpointer user_data);

/* A reading that failed may have ended within a record. */
void _hotplug_record_abandon (HotplugPlace *place);

/* And <interface> */
extern const HotplugXmlRule _hotplug_place_nic_rules[];
gboolean _hotplug_place_open_nic (const HotplugXmlElement *element, gpointer user_data);

/* Files of the host that are no disk */
void _hotplug_place_read_kernel (const HotplugXmlElement *element, const char *text, gpointer place);
void _hotplug_place_read_initrd (const HotplugXmlElement *element, const char *text, gpointer place);
void _hotplug_place_read_loader (const HotplugXmlElement *element, const char *text, gpointer place);
void _hotplug_place_read_backend (const HotplugXmlElement *element, const char *text, gpointer place);
gboolean _hotplug_place_open_other_source (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_gl (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_log (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_binary (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_entry (const HotplugXmlElement *element, gpointer place);
void _hotplug_place_read_nvram (const HotplugXmlElement *element, const char *text, gpointer place);
void _hotplug_place_keep_directory (HotplugPlace *place, const char *what, const char *path);
void _hotplug_place_keep_socket_file (HotplugPlace *place, const char *what, const char *path);
void _hotplug_place_keep_file (HotplugPlace *place, const char *what, const char *path);
gboolean _hotplug_place_open_cid (const HotplugXmlElement *element, gpointer place);

/* And its sockets and processors */
gboolean _hotplug_place_open_graphics (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_listen (const HotplugXmlElement *element, gpointer place);
void _hotplug_place_read_chardev_socket (HotplugPlace *place, const HotplugXmlElement *element);
void _hotplug_place_keep_server (HotplugPlace *place); /* of the source that is just read */
gboolean _hotplug_place_open_reconnect (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_open_pin (const HotplugXmlElement *element, gpointer place);
gboolean _hotplug_place_read_processors (const HotplugXmlElement *element, gpointer place);

G_END_DECLS
