/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include "lab-private.h"

/* Without a virtlogd to write to, QEMU's own output must go to plain files. */
#define QEMU_CONF "stdio_handler = \"file\"\n"
/* As root libvirt would hand the images over to a user of its own, and make QEMU a /dev of its own, which fails in a
 * chroot: its root is no mount point. */
#define QEMU_CONF_ROOT QEMU_CONF "user = \"root\"\ngroup = \"root\"\nremember_owner = 0\nnamespaces = []\n"

static char *root;
static char *uri;

const char *
lab_embed_root (void)
{
  if (g_once_init_enter (&root))
    {
      char *made = lab_root_new ();
      g_autofree char *cache = g_build_filename (made, "cache", NULL);

      lab_capabilities_seed ("embed", cache);
      lab_write_file (made, "etc/qemu.conf", geteuid () == 0 ? QEMU_CONF_ROOT : QEMU_CONF);
      g_once_init_leave (&root, made);
    }

  return root;
}

const char *
lab_embed_uri (void)
{
  if (g_once_init_enter (&uri))
    g_once_init_leave (&uri, g_strdup_printf ("qemu:///embed?root=%s", lab_embed_root ()));

  return uri;
}

void
lab_embed_cleanup (void)
{
  if (root == NULL)
    return;

  g_autofree char *run = g_build_filename (root, "run", "qemu", NULL);
  g_autofree char *cache = g_build_filename (root, "cache", NULL);

  lab_machines_kill (run);
  lab_capabilities_keep ("embed", cache);
}
