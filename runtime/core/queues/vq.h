/* runtime/core/queues/vq.h - Virtual queues: the interactions that wait for a target, by rank.
 *
 *     interaction --- fiber --- visit (WAITING) --- selector --- waiters: heaps by what it demands
 *                                  |    \
 *                               treap    visit (FURTHER) in each other queue of the same selection
 *                             of its vq
 *
 * A visit is one interaction's stay in one virtual queue. Visits are ranked by priority (higher first), then by when
 * they should be served (the interaction's age and the selection's goal), then by interaction. The age is older than
 * the visit where the interaction has waited before. A selected visit still counts as waiting; it keeps its rank and
 * age if the claim fails. The table owns queues and visits; the treaps of the queue tell how many visits come before a
 * given one: callers hear this as their place.
 *
 * An interaction that waits in several queues has one visit with a selector, in the first queue, and a further visit in
 * each other one. While the interaction is ranked in its first queue it is ranked in the others, too: each of these
 * queues counts it among those who wait, and in the place that callers behind it hear. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/queues/ages.h"
#include "runtime/core/queues/pace.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/waiters.h"

struct agents;
struct directory;
struct facts;
struct interactions;
struct accesses;
struct links;
struct now;
struct preferences;
struct part_rows;
struct strategies;
struct vm;

enum { VQS_MAX = 65535 };

enum visit_state { VISIT_FREE, VISIT_WAITING, VISIT_SELECTED, VISIT_FURTHER };
enum visit_end { VISIT_DISTRIBUTED, VISIT_ABANDONED, VISIT_CLEARED };

struct visit {
    int64_t priority;
    uint64_t age_us;      /* when the interaction's age began; rank and the queue's longest wait count from here */
    uint32_t slot;        /* slot of the interaction */
    uint32_t left, right; /* children in a treap: sorted by rank, and a heap by a hash of the interaction's slot */
    uint32_t size;
    uint32_t want; /* the selector; SELECTOR_NONE: the visit is not ranked now. VISIT_FURTHER: the first visit */
    uint16_t vq;
    uint8_t fiber;
    unsigned char state : 2; /* enum visit_state */
    bool ends : 1;           /* true: the selection has a condition that ends the wait */
    bool look : 1;           /* true: the visit has a row of struct visit_due */
};

/* A row that few visits have: when the core must look at the visit again before its wait is over, and when the visit
 * began if its age is older. A visit has a row when its interaction has waited before or waits in several queues,
 * when a condition may end its wait, or when another line opens later. UINT64_MAX: the core need not look before the
 * wait is over. */
struct visit_due {
    uint64_t condition_us; /* when the core must evaluate the condition that ends the wait again */
    uint64_t due_us;       /* when the core must look again only because time has passed */
    uint64_t entered_us;   /* when the visit began; 0: when its age began */
    uint32_t visit;        /* the visit; free row: the next free row */
    uint32_t further;      /* the interaction's next further visit, in the order of the text; VISIT_NONE: no more */
};

struct visits_due {
    struct visit_due *all;
    uint32_t count, capacity, free;
    struct lookup by_visit;
};

struct vq {
    uint32_t name;
    uint32_t wants;   /* first selector of the queue */
    uint32_t further; /* root of the treap of further visits, sorted by rank */
    uint32_t turn;    /* number + 1 of the agent who was chosen last in turn; 0: none */
    uint64_t waiting;
    struct ages ages; /* ages of the queue's visits, kept only if `aged` of struct vqs */
    struct pace pace;
};

/* How many choices a line with a share is owed in a virtual queue (order.c). A credit is dropped together with the
 * program that used it last. */
struct credit {
    uint64_t key;     /* hash of the queue and of the line's target */
    int64_t owed;     /* how much the line is owed, in millionths of a choice */
    uint16_t program; /* number of the program */
};

struct vqs {
    const struct core_options *options;
    const struct now *now;
    const struct facts *facts;
    const struct part_rows *parts; /* the parts, of which the figures of agents are asked */
    struct names *names;
    struct vm *vm; /* runs the leaf functions of lines; set when the VM is made */
    struct agents *agents;
    const struct links *links;
    const struct accesses *accesses;
    const struct interactions *interactions;
    const struct directory *directory;
    const struct strategies *strategies;
    struct preferences *prefer; /* agents' preferences among the queues, used only if `preferred` */
    uint64_t content; /* sum of the hashes of what decides: visits, turns, credits, and how fast queues move */
    struct vq *all;
    uint32_t count, capacity;
    struct lookup by_name;
    struct visit *visits;
    uint32_t visit_count, visit_capacity, free;
    uint32_t further_count; /* how many of the visits are further ones */
    bool preferred;         /* true: some agents prefer some queues to others (prefer.h) */
    bool aged;              /* true: the queues keep the ages of their visits, since somebody has asked for one */
    struct visits_due looks;
    struct credit *credits;
    uint32_t credit_count, credit_capacity;
    struct lookup credit_by_key;
    struct selectors wants;
    struct waiters waiters;
    uint64_t (*id)(const void *owner, uint32_t slot); /* returns the id of the interaction in the given slot */
    /* makes the clauses of a new selector; NULL: selectors have none */
    void (*read)(const void *owner, struct selector *);
    const void *owner;
};

