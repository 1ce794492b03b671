/* runtime/sources/breaker.h - The breaker says when to try again: pauses that grow, and a circuit that opens after
 * failures in a row.
 *
 * While it is open nobody is kept waiting for what will fail. When its pause is over one query may try (the probe): if
 * that is answered the circuit closes, if not the next pause is longer. Pure: the caller brings time and chance. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    uint64_t first_us, max_us, next_us;
};

void backoff_init(struct backoff *, uint64_t first_us, uint64_t max_us);
/* Returns the next pause: twice the last one, at most max_us, and of that a part between half and all by `chance`. */
uint64_t backoff_next(struct backoff *, uint32_t chance);
void backoff_reset(struct backoff *);

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_DUE, BREAKER_PROBING };

struct breaker {
    uint32_t limit, failures; /* limit 0: it never opens */
    enum breaker_state state; /* OPEN becomes DUE when its pause is over */
    uint64_t until_us;
    struct backoff pause;
};

void breaker_init(struct breaker *, uint32_t limit, uint64_t pause_us, uint64_t pause_max_us);
enum breaker_state breaker_state(struct breaker *, uint64_t now_us);
void breaker_probe(struct breaker *); /* a query is sent to find out: DUE only */
/* Note that a query failed or was answered. True: this has opened or closed the circuit. */
bool breaker_bad(struct breaker *, uint64_t now_us, uint32_t chance);
bool breaker_good(struct breaker *);
/* Makes the next query the probe: the last one ended without telling anything, or the server was seen to live. */
void breaker_hope(struct breaker *);
