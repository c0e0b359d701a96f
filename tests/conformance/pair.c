/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/pair.h"

#define GUEST_PATIENCE 60
#define IMAGE_SIZE (4 << 20)
#define BRIDGE "lab-br0"

const char *
pair_missing (void)
{
  const char *const reasons[]
      = { lab_missing_guest (), lab_missing_daemon (), lab_missing_network (), lab_missing_loop () };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      if (reasons[i] != NULL)
        return reasons[i];
    }
  return NULL;
}

void
pair_network (Pair *self, guint host, const char *name, const char *bridge)
{
  g_autofree char *command
      = g_strdup_printf ("ip link add %s type bridge stp_state 0 && ip link set %s up", bridge, bridge);
  g_autofree char *xml = g_strdup_printf (
      "<network><name>%s</name><forward mode='bridge'/><bridge name='%s'/></network>", name, bridge);

  g_free (lab_daemon_run (self->daemons[host], NULL, command));
  virNetworkPtr network = virNetworkDefineXML (self->connects[host], xml);
  g_assert_nonnull (network);
  g_assert_cmpint (virNetworkCreate (network), ==, 0);
  virNetworkFree (network);
}

static void
open_hosts (Pair *self)
{
  g_autoptr (GError) error = NULL;

  lab_daemon_new_pair (&self->daemons[0], &self->daemons[1]);
  for (guint i = 0; i < 2; i++)
    {
      self->hosts[i] = hotplug_host_open (lab_daemon_uri (self->daemons[i]), NULL, &error);
      g_assert_no_error (error);
      self->connects[i] = lab_connect (lab_daemon_uri (self->daemons[i]));
      pair_network (self, i, PAIR_NETWORK, BRIDGE);
    }
}

Pair *
pair_new (void)
{
  const LabMachine machine = { .name = PAIR_MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 6, .scsi = TRUE,
                               .bare = TRUE, .boots = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GError) error = NULL;
  Pair *self = g_new0 (Pair, 1);

  open_hosts (self);
  self->images = lab_dir_new ();
  LabDomain *domain = lab_define (self->connects[0], xml);
  lab_create (domain, FALSE);
  virDomainFree (domain);
  self->vmi = hotplug_host_get_vmi (self->hosts[0], PAIR_MACHINE, NULL, &error);
  g_assert_no_error (error);
  pair_guest (self);
  return self;
}

void
pair_free (Pair *self)
{
  g_clear_pointer (&self->guest, lab_guest_free);
  g_clear_object (&self->vmi);
  for (guint i = 0; i < 2; i++)
    {
      LabDomain *domain = virDomainLookupByName (self->connects[i], PAIR_MACHINE);
      if (domain != NULL && lab_is_active (domain))
        lab_destroy (domain);
      g_clear_pointer (&domain, virDomainFree);
      virConnectClose (self->connects[i]);
      g_clear_object (&self->hosts[i]);
      g_clear_object (&self->peers[i]);
      lab_daemon_free (self->daemons[i]);
    }
  g_free (self->images);
  g_free (self);
}

LabGuest *
pair_guest (Pair *self)
{
  g_autofree char *socket = lab_daemon_socket (self->daemons[self->at], PAIR_MACHINE);

  if (self->guest == NULL)
    self->guest = lab_guest_wait (socket);
  return self->guest;
}

HotplugVolume *
pair_volume (Pair *self, const char *name, HotplugAccessMode mode, HotplugBus bus, char **loop)
{
  g_autofree char *image = lab_image_new (self->images, name, IMAGE_SIZE);
  g_autoptr (GError) error = NULL;

  if (loop != NULL)
    *loop = lab_loop_attach (image);
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path",
                                          loop != NULL ? *loop : image, "access-mode", mode, "bus", bus, NULL);
  g_assert_no_error (error);
  return volume;
}

