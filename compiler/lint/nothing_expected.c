/* compiler/lint/nothing_expected.c - Finds a test without expect: it passes whatever happens.
 *
 *     test "a caller is taken" { call s; }
 */
#include "compiler/lint/lint.h"

static bool items_expect(const struct nodes *items)
{
    EACH_NODE (item, *items) {
        if (item->kind == NODE_TEST_EXPECT) return true;
        if (item->kind == NODE_TEST_AFTER && item->test_after.item->kind == NODE_TEST_EXPECT) return true;
    }
    return false;
}

void lint_nothing_expected(struct lint *lint)
{
    EACH_OF (lint, test, NODE_TEST)
        if (!items_expect(&test->test.items))
            lint_report(lint, NOTHING_EXPECTED, ((struct source_span){test->span.begin, test->span.begin + 4}));
}
