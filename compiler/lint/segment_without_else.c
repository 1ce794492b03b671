/* compiler/lint/segment_without_else.c - Finds a segment where no arm may fit: the interaction then continues after it
 * without notice. A segment that names all values of an enumeration or of bool needs no else.
 *
 *     segment dnis { "1800" -> priority = 5; "1801" -> priority = 9; }
 *
 * The message names the missing cases where they are known: values of a menu, numbers between two arms or within the
 * bounds of a parameter or level, times of day, hours of a schedule. */
#include <inttypes.h>
#include <string.h>

#include "compiler/lint/lint.h"

enum { SPANS = 32, LEVEL_MOST = 100 };
static const int64_t DAY_US = INT64_C(86400000000);

struct missing_spans {
    int64_t first[SPANS], last[SPANS]; /* the ranges that the arms take, sorted by their first values */
    size_t count;
    bool clock;
};

/* ---- Values that are known ---- */

static bool some_pattern_takes(const struct node *segment, const struct node *value)
{
    EACH_NODE (arm, segment->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns) {
            const struct node *literal = lint_literal(pattern);
            if (literal && lint_equal(literal, value)) return true;
            if (pattern->kind == NODE_PREFIX && value->kind == NODE_STRING &&
                strncmp(value->string.text.bytes, pattern->prefix.text.bytes, pattern->prefix.text.length) == 0)
                return true;
            if (!literal && pattern->kind != NODE_PREFIX) return true; /* an expression may take any text */
        }
    return false;
}

/* Returns the values of the subject that no arm takes, as "3, and 'fr'"; "": arms take all; NULL: they are not known.
 */
static const char *values_missing(const struct lint *lint, const struct node *segment)
{
    struct lint_values values;
    const struct node *missing[LINT_VALUES];
    size_t count = 0;
    if (!lint_values_of(lint, segment->segment.subject, &values)) return NULL;
    for (size_t i = 0; i < values.count; i++)
        if (!some_pattern_takes(segment, values.of[i])) missing[count++] = values.of[i];
    return lint_values_text(lint, missing, count);
}

/* ---- Numbers and times of a day ---- */

static bool is_clock(const struct node *pattern)
{
    return pattern->kind == NODE_CLOCK || (pattern->kind == NODE_RANGE && pattern->range.from->kind == NODE_CLOCK);
}

static bool spans_add(struct missing_spans *spans, int64_t first, int64_t last)
{
    if (spans->count == SPANS) return false;
    size_t at = spans->count++;
    for (; at > 0 && spans->first[at - 1] > first; at--) {
        spans->first[at] = spans->first[at - 1];
        spans->last[at] = spans->last[at - 1];
    }
    spans->first[at] = first;
    spans->last[at] = last;
    return true;
}

static bool spans_take(struct missing_spans *spans, const struct node *pattern)
{
    const struct node *from = pattern->kind == NODE_RANGE ? pattern->range.from : pattern;
    const struct node *to = pattern->kind == NODE_RANGE ? pattern->range.to : pattern;
    int64_t first, last;
    bool number = from->kind == NODE_INTEGER || from->kind == NODE_UNARY;
    if ((!number && from->kind != NODE_CLOCK) || !segment_node_worth(from, &first) || !segment_node_worth(to, &last))
        return false;
    if (spans->count > 0 && spans->clock != is_clock(pattern)) return false;
    spans->clock = is_clock(pattern);
    if (!spans->clock) return spans_add(spans, first, last);
    if (last > first) return spans_add(spans, first, last - 1);
    return spans_add(spans, first, DAY_US - 1) && (last == 0 || spans_add(spans, 0, last - 1)); /* past midnight */
}

static const char *span_text(const struct lint *lint, bool clock, int64_t first, int64_t last)
{
    if (clock) {
        int64_t from = first / 60000000, to = (last + 1) / 60000000;
        return arena_printf(lint->arena, "%02d:%02d..%02d:%02d", (int)(from / 60), (int)(from % 60),
                            (int)(to / 60 % 24), (int)(to % 60));
    }
    return first == last ? arena_printf(lint->arena, "%" PRId64, first)
                         : arena_printf(lint->arena, "%" PRId64 "..%" PRId64, first, last);
}

static const char *spans_joined(const struct lint *lint, const char *text, const char *more)
{
    return *text ? arena_printf(lint->arena, "%s, %s", text, more) : more;
}

