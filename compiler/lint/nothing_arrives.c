/* compiler/lint/nothing_arrives.c - A test in which nothing arrives: no strategy runs.
 *
 *     test "a caller is taken" { expect never routed to queue desk; }
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool arrives(const struct node *item)
{
    static const char *const words[] = {"call",   "email", "chat", "sms",  "im",   "outbound", "callback", "mms",
                                        "social", "fax",   "work", "own1", "own2", "own3",     "own4"};
    if (item->kind == NODE_TEST_AFTER) return arrives(item->test_after.item);
    if (item->kind != NODE_TEST_HAPPENING) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(item->test_happening.verb.text, words[i]) == 0) return true;
    return false;
}

void lint_nothing_arrives(struct lint *lint)
{
    EACH_OF (lint, test, NODE_TEST) {
        bool any = false;
        EACH_NODE (item, test->test.items) any = any || arrives(item);
        if (!any) lint_report(lint, NOTHING_ARRIVES, ((struct source_span){test->span.begin, test->span.begin + 4}));
    }
}
