/* runtime/adapters/sip/ua/framing.h - Cuts the bytes of a connection into messages (RFC 3261, section 18.3).
 *
 * A message ends where its Content-Length says. Empty lines may stand between messages. The result depends on the bytes
 * alone, never on the pieces in which they come. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/sip/ua/libre.h"

enum { FRAMING_MOST = 65536 }; /* bytes of a message */

struct evbuffer;

struct framing {
    bool line;     /* the last that came was an empty line */
    size_t wanted; /* the length of the message that comes; 0: not known yet */
};

enum framed { FRAMED_MESSAGE, FRAMED_LATER, FRAMED_WRONG };

/* Drops empty lines, and sets `any` if there were some. Returns the pairs of them: each one is a question whether we
 * are there (RFC 5626, section 3.5.1). */
size_t framing_skip_lines(struct framing *, struct evbuffer *input, bool *any);
/* Takes the next message off the input. It is the caller's, to be released by mem_deref(); its buffer ends where it
 * ends. FRAMED_LATER: bytes are missing. FRAMED_WRONG: the rest cannot be read; the connection has to end. */
enum framed framing_take(struct framing *, struct evbuffer *input, struct sip_msg **);
