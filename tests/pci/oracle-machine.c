/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "oracle.h"

/* Large primes, so that machines of neighbouring seeds have nothing in common */
#define SEED_STEP 2654435761u
#define NUMBER_STEP 40503u

#define SLOTS 32
#define FUNCTIONS 8
#define TRIES 20

/* How a machine is drawn */
typedef struct
{
  GRand *random;
  OracleMachine *machine;
  GHashTable *taken; /* of addresses */
  guint next_index;  /* of PCI controllers */
  double addresses;  /* how many pieces have one, from 0 to 1 */
  double indexes;    /* how many controllers say which they are */
  gboolean careless; /* places that don't fit, or are taken */
  gboolean without_usb;
  guint next_target;
} Draw;

static gboolean
chance (Draw *draw, double part)
{
  return g_rand_double (draw->random) < part;
}

/* From @from to @to, both included */
static guint
between (Draw *draw, guint from, guint to)
{
  return (guint)g_rand_int_range (draw->random, (gint32)from, (gint32)to + 1);
}

static OraclePiece *
piece_at (const OracleMachine *machine, guint i)
{
  return &g_array_index (machine->pieces, OraclePiece, i);
}

static OraclePiece *
add_piece (Draw *draw)
{
  OraclePiece piece = { .number = draw->machine->pieces->len, .index = -1 };

  g_array_append_val (draw->machine->pieces, piece);
  return piece_at (draw->machine, piece.number);
}

static gboolean
is_word_of (const char *words, const char *word)
{
  g_autofree char *spaced = g_strconcat (" ", word, " ", NULL);

  return strstr (words, spaced) != NULL;
}

/* Whether a piece may be put on that bus: a controller by its list of parents, a device by the place it asks for */
static gboolean
fits (const OraclePiece *piece, const OracleBus *bus, OracleBoards board)
{
  if (piece->kind == NULL)
    return is_word_of (piece->bus->parents, bus->model);

  if (g_str_equal (piece->kind->place, "root"))
    return g_str_equal (bus->model, "pcie-root");

  gboolean conventional = (board & ORACLE_PCI) != 0 || g_str_equal (piece->kind->place, "pci");
  return bus->endpoints && bus->conventional == conventional;
}

static gpointer
key_of (guint bus, guint slot, guint function)
{
  return GUINT_TO_POINTER (((bus * SLOTS + slot) * FUNCTIONS + function) + 1);
}

static void
take (Draw *draw, OraclePiece *piece, guint bus, guint slot, guint function)
{
  piece->has_address = TRUE;
  piece->at_bus = bus;
  piece->at_slot = slot;
  piece->at_function = function;
  g_hash_table_add (draw->taken, key_of (bus, slot, function));
}

static gboolean
is_taken (Draw *draw, guint bus, guint slot)
{
  for (guint function = 0; function < FUNCTIONS; function++)
    {
      if (g_hash_table_contains (draw->taken, key_of (bus, slot, function)))
        return TRUE;
    }

  return FALSE;
}

/* The next function of a slot where a piece of the same sort is */
static gboolean
join_slot (Draw *draw, OraclePiece *piece)
{
  for (guint i = draw->machine->pieces->len - 1; i-- > 0;)
    {
      OraclePiece *other = piece_at (draw->machine, i);
      if (!other->has_address || other->bus != piece->bus || (other->kind == NULL) != (piece->kind == NULL)
          || other->at_function + 1 == FUNCTIONS)
        continue;
      if (piece->kind != NULL && g_strcmp0 (other->kind->place, piece->kind->place) != 0)
        continue;

      guint function = other->at_function + 1;
      if (g_hash_table_contains (draw->taken, key_of (other->at_bus, other->at_slot, function)))
        return FALSE;
      /* libvirt puts it on by itself, too */
      if (other->at_function == 0 && chance (draw, 0.7))
        other->multifunction = TRUE;
      take (draw, piece, other->at_bus, other->at_slot, function);
      return TRUE;
    }

  return FALSE;
}

static gboolean
has_root (const OraclePiece *piece)
{
  return piece->kind == NULL && strstr (piece->bus->model, "-root") != NULL
         && strstr (piece->bus->model, "port") == NULL;
}

/* A bus that is in the XML under a number, or the root bus, which is there in any case */
static const OracleBus *
draw_bus (Draw *draw, guint *index)
{
  OracleMachine *machine = draw->machine;
  guint i = between (draw, 0, machine->pieces->len - 1);
  const OraclePiece *piece = piece_at (machine, i);

  if (piece->kind == NULL && piece->index > 0)
    {
      *index = (guint)piece->index;
      return piece->bus;
    }
  if (!chance (draw, 0.3))
    return NULL;
  *index = 0;
  return oracle_bus_find ((machine->board->board & ORACLE_PCIE) != 0 ? "pcie-root" : "pci-root", machine->board->board);
}

