/* runtime/daemon/backup.h - One backup of all that must not be lost: state folder, contact store, calling lists; and
 * its restore: gcxvm --backup and --restore, for gcxctl backup and restore.
 *
 * The order makes the backup consistent while everything runs. A mail is in the contact store before the core hears
 * of it, and is acknowledged after it is in both. So the state is copied first: a mail that comes meanwhile is at
 * least in the databases, and the adapters submit what the core does not know (gcxctl reconcile). The databases are
 * those that adapters of the configuration name as `store` or `lists`, each once. */
#pragma once

#include <stdbool.h>

struct conf;

/* The file in a state folder that lists the files that a restore still has to move there. No gcxvm starts while it
 * exists. */
#define BACKUP_MOVES "restored.moves"

/* Makes a backup in a new folder. Prints what the backup has, or, on failure, the reason. */
bool backup_make(const struct conf *, const char *folder);
/* Restores the state folder; neither gcxvm nor any of its adapters may run. The old state is moved aside, not
 * deleted. A database that exists stays, since it has data that came after the backup; with `all` it is restored,
 * too. */
bool backup_restore(const struct conf *, const char *folder, bool all);
/* Returns the path of the configuration with which the backup was made; malloc'ed. NULL: the folder is no complete
 * backup, and standard error says so. */
char *backup_configuration(const char *folder);
