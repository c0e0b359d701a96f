/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the work on a machine leaves for whoever works on it next: the operation under way, which is written down before
 * its first step and struck after its last, and the volumes that the hypervisor refused, until they are added or removed. */

typedef enum {
  HOTPLUG_INTENT_NONE,
  HOTPLUG_INTENT_ADD,
  HOTPLUG_INTENT_REMOVE,
  HOTPLUG_INTENT_START,
} HotplugIntentKind;

typedef struct
{
  HotplugIntentKind kind;
  char *volume;                 /* nullable: the volume's name */
  char *client;                 /* nullable: the machine whose client writes this */
  gboolean controller_live;     /* a virtio-scsi controller was to be added, on which sides, and with which index */
  gboolean controller_template;
  guint controller_index;
  guint port; /* the index of the root port that the template was to get; 0 for none */
} HotplugIntent;

typedef struct
{
  char *volume;
  char *message;
} HotplugRefusal;

typedef struct
{
  HotplugIntent intent;
  GPtrArray *refusals; /* HotplugRefusal */
  GArray *doomed;      /* guint: virtio-scsi controllers that go as soon as the guest lets them */
} HotplugJournal;

/* @text: (nullable): what to_text() made; what can't be read counts as nothing */
HotplugJournal *_hotplug_journal_from_text (const char *text);

/* NULL if there is nothing to say */
char *_hotplug_journal_to_text (const HotplugJournal *self);

void _hotplug_journal_free (HotplugJournal *self);

void _hotplug_journal_strike (HotplugJournal *self);

/* @message: (nullable): NULL forgets it; %TRUE if anything changed */
gboolean _hotplug_journal_set_refusal (HotplugJournal *self, const char *volume, const char *message);

void _hotplug_journal_doom (HotplugJournal *self, guint controller);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugJournal, _hotplug_journal_free)

G_END_DECLS
