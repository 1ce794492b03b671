/* runtime/core/people/agent_dirty.c - The list of agents whom selection must look at again when the event is over.
 *
 * The list also notes whether it is in idle order. If the list is in idle order, and if a selection names no order of
 * its own, the first matching agent of the list is the right one. */
#include "runtime/core/base/memory.h"
#include "runtime/core/people/agent.h"

void agent_dirty(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    if (who->dirty) return;
    who->dirty = true;
    agents->dirty = memory_grow(agents->dirty, &agents->dirty_capacity, agents->dirty_count + 1, sizeof *agents->dirty);
    if (agents->dirty_count == 0)
        agents->dirty_in_order = true;
    else if (agent_at(agents, agents->dirty[agents->dirty_count - 1])->idle_rank > who->idle_rank)
        agents->dirty_in_order = false;
    agents->dirty[agents->dirty_count++] = agent;
}
