/* compiler/lint/same_test_name.c - Finds two tests of one name, whose results cannot be told apart.
 *
 *     test "a caller is taken" { call s; expect routed to queue desk; }
 *     test "a caller is taken" { call s from "1"; expect routed to queue desk; }
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/lint/lint.h"

static int by_title(const void *a, const void *b)
{
    const struct node *one = *(struct node *const *)a, *other = *(struct node *const *)b;
    int order = strcmp(one->test.title.bytes, other->test.title.bytes);
    return order ? order : one->span.begin < other->span.begin ? -1 : 1;
}

void lint_same_test_name(struct lint *lint)
{
    struct node **tests = ARENA_ARRAY(lint->arena, struct node *, lint->count + 1);
    size_t count = 0;
    EACH_OF (lint, test, NODE_TEST) tests[count++] = test;
    qsort(tests, count, sizeof *tests, by_title);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(tests[i - 1]->test.title.bytes, tests[i]->test.title.bytes) != 0) continue;
        struct source_span word = {tests[i]->span.begin, tests[i]->span.begin + 4};
        struct source_span before = {tests[i - 1]->span.begin, tests[i - 1]->span.begin + 4};
        diag_note(lint_report(lint, SAME_TEST_NAME, word), before, "this one");
    }
}
