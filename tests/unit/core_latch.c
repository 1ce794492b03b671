/* tests/unit/core_latch.c - Latches: after every event of a random run each latch is what its conditions made of all
 * that happened, whether anybody waits or not; a replay comes to the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/read/why.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/latch.h"
#include "tests/unit/core_fixture.h"
#include "vm/block_data.h"
#include "vm/measure.h"
#include "vm/steps.h"
#include "tests/unit/drawn.h"

TestSuite(core_latch, .timeout = 60);

enum { EVENTS = 2000, ROUNDS = 3, CALLS = 6 };
enum { RUSH, LATER, BROKEN, TICKING, LATCHES };

extern const struct part_ops part_ops_latches;

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

struct body {
    struct image_writer *w;
    uint8_t set, vq, count, bound, holds;
    uint16_t vq_name;
};

/* Begins a latch's function: `count` is how many wait in vq service. */
static struct body latch_begin(struct image_writer *w, const char *name, uint16_t vq_name, unsigned measure)
{
    struct image_measure row = {
        .within_us = -1, .measure = (uint16_t)measure, .of = MEASURED_VQ, .zone = (uint16_t)IMAGE_NONE};
    uint16_t type = measure == MEASURE_ID_waiting ? TYPE_INT : TYPE_DURATION;
    writer_function_begin(w, name, FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_BOOL);
    struct body body = {.w = w, .vq_name = vq_name};
    body.set = writer_register(w, TYPE_BOOL);
    body.vq = writer_register(w, TYPE_VQ);
    body.count = writer_register(w, type);
    body.bound = writer_register(w, type);
    body.holds = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD, body.vq, writer_constant(w, TYPE_VQ, vq_name));
    writer_ab_number(w, OP_MEASURE, body.count, body.vq, writer_measure(w, &row));
    return body;
}

/* set = (set or count >= on) and not count < off */
static void latch_between(const struct body *body, uint16_t type, uint64_t on, uint64_t off)
{
    uint32_t stays = writer_label(body->w), end = writer_label(body->w);
    writer_jump(body->w, OP_JTRUE, body->set, 0, stays);
    writer_abx(body->w, OP_LOAD, body->bound, writer_constant(body->w, type, on));
    writer_abc(body->w, OP_LE, body->set, body->bound, body->count);
    writer_jump(body->w, OP_JFALSE, body->set, 0, end);
    writer_place(body->w, stays);
    writer_abx(body->w, OP_LOAD, body->bound, writer_constant(body->w, type, off));
    writer_abc(body->w, OP_LE, body->set, body->bound, body->count);
    writer_place(body->w, end);
    writer_abc(body->w, OP_RETURN, body->set, 0, 0);
    writer_function_end(body->w);
}

/* select in vq service { group overflow where later; } timeout 20s; stop. */
static struct image *latching(uint64_t rush)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t group = program_name(w, TYPE_GROUP, "overflow"), vq = program_name(w, TYPE_VQ, "service");
    uint16_t function = 0;
    struct body body = latch_begin(w, "latch rush", vq, MEASURE_ID_waiting);
    latch_between(&body, TYPE_INT, rush, 1);
    writer_latch(w, "rush", function++, false);
    writer_function_begin(w, "latch later", FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_BOOL);
    uint8_t set = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LATCH, set, RUSH);
    writer_abc(w, OP_RETURN, set, 0, 0);
    writer_function_end(w);
    writer_latch(w, "later", function++, false);
    body = latch_begin(w, "latch broken", vq, MEASURE_ID_waiting);
    writer_abx(w, OP_LOAD_INT, body.bound, 3);
    writer_abc(w, OP_SUB, body.count, body.count, body.bound);
    writer_abc(w, OP_DIV, body.bound, body.bound, body.count); /* where three wait, a fault */
    writer_abx(w, OP_LOAD_INT, body.count, 0);
    writer_abc(w, OP_LT, body.holds, body.bound, body.count);
    writer_abc(w, OP_RETURN, body.holds, 0, 0);
    writer_function_end(w);
    writer_latch(w, "broken", function++, false);
    body = latch_begin(w, "latch ticking", vq, MEASURE_ID_longest_wait);
    latch_between(&body, TYPE_DURATION, 5000000, 2000000);
    writer_latch(w, "ticking", function++, false);
    writer_function_begin(w, "where", FUNCTION_PLAIN, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t open = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LATCH, open, LATER);
    writer_abc(w, OP_RETURN, open, 0, 0);
    writer_function_end(w);
    uint16_t main = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, vq)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_where(w, function, NULL, 0, false);
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(writer_constant(w, TYPE_GROUP, group)));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, main, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static const struct latch *latch_of(const struct core_world *world, const char *name)
{
    const struct core *core = world->core;
    uint32_t wanted = names_find(core->names, span_of(name));
    for (uint32_t at = 0; at < core->latches->count; at++)
        if (core->latches->all[at].name == wanted) return &core->latches->all[at];
    return NULL;
}

static bool is_set(const struct core_world *world, const char *name)
{
    const struct latch *latch = latch_of(world, name);
    cr_assert(latch, "%s", name);
    cr_expect_not(latch->stale);
    return latch->set;
}

static struct {
    bool rush, broken;
    uint64_t faults, waiting;
} ought;

