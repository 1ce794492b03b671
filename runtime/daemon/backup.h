/* runtime/daemon/backup.h - One backup of all that must not be lost: state folder, contact store, calling lists; and
 * the way back: gcxvm --backup and --restore, for gcxctl backup and restore.
 *
 * The order makes it consistent while everything runs. A mail is in the contact store before the core hears of it, and
 * is acknowledged after both. So the state is copied first: whatever comes meanwhile is in the databases at least, and
 * the adapters submit what the core does not know (gcxctl reconcile). Databases are those that adapters of the
 * configuration name as `store` or `lists`, each once. */
#pragma once

#include <stdbool.h>

struct conf;

/* In a state folder: what a restore has still to move to it. No gcxvm begins beside it. */
#define BACKUP_MOVES "restored.moves"

/* A new folder with all of it. Says on standard output what it has, or why there is none. */
bool backup_make(const struct conf *, const char *folder);
/* Puts the state folder back; no gcxvm and no adapter of it may run. The older state is set aside, not removed. A
 * database that is there stays, since it has what came after the backup; with `all` it is put back, too. */
bool backup_restore(const struct conf *, const char *folder, bool all);
/* The configuration with which the backup was made; malloc'ed. NULL: the folder is no whole backup, which is told. */
char *backup_configuration(const char *folder);
