/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "host/hotplug-host-private.h"
#include "vmi/hotplug-session-private.h"
#include "vmi/hotplug-vmi-events-private.h"

struct _HotplugVmi
{
  GObject parent_instance;

  char *uuid;
  char *name;
  GMainContext *context; /* nullable: where signals are emitted */

  GMutex lock;          /* over what follows */
  GCond arrived;
  HotplugHost *host;
  GPtrArray *hosts;     /* HotplugHost: all that it was on, whose connections are perhaps still in use */
  HotplugMigrationStatus *migration; /* nullable */
  HotplugVmiEvents *events;          /* nullable: of the host that it is on */
};

enum {
  PROP_NAME = 1,
  PROP_UUID,
  PROP_HOST,
  PROP_MIGRATION_STATUS,
  N_PROPERTIES
};

enum {
  VOLUME_STATUS_CHANGED,
  VOLUME_REMOVED,
  INTERFACE_STATUS_CHANGED,
  INTERFACE_REMOVED,
  MIGRATION_STATUS_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (HotplugVmi, hotplug_vmi, G_TYPE_OBJECT)

/* What one thread hands to another. It does not hold the VMI: the last reference would then be given back in a thread
 * that libvirt calls from. */
typedef struct
{
  GWeakRef vmi;
  HotplugVolumeStatus *status;       /* nullable */
  HotplugInterfaceStatus *interface; /* nullable */
  HotplugMigrationStatus *migration; /* nullable */
  gboolean moved;                    /* it is on another host */
  guint removed;                     /* else: the signal that tells that something is gone */
  char *name;                        /* nullable: of what is gone */
} News;

static News *
new_news (HotplugVmi *vmi)
{
  News *news = g_new0 (News, 1);

  g_weak_ref_init (&news->vmi, vmi);
  return news;
}

static void
free_news (gpointer data)
{
  News *news = data;

  g_weak_ref_clear (&news->vmi);
  g_clear_pointer (&news->status, hotplug_volume_status_unref);
  g_clear_pointer (&news->interface, hotplug_interface_status_unref);
  g_clear_pointer (&news->migration, hotplug_migration_status_unref);
  g_free (news->name);
  g_free (news);
}

static gboolean
emit (gpointer data)
{
  News *news = data;
  g_autoptr (HotplugVmi) self = g_weak_ref_get (&news->vmi);

  if (self != NULL && news->status != NULL)
    g_signal_emit (self, signals[VOLUME_STATUS_CHANGED], 0, news->status);
  else if (self != NULL && news->interface != NULL)
    g_signal_emit (self, signals[INTERFACE_STATUS_CHANGED], 0, news->interface);
  else if (self != NULL && news->migration != NULL)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MIGRATION_STATUS]);
      g_signal_emit (self, signals[MIGRATION_STATUS_CHANGED], 0, news->migration);
    }
  else if (self != NULL && news->moved)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HOST]);
  else if (self != NULL)
    g_signal_emit (self, news->removed, 0, news->name);
  return G_SOURCE_REMOVE;
}

/* What nobody listens to is not queued: a program without a main loop would gather it for ever. */
static gboolean
has_listener (HotplugVmi *self, guint signal)
{
  return g_signal_has_handler_pending (self, signal, 0, TRUE);
}

void
_hotplug_vmi_emit_status (HotplugVmi *self, HotplugVolumeStatus *status)
{
  if (!has_listener (self, signals[VOLUME_STATUS_CHANGED]))
    return;

  News *news = new_news (self);
  news->status = hotplug_volume_status_ref (status);
  _hotplug_main_context_queue (self->context, emit, news, free_news);
}

void
_hotplug_vmi_emit_interface_status (HotplugVmi *self, HotplugInterfaceStatus *status)
{
  if (!has_listener (self, signals[INTERFACE_STATUS_CHANGED]))
    return;

  News *news = new_news (self);
  news->interface = hotplug_interface_status_ref (status);
  _hotplug_main_context_queue (self->context, emit, news, free_news);
}

void
_hotplug_vmi_emit_removed (HotplugVmi *self, const char *alias)
{
  const char *volume = _hotplug_volume_name_from_alias (alias);
  guint signal = signals[volume != NULL ? VOLUME_REMOVED : INTERFACE_REMOVED];

  if (!has_listener (self, signal))
    return;

  News *news = new_news (self);
  news->removed = signal;
  news->name = g_strdup (volume != NULL ? volume : _hotplug_interface_name_from_alias (alias));
  _hotplug_main_context_queue (self->context, emit, news, free_news);
}

/* Whether anybody has connected to a property's notification, or to that of all */
static gboolean
has_watcher (HotplugVmi *self, guint property)
{
  guint notify = g_signal_lookup ("notify", G_TYPE_OBJECT);
  GQuark detail = g_quark_from_static_string (properties[property]->name);

  return g_signal_has_handler_pending (self, notify, detail, TRUE)
         || g_signal_has_handler_pending (self, notify, 0, TRUE);
}