static void
draw_address (Draw *draw, OraclePiece *piece)
{
  if (!chance (draw, draw->addresses))
    {
      piece->empty = chance (draw, 0.95) ? ORACLE_ABSENT : chance (draw, 0.5) ? ORACLE_BARE : ORACLE_ZERO;
      return;
    }
  if (chance (draw, 0.3) && join_slot (draw, piece))
    return;

  for (guint i = 0; i < TRIES; i++)
    {
      guint index = 0;
      const OracleBus *bus = draw_bus (draw, &index);
      gboolean any = draw->careless && chance (draw, 0.1);
      /* a PCI Express endpoint may be integrated when it says so itself */
      gboolean integrated = bus != NULL && piece->kind != NULL && index == 0 && chance (draw, 0.2);
      if (bus == NULL || (!any && !integrated && !fits (piece, bus, draw->machine->board->board)))
        continue;
      if (piece->kind == NULL && piece->index >= 0 && index >= (guint)piece->index && !any)
        continue;

      guint first = any && chance (draw, 0.5) ? 0 : bus->first;
      /* what is on the board of a q35 begins at 1a */
      guint last = any ? SLOTS - 1 : MIN (bus->last, index == 0 && bus->last > 0 ? 0x19 : SLOTS - 1);
      guint slot = between (draw, first, last);
      if (is_taken (draw, index, slot) && !any)
        continue;
      if (index == 0 && slot < 3 && !draw->careless && chance (draw, 0.8))
        continue; /* the places of video cards and chipsets, more rarely */
      take (draw, piece, index, slot, 0);
      return;
    }

  if (draw->careless && chance (draw, 0.2))
    take (draw, piece, draw->next_index + between (draw, 0, 3), between (draw, 0, 1), 0);
}

static const OracleBus *
draw_model (Draw *draw)
{
  const OracleBoard *board = draw->machine->board;
  guint total = 0;

  for (const OracleBus *bus = oracle_buses; bus->model != NULL; bus++)
    total += (bus->boards & board->board) != 0 ? bus->weight : 0;

  guint number = between (draw, 0, total - 1);
  for (const OracleBus *bus = oracle_buses; bus->model != NULL; bus++)
    {
      guint weight = (bus->boards & board->board) != 0 ? bus->weight : 0;
      if (number < weight)
        return bus;
      number -= weight;
    }

  g_assert_not_reached ();
}

static gboolean
has_model (const OracleMachine *machine, const char *model)
{
  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = piece_at (machine, i);
      if (piece->kind == NULL && g_str_equal (piece->bus->model, model))
        return TRUE;
    }

  return FALSE;
}

/* How many ports more than those that controllers before it need */
static int
spare_ports (const OracleMachine *machine)
{
  int spare = 0;

  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = piece_at (machine, i);
      if (piece->kind != NULL)
        continue;
      if (piece->bus->endpoints && !piece->bus->conventional)
        spare++;
      else if (is_word_of (piece->bus->parents, "pcie-root-port"))
        spare--;
    }

  return spare;
}

/* libvirt refuses a controller whose place is on a bus with a higher number, and makes such ones by itself when there
 * is nothing else to plug it into: not too often, then. */
static const OracleBus *
draw_sensible_model (Draw *draw)
{
  const OracleMachine *machine = draw->machine;
  OracleBoards board = machine->board->board;
  const OracleBus *bus = draw_model (draw);

  if (draw->careless || chance (draw, 0.05))
    return bus;
  if (g_str_equal (bus->model, "pcie-switch-downstream-port") && !has_model (machine, "pcie-switch-upstream-port"))
    bus = oracle_bus_find ("pcie-switch-upstream-port", board);
  if (g_str_equal (bus->model, "pci-bridge") && (board & ORACLE_PCIE) != 0 && !has_model (machine, "pcie-to-pci-bridge")
      && !has_model (machine, "dmi-to-pci-bridge"))
    bus = oracle_bus_find ("pcie-to-pci-bridge", board);
  if (is_word_of (bus->parents, "pcie-root-port") && spare_ports (machine) <= 0)
    bus = oracle_bus_find ("pcie-root-port", board);
  return bus;
}

