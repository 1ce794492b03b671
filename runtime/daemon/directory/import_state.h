/* runtime/daemon/directory/import_state.h - Shared by the files that read a directory (import.c, import_*.c); no other
 * file includes it.
 *
 * Invariants: the rows of one table follow each other, in the order of their keys; parameters and schedules are the
 * last rows. */
#pragma once

#include <sqlite3.h>

#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/import_sql.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/rows.h"

#define IMPORT_SHEET "table_"
#define IMPORT_ABOUT "gcx_import" /* for the kept copy: where the directory was imported from (kept.h) */

enum {
    TABLE_NUMBERS = 32, /* size of an array with an entry per table: more than enum table has */
    TABLE_HERE = -1,    /* a table that is not sent to the core */
    COLUMNS_MAX = 24,
    IMPORT_TABLES_TEXT = 512,
    MEMBERS_WHAT_MAX = 256,
    COLUMN_WHAT_MAX = 256,
};

enum column_type {
    COLUMN_KEY,
    COLUMN_DATE_KEY,
    COLUMN_NAME,
    COLUMN_TEXT,
    COLUMN_LEVEL,
    COLUMN_SECONDS,
    COLUMN_DELAY,
    COLUMN_DN_TYPE,
    COLUMN_DNS,
    COLUMN_VALUE,
    COLUMN_SCHEDULE,
    COLUMN_MEMBERS,
    COLUMN_CAPACITY,
    COLUMN_MODE,
    COLUMN_RULE,
    COLUMN_CODE,
    COLUMN_ACCESS_TYPES,
    COLUMN_FLAG,
    COLUMN_DOMAIN,
};

/* A table that a directory may have, and its columns (directory.def). The key columns are the first; their values,
 * joined by a slash, name the row. */
struct sheet {
    const char *name;
    int number; /* enum table, or TABLE_HERE */
    struct column {
        const char *name;
        enum column_type type;
        const char *of;      /* the table that the column's values refer to, or NULL */
        const char *missing; /* the value, in SQL, if the source lacks the column; NULL: the column is mandatory */
    } columns[COLUMNS_MAX];
};

struct entry {
    enum table table;
    char *key;
    struct kv values;
};

struct import_names {
    char **all;
    size_t count;
};

/* A sheet "table_NAME": a business table of the site. */
struct business_sheet {
    char *name, *key;
    struct kv rows; /* the rows in the order of their keys, each a list of its columns */
    size_t count;
};

struct directory_import {
    sqlite3 *db; /* the database in memory that the rows were read from */
    struct entry *rows;
    size_t count;
    struct entries { /* by a table's number: where its rows are in `rows`, in the order of their keys */
        size_t first, count;
    } tables[TABLE_NUMBERS];
    struct point {
        char *dn, *strategy, *defaults;
        struct kv given;
    } * points;
    size_t point_count;
    size_t setting_count; /* number of parameters and schedules, which are the last rows */
    struct business_sheet *sheets;
    size_t sheet_count, sheet_rows;
    struct import_names doubts; /* sentences */
};

/* import.c */
/* Checks that a value of a parameter or a business table has an allowed type and length. The type that the site
 * declares is checked later. */
bool import_value_good(int type, size_t length);
void import_value_put(struct kv *, const char *name, sqlite3_stmt *, int place);
/* Writes a complaint about a row, with its line if that can be found. False. */
bool import_row_wrong(const char *file, const char *sheet, const char *const *keys, const char *key, const char *what,
                      struct error *);
/* Reads the tables of a database, and owns the database afterwards; the limits of its run end here. NULL with the
 * reason. */
struct directory_import *import_of(sqlite3 *, const char *file, struct error *);
/* import_source.c */
/* Loads the file or folder into a new database in memory. NULL with the reason. */
sqlite3 *import_source_open(const char *file, struct bound *, struct error *);
/* import_csv.c */
bool import_csv_read(sqlite3 *, const char *folder, struct error *);
/* Finds the line of the row with this key (keys with slashes between). False: `folder` is no folder, or has no such
 * row. */
