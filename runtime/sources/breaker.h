/* runtime/sources/breaker.h - The breaker decides when a server may be tried again: pauses that grow, and a circuit
 * that opens after some failures in a row.
 *
 * While the circuit is open, queries are refused at once instead of waiting for a failure. When the pause is over
 * one query may try (the probe): if it is answered the circuit closes, otherwise the next pause is longer. Pure
 * functions: the caller gives the time and random numbers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    uint64_t first_us, max_us, next_us;
};

void backoff_init(struct backoff *, uint64_t first_us, uint64_t max_us);
/* Returns the next pause: twice the last one, at most max_us; `chance` chooses a part between half of that and all. */
uint64_t backoff_next(struct backoff *, uint32_t chance);
void backoff_reset(struct backoff *);

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_DUE, BREAKER_PROBING };

struct breaker {
    uint32_t limit, failures; /* limit 0: the circuit never opens */
    enum breaker_state state; /* OPEN becomes DUE when its pause is over */
    uint64_t until_us;
    struct backoff pause;
};

void breaker_init(struct breaker *, uint32_t limit, uint64_t pause_us, uint64_t pause_max_us);
enum breaker_state breaker_state(struct breaker *, uint64_t now_us);
void breaker_probe(struct breaker *); /* a query is sent as the probe; only in the state DUE */
/* Note that a query has failed or was answered. True: the circuit has opened or closed by this. */
bool breaker_bad(struct breaker *, uint64_t now_us, uint32_t chance);
bool breaker_good(struct breaker *);
/* Makes the next query the probe, because the last one has ended without a result, or the server was seen to answer. */
void breaker_hope(struct breaker *);
