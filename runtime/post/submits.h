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
    SUBMIT_LATER,   /* it is not taken now, but may be later */
    SUBMIT_REFUSED, /* it is not taken until the site changes: its queue is missing */
    SUBMIT_NEVER,   /* it would be refused whenever it came */
};
enum submit_fate submit_fate(enum code);

struct submit { /* one question, kept by its owner */
    uint64_t number, since_us;
    void *owner;
};

struct submit_answer {
    enum submit_fate fate;
    enum code code;
    bool replied; /* the core has answered; false: no answer came */
    bool before;  /* the core had it already */
    uint64_t ixn;
};

/* Called with the answer when the submit has left the table. The function may put others into the table. */
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
/* Puts into the table a submit that was posted to the core under its number. */
void submits_put(struct submits *, struct submit *, void *owner, uint64_t now_us);
/* Takes a Reply of the core. False: it answers none of these submits. */
bool submits_replied(struct submits *, const struct message *reply);
/* Posts each submit again under its number, as the core is back; one for which `post` returns false is answered
 * SUBMIT_LATER. `post` leaves the table as it is. */
void submits_again(struct submits *, bool (*post)(void *self, void *owner));
/* Answers SUBMIT_LATER to submits that have waited so long without an answer. */
void submits_put_off(struct submits *, uint64_t now_us, uint64_t patience_us);
void submits_free(struct submits *, void (*owner_free)(void *owner));
