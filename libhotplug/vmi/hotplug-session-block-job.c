/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-session-private.h"

/* What is at work on a disk, and how virsh ends it */
static const struct
{
  const char *words;
  const char *command;
  const char *options;
} jobs[] = {
  [HOTPLUG_BLOCK_JOB_PULL] = { "a block pull", "blockjob", " --abort" },
  [HOTPLUG_BLOCK_JOB_COPY] = { "a block copy", "blockjob", " --pivot, or --abort" },
  [HOTPLUG_BLOCK_JOB_COMMIT] = { "a block commit", "blockjob", " --abort" },
  [HOTPLUG_BLOCK_JOB_ACTIVE_COMMIT] = { "an active block commit", "blockjob", " --pivot, or --abort" },
  [HOTPLUG_BLOCK_JOB_BACKUP] = { "a backup", "domjobabort", "" },
  [HOTPLUG_BLOCK_JOB_OTHER] = { "a block job", "blockjob", " --abort" },
};

gboolean
_hotplug_session_check_block_job (HotplugSession *self, const char *what, const HotplugDisk *live, GError **error)
{
  const char *name = hotplug_vmi_get_name (self->vmi);
  HotplugBlockJob job = live != NULL ? _hotplug_connection_find_block_job (
                            self->connection, hotplug_vmi_get_uuid (self->vmi), live->target)
                                     : HOTPLUG_BLOCK_JOB_NONE;

  if (job == HOTPLUG_BLOCK_JOB_NONE)
    return TRUE;

  gboolean of_disk = job != HOTPLUG_BLOCK_JOB_BACKUP;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
               "vmi \"%s\": %s: %s is at work on its disk \"%s\"; wait for its end, or end it with virsh %s %s%s%s%s",
               name, what, jobs[job].words, live->target, jobs[job].command, name, of_disk ? " " : "",
               of_disk ? live->target : "", jobs[job].options);
  return FALSE;
}
