/* runtime/core/steps/booking.h - Bookings: call-backs for later, from callback.slots and callback.book, and the
 * interactions that begin when they are due.
 *
 * The table owns one row per booking, which exists until the interaction that began at its time has ended. A row has
 * the number, the strategy's arguments, and the data of the interaction that booked it, including data that its
 * strategy attaches before the booking is due. Each booking has a timer of its own. The wall clock may be set
 * meanwhile, and a link may be down. Nothing is written to disk: after a restart the rows are made again from the
 * batches of the journal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/run/step.h"

enum {
    BOOKING_NONE = UINT32_MAX,
    BOOKINGS_MAX = 10000,                  /* most bookings that are not yet due */
    BOOKINGS_BYTES_MAX = 64 * 1024 * 1024, /* most bytes of all bookings together */
    BOOKED_AT_ONCE = 100,                  /* most bookings for one time, unless the strategy says otherwise */
    SLOTS_MAX = 100,
};

struct booking {
    uint64_t id;    /* number of the booking, from 1, always increasing */
    uint64_t from;  /* the interaction that made the booking; 0: a link or an administrator did */
    uint64_t ixn;   /* the interaction of the call-back; 0: it is not due yet */
    int64_t due_us; /* wall clock, microseconds */
    uint64_t hash;  /* hash of `held` */
    uint8_t *held;  /* owned: the number, the caller id to show, the data, the arguments, in this order */
    uint32_t number_length, caller_length, data_length, given_length;
    uint32_t timer, next; /* next: the next free row */
    uint32_t dn, title;   /* names: the routing point that dials; the strategy */
    uint32_t zone;        /* name of the zone whose clocks apply to the person; 0: unknown */
    uint32_t attempts;    /* how often the number was dialled */
    uint16_t program, strategy, link;
};

struct bookings {
    struct booking *all;
    uint32_t count, capacity, free, open; /* open: how many bookings are not yet due */
    struct lookup by_ixn;
    uint64_t last_id, bytes, content;
    int64_t *times; /* scratch of callback.slots */
    uint32_t times_capacity;
};

bool bookings_check(const void *);
void bookings_skip(struct bookings *, uint64_t least); /* makes all later ids greater than `least` */

/* Books a call-back that a link or an administrator submits, for a routing point whose strategy is for call-backs. */
enum code booking_submit(struct core *, const struct message *, uint64_t *ixn);

/* Books a call-back to the caller of the call, with the call's data, at such a routing point; due_us: wall clock, one
 * in the past means now. */
enum code booking_of_caller(struct core *, const struct interaction *, struct span queue, int64_t due_us);

/* A submitted booking may have a name in its data, under this key; when its strategy books again, the new booking
 * keeps the name. */
#define BOOKING_NAME "callback"
/* Returns the newest booking of the given name. NULL: there is none, or its interaction has ended. */
const struct booking *booking_named(const struct core *, struct span name);
/* Cancels a booking that the customer no longer wants. code_gone: there is none; code_locked: the number was dialled
 * already. `*ixn`: the booking's interaction, which is ended now; 0: none had begun. */
enum code booking_withdraw(struct core *, struct span name, uint64_t *ixn);

/* True: the interaction's link can dial, or is down and may be able to dial when it is up again. */
bool booking_possible(const struct core *, const struct interaction *);
/* The wall clock was set, a link is up, or the host lets arrivals in again: due bookings may begin now. */
void bookings_look_again(struct core *);
void booking_on_time(struct core *, const struct message *); /* Clock, Epoch */
/* Cancels a booking; false: no booking that is not yet due has the given number. */
bool booking_cancel(struct core *, uint64_t id);

/* true: at least one booking is to be dialled over this link */
bool bookings_of_link(const struct core *, unsigned link);

/* Returns the booking from which the interaction began; NULL: none. */
struct booking *booking_of(const struct core *, const struct interaction *);
struct span booking_number(const struct booking *);
