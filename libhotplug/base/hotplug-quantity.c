/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-quantity.h>

/* The grammar: Kubernetes apimachinery pkg/api/resource/quantity.go, suffix.go. Digits are kept as text, so that no
 * number of them loses anything; the decimal suffixes and the exponent only move the point. */

/* More digits than that are no size, and nobody waits for them. */
#define LENGTH_MAX 64
#define EXPONENT_MAX 30

static const struct
{
  const char *suffix;
  int exponent; /* of ten */
  int shift;    /* of two */
} suffixes[] = {
  { "", 0, 0 },    { "n", -9, 0 },  { "u", -6, 0 },  { "m", -3, 0 },  { "k", 3, 0 },   { "M", 6, 0 },
  { "G", 9, 0 },   { "T", 12, 0 },  { "P", 15, 0 },  { "E", 18, 0 },  { "Ki", 0, 10 }, { "Mi", 0, 20 },
  { "Gi", 0, 30 }, { "Ti", 0, 40 }, { "Pi", 0, 50 }, { "Ei", 0, 60 },
};

/* What stands behind the digits: one of the suffixes, or an exponent */
static gboolean
read_suffix (const char *text, int *exponent, int *shift)
{
  gint64 number = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (strcmp (suffixes[i].suffix, text) != 0)
        continue;
      *exponent = suffixes[i].exponent;
      *shift = suffixes[i].shift;
      return TRUE;
    }

  if ((*text != 'e' && *text != 'E')
      || !g_ascii_string_to_signed (text + (text[1] == '+' ? 2 : 1), 10, -EXPONENT_MAX, EXPONENT_MAX, &number, NULL))
    return FALSE;
  *exponent = (int) number;
  *shift = 0;
  return TRUE;
}

/* The digits of @text without their point, and how many of them stand before it; FALSE if there is none */
static gboolean
read_digits (const char *text, GString *digits, int *point, const char **end)
{
  const char *at = text;
  *point = -1;

  for (; g_ascii_isdigit (*at) || (*at == '.' && *point < 0); at++)
    {
      if (*at == '.')
        *point = (int) digits->len;
      else
        g_string_append_c (digits, *at);
    }

  if (*point < 0)
    *point = (int) digits->len;
  *end = at;
  return digits->len > 0;
}

/* Whole and fraction times 2^shift, a part of a byte counted as one; FALSE for more than a size can be */
static gboolean
compute (const GString *digits, int point, int shift, guint64 *bytes)
{
  guint64 unit = G_GUINT64_CONSTANT (1) << shift;
  guint64 whole = 0;
  guint64 part = 0;
  gboolean rest = FALSE;

  for (int i = 0; i < point; i++)
    {
      guint64 digit = i < (int) digits->len ? (guint64) (digits->str[i] - '0') : 0;
      if (!g_uint64_checked_mul (&whole, whole, 10) || !g_uint64_checked_add (&whole, whole, digit))
        return FALSE;
    }

  /* Horner's way from the last digit: nine units and what is carried are less than 2^64 */
  for (int i = (int) digits->len - 1; i >= point; i--)
    {
      guint64 sum = (guint64) (digits->str[i] - '0') * unit + part;
      rest |= sum % 10 != 0;
      part = sum / 10;
    }

  return g_uint64_checked_mul (&whole, whole, unit) && g_uint64_checked_add (bytes, whole, part)
         && g_uint64_checked_add (bytes, *bytes, rest ? 1 : 0) && *bytes <= G_MAXINT64;
}

/* The point may come to stand before the first digit: 5m is 0.005 */
static void
move_point (GString *digits, int *point, int exponent)
{
  *point += exponent;
  for (; *point < 0; (*point)++)
    g_string_prepend_c (digits, '0');
}

static gboolean
set_refusal (GError **error, const char *text, const char *what)
{
  g_autofree char *head = g_strndup (text, LENGTH_MAX);
  g_autofree char *shown = g_strescape (head, NULL);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "size \"%s\" %s", shown, what);
  return FALSE;
}

/**
 * hotplug_quantity_parse:
 * @text: a Kubernetes quantity, such as `5Gi`, `500M`, `1.5Gi` or `1e9`
 * @bytes: (out): that many bytes
 * @error: return location for a #GError
 *
 * Reads a size as Kubernetes writes it: `Ki`, `Mi`, `Gi`, `Ti`, `Pi` and `Ei` are powers of 1024, `k`, `M`, `G`, `T`,
 * `P` and `E` powers of 1000. A part of a byte counts as a byte. A sign is refused, and so is more than 2⁶³-1.
 *
 * Returns: %FALSE with %HOTPLUG_ERROR_INVALID_ARGUMENT if it is no size
 *
 * Since: 0.1
 */
gboolean
hotplug_quantity_parse (const char *text, guint64 *bytes, GError **error)
{
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_autoptr (GString) digits = g_string_new (NULL);
  const char *end = NULL;
  int point = 0;
  int exponent = 0;
  int shift = 0;

  if (strlen (text) > LENGTH_MAX || !read_digits (text, digits, &point, &end) || !read_suffix (end, &exponent, &shift))
    return set_refusal (error, text, "is no quantity: 5Gi, 500M and 1073741824 are");

  move_point (digits, &point, exponent);
  return compute (digits, point, shift, bytes) || set_refusal (error, text, "is more than a disk can have: 8Ei");
}

/**
 * hotplug_quantity_to_string:
 * @bytes: a number of bytes
 *
 * Returns: (transfer full): the shortest Kubernetes quantity that is exactly that: `5Gi`, or the plain number
 *
 * Since: 0.1
 */
char *
hotplug_quantity_to_string (guint64 bytes)
{
  static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
  guint unit = 0;

  for (; bytes > 0 && bytes % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units); unit++)
    bytes /= 1024;
  return g_strdup_printf ("%" G_GUINT64_FORMAT "%s", bytes, units[unit]);
}
