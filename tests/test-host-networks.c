/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fake/fake-rig.h"
#include "vmi/hotplug-host-configuration-private.h"

#define CONF "{\"cniVersion\":\"0.3.1\",\"type\":\"bridge\",\"bridge\":\"%s\"}"

/* A host whose configuration is in its rig's directory, and whose networks are beside it in networks.d; CNI's are in
 * cni */
static Rig *
new_rig (void)
{
  Rig *rig = rig_new (RIG_RUNNING);
  g_autofree char *file = g_build_filename (rig->directory, "hotplug.conf", NULL);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new (file);

  configuration->cni_networks = g_build_filename (rig->directory, "cni", NULL);
  _hotplug_host_set_configuration (rig->host, configuration);
  return rig;
}

static char *
put (Rig *rig, const char *folder, const char *name, const char *text)
{
  g_autofree char *directory = g_build_filename (rig->directory, folder, NULL);
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (directory, name, NULL);

  g_mkdir_with_parents (directory, 0755);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
put_conf (Rig *rig, const char *folder, const char *name, const char *bridge)
{
  g_autofree char *text = g_strdup_printf (CONF, bridge);

  g_free (put (rig, folder, name, text));
}

static HotplugNetworkAttachment *
create (Rig *rig, const char *name, const char *bridge, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) wanted = hotplug_network_attachment_new_for_bridge (name, bridge, NULL);

  return hotplug_host_create_network_attachment (rig->host, wanted, NULL, error);
}

/* The bridge behind a name, or the code of what is said instead */
static char *
look_up (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) found = hotplug_host_get_network_attachment (rig->host, name, NULL, &error);

  return found != NULL ? g_strdup (hotplug_network_attachment_get_bridge (found)) : g_strdup_printf ("%d", error->code);
}

static void
assert_found (Rig *rig, const char *name, const char *wanted)
{
  g_autofree char *found = look_up (rig, name);

  g_test_message ("%s", name);
  g_assert_cmpstr (found, ==, wanted);
}

static void
assert_not_found (Rig *rig, const char *name, HotplugError code)
{
  g_autofree char *wanted = g_strdup_printf ("%d", (int)code);

  assert_found (rig, name, wanted);
}

static void
assert_list (Rig *rig, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = hotplug_host_list_network_attachments (rig->host, NULL, &error);
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < list->len; i++)
    {
      HotplugNetworkAttachment *attachment = g_ptr_array_index (list, i);
      const char *space = hotplug_network_attachment_get_namespace (attachment);
      g_string_append_printf (names, "%s%s%s%s", i > 0 ? " " : "", space != NULL ? space : "", space != NULL ? "/" : "",
                              hotplug_network_attachment_get_name (attachment));
    }
  g_assert_cmpstr (names->str, ==, wanted);
}

