/* tests/unit/core_setting.c - What the directory says of parameters, tables and schedules stands before what the site
 * wrote; each kind has its own names. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/core.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/business.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "vm/schedule.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_setting, .timeout = 30);

/* Keeps parameter `greeting` in a key of its data, and waits. */
static struct image *greeting(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t written = writer_constant_text(w, "as written", 10);
    uint16_t number = writer_setting(w, SETTING_PARAMETER, "greeting", TYPE_STR, written, IMAGE_NONE, IMAGE_NONE, NULL);
    writer_slot(w, strategy, "said", TYPE_STR, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t said = writer_register(w, TYPE_STR);
    writer_abx(w, OP_SETTING, said, number);
    writer_abx(w, OP_SLOT_SET, said, 0);
    program_delay(w, 2000);
    program_stop(w, CONSTANT(written));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void expect_said(struct core_world *world, uint64_t conn, const char *text)
{
    created(world, conn);
    route_request(world, conn, 0);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
    const struct slab *slab = world->core->slab;
    const struct block *block = block_at(slab, ix->block);
    char inlined[8];
    uint64_t word = 0;
    cr_assert(block_slot(block, 0, &word));
    struct text said = block_text(block_image(slab, block), block, word, inlined);
    cr_assert(said.length == strlen(text) && memcmp(said.bytes, text, said.length) == 0, "%.*s, not %s",
              (int)said.length, said.bytes, text);
}

static void row(struct core_world *world, unsigned table, const char *key, const char *value)
{
    directory(world, table, key, (const char *const[]){"value", value, NULL});
}

Test(core_setting, what_is_in_force_is_in_the_digest)
{
    const char *const values[] = {"good morning", "good evening", "good morning"};
    uint64_t digests[3];
    for (unsigned at = 0; at < 3; at++) {
        struct core_world *world = world_new();
        row(world, table_parameter, "greeting", values[at]);
        commit(world, false);
        digests[at] = core_digest(world->core);
        directory(world, table_parameter, "greeting", (const char *const[]){NULL});
        commit(world, false);
        cr_assert_eq(world->core->directory->settings.content, 0);
        world_end(world);
    }
    cr_assert(digests[0] == digests[2] && digests[0] != digests[1]);
}

Test(core_setting, of_many_each_is_found_by_its_table_and_name)
{
    struct core_world *world = world_new();
    world_run(world, greeting());
    expect_said(world, CALL, "as written");
    for (int i = 0; i < 300; i++) {
        char key[24];
        snprintf(key, sizeof key, "other%d", i);
        row(world, i % 2 ? table_parameter : table_business, key, "another");
    }
    row(world, table_business, "greeting", "of a table");
    commit(world, false);
    expect_said(world, CALL + 1, "as written");
    row(world, table_parameter, "greeting", "good morning");
    expect_said(world, CALL + 2, "as written");
    commit(world, false);
    expect_said(world, CALL + 3, "good morning");
    row(world, table_parameter, "greeting", "good evening");
    commit(world, false);
    expect_said(world, CALL + 4, "good evening");
    directory(world, table_parameter, "greeting", (const char *const[]){NULL});
    commit(world, false);
    expect_said(world, CALL + 5, "as written");
    world_end(world);
}

/* Reads all of table `blocked`, and waits. */
static struct image *blocking(void)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field why = {"why", 3, TYPE_STR, false};
    uint16_t strategy = program_strategy(w, "enterprise"), map = writer_map(w, writer_record(w, "Blocked", &why, 1));
    uint16_t none = writer_constant(w, map, writer_object(w, map, NULL, 0));
    uint16_t number = writer_setting(w, SETTING_TABLE, "blocked", map, none, IMAGE_NONE, IMAGE_NONE, NULL);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_abx(w, OP_SETTING, writer_register(w, map), number);
    program_delay(w, 2000);
    program_stop(w, program_text(w, "done"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* So many rows from the first on, as part `part` of the table. */
static void blocked_part(struct core_world *world, unsigned first, unsigned count, unsigned part)
{
    struct kv list, row, pairs;
    kv_init(&row);
    kv_init(&list);
    kv_init(&pairs);
    for (unsigned at = first; at < first + count; at++) {
        char key[16];
        snprintf(key, sizeof key, "%05u", at);
        kv_clear(&row);
        kv_put_text(&row, "why", span_of("it has rung often"));
        kv_put(&list, span_of(key), &(struct kv_value){.tag = KV_LIST, .span = kv_span(&row)});
    }
    kv_put(&pairs, span_of("value"), &(struct kv_value){.tag = KV_LIST, .span = kv_span(&list)});
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_business);
    writer_text(writer, DirectoryRow_key, "blocked");
    writer_kv(writer, DirectoryRow_row, &pairs);
    if (part > 0) writer_u(writer, DirectoryRow_part, part);
    world_post(world);
    kv_free(&row);
    kv_free(&list);
    kv_free(&pairs);
}

static void blocked_commit(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryCommit, 0, 0, 0);
    writer_u(writer, ENVELOPE_client, 1);
    writer_u(writer, ENVELOPE_req, 1);
    writer_u(writer, DirectoryCommit_version, 1);
    writer_u(writer, DirectoryCommit_whole, false);
    world_post(world);
}

static void blocked(struct core_world *world, unsigned count)
{
    blocked_part(world, 0, count, 0);
    blocked_commit(world);
}

static void blocked_removed(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_business);
    writer_text(writer, DirectoryRow_key, "blocked");
    world_post(world);
    blocked_commit(world);
}

Test(core_setting, what_is_too_large_for_its_readers_is_refused_as_it_comes)
{
    struct core_world *world = world_new();
    world_run(world, blocking());
    world_forget(world);
    blocked(world, 400);
    expect(world, "Reply ok\n");
    uint64_t content = world->core->directory->settings.content;
    cr_assert_neq(content, 0);
    blocked(world, 600);
    expect(world, "Reply error too_large\n");
    cr_assert_eq(world->core->directory->settings.content, content, "what was refused is in force");
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert(interaction_by_conn(world->core->interactions, CALL)->running);
    expect(world, "");
    world_end(world);
}

Test(core_setting, a_program_that_could_not_read_what_is_in_force_is_not_activated)
{
    struct core_world *world = world_new();
    blocked(world, 600);
    world_forget(world);
    struct image *image = blocking();
    world->earlier = world->image;
    world->image = image;
    activate(world, "1800");
    expect(world, "Reply error too_large\n");
    world_end(world);
}

/* Keeps why the number it is called from (by its prefix, with `op` SETTING_PREFIX) is blocked, in a key. */
static struct image *asking(enum opcode op, const char *number)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field why = {"why", 3, TYPE_STR, false};
    uint16_t strategy = program_strategy(w, "enterprise"), record = writer_record(w, "Blocked", &why, 1);
    uint16_t map = writer_map(w, record);
    uint64_t row = writer_text_word(w, "as the site wrote it", 20);
    row = writer_object(w, record, &row, 1);
    uint64_t pair[2] = {writer_text_word(w, number, (uint32_t)strlen(number)), row};
    uint16_t written = writer_constant(w, map, writer_object(w, map, pair, 1));
    uint16_t table = writer_setting(w, SETTING_TABLE, "blocked", map, written, IMAGE_NONE, IMAGE_NONE, NULL);
    writer_slot(w, strategy, "said", TYPE_STR, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t key = writer_register(w, TYPE_STR), said = writer_register(w, TYPE_STR);
    uint8_t found = writer_register(w, record | TYPE_OPTIONAL), bare = writer_register(w, record);
    uint16_t none = writer_constant_text(w, "none", 4);
    uint32_t missing = writer_label(w);
    writer_abx(w, OP_LOAD, said, none);
    writer_abx(w, OP_LOAD, key, writer_constant_text(w, number, (uint32_t)strlen(number)));
    writer_ab_number(w, op, found, key, table);
    writer_jump(w, OP_JNONE, found, 0, missing);
    writer_abc(w, OP_UNWRAP, bare, found, 0);
    writer_abc(w, OP_FIELD, said, bare, 0);
    writer_place(w, missing);
    writer_abx(w, OP_SLOT_SET, said, 0);
    program_delay(w, 2000);
    program_stop(w, CONSTANT(none));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* 100,000 rows in the directory: nothing but the row is made in the call's block. */
Test(core_setting, a_row_of_a_large_table_is_looked_up_where_it_stands)
{
    static const struct {
        enum opcode op;
        const char *number, *said;
    } cases[] = {
        {OP_SETTING_ROW, "77777", "it has rung often"},
        {OP_SETTING_ROW, "077", "none"},
        {OP_SETTING_ROW, "0777712", "none"},
        {OP_SETTING_PREFIX, "0777712", "it has rung often"},
        {OP_SETTING_PREFIX, "9999", "none"},
        {OP_SETTING_PREFIX, "", "none"},
        {OP_SETTING_ROW, "00000", "it has rung often"},
        {OP_SETTING_ROW, "09999", "it has rung often"},
    };
    for (unsigned at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct core_world *world = world_new();
        world_run(world, asking(cases[at].op, cases[at].number));
        expect_said(world, CALL, "as the site wrote it");
        unsigned parts = at == 0 ? 200 : 20; /* 100,000 rows, and 10,000 */
        for (unsigned part = 0; part < parts; part++) blocked_part(world, 500 * part, 500, part);
        blocked_commit(world);
        expect_said(world, CALL + 1, cases[at].said);
        const struct slab *slab = world->core->slab;
        const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL + 1);
        cr_assert_lt(block_size(block_at(slab, ix->block)), 1024);
        struct error error;
        cr_assert(core_check(world->core, &error), "%s", error.text);
        blocked(world, 0);
        expect_said(world, CALL + 2, "none");
        world_end(world);
    }
}

Test(core_setting, the_last_row_of_a_key_counts_whatever_the_order_they_come_in)
{
    struct business rows = {0};
    struct kv pairs;
    struct kv_value value;
    char key[16];
    kv_init(&pairs);
    for (unsigned turn = 0; turn < 2; turn++) {
        kv_clear(&pairs);
        for (unsigned at = 0; at < 999; at++) {
            snprintf(key, sizeof key, "%u", at * 7919 % 999);
            kv_put_int(&pairs, key, turn * 1000 + at * 7919 % 999);
        }
        cr_assert(business_add(&rows, kv_span(&pairs)));
    }
    business_sort(&rows);
    cr_assert_eq(rows.count, 999);
    for (unsigned at = 0; at < 999; at++) {
        snprintf(key, sizeof key, "%u", at);
        cr_assert(business_find(&rows, span_of(key), false, &value));
        cr_assert_eq(value.word, 1000 + at);
        snprintf(key, sizeof key, "%u/", at);
        cr_assert(!business_find(&rows, span_of(key), false, &value));
        cr_assert(business_find(&rows, span_of(key), true, &value));
        cr_assert_eq(value.word, 1000 + at);
    }
    char longer[301];
    memset(longer, '7', sizeof longer - 1);
    longer[300] = '\0';
    cr_assert(business_find(&rows, span_of(longer), true, &value));
    cr_assert_eq(value.word, 1777); /* 777 */
    kv_free(&pairs);
    business_free(&rows);
}

Test(core_setting, rows_not_of_the_table_s_type_do_not_count)
{
    struct core_world *world = world_new();
    world_run(world, asking(OP_SETTING_ROW, "33"));
    struct kv pairs;
    kv_init(&pairs);
    kv_list_begin(&pairs, span_of("value"));
    kv_put_int(&pairs, "33", 7);
    kv_list_end(&pairs);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_table, table_business);
    writer_text(writer, DirectoryRow_key, "blocked");
    writer_kv(writer, DirectoryRow_row, &pairs);
    world_post(world);
    blocked_commit(world);
    expect_said(world, CALL, "as the site wrote it");
    kv_free(&pairs);
    world_end(world);
}

