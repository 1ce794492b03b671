/* runtime/core/run/step.h - The steps of the language as the core performs them; each family of steps has its own file.
 *
 * A step begins when a fiber comes to it and waits there (parks). The step succeeds at once, fails at once, or waits.
 * If the step waits, an event or a timer ends it later through strategy_step_done or strategy_step_failed. */
#pragma once

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
    unsigned code; /* if STEP_FAILS: enum code, the exit that the step takes */
    uint64_t word; /* if STEP_IS_DONE: the result of the step */
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

/* The operations of a family of steps. vm/steps.def names the family of each step. */
struct step_ops {
    /* Begins the step. `ref` is 0 when the step begins for the first time. Otherwise the step begins again after a link
     * was lost, and sends the same effect under this ref. */
    struct step_outcome (*begin)(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
    /* Cancels the step, which is no longer wanted. The core forgets the awaited effect afterwards. NULL: nothing
     * else needs to be done. */
    void (*cancel)(struct core *, struct interaction *, uint8_t fiber);
    /* The time of the step is over. NULL: the core cancels the step, and it fails. */
    void (*timed_out)(struct core *, struct interaction *, uint8_t fiber);
    /* Returns the exit (enum code) of the step whose time is over. NULL: timeout. */
    unsigned (*late)(const struct core *, const struct interaction *, uint8_t fiber);
    /* `answered`: the link answered the effect that the step awaits. `lapsed`: no answer to the effect came in time.
     * If NULL: for `answered` only the wait for the effect ends; for `lapsed` the effect is cancelled, and the step
     * fails. */
    void (*answered)(struct core *, struct interaction *, const struct pending *, const struct message *);
    void (*lapsed)(struct core *, struct interaction *, const struct pending *);
    /* A round of the step's busy block has ended. NULL: nothing needs to be done. */
    void (*busy_over)(struct core *, struct interaction *, uint8_t fiber);
    uint16_t again; /* kind of effect that is sent again after a resync if the link has not seen it; 0: none */
    bool tells;     /* true: when the core cancels the effect, it sends Cancel to the link */
};

/* Returns the operations of all steps, indexed by step number; NULL where no step has the number. Static (steps.c). */
const struct step_ops *const *steps_ops(unsigned *count);

/* Begins the step to which the fiber has come; `ref` as in step_ops. */
struct step_outcome step_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
/* Cancels the fiber's step: its children, its timer, the step and the effect that it awaits. */
void step_cancel(struct core *, struct interaction *, uint8_t fiber);
/* Cancels and removes the fiber's children. */
void step_cancel_children(struct core *, struct interaction *, uint8_t fiber);
/* Called when the time of the fiber's step is over. True: the step was cancelled, and has failed with `*code`. */
bool step_timed_out(struct core *, struct interaction *, uint8_t fiber, unsigned *code);
/* A round of the busy block at the fiber's step has ended. */
void step_busy_over(struct core *, struct interaction *, uint8_t fiber);
/* Returns the operations of the step at which the fiber waits; all NULL if it is at no step. */
const struct step_ops *step_ops_of(const struct core *, const struct interaction *, uint8_t fiber);
/* Returns the exit (enum code) that the fiber's step takes when its time is over. */
unsigned step_late_code(const struct step_ops *, const struct core *, const struct interaction *, uint8_t fiber);
/* Sets the timer of the fiber's step, at least one microsecond from now. */
void step_timer(struct core *, struct interaction *, uint8_t fiber, uint64_t in_us);
/* Begins an effect and returns its ref: `ref`, or a new one if `ref` is 0. `timeout_us`: how long the step may take;
 * -1: without a limit. */
uint32_t step_effect(struct core *, struct interaction *, unsigned kind, unsigned link, uint32_t ref,
                     int64_t timeout_us);
/* The fiber awaits the given effect, up to the given time unless a timer of its part runs already. */
void step_awaits(struct core *, struct interaction *, uint8_t fiber, unsigned kind, uint32_t ref, unsigned link,
                 int64_t timeout_us);
/* Returns the number of the step at which the fiber waits; 0: it is at no step. */
unsigned step_of(const struct core *, const struct interaction *, uint8_t fiber);

/* Answers (step_answer.c). Checks an interaction that was read from a snapshot: for each effect with a deadline a
 * fiber must wait, which continues when the deadline has passed. */
bool step_effects_sound(struct core *, struct interaction *);
void step_on_done(struct core *, const struct message *); /* EventDone */
/* Called after a resync: sends again the awaited effects of the link that its adapter has not seen, those with a ref
 * above `last_ref`. An effect may have a ref from before refs were skipped (effect.h): it is sent under a new ref,
 * since the answer to the old one may have been lost. */
void step_send_again(struct core *, struct interaction *, unsigned link, uint64_t last_ref);

/* Takes a link's report about a treatment. */
void ivr_on_treatment(struct core *, const struct message *);

struct image_statement;
/* Returns the statement of the step's query or request; NULL: it has none. */
const struct image_statement *query_statement(const struct core *, const struct interaction *, uint8_t fiber);
/* True: the whole answer to the step's query or request is secret, so nobody may see it. */
bool query_is_hidden(const struct core *, const struct interaction *, uint8_t fiber);
/* Makes the step's value from an answer. False: the answer is not of the type that the statement declares. */
typedef bool query_decoder(struct core *, struct interaction *, const struct image_statement *, const struct message *,
                           uint64_t *word);
/* A data source or an endpoint has answered: the step ends with the value that `decode` makes, or fails; with the
 * code `unread` if `decode` can make none. `statement` is the one that the step asked for; NULL: it does not exist
 * any more. */
void query_settle(struct core *, struct interaction *, const struct pending *, const struct image_statement *statement,
                  const struct message *, query_decoder *decode, unsigned unread);
/* The operation `late` of queries and requests: a write may have been done, so the exit is outcome_unknown. */
unsigned query_late(const struct core *, const struct interaction *, uint8_t fiber);
/* Takes a Recovered: asks again, since the answers went to the process that has ended. */
void query_on_recovered(struct core *, const struct message *);

void send_on_delivery(struct core *, const struct message *); /* EventDelivery */

/* Claims the agent of a destination. `claim` receives the claim, or CLAIM_NONE if the destination is no agent. After
 * a failure it may contain a claim, too. */
struct step_outcome route_claim(struct core *, struct interaction *, uint16_t type, uint64_t word, uint32_t *claim);
/* Returns the name of the queue that a destination means, as the interaction's strategy has it. 0: the destination
 * is no queue. */
uint32_t route_queue(const struct core *, const struct interaction *, uint16_t type, uint64_t word);
/* True: the interaction is a call, and the agent, who is at some DN, has no telephone at the call's switch. */
bool route_elsewhere(const struct core *, const struct interaction *, uint32_t agent);
/* returns how long the route step waits for the answer */
uint64_t route_answer_us(struct core *, struct interaction *);
/* The agent now has and owns the interaction; AGENT_NONE: the destination is no agent. The route step has ended, and
 * the strategy continues or ends. */
void route_handed(struct core *, struct interaction *, uint32_t agent);
/* The switch reports, after the step's time, that it has sent the call to `to` as it was asked: whatever the
 * strategy does now is cancelled. */
void route_happened(struct core *, struct interaction *, uint32_t to);
/* Sends the interaction to the destination `dn`; `claim` is the claim on the agent there, or CLAIM_NONE; the route
 * step waits for the result. `ref` as in step_ops. */
void route_send(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref);
void route_relieved(struct core *, struct interaction *); /* called when the call has left the routing point */
void route_returned(struct core *, struct interaction *); /* called when the call is at the routing point again */
/* called when the destination has answered; AGENT_NONE: it is a DN without an agent */
void route_established(struct core *, struct interaction *, uint32_t agent);
/* The destination did not answer, or refused: pulls the call back. `code` is the exit that the step takes later. */
void route_unanswered(struct core *, struct interaction *, unsigned code);

/* Operations of the kinds of timers that belong to a part of an interaction (timer.h, fiber.h). */
uint64_t step_timer_number(const void *, const struct timer *);
uint32_t *step_timer_handle(void *, const struct timer *);
