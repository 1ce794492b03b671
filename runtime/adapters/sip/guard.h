/* runtime/adapters/sip/guard.h - The guard before libre: each message is judged, and nobody is answered too often.
 *
 *     UDP:      socket --> guard --> libre        refused by an answer that leaves no trace in memory
 *     TCP, TLS: socket --> libre --> guard        a message that is none ends the connection
 *
 * Its functions are those of struct ua_ops (ua/ua.h) that stand before the transactions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { GUARD_STRANGERS = 1024 };

/* So many a second, and twice as many at once. */
struct bucket {
    uint64_t at_ms;
    double left;
};

struct sip_guard {
    uint32_t salt;
    struct bucket strangers[GUARD_STRANGERS]; /* by the hash of an address */
    struct bucket forwards;                   /* answers 3xx that the log is told of */
};

void guard_begin(struct sip_guard *);
struct mbuf *guard_judges(void *exchange, const struct sa *source, const uint8_t *bytes, size_t length);
bool guard_connects(void *exchange, const struct sa *source);
bool guard_takes(void *exchange, const struct sip_msg *, size_t begin);
/* Whatever address a 3xx names, it is not called: a telephone that forwards, or a trunk, would dial past `dialable`. An
 * answer above 699 is of no class, and counts as 500 (RFC 3261, 8.1.3.2). */
void guard_reads(void *exchange, struct sip_msg *);
/* False: there were too many within the second. */
bool bucket_take(struct bucket *, uint64_t per_second, uint64_t now_ms);