Test(core_setting, parts_that_do_not_follow_each_other_are_refused)
{
    struct core_world *world = world_new();
    world_run(world, asking(OP_SETTING_ROW, "00700"));
    world_forget(world);
    blocked_part(world, 0, 500, 0);
    blocked_part(world, 500, 500, 2);
    blocked_commit(world);
    expect(world, "Reply error too_large\n");
    blocked_part(world, 0, 500, 1);
    blocked_commit(world);
    expect(world, "Reply error too_large\n");
    cr_assert_eq(world->core->directory->settings.content, 0);
    blocked_part(world, 0, 500, 0);
    blocked_part(world, 500, 500, 1);
    blocked_commit(world);
    expect(world, "Reply ok\n");
    expect_said(world, CALL, "it has rung often");
    world_end(world);
}

/* Walks through table `blocked` and keeps how many rows it has, and how many it came by, in keys; with `pause` it waits
 * after each. `cursor`: begins there instead, which nobody gave it. */
static struct image *walking(bool pause, uint64_t cursor)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field why = {"why", 3, TYPE_STR, false};
    uint16_t strategy = program_strategy(w, "enterprise"), record = writer_record(w, "Blocked", &why, 1);
    uint16_t map = writer_map(w, record), none = writer_constant(w, map, writer_object(w, map, NULL, 0));
    uint16_t table = writer_setting(w, SETTING_TABLE, "blocked", map, none, IMAGE_NONE, IMAGE_NONE, NULL);
    writer_slot(w, strategy, "rows", TYPE_INT, false);
    writer_slot(w, strategy, "seen", TYPE_INT, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t at = writer_register(w, TYPE_INT), seen = writer_register(w, TYPE_INT), rows = writer_register(w, TYPE_INT);
    uint8_t key = writer_register(w, TYPE_STR | TYPE_OPTIONAL), row = writer_register(w, record | TYPE_OPTIONAL);
    uint8_t bare = writer_register(w, record);
    uint32_t again = writer_label(w), over = writer_label(w);
    writer_abx(w, OP_SETTING_COUNT, rows, table);
    writer_abx(w, OP_SLOT_SET, rows, 0);
    writer_abx(w, OP_SETTING_WALK, at, table);
    if (cursor != 0) writer_abx(w, OP_LOAD, at, writer_constant(w, TYPE_INT, cursor));
    writer_place(w, again);
    writer_ab_number(w, OP_SETTING_KEY, key, at, table);
    writer_jump(w, OP_JNONE, key, 0, over);
    writer_ab_number(w, OP_SETTING_AT, row, at, table);
    writer_abc(w, OP_UNWRAP, bare, row, 0);
    writer_abc(w, OP_ADD_I, seen, seen, 1);
    writer_abc(w, OP_ADD_I, at, at, 1);
    if (pause) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, 0, SECONDS(w, 1));
        writer_live(w, at);
        writer_live(w, seen);
        writer_step(w, STEP_ID_delay, REGISTER_NONE);
    }
    writer_jump(w, OP_LOOP, 0, 0, again);
    writer_place(w, over);
    writer_abx(w, OP_SETTING_WALKED, at, table);
    writer_abx(w, OP_SETTING_WALKED, at, table); /* once too often */
    writer_abx(w, OP_SLOT_SET, seen, 1);
    program_delay(w, 2000);
    program_stop(w, CONSTANT(program_text(w, "done")));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void expect_walked(struct core_world *world, uint64_t conn, uint64_t rows, uint64_t seen)
{
    const struct slab *slab = world->core->slab;
    const struct block *block = block_at(slab, interaction_by_conn(world->core->interactions, conn)->block);
    uint64_t word;
    cr_assert(block_slot(block, 0, &word) && word == rows);
    cr_assert(block_slot(block, 1, &word) && word == seen, "%llu rows seen, not %llu", (unsigned long long)word,
              (unsigned long long)seen);
}

