/* runtime/core/step.h - The steps of the language, as the core performs them: a family a file.
 *
 * A step is begun when a fiber parks at it. It is done at once, fails at once, or waits: then an event or a timer ends
 * it through strategy_step_done or strategy_step_failed. With a `ref` it is begun again after a link was lost: the same
 * effect goes out under the same name. */
#ifndef CORE_STEP_H
#define CORE_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct pending;

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

struct step_outcome ivr_begin(struct core *, struct interaction *, uint8_t fiber, unsigned step, uint32_t ref);
void ivr_on_treatment(struct core *, const struct message *);

/* Is what the step's query or request answers for nobody's eyes, all of it? */
bool query_is_hidden(const struct core *, const struct interaction *, uint8_t fiber);
struct step_outcome query_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
void query_answered(struct core *, struct interaction *, uint8_t fiber, const struct message *);
struct step_outcome http_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
void http_answered(struct core *, struct interaction *, uint8_t fiber, const struct message *);
/* Why there is no answer that can be read, of a source or an endpoint; code_ok: there is one. `statement`: what was
 * asked. */
struct image_statement;
unsigned query_fault(const struct image_statement *statement, const struct message *);
/* What a step fails with whose time is over. */
unsigned query_late(const struct core *, const struct interaction *, uint8_t fiber);
void query_ask_again(struct core *); /* after a recovery: the answers were for the process that has ended */

struct step_outcome select_begin(struct core *, struct interaction *, uint8_t fiber);
void select_on_timer(struct core *, struct interaction *, uint8_t fiber); /* timed out, or another line opens */

struct step_outcome route_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
/* The agent of a destination, claimed; CLAIM_NONE where it is none, and with a failure a claim may be left. */
struct step_outcome route_claim(struct core *, struct interaction *, uint16_t type, uint64_t word, uint32_t *claim);
struct step_outcome stop_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref, enum call_op);
/* What is asked of the call itself, and answered at once: call.answer, recording.*. */
struct step_outcome control_begin(struct core *, struct interaction *, uint8_t fiber, unsigned step, uint32_t ref);
bool step_is_control(unsigned step);
void control_done(struct core *, struct interaction *, uint8_t fiber, unsigned code); /* code_ok: it succeeded */
struct step_outcome signal_begin(struct core *, struct interaction *, uint8_t fiber);
struct step_outcome exclude_begin(struct core *, struct interaction *, uint8_t fiber);
void route_relieved(struct core *, struct interaction *); /* the routing point is relieved */
void route_returned(struct core *, struct interaction *); /* the call is at the routing point again */
void route_established(struct core *, struct interaction *, uint32_t agent); /* AGENT_NONE: somebody at that DN */
void route_refused(struct core *, struct interaction *, unsigned code);      /* RouteCall or pull_back: EventError */
void route_unanswered(struct core *, struct interaction *, unsigned code);
void route_abandon_claim(struct core *, struct interaction *, bool served);

#endif
