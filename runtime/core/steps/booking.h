/* runtime/core/steps/booking.h - Bookings: call-backs for later, from callback.slots and callback.book, and the
 * interactions that begin when they are due.
 *
 * The table owns one row per booking, from the booking until the interaction that began at its time has ended. A row
 * holds the number, the strategy's arguments, and the data of the interaction that booked it, with what its strategy
 * attaches later, as long as the row is not due. Each row has its own timer. The wall clock may be set meanwhile, and a
 * link may be away. Nothing is written to disk: the journal's batches make the rows again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/run/step.h"

enum {
    BOOKING_NONE = UINT32_MAX,
    BOOKINGS_MAX = 10000,                  /* most bookings that are not yet due */
    BOOKINGS_BYTES_MAX = 64 * 1024 * 1024, /* most bytes that the bookings hold */
    BOOKED_AT_ONCE = 100,                  /* most bookings for one time, unless the strategy says otherwise */
    SLOTS_MAX = 100,
};

struct booking {
    uint64_t id;    /* from 1, each above the one before */
    uint64_t from;  /* the interaction that booked it; 0: a link or an administrator did */
    uint64_t ixn;   /* the interaction that began when it was due; 0: it is not due yet */
    int64_t due_us; /* wall clock, microseconds */
    uint64_t hash;  /* hash of `held` */
    uint8_t *held;  /* owned: the number, the caller id to show, the data, the arguments, in this order */
    uint32_t number_length, caller_length, data_length, given_length;
    uint32_t timer, next; /* next: the next free row */
    uint32_t dn, title;   /* names: the routing point that dials; the strategy */
    uint32_t zone;        /* name: the zone by whose clocks the person lives; 0: nobody has said */
    uint32_t attempts;    /* how often it was dialled */
    uint16_t program, strategy, link;
};

struct bookings {
    struct booking *all;
    uint32_t count, capacity, free, open; /* open: rows that are not yet due */
    struct lookup by_ixn;
    uint64_t last_id, bytes, content;
    int64_t *times; /* scratch of callback.slots */
    uint32_t times_capacity;
};

bool bookings_check(const void *);
void bookings_skip(struct bookings *, uint64_t least); /* makes further ids greater than `least` */

/* A link or an administrator hands in a booking, for a routing point that has a strategy on callback. */
enum code booking_submit(struct core *, const struct message *, uint64_t *ixn);

/* A booking that is handed in may have a name in its data, under this key; one that its strategy books again keeps it.
 */
#define BOOKING_NAME "callback"
/* The newest booking of that name. NULL: there is none, or its interaction has ended. */
const struct booking *booking_named(const struct core *, struct span name);
/* Cancels a booking that the customer no longer wants. code_gone: there is none; code_locked: the number is dialled
 * already. `*ixn`: the booking's interaction, which has ended by this; 0: none had begun. */
enum code booking_withdraw(struct core *, struct span name, uint64_t *ixn);

/* True: the interaction's link can dial, or is away and may be able to dial when it is back. */
bool booking_possible(const struct core *, const struct interaction *);
/* The wall clock was set, a link is there, or arrivals are let in again: due bookings may begin now. */
void bookings_look_again(struct core *);
void booking_on_time(struct core *, const struct message *); /* Clock, Epoch */
/* False: no booking has this number and is not yet due. */
bool booking_cancel(struct core *, uint64_t id);

bool bookings_of_link(const struct core *, unsigned link); /* true: a booking is to be dialled over this link */

/* The booking from which the interaction began; NULL: none. */
struct booking *booking_of(const struct core *, const struct interaction *);
struct span booking_number(const struct booking *);
