/* compiler/syntax/csv.h - Comma-separated values of a source, as literals in its arena. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/ast.h"
#include "base/csv.h"

/* Begins to read a copy of `text` in the arena. */
void csv_begin(struct csv_text *, struct arena *, const char *text, size_t length);

/* Reads the next record, as csv_text_next() does: its first `room` fields as literals. */
int csv_next(struct csv_text *, struct literal *fields, int room);
