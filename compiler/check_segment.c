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

enum { CONSTANTS_FOLLOWED = 32 };

/* What a pattern is worth: a literal, a word of an enumeration, a name of the site, or a constant that is such. */
static bool worth(const struct node *node, int64_t *number)
{
    bool negative = false;
    for (int i = 0; i < CONSTANTS_FOLLOWED; i++) {
        const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
        if (node->kind == NODE_UNARY && node->unary.op == SIGN_NEG) {
            negative = !negative;
            node = node->unary.value;
        } else if (symbol && symbol->kind == SYMBOL_CONST) {
            node = symbol->node->constant.value;
        } else {
            break;
        }
    }
    const struct symbol *symbol = node->kind == NODE_NAME || node->kind == NODE_KIND_NAME ? node->meaning : NULL;
    if (node->kind == NODE_INTEGER)
        *number = node->integer.value;
    else if (node->kind == NODE_DURATION)
        *number = node->duration.us;
    else if (node->kind == NODE_PERCENT)
        *number = node->percent.hundredths * 100;
    else if (node->kind == NODE_BOOL)
        *number = node->boolean.value;
    else if (symbol && (symbol->kind == SYMBOL_WORD || symbol->kind == SYMBOL_NAME))
        *number = symbol->index;
    else
        return false;
    if (negative) *number = -*number;
    return true;
}

