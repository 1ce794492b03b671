/* runtime/post/unended.h - Ends interactions that a contact store has open though no core has them any more.
 *
 * The end of a chat or a call is lost if the process that would note it is killed, or if the core's state is lost. So
 * after each start of the link, and again after pauses that grow to a minute, the core is asked about every interaction
 * that is open in the store. For each interaction that the core does not have, the store notes an end and its cause.
 * Interactions of other cores that share the store (store_serve() in store.h) are left alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/message.h"
#include "base/error.h"

struct post_errand;
struct store;
struct unended;

struct unended_row { /* an interaction without an end in the store */
    int64_t interaction, received;
    uint64_t journal;              /* the journal of the core that had it; 0: not known */
    bool told;                     /* a core had it */
    bool erased;                   /* the store has only a digest of its external id, which the core does not know */
    bool out, by_agent;            /* the interaction goes to the customer; an agent has it or wrote it */
    const char *external_id, *ixn; /* ixn: the interaction's number in that core; "": no core had it */
    const char *result;            /* the result that the store has noted so far; "": none yet */
};

struct unended_calls {
    void *self;
    /* In the loop. Called in the loop. True: the core is asked, by the fields that this function writes after
     * Read_token. False: the core is not asked; `*result` is the result of the interaction, or stays NULL if the
     * interaction goes on. */
    bool (*ask)(void *self, const struct unended_row *, struct writer *, const char **result);
    /* Called in the loop: the result of the interaction, by the core's answer; NULL: it goes on. */
    const char *(*became)(void *self, const struct unended_row *, struct span answer);
    /* Called in the thread: notes the end. */
    bool (*end)(void *self, struct store *, int64_t interaction, const char *result, int64_t wall_us, struct error *);
};

/* `media` is static. `give` hands work to the thread of the owner, which uses the store (office.h) and ends before
 * this object. */
struct unended *unended_new(struct gcx_link *, const struct gcx_services *, const char *media,
                            const struct unended_calls *, void (*give)(void *self, const struct post_errand *));
void unended_free(struct unended *); /* NULL is allowed */
void unended_core_up(struct unended *, bool up);
/* False: the answer belongs to another question. */
bool unended_answered(struct unended *, const struct message *read_reply);
void unended_tick(struct unended *); /* each second */
/* While `full` returns true, no page is listed, because enough rows are in work; unended_go_on() asks `full` again. */
void unended_limit(struct unended *, bool (*full)(void *self));
void unended_go_on(struct unended *);
void unended_hurry(struct unended *);       /* makes the next looks come sooner */
bool unended_looks(const struct unended *); /* is a look in progress? */
/* May a core with this journal, which answers that it does not have the row, have ended and forgotten it? False: the
 * core's state was lost, and it must get the item anew. */
bool unended_may_have_ended(const struct unended_row *, uint64_t journal, struct span answer);
