/* tests/unit/core_agent.c - The ready list holds exactly those who could be chosen, longest idle first. */
#include <criterion/criterion.h>

#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"

TestSuite(core_agent, .timeout = 10);

static uint32_t ready(struct agents *agents, uint32_t name, uint64_t now_us)
{
    uint32_t agent = agent_add(agents, name);
    agent_set_dn(agents, agent, 1000 + name, 0);
    agent_set_state(agents, agent, agent_state_ready, now_us);
    agent_settle(agents, agent, now_us, false);
    return agent;
}

Test(core_agent, the_longest_idle_is_first)
{
    struct agents agents;
    agent_table_init(&agents);
    uint32_t marie = ready(&agents, 1, 10), paul = ready(&agents, 2, 20), jean = ready(&agents, 3, 30);
    cr_assert_eq(agents.first, marie);
    cr_assert_eq(agents.last, jean);
    agent_settle(&agents, marie, 40, true); /* ended a call, and was free all the time: nothing moves yet */
    agent_set_state(&agents, marie, agent_state_not_ready, 50);
    agent_settle(&agents, marie, 50, false);
    cr_assert_eq(agents.first, paul);
    agent_set_state(&agents, marie, agent_state_ready, 60);
    agent_settle(&agents, marie, 60, false);
    cr_assert_eq(agents.last, marie);
    cr_assert(agents_check(&agents));
    agent_table_free(&agents);
}

Test(core_agent, who_was_claimed_in_vain_comes_back_to_the_old_place)
{
    struct agents agents;
    agent_table_init(&agents);
    uint32_t marie = ready(&agents, 1, 10), paul = ready(&agents, 2, 20);
    agent_at(&agents, marie)->load.units[media_voice] = 1;
    agent_at(&agents, marie)->load.media = media_set_one(media_voice);
    agent_set_claimed(&agents, marie, 1);
    agent_settle(&agents, marie, 30, false);
    cr_assert_eq(agents.first, paul);
    agent_at(&agents, marie)->load = (struct media_load){.media = {{0}}};
    agent_set_claimed(&agents, marie, 0);
    agent_settle(&agents, marie, 40, false);
    cr_assert_eq(agents.first, marie);
    cr_assert(agents_check(&agents));
    agent_table_free(&agents);
}

Test(core_agent, nobody_is_ready_without_a_dn_or_with_one_out_of_service)
{
    struct agents agents;
    agent_table_init(&agents);
    uint32_t marie = ready(&agents, 1, 10);
    agent_at(&agents, marie)->dn_out = true;
    agent_settle(&agents, marie, 20, false);
    cr_assert_eq(agents.ready, 0u);
    uint32_t paul = agent_add(&agents, 2);
    agent_set_state(&agents, paul, agent_state_ready, 20);
    agent_settle(&agents, paul, 20, false);
    cr_assert_eq(agents.ready, 0u);
    cr_assert(agents_check(&agents));
    agent_table_free(&agents);
}

Test(core_agent, a_dn_has_one_agent_at_a_time)
{
    struct agents agents;
    uint32_t found;
    agent_table_init(&agents);
    uint32_t marie = agent_add(&agents, 1), paul = agent_add(&agents, 2);
    agent_set_dn(&agents, marie, 70, 0);
    agent_set_dn(&agents, paul, 70, 0);
    cr_assert(agent_on_dn(&agents, 0, 70, &found) && found == paul);
    cr_assert_eq(line_agent_dn(&agents, marie), 0u);
    agent_table_free(&agents);
}

Test(core_agent, skills_are_set_changed_and_taken_away)
{
    struct agents agents;
    agent_table_init(&agents);
    uint32_t marie = agent_add(&agents, 1);
    agent_set_skill(agent_at(&agents, marie), 5, 9);
    agent_set_skill(agent_at(&agents, marie), 6, 2);
    agent_set_skill(agent_at(&agents, marie), 5, 7);
    cr_assert_eq(agent_level(agent_at(&agents, marie), 5), 7u);
    agent_set_skill(agent_at(&agents, marie), 5, 0);
    cr_assert_eq(agent_level(agent_at(&agents, marie), 5), 0u);
    cr_assert_eq(agent_level(agent_at(&agents, marie), 6), 2u);
    agent_set_group(agent_at(&agents, marie), 8, true);
    cr_assert(agent_in_group(agent_at(&agents, marie), 8));
    agent_set_group(agent_at(&agents, marie), 8, false);
    cr_assert_not(agent_in_group(agent_at(&agents, marie), 8));
    agent_table_free(&agents);
}
