/* compiler/check/segment.c - segment: checks patterns against the subject's type, and reports arms that no value can
 * reach.
 *
 * Every pattern that has been checked is stored in `arms_taken`, by the part of the subject that it compares (its
 * view): numbers as ranges, texts as an automaton of all texts, prefixes and expressions together. So it is known
 * whether an earlier pattern takes all values of a later one, which is reported, as the later arm never runs.
 *
 * Numbers, dates, times and floats are compared as whole numbers: segment_node_worth() gives each the number of its
 * place in the order. A range of times does not include its end. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/taken.h"
#include "vm/value.h"
#include "base/regex.h"

enum { CONSTANTS_FOLLOWED = 32, CASES_TOLD = 4 };

/* Returns an integer for a float, with the same order as the floats. */
static int64_t float_order(double number)
{
    return value_float_order(value_from_float(number));
}

const struct node *segment_node_constant(const struct node *node)
{
    for (int i = 0; i < CONSTANTS_FOLLOWED; i++) {
        const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
        if (!symbol || symbol->kind != SYMBOL_CONST) break;
        node = symbol->node->constant.value;
    }
    return node;
}

bool segment_node_worth(const struct node *node, int64_t *number)
{
    bool negative = false;
    node = segment_node_constant(node);
    for (int i = 0; i < CONSTANTS_FOLLOWED && node->kind == NODE_UNARY && node->unary.op == SIGN_NEG; i++) {
        negative = !negative;
        node = segment_node_constant(node->unary.value);
    }
    const struct symbol *symbol = node->kind == NODE_NAME || node->kind == NODE_KIND_NAME ? node->meaning : NULL;
    if (node->kind == NODE_FLOAT) {
        *number = float_order(negative ? -node->real.value : node->real.value);
        return true;
    } else if (node->kind == NODE_INTEGER)
        *number = node->integer.value;
    else if (node->kind == NODE_DURATION)
        *number = node->duration.us;
    else if (node->kind == NODE_PERCENT)
        *number = node->percent.hundredths * 100;
    else if (node->kind == NODE_BOOL)
        *number = node->boolean.value;
    else if (node->kind == NODE_DATE)
        *number = node->date.days;
    else if (node->kind == NODE_CLOCK)
        *number = node->clock.us;
    else if (node->kind == NODE_INSTANT && node->meaning)
        *number = *(const int64_t *)node->meaning;
    else if (symbol && (symbol->kind == SYMBOL_WORD || symbol->kind == SYMBOL_NAME))
        *number = symbol->index;
    else
        return false;
    if (negative) *number = -*number;
    return true;
}

static bool segment_number(struct checker *c, struct node *node, const struct type *type, int64_t *number)
{
    if (type_is_poison(check_as(c, node, type)) || !segment_node_worth(node, number)) return false;
    if (type->kind == LANG_FLOAT && node->type->kind == LANG_INT) *number = float_order((double)*number);
    return true;
}

/* Returns the type of the part of the subject that a pattern compares: the subject itself, or of a time its day,
 * time of day or weekday. NULL: the pattern fits no part. */
static const struct type *segment_view(struct checker *c, struct node *node, const struct type *bare)
{
    bool time = bare->kind == LANG_TIME || bare->kind == LANG_LOCAL;
    if (!time && bare->kind != LANG_DATE) return bare;
    if (node->kind == NODE_RANGE) return segment_view(c, node->range.from, bare);
    if (node->kind == NODE_NAME && check_word(c, node, c->weekday_type)) return c->weekday_type;
    const struct symbol *symbol =
        node->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, node->name.name.text) : NULL;
    const struct type *type = node->kind == NODE_DATE                  ? checker_base(c, LANG_DATE)
                              : node->kind == NODE_CLOCK               ? checker_base(c, LANG_CLOCK)
                              : node->kind == NODE_INSTANT             ? checker_base(c, LANG_TIME)
                              : symbol && symbol->kind == SYMBOL_CONST ? symbol->type
                                                                       : bare;
    if (!type || type_is_poison(type)) return bare;
    bool fits = type == bare || (time && (type->kind == LANG_DATE || type->kind == LANG_CLOCK));
    return fits && type->kind != LANG_LOCAL ? type : NULL;
}

static bool has_ranges(const struct type *type)
{
    return (type_is_ordered(type) && type->kind != LANG_STR) || type->kind == LANG_ENUM;
}

