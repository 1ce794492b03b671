/* compiler/lint/never_routed.c - Finds a selection whose result is not used: the chosen agent stays claimed, and
 * gets no other call until the claim expires.
 *
 *     let who = select in vq service { skill French >= 8; } timeout 5m ...
 *     route queue desk;    // and not: route who
 */
#include <string.h>

#include "compiler/lint/lint.h"

/* Returns the selection of a statement or of its right side; NULL: there is none. A selection of a race or parallel
 * is left out, since its arms use the result. */
static const struct node *never_routed_selection(const struct node *node)
{
    const struct node *head = lint_head(node);
    return head && head->kind == NODE_SELECT && !head->select.connects ? head : NULL;
}

/* Is the value of the name passed on: to a route, a call, another name? A mere question about the value does not
 * count. */
static bool strategy_goes_on(const struct lint *lint, const struct node *name)
{
    static const char *const parts[] = {"agent", "place", NULL};
    const struct node *up = lint_up(lint, name);
    if (up->kind == NODE_EXCLUDE) return false;
    if (up->kind != NODE_MEMBER) return true;
    bool somebody = false;
    for (size_t i = 0; parts[i]; i++) somebody = somebody || !strcmp(up->member.name.text, parts[i]);
    const struct node *above = lint_up(lint, up);
    return somebody && above->kind != NODE_MEMBER && above->kind != NODE_BINARY;
}

static bool is_routed(const struct lint *lint, const struct node *let)
{
    const struct node *body = let;
    while (lint_up(lint, body)->kind != NODE_FILE) body = lint_up(lint, body);
    EACH_IN (lint, body, name, NODE_NAME) {
        const struct symbol *symbol = name->meaning;
        if (!symbol || symbol->kind != SYMBOL_LOCAL || symbol->where.begin != let->let.name.span.begin) continue;
        if (strategy_goes_on(lint, name)) return true;
    }
    return false;
}

static void tell_never_routed(struct lint *lint, const struct node *select, const char *name)
{
    struct diag *diag = lint_report(lint, NEVER_ROUTED, select->span);
    if (name)
        diag_hint(diag, "route %s; or write connect in its place", name);
    else
        diag_hint(diag, "let who = select ...; and route who; or write connect in its place");
}

void lint_never_routed(struct lint *lint)
{
    EACH_OF (lint, let, NODE_LET) {
        const struct node *select = never_routed_selection(let->let.value);
        if (select && !is_routed(lint, let)) tell_never_routed(lint, select, let->let.name.text);
    }
    EACH_OF (lint, alone, NODE_DO) {
        const struct node *select = never_routed_selection(alone->act.value), *up = lint_up(lint, alone);
        if (select && up->kind != NODE_RACE && up->kind != NODE_PARALLEL) tell_never_routed(lint, select, NULL);
    }
}
