/* tests/unit/compiler_pulled.c - The description of statements is read as it was written; anything else is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/sql/pulled.h"
#include "tests/unit/drawn.h"

struct world {
    struct arena *arena;
    struct source_set *sources;
    struct diags *diags;
};

static struct world world_new(void)
{
    struct world world = {.arena = arena_new()};
    world.sources = source_set_new(world.arena);
    world.diags = diags_new(world.arena, world.sources);
    return world;
}

static const struct pulled *read(struct world *world, const char *text, size_t length)
{
    return pulled_read(world->arena, world->diags, source_set_add(world->sources, "x.pulled", text, length));
}

static struct pulled_statement statement(const char *text, const struct sql_column *columns, size_t parameters,
                                         size_t count)
{
    struct pulled_statement made = {.text = {text, strlen(text)},
                                    .parameters = columns,
                                    .parameter_count = parameters,
                                    .columns = columns,
                                    .column_count = count};
    pulled_hash(made.text, made.hash);
    return made;
}

static char *written(struct pulled_statement *statements, size_t count, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    cr_assert_not_null(out);
    pulled_write(out, "crm", statements, count);
    fclose(out);
    return text;
}

static const struct sql_column columns[] = {
    {"name", SQL_TEXT, SQL_NOT_NULL, "character varying"},
    {"a \"b\" null", SQL_MOMENT, SQL_NULL, "timestamp with time zone"},
    {"", SQL_INTEGER, SQL_NULL_UNKNOWN, "bigint"},
    {"l'été", SQL_TEXT, SQL_NULL_UNKNOWN, "text[]"},
};
static const char *const texts[] = {"select 1", "\n\nselect $1\n -- 'x'\n", "update t\n\n  set a = 1\n",
                                    "select '  |'"};

Test(compiler_pulled, what_was_written_is_read, .timeout = 10)
{
    struct world world = world_new();
    struct pulled_statement statements[4];
    size_t length, again;
    for (size_t i = 0; i < 4; i++) statements[i] = statement(texts[i], columns, i, 4);
    char *text = written(statements, 4, &length), *second;
    const struct pulled *pulled = read(&world, text, length);
    cr_assert_not_null(pulled);
    cr_assert_eq(pulled->count, 4);
    for (size_t i = 0; i < 4; i++) {
        struct literal wanted = {texts[i], strlen(texts[i])};
        const struct pulled_statement *found = pulled_find(pulled, wanted);
        cr_assert_not_null(found, "%s", texts[i]);
        cr_expect_eq(found->parameter_count, i);
        cr_assert_eq(found->column_count, 4);
        for (size_t k = 0; k < 4; k++) {
            cr_expect_str_eq(found->columns[k].name, columns[k].name);
            cr_expect_str_eq(found->columns[k].type_text, columns[k].type_text);
            cr_expect_eq(found->columns[k].type, columns[k].type);
            cr_expect_eq(found->columns[k].null, columns[k].null);
        }
    }
    cr_expect_null(pulled_find(pulled, (struct literal){"select 2", 8}));
    second = written((struct pulled_statement *)pulled->statements, 4, &again);
    cr_expect_eq(again, length);
    cr_expect_str_eq(second, text, "the same statements give the same bytes");
    free(text);
    free(second);
    arena_free(world.arena);
}

Test(compiler_pulled, nothing_that_is_changed_in_it_does_harm, .timeout = 60)
{
    struct pulled_statement statements[4];
    size_t length;
    unsigned good = 0;
    uint32_t seed = (uint32_t)drawn_from() + 1;
    for (size_t i = 0; i < 4; i++) statements[i] = statement(texts[i], columns, i, 4);
    char *text = written(statements, 4, &length), *changed = malloc(length + 1);
    cr_assert_not_null(changed);
    for (unsigned round = 0; round < 3000; round++) {
        struct world world = world_new();
        size_t cut = length;
        memcpy(changed, text, length + 1);
        for (unsigned n = 0; n <= round % 3; n++) {
            seed = seed * 1664525 + 1013904223;
            changed[(seed >> 8) % length] = (char)(round % 5 == 0 ? '\n' : (int)(seed >> 3));
        }
        if (round % 7 == 0) cut = (seed >> 4) % length;
        changed[cut] = '\0';
        good += read(&world, changed, cut) != NULL;
        arena_free(world.arena);
    }
    cr_expect_lt(good, 1500, "most of them are refused: %u were not", good);
    free(changed);
    free(text);
}

Test(compiler_pulled, a_type_of_postgresql_is_one_of_ours, .timeout = 10)
{
    cr_expect_eq(pulled_type("bigint"), SQL_INTEGER);
    cr_expect_eq(pulled_type("timestamp with time zone"), SQL_MOMENT);
    cr_expect_eq(pulled_type("timestamp without time zone"), SQL_TEXT);
    cr_expect_eq(pulled_type("interval"), SQL_INTERVAL);
    cr_expect_eq(pulled_type("mood"), SQL_TEXT);
}
