/* compiler/base/frame.h - Messages of editors' protocols (language server, debug adapter) on two descriptors: a header
 * with Content-Length, an empty line, then so many bytes of JSON.
 *
 * Input is bounded: a header of FRAME_HEADER bytes, a body of `most` bytes. After a header that cannot be read there is
 * no way on, since the next message begins at an unknown place; a body that is no JSON is only passed over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FRAME_HEADER = 4096 };

struct frames {
    int in, out;
    size_t most; /* the most bytes that a body may have */
    char *bytes; /* the bytes that were read and not yet taken */
    size_t begin, end, room;
    bool ended, broken; /* the input has ended; its next bytes are no header of a message */
};

void frames_free(struct frames *);

/* Waits for more bytes and reads them, unless a whole message is there already. */
void frames_read(struct frames *);

/* The body of the next whole message, which lasts until the next call; NULL: there is none yet, or never will be. */
const char *frames_next(struct frames *, size_t *length);

/* Sends a text as one message. False where the other side is gone. */
bool frames_write(struct frames *, const char *body);
