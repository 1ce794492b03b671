/* runtime/core/run/step.h - The steps of the language, as the core performs them: a family a file.
 *
 * A step is begun when a fiber parks at it. It is done at once, fails at once, or waits: then an event or a timer ends
 * it through strategy_step_done or strategy_step_failed. */
#ifndef CORE_STEP_H
#define CORE_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct pending;
struct timer;

enum step_status { STEP_WAITS, STEP_IS_DONE, STEP_FAILS };

struct step_outcome {
    enum step_status status;
    unsigned code; /* STEP_FAILS: enum code */
    uint64_t word; /* STEP_IS_DONE */
};

static inline struct step_outcome step_waits(void)
{
    return (struct step_outcome){.status = STEP_WAITS};
}
static inline struct step_outcome step_done(uint64_t word)
{
    return (struct step_outcome){.status = STEP_IS_DONE, .word = word};
}
static inline struct step_outcome step_fails(unsigned code)
{
    return (struct step_outcome){.status = STEP_FAILS, .code = code};
}

/* What the core does for a family of steps. vm/steps.def names the family of each step. */
struct step_ops {
    /* Begins the step; with a `ref` again, after a link was lost: the same effect under the same name. */
    struct step_outcome (*begin)(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
    /* The step is no longer wanted. The effect that it awaits is forgotten afterwards. NULL: there is nothing else. */
    void (*cancel)(struct core *, struct interaction *, uint8_t fiber);
    /* The step's time is over. NULL: it is cancelled and fails. */
    void (*timed_out)(struct core *, struct interaction *, uint8_t fiber);
    /* The effect that it awaits was answered, or was not within the effect's own time. NULL: it awaits none. */
    void (*answered)(struct core *, struct interaction *, const struct pending *, const struct message *);
    void (*lapsed)(struct core *, struct interaction *, const struct pending *);
    uint16_t again; /* the kind of effect that a link is sent again where it has not seen it; 0: none */
    bool tells;     /* whoever works on the effect is told when it is cancelled */
};

/* All of them, by the numbers of their steps; NULL where a number is no step's (steps.c). */
const struct step_ops *const *steps_ops(unsigned *count);

struct step_outcome step_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
/* What is pending of this fiber is no longer wanted. */
void step_cancel(struct core *, struct interaction *, uint8_t fiber);
void step_cancel_children(struct core *, struct interaction *, uint8_t fiber); /* and they are gone */
void step_effect_lapsed(struct core *, struct interaction *, const struct pending *);
void step_timed_out(struct core *, struct interaction *, uint8_t fiber);
void step_on_done(struct core *, const struct message *); /* EventDone */
/* After a resync: the adapter has not seen what is newer than `last_ref`. */
void step_send_again(struct core *, struct interaction *, uint64_t last_ref);
/* Sets the timer of the fiber's step. */
void step_timer(struct core *, struct interaction *, uint8_t fiber, uint64_t in_us);
/* The step at which the fiber is parked; 0. */
unsigned step_of(const struct core *, const struct interaction *, uint8_t fiber);

/* Why the adapter did not do what it was asked for, as the exit of a step. */
unsigned step_code_of(const struct message *);

void ivr_on_treatment(struct core *, const struct message *);

/* Is what the step's query or request answers for nobody's eyes, all of it? */
bool query_is_hidden(const struct core *, const struct interaction *, uint8_t fiber);
/* Why there is no answer that can be read, of a source or an endpoint; code_ok: there is one. `statement`: what was
 * asked. */
struct image_statement;
unsigned query_fault(const struct image_statement *statement, const struct message *);
/* The exit of a step whose time is over. */
unsigned query_late(const struct core *, const struct interaction *, uint8_t fiber);
void query_ask_again(struct core *); /* after a recovery: the answers were for the process that has ended */

/* The agent of a destination, claimed; CLAIM_NONE where it is none, and with a failure a claim may be left. */
struct step_outcome route_claim(struct core *, struct interaction *, uint16_t type, uint64_t word, uint32_t *claim);
void route_relieved(struct core *, struct interaction *); /* the routing point is relieved */
void route_returned(struct core *, struct interaction *); /* the call is at the routing point again */
void route_established(struct core *, struct interaction *, uint32_t agent); /* AGENT_NONE: somebody at that DN */
void route_refused(struct core *, struct interaction *, unsigned code);      /* RouteCall or pull_back: EventError */
void route_unanswered(struct core *, struct interaction *, unsigned code);
void route_abandon_claim(struct core *, struct interaction *, bool served);

void effect_on_timer(struct core *, const struct timer *);

#endif