Test(core_setting, all_rows_of_a_large_table_are_walked_through_where_they_stand)
{
    struct core_world *world = world_new();
    world_run(world, walking(false, 0));
    created(world, CALL);
    route_request(world, CALL, 0);
    expect_walked(world, CALL, 0, 0);
    for (unsigned part = 0; part < 100; part++) blocked_part(world, 500 * part, 500, part);
    blocked_commit(world);
    created(world, CALL + 1);
    route_request(world, CALL + 1, 0);
    world_advance(world, 1000000); /* in turns */
    expect_walked(world, CALL + 1, 50000, 50000);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL + 1);
    cr_assert_leq(block_size(block_at(world->core->slab, ix->block)), 65536);
    cr_assert_eq(world->core->cursors->content, 0);
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_end(world);
}

Test(core_setting, what_a_walk_began_with_is_kept_until_it_ends_or_the_call_does)
{
    struct core_world *world = world_new();
    world_run(world, walking(true, 0));
    blocked(world, 3);
    for (unsigned call = 0; call < 2; call++) {
        created(world, CALL + call);
        route_request(world, CALL + call, 0);
    }
    cr_assert_neq(world->core->cursors->content, 0);
    blocked(world, 1);
    cr_assert_eq(world->core->cursors->past_count, 1);
    blocked(world, 2); /* nobody walks through the one between */
    cr_assert_eq(world->core->cursors->past_count, 1);
    cr_assert_eq(world->core->cursors->past[0].walkers, 2);
    deleted(world, CALL + 1);
    cr_assert_eq(world->core->cursors->past[0].walkers, 1);
    for (unsigned second = 0; second < 4; second++) world_advance(world, 1000000);
    expect_walked(world, CALL, 3, 3);
    cr_assert_eq(world->core->cursors->past_count, 0);
    cr_assert_eq(world->core->cursors->content, 0);
    world_end(world);
}

