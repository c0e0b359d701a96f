/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-event-loop-private.h"

/* libvirt's own default loop is no way out: it attaches its sources to the default main context
 * (src/util/vireventglib.c:325), where a thread of ours would dispatch the application's sources too.
 *
 * Descriptors are not the context's but in an epoll set, all that the context polls: libvirt takes its socket out of
 * the loop and puts it back for every call that it makes, and a context would wake the loop's thread for both
 * (MEASURED: half of all context switches, a tenth of a small call's time). */

typedef struct
{
  int id;
  int fd; /* -1: a timeout */
  int events;
  int interval; /* ms, -1: off */
  virEventHandleCallback handle_func;
  virEventTimeoutCallback timeout_func;
  gpointer opaque;
  virFreeCallback free_func;
  int polled;      /* what stands in the poller for @fd, -1: nothing */
  GSource *source; /* nullable; of a timeout */
} Watch;

#define READY_MAX 8

static GMutex lock;
static GHashTable *watches; /* id → Watch */
static GMainContext *context;
static int poller = -1;
static gboolean ours;
static int next_id = 1;

static int
to_events (guint32 ready)
{
  return ((ready & EPOLLIN) ? VIR_EVENT_HANDLE_READABLE : 0) | ((ready & EPOLLOUT) ? VIR_EVENT_HANDLE_WRITABLE : 0)
         | ((ready & EPOLLERR) ? VIR_EVENT_HANDLE_ERROR : 0) | ((ready & EPOLLHUP) ? VIR_EVENT_HANDLE_HANGUP : 0);
}

static guint32
to_epoll (int events)
{
  return ((events & VIR_EVENT_HANDLE_READABLE) ? EPOLLIN : 0) | ((events & VIR_EVENT_HANDLE_WRITABLE) ? EPOLLOUT : 0)
         | ((events & VIR_EVENT_HANDLE_ERROR) ? EPOLLERR : 0) | ((events & VIR_EVENT_HANDLE_HANGUP) ? EPOLLHUP : 0);
}

/* The callbacks run without the lock, since they call back into it; what they need is taken before. */
static void
dispatch_handle (int id, int events)
{
  virEventHandleCallback func = NULL;
  gpointer opaque = NULL;
  int fd = -1;

  g_mutex_lock (&lock);
  Watch *watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL && watch->events != 0)
    {
      func = watch->handle_func;
      opaque = watch->opaque;
      fd = watch->fd;
    }
  g_mutex_unlock (&lock);

  if (func != NULL)
    func (id, fd, events, opaque);
}

static gboolean
dispatch_handles (int fd, GIOCondition condition, gpointer data)
{
  struct epoll_event ready[READY_MAX];
  int count = epoll_wait (poller, ready, READY_MAX, 0);

  for (int i = 0; i < count; i++)
    dispatch_handle (ready[i].data.fd, to_events (ready[i].events));
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timeout (gpointer data)
{
  int id = GPOINTER_TO_INT (data);
  virEventTimeoutCallback func = NULL;
  gpointer opaque = NULL;

  g_mutex_lock (&lock);
  Watch *watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL)
    {
      func = watch->timeout_func;
      opaque = watch->opaque;
    }
  g_mutex_unlock (&lock);

  if (func != NULL)
    func (id, opaque);
  return G_SOURCE_CONTINUE;
}

/* Out of it and not only without events, which would still report a hangup, again and again */
static void
disarm (Watch *watch)
{
  if (watch->polled >= 0)
    epoll_ctl (poller, EPOLL_CTL_DEL, watch->polled, NULL);
  if (watch->polled >= 0 && watch->polled != watch->fd)
    close (watch->polled);
  watch->polled = -1;

  if (watch->source != NULL)
    g_source_destroy (watch->source);
  g_clear_pointer (&watch->source, g_source_unref);
}

/* A descriptor can be there once, while libvirt may watch it twice: then under another number */
static void
arm_handle (Watch *watch)
{
  struct epoll_event event = { .events = to_epoll (watch->events), .data.fd = watch->id };

  watch->polled = watch->fd;
  if (epoll_ctl (poller, EPOLL_CTL_ADD, watch->fd, &event) == 0)
    return;

  watch->polled = errno == EEXIST ? fcntl (watch->fd, F_DUPFD_CLOEXEC, 0) : -1;
  if (watch->polled < 0 || epoll_ctl (poller, EPOLL_CTL_ADD, watch->polled, &event) != 0)
    g_debug ("libvirt's descriptor %d can't be watched: %s", watch->fd, g_strerror (errno));
}

static void
arm (Watch *watch)
{
  disarm (watch);

  if (watch->fd >= 0 && watch->events != 0)
    arm_handle (watch);
  else if (watch->fd < 0 && watch->interval >= 0)
    {
      watch->source = g_timeout_source_new ((guint) watch->interval);
      g_source_set_callback (watch->source, dispatch_timeout, GINT_TO_POINTER (watch->id), NULL);
      g_source_attach (watch->source, context);
    }
}

