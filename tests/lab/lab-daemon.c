/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gio.h>

#include "lab-private.h"

#define LIBVIRTD "/usr/sbin/libvirtd"
/* With nothing kept, it first asks each QEMU binary what it can. */
#define START_SECONDS 90
#define HOLD_SECONDS 10
#define POLL_USEC (20 * 1000)

/* Holds the namespaces, so that they outlive a killed daemon. $1 directory, $2 hostname, $3 hosts, $4 own or shared */
#define HOLD \
  "set -e\n" \
  "mount --make-rprivate /\n" \
  "hostname \"$2\"\n" \
  "mkdir -p /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt\n" \
  "mount --bind \"$1/etc\" /etc/libvirt\n" \
  "mount --bind \"$1/lib\" " LAB_DAEMON_MACHINES "\n" \
  "mount --bind \"$1/cache\" /var/cache/libvirt\n" \
  "mount --bind \"$1/log\" /var/log/libvirt\n" \
  "mount --bind \"$3\" /etc/hosts\n" \
  "mount -t tmpfs run /run\n" \
  "mkdir -p /run/lock /run/libvirt\n" \
  "mount --bind \"$1/run\" /run/libvirt\n" \
  "if [ \"$4\" = own ]; then mount -t sysfs sysfs /sys; ip link set lo up; fi\n" \
  "touch \"$1/held\"\n" \
  "exec sleep infinity\n"

/* cgroups belong to the init system, which is not there; the rest keeps QEMU in our namespaces and in plain files */
#define QEMU_CONF \
  "cgroup_controllers = []\n" \
  "user = \"%s\"\n" \
  "group = \"%s\"\n" \
  "namespaces = []\n" \
  "stdio_handler = \"file\"\n" \
  "remember_owner = 0\n"

#define LIBVIRTD_CONF \
  "listen_tls = 0\n" \
  "auth_unix_ro = \"none\"\n" \
  "auth_unix_rw = \"none\"\n" \
  "unix_sock_group = \"root\"\n"

struct _LabDaemon
{
  char *dir;
  char *uri;
  char *tcp_uri;
  GSubprocess *holder;
  GSubprocess *libvirtd; /* NULL: not running */
};

static GPtrArray *daemons;
/* One file for all, since migration wants to know the names of the others */
static char *hosts;

#define LOOPBACK "127.0.0.1"
/* Of a pair: RFC 5737. Each pair has a network of its own, so all pairs have the same ones */
#define PAIR_LINK "peer"
static const char *const pair_addresses[] = { "198.51.100.1", "198.51.100.2" };
#define PAIR_PORT 16509

const char *
lab_missing_daemon (void)
{
  const char *missing = lab_missing_qemu ();
  g_autofree char *unshare = g_find_program_in_path ("unshare");

  if (missing != NULL)
    return missing;
  if (geteuid () != 0)
    return "a daemon of one's own needs root";
  if (access (LIBVIRTD, X_OK) < 0)
    return "there is no " LIBVIRTD;
  if (unshare == NULL)
    return "there is no unshare";

  int status = 0;
  if (!g_spawn_command_line_sync ("unshare --mount --uts --ipc --net true", NULL, NULL, &status, NULL) || status != 0)
    return "no new namespaces are allowed here";
  return NULL;
}

guint
lab_free_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, length) < 0
      || getsockname (fd, (struct sockaddr *) &address, &length) < 0)
    g_error ("lab: no port on the loopback: %s", g_strerror (errno));
  close (fd);
  return ntohs (address.sin_port);
}

static void
add_host (const char *hostname, const char *address)
{
  if (hosts == NULL)
    {
      g_autofree char *dir = lab_memory_dir_new ();
      lab_write_file (dir, "hosts", LOOPBACK " localhost\n");
      hosts = g_build_filename (dir, "hosts", NULL);
    }

  /* in place: what is mounted is this very file */
  FILE *file = fopen (hosts, "ae");
  if (file == NULL || fprintf (file, "%s %s\n", address, hostname) < 0 || fclose (file) != 0)
    g_error ("lab: %s: %s", hosts, g_strerror (errno));
}

static void
write_configuration (LabDaemon *daemon, const char *address, guint port, const char *user)
{
  g_autofree char *qemu_conf = g_strdup_printf (QEMU_CONF, user, user);
  g_autofree char *uuid = g_uuid_string_random ();
  GString *conf = g_string_new (LIBVIRTD_CONF);

  /* two daemons of one UUID would take each other for the same host and refuse to migrate */
  g_string_append_printf (conf, "host_uuid = \"%s\"\n", uuid);
  if (port != 0)
    g_string_append_printf (conf,
                            "listen_tcp = 1\nauth_tcp = \"none\"\n"
                            "listen_addr = \"%s\"\ntcp_port = \"%u\"\n", address, port);

  lab_write_file (daemon->dir, "etc/libvirtd.conf", conf->str);
  lab_write_file (daemon->dir, "etc/qemu.conf", qemu_conf);
  g_string_free (conf, TRUE);

  static const char *const subdirs[] = { "lib", "cache", "log", "run" };
  for (gsize i = 0; i < G_N_ELEMENTS (subdirs); i++)
    {
      g_autofree char *path = g_build_filename (daemon->dir, subdirs[i], NULL);
      g_mkdir_with_parents (path, 0755);
    }
}

