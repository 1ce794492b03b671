/* runtime/core/people/claim.h - A claim is the right of one interaction to one agent, until a deadline.
 *
 * It is debited from the agent's capacity when made and credited exactly once, when it is over: refused, withdrawn,
 * lapsed, or served. The table owns every claim; callers hold slots while it lives, and ids, which are never used
 * again, across waits. Agents and interactions hold the heads of their lists. */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

enum claim_state {
    CLAIM_OVER,      /* the slot is free */
    CLAIM_RESERVED,  /* chosen; to be routed by its deadline */
    CLAIM_INVITED,   /* the agent is asked: invite.h */
    CLAIM_ROUTED,    /* RouteCall is out */
    CLAIM_CONFIRMED, /* it rings */
    CLAIM_ACTIVE,    /* they talk */
};

enum { CLAIM_NONE = UINT32_MAX };

struct claim {
    uint64_t id;
    uint32_t agent, interaction;
    uint32_t next_of_agent, next_of_interaction;
    uint32_t timer;
    uint32_t ref;      /* of the effect that asks, or asked; 0: none */
    uint64_t until_us; /* when the answer is due */
    uint8_t state;
    bool routed_by_us;
    bool accepted; /* and does not go on yet */
};

struct claims {
    struct claim *all;
    uint32_t count, capacity, free;
    struct lookup by_id;
    uint64_t last_id, debited, credited;
};

void claims_init(struct claims *, uint16_t partition);
void claims_free(struct claims *);

/* Debits. `agent_head` and `interaction_head` are the owners' lists. */
uint32_t claim_make(struct claims *, uint32_t agent, uint32_t *agent_head, uint32_t interaction,
                    uint32_t *interaction_head);
/* Credits and frees the slot. */
void claim_end(struct claims *, uint32_t slot, uint32_t *agent_head, uint32_t *interaction_head);

bool claim_find(const struct claims *, uint64_t id, uint32_t *slot); /* false: it is over */
struct claim *claim_at(const struct claims *, uint32_t slot);
uint32_t claims_outstanding(const struct claims *);

#endif
