/* runtime/post/submits.h - A plugin's questions to the core whether it takes something, until the core has answered:
 * each has a number. An answer is lost with the link that it comes by, and may never come: then the plugin asks again,
 * or whoever has brought the work does. The core knows by its external id what it has already. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct message;

/* The meaning of the core's answer for whoever has brought it. */
enum submit_fate {
    SUBMIT_TAKEN,
    SUBMIT_LATER,   /* it is not taken now, */
    SUBMIT_REFUSED, /* or not while the site stays as it is: its queue is missing */
    SUBMIT_NEVER,   /* it would be refused whenever it came */
};
enum submit_fate submit_fate(enum code);

struct submit { /* the owner's */
    uint64_t number, since_us;
    void *owner;
};

struct submit_answer {
    enum submit_fate fate;
    enum code code;
    bool replied; /* it is the core's own answer; else none came */
    bool before;  /* it had it already */
    uint64_t ixn;
};

/* It is no submit of the table any more. The function may put others into the table. */
typedef void submit_answered(void *self, void *owner, const struct submit_answer *);

struct submits {
    GHashTable *all;
    uint64_t numbers;
    void *self;
    submit_answered *answered;
};

/* `first`: another number than those of the process before. */
void submits_init(struct submits *, uint64_t first, submit_answered *, void *self);
uint64_t submits_number(struct submits *);
/* It was posted to the core under its number. */
void submits_put(struct submits *, struct submit *, void *owner, uint64_t now_us);
/* False: the Reply is to none of these. */
bool submits_replied(struct submits *, const struct message *reply);
/* The core is back. Each is posted again under its number; false: it cannot be, and is answered SUBMIT_LATER. `post`
 * leaves the table as it is. */
void submits_again(struct submits *, bool (*post)(void *self, void *owner));
/* No answer came to those that have waited so long: SUBMIT_LATER. */
void submits_put_off(struct submits *, uint64_t now_us, uint64_t patience_us);
void submits_free(struct submits *, void (*owner_free)(void *owner));
