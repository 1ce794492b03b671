/* tests/unit/core_tries.c - A step that fails is tried as often as it says, and waits between its tries. */
#include <criterion/criterion.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_tries, .timeout = 30);

/* let who = select; delay 15s; route who tries 3 every 5s: by then what was claimed is lost; stop. */
static struct image *routes_too_late(bool pause, unsigned timeout_s)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_step(w, STEP_ID_select, who);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_delay_duration, SECONDS(w, 15));
    writer_live(w, who);
    writer_step(w, STEP_ID_delay, REGISTER_NONE);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, who);
    writer_wait_timeout(w, SECONDS(w, timeout_s));
    writer_wait_answer(w, SECONDS(w, 15));
    writer_wait_tries(w, CONSTANT(writer_constant(w, TYPE_INT, 3)), pause ? SECONDS(w, 5) : OPERAND_NONE);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_place(w, failed);
    program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* Up to the first try of the route. */
static struct core_world *begin_within(bool pause, unsigned timeout_s)
{
    struct core_world *world = world_new();
    agent(world, "olga", "7004", agent_state_ready);
    world_run(world, routes_too_late(pause, timeout_s));
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    world_advance(world, 15000000);
    return world;
}

static struct core_world *begin(bool pause)
{
    return begin_within(pause, 20);
}

Test(core_tries, one_that_fails_at_once_waits_as_well)
{
    struct core_world *world = begin(true);
    expect(world, "");
    world_advance(world, 5000000);
    expect(world, "");
    world_advance(world, 4900000);
    expect(world, "");
    world_advance(world, 200000);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_tries, without_a_pause_all_are_over_at_once)
{
    struct core_world *world = begin(false);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_tries, who_hangs_up_in_the_pause_is_not_routed)
{
    struct core_world *world = begin(true);
    deleted(world, CALL);
    world_advance(world, 20000000);
    expect(world, "");
    world_end(world);
}

Test(core_tries, all_of_them_and_their_pauses_share_one_timeout)
{
    struct core_world *world = begin_within(true, 8);
    world_advance(world, 7900000);
    expect(world, "");
    world_advance(world, 200000); /* the third would begin two seconds later */
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}
