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

enum { CALL = 0x0010000010000001, WAIT_US = 2000000000 };
#define CONSTANT(number) ((uint16_t)(OPERAND_CONSTANT | (number)))

/* Keeps parameter `greeting` in a key of its data, and waits. */
static struct image *greeting(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(28800000000));
    uint16_t written = writer_constant_text(w, "as written", 10);
    uint16_t number = writer_setting(w, SETTING_PARAMETER, "greeting", TYPE_STR, written, IMAGE_NONE, IMAGE_NONE, NULL);
    writer_slot(w, strategy, "said", TYPE_STR, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t said = writer_register(w, TYPE_STR);
    writer_abx(w, OP_SETTING, said, number);
    writer_abx(w, OP_SLOT_SET, said, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_delay_duration, CONSTANT(writer_constant(w, TYPE_DURATION, WAIT_US)));
    writer_step(w, STEP_ID_delay, REGISTER_NONE);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, CONSTANT(written));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes != NULL, "%s", error.text);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image != NULL, "%s at %u", error.text, error.offset);
    free(bytes);
    return image;
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

Test(core_setting, of_many_each_is_found_by_its_table_and_name)
{
    struct world *world = world_new();
    struct image *earlier = world->earlier = world->image;
    world->image = greeting();
    activate(world, "1800");
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
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
    image_free(earlier);
}
