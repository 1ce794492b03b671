/* base/csv.h - Comma-separated values (RFC 4180): one record per line, its fields perhaps in quotes.
 *
 * The text is read in place: each field is ended with a zero where its comma stood, and loses its quotes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct csv_field {
    const char *bytes; /* a zero follows */
    size_t length;
    bool quoted;
};

struct csv_text {
    char *at, *end;
    unsigned line; /* the line where the last record began, from 1 */
    unsigned next_line;
    const char *wrong; /* the reason, if csv_text_next() has returned -1 */
};

/* Begins to read `text`, which must have a zero after its `length` bytes, is changed by the reading, and must exist
 * as long as the reader and the fields. A byte order mark is skipped. */
void csv_text_begin(struct csv_text *, char *text, size_t length);

/* Reads the next record and stores its first `room` fields. Returns how many fields it has, which may be more than
 * `room`; 0 at the end; -1, with the reason in `wrong`, if a quote is not closed or text follows a closing quote.
 * Empty lines are skipped. */
int csv_text_next(struct csv_text *, struct csv_field *fields, int room);

/* Writes a cell for a person's spreadsheet, in quotes where it needs them. A spreadsheet would compute a text that
 * begins as a formula does: it gets an apostrophe in front. */
void csv_show(FILE *, const char *text);
