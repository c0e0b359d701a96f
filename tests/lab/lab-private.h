/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lab.h"

G_BEGIN_DECLS

/* One open of libvirt asks every QEMU binary what it can, for seconds: the answers are kept beside the guest. */
void lab_capabilities_seed (const char *kind, const char *cache_dir);
void lab_capabilities_keep (const char *kind, const char *cache_dir);

/* NULL if there is no place for the guest, thus none to keep anything */
const char *lab_guest_dir (void);

/* In memory where possible, for a daemon: it fsyncs its state at each change */
char *lab_memory_dir_new (void);

/* Ends the QEMUs whose pid files are in @run_dir */
void lab_machines_kill (const char *run_dir);

void lab_remove_tree (const char *dir);

void lab_write_file (const char *dir, const char *name, const char *content);

/* On the loopback; nobody has it at this moment */
guint lab_free_port (void);

/* At exit, before directories go; NULL if nothing was made */
void lab_embed_cleanup (void);
void lab_daemon_cleanup (void);
void lab_loop_cleanup (void);
void lab_target_cleanup (void);

G_NORETURN void lab_fail_libvirt (const char *what);

G_END_DECLS
