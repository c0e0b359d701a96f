/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-pci-vectors-private.h"

/* A vCPU of x86 has 256 vectors, of which Linux hands out about 200 to devices. MEASURED with Linux 6.1 on a q35: of
 * 100 virtio NICs behind 100 root ports one vCPU shows 31, which is 6 for the machine, 100 for the ports and 3 for each
 * NIC; four vCPUs show them all, and one vCPU all of 32 behind 32 ports. */
#define PER_VCPU 200
#define OF_MACHINE 6
#define OF_VIRTIO_DEVICE 3
#define OF_PORT 1

/* Others interrupt by a line, which they share, or too little to tell. A queue a vCPU: QEMU's default since 5.2 */
static const struct
{
  const char *word;
  guint vectors;
  guint per_vcpu;
} needs[] = {
  { "pcie-root-port", OF_PORT, 0 },
  { "pcie-switch-upstream-port", OF_PORT, 0 },
  { "pcie-switch-downstream-port", OF_PORT, 0 },
  { "pci-bridge", OF_PORT, 0 },
  { "pcie-to-pci-bridge", OF_PORT, 0 },
  { "virtio-net", OF_VIRTIO_DEVICE, 0 },
  { "virtio-blk", 1, 1 },
  { "virtio-scsi controller", 3, 1 },
  { "vhost-scsi", 3, 1 },
  { "virtio-serial controller", 2, 0 },
  { "virtio-rng", 2, 0 },
  { "virtio-gpu", 3, 0 },
  { "virtio-input", 2, 0 },
  { "filesystem", 2, 0 },
  { "vsock", 3, 0 },
  { "virtio-mem", 2, 0 },
  { "virtio-pmem", 2, 0 },
  { "e1000e", 3, 0 },
  { "host device", 3, 0 },
};

static guint
vectors_of (const GArray *seats, guint vcpus)
{
  guint n = 0;

  for (guint i = 0; i < seats->len; i++)
    {
      const HotplugPciSeat *seat = &g_array_index (seats, HotplugPciSeat, i);
      for (guint row = 0; seat->device.address.kind == HOTPLUG_ADDRESS_PCI && row < G_N_ELEMENTS (needs); row++)
        {
          if (g_strcmp0 (needs[row].word, seat->need.word) == 0)
            n += needs[row].vectors + needs[row].per_vcpu * vcpus;
        }
    }
  return n;
}

HotplugPciVectors
_hotplug_pci_vectors_estimate (const HotplugPciPlan *plan, guint vcpus)
{
  guint n_vcpus = CLAMP (vcpus, 1, 4096);

  return (HotplugPciVectors){
    .available = plan->machine->x86 ? PER_VCPU * n_vcpus : 0,
    .present = OF_MACHINE + vectors_of (plan->seats, n_vcpus) + vectors_of (plan->controllers, n_vcpus),
    .per_device = OF_VIRTIO_DEVICE,
  };
}

guint
_hotplug_pci_vectors_n_served (const HotplugPciVectors *self, guint n)
{
  if (self->available == 0)
    return n;

  return self->available > self->present ? MIN ((self->available - self->present) / self->per_device, n) : 0;
}
