/* tests/unit/core_share.c - Lines with shares: those that can serve take turns, so that of ten choices each line has
 * its tenths; nothing is random. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/queues/vq.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_share, .timeout = 60);

enum { CALLS = 200 };

/* let who = select { queue desk share D; group overflow share O; after 5s: queue desk share 10% } timeout 20s; route
 * who. */
static struct image *shared(unsigned desk_percent, unsigned overflow_percent)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t desk = writer_constant(w, TYPE_QUEUE, program_name(w, TYPE_QUEUE, "desk"));
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_order(w, ORDER_share);
    writer_wait_line_target(w, OPERAND_NONE, TYPE_QUEUE, CONSTANT(desk));
    writer_wait_line_share(w, CONSTANT(writer_constant(w, TYPE_PERCENT, desk_percent * 10000)));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_line_share(w, CONSTANT(writer_constant(w, TYPE_PERCENT, overflow_percent * 10000)));
    writer_wait_line_target(w, SECONDS(w, 5), TYPE_QUEUE, CONSTANT(desk));
    writer_wait_line_share(w, CONSTANT(writer_constant(w, TYPE_PERCENT, 100000)));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begun(unsigned desk_percent, unsigned overflow_percent)
{
    struct core_world *world = world_new();
    world_run(world, shared(desk_percent, overflow_percent));
    agent(world, "olga", "7004", agent_state_ready);
    world_forget(world);
    return world;
}

/* Where one more call is routed to at once: "5000", "7004" or "". It is over then. */
static const char *one_more_call(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    world_forget(world);
    route_request(world, conn, 0);
    const char *to = strstr(world->trace, "RequestRouteCall 5000")   ? "5000"
                     : strstr(world->trace, "RequestRouteCall 7004") ? "7004"
                                                                     : "";
    if (*to) {
        talk(world, conn, to, strcmp(to, "7004") == 0 ? "olga" : "");
        if (strcmp(to, "7004") == 0) party(world, conn, to, "olga", party_role_agent, party_change_Released);
        deleted(world, conn);
    }
    world_forget(world);
    return to;
}

static unsigned at_the_desk(struct core_world *world, uint64_t calls)
{
    unsigned desk = 0;
    for (uint64_t call = 0; call < calls; call++) desk += strcmp(one_more_call(world, CALL + call), "5000") == 0;
    return desk;
}

Test(core_share, of_any_ten_choices_each_line_has_its_tenths)
{
    struct core_world *world = begun(30, 70);
    for (unsigned tens = 0; tens < 5; tens++) cr_expect_eq(at_the_desk(world, 10), 3);
    world_end(world);
}

Test(core_share, less_than_the_whole_is_by_ratio)
{
    struct core_world *world = begun(1, 1);
    cr_expect_eq(at_the_desk(world, CALLS), CALLS / 2);
    world_end(world);
}

Test(core_share, who_could_not_serve_does_not_make_up_for_it)
{
    struct core_world *world = begun(50, 50);
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_eq(at_the_desk(world, CALLS), (unsigned)CALLS);
    agent(world, "olga", "7004", agent_state_ready);
    world_forget(world);
    cr_expect_eq(at_the_desk(world, 10), 5);
    world_end(world);
}

Test(core_share, no_share_takes_nobody)
{
    struct core_world *world = begun(0, 100);
    cr_expect_eq(at_the_desk(world, CALLS), 0);
    world_end(world);
    world = begun(100, 0);
    cr_expect_eq(at_the_desk(world, CALLS), (unsigned)CALLS);
    world_end(world);
}

Test(core_share, a_line_that_cannot_serve_leaves_its_share_to_the_others)
{
    struct core_world *world = begun(1, 99);
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_eq(at_the_desk(world, CALLS), (unsigned)CALLS);
    world_end(world);
}

Test(core_share, where_nobody_can_serve_the_line_that_opens_does)
{
    struct core_world *world = begun(0, 100);
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_str_eq(one_more_call(world, CALL), "");
    world_advance(world, 4999999);
    expect(world, "");
    world_advance(world, 1);
    expect(world, "RequestRouteCall 5000\n");
    deleted(world, CALL);
    world_end(world);
}

static unsigned long credits_of(const struct core_world *world)
{
    return world->core->vqs->credit_count;
}

static void other_program(struct core_world *world)
{
    struct image *image = world->earlier;
    world_run(world, image);
}

/* A call keeps its program's credits after another program took the routing point; the digest holds in the replay. */
Test(core_share, what_a_program_is_owed_goes_with_it)
{
    struct core_world *world = begun(30, 70);
    at_the_desk(world, 10);
    cr_expect_eq(credits_of(world), 2, "in force, though no call is there");
    created(world, OTHER);
    route_request(world, OTHER, 0);
    other_program(world);
    cr_expect_eq(credits_of(world), 2, "a call is still in it");
    deleted(world, OTHER);
    cr_expect_eq(credits_of(world), 0);
    other_program(world);
    world_forget(world);
    cr_expect_eq(at_the_desk(world, 10), 3);
    cr_expect_eq(credits_of(world), 2);
    other_program(world);
    cr_expect_eq(credits_of(world), 0, "no call is in it");
    world_end(world);
}

Test(core_share, two_who_wait_for_one_agent_are_served_one_after_the_other)
{
    struct core_world *world = begun(0, 100);
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_str_eq(one_more_call(world, CALL), "");
    cr_expect_str_eq(one_more_call(world, OTHER), "");
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "RequestRouteCall 7004\n");
    deleted(world, CALL); /* whoever it was: the other one has her, or is routed when she is free */
    deleted(world, OTHER);
    world_end(world);
}
