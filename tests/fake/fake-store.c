/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-store.h"

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>

#include "fake/fake-xml.h"

gboolean
fake_refuse (GError **error, HotplugError code, const char *message)
{
  g_set_error_literal (error, HOTPLUG_ERROR, (int)code, message);
  return FALSE;
}

/* The store: one file a side, under one lock for all threads and processes */

int
fake_store_lock (FakeConnection *self)
{
  g_autofree char *path = g_build_filename (fake_connection_get_directory (self), "store", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  while (flock (fd, LOCK_EX) != 0)
    ;
  return fd;
}

static char *
file_of (FakeConnection *self, const char *uuid, const char *side)
{
  return g_strdup_printf ("%s/%s.%s", fake_connection_get_directory (self), uuid, side);
}

char *
fake_store_load (FakeConnection *self, const char *uuid, const char *side)
{
  g_autofree char *path = file_of (self, uuid, side);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

void
fake_store_save (FakeConnection *self, const char *uuid, const char *side, const char *text)
{
  g_autofree char *path = file_of (self, uuid, side);
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    g_unlink (path);
  else
    g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

static const char *
name_of_side (HotplugSide side)
{
  return side == HOTPLUG_SIDE_LIVE ? FAKE_LIVE : FAKE_TEMPLATE;
}

/* @named: (nullable): only the machine of that name, or UUID */
GPtrArray *
fake_store_find (FakeConnection *self, const char *named, char **name)
{
  g_autoptr (GDir) dir = g_dir_open (fake_connection_get_directory (self), 0, NULL);
  GPtrArray *uuids = g_ptr_array_new_with_free_func (g_free);

  for (const char *file = g_dir_read_name (dir); file != NULL; file = g_dir_read_name (dir))
    {
      g_auto (GStrv) parts = g_strsplit (file, ".", 2);
      if (g_strcmp0 (parts[1], FAKE_LIVE) != 0 && g_strcmp0 (parts[1], FAKE_TEMPLATE) != 0)
        continue;

      g_autofree char *text = fake_store_load (self, parts[0], parts[1]);
      g_autofree char *found = fake_xml_name (text);
      if ((named != NULL && strcmp (named, found) != 0 && strcmp (named, parts[0]) != 0)
          || g_ptr_array_find_with_equal_func (uuids, parts[0], g_str_equal, NULL))
        continue;
      g_ptr_array_add (uuids, g_strdup (parts[0]));
      if (name != NULL && *name == NULL)
        *name = g_steal_pointer (&found);
    }
  return uuids;
}

gboolean
fake_store_look (FakeConnection *self, const char *uuid, HotplugMachineText *out, GError **error)
{
  g_autofree char *paused = fake_store_load (self, uuid, FAKE_PAUSED);

  *out = (HotplugMachineText){ .live = fake_store_load (self, uuid, FAKE_LIVE),
                               .template = fake_store_load (self, uuid, FAKE_TEMPLATE) };
  out->persistent = out->template != NULL;
  out->state = out->live == NULL ? HOTPLUG_VMI_STATE_STOPPED
               : paused != NULL  ? HOTPLUG_VMI_STATE_PAUSED
                                 : HOTPLUG_VMI_STATE_RUNNING;
  return out->live != NULL || out->template != NULL || fake_refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
}

gboolean
fake_store_edit (FakeConnection *self, const char *uuid, HotplugSide side, FakeEdit func, const char *xml,
                 GError **error)
{
  g_autofree char *old = fake_store_load (self, uuid, name_of_side (side));
  g_autofree char *new = NULL;

  if (old == NULL)
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is not running");
  new = func (old, xml, error);
  if (new == NULL)
    return FALSE;
  fake_store_save (self, uuid, name_of_side (side), new);
  return TRUE;
}

gboolean
fake_store_drop (FakeConnection *self, const char *uuid, const char *alias)
{
  g_autofree char *live = fake_store_load (self, uuid, FAKE_LIVE);
  g_autofree char *without = live != NULL ? fake_xml_drop_alias (live, alias) : NULL;

  if (without != NULL)
    fake_store_save (self, uuid, FAKE_LIVE, without);
  return without != NULL;
}

gboolean
fake_store_boot (FakeConnection *self, const char *uuid, gboolean paused, GError **error)
{
  g_autofree char *template = fake_store_load (self, uuid, FAKE_TEMPLATE);
  g_autofree char *old = fake_store_load (self, uuid, FAKE_LIVE);

  if (template == NULL || old != NULL)
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is already running");

  g_autofree char *saved = fake_store_load (self, uuid, FAKE_SAVED);
  g_autofree char *live = saved != NULL ? g_steal_pointer (&saved) : fake_xml_start (template);
  fake_store_save (self, uuid, FAKE_SAVED, NULL);
  fake_store_save (self, uuid, FAKE_PAUSED, paused ? "" : NULL);
  fake_store_save (self, uuid, FAKE_LIVE, live);
  return TRUE;
}

gboolean
fake_store_resume (FakeConnection *self, const char *uuid, GError **error)
{
  g_autofree char *paused = fake_store_load (self, uuid, FAKE_PAUSED);

  fake_store_save (self, uuid, FAKE_PAUSED, NULL);
  return paused != NULL
         || fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is not paused");
}

void
fake_store_halt (FakeConnection *self, const char *uuid)
{
  fake_store_save (self, uuid, FAKE_LIVE, NULL);
  fake_store_save (self, uuid, FAKE_PAUSED, NULL);
}

void
fake_machine_define (FakeConnection *self, const char *uuid, const char *template)
{
  fake_store_save (self, uuid, FAKE_TEMPLATE, template);
}

void
fake_machine_run (FakeConnection *self, const char *uuid, const char *live, HotplugVmiState state)
{
  g_autofree char *with_id = live != NULL ? fake_xml_start (live) : NULL;

  fake_store_save (self, uuid, FAKE_PAUSED, state == HOTPLUG_VMI_STATE_PAUSED ? "" : NULL);
  fake_store_save (self, uuid, FAKE_LIVE, with_id);
}

void
fake_machine_read (FakeConnection *self, const char *uuid, HotplugMachineText *out)
{
  int store = fake_store_lock (self);

  fake_store_look (self, uuid, out, NULL);
  g_close (store, NULL);
}

static void
edit_past (FakeConnection *self, const char *uuid, HotplugSide side, FakeEdit func, const char *xml)
{
  g_autoptr (GError) error = NULL;
  int store = fake_store_lock (self);

  fake_store_edit (self, uuid, side, func, xml, &error);
  g_close (store, NULL);
  g_assert_no_error (error);
}

void
fake_machine_attach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml)
{
  edit_past (self, uuid, side, fake_xml_attach, xml);
}

void
fake_machine_detach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml)
{
  edit_past (self, uuid, side, fake_xml_detach, xml);
}
