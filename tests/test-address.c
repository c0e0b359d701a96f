/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-address-private.h"

static const struct
{
  const char *row;
  const char *text;
  HotplugAddressKind kind; /* NONE: refused */
} rows[] = {
  { "drive", "0:0:0:3", HOTPLUG_ADDRESS_DRIVE },
  { "drive-last", "255:7:1:16383", HOTPLUG_ADDRESS_DRIVE },
  { "pci", "0000:01:00.0", HOTPLUG_ADDRESS_PCI },
  { "pci-last", "ffff:ff:1f.7", HOTPLUG_ADDRESS_PCI },
  { "missing", NULL, HOTPLUG_ADDRESS_NONE },
  { "empty", "", HOTPLUG_ADDRESS_NONE },
  { "three", "0:0:0", HOTPLUG_ADDRESS_NONE },
  { "five", "0:0:0:0:0", HOTPLUG_ADDRESS_NONE },
  { "tail", "0:0:0:3 ", HOTPLUG_ADDRESS_NONE },
  { "sign", "-1:0:0:3", HOTPLUG_ADDRESS_NONE },
  { "plus", "+1:0:0:3", HOTPLUG_ADDRESS_NONE },
  { "hexadecimal-drive", "a:0:0:3", HOTPLUG_ADDRESS_NONE },
  { "upper-case", "0000:0A:00.0", HOTPLUG_ADDRESS_NONE },
  { "no-function", "0000:01:00", HOTPLUG_ADDRESS_NONE },
  { "word", "none", HOTPLUG_ADDRESS_NONE },
};

static void
test_text (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  HotplugAddress address;

  g_assert_true (_hotplug_address_from_string (rows[row].text, &address) == (rows[row].kind != HOTPLUG_ADDRESS_NONE));
  g_assert_cmpint (address.kind, ==, rows[row].kind);
  g_autofree char *printed = _hotplug_address_to_string (&address);
  g_assert_cmpstr (printed, ==, rows[row].kind != HOTPLUG_ADDRESS_NONE ? rows[row].text : NULL);
}

static void
test_equal (void)
{
  const HotplugAddress addresses[] = {
    _hotplug_address_drive (0, 0, 0, 0), _hotplug_address_drive (1, 0, 0, 0), _hotplug_address_drive (0, 1, 0, 0),
    _hotplug_address_drive (0, 0, 1, 0), _hotplug_address_drive (0, 0, 0, 1), _hotplug_address_pci (0, 0, 0, 0),
    _hotplug_address_pci (1, 0, 0, 0),   _hotplug_address_pci (0, 1, 0, 0),   _hotplug_address_pci (0, 0, 1, 0),
    _hotplug_address_pci (0, 0, 0, 1),
  };

  for (gsize a = 0; a < G_N_ELEMENTS (addresses); a++)
    {
      for (gsize b = 0; b < G_N_ELEMENTS (addresses); b++)
        g_assert_true (_hotplug_address_equal (&addresses[a], &addresses[b]) == (a == b));
    }
}

/* Two devices that have no address are not at the same place. */
static void
test_none (void)
{
  const HotplugAddress none = { .kind = HOTPLUG_ADDRESS_NONE };
  const HotplugAddress other = { .kind = HOTPLUG_ADDRESS_OTHER };

  g_assert_false (_hotplug_address_equal (&none, &none));
  g_assert_false (_hotplug_address_equal (&other, &other));
  g_assert_null (_hotplug_address_to_string (&none));
  g_assert_null (_hotplug_address_to_string (&other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/address/text/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_text);
    }
  g_test_add_func ("/address/equal", test_equal);
  g_test_add_func ("/address/none", test_none);

  return g_test_run ();
}
