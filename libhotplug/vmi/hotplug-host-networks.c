/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "manifest/hotplug-manifest-reader-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "storage/hotplug-network-directory-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-host-network-use-private.h"
#include "vmi/hotplug-network-attachment-file-private.h"

/* The network attachments of a host: functions of HotplugHost that live here, since host/ knows none. */

#define DIRECTORY "networks.d"

/* The attachments that were found, those of the host's own directory first, and why others were not */
typedef struct
{
  GPtrArray *attachments;
  guint n_own;
  GError *unreadable; /* nullable: the first file of the own directory that says nothing */
} Found;

static void
clear_found (Found *self)
{
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  g_clear_error (&self->unreadable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, clear_found)

/* That of its configuration, else networks.d beside it; NULL for a host without one */
static char *
own_directory (HotplugHost *self)
{
  const HotplugConfiguration *configuration = _hotplug_host_get_configuration (self);

  if (configuration->networks != NULL)
    return g_strdup (configuration->networks);
  if (configuration->file == NULL)
    return NULL;

  g_autofree char *beside = g_path_get_dirname (configuration->file);
  return g_build_filename (beside, DIRECTORY, NULL);
}

static gboolean
is_known (const Found *found, HotplugNetworkAttachment *attachment)
{
  for (guint i = 0; i < found->attachments->len; i++)
    {
      if (_hotplug_network_attachment_is (g_ptr_array_index (found->attachments, i),
                                          hotplug_network_attachment_get_namespace (attachment),
                                          hotplug_network_attachment_get_name (attachment)))
        return TRUE;
    }
  return FALSE;
}

/* Of two that are called the same the first counts. */
static void
take_file (Found *found, HotplugNetworkFile *file, GError **unreadable)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = NULL;

  if (file->text != NULL)
    attachment = _hotplug_network_attachment_parse (file->path, file->text, file->length, &why);
  else
    why = g_steal_pointer (&file->error);

  if (attachment == NULL)
    g_debug ("%s", why->message);
  else if (is_known (found, attachment))
    g_debug ("%s: there is a network attachment of that name already", file->path);
  else
    g_ptr_array_add (found->attachments, g_steal_pointer (&attachment));
  if (why != NULL && unreadable != NULL && *unreadable == NULL)
    *unreadable = g_steal_pointer (&why);
}

static void
take_files (Found *found, HotplugNetworkDirectory *directory, const char *const *endings, GError **unreadable)
{
  g_autoptr (GPtrArray) files = _hotplug_network_directory_read (directory, endings, HOTPLUG_MANIFEST_BYTES_MAX);

  for (guint i = 0; i < files->len; i++)
    take_file (found, g_ptr_array_index (files, i), unreadable);
}

