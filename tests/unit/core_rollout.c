/* tests/unit/core_rollout.c - Rollouts: the share, who stays in it, steps, guards, persons, freezes, and what ends one.
 * After each event the fixture asks whether each arm's arrivals are its riders and what has ended (rollout.c). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_rollout, .timeout = 120);

#define SECOND UINT64_C(1000000)
#define HOUR   (3600 * SECOND)

/* ---- programs ---- */

/* delay; let who = select { queue desk } timeout 20s; route who. With the greeting of `loops`, it never waits. */
static void strategy_of(struct image_writer *w, const char *name, uint32_t media, uint64_t delay_s, bool loops)
{
    uint16_t strategy = writer_strategy(w, name, media, INT64_C(28800000000));
    uint16_t desk = writer_constant(w, TYPE_QUEUE, program_name(w, TYPE_QUEUE, "desk"));
    uint16_t body = writer_function_begin(w, name, FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET), i = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w), again = writer_label(w);
    writer_place(w, again);
    writer_abc(w, OP_ADD_I, i, i, 1);
    if (loops) writer_jump(w, OP_LOOP, 0, 0, again);
    program_delay(w, delay_s);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_QUEUE, CONSTANT(desk));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
}

static struct image *versions(void)
{
    struct image_writer *w = image_writer_new();
    strategy_of(w, "enterprise", 1u << media_voice, 10, false);
    strategy_of(w, "newer", 1u << media_voice, 10, false);
    strategy_of(w, "loops", 1u << media_voice, 10, true);
    strategy_of(w, "chats", 1u << media_chat, 10, false);
    return program_loaded(w);
}

static struct core_world *begun(void)
{
    struct core_world *world = world_new();
    world_run(world, versions());
    world_forget(world);
    return world;
}

/* From now on a core that is loaded from a snapshot takes each `every`-th batch, too, and must come to the same. */
static struct core_world *begun_twice(const char *every)
{
    setenv("GCX_TWIN", every, 1);
    return begun();
}

/* ---- what people say ---- */

struct start {
    const char *point, *strategy, *by, *actor;
    const char *guards[3];
    uint64_t steps[5];
    uint64_t hold_s, expires_s, at_us, least, level;
    bool ask, approval, slices;
    uint32_t why; /* how long its reason is, in bytes */
};

/* Posts the event; true: it was not refused. */
static bool says(struct core_world *world, unsigned verb, const struct start *start)
{
    struct kv steps, guards;
    kv_init(&steps);
    kv_init(&guards);
    world->client = 5;
    world->req++;
    world_forget(world);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Rollout, 0, 0, 0);
    static char reason[2 * ROLLOUT_TEXT_MAX];
    memset(reason, 'x', sizeof reason);
    if (start->actor) writer_text(writer, ENVELOPE_actor, start->actor);
    writer_u(writer, Rollout_verb, verb);
    writer_text(writer, Rollout_point, start->point ? start->point : "1800");
    if (verb == rollout_verb_start) {
        writer_bytes(writer, Rollout_image, (struct span){image_hash(world->image), IMAGE_HASH});
        if (start->strategy) writer_text(writer, Rollout_strategy, start->strategy);
        for (unsigned at = 0; at < 5 && start->steps[at] != 0; at++)
            kv_put_int(&steps, "share", (int64_t)start->steps[at]);
        for (unsigned at = 0; at < 3 && start->guards[at]; at++)
            kv_put_text(&guards, "guard", span_of(start->guards[at]));
        writer_kv(writer, Rollout_steps, &steps);
        writer_kv(writer, Rollout_guards, &guards);
        writer_i(writer, Rollout_hold, (int64_t)(start->hold_s * SECOND));
        if (start->by) writer_text(writer, Rollout_by, start->by);
        writer_u(writer, Rollout_salt, 4711);
        writer_u(writer, Rollout_ask, start->ask);
        writer_u(writer, Rollout_approval, start->approval);
        writer_i(writer, Rollout_at, (int64_t)start->at_us);
        writer_i(writer, Rollout_expires, (int64_t)(start->expires_s * SECOND));
        writer_u(writer, Rollout_slices, start->slices);
        writer_u(writer, Rollout_least, start->least);
        writer_u(writer, Rollout_level, start->level);
    }
    if (start->why > 0) writer_bytes(writer, Rollout_why, (struct span){(const uint8_t *)reason, start->why});
    kv_free(&steps);
    kv_free(&guards);
    world_post(world);
    world->client = 0;
    return !strstr(world->trace, "error");
}

static void freeze(struct core_world *world, uint64_t from_us, uint64_t until_us)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Rollout, 0, 0, 0);
    writer_u(writer, Rollout_verb, rollout_verb_freeze);
    writer_i(writer, Rollout_freeze_from, (int64_t)from_us);
    writer_i(writer, Rollout_freeze_until, (int64_t)until_us);
    world_post(world);
}

