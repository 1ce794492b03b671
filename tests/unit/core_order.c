/* tests/unit/core_order.c - Orders one behind the other, against a slow choice that looks at all agents: the highest
 * level of Sales, of these the lowest of French, of these whose turn it is. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/read/read.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"
#include "vm/image_writer.h"
#include "vm/steps.h"

TestSuite(core_order, .timeout = 60);

enum { AGENTS = 9, ROUNDS = 400 };

/* The agents as the test knows them; `since`: the number of the round in which the agent became ready. */
static struct known {
    int sales, french;
    bool ready;
    unsigned since;
} agents[AGENTS];

/* The level of that skill, as a figure. */
static uint16_t level_of(struct image_writer *w, const char *skill)
{
    uint16_t function = writer_function_begin(w, skill, FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_INT);
    uint8_t name = writer_register(w, TYPE_SKILL), level = writer_register(w, TYPE_INT);
    writer_abx(w, OP_LOAD, name, writer_constant(w, TYPE_SKILL, program_name(w, TYPE_SKILL, skill)));
    writer_abc(w, OP_LEVEL, level, name, 0);
    writer_abc(w, OP_RETURN, level, 0, 0);
    writer_function_end(w);
    return function;
}

/* connect in vq service { group overflow; } by highest_level(skill Sales), min(skill French), and what `last` says. */
static struct image *ordered(enum wait_order last)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), sales = level_of(w, "Sales"), french = level_of(w, "French");
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_highest_level);
    writer_wait_order_by(w, sales, NULL, 0);
    writer_wait_tie(w, ORDER_min, french, NULL, 0);
    if (last != ORDER_longest_idle) writer_wait_tie(w, last, IMAGE_NONE, NULL, 0);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static const char *name_of(unsigned at)
{
    static const char *const names[AGENTS] = {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"};
    return names[at];
}

static const char *dn_of(unsigned at)
{
    static const char *const dns[AGENTS] = {"8000", "8001", "8002", "8003", "8004", "8005", "8006", "8007", "8008"};
    return dns[at];
}

/* True: the agent comes before the other one by what is compared. */
static int compared(const struct known *one, const struct known *other)
{
    if (one->sales != other->sales) return other->sales - one->sales;
    return one->french - other->french;
}

/* The agent whom the selection must choose; AGENTS: none is ready. `turn`: the one after whom it is whose turn. */
static unsigned chosen_slowly(enum wait_order last, unsigned *turn, unsigned *equal)
{
    unsigned best = AGENTS, first = AGENTS, next = AGENTS;
    *equal = 0;
    for (unsigned at = 0; at < AGENTS; at++) {
        if (!agents[at].ready) continue;
        int order = best == AGENTS ? -1 : compared(&agents[at], &agents[best]);
        if (order < 0 || (order == 0 && agents[at].since < agents[best].since)) best = at;
    }
    for (unsigned at = 0; best != AGENTS && at < AGENTS; at++) {
        if (!agents[at].ready || compared(&agents[at], &agents[best]) != 0) continue;
        (*equal)++;
        if (first == AGENTS) first = at;
        if (next == AGENTS && at >= *turn) next = at;
    }
    if (best == AGENTS || last == ORDER_longest_idle) return best;
    best = next == AGENTS ? first : next;
    *turn = best + 1;
    return best;
}

static unsigned chosen_now(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    world_forget(world);
    route_request(world, conn, 0);
    const char *route = strstr(world->trace, "RequestRouteCall 80");
    unsigned at = route ? (unsigned)(route[strlen("RequestRouteCall 800")] - '0') : (unsigned)AGENTS;
    if (route) {
        talk(world, conn, dn_of(at), name_of(at));
        party(world, conn, dn_of(at), name_of(at), party_role_agent, party_change_Released);
    }
    deleted(world, conn);
    return at;
}

static void grade(struct core_world *world, unsigned at, uint64_t drawn)
{
    agents[at].sales = 1 + (int)(drawn % 3);
    agents[at].french = 1 + (int)(drawn / 3 % 2);
    skill(world, name_of(at), "Sales", agents[at].sales);
    skill(world, name_of(at), "French", agents[at].french);
    commit(world, false);
}

static void play(enum wait_order last, uint32_t few)
{
    struct core_world *world = world_new();
    struct decision_row row;
    uint64_t drawn = drawn_from() + 4711, cursor = 0;
    unsigned turn = 0, ties = 0, equal;
    world_run(world, ordered(last));
    world->core->candidates->few = few;
    memset(agents, 0, sizeof agents);
    for (unsigned at = 0; at < AGENTS; at++) {
        char key[32];
        snprintf(key, sizeof key, "overflow/%s", name_of(at));
        directory(world, table_group_member, key,
                  (const char *const[]){"group", "overflow", "agent", name_of(at), NULL});
        grade(world, at, at);
    }
    for (unsigned round = 1; round < ROUNDS; round++) {
        drawn = drawn * UINT64_C(6364136223846793005) + 1442695040888963407;
        unsigned who = (unsigned)(drawn >> 33) % AGENTS;
        world_advance(world, 1000);
        if (round % 9 == 0) grade(world, who, drawn >> 40);
        if (agents[who].ready != ((drawn >> 50) % 3 > 0)) {
            agents[who].ready = !agents[who].ready;
            agents[who].since = round * 2;
            agent(world, name_of(who), dn_of(who), agents[who].ready ? agent_state_ready : agent_state_not_ready);
        }
        world_advance(world, 1000);
        unsigned wanted = chosen_slowly(last, &turn, &equal);
        cr_assert_eq(chosen_now(world, CALL + round), wanted, "round %u", round);
        if (wanted != AGENTS) agents[wanted].since = round * 2 + 1;
        while (core_decision_next(world->core, world->ixn, &cursor, &row))
            if (row.chosen.length != 0 && equal > 1 && last == ORDER_round_robin) {
                cr_assert_str_eq(row.tie, "round_robin");
                cr_assert_eq(row.equal, equal);
                ties++;
            }
    }
    cr_assert(last != ORDER_round_robin || ties > 10);
    world_end(world);
}

Test(core_order, the_best_of_the_best_has_the_call_the_longest_idle_of_them)
{
    play(ORDER_longest_idle, 0);
    play(ORDER_longest_idle, 100);
}

Test(core_order, among_equals_who_was_asked_last_comes_last)
{
    play(ORDER_round_robin, 0);
    play(ORDER_round_robin, 100);
}