static bool number_of(struct checker *c, struct node *node, const struct type *type, int64_t *number)
{
    return !type_is_poison(check_as(c, node, type)) && worth(node, number);
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
        node->type = base(c, LANG_STR);
        if (bare->kind == LANG_STR) return true;
        report(c, PATTERN_TYPE, node->span, node_words(node->kind), subject->text);
        return false;
    }
    if (node->kind == NODE_RANGE) {
        if (bare->kind != LANG_INT && bare->kind != LANG_DURATION && bare->kind != LANG_PERCENT) {
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
    if (bare->kind != LANG_INT && bare->kind != LANG_DURATION && bare->kind != LANG_PERCENT &&
        bare->kind != LANG_ENUM && bare->kind != LANG_BOOL && !type_is_site_name(bare)) {
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

/* What the arms so far take: texts and prefixes in a table, numbers as ranges that neither touch nor overlap. */
struct taken {
    struct seen **texts; /* by hash; chains by `next` */
    size_t room;
    struct seen **ranges; /* ascending */
    size_t count;
    struct seen *none;
};

/* FNV-1a: texts and prefixes begin differently, so that equal ones do not meet. */
static uint32_t hash_begin(bool prefix)
{
    return prefix ? 2166136261u : 84696351u;
}

static uint32_t hash_more(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 16777619u;
}

static uint32_t hash_of(const struct seen *pattern)
{
    uint32_t hash = hash_begin(pattern->prefix);
    for (size_t i = 0; i < pattern->text.length; i++) hash = hash_more(hash, pattern->text.bytes[i]);
    return hash;
}

static struct seen *find_text(const struct taken *taken, uint32_t hash, const char *bytes, size_t length, bool prefix)
{
    struct seen *seen = taken->texts[hash & (taken->room - 1)];
    while (seen && (seen->prefix != prefix || seen->text.length != length || memcmp(seen->text.bytes, bytes, length)))
        seen = seen->next;
    return seen;
}

/* The pattern that takes all that this text or prefix would. */
static struct seen *text_taken(const struct taken *taken, const struct seen *pattern)
{
    uint32_t hash = hash_begin(true);
    for (size_t length = 0; length <= pattern->text.length; length++) {
        struct seen *by = find_text(taken, hash, pattern->text.bytes, length, true);
        if (by) return by;
        if (length < pattern->text.length) hash = hash_more(hash, pattern->text.bytes[length]);
    }
    if (pattern->prefix) return NULL;
    return find_text(taken, hash_of(pattern), pattern->text.bytes, pattern->text.length, false);
}

/* The first range that ends behind the number, or count. */
static size_t range_at(const struct taken *taken, int64_t number)
{
    size_t low = 0, high = taken->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (taken->ranges[middle]->last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_range(struct checker *c, struct taken *taken, const struct seen *pattern)
{
    struct seen *whole = ARENA_NEW(c->arena, struct seen);
    *whole = *pattern;
    size_t first = range_at(taken, pattern->first == INT64_MIN ? INT64_MIN : pattern->first - 1), end = first;
    while (end < taken->count && (pattern->last == INT64_MAX || taken->ranges[end]->first <= pattern->last + 1)) end++;
    if (end > first && taken->ranges[first]->first < whole->first) whole->first = taken->ranges[first]->first;
    if (end > first && taken->ranges[end - 1]->last > whole->last) whole->last = taken->ranges[end - 1]->last;
    size_t behind = taken->count - end;
    memmove(taken->ranges + first + 1, taken->ranges + end, behind * sizeof *taken->ranges);
    taken->ranges[first] = whole;
    taken->count = first + 1 + behind;
}

/* Takes it; returns the earlier pattern that makes this one needless, or NULL. */
static const struct seen *take(struct checker *c, struct taken *taken, struct seen *pattern, bool is_text)
{
    const struct seen *by = NULL;
    if (pattern->none) {
        by = taken->none;
        taken->none = pattern;
    } else if (is_text) {
        by = text_taken(taken, pattern);
        size_t at = hash_of(pattern) & (taken->room - 1);
        pattern->next = taken->texts[at];
        taken->texts[at] = pattern;
    } else {
        size_t at = range_at(taken, pattern->first);
        bool within =
            at < taken->count && taken->ranges[at]->first <= pattern->first && taken->ranges[at]->last >= pattern->last;
        if (within)
            by = taken->ranges[at];
        else
            take_range(c, taken, pattern);
    }
    return by;
}

static struct taken taken_new(struct checker *c, const struct node *segment)
{
    struct taken taken = {.room = 16};
    size_t patterns = 0;
    for EACH_NODE (arm, segment->segment.arms) patterns += arm->arm.patterns.count;
    while (taken.room < 2 * patterns) taken.room *= 2;
    taken.texts = ARENA_ARRAY(c->arena, struct seen *, taken.room);
    taken.ranges = ARENA_ARRAY(c->arena, struct seen *, patterns + 1);
    return taken;
}

static void check_pattern(struct checker *c, struct node *node, const struct type *subject, struct taken *taken)
{
    struct seen *seen = ARENA_NEW(c->arena, struct seen);
    if (!read_pattern(c, node, subject, seen)) return;
    const struct seen *by = take(c, taken, seen, type_bare(subject)->kind == LANG_STR);
    if (by) diag_note(report(c, ARM_NEVER, node->span), by->node->span, "this takes it already");
}

static bool number_taken(const struct taken *taken, int64_t number)
{
    size_t at = range_at(taken, number);
    return at < taken->count && taken->ranges[at]->first <= number;
}

/* Do the arms take every value that there is? Only of a bool or an enumeration can that be. */
static bool takes_all(const struct taken *taken, const struct type *subject)
{
    const struct type *bare = type_bare(subject);
    if (type_is_option(subject) && !taken->none) return false;
    if (bare->kind == LANG_BOOL) return number_taken(taken, false) && number_taken(taken, true);
    if (bare->kind != LANG_ENUM) return false;
    for (uint32_t i = 0; i < bare->enumeration->count; i++)
        if (!number_taken(taken, bare->enumeration->numbers[i])) return false;
    return true;
}

void check_segment(struct checker *c, struct node *node)
{
    struct node *subject = node->segment.subject, *otherwise = NULL;
    const struct type *type = check_expr(c, subject, NULL);
    const struct type *bare = type_bare(type);
    if (!type_is_poison(bare) && bare->kind != LANG_STR && bare->kind != LANG_INT && bare->kind != LANG_DURATION &&
        bare->kind != LANG_PERCENT && bare->kind != LANG_ENUM && bare->kind != LANG_BOOL && !type_is_site_name(bare)) {
        report(c, NOT_SEGMENTED, subject->span, type->text);
        type = base(c, LANG_POISON);
    }
    state_advance(c, FLOW_PLAIN, subject->span);
    struct state entry = c->state, after = state_nowhere();
    struct taken taken = taken_new(c, node);
    for EACH_NODE (arm, node->segment.arms) {
        if (otherwise) diag_note(report(c, ARM_NEVER, arm->span), otherwise->span, "else takes it already");
        for EACH_NODE (pattern, arm->arm.patterns) check_pattern(c, pattern, type, &taken);
        if (arm->arm.otherwise) otherwise = arm;
        c->state = entry;
        c->state.how = arm->arm.otherwise ? "no other arm takes it" : "this arm takes it";
        check_statement(c, arm->arm.action);
        after = state_join(c, &after, &c->state, node->span);
    }
    if (!otherwise && takes_all(&taken, type)) otherwise = node->segment.arms.last;
    node->meaning = otherwise;
    if (!otherwise) {
        c->state = entry;
        c->state.how = "no arm takes it";
        after = state_join(c, &after, &c->state, node->span);
    }
    c->state = after;
}
