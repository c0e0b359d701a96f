/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-claims-private.h"

/* What a claim is about: PCI, then the buses of disks, then the types of controllers */
#define CLAIM_PCI 0
#define CLAIM_DRIVES 100
#define CLAIM_CONTROLLERS 200

typedef struct
{
  guint what;
  guint line;
  guint64 where;
} Claim;

struct _HotplugClaims
{
  GArray *claims; /* Claim */
};

/* Those whose indexes libvirt wants to be different; USB's are not: libvirt 9.0.0 src/conf/domain_postparse.c:1134 */
static const char *const controllers[] = {
  "ccid", "fdc", "ide", "isa", "pci", "sata", "scsi", "virtio-serial", "xenbus"
};

HotplugClaims *
_hotplug_claims_new (void)
{
  HotplugClaims *self = g_new0 (HotplugClaims, 1);

  self->claims = g_array_sized_new (FALSE, FALSE, sizeof (Claim), 32);
  return self;
}

void
_hotplug_claims_free (HotplugClaims *self)
{
  g_array_unref (self->claims);
  g_free (self);
}

static void
add (HotplugClaims *self, guint what, guint64 where, guint line)
{
  Claim claim = { what, line, where };

  g_array_append_val (self->claims, claim);
}

void
_hotplug_claims_add_device (HotplugClaims *self, const HotplugDevice *device, guint line)
{
  const HotplugAddress *address = &device->address;

  if (address->kind == HOTPLUG_ADDRESS_PCI)
    add (self, CLAIM_PCI, (guint64)address->domain << 24 | address->bus << 16 | address->slot << 8 | address->function,
         line);
}

/* libvirt 9.0.0 src/conf/domain_validate.c:1293 */
void
_hotplug_claims_add_disk (HotplugClaims *self, const HotplugDisk *disk, guint line)
{
  const HotplugAddress *address = &disk->address;

  if (address->kind == HOTPLUG_ADDRESS_DRIVE && disk->bus != HOTPLUG_BUS_OTHER)
    add (self, CLAIM_DRIVES + (guint)disk->bus,
         (guint64)address->controller << 48 | (guint64)address->bus << 32 | (guint64)address->target << 16
             | address->unit,
         line);
}

void
_hotplug_claims_add_controller (HotplugClaims *self, const char *type, guint index, guint line)
{
  for (guint i = 0; i < G_N_ELEMENTS (controllers); i++)
    {
      if (g_strcmp0 (type, controllers[i]) == 0)
        {
          add (self, CLAIM_CONTROLLERS + i, index, line);
          return;
        }
    }
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Claim *left = a;
  const Claim *right = b;

  if (left->what != right->what)
    return left->what < right->what ? -1 : 1;
  if (left->where != right->where)
    return left->where < right->where ? -1 : 1;
  return left->line < right->line ? -1 : left->line > right->line;
}

static char *
describe (const Claim *claim)
{
  guint64 where = claim->where;

  if (claim->what >= CLAIM_CONTROLLERS)
    return g_strdup_printf ("index %u of the %s controllers", (guint)where,
                            controllers[claim->what - CLAIM_CONTROLLERS]);

  HotplugAddress address = claim->what == CLAIM_PCI
                               ? _hotplug_address_pci ((guint)(where >> 24), where >> 16 & 0xff, where >> 8 & 0xff,
                                                       where & 0xff)
                               : _hotplug_address_drive ((guint)(where >> 48), where >> 32 & 0xffff,
                                                         where >> 16 & 0xffff, where & 0xffff);
  g_autofree char *text = _hotplug_address_to_string (&address);
  const char *bus = claim->what == CLAIM_PCI
                        ? "PCI"
                        : _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int)(claim->what - CLAIM_DRIVES));
  return g_strdup_printf ("%s address %s", bus, text);
}

/* Sorted, so that no choice of addresses makes it slow */
void
_hotplug_claims_check (HotplugClaims *self, const HotplugXmlElement *element)
{
  const Claim *second = NULL;
  const Claim *first = NULL;

  g_array_sort (self->claims, compare);
  for (guint i = 1; i < self->claims->len; i++)
    {
      const Claim *claim = &g_array_index (self->claims, Claim, i);
      if (claim[-1].what == claim->what && claim[-1].where == claim->where
          && (second == NULL || claim->line < second->line))
        {
          first = claim - 1;
          second = claim;
        }
    }
  if (second == NULL)
    return;

  g_autofree char *what = describe (second);
  _hotplug_xml_element_fail_at (element, second->line, "%s is taken already, in line %u", what, first->line);
}
