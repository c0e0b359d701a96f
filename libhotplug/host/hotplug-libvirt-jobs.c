/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>

#include "host/hotplug-libvirt-private.h"

/* A backup lets devices come and go (9.0.0 src/qemu/qemu_backup.c:793), and what is short is waited for. */
static const char *
words_of (int operation)
{
  switch (operation)
    {
    case VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN:
      return "is just arriving by a migration";
    case VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT:
      return "is being migrated";
    case VIR_DOMAIN_JOB_OPERATION_SAVE:
      return "is being saved";
    case VIR_DOMAIN_JOB_OPERATION_DUMP:
      return "is being dumped";
    default:
      return NULL;
    }
}

/* Of a machine that arrives there are no numbers: src/qemu/qemu_driver.c:12448 */
static const char *
words_without_numbers (void)
{
  const virError *last = virGetLastError ();

  return last != NULL && last->code == VIR_ERR_OPERATION_UNSUPPORTED
             ? words_of (VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN)
             : NULL;
}

static const char *
find_job (HotplugConnection *connection, const char *uuid)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int type = VIR_DOMAIN_JOB_NONE;
  int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

  if (domain == NULL)
    return NULL;
  if (virDomainGetJobStats (domain, &type, &params, &n_params, 0) != 0)
    return words_without_numbers ();

  virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
  virTypedParamsFree (params, n_params);
  return type != VIR_DOMAIN_JOB_NONE ? words_of (operation) : NULL;
}

/* One that is ready, and waits for its end, is one too. A backup is told for each of its disks (9.0.0
 * src/qemu/qemu_backup.c). */
static HotplugBlockJob
find_block_job (HotplugConnection *connection, const char *uuid, const char *target)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, NULL);
  virDomainBlockJobInfo info = { 0 };

  if (domain == NULL || virDomainGetBlockJobInfo (domain, target, &info, 0) != 1)
    return HOTPLUG_BLOCK_JOB_NONE;

  switch (info.type)
    {
    case VIR_DOMAIN_BLOCK_JOB_TYPE_PULL:
      return HOTPLUG_BLOCK_JOB_PULL;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_COPY:
      return HOTPLUG_BLOCK_JOB_COPY;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT:
      return HOTPLUG_BLOCK_JOB_COMMIT;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT:
      return HOTPLUG_BLOCK_JOB_ACTIVE_COMMIT;
    case VIR_DOMAIN_BLOCK_JOB_TYPE_BACKUP:
      return HOTPLUG_BLOCK_JOB_BACKUP;
    default:
      return HOTPLUG_BLOCK_JOB_OTHER;
    }
}

void
_hotplug_libvirt_jobs_init (HotplugConnectionClass *class)
{
  class->find_job = find_job;
  class->find_block_job = find_block_job;
}
