/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The oracle: machines of random shape, whose PCI budget is compared with what libvirt and QEMU make of them.
 *
 * A machine is a list of pieces, so that it can be made smaller while it still shows what is wrong. Which one it is
 * follows from the seed and its number alone.
 */

#include <hotplug/hotplug.h>

#include "lab/lab.h"

G_BEGIN_DECLS

/* Kinds of machines, as a set */
typedef enum {
  ORACLE_PC = 1 << 0,
  ORACLE_Q35 = 1 << 1,
  ORACLE_VIRT = 1 << 2,
  ORACLE_PSERIES = 1 << 3,
  ORACLE_OTHER = 1 << 4, /* without PCI */
  ORACLE_X86 = ORACLE_PC | ORACLE_Q35,
  ORACLE_PCIE = ORACLE_Q35 | ORACLE_VIRT,
  ORACLE_PCI = ORACLE_PC | ORACLE_PSERIES,
  ORACLE_ANY = ORACLE_PCIE | ORACLE_PCI,
} OracleBoards;

typedef struct
{
  const char *arch; /* empty: the XML does not say it */
  const char *machine;
  OracleBoards board;
  guint weight;
  const char *emulator; /* has to be there; libvirt finds it by itself */
} OracleBoard;

/* What a kind of piece is like, as a set */
typedef enum {
  ORACLE_PLAIN = 0,
  ORACLE_USB = 1 << 0,         /* needs a USB controller */
  ORACLE_UNSTARTABLE = 1 << 1, /* this host can't start it; libvirt defines it all the same */
  ORACLE_ONCE = 1 << 2,        /* no second one of the same element */
} OracleTraits;

/* How controllers are put: the places of a bus, and whether one fits there. */
typedef struct
{
  const char *model;
  OracleBoards boards;
  guint weight;
  guint first, last;     /* slots */
  const char *parents;   /* models, with spaces around */
  gboolean conventional; /* devices with an address are put there as conventional PCI */
  gboolean endpoints;
  gboolean may_refuse; /* takes hotplug='off' */
} OracleBus;

/* What begins so is an argument of QEMU's command line, and no device */
#define ORACLE_ARGUMENT "<qemu:arg value="

/* In @xml stand: @ for alias and address, # for the piece's number, % for the letters of a disk's target, ^ for the
 * index attribute of a controller, ~ for a directory with the file "image". */
typedef struct
{
  const char *xml;
  OracleBoards boards;
  guint weight;
  OracleTraits traits;
  const char *place; /* on q35 an address is drawn among buses for: "pcie", "pci", "root"; NULL: no address of PCI */
} OracleKind;

/* An address that leaves it to libvirt */
typedef enum {
  ORACLE_ABSENT,
  ORACLE_BARE, /* a type and no more */
  ORACLE_ZERO, /* 0000:00:00.0 */
} OracleEmpty;

typedef struct
{
  const OracleKind *kind; /* NULL: a PCI controller */
  const OracleBus *bus;
  guint number;
  int index; /* of a controller; -1: libvirt finds one */
  guint target;
  gboolean refuses; /* hotplug='off' */
  gboolean ioh3420; /* a root port of that model */
  gboolean has_address;
  OracleEmpty empty; /* if it has none */
  guint at_bus, at_slot, at_function;
  gboolean multifunction;
} OraclePiece;

typedef struct
{
  guint number;
  const OracleBoard *board;
  gboolean acpi;
  guint vcpus;
  gboolean records; /* devices that are not in its definition come with each start */
  GArray *pieces;   /* OraclePiece */
} OracleMachine;

extern const OracleBoard oracle_boards[];
extern const OracleBus oracle_buses[];
extern const OracleKind oracle_kinds[];

/* Whether QEMU has devices of which libvirt knows nothing: then it is not libvirt that chooses places */
gboolean oracle_machine_has_arguments (const OracleMachine *machine);
const OracleBus *oracle_bus_find (const char *model, OracleBoards board);

OracleMachine *oracle_machine_new (guint seed, guint number);
OracleMachine *oracle_machine_copy (const OracleMachine *machine);
void oracle_machine_free (OracleMachine *machine);
char *oracle_machine_xml (const OracleMachine *machine);
char *oracle_machine_describe (const OracleMachine *machine);
/* Takes out what this host can't start; FALSE: there was nothing of that kind */
gboolean oracle_machine_make_startable (OracleMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OracleMachine, oracle_machine_free)

/* What libvirt says, read without the library: each element of <devices>. The strings are never NULL. */
typedef struct
{
  char *element;
  char *type;
  char *model;
  char *alias;
  char *address; /* as 0000:01:00.0; empty: none of PCI */
  guint index;
  gboolean refuses;
} OracleDevice;

GPtrArray *oracle_devices_from_xml (const char *xml);
const OracleDevice *oracle_devices_find (GPtrArray *devices, const char *alias);

/* One machine, one answer */
typedef enum {
  ORACLE_OK,
  ORACLE_TEMPLATE, /* what the next start will have */
  ORACLE_REFUSAL,  /* libvirt defines it and the library says no, or the other way around */
  ORACLE_LIVE,     /* what a running machine takes */
} OracleFault;

typedef struct
{
  OracleFault fault;
  GString *text;    /* what differs */
  GString *remarks; /* what is worth a line, and no fault */
  guint plugged, recorded;
  gboolean refused, started, filled;
} OracleAnswer;

void oracle_answer_clear (OracleAnswer *answer);
void oracle_fault (OracleAnswer *answer, OracleFault fault, const char *format, ...) G_GNUC_PRINTF (3, 4);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OracleAnswer, oracle_answer_clear)

/* One worker's libvirt, and the library on the same */
typedef struct
{
  virConnectPtr connect;
  HotplugHost *host;
} OracleLab;

/* @live: also starts and fills it */
void oracle_examine (const OracleLab *lab, const OracleMachine *machine, gboolean live, OracleAnswer *answer);
void oracle_live (const OracleLab *lab, virDomainPtr domain, const OracleMachine *machine, const char *foretold,
                  OracleAnswer *answer);
/* Of a machine that runs: gives it devices that are not in its template, and starts it again with them */
void oracle_records (HotplugHost *host, virDomainPtr domain, const OracleMachine *machine, OracleAnswer *answer);
/* All that a budget says, but for what was there already and what was added */
char *oracle_budget_text (HotplugPciBudget *budget);
/* What each of the two has that the other lacks, line by line */
void oracle_compare (OracleAnswer *answer, OracleFault fault, const char *before, const char *after);
/* What @budget says against what stands in the XML */
void oracle_check_budget (HotplugPciBudget *budget, GPtrArray *devices, OracleFault fault, OracleAnswer *answer);

/* Makes a machine smaller as long as its fault stays the same */
OracleMachine *oracle_shrink (const OracleLab *lab, const OracleMachine *machine, OracleFault fault);

G_END_DECLS
