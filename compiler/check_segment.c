/* compiler/check_segment.c - segment: patterns against the subject's type, and arms that nothing would reach. */
#include "compiler/checker.h"

#include <string.h>

struct seen { /* a pattern that came before */
    struct node *node;
    bool none, prefix;
    struct literal text; /* of strings */
    int64_t first, last; /* of numbers, words and names */
    struct seen *next;
};

static bool number_of(struct checker *c, struct node *node, const struct type *type, int64_t *number)
{
    check_as(c, node, type);
    struct node *value = node->kind == NODE_UNARY ? node->unary.value : node;
    bool negative = node->kind == NODE_UNARY;
    if (value->kind == NODE_INTEGER)
        *number = value->integer.value;
    else if (value->kind == NODE_DURATION)
        *number = value->duration.us;
    else if (value->kind == NODE_PERCENT)
        *number = value->percent.hundredths * 100;
    else if (value->kind == NODE_BOOL)
        *number = value->boolean.value;
    else if ((value->kind == NODE_NAME || value->kind == NODE_KIND_NAME) && value->meaning)
        *number = ((const struct symbol *)value->meaning)->index;
    else
        return false;
    if (negative) *number = -*number;
    return true;
}

/* What the pattern takes, or false where it was reported. */
static bool read_pattern(struct checker *c, struct node *node, const struct type *subject, struct seen *seen)
{
    const struct type *bare = type_bare(subject);
    seen->node = node;
    if (node->kind == NODE_NONE) {
        seen->none = true;
        node->type = subject;
        if (type_is_option(subject) || type_is_poison(subject)) return true;
        report(c, ARM_NEVER, node->span);
        return false;
    }
    if (type_is_poison(bare)) return false;
    if (node->kind == NODE_PREFIX || node->kind == NODE_STRING) {
        seen->prefix = node->kind == NODE_PREFIX;
        seen->text = seen->prefix ? node->prefix.text : node->string.text;
        node->type = base(c, TYPE_STR);
        if (bare->kind == TYPE_STR) return true;
        report(c, PATTERN_TYPE, node->span, node_words(node->kind), subject->text);
        return false;
    }
    if (node->kind == NODE_RANGE) {
        if (bare->kind != TYPE_INT && bare->kind != TYPE_DURATION && bare->kind != TYPE_PERCENT) {
            report(c, PATTERN_TYPE, node->span, "a range", subject->text);
            return false;
        }
        node->type = bare;
        if (!number_of(c, node->range.from, bare, &seen->first) || !number_of(c, node->range.to, bare, &seen->last))
            return false;
        if (seen->first <= seen->last) return true;
        diag_hint(report(c, RANGE_EMPTY, node->span), "the smaller one stands first");
        return false;
    }
    if (bare->kind != TYPE_INT && bare->kind != TYPE_DURATION && bare->kind != TYPE_PERCENT &&
        bare->kind != TYPE_ENUM && bare->kind != TYPE_BOOL && !type_is_site_name(bare)) {
        report(c, PATTERN_TYPE, node->span, node_words(node->kind), subject->text);
        return false;
    }
    size_t before = diags_errors(c->diags);
    if (!number_of(c, node, bare, &seen->first)) {
        if (diags_errors(c->diags) == before)
            report(c, PATTERN_TYPE, node->span, node_words(node->kind), subject->text);
        return false;
    }
    seen->last = seen->first;
    return diags_errors(c->diags) == before;
}

static bool starts(struct literal text, struct literal prefix)
{
    return text.length >= prefix.length && !memcmp(text.bytes, prefix.bytes, prefix.length);
}

/* Does one of the earlier ones take all that this one would? Ranges are cut down by each until nothing is left. */
static struct node *covered(const struct seen *before, struct seen pattern, bool is_text)
{
    bool again = true;
    while (again) {
        again = false;
        for (const struct seen *seen = before; seen; seen = seen->next) {
            if (seen->none || pattern.none) {
                if (seen->none && pattern.none) return seen->node;
                continue;
            }
            if (is_text) {
                bool same = seen->text.length == pattern.text.length;
                if (starts(pattern.text, seen->text) && (seen->prefix || (same && !pattern.prefix))) return seen->node;
                continue;
            }
            if (seen->last < pattern.first || seen->first > pattern.last) continue;
            if (seen->first <= pattern.first && seen->last >= pattern.last) return seen->node;
            if (seen->first <= pattern.first) {
                pattern.first = seen->last + 1;
                again = true;
            } else if (seen->last >= pattern.last) {
                pattern.last = seen->first - 1;
                again = true;
            }
        }
    }
    return NULL;
}

static struct seen *check_pattern(struct checker *c, struct node *node, const struct type *subject, struct seen *before)
{
    struct seen *seen = ARENA_NEW(c->arena, struct seen);
    if (!read_pattern(c, node, subject, seen)) return before;
    struct node *by = covered(before, *seen, type_bare(subject)->kind == TYPE_STR);
    if (by) diag_note(report(c, ARM_NEVER, node->span), by->span, "this takes it already");
    seen->next = before;
    return seen;
}

void check_segment(struct checker *c, struct node *node)
{
    struct node *subject = node->segment.subject, *otherwise = NULL;
    const struct type *type = check_expr(c, subject, NULL);
    const struct type *bare = type_bare(type);
    if (!type_is_poison(bare) && bare->kind != TYPE_STR && bare->kind != TYPE_INT && bare->kind != TYPE_DURATION &&
        bare->kind != TYPE_PERCENT && bare->kind != TYPE_ENUM && bare->kind != TYPE_BOOL && !type_is_site_name(bare)) {
        report(c, NOT_SEGMENTED, subject->span, type->text);
        type = base(c, TYPE_POISON);
    }
    state_advance(c, FLOW_PLAIN, subject->span);
    struct state entry = c->state, after = state_nowhere();
    struct seen *seen = NULL;
    for EACH_NODE (arm, node->segment.arms) {
        if (otherwise) diag_note(report(c, ARM_NEVER, arm->span), otherwise->span, "else takes it already");
        for EACH_NODE (pattern, arm->arm.patterns) seen = check_pattern(c, pattern, type, seen);
        if (arm->arm.otherwise) otherwise = arm;
        c->state = entry;
        c->state.how = arm->arm.otherwise ? "no other arm takes it" : "this arm takes it";
        check_statement(c, arm->arm.action);
        after = state_join(c, &after, &c->state, node->span);
    }
    if (!otherwise) {
        c->state = entry;
        c->state.how = "no arm takes it";
        after = state_join(c, &after, &c->state, node->span);
    }
    c->state = after;
}
