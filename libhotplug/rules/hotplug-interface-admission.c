/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "rules/hotplug-boot-order-private.h"
#include "rules/hotplug-interface-admission-private.h"

const char *
_hotplug_nic_name (const HotplugNic *nic)
{
  const char *ours = _hotplug_interface_name_from_alias (nic->alias);

  if (ours != NULL)
    return ours;
  if (nic->alias != NULL && g_str_has_prefix (nic->alias, HOTPLUG_USER_ALIAS_PREFIX))
    return nic->alias + strlen (HOTPLUG_USER_ALIAS_PREFIX);
  return nic->mac;
}

/* KubeVirt's is the one of the pod's network; of a libvirt machine it is the one that it was defined with, and those
 * that were plugged in come behind. */
const HotplugNic *
_hotplug_domain_find_primary_nic (const HotplugDomain *domain)
{
  for (guint i = 0; domain != NULL && i < domain->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (domain->nics, i);
      if (_hotplug_interface_name_from_alias (nic->alias) == NULL)
        return nic;
    }
  return NULL;
}

const HotplugNic *
_hotplug_domain_find_nic_named (const HotplugDomain *domain, const char *name)
{
  for (guint i = 0; domain != NULL && i < domain->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (domain->nics, i);
      if (g_strcmp0 (_hotplug_nic_name (nic), name) == 0)
        return nic;
    }
  return NULL;
}

static gboolean
check_name (const HotplugSides *sides, HotplugInterface *interface, GError **error)
{
  const char *name = hotplug_interface_get_name (interface);
  g_autofree char *alias = _hotplug_interface_alias (name);
  gboolean named = _hotplug_domain_find_nic_named (sides->live, name) != NULL
                   || _hotplug_domain_find_nic_named (sides->template, name) != NULL;

  return _hotplug_sides_check_name (sides, "interface", name, alias, named, error);
}

static const HotplugNic *
find_mac (const HotplugDomain *domain, const char *mac)
{
  const HotplugNic *nic = _hotplug_domain_find_nic_by_mac (domain, mac);

  for (guint i = 0; nic == NULL && domain != NULL && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->nic != NULL && g_strcmp0 (record->nic->mac, mac) == 0)
        nic = record->nic;
    }
  return nic;
}

/* KubeVirt leaves it to kubemacpool. Two of one machine libvirt could not tell apart when one is to go
 * (9.0.0 src/conf/domain_conf.c:14318), and two of one network can't both be reached. */
static gboolean
check_mac (const HotplugSides *sides, HotplugInterface *interface, GHashTable *others, GError **error)
{
  const char *mac = hotplug_interface_get_mac (interface);
  const char *name = hotplug_interface_get_name (interface);
  gpointer vmi = NULL;

  if (mac == NULL)
    return TRUE;

  const HotplugNic *live = find_mac (sides->live, mac);
  const HotplugNic *nic = live != NULL ? live : find_mac (sides->template, mac);
  if (nic != NULL)
    {
      g_set_error (
          error, HOTPLUG_ERROR, HOTPLUG_ERROR_MAC_IN_USE,
          "vmi \"%s\": interface \"%s\": interface \"%s\" has MAC address %s already; give it another one, or none",
          _hotplug_sides_vmi (sides), name, _hotplug_nic_name (nic), mac);
      return FALSE;
    }
  if (others == NULL || !g_hash_table_lookup_extended (others, mac, NULL, &vmi))
    return TRUE;

  g_set_error (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_MAC_IN_USE,
      "vmi \"%s\": interface \"%s\": an interface of vmi \"%s\" has MAC address %s already; give it another one, or "
      "none",
      _hotplug_sides_vmi (sides), name, (const char *)vmi, mac);
  return FALSE;
}

static gboolean
check_state (const HotplugSides *sides, HotplugInterface *interface, GError **error)
{
  HotplugInterfaceState state = hotplug_interface_get_state (interface);

  if (state == HOTPLUG_INTERFACE_STATE_UP || state == HOTPLUG_INTERFACE_STATE_DOWN)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "vmi \"%s\": interface \"%s\" is to be %s, so it can't be added", _hotplug_sides_vmi (sides),
               hotplug_interface_get_name (interface),
               _hotplug_enum_to_nick (HOTPLUG_TYPE_INTERFACE_STATE, (int)state));
  return FALSE;
}

gboolean
_hotplug_interface_admission_add (const HotplugSides *sides, HotplugInterface *interface, GHashTable *others,
                                  GError **error)
{
  return check_state (sides, interface, error) && check_name (sides, interface, error)
         && check_mac (sides, interface, others, error)
         && _hotplug_boot_order_check (sides, "interface", hotplug_interface_get_name (interface),
                                       hotplug_interface_get_boot_order (interface), error);
}

gboolean
_hotplug_interface_admission_change (const HotplugSides *sides, const char *name, HotplugInterfaceVerb verb,
                                     GError **error)
{
  static const char *const verbs[] = { "removed", "set up or down", "moved" };
  g_autofree char *alias = _hotplug_interface_alias (name);
  const HotplugRecord *record = _hotplug_sides_find_record (sides, alias);

  if (record != NULL && record->state == HOTPLUG_RECORD_REMOVING && verb != HOTPLUG_INTERFACE_REMOVE)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
                   "vmi \"%s\": interface \"%s\" is being removed, so it can't be %s", _hotplug_sides_vmi (sides), name,
                   verbs[verb]);
      return FALSE;
    }
  if (record != NULL || _hotplug_domain_find_nic (sides->live, alias) != NULL
      || _hotplug_domain_find_nic (sides->template, alias) != NULL)
    return TRUE;

  const HotplugNic *live = _hotplug_domain_find_nic_named (sides->live, name);
  const HotplugNic *nic = live != NULL ? live : _hotplug_domain_find_nic_named (sides->template, name);
  if (nic == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": there is no interface \"%s\"",
                   _hotplug_sides_vmi (sides), name);
      return FALSE;
    }

  /* KubeVirt sets the link of any (pkg/network/launcher/nichotplug.go). */
  if (verb == HOTPLUG_INTERFACE_SET_LINK)
    return TRUE;

  gboolean primary = nic == _hotplug_domain_find_primary_nic (live != NULL ? sides->live : sides->template);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
               "vmi \"%s\": interface \"%s\" %s, so it can't be %s", _hotplug_sides_vmi (sides), name,
               primary ? "is the primary one, which was not hotplugged" : "was not hotplugged", verbs[verb]);
  return FALSE;
}
