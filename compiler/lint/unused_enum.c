/* compiler/lint/unused_enum.c - An enumeration of which nothing is. A file without strategies is a library. */
#include "compiler/lint/lint.h"

static bool is_named(const struct lint *lint, const struct node *declared)
{
    for EACH_OF(lint, name, NODE_NAME) { /* Tier.gold */
        const struct symbol *word = name->meaning;
        bool is_word = word && word->kind == SYMBOL_WORD && word->type && word->type->kind == LANG_ENUM;
        if (is_word && word->type->enumeration->name == declared->enumeration.name.text) return true;
    }
    return lint_names_type(lint, declared->enumeration.name.text);
}

void lint_unused_enum(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    for EACH_OF(lint, node, NODE_ENUM) {
        struct word name = node->enumeration.name;
        if (!is_named(lint, node)) lint_report(lint, UNUSED_ENUM, name.span, name.text);
    }
}
