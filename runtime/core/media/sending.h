/* runtime/core/media/sending.h - Messages that agents have written in sessions, and ends of sessions that the core has
 * asked for, until the home confirms them.
 *
 * An agent's message is acknowledged before the home has it. The home may be lost before it keeps the message, so the
 * core holds the message until EventDelivery or EventDone for it comes, and sends it again under its ref when the link
 * is up again. The home knows a repeated message by its msg_id. CloseSession is held in the same way until the home
 * tells that the session has ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { SENDING_NONE = UINT32_MAX, SENDINGS_MAX = 64 }; /* SENDINGS_MAX: most messages of one interaction */

struct sending {
    uint8_t *frame;  /* owned: the EventMessage; unused for the session's end */
    uint32_t length; /* bytes of `frame`; 0: this is the session's end, the last row of the interaction */
    uint32_t slot;   /* slot of the interaction */
    uint32_t ref;    /* ref of the effect; 0: nothing is sent yet, since the home's link was held */
    uint8_t cause;   /* session's end: enum cause */
    uint32_t next;   /* the interaction's next row, or the next free row */
};

struct sendings {
    struct sending *all;
    uint32_t count, capacity, free;
    struct lookup by_slot; /* the first row of an interaction */
};

/* True: the home has not confirmed SENDINGS_MAX messages of the interaction, and no more are taken. */
bool sendings_full(const struct core *, const struct interaction *);
/* Holds the message and returns its row. */
uint32_t sending_hold(struct core *, struct interaction *, const struct message *);
/* Holds the session's end and returns its row. SENDING_NONE: the end is held already. */
uint32_t sending_hold_end(struct core *, struct interaction *, enum cause);
/* Notes that the row's effect goes out with that ref. */
void sending_went(struct core *, struct interaction *, uint32_t row, uint32_t ref);
/* The interaction's rows in the order in which the messages came: `row` is SENDING_NONE at first. SENDING_NONE: no
 * more. */
uint32_t sending_next(const struct core *, const struct interaction *, uint32_t row);
/* Frees the interaction's rows, since the session is over and nothing is to be sent again. */
void sendings_forget(void *, struct interaction *);

void sending_on_delivery(struct core *, const struct message *); /* EventDelivery */
/* Does a message of an agent reach the customer, in a session or as the answer to a single short message? */
bool sending_reaches(const struct interaction *);
