/* runtime/adapters/sip/alive.h - Asks telephones behind routers by OPTIONS whether they still answer.
 *
 *     telephone 10.1.2.3:5060 --- router 198.51.100.7:40001 <--- OPTIONS, each 25 s --- exchange
 *
 * A router forgets the address that it gave a telephone after half a minute without a packet, and calls do not reach
 * the telephone any more. A router forgets a connection of TCP or TLS, too, though later. So a telephone that has
 * connected to the exchange, or whose Contact is not the address at which it is reached, gets an OPTIONS in time,
 * and its answer keeps the router's address valid in both directions. A telephone that gives no answer is logged
 * once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ALIVE_MS = 25000, ALIVE_AT_ONCE = 50 };

struct exchange;
struct request;
struct telephone;

struct alive {
    bool behind;             /* the telephone is behind a router, or reached by a connection it made */
    bool silent;             /* the telephone has not answered the last OPTIONS, and this has been logged */
    uint64_t due_ms;         /* when the next OPTIONS is sent; 0: none is */
    struct request *request; /* the OPTIONS that waits for its answer; NULL: none */
    struct exchange *exchange;
};

/* Begins to send OPTIONS to a telephone that has just registered behind a router; `registered` false: stops it. */
void alive_set(struct exchange *, struct telephone *, bool registered);
/* Sends OPTIONS to the telephones whose time has come, ALIVE_AT_ONCE at most. */
void alive_tick(struct exchange *);
