/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _DEFAULT_SOURCE /* getgrouplist */
#include "config.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/rig.h"

/* A daemon that runs QEMU as a user of its own, as distributions have it: data volumes of a store are made so that he
 * can reach them, and where he can't, it is said which directory keeps him from it. libvirt gives him the image. */

static const LabMachine machine = {
  .name = "store-user", .directory = LAB_DAEMON_MACHINES, .root_ports = 2, .scsi = TRUE, .bare = TRUE
};

static LabDaemon *daemon_;
static virConnectPtr connect_;
static virDomainPtr domain;
static char *configuration;
static gid_t his_group;
static gid_t his_other_group;

/* A store that is there already, or is to be made: -1 */
static const struct
{
  const char *row;
  int mode;
  const gid_t *group; /* NULL: root's */
  const gid_t *inner; /* of what is made in it */
  int code;
} rows[] = {
  { "made", -1, NULL, &his_group, 0 },
  { "his-group", 0750, &his_group, &his_group, 0 },
  { "another-group-of-his", 0750, &his_other_group, &his_other_group, 0 },
  { "search-for-all", 0711, NULL, &his_group, 0 },
  { "closed", 0750, NULL, NULL, HOTPLUG_ERROR_PERMISSION },
  { "closed-for-his-group", 0701, &his_group, NULL, HOTPLUG_ERROR_PERMISSION },
};

static HotplugHost *
open_host (const char *store)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("[store local]\npath=%s\n", store);

  g_assert_true (g_file_set_contents (configuration, text, -1, NULL));
  HotplugHost *host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  return host;
}

static void
make_directory (const char *path, gid_t group, mode_t mode)
{
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (chown (path, 0, group), ==, 0);
  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
assert_group (const char *path, gid_t group, mode_t mode)
{
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_gid, ==, group);
  g_assert_cmpuint (st.st_mode & 07777, ==, mode);
}

static void
assert_plugs (HotplugHost *host, HotplugDataVolume *made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_data_volume (made, &error);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_true (hotplug_vmi_remove_volume (vmi, "data", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_store (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *store = g_build_filename (directory, "some", "where", "store", NULL);
  g_autofree char *parent = g_path_get_dirname (store);
  g_autofree char *inner = g_build_filename (store, "data", NULL);

  if (rows[row].mode >= 0)
    {
      g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
      make_directory (store, rows[row].group != NULL ? *rows[row].group : 0, (mode_t)rows[row].mode);
    }
  g_autoptr (HotplugHost) host = open_host (store);
  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("data", 8 << 20, NULL);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (host, wanted, NULL, &error);
  if (rows[row].code != 0)
    {
      g_assert_error (error, HOTPLUG_ERROR, rows[row].code);
      g_assert_nonnull (strstr (error->message, "who can't search directory"));
      g_assert_nonnull (strstr (error->message, store));
      g_assert_nonnull (strstr (error->message, "group " LAB_DAEMON_USER));
      g_assert_false (g_file_test (inner, G_FILE_TEST_EXISTS));
      return;
    }

  g_assert_no_error (error);
  assert_group (inner, *rows[row].inner, 0750);
  assert_group (hotplug_data_volume_get_path (made), *rows[row].inner, 0660);
  if (rows[row].mode < 0)
    assert_group (store, his_group, 0750);
  assert_plugs (host, made);
}

/* A way that is closed above the store: nothing is made there, not even the store */
static void
test_closed_above (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *closed = g_build_filename (directory, "closed", NULL);
  g_autofree char *store = g_build_filename (closed, "store", NULL);
  make_directory (closed, 0, 0700);

  g_autoptr (HotplugHost) host = open_host (store);
  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("data", 8 << 20, NULL);
  g_assert_null (hotplug_host_create_data_volume (host, wanted, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_assert_nonnull (strstr (error->message, closed));
  g_assert_false (g_file_test (store, G_FILE_TEST_EXISTS));
}

/* An image of anybody's: libvirt refuses, and we say why; then it is mended as the message says */
static void
test_closed_source (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *closed = g_build_filename (directory, "closed", NULL);
  make_directory (closed, 0, 0750);
  g_autofree char *image = lab_image_new (closed, "plain.img", 8 << 20);
  g_autofree char *store = g_build_filename (directory, "store", NULL);

  g_autoptr (HotplugHost) host = open_host (store);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_autoptr (HotplugVolume) volume = rig_volume ("data", image, HOTPLUG_BUS_SCSI);
  g_autofree char *before = lab_inactive_xml (domain);
  g_assert_null (hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_assert_nonnull (strstr (error->message, closed));
  g_assert_nonnull (strstr (error->message, "give it group " LAB_DAEMON_USER " and mode g+x"));
  g_clear_error (&error);
  g_autofree char *after = lab_inactive_xml (domain);
  g_assert_cmpstr (before, ==, after);

  g_assert_cmpint (chown (closed, 0, his_group), ==, 0);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
  g_assert_true (hotplug_vmi_remove_volume (vmi, "data", HOTPLUG_PLUG_PERSIST, -1, NULL, NULL));
}

/* Those that libvirt gives QEMU: the one of its configuration, and where /etc/group names the user. Which one
 * /etc/passwd gives him plays no part (Debian: kvm). */
static void
find_groups (void)
{
  gid_t groups[64];
  int n = G_N_ELEMENTS (groups);

  his_group = getgrnam (LAB_DAEMON_USER)->gr_gid;
  his_other_group = his_group;
  g_assert_cmpint (getgrouplist (LAB_DAEMON_USER, his_group, groups, &n), >=, 0);
  for (int i = 0; i < n; i++)
    {
      if (groups[i] != his_group)
        his_other_group = groups[i];
    }
}

static void
set_up (void)
{
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lab_dir_new ();

  configuration = g_build_filename (directory, "hotplug.conf", NULL);
  g_assert_true (g_file_set_contents (configuration, "", -1, NULL));
  g_setenv ("HOTPLUG_CONFIG", configuration, TRUE);
  find_groups ();
  /* first, so that libvirt's event loop is the library's */
  g_autoptr (HotplugHost) any = hotplug_host_open ("test:///default", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (any);
  daemon_ = lab_daemon_new_with_user ("lab-user", FALSE, LAB_DAEMON_USER);
  connect_ = lab_connect (lab_daemon_uri (daemon_));
  domain = lab_define (connect_, xml);
  lab_create (domain, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (lab_missing_daemon () != NULL || getpwnam (LAB_DAEMON_USER) == NULL)
    {
      lab_skip (lab_missing_daemon () != NULL ? lab_missing_daemon () : "there is no user " LAB_DAEMON_USER);
      return 0;
    }

  set_up ();
  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/store-user/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_store);
    }
  g_test_add_func ("/store-user/closed-above", test_closed_above);
  g_test_add_func ("/store-user/closed-source", test_closed_source);
  int result = g_test_run ();

  lab_destroy (domain);
  virDomainFree (domain);
  virConnectClose (connect_);
  lab_daemon_free (daemon_);
  g_free (configuration);
  return result;
}
