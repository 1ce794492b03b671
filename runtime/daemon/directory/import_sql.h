/* runtime/daemon/directory/import_sql.h - Reads the directory's file of SQL, runs it statement by statement, and
 * searches it again for the line of a complaint.
 *
 * Owns no database: the caller closes it. Invariant: a file of SQL touches nothing outside its database in memory,
 * and its run is bounded in time. */
#pragma once

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* SQL_LOOK_S: seconds for running the file a second time, which finds the line of a complaint. */
enum { SQL_LOOK_S = 10, SQL_QUOTE_MAX = 96 };
#define SQL_TOO_LONG "it takes longer than the directory_s of gcxvm.conf"

struct bound { /* the limits of one run of the file */
    uint64_t deadline_us;
    const atomic_bool *stop; /* true: the run has to end; NULL: nobody can stop it */
};

/* Reads the file's text, with a final zero. NULL with the reason. */
char *import_text(const char *file, struct error *);

/* Opens an empty database in memory, with pages of that size (0: any size). Statements that run in this database can
 * touch nothing outside, and are limited in time. */
sqlite3 *sql_database(struct bound *, unsigned page_size);
bool sql_bound_over(const struct bound *);
/* Why the database's last call failed; valid until the next call. */
const char *sql_why(sqlite3 *);

struct sql_watch {
    void *self;
    void (*statement)(void *self, const char *begin, const char *end); /* is about to run */
};
/* Runs the text statement by statement, so that a complaint has the line of its mistake. `watch` may be NULL. */
bool import_run(sqlite3 *, const char *file, const char *text, const struct sql_watch *watch, struct error *);

struct sql_place {
    unsigned line;
    char quote[SQL_QUOTE_MAX]; /* the line, cut */
};
/* Finds, by running the file once more, the line that wrote the row of this key last (keys with slashes between).
 * `keys` are the table's key columns, with a NULL at the end. False: the line cannot be found. */
bool sql_row_line(const char *file, const char *sheet, const char *const *keys, const char *key, struct sql_place *);
/* The rowid of the table's row with this key; 0: there is no such row. */
sqlite3_int64 sql_row_of(sqlite3 *, const char *sheet, const char *const *keys, const char *key);
