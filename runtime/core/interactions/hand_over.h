/* runtime/core/interactions/hand_over.h - Calls on their way from one switch to another, and the legs that they have at
 * both.
 *
 *     BEGUN ------> ARRIVED ------> (row free) when the leg that the call has left ends
 *       |              |
 *       '--> RESTS <---'            it did not arrive, came back, or is over
 *              |
 *              '--> (row free) when its time is over
 *
 *   CLAIMED ------> ARRIVED      a person of `from` has dialled: a transfer, a consultation
 *
 *     BEGUN     the switch `from` was asked to send the call; the link `to` is to tell of it at `number`
 *     ARRIVED   `conn` is the leg now, `from_conn` the one that leads to it
 *     RESTS     the point is given to nobody else, and `conn`, where there is one, is known to be no new call
 *     CLAIMED   a call at `to` brings the ConnID of one at `from`, which is yet to tell that it was sent there
 *
 * One call has one interaction throughout, whose leg is the newest of these. The table owns the rows; nothing hangs on
 * their numbers. Times are looked at when a row is sought, so there are no timers. */
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
    uint64_t from_conn, conn; /* ConnIDs; conn 0: it has not arrived */
    uint64_t until_us;        /* logical time until which it is kept: RESTS, or the interaction has ended; else 0 */
    uint32_t number;          /* name: where it is awaited; of `direct` the destination, else the point */
    uint32_t dialled;         /* name: what the switch `from` was asked to dial */
    uint32_t dest;            /* name: the DN that is to have it */
    uint32_t next;            /* of a free row: the next one */
    uint16_t from, to;        /* links */
    uint8_t state, type;      /* enum hand_over_state, enum access_type */
    uint8_t nth;              /* the type's place among those of the access */
    bool holds;               /* the external routing point: it is given to no other call */
    bool sent_on;             /* from that point to its destination */
};

struct hand_overs {
    const struct now *now;
    struct names *names;
    const struct accesses *accesses;
    struct hand_over *all;
    uint32_t count, capacity, free;
    uint32_t swept;          /* the row at which the next sweep for what is over begins */
    uint64_t content;        /* additive hash of the rows */
    struct lookup by_from;   /* BEGUN, ARRIVED: by from_conn */
    struct lookup by_conn;   /* `conn` is not 0 */
    struct lookup by_number; /* those that hold a point: by link and number */
};

struct hand_over_wanted {
    uint64_t ixn, from_conn;
    unsigned from, to;
    uint32_t dest;
    uint8_t nth; /* the first route type that may be tried */
};

/* Begins one; the same call's that is begun already is found again. NULL: there is no access, or no route type is left
 * that has a free point. The row is good until the next one begins. */
struct hand_over *hand_over_begin(struct hand_overs *, const struct hand_over_wanted *);
/* The one under way from that leg (BEGUN), or that has come by it (ARRIVED). NULL: none. */
struct hand_over *hand_over_from(const struct hand_overs *, uint64_t from_conn);
struct hand_over *hand_over_by(const struct hand_overs *, uint64_t conn);
/* The one that has arrived, and has left that leg. */
struct hand_over *hand_over_left(const struct hand_overs *, uint64_t from_conn);
/* A call has come to a link, at one of these numbers (names; 0: none), with the ConnID that it brings along (0: none).
 * The row that awaits it, or NULL. `stray`: one is awaited there, or was lately, and this is not it. */
struct hand_over *hand_over_awaits(const struct hand_overs *, unsigned link, uint64_t brought, const uint32_t numbers[],
                                   uint32_t count, bool *stray);
void hand_over_arrives(struct hand_overs *, struct hand_over *, uint64_t conn);
/* The call leaves the external routing point, which is free for the next one. */
void hand_over_sent_on(struct hand_overs *, struct hand_over *);
/* It did not arrive, or has come back. */
void hand_over_rests(struct hand_overs *, struct hand_over *);
/* A call at the link `to`, of ConnID `conn` and at `number`, brings the ConnID of one at `from`, whose switch nobody
 * has asked to send it. The row is CLAIMED; NULL: there are too many, or no access leads there. */
struct hand_over *hand_over_claims(struct hand_overs *, const struct hand_over *);
/* The row that claims to go on from that leg; NULL: none. */
struct hand_over *hand_over_claimed(const struct hand_overs *, uint64_t from_conn);
/* The row by which that call claims to go on from another one; NULL: none. */
struct hand_over *hand_over_claiming(const struct hand_overs *, uint64_t conn);
/* The claim is true: the row is ARRIVED. */
void hand_over_granted(struct hand_overs *, struct hand_over *);
/* The call that has arrived has become one with the interaction `ixn`, whose leg was `from_conn`. */
void hand_over_joins(struct hand_overs *, struct hand_over *, uint64_t ixn, uint64_t from_conn);
/* True: the ConnID is a leg of a call that goes on by another one, or has ended lately. */
bool hand_over_is_other_leg(const struct hand_overs *, uint64_t conn);
/* The leg is over. */
void hand_over_leg_ended(struct hand_overs *, uint64_t conn);