void
pair_add (Pair *self, HotplugVolume *volume, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (self->vmi, volume, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
}

void
pair_add_interface (Pair *self, const char *name, const char *bridge, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge (name, bridge, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new (name, attachment, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (self->vmi, interface, flags, NULL, &error);
  g_assert_no_error (error);
}

guint
pair_count_taps (Pair *self, guint host)
{
  g_autofree char *out = lab_daemon_run (self->daemons[host], NULL, "ip -br link | grep -c -E '^(tap|vnet)' || true");

  return (guint)atoi (out);
}

guint
pair_count_files (Pair *self, guint host)
{
  g_autofree char *out = lab_daemon_run (self->daemons[host], NULL, "ls /proc/$(cat /run/libvirtd.pid)/fd | wc -l");

  return (guint)atoi (out);
}

static void
tell_what_is_left (Pair *self, guint host)
{
  const char *uri = lab_daemon_uri (self->daemons[host]);
  g_autofree char *command
      = g_strdup_printf ("exec 2>&1; virsh -c '%s' -r domstate --reason %s; virsh -c '%s' -r dominfo %s; "
                         "pgrep -a qemu-system | cut -c 1-120",
                         uri, PAIR_MACHINE, uri, PAIR_MACHINE);
  g_autofree char *out = lab_daemon_run (self->daemons[host], NULL, command);

  g_test_message ("left on host %u: %s", host, out);
}

/* A daemon that was killed gives up what it had begun some time after it is there again. */
static gboolean
is_rid_of_it (Pair *self, guint host)
{
  for (guint i = 0; i < GUEST_PATIENCE * 10; i++)
    {
      LabDomain *left = virDomainLookupByName (self->connects[host], PAIR_MACHINE);
      if (left == NULL)
        return TRUE;
      virDomainFree (left);
      g_usleep (G_TIME_SPAN_SECOND / 10);
    }
  tell_what_is_left (self, host);
  return FALSE;
}

void
pair_assert_place (Pair *self)
{
  g_autoptr (LabDomain) here = lab_lookup (self->connects[self->at], PAIR_MACHINE);
  int state = VIR_DOMAIN_NOSTATE;

  g_assert_true (is_rid_of_it (self, 1 - self->at));
  g_assert_cmpint (virDomainGetState (here, &state, NULL, 0), ==, 0);
  g_assert_cmpint (state, ==, VIR_DOMAIN_RUNNING);
  g_assert_cmpint (virDomainIsPersistent (here), ==, 1);
  g_assert_cmpuint (pair_count_taps (self, 1 - self->at), ==, 0);
}

gboolean
pair_find (Pair *self)
{
  g_clear_pointer (&self->guest, lab_guest_free);
  g_clear_object (&self->vmi);
  for (guint i = 0; i < 2; i++)
    {
      LabDomain *domain = virDomainLookupByName (self->connects[i], PAIR_MACHINE);
      if (domain != NULL && virDomainIsActive (domain) == 1)
        self->at = i;
      g_clear_pointer (&domain, virDomainFree);
    }
  self->vmi = hotplug_host_get_vmi (self->hosts[self->at], PAIR_MACHINE, NULL, NULL);
  return self->vmi != NULL;
}

static int
open_of (LabDaemon *daemon, const char *what)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", (int)lab_daemon_namespace (daemon), what);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
enter (LabDaemon *daemon)
{
  int network = open_of (daemon, "ns/net");
  int mounts = open_of (daemon, "ns/mnt");
  int root = open_of (daemon, "root");

  g_assert_cmpint (setns (network, CLONE_NEWNET), ==, 0);
  /* its root is that of all mounts, also for who runs in a chroot */
  g_assert_cmpint (setns (mounts, CLONE_NEWNS), ==, 0);
  g_assert_cmpint (fchdir (root), ==, 0);
  g_assert_cmpint (chroot ("."), ==, 0);
  close (network);
  close (mounts);
  close (root);
}

/* In a thread of its own, since it moves to the host that it speaks from: its network, and the names that are known
 * there */
static gpointer
open_peer (gpointer data)
{
  Pair *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unshare (CLONE_FS), ==, 0);
  enter (self->daemons[self->at]);
  HotplugHost *peer = hotplug_host_open (lab_daemon_tcp_uri (self->daemons[1 - self->at]), NULL, &error);
  g_assert_no_error (error);
  return peer;
}

HotplugHost *
pair_peer (Pair *self)
{
  HotplugHost **peer = &self->peers[1 - self->at];

  if (*peer == NULL)
    *peer = g_thread_join (g_thread_new ("peer", open_peer, self));
  return *peer;
}

void
pair_migrate (Pair *self, HotplugMigrateFlags flags)
{
  HotplugHost *to = (flags & HOTPLUG_MIGRATE_PEER_TO_PEER) ? pair_peer (self) : self->hosts[1 - self->at];
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->guest, lab_guest_free);
  hotplug_vmi_migrate (self->vmi, to, flags, 0, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_get_host (self->vmi) == to);
  self->at = 1 - self->at;
  pair_assert_place (self);
}

/* Always by the host's own handle: one from elsewhere can't tell the size of a file */
char *
pair_picture (Pair *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (self->hosts[self->at], PAIR_MACHINE, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, &error);
  g_assert_no_error (error);

  return hotplug_vmi_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_YAML);
}

