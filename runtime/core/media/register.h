/* runtime/core/media/register.h - Subscriptions of desks: states of agents, contents of queues and workbins, owners of
 * interactions.
 *
 * The table has a row per object, with the links that have registered for it. After each event that changed the
 * object, these links get a notice. Each notice has the whole state, so that it may replace an older notice. A link
 * whose adapter has restarted has no registrations. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { REGISTERED_MAX = 1 << 16, REGISTERED_NONE = UINT32_MAX };

struct registered {
    uint64_t links;       /* the links that have registered, a bit each from SOURCE_LINKS on; 0: the row is free */
    uint64_t ixn;         /* id of the interaction, if the object is an interaction */
    uint32_t name, whose; /* name of the agent, queue or workbin; owner of the workbin */
    uint32_t next;        /* free row: the next free row */
    uint8_t object;       /* enum object */
    bool changed;         /* true: the row is in `changed` of struct registers */
};

struct registers {
    struct registered *all;
    uint32_t count, capacity, free;
    struct lookup by_object;
    uint32_t *changed, changed_count, changed_capacity;
    uint64_t content; /* share of the digest */
};

void register_on(struct core *, const struct message *); /* RequestRegister */
void register_forget_link(struct core *, unsigned source);
/* Tells the links of the interaction's agents that an agent has joined (`there`) or left. */
void register_tell_party(struct core *, struct interaction *, uint32_t agent, enum party_role, bool there);
/* Tells the desks of the interaction's agents when the reply that they owe is due, or that it is there; `warns`: it
 * is due soon. */
void register_tell_reply(struct core *, struct interaction *, bool warns);
/* Tells the link that the list of its agents' interactions is complete. */
void register_tell_shown(struct core *, unsigned source);
