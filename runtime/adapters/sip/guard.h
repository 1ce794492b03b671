/* runtime/adapters/sip/guard.h - The guard before libre: checks each message, and limits how many answers a stranger
 * gets.
 *
 *     UDP:      socket --> guard --> libre        refused by an answer that leaves no trace in memory
 *     TCP, TLS: socket --> libre --> guard        a message that is none ends the connection
 *
 * The guard's functions are those in struct ua_ops (ua/ua.h) that are called before the transactions see a message. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { GUARD_STRANGERS = 1024 };

/* Limits events to a number per second, with twice that number in a burst. */
struct bucket {
    uint64_t at_ms;
    double left;
};

struct sip_guard {
    uint32_t salt;
    struct bucket strangers[GUARD_STRANGERS]; /* an entry for each hash of an address */
    struct bucket forwards;                   /* how often answers 3xx may still be logged */
};

void guard_begin(struct sip_guard *);
struct mbuf *guard_judges(void *exchange, const struct sa *source, const uint8_t *bytes, size_t length);
bool guard_connects(void *exchange, const struct sa *source);
bool guard_takes(void *exchange, const struct sip_msg *, size_t begin);
/* Changes answers that must not be obeyed: the address in a 3xx is never called, since a telephone that forwards, or
 * a trunk, would dial what `dialable` forbids. An answer above 699 is of no class, and counts as 500 (RFC 3261,
 * 8.1.3.2). */
void guard_reads(void *exchange, struct sip_msg *);
/* Takes a token from the bucket, one for each event; false: too many were taken within the last second. */
bool bucket_take(struct bucket *, uint64_t per_second, uint64_t now_ms);
