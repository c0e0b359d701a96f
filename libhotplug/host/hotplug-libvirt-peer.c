/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"
#include "host/hotplug-peer-private.h"

/* What libvirt appends to a link's name for its node device: _52_54_00_12_34_56 */
#define MAC_SUFFIX 18

typedef virStoragePool Pool;
typedef virStorageVol Volume;
typedef virInterface Interface;
typedef virNetwork Network;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pool, virStoragePoolFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Volume, virStorageVolFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Interface, virInterfaceFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Network, virNetworkFree)

static virConnectPtr
acquire (HotplugConnection *connection, GError **error)
{
  return _hotplug_libvirt_acquire ((HotplugLibvirt *)connection, error);
}

static char *
pool_xml (const char *name, const char *path)
{
  return g_markup_printf_escaped ("<pool type='dir'><name>%s</name><target><path>%s</path></target></pool>", name,
                                  path);
}

static gboolean
is_last_error (int code)
{
  return virGetLastErrorCode () == code;
}

/* An errno of libvirt's is in int1: virReportSystemErrorFull (), src/util/virerror.c:1380 */
static gboolean
was_absent (void)
{
  const virError *last = virGetLastError ();

  return last != NULL && last->code == VIR_ERR_SYSTEM_ERROR && (last->int1 == ENOENT || last->int1 == ENOTDIR);
}

