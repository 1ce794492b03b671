/* runtime/core/run/reply.h - Replies that are awaited: `route who reply 2m else ...`, and how long whoever has accepted
 * may be away: `route who reply 2m absence 10m else ...`.
 *
 * The table owns the rows, at most one per interaction. A row begins when the agent has accepted the interaction: the
 * activation is over then, but its fiber stays parked at the route. The row ends with the reply, with another strategy,
 * or with the interaction; with `absence` it stays after the reply. If the time of the row is over before that,
 * media/overdue.c takes the interaction back from its agents, and the strategy goes on where the route has failed, with
 * `no_reply`.
 *
 * The owner of an interaction is away while not ready, logged out or out of reach for its medium. Changes of agents and
 * owners are noticed at once (reply_look, agent_told, agent_moves). The timer, which looks four times within `absence`,
 * notices that a link is lost.
 *
 * The column `answered` of runtime/vocabulary/media.def says what counts as a reply: in a conversation what an agent
 * says to the customer, for a mail another mail that answers it. For every medium the interaction's end counts, too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;
struct interaction;

enum { REPLY_NONE = UINT32_MAX };

struct reply_row {
    uint64_t ixn;        /* id of the interaction whose reply is awaited; 0: the row is free */
    uint64_t due_us;     /* logical time at which the reply is overdue; 0: there is a reply, or no time for it */
    uint64_t given_us;   /* how long the first owner had for the reply; 0: the reply has no time */
    uint64_t absence_us; /* how long the owner may be away; 0: without limit */
    /* logical time at which the owner will have been away for `absence_us`; 0: the owner is there */
    uint64_t away_due_us;
    /* handle of the timer REPLY_DUE, which fires first for the warning, then when the reply is overdue */
    uint32_t timer;
    uint32_t away_timer; /* handle of the timer REPLY_AWAY; 0: the route has no `absence` */
    uint32_t next;       /* the next free row */
    bool warned;
    /* true: the agents were told that the work will be taken because its owner is away, and not yet that it stays */
    bool away_warned;
};

enum { REPLY_DUE, REPLY_AWAY }; /* the two timers of a row, by their part */

struct replies {
    struct reply_row *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn;
};

/* The agent has accepted the interaction. True: the route at which the strategy stands gives the agent a time for the
 * reply, which begins now; the caller ends the activation, and leaves its fiber where it is. */
bool reply_await(struct core *, struct interaction *);
/* Returns when the reply is due, in logical time; 0: none is awaited. */
uint64_t reply_due_us(const struct core *, const struct interaction *);
/* Returns when the owner of the interaction, who is away, has been away for too long, in logical time; 0: the owner is
 * there, or may be away without limit. */
uint64_t reply_away_due_us(const struct core *, const struct interaction *);
/* True: a reply is awaited. */
bool reply_is_awaited(const struct core *, const struct interaction *);
/* True: the strategy may go on at the route where its fiber stands. */
bool reply_waits(const struct core *, const struct interaction *);
/* Called when the strategy will not go on: removes the row, if there is one, and what the strategy has kept. */
void reply_over(struct core *, struct interaction *);
/* There is a reply. True: the reply was awaited; the strategy does not go on. */
bool reply_given(struct core *, struct interaction *);
/* Called when the interaction has another owner, or its owner has done something with it: if the owner is away, the
 * time of the absence begins anew, else the absence is over. */
void reply_look(struct core *, struct interaction *);
/* Called when the interaction has lost all its agents, who have not left it themselves. True: the route has `absence`,
 * so the strategy goes on after this event. */
bool reply_left(struct core *, struct interaction *);
/* Called when an agent hands the interaction on to another person. True: there was a reply, and the row has stayed; the
 * time for a reply begins anew for that person, and is as long as the first time. */
bool reply_handed(struct core *, struct interaction *);
/* Called when the timer REPLY_AWAY fires. True: the owner has been away for too long. `tells`: the agents are to be
 * told whether the interaction will be taken from them (`warns`) or not. */
bool reply_is_away(struct core *, uint32_t row, bool *tells, bool *warns);
/* The reply is due soon: notes that the interaction's agents are warned, and sets the timer of the end. False: the
 * agents were warned before. */
bool reply_warns(struct core *, uint32_t row);
/* Looks at the row again after `in_us` microseconds; `part`: REPLY_DUE or REPLY_AWAY. */
void reply_later(struct core *, uint32_t row, uint8_t part, uint64_t in_us);
void reply_forget(void *, struct interaction *); /* removes the row, if there is one; the fiber stays as it is */
