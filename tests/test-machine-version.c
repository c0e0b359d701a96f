/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/hotplug-machine-version-private.h"

/* Names as qemu-system-… -machine help lists them: QEMU 7.2 as Debian has it, and the types of RHEL 9 and Ubuntu
 * 22.04 */
static const struct
{
  const char *machine;
  guint64 version;
} rows[] = {
  { "pc-q35-7.2", 7002000 },
  { "pc-i440fx-2.12", 2012000 },
  { "pc-i440fx-10.1", 10001000 },
  { "virt-6.0", 6000000 },
  { "pseries-3.1", 3001000 },
  { "s390-ccw-virtio-7.1", 7001000 },
  { "pseries-2.12-sxxm", 0 },
  { "pc-q35-rhel8.6.0", 0 },
  { "pc-i440fx-rhel7.6.0", 0 },
  { "pc-q35-jammy", 0 },
  { "microvm", 0 },
  { "q35", 0 },
  { "pc", 0 },
  { "virt-7", 0 },
  { "virt-7.", 0 },
  { "virt-7.2.1", 0 },
  { "virt-99999999999999999999.1", 0 },
  { "virt-1.1000", 0 },
  { "virt-", 0 },
  { "", 0 },
  { NULL, 0 },
};

static void
test_least_version (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].machine);
      g_assert_cmpuint (_hotplug_machine_least_version (rows[i].machine), ==, rows[i].version);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/machine-version/least", test_least_version);
  return g_test_run ();
}
