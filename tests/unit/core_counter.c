/* tests/unit/core_counter.c - Counters: for ever, over a time, since a moment; keys beyond what there is room for;
 * replay. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/read/read.h"
#include "runtime/core/site/counter.h"
#include "tests/unit/core_fixture.h"
#include "vm/image_writer.h"

TestSuite(core_counter, .timeout = 60);

enum { MINUTE_US = 60000000 };

static void count(struct core_world *world, const char *name, const char *key, int64_t window_us)
{
    counter_add(world->core->counters, span_of(name), span_of(key), window_us, 0);
    cr_assert(counters_check(world->core->counters));
}

static uint64_t value(const struct core_world *world, const char *name, const char *key, int64_t window_us)
{
    return counter_value(world->core->counters, span_of(name), span_of(key), window_us);
}

/* Between batches, as nothing but the time is looked at here. */
static void later(struct core_world *world, uint64_t us)
{
    world->core->now->time_us += us;
}

Test(core_counter, what_was_never_counted_is_nothing)
{
    struct core_world *world = world_new();
    cr_expect_eq(value(world, "calls", "", 0), 0);
    cr_expect_null(counter_find(world->core->counters, span_of("calls"), span_of("")));
    count(world, "calls", "", 0);
    cr_expect_eq(value(world, "calls", "", 0), 1);
    cr_expect_eq(value(world, "calls", "marie", 0), 0, "of a key that is a name, but was not counted");
    cr_expect_eq(value(world, "marie", "", 0), 0);
    cr_expect_eq(value(world, "calls", "", MINUTE_US), 0, "by a window that nobody counted with");
    world_free(world);
}

Test(core_counter, a_key_counts_for_itself_and_for_all)
{
    struct core_world *world = world_new();
    count(world, "calls", "33", 0);
    count(world, "calls", "33", 0);
    count(world, "calls", "34", 0);
    count(world, "others", "33", 0);
    cr_expect_eq(value(world, "calls", "33", 0), 2);
    cr_expect_eq(value(world, "calls", "34", 0), 1);
    cr_expect_eq(value(world, "calls", "", 0), 3);
    cr_expect_eq(counter_find(world->core->counters, span_of("calls"), span_of(""))->keys, 2);
    cr_expect_eq(value(world, "others", "", 0), 1);
    world_free(world);
}

Test(core_counter, over_a_time_what_is_older_is_gone_within_a_sixtieth)
{
    struct core_world *world = world_new();
    world->core->now->time_us = 1000000000;
    for (unsigned i = 0; i < 10; i++) {
        count(world, "lately", "", MINUTE_US);
        later(world, 6000000);
    }
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 10);
    later(world, 1000000);
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 9);
    later(world, 48000000);
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 1);
    later(world, 6000000);
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 0);
    later(world, UINT64_C(1) << 50); /* far more than the ring holds */
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 0);
    count(world, "lately", "", MINUTE_US);
    cr_expect_eq(value(world, "lately", "", MINUTE_US), 1);
    world_free(world);
}

Test(core_counter, reading_changes_nothing)
{
    struct core_world *world = world_new();
    count(world, "lately", "33", MINUTE_US);
    uint64_t content = world->core->counters->content;
    later(world, MINUTE_US / 2);
    cr_expect_eq(value(world, "lately", "33", MINUTE_US), 1);
    later(world, MINUTE_US);
    cr_expect_eq(value(world, "lately", "33", MINUTE_US), 0);
    cr_expect_eq(world->core->counters->content, content);
    cr_assert(counters_check(world->core->counters));
    world_free(world);
}

Test(core_counter, another_window_begins_anew)
{
    struct core_world *world = world_new();
    count(world, "calls", "", 0);
    count(world, "calls", "", 0);
    count(world, "calls", "", MINUTE_US);
    cr_expect_eq(value(world, "calls", "", MINUTE_US), 1);
    cr_expect_eq(value(world, "calls", "", 0), 0);
    count(world, "calls", "", 2 * MINUTE_US);
    cr_expect_eq(value(world, "calls", "", 2 * MINUTE_US), 1);
    count(world, "calls", "", 0);
    cr_expect_eq(value(world, "calls", "", 0), 1);
    world_free(world);
}

