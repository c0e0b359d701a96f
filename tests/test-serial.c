/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-serial-private.h"

#define OK 0
#define TWENTY "12345678901234567890"
#define THIRTY_SIX "123456789012345678901234567890123456"

static const struct
{
  const char *row;
  const char *serial;
  HotplugBus bus;
  int code;
} checks[] = {
  { "all-characters", "AZaz09_.+-", HOTPLUG_BUS_SCSI, OK },
  { "scsi-longest", THIRTY_SIX, HOTPLUG_BUS_SCSI, OK },
  { "scsi-too-long", THIRTY_SIX "7", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_TOO_LONG },
  { "virtio-longest", TWENTY, HOTPLUG_BUS_VIRTIO, OK },
  { "virtio-too-long", TWENTY "1", HOTPLUG_BUS_VIRTIO, HOTPLUG_ERROR_SERIAL_TOO_LONG },
  { "sata-too-long", TWENTY "1", HOTPLUG_BUS_SATA, HOTPLUG_ERROR_SERIAL_TOO_LONG },
  { "empty", "", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
  { "blank", "a b", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
  { "comma", "a,b", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
  { "slash", "a/b", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
  { "markup", "<a>&", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
  { "newline", "a\n", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_SERIAL_INVALID },
};

static void
test_check (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  gboolean legal = _hotplug_serial_check ("data", checks[row].serial, checks[row].bus, &error);
  g_assert_true (legal == (checks[row].code == OK));
  if (legal)
    return;

  g_assert_error (error, HOTPLUG_ERROR, checks[row].code);
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_limit_is_told (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (_hotplug_serial_check ("data", TWENTY "1", HOTPLUG_BUS_VIRTIO, &error));
  g_assert_cmpstr (error->message, ==,
                   "volume \"data\": serial \"" TWENTY "1\": 21 characters, on bus virtio the guest sees 20; give it a "
                   "shorter serial");
}

static const struct
{
  const char *row;
  const char *a;
  HotplugBus a_bus;
  const char *b;
  HotplugBus b_bus;
  gboolean collide;
} pairs[] = {
  { "same", "data", HOTPLUG_BUS_SCSI, "data", HOTPLUG_BUS_SCSI, TRUE },
  { "other-bus", "data", HOTPLUG_BUS_SCSI, "data", HOTPLUG_BUS_VIRTIO, TRUE },
  { "other", "data", HOTPLUG_BUS_SCSI, "date", HOTPLUG_BUS_SCSI, FALSE },
  { "longer", "data", HOTPLUG_BUS_SCSI, "data1", HOTPLUG_BUS_SCSI, FALSE },
  { "case", "data", HOTPLUG_BUS_SCSI, "DATA", HOTPLUG_BUS_SCSI, FALSE },
  { "cut", TWENTY, HOTPLUG_BUS_VIRTIO, TWENTY "more", HOTPLUG_BUS_VIRTIO, TRUE },
  { "not-cut", TWENTY, HOTPLUG_BUS_SCSI, TWENTY "more", HOTPLUG_BUS_SCSI, FALSE },
  { "cut-on-one", TWENTY, HOTPLUG_BUS_SCSI, TWENTY "more", HOTPLUG_BUS_IDE, TRUE },
  { "no-serial", "data", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_BUS_SCSI, FALSE },
  { "neither", NULL, HOTPLUG_BUS_SCSI, NULL, HOTPLUG_BUS_SCSI, FALSE },
  { "both-empty", "", HOTPLUG_BUS_SCSI, "", HOTPLUG_BUS_SCSI, FALSE },
};

static void
test_collides (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  g_assert_true (_hotplug_serial_collides (pairs[row].a, pairs[row].a_bus, pairs[row].b, pairs[row].b_bus)
                 == pairs[row].collide);
  g_assert_true (_hotplug_serial_collides (pairs[row].b, pairs[row].b_bus, pairs[row].a, pairs[row].a_bus)
                 == pairs[row].collide);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (checks); row++)
    {
      g_autofree char *path = g_strdup_printf ("/serial/check/%s", checks[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_check);
    }
  g_test_add_func ("/serial/limit-is-told", test_limit_is_told);
  for (gsize row = 0; row < G_N_ELEMENTS (pairs); row++)
    {
      g_autofree char *path = g_strdup_printf ("/serial/collides/%s", pairs[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_collides);
    }

  return g_test_run ();
}
