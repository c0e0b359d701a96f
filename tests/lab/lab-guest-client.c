/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>

#include "lab-private.h"

/* A boot takes some six seconds; on a machine that builds something else beside, several times that. */
#define BOOT_SECONDS 90
#define CALL_SECONDS 60
#define UDEV_SECONDS 60
#define PING_USEC (250 * 1000)
#define POLL_USEC (50 * 1000)
#define CONSOLE_LINES 30

struct _LabGuest
{
  int fd;
  char *path;
  guint calls;
  GString *received;
};

static char *
next_token (LabGuest *guest)
{
  return g_strdup_printf ("%d-%u-%08x", (int) getpid (), guest->calls++, g_random_int ());
}

static gboolean
send_line (LabGuest *guest, const char *line, GError **error)
{
  for (gsize length = strlen (line), done = 0; done < length;)
    {
      ssize_t n = send (guest->fd, line + done, length - done, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", guest->path, g_strerror (errno));
          return FALSE;
        }
      done += (gsize) n;
    }

  return TRUE;
}

/* One read of what is there before @deadline; FALSE without an error when the deadline has passed */
static gboolean
receive (LabGuest *guest, gint64 deadline, GError **error)
{
  gint64 left = deadline - g_get_monotonic_time ();
  struct pollfd wait = { .fd = guest->fd, .events = POLLIN };
  char buffer[4096];

  if (left <= 0)
    return FALSE;
  if (poll (&wait, 1, (int) (left / 1000) + 1) <= 0)
    return g_get_monotonic_time () < deadline;

  ssize_t n = recv (guest->fd, buffer, sizeof buffer, 0);
  if (n <= 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "%s: the machine has gone", guest->path);
      return FALSE;
    }

  g_string_append_len (guest->received, buffer, n);
  return TRUE;
}

/* The output of the call of @token, once its end has come; what stands before its begin is an earlier client's */
static char *
take_answer (LabGuest *guest, const char *token, int *status)
{
  g_autofree char *begin = g_strdup_printf ("#BEGIN %s\n", token);
  g_autofree char *end = g_strdup_printf ("\n#END %s ", token);
  char *stop = strstr (guest->received->str, end);
  if (stop == NULL || strchr (stop + 1, '\n') == NULL)
    return NULL;

  char *start = strstr (guest->received->str, begin);
  start = start != NULL ? start + strlen (begin) : stop;

  *status = atoi (stop + strlen (end));
  char *output = g_strndup (start, (gsize) (stop - start));
  g_string_truncate (guest->received, 0);
  return output;
}

static char *
wait_answer (LabGuest *guest, const char *token, gint64 deadline, int *status, GError **error)
{
  g_autoptr (GError) problem = NULL;

  while (TRUE)
    {
      char *output = take_answer (guest, token, status);
      if (output != NULL)
        return output;
      if (receive (guest, deadline, &problem))
        continue;
      if (problem == NULL)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s: no answer in time", guest->path);
      else
        g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
}

static gboolean
connect_socket (LabGuest *guest, gint64 deadline, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (g_strlcpy (address.sun_path, guest->path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "%s: too long for a socket", guest->path);
      return FALSE;
    }

  while (TRUE)
    {
      guest->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (guest->fd >= 0 && connect (guest->fd, (struct sockaddr *) &address, sizeof address) == 0)
        return TRUE;

      int code = errno;
      if (guest->fd >= 0)
        close (guest->fd);
      guest->fd = -1;
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", guest->path, g_strerror (code));
          return FALSE;
        }
      g_usleep (POLL_USEC);
    }
}

