/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>

#include "host/hotplug-libvirt-private.h"

#define LIBRARY "libvirt-qemu.so.0"

void *
_hotplug_libvirt_find_qemu_call (const char *name)
{
  static gsize loaded;
  static void *library;

  if (g_once_init_enter (&loaded))
    {
      library = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);
      if (library == NULL)
        g_debug ("neither monitors nor guest agents can be asked: %s", dlerror ());
      g_once_init_leave (&loaded, 1);
    }
  return library != NULL ? dlsym (library, name) : NULL;
}
