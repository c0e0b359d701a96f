/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interrupt.h"

#include <pthread.h>
#include <signal.h>

static int received;

static gboolean
is_ignored (int number)
{
  struct sigaction action;
  return sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Who started us with a signal ignored, as nohup does, has decided. */
static void
fill_set (sigset_t *set)
{
  sigemptyset (set);
  if (!is_ignored (SIGINT))
    sigaddset (set, SIGINT);
  if (!is_ignored (SIGTERM))
    sigaddset (set, SIGTERM);
}

static gpointer
wait_for_signal (gpointer data)
{
  g_autoptr (GCancellable) cancellable = data;
  sigset_t set;
  int number = 0;

  fill_set (&set);
  if (sigwait (&set, &number) != 0)
    return NULL;

  g_atomic_int_set (&received, number);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  g_cancellable_cancel (cancellable);

  /* This thread is the only one that takes the second signal, so it has to stay. */
  for (;;)
    g_usleep (G_USEC_PER_SEC * 3600UL);
}

void
interrupt_watch (GCancellable *cancellable)
{
  sigset_t set;

  fill_set (&set);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  g_thread_unref (g_thread_new ("interrupt", wait_for_signal, g_object_ref (cancellable)));
}

int
interrupt_get_signal (void)
{
  return g_atomic_int_get (&received);
}
