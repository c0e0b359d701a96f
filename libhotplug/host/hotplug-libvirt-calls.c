/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-libvirt-private.h"

/* An attach that meets what a killed libvirt has left in QEMU is tried again, so often */
#define MAX_TRIES 8

static HotplugLibvirt *
SELF (HotplugConnection *connection)
{
  return (HotplugLibvirt *) connection;
}

static unsigned int
affect (HotplugSide side)
{
  return ((side & HOTPLUG_SIDE_LIVE) ? VIR_DOMAIN_AFFECT_LIVE : 0)
         | ((side & HOTPLUG_SIDE_TEMPLATE) ? VIR_DOMAIN_AFFECT_CONFIG : 0);
}

/* What a call answered, as ours */
static gboolean
answer (virDomainPtr domain, int rc, GError **error)
{
  return rc >= 0 || _hotplug_libvirt_set_domain_error (domain, error);
}

static char *
find_machine (HotplugConnection *connection, const char *name_or_uuid, char **name, GError **error)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire (SELF (connection), error);
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (open == NULL)
    return NULL;

  g_autoptr (virDomain) domain = virDomainLookupByName (open, name_or_uuid);
  if (domain == NULL && g_uuid_string_is_valid (name_or_uuid))
    domain = virDomainLookupByUUIDString (open, name_or_uuid);
  if (domain == NULL)
    {
      g_autofree char *what = g_strdup_printf ("vmi \"%s\"", name_or_uuid);
      _hotplug_libvirt_set_error (open, what, error);
      return NULL;
    }

  virDomainGetUUIDString (domain, uuid);
  _hotplug_libvirt_remember (SELF (connection), open, uuid, domain);
  *name = g_strdup (virDomainGetName (domain));
  return g_strdup (uuid);
}

static GStrv
list_machines (HotplugConnection *connection, GError **error)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire (SELF (connection), error);
  virDomainPtr *domains = NULL;

  if (open == NULL)
    return NULL;

  int count = virConnectListAllDomains (open, &domains, 0);
  if (count < 0)
    {
      _hotplug_libvirt_set_error (open, _hotplug_connection_get_uri (connection), error);
      return NULL;
    }

  GStrv uuids = g_new0 (char *, (gsize) count + 1);
  for (int i = 0; i < count; i++)
    {
      char uuid[VIR_UUID_STRING_BUFLEN] = { 0 };
      virDomainGetUUIDString (domains[i], uuid);
      uuids[i] = g_strdup (uuid);
      virDomainFree (domains[i]);
    }
  free (domains);
  return uuids;
}

static HotplugVmiState
state_of (int state)
{
  switch (state)
    {
    case VIR_DOMAIN_SHUTOFF:
    case VIR_DOMAIN_CRASHED:
      return HOTPLUG_VMI_STATE_STOPPED;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
      return HOTPLUG_VMI_STATE_PAUSED;
    default:
      return HOTPLUG_VMI_STATE_RUNNING;
    }
}

static gboolean
read_xml (virDomainPtr domain, unsigned int flags, char **out, GError **error)
{
  /* kept as it is: libvirt's memory is free()'s as GLib's is, and this may be hundreds of kB */
  *out = virDomainGetXMLDesc (domain, flags);
  return *out != NULL || answer (domain, -1, error);
}

/* Both in one call where libvirt can: asked for persistent machines only, it has nothing to say of a transient one. */
static gboolean
read_state_of_persistent (virDomainPtr domain, HotplugMachineText *out)
{
  virDomainPtr domains[] = { domain, NULL };
  virDomainStatsRecordPtr *records = NULL;
  int state = 0;
  gboolean found = virDomainListGetStats (domains, VIR_DOMAIN_STATS_STATE, &records,
                                          VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT)
                       == 1
                   && virTypedParamsGetInt (records[0]->params, records[0]->nparams, "state.state", &state) == 1;

  virDomainStatsRecordListFree (records);
  out->state = state_of (state);
  out->persistent = TRUE;
  return found;
}

static gboolean
read_state (virDomainPtr domain, HotplugMachineText *out, GError **error)
{
  int state = 0;

  if (read_state_of_persistent (domain, out))
    return TRUE;
  if (!answer (domain, virDomainGetState (domain, &state, NULL, 0), error))
    return FALSE;

  int persistent = virDomainIsPersistent (domain);
  out->state = state_of (state);
  out->persistent = persistent > 0;
  return answer (domain, persistent, error);
}

/* What is known of the machine is not asked again */
static gboolean
recall_state (HotplugLibvirt *self, const char *uuid, HotplugMachineText *out)
{
  out->state = HOTPLUG_VMI_STATE_RUNNING;
  out->persistent = _hotplug_libvirt_is_known_persistent (self, uuid);
  return out->persistent;
}

/* Of the root element, which is the first: libvirt's XML has no prolog */
static gboolean
has_id (const char *xml)
{
  return g_strstr_len (xml, (gssize) strcspn (xml, ">"), " id='") != NULL;
}

