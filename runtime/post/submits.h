/* runtime/post/submits.h - Submits: a plugin asks the core whether it takes an item, and each such question has a
 * number until the core has answered. An answer is lost if the link to the core breaks, and may never come: then the
 * plugin asks again, or the other side brings the item again. The core recognises by the external id an item that it
 * has already. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct message;

/* What the core's answer means for the sender of the item. */
enum submit_fate {
    SUBMIT_TAKEN,
    SUBMIT_LATER,   /* not taken now, but perhaps later */
    SUBMIT_REFUSED, /* not taken until the site is changed: its queue is missing */
    SUBMIT_NEVER,   /* the item would be refused each time */
};
enum submit_fate submit_fate(enum code);

struct submit { /* one question to the core, in the memory of its owner */
    uint64_t number, since_us;
    void *owner;
};

struct submit_answer {
    enum submit_fate fate;
    enum code code;
    bool replied; /* the core has answered; false: no answer came */
    bool before;  /* the core had the item already */
    uint64_t ixn;
};

/* Called with the answer, after the submit was removed from the table. The function may put other submits into the
 * table. */
typedef void submit_answered(void *self, void *owner, const struct submit_answer *);

struct submits {
    GHashTable *all;
    uint64_t numbers;
    void *self;
    submit_answered *answered;
};

/* `first`: larger than any number of the last process, so that numbers do not repeat. */
void submits_init(struct submits *, uint64_t first, submit_answered *, void *self);
uint64_t submits_number(struct submits *);
/* Puts a submit, which was posted to the core under its number, into the table. */
void submits_put(struct submits *, struct submit *, void *owner, uint64_t now_us);
/* Takes a Reply of the core. False: the Reply answers none of these submits. */
bool submits_replied(struct submits *, const struct message *reply);
/* Posts each submit again under its number, because the core is back; one for which `post` returns false is answered
 * SUBMIT_LATER. `post` must not change the table. */
void submits_again(struct submits *, bool (*post)(void *self, void *owner));
/* Answers SUBMIT_LATER to submits that have waited for `patience_us` without an answer. */
void submits_put_off(struct submits *, uint64_t now_us, uint64_t patience_us);
void submits_free(struct submits *, void (*owner_free)(void *owner));
