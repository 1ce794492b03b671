/* runtime/core/rollouts/rollout.h - Rollouts: a new version of a routing point's strategy (the candidate) gets a share
 * of the arrivals, step by step, and goes back by itself when it is worse than the present version (the control).
 *
 *     start --> approval --> scheduled --> canary at 1 % --> 5 % --> 25 % --> done: the candidate is activated
 *                                          |  ^  a guard says no worse, and the step's time is over
 *                                          |  +-- asks: a person must say so; held: a person has stopped it
 *                                          +----> back: a guard says worse, a person says so, or nobody has decided
 *
 * Arms. Each arrival falls into one of 10,000 buckets, by the hash of the rollout's salt and a key of the arrival's
 * user data (else its id). Raising a share keeps who was in:
 *
 *     bucket   0 ........ share ................ 10,000 - share ........ 10,000
 *              candidate  |  rest: the present version, not counted  |  control
 *
 * Control is as large as the candidate, or what is left. Of a share above one half, only as much is compared as control
 * has: else the days of this share would weigh more in the candidate's arm than in the control's:
 *
 *     bucket   0 ........ 10,000 - share ................ share ........ 10,000
 *              candidate  |  beside: the new version,     |  control
 *                         |  not counted                  |
 *
 * With slices, quarters of an hour take the place of buckets: of a pair of neighbouring quarters one is the candidate's
 * and one is the control's, in drawn order (arm.c).
 *
 * By customers. Where a key of the customer decides, only the first interaction of each is compared (rollout_key.c).
 *
 * Riders. An interaction of the candidate, the control or beside has a rider as long as it lives: it stays on its
 * version, and what becomes of it is counted for its arm. Interactions of the rest have none, so a rollout costs them
 * no memory. Invariant: an arm's arrivals are its riders and what has been counted as ended or left out.
 *
 * Floors, from below: guard.c, rollout_table.c, measure.c, rollout_key.c, rider.c, arm.c, judge.c, rollout_text.c,
 * rollout_keep.c, rollout.c. The part owns all rows. What needs the whole core, such as to activate the candidate, is
 * in runtime/core/directory/rollout_request.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "runtime/core/base/table.h"
#include "runtime/core/pacing/duration.h"
#include "runtime/core/rollouts/guard.h"
#include "runtime/core/site/directory.h"

struct facts;
struct interaction;
struct interactions;
struct now;
struct strategies;
struct timers;

enum rollout_why {
#define WHY(id, words) ROLLOUT_WHY_##id,
#include "runtime/core/rollouts/rollout_whys.def"
    ROLLOUT_WHYS
};

/* The arms. An interaction of ARM_REST has the present version and is not counted. One of ARM_BESIDE has the new
 * version and is not counted either, but its faults bring the rollout back as those of the candidate do. */
enum rollout_arm { ARM_CANDIDATE, ARM_CONTROL, ARM_REST, ARM_BESIDE };

enum {
    ROLLOUTS_MAX = 64, /* rows, with those that are over; the oldest of these makes room */
    ROLLOUT_STEPS_MAX = 16,
    ROLLOUT_GUARDS_MAX = 8,
    ROLLOUT_EXAMPLES = 5,
    ROLLOUT_SHARE_ALL = 10000,
    ROLLOUT_TEXT_MAX = 1024,
    ROLLOUT_PAIRS = 4, /* pairs of quarters that are still open: what ends later than that is not counted */
    ROLLOUT_HOLD_S = 1800,
    ROLLOUT_EXPIRES_S = 604800,
    ROLLOUT_LEAST = 100,
    ROLLOUT_SEEN_BITS = 18, /* of a place among the customers who were compared */
    ROLLOUT_SEEN_BYTES = (1 << ROLLOUT_SEEN_BITS) / 8,
    ROLLOUT_LEVEL = 10000,
    ROLLOUT_LEVEL_MOST = 100000, /* EVIDENCE_ALPHA_MOST */
};

struct rollout_rate { /* how many interactions of an arm have been judged, and how many of them have what is counted */
    uint64_t count, hits;
};

