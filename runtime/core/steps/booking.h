/* runtime/core/steps/booking.h - Call-backs for later: callback.slots, callback.book, and what begins when they are due.
 *
 * The table owns a row for each, from when it is booked until the interaction that begins at its time has ended: the
 * number, what the strategy is given, and the data of the interaction that booked it. A row has a timer of its own; the
 * wall clock may be set meanwhile, and a link may be away. Nothing of it is written anywhere: the journal's batches
 * make it again. */
#ifndef CORE_BOOKING_H
#define CORE_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/run/step.h"

enum {
    BOOKING_NONE = UINT32_MAX,
    BOOKINGS_MAX = 10000,                 /* not yet due */
    BOOKINGS_BYTES_MAX = 64 * 1024 * 1024, /* of what they hold */
    BOOKED_AT_ONCE = 100,                 /* at one time, where nothing is said */
    SLOTS_MAX = 100,
};

struct booking {
    uint64_t id;     /* dense from 1 */
    uint64_t from;   /* the interaction that booked it; 0: it was handed in */
    uint64_t ixn;    /* that began when it was due; 0: it is not yet */
    int64_t due_us;  /* of the wall clock */
    uint64_t hash;   /* of what is held */
    uint8_t *held;   /* owned: the number, who is told to call, the data, what the strategy is given, in this order */
    uint32_t number_length, caller_length, data_length, given_length;
    uint32_t timer, next; /* next: of the free ones */
    uint32_t dn, title;   /* names: the routing point that dials, the strategy */
    uint32_t attempts;    /* how often it was dialled */
    uint16_t program, strategy, link;
};

struct bookings {
    struct booking *all;
    uint32_t count, capacity, free, open; /* open: not yet due */
    struct lookup by_ixn;
    uint64_t last_id, bytes, content;
    int64_t *times; /* scratch of callback.slots */
    uint32_t times_capacity;
};

bool bookings_check(const struct core *);

/* One that a link or an administrator hands in, for a routing point whose strategy is on callback. */
void booking_on_submit(struct core *, const struct message *);

/* Is there anything that could dial then? */
bool booking_possible(const struct core *, const struct interaction *);
void booking_due(struct core *, uint32_t slot); /* its timer */
/* The wall clock was set, a link is there, arrivals are let in again: those that are due may begin now. */
void bookings_look_again(struct core *);
/* False: there is none of that number that is not yet due. */
bool booking_cancel(struct core *, uint64_t id);

bool bookings_of_link(const struct core *, unsigned link); /* is one to be dialled there? */

/* Of which the interaction is; NULL. */
struct booking *booking_of(const struct core *, const struct interaction *);
struct span booking_number(const struct booking *);
void booking_dialled(struct core *, struct interaction *); /* once more */
void booking_forget(struct core *, struct interaction *);  /* at its end */

#endif
