/* runtime/console/soon.h - What a queue will come to in the next quarter of an hour, from who waits, who is there, and
 * how many came and were served lately.
 *
 * It is a chain of states: so many have a person or wait. From the state of now, the chance of each state is followed
 * in steps of seconds: people come, contacts end, and who waits gives up, at the rates of the last half hour. The
 * result is the share of those who come meanwhile and are answered in time. Nothing is random, so the same figures give
 * the same answer. tests/unit/console_soon.c tells how often it is right on simulated days. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct soon_now {
    uint32_t waiting, people; /* people: those who serve the queue and are available, on contact or in work after it */
    uint32_t busy;            /* of these, who are not available */
    double per_s;             /* how many come in a second */
    double serve_s;           /* how long a contact keeps a person, with the work after it; 0: nothing is known */
    double leaves_per_s;      /* how many of those who wait give up in a second, for each of them */
};

enum { SOON_S = 900, SOON_BOUNDS = 32 }; /* so far ahead it looks; the most bounds of one question */

/* Puts, for each of the bounds, how many of a thousand who come within SOON_S are answered within so many seconds; -1:
 * too little is known. */
void soon_permille(const struct soon_now *, const uint32_t *within_s, unsigned bounds, int *permille);
