/* compiler/lint/skill_lost.c - Finds an overflow that forgets the caller's language: a line asks for a skill that is a
 * value, and a later line of skills does not ask for it.
 *
 *     skill[language] >= 5 and skill Sales >= 1;
 *     after 1m: skill Sales >= 1;                    // who speaks another language, too
 *
 * A later line that takes a group, a queue or the like is not reported. */
#include "compiler/lint/lint.h"

static void find_dynamic(struct node *node, void *context)
{
    const struct node **found = context;
    if (node->kind == NODE_KIND_INDEX && node->kind_index.kind == KIND_SKILL && !*found) *found = node;
    node_children(node, find_dynamic, context);
}

/* Returns the skill that the line names by a value, as skill[language]; NULL: it names none. */
static const struct node *skill_as_data(const struct node *line)
{
    const struct node *found = NULL;
    if (line->line.target) find_dynamic(line->line.target, &found);
    return found;
}

static void find_level(struct node *node, void *context)
{
    bool *found = context;
    if (node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_SKILL) *found = true;
    node_children(node, find_level, context);
}

/* Does the line ask only for levels of skills that are written by name? */
static bool asks_for_written(const struct node *line)
{
    bool found = false;
    if (line->line.target && line->line.target->kind == NODE_BINARY) find_level(line->line.target, &found);
    return found && !skill_as_data(line);
}

void lint_skill_lost(struct lint *lint)
{
    EACH_OF (lint, line, NODE_LINE) {
        const struct node *select = lint_up(lint, line), *asked = NULL;
        if (select->kind != NODE_SELECT || line->line.share || !asks_for_written(line)) continue;
        EACH_NODE (above, select->select.lines) {
            if (above == line) break;
            if (skill_as_data(above)) asked = skill_as_data(above);
        }
        if (!asked) continue;
        struct diag *diag = lint_report(lint, SKILL_LOST, line->line.target->span, lint_text(lint, asked->span));
        diag_note(diag, asked->span, "this line does");
        diag_hint(diag, "%s >= 1 and ...; or a group of those who may take everybody", lint_text(lint, asked->span));
    }
}