Test(core_counter, since_a_moment_goes_on_until_the_next_one)
{
    struct core_world *world = world_new();
    const int64_t today = -INT64_C(1772406000000000), tomorrow = today - INT64_C(86400000000);
    count(world, "today", "", today);
    count(world, "today", "", today);
    cr_expect_eq(value(world, "today", "", today), 2);
    cr_expect_eq(value(world, "today", "", tomorrow), 0, "the clock has gone past it, and nobody has counted");
    count(world, "today", "", tomorrow);
    cr_expect_eq(value(world, "today", "", tomorrow), 1);
    count(world, "today", "", today); /* who still saw the clock of before */
    cr_expect_eq(value(world, "today", "", tomorrow), 2);
    cr_expect_eq(value(world, "today", "", today), 2);
    count(world, "today", "", INT64_MIN); /* no moment */
    cr_expect_eq(value(world, "today", "", tomorrow), 2);
    world_free(world);
}

Test(core_counter, the_shortest_and_the_longest_window)
{
    struct core_world *world = world_new();
    world->core->now->time_us = UINT64_C(1772445600000000);
    count(world, "short", "", 1); /* less than sixty microseconds: a ring of single ones */
    cr_expect_eq(value(world, "short", "", 1), 1);
    later(world, 61);
    cr_expect_eq(value(world, "short", "", 1), 0);
    count(world, "long", "", INT64_MAX);
    later(world, UINT64_C(1) << 52);
    cr_expect_eq(value(world, "long", "", INT64_MAX), 1);
    world_free(world);
}

Test(core_counter, beyond_the_thousand_the_key_of_longest_ago_goes)
{
    struct core_world *world = world_new();
    char key[80];
    for (unsigned i = 0; i < COUNTER_KEYS; i++) {
        snprintf(key, sizeof key, "caller %u", i);
        count(world, "calls", key, 0);
    }
    count(world, "calls", "caller 0", 0);
    const struct counter *whole = counter_find(world->core->counters, span_of("calls"), span_of(""));
    cr_expect_eq(whole->beyond, 0);
    count(world, "calls", "one more", 0);
    count(world, "calls", "another", 0);
    whole = counter_find(world->core->counters, span_of("calls"), span_of(""));
    cr_expect_eq(whole->count, COUNTER_KEYS + 3);
    cr_expect_eq(whole->keys, COUNTER_KEYS);
    cr_expect_eq(whole->beyond, 2, "they still counted");
    cr_expect_eq(value(world, "calls", "caller 0", 0), 2, "counted again lately");
    cr_expect_eq(value(world, "calls", "caller 1", 0), 0);
    cr_expect_eq(value(world, "calls", "caller 2", 0), 0);
    cr_expect_eq(value(world, "calls", "caller 3", 0), 1);
    cr_expect_eq(value(world, "calls", "another", 0), 1);
    memset(key, 'x', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    count(world, "other", key, 0);
    cr_expect_eq(value(world, "other", "", 0), 1);
    cr_expect_eq(counter_find(world->core->counters, span_of("other"), span_of(""))->beyond, 1,
                 "a key that is too long for a name");
    world_free(world);
}

Test(core_counter, a_key_that_counts_no_more_goes_without_a_word)
{
    struct core_world *world = world_new();
    char key[80];
    world->core->now->time_us = 1000000000;
    for (unsigned i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "caller %u", i);
        counter_add(world->core->counters, span_of("lately"), span_of(key), MINUTE_US, 3);
    }
    const struct counter *whole = counter_find(world->core->counters, span_of("lately"), span_of(""));
    cr_expect_eq(whole->keys, 3);
    cr_expect_eq(whole->beyond, 7);
    later(world, 2 * MINUTE_US);
    counter_add(world->core->counters, span_of("lately"), span_of("again"), MINUTE_US, 3);
    cr_expect_eq(counter_find(world->core->counters, span_of("lately"), span_of(""))->beyond, 7);
    cr_assert(counters_check(world->core->counters));
    world_free(world);
}