/* Amid a walk through the table, each second another that nobody ends, as one that a goto out of a busy block or a
 * failure leaves; after the 80th it goes on with the first, and keeps how many rows that had. */
static struct image *walking_away(void)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field why = {"why", 3, TYPE_STR, false};
    uint16_t strategy = program_strategy(w, "enterprise"), record = writer_record(w, "Blocked", &why, 1);
    uint16_t map = writer_map(w, record), none = writer_constant(w, map, writer_object(w, map, NULL, 0));
    uint16_t table = writer_setting(w, SETTING_TABLE, "blocked", map, none, IMAGE_NONE, IMAGE_NONE, NULL);
    writer_slot(w, strategy, "rows", TYPE_INT, false);
    writer_slot(w, strategy, "seen", TYPE_INT, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t at = writer_register(w, TYPE_INT), left = writer_register(w, TYPE_INT);
    uint8_t rounds = writer_register(w, TYPE_INT), most = writer_register(w, TYPE_INT);
    uint8_t key = writer_register(w, TYPE_STR | TYPE_OPTIONAL);
    uint32_t again = writer_label(w), next = writer_label(w), over = writer_label(w);
    writer_abx(w, OP_SETTING_WALK, at, table);
    writer_place(w, again);
    writer_abx(w, OP_SETTING_WALK, left, table);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, 0, SECONDS(w, 1));
    writer_live(w, at);
    writer_live(w, rounds);
    writer_step(w, STEP_ID_delay, REGISTER_NONE);
    writer_abc(w, OP_ADD_I, rounds, rounds, 1);
    writer_abx(w, OP_LOAD_INT, most, 80);
    writer_jump(w, OP_JLE, most, rounds, next);
    writer_jump(w, OP_LOOP, 0, 0, again);
    writer_place(w, next);
    writer_abx(w, OP_LOAD_INT, rounds, 0);
    uint32_t row = writer_label(w);
    writer_place(w, row);
    writer_ab_number(w, OP_SETTING_KEY, key, at, table);
    writer_jump(w, OP_JNONE, key, 0, over);
    writer_abc(w, OP_ADD_I, at, at, 1);
    writer_abc(w, OP_ADD_I, rounds, rounds, 1);
    writer_jump(w, OP_LOOP, 0, 0, row);
    writer_place(w, over);
    writer_abx(w, OP_SETTING_WALKED, at, table);
    writer_abx(w, OP_SLOT_SET, rounds, 1);
    program_delay(w, 2000);
    program_stop(w, CONSTANT(program_text(w, "done")));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(core_setting, a_walk_that_was_left_is_let_go_and_one_that_goes_on_is_kept_however_many_there_were)
{
    struct core_world *world = world_new();
    const struct cursors *walks = world->core->cursors;
    world_run(world, walking_away());
    blocked(world, 3);
    created(world, CALL);
    route_request(world, CALL, 0);
    for (unsigned edit = 0; edit < 79; edit++) {
        blocked(world, 1 + edit % 2);
        world_advance(world, 1000000);
        cr_assert_eq(walks->past_count, 1, "%u after edit %u", walks->past_count, edit);
        cr_assert_neq(walks->past_bytes, 0);
    }
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_advance(world, 1000000);
    const struct slab *slab = world->core->slab;
    uint64_t seen;
    cr_assert(block_slot(block_at(slab, interaction_by_conn(world->core->interactions, CALL)->block), 1, &seen) &&
              seen == 3);
    cr_assert_eq(walks->past_count, 0);
    cr_assert_eq(walks->past_bytes, 0);
    cr_assert_eq(walks->content, 0);
    world_end(world);
}

Test(core_setting, an_edit_that_would_keep_too_much_of_what_is_walked_through_is_refused_until_the_walks_are_over)
{
    struct core_world *world = world_new();
    struct cursors *walks = world->core->cursors;
    world_run(world, walking(true, 0));
    blocked(world, 500);
    created(world, CALL);
    route_request(world, CALL, 0);
    blocked(world, 400);
    walks->bytes_max = walks->past_bytes;
    struct core_status status;
    core_status(world->core, &status);
    cr_assert(status.walked_bytes == walks->past_bytes && status.walked_bytes > 0, "as /metrics tells");
    cr_assert_eq(walks->past_count, 1);
    created(world, CALL + 1);
    route_request(world, CALL + 1, 0);
    world_forget(world);
    blocked(world, 400); /* as it is */
    expect(world, "Reply ok\n");
    blocked(world, 300);
    expect(world, "Reply error too_large\n");
    blocked_removed(world);
    expect(world, "Reply error too_large\n");
    cr_assert_eq(walks->past_count, 1);
    deleted(world, CALL);
    world_forget(world);
    blocked(world, 300);
    expect(world, "Reply ok\n");
    cr_assert_eq(walks->past_count, 1);
    deleted(world, CALL + 1);
    cr_assert_eq(walks->past_bytes, 0);
    world_free(world); /* not replayed: the core's own bound is another */
}

