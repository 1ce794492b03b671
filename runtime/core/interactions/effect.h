/* runtime/core/interactions/effect.h - How effects are built and numbered, and which of them are not answered yet.
 *
 * An effect is named by (interaction, ref); effects of the partition itself have the interaction 0. An awaited
 * effect is kept in its interaction, with a deadline, until an event ends the wait. An interaction awaits at most
 * one effect at a time: a strategy waits for one thing, and its busy block awaits an effect only while the strategy
 * waits for an agent. At a race or parallel each child may await one effect (fiber.h). The partition's own effects,
 * each about an agent, are found by ref. The digest covers the bytes of all effects in their order. */
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
    struct interaction *interaction; /* interaction of the effect; NULL: the effect is the partition's own */
    uint64_t about;                  /* without `interaction`: the interaction id that the frame carries; 0: none */
    uint32_t ref;                    /* ref to use; 0: effect_begin chooses a new one */
    uint64_t conn;                   /* ConnID of the call; 0: that of the interaction's leg */
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
    uint32_t agent, next; /* the agent that the request is about; free row: the next free row */
    uint16_t asked_link;  /* link of the client whose request waits for the effect's answer; 0: nobody waits */
    uint64_t asked_client, asked_req;
};

struct effects {
    const struct now *now;
    const struct names *names;
    struct links *links; /* the links; they have the ring of ConnIDs that the core asked about */
    struct timers *timers;
    struct kv *scratch;
    struct agents *agents; /* the agents; requests are about one of them */
    struct interactions *interactions;
    struct forks *forks;
    const struct effect_sink *sink; /* NULL: effects go nowhere */
    struct request *all;            /* the partition's own effects */
    uint32_t count, capacity, free;
    struct lookup by_ref; /* finds the awaited requests by ref */
    uint32_t last_ref;    /* the partition's last ref */
    uint32_t outstanding;
    uint64_t sent, digest;
    struct writer writer;
};

/* Begins the frame and returns its ref; the caller writes the fields of the message with the writer. */
uint32_t effect_begin(struct effects *, const struct effect *);
/* writes the pairs of the scratch, except for those that no message can carry */
void effect_kv(struct effects *, unsigned field);
void effect_end(struct effects *); /* ends the frame and gives it to the sink */

/* Notes that the fiber awaits the effect with the given ref and no other one. `deadline_us` is a span in
 * microseconds; 0: no deadline. */
void effect_await(struct effects *, struct interaction *, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint64_t deadline_us);
/* Notes that the core awaits an effect of the partition about an agent; else as effect_await. */
void effect_await_agent(struct effects *, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                        uint64_t deadline_us);
/* As effect_await_agent. Awaits the effect; the sender of `asked` gets its answer as a reply, or a reply that no
 * answer came in time. */
void effect_await_reply(struct effects *, const struct message *asked, uint32_t agent, unsigned kind, uint32_t ref,
                        unsigned link, uint64_t deadline_us);
/* Replies with `done` to the client who waits for the request's answer, if there is one; NULL: no answer came in
 * time. */
void effect_request_replies(struct effects *, const struct request *, const struct message *done);
/* effect_pending returns the interaction's awaited effect with that ref, effect_of_fiber the one that the fiber
 * awaits. NULL: no such effect is awaited now. */
const struct pending *effect_pending(const struct effects *, const struct interaction *, uint64_t ref);
const struct pending *effect_of_fiber(const struct effects *, const struct interaction *, uint8_t fiber);
/* Returns the partition's request with the given ref; NULL: it is not awaited. */
const struct request *effect_request(const struct effects *, uint64_t ref);
/* The effect has ended: forgets it and cancels its timer. A ref that is not awaited changes nothing. */
void effect_settled(struct effects *, struct interaction *, uint32_t ref);
/* Returns with which enum code EventDone ends the effect; code_ok: the adapter has done what the core asked for. */
unsigned effect_code_of(const struct message *done);
/* The core no longer wants the effect: forgets it. `tell`: sends Cancel to the link if the effect was awaited. */
void effect_cancel(struct effects *, struct interaction *, uint32_t ref, bool tell);
void effects_forget(void *, struct interaction *); /* ends the waits for all effects of the interaction */
void effect_request_settled(struct effects *, uint32_t ref);

/* Writes or reads the awaited effect of a row (vm/keep.h), without its timer, which the caller keeps. */
void pending_keep(struct keeper *, struct pending *);

/* Sends a Reply to the sender of `message`; does nothing if the sender expects no reply. `text` may be NULL. */
void effect_reply(struct effects *, const struct message *, enum outcome, enum code, const char *text,
                  const struct kv *state);
/* Does the same as effect_reply and names the interaction of the given id, which may have ended; 0: none. `value`
 * may be NULL. */
void effect_reply_about(struct effects *, const struct message *, uint64_t ixn, enum outcome, enum code,
                        const char *text, const struct kv *value);

/* Makes all further refs greater than those given so far, and than `least`. Links may know refs from batches that
 * were lost or skipped, and a link takes an effect with an old ref as a repetition. */
void effect_refs_skip(struct effects *, uint32_t least);
/* A link reports that it has seen effects of the interaction up to this ref. True: the core does not know that ref,
 * because it was restored from an earlier state; the interaction's refs continue above it. */
bool effect_refs_go_on(struct effects *, struct interaction *, uint64_t seen);
/* True: the ref is older than the last effect_refs_skip, so its answer may have been in a lost batch. */
bool effect_is_before_skip(const struct interaction *, uint64_t ref);

/* Asks the link about the ConnID of the event, which the core does not know. Asks once per ConnID, as long as the
 * ring of asked ConnIDs contains it. */
void effect_ask_link(struct effects *, const struct message *);
