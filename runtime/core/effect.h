/* runtime/core/effect.h - Building effects, their ids, and those that are not answered yet.
 *
 * An effect is named by (interaction, ref); those of the partition have interaction 0. One that is awaited stands in
 * its owner's list, with a deadline, until an event ends it. The digest covers the bytes of all effects in their order.
 */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct timer;

enum { PENDING_NONE = UINT32_MAX };

struct effect {
    unsigned kind, link;
    struct interaction *interaction; /* NULL: the partition's */
    uint32_t ref;                    /* 0: a new one */
    uint64_t conn;                   /* 0: the interaction's leg */
    uint64_t client, req;
    int64_t timeout_us;
};

struct pending { /* 24 bytes */
    uint32_t ref, next, timer;
    uint32_t owner; /* slot of the interaction; of the partition's: the agent that it is about */
    uint16_t link, kind;
    uint8_t fiber;
    bool of_partition;
};

struct effects {
    struct pending *pending;
    uint32_t count, capacity, free;
    uint32_t partition; /* list of the partition's */
    uint32_t last_ref;  /* of the partition */
    uint32_t outstanding;
    uint64_t sent, digest;
    struct writer writer;
};

void effects_init(struct effects *);
void effects_free(struct effects *);

/* Begins the frame and returns its ref; the caller writes the row's fields with core->effects.writer. */
uint32_t effect_begin(struct core *, const struct effect *);
void effect_kv(struct core *, unsigned field); /* the scratch, less the pairs that no message may carry */
void effect_end(struct core *);                /* hands it out */

/* Awaits its end. `deadline_us` is a span; 0: none. */
void effect_await(struct core *, struct interaction *, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint32_t subject, uint64_t deadline_us);
/* The pending effect of that ref; NULL where it is not awaited, or no longer. */
struct pending *effect_pending(struct core *, const struct interaction *, uint64_t ref);
struct pending *effect_of_fiber(struct core *, const struct interaction *, uint8_t fiber);
void effect_settled(struct core *, struct interaction *, uint32_t ref);
/* No longer wanted: forgotten, and Cancel goes out where it could still be under way. */
void effect_cancel(struct core *, struct interaction *, uint32_t ref, bool tell);
void effects_forget(struct core *, struct interaction *); /* all of them, at its end */

void effect_on_timer(struct core *, const struct timer *);

/* An answer to who asked in `message`; nothing where nobody waits for one. `text` may be NULL. */
void effect_reply(struct core *, const struct message *, enum outcome, enum code, const char *text,
                  const struct kv *state);

#endif