/* The rows that are left move together, those of another counter and its total, too. */
Test(core_counter, a_counter_that_keeps_fewer_keys_gives_up_the_oldest)
{
    struct core_world *world = world_new();
    struct counters *counters = world->core->counters;
    struct error error;
    char key[80];
    for (unsigned i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "caller %u", i);
        counter_add(counters, span_of("many"), span_of(key), i % 2 ? 0 : MINUTE_US, 200);
        if (i % 20 == 10) counter_add(counters, span_of(key), span_of("other"), MINUTE_US, 0);
    }
    cr_expect_eq(counters->count, 201u + 20u);
    counter_add(counters, span_of("many"), span_of("caller 7"), 0, 10);
    cr_expect_eq(counter_find(counters, span_of("many"), span_of(""))->keys, 200u - 32u, "some with each count");
    for (unsigned i = 0; i < 6; i++) counter_add(counters, span_of("many"), span_of("caller 8"), 0, 10);
    cr_expect_eq(counter_find(counters, span_of("many"), span_of(""))->keys, 10u);
    cr_expect_eq(counter_find(counters, span_of("many"), span_of(""))->beyond, 191u,
                 "caller 8 had gone, and came again");
    cr_expect_eq(counters->count, 11u + 20u);
    cr_expect_eq(value(world, "many", "caller 7", 0), 2);
    cr_expect_eq(value(world, "many", "caller 199", 0), 1);
    cr_expect_eq(value(world, "many", "caller 191", 0), 0);
    for (unsigned i = 10; i < 200; i += 20) {
        snprintf(key, sizeof key, "caller %u", i);
        cr_expect_eq(value(world, key, "other", MINUTE_US), 1);
        counter_add(counters, span_of(key), span_of("other"), MINUTE_US, 0);
        counter_add(counters, span_of(key), span_of("one more"), MINUTE_US, 1);
        cr_expect_eq(value(world, key, "other", MINUTE_US), 0);
        cr_expect_eq(value(world, key, "", MINUTE_US), 3);
    }
    cr_assert(counters_check(counters));
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_free(world);
}

/* What is new finds room: the oldest key of any counter goes. */
Test(core_counter, a_full_table_gives_up_the_oldest_key_of_all)
{
    struct core_world *world = world_new();
    char key[80], name[80];
    for (unsigned i = 0; i < COUNTERS_MAX; i++) {
        snprintf(name, sizeof name, "counter %u", i / 40000);
        snprintf(key, sizeof key, "caller %u", i);
        counter_add(world->core->counters, span_of(name), span_of(key), 0, COUNTER_KEYS_MAX);
    }
    struct counters *counters = world->core->counters;
    cr_expect_eq(counters->count, COUNTERS_MAX);
    cr_expect_eq(counter_find(counters, span_of("counter 0"), span_of(""))->beyond, 3,
                 "a row for each of three totals");
    cr_expect_eq(counter_find(counters, span_of("counter 2"), span_of(""))->beyond, 0);
    cr_expect_null(counter_find(counters, span_of("counter 0"), span_of("caller 2")));
    cr_expect_not_null(counter_find(counters, span_of("counter 0"), span_of("caller 3")));
    cr_assert(counters_check(counters));
    world_free(world);
}

/* count calls["33"] over 1m; delay 10s; count since an hour; stop. */
static struct image *counting(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t name = writer_register(w, TYPE_STR), key = writer_register(w, TYPE_STR),
            window = writer_register(w, TYPE_DURATION);
    for (unsigned round = 0; round < 2; round++) {
        writer_abx(w, OP_LOAD, name, program_text(w, round ? "hour" : "calls") & ~OPERAND_CONSTANT);
        writer_abx(w, OP_LOAD, key, program_text(w, "33") & ~OPERAND_CONSTANT);
        writer_abx(
            w, OP_LOAD, window,
            writer_constant(w, TYPE_DURATION, round ? (uint64_t)-INT64_C(1772445600000000) : (uint64_t)MINUTE_US));
        writer_abc(w, OP_TALLY, name, key, window);
        program_delay(w, 10);
    }
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(core_counter, a_replay_comes_to_the_same)
{
    struct core_world *world = world_new();
    world_run(world, counting());
    for (uint64_t call = 0; call < 30; call++) {
        created(world, CALL + call);
        route_request(world, CALL + call, 0);
        if (call % 3 == 0) deleted(world, CALL + call);
        world_advance(world, 3000000);
    }
    cr_expect_eq(value(world, "calls", "33", MINUTE_US), 20);
    cr_expect_eq(value(world, "hour", "33", -INT64_C(1772445600000000)), 18);
    world_end(world);
}
