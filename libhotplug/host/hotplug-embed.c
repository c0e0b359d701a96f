/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"

/* What libvirt appends to the root for its longest socket of any machine: the id has up to five digits, the name is cut
 * at 20 characters (virDomainDefGetShortName, src/conf/domain_conf.c). */
#define LONGEST_SOCKET "/lib/qemu/domain-12345-12345678901234567890/monitor.sock"

#define ROOT_MAX (sizeof (((struct sockaddr_un *) NULL)->sun_path) - sizeof LONGEST_SOCKET)

/* virtlogd, which libvirt's default wants, is a daemon: an embedded driver has none. And the owner of an image, which
 * is its user's, is not to be remembered in attributes that outlive the machine. */
#define QEMU_CONF "stdio_handler = \"file\"\nremember_owner = 0\n"

static GMutex lock;
static char *root_of_process;

gboolean
_hotplug_embed_is (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

  return parsed != NULL && g_strcmp0 (g_uri_get_path (parsed), "/embed") == 0;
}

/* Each part is decoded once: what is in it may look like something to decode. */
char *
_hotplug_embed_root (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED_QUERY, NULL);
  const char *query = parsed != NULL ? g_uri_get_query (parsed) : NULL;
  g_autoptr (GHashTable) params = query != NULL ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  const char *root = params != NULL ? g_hash_table_lookup (params, "root") : NULL;

  if (root == NULL || !g_path_is_absolute (root))
    return NULL;

  char *trimmed = g_strdup (root);
  for (gsize length = strlen (trimmed); length > 1 && trimmed[length - 1] == '/'; length--)
    trimmed[length - 1] = '\0';
  return trimmed;
}

static gboolean
is_empty (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) == NULL;
}

static gboolean
set_errno (GError **error, const char *path, int code)
{
  g_set_error (error, HOTPLUG_ERROR,
               code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_CONNECTION,
               "embed root %s: %s", path, g_strerror (code));
  return FALSE;
}

/* Whoever can write there can have libvirt run anything as us. The mode of an empty directory is made right; one that
 * somebody has filled may be more than a root, and is left as it is. */
static gboolean
make_root (const char *root, GError **error)
{
  struct stat st;

  if (g_mkdir_with_parents (root, 0700) != 0 || stat (root, &st) != 0)
    return set_errno (error, root, errno);
  if (st.st_uid != geteuid ())
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION,
                   "embed root %s belongs to user %u, and this is user %u", root, (guint)st.st_uid, (guint)geteuid ());
      return FALSE;
    }
  if ((st.st_mode & 0077) != 0 && is_empty (root))
    return chmod (root, 0700) == 0 || set_errno (error, root, errno);
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION, "embed root %s can be written to by others (chmod go-w)",
               root);
  return FALSE;
}

/* It is there whole or not at all, whoever is killed meanwhile. An empty one is what an earlier version has left of a
 * process that was killed; with it no machine starts. */
static gboolean
write_configuration (const char *root, GError **error)
{
  g_autofree char *etc = g_build_filename (root, "etc", NULL);
  g_autofree char *conf = g_build_filename (etc, "qemu.conf", NULL);
  g_autoptr (GError) failed = NULL;
  struct stat st;

  if (g_mkdir_with_parents (etc, 0700) != 0)
    return set_errno (error, etc, errno);
  if (stat (conf, &st) == 0 && st.st_size > 0)
    return TRUE;
  if (g_file_set_contents_full (conf, QEMU_CONF, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &failed))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION, "embed root %s: %s", root, failed->message);
  return FALSE;
}

/* Ours, and held as long as the process lives: of two that open a root at the same moment one is told before libvirt is
 * asked. libvirt's own lock is looked at too, since others than us may hold the root. */
static gboolean
take_root (const char *root, GError **error)
{
  g_autofree char *path = g_build_filename (root, "libhotplug.lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return set_errno (error, path, errno);
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;

  g_close (fd, NULL);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
               "embed root %s is held by another process; an embedded hypervisor has one process at a time", root);
  return FALSE;
}

/* Asked before libvirt is, since libvirt's driver can't be initialised twice in a process (src/libvirt.c:647): a try
 * that fails would fail for good. The lock is the one on libvirt's pid file (src/util/virpidfile.c). */
static gboolean
check_not_held (const char *root, GError **error)
{
  g_autofree char *path = g_build_filename (root, "run", "qemu", "driver.pid", NULL);
  struct flock held = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
  int fd = open (path, O_RDWR | O_CLOEXEC);

  if (fd < 0)
    return TRUE;

  gboolean known = fcntl (fd, F_GETLK, &held) == 0;
  g_close (fd, NULL);
  if (!known || held.l_type == F_UNLCK)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
               "embed root %s is held by process %d; an embedded hypervisor has one process at a time", root,
               (int) held.l_pid);
  return FALSE;
}

static gboolean
check_root (GUri *uri, const char *root, GError **error)
{
  g_autofree char *said = g_uri_to_string (uri);

  if (g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0')
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "%s: an embedded hypervisor is of this process, and of no host", said);
      return FALSE;
    }

  if (root == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "%s: an embed URI names its root, such as qemu:///embed?root=/var/lib/vms", said);
      return FALSE;
    }

  if (strlen (root) > ROOT_MAX)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "embed root %s: %" G_GSIZE_FORMAT " characters, at most %" G_GSIZE_FORMAT
                   " leave room for its sockets",
                   root, strlen (root), (gsize)ROOT_MAX);
      return FALSE;
    }

  if (root_of_process != NULL && strcmp (root_of_process, root) != 0)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
                   "embed root %s: this process has %s, and libvirt gives a process one root for ever", root,
                   root_of_process);
      return FALSE;
    }

  return TRUE;
}

char *
_hotplug_embed_prepare (const char *uri, GError **error)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED_QUERY, NULL);
  g_autofree char *root = _hotplug_embed_root (uri);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (!check_root (parsed, root, error))
    return NULL;

  /* Our own lock on the pid file is ours to keep: closing another descriptor of it would drop it. */
  if (root_of_process == NULL)
    {
      if (!make_root (root, error) || !check_not_held (root, error) || !take_root (root, error)
          || !write_configuration (root, error))
        return NULL;
      root_of_process = g_strdup (root);
    }

  g_autofree char *escaped = g_uri_escape_string (root, "/", FALSE);
  return g_strconcat (g_uri_get_scheme (parsed), ":///embed?root=", escaped, NULL);
}
