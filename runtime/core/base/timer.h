/* runtime/core/base/timer.h - Timers: a heap with a total order, TIMER_BYTES per timer.
 *
 * A timer belongs to an object (an interaction, a claim, a link). A timer has a kind, and a part number if the object
 * has several timers of the kind. Due timers are taken out in the order of (deadline, object, kind, part), so a replay
 * fires them in the same order. The heap owns the timers. The object that owns the timer holds its handle; 0 means that
 * no timer is set. The heap changes the handle when it moves the timer, so no other copy of a handle may exist.
 *
 * A frozen timer stays in the same heap: a bit of its deadline sorts it after all running timers, and frozen timers
 * keep their order. So thawing a timer only clears the bit, and a snapshot needs no second list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct keeper;

enum timer_kind {
    TIMER_NONE,
#define TIMER(KIND, kind, part, self) TIMER_##KIND,
#include "runtime/core/base/timers.def"
};

struct timers;

/* There may be millions of timers, so the heap has few bits for each field but the deadline. */
enum { TIMER_BYTES = 12, TIMER_KIND_BITS = 5, TIMER_PART_BITS = 4, TIMER_DATA_BITS = 24, TIMER_DEADLINE_BITS = 63 };

struct timer {
    uint64_t deadline_us;
    uint8_t kind, part;
    uint32_t data; /* data of the object, usually its slot */
};

/* `handle` returns where the object of a timer holds its handle. `number` returns the object's number, of 48 bits;
 * of timers that are due at the same time the one with the lowest number fires first. */
struct timer_objects {
    void *self;
    uint32_t *(*handle)(void *self, const struct timer *);
    uint64_t (*number)(void *self, const struct timer *);
};

/* The operations for one kind of timers; `struct timer_objects` has the same for all kinds. `fired` is called when
 * the timer is due; the handle is 0 then. `self` is the part that the row in timers.def names, or the core. */
struct timer_ops {
    uint32_t *(*handle)(void *self, const struct timer *);
    uint64_t (*number)(const void *self, const struct timer *);
    void (*fired)(void *self, const struct timer *);
    /* Called when, for `us` microseconds, the core could send nothing out and received nothing. True: the timer
     * waits for an answer from outside, so its deadline moves by `us`; the operation has moved the object's copies
     * of the deadline. NULL: no timer of this kind waits for such an answer. */
    bool (*held)(void *self, const struct timer *, uint64_t us);
};

struct timers *timers_new(const struct timer_objects *);
void timers_free(struct timers *);

/* Sets a timer. Only one timer may exist per (object, kind, part). */
void timer_set(struct timers *, const struct timer *);
/* Cancels the timer and sets the handle to 0. If the handle is 0 timer_cancel does nothing. */
void timer_cancel(struct timers *, uint32_t *handle);
/* Takes out the first due timer; its handle becomes 0. False: none is due. */
bool timer_take(struct timers *, uint64_t now_us, struct timer *);

/* timer_freeze sets a timer that was just taken out as frozen, because its object may do nothing now. A frozen timer
 * is never due. timer_thaw makes the timer run again with its old deadline; a timer that is not frozen, or a handle
 * of 0, stays as it is. */
void timer_freeze(struct timers *, const struct timer *);
void timer_thaw(struct timers *, uint32_t handle);
bool timer_frozen(const struct timers *, uint32_t handle);

/* Removes the timer at the given position of the heap (timers_at), as timer_cancel does. */
void timers_drop(struct timers *, uint32_t place);

/* returns the deadline of the next timer that is not frozen; UINT64_MAX: none */
uint64_t timers_next(const struct timers *);
uint32_t timers_of_kind(const struct timers *, enum timer_kind); /* returns how many timers of the given kind exist */
/* Reads the timer at the given position of the heap, from 0, in no particular order; `*frozen`: it cannot fire
 * before it is thawed. `*number`: the object's. False past the last. */
bool timers_at(const struct timers *, uint32_t place, struct timer *, uint64_t *number, bool *frozen);
bool timers_check(const struct timers *); /* true: the heap's order and the timers' positions are right */

/* For snapshots (vm/keep.h). timers_keep writes or reads all timers, before the rows that hold their handles.
 * timer_keep writes or reads the handle in a row; `kinds` has a bit (1u << TIMER_...) for each kind of timer that
 * the handle may name. While reading, the handle must belong to a timer of such a kind and of that object and part,
 * and to no other row. */
void timers_keep(struct timers *, struct keeper *);
uint32_t timer_keep(struct timers *, struct keeper *, uint32_t handle, uint32_t kinds, uint32_t data, unsigned part);
/* The second half of timer_keep, for rows whose object is known only after all rows are read. True: the handle
 * belongs to a timer as timer_keep demands. */
bool timer_claim(struct timers *, uint32_t handle, uint32_t kinds, uint32_t data, unsigned part);
/* Checks the timers when all rows are read. True: each timer belongs to a row. */
bool timers_claimed(struct timers *);
