/* runtime/core/interactions/workbin.c - The owners of workbins, and which agents may take from which workbin.
 *
 * An owner is an agent, a group, or WORKBIN_OF_ALL. All three are names of the core; if an agent and a group have
 * the same name, the agent is meant. */
#include "runtime/core/interactions/workbin.h"

#include <assert.h>

#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"

uint32_t workbin_owner(struct interactions *interactions, struct span whose)
{
    uint32_t agent, count;
    if (span_is(whose, WORKBIN_OF_ALL)) return names_pass(interactions->names, whose);
    uint32_t name = names_find(interactions->names, whose);
    bool known = name != 0 && (agent_find(interactions->agents, name, &agent) ||
                               ability_levels(interactions->agents, ABILITY_GROUP, name, &count));
    return known ? name : 0;
}

bool workbin_open_to(const struct interactions *interactions, uint32_t whose, uint32_t agent)
{
    uint32_t other;
    assert(agent < interactions->agents->count);
    if (agent_find(interactions->agents, whose, &other)) return other == agent;
    return agent_in_group(agent_at(interactions->agents, agent), whose) ||
           span_is(names_text(interactions->names, whose), WORKBIN_OF_ALL);
}

bool workbin_closes(const struct interactions *interactions, const struct interaction *ix, uint32_t agent)
{
    if (ix->owner_kind != OWNER_WORKBIN) return false;
    return !workbin_open_to(
        interactions, interactions->submissions->bins[submitted_of(interactions->submissions, ix)->bin].whose, agent);
}
