/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-libvirt-private.h"

/* What a libvirt that was killed in the middle of an attach leaves in QEMU: block nodes, or a whole device, that the
 * next libvirt knows nothing of, and stumbles over. MEASURED with libvirt 9.0: 29 of 60 kills.
 *
 * Four things are certainly such: a device under one of our aliases that the live XML lacks, the host's side of an
 * interface under the name that goes with such an alias ("host" and the alias: src/qemu/qemu_command.c:4016), which
 * keeps its tap device, the tap's file that QEMU was handed and nobody used ("tapfd-", the alias and a number: the same
 * file, :8332; QEMU keeps what a monitor that went away has left), and a node that nobody uses under the very name that
 * libvirt was about to give (its counter goes back with it, nodenameindex in src/qemu/qemu_domain.c, and is never
 * behind a disk that it knows). The monitor is asked for nothing else. */

#define CONTROLLER_ALIAS_PREFIX "ua-hpc-"
#define NETDEV_PREFIX "host"
#define TAP_FILE_PREFIX "tapfd-"

/* A SCSI disk goes at once; a PCI device when the guest lets go */
#define PATIENCE (5 * G_TIME_SPAN_SECOND)
#define LOOK_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

/* For libvirt to have answered an event, microseconds */
#define EVENT_PATIENCE (300 * G_TIME_SPAN_MILLISECOND)

typedef int (*MonitorCommand) (virDomainPtr domain, const char *command, char **result, unsigned int flags);

/* What QEMU returned, or NULL. @name: what the command is about, of characters that need no escape */
static JsonNode *
ask_monitor (virDomainPtr domain, const char *command, const char *key, const char *name)
{
  MonitorCommand monitor_command = (MonitorCommand)_hotplug_libvirt_find_qemu_call ("virDomainQemuMonitorCommand");
  g_autofree char *arguments = key != NULL ? g_strdup_printf (",\"arguments\":{\"%s\":\"%s\"}", key, name)
                                           : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("{\"execute\":\"%s\"%s}", command, arguments);
  char *reply = NULL;

  if (monitor_command == NULL || monitor_command (domain, text, &reply, VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT) < 0)
    return NULL;

  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gboolean parsed = json_parser_load_from_data (parser, reply, -1, NULL);
  JsonNode *root = parsed ? json_parser_get_root (parser) : NULL;
  JsonNode *returned = root != NULL && JSON_NODE_HOLDS_OBJECT (root)
                           ? json_object_get_member (json_node_get_object (root), "return")
                           : NULL;
  g_debug ("vmi \"%s\": monitor: %s: %s", virDomainGetName (domain), text, returned != NULL ? "done" : reply);
  free (reply);
  return returned != NULL ? json_node_ref (returned) : NULL;
}

/* A member of each object of the array that a command returns; NULL: it was not answered */
static GPtrArray *
list_names (virDomainPtr domain, const char *command, const char *key, const char *name, const char *member)
{
  g_autoptr (JsonNode) node = ask_monitor (domain, command, key, name);
  GPtrArray *names;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;

  JsonArray *array = json_node_get_array (node);
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        continue;

      JsonObject *object = json_node_get_object (element);
      const char *value = json_object_get_string_member_with_default (object, member, NULL);
      if (value != NULL)
        g_ptr_array_add (names, g_strdup (value));
    }
  return names;
}

static GPtrArray *
list_devices (virDomainPtr domain)
{
  return list_names (domain, "qom-list", "path", "/machine/peripheral", "name");
}

/* Of characters that QEMU has in an id */
static gboolean
is_ours (const char *id)
{
  return (g_str_has_prefix (id, HOTPLUG_VOLUME_ALIAS_PREFIX) || g_str_has_prefix (id, HOTPLUG_INTERFACE_ALIAS_PREFIX)
          || g_str_has_prefix (id, CONTROLLER_ALIAS_PREFIX))
         && strspn (id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == strlen (id);
}

static gboolean
is_known (const char *live_xml, const char *alias)
{
  g_autofree char *element = g_strdup_printf ("<alias name='%s'/>", alias);

  return strstr (live_xml, element) != NULL;
}

/* QEMU is read before libvirt: a device that comes between the two is seen by libvirt alone */
static GPtrArray *
list_unknown (virDomainPtr domain)
{
  g_autoptr (GPtrArray) devices = list_devices (domain);
  g_autofree char *live_xml = devices != NULL ? virDomainGetXMLDesc (domain, 0) : NULL;
  GPtrArray *unknown = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; live_xml != NULL && i < devices->len; i++)
    {
      const char *id = g_ptr_array_index (devices, i);
      if (is_ours (id) && !is_known (live_xml, id))
        g_ptr_array_add (unknown, g_strdup (id));
    }
  return unknown;
}