static struct core_rollout last(struct core_world *world)
{
    static struct core_rollout row;
    struct core_rollout next;
    row = (struct core_rollout){0};
    for (uint32_t at = 0; core_rollout_at(world->core, at, false, &next); at++) row = next;
    return row;
}

#define state_is(world, wanted)                                                                                        \
    cr_assert_str_eq(enum_name_rollout_state(last(world).state), wanted, "%s (%s)",                                    \
                     enum_name_rollout_state(last(world).state), last(world).why)

/* ---- calls ---- */

static uint64_t next_conn = CALL;

/* A key of digits alone is told as a number where `numbers` is true. */
static bool numbers;

static uint64_t arrives(struct core_world *world, const char *customer_key)
{
    uint64_t conn = next_conn++;
    struct kv data;
    kv_init(&data);
    if (customer_key && numbers)
        kv_put_int(&data, "customer", atoi(customer_key));
    else if (customer_key)
        kv_put_text(&data, "customer", span_of(customer_key));
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, "+33145550101");
    writer_text(writer, EventCallCreated_dnis, "1800");
    if (customer_key) writer_kv(writer, EventCallCreated_data, &data);
    world_post(world);
    kv_free(&data);
    route_request(world, conn, 0);
    world_forget(world);
    return conn;
}

/* The arm of a call: 'n' the new version, 'c' control, 'r' the rest. */
static char arm_of(const struct core_world *world, uint64_t conn)
{
    const struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
    cr_assert(ix);
    const struct rider *rider = rollout_rider(world->core->rollouts, ix);
    return !rider ? 'r' : rider->arm == ARM_CANDIDATE ? 'n' : 'c';
}

static bool has_strategy(const struct core_world *world, uint64_t conn, const char *name)
{
    const struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
    return span_is(strategy_title(world->core->strategies, ix), name);
}

/* Served: the delay, then the desk, where somebody answers. */
static void served(struct core_world *world, uint64_t conn)
{
    world_advance(world, 11 * SECOND);
    talk(world, conn, "5000", "");
    deleted(world, conn);
    world_forget(world);
}

/* ---- pure ---- */

Test(core_rollout, a_share_is_what_is_asked_and_raising_it_keeps_who_was_in)
{
    static const uint32_t shares[] = {100, 500, 2500, 5000, 7500};
    enum { KEYS = 100000 };
    static uint8_t was_in[KEYS];
    for (unsigned at = 0; at < sizeof shares / sizeof *shares; at++) {
        uint32_t in = 0, control = 0, compared = 0;
        for (uint64_t key = 0; key < KEYS; key++) {
            enum rollout_arm arm = rollout_arm_of(4711, table_mix64(key), shares[at]);
            bool newer = arm == ARM_CANDIDATE || arm == ARM_BESIDE;
            cr_assert(!was_in[key] || newer);
            was_in[key] = newer;
            in += newer;
            compared += arm == ARM_CANDIDATE;
            control += arm == ARM_CONTROL;
        }
        uint32_t wanted = shares[at] * 10, of_control = wanted <= KEYS / 2 ? wanted : KEYS - wanted;
        cr_assert(abs((int)(in - wanted)) < KEYS / 200, "%u of %u", in, wanted);
        cr_assert(abs((int)(control - of_control)) < KEYS / 200, "%u of %u", control, of_control);
        cr_assert(abs((int)(compared - of_control)) < KEYS / 200, "%u of %u", compared, of_control);
    }
}

Test(core_rollout, another_salt_gives_others_the_new_version)
{
    uint32_t both = 0;
    for (uint64_t key = 0; key < 10000; key++)
        both += rollout_arm_of(1, key, 1000) == ARM_CANDIDATE && rollout_arm_of(2, key, 1000) == ARM_CANDIDATE;
    cr_assert(both > 50 && both < 150, "%u", both);
}

Test(core_rollout, a_pair_of_quarters_has_one_of_each_version_in_drawn_order)
{
    static const uint32_t shares[] = {500, 2500, 5000, 8000};
    for (unsigned at = 0; at < 4; at++) {
        uint32_t candidate = 0, first = 0, pairs = 0;
        for (uint64_t pair = 0; pair < 48 * 200; pair++) {
            enum rollout_arm a = rollout_arm_at(7, 2 * pair, shares[at]),
                             b = rollout_arm_at(7, 2 * pair + 1, shares[at]);
            cr_assert((a == ARM_REST && b == ARM_REST) || a + b == ARM_CANDIDATE + ARM_CONTROL);
            candidate += a == ARM_CANDIDATE || b == ARM_CANDIDATE;
            first += a == ARM_CANDIDATE;
            pairs += a != ARM_REST;
        }
        uint32_t of = shares[at] <= 5000 ? shares[at] : 10000 - shares[at], wanted = 2 * 48 * 200 * of / 10000;
        cr_assert(candidate == pairs && abs((int)(candidate - wanted)) < 200, "%u of %u", candidate, wanted);
        cr_assert(abs((int)(2 * first - pairs)) < 300, "%u of %u", first, pairs);
    }
}