/* One that is not there is empty. */
static gboolean
open_to_read (const char *path, HotplugNetworkDirectory **directory, GError **error)
{
  g_autoptr (GError) refused = NULL;

  *directory = path != NULL ? _hotplug_network_directory_open (path, HOTPLUG_NETWORK_DIRECTORY_READ, &refused) : NULL;
  if (refused == NULL || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* CNI's directory is others' too: what is nothing to us there is left out.
 * @own: (nullable): the host's directory if it is open */
static gboolean
find_all (HotplugHost *self, HotplugNetworkDirectory *own, Found *found, GError **error)
{
  static const char *const own_endings[] = { HOTPLUG_NETWORK_YAML, HOTPLUG_NETWORK_CONF, HOTPLUG_NETWORK_CONFLIST,
                                             NULL };
  const char *cni_path = _hotplug_host_get_configuration (self)->cni_networks;
  g_autofree char *own_path = own_directory (self);
  g_autoptr (HotplugNetworkDirectory) opened = NULL;
  g_autoptr (HotplugNetworkDirectory) cni = NULL;

  found->attachments = g_ptr_array_new_with_free_func (g_object_unref);
  if ((own == NULL && !open_to_read (own_path, &opened, error)) || !open_to_read (cni_path, &cni, error))
    return FALSE;

  if (own != NULL || opened != NULL)
    take_files (found, own != NULL ? own : opened, own_endings, &found->unreadable);
  found->n_own = found->attachments->len;
  if (cni != NULL)
    take_files (found, cni, own_endings + 1, NULL);
  return TRUE;
}

static void
set_not_found (HotplugHost *self, const Found *found, const char *name, GError **error)
{
  g_autofree char *directory = own_directory (self);

  if (found->unreadable != NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND,
                 "network attachment \"%s\": host %s has none of that name, or can't read it: %s", name,
                 hotplug_host_get_uri (self), found->unreadable->message);
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND,
                 "network attachment \"%s\": host %s has none of that name; they are in %s", name,
                 hotplug_host_get_uri (self), directory != NULL ? directory : "no directory");
}

/* A name without a namespace is one of the default namespace, or the only one of that name that there is. The index;
 * -1 */
static int
find (HotplugHost *self, const Found *found, const char *text, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *space = NULL;
  int other = -1;
  guint n_others = 0;

  if (!_hotplug_network_name_split (text, &space, &name, error))
    return -1;
  for (guint i = 0; i < found->attachments->len; i++)
    {
      HotplugNetworkAttachment *attachment = g_ptr_array_index (found->attachments, i);
      if (_hotplug_network_attachment_is (attachment, space, name))
        return (int)i;
      if (space == NULL && strcmp (hotplug_network_attachment_get_name (attachment), name) == 0)
        {
          other = (int)i;
          n_others++;
        }
    }

  if (n_others == 0)
    set_not_found (self, found, text, error);
  else if (n_others > 1)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                 "network attachment \"%s\": there are %u of that name; say which, as NAMESPACE/%s", name, n_others,
                 name);
  return n_others == 1 ? other : -1;
}

static GPtrArray *
list_attachments (HotplugHost *self, GError **error)
{
  g_auto (Found) found = { NULL };

  if (!find_all (self, NULL, &found, error))
    return NULL;
  if (found.unreadable != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&found.unreadable));
      return NULL;
    }
  g_ptr_array_sort (found.attachments, _hotplug_network_attachment_compare);
  return g_steal_pointer (&found.attachments);
}

static HotplugNetworkAttachment *
get_attachment (HotplugHost *self, const char *name, GError **error)
{
  g_auto (Found) found = { NULL };
  int at = find_all (self, NULL, &found, error) ? find (self, &found, name, error) : -1;

  return at >= 0 ? g_object_ref (g_ptr_array_index (found.attachments, (guint)at)) : NULL;
}

static HotplugNetworkDirectory *
open_own (HotplugHost *self, HotplugNetworkDirectoryUse use, GError **error)
{
  g_autofree char *path = own_directory (self);

  if (path != NULL)
    return _hotplug_network_directory_open (path, use, error);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "host %s has no directory for network attachments",
               hotplug_host_get_uri (self));
  return NULL;
}

/* NAME.yaml, or NAMESPACE_NAME.yaml, since a name has no underscore */
static char *
name_file (HotplugNetworkAttachment *attachment)
{
  g_autofree char *title = _hotplug_network_attachment_dup_title (attachment);

  return g_strconcat (g_strdelimit (title, "/", '_'), HOTPLUG_NETWORK_YAML, NULL);
}

