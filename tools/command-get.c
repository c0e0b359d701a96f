/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include "data-volume.h"
#include "interface.h"
#include "network.h"
#include "table.h"

static Table *
make_vmi_table (GPtrArray *statuses)
{
  static const char *const heading[] = { "NAME", "STATE", "MACHINE", "VOLUMES", "INTERFACES" };
  Table *table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugVmiStatus *status = g_ptr_array_index (statuses, i);
      g_autoptr (GPtrArray) volumes = hotplug_vmi_status_list_volumes (status);
      g_autoptr (GPtrArray) interfaces = hotplug_vmi_status_list_interfaces (status);
      g_autofree char *n_volumes = g_strdup_printf ("%u", volumes->len);
      g_autofree char *n_interfaces = g_strdup_printf ("%u", interface_count_own (interfaces));
      const char *const cells[G_N_ELEMENTS (heading)] = {
        hotplug_vmi_status_get_name (status),
        hotplugctl_enum_nick (HOTPLUG_TYPE_VMI_STATE, (int) hotplug_vmi_status_get_state (status)),
        hotplug_vmi_status_get_machine (status),
        n_volumes,
        n_interfaces,
      };
      table_add_row (table, cells);
    }

  return table;
}

static Table *
make_volume_table (GPtrArray *volumes)
{
  static const char *const heading[] = { "NAME", "TARGET", "BUS", "PHASE", "SERIAL", "SIZE", "PERSISTED" };
  Table *table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugVolumeStatus *volume = g_ptr_array_index (volumes, i);
      gboolean hotplugged = hotplug_volume_status_is_hotplugged (volume);
      int phase = (int) hotplug_volume_status_get_phase (volume);
      g_autofree char *size = table_format_size (hotplug_volume_status_get_size (volume));
      const char *const cells[G_N_ELEMENTS (heading)] = {
        hotplug_volume_status_get_name (volume),
        hotplug_volume_status_get_target (volume),
        hotplugctl_enum_nick (HOTPLUG_TYPE_BUS, (int) hotplug_volume_status_get_bus (volume)),
        hotplugged ? hotplugctl_enum_nick (HOTPLUG_TYPE_VOLUME_PHASE, phase) : NULL,
        hotplug_volume_status_get_serial (volume),
        size,
        hotplug_volume_status_is_persisted (volume) ? "yes" : "no",
      };
      table_add_row (table, cells);
    }

  return table;
}

static int
compare_statuses (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (hotplug_vmi_status_get_name (*(HotplugVmiStatus *const *) a),
                    hotplug_vmi_status_get_name (*(HotplugVmiStatus *const *) b));
}

/* A guest agent that hangs is waited for, and libvirt takes five requests of a client at a time. */
#define QUERIES_AT_ONCE 5

typedef struct
{
  HotplugVmi *vmi; /* not owned */
  HotplugVmiStatus *status;
  GError *error;
} Query;

static void
free_query (gpointer data)
{
  Query *query = data;

  g_clear_pointer (&query->status, hotplug_vmi_status_unref);
  g_clear_error (&query->error);
  g_free (query);
}

static void
run_query (gpointer data, gpointer cancellable)
{
  Query *query = data;

  query->status = hotplug_vmi_query_status (query->vmi, cancellable, &query->error);
}