Test(core_setting, what_the_directory_says_again_is_no_other_version)
{
    struct core_world *world = world_new();
    world_run(world, walking(true, 0));
    blocked(world, 3);
    created(world, CALL);
    route_request(world, CALL, 0);
    uint64_t content = world->core->directory->settings.content;
    for (unsigned edit = 0; edit < 3; edit++) blocked(world, 3);
    cr_assert_eq(world->core->cursors->past_count, 0);
    cr_assert_eq(world->core->directory->settings.content, content);
    deleted(world, CALL);
    world_end(world);
}

Test(core_setting, a_cursor_that_nobody_gave_finds_nothing)
{
    static const uint64_t cursors[] = {UINT64_C(7) << 32, UINT64_C(0x7fffffff) << 32 | UINT32_MAX, 1u << 31, UINT64_MAX,
                                       UINT64_C(1) << 32 | 3};
    for (size_t at = 0; at < sizeof cursors / sizeof *cursors; at++) {
        struct core_world *world = world_new();
        world_run(world, walking(false, cursors[at]));
        blocked(world, 3);
        created(world, CALL);
        route_request(world, CALL, 0);
        expect_walked(world, CALL, 3, 0);
        world_end(world);
    }
}

/* A change by hand: of a parameter (`item` NULL), or of a row of table `blocked`; `value` NULL takes it back. */
static void change(struct core_world *world, const char *item, const char *value, int64_t for_us)
{
    struct kv pairs;
    kv_init(&pairs);
    if (item && value) {
        kv_list_begin(&pairs, span_of("value"));
        kv_put_text(&pairs, "why", span_of(value));
        kv_list_end(&pairs);
    } else if (value) {
        kv_put_text(&pairs, "value", span_of(value));
    }
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "alice");
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, item ? table_business : table_parameter);
    writer_text(writer, DirectoryRow_key, item ? "blocked" : "greeting");
    writer_kv(writer, DirectoryRow_row, &pairs);
    if (for_us != 0) writer_i(writer, DirectoryRow_until, now_wall_us(world->core->now) + for_us);
    writer_u(writer, DirectoryRow_hand, true);
    if (item) writer_text(writer, DirectoryRow_item, item);
    world_post(world);
    blocked_commit(world);
    kv_free(&pairs);
}

static void expect_checked(struct core_world *world)
{
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
}

Test(core_setting, a_change_by_hand_is_over_after_its_time_and_the_value_before_is_in_force_again)
{
    struct core_world *world = world_new();
    world_run(world, greeting());
    change(world, NULL, "for a while", 60000000);
    expect_said(world, CALL, "for a while");
    row(world, table_parameter, "greeting", "the directory's");
    commit(world, false);
    expect_said(world, CALL + 1, "for a while");
    change(world, NULL, "until it is taken back", 0);
    expect_said(world, CALL + 2, "until it is taken back");
    change(world, NULL, "for an hour", 3600000000);
    change(world, NULL, "for two hours", 7200000000);
    expect_checked(world);
    world_advance(world, 7199999999);
    expect_said(world, CALL + 3, "for two hours");
    world_advance(world, 1);
    expect_said(world, CALL + 4, "until it is taken back");
    change(world, NULL, NULL, 0);
    expect_said(world, CALL + 5, "the directory's");
    cr_assert_eq(world->core->changes->open, 0);
    change(world, NULL, "for a second", 1000000);
    directory(world, table_parameter, "greeting", (const char *const[]){NULL});
    commit(world, false);
    expect_said(world, CALL + 6, "for a second");
    world_advance(world, 1000000);
    expect_said(world, CALL + 7, "as written");
    expect_checked(world);
    world_end(world);
}

Test(core_setting, a_change_for_a_time_is_taken_back_alone_and_the_lasting_one_is_in_force_again)
{
    struct core_world *world = world_new();
    world_run(world, greeting());
    row(world, table_parameter, "greeting", "the directory's");
    commit(world, false);
    change(world, NULL, "until it is taken back", 0);
    change(world, NULL, "for an hour", 3600000000);
    expect_said(world, CALL, "for an hour");
    change(world, NULL, NULL, 0);
    expect_said(world, CALL + 1, "until it is taken back");
    expect_checked(world);
    const struct note_ring *ring = &world->core->changes->notes[NOTES_OF_CHANGES];
    const struct change_note *note = &ring->all[ring->count - 1];
    struct kv_value value;
    cr_assert(note->what == CHANGE_TAKEN_BACK && kv_get(note->before, "value", &value) &&
              span_is(value.span, "for an hour"));
    cr_assert(kv_get(note->now, "value", &value) && span_is(value.span, "until it is taken back"));
    change(world, NULL, NULL, 0);
    expect_said(world, CALL + 2, "the directory's");
    cr_assert_eq(world->core->changes->open, 0);
    world_end(world);
}

Test(core_setting, a_clock_that_is_set_ends_a_change_when_its_time_is_there)
{
    struct core_world *world = world_new();
    world_run(world, greeting());
    change(world, NULL, "for two hours", 7200000000);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0);
    writer_i(writer, Clock_offset, world->core->now->wall_offset_us + 7200000000);
    world_post(world);
    world_advance(world, 1);
    expect_said(world, CALL, "as written");
    world_end(world);
}

