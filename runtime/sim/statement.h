/* runtime/sim/statement.h - Finds in a statement's text its table, and the columns that are bound to its `?`.
 *
 * Tests name bound values by the strategy's variables; an image holds only the text. The column that a `?` is compared
 * with is mostly called alike, and it is what a row of the answer is kept under. No SQL parser: words and marks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { STATEMENT_NAME = 64, STATEMENT_PARAMETERS = 32 };

struct statement_words {
    char table[STATEMENT_NAME];                         /* after `from`, `into` or `update`; "" where there is none */
    char columns[STATEMENT_PARAMETERS][STATEMENT_NAME]; /* "" where a `?` is compared with none */
    unsigned count;
    char selected[STATEMENT_NAME]; /* the one column that a `select` is of; "" of more, or of what is computed */
};

void statement_read(const char *sql, size_t length, struct statement_words *);