static HotplugNetworkAttachment *
create_attachment (HotplugHost *self, HotplugNetworkAttachment *attachment, GError **error)
{
  g_autoptr (HotplugNetworkDirectory) directory = open_own (self, HOTPLUG_NETWORK_DIRECTORY_ADD, error);
  g_autofree char *entry = name_file (attachment);
  g_autofree char *text = hotplug_network_attachment_to_manifest (attachment, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_autofree char *title = _hotplug_network_attachment_dup_title (attachment);
  g_auto (Found) found = { NULL };

  if (directory == NULL || !find_all (self, directory, &found, error))
    return NULL;
  if (is_known (&found, attachment))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS,
                   "network attachment \"%s\": host %s has one of that name", title, hotplug_host_get_uri (self));
      return NULL;
    }
  if (!_hotplug_network_directory_add (directory, entry, text, error))
    {
      g_prefix_error (error, "network attachment \"%s\": ", title);
      return NULL;
    }

  g_autofree char *own = own_directory (self);
  g_autofree char *path = g_build_filename (own, entry, NULL);
  return _hotplug_network_attachment_with_path (attachment, path);
}

/* One of those that were found, as an interface may name it */
typedef struct
{
  HotplugHost *host;
  const Found *found;
  int at;
} Wanted;

static gboolean
is_wanted (const char *network, gpointer user_data)
{
  const Wanted *wanted = user_data;

  return find (wanted->host, wanted->found, network, NULL) == wanted->at;
}

static gboolean
delete_attachment (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) closed = NULL;
  g_autoptr (HotplugNetworkDirectory) directory = open_own (self, HOTPLUG_NETWORK_DIRECTORY_REMOVE, &closed);
  g_auto (Found) found = { NULL };

  if (directory == NULL && !g_error_matches (closed, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&closed));
      return FALSE;
    }

  int at = find_all (self, directory, &found, error) ? find (self, &found, name, error) : -1;
  if (at < 0)
    return FALSE;

  HotplugNetworkAttachment *attachment = g_ptr_array_index (found.attachments, (guint)at);
  const char *path = hotplug_network_attachment_get_path (attachment);
  Wanted wanted = { self, &found, at };
  if (directory != NULL && (guint)at < found.n_own)
    return _hotplug_host_check_network_unused (self, attachment, is_wanted, &wanted, cancellable, error)
           && _hotplug_network_directory_remove (directory, path, error);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION,
               "network attachment \"%s\" is in %s, which is CNI's own and only read here", name, path);
  return FALSE;
}

/**
 * hotplug_host_create_network_attachment:
 * @self: a host
 * @attachment: what is asked for
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Keeps a network attachment in the host's configuration directory, `networks.d` beside hotplug.conf(5), as a manifest:
 * all of it, or nothing. Whether the bridge is there is asked when an interface is plugged into it.
 *
 * Returns: (transfer full): the attachment as the host has it, or %NULL with %HOTPLUG_ERROR_EXISTS,
 *   %HOTPLUG_ERROR_PERMISSION, %HOTPLUG_ERROR_NOT_FOUND (the host has no such directory) or %HOTPLUG_ERROR_FAILED
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_host_create_network_attachment (HotplugHost *self, HotplugNetworkAttachment *attachment,
                                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (attachment), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) ? create_attachment (self, attachment, error)
                                                                    : NULL;
}

static gpointer
create_network_attachment_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return hotplug_host_create_network_attachment (source, data, cancellable, error);
}

/**
 * hotplug_host_create_network_attachment_async:
 * @self: a host
 * @attachment: what is asked for
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_create_network_attachment().
 *
 * Since: 0.1
 */
void
hotplug_host_create_network_attachment_async (HotplugHost *self, HotplugNetworkAttachment *attachment,
                                              GCancellable *cancellable, GAsyncReadyCallback callback,
                                              gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (attachment));

  _hotplug_task_run (self, hotplug_host_create_network_attachment_async, create_network_attachment_in_thread,
                     g_object_ref (attachment), g_object_unref, g_object_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_create_network_attachment_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_create_network_attachment()
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_host_create_network_attachment_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_create_network_attachment_async, error);
}

