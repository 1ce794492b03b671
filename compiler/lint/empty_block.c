/* compiler/lint/empty_block.c - Finds an empty block of an if or a loop, and a loop that runs zero times.
 *
 * After a step, `else {}` has a meaning: the strategy continues.
 *
 *     if ani == "" { } else { priority = 5; }
 */
#include "compiler/lint/lint.h"

static void look_at_block(struct lint *lint, const struct node *block)
{
    if (block && block->kind == NODE_BLOCK && block->block.statements.count == 0)
        lint_report(lint, EMPTY_BLOCK, block->span);
}

void lint_empty_block(struct lint *lint)
{
    EACH_OF (lint, choice, NODE_IF) {
        look_at_block(lint, choice->choice.then);
        look_at_block(lint, choice->choice.otherwise);
    }
    EACH_OF (lint, each, NODE_FOR) look_at_block(lint, each->each.body);
    EACH_OF (lint, loop, NODE_WHILE) look_at_block(lint, loop->loop.body);
    EACH_OF (lint, repeat, NODE_REPEAT) {
        const struct node *times = repeat->repeat.times;
        int64_t count;
        look_at_block(lint, repeat->repeat.body);
        if (times && segment_node_worth(times, &count) && count < 1) lint_report(lint, EMPTY_BLOCK, times->span);
    }
}