bool import_csv_line(const char *folder, const char *table, const char *const *keys, const char *key, unsigned *line);
/* Reads the text of one sheet into its table, and changes the text while doing so; `path`: the name in complaints. */
bool import_csv_text(sqlite3 *, const char *path, const char *table, char *text, size_t length, struct error *);
/* Returns the path of a table's sheet; the caller frees it. */
char *import_csv_file(const char *folder, const char *table);
/* import_access.c: checks that calls can go from switch to switch as the rows of table access say. False with the
 * reason and the row's line. */
bool import_accesses_check(sqlite3 *, const char *file, struct error *);
/* import_groups.c */
/* A statement that gives the names, in order, of agents who satisfy the expression and are not yet members of the
 * group. NULL with the reason. */
sqlite3_stmt *import_members_select(sqlite3 *, const char *group, const char *members, char what[MEMBERS_WHAT_MAX]);
/* import_tables.c */
static inline bool column_is_number(const struct column *column) /* a whole one */
{
    return column->type == COLUMN_LEVEL || column->type == COLUMN_SECONDS || column->type == COLUMN_DELAY ||
           column->type == COLUMN_RULE || column->type == COLUMN_FLAG || column->type == COLUMN_DOMAIN;
}
static inline bool column_is_key(const struct column *column)
{
    return column->name && (column->type == COLUMN_KEY || column->type == COLUMN_DATE_KEY);
}
const struct sheet *import_table_at(size_t index);              /* NULL past the last */
const struct sheet *import_table_named(const char *name);       /* NULL: the directory has no such table */
const char *import_table_names(char names[IMPORT_TABLES_TEXT]); /* "skill, agent, ..., table_NAME" */
bool import_table_there(sqlite3 *, const char *name);           /* also as a view */
/* Reports a statement that the database has refused; returns false. */
bool import_table_refused(sqlite3 *, const char *file, const char *name, struct error *);
/* Adds the columns that a source may leave out. */
bool import_tables_complete(sqlite3 *, const char *file, struct error *);
/* Makes a statement that reads the rows of a sheet, ordered by their keys as strcmp() orders them, whatever collation
 * the file gives its columns: so the same file always gives the same events. NULL: see sqlite3_errmsg(). */
sqlite3_stmt *import_table_select(sqlite3 *, const struct sheet *);
/* Returns the lines of a schedule in which the days of the calendars of table holiday replace the calendars' names;
 * freed by sqlite3_free(). NULL: there is no such calendar. */
char *import_schedule_expand(sqlite3 *, const char *text);
/* Returns the schedule's lines with one more date of this calendar; freed by sqlite3_free(). NULL: the schedule does
 * not name the calendar. */
char *import_schedule_date(const char *text, const char *calendar, const char *date);
/* Calls `each` with each calendar that the schedule's lines name, and with its hours, as "closed". */
void import_schedule_calendars(const char *text, void (*each)(void *self, struct span calendar, struct span hours),
                               void *self);
bool import_tables_check(sqlite3 *, const char *file, struct error *);
bool import_tables_read(struct directory_import *, sqlite3 *, const char *file, struct error *);
/* Checks that every row exists to which a value refers. False with the reason. */
bool import_references_check(sqlite3 *, const char *file, struct error *);
/* Writes a complaint such as "table agent has no column capasity; did you mean capacity?" */
void import_column_unknown(const struct sheet *, const char *column, char what[COLUMN_WHAT_MAX]);
/* import_rows.c */
/* Adds a sentence for each column that a table has and nobody reads. */
void import_columns_doubt(sqlite3 *, const char *file, struct import_names *);
/* Lists the tables that a database has: those of a directory in their order, then business tables by name. */
void import_names_list(sqlite3 *, struct import_names *);
void import_names_free(struct import_names *);
/* Returns the name of the one column that is the primary key of a business table, owned by the caller. NULL: the
 * table has no primary key, or one of several columns. */
char *import_key_of(sqlite3 *, const char *name);
/* Makes a statement that reads the rows of a table in the order of its keys, which are the first columns. The caller
 * finalizes the statement. */
struct import_rows {
    sqlite3_stmt *statement;
    int keys;
};
bool import_rows_open(sqlite3 *, const char *name, struct import_rows *);
/* import_sheets.c */
bool import_is_sheet(const char *name);
bool import_sheets_read(struct directory_import *, sqlite3 *, const char *file, struct error *);
