/* tests/unit/core_turns.c - Strategies that compute for long take turns: others come in between, each goes on where it
 * was, and an endless loop is stopped after so many. A loop around a step that fails at once goes on later and later.
 */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/exec.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_turns, .timeout = 30);

enum { FOR_EVER = 0, MS = 1000 };

/* while i < rounds { i += 1; } */
static void computes(struct image_writer *w, int64_t rounds)
{
    uint8_t i = writer_register(w, TYPE_INT), last = writer_register(w, TYPE_INT), less = writer_register(w, TYPE_BOOL);
    uint32_t again = writer_label(w), over = writer_label(w);
    writer_abx(w, OP_LOAD, last, writer_constant(w, TYPE_INT, (uint64_t)rounds));
    writer_place(w, again);
    writer_abc(w, OP_LT, less, i, last);
    if (rounds != FOR_EVER) writer_jump(w, OP_JFALSE, less, 0, over);
    writer_abc(w, OP_ADD_I, i, i, 1);
    writer_jump(w, OP_LOOP, 0, 0, again);
    writer_place(w, over);
}

static uint16_t child(struct image_writer *w, uint16_t strategy, const char *called, int64_t rounds)
{
    uint16_t number = writer_function_begin(w, called, FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    computes(w, rounds);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return number;
}

/* Computes, and then stops with a reason; in so many children, where there are any, all at once. */
static struct image *computing(int64_t rounds, unsigned children)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), all[2];
    static const char *const names[] = {"one", "two"};
    for (unsigned at = 0; at < children; at++) all[at] = child(w, strategy, names[at], rounds);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    if (children == 0) computes(w, rounds);
    if (children > 0) writer_wait_begin(w, NULL);
    for (unsigned at = 0; at < children; at++) writer_wait_child(w, all[at], NULL, 0, REGISTER_NONE);
    if (children > 0) writer_wait_timeout(w, SECONDS(w, 20));
    if (children > 0) writer_step(w, STEP_ID_parallel, REGISTER_NONE);
    program_stop(w, program_text(w, "done"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(int64_t rounds, unsigned children)
{
    struct core_world *world = world_new();
    world_run(world, computing(rounds, children));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    expect(world, "");
    return world;
}

static uint32_t waiting(const struct core_world *world)
{
    return timers_of_kind(world->core->timers, TIMER_TURN);
}

Test(core_turns, an_endless_loop_is_stopped_after_fifty_and_others_come_in_between)
{
    struct core_world *world = begin(FOR_EVER, 0);
    cr_assert_eq(waiting(world), 1);
    world_advance(world, 48 * MS);
    expect(world, "");
    cr_assert_eq(waiting(world), 1);
    world_advance(world, MS);
    expect(world, "RouteDefault fault\n");
    cr_assert_eq(waiting(world), 0);
    struct last_row fault;
    cr_assert(core_strategy_fault(world->core, &fault) == false, "made by hand, it has no lines");
    world_end(world);
}

Test(core_turns, one_that_comes_to_an_end_goes_on_where_it_was)
{
    struct core_world *world = begin(100000, 0);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    world_advance(world, 3 * MS);
    cr_assert_eq(vm_turns(world->core->slab, block_at(world->core->slab, ix->block), 0), 3);
    expect(world, "");
    world_advance(world, 2 * MS);
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_assert_eq(waiting(world), 0);
    world_end(world);
}

Test(core_turns, the_more_there_are_the_later_each_has_its_next)
{
    struct core_world *world = begin(FOR_EVER, 0);
    for (unsigned call = 1; call < 4; call++) {
        created(world, CALL + call);
        route_request(world, CALL + call, 0);
    }
    cr_assert_eq(waiting(world), 4);
    uint64_t batches = world->number;
    world_advance(world, 40 * MS);
    cr_assert_lt(world->number - batches, 50, "a turn a millisecond, and some at first");
    world_advance(world, 1000 * MS);
    cr_assert_eq(waiting(world), 0);
    world_end(world);
}

Test(core_turns, the_children_of_a_parallel_take_turns_like_others)
{
    struct core_world *world = begin(30000, 2);
    cr_assert_eq(waiting(world), 2);
    world_advance(world, 20 * MS);
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_assert_eq(waiting(world), 0);
    world_end(world);
}

Test(core_turns, who_hangs_up_or_loses_the_link_in_between_is_let_go)
{
    struct core_world *world = begin(FOR_EVER, 0);
    deleted(world, CALL);
    cr_assert_eq(waiting(world), 0);
    created(world, OTHER);
    route_request(world, OTHER, 0);
    link_down(world);
    world_advance(world, 10 * MS);
    cr_assert_eq(waiting(world), 1, "frozen until the link is back");
    world_end(world);
    world = begin(FOR_EVER, 2);
    deleted(world, CALL);
    cr_assert_eq(waiting(world), 0);
    world_end(world);
}

/* for ever { say "again", and if that fails, again; after `pause_s`, where it is not 0 } */
static struct image *tries_for_ever(uint64_t pause_s)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t again = writer_label(w), failed = writer_label(w);
    writer_place(w, again);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_say_text, program_text(w, "again"));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_ivr_say, REGISTER_NONE);
    writer_place(w, failed);
    if (pause_s > 0) program_delay(w, pause_s);
    writer_jump(w, OP_LOOP, 0, 0, again);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* How often the switch is asked within `for_us`, if it refuses each time at once. `*last_us`: between the last two. */