Test(core_rollout, guards_are_read_and_written_as_people_type_them)
{
    static const struct {
        const char *text, *written, *fault;
    } rows[] = {
        {"abandoned", "abandoned:+1pt", NULL},
        {"site:abandoned:2%..5.25%", "site:abandoned:2%..5.25%", NULL},
        {"site:sl/30s:80%..100%", "site:sl/30s:80%..100%", NULL},
        {"site:abandoned:5%..2%", NULL, "greater than its first"},
        {"site:abandoned:2..5", NULL, "a share and its interval"},
        {"site:abandoned:0%..100%", NULL, "every share"},
        {"site:wait:p90:2%..5%", NULL, "not about a time"},
        {"abandoned:+0.5pt", "abandoned:+0.5pt", NULL},
        {"abandoned:+0.05pt", "abandoned:+0.05pt", NULL},
        {"sl", "sl/20s:-2pt", NULL},
        {"sl/30s:-3pt", "sl/30s:-3pt", NULL},
        {"transferred:+2pt", "transferred/60s:+2pt", NULL},
        {"wait:p90", "wait:p90:+15s", NULL},
        {"wait:p50:+2.5s", "wait:p50:+2.5s", NULL},
        {"handling:p90:+60s", "handling:p90:+60s", NULL},
        {"", NULL, "no such figure"},
        {"sales:+1pt", NULL, "no such figure"},
        {"abandonedly", NULL, "no such figure"},
        {"abandoned:-1pt", NULL, "gets worse when it rises"},
        {"sl:+1pt", NULL, "gets worse when it falls"},
        {"abandoned:+0pt", NULL, "without a margin"},
        {"abandoned:+1", NULL, "in points"},
        {"abandoned:+51pt", NULL, "at most 50"},
        {"abandoned:+1pt.", NULL, "in points"},
        {"abandoned/20s", NULL, "only sl and transferred"},
        {"sl/0s", NULL, "whole number"},
        {"sl/1.5s", NULL, "whole number"},
        {"wait:p90:+1pt", NULL, "in seconds"},
        {"abandoned:+99999999999999pt", NULL, "in points"},
        {"error", NULL, "always holds"},
    };
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        struct rollout_guard guard;
        const char *fault;
        char text[ROLLOUT_GUARD_TEXT];
        bool read = rollout_guard_read(span_of(rows[at].text), &guard, &fault);
        cr_assert_eq(read, rows[at].written != NULL, "%s: %s", rows[at].text, fault);
        if (!read) {
            cr_assert(strstr(fault, rows[at].fault), "%s: %s", rows[at].text, fault);
            continue;
        }
        rollout_guard_write(&guard, text);
        cr_assert_str_eq(text, rows[at].written);
    }
}

/* ---- the start ---- */

Test(core_rollout, what_cannot_be_compared_is_refused_before_the_start)
{
    static const struct {
        struct start start;
        const char *says;
    } rows[] = {
        {{.point = "1999", .strategy = "newer"}, "no strategy is active"},
        {{.strategy = "nobody"}, "is not there"},
        {{.strategy = NULL}, "is active there"},
        {{.strategy = "chats"}, "not for all media"},
        {{.strategy = "newer", .steps = {500, 100, 10000}}, "greater than the one before"},
        {{.strategy = "newer", .steps = {500, 500, 10000}}, "greater than the one before"},
        {{.strategy = "newer", .steps = {10100}}, "up to 100 percent"},
        {{.strategy = "newer", .steps = {500, 3300}}, "the last step is 100 percent"},
        {{.strategy = "newer", .guards = {"sales:+1pt"}}, "no such figure"},
        {{.strategy = "newer", .guards = {"abandoned", "abandoned:+2pt"}}, "twice"},
        {{.strategy = "newer", .guards = {"wait:p90"}, .slices = true}, "with slices"},
        {{.strategy = "newer", .by = "customer", .slices = true}, "no key can"},
        {{.strategy = "newer", .hold_s = 100, .expires_s = 100}, "expire before"},
        {{.strategy = "newer", .level = 100001}, "at most 10 percent"},
        {{.strategy = "newer", .hold_s = 400 * 86400}, "at most a year"},
        {{.strategy = "newer", .at_us = INT64_MAX}, "within a year"},
        {{.strategy = "newer", .why = ROLLOUT_TEXT_MAX + 1}, "at most 1024 bytes"},
    };
    struct core_world *world = begun();
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        cr_assert(!says(world, rollout_verb_start, &rows[at].start), "row %zu", at);
        cr_assert(strstr(world->said, rows[at].says), "row %zu: %s", at, world->said);
    }
    cr_assert_eq(last(world).id, 0);
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer"}));
    cr_assert(!says(world, rollout_verb_start, &(struct start){.strategy = "loops"}));
    cr_assert(strstr(world->said, "open already"), "%s", world->said);
    cr_assert(!says(world, rollout_verb_approve, &(struct start){.actor = "eva"}));
    cr_assert(!says(world, 99, &(struct start){0}));
    cr_assert(!says(world, rollout_verb_hold, &(struct start){.why = ROLLOUT_TEXT_MAX + 1}));
    cr_assert(says(world, rollout_verb_hold, &(struct start){.why = ROLLOUT_TEXT_MAX}));
    cr_assert_eq(last(world).reason.length, ROLLOUT_TEXT_MAX);
    cr_assert(says(world, rollout_verb_back, &(struct start){0}));
    cr_assert(!says(world, rollout_verb_back, &(struct start){0}));
    world_end(world);
}

