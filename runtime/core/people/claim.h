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
    CLAIM_CONFIRMED, /* it rings */
    CLAIM_ACTIVE,    /* they talk */
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
    uint32_t mover; /* name of the agent who has asked for it; 0: nobody has */
    uint32_t vq;    /* name of the virtual queue for which the agent was chosen; 0: for none */
    uint32_t group; /* name of the group that the line of the selection names, and has the agent; 0: none */
    uint16_t line;  /* and the line of the selection that has chosen it, from 0 */
    uint16_t link;  /* the one through which the agent is asked, or has it; 0: nothing was sent to the agent */
    uint8_t state;
    uint8_t medium; /* enum media: the medium of which it takes a unit */
    bool routed_by_us;
    uint8_t move;  /* enum move: as `mover` has asked for it */
    bool ruled;    /* a supervisor gives what others have: they have it no more once it is accepted */
    bool accepted; /* the agent has accepted, and the selection has not gone on yet */
};

struct claims {
    const struct names *names;
    struct timers *timers;
    const struct agents *agents; /* whose lists the claims are in */
    struct claim *all;
    uint32_t count, capacity, free;
    struct lookup by_id;
    uint64_t last_id, debited, credited;
};

void claims_init(struct claims *, uint16_t partition);
void claims_free(void *claims);
void claims_skip(struct claims *, uint64_t least); /* ids go on above this one, within the partition */

/* Makes a claim in the state CLAIM_RESERVED, debits a unit of `medium`, and returns its slot. `load` has
 * the units that the agent's claims take of each medium; only claim_make and claim_end change it.
 * `agent_head` and `interaction_head` are the heads of the owners' lists. CLAIM_NONE: the agent has more claims than
 * can be counted. */
uint32_t claim_make(struct claims *, uint32_t agent, uint32_t *agent_head, struct media_load *, enum media medium,
                    uint32_t interaction, uint32_t *interaction_head);
/* Credits the claim and frees the slot. The caller has cancelled its timer. */
void claim_end(struct claims *, uint32_t slot, uint32_t *agent_head, struct media_load *, uint32_t *interaction_head);

/* Does the agent look on only, or give advice? The customer does not see that the agent is there. */
bool claim_looks_on(const struct claim *);
/* Counts the claims of a list that are given, per medium. `first` is the head of an agent's list. */
void claims_given(const struct claims *, uint32_t first, uint8_t given[MEDIA_KINDS]);
bool claim_find(const struct claims *, uint64_t id, uint32_t *slot); /* false: the claim is over */
struct claim *claim_at(const struct claims *,
                       uint32_t slot);              /* a claim that lives; borrowed until the next claim_make */
uint32_t claims_outstanding(const struct claims *); /* number of living claims */