Test(core_setting, a_row_that_is_changed_by_hand_stands_before_that_of_the_directory)
{
    struct core_world *world = world_new();
    world_run(world, asking(OP_SETTING_ROW, "00001"));
    blocked(world, 3);
    expect_said(world, CALL, "it has rung often");
    change(world, "00001", "a supervisor says so", 60000000);
    change(world, "00007", "another row", 0);
    expect_said(world, CALL + 1, "a supervisor says so");
    blocked(world, 2); /* the directory anew */
    expect_said(world, CALL + 2, "a supervisor says so");
    const struct setting *setting = &world->core->directory->settings.all[0];
    cr_assert_eq(setting->rows.count, 3);
    cr_assert_eq(setting->base.rows.count, 2);
    world_advance(world, 60000000);
    expect_said(world, CALL + 3, "it has rung often");
    cr_assert_eq(setting->rows.count, 3);
    change(world, "00007", NULL, 0);
    cr_assert_eq(setting->rows.count, 2);
    cr_assert(!setting->changed);
    expect_checked(world);
    world_end(world);
}

Test(core_setting, a_row_by_hand_stands_before_those_that_the_strategy_has_written)
{
    struct core_world *world = world_new();
    world_run(world, asking(OP_SETTING_ROW, "33"));
    change(world, "44", "another row", 0);
    expect_said(world, CALL, "as the site wrote it");
    change(world, "33", "a supervisor says so", 60000000);
    expect_said(world, CALL + 1, "a supervisor says so");
    blocked(world, 3); /* the directory has the table now, without that row */
    world_advance(world, 60000000);
    expect_said(world, CALL + 2, "none");
    blocked_removed(world);
    expect_said(world, CALL + 3, "as the site wrote it");
    cr_assert_eq(world->core->directory->settings.all[0].rows.count, 2);
    struct image *first = world->earlier;
    world_run(world, asking(OP_SETTING_ROW, "44")); /* writes one row, of 44, which is changed */
    expect_said(world, CALL + 4, "another row");
    cr_assert_eq(world->core->directory->settings.all[0].rows.count, 1);
    change(world, "44", NULL, 0);
    expect_said(world, CALL + 5, "as the site wrote it");
    expect_checked(world);
    world_free(world); /* of three images the fixture knows two */
    image_free(first);
}

Test(core_setting, more_rows_by_hand_than_their_reader_holds_are_refused)
{
    struct core_world *world = world_new();
    world_run(world, blocking());
    blocked(world, 400);
    unsigned taken = 0;
    char item[16];
    do {
        snprintf(item, sizeof item, "x%04u", taken);
        world_forget(world);
        change(world, item, "it has rung often", 0);
    } while (taken < 400 && world->core->changes->open == ++taken);
    expect(world, "Reply error too_large\n");
    cr_assert(taken > 1 && taken < 400);
    expect_checked(world);
    world_end(world);
}

/* Of schedule `hours`: a line of one day, closed; `item` NULL: of the directory, else a change by hand; `day` 0: none.
 */
static void day_closed(struct core_world *world, const char *item, int64_t day, int64_t for_us)
{
    const int64_t numbers[] = {SCHEDULE_DATES, day, day, 0};
    struct kv pairs;
    kv_init(&pairs);
    if (day != 0) kv_list_begin(&pairs, span_of("value"));
    for (unsigned at = 0; day != 0 && at < 4; at++) kv_put_int(&pairs, "item", numbers[at]);
    if (day != 0) kv_list_end(&pairs);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_schedule);
    writer_text(writer, DirectoryRow_key, "hours");
    writer_kv(writer, DirectoryRow_row, &pairs);
    if (for_us != 0) writer_i(writer, DirectoryRow_until, now_wall_us(world->core->now) + for_us);
    writer_u(writer, DirectoryRow_hand, item != NULL);
    if (item) writer_text(writer, DirectoryRow_item, item);
    world_post(world);
    blocked_commit(world);
    kv_free(&pairs);
}

/* The days of the schedule in force. */
static void expect_days(struct core_world *world, const char *days)
{
    struct read_setting row;
    struct kv_pair pair;
    char text[256] = "";
    core_setting(world->core, table_schedule, span_of("hours"), &row);
    for (uint32_t at = 0, number = 0; row.value.tag == KV_LIST && kv_next(row.value.span, &at, &pair); number++)
        if (number % 4 == 1) snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", (int)pair.value.word);
    cr_expect_str_eq(text, days);
    expect_checked(world);
}

Test(core_setting, a_day_by_hand_stands_behind_the_lines_of_the_directory_for_its_own_time)
{
    struct core_world *world = world_new();
    day_closed(world, "FR 1", 1, 0);
    expect_days(world, ""); /* there is no schedule yet to which it could be added */
    day_closed(world, NULL, 100, 0);
    expect_days(world, "100 ");
    day_closed(world, "FR 2", 2, 60000000);
    expect_days(world, "100 1 2 ");
    day_closed(world, NULL, 101, 0); /* another directory */
    expect_days(world, "101 1 2 ");
    day_closed(world, "", 50, 30000000); /* the whole schedule by hand */
    expect_days(world, "50 1 2 ");
    world_advance(world, 30000000);
    expect_days(world, "101 1 2 ");
    world_advance(world, 30000000);
    expect_days(world, "101 1 ");
    day_closed(world, "", 50, 30000000);
    day_closed(world, "", 0, 0); /* the schedule's own lines are the directory's again, and the day stays */
    expect_days(world, "101 1 ");
    day_closed(world, "", 50, 0);
    day_closed(world, "", 0, 0); /* as after one without an end */
    expect_days(world, "101 1 ");
    day_closed(world, "FR 1", 0, 0);
    expect_days(world, "101 ");
    day_closed(world, "FR 1", 1, 0);
    day_closed(world, "FR 2", 2, 60000000);
    day_closed(world, "", 0, 0); /* only days are by hand: all of them */
    expect_days(world, "101 ");
    cr_assert_eq(world->core->changes->open, 0);
    world_end(world);
}