Test(core_rollout, the_usual_steps_and_guards_are_taken_where_none_are_named)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .actor = "anna"}));
    struct core_rollout row = last(world);
    state_is(world, "canary");
    cr_assert(row.steps == 4 && row.share == 100 && row.shares[3] == 10000 && row.guard_count == 2);
    cr_assert_str_eq(row.guards[0].text, "abandoned:+1pt");
    cr_assert_str_eq(row.guards[1].text, "unserved:+1pt");
    cr_assert(span_is(row.starter, "anna") && span_is(row.strategy, "newer") && row.open);
    world_end(world);
}

/* ---- the share ---- */

Test(core_rollout, a_customer_always_has_the_same_version_and_another_step_keeps_it)
{
    struct core_world *world = begun();
    char name[16];
    char was[40];
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .by = "customer", .steps = {2500, 5000, 10000}, .hold_s = 60}));
    unsigned in = 0;
    for (unsigned at = 0; at < 40; at++) {
        snprintf(name, sizeof name, "c%u", at);
        uint64_t one = arrives(world, name), two = arrives(world, name);
        was[at] = arm_of(world, one);
        cr_assert_eq(was[at], arm_of(world, two));
        cr_assert(has_strategy(world, one, was[at] == 'n' ? "newer" : "enterprise"));
        in += was[at] == 'n';
        deleted(world, one);
        deleted(world, two);
    }
    cr_assert(in > 2 && in < 20, "%u", in);
    cr_assert(says(world, rollout_verb_on, &(struct start){0}));
    cr_assert_eq(last(world).share, 5000);
    for (unsigned at = 0; at < 40; at++) {
        snprintf(name, sizeof name, "c%u", at);
        uint64_t one = arrives(world, name);
        char arm = arm_of(world, one);
        cr_assert(arm == was[at] || was[at] == 'r', "%s: %c, now %c", name, was[at], arm);
        cr_assert_neq(arm, 'r');
        deleted(world, one);
    }
    world_end(world);
}

Test(core_rollout, a_number_always_has_the_same_version)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .by = "ani", .steps = {5000, 10000}, .hold_s = 60}));
    uint64_t first = arrives(world, NULL);
    for (unsigned at = 0; at < 20; at++) {
        uint64_t next = arrives(world, NULL);
        cr_assert_eq(arm_of(world, first), arm_of(world, next));
        deleted(world, next);
    }
    world_end(world);
}

Test(core_rollout, a_customer_is_compared_once)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .by = "customer", .steps = {5000, 10000}}));
    for (unsigned at = 0; at < 5; at++) served(world, arrives(world, "anna"));
    struct core_rollout row = last(world);
    unsigned arm = row.arms[0].arrived == 0;
    cr_assert(row.arms[arm].arrived == 5 && row.arms[arm].ended == 1 && row.arms[arm].out == 4);
    cr_assert_eq(row.guards[0].count[arm], 1);
    for (unsigned at = 0; at < 5; at++) served(world, arrives(world, NULL)); /* without a value: each for itself */
    row = last(world);
    cr_assert_eq(row.guards[0].count[0] + row.guards[0].count[1], 6);
    served(world, arrives(world, "4711"));
    numbers = true;
    served(world, arrives(world, "4711")); /* the same, told as a number */
    numbers = false;
    row = last(world);
    cr_assert_eq(row.guards[0].count[0] + row.guards[0].count[1], 7);
    cr_assert(says(world, rollout_verb_back, &(struct start){0}));
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .by = "customer", .steps = {5000, 10000}}));
    served(world, arrives(world, "anna"));
    row = last(world);
    cr_assert_eq(row.guards[0].count[0] + row.guards[0].count[1], 1, "another rollout knows nobody");
    world_end(world);
}

