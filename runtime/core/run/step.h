/* runtime/core/run/step.h - The steps of the language as the core performs them; each family of steps has its own file.
 *
 * A step begins when a fiber parks at it. It is done at once, fails at once, or waits. If it waits, an event or a timer
 * ends it later through strategy_step_done or strategy_step_failed. */
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
    unsigned code; /* if STEP_FAILS: enum code, the exit of the step */
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
    /* Begins the step. `ref` is 0 for a first begin. Otherwise the step begins again after a link was lost, and it
     * sends the same effect under this ref. */
    struct step_outcome (*begin)(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
    /* Cancels the step, which is no longer wanted. The core forgets the awaited effect afterwards. NULL: nothing else
     * is to be done. */
    void (*cancel)(struct core *, struct interaction *, uint8_t fiber);
    /* The step's time is over. NULL: the core cancels the step, and it fails. */
    void (*timed_out)(struct core *, struct interaction *, uint8_t fiber);
    /* The exit (enum code) of the step whose time is over. NULL: timeout. */
    unsigned (*late)(const struct core *, const struct interaction *, uint8_t fiber);
    /* `answered`: the link answered the effect that the step awaits. `lapsed`: the effect was not answered in its own
     * time. NULL: `answered` settles the effect only; `lapsed` cancels it, and the step fails. */
    void (*answered)(struct core *, struct interaction *, const struct pending *, const struct message *);
    void (*lapsed)(struct core *, struct interaction *, const struct pending *);
    /* A round of the step's busy block is over. NULL: nothing is to be done. */
    void (*busy_over)(struct core *, struct interaction *, uint8_t fiber);
    uint16_t again; /* the kind of effect that is sent again after a resync if the link has not seen it; 0: none */
    bool tells;     /* when the core cancels the effect, it sends Cancel to the link */
};

/* The operations of all steps, indexed by step number; NULL where no step has the number. Static (steps.c). */
const struct step_ops *const *steps_ops(unsigned *count);

/* Begins the step at which the fiber is parked; `ref` as in step_ops. */
struct step_outcome step_begin(struct core *, struct interaction *, uint8_t fiber, uint32_t ref);
/* The fiber's step is no longer wanted: cancels its children, its timer, the step and the effect that it awaits. */
void step_cancel(struct core *, struct interaction *, uint8_t fiber);
/* Cancels and removes the fiber's children. */
void step_cancel_children(struct core *, struct interaction *, uint8_t fiber);
/* The time of the fiber's step is over. True: the step is cancelled, and has failed with `*code`. */
bool step_timed_out(struct core *, struct interaction *, uint8_t fiber, unsigned *code);
/* A round of the busy block of the fiber's step is over. */
void step_busy_over(struct core *, struct interaction *, uint8_t fiber);
/* The operations of the step at which the fiber is parked; all NULL if it is not parked at a step. */
const struct step_ops *step_ops_of(const struct core *, const struct interaction *, uint8_t fiber);
/* The exit (enum code) of the step at which the fiber is parked, if its time is over. */
unsigned step_late_code(const struct step_ops *, const struct core *, const struct interaction *, uint8_t fiber);
/* Sets the timer of the fiber's step, at least one microsecond from now. */
void step_timer(struct core *, struct interaction *, uint8_t fiber, uint64_t in_us);
/* Begins an effect and returns its ref: `ref`, or a new one if `ref` is 0. `timeout_us`: how long the step may take;
 * -1: without an end. */
uint32_t step_effect(struct core *, struct interaction *, unsigned kind, unsigned link, uint32_t ref,
                     int64_t timeout_us);
/* The fiber awaits that effect, for so long unless a timer of its part runs already. */
void step_awaits(struct core *, struct interaction *, uint8_t fiber, unsigned kind, uint32_t ref, unsigned link,
                 int64_t timeout_us);
/* The number of the step at which the fiber is parked; 0: it is parked at none. */
unsigned step_of(const struct core *, const struct interaction *, uint8_t fiber);