/* May a range of the type wrap around, as from 22:00 until 06:00, or from sat to mon? */
static bool subject_goes_round(const struct checker *c, const struct type *type)
{
    return type->kind == LANG_CLOCK || type == c->weekday_type;
}

/* Reads a bound of a range, which must be a constant, as a single pattern must: the jump table is made of them. */
static bool range_bound(struct checker *c, struct node *bound, const struct type *view, int64_t *number)
{
    size_t before = diags_errors(c->diags);
    if (segment_number(c, bound, view, number)) return diags_errors(c->diags) == before;
    if (diags_errors(c->diags) == before) report(c, PATTERN_TYPE, bound->span, node_words(bound->kind), view->text);
    return false;
}

static bool read_range(struct checker *c, struct node *node, const struct type *view, struct pattern_seen *seen)
{
    if (!has_ranges(view)) {
        report(c, PATTERN_TYPE, node->span, "from .. to", view->text);
        return false;
    }
    node->type = view;
    if (!range_bound(c, node->range.from, view, &seen->first) || !range_bound(c, node->range.to, view, &seen->last))
        return false;
    bool round = subject_goes_round(c, view) && seen->last < seen->first;
    /* The end of a range of times is not part of the range. */
    if (view->kind == LANG_CLOCK || view->kind == LANG_TIME) seen->last--;
    seen->round = round;
    if (seen->first <= seen->last || round) return true;
    bool until = seen->last + 1 == seen->first && (view->kind == LANG_CLOCK || view->kind == LANG_TIME);
    diag_hint(report(c, RANGE_EMPTY, node->span),
              until ? "it ends before that time, where it begins" : "the smaller one stands first");
    return false;
}

/* Checks that the schedule has a zone of its own: a pattern cannot name another one. */
static bool zone_is_known(struct checker *c, const struct node *what)
{
    return check_schedule_zones(c, what, what->span, "ask for it: s.open(at: t, zone: \"Europe/Paris\")");
}

/* True: patterns compare the subject as a text; a dn is compared by its number. */
static bool subject_is_text(const struct type *type)
{
    return type->kind == LANG_STR || type->kind == LANG_DN;
}

/* Checks a pattern `in` a list, a table's keys, or the hours of a schedule. */
static bool read_within(struct checker *c, struct node *node, const struct type *bare)
{
    assert(node->kind == NODE_WITHIN);
    struct node *what = node->within.what;
    const struct type *type = check_expr(c, what, NULL);
    node->type = bare;
    if (type_is_poison(type)) return false;
    if (type->kind == LANG_LIST && type_is_comparable(type->of, bare)) return true;
    if (type->kind == LANG_MAP && subject_is_text(bare)) return true;
    if (type->kind == LANG_SCHEDULE && bare->kind == LANG_TIME) return zone_is_known(c, what);
    diag_hint(report(c, PATTERN_TYPE, node->span, arena_printf(c->arena, "in %s", type->text), bare->text),
              "a text may be in a table, a time in a schedule, either in a list of such");
    return false;
}

static bool pattern_read_text(struct checker *c, struct node *node, const struct type *bare, struct pattern_seen *seen)
{
    seen->kind = node->kind == NODE_PREFIX ? REGEX_PREFIX : node->kind == NODE_MATCH ? REGEX_MATCH : REGEX_TEXT;
    seen->text = node->kind == NODE_PREFIX  ? node->prefix.text
                 : node->kind == NODE_MATCH ? node->match.text
                                            : node->string.text;
    node->type = checker_base(c, LANG_STR);
    if (subject_is_text(bare)) return true;
    report(c, PATTERN_TYPE, node->span, node_words(node->kind), bare->text);
    return false;
}

/* Reports an arm that `none` never reaches, with the reason: the subject's type has no none, or the subject is known
 * not to be none here. */
static void say_never_none(struct checker *c, struct source_span arm, const struct node *subject)
{
    const struct symbol *symbol = subject->kind == NODE_NAME ? subject->meaning : NULL;
    struct diag *diag = report(c, ARM_NEVER, arm);
    if (!symbol || (symbol->kind != SYMBOL_LOCAL && symbol->kind != SYMBOL_KEY) || !state_knows(&c->state, symbol)) {
        diag_hint(diag, "it is never none");
        return;
    }
    diag_hint(diag, "'%s' is known not to be none here", symbol->name);
    if (symbol->known_times == 1)
        diag_note(diag, symbol->known_at, "since here"); /* several tests prove it: no single place can be shown */
}

