/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"

/* The guest agent, whose answer is the guest's to give or not.
 *
 * libvirt 9.0.0 waits for it without end in virDomainInterfaceAddresses (): the machine's limit for that, which has no
 * getter, belongs to whoever has set it, and to the freezing of file systems as well (src/qemu/qemu_driver.c:20208). A
 * thread of the daemon, of 20, and a request of this connection, of 5, would hang with each guest that likes it so. So
 * the command is given with a limit of its own, as KubeVirt gives it, which libvirt notes of the machine (tainted:
 * custom-ga-command).
 *
 * Before it, libvirt may wait 5 seconds for the agent to be there at all (src/qemu/qemu_agent.c:704), and 30 for
 * another client's command (src/conf/virdomainjob.c). So it is asked in a thread of its own, which is left behind. */

#define COMMAND "{\"execute\":\"guest-network-get-interfaces\"}"
#define COMMAND_SECONDS 2

#define PATIENCE (2500 * G_TIME_SPAN_MILLISECOND)
/* One that has not answered is left alone for so long from when it was asked, lest every look at its machine costs
 * that. */
#define SILENCE (10 * G_TIME_SPAN_SECOND)

typedef char *(*AgentCommand) (virDomainPtr domain, const char *command, int timeout, unsigned int flags);

struct _HotplugLibvirtGuests
{
  GMutex lock; /* over what follows, and the questions */
  GCond changed;
  GHashTable *questions; /* UUID → Question: under way, or not answered */
  guint under_way;
};

typedef struct
{
  gatomicrefcount count;
  HotplugLibvirt *libvirt; /* NULL once the thread is done */
  HotplugLibvirtGuests *guests;
  char *uuid;
  gint64 begun;
  gboolean ended;
  char *answer; /* nullable */
  GError *error;
} Question;

static void
question_unref (gpointer data)
{
  Question *self = data;

  if (!g_atomic_ref_count_dec (&self->count))
    return;
  g_free (self->uuid);
  g_free (self->answer);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_unref)

HotplugLibvirtGuests *
_hotplug_libvirt_guests_new (void)
{
  HotplugLibvirtGuests *self = g_new0 (HotplugLibvirtGuests, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->questions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, question_unref);
  return self;
}

void
_hotplug_libvirt_guests_free (HotplugLibvirtGuests *self)
{
  g_hash_table_unref (self->questions);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
_hotplug_libvirt_guests_wait (HotplugLibvirtGuests *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (self->under_way > 0)
    g_cond_wait (&self->changed, &self->lock);
}

static char *
ask_agent (HotplugLibvirt *libvirt, const char *uuid, GError **error)
{
  AgentCommand agent_command = (AgentCommand)_hotplug_libvirt_find_qemu_call ("virDomainQemuAgentCommand");
  g_autoptr (virDomain) domain = NULL;

  if (agent_command == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "vmi %s: no library for its guest agent", uuid);
      return NULL;
    }

  domain = _hotplug_libvirt_acquire_domain (libvirt, uuid, error);
  char *text = domain != NULL ? agent_command (domain, COMMAND, COMMAND_SECONDS, 0) : NULL;
  if (domain != NULL && text == NULL)
    _hotplug_libvirt_set_domain_error (domain, error);
  return text;
}

/* What came in time, an answer or a refusal, is forgotten, so that the next look asks again. What came late stays for
 * it. */
static gpointer
run (gpointer data)
{
  g_autoptr (Question) self = data;
  HotplugLibvirt *libvirt = g_steal_pointer (&self->libvirt);
  HotplugLibvirtGuests *guests = self->guests;
  GError *error = NULL;
  char *answer = ask_agent (libvirt, self->uuid, &error);

  g_mutex_lock (&guests->lock);
  self->answer = answer;
  self->error = error;
  self->ended = TRUE;
  guests->under_way--;
  if (g_get_monotonic_time () - self->begun < COMMAND_SECONDS * G_TIME_SPAN_SECOND)
    g_hash_table_remove (guests->questions, self->uuid);
  g_cond_broadcast (&guests->changed);
  g_mutex_unlock (&guests->lock);
  g_object_unref (libvirt);
  return NULL;
}