static void
add_controller (Draw *draw)
{
  const OracleBus *bus = draw_sensible_model (draw);

  OraclePiece *piece = add_piece (draw);
  piece->bus = bus;
  if (chance (draw, draw->indexes))
    {
      piece->index = (int)draw->next_index++;
      if (chance (draw, 0.03))
        draw->next_index += between (draw, 1, 3);
      if (draw->careless && chance (draw, 0.02))
        draw->next_index = MAX (1, draw->next_index - 1);
    }
  piece->refuses = bus->may_refuse && chance (draw, 0.1);
  piece->ioh3420 = (draw->machine->board->board & ORACLE_X86) != 0 && g_str_equal (bus->model, "pcie-root-port")
                   && chance (draw, 0.1);
  if (!has_root (piece) && (piece->index >= 0 || draw->careless))
    draw_address (draw, piece);
}

static gsize
same_start (const char *one, const char *other, char end)
{
  const char *stop = strchr (one, end);
  gsize length = stop != NULL ? (gsize)(stop - one) : strlen (one);

  return strncmp (one, other, length) == 0;
}

/* A further video card is one without a VGA part (qemu_validate.c, "is only valid as primary video device"). */
static gboolean
can_be_second (const OracleKind *kind)
{
  return strstr (kind->xml, "'qxl'") != NULL || strstr (kind->xml, "type='virtio'/>") != NULL;
}

/* Whether the machine may have that too, as far as anything but PCI goes */
static gboolean
is_welcome (Draw *draw, const OracleKind *kind)
{
  gboolean usb = (kind->traits & ORACLE_USB) != 0 || g_str_has_prefix (kind->xml, "<controller type='usb'");
  if (usb && draw->without_usb)
    return FALSE;

  for (guint i = 0; i < draw->machine->pieces->len; i++)
    {
      const OracleKind *other = piece_at (draw->machine, i)->kind;
      if (other == NULL || !same_start (kind->xml, other->xml, '='))
        continue;
      if ((kind->traits & other->traits & ORACLE_ONCE) != 0)
        return FALSE;
      if (strstr (other->xml, "<model type='none'") != NULL || strstr (kind->xml, "<model type='none'") != NULL)
        return FALSE;
      if (g_str_has_prefix (kind->xml, "<video>") && !draw->careless && !can_be_second (kind))
        return FALSE;
    }

  return TRUE;
}

static const OracleKind *
draw_kind (Draw *draw)
{
  OracleBoards board = draw->machine->board->board;
  guint total = 0;

  for (const OracleKind *kind = oracle_kinds; kind->xml != NULL; kind++)
    total += (kind->boards & board) != 0 ? kind->weight : 0;

  guint number = between (draw, 0, total - 1);
  for (const OracleKind *kind = oracle_kinds; kind->xml != NULL; kind++)
    {
      guint weight = (kind->boards & board) != 0 ? kind->weight : 0;
      if (number < weight)
        return is_welcome (draw, kind) ? kind : NULL;
      number -= weight;
    }

  g_assert_not_reached ();
}

static int
count_controllers (const OracleMachine *machine, const char *xml)
{
  int count = 0;

  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = piece_at (machine, i);
      if (piece->kind != NULL && same_start (xml, piece->kind->xml, '^'))
        count++;
    }

  return count;
}

static void
add_device (Draw *draw)
{
  const OracleKind *kind = draw_kind (draw);
  if (kind == NULL)
    return;

  /* a group has one index for all; others may leave it to libvirt */
  int index = -1;
  if (strchr (kind->xml, '^') != NULL && (strstr (kind->xml, "<master") != NULL || chance (draw, 0.6)))
    index = count_controllers (draw->machine, kind->xml) + (chance (draw, 0.1) ? 1 : 0);

  OraclePiece *piece = add_piece (draw);
  piece->kind = kind;
  piece->index = index;
  if (strchr (kind->xml, '%') != NULL)
    {
      gboolean few = strstr (kind->xml, "bus='ide'") != NULL || strstr (kind->xml, "bus='fdc'") != NULL;
      piece->target = few ? between (draw, 0, 3) % (strstr (kind->xml, "fdc") != NULL ? 2 : 4) : draw->next_target;
      draw->next_target += few ? 0 : between (draw, 1, 10) / 9 + 1;
    }
  if (kind->place != NULL)
    draw_address (draw, piece);
}

static guint
draw_count (Draw *draw, guint most)
{
  static const double parts[] = { 0.25, 0.6, 0.9, 1 };
  const guint ends[] = { 0, MIN (6, most), MIN (20, most), most };
  double number = g_rand_double (draw->random);

  for (guint i = 1; i < G_N_ELEMENTS (parts); i++)
    {
      if (number < parts[0])
        return 0;
      if (number < parts[i])
        return between (draw, MIN (ends[i - 1] + 1, most), ends[i]);
    }

  return most;
}

