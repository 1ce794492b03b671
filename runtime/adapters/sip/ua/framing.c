/* runtime/adapters/sip/ua/framing.c - Finds the end of each message on a connection by its Content-Length.
 *
 *     \r\n\r\n  INVITE sip:... \r\n ... Content-Length: 4\r\n \r\n  body  INVITE ...
 *     |empty   |                                                |    |
 *      lines                                                    head  wanted
 *
 * Over a connection a message must have a Content-Length (RFC 3261, 18.3). A pair of empty lines asks whether we are
 * still there, and is answered by one empty line (RFC 5626, 3.5.1). A message longer than FRAMING_MOST is refused. */
#include "runtime/adapters/sip/ua/framing.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

/* Drops empty lines, and returns how many pairs of them there were. Half a pair is remembered in `line`, since its
 * other half may come later. */
size_t framing_skip_lines(struct framing *own, struct evbuffer *input, bool *any)
{
    char two[2];
    size_t pairs = 0;
    for (*any = false; evbuffer_copyout(input, two, 2) == 2 && memcmp(two, "\r\n", 2) == 0; *any = true) {
        evbuffer_drain(input, 2);
        pairs += own->line;
        own->line = !own->line;
    }
    return pairs;
}

static struct mbuf *framing_copy(struct evbuffer *input)
{
    size_t length = evbuffer_get_length(input);
    struct mbuf *bytes = mbuf_alloc(length + 1);
    if (!bytes) abort();
    bytes->end = (size_t)evbuffer_copyout(input, bytes->buf, length);
    return bytes;
}

/* Reads a message whose headers are complete and end at `head`. libre is shown nothing after `head`: it would take a
 * blank there for a continued header line. */
static enum framed framing_read(struct framing *own, struct evbuffer *input, size_t head, struct sip_msg **message)
{
    struct mbuf *bytes = framing_copy(input);
    enum framed framed = FRAMED_WRONG;
    size_t length = bytes->end;
    *message = NULL;
    bytes->end = head;
    if (sip_msg_decode(message, bytes) == 0 && bytes->pos == head && pl_isset(&(*message)->clen)) {
        own->wanted = head + pl_u32(&(*message)->clen);
        if (own->wanted <= FRAMING_MOST) framed = own->wanted <= length ? FRAMED_MESSAGE : FRAMED_LATER;
    }
    if (framed == FRAMED_MESSAGE) {
        bytes->end = own->wanted;
        evbuffer_drain(input, own->wanted);
        *own = (struct framing){0};
    } else {
        *message = mem_deref(*message);
    }
    mem_deref(bytes);
    return framed;
}

/* Takes the next message. `wanted` is the length of a message whose headers were read: until that many bytes are
 * there, the headers are not read again. */
enum framed framing_take(struct framing *own, struct evbuffer *input, struct sip_msg **message)
{
    static const char end[] = "\r\n\r\n";
    size_t length = evbuffer_get_length(input);
    enum framed framed = FRAMED_LATER;
    ev_ssize_t at = length < own->wanted ? -1 : evbuffer_search(input, end, sizeof end - 1, NULL).pos;
    if (at >= 0) framed = framing_read(own, input, (size_t)at + sizeof end - 1, message);
    return framed == FRAMED_LATER && length > FRAMING_MOST ? FRAMED_WRONG : framed;
}