LabGuest *
lab_guest_open (const char *path, guint seconds, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  g_autoptr (LabGuest) guest = g_new0 (LabGuest, 1);
  guest->fd = -1;
  guest->path = g_strdup (path);
  guest->received = g_string_new (NULL);

  if (!connect_socket (guest, deadline, error))
    return NULL;

  /* what is sent before the guest has opened its line is lost in part, so it is asked again and again */
  while (TRUE)
    {
      g_autofree char *token = next_token (guest);
      g_autofree char *line = g_strdup_printf ("\nping %s\n", token);
      g_autofree char *output = NULL;
      g_autoptr (GError) problem = NULL;
      gint64 pause = MIN (g_get_monotonic_time () + PING_USEC, deadline);
      int status;
      if (send_line (guest, line, &problem))
        output = wait_answer (guest, token, pause, &status, &problem);
      if (output != NULL)
        return g_steal_pointer (&guest);
      if (g_get_monotonic_time () >= deadline || !g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
    }
}

void
lab_guest_free (LabGuest *guest)
{
  if (guest->fd >= 0)
    close (guest->fd);
  g_string_free (guest->received, TRUE);
  g_free (guest->path);
  g_free (guest);
}

gboolean
lab_guest_call (LabGuest *guest, const char *command, guint seconds, char **output, int *status, GError **error)
{
  g_return_val_if_fail (strchr (command, '\n') == NULL, FALSE);

  g_autofree char *token = next_token (guest);
  g_autofree char *line = g_strdup_printf ("run %s %s\n", token, command);
  if (!send_line (guest, line, error))
    return FALSE;

  *output = wait_answer (guest, token, g_get_monotonic_time () + seconds * G_USEC_PER_SEC, status, error);
  return *output != NULL;
}

/* the console's log has the socket's name: see lab_machine_console () */
static void
print_console (const char *socket_path)
{
  if (!g_str_has_suffix (socket_path, ".sock"))
    return;

  g_autofree char *base = g_strndup (socket_path, strlen (socket_path) - strlen (".sock"));
  g_autofree char *log = g_strconcat (base, ".log", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents (log, &text, NULL, NULL))
    return;

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint count = g_strv_length (lines);
  for (guint i = count > CONSOLE_LINES ? count - CONSOLE_LINES : 0; i < count; i++)
    g_printerr ("# guest: %s\n", lines[i]);
}

LabGuest *
lab_guest_wait (const char *path)
{
  g_autoptr (GError) error = NULL;
  LabGuest *guest = lab_guest_open (path, BOOT_SECONDS, &error);

  if (guest == NULL)
    {
      print_console (path);
      g_error ("lab: guest: %s", error->message);
    }
  return guest;
}

static char *
call_or_fail (LabGuest *guest, int *status, const char *command)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  if (!lab_guest_call (guest, command, CALL_SECONDS, &output, status, &error))
    {
      print_console (guest->path);
      g_error ("lab: guest: %s: %s", command, error->message);
    }
  return output;
}

char *
lab_guest_run (LabGuest *guest, int *status, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *command = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  int own_status;
  char *output = call_or_fail (guest, &own_status, command);
  if (status != NULL)
    *status = own_status;
  else if (own_status != 0)
    g_error ("lab: guest: %s: status %d: %s", command, own_status, output);
  return output;
}

gboolean
lab_guest_wait_for (LabGuest *guest, const char *condition, guint seconds)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (TRUE)
    {
      int status;
      g_autofree char *output = call_or_fail (guest, &status, condition);
      if (status == 0)
        return TRUE;
      if (g_get_monotonic_time () >= deadline)
        return FALSE;
      g_usleep (POLL_USEC);
    }
}

char *
lab_guest_interface (LabGuest *guest, const char *mac)
{
  /* grep says nothing of another interface that udev renames just then */
  g_autofree char *named = g_strdup_printf (
      "test -e /run/udev/data/n$(cat $(grep -slx %s /sys/class/net/*/address | sed s/address$/ifindex/))", mac);

  if (!lab_guest_wait_for (guest, named, UDEV_SECONDS))
    g_error ("lab: guest: no interface %s after %d s", mac, UDEV_SECONDS);
  for (guint i = 0; i < UDEV_SECONDS * 10; i++)
    {
      g_autofree char *name = lab_guest_run (guest, NULL, "grep -slx %s /sys/class/net/*/address | cut -d/ -f5", mac);
      if (*g_strstrip (name) != '\0')
        return g_steal_pointer (&name);
      /* it had another name when the directory was read */
      g_usleep (G_USEC_PER_SEC / 10);
    }
  g_error ("lab: guest: no name of interface %s after %d s", mac, UDEV_SECONDS);
}
