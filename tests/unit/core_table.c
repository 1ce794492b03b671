/* tests/unit/core_table.c - Names are numbers for good; a lookup finds what is in it and nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/core/base/table.h"

TestSuite(core_table, .timeout = 10);

Test(core_table, a_name_keeps_its_number_and_its_text)
{
    struct names names;
    names_init(&names, 1);
    uint32_t first = names_intern(&names, span_of("French"));
    for (int at = 0; at < 3000; at++) {
        char text[16];
        snprintf(text, sizeof text, "n%d", at);
        cr_assert_neq(names_intern(&names, span_of(text)), 0u);
    }
    cr_assert_eq(names_intern(&names, span_of("French")), first);
    cr_assert_eq(names_find(&names, span_of("French")), first);
    cr_assert(span_is(names_text(&names, first), "French"));
    cr_assert_eq(names_find(&names, span_of("German")), 0u);
    names_free(&names);
}

Test(core_table, the_empty_text_and_one_too_long_are_no_names)
{
    struct names names;
    uint8_t long_text[NAME_BYTES_MAX + 1] = {'x'};
    names_init(&names, 1);
    cr_assert_eq(names_intern(&names, span_of("")), 0u);
    cr_assert_eq(names_intern(&names, (struct span){long_text, sizeof long_text}), 0u);
    cr_assert_eq(names_text(&names, 0).length, 0u);
    names_free(&names);
}

enum { MANY = 4000 };

static uint64_t key_of(const void *owner, uint32_t slot)
{
    return ((const uint64_t *)owner)[slot];
}

Test(core_table, what_was_removed_is_not_found_and_the_rest_still_is)
{
    static uint64_t keys[MANY];
    struct lookup lookup;
    uint32_t slot;
    lookup_init(&lookup, keys, key_of);
    for (uint32_t at = 0; at < MANY; at++) {
        keys[at] = 1000 + at * 16;
        lookup_add(&lookup, at);
    }
    for (uint32_t at = 0; at < MANY; at += 2) lookup_remove(&lookup, keys[at]);
    lookup_remove(&lookup, 5); /* never there */
    for (uint32_t at = 0; at < MANY; at++) cr_assert_eq(lookup_find(&lookup, keys[at], &slot), at % 2 == 1);
    cr_assert_eq(lookup.count, MANY / 2);
    lookup_free(&lookup);
}
