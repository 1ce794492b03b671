/* runtime/core/people/claim.h - Claims: a claim reserves an agent for one interaction, until a deadline.
 *
 *     RESERVED --> INVITED --> ROUTED --> CONFIRMED --> ACTIVE --> OVER
 *       chosen      asked       sent       it rings      talk       from each state: refused, withdrawn, lapsed, served
 *
 * A call that is routed at once is never INVITED; submitted work does not ring, and goes from INVITED to ACTIVE.
 *
 * Invariant: a claim takes one unit of one medium of the agent's capacity when it is made, and gives it back exactly
 * once when it ends (refused, withdrawn, lapsed or served). The table owns the claims. Code outside of this table keeps
 * a claim's slot only as long as the claim exists; across waits it keeps the id, which is never used again. The heads
 * of the lists of claims are in the agents and interactions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/vocabulary.h"

struct media_load;

enum claim_state {
    CLAIM_OVER,      /* the slot is free */
    CLAIM_RESERVED,  /* the agent is chosen; the call must be routed before the deadline */
    CLAIM_INVITED,   /* the agent is asked to accept (invite.h) */
    CLAIM_ROUTED,    /* RouteCall is out */
    CLAIM_CONFIRMED, /* the call rings at the agent */
    CLAIM_ACTIVE,    /* the agent and the customer talk */
};

enum { CLAIM_NONE = UINT32_MAX };

/* The place of a claim among those whose telephones ring together for one call. */
enum claim_rings {
    RINGS_ALONE,
    RINGS_FIRST, /* the claim of the agent who was chosen as the selection's target */
    RINGS_ALONG, /* a further agent, whose telephone rings if the call is routed to the target */
};

struct claim {
    uint64_t id;
    uint32_t agent, interaction;
    uint32_t next_of_agent, next_of_interaction;
    uint32_t timer;
    uint32_t ref;      /* ref of the effect that asks the agent; 0: none */
    uint64_t until_us; /* time until which the agent or switch must answer; if the claim rings along or first, and no
                        * agent was asked: how long the agent is left out if nobody answers */
    uint64_t made_us, answered_us;
    uint32_t mover; /* name of the agent whose request has made the claim; 0: none */
    uint32_t vq;    /* name of the virtual queue for which the agent was chosen; 0: none */
    uint32_t group; /* name of the group in the selection's line that has the agent; 0: none */
    uint16_t line;  /* number of the line of the selection that chose the agent, from 0 */
    uint16_t link;  /* link by which the agent is asked or has the interaction; 0: nothing was sent to the agent */
    uint8_t state;
    uint8_t medium; /* enum media: medium of which the claim takes a unit of capacity */
    bool routed_by_us;
    uint8_t move;  /* enum move: what `mover` has asked for */
    bool ruled;    /* true: a supervisor gives the agent an interaction of others, who lose it when the agent accepts */
    bool accepted; /* true: the agent has accepted, and the selection has not continued yet */
    uint8_t rings; /* enum claim_rings */
};

struct claims {
    const struct names *names;
    struct timers *timers;
    const struct agents *agents; /* the agents, who have the lists of their claims */
    struct claim *all;
    uint32_t count, capacity, free;
    struct lookup by_id;
    uint64_t last_id, debited, credited;
};

void claims_init(struct claims *, uint16_t partition);
void claims_free(void *claims);
void claims_skip(struct claims *, uint64_t least); /* makes all later ids greater than `least` */

/* Makes a claim in the state CLAIM_RESERVED, takes a unit of `medium`, and returns its slot. `load` has the units
 * that the agent's claims take of each medium; only claim_make and claim_end change it. `agent_head` and
 * `interaction_head` are the heads of the owners' lists. CLAIM_NONE: the agent has more claims than can be counted. */
uint32_t claim_make(struct claims *, uint32_t agent, uint32_t *agent_head, struct media_load *, enum media medium,
                    uint32_t interaction, uint32_t *interaction_head);
/* Ends the claim: gives its unit back and frees the slot. The caller has cancelled its timer. */
void claim_end(struct claims *, uint32_t slot, uint32_t *agent_head, struct media_load *, uint32_t *interaction_head);

/* Does the agent only watch or give advice, unnoticed by the customer? */
bool claim_looks_on(const struct claim *);
/* Counts, per medium, the claims by which the core has given this agent an interaction. `first`: head of the agent's
 * list. */
void claims_given(const struct claims *, uint32_t first, uint8_t given[MEDIA_KINDS]);
/* finds the claim with the given id; false: it has ended */
bool claim_find(const struct claims *, uint64_t id, uint32_t *slot);
struct claim *claim_at(const struct claims *,
                       /* returns the claim, which must exist; borrowed until the next claim_make */
                       uint32_t slot);
uint32_t claims_outstanding(const struct claims *); /* number of living claims */
