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

/* SQL_LOOK_S: of a second reading, for the line of a complaint. */
enum { SQL_LOOK_S = 10, SQL_QUOTE_MAX = 96 };
#define SQL_TOO_LONG "it takes longer than the directory_s of gcxvm.conf"

struct bound { /* of a whole run */
    uint64_t deadline_us;
    const atomic_bool *stop; /* or NULL */
};

/* The file's text with its terminating zero, or NULL. */
char *import_text(const char *file, struct error *);

/* An empty one in memory, of pages of that size (0: any). The file is a text of facts: nothing outside it is touched,
 * and it is bounded. */
sqlite3 *sql_database(struct bound *, unsigned page_size);
bool sql_bound_over(const struct bound *);
/* Why its last call has failed, until the next. */
const char *sql_why(sqlite3 *);

struct sql_watch {
    void *self;
    void (*statement)(void *self, const char *begin, const char *end); /* is about to run */
};
/* Statement by statement, so that a mistake is given its line. `watch` may be NULL. */
bool import_run(sqlite3 *, const char *file, const char *text, const struct sql_watch *watch, struct error *);

struct sql_place {
    unsigned line;
    char quote[SQL_QUOTE_MAX]; /* the line, cut */
};
/* Which line of the file wrote the row of that key (keys with slashes between) last: it is run once more. `keys` are
 * the sheet's columns, NULL behind them. False: that cannot be told. */
bool sql_row_line(const char *file, const char *sheet, const char *const *keys, const char *key, struct sql_place *);
/* The number of the sheet's row of that key; 0: it cannot be told. */
sqlite3_int64 sql_row_of(sqlite3 *, const char *sheet, const char *const *keys, const char *key);
