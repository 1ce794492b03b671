/* compiler/sql.h - The SQL of `query`, checked before the first call.
 *
 * A source's schema file is loaded into an SQLite database in memory, which nothing of it can leave: no other file, no
 * extension, no pragma. A statement is prepared against it; what it returns is told to the checker. */
#ifndef COMPILER_SQL_H
#define COMPILER_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/arena.h"
#include "compiler/ast.h"
#include "compiler/diag.h"

enum sql_type { SQL_ANY, SQL_INTEGER, SQL_REAL, SQL_TEXT, SQL_BLOB }; /* ANY: an expression without a declared type */

struct sql_column {
    const char *name;
    enum sql_type type;
    bool nullable; /* true also where it is not known */
};

struct sql_statement {
    struct literal text; /* with ?1, ?2, ... where values were in braces, in their order */
    size_t parameters;
    const struct sql_column *columns;
    size_t column_count; /* 0: it returns no rows */
    bool writes;
};

struct sql_schema;

/* Loads the schema file, which `path` names beside the file that it stands in. What is wrong with it is reported;
 * never NULL: with a schema that could not be loaded no statement prepares, and nothing more is reported. */
struct sql_schema *sql_schema_load(struct arena *, struct diags *, struct sources *, struct word path);
void               sql_schema_close(struct sql_schema *); /* NULL is allowed */

/* Prepares `sql` (a NODE_SQL). False where it was reported, at the very column of the word SQLite stumbled over, or
 * where the schema could not be loaded: only `text` and `parameters` are filled in then. */
bool sql_prepare(struct sql_schema *, struct diags *, const struct node *sql, struct sql_statement *);

#endif
