/* compiler/lint/narrowing.c - Finds a line of a selection that adds no agents: lines add up, and an earlier line
 * that begins no later takes the same agents already. Usually the two numbers were swapped by mistake.
 *
 *     select in vq service { skill French >= 3; after 20s: skill French >= 8; }
 *
 * The second line is reported, and --fix removes it. */
#include "compiler/lint/lint.h"

#include <assert.h>

/* Does the line `wide` take all agents of the line `narrow`? */
static bool narrowing_covers(const struct lint *lint, const struct node *wide, const struct node *narrow)
{
    assert(wide->kind == NODE_LINE);
    if (wide->line.where) return false;
    if (lint_same(lint, wide->line.target, narrow->line.target)) return true;
    struct lint_levels all = lint_levels(wide->line.target), some = lint_levels(narrow->line.target);
    if (!all.whole || all.count == 0 || all.impossible) return false;
    for (size_t i = 0; i < all.count; i++) {
        bool met = false;
        for (size_t j = 0; j < some.count; j++)
            met = met || (all.of[i].skill == some.of[j].skill && some.of[j].least >= all.of[i].least &&
                          some.of[j].most <= all.of[i].most);
        if (!met) return false;
    }
    return true;
}

static bool begins_no_later(const struct node *one, const struct node *other)
{
    assert(one->kind == NODE_LINE);
    int64_t first = 0, second = 0;
    if (one->line.after && !lint_duration(one->line.after, &first)) return false;
    if (other->line.after && !lint_duration(other->line.after, &second)) return false;
    return first <= second;
}

/* Do both lines belong to the same virtual queue? `one` stands before `other`. */
static bool in_one_queue(const struct node *one, const struct node *other)
{
    while (one != other && one->next && !one->next->line.in) one = one->next;
    return one == other;
}

void lint_narrowing(struct lint *lint)
{
    EACH_OF (lint, line, NODE_LINE) {
        const struct node *select = lint_up(lint, line);
        if (select->kind != NODE_SELECT || line->line.share) continue;
        EACH_NODE (wide, select->select.lines) {
            if (wide == line) break;
            if (!in_one_queue(wide, line) || wide->line.share || !begins_no_later(wide, line) ||
                !narrowing_covers(lint, wide, line))
                continue;
            struct diag *diag = lint_report(lint, NARROWING, line->line.target->span, lint_line(lint, wide));
            diag_note(diag, wide->line.target->span, "this takes them");
            if (lint_may_go(line)) diag_edit(diag, lint_whole_line(lint, line->span), "");
            break;
        }
    }
}
