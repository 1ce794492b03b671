/* runtime/core/timer.h - Everything that will be due: a heap with a total order.
 *
 * A timer belongs to an object (an interaction, a claim, a link), has a kind, and a part where an object has several
 * of one kind. Due ones come out by (deadline, object, kind, part), so that replay fires them in the same order. The
 * heap owns the timers; owners hold handles, 0 being none. */
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
};

struct timers;

struct timer {
    uint64_t deadline_us;
    uint64_t object; /* 48 bits */
    uint8_t kind, part;
    uint32_t data; /* the owner's, usually its slot */
};

struct timers *timers_new(void);
void timers_free(struct timers *);

/* One at a time for each (object, kind, part). */
uint32_t timer_set(struct timers *, const struct timer *);
/* Forgets it and sets the handle to 0. A handle of 0 is no timer. */
void timer_cancel(struct timers *, uint32_t *handle);
/* Takes out the first one due. Its handle is void: the owner sets its own to 0. */
bool timer_take(struct timers *, uint64_t now_us, struct timer *);

/* Sets it again as it was, for an owner who may do nothing now: it is not due until it is thawed, and then comes in its
 * old place. Thawing one that is not frozen, or none, changes nothing. */
uint32_t timer_freeze(struct timers *, const struct timer *);
void timer_thaw(struct timers *, uint32_t handle);
bool timer_frozen(const struct timers *, uint32_t handle);

uint64_t timers_next(const struct timers *); /* UINT64_MAX: none that is not frozen */
uint32_t timers_count(const struct timers *);
bool timers_check(const struct timers *); /* heap order, positions */

#endif