Test(core_rollout, who_is_on_a_version_stays_on_it)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .steps = {5000, 10000}}));
    uint64_t in = 0;
    while (!in) {
        uint64_t conn = arrives(world, NULL);
        if (arm_of(world, conn) == 'n') in = conn;
    }
    /* it comes to the point again, by a transfer, and counts once */
    uint64_t arrived = last(world).arms[0].arrived;
    world_advance(world, 11 * SECOND);
    talk(world, in, "5000", "");
    route_request(world, in, 0);
    cr_assert(has_strategy(world, in, "newer"));
    cr_assert_eq(arm_of(world, in), 'n');
    cr_assert_eq(last(world).arms[0].arrived, arrived);
    cr_assert(says(world, rollout_verb_back, &(struct start){0}));
    cr_assert(has_strategy(world, in, "newer"));
    cr_assert_eq(arm_of(world, in), 'n');
    for (unsigned at = 0; at < 20; at++) cr_assert(has_strategy(world, arrives(world, NULL), "enterprise"));
    cr_assert_eq(last(world).arms[0].arrived, arrived);
    served(world, in);
    cr_assert_eq(last(world).arms[0].live + last(world).arms[0].ended, arrived);
    state_is(world, "back");
    cr_assert_str_eq(last(world).why, "a person has said so");
    world_end(world);
}

/* ---- guards ---- */

Test(core_rollout, the_first_loop_of_the_new_version_brings_it_back)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "loops", .steps = {5000, 10000}}));
    uint64_t in = 0, calls = 0;
    for (; !in && calls < 50; calls++) {
        uint64_t conn = arrives(world, NULL);
        if (arm_of(world, conn) == 'n') in = conn;
    }
    cr_assert(in);
    world_advance(world, 5 * SECOND);
    state_is(world, "back");
    struct core_rollout row = last(world);
    cr_assert_str_eq(row.guard, "error"); /* a program without lines tells no place of a fault */
    cr_assert(row.example_count >= 1 && row.examples[0] != 0 && row.over_us != 0);
    for (unsigned at = 0; at < 20; at++) cr_assert(has_strategy(world, arrives(world, NULL), "enterprise"));
    world_end(world);
}

/* The strategy of the other point is one of the present image: it fails whichever version the call had before. */
Test(core_rollout, what_fails_at_another_point_does_not_bring_it_back)
{
    struct core_world *world = begun_twice("1");
    directory(world, table_routing_point, "1900", (const char *const[]){"strategy", "loops", "defaults", "5000", NULL});
    commit(world, false);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1900");
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "loops");
    world_post(world);
    struct image *present = world->image;
    world->image = world->earlier; /* the candidate is in another image */
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "enterprise", .steps = {5000, 10000}}));
    world->image = present;
    uint64_t in = 0;
    while (!in) {
        uint64_t conn = arrives(world, NULL);
        if (arm_of(world, conn) == 'n') in = conn;
    }
    writer_text(world_event(world, LINK, KIND_EventRouteRequest, 0, 0, in), EventRouteRequest_dn, "1900");
    world_post(world);
    cr_assert(has_strategy(world, in, "loops"));
    world_advance(world, 5 * SECOND);
    state_is(world, "canary");
    cr_assert_eq(arm_of(world, in), 'n');
    world_end(world);
}

/* Plays calls until the rollout is over, or `most` have come. Each call is served, or its caller leaves. */
static unsigned plays(struct core_world *world, unsigned most, unsigned leave_new, unsigned leave_old)
{
    unsigned count[2] = {0, 0}, calls = 0;
    for (; calls < most && last(world).open; calls++) {
        uint64_t conn = arrives(world, NULL);
        bool newer = arm_of(world, conn) == 'n';
        unsigned every = newer ? leave_new : leave_old;
        bool leaves = every != 0 && ++count[newer] % every == 0;
        if (leaves) {
            world_advance(world, 2 * SECOND);
            deleted(world, conn);
        } else {
            served(world, conn);
        }
    }
    return calls;
}

Test(core_rollout, a_version_whose_callers_leave_is_taken_back)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .steps = {5000, 10000}}));
    unsigned calls = plays(world, 1500, 4, 20);
    state_is(world, "back");
    struct core_rollout row = last(world);
    cr_assert_str_eq(row.guard, "abandoned");
    cr_assert_str_eq(row.why, "the new version is worse");
    cr_assert(calls > 100 && row.guards[0].low > 10000 && row.guards[0].says == CORE_GUARD_WORSE, "%u calls", calls);
    cr_assert_eq(row.arms[0].arrived, row.arms[0].ended + row.arms[0].live);
    cr_assert_eq(row.guards[0].count[0], row.arms[0].ended);
    cr_assert(row.example_count == ROLLOUT_EXAMPLES, "%u", row.example_count);
    world_end(world);
}

