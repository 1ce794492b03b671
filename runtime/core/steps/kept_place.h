/* runtime/core/steps/kept_place.h - Places kept for callers who have hung up: callback.keep_place, and dialling when the turn
 * comes.
 *
 * The table owns a row for each such interaction, from when its leg is asked to end until it is answered again, or was
 * dialled in vain for the last time. Meanwhile the selection waits on without a leg, with place, age and lines. When it
 * finds somebody, who is claimed while it rings, the number is dialled: by an effect of class ONCE, so that what is not
 * known to have come to something counts as a try, and is not dialled for again. The leg that is answered becomes the
 * interaction's, under the ConnID that the link gives it, and the selection is over as if it had just chosen. The step
 * callback.dial is dialled for by the same means, and has a row while it is. */
#ifndef CORE_KEEP_H
#define CORE_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/run/step.h"
#include "runtime/vocabulary/dialled.h"

enum { KEPT_PLACE_NONE = UINT32_MAX, KEPT_PLACE_NUMBER_MAX = DIALLED_MAX };

enum keep_state {
    KEPT_PLACE_LEAVING,  /* the leg is asked to end */
    KEPT_PLACE_WAITING,  /* for its turn */
    KEPT_PLACE_DIALLING, /* somebody is claimed, and the number dialled */
    KEPT_PLACE_PAUSED,   /* until the next try */
};

struct kept_place {
    uint64_t ixn;
    uint64_t answer_us, pause_us;
    uint64_t next_us;    /* of the next try */
    uint64_t word;       /* whom the selection found */
    uint64_t entered_us; /* of the place, while no selection has it; another one takes it up. 0: none was left */
    uint32_t ref;        /* of the effect that dials */
    uint32_t next;       /* of the free ones */
    uint16_t tries, tried, length;
    uint8_t state, fiber; /* the selection's, or the step's that dials */
    uint8_t result;       /* enum cause: what is told of the number while it is dialled */
    bool alone;           /* it is callback.dial's: no place is kept, and one try is all that it is */
    uint8_t number[KEPT_PLACE_NUMBER_MAX];
};

struct kept_places {
    struct kept_place *all;
    uint32_t count, capacity, free, taken;
    struct lookup by_ixn;
};

bool kept_places_check(const struct core *, const struct interaction *);

/* Is it without a leg that anybody could hear? */
bool kept_place_is_away(const struct interaction *);
bool kept_place_dials(const struct core *, const struct interaction *);
/* What is said of its leg is of one that is being left, or dialled: nobody abandons it. */
bool kept_place_holds(const struct core *, const struct interaction *);
/* Its leg is gone. True: that is no end of it. */
bool kept_place_gone(struct core *, struct interaction *, unsigned cause);

/* The selection has found somebody. True: that is dialled for first. */
bool kept_place_turn(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
/* The selection's timer. True: it is no business of the selection's. */
bool kept_place_on_timer(struct core *, struct interaction *, uint8_t fiber);
/* Its selection neither waits nor has gone on: it is dialled for, or pauses. Before it is left, whoever was to have it
 * is let go. */
bool kept_place_rests(const struct core *, const struct interaction *);
void kept_place_release(struct core *, struct interaction *);
/* The selection is left, before its visit is: what is being dialled for it is called off, and the place is kept. */
void kept_place_stop(struct core *, struct interaction *);

/* Since when one who begins to wait has its place: that which is kept for it, else now. */
uint64_t kept_place_entered_us(const struct core *, const struct interaction *);

/* The effect has made a call. False: it is not waited for. */
bool kept_place_created(struct core *, struct interaction *, const struct message *);
/* The call stands at the routing point: somebody has answered. False: it is no such call. */
bool kept_place_answered(struct core *, struct interaction *);
/* This try has, or is taken to have: the code with which it was refused. */
/* The effect that dials was answered, or was not in time: operations of the steps that dial (step.h). */
void kept_place_dial_answered(struct core *, struct interaction *, const struct pending *, const struct message *);
void kept_place_dial_lapsed(struct core *, struct interaction *, const struct pending *);
void kept_place_progress(struct core *, struct interaction *, unsigned result); /* enum cause */
/* All that is there has been told, or the link is lost, or it took too long: a call that is not known of has failed. */
void kept_place_unknown(struct core *, struct interaction *, unsigned code);

/* What a switch may be asked to dial: no number, or one with gaps in it, is none. */
bool kept_place_is_number(struct span);
/* callback.dial: one try; and it is no longer wanted. */

uint64_t kept_place_hash(const struct core *, const struct interaction *); /* 0: nothing is kept */
void kept_place_forget(struct core *, struct interaction *);

#endif
