/* compiler/lint/unused_constant.c - A constant that nothing reads. A file without strategies is a library. */
#include "compiler/lint/lint.h"

/* Values of tests are read as they stand: no name in them has a meaning. */
static bool in_a_test(const struct lint *lint, const char *name)
{
    for EACH_OF(lint, read, NODE_NAME)
        if (read->name.name.text == name && lint_around(lint, read, NODE_TEST)) return true;
    return false;
}

void lint_unused_constant(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    for EACH_OF(lint, node, NODE_CONST)
        if (!lint_is_read(lint, node->constant.name) && !in_a_test(lint, node->constant.name.text))
            lint_report(lint, UNUSED_CONSTANT, node->constant.name.span, node->constant.name.text);
}
