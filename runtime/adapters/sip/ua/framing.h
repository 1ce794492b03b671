/* runtime/adapters/sip/ua/framing.h - Cuts the bytes of a connection into messages (RFC 3261, section 18.3).
 *
 * A message ends where its Content-Length says. Empty lines may be between messages. The result depends only on the
 * bytes, not on the pieces in which they are received. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/sip/ua/libre.h"

enum { FRAMING_MOST = 65536 }; /* bytes of a message */

struct evbuffer;

struct framing {
    bool line;     /* the last line was empty, and is the first half of a pair */
    size_t wanted; /* the length of the message being received; 0: not known yet */
};

enum framed { FRAMED_MESSAGE, FRAMED_LATER, FRAMED_WRONG };

/* Drops empty lines, and sets `any` if there were some. Returns how many pairs of empty lines there were: each pair
 * asks whether we are still there (RFC 5626, section 3.5.1). */
size_t framing_skip_lines(struct framing *, struct evbuffer *input, bool *any);
/* Takes the next message from the input. The caller releases the message by mem_deref(); its buffer ends where the
 * message ends. FRAMED_LATER: bytes are missing. FRAMED_WRONG: the rest cannot be read, and the connection must be
 * closed. */
enum framed framing_take(struct framing *, struct evbuffer *input, struct sip_msg **);
