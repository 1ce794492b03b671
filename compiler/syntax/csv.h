/* compiler/syntax/csv.h - Comma-separated values (RFC 4180): fields, perhaps in quotes, one record a line. */
#ifndef COMPILER_CSV_H
#define COMPILER_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/syntax/ast.h"

struct csv {
    struct arena *arena;
    const char *at, *end;
    unsigned line; /* of the record read last */
    unsigned next_line;
    const char *wrong; /* why there is no record */
};

void csv_begin(struct csv *, struct arena *, const char *text, size_t length);
/* The next record's fields, at most `room`; returns how many there are (more than `room`: not all are stored), 0 at the
 * end, -1 and `wrong` where a quote is not closed, or something stands behind one. Empty lines are passed over. */
int csv_next(struct csv *, struct literal *fields, int room);

#endif
