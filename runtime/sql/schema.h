/* runtime/sql/schema.h - Tables that a program makes in a database, and their version.
 *
 * A schema is a list of tables with their columns. A database that has no tables gets all of them; one of an earlier
 * version gets the missing tables and columns, its views are made again, and its version is raised, all in one
 * transaction; one of a later version is refused. So a new version only adds: no column is removed, and none changes
 * its meaning. */
#pragma once

#include "runtime/sql/sql.h"

struct table_column {
    const char *name;
    const char *types[SQL_DIALECTS]; /* type with constraints; NULL: this dialect has no such column */
};

struct sql_table {
    const char *name;
    const struct table_column *columns;
    unsigned count;
    const char *key; /* constraints of the table, such as "PRIMARY KEY (a, b)"; "": none */
};

struct sql_view {
    const char *name, *query;
};

enum sql_schema {
#define VERSION(name, program, number) SQL_##name,
#include "runtime/sql/versions.def"
    SQL_SCHEMAS
};
enum {
#define VERSION(name, program, number) VERSION_##name = number,
#include "runtime/sql/versions.def"
};

struct table_schema {
    enum sql_schema of;
    const struct sql_table *tables;
    unsigned count;
    const struct sql_view *views;
    unsigned view_count;
    /* Statements that are run after the tables were changed to another version, such as CREATE INDEX IF NOT EXISTS. */
    const char *const *after[SQL_DIALECTS]; /* ended by NULL */
};

bool sql_table_there(struct sql *, const char *table, bool *there, struct error *);
bool sql_column_there(struct sql *, const char *table, const char *column, bool *there, struct error *);

/* Makes the tables, or upgrades them to this version. */
bool sql_schema_make(struct sql *, const struct table_schema *, struct error *);

/* May rows of each table be inserted, changed and deleted? The database is asked for query plans, which it makes
 * only for existing tables and for users with the right: nothing is written, and in SQLite nothing is locked. */
bool sql_schema_takes(struct sql *, const struct table_schema *, struct error *);

/* Can this program work with the tables of a SQLite file? `setting` is the name of the setting that opens the
 * database ("lists": the tables of gcx_lists). The file is only read. True, too, if the file cannot be read or has
 * only other tables. False with the reason. */
bool sql_versions_good(const char *file, const char *setting, struct error *);

/* Upgrades the tables of a file that was reopened to this version. False: the tables are missing. */
bool sql_schema_anew(struct sql *, const struct table_schema *, struct error *);

/* Opens the database and makes its tables, or upgrades them to this version. `what` as for sql_open(), with "the "
 * in front. A new file is readable by its owner only. `there`: missing tables are an error and are not made. NULL
 * with the reason. */
struct sql *sql_schema_open(const char *target, const char *what, const struct table_schema *, bool there,
                            struct error *);
