/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-pci-bus-private.h"

/* libvirt 9.0.0 src/conf/domain_addr.c:478-589. What: plugs a PCI Express device or a conventional one, chosen by
 * libvirt (auto) or at an address that it is given (given), while the machine runs (live) or not. */
static const struct
{
  const char *model;
  guint first;
  guint last;
  const char *accepts;
} models[] = {
  { "pci-root", 1, 31, "pci-auto pci-live pci-given pci-given-live pcie-given pcie-given-live" },
  { "pcie-root", 1, 31, "pcie-given pci-given" },
  { "pci-bridge", 1, 31, "pci-auto pci-live pci-given pci-given-live pcie-given pcie-given-live" },
  { "dmi-to-pci-bridge", 0, 31, "pci-given pcie-given" },
  { "pcie-to-pci-bridge", 1, 31, "pci-auto pci-live pci-given pci-given-live pcie-given pcie-given-live" },
  { "pcie-root-port", 0, 0, "pcie-auto pcie-live pcie-given pcie-given-live pci-given pci-given-live" },
  { "pcie-switch-upstream-port", 0, 31, "" },
  { "pcie-switch-downstream-port", 0, 0, "pcie-auto pcie-live pcie-given pcie-given-live pci-given pci-given-live" },
  { "pci-expander-bus", 0, 31, "pci-auto pci-live pci-given pci-given-live pcie-given pcie-given-live" },
  { "pcie-expander-bus", 0, 31, "" },
};

static const struct
{
  const char *what;
  guint kind;
  gboolean live;
  gboolean given;
} plugs[] = {
  { "pci-auto", HOTPLUG_PCI_CONNECT_PCI, FALSE, FALSE },   { "pci-live", HOTPLUG_PCI_CONNECT_PCI, TRUE, FALSE },
  { "pci-given", HOTPLUG_PCI_CONNECT_PCI, FALSE, TRUE },   { "pci-given-live", HOTPLUG_PCI_CONNECT_PCI, TRUE, TRUE },
  { "pcie-auto", HOTPLUG_PCI_CONNECT_PCIE, FALSE, FALSE }, { "pcie-live", HOTPLUG_PCI_CONNECT_PCIE, TRUE, FALSE },
  { "pcie-given", HOTPLUG_PCI_CONNECT_PCIE, FALSE, TRUE }, { "pcie-given-live", HOTPLUG_PCI_CONNECT_PCIE, TRUE, TRUE },
};

static gboolean
accepts (const char *model, gboolean hotplug, gsize plug)
{
  HotplugPciBuses buses;
  guint connect = plugs[plug].kind | HOTPLUG_PCI_CONNECT_AUTO | (plugs[plug].live ? HOTPLUG_PCI_CONNECT_HOTPLUG : 0);

  _hotplug_pci_buses_init (&buses, 1);
  _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (&buses, 0), _hotplug_pci_model_from_string (model), hotplug);

  gboolean accepted = _hotplug_pci_buses_accepts (&buses, 0, connect, plugs[plug].given);
  _hotplug_pci_buses_clear (&buses);
  return accepted;
}

static void
test_model (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_auto (GStrv) expected = g_strsplit (models[row].accepts, " ", -1);
  HotplugPciBusState bus = { 0 };

  _hotplug_pci_bus_set_model (&bus, _hotplug_pci_model_from_string (models[row].model), TRUE);
  g_assert_cmpuint (bus.first, ==, models[row].first);
  g_assert_cmpuint (bus.last, ==, models[row].last);
  g_assert_cmpuint (_hotplug_pci_bus_n_free (&bus), ==, models[row].last - models[row].first + 1);

  for (gsize plug = 0; plug < G_N_ELEMENTS (plugs); plug++)
    {
      gboolean wanted = g_strv_contains ((const char *const *)expected, plugs[plug].what);
      g_test_message ("%s", plugs[plug].what);
      g_assert_true (accepts (models[row].model, TRUE, plug) == wanted);
    }
}

/* src/qemu/qemu_domain_address.c:1687; that of a pci-root is lost at 1696, MEASURED */
static void
test_off (void)
{
  for (gsize plug = 0; plug < G_N_ELEMENTS (plugs); plug++)
    {
      gboolean on = accepts ("pcie-root-port", TRUE, plug);
      g_assert_true (accepts ("pcie-root-port", FALSE, plug) == (on && !plugs[plug].live));
      g_assert_true (accepts ("pci-root", FALSE, plug) == accepts ("pci-root", TRUE, plug));
    }
}

static void
test_unknown_model (void)
{
  g_assert_cmpint (_hotplug_pci_model_from_string ("pci-tunnel"), ==, HOTPLUG_PCI_MODEL_NONE);
  g_assert_cmpint (_hotplug_pci_model_from_string (NULL), ==, HOTPLUG_PCI_MODEL_NONE);
}