/* An interaction of the candidate that shows what a guard is about. Of rates the newest are kept, of times the longest.
 */
struct rollout_example {
    uint64_t ixn;    /* 0: none */
    uint64_t weight; /* the lowest makes room: a number in sequence, or the time */
};

/* A guard with what it has seen. */
struct rollout_measure {
    struct rollout_guard guard;
    struct rollout_rate rate[2];                /* by enum rollout_arm; of a RATE guard. Site: [0], of this step */
    struct durations *times;                    /* owned: of both arms, of a TIME guard; else NULL */
    struct rollout_rate open[ROLLOUT_PAIRS][2]; /* with slices: pairs of quarters that are not over */
    uint64_t pairs, squares;                    /* with slices: pairs that are over, see evidence_slices */
    int64_t sum;
    struct rollout_example examples[ROLLOUT_EXAMPLES];
    uint8_t says; /* enum evidence_says, as of the last look */
    bool stirred; /* something was counted since the last look */
};

struct rollout {
    uint32_t id;         /* 0: the row is free */
    uint32_t dn;         /* name of the routing point */
    uint32_t by;         /* name of the key of user data; 0: the interaction */
    uint8_t state, why;  /* enum rollout_state (enums.def), enum rollout_why */
    uint8_t step, steps; /* the present step, from 0; how many there are */
    uint8_t guards;
    uint8_t guard; /* the guard that has brought it back: enum rollout_guard_kind */
    bool ask, approval, slices;
    bool site;                          /* a guard is about all arrivals: those of the rest ride, too */
    uint16_t shares[ROLLOUT_STEPS_MAX]; /* parts of 10,000 */
    uint16_t control;                   /* program that the point had at the start */
    struct binding candidate;           /* `given` is owned */
    uint8_t *seen;         /* owned: a bit per customer who was compared; NULL: not by customers, or over */
    uint64_t seen_content; /* sum of the hashes of the bits */
    uint64_t salt;
    uint64_t hold_us, expires_us, least, level;
    int64_t at_us, started_us, begun_us, step_us, over_us; /* wall clock: 0: not yet */
    uint64_t step_at_us;                                   /* logical time: the present step has begun */
    uint64_t look_us;                                      /* logical time of the next look; 0: there is none */
    struct span starter, approver, reason; /* owned: persons; what the starter or the last person has said */
    struct {
        uint64_t arrived, ended, out;    /* out: left uncounted: it goes on elsewhere, was beside, or came again */
    } arms[3];                           /* by enum rollout_arm; the rest's only with a guard of the whole site */
    uint64_t riders;                     /* interactions of all arms that live */
    uint64_t examples[ROLLOUT_EXAMPLES]; /* ids of interactions of the candidate that the guard was about */
    uint8_t example_count;
    uint64_t made_at_us;  /* logical time at which the row was made */
    uint32_t pair_first;  /* the pair of quarters in which it was made */
    uint32_t pair_newest; /* with slices: the newest pair of quarters that is open, counted from the first */
    uint32_t timer;
    struct rollout_measure measures[ROLLOUT_GUARDS_MAX];
};

/* What a rollout knows of an interaction in one of its arms. There may be a million, so each has a few bytes, in an
 * array by the slots of interactions. Times are ticks of 10 ms: `begun` since the rollout was made, `served` since
 * `begun`. */
struct rider {
    uint32_t begun;  /* the arrival at the point */
    uint32_t served; /* RIDER_UNSERVED: not yet */
    uint16_t pair;   /* the pair of quarters of the arrival, counted from the rollout's first */
    uint8_t row;     /* 1 + number of the rollout's row; 0: the interaction is in no arm */
    uint8_t arm : 2, handed : 1, abandoned : 1, handled : 1;
    uint8_t beside : 1; /* not compared: of ARM_BESIDE (`arm` is the candidate's), or of a customer who comes again */
    uint8_t elsewhere : 1; /* a strategy of another version has it, at another point: its faults are not the arm's */
};
#define ROLLOUT_PAIR_US INT64_C(1800000000) /* two quarters of an hour */
enum { RIDER_UNSERVED = UINT32_MAX, RIDER_TICK_US = 10000 };