Test(core_setting, every_change_is_noted_with_who_and_what_was_so_before)
{
    struct core_world *world = world_new();
    row(world, table_parameter, "greeting", "the directory's");
    commit(world, true);
    change(world, NULL, "alice's", 60000000);
    world_advance(world, 60000000);
    const struct changes *changes = world->core->changes;
    cr_assert_eq(changes->notes[NOTES_OF_CHANGES].count, 5); /* the fixture has a directory and an activation */
    const struct change_note *set = &changes->notes[NOTES_OF_CHANGES].all[3],
                             *over = &changes->notes[NOTES_OF_CHANGES].all[4];
    struct kv_value value;
    cr_assert_eq(changes->notes[NOTES_OF_CHANGES].all[2].what, CHANGE_IMPORTED);
    cr_assert(set->what == CHANGE_SET && span_is(set->actor, "alice"));
    cr_assert(kv_get(set->before, "value", &value) && span_is(value.span, "the directory's"));
    cr_assert(kv_get(set->now, "value", &value) && span_is(value.span, "alice's"));
    cr_assert(over->what == CHANGE_OVER && kv_get(over->now, "value", &value) &&
              span_is(value.span, "the directory's"));
    cr_assert_eq(over->at_us, set->until_us);
    world_end(world);
}

static void asks_for_help(struct core_world *world, const char *who)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, LINK, KIND_RequestHelp, 0, 0, 0);
    if (who) writer_text(writer, ENVELOPE_actor, who);
    writer_text(writer, RequestHelp_kind, "summary");
    writer_text(writer, RequestHelp_about, "contact store 17");
    world_forget(world);
    world_post(world);
}

/* Uses of the helper are noted by themselves: however many there are, no change by hand goes. */
Test(core_setting, uses_of_the_helper_are_noted_and_put_out_no_change)
{
    struct core_world *world = world_new();
    row(world, table_parameter, "greeting", "the directory's");
    row(world, table_agent, "marie", "");
    commit(world, true);
    asks_for_help(world, "stranger"); /* whom the core does not know */
    expect(world, "Reply error not_logged_in\n");
    uint64_t changes = core_notes(world->core, NOTES_OF_CHANGES), number = 0;
    for (unsigned at = 0; at < NOTES_MAX + 3; at++) asks_for_help(world, "marie");
    expect(world, "Reply ok\n");
    asks_for_help(world, NULL);
    expect(world, "Reply error not_logged_in\n");
    struct note_row note;
    struct kv_value kind;
    cr_assert_eq(core_notes(world->core, NOTES_OF_HELPER), NOTES_MAX + 3);
    cr_assert(core_note(world->core, NOTES_OF_HELPER, &number, &note) && number == 3);
    cr_assert(span_is(note.actor, "marie") && strcmp(note.what, "helped") == 0 && span_is(note.name, "helper"));
    cr_assert(span_is(note.item, "contact store 17") && kv_get(note.now, "value", &kind));
    cr_assert(span_is(kind.span, "summary") && note.at_us == core_wall(world->core));
    cr_assert_eq(core_notes(world->core, NOTES_OF_CHANGES), changes);
    number = 0;
    cr_assert(core_note(world->core, NOTES_OF_CHANGES, &number, &note) && number == 0);
    world_end(world);
}

/* ---- skills and groups of agents by hand ---- */

/* Gives the agent the level, or the place in the group, for so long; level -1: takes that back. */
static void assigns(struct core_world *world, unsigned table, const char *name, const char *item, int64_t level,
                    int64_t for_us)
{
    struct kv pairs;
    kv_init(&pairs);
    kv_put_int(&pairs, "value", level);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, name);
    if (level >= 0) writer_kv(writer, DirectoryRow_row, &pairs);
    if (for_us != 0) writer_i(writer, DirectoryRow_until, now_wall_us(world->core->now) + for_us);
    writer_text(writer, DirectoryRow_why, "flu");
    writer_u(writer, DirectoryRow_hand, true);
    writer_text(writer, DirectoryRow_item, item);
    world_post(world);
    kv_free(&pairs);
    world->client = world->req = 1;
    commit(world, false);
    world->client = world->req = 0;
}

static uint32_t level_of(const struct core_world *world, const char *name, const char *item)
{
    uint32_t agent, skill = names_find(world->core->names, span_of(item));
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &agent));
    const struct agent *who = agent_at(world->core->agents, agent);
    return agent_in_group(who, skill) ? 1 : agent_level(who, skill);
}

static void expect_newest(const struct core_world *world, const char *what, int64_t before, int64_t now)
{
    uint64_t newest = core_notes(world->core, NOTES_OF_AGENTS) - 1;
    struct note_row note;
    struct kv_value was, is;
    cr_assert(core_note(world->core, NOTES_OF_AGENTS, &newest, &note));
    cr_assert(kv_get(note.before, "value", &was) && kv_get(note.now, "value", &is));
    cr_expect(strcmp(note.what, what) == 0 && was.word == before && is.word == now, "%s %d %d", note.what,
              (int)was.word, (int)is.word);
}

/* The agents, whom the directory has, with their skills of the fixture. */
static struct core_world *with_agents(void)
{
    struct core_world *world = world_new();
    const char *const names[] = {"marie", "paul", "jean", "olga"};
    for (unsigned at = 0; at < 4; at++)
        directory(world, table_agent, names[at], (const char *const[]){"name", names[at], NULL});
    commit(world, false);
    agent(world, "olga", "7004", agent_state_ready);
    world_forget(world);
    return world;
}

