/* runtime/core/steps/select.h - Selection: matches interactions that wait with agents who are ready.
 *
 * Invariant: between two events no ready agent matches an open line of a waiting interaction, because the core claims
 * such an agent for it at once. The longest idle agent is chosen unless the selection names another order. Waiting
 * interactions are served by rank.
 *
 * There are two occasions for a match. For a visit that comes, or whose lines have changed, the core looks at the
 * ready agents who fulfil its rarest term (candidates.h). For an agent who becomes ready it looks at the visits that
 * wait for such an agent, best rank first (waiters.h). Agents who become ready are marked while an event is applied,
 * and looked at when the parts settle, longest idle first. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"

struct core;
struct interaction;
struct message;
struct visit;

enum { NOBODY_KEPT = 64 };

/* The fresh visits (select_fresh.h); the first `ranked` of them are a heap by rank. */
struct selection {
    struct fresh {
        uint64_t ixn;
        int64_t priority; /* rank of the visit when it was put into the heap */
        uint64_t goal_us; /* visit_goal_us */
    } * fresh;
    uint32_t fresh_count, fresh_capacity, ranked;
    /* The last call for which no agent could be reached. This record is only for the log: it is not in snapshots and
     * counts from the start of the process. */
    struct unreached {
        uint64_t ixn, count;
        uint32_t vq; /* a name */
    } unreached;
    /* The last names that came as data and do not exist, so that a line adds nobody; they are only shown to people. The
     * names are not in snapshots. */
    struct named_nobody {
        uint64_t ixn;
        uint32_t line; /* number of the line in the selection */
        struct vm_missed name;
    } nobody[NOBODY_KEPT];
    uint32_t nobody_count;
};

/* Returns the name that does not exist, so that the line adds nobody; NULL: the name is not known. */
const struct vm_missed *select_nobody_named(const struct core *, uint64_t ixn, uint32_t line);

/* A parameter, table or schedule has changed, or the clock was set: evaluates the conditions that end waits again. */
void select_settings_changed(struct core *);
/* Called when rows of preferences or agents' profiles have changed: computes classes and ranks anew (prefer.h), and all
 * waiting interactions look for a target again. */
void select_preferences_changed(struct core *);
void select_on_clock(struct core *, const struct message *);
/* The interaction's link is up again: opens the lines that became due meanwhile. */
void select_refresh(struct core *, struct interaction *);
/* Removes the interaction from its queues, if it waits in any. `end`: enum visit_end. */
void select_leave(void *, struct interaction *, unsigned end);
/* Does the same as select_leave, because an agent or a queue has the interaction now. `vq`: name of the virtual
 * queue whose line chose that target, or 0; in other queues the interaction counts as cleared. */
void select_distributed(struct core *, struct interaction *, uint32_t vq);
/* Returns the interaction's visit in the queue whose line chose the agent; if no agent is chosen, its first visit;
 * VISIT_NONE: it waits in no queue. */
uint32_t select_visit(const struct core *, const struct interaction *);
/* Writes the selection's open lines, its order and its exclusions into strategies->lines and returns their number.
 * `next_us` receives the age of the visit at which the lines change next, or INT64_MAX. */
uint32_t select_open_lines(struct core *, const struct interaction *, const struct visit *, int64_t *next_us);
/* True: each waiting interaction is at the selection to which its selector belongs. */
bool select_check(struct core *);
/* True: no waiting interaction could be served by a ready agent. Each agent is compared with each selector. */
bool select_passes_nobody(struct core *);
/* True: each visit with a rank has a strategy that waits at a step. `self`: the core. */
bool select_sound(void *self);

/* select_hold: no agent is chosen while the busy block plays its mandatory part; `busy` is the block's fiber.
 * select_release: that part is over; `fiber` is the selection's fiber. */
void select_hold(struct core *, struct interaction *, uint8_t busy);
void select_release(struct core *, struct interaction *, uint8_t fiber);
/* Makes the interaction look for a target again, because an obstacle is gone; it keeps its place. */
void select_again(struct core *, struct interaction *);
/* Sets another priority: the interaction's places in queues change, and it looks again if the priority decides
 * whether it may take agents who are kept for campaigns. Does nothing if the interaction waits in no queue. */
void select_rerank(struct core *, struct interaction *, int64_t priority);
/* The interaction goes on waiting, but no agent is chosen for it until select_again. */
void select_nobody(struct core *, struct interaction *);
/* Called when an agent who was asked has accepted; `word`: the agent with the claim, as the step returns it. */
void select_taken(struct core *, struct interaction *, uint64_t word);
