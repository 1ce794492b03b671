/* runtime/adapters/cti/lines.h - Bytes of a stream, cut into lines, for the connections of clients and of the
 * switch.
 *
 * The struct owns the beginning of a line that has not ended yet, at most LINE_BYTES_MAX bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES_MAX = 1024 * 1024 }; /* the line feed included */

struct switch_lines {
    char *bytes;
    size_t length, capacity;
    size_t limit; /* most bytes of a line, with its line feed; 0: LINE_BYTES_MAX */
    bool cuts;    /* a longer line is cut, and the stream goes on */
    bool cut;     /* the line that is being handed over was cut */
};

void cti_lines_free(struct switch_lines *); /* frees the bytes; a zeroed struct has none */

/* Calls `line` for each whole line, with a zero in place of its line feed; empty lines are skipped. Stops early, and
 * returns true, when `line` returns false (the connection is gone). False, unless lines are cut: a line is too long,
 * and nothing more can be read from this stream. */
bool lines_feed(struct switch_lines *, const char *bytes, size_t length,
                bool (*line)(void *self, char *text, size_t length), void *self);
