/* runtime/daemon/directory/import_sql.h - The directory's file of SQL: read, run statement by statement, and searched
 * again for the line of a complaint.
 *
 * Owns no database: the caller closes it. Invariant: a file of SQL touches nothing outside its database in memory,
 * and its run is bounded in time. */
#pragma once

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* SQL_LOOK_S: seconds for a second reading of the file, which finds the line of a complaint. */
enum { SQL_LOOK_S = 10, SQL_QUOTE_MAX = 96 };
#define SQL_TOO_LONG "it takes longer than the directory_s of gcxvm.conf"

struct bound { /* the limits of a whole run */
    uint64_t deadline_us;
    const atomic_bool *stop; /* true: the run ends; NULL: nobody stops it */
};

/* Reads the file's text, with a zero at its end. NULL with the reason. */
char *import_text(const char *file, struct error *);

/* Opens an empty database in memory, with pages of that size (0: any). What runs in it can touch nothing outside, and
 * is bounded in time. */
sqlite3 *sql_database(struct bound *, unsigned page_size);
bool sql_bound_over(const struct bound *);
/* The reason why the database's last call failed; valid until the next call. */
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
 * `keys` are the sheet's key columns, NULL at the end. False: it cannot be found. */
bool sql_row_line(const char *file, const char *sheet, const char *const *keys, const char *key, struct sql_place *);
/* The rowid of the sheet's row with this key; 0: it cannot be found. */
sqlite3_int64 sql_row_of(sqlite3 *, const char *sheet, const char *const *keys, const char *key);