/* Answers (step_answer.c). Checks an interaction that was read from a snapshot: if an effect has to be answered by some
 * time, a fiber waits for it, which goes on when that time is over. */
bool step_effects_sound(struct core *, struct interaction *);
void step_on_done(struct core *, const struct message *); /* EventDone */
/* After a resync: sends again the effects that are awaited over the link and that its adapter has not seen, those with
 * a ref above `last_ref`. An effect may have its ref from before refs were skipped (effect.h): it goes out under a
 * new ref, since nobody knows whether the answer to the old one was lost. */
void step_send_again(struct core *, struct interaction *, unsigned link, uint64_t last_ref);

/* A link reports about a treatment. */
void ivr_on_treatment(struct core *, const struct message *);

struct image_statement;
/* The statement of the step's query or request; NULL: it has none. */
const struct image_statement *query_statement(const struct core *, const struct interaction *, uint8_t fiber);
/* True: the complete answer of the step's query or request is secret, so nobody may see it. */
bool query_is_hidden(const struct core *, const struct interaction *, uint8_t fiber);
/* Makes the step's value from an answer. False: the answer does not have the type that the statement declares. */
typedef bool query_decoder(struct core *, struct interaction *, const struct image_statement *, const struct message *,
                           uint64_t *word);
/* A data source or an endpoint has answered: the step ends with what `decode` makes of it, or fails; with the code
 * `unread` where that makes nothing. `statement` is the one that the step asked for; NULL: it is not there any more. */
void query_settle(struct core *, struct interaction *, const struct pending *, const struct image_statement *statement,
                  const struct message *, query_decoder *decode, unsigned unread);
/* `late` of queries and requests: a write may have been done, so its exit is outcome_unknown. */
unsigned query_late(const struct core *, const struct interaction *, uint8_t fiber);
/* Recovered: asks again, since the answers went to the process that has ended. */
void query_on_recovered(struct core *, const struct message *);

void send_on_delivery(struct core *, const struct message *); /* EventDelivery */

/* Claims the agent of a destination. `claim` receives the claim, or CLAIM_NONE if the destination is no agent. A
 * failure may also leave a claim in it. */
struct step_outcome route_claim(struct core *, struct interaction *, uint16_t type, uint64_t word, uint32_t *claim);
/* The name of the queue that a destination of the interaction's strategy is. 0: it is no queue. */
uint32_t route_queue(const struct core *, const struct interaction *, uint16_t type, uint64_t word);
/* True: the interaction is a call, and the agent, who is at some DN, has no telephone at the call's switch. */
bool route_elsewhere(const struct core *, const struct interaction *, uint32_t agent);
uint64_t route_answer_us(struct core *, struct interaction *); /* how long the route step waits for the answer */
/* The agent has the interaction, and owns it; AGENT_NONE: likewise. The route step is over, and goes on as it must. */
void route_handed(struct core *, struct interaction *, uint32_t agent);
/* The switch has sent the call to `to` as it was asked, and says so after its time: the strategy goes on with something
 * else, which ends. */
void route_happened(struct core *, struct interaction *, uint32_t to);
/* Sends the interaction to the destination `dn`, the place of `claim` or CLAIM_NONE; the route step waits for the
 * outcome. `ref` as in step_ops. */
void route_send(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref);
void route_relieved(struct core *, struct interaction *); /* the call has left the routing point */
void route_returned(struct core *, struct interaction *); /* the call is at the routing point again */
/* AGENT_NONE: the destination is a DN without an agent */
void route_established(struct core *, struct interaction *, uint32_t agent);
/* The destination did not answer, or refused: pulls the call back. `code` is the later exit of the step. */
void route_unanswered(struct core *, struct interaction *, unsigned code);

/* Operations of the kinds of timers that hang on a part of an interaction (timer.h, fiber.h). */
uint64_t step_timer_number(const void *, const struct timer *);
uint32_t *step_timer_handle(void *, const struct timer *);
