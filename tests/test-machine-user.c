/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "storage/hotplug-machine-user-private.h"
#include "xml/hotplug-capabilities-xml-private.h"

/* Whom libvirt runs QEMU as, and what he may search */

#define HOST "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49"
#define MODEL(name, labels) "<secmodel><model>" name "</model><doi>0</doi>" labels "</secmodel>"
#define LABEL(type, text) "<baselabel type='" type "'>" text "</baselabel>"
#define HIM LABEL ("kvm", "+64055:+107") LABEL ("qemu", "+64055:+107")

/* What libvirt 9.0.0 prints: src/qemu/qemu_conf.c:1392; the first row is MEASURED, of a daemon without SELinux and
 * AppArmor. Numbers with a plus are src/security/security_dac.c:306. */
static const struct
{
  const char *row;
  const char *secmodels;
  gboolean found;
} rows[] = {
  { "daemon", MODEL ("none", "") MODEL ("dac", HIM), TRUE },
  { "with-selinux", MODEL ("selinux", LABEL ("qemu", "system_u:system_r:svirt_tcg_t:s0")) MODEL ("dac", HIM), TRUE },
  { "no-plus", MODEL ("dac", LABEL ("qemu", "64055:107")), TRUE },
  { "of-several-the-first", MODEL ("dac", HIM LABEL ("qemu", "+1:+1")), TRUE },
  { "session", MODEL ("none", ""), FALSE },
  { "nothing", "", FALSE },
  { "no-label", MODEL ("dac", ""), FALSE },
  { "another-kind", MODEL ("dac", LABEL ("xen", "+64055:+107")), FALSE },
  { "another-model", MODEL ("dacs", HIM), FALSE },
  { "label-before-model", "<secmodel>" HIM "<model>dac</model></secmodel>", FALSE },
  { "names", MODEL ("dac", LABEL ("qemu", "libvirt-qemu:kvm")), FALSE },
  { "one-number", MODEL ("dac", LABEL ("qemu", "+64055")), FALSE },
  { "three-numbers", MODEL ("dac", LABEL ("qemu", "+1:+2:+3")), FALSE },
  { "negative", MODEL ("dac", LABEL ("qemu", "-1:-1")), FALSE },
  /* (uid_t) -1 is the number for nobody */
  { "too-large", MODEL ("dac", LABEL ("qemu", "+4294967295:+1")), FALSE },
  { "empty", MODEL ("dac", LABEL ("qemu", "")), FALSE },
};

static void
test_capabilities (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *xml = g_strconcat ("<capabilities><host><uuid>" HOST "</uuid><cpu><model>x</model></cpu>",
                                      rows[row].secmodels, "</host><guest/></capabilities>", NULL);
  guint uid = 1;
  guint gid = 2;

  g_assert_true (_hotplug_capabilities_find_user (xml, &uid, &gid) == rows[row].found);
  g_assert_cmpuint (uid, ==, rows[row].found ? 64055 : 1);
  g_assert_cmpuint (gid, ==, rows[row].found ? 107 : 2);

  g_autofree char *host = _hotplug_capabilities_find_host (xml);
  g_assert_cmpstr (host, ==, HOST);
}

static void
test_no_capabilities (void)
{
  g_assert_null (_hotplug_capabilities_find_host (""));
  g_assert_null (_hotplug_capabilities_find_host ("<capabilities><host/></capabilities>"));
  g_assert_null (_hotplug_capabilities_find_host ("<capabilities><uuid>" HOST "</uuid></capabilities>"));
  g_assert_null (_hotplug_capabilities_find_host ("<capabilities><host><uuid>" HOST "</uuid>"));
  g_assert_null (_hotplug_capabilities_find_host ("<capabilities><host><uuid>none</uuid></host></capabilities>"));

  guint uid;
  guint gid;

  g_assert_false (_hotplug_capabilities_find_user ("", &uid, &gid));
  g_assert_false (_hotplug_capabilities_find_user ("<domain/>", &uid, &gid));
  g_assert_false (_hotplug_capabilities_find_user ("<capabilities><host>", &uid, &gid));
}

/* One directory of ours with a mode, and him in its group or not; the kernel's order: owner, group, others, and no
 * second chance (path_resolution(7)) */
static const struct
{
  mode_t mode;
  gboolean owns;
  gboolean in_group;
  gboolean closed;
} modes[] = {
  { 0700, FALSE, FALSE, TRUE },  { 0750, FALSE, FALSE, TRUE },  { 0750, FALSE, TRUE, FALSE },
  { 0711, FALSE, FALSE, FALSE }, { 0711, FALSE, TRUE, FALSE },  { 0701, FALSE, TRUE, TRUE },
  { 0701, FALSE, FALSE, FALSE }, { 0740, FALSE, TRUE, TRUE },   { 0700, TRUE, FALSE, FALSE },
  { 0677, TRUE, TRUE, TRUE },    { 0755, FALSE, FALSE, FALSE },
};

static void
test_modes (void)
{
  g_autofree char *top = g_dir_make_tmp ("machine-user-XXXXXX", NULL);
  g_autofree char *directory = g_build_filename (top, "a", NULL);
  g_autofree char *path = g_build_filename (directory, "b", "disk.img", NULL);
  struct stat st;

  g_chmod (top, 0755);
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  g_assert_cmpint (stat (directory, &st), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      /* numbers that nobody has */
      const HotplugMachineUser user = { modes[i].owns ? st.st_uid : 4000000001,
                                        modes[i].in_group ? st.st_gid : 4000000002 };
      g_autoptr (GError) error = NULL;

      /* root may all */
      if (modes[i].owns && st.st_uid == 0)
        continue;
      g_assert_cmpint (g_chmod (directory, modes[i].mode), ==, 0);
      g_autofree char *closed = _hotplug_machine_user_find_closed (&user, path);
      g_assert_cmpstr (closed, ==, modes[i].closed ? directory : NULL);
      g_assert_true (_hotplug_machine_user_check (&user, "source x", path, &error) == !modes[i].closed);
      if (modes[i].closed)
        {
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
          g_assert_true (g_str_has_prefix (error->message, "source x: QEMU runs as user "));
          g_assert_nonnull (strstr (error->message, directory));
        }
    }
  const HotplugMachineUser root = { 0, 0 };
  g_assert_cmpint (g_chmod (directory, 0), ==, 0);
  g_assert_null (_hotplug_machine_user_find_closed (&root, path));
  g_rmdir (directory);
  g_rmdir (top);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/machine-user/capabilities/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_capabilities);
    }
  g_test_add_func ("/machine-user/no-capabilities", test_no_capabilities);
  g_test_add_func ("/machine-user/modes", test_modes);
  return g_test_run ();
}
