/* runtime/daemon/service/drain.h - A drain: no more arrivals, calls in progress are brought to somebody, then the
 * end. And a handover: nothing more is dialled, and the end comes when no number rings.
 *
 * Owns `daemon.drain` and its timer. An administrator or a signal asks for it, by an event that names who asked;
 * from then on the core has arrivals routed by default. It is over when no strategy runs any more: conversations
 * need none, and the next start finds them again. Before a handover arrivals are served as always: the next leader has
 * them. It would not know what became of a number that rings. On the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct activation_asker;
struct daemon;
struct event;

struct drain { /* zero: nothing drains */
    struct event *tick;
    uint64_t until_us; /* monotonic: when the drain ends even if strategies still run; 0: no bound */
    uint64_t left;     /* how many strategies still ran, or numbers still rang, at the last look */
    bool stop;         /* gcxvm ends when the drain is over */
    bool hands_over;   /* it is a handover to another leader */
    bool handed;       /* the lead is given up: whoever asked has been told, and the next look ends the process */
    uint64_t seq;      /* number of the event that asked for the handover */
    bool over;         /* nothing runs any more */
};

/* Begins a drain. `limit_s` 0: without a bound. With `stop` the process ends in order when the drain is over, unless it
 * is cancelled. Returns the number of its event of the admin source. */
uint64_t drain_begin(struct daemon *, const struct activation_asker *, uint64_t limit_s, bool stop);
/* Begins a handover: the process ends when no number rings any more, or after 30 s. The next leader asks the switch
 * about the numbers that still ring then. If nobody could lead by then, this process goes on. The outcome is told by
 * daemon_tells.handed. */
void drain_hand_over(struct daemon *, const struct activation_asker *);
/* Cancels the drain: arrivals are served again. Returns the number of the event. */
uint64_t drain_cancel(struct daemon *, const struct activation_asker *);
bool drain_under_way(const struct daemon *);
void drain_clear(struct drain *);