/* Fills in the values that the pattern takes, and returns true. False: the pattern was reported, or its values are
 * not known at compile time. */
static bool read_pattern(struct checker *c, struct node *node, const struct type *subject, struct pattern_seen *seen)
{
    const struct type *bare = type_bare(subject);
    seen->node = node;
    if (node->kind == NODE_NONE) {
        seen->none = true;
        node->type = subject;
        return type_is_option(subject) || type_is_poison(subject); /* check_segment() has reported any other type */
    }
    if (type_is_poison(bare)) return false;
    if (node->kind == NODE_WITHIN) return read_within(c, node, bare);
    if (node->kind == NODE_PREFIX || node->kind == NODE_STRING || node->kind == NODE_MATCH)
        return pattern_read_text(c, node, bare, seen);
    const struct type *view = segment_view(c, node, bare);
    bool zoned = bare->kind == LANG_TIME && view && view->kind != LANG_TIME;
    if (zoned && !check_zone(c, NULL, node->span)) return false;
    seen->view = !view || view == bare ? 0 : view->kind == LANG_DATE ? 1 : view->kind == LANG_CLOCK ? 2 : 3;
    if (view && node->kind == NODE_RANGE) return read_range(c, node, view, seen);
    bool single = view && (has_ranges(view) || view->kind == LANG_BOOL || type_is_site_name(view));
    size_t before = diags_errors(c->diags);
    bool known = single && segment_number(c, node, view, &seen->first);
    if (known) node->type = view;
    if (!known && diags_errors(c->diags) == before)
        report(c, PATTERN_TYPE, node->span, node_words(node->kind), subject->text);
    seen->last = seen->first;
    return known && diags_errors(c->diags) == before;
}

/* Returns the constant list in the pattern `in what`; NULL: `what` is no constant list. */
static const struct node *segment_constants(const struct checker *c, const struct node *what)
{
    const struct node *value = what;
    for (int i = 0; i < CONSTANTS_FOLLOWED && value->kind == NODE_NAME; i++) {
        const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, value->name.name.text);
        if (!symbol || symbol->kind != SYMBOL_CONST) return NULL;
        value = symbol->node->constant.value;
    }
    return value->kind == NODE_LIST ? value : NULL;
}

/* Counts the arm's patterns; a pattern `in` a constant list counts once per element. */
static size_t count_arm_patterns(const struct checker *c, const struct node *arm)
{
    assert(arm->kind == NODE_ARM);
    size_t count = 0;
    EACH_NODE (pattern, arm->arm.patterns) {
        const struct node *list = pattern->kind == NODE_WITHIN ? segment_constants(c, pattern->within.what) : NULL;
        count += list ? list->list.items.count : 1;
    }
    return count;
}

static size_t patterns_of_all(const struct checker *c, const struct node *segment)
{
    assert(segment->kind == NODE_SEGMENT);
    size_t patterns = 0;
    EACH_NODE (arm, segment->segment.arms) patterns += count_arm_patterns(c, arm);
    return patterns;
}

/* Sets the value that an element of a list takes; false for floats, which are not compared. */
static bool pattern_element(const struct node *item, const struct type *bare, struct pattern_seen *seen)
{
    if (bare->kind == LANG_FLOAT) return false;
    if (item->kind == NODE_STRING && subject_is_text(bare)) {
        seen->kind = REGEX_TEXT;
        seen->text = item->string.text;
        return true;
    }
    bool known = !subject_is_text(bare) && segment_node_worth(item, &seen->first);
    seen->last = seen->first;
    return known;
}

/* Adds the elements of a constant list as patterns: the list is needless where all its elements are taken already,
 * or where it is empty. */
static void take_list(struct checker *c, struct node *node, const struct node *list, const struct type *bare,
                      struct arms_taken *taken)
{
    assert(list->kind == NODE_LIST);
    const struct pattern_seen *by = NULL;
    bool needless = true;
    EACH_NODE (item, list->list.items) {
        struct pattern_seen *seen = ARENA_NEW(c->arena, struct pattern_seen);
        seen->node = node;
        if (!pattern_element(item, bare, seen)) {
            needless = false;
            continue;
        }
        const struct pattern_seen *earlier =
            subject_is_text(bare) ? taken_text(taken, seen) : taken_numbers(c->arena, &taken->views[0], seen);
        /* an element twice in one list is no mistake of the arms */
        if (!earlier || earlier->node != node) by = earlier;
        needless = needless && earlier;
    }
    if (!needless) return;
    struct diag *diag = report(c, ARM_NEVER, node->span);
    if (by) diag_note(diag, by->node->span, "this takes it already");
}

