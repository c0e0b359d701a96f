/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/bench.h"

#define METADATA_KEY "bench"
#define METADATA_URI "urn:libhotplug-bench"

#define PATIENCE (30 * G_TIME_SPAN_SECOND)

struct _BenchRaw
{
  virConnectPtr connect;
  virDomainPtr domain;
  int callback;

  GMutex lock; /* over what follows */
  GCond changed;
  gint64 removed_at; /* 0: not yet */
};

static void
on_removed (virConnectPtr connect G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, const char *alias G_GNUC_UNUSED,
            void *opaque)
{
  BenchRaw *raw = opaque;

  g_mutex_lock (&raw->lock);
  raw->removed_at = g_get_monotonic_time ();
  g_cond_broadcast (&raw->changed);
  g_mutex_unlock (&raw->lock);
}

BenchRaw *
bench_raw_new (virConnectPtr connect, virDomainPtr domain)
{
  BenchRaw *raw = g_new0 (BenchRaw, 1);

  g_mutex_init (&raw->lock);
  g_cond_init (&raw->changed);
  raw->connect = connect;
  raw->domain = domain;
  raw->callback = virConnectDomainEventRegisterAny (connect, domain, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                                    VIR_DOMAIN_EVENT_CALLBACK (on_removed), raw, NULL);
  g_assert_cmpint (raw->callback, >=, 0);
  return raw;
}

/* The callback may run once more after this: what it touches stays */
void
bench_raw_free (BenchRaw *raw)
{
  virConnectDomainEventDeregisterAny (raw->connect, raw->callback);
}

void
bench_raw_expect_removed (BenchRaw *raw)
{
  g_mutex_lock (&raw->lock);
  raw->removed_at = 0;
  g_mutex_unlock (&raw->lock);
}

gint64
bench_raw_removed_at (BenchRaw *raw)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&raw->lock);
  while (raw->removed_at == 0)
    {
      if (!g_cond_wait_until (&raw->changed, &raw->lock, until))
        g_error ("no removed event");
    }
  gint64 at = raw->removed_at;
  g_mutex_unlock (&raw->lock);
  return at;
}

/* Returns how long it took */
static gint64
write_record (BenchRaw *raw, const char *record)
{
  gint64 start = g_get_monotonic_time ();

  if (virDomainSetMetadata (raw->domain, VIR_DOMAIN_METADATA_ELEMENT, record, METADATA_KEY, METADATA_URI,
                            VIR_DOMAIN_AFFECT_CONFIG)
      < 0)
    g_error ("metadata: %s", virGetLastErrorMessage ());
  return g_get_monotonic_time () - start;
}

void
bench_raw_add (BenchRaw *raw, const char *xml, gboolean persist, const char *record, BenchRawParts *parts)
{
  *parts = (BenchRawParts){ 0 };
  if (persist)
    lab_attach (raw->domain, xml, VIR_DOMAIN_AFFECT_CONFIG);
  if (record != NULL)
    parts->record = write_record (raw, record);

  gint64 start = g_get_monotonic_time ();
  lab_attach (raw->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  parts->live = g_get_monotonic_time () - start;
}

void
bench_raw_remove (BenchRaw *raw, const char *xml, const char *alias, gboolean persist, gboolean record,
                  BenchRawParts *parts)
{
  *parts = (BenchRawParts){ 0 };
  bench_raw_expect_removed (raw);
  if (persist)
    lab_detach (raw->domain, xml, VIR_DOMAIN_AFFECT_CONFIG);
  if (record)
    parts->record = write_record (raw, NULL);

  gint64 start = g_get_monotonic_time ();
  if (virDomainDetachDeviceAlias (raw->domain, alias, VIR_DOMAIN_AFFECT_LIVE) < 0)
    g_error ("detach: %s", virGetLastErrorMessage ());
  bench_raw_removed_at (raw);
  parts->live = g_get_monotonic_time () - start;
}
