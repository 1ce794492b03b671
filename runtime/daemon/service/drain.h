/* runtime/daemon/service/drain.h - A drain: no more arrivals; calls in progress reach somebody; then the process ends.
 * Also a handover of the lead: no number is dialled any more, and the process ends when no dialled number rings.
 *
 * Owns `daemon.drain` and its timer. An administrator or a signal asks for a drain, by an event with the name of the
 * asker; from then on the core has arrivals routed by default. The drain is over when no strategy runs any more:
 * conversations need none, and the next start finds them again. Before a handover arrivals are served as always: the
 * next leader will have them. But the next leader would not know the outcome of a number that is ringing. On the
 * loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct activation_asker;
struct daemon;
struct event;

struct drain { /* zero: nothing drains */
    struct event *tick;
    uint64_t until_us; /* monotonic: when the drain ends even if strategies still run; 0: no time limit */
    uint64_t left;     /* how many strategies still ran, or dialled numbers still rang, at the last check */
    bool stop;         /* gcxvm ends when the drain is over */
    bool hands_over;   /* the drain is a handover of the lead */
    bool handed;       /* the lead is given up: the asker has been told, and the next check ends the process */
    uint64_t seq;      /* number of the event that asked for the handover */
    bool over;         /* nothing runs any more */
};

/* Begins a drain. `limit_s` 0: the drain has no time limit. With `stop` the process ends in order when the drain is
 * over, unless the drain is cancelled. Returns the number of the drain's event of the admin source. */
uint64_t drain_begin(struct daemon *, const struct activation_asker *, uint64_t limit_s, bool stop);
/* Begins a handover: the process ends when no dialled number rings any more, or after 30 s. The next leader asks the
 * switch about numbers that still ring then. If no follower could lead by then, this process goes on.
 * daemon_tells.handed reports the outcome. */
void drain_hand_over(struct daemon *, const struct activation_asker *);
/* Cancels the drain: arrivals are served again. Returns the number of the cancelling event. */
uint64_t drain_cancel(struct daemon *, const struct activation_asker *);
bool drain_under_way(const struct daemon *);
void drain_clear(struct drain *);
