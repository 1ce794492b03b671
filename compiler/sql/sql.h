/* compiler/sql/sql.h - The SQL of `query`, checked before the first call.
 *
 * For SQLite a source's schema file is loaded into a database in memory, which reaches nothing else: no other file,
 * no extension, no pragma; a statement is prepared against it. For PostgreSQL the file has the server's description
 * of each statement (pulled.h). The checker learns the types of each statement's parameters and columns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/syntax/ast.h"

/* ANY: an expression without a declared type. The types from BOOLEAN on are PostgreSQL's only. */
enum sql_type {
    SQL_ANY,
    SQL_INTEGER,
    SQL_REAL,
    SQL_TEXT,
    SQL_BLOB,
    SQL_BOOLEAN,
    SQL_NUMERIC,
    SQL_MOMENT,
    SQL_INTERVAL
};

enum sql_null { SQL_NULL_UNKNOWN, SQL_NULL, SQL_NOT_NULL };

struct sql_column {
    const char *name; /* the column's name, interned; NULL for a parameter */
    enum sql_type type;
    enum sql_null null;
    const char *type_text; /* the type's name in the database; NULL: the usual one for `type` */
};

struct sql_statement {
    struct literal text; /* the statement for the database, in which ?1 (PostgreSQL: $1) replaces the first value in
                            braces, and so on */
    size_t parameters;
    const struct sql_column *parameter_types; /* the types of the parameters; NULL: any value is allowed */
    const struct sql_column *columns;
    size_t column_count; /* the number of columns; 0: it returns no rows */
    bool calls;          /* it calls natives, whose effects are not known */
    bool writes;
};

struct sql_schema;

/* Loads the schema file that a NODE_SITE_SOURCE names, in the folder of the file with that node. A mistake in the
 * schema is reported. The result is never NULL: if the schema could not be loaded, no statement can be prepared, and
 * nothing more is reported. `pull`: statements of PostgreSQL are only collected, and the file may be missing. */
struct sql_schema *sql_schema_load(struct arena *, struct diags *, struct source_set *, const struct node *, bool pull);
void sql_schema_close(struct sql_schema *); /* NULL is allowed */

/* Prepares `sql` (a NODE_SQL). False where a mistake was reported, at the column of the word that SQLite refused, or
 * where the schema could not be loaded: only `text` and `parameters` are set then. */
bool sql_prepare(struct sql_schema *, struct diags *, const struct node *sql, struct sql_statement *);

bool sql_schema_is_postgres(const struct sql_schema *);
const char *sql_schema_path(const struct sql_schema *);

/* Calls `visit` for each column of each table and view of SQLite's schema, in their order. */
void sql_schema_columns(const struct sql_schema *, void *self,
                        void (*visit)(void *self, const char *table, const char *column, const char *type));

/* Returns the collected statement after this one, each text once; for NULL the first one. NULL at the end. */
struct sql_wanted;
const struct sql_wanted *sql_wanted_next(const struct sql_schema *, const struct sql_wanted *);
struct literal sql_wanted_text(const struct sql_wanted *);
bool sql_wanted_outer_join(const struct sql_wanted *);
/* returns the span of the word at the offset */
struct source_span sql_wanted_span(const struct sql_wanted *, size_t offset);