static unsigned refused(struct core_world *world, uint64_t for_us, uint64_t *last_us)
{
    uint64_t end_us = world->time_us + for_us, asked_us = world->time_us;
    unsigned count = 0;
    for (;;) {
        uint32_t ref = world->last_ref[KIND_RequestApplyTreatment];
        if (ref != 0) {
            count++;
            *last_us = world->time_us - asked_us;
            asked_us = world->time_us;
            world->last_ref[KIND_RequestApplyTreatment] = 0;
            done(world, world->ixn, ref, outcome_error, code_refused);
            continue;
        }
        uint64_t next_us = timers_next(world->core->timers);
        if (next_us > end_us) return count;
        world_advance(world, next_us - world->time_us);
    }
}

Test(core_turns, a_loop_around_a_step_that_fails_at_once_goes_on_later_and_later)
{
    struct core_world *world = world_new();
    uint64_t last_us = 0;
    world_run(world, tries_for_ever(0));
    created(world, CALL);
    route_request(world, CALL, 0);
    unsigned first = refused(world, 25000 * MS, &last_us), then = refused(world, 600000 * MS, &last_us);
    cr_expect(first > 16 && first < 120, "%u times in 25 s", first);
    cr_expect(last_us > 800 * MS && last_us < 1000 * MS, "%u us between the last two", (unsigned)last_us);
    unsigned slowly = refused(world, 25000 * MS, &last_us);
    cr_expect(slowly > 20 && slowly < 32, "%u times in the last 25 s, %u before", slowly, then);
    world_end(world);
}

Test(core_turns, a_loop_that_makes_a_pause_of_its_own_goes_on_as_it_says)
{
    struct core_world *world = world_new();
    uint64_t last_us = 0;
    world_run(world, tries_for_ever(1));
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_expect_eq(refused(world, 60000 * MS, &last_us), 61u);
    cr_expect_eq(last_us, 1000 * MS);
    world_end(world);
}

Test(core_turns, who_hangs_up_while_the_next_step_is_put_off_is_let_go)
{
    struct core_world *world = world_new();
    uint64_t last_us = 0;
    world_run(world, tries_for_ever(0));
    created(world, CALL);
    route_request(world, CALL, 0);
    refused(world, 60000 * MS, &last_us);
    cr_assert_eq(timers_of_kind(world->core->timers, TIMER_AGAIN), 1);
    deleted(world, CALL);
    cr_assert_eq(timers_of_kind(world->core->timers, TIMER_AGAIN), 0);
    world_end(world);
}