/* Else calls that last long would count later than those that are abandoned. */
Test(core_rollout, an_interaction_counts_when_its_outcome_is_known)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer",
                                   .steps = {5000, 10000},
                                   .guards = {"abandoned", "sl/20s:-2pt", "transferred/60s:+2pt"}}));
    uint64_t talks = arrives(world, NULL), leaves = arrives(world, NULL);
    unsigned talking = arm_of(world, talks) == 'c', leaving = arm_of(world, leaves) == 'c';
    struct rollout_measure *measures = world->core->rollouts->all[0].measures;
    world_advance(world, 2 * SECOND);
    deleted(world, leaves);
    cr_assert(measures[0].rate[leaving].count == 1 && measures[0].rate[leaving].hits == 1);
    cr_assert(measures[1].rate[leaving].count == 1 && measures[1].rate[leaving].hits == 0);
    world_advance(world, 9 * SECOND);
    talk(world, talks, "5000", "");
    cr_assert_eq(measures[0].rate[0].count + measures[0].rate[1].count, 2);
    cr_assert_eq(measures[1].rate[talking].hits, 1);
    cr_assert(world->core->rollouts->all[0].look_us <= world->time_us + SECOND, "it is looked at soon");
    cr_assert_eq(measures[2].rate[talking].count, 0, "it may still be handed on");
    memset(measures[0].rate, 0, sizeof measures[0].rate); /* as a core was that counted at the end */
    riders_known_count(world->core->rollouts);
    cr_assert(measures[0].rate[talking].count == 1 && measures[0].rate[talking].hits == 0);
    deleted(world, talks);
    cr_assert_eq(measures[0].rate[talking].count, 1);
    cr_assert_eq(measures[2].rate[talking].count, 1);
    world_free(world);
}

Test(core_rollout, a_version_that_is_no_worse_goes_up_by_itself_until_all_have_it)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer",
                                   .steps = {3300, 5000, 10000},
                                   .hold_s = 600,
                                   .least = 50,
                                   .guards = {"abandoned:+40pt", "sl/20s:-40pt", "wait:p90:+60s"}}));
    (void)plays(world, 2000, 20, 20);
    state_is(world, "done");
    struct core_rollout row = last(world);
    cr_assert(row.share == 10000 && row.guards[0].says == CORE_GUARD_NO_WORSE);
    for (unsigned at = 0; at < 10; at++) cr_assert(has_strategy(world, arrives(world, NULL), "newer"));
    world_end(world);
}

/* Else the days of a great share would weigh more in one arm. */
Test(core_rollout, above_one_half_as_many_are_compared_as_the_present_version_has)
{
    struct core_world *world = begun_twice("20");
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .steps = {8000, 10000}, .guards = {"abandoned", "wait:p50"}}));
    (void)plays(world, 200, 0, 0);
    struct core_rollout row = last(world);
    cr_assert(row.arms[0].arrived > 130 && row.arms[0].arrived + row.arms[1].arrived == 200);
    cr_assert_eq(row.arms[0].arrived, row.arms[0].ended + row.arms[0].out);
    cr_assert_eq(row.guards[0].count[0], row.arms[0].ended);
    cr_assert_eq(row.guards[1].count[0], row.arms[0].ended);
    cr_assert(abs((int)row.arms[0].ended - (int)row.arms[1].ended) < 40, "%u and %u", (unsigned)row.arms[0].ended,
              (unsigned)row.arms[1].ended);
    world_end(world);
}

Test(core_rollout, a_fault_of_the_new_version_counts_wherever_it_happens)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "loops", .steps = {9990, 10000}}));
    (void)arrives(world, NULL); /* one in a thousand is compared; this one is beside */
    world_advance(world, 5 * SECOND);
    state_is(world, "back");
    cr_assert_eq(last(world).example_count, 1);
    world_end(world);
}

Test(core_rollout, all_arrivals_of_the_point_count_for_the_whole_site)
{
    struct core_world *world = begun_twice("50");
    struct start start = {
        .strategy = "newer", .steps = {1000, 10000}, .guards = {"site:abandoned:2%..10%"}, .hold_s = 60};
    cr_assert(says(world, rollout_verb_start, &start));
    unsigned calls = plays(world, 400, 2, 2);
    state_is(world, "back");
    struct core_rollout row = last(world);
    cr_assert_str_eq(row.guard, "abandoned");
    cr_assert(row.guards[0].site && row.guards[0].low > 100000, "%d", (int)row.guards[0].low);
    cr_assert_eq(row.guards[0].count[0], calls);
    cr_assert(row.arms[0].arrived < calls / 2 && row.arms[1].arrived < calls / 2);
    start.guards[0] = "site:abandoned:2%..50%";
    cr_assert(says(world, rollout_verb_start, &start));
    (void)plays(world, 200, 5, 5);
    world_advance(world, HOUR);
    (void)plays(world, 200, 5, 5);
    world_advance(world, HOUR);
    state_is(world, "done");
    world_end(world);
}

