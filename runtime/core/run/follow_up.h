/* runtime/core/run/follow_up.h - Follow-up strategies: the strategy that gets the customer back after the agent has
 * left, as in `route who then survey`.
 *
 * The table owns the rows, at most one per interaction. A row is made when the destination has taken the call. The row
 * is removed when the follow-up strategy or any other strategy begins, or when the interaction ends. When only the
 * customer is left, the core asks the link to pull the call back to its routing point. If the link refuses, the core
 * asks once more, and again if the link reports later that the call still exists. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { FOLLOW_UP_NONE = UINT32_MAX };

struct follow_up_row {
    uint64_t ixn;
    uint64_t hash;
    uint8_t *given; /* owned: the arguments of the strategy */
    uint32_t length;
    uint32_t next; /* the next free row */
    uint16_t program, strategy;
    /* left: name of the DN that has left; ref: effect that asks for the call, while `pulling` */
    uint32_t left, ref;
    uint8_t asked; /* how often the core has asked the link since the DN left */
    bool pulling;
};

struct follow_ups {
    struct follow_up_row *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

/* True: the `route` step at which the strategy waits names a follow-up strategy. */
bool follow_up_is_wanted(const struct core *, const struct interaction *);
/* True: the arguments of the follow-up strategy are small enough to be kept. */
bool follow_up_is_small(struct core *, const struct interaction *);
/* The destination has taken the call: keeps the follow-up strategy and its arguments in a row. */
void follow_up_keep(struct core *, struct interaction *);
/* Called when the party at `dn` has left the call. If only the customer is left, the core asks the link to pull the
 * call back. */
void follow_up_left(struct core *, struct interaction *, uint32_t dn);
/* True: the core waits for the answer to the pull-back effect `ref`. */
bool follow_up_is_awaited(const struct core *, const struct interaction *, uint64_t ref);
/* Called when the link has refused to pull the call back, or did not answer. The core asks once more. True: the link
 * was asked often enough, and the call must go to the default destinations of its routing point. */
bool follow_up_refused(struct core *, struct interaction *, unsigned code);
/* The link reports that the call exists, but not at its routing point. The core asks again if the adapter has not
 * seen its last request: `last_ref` is the newest ref that the adapter has seen. */
void follow_up_observed(struct core *, struct interaction *, uint64_t last_ref);
/* True: the core has asked for the call back, and the customer is still waiting for it. */
bool follow_up_is_pulled(const struct core *, const struct interaction *);
/* The call is at its routing point again: returns the follow-up strategy, which must begin, and removes the row.
 * `*given`: the arguments, which the caller frees with free(). */
struct binding follow_up_take(struct core *, struct interaction *, uint8_t **given);
/* Removes the row, if there is one. */
void follow_up_forget(void *, struct interaction *);