void vqs_init(struct vqs *, const void *owner, uint64_t (*id)(const void *owner, uint32_t slot));
void vqs_free(struct vqs *);
/* finds or makes a queue; VQS_MAX: there are too many, or `name` is 0 */
uint32_t vq_open(struct vqs *, uint32_t name);
uint32_t vq_find(const struct vqs *, uint32_t name); /* finds a queue; VQS_MAX: there is no such queue */
/* Notes which agent was chosen last in turn; `turn` is the agent's number + 1. */
void vq_turn(struct vqs *, uint32_t vq, uint32_t turn);

/* Adds `more` to what the program's line is owed, and returns the sum. */
int64_t vq_credit_owe(struct vqs *, uint64_t key, uint16_t program, int64_t more);
/* Called when an interaction has left the program, or another program took its place at a routing point: drops the
 * program's credits if it is in force nowhere and no interaction is in it. PROGRAM_NONE: drops nothing. */
void vqs_program_left(struct vqs *, uint16_t program);

/* Makes a visit of the interaction in the given slot. The visit has no rank until vq_join is called. `age_us`: when
 * its age began. */
uint32_t vq_enter(struct vqs *, uint32_t vq, uint32_t slot, int64_t priority, uint64_t entered_us, uint64_t age_us);
/* Makes a visit of the same interaction, with the same age, in a further queue, after the visits that it has. The
 * interaction must not have a visit in that queue. */
uint32_t vq_enter_further(struct vqs *, uint32_t visit, uint32_t vq, uint64_t entered_us);
/* Returns the next further visit after the given one, which may be the first or a further one; VISIT_NONE: there is
 * none. */
uint32_t vq_further(const struct vqs *, uint32_t visit);
/* Returns the interaction's visit in the given queue, where `visit` is its first one or VISIT_NONE; VISIT_NONE: it
 * has none there. */
uint32_t vq_visit_in(const struct vqs *, uint32_t visit, uint32_t vq);
/* Finds or makes the selector with the given values in its queue. */
uint32_t vq_want(struct vqs *, const struct wanted *);
/* Gives the visit the given selector, and its rank among the selector's visits. */
void vq_join(struct vqs *, uint32_t visit, uint32_t want);
/* The visit is chosen: it loses its rank and still counts as waiting. If the claim fails, vq_join puts it back with
 * its priority and age. */
void vq_select(struct vqs *, uint32_t visit);
/* Changes the priority of the visit and of the further ones, and their ranks if they are ranked. */
void vq_rerank(struct vqs *, uint32_t visit, int64_t priority);
/* Ends the visit. Ends the visit and frees its row. The first visit must end after the further ones. Unless the
 * strategy has withdrawn the interaction, the queue has moved (vq_expected_us). */
void vq_leave(struct vqs *, uint32_t visit, enum visit_end, uint64_t now_us);

/* Returns when the oldest age in the queue began; UINT64_MAX: nobody waits. The first call reads all visits, and all
 * queues keep their ages from then on. */
uint64_t vq_oldest_us(struct vqs *, uint32_t vq);
/* Returns when the core looks at the visit again; both times are UINT64_MAX if it has no row. */
struct visit_due visit_look(const struct vqs *, uint32_t visit);
/* Returns when the visit began: its lines and the times in statistics are counted from then. */
uint64_t visit_entered_us(const struct vqs *, const struct visit *);
/* Sets both times. The visit has a row as long as one of the two times is not UINT64_MAX, or there are further
 * visits. */
void visit_look_set(struct vqs *, uint32_t visit, uint64_t condition_us, uint64_t due_us);

/* returns a visit that exists; borrowed until the next vq_enter */
struct visit *visit_at(const struct vqs *, uint32_t visit);
/* returns the selector whose goal applies to the visit */
uint32_t visit_want(const struct vqs *, const struct visit *);
/* Returns when the visit should have been served; without a goal, when its age began. */
uint64_t visit_goal_us(const struct vqs *, const struct visit *);
/* True: the first of the two visits has the better rank. */
bool visit_before(const struct vqs *, const struct visit *, const struct visit *);
/* A loop over all visits of a selector, by rank. Nothing may change meanwhile. A treap of a billion visits is less
 * than half as deep as VQ_DEPTH; in a deeper one, which can only be forged, the loop ends early and `deeper` is set. */
enum { VQ_DEPTH = 256 };
struct vq_walk {
    const struct vqs *vqs;
    uint32_t above[VQ_DEPTH], depth;
    bool deeper;
};
void vq_walk_begin(struct vq_walk *, const struct vqs *, uint32_t want);
uint32_t vq_walk_next(struct vq_walk *);                  /* VISIT_NONE after the last */
uint32_t vq_position(const struct vqs *, uint32_t visit); /* returns the position in the whole queue, from 1 */
/* Returns the position that a visit with this priority and age would have if it came now. */
uint32_t vq_position_of_new(const struct vqs *, uint32_t vq, uint32_t slot, int64_t priority, uint64_t age_us);
/* Returns the expected wait: the position times the time in which the queue moves on by one; UINT64_MAX: unknown. */
uint64_t vq_expected_us(const struct vqs *, uint32_t vq, uint32_t position);
/* Sets the range of the expected wait (pace.h). False: unknown. */
bool vq_range_us(const struct vqs *, uint32_t vq, uint32_t position, uint64_t *low_us, uint64_t *high_us);

/* Gives all visits their ranks. No visit may have a rank before. */
void vqs_rank(struct vqs *);

/* True: ranks, counts and `content` agree with the visits. Slow. */
bool vqs_check(const struct vqs *);
