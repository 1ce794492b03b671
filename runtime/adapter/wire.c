/* runtime/adapter/wire.c - The buffers, frames and pings of one connection. */
#include "runtime/adapter/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"

void wire_open(struct wire *wire, uint64_t now_us)
{
    wire->in_start = wire->in_end = 0;
    writer_clear(&wire->out);
    wire->out_start = 0;
    wire->heard_us = wire->asked_us = now_us;
    wire->silent_us = LINK_DEAD_US;
    wire->over = false;
}

void wire_free(struct wire *wire)
{
    free(wire->in);
    writer_free(&wire->out);
}

/* Moves the rest of the last frame to the front, so pointers to earlier frames are not valid any more. */
void wire_feed(struct wire *wire, const void *bytes, size_t length, uint64_t now_us)
{
    assert(wire->in_start <= wire->in_end);
    if (length == 0) return;
    wire->heard_us = now_us;
    if (wire->in_start > 0) {
        memmove(wire->in, wire->in + wire->in_start, wire->in_end - wire->in_start);
        wire->in_end -= wire->in_start;
        wire->in_start = 0;
    }
    memcpy(bytes_room(&wire->in, &wire->in_capacity, wire->in_end, length), bytes, length);
    wire->in_end += length;
}

/* The length of a frame is checked before its bytes are awaited, so a wrong one cannot make the buffer grow. */
enum wire_result wire_next(struct wire *wire, struct message *message, struct error *error)
{
    size_t available = wire->in_end - wire->in_start;
    size_t size = available ? message_frame_size(wire->in + wire->in_start, available) : 0;
    if (size == 0) return WIRE_MORE;
    if (size < MESSAGE_HEADER || size > MESSAGE_FRAME_MAX) {
        error_set(error, ERROR_LIMIT, "a frame of %zu bytes", size);
        return WIRE_BAD;
    }
    if (available < size) return WIRE_MORE;
    return message_read(message, wire->in + wire->in_start, size, error) ? WIRE_FRAME : WIRE_BAD;
}

void wire_took(struct wire *wire, const struct message *message)
{
    wire->in_start += message->frame.length;
    assert(wire->in_start <= wire->in_end);
}

struct span wire_output(const struct wire *wire)
{
    assert(wire->out_start <= wire->out.length);
    size_t length = wire->out.length - wire->out_start;
    if (length == 0) return (struct span){0};
    return (struct span){wire->out.bytes + wire->out_start, (uint32_t)(length < INT32_MAX ? length : INT32_MAX)};
}

void wire_sent(struct wire *wire, size_t length)
{
    assert(length <= wire->out.length - wire->out_start); /* no more bytes can be sent than there are */
    writer_drop(&wire->out, &wire->out_start, length);
}

/* Returns the size of an event without its stamp (source and number), so that both ends count the same bytes: the
 * adapter counts before the stamp is set. */
uint32_t wire_weight(const struct message *event)
{
    static const unsigned stamped[] = {ENVELOPE_source, ENVELOPE_seq};
    uint32_t weight = event->frame.length;
    for (size_t i = 0; i < sizeof stamped / sizeof stamped[0]; i++) {
        uint8_t field[2 * VARINT_MAX];
        if (!message_has(event, stamped[i])) continue;
        size_t tag = bytes_put_varint(field, (uint64_t)stamped[i] << 2);
        weight -= (uint32_t)(tag + bytes_put_varint(field + tag, message_u(event, stamped[i])));
    }
    return weight;
}

/* Sends a Ping if one is due; false: nothing was heard for the allowed silence. */
bool wire_tick(struct wire *wire, uint64_t now_us)
{
    assert(wire->silent_us > 0);
    if (now_us >= wire->heard_us + wire->silent_us) return false;
    if (now_us >= wire_due(wire)) wire_ping(wire, now_us);
    return true;
}

void wire_ping(struct wire *wire, uint64_t now_us)
{
    wire->asked_us = now_us;
    writer_begin(&wire->out, KIND_Ping);
    writer_u(&wire->out, Ping_token, now_us);
    writer_end(&wire->out);
}

/* When the next Ping is due: a third of the silence after the last bytes or Ping, and at the latest at the end of
 * the silence. */
uint64_t wire_due(const struct wire *wire)
{
    uint64_t last = wire->heard_us > wire->asked_us ? wire->heard_us : wire->asked_us;
    uint64_t dead = wire->heard_us + wire->silent_us, ask = last + wire->silent_us / 3;
    return ask < dead ? ask : dead;
}

void wire_pong(struct wire *wire, const struct message *ping, int64_t led_us)
{
    writer_begin(&wire->out, KIND_Pong);
    writer_u(&wire->out, Pong_token, message_u(ping, Ping_token));
    writer_i(&wire->out, Pong_led, led_us);
    writer_end(&wire->out);
}

void wire_bye(struct wire *wire, enum down_reason reason)
{
    writer_begin(&wire->out, KIND_Bye);
    writer_u(&wire->out, Bye_reason, reason);
    writer_end(&wire->out);
}