/* Adds a pattern `in` a list, table or schedule; a second one for the same name takes nothing and is reported. */
static void take_within(struct checker *c, struct node *node, struct pattern_seen *seen, const struct type *bare,
                        struct arms_taken *taken)
{
    assert(node->kind == NODE_WITHIN);
    const char *words = node_dotted(c->arena, node->within.what);
    for (const struct pattern_seen *by = taken->within; by; by = by->next) {
        const char *other = node_dotted(c->arena, by->node->within.what);
        if (!words || !other || strcmp(words, other) != 0) continue;
        diag_note(report(c, ARM_NEVER, node->span), by->node->span, "this takes it already");
        return;
    }
    seen->next = taken->within;
    taken->within = seen;
    const struct node *list = segment_constants(c, node->within.what);
    if (list) take_list(c, node, list, bare, taken);
}

static void check_pattern(struct checker *c, struct node *node, const struct type *subject, struct arms_taken *taken)
{
    struct pattern_seen *seen = ARENA_NEW(c->arena, struct pattern_seen);
    if (!read_pattern(c, node, subject, seen)) return;
    if (node->kind == NODE_WITHIN) {
        take_within(c, node, seen, type_bare(subject), taken);
        return;
    }
    const struct pattern_seen *by = taken_pattern(c->arena, taken, seen, subject_is_text(type_bare(subject)));
    if (by) diag_note(report(c, ARM_NEVER, node->span), by->node->span, "this takes it already");
}

static void never_matches(struct checker *c, const struct arms_taken *taken, const struct automaton *automaton)
{
    for (uint32_t i = 0; i < taken->pattern_count; i++) {
        uint32_t by = automaton->taken_by[i];
        const struct node *node = taken->patterns[i]->node;
        /* a text that an earlier text or prefix takes was reported before */
        bool told = by < i && taken->patterns[i]->kind != REGEX_MATCH && taken->patterns[by]->kind != REGEX_MATCH;
        if (by == i || told) continue;
        struct diag *diag = report(c, ARM_NEVER, node->span);
        if (by < i) diag_note(diag, taken->patterns[by]->node->span, "this takes it already");
    }
}

/* Checks each expression for itself, so that every mistake is reported. */
static bool check_each_match(struct checker *c, const struct arms_taken *taken)
{
    bool good = true;
    for (uint32_t i = 0; i < taken->pattern_count; i++) {
        const struct pattern_seen *pattern = taken->patterns[i];
        struct regex_arm arm = {REGEX_MATCH, pattern->text.bytes, pattern->text.length};
        struct regex_error error;
        if (pattern->kind != REGEX_MATCH || automaton_build(c->arena, &arm, 1, &c->regex_work, &error)) continue;
        good = false;
        if (error.text)
            report(c, MATCH_WRONG, pattern->node->span, error.text);
        else
            report(c, MATCH_LARGE, pattern->node->span);
    }
    return good;
}

/* Builds one automaton of all texts, prefixes and expressions, which shows the arms that never run. */
static void check_matches(struct checker *c, const struct arms_taken *taken)
{
    struct regex_arm *arms = ARENA_ARRAY(c->arena, struct regex_arm, taken->pattern_count + 1);
    uint32_t count = taken->pattern_count;
    struct regex_error error;
    if (!check_each_match(c, taken)) return;
    for (uint32_t i = 0; i < count; i++)
        arms[i] = (struct regex_arm){taken->patterns[i]->kind, taken->patterns[i]->text.bytes,
                                     taken->patterns[i]->text.length};
    const struct automaton *all = automaton_build(c->arena, arms, count, &c->regex_work, &error);
    if (all)
        never_matches(c, taken, all);
    else
        diag_hint(report(c, MATCH_LARGE, taken->patterns[0]->node->span),
                  "say less in one segment: another one may stand in its else");
}

static bool number_taken(const struct arms_taken *taken, int64_t number)
{
    return taken_range(&taken->views[0], number, number) != NULL;
}

/* Lists a few of the cases that no arm takes. The cases of a bool or an enumeration can be listed, those of other
 * types cannot. Of media only those in `here` are listed, if it is given. */
