/* tests/unit/core_setting.c - What the directory says of parameters, tables and schedules stands before what the site
 * wrote; each kind has its own names. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/state.h"
#include "tests/unit/core_fixture.h"
#include "vm/writer.h"

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

static void expect_said(struct world *world, uint64_t conn, const char *text)
{
    created(world, conn);
    route_request(world, conn, 0);
    const struct interaction *ix = interaction_by_conn(world->core, conn);
    const struct slab *slab = world->core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    char inlined[8];
    uint64_t word = 0;
    cr_assert(block_slot(block, 0, &word));
    struct text said = block_text(block_image(slab, block), block, word, inlined);
    cr_assert(said.length == strlen(text) && memcmp(said.bytes, text, said.length) == 0, "%.*s, not %s",
              (int)said.length, said.bytes, text);
}

static void row(struct world *world, unsigned table, const char *key, const char *value)
{
    directory(world, table, key, (const char *const[]){"value", value, NULL});
}

Test(core_setting, what_is_in_force_is_in_the_digest)
{
    const char *const values[] = {"good morning", "good evening", "good morning"};
    uint64_t digests[3];
    for (unsigned at = 0; at < 3; at++) {
        struct world *world = world_new();
        row(world, table_parameter, "greeting", values[at]);
        commit(world, false);
        digests[at] = core_digest(world->core);
        directory(world, table_parameter, "greeting", (const char *const[]){NULL});
        commit(world, false);
        cr_assert_eq(world->core->directory.settings.content, 0);
        world_end(world);
    }
    cr_assert(digests[0] == digests[2] && digests[0] != digests[1]);
}

Test(core_setting, of_many_each_is_found_by_its_table_and_name)
{
    struct world *world = world_new();
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