void
_hotplug_vmi_set_migration (HotplugVmi *self, HotplugMigrationStatus *status)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->migration, hotplug_migration_status_unref);
  self->migration = hotplug_migration_status_ref (status);
  g_cond_broadcast (&self->arrived);
  g_mutex_unlock (&self->lock);
  if (!has_listener (self, signals[MIGRATION_STATUS_CHANGED]) && !has_watcher (self, PROP_MIGRATION_STATUS))
    return;

  News *news = new_news (self);
  news->migration = hotplug_migration_status_ref (status);
  _hotplug_main_context_queue (self->context, emit, news, free_news);
}

static gboolean
is_on_its_way (HotplugVmi *self)
{
  return self->migration != NULL
         && hotplug_migration_status_get_phase (self->migration) <= HOTPLUG_MIGRATION_PHASE_RUNNING;
}

gboolean
_hotplug_vmi_has_moved (HotplugVmi *self, HotplugConnection *asked)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean any = is_on_its_way (self);

  while (is_on_its_way (self))
    g_cond_wait (&self->arrived, &self->lock);
  return any || _hotplug_host_get_connection (self->host) != asked;
}

static void
hotplug_vmi_init (HotplugVmi *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->arrived);
  self->hosts = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
hotplug_vmi_dispose (GObject *object)
{
  HotplugVmi *self = HOTPLUG_VMI (object);

  if (self->events != NULL)
    _hotplug_vmi_events_listen (self->events, NULL);
  G_OBJECT_CLASS (hotplug_vmi_parent_class)->dispose (object);
}

static void
hotplug_vmi_finalize (GObject *object)
{
  HotplugVmi *self = HOTPLUG_VMI (object);

  g_clear_pointer (&self->events, _hotplug_vmi_events_free);
  g_ptr_array_unref (self->hosts);
  g_clear_pointer (&self->migration, hotplug_migration_status_unref);
  g_free (self->uuid);
  g_free (self->name);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_cond_clear (&self->arrived);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (hotplug_vmi_parent_class)->finalize (object);
}

