/* compiler/cli/simulate_flow.c - The flows and shifts of a plan, one after another. */
#include <stdio.h>

#include "compiler/cli/simulate.h"
#include "base/memory.h"

struct simulation_flow *simulate_add_flow(struct simulation_plan *plan, const char *strategy, const char *number)
{
    plan->flows = memory_more(plan->flows, plan->flow_count, sizeof *plan->flows);
    struct simulation_flow *flow = &plan->flows[plan->flow_count++];
    *flow = (struct simulation_flow){.handling = {SPREAD_constant, 180e6, 0, NULL, 0}};
    (void)snprintf(flow->strategy, sizeof flow->strategy, "%s", strategy);
    (void)snprintf(flow->number, sizeof flow->number, "%s", number);
    return flow;
}

void simulate_add_shift(struct simulation_agents *agents, struct simulation_shift shift)
{
    agents->shifts = memory_more(agents->shifts, agents->shift_count, sizeof *agents->shifts);
    agents->shifts[agents->shift_count++] = shift;
}
