/* runtime/sim/refusing.h - Says what adapters refuse of the messages and records of strategies, in one play or
 * simulation: by the rules of denied.h, and by the site if there is one. A struct refusing counts how often machines
 * have written to whom. */
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
void refusing_init(struct refusing *); /* begins with empty counts; the struct must not be moved */
void refusing_free(struct refusing *);

struct refusing_asked {
    const struct sim_site *site; /* NULL: none */
    const struct sim_link *link; /* the link that has the interaction; NULL: unknown */
    struct sim_texts texts;      /* the longest texts that the link accepts */
    struct span customer;        /* the conversation's customer; empty: the interaction identifies the person */
    struct span automatic;       /* for a mail: the user data that say a machine wrote it */
    bool talks;                  /* a conversation, whose messages go to its present participants */
    uint64_t said_us;            /* when the conversation's customer last wrote */
    uint64_t now_us;
    const struct step_call *call; /* the step that sends the message or adds the record */
};
/* Returns why the adapter refuses a message (SendMessage) or a record (AddRecord); WHY_none: it accepts it. `*exit`
 * is set to the step's exit. */
enum contract_why refusing_why(struct refusing *, const struct refusing_asked *, const struct message *effect,
                               enum code *exit);
/* Returns why no calling list of the site accepts or can block the number; WHY_none: one can. */
enum contract_why refusing_number(const struct sim_site *, struct span number);