static void
hotplug_vmi_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HotplugVmi *self = HOTPLUG_VMI (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_UUID:
      g_value_set_string (value, self->uuid);
      break;
    case PROP_HOST:
      g_value_set_object (value, hotplug_vmi_get_host (self));
      break;
    case PROP_MIGRATION_STATUS:
      g_value_take_boxed (value, hotplug_vmi_dup_migration_status (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_signals (void)
{
  /**
   * HotplugVmi::volume-status-changed:
   * @self: the VMI
   * @status: how the volume stands now
   *
   * A hotplugged volume came into another phase. It is emitted in the thread-default main context of the thread that
   * got the VMI, when that context runs: also for a change that a call in another thread made.
   *
   * Since: 0.1
   */
  signals[VOLUME_STATUS_CHANGED] = g_signal_new ("volume-status-changed", HOTPLUG_TYPE_VMI, G_SIGNAL_RUN_LAST, 0, NULL,
                                                 NULL, NULL, G_TYPE_NONE, 1, HOTPLUG_TYPE_VOLUME_STATUS);

  /**
   * HotplugVmi::volume-removed:
   * @self: the VMI
   * @name: the volume's name
   *
   * The guest has let go of a volume, which has no status any more. Emitted as #HotplugVmi::volume-status-changed is.
   *
   * Since: 0.1
   */
  signals[VOLUME_REMOVED] = g_signal_new ("volume-removed", HOTPLUG_TYPE_VMI, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * HotplugVmi::interface-status-changed:
   * @self: the VMI
   * @status: how the interface stands now
   *
   * A hotplugged interface came into another phase. Emitted as #HotplugVmi::volume-status-changed is.
   *
   * Since: 0.1
   */
  signals[INTERFACE_STATUS_CHANGED] = g_signal_new ("interface-status-changed", HOTPLUG_TYPE_VMI, G_SIGNAL_RUN_LAST, 0,
                                                    NULL, NULL, NULL, G_TYPE_NONE, 1, HOTPLUG_TYPE_INTERFACE_STATUS);

  /**
   * HotplugVmi::interface-removed:
   * @self: the VMI
   * @name: the interface's name
   *
   * The guest has let go of an interface, which has no status any more. Emitted as #HotplugVmi::volume-status-changed
   * is.
   *
   * Since: 0.1
   */
  signals[INTERFACE_REMOVED] = g_signal_new ("interface-removed", HOTPLUG_TYPE_VMI, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                             NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * HotplugVmi::migration-status-changed:
   * @self: the VMI
   * @status: how its migration stands now
   *
   * A migration that this VMI was told to make has come further. Emitted as #HotplugVmi::volume-status-changed is.
   *
   * Since: 0.1
   */
  signals[MIGRATION_STATUS_CHANGED] = g_signal_new ("migration-status-changed", HOTPLUG_TYPE_VMI, G_SIGNAL_RUN_LAST, 0,
                                                    NULL, NULL, NULL, G_TYPE_NONE, 1, HOTPLUG_TYPE_MIGRATION_STATUS);
}

static void
hotplug_vmi_class_init (HotplugVmiClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = (GParamFlags) (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  object_class->dispose = hotplug_vmi_dispose;
  object_class->finalize = hotplug_vmi_finalize;
  object_class->get_property = hotplug_vmi_get_property;

  /**
   * HotplugVmi:name:
   *
   * What the VMI is called.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HotplugVmi:uuid:
   *
   * The VMI's UUID.
   *
   * Since: 0.1
   */
  properties[PROP_UUID] = g_param_spec_string ("uuid", NULL, NULL, NULL, flags);

  /**
   * HotplugVmi:host:
   *
   * The host that the VMI is on: another one after hotplug_vmi_migrate(). It is notified as
   * #HotplugVmi::volume-status-changed is emitted.
   *
   * Since: 0.1
   */
  properties[PROP_HOST] = g_param_spec_object ("host", NULL, NULL, HOTPLUG_TYPE_HOST, flags);

  /**
   * HotplugVmi:migration-status:
   *
   * How the migration stands that this VMI was told to make last; %NULL if there was none.
   *
   * Since: 0.1
   */
  properties[PROP_MIGRATION_STATUS]
      = g_param_spec_boxed ("migration-status", NULL, NULL, HOTPLUG_TYPE_MIGRATION_STATUS, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  install_signals ();
}

static void
settle_on (HotplugVmi *self, HotplugHost *host)
{
  if (!g_ptr_array_find (self->hosts, host, NULL))
    g_ptr_array_add (self->hosts, g_object_ref (host));
  self->host = host;
  _hotplug_vmi_events_listen (self->events, _hotplug_host_get_connection (host));
}

HotplugVmi *
_hotplug_vmi_new (HotplugHost *host, const char *uuid, const char *name, GMainContext *context)
{
  HotplugVmi *self = g_object_new (HOTPLUG_TYPE_VMI, NULL);

  self->uuid = g_strdup (uuid);
  self->name = g_strdup (name);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->events = _hotplug_vmi_events_new (self, uuid);
  settle_on (self, host);
  return self;
}

void
_hotplug_vmi_move (HotplugVmi *self, HotplugHost *host)
{
  g_mutex_lock (&self->lock);
  settle_on (self, host);
  g_mutex_unlock (&self->lock);
  if (!has_watcher (self, PROP_HOST))
    return;

  News *news = new_news (self);
  news->moved = TRUE;
  _hotplug_main_context_queue (self->context, emit, news, free_news);
}

HotplugConnection *
_hotplug_vmi_get_connection (HotplugVmi *self)
{
  return _hotplug_host_get_connection (hotplug_vmi_get_host (self));
}

const char *
_hotplug_vmi_get_runtime_directory (HotplugVmi *self)
{
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (_hotplug_vmi_get_connection (self));

  /* which is another one on another host, and as many as a client has hosts */
  return g_intern_string (directory);
}

void
_hotplug_vmi_expect_removal (HotplugVmi *self, const char *alias)
{
  _hotplug_vmi_events_expect (self->events, alias);
}

void
_hotplug_vmi_forget_removal (HotplugVmi *self, const char *alias)
{
  _hotplug_vmi_events_forget (self->events, alias);
}

/**
 * hotplug_vmi_get_host:
 * @self: a VMI
 *
 * Returns: (transfer none): the host that it is on: another one after hotplug_vmi_migrate(). It lives as long as @self.
 *
 * Since: 0.1
 */
HotplugHost *
hotplug_vmi_get_host (HotplugVmi *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return self->host;
}

/**
 * hotplug_vmi_dup_migration_status:
 * @self: a VMI
 *
 * Returns: (transfer full) (nullable): how the migration stands that @self was told to make last; %NULL if there was
 *   none
 *
 * Since: 0.1
 */
HotplugMigrationStatus *
hotplug_vmi_dup_migration_status (HotplugVmi *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return self->migration != NULL ? hotplug_migration_status_ref (self->migration) : NULL;
}

/**
 * hotplug_vmi_get_name:
 * @self: a VMI
 *
 * Returns: (transfer none): what it is called
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_get_name (HotplugVmi *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);

  return self->name;
}

/**
 * hotplug_vmi_get_uuid:
 * @self: a VMI
 *
 * Returns: (transfer none): its UUID
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_get_uuid (HotplugVmi *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);

  return self->uuid;
}
