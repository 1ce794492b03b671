/* tests/unit/core_queues.c - An interaction waits in several virtual queues, and leaves all when one serves it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/queues/queue_total.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/why.h"
#include "runtime/vocabulary/effects_call.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_queues, .timeout = 60);

enum { CALLS = 12 };
static const char *const queues[] = {"service", "french", "gold"};
static const char *const groups[] = {"overflow", "frenchmen", "golden"};

/* let who = select in vq service { group overflow } in vq french { group frenchmen } in vq gold { group golden }
 * timeout 60s; route who. */
static struct image *several(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), vqs[3], lines[3];
    for (int at = 0; at < 3; at++) {
        vqs[at] = CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, queues[at])));
        lines[at] = CONSTANT(writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, groups[at])));
    }
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, vqs[0]);
    writer_wait_timeout(w, SECONDS(w, 60));
    for (int at = 0; at < 3; at++) {
        if (at > 0) writer_wait_in(w, vqs[at]);
        writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, lines[at]);
    }
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void member(struct core_world *world, const char *group, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", group, name);
    directory(world, table_group_member, key, (const char *const[]){"group", group, "agent", name, NULL});
}

static struct core_world *begun(void)
{
    struct core_world *world = world_new();
    world_run(world, several());
    member(world, "frenchmen", "marie");
    member(world, "golden", "olga");
    commit(world, false);
    world_forget(world);
    return world;
}

static struct queue_total total(const struct core_world *world, int queue)
{
    for (uint32_t vq = 0; vq < world->core->vqs->count; vq++) {
        struct span text = core_name(world->core, world->core->vqs->all[vq].name);
        if (text.length == strlen(queues[queue]) && memcmp(text.bytes, queues[queue], text.length) == 0)
            return queue_total_of(world->core->queue_totals, vq);
    }
    cr_assert_fail("there is no queue %s", queues[queue]);
    abort();
}

static uint64_t counted(const struct core_world *world, int queue, unsigned what)
{
    return total(world, queue).count[what];
}

Test(core_queues, the_one_that_serves_distributes_and_the_others_are_cleared)
{
    struct core_world *world = begun();
    created(world, CALL);
    route_request(world, CALL, 0);
    for (int at = 0; at < 3; at++) cr_expect_eq(counted(world, at, QUEUE_entered), 1u);
    cr_expect_eq(world->core->vqs->further_count, 2u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert(strstr(world->trace, "RequestRouteCall 7001\n"));
    talk(world, CALL, "7001", "marie");
    for (int at = 0; at < 3; at++) {
        cr_expect_eq(counted(world, at, QUEUE_distributed), at == 1);
        cr_expect_eq(counted(world, at, QUEUE_cleared), at != 1);
    }
    cr_expect_eq(world->core->vqs->further_count, 0u);
    world_end(world);
}

Test(core_queues, a_decision_names_the_line_as_why_numbers_it)
{
    struct core_world *world = begun();
    struct why_line line;
    struct interaction_row call;
    struct decision_row row, newest = {.at_us = 0};
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert(core_find(world->core, CALL, &call));
    uint64_t ixn = call.ixn;
    uint32_t number = 0;
    while (core_why_line(world->core, ixn, number, &line) && !span_is(line.target, "frenchmen")) number++;
    cr_assert_eq(number, 2u, "behind a line and a queue, and not %u", number);
    agent(world, "marie", "7001", agent_state_ready);
    for (uint64_t cursor = 0; core_decision_next(world->core, ixn, &cursor, &row);) newest = row;
    cr_assert(span_is(newest.chosen, "marie") && span_is(newest.vq, "french"));
    cr_expect_eq(newest.line, number);
    world_end(world);
}

Test(core_queues, while_it_rings_the_queue_that_chose_is_told)
{
    struct core_world *world = begun();
    struct interaction_row call;
    struct waiting_row waiting;
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert(core_find(world->core, CALL, &call) && core_waiting(world->core, call.ixn, &waiting));
    cr_expect(span_is(call.vq, "service") && span_is(waiting.vq, "service"));
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert(core_find(world->core, CALL, &call) && core_waiting(world->core, call.ixn, &waiting));
    cr_expect(span_is(call.vq, "french") && span_is(waiting.vq, "french"));
    world_end(world);
}

Test(core_queues, counts_agree_with_what_happened)
{
    struct core_world *world = begun();
    uint64_t seed = 11;
    uint64_t came = 0, left = 0, served = 0;
    const char *with[CALLS] = {NULL}; /* whoever talks to the caller */
    bool there[CALLS] = {false};
    static const char *const names[] = {"marie", "olga"}, *const dns[] = {"7001", "7004"};
    for (int turn = 0; turn < 3000; turn++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t at = (uint32_t)(seed >> 33) % CALLS, draw = (uint32_t)(seed >> 40) % 8, who = at % 2;
        uint64_t conn = CALL + 1 + at;
        if (draw < 3 && !there[at]) {
            there[at] = true;
            came++;
            created(world, conn);
            route_request(world, conn, 0);
        } else if (draw == 3 && there[at]) {
            if (with[at])
                party(world, conn, with[at], with[at][3] == '1' ? "marie" : "olga", party_role_agent,
                      party_change_Released);
            else
                left++;
            deleted(world, conn);
            there[at] = false;
            with[at] = NULL;
        } else if (draw == 4) {
            agent(world, names[who], dns[who], agent_state_ready);
        } else if (draw == 5) {
            agent(world, names[who], dns[who], agent_state_not_ready);
        } else {
            world_advance(world, 200000);
        }
        for (uint32_t call = 0; call < CALLS; call++) { /* who was sent somewhere is answered there */
            struct interaction_row row;
            if (!there[call] || with[call] || !core_find(world->core, CALL + 1 + call, &row)) continue;
            for (int dn = 0; dn < 2; dn++) {
                for (uint32_t sent = 0; sent < 16 && !with[call]; sent++)
                    if (world->sent[sent].kind == KIND_RequestRouteCall && world->sent[sent].ixn == row.ixn &&
                        strcmp(world->sent[sent].dest, dns[dn]) == 0)
                        with[call] = dns[dn];
            }
            if (!with[call]) continue;
            served++;
            talk(world, CALL + 1 + call, with[call], with[call][3] == '1' ? "marie" : "olga");
        }
        world_forget(world);
        cr_assert(vqs_check(world->core->vqs));
        uint64_t distributed = 0;
        for (int queue = 0; queue < 3; queue++) {
            cr_assert_eq(counted(world, queue, QUEUE_entered), came);
            cr_assert_eq(counted(world, queue, QUEUE_abandoned), counted(world, 0, QUEUE_abandoned));
            cr_assert_eq(counted(world, queue, QUEUE_distributed) + counted(world, queue, QUEUE_cleared),
                         counted(world, 0, QUEUE_distributed) + counted(world, 0, QUEUE_cleared));
            distributed += counted(world, queue, QUEUE_distributed);
        }
        cr_assert_eq(distributed, served);
        cr_assert_leq(counted(world, 0, QUEUE_abandoned), left);
    }
    cr_assert_gt(served, 20u);
    cr_assert_gt(left, 20u);
    world_end(world);
}
