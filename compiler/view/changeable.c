/* compiler/view/changeable.c - Finds the statement at a place, and collects the values in it. See changeable.h. */
#include "compiler/view/changeable.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/check/checker.h"
#include "compiler/view/drawing.h"

/* ---- the statement ---- */

struct changeable_search {
    uint32_t place;
    const struct node *parent;
    struct changeable *found;
};

static bool changeable_is_statement(const struct node *node, const struct node *parent)
{
    if (!parent) return false;
    if (parent->kind == NODE_BLOCK) return true;
    if (parent->kind == NODE_IF) return node == parent->choice.otherwise && node->kind == NODE_IF;
    if (parent->kind == NODE_ARM) return node == parent->arm.action && node->kind != NODE_BLOCK;
    if (parent->kind == NODE_SPLIT_ARM) return node == parent->split_arm.action && node->kind != NODE_BLOCK;
    return false;
}

static void changeable_descend(struct node *node, void *context)
{
    struct changeable_search *search = context;
    if (node->kind == NODE_TEST || search->place < node->span.begin || search->place >= node->span.end) return;
    if (changeable_is_statement(node, search->parent)) {
        search->found->statement = node;
        search->found->alone = search->parent->kind != NODE_BLOCK;
    }
    struct changeable_search inner = {search->place, node, search->found};
    node_children(node, changeable_descend, &inner);
}

/* ---- its values ---- */

static void changeable_add(struct changeable *of, const char *word, struct source_span value, struct source_span whole)
{
    if (of->count == CHANGEABLE_MAX || value.end <= value.begin) return;
    unsigned number = 1;
    for (size_t at = 0; at < of->count; at++) number += strcmp(of->values[at].word, word) == 0;
    of->values[of->count++] = (struct changeable_value){word, number, value, whole};
}

static void changeable_add_needed(struct changeable *of, const char *word, const struct node *value)
{
    if (value) changeable_add(of, word, value->span, (struct source_span){0, 0});
}

/* Adds a clause, or an `else`: its value, which may be a block, and what stands behind it. */
static void changeable_add_clause(struct changeable *of, const char *word, const struct node *clause,
                                  const struct node *value)
{
    if (value) changeable_add(of, word, (struct source_span){value->span.begin, clause->span.end}, clause->span);
}

/* The condition of a line stands between its `after` and the line's end. */
static void changeable_add_line(struct changeable *of, const struct node *line)
{
    if (line->line.in) changeable_add_needed(of, "in", line->line.in);
    if (line->line.after) changeable_add_needed(of, "after", line->line.after);
    if (line->line.target) changeable_add_needed(of, "line", line->line.target);
    if (line->line.share) changeable_add_needed(of, "share", line->line.share);
    if (line->line.where) changeable_add_needed(of, "where", line->line.where);
}

/* Returns the one value of a head that has a word of its own; NULL: the head has several values, or none. */
static const struct node *changeable_only(const struct node *node)
{
    switch (node->kind) {
    case NODE_DELAY:
        return node->delay.value;
    case NODE_ROUTE:
        return node->route.target;
    case NODE_STOP:
        return node->stop.why;
    case NODE_REJECT:
        return node->reject.code;
    case NODE_FAIL:
        return node->fail.code;
    case NODE_RETURN:
        return node->result.value;
    case NODE_SWITCH:
        return node->switching.strategy;
    case NODE_IF:
        return node->choice.condition;
    case NODE_WHILE:
        return node->loop.condition;
    case NODE_REPEAT:
        return node->repeat.times;
    case NODE_SEGMENT:
        return node->segment.subject;
    case NODE_COUNT:
        return node->count.counter;
    default:
        return NULL;
    }
}

static void changeable_collect(struct node *node, void *context)
{
    struct changeable *of = context;
    const struct node *only = changeable_only(node);
    const struct node *side = node_right_side(node);
    switch (node->kind) {
    case NODE_BLOCK:
        return;
    case NODE_CLAUSE:
        changeable_add_clause(of, ast_clause_word((enum clause)node->clause.which), node, node->clause.value);
        return;
    case NODE_OTHERWISE:
        changeable_add_clause(of, "else", node, node->otherwise.action);
        return;
    case NODE_LINE:
        changeable_add_line(of, node);
        return;
    case NODE_SELECT:
        changeable_add_needed(of, "in", node->select.in);
        break;
    case NODE_GOTO:
        changeable_add(of, "goto", node->jump.label.span, (struct source_span){0, 0});
        return;
    case NODE_KIND_NAME:
        if (node->kind_name.kind == KIND_PROMPT)
            changeable_add(of, "prompt", node->kind_name.name.span, (struct source_span){0, 0});
        return;
    case NODE_ARG:
        if (node->arg.value->kind == NODE_KIND_NAME && node->arg.value->kind_name.kind == KIND_PROMPT) break;
        changeable_add_needed(of, node->arg.name.text ? node->arg.name.text : "value", node->arg.value);
        return;
    default:
        break;
    }
    if (only) {
        changeable_add_needed(of, node->kind == NODE_SEGMENT ? "segment" : node_words(node->kind), only);
        return;
    }
    size_t before = of->count;
    if (node->kind != NODE_ARM && node->kind != NODE_SPLIT_ARM) node_children(node, changeable_collect, of);
    /* a right side that is a value alone, as in `x = y + 1` */
    if (side && of->count == before && side->kind != NODE_STEP) changeable_add_needed(of, "value", side);
}

bool changeable_find(const struct program *program, uint32_t place, struct changeable *found)
{
    *found = (struct changeable){0};
    struct changeable_search search = {place, NULL, found};
    EACH_NODE (file, program->files) changeable_descend(file, &search);
    if (!found->statement) return false;
    const struct node *inner = found->statement;
    while (inner->kind == NODE_LABELLED) inner = inner->labelled.statement;
    found->side = node_right_side(inner);
    if (found->side) {
        const struct node *head = found->side->kind == NODE_STEP ? found->side->step.head : found->side;
        const char *name = graph_step_name(program->arena, head);
        found->row = name ? step_row_named(name) : NULL;
    }
    changeable_collect((struct node *)inner, found);
    return true;
}

const struct changeable_value *changeable_named(const struct changeable *of, const char *name)
{
    const char *dot = strchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : strlen(name);
    unsigned long number = dot ? strtoul(dot + 1, NULL, 10) : 1;
    for (size_t at = 0; at < of->count; at++) {
        const struct changeable_value *value = &of->values[at];
        if (value->number == number && strlen(value->word) == length && memcmp(value->word, name, length) == 0)
            return value;
    }
    return NULL;
}

uint32_t changeable_room(const struct changeable *of, const char *word)
{
    int which = 0;
    if (!of->side) return 0;
    if (strcmp(word, "else") == 0) return of->side->span.end;
    while (which < CLAUSES && strcmp(ast_clause_word((enum clause)which), word) != 0) which++;
    if (which == CLAUSES || !of->row || !step_may_have_clause((enum clause)which, of->row)) return 0;
    if (of->side->kind != NODE_STEP) return of->side->span.end;
    uint32_t room = of->side->step.head->span.end;
    EACH_NODE (clause, of->side->step.clauses) {
        if (clause->clause.which == which) return 0;
        if (clause->clause.which < which) room = clause->span.end;
    }
    return room;
}
