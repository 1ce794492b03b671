/* tests/unit/compiler_source.c - Places in sources, and what a diagnostic shows of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/diag.h"
#include "compiler/base/source.h"

Test(compiler_source, a_place_is_found_by_line_and_character)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    const struct source *first = source_set_add(sources, "a", "one\ntwo", 7);
    const struct source *second = source_set_add(sources, "b", "d\xc3\xa9j\xc3\xa0\nvu", 9);
    struct position at = source_set_position(sources, first->base + 4);
    cr_assert(at.source == first && at.line == 2 && at.column == 1);
    at = source_set_position(sources, second->base + 4); /* the a with its accent: the fourth character */
    cr_assert(at.source == second && at.line == 1 && at.column == 4);
    at = source_set_position(sources, first->base + 7); /* the end */
    cr_assert(at.source == first && at.line == 2 && at.column == 4);
    cr_assert_null(source_set_position(sources, 0).source);
    arena_free(arena);
}

Test(compiler_source, what_is_not_utf8_is_found)
{
    cr_assert_eq(source_utf8_check("abc", 3), 3);
    cr_assert_eq(source_utf8_check("a\xc3\xa9", 3), 3);
    cr_assert_eq(source_utf8_check("a\xc3", 2), 1);
    cr_assert_eq(source_utf8_check("\xc0\x80", 2), 0, "overlong");
    cr_assert_eq(source_utf8_check("\xed\xa0\x80", 3), 0, "a surrogate");
    cr_assert_eq(source_utf8_check("\xf4\x90\x80\x80", 4), 0, "beyond the last code point");
    cr_assert_eq(source_utf8_check("\xf0\x9f\x98\x80", 4), 4);
}

Test(compiler_source, equal_names_are_one)
{
    struct arena *arena = arena_new();
    const char *name = arena_intern(arena, "account", 7);
    for (int i = 0; i < 2000; i++) {
        char other[16];
        int length = snprintf(other, sizeof other, "n%d", i);
        arena_intern(arena, other, (size_t)length);
    }
    cr_assert_eq(arena_intern(arena, "accounts", 7), name);
    cr_assert_neq(arena_intern(arena, "accounts", 8), name);
    arena_free(arena);
}

static char *printed(struct diags *diags, size_t limit)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    diags_print(diags, out, limit);
    fclose(out);
    return text;
}

Test(compiler_source, diagnostics_are_sorted_and_said_once)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diags *diags = diags_new(arena, sources);
    const struct source *source = source_set_add(sources, "a.gcx", "one\n\ttw\xc3\xb6 three\n", 16);
    struct source_span three = {source->base + 10, source->base + 15}, one = {source->base, source->base + 3};
    diag_did_you_mean(diag_report(diags, UNKNOWN_NAME, three, "three"), "tree", one);
    diag_report(diags, UNKNOWN_NAME, one, "one");
    diag_report(diags, UNKNOWN_NAME, three, "three");
    char *text = printed(diags, 20);
    cr_assert_str_eq(text, "a.gcx:1:1: error: unknown name 'one' [E0401]\n"
                           "    1 | one\n"
                           "      | ^~~\n"
                           "a.gcx:2:6: error: unknown name 'three' [E0401]\n"
                           "    2 | \ttw\xc3\xb6 three\n"
                           "      | \t    ^~~~~ did you mean 'tree'? (a.gcx:1)\n");
    free(text);
    text = printed(diags, 1);
    cr_assert_not_null(strstr(text, "and 1 more\n"));
    free(text);
    arena_free(arena);
}