/* What could not be looked at is no error, unless the connection broke. */
static gboolean
shrug (virConnectPtr connection, const char *what, GError **error)
{
  g_autoptr (GError) cause = NULL;

  _hotplug_libvirt_set_error (connection, what, &cause);
  if (g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  g_debug ("it can't be looked at: %s", cause->message);
  return TRUE;
}

static char *
dup_hostname (HotplugConnection *connection)
{
  return _hotplug_libvirt_dup_hostname ((HotplugLibvirt *)connection);
}

/* A pool that is defined, and never started: its definition outlives a client that is killed, and says which directory
 * was made. */
static gboolean
leave_mark (HotplugConnection *connection, const char *name, const char *path, GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  g_autofree char *xml = pool_xml (name, path);
  g_autoptr (Pool) pool = open != NULL ? virStoragePoolDefineXML (open, xml, 0) : NULL;

  if (open == NULL)
    return FALSE;
  if (pool == NULL)
    return _hotplug_libvirt_set_error (open, path, error);
  if (virStoragePoolBuild (pool, VIR_STORAGE_POOL_BUILD_NEW) == 0)
    return TRUE;

  _hotplug_libvirt_set_error (open, path, error);
  virStoragePoolUndefine (pool);
  return FALSE;
}

/* A pool of a directory that is not there does not start: virStorageBackendRefreshLocal (),
 * src/storage/storage_util.c:3556. One that was made here is gone from the host when it stops. */
static gboolean
find_mark (HotplugConnection *connection, const char *name, const char *path, HotplugSight *sight, GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  g_autofree char *xml = pool_xml (name, path);
  g_autoptr (Pool) pool = open != NULL ? virStoragePoolCreateXML (open, xml, 0) : NULL;

  if (open == NULL)
    return FALSE;
  if (pool == NULL && !was_absent ())
    return shrug (open, path, error);

  *sight = pool != NULL ? HOTPLUG_SIGHT_SEEN : HOTPLUG_SIGHT_MISSING;
  return pool == NULL || virStoragePoolDestroy (pool) == 0 || shrug (open, path, error);
}

/* What was defined has made its directory, what was not is gone when it stops. Where the directory can't be removed
 * now the definition stays, so that it can be later. */
static gboolean
clear (virConnectPtr connection, virStoragePoolPtr pool, GError **error)
{
  const char *name = virStoragePoolGetName (pool);

  if (virStoragePoolIsActive (pool) == 1 && virStoragePoolDestroy (pool) != 0)
    return shrug (connection, name, error);
  if (virStoragePoolIsPersistent (pool) != 1)
    return TRUE;
  if (virStoragePoolDelete (pool, VIR_STORAGE_POOL_DELETE_NORMAL) != 0 && !was_absent ())
    return shrug (connection, name, error);
  return virStoragePoolUndefine (pool) == 0 || shrug (connection, name, error);
}

static gboolean
clear_marks (HotplugConnection *connection, const char *prefix, GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  virStoragePoolPtr *pools = NULL;
  gboolean cleared = TRUE;

  if (open == NULL)
    return FALSE;

  int count = virConnectListAllStoragePools (open, &pools, 0);
  if (count < 0)
    return shrug (open, "storage pools", error);
  for (int i = 0; i < count; i++)
    {
      if (cleared && g_str_has_prefix (virStoragePoolGetName (pools[i]), prefix))
        cleared = clear (open, pools[i], error);
      virStoragePoolFree (pools[i]);
    }
  free (pools);
  return cleared;
}

static gboolean
look_into (virConnectPtr connection, virStoragePoolPtr pool, const char *file, HotplugSight *sight, guint64 *capacity,
           GError **error)
{
  g_autoptr (Volume) volume = virStorageVolLookupByName (pool, file);
  virStorageVolInfo info;

  if (volume == NULL && is_last_error (VIR_ERR_NO_STORAGE_VOL))
    return *sight = HOTPLUG_SIGHT_MISSING, TRUE;
  if (volume == NULL || virStorageVolGetInfo (volume, &info) != 0)
    return shrug (connection, file, error);

  *sight = HOTPLUG_SIGHT_SEEN;
  *capacity = info.capacity;
  return TRUE;
}

/* libvirt has no second pool of the path of another one, be that active or not (virStoragePoolObjSourceFindDuplicateCb
 * (), src/conf/virstorageobj.c:1376): a path that ends with a dot is another to it. */
static gboolean
find_file (HotplugConnection *connection, const char *name, const char *path, HotplugSight *sight, guint64 *capacity,
           GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *dotted = g_build_filename (directory, ".", NULL);
  g_autofree char *file = g_path_get_basename (path);
  g_autofree char *xml = pool_xml (name, dotted);
  g_autoptr (Pool) pool = open != NULL ? virStoragePoolCreateXML (open, xml, 0) : NULL;

  if (open == NULL)
    return FALSE;
  if (pool == NULL && was_absent ())
    return *sight = HOTPLUG_SIGHT_MISSING, TRUE;
  if (pool == NULL)
    return shrug (open, path, error);

  gboolean looked = look_into (open, pool, file, sight, capacity, error);
  return (virStoragePoolDestroy (pool) == 0 || shrug (open, path, looked ? error : NULL)) && looked;
}

/* As udev has seen it: net_NAME_MAC, with an underscore for whatever is no letter and no digit (9.0.0
 * src/node_device/node_device_driver.c:1597) */
static gboolean
is_node_device_of (virNodeDevicePtr device, const char *prefix)
{
  const char *name = virNodeDeviceGetName (device);

  return g_str_has_prefix (name, prefix) && strlen (name) == strlen (prefix) + MAC_SUFFIX;
}

static gboolean
has_node_device (virConnectPtr connection, const char *link)
{
  g_autofree char *prefix = g_strcanon (g_strconcat ("net_", link, NULL), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
  virNodeDevicePtr *devices = NULL;
  int count = virConnectListAllNodeDevices (connection, &devices, VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET);
  gboolean found = FALSE;

  for (int i = 0; i < count; i++)
    {
      found = found || is_node_device_of (devices[i], prefix);
      virNodeDeviceFree (devices[i]);
    }
  free (devices);
  return found;
}

/* Where libvirt asks udev for interfaces it knows all links. Where it asks netcf it knows those that the host's files
 * configure, and one that it does not know may be a node device. */
static gboolean
find_link (HotplugConnection *connection, const char *name, HotplugSight *sight, GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  g_autoptr (Interface) interface = open != NULL ? virInterfaceLookupByName (open, name) : NULL;

  if (open == NULL)
    return FALSE;

  gboolean absent = interface == NULL && is_last_error (VIR_ERR_NO_INTERFACE);
  if (interface == NULL && !absent && !shrug (open, name, error))
    return FALSE;
  if (interface != NULL || has_node_device (open, name))
    *sight = HOTPLUG_SIGHT_SEEN;
  else if (absent)
    *sight = HOTPLUG_SIGHT_MISSING;
  return virConnectIsAlive (open) == 1 || shrug (open, name, error);
}

static gboolean
find_network (HotplugConnection *connection, const char *name, HotplugSight *sight, GError **error)
{
  g_autoptr (virConnect) open = acquire (connection, error);
  g_autoptr (Network) network = open != NULL ? virNetworkLookupByName (open, name) : NULL;

  if (open == NULL)
    return FALSE;
  if (network == NULL && is_last_error (VIR_ERR_NO_NETWORK))
    return *sight = HOTPLUG_SIGHT_MISSING, TRUE;
  if (network == NULL)
    return shrug (open, name, error);

  int active = virNetworkIsActive (network);
  if (active < 0)
    return shrug (open, name, error);
  *sight = active == 1 ? HOTPLUG_SIGHT_SEEN : HOTPLUG_SIGHT_ASLEEP;
  return TRUE;
}

void
_hotplug_libvirt_peer_init (HotplugConnectionClass *class)
{
  static const HotplugPeerCalls calls = {
    .dup_hostname = dup_hostname,
    .leave_mark = leave_mark,
    .find_mark = find_mark,
    .clear_marks = clear_marks,
    .find_file = find_file,
    .find_link = find_link,
    .find_network = find_network,
  };

  class->peers = &calls;
}
