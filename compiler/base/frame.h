/* compiler/lsp/frame.h - Messages of the protocol on two descriptors: a header with Content-Length, then JSON.
 *
 * Input is bounded: a header of FRAME_HEADER bytes, a body of FRAME_BODY. A header that is none cannot be got
 * over, as nobody knows where the next message begins; a body that is no JSON can. */
#ifndef COMPILER_LSP_FRAME_H
#define COMPILER_LSP_FRAME_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { FRAME_HEADER = 4096, FRAME_BODY = 32 * 1024 * 1024 };

struct frames {
    int in, out;
    char *bytes; /* read and not yet taken */
    size_t begin, end, room;
    bool ended, broken; /* the input has ended; it is no message */
};

void frames_free(struct frames *);

/* Waits for more bytes where nothing whole is there yet. */
void frames_read(struct frames *);

/* The body of the next whole message, which lasts until the next call; NULL: there is none yet, or never will be. */
const char *frames_next(struct frames *, size_t *length);

/* False where the other side is gone. */
bool frames_write(struct frames *, const json_t *);

#endif
