/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"
#include "manifest/hotplug-manifest-kubevirt-private.h"
#include "manifest/hotplug-manifest-reader-private.h"
#include "storage/hotplug-configuration-file-private.h"
#include "storage/hotplug-file-private.h"
#include "vmi/hotplug-host-configuration-private.h"

#define FILE_VARIABLE "HOTPLUG_CONFIG"
#define FILE_NAME "hotplug.conf"

/* The host keeps it and doesn't know it: host/ sees no values of ours. */
static G_DEFINE_QUARK (hotplug - host - configuration - quark, configuration);

static char *
choose_file (const char *uri)
{
  const char *named = g_getenv (FILE_VARIABLE);
  g_autofree char *root = uri != NULL && _hotplug_embed_is (uri) ? _hotplug_embed_root (uri) : NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (root != NULL)
    return g_build_filename (root, "etc", FILE_NAME, NULL);
  return g_build_filename (SYSCONFDIR, "hotplug", FILE_NAME, NULL);
}

/* Whose words the gates are if the file leaves them to a KubeVirt object */
static gboolean
take_gates_from (HotplugConfiguration *configuration, GError **error)
{
  const char *from = configuration->gates_from;
  gsize length;

  if (from == NULL)
    return TRUE;

  g_autofree char *text = _hotplug_file_read (from, HOTPLUG_MANIFEST_BYTES_MAX, &length, error);
  if (text == NULL)
    {
      g_prefix_error (error, "%s: gates from ", configuration->file);
      return FALSE;
    }
  if (_hotplug_manifest_read_gates (text, length, &configuration->gates, error))
    return TRUE;

  g_prefix_error (error, "%s: ", from);
  return FALSE;
}

HotplugConfiguration *
_hotplug_host_configuration_load (const char *uri, GError **error)
{
  g_autofree char *file = choose_file (uri);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_read (file, error);

  if (configuration == NULL || !take_gates_from (configuration, error))
    return NULL;
  return g_steal_pointer (&configuration);
}

static void
unref_configuration (gpointer data)
{
  _hotplug_configuration_unref (data);
}

void
_hotplug_host_set_configuration (HotplugHost *self, HotplugConfiguration *configuration)
{
  g_object_set_qdata_full (G_OBJECT (self), configuration_quark (), _hotplug_configuration_ref (configuration),
                           unref_configuration);
}

const HotplugConfiguration *
_hotplug_host_get_configuration (HotplugHost *self)
{
  static gsize once;
  static HotplugConfiguration *defaults;
  const HotplugConfiguration *own = g_object_get_qdata (G_OBJECT (self), configuration_quark ());

  if (own != NULL)
    return own;

  if (g_once_init_enter (&once))
    {
      defaults = _hotplug_configuration_new (NULL);
      g_once_init_leave (&once, 1);
    }
  return defaults;
}

gboolean
_hotplug_host_check_gate (HotplugHost *self, const char *gate, GError **error)
{
  return _hotplug_configuration_check_gate (_hotplug_host_get_configuration (self), gate, error);
}

/**
 * hotplug_host_has_gate:
 * @self: a host
 * @gate: a feature gate of KubeVirt's: `HotplugVolumes` or `HotplugNICs`
 *
 * Whether the host's configuration, hotplug.conf(5), as it was when the host was opened, lets that be done. A gate that
 * is off refuses with %HOTPLUG_ERROR_FEATURE_DISABLED.
 *
 * Returns: %TRUE if the gate is on, %FALSE if it is off or if there is no such gate
 *
 * Since: 0.1
 */
gboolean
hotplug_host_has_gate (HotplugHost *self, const char *gate)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), FALSE);
  g_return_val_if_fail (gate != NULL, FALSE);

  return (_hotplug_host_get_configuration (self)->gates & _hotplug_gate_from_name (gate)) != 0;
}

gboolean
_hotplug_host_check_gates (HotplugHost *self, gboolean volumes, gboolean interfaces, GError **error)
{
  return (!volumes || _hotplug_host_check_gate (self, HOTPLUG_GATE_VOLUMES, error))
         && (!interfaces || _hotplug_host_check_gate (self, HOTPLUG_GATE_NICS, error));
}
