/* runtime/adapters/sip/rtp.h - Packets of RTP (RFC 3550) and telephone events (RFC 4733): pure readers of bytes from
 * outside. A digit is reported once, even if some of its packets are lost or repeated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many even ports there are from the first to the last. */
unsigned rtp_ports(unsigned first, unsigned last);

enum { RTP_HEADER = 12, RTP_SAMPLES = 160 /* samples in a packet of 20 ms */ };

struct rtp {
    bool marker;
    uint8_t payload;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
    const uint8_t *bytes; /* the payload, within the packet */
    size_t length;
};

/* Reads a packet. False: the bytes are no packet of RTP. */
bool rtp_read(const uint8_t *packet, size_t length, struct rtp *);
/* Writes the RTP header of a packet, RTP_HEADER bytes. */
void rtp_write(uint8_t *packet, const struct rtp *);

/* The telephone events of one stream, as far as they were received. Zero: none has come. */
struct rtp_events {
    bool any, ended;
    uint32_t ssrc, timestamp;
    uint8_t event;
    int64_t heard_ms; /* when the last packet of the event came */
    bool skipped;     /* the reader ignores the rest of this event; false again with the next event */
};

/* The digit of an event, if this packet is the first of the event: 0-9, *, #, A-D; 0: it is not, or the event is no
 * digit. */
char rtp_digit(struct rtp_events *, const struct rtp *, int64_t now_ms);
