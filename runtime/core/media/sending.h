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

enum { SENDING_NONE = UINT32_MAX, SENDINGS_MAX = 64 }; /* SENDINGS_MAX: of one interaction */

struct sending {
    uint8_t *frame;  /* owned: the EventMessage; of the end nothing that counts */
    uint32_t length; /* 0: it is the session's end, the interaction's last row */
    uint32_t slot;   /* the interaction's */
    uint32_t ref;    /* of the effect; 0: the home's link was held, and nothing is sent yet */
    uint8_t cause;   /* enum cause of the end */
    uint32_t next;   /* the interaction's next row, or the next free row */
};

struct sendings {
    struct sending *all;
    uint32_t count, capacity, free;
    struct lookup by_slot; /* the first row of an interaction */
};

/* True: the home has not confirmed SENDINGS_MAX messages of the interaction, and no more are taken. */
bool sendings_full(const struct core *, const struct interaction *);
/* Holds the message; its row. */
uint32_t sending_hold(struct core *, struct interaction *, const struct message *);
/* Likewise the session's end. SENDING_NONE: it is held already. */
uint32_t sending_hold_end(struct core *, struct interaction *, enum cause);
/* Its effect goes out with that ref. */
void sending_went(struct core *, struct interaction *, uint32_t row, uint32_t ref);
/* The interaction's rows in the order in which the messages came: `row` is SENDING_NONE at first. SENDING_NONE: no
 * more. */
uint32_t sending_next(const struct core *, const struct interaction *, uint32_t row);
/* The session is over: nothing is sent again. */
void sendings_forget(void *, struct interaction *);

void sending_on_delivery(struct core *, const struct message *); /* EventDelivery */
/* True: what an agent writes reaches the customer: in a session, or as the answer to a short message by itself. */
bool sending_reaches(const struct interaction *);