/**
 * hotplug_host_get_network_attachment:
 * @self: a host
 * @name: its name; may be `namespace/name`
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks a network attachment up: first in the host's own directory, then in that of CNI, if hotplug.conf(5) names one.
 * A name without a namespace is one of the default namespace, or else the only one of that name.
 *
 * Returns: (transfer full): the attachment, or %NULL with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_INVALID_NAME,
 *   %HOTPLUG_ERROR_INVALID_ARGUMENT (several namespaces have one) or %HOTPLUG_ERROR_PERMISSION
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_host_get_network_attachment (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) ? get_attachment (self, name, error) : NULL;
}

static gpointer
get_network_attachment_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return hotplug_host_get_network_attachment (source, data, cancellable, error);
}

/**
 * hotplug_host_get_network_attachment_async:
 * @self: a host
 * @name: its name; may be `namespace/name`
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_get_network_attachment().
 *
 * Since: 0.1
 */
void
hotplug_host_get_network_attachment_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (name != NULL);

  _hotplug_task_run (self, hotplug_host_get_network_attachment_async, get_network_attachment_in_thread, g_strdup (name),
                     g_free, g_object_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_get_network_attachment_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_get_network_attachment()
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_host_get_network_attachment_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_get_network_attachment_async, error);
}

/**
 * hotplug_host_list_network_attachments:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Lists the network attachments of a host: those of its own directory, of which a file that can't be read is an error,
 * and those of CNI's directory, if hotplug.conf(5) names one, where what is nothing to libhotplug is left out.
 *
 * Returns: (transfer container) (element-type HotplugNetworkAttachment): the attachments, sorted by name, or %NULL with
 *   %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED or %HOTPLUG_ERROR_PERMISSION
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_network_attachments (HotplugHost *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) ? list_attachments (self, error) : NULL;
}

static gpointer
list_network_attachments_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return hotplug_host_list_network_attachments (source, cancellable, error);
}

/**
 * hotplug_host_list_network_attachments_async:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_list_network_attachments().
 *
 * Since: 0.1
 */
void
hotplug_host_list_network_attachments_async (HotplugHost *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));

  _hotplug_task_run (self, hotplug_host_list_network_attachments_async, list_network_attachments_in_thread, NULL, NULL,
                     (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_list_network_attachments_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugNetworkAttachment): as hotplug_host_list_network_attachments()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_network_attachments_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_list_network_attachments_async, error);
}

/**
 * hotplug_host_delete_network_attachment:
 * @self: a host
 * @name: its name; may be `namespace/name`
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Deletes a network attachment of the host's own directory. One that an interface has, of whichever machine of the
 * host, running, in its template, or recorded for its next start, is not deleted.
 *
 * Returns: %FALSE with %HOTPLUG_ERROR_NETWORK_IN_USE (which names the interfaces), %HOTPLUG_ERROR_NOT_FOUND,
 *   %HOTPLUG_ERROR_INVALID_NAME, %HOTPLUG_ERROR_INVALID_ARGUMENT (several namespaces have one) or
 *   %HOTPLUG_ERROR_PERMISSION (also of one that is in CNI's directory)
 *
 * Since: 0.1
 */
gboolean
hotplug_host_delete_network_attachment (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) ? delete_attachment (self, name, cancellable, error)
                                                                    : FALSE;
}

static gpointer
delete_network_attachment_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (hotplug_host_delete_network_attachment (source, data, cancellable, error));
}

/**
 * hotplug_host_delete_network_attachment_async:
 * @self: a host
 * @name: its name; may be `namespace/name`
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_delete_network_attachment().
 *
 * Since: 0.1
 */
void
hotplug_host_delete_network_attachment_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (name != NULL);

  _hotplug_task_run (self, hotplug_host_delete_network_attachment_async, delete_network_attachment_in_thread,
                     g_strdup (name), g_free, NULL, cancellable, callback, user_data);
}

/**
 * hotplug_host_delete_network_attachment_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_host_delete_network_attachment()
 *
 * Since: 0.1
 */
gboolean
hotplug_host_delete_network_attachment_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return GPOINTER_TO_INT (_hotplug_task_finish (self, result, hotplug_host_delete_network_attachment_async, error));
}
