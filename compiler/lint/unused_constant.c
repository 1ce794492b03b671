/* compiler/lint/unused_constant.c - A constant that nothing reads. A file without strategies is a library. */
#include "compiler/lint/lint.h"

void lint_unused_constant(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    for EACH_OF(lint, node, NODE_CONST)
        if (!lint_is_read(lint, node->constant.name))
            lint_report(lint, UNUSED_CONSTANT, node->constant.name.span, node->constant.name.text);
}
