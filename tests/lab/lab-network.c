/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* unshare */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lab-private.h"

const char *
lab_missing_network (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");

  if (geteuid () != 0)
    return "a network namespace of one's own needs root";
  if (ip == NULL)
    return "there is no ip (package iproute2)";

  int status = 0;
  if (!g_spawn_command_line_sync ("unshare --net ip link add lab-probe type bridge", NULL, NULL, &status, NULL)
      || status != 0)
    return "no network namespace with a bridge is allowed here";
  return NULL;
}

gboolean
lab_skip_without_network (void)
{
  const char *missing = lab_missing_network ();

  if (missing != NULL)
    g_test_skip (missing);
  return missing != NULL;
}

/* libvirt 9.0.0 src/network/bridge_driver.c: dnsmasq for a network with addresses, iptables for its rules */
const char *
lab_missing_daemon_network (void)
{
  g_autofree char *dnsmasq = g_find_program_in_path ("dnsmasq");
  g_autofree char *iptables = g_find_program_in_path ("iptables");
  const char *missing = lab_missing_daemon ();

  if (missing != NULL)
    return missing;
  return dnsmasq == NULL    ? "there is no dnsmasq (package dnsmasq-base)"
         : iptables == NULL ? "there is no iptables, which libvirt's networks need"
                            : NULL;
}

static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint count = 0;

  while (tasks != NULL && g_dir_read_name (tasks) != NULL)
    count++;
  return count;
}

/* Its links go with the last process in it, however that ends. /sys/class/net still shows those of the host: a fresh
 * sysfs would lack the cgroups that libvirt wants. */
void
lab_network_enter (void)
{
  /* unshare () moves the thread that calls it, and threads that begin later follow the one that starts them */
  if (count_threads () != 1)
    g_error ("lab: a thread would stay in the host's network");
  if (unshare (CLONE_NEWNET) != 0)
    g_error ("lab: a network namespace: %s", g_strerror (errno));
  lab_network_run ("link set lo up");
}

void
lab_network_run (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  int status = 0;
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *rest = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_autofree char *command = g_strconcat ("ip ", rest, NULL);
  if (!g_spawn_command_line_sync (command, NULL, &output, &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    g_error ("lab: %s: %s: %s", command, error->message, output);
}

/* Its ports forward at once: with the spanning tree, as libvirt's own networks have it, they would wait for seconds */
void
lab_bridge_new (const char *name)
{
  lab_network_run ("link add %s type bridge stp_state 0 forward_delay 0", name);
  lab_network_run ("link set %s up", name);
}

GStrv
lab_links (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  struct if_nameindex *links = if_nameindex ();

  if (links == NULL)
    g_error ("lab: links: %s", g_strerror (errno));
  for (guint i = 0; links[i].if_name != NULL; i++)
    g_ptr_array_add (names, g_strdup (links[i].if_name));
  if_freenameindex (links);
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