/* "libvirt-7-" of libvirt-7-storage, libvirt-7-format: one source's nodes have one number. NULL for any other name. */
static char *
node_family (const char *name)
{
  static const char prefix[] = "libvirt-";
  gsize digits = g_str_has_prefix (name, prefix) ? strspn (name + strlen (prefix), "0123456789") : 0;
  gsize length = strlen (prefix) + digits;

  return digits > 0 && name[length] == '-' ? g_strndup (name, length + 1) : NULL;
}

/* A SCSI disk is told by its id, a virtio one by the path of its inner part */
static gboolean
is_of_device (const char *qdev, const char *id)
{
  g_autofree char *path = g_strdup_printf ("/machine/peripheral/%s/", id);

  return strcmp (qdev, id) == 0 || g_str_has_prefix (qdev, path);
}

/* The nodes below a device, by their family; NULL: none */
static char *
find_family (virDomainPtr domain, const char *id)
{
  g_autoptr (JsonNode) node = ask_monitor (domain, "query-block", NULL, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;

  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *block = json_array_get_object_element (array, i);
      const char *qdev = json_object_get_string_member_with_default (block, "qdev", "");
      JsonNode *inserted = json_object_get_member (block, "inserted");

      if (is_of_device (qdev, id) && inserted != NULL && JSON_NODE_HOLDS_OBJECT (inserted))
        return node_family (
            json_object_get_string_member_with_default (json_node_get_object (inserted), "node-name", ""));
    }
  return NULL;
}

/* QEMU refuses a node that anything uses, so that the order is found by trying: the upper one goes first. */
static gboolean
delete_idle_nodes (virDomainPtr domain, const char *family, GPtrArray *nodes)
{
  gboolean any = FALSE;

  for (guint i = nodes->len; i > 0; i--)
    {
      const char *name = g_ptr_array_index (nodes, i - 1);
      g_autoptr (JsonNode) done
          = g_str_has_prefix (name, family) ? ask_monitor (domain, "blockdev-del", "node-name", name) : NULL;

      if (done != NULL)
        g_ptr_array_remove_index (nodes, i - 1);
      any = any || done != NULL;
    }
  return any;
}

static gboolean
has_any (const GPtrArray *nodes, const char *family)
{
  for (guint i = 0; i < nodes->len; i++)
    {
      if (g_str_has_prefix (g_ptr_array_index (nodes, i), family))
        return TRUE;
    }
  return FALSE;
}

/* @until: when to give up. A device that is out of QEMU's list holds its nodes for some 50 ms more. */
static void
delete_nodes (virDomainPtr domain, const char *family, gint64 until)
{
  g_autoptr (GPtrArray) nodes = list_names (domain, "query-named-block-nodes", NULL, NULL, "node-name");

  while (nodes != NULL && has_any (nodes, family))
    {
      if (delete_idle_nodes (domain, family, nodes))
        continue;
      if (g_get_monotonic_time () >= until)
        break;
      g_usleep (LOOK_INTERVAL);
    }
}

static gboolean
has_device (virDomainPtr domain, const char *id)
{
  g_autoptr (GPtrArray) devices = list_devices (domain);

  return devices == NULL || g_ptr_array_find_with_equal_func (devices, id, g_str_equal, NULL);
}

/* One that the guest keeps stays, and with it the refusal that it is the cause of */
static gboolean
delete_device (virDomainPtr domain, const char *id)
{
  g_autofree char *family = find_family (domain, id);
  gint64 until = g_get_monotonic_time () + PATIENCE;
  g_autoptr (JsonNode) asked = ask_monitor (domain, "device_del", "id", id);
  gboolean there = TRUE;

  while ((there = has_device (domain, id)) && g_get_monotonic_time () < until)
    g_usleep (LOOK_INTERVAL);
  g_debug ("vmi \"%s\": %s, which libvirt does not know, %s", virDomainGetName (domain), id,
           there ? "waits for the guest to let go" : "is out of QEMU");
  if (!there && family != NULL)
    delete_nodes (domain, family, until);
  return !there;
}

/* Disks before the controller that they are on */
static gboolean
delete_unknown (virDomainPtr domain, const char *prefix, const GPtrArray *unknown)
{
  gboolean any = FALSE;

  for (guint i = 0; i < unknown->len; i++)
    {
      const char *id = g_ptr_array_index (unknown, i);
      if (g_str_has_prefix (id, prefix))
        any = delete_device (domain, id) || any;
    }
  return any;
}

/* QEMU lists the hosts' sides for people only: a line each, " \ NAME: index=0,type=tap,…" below its device or "NAME:
 * …" */
