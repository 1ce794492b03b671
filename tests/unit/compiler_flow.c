/* The flow graph proves the shortest way, points without an end, loops that only spin. */
#include <criterion/criterion.h>

#include "compiler/check/flow.h"

TestSuite(compiler_flow, .timeout = 5);

static const struct source_span nowhere = {0, 0};

Test(compiler_flow, the_path_to_the_end_is_the_shortest_one)
{
    struct flow *flow = flow_new();
    uint32_t start = flow_point(flow, FLOW_PLAIN, nowhere);
    uint32_t far = flow_point(flow, FLOW_PLAIN, (struct source_span){1, 2});
    uint32_t farther = flow_point(flow, FLOW_PLAIN, (struct source_span){3, 4});
    uint32_t end = flow_point(flow, FLOW_BODY_END, nowhere);
    flow_edge(flow, start, far, "the condition holds", false);
    flow_edge(flow, far, farther, NULL, false);
    flow_edge(flow, farther, end, NULL, false);
    flow_edge(flow, far, end, "it fails", true);
    struct flow_step steps[4];
    cr_assert_eq(flow_path_to(flow, end, steps, 4), 2);
    cr_expect_str_eq(steps[0].how, "the condition holds");
    cr_expect_str_eq(steps[1].how, "it fails");
    cr_expect_eq(steps[1].where.begin, 1);
    flow_free(flow);
}

Test(compiler_flow, what_is_not_reached_has_no_path)
{
    struct flow *flow = flow_new();
    flow_point(flow, FLOW_ENDS, nowhere);
    uint32_t end = flow_point(flow, FLOW_BODY_END, nowhere);
    cr_expect_eq(flow_path_to(flow, end, NULL, 0), -1);
    flow_free(flow);
}

Test(compiler_flow, a_point_that_only_a_failure_leaves_is_stuck)
{
    struct flow *flow = flow_new();
    uint32_t start = flow_point(flow, FLOW_PLAIN, nowhere);
    uint32_t loop = flow_point(flow, FLOW_LOOP, nowhere), wait = flow_point(flow, FLOW_WAIT, nowhere);
    uint32_t end = flow_point(flow, FLOW_ENDS, nowhere);
    flow_edge(flow, start, end, "the condition holds", false);
    flow_edge(flow, start, loop, "the condition does not hold", false);
    flow_edge(flow, loop, wait, NULL, false);
    flow_edge(flow, wait, loop, NULL, false);
    flow_edge(flow, wait, end, "it fails", true);
    cr_expect_eq(flow_stuck(flow), loop);
    flow_edge(flow, loop, end, "break", false);
    cr_expect_eq(flow_stuck(flow), FLOW_NONE);
    flow_free(flow);
}

struct wanted {
    uint32_t loop;
    bool found;
};

static void compare(uint32_t loop, void *context)
{
    struct wanted *wanted = context;
    if (loop == wanted->loop) wanted->found = true;
}

static bool spins(const struct flow *flow, uint32_t loop)
{
    struct wanted wanted = {loop, false};
    flow_spins(flow, compare, &wanted);
    return wanted.found;
}

Test(compiler_flow, a_loop_with_a_way_round_the_wait_spins)
{
    struct flow *flow = flow_new();
    uint32_t outer = flow_point(flow, FLOW_LOOP, nowhere), loop = flow_point(flow, FLOW_LOOP, nowhere);
    uint32_t wait = flow_point(flow, FLOW_WAIT, nowhere);
    flow_edge(flow, outer, loop, NULL, false);
    flow_edge(flow, loop, wait, NULL, false);
    flow_edge(flow, wait, loop, NULL, false);
    flow_edge(flow, loop, outer, NULL, false);
    cr_expect_not(spins(flow, loop));
    cr_expect(spins(flow, outer));
    flow_edge(flow, loop, loop, "continue", false);
    cr_expect(spins(flow, loop));
    flow_free(flow);
}