static int
add_watch (Watch *watch)
{
  g_mutex_lock (&lock);
  watch->id = next_id++;
  g_hash_table_insert (watches, GINT_TO_POINTER (watch->id), watch);
  arm (watch);
  int id = watch->id;
  g_mutex_unlock (&lock);
  return id;
}

static int
add_handle (int fd, int events, virEventHandleCallback func, void *opaque, virFreeCallback free_func)
{
  Watch *watch = g_new0 (Watch, 1);

  *watch = (Watch){ .fd = fd, .events = events, .interval = -1, .polled = -1, .handle_func = func, .opaque = opaque,
                    .free_func = free_func };
  return add_watch (watch);
}

static int
add_timeout (int interval, virEventTimeoutCallback func, void *opaque, virFreeCallback free_func)
{
  Watch *watch = g_new0 (Watch, 1);

  *watch = (Watch){ .fd = -1, .interval = interval, .polled = -1, .timeout_func = func, .opaque = opaque,
                    .free_func = free_func };
  return add_watch (watch);
}

static void
update_handle (int id, int events)
{
  g_mutex_lock (&lock);
  Watch *watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL && watch->events != events)
    {
      watch->events = events;
      arm (watch);
    }
  g_mutex_unlock (&lock);
}

static void
update_timeout (int id, int interval)
{
  g_mutex_lock (&lock);
  Watch *watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL)
    {
      watch->interval = interval;
      arm (watch);
    }
  g_mutex_unlock (&lock);
}

static gboolean
free_watch (gpointer data)
{
  Watch *watch = data;

  if (watch->free_func != NULL)
    watch->free_func (watch->opaque);
  g_free (watch);
  return G_SOURCE_REMOVE;
}

/* The free callback may take locks that the caller holds, so it runs later, from the loop. */
static int
remove_watch (int id)
{
  gpointer watch = NULL;

  g_mutex_lock (&lock);
  gboolean found = g_hash_table_steal_extended (watches, GINT_TO_POINTER (id), NULL, &watch);
  if (found)
    {
      disarm (watch);
      g_autoptr (GSource) idle = g_idle_source_new ();
      g_source_set_priority (idle, G_PRIORITY_DEFAULT);
      g_source_set_callback (idle, free_watch, watch, NULL);
      g_source_attach (idle, context);
    }
  g_mutex_unlock (&lock);
  return found ? 0 : -1;
}

static gpointer
run (gpointer data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  return NULL;
}

/* A process without a descriptor left gets no events: who waits for one looks at the machine itself too. */
static void
open_poller (void)
{
  poller = epoll_create1 (EPOLL_CLOEXEC);
  if (poller < 0)
    {
      g_debug ("no epoll: %s", g_strerror (errno));
      return;
    }

  g_autoptr (GSource) source = g_unix_fd_source_new (poller, G_IO_IN);
  g_source_set_callback (source, G_SOURCE_FUNC (dispatch_handles), NULL, NULL);
  g_source_attach (source, context);
}

static void
ignore_timeout (int timer, void *opaque)
{
}

/* The one way to ask libvirt whether somebody registered a loop: a timeout can be added only then. */
static gboolean
somebody_registered (void)
{
  int timer = virEventAddTimeout (-1, ignore_timeout, NULL, NULL);

  if (timer < 0)
    return FALSE;
  virEventRemoveTimeout (timer);
  return TRUE;
}

/* libvirt's client writes to a daemon's socket as to a file (virNetSocketWriteWire, src/rpc/virnetsocket.c): where the
 * daemon was killed just then, the signal would end the process (MEASURED: in 2 of some 50 kills of libvirtd). GLib's
 * GSocket does the same. A process that speaks libvirt itself, or has a handler, has decided. */
static void
ignore_broken_pipes (void)
{
  struct sigaction action;

  if (sigaction (SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    signal (SIGPIPE, SIG_IGN);
}

/* The thread lives as long as the process: libvirt has no way to take an event loop back. It waits for what is made
 * before it runs. */
static gboolean
start (GError **error)
{
  g_autoptr (GError) failed = NULL;

  if (context == NULL)
    {
      watches = g_hash_table_new (NULL, NULL);
      context = g_main_context_new ();
      open_poller ();
    }

  GThread *thread = g_thread_try_new ("hotplug-events", run, NULL, &failed);
  if (thread == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION, "no thread for libvirt's events: %s",
                   failed->message);
      return FALSE;
    }
  g_thread_unref (thread);
  ours = TRUE;
  ignore_broken_pipes ();
  virEventRegisterImpl (add_handle, update_handle, remove_watch, add_timeout, update_timeout, remove_watch);
  return TRUE;
}

gboolean
_hotplug_event_loop_ensure (GError **error)
{
  static GMutex once;
  static gboolean done;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&once);

  if (done)
    return TRUE;
  if (!somebody_registered () && !start (error))
    return FALSE;
  g_debug ("libvirt's events come from %s", ours ? "a thread of libhotplug's" : "the application's event loop");
  done = TRUE;
  return TRUE;
}

gboolean
_hotplug_event_loop_is_ours (void)
{
  return ours;
}