Test(core_rollout, with_few_calls_it_waits_and_expires)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .steps = {5000, 10000}, .hold_s = 60, .expires_s = 7200}));
    (void)plays(world, 10, 0, 0);
    world_advance(world, HOUR);
    state_is(world, "canary");
    cr_assert_str_eq(last(world).why, "the figures are too few to say");
    world_advance(world, HOUR);
    state_is(world, "back");
    cr_assert_str_eq(last(world).why, "nobody has decided in its time");
    world_end(world);
}

/* marie has the call, asks paul, and hands it on after so long. */
static void handed_on(struct core_world *world, uint64_t conn, uint64_t after_us)
{
    uint64_t asks = next_conn++;
    world_advance(world, 11 * SECOND);
    talk(world, conn, "7001", "marie");
    world_advance(world, after_us);
    party(world, conn, "7001", "marie", party_role_agent, party_change_Held);
    created(world, asks);
    party(world, asks, "7002", "paul", party_role_agent, party_change_Established);
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, conn);
    writer_conn(writer, EventPartyChanged_prev_conn, asks);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    party(world, conn, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, conn);
    world_forget(world);
}

Test(core_rollout, who_is_handed_on_within_the_seconds_is_counted_as_transferred)
{
    struct core_world *world = begun_twice("1");
    uint64_t hits[2] = {0, 0}, count[2] = {0, 0};
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .steps = {5000, 10000}, .guards = {"transferred/60s:+2pt"}}));
    for (unsigned at = 0; at < 12; at++) {
        uint64_t conn = arrives(world, NULL);
        bool soon = at % 3 != 0, control = arm_of(world, conn) == 'c';
        count[control]++;
        hits[control] += soon;
        handed_on(world, conn, soon ? 59 * SECOND : 61 * SECOND);
    }
    struct core_rollout row = last(world);
    cr_assert(hits[0] > 0 && hits[1] > 0);
    for (unsigned arm = 0; arm < 2; arm++) {
        cr_assert_eq(row.guards[0].count[arm], count[arm]);
        cr_assert_eq(row.guards[0].hits[arm], hits[arm]);
    }
    world_end(world);
}

/* The rows of the open pairs are used in turn: an interaction that lives too long must not count for a later pair. */
Test(core_rollout, who_ends_four_pairs_of_quarters_later_is_not_counted_for_a_pair)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer",
                                   .slices = true,
                                   .steps = {5000, 10000},
                                   .guards = {"transferred"}, /* counts at the end */
                                   .expires_s = 864000}));
    const struct rollout_measure *measure = &world->core->rollouts->all[0].measures[0];
    uint64_t early = arrives(world, NULL), late = arrives(world, NULL);
    world_advance(world, 11 * SECOND);
    talk(world, early, "5000", "");
    talk(world, late, "5001", "");
    world_advance(world, 3 * HOUR / 2);
    deleted(world, early);
    world_advance(world, 2 * SECOND);
    uint64_t counted = 0;
    for (unsigned at = 0; at < ROLLOUT_PAIRS; at++)
        counted += measure->open[at][ARM_CANDIDATE].count + measure->open[at][ARM_CONTROL].count;
    cr_assert_eq(counted, 1);
    world_advance(world, HOUR / 2);
    deleted(world, late);
    world_advance(world, 2 * SECOND);
    for (unsigned at = 0; at < ROLLOUT_PAIRS; at++)
        cr_assert(measure->open[at][ARM_CANDIDATE].count == 0 && measure->open[at][ARM_CONTROL].count == 0);
    cr_assert_eq(measure->rate[ARM_CANDIDATE].count + measure->rate[ARM_CONTROL].count, 2);
    world_end(world);
}

/* ---- persons and times ---- */

Test(core_rollout, another_person_approves)
{
    struct core_world *world = begun_twice("1");
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .approval = true, .actor = "anna", .steps = {5000, 10000}}));
    state_is(world, "approval");
    cr_assert(has_strategy(world, arrives(world, NULL), "enterprise"));
    cr_assert(!says(world, rollout_verb_on, &(struct start){0}));
    cr_assert(!says(world, rollout_verb_approve, &(struct start){.actor = "anna"}));
    cr_assert(!says(world, rollout_verb_approve, &(struct start){0}));
    cr_assert(says(world, rollout_verb_approve, &(struct start){.actor = "eva"}));
    state_is(world, "canary");
    cr_assert(span_is(last(world).approver, "eva"));
    world_end(world);
}

Test(core_rollout, a_person_is_asked_before_each_step)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer",
                                   .ask = true,
                                   .steps = {5000, 10000},
                                   .hold_s = 60,
                                   .least = 50,
                                   .guards = {"abandoned:+40pt"}}));
    (void)plays(world, 300, 0, 0);
    state_is(world, "asks");
    cr_assert(says(world, rollout_verb_hold, &(struct start){0}));
    state_is(world, "held");
    (void)plays(world, 5, 0, 0);
    state_is(world, "held");
    cr_assert(last(world).open && last(world).share == 5000);
    cr_assert(says(world, rollout_verb_on, &(struct start){0}));
    world_advance(world, SECOND);
    state_is(world, "asks");
    cr_assert(says(world, rollout_verb_on, &(struct start){0}));
    state_is(world, "done");
    cr_assert(has_strategy(world, arrives(world, NULL), "newer"));
    world_end(world);
}

