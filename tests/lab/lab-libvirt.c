/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lab-private.h"

#define POLL_USEC (20 * 1000)

void
lab_fail_libvirt (const char *what)
{
  g_error ("lab: %s: %s", what, virGetLastErrorMessage ());
}

static void
check (int result, const char *what)
{
  if (result < 0)
    lab_fail_libvirt (what);
}

static gpointer
run_events (gpointer data G_GNUC_UNUSED)
{
  while (virEventRunDefaultImpl () == 0)
    continue;

  lab_fail_libvirt ("event loop");
  return NULL;
}

void
lab_run_event_loop (void)
{
  static gsize running;

  if (g_once_init_enter (&running))
    {
      check (virEventRegisterDefaultImpl (), "event loop");
      g_thread_unref (g_thread_new ("lab-events", run_events, NULL));
      g_once_init_leave (&running, 1);
    }
}

/* libvirt prints each error to standard error too, where a test that provokes one has no use for it */
static void
say_nothing (void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

virConnectPtr
lab_connect (const char *uri)
{
  static virConnectPtr embedded;
  gboolean embeds = strstr (uri, "/embed") != NULL;

  virSetErrorFunc (NULL, say_nothing);
  if (embeds && embedded != NULL)
    {
      virConnectRef (embedded);
      return embedded;
    }

  virConnectPtr connect = virConnectOpen (uri);
  if (connect == NULL)
    lab_fail_libvirt (uri);
  /* each open of an embedded driver registers it anew, and libvirt's table has room for some twenty */
  if (embeds)
    {
      embedded = connect;
      virConnectRef (embedded);
    }
  return connect;
}

virDomainPtr
lab_define (virConnectPtr connect, const char *xml)
{
  virDomainPtr domain = virDomainDefineXML (connect, xml);
  if (domain == NULL)
    lab_fail_libvirt ("define");
  return domain;
}

virDomainPtr
lab_create_transient (virConnectPtr connect, const char *xml, gboolean paused)
{
  virDomainPtr domain = virDomainCreateXML (connect, xml, paused ? VIR_DOMAIN_START_PAUSED : 0);
  if (domain == NULL)
    lab_fail_libvirt ("create transient");
  return domain;
}

virDomainPtr
lab_lookup (virConnectPtr connect, const char *name)
{
  virDomainPtr domain = virDomainLookupByName (connect, name);
  if (domain == NULL)
    lab_fail_libvirt (name);
  return domain;
}

void
lab_create (virDomainPtr domain, gboolean paused)
{
  check (virDomainCreateWithFlags (domain, paused ? VIR_DOMAIN_START_PAUSED : 0), "create");
}

void
lab_suspend (virDomainPtr domain)
{
  check (virDomainSuspend (domain), "suspend");
}

void
lab_resume (virDomainPtr domain)
{
  check (virDomainResume (domain), "resume");
}

void
lab_reset (virDomainPtr domain)
{
  check (virDomainReset (domain, 0), "reset");
}

void
lab_destroy (virDomainPtr domain)
{
  check (virDomainDestroy (domain), "destroy");
}

void
lab_undefine (virDomainPtr domain)
{
  check (virDomainUndefineFlags (domain, VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_MANAGED_SAVE), "undefine");
}

gboolean
lab_is_active (virDomainPtr domain)
{
  int active = virDomainIsActive (domain);
  check (active, "is active");
  return active;
}

static char *
get_xml (virDomainPtr domain, guint flags)
{
  char *xml = virDomainGetXMLDesc (domain, flags);
  if (xml == NULL)
    lab_fail_libvirt ("XML");
  return xml;
}

char *
lab_live_xml (virDomainPtr domain)
{
  if (!lab_is_active (domain))
    g_error ("lab: %s does not run, so it has no live XML", virDomainGetName (domain));
  return get_xml (domain, 0);
}

char *
lab_inactive_xml (virDomainPtr domain)
{
  return get_xml (domain, VIR_DOMAIN_XML_INACTIVE);
}

char *
lab_metadata (virDomainPtr domain, const char *uri, gboolean live)
{
  char *xml = virDomainGetMetadata (domain, VIR_DOMAIN_METADATA_ELEMENT, uri,
                                    live ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG);
  if (xml == NULL && virGetLastErrorCode () != VIR_ERR_NO_DOMAIN_METADATA)
    lab_fail_libvirt ("metadata");
  return xml;
}

void
lab_attach (virDomainPtr domain, const char *xml, guint flags)
{
  check (virDomainAttachDeviceFlags (domain, xml, flags), "attach");
}

void
lab_detach (virDomainPtr domain, const char *xml, guint flags)
{
  check (virDomainDetachDeviceFlags (domain, xml, flags), "detach");
}

gboolean
lab_wait_gone (virDomainPtr domain, const char *alias, guint seconds)
{
  g_autofree char *element = g_strdup_printf ("<alias name='%s'/>", alias);
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (TRUE)
    {
      g_autofree char *xml = lab_live_xml (domain);
      if (strstr (xml, element) == NULL)
        return TRUE;
      if (g_get_monotonic_time () >= deadline)
        return FALSE;
      g_usleep (POLL_USEC);
    }
}
