/* runtime/core/media/register.h - Subscriptions of desks: states of agents, contents of queues and workbins, owners of
 * interactions.
 *
 * The table has a row per object, with the links that want to hear of it. After each event that changed the object its
 * links are told how it is now; since a newer notice may stand for an older one, each says the whole. A link whose
 * adapter comes anew has no registrations. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { REGISTERED_MAX = 1 << 16, REGISTERED_NONE = UINT32_MAX };

struct registered {
    uint64_t links;       /* a bit each, from SOURCE_LINKS on; 0: the row is free */
    uint64_t ixn;         /* of an interaction */
    uint32_t name, whose; /* of an agent, a queue, a workbin */
    uint32_t next;        /* of a free row: the next free one */
    uint8_t object;       /* enum object */
    bool changed;         /* it stands in `changed` of struct registers */
};

struct registers {
    struct registered *all;
    uint32_t count, capacity, free;
    struct lookup by_object;
    uint32_t *changed, changed_count, changed_capacity;
    uint64_t content; /* of the digest */
};

void register_on(struct core *, const struct message *); /* RequestRegister */
void register_forget_link(struct core *, unsigned source);
/* Tells the links of the agents who have it who has joined or left. */
void register_tell_party(struct core *, struct interaction *, uint32_t agent, enum party_role, bool there);
/* All that the link's agents have has been shown to it. */
void register_tell_shown(struct core *, unsigned source);
