/* runtime/core/interactions/authority.c - Finds out what kind of claim an agent has on an interaction
 * (runtime/vocabulary/authority.h says what each kind may do).
 *
 *     message --> who asks (operator, supervisor, home, agent)  --+
 *     claim   --> kind (owner, reviewer, party, offered, ...)   --+--> table of acts: yes or no
 *
 * The rules themselves are in the table. This file only finds the two keys under which the table is read. */
#include "runtime/core/interactions/authority.h"

#include <assert.h>

#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

static const struct claim *claim_on(const struct claims *claims, const struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claims->all[at].next_of_interaction)
        if (claims->all[at].agent == agent) return &claims->all[at];
    return NULL;
}

/* True: the agent of the given name has offered the interaction to another agent, who has not answered. */
static bool is_moved_by(const struct claims *claims, const struct interaction *ix, uint32_t name)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claims->all[at].next_of_interaction) {
        const struct claim *claim = &claims->all[at];
        if (claim->state == CLAIM_INVITED && claim->move == move_Transfer && claim->mover == name) return true;
    }
    return false;
}

/* Returns the kind for a claim that is or was active. A reviewer is an agent who checks a message that another agent
 * wrote. */
enum claim_kind authority_kind_had(const struct interactions *interactions, const struct interaction *ix,
                                   const struct claim *claim)
{
    assert(claim->agent < interactions->agents->count);
    uint32_t name = agent_at(interactions->agents, claim->agent)->name;
    bool owns = ix->owner_kind == OWNER_AGENT && ix->owner == name;
    uint32_t author = ix->submitted ? submitted_of(interactions->submissions, ix)->author : 0;
    if (claim->move == move_Monitor) return claim_kind_monitor;
    if (claim->move == move_Consult) return claim_kind_consulted;
    if (claim->move == move_Conference && !owns) return claim_kind_party;
    return author != 0 && author != name ? claim_kind_reviewer : claim_kind_owner;
}

/* True: the interaction is free: it waits in a queue or workbin, nobody has a claim on it, and the workbin is open
 * to the agent. */
bool authority_is_free(const struct interactions *interactions, const struct interaction *ix, uint32_t agent)
{
    bool waits = ix->submitted && ix->state == IX_QUEUED && ix->claims == CLAIM_NONE;
    return waits && (agent == AGENT_NONE || !workbin_closes(interactions, ix, agent));
}

/* Returns the agent's kind of claim. An agent who has offered the interaction to another agent is the mover until
 * that one answers, and has fewer rights for that time. */
enum claim_kind authority_kind(const struct interactions *interactions, const struct interaction *ix, uint32_t agent)
{
    const struct claim *claim = agent == AGENT_NONE ? NULL : claim_on(interactions->claims, ix, agent);
    if (!claim)
        return agent != AGENT_NONE && authority_is_free(interactions, ix, agent) ? claim_kind_free : claim_kind_none;
    if (claim->state != CLAIM_ACTIVE)
        return claim->state == CLAIM_INVITED || claim->ref != 0 ? claim_kind_offered : claim_kind_none;
    enum claim_kind kind = authority_kind_had(interactions, ix, claim);
    bool has = kind == claim_kind_owner || kind == claim_kind_reviewer;
    return has && is_moved_by(interactions->claims, ix, agent_at(interactions->agents, agent)->name) ? claim_kind_mover
                                                                                                     : kind;
}

/* Returns the role of the sender. A request of an administrator has that role before any other. The interaction's
 * own link has the role of the home, but only if the request names no agent. */
enum authority authority_of(const struct message *message, const struct interaction *ix, uint32_t agent,
                            bool supervises)
{
    uint64_t source = message_u(message, ENVELOPE_source);
    if (source == SOURCE_ADMIN) return AUTHORITY_operator;
    if (supervises) return AUTHORITY_supervisor;
    return agent == AGENT_NONE && ix && source == ix->link ? AUTHORITY_home : AUTHORITY_agent;
}

bool authority_may(const struct interactions *interactions, const struct message *message, const struct interaction *ix,
                   uint32_t agent, bool supervises, enum act act)
{
    return authority_allows(act, authority_kind(interactions, ix, agent), authority_of(message, ix, agent, supervises));
}

const char *authority_why(const struct interactions *interactions, const struct interaction *ix, uint32_t agent)
{
    return authority_refusal(authority_kind(interactions, ix, agent));
}