/* Sets the least and the greatest value of the subject, where they are known: for a level, or for a parameter with
 * bounds. */
static void spans_bounds(const struct node *subject, int64_t *least, int64_t *most)
{
    const struct call_use *use = subject->kind == NODE_CALL ? subject->meaning : NULL;
    const struct node *callee = use ? subject->call.callee : NULL;
    bool asks = use && (use->kind == CALL_ASKED || use->kind == CALL_LEVEL);
    if (asks && callee->kind == NODE_MEMBER && strcmp(callee->member.name.text, "level") == 0) {
        *least = 0;
        *most = LEVEL_MOST;
    }
    const struct symbol *symbol = subject->kind == NODE_NAME ? subject->meaning : NULL;
    if (!symbol || symbol->kind != SYMBOL_SETTING || symbol->node->kind != NODE_SITE_PARAMETER) return;
    const struct node *within = symbol->node->parameter.within;
    int64_t from, to;
    if (!within || within->kind != NODE_RANGE || !segment_node_worth(within->range.from, &from) ||
        !segment_node_worth(within->range.to, &to))
        return;
    *least = from;
    *most = to;
}

/* Returns the values from `least` to `most` that no range contains, as text. */
static const char *spans_left(const struct lint *lint, const struct missing_spans *spans, int64_t least, int64_t most)
{
    const char *text = "";
    int64_t next = least;
    if (next == INT64_MIN) {
        text = arena_printf(lint->arena, "less than %" PRId64, spans->first[0]);
        next = spans->first[0];
    }
    for (size_t i = 0; i < spans->count; i++) {
        if (spans->first[i] > next)
            text = spans_joined(lint, text, span_text(lint, spans->clock, next, spans->first[i] - 1));
        if (spans->last[i] >= next && spans->last[i] < INT64_MAX) next = spans->last[i] + 1;
    }
    if (next > most) return text;
    return spans_joined(lint, text,
                        most == INT64_MAX ? arena_printf(lint->arena, "more than %" PRId64, next - 1)
                                          : span_text(lint, spans->clock, next, most));
}

/* Returns the numbers or times of day that no arm takes; "" or NULL as in values_missing(). */
static const char *spans_missing(const struct lint *lint, const struct node *segment)
{
    struct missing_spans spans = {.count = 0};
    EACH_NODE (arm, segment->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns)
            if (!spans_take(&spans, pattern)) return NULL;
    if (spans.count == 0) return NULL;
    int64_t least = INT64_MIN, most = INT64_MAX;
    if (spans.clock) {
        least = 0;
        most = DAY_US - 1;
    } else {
        spans_bounds(segment->segment.subject, &least, &most);
    }
    return spans_left(lint, &spans, least, most);
}

/* Returns the hours that no arm takes, where all arms name schedules; NULL: some arm does not. */
static const char *hours_missing(const struct lint *lint, const struct node *segment)
{
    const char *names = NULL;
    size_t count = 0;
    EACH_NODE (arm, segment->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns) {
            const struct symbol *symbol = pattern->kind == NODE_WITHIN ? schedule_named(pattern->within.what) : NULL;
            if (!symbol) return NULL;
            names = names ? arena_printf(lint->arena, "%s and '%s'", names, symbol->name)
                          : arena_printf(lint->arena, "'%s'", symbol->name);
            count++;
        }
    return names ? arena_printf(lint->arena, "when %s %s closed", names, count > 1 ? "are" : "is") : NULL;
}

void lint_segment_without_else(struct lint *lint)
{
    EACH_OF (lint, node, NODE_SEGMENT) {
        if (node->meaning || !node->segment.subject->type) continue;
        const struct type *type = type_bare(node->segment.subject->type);
        bool total = false;
        EACH_NODE (arm, node->segment.arms) total = total || arm->arm.otherwise;
        if (total || type->kind == LANG_ENUM || type->kind == LANG_BOOL) continue;
        const char *missing = values_missing(lint, node);
        if (!missing) missing = spans_missing(lint, node);
        if (!missing) missing = hours_missing(lint, node);
        if (missing && !*missing) continue;
        struct source_span word = {node->span.begin, node->segment.subject->span.end};
        struct diag *diag = lint_report(lint, SEGMENT_WITHOUT_ELSE, word);
        if (missing)
            diag_hint(diag, "missing: %s; else -> {} says that it is meant", missing);
        else
            diag_hint(diag, "else -> {} says that it is meant");
    }
}
