/* runtime/adapters/sip/alive.h - Telephones behind routers are asked whether they are there.
 *
 *     telephone 10.1.2.3:5060 --- router 198.51.100.7:40001 <--- OPTIONS, each 25 s --- exchange
 *
 * A router forgets an address that it has translated after half a minute without a packet, and calls do not arrive any
 * more. A connection of TCP or TLS is forgotten, too, though later. So a telephone that has made one, or whose Contact
 * is not the address at which it is reached, gets an OPTIONS in time, and its answer keeps the way open in both
 * directions. A telephone that gives no answer is told to the log once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ALIVE_MS = 25000, ALIVE_AT_ONCE = 50 };

struct exchange;
struct request;
struct telephone;

struct alive {
    bool behind;             /* a router, or it is reached by the connection that it has made */
    bool silent;             /* it has not answered, which has been told */
    uint64_t due_ms;         /* the next OPTIONS; 0: none */
    struct request *request; /* that waits for its answer; NULL: none */
    struct exchange *exchange;
};

/* The telephone is registered there from now on, or nowhere. */
void alive_set(struct exchange *, struct telephone *, bool registered);
/* Asks all telephones that are due, ALIVE_AT_ONCE at most. */
void alive_tick(struct exchange *);
