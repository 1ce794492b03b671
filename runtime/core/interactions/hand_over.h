/* runtime/core/interactions/hand_over.h - Calls on their way from one switch to another, and the legs that they have at
 * both.
 *
 *     BEGUN ------> ARRIVED ------> (row free) when the leg that the call has left ends
 *       |              |
 *       '--> RESTS <---'            it did not arrive, came back, or is over
 *              |
 *              '--> (row free) when its time is over
 *
 *     CLAIMED ------> ARRIVED      a person of `from` has dialled: a transfer, a consultation
 *
 *     BEGUN     the switch `from` was asked to send the call; the link `to` is to tell of it at `number`
 *     ARRIVED   `conn` is the leg now, `from_conn` the earlier leg, which leads to it
 *     RESTS     the point is given to nobody else, and `conn`, where there is one, is known to be no new call
 *     CLAIMED   a call at `to` brings the ConnID of a call at `from`, but `from` has not yet told that it sent it
 *
 * One call keeps one interaction, whose leg is the newest of these legs. The table owns the rows; nothing depends on
 * their numbers. There are no timers: a search for a row also checks whether the row's time is over. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/links/access.h"

struct now;

enum { HAND_OVER_NONE = UINT32_MAX, HAND_OVERS_MAX = 1 << 20 };
enum hand_over_state { HAND_OVER_FREE, HAND_OVER_BEGUN, HAND_OVER_ARRIVED, HAND_OVER_RESTS, HAND_OVER_CLAIMED };

struct hand_over {
    uint64_t ixn;             /* the interaction's id */
    uint64_t from_conn, conn; /* ConnIDs of both legs; conn 0: the call has not arrived */
    uint64_t until_us; /* logical time until which the row is kept, if it RESTS or the interaction has ended; else 0 */
    uint32_t number;   /* name: number where the call is awaited: destination for type `direct`, else the point */
    uint32_t dialled;  /* name: number that the switch `from` was asked to dial */
    uint32_t dest;     /* name: DN that shall get the call in the end */
    uint32_t next;     /* free row: the next free row */
    uint16_t from, to; /* numbers of the links of the two switches */
    uint8_t state, type; /* enum hand_over_state, enum access_type */
    uint8_t nth;         /* place of the call's route type in the list of the access */
    bool holds;          /* true: the external routing point is reserved for this call */
    bool sent_on;        /* true: the call has left the external routing point for its destination */
};

struct hand_overs {
    const struct now *now;
    struct names *names;
    const struct accesses *accesses;
    struct hand_over *all;
    uint32_t count, capacity, free;
    uint32_t swept;          /* row at which the next search for old rows begins */
    uint64_t content;        /* sum of the hashes of all rows */
    struct lookup by_from;   /* finds rows that are BEGUN or ARRIVED by from_conn */
    struct lookup by_conn;   /* finds rows that have a `conn` by this ConnID */
    struct lookup by_number; /* finds rows that hold a point by link and number */
};

struct hand_over_wanted {
    uint64_t ixn, from_conn;
    unsigned from, to;
    uint32_t dest;
    uint8_t nth; /* the first route type that may be tried */
};

/* Begins a hand-over, or returns the one that the call has already begun. NULL: there is no access between the
 * switches, or no route type is left that has a free point. The row is valid until the next hand-over begins. */
struct hand_over *hand_over_begin(struct hand_overs *, const struct hand_over_wanted *);
/* hand_over_from returns the row that is BEGUN from the given leg; hand_over_by the row that has ARRIVED by the
 * given leg. NULL: none. */
struct hand_over *hand_over_from(const struct hand_overs *, uint64_t from_conn);
struct hand_over *hand_over_by(const struct hand_overs *, uint64_t conn);
/* Returns the row that has ARRIVED and whose call has left the given leg; NULL: none. */
struct hand_over *hand_over_left(const struct hand_overs *, uint64_t from_conn);
/* A call has come to a link, at one of the given numbers (names; 0: none), with a ConnID from the other switch (0:
 * none). Returns the row that awaits the call, or NULL. `stray`: another call is, or was lately, awaited at one of
 * these numbers. */
struct hand_over *hand_over_awaits(const struct hand_overs *, unsigned link, uint64_t brought, const uint32_t numbers[],
                                   uint32_t count, bool *stray);
void hand_over_arrives(struct hand_overs *, struct hand_over *, uint64_t conn);
/* Notes that the call leaves the external routing point, which is then free for the next call. */
void hand_over_sent_on(struct hand_overs *, struct hand_over *);
/* Sets the row to RESTS: its call did not arrive, or has come back. */
void hand_over_rests(struct hand_overs *, struct hand_over *);
/* Makes a CLAIMED row from the given fields: a call at `to`, with ConnID `conn` and at `number`, says that it
 * continues a call at `from`, whose transfer the core has not asked for. NULL: there are too many rows, or no access
 * leads from one switch to the other. */
struct hand_over *hand_over_claims(struct hand_overs *, const struct hand_over *);
/* Returns the CLAIMED row of a call that is reported to continue the given leg; NULL: none. */
struct hand_over *hand_over_claimed(const struct hand_overs *, uint64_t from_conn);
/* Returns the CLAIMED row of the given call, which is reported to continue another call; NULL: none. */
struct hand_over *hand_over_claiming(const struct hand_overs *, uint64_t conn);
/* Sets a CLAIMED row to ARRIVED, since the other switch confirms it. */
void hand_over_granted(struct hand_overs *, struct hand_over *);
/* Joins the call that has arrived to the interaction `ixn`, whose leg was `from_conn`. */
void hand_over_joins(struct hand_overs *, struct hand_over *, uint64_t ixn, uint64_t from_conn);
/* True: the ConnID is an earlier leg of a call that has a newer leg, or a leg of a call that has ended lately. */
bool hand_over_is_other_leg(const struct hand_overs *, uint64_t conn);
/* Notes that the leg has ended; its row may be freed. */
void hand_over_leg_ended(struct hand_overs *, uint64_t conn);