static void
test_life (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (GError) error = NULL;

  assert_list (rig, "");
  assert_not_found (rig, "net", HOTPLUG_ERROR_NOT_FOUND);
  g_assert_false (hotplug_host_delete_network_attachment (rig->host, "net", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_autoptr (HotplugNetworkAttachment) made = create (rig, "net", "br0", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (rig->directory, "networks.d", "net.yaml", NULL);
  g_assert_cmpstr (hotplug_network_attachment_get_path (made), ==, path);
  g_autoptr (HotplugNetworkAttachment) spaced = create (rig, "green/net", "br1", &error);
  g_assert_no_error (error);
  g_autofree char *spaced_path = g_build_filename (rig->directory, "networks.d", "green_net.yaml", NULL);
  g_assert_cmpstr (hotplug_network_attachment_get_path (spaced), ==, spaced_path);
  g_autoptr (HotplugNetworkAttachment) read = hotplug_network_attachment_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_network_attachment_get_bridge (read), ==, "br0");

  assert_list (rig, "net green/net");
  assert_found (rig, "net", "br0");
  assert_found (rig, "default/net", "br0");
  assert_found (rig, "green/net", "br1");
  assert_not_found (rig, "blue/net", HOTPLUG_ERROR_NOT_FOUND);
  assert_not_found (rig, "../net", HOTPLUG_ERROR_INVALID_NAME);

  g_assert_null (create (rig, "default/net", "br2", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);
  assert_found (rig, "net", "br0");

  g_assert_true (hotplug_host_delete_network_attachment (rig->host, "net", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_list (rig, "green/net");
  /* the only one that is left of that name */
  assert_found (rig, "net", "br1");
}

/* Files that people put there, of either kind */
static void
test_files (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (GError) error = NULL;

  put_conf (rig, "networks.d", "a.conf", "br-a");
  g_autofree char *list = put (rig, "networks.d", "b.conflist",
                               "{\"cniVersion\":\"1.0.0\",\"name\":\"c\",\"plugins\":[{\"type\":\"bridge\"}]}");
  g_free (put (rig, "networks.d", "README", "nothing"));
  g_free (put (rig, "networks.d", ".a.conf", "nothing"));
  g_autofree char *left = put (rig, "networks.d", ".net.yaml.new", "left by a process that was killed");
  assert_list (rig, "a c");

  /* a name that a file has under another one is taken as well */
  g_assert_null (create (rig, "c", "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);
  g_autoptr (HotplugNetworkAttachment) net = create (rig, "net", "br0", &error);
  g_assert_no_error (error);
  g_assert_nonnull (net);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_assert_true (hotplug_host_delete_network_attachment (rig->host, "c", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (list, G_FILE_TEST_EXISTS));
  assert_list (rig, "a net");
}

static void
test_ambiguous (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (HotplugNetworkAttachment) one = create (rig, "x/net", "br0", NULL);
  g_autoptr (HotplugNetworkAttachment) other = create (rig, "y/net", "br1", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (one != NULL && other != NULL);
  assert_not_found (rig, "net", HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_false (hotplug_host_delete_network_attachment (rig->host, "net", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "NAMESPACE/net"));
  assert_list (rig, "x/net y/net");
}

/* CNI's directory is read, after ours, and never written */
static void
test_cni (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (GError) error = NULL;

  put_conf (rig, "networks.d", "a.conf", "ours");
  put_conf (rig, "cni", "a.conf", "theirs");
  put_conf (rig, "cni", "10-b.conf", "br-b");
  put_conf (rig, "cni", "c.yaml", "not-cni");
  g_free (put (rig, "cni", "flannel.conf", "{\"cniVersion\":\"0.3.1\",\"name\":\"f\",\"type\":\"flannel\"}"));
  assert_list (rig, "10-b a");
  assert_found (rig, "a", "ours");

  g_assert_false (hotplug_host_delete_network_attachment (rig->host, "10-b", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_clear_error (&error);
  g_assert_null (create (rig, "10-b", "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  assert_list (rig, "10-b a");
}

/* One of our own that can't be read is said, and does not stand in the way of the others */
static void
test_unreadable (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (GError) error = NULL;

  put_conf (rig, "networks.d", "a.conf", "br-a");
  g_autofree char *broken = put (rig, "networks.d", "b.conf", "{\n\"type\":\"macvlan\"}");
  g_assert_null (hotplug_host_list_network_attachments (rig->host, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (error->message, broken));
  g_clear_error (&error);

  assert_found (rig, "a", "br-a");
  g_assert_null (hotplug_host_get_network_attachment (rig->host, "b", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, broken));
  g_clear_error (&error);

  g_autoptr (HotplugNetworkAttachment) made = create (rig, "c", "br-c", &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
  assert_found (rig, "c", "br-c");
}

static void
test_directory (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (Rig) bare = rig_new (RIG_RUNNING);
  g_autofree char *directory = g_build_filename (rig->directory, "networks.d", NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir (directory, 0777);
  chmod (directory, 0777);
  g_assert_null (create (rig, "net", "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_clear_error (&error);
  g_assert_null (hotplug_host_list_network_attachments (rig->host, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_clear_error (&error);
  g_rmdir (directory);
  g_free (put (rig, ".", "networks.d", "no directory"));
  g_assert_null (create (rig, "net", "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
  g_clear_error (&error);

  /* a host that was given no configuration has no directory */
  assert_list (bare, "");
  g_assert_null (create (bare, "net", "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* What hotplug.conf names is where they are */
static void
test_named (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_REMOTE);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new ("/etc/test.conf");
  g_autoptr (GError) error = NULL;

  configuration->networks = g_build_filename (rig->directory, "a", "b", NULL);
  _hotplug_host_set_configuration (rig->host, configuration);
  g_autoptr (HotplugNetworkAttachment) made = create (rig, "net", "br0", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (hotplug_network_attachment_get_path (made), configuration->networks));
  assert_list (rig, "net");
}

/* Of many who create the same one it is one who has done it. */
static gpointer
create_in_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) made = create (data, "net", "br0", &error);

  if (made == NULL)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  return GINT_TO_POINTER (made != NULL);
}

static void
test_together (void)
{
  g_autoptr (Rig) rig = new_rig ();
  GThread *threads[8];
  guint made = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("create", create_in_thread, rig);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    made += GPOINTER_TO_INT (g_thread_join (threads[i])) != 0;
  g_assert_cmpuint (made, ==, 1);
  assert_list (rig, "net");
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
test_async (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (HotplugNetworkAttachment) wanted = hotplug_network_attachment_new_for_bridge ("net", "br0", NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  hotplug_host_create_network_attachment_async (rig->host, wanted, NULL, on_done, &result);
  g_autoptr (GAsyncResult) created = wait_for (&result);
  g_autoptr (HotplugNetworkAttachment)
      made = hotplug_host_create_network_attachment_finish (rig->host, created, &error);
  g_assert_no_error (error);
  g_assert_nonnull (hotplug_network_attachment_get_path (made));

  hotplug_host_get_network_attachment_async (rig->host, "net", NULL, on_done, &result);
  g_autoptr (GAsyncResult) got = wait_for (&result);
  g_autoptr (HotplugNetworkAttachment) found = hotplug_host_get_network_attachment_finish (rig->host, got, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_network_attachment_get_bridge (found), ==, "br0");

  hotplug_host_list_network_attachments_async (rig->host, NULL, on_done, &result);
  g_autoptr (GAsyncResult) listed = wait_for (&result);
  g_autoptr (GPtrArray) list = hotplug_host_list_network_attachments_finish (rig->host, listed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);

  hotplug_host_delete_network_attachment_async (rig->host, "net", NULL, on_done, &result);
  g_autoptr (GAsyncResult) deleted = wait_for (&result);
  g_assert_true (hotplug_host_delete_network_attachment_finish (rig->host, deleted, &error));
  g_assert_no_error (error);

  g_cancellable_cancel (cancelled);
  g_assert_null (hotplug_host_create_network_attachment (rig->host, wanted, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_list (rig, "");
}

static gboolean
delete (Rig *rig, const char *name, GError **error)
{
  return hotplug_host_delete_network_attachment (rig->host, name, NULL, error);
}

static void
plug (Rig *rig, HotplugVmi *vmi, const char *name, const char *network, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterface) interface
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", name, "network", network, NULL);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (vmi, interface, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (status);
}

/* Who has it is named, whatever he calls it; when they are gone it can go. */
static void
test_in_use (void)
{
  g_autoptr (Rig) rig = new_rig ();
  g_autoptr (HotplugVmi) other = rig_add_machine (rig, RIG_OTHER_UUID, RIG_OTHER);
  g_autoptr (HotplugNetworkAttachment) net = create (rig, "lab/net", FAKE_BRIDGE, NULL);
  g_autoptr (HotplugNetworkAttachment) twin = create (rig, "twin", FAKE_BRIDGE, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (net != NULL && twin != NULL);
  plug (rig, rig->vmi, "one", "net", HOTPLUG_PLUG_NONE);
  plug (rig, other, "two", "lab/net", HOTPLUG_PLUG_NONE);

  g_assert_false (delete (rig, "net", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_IN_USE);
  g_assert_nonnull (strstr (error->message, "network attachment \"lab/net\""));
  g_assert_nonnull (strstr (error->message, "interface \"one\" of vmi \"" RIG_VMI "\""));
  g_assert_nonnull (strstr (error->message, "interface \"two\" of vmi \"" RIG_OTHER "\""));
  g_clear_error (&error);
  assert_list (rig, "lab/net twin");

  g_assert_true (delete (rig, "twin", &error));
  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, "one", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_false (delete (rig, "lab/net", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_IN_USE);
  g_assert_null (strstr (error->message, RIG_VMI "\","));
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_remove_interface (other, "two", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_true (delete (rig, "lab/net", &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-networks/life", test_life);
  g_test_add_func ("/host-networks/files", test_files);
  g_test_add_func ("/host-networks/ambiguous", test_ambiguous);
  g_test_add_func ("/host-networks/cni", test_cni);
  g_test_add_func ("/host-networks/unreadable", test_unreadable);
  g_test_add_func ("/host-networks/directory", test_directory);
  g_test_add_func ("/host-networks/named", test_named);
  g_test_add_func ("/host-networks/together", test_together);
  g_test_add_func ("/host-networks/in-use", test_in_use);
  g_test_add_func ("/host-networks/async", test_async);
  return g_test_run ();
}