static void
reserve_next (HotplugPciBuses *buses, guint connect, const char *expected)
{
  HotplugAddress address;
  GError *error = NULL;

  g_assert_true (_hotplug_pci_buses_reserve_next (buses, connect, -1, "a device", &address, &error));
  g_assert_no_error (error);

  g_autofree char *text = _hotplug_address_to_string (&address);
  g_assert_cmpstr (text, ==, expected);
}

/* Root ports fill the functions of a slot, unless something else has one of them: src/conf/domain_addr.c:1043-1070 */
static void
test_shared_slots (void)
{
  HotplugPciBuses buses;
  HotplugAddress taken = _hotplug_address_pci (0, 0, 2, 0);
  guint port = HOTPLUG_PCI_CONNECT_ROOT_PORT | HOTPLUG_PCI_CONNECT_SHARE;
  GError *error = NULL;

  _hotplug_pci_buses_init (&buses, 1);
  _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (&buses, 0), HOTPLUG_PCI_MODEL_PCIE_ROOT, TRUE);
  g_assert_true (_hotplug_pci_buses_reserve (&buses, &taken, HOTPLUG_PCI_CONNECT_PCIE, "a device", &error));
  g_assert_no_error (error);

  for (guint function = 0; function < 8; function++)
    {
      g_autofree char *expected = g_strdup_printf ("0000:00:01.%u", function);
      reserve_next (&buses, port, expected);
    }
  reserve_next (&buses, port, "0000:00:03.0");
  _hotplug_pci_buses_clear (&buses);
}

/* 30 slots of 8 ports beside the chipset's were MEASURED; alone on the bus there are 31 */
static void
test_ports_end (void)
{
  HotplugPciBuses buses;
  HotplugAddress address;
  guint port = HOTPLUG_PCI_CONNECT_ROOT_PORT | HOTPLUG_PCI_CONNECT_SHARE;
  GError *error = NULL;
  guint n = 0;

  _hotplug_pci_buses_init (&buses, 1);
  _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (&buses, 0), HOTPLUG_PCI_MODEL_PCIE_ROOT, TRUE);
  buses.grows = TRUE;
  while (_hotplug_pci_buses_reserve_next (&buses, port, -1, "a pcie-root-port", &address, &error))
    n++;

  g_assert_cmpuint (n, ==, 31 * 8);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "no PCI slot is left for a pcie-root-port, and libvirt adds no controller for one");
  g_clear_error (&error);
  _hotplug_pci_buses_clear (&buses);
}

/* A machine of ports only gets a bridge behind a port of its own: src/conf/domain_addr.c:654-705 */
static void
test_first_conventional_device (void)
{
  HotplugPciBuses buses;

  _hotplug_pci_buses_init (&buses, 1);
  _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (&buses, 0), HOTPLUG_PCI_MODEL_PCIE_ROOT, TRUE);
  buses.grows = TRUE;
  reserve_next (&buses, HOTPLUG_PCI_CONNECT_PCI | HOTPLUG_PCI_CONNECT_AUTO, "0000:02:01.0");
  g_assert_cmpint (_hotplug_pci_buses_get (&buses, 1)->model, ==, HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT);
  g_assert_cmpint (_hotplug_pci_buses_get (&buses, 2)->model, ==, HOTPLUG_PCI_MODEL_PCIE_TO_PCI_BRIDGE);

  /* the bridge's port is not for others, until the machine is made */
  reserve_next (&buses, HOTPLUG_PCI_CONNECT_PCIE | HOTPLUG_PCI_CONNECT_AUTO, "0000:03:00.0");
  _hotplug_pci_buses_clear (&buses);
}

/* No more buses than there are numbers */
static void
test_growth_ends (void)
{
  HotplugPciBuses buses;
  HotplugAddress address;
  GError *error = NULL;
  guint n = 0;

  _hotplug_pci_buses_init (&buses, 1);
  _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (&buses, 0), HOTPLUG_PCI_MODEL_PCIE_ROOT, TRUE);
  buses.grows = TRUE;
  while (_hotplug_pci_buses_reserve_next (&buses, HOTPLUG_PCI_CONNECT_PCIE | HOTPLUG_PCI_CONNECT_AUTO, -1, "virtio-net",
                                          &address, &error))
    n++;

  g_assert_cmpuint (n, ==, HOTPLUG_PCI_BUSES_MAX - 1);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  _hotplug_pci_buses_clear (&buses);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (models); row++)
    {
      g_autofree char *path = g_strconcat ("/pci-bus/model/", models[row].model, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_model);
    }
  g_test_add_func ("/pci-bus/off", test_off);
  g_test_add_func ("/pci-bus/unknown-model", test_unknown_model);
  g_test_add_func ("/pci-bus/shared-slots", test_shared_slots);
  g_test_add_func ("/pci-bus/ports-end", test_ports_end);
  g_test_add_func ("/pci-bus/first-conventional-device", test_first_conventional_device);
  g_test_add_func ("/pci-bus/growth-ends", test_growth_ends);
  return g_test_run ();
}
