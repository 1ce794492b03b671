/* tests/unit/core_agent.c - The ready list holds exactly those who could be chosen, longest idle first. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"

TestSuite(core_agent, .timeout = 10);

static uint32_t ready(struct agents *agents, uint32_t name, uint64_t now_us)
{
    uint32_t agent = agent_add(agents, name);
    agent_set_dn(agents, agent, 1000 + name, 0, media_set_all());
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
    agent_set_dn(&agents, marie, 70, 0, media_set_all());
    agent_set_dn(&agents, paul, 70, 0, media_set_all());
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

/* Two links that serve different media besides their lines' own. An agent of each is there; the third one is not. */
struct two_links {
    struct agents agents;
    struct media_set serves[2];
    uint32_t agent[3];
};
enum { LINK = 16, LINKED_DN = 70 };

static void at_link(struct two_links *two, uint32_t agent, unsigned link)
{
    agent_set_dn(&two->agents, two->agent[agent], LINKED_DN + agent, LINK + link, two->serves[link]);
    line_link(&two->agents, agent_at(&two->agents, two->agent[agent])->lines, true, two->serves[link]);
}

static void two_links_begin(struct two_links *two, struct media_set first, struct media_set second)
{
    agent_table_init(&two->agents);
    two->serves[0] = first;
    two->serves[1] = second;
    for (uint32_t agent = 0; agent < 3; agent++) two->agent[agent] = agent_add(&two->agents, agent + 1);
    for (uint32_t agent = 0; agent < 2; agent++) at_link(two, agent, agent);
}

/* Both lines change, one after the other, and a third agent comes to the first link. */
static void lines_change(struct two_links *two)
{
    for (unsigned change = 0; change < 4; change++)
        line_out(&two->agents, agent_at(&two->agents, two->agent[change % 2])->lines, change < 2);
    at_link(two, 2, 0);
}

static void nothing_changes(struct two_links *two)
{
    (void)two;
}

/* How many instructions `work` takes: a child does it and stops after each. Nothing else has a say in that number: no
 * clock, no other process. 0: the system traces no child. */
static unsigned long instructions_of(void (*work)(struct two_links *), struct two_links *two)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(1);
        raise(SIGSTOP);
        work(two);
        _exit(0);
    }
    unsigned long count = 0;
    int status = 0;
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status) &&
           ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0)
        count++;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? count : 0;
}

/* The share of a line in the digest names each medium that its link lacks: there are 250 of them at most links. */
Test(core_agent, a_line_changes_in_as_many_steps_whatever_media_its_link_lacks)
{
    struct two_links all, few;
    two_links_begin(&all, media_set_all(), media_set_all());
    two_links_begin(&few, media_set_one(media_voice), media_set_with(media_set_one(media_voice), media_chat, true));
    unsigned long beside = instructions_of(nothing_changes, &all);
    if (beside == 0) cr_skip_test("this system traces no child");
    unsigned long of_all = instructions_of(lines_change, &all) - beside;
    unsigned long of_few = instructions_of(lines_change, &few) - beside;
    cr_expect_gt(of_all, 200u, "%lu", of_all);
    cr_expect_lt(of_few, of_all + of_all / 4, "%lu instructions where the links lack nothing, %lu here", of_all,
                 of_few);
    agent_table_free(&all.agents);
    agent_table_free(&few.agents);
}
