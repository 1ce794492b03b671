/* compiler/scenario/limits.c - The limits on the size of tests. A simulator refuses all tests of an image at once,
 * without naming a line, when one exceeds a limit; here the author is told the place. Both share
 * runtime/scenario/limits.h. */
#include <assert.h>
#include <string.h>

#include "compiler/scenario/maker.h"

void limit_text(struct scenario_maker *maker, const char *text, struct source_span span, size_t most)
{
    if (strlen(text) > most) diag_report(maker->diags, TEST_TEXT_SIZE, span, strlen(text), (int)most);
}

void limit_name(struct scenario_maker *maker, struct word name)
{
    if (!*name.text) diag_report(maker->diags, TEST_WANTS, name.span, "a name");
    limit_text(maker, name.text, name.span, SCENARIO_NAME_MAX);
}

void limit_digits(struct scenario_maker *maker, const char *digits, struct source_span span)
{
    size_t fine = strspn(digits, SCENARIO_DIGITS);
    if (*digits && !digits[fine]) return;
    struct diag *diag = diag_report(maker->diags, TEST_DIGITS, span, digits);
    diag_hint(diag, "0 to 9, * and #, and A to D");
}

void limit_list(struct scenario_maker *maker, struct nodes list, const char *what)
{
    size_t count = 0;
    EACH_NODE (item, list) {
        if (count++ < SCENARIO_LIST_MAX) continue;
        diag_report(maker->diags, VALUE_RANGE, item->span,
                    arena_printf(maker->arena, "at most %d %s", SCENARIO_LIST_MAX, what));
        return;
    }
}

/* Counts the interactions that arrive in a test, all lines together. */
void limit_count_arrivals(struct scenario_maker *maker, const struct node *where, int64_t times)
{
    assert(maker->arrived >= 0 && maker->arrived <= SCENARIO_ARRIVALS_MAX);
    if (times < 0 || times > SCENARIO_ARRIVALS_MAX - maker->arrived)
        diag_report(maker->diags, VALUE_RANGE, where->span,
                    arena_printf(maker->arena, "at most %d arrive in a test", SCENARIO_ARRIVALS_MAX));
    else
        maker->arrived += times;
}

bool limit_count_item(struct scenario_maker *maker, const struct node *item)
{
    if (maker->items++ == SCENARIO_ITEMS_MAX)
        diag_report(maker->diags, VALUE_RANGE, item->span,
                    arena_printf(maker->arena, "a test has at most %d lines", SCENARIO_ITEMS_MAX));
    return maker->items <= SCENARIO_ITEMS_MAX;
}

bool limit_count_test(struct scenario_maker *maker, struct source_span span)
{
    if (maker->tests++ == SCENARIO_TESTS_MAX)
        diag_hint(diag_report(maker->diags, VALUE_RANGE, span,
                              arena_printf(maker->arena, "at most %d tests are run together, each row is one",
                                           SCENARIO_TESTS_MAX)),
                  "move some into a file that is tested by itself");
    return maker->tests <= SCENARIO_TESTS_MAX;
}

bool limit_count_bytes(struct scenario_maker *maker, struct source_span span)
{
    if (maker->section.length <= SCENARIO_BYTES_MAX) return true;
    diag_hint(diag_report(maker->diags, VALUE_RANGE, span,
                          arena_printf(maker->arena, "all tests together take at most %d MiB of an image",
                                       SCENARIO_BYTES_MAX / 1024 / 1024)),
              "move some into a file that is tested by itself");
    return false;
}