static GSubprocess *
spawn (LabDaemon *daemon, const char *log, const char *const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *path = g_build_filename (daemon->dir, log, NULL);
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_stdout_file_path (launcher, path);
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (process == NULL)
    g_error ("lab: %s: %s", argv[0], error->message);
  return process;
}

static void
fail_with_log (LabDaemon *daemon, const char *log, const char *what)
{
  g_autofree char *path = g_build_filename (daemon->dir, log, NULL);
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  g_error ("lab: %s: %s", what, text != NULL ? text : "it said nothing");
}

static void
hold_namespaces (LabDaemon *daemon, const char *hostname, gboolean share_net)
{
  const char *argv[] = { "unshare", "--mount", "--uts", "--ipc", share_net ? "--ipc" : "--net", "sh", "-c", HOLD,
                         "lab-host", daemon->dir, hostname, hosts, share_net ? "shared" : "own", NULL };
  g_autofree char *held = g_build_filename (daemon->dir, "held", NULL);
  gint64 deadline = g_get_monotonic_time () + HOLD_SECONDS * G_USEC_PER_SEC;

  daemon->holder = spawn (daemon, "holder.out", argv);
  while (!g_file_test (held, G_FILE_TEST_EXISTS))
    {
      if (g_get_monotonic_time () >= deadline)
        fail_with_log (daemon, "holder.out", "namespaces");
      g_usleep (POLL_USEC);
    }
}

GPid
lab_daemon_namespace (LabDaemon *daemon)
{
  return (GPid) g_ascii_strtoll (g_subprocess_get_identifier (daemon->holder), NULL, 10);
}

