/* runtime/core/base/timer.h - Everything that will be due: a heap with a total order, 16 bytes a timer.
 *
 * A timer belongs to an object (an interaction, a claim, a link), has a kind, and a part where an object has several
 * of one kind. Due ones come out by (deadline, object, kind, part), so that replay fires them in the same order. The
 * heap owns the timers; each object holds a handle of its timer, 0 being none, which the heap changes as it moves the
 * timer. So a handle is nowhere but there. */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

enum timer_kind {
    TIMER_LINK = 1, /* grace or resync of a link */
    TIMER_AGENT,    /* an agent is no longer out of the choice, or a request about it was not answered */
    TIMER_CLAIM,    /* a claim lapses */
    TIMER_EFFECT,   /* an effect was not answered */
    TIMER_REQUEST,  /* one of the partition's own was not */
    TIMER_STEP,     /* a fiber's step: its timeout; part: the fiber */
    TIMER_LIFETIME, /* of a strategy, a handler, or an interaction without a leg */
    TIMER_AGAIN,    /* busy treatments begin again */
    TIMER_GROWTH,   /* a priority grows */
    TIMER_BOOKING,  /* a call-back is due */
};

struct timers;

struct timer {
    uint64_t deadline_us;
    uint8_t kind, part;
    uint32_t data; /* the object's, usually its slot */
};

/* Where an object holds the handle, and its number, of 48 bits: among timers due at once the lowest comes first. */
struct timer_objects {
    void *self;
    uint32_t *(*handle)(void *self, const struct timer *);
    uint64_t (*number)(void *self, const struct timer *);
};

struct timers *timers_new(const struct timer_objects *);
void timers_free(struct timers *);

/* One at a time for each (object, kind, part). */
void timer_set(struct timers *, const struct timer *);
/* Forgets it and sets the handle to 0. A handle of 0 is no timer. */
void timer_cancel(struct timers *, uint32_t *handle);
/* Takes out the first one due; its handle is 0. */
bool timer_take(struct timers *, uint64_t now_us, struct timer *);

/* Sets it again as it was, for an object that may do nothing now: it is not due until it is thawed, and then comes in
 * its old place. Thawing one that is not frozen, or none, changes nothing. */
void timer_freeze(struct timers *, const struct timer *);
void timer_thaw(struct timers *, uint32_t handle);
bool timer_frozen(const struct timers *, uint32_t handle);

uint64_t timers_next(const struct timers *); /* UINT64_MAX: none that is not frozen */
uint32_t timers_count(const struct timers *);
bool timers_check(const struct timers *); /* heap order, positions */

#endif