struct rollouts {
    const struct core_options *options;
    const struct now *now;
    struct facts *facts; /* owned by the core; the part joins its readers */
    bool listens;
    struct names *names;
    struct timers *timers;
    struct directory *directory;
    struct interactions *interactions;
    struct strategies *strategies;
    struct rollout *all; /* a row stays at its place; the oldest one that is over makes room */
    uint32_t count, capacity, last_id;
    int64_t freeze_from_us, freeze_until_us; /* wall clock: no step begins meanwhile */
    struct {
        struct rider *all; /* owned: by the slot of the interaction */
        uint32_t count, capacity, riding;
        uint64_t content; /* sum of the rows' hashes */
    } riders;
};

/* ---- the choice (arm.c) ---- */

/* Returns the strategy for an interaction that comes to the point, and in it the rollout and the arm; the interaction
 * rides from its activation on (rollout_rides). The arguments are borrowed until the rollout is over. */
struct binding rollout_binding(const struct rollouts *, const struct point *, const struct interaction *);
/* Does the same for a record or booking, whose interaction does not exist yet, by its number. */
struct binding rollout_binding_by(const struct rollouts *, const struct point *, uint64_t number);
/* Returns the arm of a key in a rollout with this share. Pure. */
enum rollout_arm rollout_arm_of(uint64_t salt, uint64_t key, uint32_t share);
/* Returns the arm of a quarter of an hour, numbered since 1970. Pure. */
enum rollout_arm rollout_arm_at(uint64_t salt, uint64_t quarter, uint32_t share);

/* ---- riders (rider.c) ---- */

/* The strategy of the binding begins for the interaction: it rides in the binding's arm, if it has one. */
void rollout_rides(struct rollouts *, const struct interaction *, const struct binding *);
/* Returns the interaction's rider; NULL: it is in no arm. */
const struct rider *rollout_rider(const struct rollouts *, const struct interaction *);
/* Counts the riders whose outcome is known already. Only for a core that counted each rider at its end (migration.c).
 */
void riders_known_count(struct rollouts *);
/* Returns the rider's rollout. */
struct rollout *rollout_of_rider(const struct rollouts *, const struct rider *);

/* ---- the rows (rollout_table.c) ---- */

struct rollout *rollout_by_id(const struct rollouts *, uint32_t id); /* NULL: none, or forgotten */
/* Returns the open rollout of the point; NULL: there is none. */
struct rollout *rollout_of_point(const struct rollouts *, const struct point *);
/* Makes a row for a rollout of the point; the caller fills it. NULL: all rows are open. */
struct rollout *rollout_new(struct rollouts *, struct point *);
/* Makes the table of customers who were compared, where they decide about the version (rollout_key.c). */
void rollout_seen_begin(struct rollout *);
bool rollout_is_open(const struct rollout *);
/* The parts of 10,000 arrivals that the candidate gets now; 0: none. */
uint32_t rollout_share(const struct rollout *);
const char *rollout_why_words(unsigned why);

/* Ends the rollout: the point has its present version alone. The candidate's arguments stay until the row is used
 * again, since somebody may be reading them. */
void rollout_over(struct rollouts *, struct rollout *, enum rollout_state, enum rollout_why);
/* Another strategy was activated at the point: its rollout ends. */
void rollout_point_activated(struct rollouts *, const struct point *);
/* What the rollout does now, by the clock and its guards (judge.c). Waits for its next look by a timer. True: its last
 * step has come, and the caller activates the candidate and calls rollout_over(). */
bool rollout_looks(struct rollouts *, struct rollout *);
/* Looks again after so long, or earlier. */
void rollout_looks_in(struct rollouts *, struct rollout *, uint64_t in_us);
/* True: nothing may begin now; `*until_us`: the moment at which that ends. */
bool rollouts_frozen(const struct rollouts *, int64_t *until_us);
