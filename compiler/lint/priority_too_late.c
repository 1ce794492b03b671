/* compiler/lint/priority_too_late.c - Finds a priority that is set after the wait is over: a priority only orders
 * interactions that still wait in a virtual queue.
 *
 *     let who = select in vq service { skill Sales >= 1; } timeout 3m else goto desk;
 *     if tier == "gold" { priority = 50; }
 *     route who answer 15s else goto desk;
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool sets_priority(const struct node *set)
{
    const struct node *target = set->assign.target;
    const struct symbol *symbol = target->kind == NODE_NAME ? target->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "priority") == 0;
}

/* May the statement jump elsewhere, or does it select? Then the statements after it are not looked at. */
static void find_leaving(struct node *node, void *context)
{
    bool *leaves = context;
    switch (node->kind) {
    case NODE_SELECT:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_SWITCH:
    case NODE_GOTO:
    case NODE_RETURN:
    case NODE_FAIL:
    case NODE_BREAK:
    case NODE_CONTINUE:
        *leaves = true;
        break;
    case NODE_CALL: {
        const struct call_use *use = node->meaning;
        *leaves = *leaves || (use && use->callee && use->callee->waits); /* a subroutine may select */
        node_children(node, find_leaving, context);
        break;
    }
    default:
        node_children(node, find_leaving, context);
        break;
    }
}

/* Returns the step of the next route, also after branches; NULL: another step comes before a route. */
static const struct node *next_route(const struct lint *lint, const struct node *statement)
{
    for (const struct node *at = statement; at; at = lint_up(lint, at)) {
        if (at->kind == NODE_STRATEGY || at->kind == NODE_FUNCTION || at->kind == NODE_WHILE ||
            at->kind == NODE_REPEAT || at->kind == NODE_FOR)
            return NULL;
        const struct node *up = lint_up(lint, at);
        if (!up || up->kind != NODE_BLOCK) continue;
        for (const struct node *next = at->next; next; next = next->next) {
            const struct node *head = next->kind == NODE_DO ? lint_head(next->act.value) : NULL;
            if (head && head->kind == NODE_ROUTE) return head;
            bool leaves = false;
            find_leaving((struct node *)(uintptr_t)next, &leaves);
            if (leaves) return NULL;
        }
    }
    return NULL;
}

void lint_priority_too_late(struct lint *lint)
{
    EACH_OF (lint, set, NODE_ASSIGN) {
        const struct node *strategy = lint_around(lint, set, NODE_STRATEGY);
        if (!strategy || !sets_priority(set)) continue;
        const struct node *route = next_route(lint, set);
        const struct node *target = route ? route->route.target : NULL;
        const struct symbol *chosen = target && target->kind == NODE_NAME ? target->meaning : NULL;
        if (!chosen || chosen->kind != SYMBOL_LOCAL) continue;
        EACH_IN (lint, strategy, let, NODE_LET) {
            const struct node *head = lint_head(let->let.value);
            if (let->let.name.span.begin != chosen->where.begin || head->kind != NODE_SELECT) continue;
            struct diag *diag = lint_report(lint, PRIORITY_TOO_LATE, set->span);
            diag_note(diag, head->select.in->span, "the wait was here");
            diag_hint(diag, "set it before the selection");
        }
    }
}
