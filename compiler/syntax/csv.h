/* compiler/syntax/csv.h - Comma-separated values (RFC 4180): one record per line, its fields perhaps in quotes. */
#ifndef COMPILER_CSV_H
#define COMPILER_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/syntax/ast.h"

struct csv {
    struct arena *arena;
    const char *at, *end;
    unsigned line; /* where the last record began, from 1 */
    unsigned next_line;
    const char *wrong; /* the reason where csv_next() returned -1 */
};

/* Begins to read `text`, which must outlive the reader; a byte order mark is passed over. */
void csv_begin(struct csv *, struct arena *, const char *text, size_t length);

/* Reads the next record and stores its first `room` fields, from the arena. Returns how many fields it has, which may
 * be more than `room`; 0 at the end; -1, with the reason in `wrong`, where a quote is not closed or text stands behind
 * a closing one. Empty lines are passed over. */
int csv_next(struct csv *, struct literal *fields, int room);

#endif
