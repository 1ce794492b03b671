/* runtime/adapter/wire.h - The parts that both ends of a link share: buffers, frames, pings, and the end of the
 * link.
 *
 *     in   | taken | frame | frame | part of one |      wire_next() shows the frame at in_start, wire_took() passes it
 *                  ^in_start                     ^in_end
 *     out  | sent  | frames, one after another   |      wire_output() shows what is behind out_start
 *                  ^out_start
 *
 * A frame that was returned stays valid until the next wire_feed(), which moves the rest to the front. After a third
 * of the allowed silence a Ping is sent; after all of it the link ends. Internal to the room. A wire owns its
 * buffers. */
#pragma once

#include "runtime/adapter/protocol.h"

struct wire {
    uint8_t *in;
    size_t in_start, in_end, in_capacity;
    struct writer out; /* frames, one after another */
    size_t out_start;
    uint64_t heard_us, asked_us; /* when the peer's last bytes came; when the last Ping went out */
    uint64_t silent_us;          /* silence after which the link ends; a Ping is sent after a third of it */
    bool over;                   /* the link has ended: nothing more is read */
};

/* empties the wire for a new connection, with the usual limit of silence */
void wire_open(struct wire *, uint64_t now_us);
void wire_free(struct wire *);

void wire_feed(struct wire *, const void *bytes, size_t length, uint64_t now_us);
/* Gets the next whole frame and checks it; the frame stays valid until wire_took(). If there is none, returns WIRE_MORE
 * because bytes are missing, or WIRE_BAD with the reason. */
enum wire_result { WIRE_FRAME, WIRE_MORE, WIRE_BAD };
enum wire_result wire_next(struct wire *, struct message *, struct error *);
void wire_took(struct wire *, const struct message *);

struct span wire_output(const struct wire *);
void wire_sent(struct wire *, size_t length);

/* An event's weight in credit: its bytes without those of source and number, which are set after it was posted. */
uint32_t wire_weight(const struct message *event);

/* Sends a Ping if one is due. False: the peer has been silent too long. */
bool wire_tick(struct wire *, uint64_t now_us);
uint64_t wire_due(const struct wire *);
void wire_ping(struct wire *, uint64_t now_us);
/* Answers the Ping. `led_us`: the value of Pong.led; 0: the Pong is sent without that field. */
void wire_pong(struct wire *, const struct message *ping, int64_t led_us);
void wire_bye(struct wire *, enum down_reason);
