/* compiler/sql/sql.h - The SQL of `query`, checked before the first call.
 *
 * For SQLite a source's schema file is loaded into a database in memory, which nothing of it can leave: no other file,
 * no extension, no pragma; a statement is prepared against it. For PostgreSQL the file holds what the server said of
 * each statement (pulled.h). The checker learns what each statement takes and returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/syntax/ast.h"

/* ANY: an expression without a declared type. From BOOLEAN on PostgreSQL's only. */
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
    const char *name; /* interned; of a parameter NULL */
    enum sql_type type;
    enum sql_null null;
    const char *type_text; /* the type's name in the database; NULL: that of `type` */
};

struct sql_statement {
    struct literal text; /* with ?1, ?2, ... or $1, $2, ... where values were in braces, in their order */
    size_t parameters;
    const struct sql_column *parameter_types; /* NULL: they may be anything */
    const struct sql_column *columns;
    size_t column_count; /* 0: it returns no rows */
    bool calls;          /* it calls natives, of which it is not known what they do */
    bool writes;
};

struct sql_schema;

/* Loads the schema file that a NODE_SITE_SOURCE names beside the file that it stands in. A mistake in it is reported.
 * The result is never NULL: with a schema that could not be loaded no statement prepares, and nothing more is reported.
 * `pull`: statements of PostgreSQL are only collected, and there need be no file. */
struct sql_schema *sql_schema_load(struct arena *, struct diags *, struct source_set *, const struct node *, bool pull);
void sql_schema_close(struct sql_schema *); /* NULL is allowed */

/* Prepares `sql` (a NODE_SQL). False where it was reported, at the very column of the word SQLite stumbled over, or
 * where the schema could not be loaded: only `text` and `parameters` are filled in then. */
bool sql_prepare(struct sql_schema *, struct diags *, const struct node *sql, struct sql_statement *);

bool sql_schema_is_postgres(const struct sql_schema *);
const char *sql_schema_path(const struct sql_schema *);

/* Returns the collected statement after this one, each text once; NULL: the first one. NULL at the end. */
struct sql_wanted;
const struct sql_wanted *sql_wanted_next(const struct sql_schema *, const struct sql_wanted *);
struct literal sql_wanted_text(const struct sql_wanted *);
bool sql_wanted_outer_join(const struct sql_wanted *);
struct source_span sql_wanted_span(const struct sql_wanted *, size_t offset); /* the span of the word at the offset */
