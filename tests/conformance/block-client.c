/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/block-torture.h"

#define READY "ready\n"
#define FIRST_SPEC 6

char *
block_spec (const BlockDisk *disk)
{
  const BlockImage *image = block_disk_image (disk, 0);

  return g_strdup_printf ("%s,%d,%d,%s", disk->name, (int)disk->bus,
                          (int)(image->qcow2 ? HOTPLUG_IMAGE_FORMAT_QCOW2 : HOTPLUG_IMAGE_FORMAT_RAW), image->path);
}

static HotplugVolume *
new_volume (const char *spec)
{
  g_auto (GStrv) parts = g_strsplit (spec, ",", 4);
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", parts[0], "bus", atoi (parts[1]),
                                          "format", atoi (parts[2]), "path", parts[3], NULL);

  g_assert_no_error (error);
  return volume;
}

static gboolean
add (HotplugVmi *vmi, const char *const *specs, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; specs[i] != NULL; i++)
    g_ptr_array_add (volumes, new_volume (specs[i]));
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (vmi, volumes, flags, NULL, error);
  return statuses != NULL;
}

gboolean
block_deed (HotplugVmi *vmi, BlockDeed deed, const char *const *specs, HotplugPlugFlags flags, int timeout_msec,
            GError **error)
{
  switch (deed)
    {
    case BLOCK_ADD:
      return add (vmi, specs, flags, error);
    case BLOCK_REMOVE:
      return hotplug_vmi_remove_volumes (vmi, specs, flags, timeout_msec, NULL, error);
    case BLOCK_STOP:
      return hotplug_vmi_stop (vmi, 0, NULL, error);
    case BLOCK_START:
      return hotplug_vmi_start (vmi, NULL, error);
    case BLOCK_RESTART:
      return hotplug_vmi_restart (vmi, 0, NULL, error);
    case BLOCK_N_DEEDS:
    default:
      g_assert_not_reached ();
    }
}

gboolean
block_is_client (int argc, char **argv)
{
  return argc >= FIRST_SPEC && strcmp (argv[1], "--client") == 0;
}

int
block_be_client (int argc G_GNUC_UNUSED, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (argv[2], NULL, &error);
  g_autoptr (HotplugVmi) vmi = host != NULL ? hotplug_host_get_vmi (host, argv[3], NULL, &error) : NULL;

  fputs (READY, stdout);
  fflush (stdout);
  if (vmi != NULL
      && block_deed (vmi, (BlockDeed)atoi (argv[4]), (const char *const *)argv + FIRST_SPEC,
                     (HotplugPlugFlags)atoi (argv[5]), -1, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "%s\n", error->message);
  return EXIT_FAILURE;
}

/* It gets from nothing to a little more than what one needs. */
void
block_kill_client (BlockTorture *self, BlockDeed deed, const char *const *specs, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *deed_text = g_strdup_printf ("%d", (int)deed);
  g_autofree char *flags_text = g_strdup_printf ("%d", (int)flags);
  const char *first[] = { self->program, "--client", lab_daemon_uri (self->model.daemon), self->model.machine,
                          deed_text, flags_text };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (argv, (gpointer)first[i]);
  for (guint i = 0; specs != NULL && specs[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)specs[i]);
  g_ptr_array_add (argv, NULL);
  g_autoptr (GSubprocess) client = g_subprocess_newv ((const char *const *)argv->pdata,
                                                      G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);

  char ready[sizeof READY];
  gsize got;
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (client), ready, strlen (READY), &got, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (got, ==, strlen (READY));
  g_usleep ((gulong)(g_rand_double (self->random) * 1.2 * (double)self->pace[deed]));
  g_subprocess_force_exit (client);
  g_subprocess_wait (client, NULL, NULL);
}
