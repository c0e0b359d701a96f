/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "oracle.h"

#define SECONDS 60

typedef struct
{
  const OracleLab *lab;
  OracleFault fault;
  gint64 deadline;
  OracleMachine *machine; /* the smallest one yet */
} Shrinking;

/* Takes @smaller, if it shows the same */
static gboolean
try_smaller (Shrinking *shrinking, OracleMachine *smaller)
{
  g_auto (OracleAnswer) answer = { .text = g_string_new (NULL), .remarks = g_string_new (NULL) };

  if (g_get_monotonic_time () < shrinking->deadline)
    oracle_examine (shrinking->lab, smaller, shrinking->fault == ORACLE_LIVE, &answer);
  if (answer.fault != shrinking->fault)
    {
      oracle_machine_free (smaller);
      return FALSE;
    }

  oracle_machine_free (shrinking->machine);
  shrinking->machine = smaller;
  return TRUE;
}

/* First halves, then quarters, at last one by one */
static gboolean
drop_pieces (Shrinking *shrinking)
{
  gboolean dropped = FALSE;

  for (guint length = MAX (shrinking->machine->pieces->len / 2, 1); length > 0; length /= 2)
    {
      for (guint end = shrinking->machine->pieces->len; end >= length; end -= MIN (length, end))
        {
          OracleMachine *smaller = oracle_machine_copy (shrinking->machine);
          g_array_remove_range (smaller->pieces, end - length, length);
          dropped = try_smaller (shrinking, smaller) || dropped;
          if (end == length)
            break;
        }
    }

  return dropped;
}

static void
simplify_piece (Shrinking *shrinking, guint i)
{
  OracleMachine *smaller = oracle_machine_copy (shrinking->machine);
  OraclePiece *piece = &g_array_index (smaller->pieces, OraclePiece, i);

  if (piece->has_address || piece->empty != ORACLE_ABSENT || piece->ioh3420)
    {
      piece->has_address = FALSE;
      piece->empty = ORACLE_ABSENT;
      piece->ioh3420 = FALSE;
      try_smaller (shrinking, smaller);
      smaller = oracle_machine_copy (shrinking->machine);
      piece = &g_array_index (smaller->pieces, OraclePiece, i);
    }
  if (piece->refuses)
    {
      piece->refuses = FALSE;
      try_smaller (shrinking, smaller);
      return;
    }
  oracle_machine_free (smaller);
}

OracleMachine *
oracle_shrink (const OracleLab *lab, const OracleMachine *machine, OracleFault fault)
{
  Shrinking shrinking = {
    .lab = lab,
    .fault = fault,
    .deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC,
    .machine = oracle_machine_copy (machine),
  };

  do
    {
      for (guint i = 0; i < shrinking.machine->pieces->len; i++)
        simplify_piece (&shrinking, i);
    }
  while (drop_pieces (&shrinking) && g_get_monotonic_time () < shrinking.deadline);

  return shrinking.machine;
}
