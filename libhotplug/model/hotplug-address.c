/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "model/hotplug-address-private.h"

HotplugAddress
_hotplug_address_drive (guint controller, guint bus, guint target, guint unit)
{
  return (HotplugAddress){
    .kind = HOTPLUG_ADDRESS_DRIVE, .controller = controller, .bus = bus, .target = target, .unit = unit
  };
}

HotplugAddress
_hotplug_address_pci (guint domain, guint bus, guint slot, guint function)
{
  return (HotplugAddress){
    .kind = HOTPLUG_ADDRESS_PCI, .domain = domain, .bus = bus, .slot = slot, .function = function
  };
}

gboolean
_hotplug_address_equal (const HotplugAddress *a, const HotplugAddress *b)
{
  if (a->kind != b->kind)
    return FALSE;

  switch (a->kind)
    {
    case HOTPLUG_ADDRESS_DRIVE:
      return a->controller == b->controller && a->bus == b->bus && a->target == b->target && a->unit == b->unit;
    case HOTPLUG_ADDRESS_PCI:
      return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot && a->function == b->function;
    case HOTPLUG_ADDRESS_NONE:
    case HOTPLUG_ADDRESS_OTHER:
    default:
      return FALSE;
    }
}

static char *
append_hex (char *text, guint number, guint digits)
{
  for (guint i = digits; i > 0; i--)
    *text++ = "0123456789abcdef"[number >> (i - 1) * 4 & 0xf];
  return text;
}

/* 0000:01:00.0, without printf: a budget says it of each slot */
static char *
pci_to_string (const HotplugAddress *self)
{
  char *text = g_malloc (sizeof "0000:00:00.0");
  char *end = append_hex (text, self->domain, 4);

  *end++ = ':';
  end = append_hex (end, self->bus, 2);
  *end++ = ':';
  end = append_hex (end, self->slot, 2);
  *end++ = '.';
  end = append_hex (end, self->function, 1);
  *end = '\0';
  return text;
}

char *
_hotplug_address_to_string (const HotplugAddress *self)
{
  switch (self->kind)
    {
    case HOTPLUG_ADDRESS_DRIVE:
      return g_strdup_printf ("%u:%u:%u:%u", self->controller, self->bus, self->target, self->unit);
    case HOTPLUG_ADDRESS_PCI:
      return pci_to_string (self);
    case HOTPLUG_ADDRESS_NONE:
    case HOTPLUG_ADDRESS_OTHER:
    default:
      return NULL;
    }
}

gboolean
_hotplug_address_from_string (const char *text, HotplugAddress *out)
{
  guint a, b, c, d;
  int end = 0;

  *out = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  if (text == NULL || text[strspn (text, "0123456789abcdef:.")] != '\0')
    return FALSE;

  if (sscanf (text, "%4x:%2x:%2x.%1x%n", &a, &b, &c, &d, &end) == 4 && text[end] == '\0')
    {
      *out = _hotplug_address_pci (a, b, c, d);
      return TRUE;
    }

  if (sscanf (text, "%5u:%5u:%5u:%5u%n", &a, &b, &c, &d, &end) == 4 && text[end] == '\0')
    {
      *out = _hotplug_address_drive (a, b, c, d);
      return TRUE;
    }

  return FALSE;
}
