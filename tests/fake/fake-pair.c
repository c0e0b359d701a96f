/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-pair.h"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/hotplug-name-private.h"
#include "fake/fake-peer.h"
#include "host/hotplug-machine-lock-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-session-private.h"

#define NETWORK "lab"
#define MAC "02:00:00:00:00:07"
#define CONF "{\"cniVersion\":\"0.3.1\",\"name\":\"" NETWORK "\",\"type\":\"bridge\",\"bridge\":\"%s\"}"

/* What its network attachment is on a host */
static void
configure (Rig *rig, const char *bridge)
{
  g_autofree char *file = g_build_filename (rig->directory, "hotplug.conf", NULL);
  g_autofree char *directory = g_build_filename (rig->directory, "networks.d", NULL);
  g_autofree char *path = g_build_filename (directory, NETWORK ".conf", NULL);
  g_autofree char *text = g_strdup_printf (CONF, bridge);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new (file);
  g_autoptr (GError) error = NULL;

  _hotplug_host_set_configuration (rig->host, configuration);
  fake_peer_set_sight (rig->fake, bridge,
                       strcmp (bridge, FAKE_BRIDGE) == 0 ? HOTPLUG_SIGHT_SEEN : HOTPLUG_SIGHT_MISSING);
  g_mkdir_with_parents (directory, 0755);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
link_them (Pair *self)
{
  configure (self->here, "br-none-such");
  configure (self->there, FAKE_BRIDGE);
  fake_migrate_share_runtime (self->there->fake, self->here->fake);
  fake_migrate_link (self->here->fake, self->there->fake);
}

static Pair *
new_pair (Rig *here, RigKind kind)
{
  Pair *self = g_new0 (Pair, 1);
  g_autofree char *there = g_build_filename (here->directory, "there", NULL);

  g_assert_cmpint (g_mkdir_with_parents (there, 0700), ==, 0);
  self->here = here;
  self->there = rig_new_empty (there, kind);
  link_them (self);
  return self;
}

Pair *
pair_new (RigKind kind)
{
  return new_pair (rig_new (kind), kind);
}

Pair *
pair_join (const char *directory, RigKind kind)
{
  Pair *self = new_pair (rig_new_empty (directory, kind), kind);

  rig_find_vmi (self->here);
  rig_find_vmi (self->there);
  return self;
}

/* A VMI that has moved holds both hosts. */
static void
drop_vmis (Pair *self)
{
  g_clear_object (&self->here->vmi);
  g_clear_object (&self->there->vmi);
}

void
pair_free (Pair *self)
{
  drop_vmis (self);
  rig_free (self->there);
  rig_free (self->here);
  g_free (self);
}

void
pair_reopen (Pair *self)
{
  drop_vmis (self);
  rig_renew (self->here);
  rig_renew (self->there);
  link_them (self);
  rig_find_vmi (self->here);
  rig_find_vmi (self->there);
}

void
pair_add (Pair *self, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = rig_image (self->here, name);
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path,
                                                     "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, NULL);

  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (self->here->vmi, volume, flags, NULL, &error);
  g_assert_no_error (error);
}

void
pair_add_pending (Pair *self, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", name,
                                                           "network", NETWORK, "mac", MAC, NULL);

  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (self->here->vmi, interface, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
}

gboolean
pair_migrate (Pair *self, GCancellable *cancellable, GError **error)
{
  return hotplug_vmi_migrate (self->here->vmi, self->there->host, HOTPLUG_MIGRATE_NONE, 0, -1, cancellable, error);
}

static gboolean
is_on (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return text.live != NULL || text.template != NULL;
}

char *
pair_state (Pair *self)
{
  g_autofree char *here = is_on (self->here) ? rig_state (self->here) : NULL;
  g_autofree char *there = is_on (self->there) ? rig_state (self->there) : NULL;

  return g_strconcat (here != NULL ? "here\n" : "", here != NULL ? here : "", here != NULL ? "\n" : "",
                      there != NULL ? "there\n" : "", there != NULL ? there : "", there != NULL ? "\n" : "", NULL);
}

void
pair_assert_only (Pair *self, Rig *rig, const char *state)
{
  g_autofree char *found = pair_state (self);
  g_autofree char *wanted = g_strconcat (rig == self->here ? "here\n" : "there\n", state, "\n", NULL);

  g_assert_cmpstr (found, ==, wanted);
  rig_assert_sound (rig);
}

static void
write_journal (Rig *rig, const char *text)
{
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (rig->fake));
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);

  g_assert_no_error (error);
  must (_hotplug_machine_lock_write (lock, text, &error), error);
}

void
pair_intend (Pair *self, gboolean paused, const char *client)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (NULL);
  g_autoptr (GError) error = NULL;

  journal->intent = (HotplugIntent){
    .kind = HOTPLUG_INTENT_MIGRATE,
    .source = g_strdup (hotplug_host_get_uri (self->here->host)),
    .destination = g_strdup (hotplug_host_get_uri (self->there->host)),
    .client = g_strdup (client),
    .paused = paused,
  };
  _hotplug_migration_name_hosts (HOTPLUG_CONNECTION (self->here->fake), HOTPLUG_CONNECTION (self->there->fake),
                                 &journal->intent);
  g_autofree char *text = _hotplug_journal_to_text (journal);
  if (client != NULL)
    {
      g_autofree char *xml = g_markup_printf_escaped ("<hotplug><intent>%s</intent></hotplug>", text);
      _hotplug_connection_set_metadata (HOTPLUG_CONNECTION (self->here->fake), RIG_UUID, HOTPLUG_SIDE_LIVE, xml,
                                        &error);
      g_assert_no_error (error);
      return;
    }
  write_journal (self->here, text);
  write_journal (self->there, text);
}
