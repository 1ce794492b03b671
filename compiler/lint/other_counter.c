/* compiler/lint/other_counter.c - Finds a strategy that counts under one key of a counter, and then asks about another
 * key under which it does not count: one of the two was copied and not changed.
 *
 *     count calls[dnis];
 *     if calls[ani] > 3 { priority += 50; }
 *
 * A literal key is meant as it stands: `calls[""]` are all who withhold their number. */
#include "compiler/lint/lint.h"

static const struct symbol *counter_of(const struct node *node)
{
    if (node->kind != NODE_INDEX || node->index.object->kind != NODE_NAME) return NULL;
    const struct symbol *symbol = node->index.object->meaning;
    return symbol && symbol->kind == SYMBOL_COUNTER ? symbol : NULL;
}

/* Returns what the strategy counts of that counter: under the same key as `asked` if there is one, else under any
 * other; NULL: it counts nothing of it. */
static const struct node *counted_in(const struct lint *lint, const struct node *strategy, const struct node *asked)
{
    const struct node *any = NULL;
    EACH_IN (lint, strategy, count, NODE_COUNT) {
        const struct node *counted = count->count.counter;
        if (counter_of(counted) != counter_of(asked)) continue;
        if (lint_same(lint, counted->index.index, asked->index.index)) return counted;
        any = counted;
    }
    return any;
}

void lint_other_counter(struct lint *lint)
{
    EACH_OF (lint, asked, NODE_INDEX) {
        const struct node *up = lint_up(lint, asked), *strategy = lint_around(lint, asked, NODE_STRATEGY);
        if (!counter_of(asked) || !strategy || up->kind == NODE_COUNT) continue;
        if (lint_literal(asked->index.index)) continue;
        const struct node *counted = counted_in(lint, strategy, asked);
        if (!counted || lint_same(lint, counted->index.index, asked->index.index)) continue;
        struct diag *diag = lint_report(lint, OTHER_COUNTER, asked->span, counter_of(asked)->name);
        diag_note(diag, counted->span, "this is counted");
    }
}
