/* compiler/sql/pulled.h - PostgreSQL's description of a source's statements, stored in a file in the site's folder.
 *
 * `gcxc schema pull` writes it, every other command reads it: so a build needs no server, and a change in the
 * database can be reviewed as a difference of files. A statement's number is the hash of its text. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/sql/sql.h"

enum { PULLED_HASH = 32, PULLED_STATEMENTS_MAX = 10000, PULLED_COLUMNS_MAX = 1600 }; /* PostgreSQL's own limit */

struct pulled_statement {
    uint8_t hash[PULLED_HASH];
    struct literal text;
    const struct sql_column *parameters; /* without names */
    size_t parameter_count;
    const struct sql_column *columns;
    size_t column_count;
};

struct pulled {
    const struct pulled_statement *statements; /* all descriptions, in the order of their texts */
    size_t count;
};

void pulled_hash(struct literal text, uint8_t hash[PULLED_HASH]);

/* Reads the file; returns NULL, and reports the line, where the file is not as pulled_write() would have written it. */
const struct pulled *pulled_read(struct arena *, struct diags *, const struct source *);
/* Returns the description of a statement; NULL: the file has none for it. */
const struct pulled_statement *pulled_find(const struct pulled *, struct literal text);

/* Sorts the statements by their texts and writes them; `name` is that of the source. */
void pulled_write(FILE *, const char *name, struct pulled_statement *, size_t count);

/* Returns the language's type for a type's name in PostgreSQL (format_type). */
enum sql_type pulled_type(const char *name);
