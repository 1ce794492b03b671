/* runtime/sim/statement.h - Finds the table in a statement's text, and the columns that are compared with its `?`.
 *
 * Tests name bound values by the strategy's variables, which an image does not contain. The column compared with a `?`
 * mostly has the same name, and a row of the answer is stored under it. The scanner is not a parser of SQL: it only
 * looks at words and signs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { STATEMENT_NAME = 64, STATEMENT_PARAMETERS = 32 };

struct statement_words {
    char table[STATEMENT_NAME];                         /* the name after `from`, `into` or `update`; "": none */
    char columns[STATEMENT_PARAMETERS][STATEMENT_NAME]; /* per `?` the column compared with it; "": none */
    unsigned count;
    char selected[STATEMENT_NAME]; /* the only column of a `select`; "": several, or a computed one */
};

void statement_read(const char *sql, size_t length, struct statement_words *);