static uint32_t cases_left(const struct arms_taken *taken, const struct type *subject, const struct media_set *here,
                           const char *left[CASES_TOLD + 1])
{
    const struct type *bare = type_bare(subject);
    uint32_t words = bare->kind == LANG_BOOL ? 2 : bare->enumeration->count, count = 0;
    for (uint32_t i = 0; i < words && count <= CASES_TOLD; i++) {
        int64_t number = bare->kind == LANG_BOOL ? (int64_t)i : (int64_t)bare->enumeration->numbers[i];
        if (number_taken(taken, number)) continue;
        if (here && media_set_is_empty(media_set_and(*here, media_bit(bare->enumeration->words[i])))) continue;
        left[count++] = bare->kind == LANG_ENUM ? bare->enumeration->words[i] : i ? "true" : "false";
    }
    if (type_is_option(subject) && !taken->none && count <= CASES_TOLD) left[count++] = "none";
    return count;
}

static bool has_cases(const struct type *subject)
{
    return type_bare(subject)->kind == LANG_BOOL || type_bare(subject)->kind == LANG_ENUM;
}

/* Do the arms take all values of a subject whose values cannot be listed, that is of any type but bool and
 * enumerations? A prefix "" takes every text; ranges of all times of day, or of all days of the week, take every time.
 */
static bool takes_whole(const struct checker *c, const struct arms_taken *taken, const struct type *subject)
{
    static const int64_t day_us = INT64_C(86400000000);
    const struct type *bare = type_bare(subject);
    bool time = bare->kind == LANG_TIME || bare->kind == LANG_LOCAL;
    if (type_is_option(subject) && !taken->none) return false;
    if (subject_is_text(bare)) return taken_any_text(taken) != NULL;
    if (bare->kind == LANG_CLOCK || time) {
        const struct ranges *clocks = &taken->views[time ? 2 : 0];
        if (taken_range(clocks, 0, day_us - 1)) return true;
    }
    if (!time && bare->kind != LANG_DATE) return false;
    return taken_range(&taken->views[3], 0, c->weekday_type->enumeration->count - 1) != NULL;
}

static bool leaves_nothing(const struct checker *c, const struct arms_taken *taken, const struct type *subject)
{
    const char *left[CASES_TOLD + 1];
    return has_cases(subject) ? !cases_left(taken, subject, NULL, left) : takes_whole(c, taken, subject);
}

/* Do the arms take every value of the subject? Cases of a bool or an enumeration that no arm takes are reported; of
 * media those that the interaction can have here. */
static bool takes_all(struct checker *c, const struct arms_taken *taken, const struct node *node,
                      const struct type *subject)
{
    const char *left[CASES_TOLD + 1];
    if (!has_cases(subject)) return takes_whole(c, taken, subject);
    bool anywhere = media_set_is_empty(c->body->media); /* a function, which may be called on any medium */
    struct media_set here = media_set_but(anywhere ? media_set_all() : c->body->media, c->state.not_media);
    uint32_t count = cases_left(taken, subject, check_is_media(node->segment.subject) ? &here : NULL, left);
    if (!count) return true;
    const char *text = left[0];
    for (uint32_t i = 1; i < count; i++)
        text = arena_printf(c->arena, i == CASES_TOLD ? "%s and more" : "%s, %s", text, left[i]);
    struct source_span head = {node->span.begin, node->segment.subject->span.end};
    diag_hint(report(c, CASES_MISSING, head, text), "else -> {} goes on with them");
    return true; /* true: values without an arm are not reported as well */
}

static bool is_segmented(const struct type *type)
{
    return type_is_ordered(type) || type->kind == LANG_ENUM || type->kind == LANG_BOOL || type->kind == LANG_LOCAL ||
           type_is_site_name(type) || type->kind == LANG_DN;
}

/* Is an optional subject known not to be none in this arm? True if only values choose the arm, or if an earlier arm
 * took none. */
static bool tells_some(const struct node *arm, bool none_taken)
{
    assert(arm->kind == NODE_ARM);
    if (arm->arm.otherwise) return none_taken;
    EACH_NODE (pattern, arm->arm.patterns)
        if (pattern->kind == NODE_NONE || (pattern->kind == NODE_WITHIN && !none_taken)) return false;
    return true;
}

