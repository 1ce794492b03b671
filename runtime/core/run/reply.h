/* runtime/core/run/reply.h - Replies that are awaited: `route who reply 2m else ...`.
 *
 * The table owns the rows, at most one per interaction. A row begins when the agent has accepted the interaction: the
 * activation is over then, but its fiber stays parked at the route. The row ends with the reply, with another strategy,
 * or with the interaction. If its time comes first, media/overdue.c takes the interaction back from its agents, and the
 * strategy goes on where the route has failed, with `no_reply`.
 *
 * What counts as a reply says the column `answered` of runtime/vocabulary/media.def: of a conversation, what an agent
 * says to the customer; of mail, a mail that answers it; and of everything, that it is done with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;
struct interaction;

enum { REPLY_NONE = UINT32_MAX };

struct reply_row {
    uint64_t ixn;    /* id of the interaction whose reply is awaited; 0: the row is free */
    uint64_t due_us; /* logical time */
    uint32_t timer;  /* handle of the timer: first for the warning, then for the end of the wait */
    uint32_t next;   /* the next free row */
    bool warned;
};

struct replies {
    struct reply_row *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

/* The agent has accepted the interaction. True: the route at which the strategy stands gives them a time for the reply,
 * which begins now; the caller ends the activation, and leaves its fiber where it is. */
bool reply_await(struct core *, struct interaction *);
/* Returns when the reply is due at the latest, in logical time; 0: no reply is awaited. */
uint64_t reply_due_us(const struct core *, const struct interaction *);
/* There is a reply. True: the reply was awaited; the strategy does not go on. */
bool reply_given(struct core *, struct interaction *);
/* The reply is due soon: notes that the interaction's agents are warned, and sets the timer of the end. False: they
 * were before. */
bool reply_warns(struct core *, uint32_t row);
/* Looks at the row again after `in_us` microseconds. */
void reply_later(struct core *, uint32_t row, uint64_t in_us);
void reply_forget(void *, struct interaction *); /* removes the row, if there is one; the fiber stays as it is */
