/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "fake/fake-connection.h"

G_BEGIN_DECLS

/* The machines behind a fake connection: one file a side. All but the lock itself are called with the lock held. */

#define FAKE_LIVE "live"
#define FAKE_TEMPLATE "template"
#define FAKE_PAUSED "paused" /* a mark, of a live side */
#define FAKE_SNAPSHOT "snapshot" /* the XML of the one that it has */
#define FAKE_SAVED "saved"       /* the live side of a machine that was saved */

typedef char *(*FakeEdit) (const char *domain, const char *device, GError **error);

gboolean fake_refuse (GError **error, HotplugError code, const char *message);

/* Between all threads and processes; g_close () gives it back */
int fake_store_lock (FakeConnection *self);

/* @side: FAKE_LIVE or FAKE_TEMPLATE; NULL if there is none */
char *fake_store_load (FakeConnection *self, const char *uuid, const char *side);
/* @text: (nullable): none any more */
void fake_store_save (FakeConnection *self, const char *uuid, const char *side, const char *text);
/* @named: (nullable): only the machine of that name, or UUID */
GPtrArray *fake_store_find (FakeConnection *self, const char *named, char **name);
gboolean fake_store_look (FakeConnection *self, const char *uuid, HotplugMachineText *out, GError **error);
gboolean fake_store_edit (FakeConnection *self, const char *uuid, HotplugSide side, FakeEdit func, const char *xml,
                          GError **error);
/* Whether the live side had it */
gboolean fake_store_drop (FakeConnection *self, const char *uuid, const char *alias);
gboolean fake_store_boot (FakeConnection *self, const char *uuid, gboolean paused, GError **error);
gboolean fake_store_resume (FakeConnection *self, const char *uuid, GError **error);
void fake_store_halt (FakeConnection *self, const char *uuid);

G_END_DECLS
