/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lab-guest SOCKET COMMAND…: runs a shell command in a guest, prints its output, exits with its status */

#include <stdio.h>
#include <string.h>

#include "lab.h"

/* as of a shell that can't start what it was asked for */
#define CANNOT_RUN 126
#define SECONDS 120

int
main (int argc, char **argv)
{
  if (argc < 3)
    {
      g_printerr ("usage: lab-guest SOCKET COMMAND...\n");
      return 2;
    }

  g_autoptr (GError) error = NULL;
  g_autofree char *command = g_strjoinv (" ", argv + 2);
  if (strchr (command, '\n') != NULL)
    {
      g_printerr ("lab-guest: a command is one line\n");
      return 2;
    }

  g_autoptr (LabGuest) guest = lab_guest_open (argv[1], SECONDS, &error);
  g_autofree char *output = NULL;
  int status = 0;
  if (guest == NULL || !lab_guest_call (guest, command, SECONDS, &output, &status, &error))
    {
      g_printerr ("lab-guest: %s\n", error->message);
      return CANNOT_RUN;
    }

  fputs (output, stdout);
  return status;
}
