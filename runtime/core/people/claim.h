/* runtime/core/people/claim.h - Claims: a claim is the right of one interaction to one agent, until a deadline.
 *
 *     RESERVED --> INVITED --> ROUTED --> CONFIRMED --> ACTIVE --> OVER
 *       chosen      asked       sent       it rings      talk       from each state: refused, withdrawn, lapsed, served
 *
 * A call that is routed at once is not INVITED; what was submitted rings nowhere, and goes from INVITED to ACTIVE.
 *
 * Invariant: a claim is debited from the agent's capacity when it is made, and credited exactly once when it is over
 * (refused, withdrawn, lapsed or served): it takes one unit of one medium. The table owns the claims. Other code keeps
 * a slot only while the claim lives; across waits it keeps the id, which is never used again. Agents and interactions
 * hold the heads of their lists of claims. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/vocabulary.h"

struct media_load;

enum claim_state {
    CLAIM_OVER,      /* the slot is free */
    CLAIM_RESERVED,  /* the agent is chosen; the call must be routed by the deadline */
    CLAIM_INVITED,   /* the agent is asked: invite.h */
    CLAIM_ROUTED,    /* RouteCall is out */
    CLAIM_CONFIRMED, /* the call rings at the agent */
    CLAIM_ACTIVE,    /* the agent and the customer talk */
};

enum { CLAIM_NONE = UINT32_MAX };

struct claim {
    uint64_t id;
    uint32_t agent, interaction;
    uint32_t next_of_agent, next_of_interaction;
    uint32_t timer;
    uint32_t ref;      /* ref of the effect that asks the agent; 0: none */
    uint64_t until_us; /* time when the answer is due */
    uint64_t made_us, answered_us;
    uint32_t mover; /* name of the agent whose request has made the claim; 0: none */
    uint32_t vq;    /* name of the virtual queue for which the agent was chosen; 0: none */
    uint32_t group; /* name of the group in the selection's line that has the agent; 0: none */
    uint16_t line;  /* line of the selection that has chosen the agent, from 0 */
    uint16_t link;  /* link by which the agent is asked or has the interaction; 0: nothing was sent to the agent */
    uint8_t state;
    uint8_t medium; /* enum media: medium of which the claim takes a unit of capacity */
    bool routed_by_us;
    uint8_t move;  /* enum move: what `mover` has asked for */
    bool ruled;    /* a supervisor gives the agent what others have: they lose it when the agent accepts */
    bool accepted; /* the agent has accepted, and the selection has not gone on yet */
};

struct claims {
    const struct names *names;
    struct timers *timers;
    const struct agents *agents; /* the agents, who hold lists of their claims */
    struct claim *all;
    uint32_t count, capacity, free;
    struct lookup by_id;
    uint64_t last_id, debited, credited;
};

void claims_init(struct claims *, uint16_t partition);
void claims_free(void *claims);
void claims_skip(struct claims *, uint64_t least); /* makes further ids greater than `least` */

/* Makes a claim in the state CLAIM_RESERVED, debits a unit of `medium`, and returns its slot. `load` has
 * the units that the agent's claims take of each medium; only claim_make and claim_end change it.
 * `agent_head` and `interaction_head` are the heads of the owners' lists. CLAIM_NONE: the agent has more claims than
 * can be counted. */
uint32_t claim_make(struct claims *, uint32_t agent, uint32_t *agent_head, struct media_load *, enum media medium,
                    uint32_t interaction, uint32_t *interaction_head);
/* Credits the claim and frees the slot. The caller has cancelled its timer. */
void claim_end(struct claims *, uint32_t slot, uint32_t *agent_head, struct media_load *, uint32_t *interaction_head);

/* Does the agent only look on or give advice, unseen by the customer? */
bool claim_looks_on(const struct claim *);
/* Counts, per medium, those claims of an agent by which the core has given an interaction. `first`: head of the agent's
 * list. */
void claims_given(const struct claims *, uint32_t first, uint8_t given[MEDIA_KINDS]);
bool claim_find(const struct claims *, uint64_t id, uint32_t *slot); /* false: the claim is over */
struct claim *claim_at(const struct claims *,
                       uint32_t slot);              /* a claim that lives; borrowed until the next claim_make */
uint32_t claims_outstanding(const struct claims *); /* number of living claims */