Test(core_setting, who_waits_gets_an_agent_as_soon_as_a_skill_is_given_and_nobody_when_it_is_over)
{
    struct core_world *world = with_agents();
    call_until_selection(world, CALL, "2", "basic");
    world_forget(world);
    assigns(world, table_agent_skill, "olga", "Sales", 2, 0); /* which is not enough */
    expect(world, "Reply ok\n");
    world_forget(world);
    assigns(world, table_agent_skill, "olga", "French", 9, 60000000);
    expect(world, "Reply ok\nRequestRouteCall 7004\n");
    expect_newest(world, "set", 0, 9);
    cr_assert_eq(level_of(world, "olga", "French"), 9u);
    talk(world, CALL, "7004", "olga");
    party(world, CALL, "7004", "olga", party_role_agent, party_change_Released);
    deleted(world, CALL);
    world_advance(world, 60000000);
    cr_assert_eq(level_of(world, "olga", "French"), 0u);
    expect_newest(world, "over", 9, 0);
    world_forget(world);
    call_until_selection(world, OTHER, "2", "basic");
    cr_assert(!strstr(world->trace, "RequestRouteCall"), "%s", world->trace);
    world_end(world);
}

Test(core_setting, a_level_by_hand_stands_before_that_of_the_directory_which_comes_back)
{
    struct core_world *world = with_agents();
    assigns(world, table_agent_skill, "marie", "French", 5, 0);
    assigns(world, table_agent_skill, "marie", "French", 0, 60000000);
    cr_assert_eq(level_of(world, "marie", "French"), 0u);
    skill(world, "marie", "French", 7);
    commit(world, false);
    cr_assert_eq(level_of(world, "marie", "French"), 0u, "a row of the directory stays below");
    world_advance(world, 60000000);
    cr_assert_eq(level_of(world, "marie", "French"), 5u, "that without an end");
    expect_newest(world, "over", 0, 5);
    assigns(world, table_agent_skill, "marie", "French", -1, 0);
    cr_assert_eq(level_of(world, "marie", "French"), 7u, "what the directory says now");
    expect_newest(world, "taken back", 5, 7);
    assigns(world, table_agent_skill, "marie", "French", 3, 0);
    skill(world, "marie", "French", 8);
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    commit(world, true); /* another directory, as a whole */
    cr_assert_eq(level_of(world, "marie", "French"), 3u);
    assigns(world, table_agent_skill, "marie", "French", -1, 0);
    cr_assert_eq(level_of(world, "marie", "French"), 8u);
    assigns(world, table_agent_skill, "marie", "Sales", 3, 0);
    commit(world, true); /* a directory without any agent */
    cr_assert_eq(level_of(world, "marie", "Sales"), 0u);
    cr_assert_eq(world->core->changes->open, 0u);
    world_end(world);
}

Test(core_setting, an_agent_is_put_into_a_group_and_out_of_it)
{
    struct core_world *world = with_agents();
    assigns(world, table_group_member, "olga", "overflow", 0, 60000000);
    assigns(world, table_group_member, "paul", "overflow", 1, 60000000);
    cr_assert(level_of(world, "olga", "overflow") == 0 && level_of(world, "paul", "overflow") == 1);
    directory(world, table_group_member, "overflow/paul",
              (const char *const[]){"group", "overflow", "agent", "paul", NULL});
    commit(world, false);
    world_advance(world, 60000000);
    cr_assert(level_of(world, "olga", "overflow") == 1 && level_of(world, "paul", "overflow") == 1);
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_end(world);
}

/* A place gives no group for good: who is put into it by hand, and then leaves the place, is out of it. */
Test(core_setting, a_group_of_the_place_is_not_what_the_directory_says_of_the_agent)
{
    struct core_world *world = with_agents();
    directory(world, table_place, "seat", (const char *const[]){"name", "seat", NULL});
    directory(world, table_dn, "7009", (const char *const[]){"number", "7009", NULL});
    directory(world, table_place_dn, "7009", (const char *const[]){"dn", "7009", "place", "seat", NULL});
    directory(world, table_group_place, "sales/seat", (const char *const[]){"group", "sales", "place", "seat", NULL});
    commit(world, false);
    agent(world, "paul", "7009", agent_state_ready);
    cr_assert_eq(level_of(world, "paul", "sales"), 1u, "by the place");
    assigns(world, table_group_member, "paul", "sales", 1, 60000000);
    expect_newest(world, "set", 0, 1);
    world_advance(world, 60000000);
    cr_assert_eq(level_of(world, "paul", "sales"), 1u, "by the place again");
    agent(world, "paul", "7009", agent_state_logged_out);
    cr_assert_eq(level_of(world, "paul", "sales"), 0u);
    world_end(world);
}

Test(core_setting, what_no_agent_can_have_is_refused)
{
    static const struct {
        unsigned table;
        const char *name, *item;
        int64_t level;
    } rows[] = {{table_agent_skill, "nobody", "French", 5},
                {table_agent_skill, "marie", "French", 101},
                {table_agent_skill, "marie", "", 5},
                {table_group_member, "marie", "overflow", 2}};
    struct core_world *world = with_agents();
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        world_forget(world);
        assigns(world, rows[at].table, rows[at].name, rows[at].item, rows[at].level, 0);
        expect(world, "Reply error too_large\n");
    }
    cr_assert_eq(level_of(world, "marie", "French"), 9u);
    world_end(world);
}