static Question *
begin (HotplugLibvirt *libvirt, HotplugLibvirtGuests *guests, const char *uuid, GError **error)
{
  Question *self = g_new0 (Question, 1);

  g_atomic_ref_count_init (&self->count);
  self->libvirt = g_object_ref (libvirt);
  self->guests = guests;
  self->uuid = g_strdup (uuid);
  self->begun = g_get_monotonic_time ();

  g_atomic_ref_count_inc (&self->count);
  GThread *thread = g_thread_try_new ("hotplug-agent", run, self, error);
  if (thread == NULL)
    {
      g_object_unref (self->libvirt);
      question_unref (self);
      question_unref (self);
      return NULL;
    }

  g_thread_unref (thread);
  guests->under_way++;
  g_hash_table_replace (guests->questions, g_strdup (uuid), self);
  return self;
}

/* The one that is under way, or was not answered lately; else a new one. With the lock held */
static Question *
find_or_begin (HotplugLibvirt *libvirt, HotplugLibvirtGuests *guests, const char *uuid, GError **error)
{
  Question *self = g_hash_table_lookup (guests->questions, uuid);
  gboolean stale = self != NULL && self->ended && g_get_monotonic_time () - self->begun > SILENCE;

  if (self == NULL || stale)
    self = begin (libvirt, guests, uuid, error);
  if (self != NULL)
    g_atomic_ref_count_inc (&self->count);
  return self;
}

/* Of who asks while another one does, the answer is the same. */
static char *
read_guest_interfaces (HotplugConnection *connection, const char *uuid, GError **error)
{
  HotplugLibvirt *libvirt = (HotplugLibvirt *)connection;
  HotplugLibvirtGuests *guests = _hotplug_libvirt_get_guests (libvirt);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&guests->lock);
  g_autoptr (Question) question = find_or_begin (libvirt, guests, uuid, error);

  if (question == NULL)
    return NULL;

  while (!question->ended && g_cond_wait_until (&guests->changed, &guests->lock, question->begun + PATIENCE))
    ;
  if (question->answer != NULL)
    return g_strdup (question->answer);

  if (question->error != NULL)
    g_propagate_error (error, g_error_copy (question->error));
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT, "vmi %s: its guest agent does not answer", uuid);
  return NULL;
}

static GPtrArray *
list_addresses (HotplugConnection *connection, const char *uuid, HotplugAddressSource source, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, error);
  virDomainInterfacePtr *interfaces = NULL;

  if (domain == NULL)
    return NULL;

  int count = virDomainInterfaceAddresses (domain, &interfaces,
                                           source == HOTPLUG_ADDRESS_SOURCE_LEASES
                                               ? VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE
                                               : VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
                                           0);
  if (count < 0)
    {
      _hotplug_libvirt_set_domain_error (domain, error);
      return NULL;
    }

  GPtrArray *addresses = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_address_text_free);
  for (int i = 0; i < count; i++)
    {
      for (guint j = 0; j < interfaces[i]->naddrs; j++)
        g_ptr_array_add (addresses, _hotplug_address_text_new (interfaces[i]->hwaddr, interfaces[i]->addrs[j].addr));
      virDomainInterfaceFree (interfaces[i]);
    }
  free (interfaces);
  return addresses;
}

static guint64
get_capacity (HotplugConnection *connection, const char *uuid, const char *target)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);
  virDomainBlockInfo info = { 0 };

  return domain != NULL && virDomainGetBlockInfo (domain, target, &info, 0) == 0 ? info.capacity : 0;
}

void
_hotplug_libvirt_guest_init (HotplugConnectionClass *class)
{
  class->read_guest_interfaces = read_guest_interfaces;
  class->list_addresses = list_addresses;
  class->get_capacity = get_capacity;
}
