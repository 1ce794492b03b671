/* compiler/base/frame.h - Messages of editors' protocols (language server, debug adapter) on two descriptors: a
 * header with Content-Length, an empty line, then that many bytes of JSON.
 *
 * Input is bounded: FRAME_HEADER bytes for a header, `most` bytes for a body. After a header that cannot be read
 * nothing more is read, since nobody knows where the next message begins; a body that is no JSON is only skipped. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FRAME_HEADER = 4096 };

struct frames {
    int in, out;
    size_t most; /* the most bytes of a body */
    char *bytes; /* the bytes that were read and are not handed out yet */
    size_t begin, end, room;
    bool ended, broken; /* ended: the input is at its end; broken: the next bytes are no header of a message */
};

void frames_free(struct frames *);

/* Waits for more bytes and reads them, unless a whole message is there already. */
void frames_read(struct frames *);

/* Returns the body of the next whole message, which is valid until the next call; NULL: no whole message is there
 * yet, or none will come. */
const char *frames_next(struct frames *, size_t *length);

/* Sends a text as one message. Returns false where the other side has closed the connection. */
bool frames_write(struct frames *, const char *body);
