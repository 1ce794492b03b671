/* runtime/core/interactions/workbin.c - The owners of workbins, and the agents who may take from each. */
#include "runtime/core/interactions/workbin.h"

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"

uint32_t workbin_owner(struct core *core, struct span whose)
{
    uint32_t agent, count;
    if (span_is(whose, WORKBIN_OF_ALL)) return names_pass(core->names, whose);
    uint32_t name = names_find(core->names, whose);
    bool known = name != 0 &&
                 (agent_find(core->agents, name, &agent) || ability_levels(core->agents, ABILITY_GROUP, name, &count));
    return known ? name : 0;
}

bool workbin_open_to(const struct core *core, uint32_t whose, uint32_t agent)
{
    uint32_t other;
    if (agent_find(core->agents, whose, &other)) return other == agent;
    return agent_in_group(agent_at(core->agents, agent), whose) || span_is(core_name(core, whose), WORKBIN_OF_ALL);
}

bool workbin_closes(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    if (ix->owner_kind != OWNER_WORKBIN) return false;
    return !workbin_open_to(core, core->submissions->bins[submitted_of(core, ix)->bin].whose, agent);
}
