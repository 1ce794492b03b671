/* runtime/core/interactions/effect.h - Building effects, their ids, and those that are not answered yet.
 *
 * An effect is named by (interaction, ref); those of the partition have interaction 0. One that is awaited stands in
 * its interaction, with a deadline, until an event ends it: there is one at most, as a strategy waits for one thing,
 * and its busy block has something under way only while it waits for an agent; but at a race or parallel each child may
 * await one (fiber.h). Those of the partition, each about an agent, are found by their ref. The digest covers the bytes
 * of all effects in their order. */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct timer;

enum { REQUEST_NONE = UINT32_MAX };

struct effect {
    unsigned kind, link;
    struct interaction *interaction; /* NULL: the partition's */
    uint32_t ref;                    /* 0: a new one */
    uint64_t conn;                   /* 0: the interaction's leg */
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
    uint32_t agent, next; /* of those that are free */
};

struct effects {
    struct request *requests; /* the partition's */
    uint32_t count, capacity, free;
    struct lookup by_ref; /* those that are awaited */
    uint32_t last_ref;    /* of the partition */
    uint32_t outstanding;
    uint64_t sent, digest;
    struct writer writer;
};

/* Begins the frame and returns its ref; the caller writes the row's fields with core->effects->writer. */
uint32_t effect_begin(struct core *, const struct effect *);
void effect_kv(struct core *, unsigned field); /* the scratch, less the pairs that no message may carry */
void effect_end(struct core *);                /* hands it out */

/* Awaits its end, and nothing else for this fiber. `deadline_us` is a span; 0: none. */
void effect_await(struct core *, struct interaction *, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint64_t deadline_us);
/* The same of the partition's, about an agent. */
void effect_await_agent(struct core *, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                        uint64_t deadline_us);
/* The pending effect of that ref, or the fiber's; NULL where it is not awaited, or no longer. */
const struct pending *effect_pending(const struct core *, const struct interaction *, uint64_t ref);
const struct pending *effect_of_fiber(const struct core *, const struct interaction *, uint8_t fiber);
/* The partition's; NULL as above. */
const struct request *effect_request(const struct core *, uint64_t ref);
void effect_settled(struct core *, struct interaction *, uint32_t ref);
/* No longer wanted: forgotten, and Cancel goes out where it could still be under way. */
void effect_cancel(struct core *, struct interaction *, uint32_t ref, bool tell);
void effects_forget(struct core *, struct interaction *); /* at its end */
void effect_request_settled(struct core *, uint32_t ref);


/* An answer to who asked in `message`; nothing where nobody waits for one. `text` may be NULL. */
void effect_reply(struct core *, const struct message *, enum outcome, enum code, const char *text,
                  const struct kv *state);

/* The event is about a ConnID that nobody knows: asks for it, once. */
void link_ask(struct core *, const struct message *);

#endif
