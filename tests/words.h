/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/*
 * One side of a machine in few words, for tables:
 *
 *   q35, pc, or a machine type; the first word
 *   port:N          a root port with index N; off:N the same without hotplug
 *   bridge:N        a pci-bridge with index N, in slot 0x10 + N of bus 0
 *   scsi:N:MODEL    a SCSI controller; with =ADDRESS it sits there, else nowhere
 *   pci:ADDRESS     a virtio interface there; with =ALIAS it has one
 *   nic:MODEL       an interface that has no place yet
 *   TARGET@ADDRESS  a disk, SCSI or virtio by its target; -TARGET@ADDRESS a record of one
 *   memory:MIB, noacpi
 *
 * It has neither USB nor a balloon, so that nothing is there but what is said.
 */

/* @words: (nullable): NULL makes NULL */
HotplugDomain *words_to_domain (const char *words, gboolean live);
/* The same as XML, without the records */
char *words_to_xml (const char *words, gboolean live);

G_END_DECLS