static void compare(const struct core_world *world)
{
    const struct core *core = world->core;
    uint32_t vq = vq_find(core->vqs, names_find(core->names, span_of("service")));
    uint64_t waiting = core->vqs->all[vq].waiting;
    ought.rush = (ought.rush || waiting >= 2) && waiting >= 1;
    struct core_status status;
    core_status(core, &status);
    cr_expect_geq(status.condition_faults, ought.faults);
    if (waiting == 3 && ought.waiting != 3) cr_expect_gt(status.condition_faults, ought.faults, "it is counted");
    ought.faults = status.condition_faults;
    struct condition_fault_row fault = {0};
    cr_expect_eq(core_condition_fault(core, &fault), ought.faults > 0);
    cr_expect_eq(fault.count, ought.faults);
    if (ought.faults > 0) cr_expect_str_eq(fault.what, "division by zero");
    ought.waiting = waiting;
    if (waiting != 3) ought.broken = waiting < 3 && 3 / ((int64_t)waiting - 3) < 0;
    cr_expect_eq(is_set(world, "rush"), ought.rush);
    cr_expect_eq(is_set(world, "later"), ought.rush);
    cr_expect_eq(is_set(world, "broken"), ought.broken);
    cr_expect(part_ops_latches.check(core));
}

static void something(struct core_world *world, uint64_t *seed)
{
    uint64_t conn = CALL + draw(seed, CALLS), until_us = world->time_us + draw(seed, 4) * 1500000;
    while (world->time_us < until_us) { /* timer by timer */
        uint64_t next_us = core_next_timer(world->core);
        if (next_us > until_us) next_us = until_us;
        world_advance(world, next_us > world->time_us ? next_us - world->time_us : 0);
        compare(world);
    }
    if (draw(seed, 2) == 0) {
        created(world, conn);
        route_request(world, conn, 0);
    } else {
        deleted(world, conn);
    }
    compare(world);
    world_forget(world);
}

Test(core_latch, it_is_what_its_conditions_made_of_all_that_happened)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct core_world *world = world_new();
        uint64_t seed = drawn_from() + round, turned = 0;
        memset(&ought, 0, sizeof ought);
        world_run(world, latching(2));
        compare(world);
        for (unsigned event = 0; event < EVENTS; event++) {
            bool before = ought.rush;
            something(world, &seed);
            turned += ought.rush != before;
        }
        cr_expect_gt(turned, 20);
        world_end(world);
    }
}

Test(core_latch, mere_time_sets_it)
{
    struct core_world *world = world_new();
    world_run(world, latching(2));
    created(world, CALL);
    route_request(world, CALL, 0);
    world_advance(world, 4000000);
    cr_expect_not(is_set(world, "ticking"));
    world_advance(world, 1000000);
    cr_expect(is_set(world, "ticking"));
    deleted(world, CALL);
    cr_expect_not(is_set(world, "ticking"));
    world_end(world);
}

Test(core_latch, where_no_block_was_free_it_looks_again_soon)
{
    struct core_world *world = world_new();
    world_run(world, latching(2));
    created(world, CALL);
    route_request(world, CALL, 0);
    world_advance(world, 4000000);
    uint32_t blocks_max = world->core->slab->blocks_max;
    world->unchecked = true;
    world->core->slab->blocks_max = world->core->slab->count;
    world_advance(world, 2000000);
    cr_expect_not(is_set(world, "ticking"));
    world->core->slab->blocks_max = blocks_max;
    world_advance(world, 10000);
    cr_expect(is_set(world, "ticking"));
    world_free(world);
}

Test(core_latch, another_image_brings_other_conditions_and_leaves_it_set)
{
    struct core_world *world = world_new();
    struct image *first = world->image;
    world_run(world, latching(1));
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_expect(is_set(world, "rush"));
    world_run(world, latching(2));
    cr_expect(is_set(world, "rush"));
    deleted(world, CALL);
    cr_expect_not(is_set(world, "rush"));
    created(world, OTHER);
    route_request(world, OTHER, 0);
    cr_expect_not(is_set(world, "rush"), "two must wait now");
    cr_expect_eq(world->core->latches->count, LATCHES);
    world->unchecked = true; /* a world has two images, and this one three */
    world_free(world);
    image_free(first);
}

Test(core_latch, why_says_what_a_line_reads_and_changes_nothing)
{
    struct core_world *world = world_new();
    struct why_figure rows[WHY_FIGURES_MAX];
    struct interaction_row row;
    world_run(world, latching(2));
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert(core_find(world->core, CALL, &row));
    uint64_t digest = core_digest(world->core);
    cr_assert_eq(core_why_figures(world->core, row.ixn, 0, rows), 1);
    cr_expect(span_is(rows[0].figure, "later") && strcmp(rows[0].is, "not set") == 0 && !rows[0].holds);
    cr_expect_eq(core_why_figures(world->core, row.ixn, 1, rows), 0, "no condition");
    cr_expect_eq(core_why_figures(world->core, row.ixn, 9, rows), 0);
    cr_expect_eq(core_digest(world->core), digest);
    created(world, OTHER);
    route_request(world, OTHER, 0);
    cr_assert_eq(core_why_figures(world->core, row.ixn, 0, rows), 1);
    cr_expect(strcmp(rows[0].is, "set") == 0 && rows[0].holds);
    world_end(world);
}

Test(core_latch, none_is_kept_that_no_program_reads)
{
    struct core_world *world = world_new();
    created(world, CALL);
    cr_expect_eq(world->core->latches->count, 0);
    world_end(world);
}
