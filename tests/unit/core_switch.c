/* tests/unit/core_switch.c - A strategy that gives over to another one, and when it does not come to that. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_switch, .timeout = 30);

enum { STEPS_AT_ONCE = 1000 /* strategy.c takes more for a loop without end */ };

/* enterprise: so many steps that end at once, switch to other; on error: a second, and its end. other: ten seconds, an
 * hour. */
static struct image *switching(unsigned steps)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t other = program_strategy(w, "other");
    uint16_t dn = CONSTANT(writer_constant(w, TYPE_DN, program_name(w, TYPE_DN, "7001")));
    uint16_t to = CONSTANT(writer_constant(w, TYPE_INT, other));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    for (unsigned at = 0; at < steps; at++) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_exclude_who, dn); /* nobody: it ends at once */
        writer_wait_argument(w, PARAMETER_exclude_duration, SECONDS(w, 1));
        writer_step(w, STEP_ID_exclude, REGISTER_NONE);
    }
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_switch_strategy, to);
    writer_step(w, STEP_ID_switch, REGISTER_NONE);
    writer_function_end(w);
    uint16_t handler = writer_function_begin(w, "enterprise.error", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    program_delay(w, 1);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    uint16_t there = writer_function_begin(w, "other", FUNCTION_STRATEGY, other, 0, TYPE_VOID);
    program_delay(w, 10);
    program_delay(w, 3600);
    program_stop(w, program_text(w, "other"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, handler);
    writer_strategy_functions(w, other, there, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(unsigned steps)
{
    struct core_world *world = world_new();
    world_run(world, switching(steps));
    created(world, CALL);
    route_request(world, CALL, 0);
    return world;
}

Test(core_switch, the_other_strategy_goes_on)
{
    struct core_world *world = begin(3);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_assert(ix->running && interaction_strategy(world->core->interactions, ix) == 1 && !ix->switches);
    cr_assert(ix->extra, "the switch is charged");
    world_advance(world, 11000000);
    cr_assert(ix->running && !ix->extra, "and no more with the step behind that time");
    world_end(world);
}

/* It failed between the step and its end: the handler that runs then ends for nobody else. */
Test(core_switch, a_handler_that_ends_does_not_switch)
{
    struct core_world *world = begin(STEPS_AT_ONCE);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_assert(ix->running && interaction_strategy(world->core->interactions, ix) == 0 && !ix->switches,
              "its handler waits");
    world_advance(world, 2000000);
    cr_assert(interaction_strategy(world->core->interactions, ix) == 0 && !ix->switches);
    cr_assert(strstr(world->trace, "RouteDefault failed"), "who stands there still goes to the default: %s",
              world->trace);
    world_end(world);
}