static GPtrArray *
run_queries (Hotplugctl *ctl, GPtrArray *vmis)
{
  GPtrArray *queries = g_ptr_array_new_with_free_func (free_query);
  GThreadPool *pool = g_thread_pool_new (run_query, ctl->cancellable, QUERIES_AT_ONCE, FALSE, NULL);

  for (guint i = 0; i < vmis->len; i++)
    {
      Query *query = g_new0 (Query, 1);
      query->vmi = g_ptr_array_index (vmis, i);
      g_ptr_array_add (queries, query);
      g_thread_pool_push (pool, query, NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  return queries;
}

static GPtrArray *
query_all (Hotplugctl *ctl, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return NULL;

  g_autoptr (GPtrArray) vmis = hotplug_host_list_vmis (host, ctl->cancellable, error);
  if (vmis == NULL)
    return NULL;

  g_autoptr (GPtrArray) queries = run_queries (ctl, vmis);
  g_autoptr (GPtrArray) statuses = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_vmi_status_unref);
  for (guint i = 0; i < queries->len; i++)
    {
      Query *query = g_ptr_array_index (queries, i);

      /* Undefined, or stopped and transient, since it was listed */
      if (g_error_matches (query->error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        continue;
      if (query->status == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&query->error));
          return NULL;
        }
      g_ptr_array_add (statuses, g_steal_pointer (&query->status));
    }

  g_ptr_array_sort (statuses, compare_statuses);
  return g_steal_pointer (&statuses);
}

static gboolean
get_all (Hotplugctl *ctl, GError **error)
{
  g_autoptr (GPtrArray) statuses = query_all (ctl, error);
  if (statuses == NULL)
    return FALSE;

  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_vmi_status_list_to_manifest (statuses, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return TRUE;
    }

  g_autoptr (Table) table = make_vmi_table (statuses);
  table_print (table, ctl->out);
  return TRUE;
}

/* A phase that is not Ready needs its reason, which has no room in a column. */
static void
print_messages (Hotplugctl *ctl, GPtrArray *volumes)
{
  const char *separator = "\n";

  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugVolumeStatus *volume = g_ptr_array_index (volumes, i);
      if (!hotplug_volume_status_is_hotplugged (volume)
          || hotplug_volume_status_get_phase (volume) == HOTPLUG_VOLUME_PHASE_READY)
        continue;

      hotplugctl_print_message (ctl, &separator, hotplug_volume_status_get_name (volume),
                                hotplug_volume_status_get_message (volume));
    }
}

static void
print_volumes (Hotplugctl *ctl, GPtrArray *volumes)
{
  if (volumes->len == 0)
    return;

  g_autoptr (Table) table = make_volume_table (volumes);
  hotplugctl_print (ctl, "\n");
  table_print (table, ctl->out);
  print_messages (ctl, volumes);
}

static gboolean
get_one (Hotplugctl *ctl, const char *name, GError **error)
{
  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, name, error);
  if (vmi == NULL)
    return FALSE;

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, ctl->cancellable, error);
  if (status == NULL)
    return FALSE;

  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_vmi_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return TRUE;
    }

  g_autoptr (GPtrArray) statuses = g_ptr_array_new ();
  g_ptr_array_add (statuses, status);
  g_autoptr (Table) table = make_vmi_table (statuses);
  table_print (table, ctl->out);
  const char *separator = "\n";
  hotplugctl_print_message (ctl, &separator, hotplug_vmi_status_get_name (status),
                            hotplug_vmi_status_get_message (status));

  g_autoptr (GPtrArray) volumes = hotplug_vmi_status_list_volumes (status);
  print_volumes (ctl, volumes);
  g_autoptr (GPtrArray) interfaces = hotplug_vmi_status_list_interfaces (status);
  interface_print_table (ctl, interfaces);
  return TRUE;
}

static gboolean
get_vmi (Hotplugctl *ctl, const char *name, GError **error)
{
  return name != NULL ? get_one (ctl, name, error) : get_all (ctl, error);
}

static const struct
{
  const char *name;
  const char *plural;
  gboolean (*get) (Hotplugctl *ctl, const char *name, GError **error);
} kinds[] = {
  { "vmi", "vmis", get_vmi },
  { "datavolume", "datavolumes", data_volume_get },
  { "dv", "dvs", data_volume_get },
  { "network", "networks", network_get },
  { "nad", "nads", network_get },
  { "net-attach-def", "net-attach-defs", network_get },
  { "network-attachment-definition", "network-attachment-definitions", network_get },
};

gboolean
hotplugctl_get (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) arguments = hotplugctl_parse (ctl, NULL, 1, 2, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (arguments[0], kinds[i].name) == 0 || g_strcmp0 (arguments[0], kinds[i].plural) == 0)
        return kinds[i].get (ctl, arguments[1], error);
    }

  g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
               "get: unknown kind \"%s\", it is vmi, datavolume or network", arguments[0]);
  return FALSE;
}
