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

/* The file in a state folder that lists what a restore still has to move there. No gcxvm starts while it exists. */
#define BACKUP_MOVES "restored.moves"

/* Makes a backup in a new folder. Says on standard output what the backup has, or why there is none. */
bool backup_make(const struct conf *, const char *folder);
/* Puts the state folder back; no gcxvm and none of its adapters may run. The older state is set aside, not removed. A
 * database that exists stays, since it has what came after the backup; with `all` it is put back, too. */
bool backup_restore(const struct conf *, const char *folder, bool all);
/* The path of the configuration with which the backup was made; malloc'ed. NULL: the folder is no whole backup, and
 * standard error says so. */
char *backup_configuration(const char *folder);
