/* runtime/core/media/sending.h - Messages that agents have written in sessions, and ends of sessions that the core has
 * asked for, until the home confirms them.
 *
 * An agent's message is confirmed to the agent before the home has it. The home may be lost before it keeps the
 * message, so the core holds the message until EventDelivery or EventDone for it comes, and sends it again under its
 * ref when the link is up again. The home recognizes a repeated message by its msg_id. CloseSession is kept in the
 * same way until the home reports that the session has ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { SENDING_NONE = UINT32_MAX, SENDINGS_MAX = 64 }; /* SENDINGS_MAX: most unconfirmed messages of one interaction */

struct sending {
    uint8_t *frame;  /* owned: the EventMessage; not used for the session's end */
    uint32_t length; /* bytes of `frame`; 0: the row is the session's end, the last row of the interaction */
    uint32_t slot;   /* slot of the interaction */
    uint32_t ref;    /* ref of the effect; 0: not sent yet, because the home's link was held */
    uint8_t cause;   /* session's end: enum cause */
    uint32_t next;   /* the next row of the interaction, or the next free row */
};

struct sendings {
    struct sending *all;
    uint32_t count, capacity, free;
    struct lookup by_slot; /* finds the first row of an interaction */
};

/* True: SENDINGS_MAX messages of the interaction are not confirmed by the home, so no more are taken. */
bool sendings_full(const struct core *, const struct interaction *);
/* Stores the message and returns its row. */
uint32_t sending_hold(struct core *, struct interaction *, const struct message *);
/* Stores the session's end and returns its row. SENDING_NONE: the end is stored already. */
uint32_t sending_hold_end(struct core *, struct interaction *, enum cause);
/* Notes that the row's effect is sent with the given ref. */
void sending_went(struct core *, struct interaction *, uint32_t row, uint32_t ref);
/* Returns the interaction's next row, in the order in which the messages came: `row` is SENDING_NONE at first.
 * SENDING_NONE: no more. */
uint32_t sending_next(const struct core *, const struct interaction *, uint32_t row);
/* Frees the interaction's rows: the session is over and nothing must be sent again. */
void sendings_forget(void *, struct interaction *);

void sending_on_delivery(struct core *, const struct message *); /* EventDelivery */
/* Does a message of an agent reach the customer, in a session or as the answer to a single short message? */
bool sending_reaches(const struct interaction *);