static void
say_nothing (void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

static void
wait_until_it_answers (LabDaemon *daemon)
{
  gint64 deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;

  virSetErrorFunc (NULL, say_nothing);
  while (TRUE)
    {
      virConnectPtr connect = virConnectOpen (daemon->uri);
      if (connect != NULL)
        {
          virConnectClose (connect);
          return;
        }
      /* gone already: it did not like what it found */
      if (g_subprocess_get_identifier (daemon->libvirtd) == NULL || g_get_monotonic_time () >= deadline)
        fail_with_log (daemon, "libvirtd.out", "libvirtd");
      g_usleep (POLL_USEC);
    }
}

void
lab_daemon_start (LabDaemon *daemon)
{
  g_return_if_fail (daemon->libvirtd == NULL);

  g_autofree char *target = g_strdup_printf ("%d", (int) lab_daemon_namespace (daemon));
  g_autofree char *cache = g_build_filename (daemon->dir, "cache", NULL);
  const char *argv[] = { "nsenter", "-t", target, "-m", "-u", "-n", "-i", "-r", "-w", "--",
                         LIBVIRTD, "-p", "/run/libvirtd.pid",
                         daemon->tcp_uri != NULL ? "-l" : NULL, NULL };

  daemon->libvirtd = spawn (daemon, "libvirtd.out", argv);
  wait_until_it_answers (daemon);
  lab_capabilities_keep ("daemon", cache);
}

static void
end_daemon (LabDaemon *daemon, int number)
{
  g_return_if_fail (daemon->libvirtd != NULL);

  g_subprocess_send_signal (daemon->libvirtd, number);
  g_subprocess_wait (daemon->libvirtd, NULL, NULL);
  g_clear_object (&daemon->libvirtd);
}

void
lab_daemon_kill (LabDaemon *daemon)
{
  end_daemon (daemon, SIGKILL);
}

void
lab_daemon_stop (LabDaemon *daemon)
{
  end_daemon (daemon, SIGTERM);
}

/* All but the daemon itself */
static LabDaemon *
new_host (const char *hostname, const char *address, guint port, gboolean share_net, const char *user)
{
  LabDaemon *daemon = g_new0 (LabDaemon, 1);

  add_host (hostname, address);
  daemon->dir = lab_memory_dir_new ();
  daemon->uri = g_strdup_printf ("qemu+unix:///system?socket=%s/run/libvirt-sock", daemon->dir);
  if (port != 0)
    daemon->tcp_uri = g_strdup_printf ("qemu+tcp://%s:%u/system", share_net ? address : hostname, port);
  write_configuration (daemon, address, port, user);

  g_autofree char *cache = g_build_filename (daemon->dir, "cache", NULL);
  lab_capabilities_seed ("daemon", cache);
  if (daemons == NULL)
    daemons = g_ptr_array_new ();
  g_ptr_array_add (daemons, daemon);

  hold_namespaces (daemon, hostname, share_net);
  return daemon;
}

LabDaemon *
lab_daemon_new_with_user (const char *hostname, gboolean share_net, const char *user)
{
  LabDaemon *daemon = new_host (hostname, LOOPBACK, share_net ? lab_free_port () : 0, share_net, user);

  lab_daemon_start (daemon);
  return daemon;
}

/* A daemon has been told that address before it is there. */
static void
join (LabDaemon *const *pair)
{
  g_autofree char *link = g_strdup_printf ("ip link add " PAIR_LINK " netns %d type veth peer name " PAIR_LINK
                                           " netns %d",
                                           (int)lab_daemon_namespace (pair[0]), (int)lab_daemon_namespace (pair[1]));
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (!g_spawn_command_line_sync (link, NULL, NULL, &status, &error) || !g_spawn_check_wait_status (status, &error))
    g_error ("lab: %s: %s", link, error->message);
  for (guint i = 0; i < G_N_ELEMENTS (pair_addresses); i++)
    {
      g_autofree char *up = g_strdup_printf ("ip address add %s/24 dev " PAIR_LINK " && ip link set " PAIR_LINK " up",
                                             pair_addresses[i]);
      g_free (lab_daemon_run (pair[i], NULL, up));
    }
}

void
lab_daemon_new_pair (LabDaemon **one, LabDaemon **other)
{
  LabDaemon *pair[] = { new_host ("lab-one", pair_addresses[0], PAIR_PORT, FALSE, "root"),
                        new_host ("lab-other", pair_addresses[1], PAIR_PORT, FALSE, "root") };

  join (pair);
  for (guint i = 0; i < G_N_ELEMENTS (pair); i++)
    lab_daemon_start (pair[i]);
  *one = pair[0];
  *other = pair[1];
}

LabDaemon *
lab_daemon_new (const char *hostname, gboolean share_net)
{
  return lab_daemon_new_with_user (hostname, share_net, "root");
}

const char *
lab_daemon_uri (LabDaemon *daemon)
{
  return daemon->uri;
}

const char *
lab_daemon_tcp_uri (LabDaemon *daemon)
{
  return daemon->tcp_uri;
}

const char *
lab_daemon_dir (LabDaemon *daemon)
{
  return daemon->dir;
}

char *
lab_daemon_socket (LabDaemon *daemon, const char *machine)
{
  return g_strdup_printf ("%s/lib/%s.sock", daemon->dir, machine);
}

char *
lab_daemon_run (LabDaemon *daemon, int *status, const char *command)
{
  g_autofree char *target = g_strdup_printf ("%d", (int) lab_daemon_namespace (daemon));
  const char *argv[] = { "nsenter", "-t", target, "-m", "-u", "-n", "-i", "-r", "-w", "--", "sh", "-c", command, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  g_autoptr (GSubprocess) process
      = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);

  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error))
    g_error ("lab: %s: %s", command, error->message);

  int own_status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  if (status != NULL)
    *status = own_status;
  else if (own_status != 0)
    g_error ("lab: %s: status %d: %s", command, own_status, output);
  return output;
}

static char *
hostname_namespace (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/ns/uts", pid);

  return g_file_read_link (path, NULL);
}

/* QEMU, dnsmasq and whatever else was started in there are nobody's children: the namespace knows them */
static void
kill_namespace (LabDaemon *daemon)
{
  g_autofree char *ours = hostname_namespace ("self");
  g_autofree char *holder = g_strdup_printf ("%d", (int) lab_daemon_namespace (daemon));
  g_autofree char *theirs = hostname_namespace (holder);
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;

  if (theirs == NULL || processes == NULL || g_strcmp0 (ours, theirs) == 0)
    return;

  while ((name = g_dir_read_name (processes)) != NULL)
    {
      g_autofree char *its = g_ascii_isdigit (*name) ? hostname_namespace (name) : NULL;
      if (g_strcmp0 (its, theirs) == 0 && strcmp (name, holder) != 0)
        kill ((pid_t) g_ascii_strtoll (name, NULL, 10), SIGKILL);
    }
}

void
lab_daemon_free (LabDaemon *daemon)
{
  g_ptr_array_remove (daemons, daemon);

  if (daemon->libvirtd != NULL)
    lab_daemon_kill (daemon);
  if (daemon->holder != NULL && g_subprocess_get_identifier (daemon->holder) != NULL)
    {
      kill_namespace (daemon);
      g_subprocess_force_exit (daemon->holder);
      g_subprocess_wait (daemon->holder, NULL, NULL);
    }
  g_clear_object (&daemon->holder);
  lab_remove_tree (daemon->dir);
  g_free (daemon->dir);
  g_free (daemon->uri);
  g_free (daemon->tcp_uri);
  g_free (daemon);
}

void
lab_daemon_cleanup (void)
{
  while (daemons != NULL && daemons->len > 0)
    lab_daemon_free (daemons->pdata[0]);
}
