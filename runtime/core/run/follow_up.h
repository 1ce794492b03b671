/* runtime/core/run/follow_up.h - Which strategy has the customer once whoever they were routed to has left: `route who then
 * survey`.
 *
 * The table owns the rows, at most one an interaction, from when somebody has taken it until the other strategy begins,
 * any other one does, or it ends. When nobody is left but the customer, the call is pulled back to its routing point;
 * who asks for that in vain asks once more, and again when the link tells anew that the call is there. */
#ifndef CORE_NEXT_H
#define CORE_NEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { FOLLOW_UP_NONE = UINT32_MAX };

struct follow_up_row {
    uint64_t ixn;
    uint64_t hash;
    uint8_t *given; /* owned: what the strategy is given */
    uint32_t length;
    uint32_t next; /* of the free ones */
    uint16_t program, strategy;
    uint32_t left, ref; /* who has left, a name; what was asked, while `pulling` */
    uint8_t asked;      /* times, since somebody has left */
    bool pulling;
};

struct follow_ups {
    struct follow_up_row *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

/* Of the `route` at which the strategy stands: is there one? */
bool follow_up_is_wanted(const struct core *, const struct interaction *);
bool follow_up_is_small(struct core *, const struct interaction *); /* what it is given can be kept */
/* That one has been taken: what it says is kept. */
void follow_up_keep(struct core *, struct interaction *);
/* Somebody has left the call, at `dn`: where only the customer is still there, it is pulled back. */
void follow_up_left(struct core *, struct interaction *, uint32_t dn);
/* Is that what it was asked with, and may still come of it? */
bool follow_up_is_awaited(const struct core *, const struct interaction *, uint64_t ref);
/* It is refused, or lapses: asked for once more, else the call goes where its routing point's defaults say. */
void follow_up_refused(struct core *, struct interaction *, unsigned code);
/* The link tells that the call is there, elsewhere than at its routing point: asked for anew where that was lost. */
void follow_up_observed(struct core *, struct interaction *, uint64_t last_ref);
bool follow_up_is_pulled(const struct core *, const struct interaction *);
/* It stands at its routing point again: the other strategy begins. */
void follow_up_begin(struct core *, struct interaction *);
void follow_up_forget(struct core *, struct interaction *);
uint64_t follow_up_hash(const struct core *, const struct interaction *);

#endif