Test(core_rollout, it_begins_at_its_time_and_not_within_a_freeze)
{
    struct core_world *world = begun_twice("1");
    uint64_t now = world->time_us;
    cr_assert(says(world, rollout_verb_start,
                   &(struct start){.strategy = "newer", .at_us = now + HOUR, .steps = {5000, 10000}}));
    state_is(world, "scheduled");
    freeze(world, now + HOUR / 2, now + 2 * HOUR);
    world_advance(world, HOUR + SECOND);
    state_is(world, "scheduled");
    cr_assert_str_eq(last(world).why, "nothing may change now");
    cr_assert(has_strategy(world, arrives(world, NULL), "enterprise"));
    world_advance(world, HOUR);
    state_is(world, "canary");
    world_end(world);
}

Test(core_rollout, a_step_waits_for_the_end_of_a_freeze_and_for_nobody_else)
{
    struct core_world *world = begun();
    cr_assert(says(
        world, rollout_verb_start,
        &(struct start){
            .strategy = "newer", .steps = {5000, 10000}, .hold_s = 60, .least = 50, .guards = {"abandoned:+40pt"}}));
    freeze(world, world->time_us, world->time_us + 3 * HOUR);
    (void)plays(world, 300, 0, 0);
    state_is(world, "canary");
    cr_assert_str_eq(last(world).why, "nothing may change now");
    world_advance(world, 3 * HOUR);
    state_is(world, "done");
    world_end(world);
}

Test(core_rollout, with_slices_the_quarter_of_an_hour_decides)
{
    struct core_world *world = begun_twice("50");
    cr_assert(
        says(world, rollout_verb_start,
             &(struct start){.strategy = "newer", .slices = true, .steps = {5000, 10000}, .expires_s = 10 * 86400}));
    unsigned quarters = 0;
    for (; quarters < 400 && last(world).open; quarters++) {
        world_advance(world, 900 * SECOND - world->time_us % (900 * SECOND));
        char first = 0;
        for (unsigned at = 0; at < 4 && last(world).open; at++) {
            uint64_t conn = arrives(world, NULL);
            char arm = arm_of(world, conn);
            cr_assert(arm != 'r' && (first == 0 || arm == first), "quarter %u, call %u: %c, %s", quarters, at, arm,
                      last(world).why);
            cr_assert(has_strategy(world, conn, arm == 'n' ? "newer" : "enterprise"));
            first = arm;
            if (arm == 'n' && at < 2) {
                world_advance(world, SECOND);
                deleted(world, conn);
            } else {
                served(world, conn);
            }
        }
    }
    state_is(world, "back");
    cr_assert_str_eq(last(world).guard, "abandoned");
    cr_assert(quarters >= 40, "%u", quarters);
    world_end(world);
}

Test(core_rollout, an_activation_ends_it)
{
    struct core_world *world = begun();
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .steps = {5000, 10000}}));
    activate(world, "1800");
    world_advance(world, SECOND);
    state_is(world, "ended");
    cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .steps = {5000, 10000}}));
    cr_assert_eq(last(world).id, 2);
    world_end(world);
}

Test(core_rollout, a_table_of_rollouts_that_are_over_makes_room)
{
    struct core_world *world = begun();
    uint64_t came[ROLLOUTS_MAX + 6];
    for (unsigned at = 0; at < ROLLOUTS_MAX + 6; at++) {
        cr_assert(says(world, rollout_verb_start, &(struct start){.strategy = "newer", .steps = {5000, 10000}}));
        came[at] = arrives(world, NULL);
        cr_assert_neq(arm_of(world, came[at]), 'r');
        cr_assert(says(world, rollout_verb_back, &(struct start){0}));
        world_advance(world, SECOND);
    }
    struct core_rollout row;
    cr_assert(core_rollout_at(world->core, 0, false, &row));
    cr_assert_eq(row.id, 7);
    /* Who came by a rollout that made room is in no arm any more, least of all in one of the row's next rollout. */
    for (unsigned at = 0; at < ROLLOUTS_MAX + 6; at++) cr_assert_eq(arm_of(world, came[at]) == 'r', at < 6);
    deleted(world, came[0]);
    const struct rollout *next = rollout_by_id(world->core->rollouts, ROLLOUTS_MAX + 1);
    cr_assert_eq(next->riders, 1);
    cr_assert_eq(next->arms[ARM_CANDIDATE].ended + next->arms[ARM_CONTROL].ended, 0);
    world_end(world);
}