/* The order of elements is no matter, mostly */
static void
shuffle (Draw *draw)
{
  const OracleMachine *machine = draw->machine;

  for (guint i = machine->pieces->len; i > 1; i--)
    {
      OraclePiece *one = piece_at (machine, i - 1);
      OraclePiece *other = piece_at (machine, between (draw, 0, i - 1));
      OraclePiece kept = *one;

      *one = *other;
      *other = kept;
    }
}

static void
add_all (Draw *draw)
{
  static const double shares[] = { 0, 0, 0.15, 0.4, 1 };
  static const OracleKind no_usb = { "<controller type='usb' model='none'/>", ORACLE_ANY, 0, 0, NULL };
  static const OracleKind no_usb_here = {
    "<controller type='usb' index='0' model='none'><address type='pci' bus='0' slot='0x10' function='0'/></controller>",
    ORACLE_ANY, 0, 0, NULL
  };
  static const OracleKind no_balloon = { "<memballoon model='none'/>", ORACLE_ANY, 0, 0, NULL };
  OracleMachine *machine = draw->machine;
  gboolean conventional = (machine->board->board & ORACLE_PCI) != 0;

  draw->addresses = shares[between (draw, 0, G_N_ELEMENTS (shares) - 1)];
  draw->indexes = chance (draw, 0.8) ? 1 : g_rand_double (draw->random);
  draw->careless = chance (draw, 0.07);
  draw->without_usb = chance (draw, 0.35);
  machine->acpi = (machine->board->board & ORACLE_X86) != 0 && chance (draw, 0.9);
  machine->vcpus = machine->board->board == ORACLE_OTHER ? 1 : between (draw, 1, 8);
  if (draw->without_usb || machine->board->board == ORACLE_OTHER)
    add_piece (draw)->kind = chance (draw, 0.3) && machine->board->board != ORACLE_OTHER ? &no_usb_here : &no_usb;
  if (machine->board->board == ORACLE_OTHER)
    {
      add_piece (draw)->kind = &no_balloon;
      return;
    }

  /* each bridge of a pc has 31 slots to fill: a few have many, and those of a q35 have ports instead */
  guint controllers = draw_count (draw, conventional && !chance (draw, 0.05) ? 3 : 60);
  if (controllers > 0 && chance (draw, 0.95))
    {
      OraclePiece *root = add_piece (draw);
      root->bus = oracle_bus_find (conventional ? "pci-root" : "pcie-root", machine->board->board);
      root->index = 0;
      root->refuses = machine->board->board == ORACLE_PC && chance (draw, 0.1);
    }
  for (guint i = 0; i < controllers; i++)
    add_controller (draw);

  guint devices = draw_count (draw, 40);
  for (guint i = 0; i < devices; i++)
    {
      if (machine->pieces->len > 0 || draw->addresses <= 0)
        add_device (draw);
    }
  if (chance (draw, 0.15))
    shuffle (draw);
}

OracleMachine *
oracle_machine_new (guint seed, guint number)
{
  OracleMachine *machine = g_new0 (OracleMachine, 1);
  Draw draw = { .machine = machine, .next_index = 1 };
  const OracleBoard *board = oracle_boards;
  guint total = 0;

  machine->number = number;
  machine->pieces = g_array_new (FALSE, TRUE, sizeof (OraclePiece));
  draw.random = g_rand_new_with_seed (seed * SEED_STEP + number * NUMBER_STEP);
  draw.taken = g_hash_table_new (NULL, NULL);
  for (; board->machine != NULL; board++)
    total += board->weight;
  guint pick = between (&draw, 0, total - 1);
  for (board = oracle_boards; pick >= board->weight; board++)
    pick -= board->weight;
  machine->board = board;
  add_all (&draw);
  machine->records = chance (&draw, 0.25);

  g_hash_table_unref (draw.taken);
  g_rand_free (draw.random);
  return machine;
}

OracleMachine *
oracle_machine_copy (const OracleMachine *machine)
{
  OracleMachine *copy = g_memdup2 (machine, sizeof *machine);

  copy->pieces = g_array_copy (machine->pieces);
  return copy;
}

void
oracle_machine_free (OracleMachine *machine)
{
  g_array_unref (machine->pieces);
  g_free (machine);
}

gboolean
oracle_machine_make_startable (OracleMachine *machine)
{
  guint before = machine->pieces->len;

  for (guint i = before; i-- > 0;)
    {
      const OracleKind *kind = piece_at (machine, i)->kind;
      if (kind != NULL && (kind->traits & ORACLE_UNSTARTABLE) != 0)
        g_array_remove_index (machine->pieces, i);
    }

  return machine->pieces->len < before;
}
