/* base/csv.h - Comma-separated values (RFC 4180): one record per line, its fields perhaps in quotes.
 *
 * The text is read in place: each field is ended with a zero where its comma stood, and loses its quotes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct csv_field {
    const char *bytes; /* a zero follows */
    size_t length;
    bool quoted;
};

struct csv_text {
    char *at, *end;
    unsigned line; /* the line where the last record began, from 1 */
    unsigned next_line;
    const char *wrong; /* the reason where csv_text_next() returned -1 */
};

/* Begins to read `text`, which has a zero behind its `length` bytes, is changed, and outlives reader and fields. A byte
 * order mark is passed over. */
void csv_text_begin(struct csv_text *, char *text, size_t length);

/* Reads the next record and stores its first `room` fields. Returns how many fields it has, which may be more than
 * `room`; 0 at the end; -1, with the reason in `wrong`, where a quote is not closed or text stands behind a closing
 * one. Empty lines are passed over. */
int csv_text_next(struct csv_text *, struct csv_field *fields, int room);
