/* compiler/lint/nothing_arrives.c - Finds a test in which no interaction arrives, so that no strategy runs.
 *
 *     test "a caller is taken" { expect never routed to queue desk; }
 */
#include <string.h>

#include "compiler/check/own_media.h"
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "compiler/lint/lint.h"

/* True: the line of the test begins an interaction: its verb is the word of a medium; that of voice is `call`. */
static bool lint_arrives(const struct program *program, const struct node *item)
{
    if (item->kind == NODE_TEST_AFTER) return lint_arrives(program, item->test_after.item);
    if (item->kind != NODE_TEST_HAPPENING) return false;
    const char *verb = item->test_happening.verb.text;
    return strcmp(verb, "call") == 0 || media_is(own_media_word(program, verb));
}

void lint_nothing_arrives(struct lint *lint)
{
    EACH_OF (lint, test, NODE_TEST) {
        bool any = false;
        EACH_NODE (item, test->test.items) any = any || lint_arrives(lint->program, item);
        if (!any) lint_report(lint, NOTHING_ARRIVES, ((struct source_span){test->span.begin, test->span.begin + 4}));
    }
}
