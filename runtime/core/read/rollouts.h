/* runtime/core/read/rollouts.h - Rollouts and versions, for people to look at. Spans and texts are borrowed until the
 * next batch. Moments are of the wall clock, in microseconds; 0: not yet. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/rollouts/guard.h"

struct core;

enum { CORE_ROLLOUT_STEPS = 16, CORE_ROLLOUT_GUARDS = 8, CORE_ROLLOUT_EXAMPLES = 5 };

enum core_guard_says { CORE_GUARD_TOO_LITTLE, CORE_GUARD_NO_WORSE, CORE_GUARD_WORSE };

/* Returns the words of an answer, such as "no worse". */
const char *core_guard_words(enum core_guard_says);

#define CORE_GUARD_NEVER UINT64_MAX

struct core_rollout_guard {
    char text[ROLLOUT_GUARD_TEXT]; /* as a person would type it, such as "abandoned:+1pt" */
    enum core_guard_says says;
    bool time; /* true: the figures are times */
    bool site; /* true: of all arrivals, in the candidate's place; the difference is the figure itself */
    /* The candidate's figure first, then the control's. Rates: of `count` interactions `hits` have what is counted.
     * Times: the quantile, `figure_us`. */
    uint64_t count[2], hits[2], figure_us[2];
    /* Candidate minus control: the estimate, and the interval that holds it at the rollout's level. In parts of a
     * million for rates, in microseconds for times. */
    int64_t difference, low, high;
    /* How many interactions each arm still needs (with slices: pairs of quarters of an hour); 0: it says something;
     * CORE_GUARD_NEVER: as the figures are now, no number is enough. */
    uint64_t more;
};

struct core_rollout {
    uint32_t id;
    struct span point, strategy, present; /* present: strategy that the point had at the start */
    uint8_t image[CORE_HASH], control[CORE_HASH];
    bool has_control;
    unsigned state;    /* enum rollout_state, whose words are enum_name_rollout_state() */
    const char *why;   /* why it waits or is over, as words; "" */
    const char *guard; /* name of the guard that brought it back; NULL: none did */
    bool open, ask, approval, slices;
    uint32_t share; /* parts of 10,000 */
    uint16_t shares[CORE_ROLLOUT_STEPS];
    unsigned step, steps; /* step: from 0 */
    int64_t started_us, at_us, begun_us, step_us, over_us, expires_us, hold_until_us;
    uint64_t hold_us, least, level;
    struct span by, starter, approver, reason;
    struct { /* the candidate's first, then the control's */
        uint64_t arrived, ended, out, live;
    } arms[2];
    struct core_rollout_guard guards[CORE_ROLLOUT_GUARDS];
    unsigned guard_count;
    uint64_t examples[CORE_ROLLOUT_EXAMPLES];
    unsigned example_count;
};

/* What a rollout is, without what its guards say, which takes time to compute. */
struct core_rollout_brief {
    uint32_t id;
    unsigned state; /* enum rollout_state */
    bool open;
    struct span point;
};
/* Reads that of the rollout of that place, as core_rollout_at(). */
bool core_rollout_brief(const struct core *, uint32_t index, struct core_rollout_brief *);
/* Reads the rollout of that place, from 0: the oldest first, those that are over, too. False: there is none. With
 * `more`, the guards say how many interactions they still need, which costs some milliseconds. */
bool core_rollout_at(const struct core *, uint32_t index, bool more, struct core_rollout *);

/* The states of a version. The core says none of those that the daemon says of an image that the core never used. */
enum core_version_state {
#define STATE(id, word, doc) VERSION_##id,
#define ASIDE(id, word, doc) VERSION_##id,
#include "runtime/core/read/version_states.def"
};

/* Returns the word of a state, such as "draining". */
const char *core_version_words(enum core_version_state);

struct core_version { /* an image that the core knows */
    uint8_t image[CORE_HASH];
    enum core_version_state state;
    uint32_t interactions; /* how many it holds */
    uint32_t points;       /* at how many points it is active */
    uint32_t share;        /* parts of 10,000; of a canary */
    uint64_t oldest;       /* id of its oldest interaction; 0: none */
    int64_t oldest_us;     /* when that one arrived, wall clock */
    int64_t since_us;      /* since when it is no longer active; 0: it is, or never was */
};

/* Reads the version of that place, from 0, in the order in which the core has learnt of them. */
bool core_version_at(const struct core *, uint32_t index, struct core_version *);
/* The window in which no rollout takes a step by itself; both 0: there is none. */
void core_rollout_freeze(const struct core *, int64_t *from_us, int64_t *until_us);

/* By which version an interaction is served. */
struct core_ride {
    uint8_t image[CORE_HASH]; /* of the strategy that it has, or was to have */
    uint32_t rollout;         /* the rollout that counts the interaction; 0: none does */
    bool candidate;           /* of that rollout: it is in the candidate's arm, else in the control's */
};

/* Reads it of an interaction that lives. False: it has had no strategy. */
bool core_ride(const struct core *, uint64_t ixn, struct core_ride *);