/* A machine may start or stop between two of the calls; the XML has the last word: a live one has an id. */
static gboolean
read_machine (HotplugConnection *connection, const char *uuid, HotplugLook look, HotplugMachineText *out,
              GError **error)
{
  HotplugLibvirt *self = SELF (connection);
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (self, uuid, error);

  *out = (HotplugMachineText){ 0 };
  if (domain == NULL)
    return FALSE;
  if ((look == HOTPLUG_LOOK_ALL || !recall_state (self, uuid, out)) && !read_state (domain, out, error))
    return FALSE;
  if (out->persistent)
    _hotplug_libvirt_know_persistent (self, uuid);
  if (out->state != HOTPLUG_VMI_STATE_STOPPED && !read_xml (domain, 0, &out->live, error))
    return FALSE;
  if (out->persistent && !read_xml (domain, VIR_DOMAIN_XML_INACTIVE, &out->template, error))
    return FALSE;

  if (out->live != NULL && !has_id (out->live))
    {
      g_clear_pointer (&out->live, g_free);
      out->state = HOTPLUG_VMI_STATE_STOPPED;
    }
  return TRUE;
}

/* The user alias of a device, as we write it; "" if it has none */
static char *
alias_in (const char *xml)
{
  static const char start[] = "<alias name=";
  const char *found = strstr (xml, start);
  const char *name = found != NULL ? found + strlen (start) + 1 : "";

  return g_strndup (name, strcspn (name, "'\""));
}

/* A stumble a try: libvirt counts its nodes on by one each time */
static gboolean
attach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);
  g_autofree char *alias = alias_in (xml);
  const char *const aliases[] = { alias, NULL };
  g_autoptr (GError) refused = NULL;
  gboolean again = TRUE;

  if (domain == NULL)
    return FALSE;

  for (guint try = 0; again && try < MAX_TRIES; try++)
    {
      if (virDomainAttachDeviceFlags (domain, xml, affect (side)) == 0)
        return TRUE;

      g_autofree char *stumble = (side & HOTPLUG_SIDE_LIVE) ? _hotplug_libvirt_find_stumble () : NULL;
      g_clear_error (&refused);
      _hotplug_libvirt_set_domain_error (domain, &refused);
      again = stumble != NULL && _hotplug_libvirt_clear_leftovers (domain, stumble, aliases);
      if (again)
        g_debug ("vmi \"%s\": an attach is tried again after \"%s\"", virDomainGetName (domain), refused->message);
    }
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* After an attach whose libvirt may have died */
static void
clear_leftovers (HotplugConnection *connection, const char *uuid, const char *const *aliases)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, NULL);

  if (domain != NULL && virDomainIsActive (domain) == 1)
    _hotplug_libvirt_clear_leftovers (domain, NULL, aliases);
}

static gboolean
detach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainDetachDeviceFlags (domain, xml, affect (side)), error);
}

static gboolean
update (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainUpdateDeviceFlags (domain, xml, affect (side)), error);
}

static gboolean
request_detach (HotplugConnection *connection, const char *uuid, const char *alias, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainDetachDeviceAlias (domain, alias, VIR_DOMAIN_AFFECT_LIVE), error);
}

static gboolean
drop (HotplugConnection *connection, const char *uuid, const char *alias, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainDetachDeviceAlias (domain, alias, VIR_DOMAIN_AFFECT_CONFIG), error);
}

static gboolean
set_metadata (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL
         && answer (domain,
                    virDomainSetMetadata (domain, VIR_DOMAIN_METADATA_ELEMENT, xml, HOTPLUG_METADATA_KEY,
                                          HOTPLUG_METADATA_URI, affect (side)),
                    error);
}

static char *
read_template (HotplugConnection *connection, const char *uuid, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);
  char *xml = NULL;

  return domain != NULL && read_xml (domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE, &xml, error) ? xml : NULL;
}

static gboolean
define (HotplugConnection *connection, const char *uuid, const char *xml, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  if (domain == NULL)
    return FALSE;

  g_autoptr (virDomain) defined = virDomainDefineXML (virDomainGetConnect (domain), xml);
  return answer (domain, defined != NULL ? 0 : -1, error);
}

static gboolean
start (HotplugConnection *connection, const char *uuid, gboolean paused, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL
         && answer (domain, virDomainCreateWithFlags (domain, paused ? VIR_DOMAIN_START_PAUSED : 0), error);
}

static gboolean
resume (HotplugConnection *connection, const char *uuid, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainResume (domain), error);
}

static gboolean
shut_down (HotplugConnection *connection, const char *uuid, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainShutdown (domain), error);
}

static gboolean
destroy (HotplugConnection *connection, const char *uuid, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain (SELF (connection), uuid, error);

  return domain != NULL && answer (domain, virDomainDestroy (domain), error);
}

void
_hotplug_libvirt_calls_init (HotplugConnectionClass *class)
{
  class->find_machine = find_machine;
  class->list_machines = list_machines;
  class->read_machine = read_machine;
  class->attach = attach;
  class->clear_leftovers = clear_leftovers;
  class->detach = detach;
  class->update = update;
  class->request_detach = request_detach;
  class->drop = drop;
  class->set_metadata = set_metadata;
  class->read_template = read_template;
  class->define = define;
  class->start = start;
  class->resume = resume;
  class->shut_down = shut_down;
  class->destroy = destroy;
}
