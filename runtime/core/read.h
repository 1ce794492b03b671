/* runtime/core/read.h - Looking into a core between batches: status, agents, queues, interactions, why.
 *
 * Reads change nothing and are not journaled. Rows are borrowed until the next batch. */
#ifndef CORE_READ_H
#define CORE_READ_H

#include "runtime/core/core.h"

struct core_status {
    uint64_t batches, events, effects, interactions, waiting, routed, abandoned, defaulted, ended, claims;
    uint64_t agents, agents_logged_in, agents_ready, time_us, digest, block_bytes;
    int64_t wall_us;
    uint64_t running; /* strategies: interactions that wait, are treated or being routed */
    bool draining;    /* arrivals are default-routed */
    uint64_t decisions, overload, effects_outstanding; /* overload: arrivals beyond what may live at once */
};
void core_status(const struct core *, struct core_status *);

/* Of a link and of what stands behind its adapter: "up", "resync", "grace" (found again it goes on) or "down". */
const char *core_link_state(const struct core *, unsigned link);

struct agent_row {
    struct span name, dn, place;
    unsigned state; /* enum agent_state of voice */
    uint64_t since_us;
    uint32_t claims;
    uint64_t ixn; /* served now, or 0 */
    bool known;   /* in the directory now */
};
bool core_agent(const struct core *, uint32_t index, struct agent_row *); /* false past the last */
struct kv;                                                                /* the agent's skills and levels, appended */
void core_agent_skills(const struct core *, uint32_t index, struct kv *);

struct queue_row {
    struct span name;
    uint64_t entered, distributed, abandoned, cleared, waiting;
    uint64_t longest_wait_us, wait_us; /* of those distributed, in sum */
};
bool core_queue(const struct core *, uint32_t index, struct queue_row *);

uint32_t core_queue_count(const struct core *);
void core_queue_counts(const struct core *, uint32_t index, struct queue_row *); /* the same but longest_wait_us */

/* How many there are of each enum agent_state, of those that the directory knows; others are not counted. */
void core_agent_states(const struct core *, uint64_t *counts, unsigned states);
/* How long the first in each virtual queue has waited: of as many queues as there is room for. */
void core_longest_waits(const struct core *, uint64_t *longest_us, uint32_t queues);

/* How long those distributed have waited: so many up to each bound, not those before it; the last bound is none. */
enum { CORE_WAITS = 13 };
struct core_waits {
    uint64_t bound_us[CORE_WAITS], count[CORE_WAITS], sum_us; /* bound UINT64_MAX: longer */
};
void core_waits(const struct core *, struct core_waits *);

struct interaction_row {
    uint64_t ixn, conn, arrived_us, changed_us;
    struct span strategy, media, owner_kind, owner, state, step, ani, dnis, outcome;
    int64_t priority;
    uint32_t block_bytes;
};
/* Living ones, then those ended lately (a ring of 10,000), in order of arrival; `*cursor` starts at 0. */
bool core_interaction(const struct core *, uint64_t *cursor, struct interaction_row *);
bool core_find(const struct core *, uint64_t ixn, struct interaction_row *); /* by id, or by ConnID */
/* Everything a desktop or a test may ask of one: attributes and user data, as they are or were at the end. */
bool core_data(const struct core *, uint64_t ixn, struct kv *);

/* Why: the decisions kept for an interaction, oldest first. */
struct decision_row {
    uint64_t at_us, ixn, entered_us;                       /* the virtual queue, to the millisecond */
    struct span vq, chosen;                                /* agent or target; empty: nobody */
    uint32_t line;                                         /* of the select, from 0 */
    uint32_t candidates, not_ready, not_matching, claimed; /* how many agents were passed over for each reason */
};
bool core_decision(const struct core *, uint64_t ixn, uint32_t index, struct decision_row *);
/* What happened to one: as lines of text for people, appended to `out` as a kv list (at, what). */
bool core_history(const struct core *, uint64_t ixn, struct kv *out);

#endif
