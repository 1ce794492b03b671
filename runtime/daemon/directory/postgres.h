/* runtime/daemon/directory/postgres.h - A directory in PostgreSQL: reads it whole, and waits for notifications of
 * changes.
 *
 * Reading and listening each have a connection of their own besides the source's pool, and each blocks a thread that
 * does nothing else. */
#pragma once

#include <libpq-fe.h>
#include <stdatomic.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/import_sql.h"

/* Reads the directory from the database. `file`: the directory's name in complaints. NULL with the reason. */
struct directory_import *import_read_postgres(const char *file, const struct conf_source *, unsigned seconds,
                                              const atomic_bool *stop, struct error *);

/* Open a connection, and run a statement on it and return its last result; NULL with the reason. */
PGconn *postgres_open(const struct conf_source *, const struct bound *, struct error *);
PGresult *postgres_ask(PGconn *, const char *sql, const struct bound *, struct error *);

/* A thread that listens on the channel gcx_directory. `told` is called on that thread for a notification, and each
 * time that listening begins anew, as notifications may have been missed. `trouble` is called with the reason if the
 * thread cannot listen. */
struct listening;
struct listening_calls {
    void (*told)(void *self);
    void (*trouble)(void *self, const char *why);
    void *self;
};
struct listening *listening_new(const struct conf_source *, const struct listening_calls *);
void listening_free(struct listening *); /* ends the thread */
