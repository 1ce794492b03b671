/* tests/unit/core_steady.c - A core that has had its peak allocates nothing while it applies events.
 *
 * The linker puts counters before malloc and its like, and before core_apply, within which they count (local.mk). Rooms
 * for rows grow while calls come; a second round of as many calls finds them there. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/read/totals.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_steady, .timeout = 60);

enum { CALLS_AT_ONCE = 50, ROUNDS_BEFORE = 6, ROUNDS_COUNTED = 10 };

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_core_apply(struct core *, const struct batch *, const struct effect_sink *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_core_apply(struct core *, const struct batch *, const struct effect_sink *);

static bool steady_counts;
static uint64_t steady_applied, steady_allocated;
static size_t steady_bytes; /* of the last one */

static void steady_count(size_t bytes)
{
    if (!steady_counts) return;
    steady_allocated++;
    steady_bytes = bytes;
}

void *__wrap_malloc(size_t bytes)
{
    steady_count(bytes);
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t size)
{
    steady_count(count * size);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t bytes)
{
    steady_count(bytes);
    return __real_realloc(at, bytes);
}

void __wrap_core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    steady_counts = true;
    steady_applied++;
    __real_core_apply(core, batch, sink);
    steady_counts = false;
}

/* The enterprise strategy from the call to its end, with treatments, a query, a wait for an agent with music, a claim
 * and a route; so many calls at once, of which one is served and the others hang up. */
static void steady_round(struct core_world *world, uint64_t *conn)
{
    uint64_t first = *conn;
    for (unsigned i = 0; i < CALLS_AT_ONCE; i++) call_until_selection(world, (*conn)++, "2", "gold");
    treatment_end(world, first, NULL);
    agent(world, "marie", "7001", agent_state_ready);
    talk(world, first, "7001", "marie");
    party(world, first, "7001", "marie", party_role_agent, party_change_Released);
    agent(world, "marie", "7001", agent_state_not_ready);
    for (uint64_t call = first; call < *conn; call++) {
        deleted(world, call);
        world_forget(world);
    }
    world_advance(world, 30000000);
    world_forget(world);
}

Test(core_steady, nothing_is_allocated_on_the_path_of_an_event)
{
    uint64_t conn = CALL;
    struct core_world *world = world_new();
    for (unsigned i = 0; i < ROUNDS_BEFORE; i++) steady_round(world, &conn);
    cr_assert_gt(steady_allocated, 0u, "the counters do not count");
    for (unsigned i = 0; i < ROUNDS_COUNTED; i++) {
        uint64_t before = steady_allocated, applied = steady_applied;
        steady_round(world, &conn);
        cr_assert_gt(steady_applied - applied, 5u * CALLS_AT_ONCE);
        cr_assert_eq(steady_allocated, before, "round %u: %lu allocations, the last of %zu bytes", i,
                     (unsigned long)(steady_allocated - before), steady_bytes);
    }
    struct core_status status;
    core_status(world->core, &status);
    cr_assert_eq(status.interactions, 0u);
    cr_assert_eq(status.routed, (uint64_t)ROUNDS_BEFORE + ROUNDS_COUNTED);
    world_free(world);
}
