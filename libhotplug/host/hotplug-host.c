/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "host/hotplug-host-private.h"

struct _HotplugHost
{
  GObject parent_instance;

  HotplugConnection *connection;
  gulong lost_handler;
  gulong started_handler;
  GMainContext *context; /* nullable: where signals are emitted */
};

enum {
  PROP_URI = 1,
  N_PROPERTIES
};

enum {
  CONNECTION_LOST,
  VMI_STARTED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (HotplugHost, hotplug_host, G_TYPE_OBJECT)

/* What libvirt's event thread has of a host. It must not have the host itself, not even for a moment: the last
 * reference may then be given back in that thread, which closes the connection and waits for the thread that it is
 * in. */
typedef struct
{
  GWeakRef host;
  GMainContext *context; /* nullable */
} Ear;

/* And what it hands over */
typedef struct
{
  Ear *ear;
  guint signal;
  char *text; /* nullable */
} News;

static void
clear_ear (gpointer data)
{
  Ear *ear = data;

  g_weak_ref_clear (&ear->host);
  g_clear_pointer (&ear->context, g_main_context_unref);
}

static Ear *
new_ear (HotplugHost *host)
{
  Ear *ear = g_atomic_rc_box_new0 (Ear);

  g_weak_ref_init (&ear->host, host);
  ear->context = host->context != NULL ? g_main_context_ref (host->context) : NULL;
  return ear;
}

/* @ear: (transfer full) */
static News *
new_news (Ear *ear, guint signal, const char *text)
{
  News *news = g_new0 (News, 1);

  *news = (News){ ear, signal, g_strdup (text) };
  return news;
}

static void
free_news (gpointer data)
{
  News *news = data;

  g_atomic_rc_box_release_full (news->ear, clear_ear);
  g_free (news->text);
  g_free (news);
}

static void
free_news_closure (gpointer data, GClosure *closure)
{
  free_news (data);
}

static gboolean
emit (gpointer data)
{
  News *news = data;
  g_autoptr (HotplugHost) host = g_weak_ref_get (&news->ear->host);

  if (host != NULL)
    g_signal_emit (host, signals[news->signal], 0, news->text);
  return G_SOURCE_REMOVE;
}

/* A signal of the connection with one text becomes the host's, in the host's context */
static void
on_news (HotplugConnection *connection, const char *text, gpointer user_data)
{
  News *heard = user_data;

  if (heard->signal == CONNECTION_LOST)
    g_debug ("host %s: connection lost: %s", _hotplug_connection_get_uri (connection), text);
  _hotplug_main_context_queue (heard->ear->context, emit,
                               new_news (g_atomic_rc_box_acquire (heard->ear), heard->signal, text), free_news);
}

static gulong
hear (HotplugHost *self, const char *name, guint signal)
{
  return g_signal_connect_data (self->connection, name, G_CALLBACK (on_news), new_news (new_ear (self), signal, NULL),
                                free_news_closure, (GConnectFlags)0);
}

static void
hotplug_host_init (HotplugHost *self)
{
}

static void
hotplug_host_dispose (GObject *object)
{
  HotplugHost *self = HOTPLUG_HOST (object);

  if (self->connection != NULL)
    {
      g_clear_signal_handler (&self->lost_handler, self->connection);
      g_clear_signal_handler (&self->started_handler, self->connection);
      _hotplug_connection_close (self->connection);
    }
  G_OBJECT_CLASS (hotplug_host_parent_class)->dispose (object);
}

static void
hotplug_host_finalize (GObject *object)
{
  HotplugHost *self = HOTPLUG_HOST (object);

  g_clear_object (&self->connection);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (hotplug_host_parent_class)->finalize (object);
}

static void
hotplug_host_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_URI)
    g_value_set_string (value, hotplug_host_get_uri (HOTPLUG_HOST (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
hotplug_host_class_init (HotplugHostClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = hotplug_host_dispose;
  object_class->finalize = hotplug_host_finalize;
  object_class->get_property = hotplug_host_get_property;

  /**
   * HotplugHost:uri:
   *
   * The libvirt URI that is open.
   *
   * Since: 0.1
   */
  properties[PROP_URI] = g_param_spec_string ("uri", NULL, NULL, NULL,
                                              (GParamFlags) (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * HotplugHost::connection-lost:
   * @self: the host
   * @message: why, for people
   *
   * The connection broke. Calls under way return %HOTPLUG_ERROR_CONNECTION; the next one makes the connection anew. It
   * is emitted in the thread-default main context of the thread that opened the host, when that context runs.
   *
   * Since: 0.1
   */
  signals[CONNECTION_LOST] = g_signal_new ("connection-lost", HOTPLUG_TYPE_HOST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * HotplugHost::vmi-started:
   * @self: the host
   * @uuid: its UUID, for hotplug_host_get_vmi()
   *
   * A VMI was started, by whomever. What was plugged into it without %HOTPLUG_PLUG_PERSIST is missing if that was not
   * hotplug_vmi_start(): hotplug_vmi_bring_back_volumes() plugs it again. It is emitted as
   * #HotplugHost::connection-lost is, and not for what starts while there is no connection.
   *
   * Since: 0.1
   */
  signals[VMI_STARTED] = g_signal_new ("vmi-started", HOTPLUG_TYPE_HOST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_STRING);
}

HotplugHost *
_hotplug_host_new (HotplugConnection *connection, GMainContext *context, GError **error)
{
  if (!_hotplug_connection_ensure (connection, error))
    return NULL;

  HotplugHost *self = g_object_new (HOTPLUG_TYPE_HOST, NULL);
  self->connection = g_object_ref (connection);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->lost_handler = hear (self, "lost", CONNECTION_LOST);
  self->started_handler = hear (self, "started", VMI_STARTED);
  return self;
}

HotplugConnection *
_hotplug_host_get_connection (HotplugHost *self)
{
  return self->connection;
}

/**
 * hotplug_host_close:
 * @self: a host
 *
 * Closes the connection for good. Machines go on; every later call, also of the host's VMIs, returns
 * %HOTPLUG_ERROR_CONNECTION. Giving back the last reference closes it too.
 *
 * Since: 0.1
 */
void
hotplug_host_close (HotplugHost *self)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));

  _hotplug_connection_close (self->connection);
}

/**
 * hotplug_host_get_uri:
 * @self: a host
 *
 * Returns: (transfer none): the libvirt URI that is open
 *
 * Since: 0.1
 */
const char *
hotplug_host_get_uri (HotplugHost *self)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);

  return _hotplug_connection_get_uri (self->connection);
}

/**
 * hotplug_host_is_connected:
 * @self: a host
 *
 * Whether the connection stands, as far as is known without asking the host.
 *
 * Returns: %FALSE if it broke or was closed
 *
 * Since: 0.1
 */
gboolean
hotplug_host_is_connected (HotplugHost *self)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), FALSE);

  return _hotplug_connection_is_connected (self->connection);
}
