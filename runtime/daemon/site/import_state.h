/* runtime/daemon/site/import_state.h - Shared by the files that read a directory (import.c, import_tables.c,
 * import_sheets.c); no other file includes it.
 *
 * Invariants: the rows of one table stand together, in the order of their keys; parameters and schedules are the last
 * rows. */
#ifndef DAEMON_IMPORT_STATE_H
#define DAEMON_IMPORT_STATE_H

#include <sqlite3.h>

#include "runtime/daemon/site/import.h"
#include "runtime/vocabulary/rows.h"

#define IMPORT_SHEET "table_"

enum { TABLE_NUMBERS = 32 }; /* more than enum table has */

struct entry {
    enum table table;
    char *key;
    struct kv values;
};

/* A sheet "table_NAME": a business table of the site. */
struct business_sheet {
    char *name, *key;
    struct kv rows; /* by their keys, each a list of its columns */
    size_t count;
};

struct import {
    struct entry *rows;
    size_t count, capacity;
    struct entries { /* of a table, by its number: rows in the order of their keys */
        size_t first, count;
    } tables[TABLE_NUMBERS];
    struct point {
        char *dn, *strategy, *defaults;
        struct kv given;
    } * points;
    size_t point_count, point_capacity;
    size_t setting_count; /* parameters and schedules: the last rows */
    struct business_sheet *sheets;
    size_t sheet_count, sheet_capacity, sheet_rows;
};

/* import.c */
/* May a value of a parameter or a business table be of this type and length? The site's own type is looked at later. */
bool import_value_good(int type, size_t length);
void import_value_put(struct kv *, const char *name, sqlite3_stmt *, int place);
/* A complaint about a row, with its line where that can be found. */
void import_row_wrong(const char *file, const char *sheet, const char *const *keys, const char *key, const char *what,
                      struct error *);
/* import_tables.c */
bool import_tables_check(sqlite3 *, const char *file, struct error *);
bool import_tables_read(struct import *, sqlite3 *, const char *file, struct error *);
/* Is every row there that a value refers to? */
bool import_references_check(sqlite3 *, const char *file, struct error *);
/* import_sheets.c */
bool import_is_sheet(const char *name);
bool import_sheets_read(struct import *, sqlite3 *, const char *file, struct error *);

#endif
