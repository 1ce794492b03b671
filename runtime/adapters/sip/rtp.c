/* runtime/adapters/sip/rtp.c - Reads and writes packets of RTP.
 *
 *      0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     | CSRC list (CC words), extension (if X), payload, padding (P)  |
 *
 * A telephone event (RFC 4733) is sent as many packets with one timestamp: each has the event, a longer duration, and
 * at last the bit `end`, three times. The digit is reported by the first of these packets that arrives. */
#include "runtime/adapters/sip/rtp.h"

#include "runtime/adapters/sip/sound_fault.h"

unsigned rtp_ports(unsigned first, unsigned last)
{
    unsigned even = first + first % 2;
    return even > last ? 0 : (last - even) / 2 + 1;
}

static uint32_t rtp_number(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

/* Reads a packet of RTP. The packet's lengths come from outside, so each is checked against the length of the packet
 * before it is used. */
bool rtp_read(const uint8_t *packet, size_t length, struct rtp *rtp)
{
    if (length < RTP_HEADER || packet[0] >> 6 != 2) return false;
    size_t at = RTP_HEADER + 4 * (size_t)(packet[0] & 15);
    size_t padding = packet[0] & 0x20 ? packet[length - 1] : 0;
    if (packet[0] & 0x10) { /* the extension's length in words follows its name */
        if (at + 4 > length) return false;
        at += 4 + 4 * (size_t)rtp_number(packet + at + 2, 2);
    }
    if (at > length || padding > length - at) return false;
    *rtp = (struct rtp){
        .marker = (packet[1] & 0x80) != 0,
        .payload = packet[1] & 0x7f,
        .sequence = (uint16_t)rtp_number(packet + 2, 2),
        .timestamp = rtp_number(packet + 4, 4),
        .ssrc = rtp_number(packet + 8, 4),
        .bytes = packet + at,
        .length = length - at - padding,
    };
    return true;
}

static void rtp_put(uint8_t *bytes, uint32_t value, unsigned count)
{
    while (count-- > 0) {
        bytes[count] = (uint8_t)value;
        value >>= 8;
    }
}

void rtp_write(uint8_t *packet, const struct rtp *rtp)
{
    (void)SOUND_HOLDS(rtp->payload < 128);
    packet[0] = 0x80;
    packet[1] = (uint8_t)((rtp->payload & 0x7f) | (rtp->marker ? 0x80 : 0));
    rtp_put(packet + 2, rtp->sequence, 2);
    rtp_put(packet + 4, rtp->timestamp, 4);
    rtp_put(packet + 8, rtp->ssrc, 4);
}

/* Is it a packet of the event that is known already? A sender repeats the end, loses the beginning, or sends an
 * earlier packet late. An event is recognised by its timestamp; a sender that plays a recording uses the same
 * timestamp again, some time after the end. */
static bool event_is_known(const struct rtp_events *events, const struct rtp *rtp, uint8_t event, int64_t now_ms)
{
    enum {
        AGAIN_MS = 400,
        SEGMENT = 0xffff /* the longest duration: a longer event continues with a later timestamp */
    };
    uint32_t later = rtp->timestamp - events->timestamp;
    if (!events->any || rtp->ssrc != events->ssrc) return false;
    if (later == 0) return !events->ended || now_ms - events->heard_ms < AGAIN_MS;
    if (later == SEGMENT && !events->ended && event == events->event) return true;
    /* a late packet of the event before this one */
    return later > UINT32_MAX / 2 && now_ms - events->heard_ms < AGAIN_MS;
}

/* Returns the digit of an event once, at the first of its packets; else 0. A packet of an event that is known
 * already only updates the time when the event was last heard. */
char rtp_digit(struct rtp_events *events, const struct rtp *rtp, int64_t now_ms)
{
    static const char digits[] = "0123456789*#ABCD";
    if (rtp->length < 4) return 0;
    uint8_t event = rtp->bytes[0];
    bool end = (rtp->bytes[1] & 0x80) != 0, known = event_is_known(events, rtp, event, now_ms);
    bool late = known && rtp->timestamp - events->timestamp > UINT32_MAX / 2;
    if (late) return 0;
    bool ended = known && rtp->timestamp == events->timestamp && events->ended;
    *events =
        (struct rtp_events){true, end || ended, rtp->ssrc, rtp->timestamp, event, now_ms, known && events->skipped};
    return known || event >= sizeof digits - 1 ? 0 : digits[event];
}
