/* runtime/adapters/cti/lines.h - Bytes of a stream, cut into lines: the framing of both wires.
 *
 * It owns the beginning of a line that has not ended yet, at most LINE_BYTES_MAX bytes of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES_MAX = 1024 * 1024 }; /* the line feed included */

struct switch_lines {
    char *bytes;
    size_t length, capacity;
    size_t limit; /* of a line, its line feed included; 0: LINE_BYTES_MAX */
    bool cuts;    /* a longer line is delivered cut, and the stream goes on */
    bool cut;     /* the line that is delivered was */
};

void cti_lines_free(struct switch_lines *); /* a zeroed struct is empty */

/* Calls `line` for each whole line, ended by a zero instead of its line feed; empty ones are passed over. Stops early,
 * and returns true, when `line` returns false (its connection is gone). False, unless it cuts lines: one is too
 * long, and nothing more can be read from this stream. */
bool lines_feed(struct switch_lines *, const char *bytes, size_t length,
                bool (*line)(void *self, char *text, size_t length), void *self);
