/* runtime/post/unended.h - Ends what a contact store has open though nobody has it any more.
 *
 * The end of a chat or a call is lost where the process that would note it is killed, or where the core's state is
 * lost. So at each start of the link, and each minute after it, the core is asked about each interaction that the store
 * has open. The store notes an end, with its cause, for each one that the core does not have. Interactions of other
 * cores that have the same store (store_serve() in store.h) are left alone. */
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

struct unended_row { /* an interaction that has no end in the store */
    int64_t interaction, received;
    uint64_t journal;              /* journal of the core that was told of it; 0: not known */
    bool told;                     /* a core had it */
    bool erased;                   /* only a digest of its external id is left, which the core does not know */
    bool out, by_agent;            /* it goes to the customer; an agent has it, or wrote it */
    const char *external_id, *ixn; /* ixn: that core's number of it; empty: not told */
    const char *result;            /* what the store has noted of how it went; empty: nothing yet */
};

struct unended_calls {
    void *self;
    /* In the loop. True: the core is asked, by what this writes behind Read_token. False: it is not; then `*result` is
     * what became of the interaction, or stays NULL where it goes on. */
    bool (*ask)(void *self, const struct unended_row *, struct writer *, const char **result);
    /* In the loop: what became of it by the core's answer; NULL: it goes on. */
    const char *(*became)(void *self, const struct unended_row *, struct span answer);
    /* In the thread: notes the end. */
    bool (*end)(void *self, struct store *, int64_t interaction, const char *result, int64_t wall_us, struct error *);
};

/* `media` is static. `give` gives work to the owner's thread, which has the store (office.h) and ends before this. */
struct unended *unended_new(struct gcx_link *, const struct gcx_services *, const char *media,
                            const struct unended_calls *, void (*give)(void *self, const struct post_errand *));
void unended_free(struct unended *); /* NULL is allowed */
void unended_core_up(struct unended *, bool up);
/* False: the answer is to somebody else's question. */
bool unended_answered(struct unended *, const struct message *read_reply);
void unended_tick(struct unended *); /* each second */
/* Lists no page while `full` returns true, as enough rows are under way; unended_go_on() has `full` asked again. */
void unended_limit(struct unended *, bool (*full)(void *self));
void unended_go_on(struct unended *);
void unended_hurry(struct unended *);       /* makes the next looks come soon */
bool unended_looks(const struct unended *); /* is a look under way? */
/* May a core with this journal, which answers that it does not have the row, have forgotten it after its end? False:
 * the core's state was lost, and it is to be told anew. */
bool unended_may_have_ended(const struct unended_row *, uint64_t journal, struct span answer);