static GPtrArray *
list_netdevs (virDomainPtr domain)
{
  g_autoptr (JsonNode) node = ask_monitor (domain, "human-monitor-command", "command-line", "info network");
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return names;

  g_auto (GStrv) lines = g_strsplit (json_node_get_string (node), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *name = lines[i] + strspn (lines[i], " \\");
      const char *colon = strchr (name, ':');
      if (colon != NULL && g_str_has_prefix (name, NETDEV_PREFIX))
        g_ptr_array_add (names, g_strndup (name, (gsize)(colon - name)));
    }
  return names;
}

/* Those whose device is neither libvirt's nor QEMU's any more: a guest that keeps its device keeps its host's side */
static gboolean
delete_netdevs (virDomainPtr domain)
{
  g_autoptr (GPtrArray) netdevs = list_netdevs (domain);
  g_autoptr (GPtrArray) devices = list_devices (domain);
  g_autofree char *live_xml = netdevs->len > 0 && devices != NULL ? virDomainGetXMLDesc (domain, 0) : NULL;
  gboolean any = FALSE;

  for (guint i = 0; live_xml != NULL && i < netdevs->len; i++)
    {
      const char *netdev = g_ptr_array_index (netdevs, i);
      const char *alias = netdev + strlen (NETDEV_PREFIX);
      if (!g_str_has_prefix (alias, HOTPLUG_INTERFACE_ALIAS_PREFIX) || !is_ours (alias) || is_known (live_xml, alias)
          || g_ptr_array_find_with_equal_func (devices, alias, g_str_equal, NULL))
        continue;

      g_autoptr (JsonNode) done = ask_monitor (domain, "netdev_del", "id", netdev);
      any = any || done != NULL;
    }
  return any;
}

/* A file for each queue */
static gboolean
close_tap_files (virDomainPtr domain, const char *alias)
{
  gboolean any = FALSE;

  for (guint i = 0; g_str_has_prefix (alias, HOTPLUG_INTERFACE_ALIAS_PREFIX) && is_ours (alias); i++)
    {
      g_autofree char *name = g_strdup_printf (TAP_FILE_PREFIX "%s%u", alias, i);
      g_autoptr (JsonNode) done = ask_monitor (domain, "closefd", "fdname", name);

      if (done == NULL)
        break;
      any = TRUE;
    }
  return any;
}

/* libvirt's worker answers QEMU's event by taking what has that alias out of its own definition, when it gets to it
 * (9.0.0 src/qemu/qemu_driver.c:3591): a device that is attached anew by then would go too. MEASURED on a busy host. */
static gboolean
clear_devices (virDomainPtr domain)
{
  g_autoptr (GPtrArray) unknown = list_unknown (domain);
  gboolean disks = delete_unknown (domain, HOTPLUG_VOLUME_ALIAS_PREFIX, unknown);
  gboolean interfaces = delete_unknown (domain, HOTPLUG_INTERFACE_ALIAS_PREFIX, unknown);
  gboolean netdevs = delete_netdevs (domain);
  gboolean any = delete_unknown (domain, CONTROLLER_ALIAS_PREFIX, unknown) || disks || interfaces || netdevs;

  if (any)
    g_usleep (EVENT_PATIENCE);
  return any;
}

/* A tap device of that name is there: virNetDevTapCreate() in 9.0.0 src/util/virnetdevtap.c:198, whose words are
 * translated */
static gboolean
has_met_tap (const virError *error)
{
  return error != NULL && error->code == VIR_ERR_OPERATION_INVALID && error->domain == VIR_FROM_NONE;
}

char *
_hotplug_libvirt_find_stumble (void)
{
  /* QEMU's words, which nobody translates: block.c (bdrv_assign_node_name), softmmu/qdev-monitor.c (qdev_set_id),
   * net/net.c (netdev_add), hw/pci/pci.c (do_pci_register_device), hw/scsi/scsi-bus.c (scsi_bus_check_address) */
  static const char *const words[] = { "Duplicate nodes with node-name", "Duplicate device ID", "Duplicate ID '",
                                       ", in use by ", "already used by " };
  const char *message = virGetLastErrorMessage ();

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strstr (message, words[i]) != NULL)
        return g_strdup (message);
    }
  return has_met_tap (virGetLastError ()) ? g_strdup (message) : NULL;
}

gboolean
_hotplug_libvirt_clear_leftovers (virDomainPtr domain, const char *stumble, const char *const *aliases)
{
  const char *quoted = stumble != NULL ? strstr (stumble, "Duplicate nodes with node-name='") : NULL;
  gboolean cleared = clear_devices (domain);

  for (guint i = 0; aliases[i] != NULL; i++)
    cleared = close_tap_files (domain, aliases[i]) || cleared;

  /* without the monitor too: libvirt takes the next number the next time */
  if (quoted == NULL)
    return cleared;

  g_autofree char *family = node_family (strchr (quoted, '\'') + 1);
  if (family != NULL)
    delete_nodes (domain, family, 0);
  return TRUE;
}
