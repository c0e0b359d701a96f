/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include <pwd.h>
#include <unistd.h>

#include "lab-private.h"

/* How far above a test program the build's top can be: tests/unit/.libs/test */
#define LEVELS 5
#define DEBIAN_USER "libvirt-qemu"
#define QEMU "qemu-system-x86_64"

static const char *const places[] = { "guest", "tests/guest" };

static char *
find_near (const char *start)
{
  g_autofree char *dir = g_canonicalize_filename (start, NULL);

  for (int level = 0; level < LEVELS; level++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
        {
          g_autofree char *found = g_build_filename (dir, places[i], NULL);
          g_autofree char *kernel = g_build_filename (found, "vmlinux", NULL);
          if (g_file_test (kernel, G_FILE_TEST_EXISTS))
            return g_steal_pointer (&found);
        }

      char *up = g_path_get_dirname (dir);
      g_free (dir);
      dir = up;
    }

  return NULL;
}

static char *
find_guest (void)
{
  const char *told = g_getenv ("LAB_GUEST_DIR");
  if (told != NULL)
    return g_canonicalize_filename (told, NULL);

  const char *build = g_getenv ("G_TEST_BUILDDIR");
  if (build != NULL)
    return find_near (build);

  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = self != NULL ? g_path_get_dirname (self) : g_get_current_dir ();
  return find_near (dir);
}

const char *
lab_guest_dir (void)
{
  static gsize looked;
  static char *dir;

  if (g_once_init_enter (&looked))
    {
      dir = find_guest ();
      g_once_init_leave (&looked, 1);
    }

  return dir;
}

static const char *kind = "";

void
lab_prefer_full_guest (void)
{
  kind = "full";
}

static char *
guest_file (const char *name)
{
  const char *dir = lab_guest_dir ();
  if (dir == NULL)
    g_error ("lab: no guest: build it with make-guest, or set LAB_GUEST_DIR");

  return g_build_filename (dir, kind, name, NULL);
}

char *
lab_guest_kernel (void)
{
  return guest_file ("vmlinux");
}

char *
lab_guest_initrd (void)
{
  return guest_file ("initrd");
}

const char *
lab_missing_qemu (void)
{
  g_autofree char *qemu = g_find_program_in_path (QEMU);

  if (qemu == NULL)
    return "there is no " QEMU;
  /* Debian's libvirt looks its user up before it reads any configuration, and only one package of several makes it */
  if (geteuid () == 0 && access ("/etc/debian_version", F_OK) == 0 && getpwnam (DEBIAN_USER) == NULL)
    return "there is no user " DEBIAN_USER ", without which libvirt starts no QEMU (package libvirt-daemon-system)";
  return NULL;
}

const char *
lab_missing_guest (void)
{
  const char *missing = lab_missing_qemu ();
  if (missing != NULL)
    return missing;

  const char *dir = lab_guest_dir ();
  if (dir == NULL)
    return "the guest is not built (tests/guest/make-guest)";

  g_autofree char *kernel = lab_guest_kernel ();
  g_autofree char *initrd = lab_guest_initrd ();
  if (access (kernel, R_OK) < 0 || access (initrd, R_OK) < 0)
    return kind[0] == '\0' ? "the guest's directory lacks vmlinux or initrd (tests/guest/make-guest)"
                           : "the guest's directory lacks full/vmlinux or full/initrd (tests/guest/make-guest --full)";

  return NULL;
}

static gboolean
skip (const char *missing)
{
  if (missing != NULL)
    g_test_skip (missing);

  return missing != NULL;
}

const char *
lab_missing_agent (void)
{
  const char *missing = lab_missing_guest ();
  if (missing != NULL)
    return missing;

  /* make-guest writes down what the guest has */
  g_autofree char *path = g_build_filename (lab_guest_dir (), "stamp", NULL);
  g_autofree char *stamp = NULL;
  if (!g_file_get_contents (path, &stamp, NULL, NULL) || strstr (stamp, " agent") == NULL)
    return "the guest has no agent (tests/guest/make-guest --agent)";
  return NULL;
}

gboolean
lab_skip_without_guest (void)
{
  return skip (lab_missing_guest ());
}

gboolean
lab_skip_without_qemu (void)
{
  return skip (lab_missing_qemu ());
}

gboolean
lab_skip_without_loop (void)
{
  return skip (lab_missing_loop ());
}

gboolean
lab_skip_without_daemon (void)
{
  return skip (lab_missing_daemon ());
}

void
lab_skip (const char *why)
{
  printf ("1..0 # SKIP %s\n", why);
}
