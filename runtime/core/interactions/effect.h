/* runtime/core/interactions/effect.h - Building effects, their ids, and the effects that are not answered yet.
 *
 * An effect is named by (interaction, ref); the interaction of the partition's own effects is 0. An awaited effect
 * stands in its interaction, with a deadline, until an event ends it. An interaction awaits at most one effect at a
 * time, since a strategy waits for one thing and its busy block has something under way only while the strategy waits
 * for an agent. At a race or parallel each child may await one (fiber.h). The partition's own effects, each about an
 * agent, are found by their ref. The digest covers the bytes of all effects in their order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct agents;
struct effect_sink;
struct forks;
struct interaction;
struct interactions;
struct links;
struct now;
struct timers;

enum { REQUEST_NONE = UINT32_MAX };

struct effect {
    unsigned kind, link;
    struct interaction *interaction; /* NULL: the partition's own effect */
    uint64_t about;                  /* without `interaction`: the id that the frame carries; 0: none */
    uint32_t ref;                    /* 0: effect_begin chooses a new ref */
    uint64_t conn;                   /* 0: the ConnID of the interaction's leg */
    uint64_t client, req;
    int64_t timeout_us;
};

struct pending {
    uint32_t ref; /* 0: none */
    uint32_t timer;
    uint32_t kind : 16, link : 8, fiber : 8;
};

struct request {
    struct pending pending;
    uint32_t agent, next; /* the agent that the request is about; the next free row */
    uint16_t asked_link;  /* link of the client whose request waits for the answer; 0: none waits */
    uint64_t asked_client, asked_req;
};

struct effects {
    const struct now *now;
    const struct names *names;
    struct links *links; /* their ring of ConnIDs that were asked about */
    struct timers *timers;
    struct kv *scratch;
    struct agents *agents; /* the agents that requests are about */
    struct interactions *interactions;
    struct forks *forks;
    const struct effect_sink *sink; /* NULL: effects go nowhere */
    struct request *all;            /* the partition's own effects */
    uint32_t count, capacity, free;
    struct lookup by_ref; /* the requests that are awaited */
    uint32_t last_ref;    /* the partition's last ref */
    uint32_t outstanding;
    uint64_t sent, digest;
    struct writer writer;
};

/* Begins the frame and returns its ref; the caller writes the row's fields with the writer. */
uint32_t effect_begin(struct effects *, const struct effect *);
void effect_kv(struct effects *, unsigned field); /* writes the scratch without the pairs that no message may carry */
void effect_end(struct effects *);                /* gives the frame to the sink */

/* The fiber awaits the effect, and no other one. `deadline_us` is a span in microseconds; 0: no deadline. */
void effect_await(struct effects *, struct interaction *, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint64_t deadline_us);
/* Awaits an effect of the partition about an agent, likewise. */
void effect_await_agent(struct effects *, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                        uint64_t deadline_us);
/* As effect_await_agent. The sender of `asked` gets the effect's answer as a reply, or hears that none came in time. */
void effect_await_reply(struct effects *, const struct message *asked, uint32_t agent, unsigned kind, uint32_t ref,
                        unsigned link, uint64_t deadline_us);
/* Replies with `done` to the client who waits for the request's answer, if one does; NULL: no answer came in time. */
void effect_request_replies(struct effects *, const struct request *, const struct message *done);
/* The pending effect with that ref, or the fiber's pending effect. NULL: it is not awaited, or no longer. */
const struct pending *effect_pending(const struct effects *, const struct interaction *, uint64_t ref);
const struct pending *effect_of_fiber(const struct effects *, const struct interaction *, uint8_t fiber);
/* The partition's request with that ref; NULL as above. */
const struct request *effect_request(const struct effects *, uint64_t ref);
/* The effect is over: forgets it and cancels its timer. A ref that is not pending changes nothing. */
void effect_settled(struct effects *, struct interaction *, uint32_t ref);
/* How EventDone ends the effect that it answers: enum code; code_ok: the adapter has done what the core asked for. */
unsigned effect_code_of(const struct message *done);
/* The effect is no longer wanted: forgets it. `tell`: sends Cancel to the link if the effect was pending. */
void effect_cancel(struct effects *, struct interaction *, uint32_t ref, bool tell);
void effects_forget(void *, struct interaction *); /* the interaction no longer awaits any effect */
void effect_request_settled(struct effects *, uint32_t ref);

/* Writes or reads a pending effect in a row (vm/keep.h), without its timer, which the caller keeps. */
void pending_keep(struct keeper *, struct pending *);

/* Replies to the sender of `message`; does nothing if the sender expects no reply. `text` may be NULL. */
void effect_reply(struct effects *, const struct message *, enum outcome, enum code, const char *text,
                  const struct kv *state);
/* As effect_reply, about the interaction of that id, which may have ended; 0: none. `value` may be NULL. */
void effect_reply_about(struct effects *, const struct message *, uint64_t ixn, enum outcome, enum code,
                        const char *text, const struct kv *value);

/* Makes all further refs greater than those given so far, and than `least`. Links may know refs from batches that were
 * lost or skipped, and a link takes an effect with an old ref for a repetition. */
void effect_refs_skip(struct effects *, uint32_t least);
/* A link has seen effects of the interaction up to this ref. True: the core has not given that ref, since it was
 * restored from an earlier state; the interaction's refs go on above it. */
bool effect_refs_go_on(struct effects *, struct interaction *, uint64_t seen);
/* True: the ref was given before effect_refs_skip; its answer may have been in a lost batch. */
bool effect_is_before_skip(const struct interaction *, uint64_t ref);

/* Asks the link about the event's ConnID, which is unknown. Does so once per ConnID, as long as the ring of asked
 * ConnIDs still has it. */
void effect_ask_link(struct effects *, const struct message *);
