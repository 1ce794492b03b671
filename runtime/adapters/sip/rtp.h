/* runtime/adapters/sip/rtp.h - Packets of RTP (RFC 3550) and telephone events (RFC 4733): pure readers of bytes from
 * outside. A digit is told once, whatever of its packets is lost or comes again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The even ports from the first to the last. */
unsigned rtp_ports(unsigned first, unsigned last);

enum { RTP_HEADER = 12, RTP_SAMPLES = 160 /* of a packet of 20 ms */ };

struct rtp {
    bool marker;
    uint8_t payload;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
    const uint8_t *bytes; /* of its payload, within the packet */
    size_t length;
};

/* False: it is no packet of RTP. */
bool rtp_read(const uint8_t *packet, size_t length, struct rtp *);
/* Writes the header, RTP_HEADER bytes. */
void rtp_write(uint8_t *packet, const struct rtp *);

/* The events of one stream. Zero: none has come. */
struct rtp_events {
    bool any, ended;
    uint32_t ssrc, timestamp;
    uint8_t event;
    int64_t heard_ms; /* when its last packet came */
    bool skipped;     /* the reader wants no more of this event; false again with the next one */
};

/* The digit that this packet of an event is the first of: 0-9, *, #, A-D; 0: none, or it has been told. */
char rtp_digit(struct rtp_events *, const struct rtp *, int64_t now_ms);