/* Blocks of random bytes, one after the other to each of 32 places; of each the sum is noted before it is written. */
void
pair_begin_writing (Pair *self, const char *link)
{
  g_autofree char *there = g_strdup_printf ("test -b %s", link);

  g_assert_true (lab_guest_wait_for (pair_guest (self), there, GUEST_PATIENCE));
  g_free (lab_guest_run (
      pair_guest (self), NULL,
      "mkdir -p /run/w; rm -f /run/w/*; touch /run/w/on; echo %s > /run/w/disk; "
      "(n=0; while [ -e /run/w/on ]; do at=$((n %% 32)); dd if=/dev/urandom of=/run/w/block bs=64k count=1 2>/dev/null; "
      "md5sum < /run/w/block > /run/w/sum.$at; "
      "dd if=/run/w/block of=%s bs=64k count=1 seek=$at oflag=direct 2>/run/w/said || cat /run/w/said >> /run/w/error; "
      "n=$((n + 1)); echo $n > /run/w/n; done; touch /run/w/off) > /dev/null 2>&1 &",
      link, link));
  g_assert_true (lab_guest_wait_for (pair_guest (self), "test -s /run/w/n", GUEST_PATIENCE));
}

void
pair_stop_writing (Pair *self)
{
  LabGuest *guest = pair_guest (self);

  g_free (lab_guest_run (guest, NULL, "rm /run/w/on"));
  g_assert_true (lab_guest_wait_for (guest, "test -e /run/w/off", GUEST_PATIENCE));
}

guint
pair_end_writing (Pair *self)
{
  LabGuest *guest = pair_guest (self);

  pair_stop_writing (self);
  g_autofree char *errors = lab_guest_run (guest, NULL,
                                           "test ! -e /run/w/error || { cat /run/w/error; dmesg | tail -n 20; }");
  g_assert_cmpstr (errors, ==, "");
  g_free (
      lab_guest_run (guest, NULL,
                     "disk=$(cat /run/w/disk); for s in /run/w/sum.*; do "
                     "dd if=$disk bs=64k count=1 skip=${s##*.} iflag=direct 2>/dev/null | md5sum | cmp - $s || exit 1; "
                     "done"));
  g_autofree char *n = lab_guest_run (guest, NULL, "cat /run/w/n");
  return (guint)atoi (n);
}

int
pair_main (int argc, char **argv, Pair **pair, const PairRow *rows, gsize n_rows)
{
  g_test_init (&argc, &argv, NULL);
  if (pair_missing () != NULL)
    {
      lab_skip (pair_missing ());
      return 0;
    }

  *pair = pair_new ();
  for (gsize i = 0; i < n_rows; i++)
    g_test_add_func (rows[i].path, rows[i].test);
  int status = g_test_run ();
  pair_free (*pair);
  return status;
}
