/* runtime/daemon/directory/postgres.h - A directory in PostgreSQL: read whole, and listened to for changes.
 *
 * Both have a connection of their own beside the pool of the source, and wait on a thread that nobody else needs. */
#pragma once

#include <libpq-fe.h>
#include <stdatomic.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/import_sql.h"

/* Reads the directory from the database. `file`: the name in complaints. NULL with the reason. */
struct directory_import *import_read_postgres(const char *file, const struct conf_source *, unsigned seconds,
                                              const atomic_bool *stop, struct error *);

/* Open a connection, and run a statement on it, which gives its last result; NULL with the reason. */
PGconn *postgres_open(const struct conf_source *, const struct bound *, struct error *);
PGresult *postgres_ask(PGconn *, const char *sql, const struct bound *, struct error *);

/* A thread that listens to the channel gcx_directory. `told` is called on that thread upon a notification, and each
 * time that it listens anew, as notifications may have been missed. `trouble` is called with the reason when it cannot
 * listen. */
struct listening;
struct listening_calls {
    void (*told)(void *self);
    void (*trouble)(void *self, const char *why);
    void *self;
};
struct listening *listening_new(const struct conf_source *, const struct listening_calls *);
void listening_free(struct listening *); /* ends the thread */
