/* tests/unit/twin_tally.c - A tally counts by line and reason, keeps an example of each line as long as there is room,
 * and knows percentiles of times to an eighth; what is told of it is a word of a shell, and JSON. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/twin/tell.h"

TestSuite(twin_tally, .timeout = 60);

static struct rival_tally tally;

static void take(enum rival_how how, unsigned line, uint64_t ixn)
{
    struct rival_outcome outcome = {
        .ixn = ixn, .arrived_us = ixn, .parted_us = 2 * ixn, .how = how, .why = "does something else", .kind = "query"};
    outcome.strategy = "sales";
    (void)snprintf(outcome.was.place, sizeof outcome.was.place, "sales.gcx:%u", line);
    (void)snprintf(outcome.is.what, sizeof outcome.is.what, "value %llu", (unsigned long long)ixn);
    tally_take(&tally, &outcome, 1000);
}

Test(twin_tally, one_line_is_one_row_whatever_the_values)
{
    for (uint64_t ixn = 1; ixn <= 50; ixn++) take(RIVAL_DIFFERS, 7, ixn);
    take(RIVAL_UNKNOWN, 7, 51);
    take(RIVAL_SAME, 0, 52);
    cr_assert_eq(tally.row_count, 2);
    cr_assert_eq(tally.rows[0].count, 50);
    cr_assert_eq(tally.rows[0].first_us, 1002);
    cr_assert_eq(tally.rows[0].last_us, 1100);
    cr_assert_eq(tally_all(&tally), 52);
    cr_assert_eq(tell_exit(&tally), 1);
}

Test(twin_tally, each_line_has_an_example_before_one_has_two)
{
    for (uint64_t ixn = 1; ixn <= 40; ixn++) take(RIVAL_DIFFERS, 1, ixn);
    for (unsigned line = 2; line <= TALLY_EXAMPLES; line++) take(RIVAL_DIFFERS, line, 100 + line);
    bool seen[TALLY_EXAMPLES] = {false};
    cr_assert_eq(tally.example_count, TALLY_EXAMPLES);
    for (size_t i = 0; i < TALLY_EXAMPLES; i++) seen[tally.examples[i].row] = true;
    for (size_t row = 0; row < TALLY_EXAMPLES; row++) cr_assert(seen[row], "row %zu has no example", row);
}

Test(twin_tally, lines_beyond_the_rows_are_counted)
{
    for (unsigned line = 1; line <= TALLY_ROWS + 5; line++) take(RIVAL_FAILS, line, line);
    cr_assert_eq(tally.row_count, TALLY_ROWS);
    cr_assert_eq(tally.left_out, 5);
    cr_assert_eq(tally.hows[RIVAL_FAILS], TALLY_ROWS + 5);
}

Test(twin_tally, nothing_known_is_neither_same_nor_other)
{
    cr_assert_eq(tell_exit(&tally), 3);
    take(RIVAL_UNKNOWN, 3, 1);
    cr_assert_eq(tell_exit(&tally), 3);
    take(RIVAL_SAME, 0, 2);
    cr_assert_eq(tell_exit(&tally), 0);
}

Test(twin_tally, percentiles_are_an_eighth_too_long_at_most)
{
    struct tally_time time = {0};
    cr_assert_eq(tally_time_at(&time, 50), 0);
    for (uint64_t ns = 1; ns <= 100000; ns++) tally_time_take(&time, ns);
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint64_t wanted = percent * 1000, found = tally_time_at(&time, percent);
        cr_assert(found >= wanted && found <= wanted + wanted / 8 + 1, "%u %%: %llu", percent,
                  (unsigned long long)found);
    }
    struct tally_time longest = {0};
    tally_time_take(&longest, UINT64_MAX);
    cr_assert_gt(tally_time_at(&longest, 99), 1000000000);
}

Test(twin_tally, a_path_is_one_word_of_a_shell)
{
    char text[40], small[12];
    tell_quoted("it's $(here)", text, sizeof text);
    cr_assert_str_eq(text, "'it'\\''s $(here)'");
    tell_quoted("''''''''''''''''", small, sizeof small);
    cr_assert_lt(strlen(small), sizeof small);
    cr_assert_eq(small[strlen(small) - 1], '\'');
}

Test(twin_tally, the_json_has_all_of_it)
{
    const struct tell_head head = {.door = "shadow", .point = "1800", .image = "new.gcxb", .state = "/var/lib/gcxvm"};
    take(RIVAL_DIFFERS, 7, 0x1000000000001);
    json_t *object = tell_json(&tally, &head);
    const json_t *row = json_array_get(json_object_get(object, "rows"), 0);
    const json_t *example = json_array_get(json_object_get(object, "examples"), 0);
    cr_assert_eq(json_integer_value(json_object_get(object, "differs")), 1);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(row, "present"), "place")), "sales.gcx:7");
    cr_assert_str_eq(json_string_value(json_object_get(example, "command")),
                     "gcxdb replay '/var/lib/gcxvm' --with 'new.gcxb' 1-000000000001");
    json_decref(object);
}
