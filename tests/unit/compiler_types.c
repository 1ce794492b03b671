/* Types are made once, and fit as the language says. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "base/near.h"
#include "compiler/check/scope.h"
#include "compiler/language/types.h"

TestSuite(compiler_types, .timeout = 5);

Test(compiler_types, a_type_is_made_once)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    const struct type *text = types_base(types, LANG_STR);
    cr_expect_eq(types_list(types, text), types_list(types, text));
    cr_expect_eq(types_map(types, types_list(types, text)), types_map(types, types_list(types, text)));
    cr_expect_str_eq(types_map(types, types_list(types, types_option(types, text)))->text, "map<list<str?>>");
    arena_free(arena);
}

Test(compiler_types, there_is_no_option_of_an_option)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    const struct type *once = types_option(types, types_base(types, LANG_INT));
    cr_expect_eq(types_option(types, once), once);
    cr_expect_eq(type_bare(once), types_base(types, LANG_INT));
    arena_free(arena);
}

Test(compiler_types, a_value_stands_where_perhaps_one_is_asked_for_and_not_the_other_way)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    const struct type *number = types_base(types, LANG_INT), *perhaps = types_option(types, number);
    cr_expect(type_fits(perhaps, number));
    cr_expect(type_fits(perhaps, types_base(types, LANG_NONE)));
    cr_expect_not(type_fits(number, perhaps));
    cr_expect_not(type_fits(number, types_base(types, LANG_DURATION)));
    arena_free(arena);
}

Test(compiler_types, what_was_reported_fits_everywhere)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    const struct type *poison = types_base(types, LANG_POISON);
    for (int kind = 0; kind < LANG_BASE_COUNT; kind++) {
        const struct type *type = types_base(types, (enum lang_type)kind);
        cr_expect(type_fits(type, poison));
        cr_expect(type_fits(poison, type));
        cr_expect(type_is_comparable(type, poison));
        cr_expect_eq(types_join(types, type, poison), type);
    }
    arena_free(arena);
}

Test(compiler_types, two_types_join_in_the_least_that_both_fit)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    const struct type *text = types_base(types, LANG_STR), *none = types_base(types, LANG_NONE);
    cr_expect_eq(types_join(types, text, none), types_option(types, text));
    cr_expect_eq(types_join(types, types_option(types, text), text), types_option(types, text));
    cr_expect_null(types_join(types, text, types_base(types, LANG_BOOL)));
    arena_free(arena);
}

Test(compiler_types, records_of_one_name_are_two_types)
{
    struct arena *arena = arena_new();
    struct types *types = types_new(arena);
    struct type_field fields[] = {{.name = "x", .type = types_base(types, LANG_INT)}};
    struct record record = {.name = "Point", .fields = fields, .count = 1};
    const struct type *one = types_record(types, &record), *other = types_record(types, &record);
    uint32_t index = 9;
    cr_expect_neq(one, other);
    cr_expect_not(type_fits(one, other));
    cr_expect_not_null(type_field(one, "x", &index));
    cr_expect_eq(index, 0);
    cr_expect_null(type_field(one, "y", NULL));
    arena_free(arena);
}

Test(compiler_types, a_name_that_is_nearly_right_is_offered)
{
    cr_expect_eq(near_distance("Frnech", "French"), 1);
    cr_expect_eq(near_distance("acount_number", "account_number"), 1);
    cr_expect_eq(near_distance("Frnech", "Sales"), UINT32_MAX);
    cr_expect_eq(near_distance("a", "b"), UINT32_MAX);
}

Test(compiler_types, a_name_is_the_innermost_one_until_its_block_ends)
{
    struct arena *arena = arena_new();
    struct scope *scope = scope_new(arena);
    struct symbol outer = {.name = "x"}, inner = {.name = "x"}, again = {.name = "x"};
    cr_expect_null(scope_declare(scope, SPACE_PLAIN, &outer));
    scope_enter(scope);
    cr_expect_null(scope_declare(scope, SPACE_PLAIN, &inner));
    cr_expect_eq(scope_declare(scope, SPACE_PLAIN, &again), &inner);
    cr_expect_eq(scope_find(scope, SPACE_PLAIN, "x"), &inner);
    cr_expect_null(scope_find(scope, SPACE_TYPE, "x"));
    scope_leave(scope);
    cr_expect_eq(scope_find(scope, SPACE_PLAIN, "x"), &outer);
    arena_free(arena);
}
