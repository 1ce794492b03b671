/* runtime/core/read/read.h - Looking into a core between batches: status, agents, queues, interactions, why.
 *
 * Reads change nothing and are not journaled. Rows are borrowed until the next batch. */
#ifndef CORE_READ_H
#define CORE_READ_H

#include "runtime/core/base/batch.h"

struct core_status {
    uint64_t batches, events, effects, interactions, waiting, routed, abandoned, defaulted, ended, claims;
    uint64_t agents; /* of the directory, and others who are logged in */
    uint64_t agents_logged_in, agents_ready, time_us, digest, block_bytes;
    uint64_t seed; /* the journal's, from its birth */
    int64_t wall_us;
    uint64_t running; /* strategies: interactions that wait, are treated or being routed */
    uint64_t bookings; /* call-backs that are not yet due */
    bool draining;    /* arrivals are default-routed */
    uint64_t directory; /* version in force; 0: none ever was */
    uint64_t invited, accepted, declined, unanswered, withdrawn; /* of agents who were asked first */
    uint64_t walked_bytes; /* of earlier versions of tables, which calls walk through still (table_cursor.h) */
    uint64_t decisions, overload, effects_outstanding; /* overload: arrivals beyond what may live at once */
};
void core_status(const struct core *, struct core_status *);

/* Of a link and of what stands behind its adapter: "up", "resync", "grace" (found again it goes on) or "down". */
const char *core_link_state(const struct core *, unsigned link);
/* May another adapter have this number? The link is down for good, and no strategy runs, and none will be begun, that
 * would use it: what else is known of its calls ends when whoever has the number next says what is there. */
bool core_link_is_free(const struct core *, unsigned link);

/* Who watches its strategies (vm/exec.h), borrowed; NULL: nobody. For tests' coverage; what is decided stays the same,
 * unless the watcher has a step fail. */
struct vm_watch;
void core_watch(struct core *, const struct vm_watch *);

struct agent_row {
    struct span name, dn, place;
    struct span not_chosen; /* why nobody could choose them now: "not ready", "claimed", ...; empty: they could */
    unsigned state;         /* enum agent_state of voice */
    uint64_t since_us;
    uint32_t claims;
    uint64_t ixn; /* served now, or 0 */
    bool known;   /* in the directory now */
};
bool core_agent(const struct core *, uint32_t index, struct agent_row *); /* false past the last */
bool core_agent_named(const struct core *, struct span name, uint32_t *index);
struct kv; /* the agent's skills and levels, appended */
void core_agent_skills(const struct core *, uint32_t index, struct kv *);
bool core_agent_group(const struct core *, uint32_t index, uint32_t at, struct span *name); /* false past the last */

struct queue_row {
    struct span name;
    uint64_t entered, distributed, abandoned, cleared, waiting;
    uint64_t longest_wait_us, wait_us; /* of those distributed, in sum */
};
bool core_queue(const struct core *, uint32_t index, struct queue_row *);
/* Of at most `count` queues from `index` on, together: the waiting are looked through once. How many there were. */
uint32_t core_queues(const struct core *, uint32_t index, struct queue_row *, uint32_t count);

uint32_t core_queue_count(const struct core *);
void core_queue_counts(const struct core *, uint32_t index, struct queue_row *); /* the same but longest_wait_us */

/* The site's counters, and of each with keys these; a key that is empty stands for all of them. */
struct counter_row {
    struct span name, key;
    uint64_t count, beyond; /* beyond: of all, those for whose keys there was no room */
    int64_t over_us;        /* its window; 0: none, or since a moment */
    int64_t since_us;       /* of the wall clock; 0: none */
};
bool core_counter(const struct core *, uint32_t index, struct counter_row *); /* false past the last */
bool core_counter_named(const struct core *, struct span name, struct span key, uint64_t *count); /* false: never */

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
    struct span vq; /* where it waits; empty: nowhere */
    int64_t priority;
    uint32_t block_bytes;
};
/* Living ones in order of arrival, then those ended lately (a ring of 10,000), the last first; `*cursor` starts at 0.
 * None is left out by what arrives or ends between two calls; one that ends then may come twice. */
bool core_interaction(const struct core *, uint64_t *cursor, struct interaction_row *);
/* By its id, or that of one that has become one with it; where there is none of it, by ConnID: a number may be both, of
 * two. */
bool core_find(const struct core *, uint64_t ixn, struct interaction_row *);
bool core_find_call(const struct core *, uint64_t conn, struct interaction_row *); /* only by ConnID */
/* The interaction of a call that lives or ended just now; 0: there is none. Quick also where the call is unknown. */
uint64_t core_ixn_of(const struct core *, uint64_t conn);
/* Everything a desktop or a test may ask of one: attributes and user data, as they are or were at the end. */
bool core_data(const struct core *, uint64_t ixn, struct kv *);
/* What traces and logs show of no message: the keys that a strategy of a loaded image declares secret. */
struct message_mask core_mask(const struct core *);

