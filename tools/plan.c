/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include "table.h"
#include "text.h"

static void
print_slots (Hotplugctl *ctl, HotplugPlan *plan)
{
  int slots = hotplug_plan_get_slots (plan);

  hotplugctl_print (ctl, "VMI \"%s\" would ", hotplug_plan_get_vmi_name (plan));
  if (slots == 0)
    hotplugctl_print (ctl, "need no PCI slot");
  else
    hotplugctl_print (ctl, "%s %d PCI slot%s", slots > 0 ? "need" : "get back", ABS (slots),
                      ABS (slots) == 1 ? "" : "s");
  hotplugctl_print (ctl, " (dry run: nothing was changed)\n\n");
}

static void
add_item (Table *table, HotplugPlanItem *item)
{
  g_autofree char *slots = g_strdup_printf ("%u", hotplug_plan_item_get_slots (item));
  const char *kept = hotplug_plan_item_is_returning (item) ? "no, back at the next start" : "no";
  const char *template = hotplug_plan_item_is_persisted (item) ? "yes" : kept;
  const char *cells[] = {
    hotplugctl_enum_nick (HOTPLUG_TYPE_PLAN_ACTION, (int)hotplug_plan_item_get_action (item)),
    hotplugctl_enum_nick (HOTPLUG_TYPE_PLAN_KIND, (int)hotplug_plan_item_get_kind (item)),
    hotplug_plan_item_get_name (item),
    hotplug_plan_item_get_target (item),
    hotplug_plan_item_get_address (item),
    slots,
    hotplug_plan_item_is_live (item) ? "yes" : "no",
    hotplug_plan_item_is_moving (item) ? "yes, elsewhere" : template,
  };

  table_add_row (table, cells);
}

static void
print_items (Hotplugctl *ctl, GPtrArray *items)
{
  static const char *const heading[] = { "ACTION", "KIND", "NAME", "TARGET", "ADDRESS", "SLOTS", "LIVE", "TEMPLATE" };
  g_autoptr (Table) table = table_new (G_N_ELEMENTS (heading));

  table_add_row (table, heading);
  for (guint i = 0; i < items->len; i++)
    add_item (table, g_ptr_array_index (items, i));
  table_print (table, ctl->out);
}

static void
print_xml (Hotplugctl *ctl, const char *mark, const char *xml)
{
  g_auto (GStrv) lines = xml != NULL ? g_strsplit (xml, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *line = text_clean (lines[i]);
      hotplugctl_print (ctl, "%s%s\n", mark, line);
    }
}

/* Of what is removed the alias is all that is given, and has no XML. */
static void
print_live (Hotplugctl *ctl, GPtrArray *items)
{
  gboolean any = FALSE;

  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      const char *xml = hotplug_plan_item_is_live (item) ? hotplug_plan_item_get_device_xml (item) : NULL;
      if (xml != NULL && !any)
        hotplugctl_print (ctl, "\nThe running machine would be given:\n");
      any |= xml != NULL;
      print_xml (ctl, "  ", xml);
    }
}

static void
print_template (Hotplugctl *ctl, HotplugPlan *plan)
{
  const char *const *removed = hotplug_plan_get_template_removed (plan);
  const char *const *added = hotplug_plan_get_template_added (plan);
  const char *records_removed = hotplug_plan_get_records_removed (plan);
  const char *records_added = hotplug_plan_get_records_added (plan);

  if (removed[0] != NULL || added[0] != NULL)
    hotplugctl_print (ctl, "\nThe template's devices would change:\n");
  for (guint i = 0; removed[i] != NULL; i++)
    print_xml (ctl, "- ", removed[i]);
  for (guint i = 0; added[i] != NULL; i++)
    print_xml (ctl, "+ ", added[i]);

  if (records_removed != NULL || records_added != NULL)
    hotplugctl_print (ctl, "\nThe template's metadata would change:\n");
  print_xml (ctl, "- ", records_removed);
  print_xml (ctl, "+ ", records_added);
}

gboolean
plan_print (Hotplugctl *ctl, HotplugPlan *plan)
{
  if (plan == NULL)
    return FALSE;
  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_plan_to_manifest (plan, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return TRUE;
    }

  print_slots (ctl, plan);
  print_items (ctl, hotplug_plan_get_items (plan));
  print_live (ctl, hotplug_plan_get_items (plan));
  print_template (ctl, plan);
  const char *separator = "\n";
  hotplugctl_print_message (ctl, &separator, hotplug_plan_get_vmi_name (plan), hotplug_plan_get_message (plan));
  return TRUE;
}

/* Whatever refuses the plan refuses the removal, which then says why. */
char *
plan_tell_returning (Hotplugctl *ctl, HotplugVmi *vmi, const char *const *volumes, const char *const *interfaces,
                     HotplugPlugFlags flags)
{
  g_autoptr (HotplugPlan) plan = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  guint count = 0;

  if (!ctl->manifest && (flags & HOTPLUG_PLUG_PERSIST) == 0)
    plan = hotplug_vmi_plan_remove_devices (vmi, volumes, interfaces, flags, ctl->cancellable, NULL);
  GPtrArray *items = plan != NULL ? hotplug_plan_get_items (plan) : NULL;
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (!hotplug_plan_item_is_returning (item))
        continue;
      g_string_append_printf (names, "%s\"%s\"", count++ > 0 ? ", " : "", hotplug_plan_item_get_name (item));
    }
  if (count == 0)
    return g_strdup ("");
  if (items->len == 1)
    return g_strdup ("; the template keeps it: back at the next start");
  return g_strdup_printf ("; the template keeps %s: back at the next start", names->str);
}
