/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What tests/bench/attach and tests/bench/batch are made of: series of times, raw libvirt calls, the parts of an
 * operation. */

#include <hotplug/hotplug.h>

#include "lab/lab.h"

G_BEGIN_DECLS

/* Times of one kind, in milliseconds */
typedef struct
{
  GArray *values;
} BenchSeries;

void bench_series_init (BenchSeries *series);
void bench_series_clear (BenchSeries *series);
void bench_series_add (BenchSeries *series, gint64 microseconds);
double bench_series_quantile (const BenchSeries *series, double part);
double bench_series_median (const BenchSeries *series);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchSeries, bench_series_clear)

/* What is measured against, and where the removed events are heard */
typedef struct _BenchRaw BenchRaw;

BenchRaw *bench_raw_new (virConnectPtr connect, virDomainPtr domain);
void bench_raw_free (BenchRaw *raw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchRaw, bench_raw_free)

/* What parts of an add or a removal took, in microseconds */
typedef struct
{
  gint64 record; /* the element of the metadata */
  gint64 live;   /* the attach or detach, the guest's part with it */
} BenchRawParts;

/* In the template too with @persist; with @record, (nullable), an element of the metadata beside it; @parts: (out) */
void bench_raw_add (BenchRaw *raw, const char *xml, gboolean persist, const char *record, BenchRawParts *parts);
void bench_raw_remove (BenchRaw *raw, const char *xml, const char *alias, gboolean persist, gboolean record,
                       BenchRawParts *parts);
/* Before a removal; and when the event of it came */
void bench_raw_expect_removed (BenchRaw *raw);
gint64 bench_raw_removed_at (BenchRaw *raw);

/* A disk as the library would attach it next, under an alias that it takes for a stranger's */
#define BENCH_RAW_ALIAS "ua-raw-bench"
char *bench_disk_xml (const char *path, guint number, const char *alias, const char *serial);

/* Disks as the library attaches them, in the template as in the machine: they are there from the start */
char **bench_make_disks (const char *directory, guint count);
/* The program itself, not libtool's script before it */
const char *bench_find_hotplugctl (void);
/* Each disk is a file that QEMU holds open, and QEMU inherits the limit. */
void bench_raise_file_limit (void);

/* A network namespace with a bridge, before the process has threads; (nullable): why there can be none. Then the same
 * for interfaces, in a guest that boots, with what the process holds meanwhile */
const char *bench_enter_network (void);
#define BENCH_BRIDGE "br-bench"
/* @others: machines that the host has besides, whose MAC addresses an add looks at */
void bench_measure_interfaces (HotplugHost *host, virConnectPtr connect, guint rounds, guint others);
/* And one interface so many times: FALSE if more is held afterwards than before */
gboolean bench_soak_interfaces (HotplugHost *host, virConnectPtr connect, guint rounds);

/* Where the time goes that an operation takes more than the raw calls; a line each */
void bench_print_parts (virDomainPtr domain, const char *image, guint rounds, double ours, double raw);

G_END_DECLS
