/* runtime/sim/refusing.h - What the adapters refuse of what strategies send and add, as one play or simulation asks
 * them: by the rules of denied.h, and by the site where one is given. It owns how often machines have written to whom.
 */
#pragma once

#include "runtime/core/base/table.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/denied.h"

struct refusing {
    struct refusing_address {
        uint64_t key;
        struct denied_machine machine;
    } * addresses;
    uint32_t count;
    struct lookup by_key;
};
void refusing_init(struct refusing *); /* it stays where it is */
void refusing_free(struct refusing *);

struct refusing_asked {
    const struct sim_site *site; /* NULL: none */
    const struct sim_link *link; /* the link that has the interaction; NULL: not known */
    struct sim_texts texts;      /* the longest texts that the link takes */
    struct span customer;        /* the conversation's customer; empty: the interaction stands for that person */
    struct span automatic;       /* of a mail: its user data say so that a machine wrote it */
    bool talks;                  /* it is a conversation, which goes to whoever is there */
    uint64_t said_us;            /* when the message's customer wrote last */
    uint64_t now_us;
    const struct step_call *call; /* the step that sends or adds */
};
/* Why the adapter refuses what the core asks it to send (SendMessage) or to add (AddRecord); WHY_none: it takes it.
 * `*exit`: that of the step. */
enum contract_why refusing_why(struct refusing *, const struct refusing_asked *, const struct message *effect,
                               enum code *exit);
/* Why no calling list of the site takes the number, or can block it; WHY_none: one does. */
enum contract_why refusing_number(const struct sim_site *, struct span number);
