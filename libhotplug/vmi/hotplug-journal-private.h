/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-sides-private.h"

#include "xml/hotplug-template-xml-private.h"

G_BEGIN_DECLS

/* What the work on a machine leaves for whoever works on it next: the operation under way, which is written down before
 * its first step and struck after its last, and the devices that the hypervisor refused, until they are added or
 * removed. */

typedef enum {
  HOTPLUG_INTENT_NONE,
  HOTPLUG_INTENT_ADD,
  HOTPLUG_INTENT_REMOVE,
  HOTPLUG_INTENT_START,
  HOTPLUG_INTENT_MEDIA,
  HOTPLUG_INTENT_UPDATE,
  HOTPLUG_INTENT_MIGRATE,
  HOTPLUG_INTENT_UNKNOWN, /* a newer libhotplug's: nothing here can bring it to an end */
} HotplugIntentKind;

typedef struct
{
  HotplugIntentKind kind;
  GStrv devices;  /* nullable: the aliases of those that come and go together; of a medium its drive's target,
                                   of an interface that is changed its user alias or MAC address */
  GStrv networks; /* nullable: of each of these the network attachment, "" for none; while it goes only this says it */
  char *client;                 /* nullable: the machine whose client writes this */
  gboolean heard;               /* from the machine's metadata, which others may have written; not written */
  char *host;                   /* nullable: the host whose machine it is about, which others may know too */
  char *source;                 /* nullable: of a migration: the URI of the host that the machine comes from, */
  char *destination;            /* and of the one that it goes to; */
  char *source_host; /* and which hosts these are, since a URI says another one to another client; nullable */
  char *destination_host;
  gboolean paused;              /* and that it stood still before */
  gboolean persist;             /* of a removal: out of the template too */
  gint64 begun;                 /* a monotonic time of that machine; 0: not told */
  gboolean controller_live;     /* a virtio-scsi controller was to be added, on which sides, and with which index */
  gboolean controller_template;
  guint controller_index;
  GArray *ports; /* nullable: guint, the indexes of the root ports that the template was to get */
  char *medium;          /* nullable: what the drive was to hold, "" for nothing */
  char *live_before;     /* nullable: the device's XML before, of each side that was to be changed */
  char *template_before;
  char *record_before;   /* nullable: an interface's record, likewise */
  char *live_after;      /* nullable: of an interface, what each was to become */
  char *template_after;
  char *record_after;
} HotplugIntent;

typedef struct
{
  char *alias;
  char *message;
} HotplugRefusal;

/* A device that the guest was asked for and has not let go of: what it goes back to if the guest refuses after all. It
 * is known for as long as the machine runs, as the journal is. */
typedef struct
{
  char *alias;
  HotplugTemplateDevice *device; /* nullable: the template's, as libvirt wrote it, if it is out of there */
  gboolean recorded;             /* it would have come back at a start through libhotplug */
} HotplugLeaving;

/* A device that came back elsewhere, for as long as that run of the machine */
typedef struct
{
  char *alias;
  char *run; /* "" where the hypervisor does not count them */
  char *message;
} HotplugMoved;

typedef struct
{
  HotplugIntent intent;
  GPtrArray *refusals; /* HotplugRefusal */
  GPtrArray *leaving;  /* HotplugLeaving */
  GPtrArray *doomed;   /* HotplugDoomed: virtio-scsi controllers */
  GPtrArray *moved;    /* HotplugMoved */
  gint64 late_start;   /* when a start was asked for that may come yet, in monotonic time; 0: none */
} HotplugJournal;

/* @text: (nullable): what to_text() made; what can't be read counts as nothing */
HotplugJournal *_hotplug_journal_from_text (const char *text);

/* NULL if there is nothing to say */
char *_hotplug_journal_to_text (const HotplugJournal *self);

void _hotplug_journal_free (HotplugJournal *self);

void _hotplug_journal_strike (HotplugJournal *self);

/* Whether the operation under way is of that kind, and that device is one of its */
gboolean _hotplug_journal_intends (const HotplugJournal *self, HotplugIntentKind kind, const char *alias);

/* @message: (nullable): NULL forgets it; %TRUE if anything changed */
gboolean _hotplug_journal_set_refusal (HotplugJournal *self, const char *alias, const char *message);

/* Its message, NULL if there is none */
const char *_hotplug_journal_find_refusal (const HotplugJournal *self, const char *alias);

/* @device: (nullable); what was known of @alias counts no more */
void _hotplug_journal_set_leaving (HotplugJournal *self, const char *alias, const HotplugTemplateDevice *device,
                                   gboolean recorded);

/* NULL if nothing is known of it */
const HotplugLeaving *_hotplug_journal_find_leaving (const HotplugJournal *self, const char *alias);

/* %TRUE if anything was known of it */
gboolean _hotplug_journal_forget_leaving (HotplugJournal *self, const char *alias);

/* @run: (nullable) */
void _hotplug_journal_doom (HotplugJournal *self, const char *alias, const char *run);

/* @run: (nullable); @message: (nullable): it is where it was */
void _hotplug_journal_set_moved (HotplugJournal *self, const char *alias, const char *run, const char *message);

/* @run: (nullable); NULL: it is where it was */
const char *_hotplug_journal_find_moved (const HotplugJournal *self, const char *alias, const char *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugJournal, _hotplug_journal_free)

G_END_DECLS