static const struct type *check_subject(struct checker *c, struct node *subject)
{
    const struct type *type = check_expr(c, subject, NULL);
    if (is_segmented(type_bare(type))) return type;
    struct diag *diag = report(c, NOT_SEGMENTED, subject->span, type->text);
    if (type_bare(type)->kind == LANG_VALUE) diag_hint(diag, "x.str, x.int and so on say as what it is meant");
    return checker_base(c, LANG_POISON);
}

/* Returns the arm for values that no arm names, of a segment whose arms take all cases. Among the exits of a step it
 * is the arm of `unsupported`, since a switch or a later core may give an exit that the step does not list; else it
 * is the last arm, whose patterns are not tested. */
static struct node *arm_of_rest(const struct node *segment, const struct type *type)
{
    if (type->kind == LANG_ENUM && type->enumeration->exits)
        EACH_NODE (arm, segment->segment.arms)
            EACH_NODE (pattern, arm->arm.patterns)
                if (pattern->kind == NODE_NAME && !strcmp(pattern->name.name.text, "unsupported")) return arm;
    return segment->segment.arms.last;
}

/* Notes in the state of an arm of `segment media` which media the interaction cannot have: media that the arm does
 * not name, or for `else` the media in `taken`. Returns the media that the arm names. */
static struct media_set tell_media(struct state *state, const struct node *arm, struct media_set taken)
{
    assert(arm->kind == NODE_ARM);
    struct media_set media = {{0}};
    EACH_NODE (pattern, arm->arm.patterns) media = media_set_or(media, check_media_word(pattern));
    struct media_set others = arm->arm.otherwise ? taken : media_set_but(media_set_all(), media);
    state->not_media = media_set_or(state->not_media, others);
    return media;
}

void check_segment(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_SEGMENT);
    struct node *subject = node->segment.subject, *otherwise = NULL;
    const struct type *type = check_subject(c, subject);
    state_advance(c, FLOW_PLAIN, subject->span);
    struct state entry = c->state, after = state_nowhere();
    struct arms_taken taken = taken_new(c->arena, patterns_of_all(c, node));
    size_t before = diags_errors(c->diags);
    EACH_NODE (arm, node->segment.arms) {
        if (otherwise) diag_note(report(c, ARM_NEVER, arm->span), otherwise->span, "else takes it already");
        EACH_NODE (pattern, arm->arm.patterns) {
            if (pattern->kind == NODE_NONE && !type_is_option(type) && !type_is_poison(type))
                say_never_none(c, pattern->span, subject);
            check_pattern(c, pattern, type, &taken);
            summary_check_code(c, subject, pattern);
        }
        if (arm->arm.otherwise) otherwise = arm;
    }
    if (taken.matches) check_matches(c, &taken);
    bool good = before == diags_errors(c->diags);
    /* true: an arm has a mistake, so cases without an arm are not reported */
    bool cases_unknown = !good && (type_is_poison(type) || has_cases(type));
    if (good && otherwise && leaves_nothing(c, &taken, type))
        diag_hint(report(c, ARM_NEVER, otherwise->span),
                  has_cases(type) ? "every case has its arm" : "the others take all");
    else if (!otherwise && (cases_unknown || (good && takes_all(c, &taken, node, type))))
        otherwise = arm_of_rest(node, type);
    bool none_taken = false;
    struct media_set media_taken = {{0}};
    EACH_NODE (arm, node->segment.arms) {
        c->state = entry;
        c->state.how = arm->arm.otherwise ? "no other arm takes it" : "this arm takes it";
        if (type_is_option(type) && tells_some(arm, none_taken)) check_known(&c->state, subject);
        if (check_is_media(subject)) media_taken = media_set_or(media_taken, tell_media(&c->state, arm, media_taken));
        EACH_NODE (pattern, arm->arm.patterns) none_taken = none_taken || pattern->kind == NODE_NONE;
        check_statement(c, arm->arm.action);
        after = state_join(c, &after, &c->state, node->span);
    }
    node->meaning = otherwise;
    if (!otherwise) {
        c->state = entry;
        c->state.how = "no arm takes it";
        if (type_is_option(type) && none_taken) check_known(&c->state, subject);
        c->state.not_media = media_set_or(c->state.not_media, media_taken);
        after = state_join(c, &after, &c->state, node->span);
    }
    c->state = after;
    if (!state_is_live(&after) && diags_errors(c->diags) != before) c->dead_said = true;
}
