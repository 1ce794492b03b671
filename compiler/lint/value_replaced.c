/* compiler/lint/value_replaced.c - Finds a value that the very next statement replaces: nothing can read it before
 * that.
 *
 *     if ani.starts("+331") { priority = 100; }
 *     priority = 50;
 *
 * The first statement sets the same name, or is an `if` that does nothing else. */
#include "compiler/lint/lint.h"

/* Returns the name that the statement sets to an expression; NULL: it does something else as well, or something else.
 */
static const struct node *name_set(const struct node *statement)
{
    const struct node *target = NULL, *value = NULL;
    if (statement->kind == NODE_ASSIGN && statement->assign.op == SIGN_SET) {
        target = statement->assign.target;
        value = statement->assign.value;
    } else if (statement->kind == NODE_ATTACH) {
        target = statement->attach.target;
        value = statement->attach.value;
    }
    return target && target->kind == NODE_NAME && lint_is_pure(value) ? target : NULL;
}

/* Returns the only name that the statement sets, itself or as an `if` without else; NULL: there is none. */
static const struct node *name_set_alone(const struct node *statement)
{
    if (statement->kind != NODE_IF) return name_set(statement);
    const struct nodes *block = &statement->choice.then->block.statements;
    bool alone = !statement->choice.otherwise && block->count == 1;
    return alone ? name_set(block->first) : NULL;
}

static bool reads_name(const struct lint *lint, const struct node *value, const struct node *name)
{
    EACH_IN (lint, value, other, NODE_NAME)
        if (other->meaning == name->meaning) return true;
    return false;
}

void lint_value_replaced(struct lint *lint)
{
    EACH_OF (lint, block, NODE_BLOCK)
        EACH_NODE (first, block->block.statements) {
            const struct node *name = name_set_alone(first), *again = first->next ? name_set(first->next) : NULL;
            if (!name || !again || !name->meaning || again->meaning != name->meaning) continue;
            const struct node *value =
                first->next->kind == NODE_ASSIGN ? first->next->assign.value : first->next->attach.value;
            if (reads_name(lint, value, name)) continue;
            diag_note(lint_report(lint, VALUE_REPLACED, name->span, name->name.name.text), again->span, "here");
        }
}