/* The call-backs that are booked, and those that have begun and live, in no order. */
struct booking_row {
    uint64_t id;        /* 0: there is none in this place */
    uint64_t from;      /* the interaction that booked it; 0: it was handed in */
    uint64_t ixn;       /* the one that it is; 0: it is not due yet */
    int64_t due_us;     /* of the wall clock */
    uint32_t attempts;  /* how often it was dialled */
    struct span number, strategy, dn;
};
bool core_booking(const struct core *, uint32_t index, struct booking_row *); /* false past the last */
uint64_t core_bookings_ever(const struct core *);

/* Where one is that lives: the step it waits at, in the source; in a busy block, that block's step too. */
struct where_row {
    struct span step, function, file;
    uint32_t line, column; /* 0: the image does not say */
};
bool core_where(const struct core *, uint64_t ixn, bool busy, struct where_row *); /* false: it is at no step */

/* Its place in a virtual queue. */
struct waiting_row {
    struct span vq;
    uint64_t entered_us, until_us; /* until_us: when the selection gives up; 0: chosen already */
    uint64_t expected_us;          /* UINT64_MAX: nothing is known */
    uint64_t among;                /* how many wait in the queue */
    uint32_t position;             /* among those who want the same, from 1; 0: chosen already */
    int64_t priority;
    bool asks; /* whom it finds is asked first */
};
bool core_waiting(const struct core *, uint64_t ixn, struct waiting_row *); /* false: it does not wait */

/* What is active at a routing point; `before` has the share that `percent` leaves. */
struct point_row {
    struct span dn, defaults, strategy, before;
    const uint8_t *image, *image_before; /* CORE_HASH bytes; NULL: nothing was ever active */
    int64_t answer_timeout_us, router_grace_us;
    uint32_t program;                    /* core_program's number of the image; UINT32_MAX: none */
    unsigned percent;
    bool known; /* in the directory now */
};
bool core_point(const struct core *, uint32_t index, struct point_row *);

/* The images that the core has used since it began; NULL past the last. */
const struct image *core_program(const struct core *, uint32_t index);
/* Counts which image each living interaction runs on, at most so many a call: uses[index of core_program]. False when
 * all have been counted; `*cursor` starts at 0. */
bool core_uses(const struct core *, uint64_t *cursor, uint32_t at_most, uint32_t *uses, uint32_t count);

/* Why: the decisions kept for an interaction, oldest first. */
struct decision_row {
    uint64_t at_us, ixn, entered_us;                       /* the virtual queue, to the millisecond */
    struct span vq, chosen;                                /* agent or target; empty: nobody */
    uint32_t line;                                         /* of the select, from 0 */
    uint32_t candidates, not_ready, not_matching, claimed; /* how many agents were passed over for each reason */
    uint32_t among;       /* those who matched, as far as that was looked at */
    const char *order;    /* in which the chosen one came first: a word of vm/orders.def */
    uint8_t figure_type;  /* by what they were compared: TYPE_INT, TYPE_DURATION, TYPE_PERCENT; TYPE_VOID: by nothing */
    int64_t figure;       /* the chosen one's */
};
/* The `number`th ever, from 0, of all interactions'; false where it is gone or not there yet. */
bool core_decision_at(const struct core *, uint64_t number, struct decision_row *);
uint64_t core_decision_since(const struct core *, uint64_t at_us); /* the first kept that is not older */
bool core_decision(const struct core *, uint64_t ixn, uint32_t index, struct decision_row *);
/* The cursor is 0 at first; after false it stands where the next one will be. */
bool core_decision_next(const struct core *, uint64_t ixn, uint64_t *cursor, struct decision_row *);
/* What happened, likewise: a kind of message with its change, code or type, and whom or what it was about. */
struct happening_row {
    uint64_t at_us, ixn;
    unsigned kind, value;
    struct span name;
};
bool core_happening_at(const struct core *, uint64_t number, struct happening_row *);
uint64_t core_happening_since(const struct core *, uint64_t at_us);
/* And who has ended, likewise. */
bool core_ended_at(const struct core *, uint64_t number, struct interaction_row *);
uint64_t core_ended_count(const struct core *);
/* What happened to one: as lines of text for people, appended to `out` as a kv list (at, what). */
bool core_history(const struct core *, uint64_t ixn, struct kv *out);
/* At most so many from `*cursor` on (0: all that is kept), which is then where to go on, also later. */
bool core_history_from(const struct core *, uint64_t ixn, uint64_t *cursor, uint32_t at_most, struct kv *out);

#endif
