/* compiler/check/statistic.c - Statistics, latches, counters, capacities: their declarations from base measures, and
 * the places where they are read. All these names are declared with the site's other names; their values are checked
 * when the constants are known, statistics first.
 *
 *     statistic occupancy of agent, group over 30m = busy_time / login_time;
 *             |            |               |       |
 *             the name     its objects   window    measures, constants and parameters
 *
 * A measure is a row of vm/measures.def, which lists the kinds of objects that have it and whether it has a window.
 * While a statistic's value is checked, c->measuring is its node: words are measures then, and a quotient may be
 * none. */
#include "compiler/check/checker.h"
#include "compiler/check/own_media.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"
#include "vm/counted.h"
#include "vm/prefer.h"

static const int64_t WINDOW_MIN_US = 1000000, WINDOW_MAX_US = INT64_C(31) * 86400 * 1000000;
enum { CAPACITY_MOST = 100 };

static const struct type *poisoned_statistic(const struct checker *c)
{
    return checker_base(c, LANG_POISON);
}

/* Returns the kinds of objects that have a measure, as text: "agent, group". */
static const char *objects_text(struct checker *c, uint32_t objects)
{
    const char *text = "";
    for (uint32_t bit = 1; bit <= MEASURED_ALL; bit <<= 1)
        if (objects & bit) text = arena_printf(c->arena, "%s%s%s", text, *text ? ", " : "", measure_object_word(bit));
    return text;
}

/* Declarations */

static uint32_t objects_of(struct checker *c, struct nodes kinds)
{
    uint32_t objects = 0;
    EACH_NODE (kind, kinds) {
        uint32_t bit = measure_object_bit(kind_type(kind->type_kind.kind));
        if (!bit || objects & bit) report(c, STATISTIC_KIND, kind->span, ast_kind_word(kind->type_kind.kind));
        objects |= bit;
    }
    return objects;
}

/* Declares a statistic's name; its value is checked when the constants are known (check_statistics()). */
void check_declare_statistic(struct checker *c, struct node *item)
{
    switch (item->kind) {
    case NODE_SITE_STATISTIC: {
        struct symbol *symbol = check_declare(c, SPACE_PLAIN, SYMBOL_STATISTIC, item->statistic.name, item);
        symbol->index = objects_of(c, item->statistic.kinds);
        item->meaning = symbol;
        break;
    }
    case NODE_SITE_LATCH:
        item->meaning = check_declare(c, SPACE_PLAIN, SYMBOL_LATCH, item->latch.name, item);
        break;
    case NODE_SITE_COUNTER:
        item->meaning = check_declare(c, SPACE_PLAIN, SYMBOL_COUNTER, item->counter.name, item);
        ((struct symbol *)item->meaning)->type = checker_base(c, LANG_INT);
        break;
    case NODE_SITE_CAPACITY:
        check_declare(c, SPACE_CAPACITY, SYMBOL_CAPACITY, item->capacity.name, item);
        break;
    default:
        break;
    }
}

/* `since login` begins with an event of the agent; any other window begins at a time of day or lasts a
 * duration. */
bool statistic_is_since_login(const struct node *window)
{
    const struct node *value = window->window.value;
    return window->window.since && value->kind == NODE_NAME && !strcmp(value->name.name.text, "login");
}

/* Checks the window of a statistic or counter. `objects`: the kinds of objects that the statistic measures; 0: a
 * counter, which measures none. */
static void check_window(struct checker *c, const struct node *window, uint32_t objects)
{
    if (!window) return;
    if (statistic_is_since_login(window)) {
        if (objects != MEASURED_AGENT) report(c, WINDOW_LOGIN, window->span);
        return;
    }
    struct node *value = window->window.value;
    int64_t us;
    if (type_is_poison(check_as(c, value, checker_base(c, window->window.since ? LANG_CLOCK : LANG_DURATION)))) return;
    if (window->window.since && !c->checked->zone && value->type->kind == LANG_CLOCK)
        diag_hint(report(c, TIME_WITHOUT_ZONE, value->span), "write `default zone` in the site");
    if (!window->window.since && segment_node_worth(value, &us) && (us < WINDOW_MIN_US || us > WINDOW_MAX_US))
        report(c, WINDOW_RANGE, value->span);
}

static bool type_is_figure(const struct type *type)
{
    enum lang_type kind = type_bare(type)->kind;
    return kind == LANG_INT || kind == LANG_DURATION || kind == LANG_PERCENT || kind == LANG_POISON;
}

/* Checks a statistic's value, whose type becomes the statistic's. A value that is no number, duration or share is
 * reported, and the statistic becomes poison. */
static void check_value(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_STATISTIC);
    struct symbol *symbol = item->meaning;
    check_window(c, item->statistic.window, symbol->index);
    c->measuring = item;
    const struct type *type = check_expr(c, item->statistic.value, NULL);
    c->measuring = NULL;
    symbol->type = type_is_figure(type) ? type : poisoned_statistic(c);
    if (!type_is_figure(type))
        report(c, TYPE_MISMATCH, item->statistic.value->span, type->text, "a count, a duration or a percent");
}

/* Checks both conditions of a latch. Values of the moment are allowed in these, though no body computes them: `live`
 * allows that. */
static void check_latch(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_LATCH);
    struct state yes, no;
    c->live = true;
    check_condition(c, item->latch.on, &yes, &no);
    check_condition(c, item->latch.off, &yes, &no);
    c->live = false;
    ((struct symbol *)item->meaning)->type = checker_base(c, LANG_BOOL);
}

static void check_counter(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_COUNTER);
    check_window(c, item->counter.window, 0);
    if (!item->counter.of) return;
    const struct type *type = check_type(c, item->counter.of);
    if (type->kind != LANG_STR && !type_is_poison(type))
        report(c, TYPE_MISMATCH, item->counter.of->span, type->text, "str");
    struct node *keys = item->counter.keys;
    int64_t most;
    if (!keys || type_is_poison(check_as(c, keys, checker_base(c, LANG_INT)))) return;
    if (segment_node_worth(keys, &most) && (most < 1 || most > COUNTER_KEYS_MAX))
        report(c, COUNTER_BOUND, keys->span, (int)COUNTER_KEYS_MAX);
}

/* Returns the medium if agents have units of it; NULL: they have none, which was reported. */
static const char *capacity_medium(struct checker *c, struct word word)
{
    const char *medium = own_media_word(c->program, word.text), *unit = media_unit(medium);
    if (unit && !strcmp(unit, medium)) return word.text;
    if (unit) {
        const char *why = arena_printf(c->arena, "%s takes a unit of %s", word.text, unit);
        diag_hint(report(c, CAPACITY_RULE, word.span, why), "%s", unit);
        return NULL;
    }
    diag_did_you_mean(report(c, UNKNOWN_MEDIUM, word.span, word.text), own_media_near(c->program, word.text),
                      (struct source_span){0, 0});
    return NULL;
}

/* Does a rule count the medium, as in `chat 3;`? A misspelt medium may have been this one, so then it counts as
 * counted, and no second error follows. */
static bool is_counted(const struct checker *c, const struct node *item, const char *medium)
{
    assert(item->kind == NODE_SITE_CAPACITY);
    EACH_NODE (rule, item->capacity.rules)
        if (!rule->capacity_rule.verb.text && !media_is(own_media_word(c->program, rule->capacity_rule.medium.text)))
            return true;
        else if (!rule->capacity_rule.verb.text && !strcmp(rule->capacity_rule.medium.text, medium))
            return true;
    return false;
}

/* Two rules that count one medium are the same rule even with different numbers: only one number could hold. */
static bool same_rule(const struct node *a, const struct node *b)
{
    assert(a->kind == NODE_CAPACITY_RULE);
    assert(b->kind == NODE_CAPACITY_RULE);
    const char *verb = a->capacity_rule.verb.text, *other = b->capacity_rule.verb.text;
    if (strcmp(a->capacity_rule.medium.text, b->capacity_rule.medium.text) || !verb != !other) return false;
    return !verb || (!strcmp(verb, other) && !strcmp(a->capacity_rule.other.text, b->capacity_rule.other.text));
}

/* Checks a rule: "chat 3;" counts a medium; "voice blocks chat;" names two media, and each of them needs a rule that
 * counts it. */
static void check_capacity_rule(struct checker *c, const struct node *item, const struct node *rule)
{
    assert(item->kind == NODE_SITE_CAPACITY);
    struct word verb = rule->capacity_rule.verb, other = rule->capacity_rule.other;
    const char *medium = capacity_medium(c, rule->capacity_rule.medium);
    const struct node *first = item->capacity.rules.first;
    while (first != rule && !same_rule(first, rule)) first = first->next;
    if (first != rule) diag_note(report(c, CAPACITY_RULE, rule->span, "it is said twice"), first->span, "here before");
    if (!verb.text) {
        if (rule->capacity_rule.count < 1 || rule->capacity_rule.count > CAPACITY_MOST)
            report(c, CAPACITY_COUNT, rule->span, CAPACITY_MOST);
        return;
    }
    const char *with = capacity_medium(c, other);
    if (strcmp(verb.text, "blocks") && strcmp(verb.text, "interrupts")) {
        bool near = near_distance(verb.text, "blocks") != UINT32_MAX;
        const char *why = arena_printf(c->arena, "nothing is known of '%s'", verb.text);
        diag_hint(report(c, CAPACITY_RULE, verb.span, why), near ? "voice blocks chat" : "voice interrupts email");
    }
    if (!medium || !with) return;
    if (!strcmp(medium, with)) report(c, CAPACITY_RULE, rule->span, "a medium does that to another one");
    struct word uncounted = !is_counted(c, item, medium) ? rule->capacity_rule.medium : other;
    if (!is_counted(c, item, medium) || !is_counted(c, item, with))
        diag_hint(report(c, CAPACITY_RULE, uncounted.span, arena_printf(c->arena, "no %s is taken", uncounted.text)),
                  "%s 1;", uncounted.text);
}

/* True: the rule names the same queue as an earlier one, or an earlier queue of its own. */
static bool named_before(const struct node *rules, const struct node *rule, const struct node *vq)
{
    for (const struct node *one = rules;; one = one->next) {
        EACH_NODE (other, one->order_rule.vqs) {
            if (other == vq) return false;
            if (other->kind == vq->kind && !strcmp(other->kind_name.name.text, vq->kind_name.name.text)) return true;
        }
        if (one == rule) return false;
    }
}

/* Checks a rule of an order: `vq sales, vq service after 60s;`, `others never;`. */
static void check_order_rule(struct checker *c, const struct node *rules, const struct node *rule)
{
    int64_t us = 0;
    EACH_NODE (vq, rule->order_rule.vqs) {
        if (type_is_poison(check_as(c, vq, checker_base(c, LANG_VQ)))) continue;
        if (named_before(rules, rule, vq)) report(c, ORDER_RULE, vq->span, "this virtual queue is named twice");
    }
    if (rule->order_rule.others.text && strcmp(rule->order_rule.others.text, "others") != 0)
        diag_hint(report(c, ORDER_RULE, rule->order_rule.others.span,
                         arena_printf(c->arena, "nothing is known of '%s'", rule->order_rule.others.text)),
                  "others");
    for (const struct node *one = rules; rule->order_rule.others.text && one != rule; one = one->next)
        if (one->order_rule.others.text) report(c, ORDER_RULE, rule->span, "the others are named twice");
    struct node *after = rule->order_rule.after;
    if (!after || type_is_poison(check_as(c, after, checker_base(c, LANG_DURATION)))) return;
    if (!segment_node_worth(after, &us))
        report(c, ORDER_RULE, after->span, "the delay is not a constant");
    else if (us < 0 || us > PREFER_DELAY_MAX_US)
        report(c, ORDER_RULE, after->span, "the delay is longer than a day, or less than nothing");
}

void check_order_rules(struct checker *c, const struct node *rules)
{
    uint32_t count = 0;
    for (const struct node *rule = rules; rule; rule = rule->next) {
        check_order_rule(c, rules, rule);
        if (++count == PREFER_RANK_MAX + 1) report(c, ORDER_RULE, rule->span, "an order has at most 100 rules");
    }
}

/* Checks a site's `order for agents by rank`, with its rules in braces; a site has at most one. */
static void check_agents_order(struct checker *c, const struct node *site, const struct node *item)
{
    struct word who = item->order.who, by = item->order.by;
    if (strcmp(who.text, "agents") != 0)
        diag_hint(report(c, ORDER_RULE, who.span, arena_printf(c->arena, "there is no order for '%s'", who.text)),
                  "agents");
    bool known = !by.text;
#define PREFER(id, number, word, first, doc) known = known || !strcmp(by.text, word);
#include "vm/prefer_orders.def"
    if (!known)
        diag_hint(report(c, ORDER_RULE, by.span, arena_printf(c->arena, "there is no order by '%s'", by.text)),
                  "by rank, by priority or by age");
    EACH_NODE (other, site->site.items) {
        if (other == item) break;
        if (other->kind == NODE_SITE_ORDER)
            diag_note(report(c, ORDER_RULE, item->span, "a site has one order for agents"), other->span, "here before");
    }
    check_order_rules(c, item->order.rules.first);
}

/* Checks the statistics first: the conditions of latches read them, and need their types. */
void check_statistics(struct checker *c, struct node *site)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_STATISTIC) check_value(c, item);
    EACH_NODE (item, site->site.items) {
        if (item->kind == NODE_SITE_LATCH) check_latch(c, item);
        if (item->kind == NODE_SITE_COUNTER) check_counter(c, item);
        if (item->kind == NODE_SITE_CAPACITY)
            EACH_NODE (rule, item->capacity.rules) check_capacity_rule(c, item, rule);
        if (item->kind == NODE_SITE_ORDER) check_agents_order(c, site, item);
        if (item->kind == NODE_SITE_VIEW) check_bin_view(c, site, item);
    }
}

/* Measures */

static const struct type *measure_type(struct checker *c, const struct measure *measure)
{
    const struct type *type = checker_base(c, measure->unit);
    return measure->filters & MEASURED_KNOWN ? types_option(c->types, type) : type;
}

/* Returns the type of the measure within the statistic that is checked; reports a measure that the statistic's
 * objects do not have. */
static const struct type *measured_figure_type(struct checker *c, const struct measure *measure,
                                               struct source_span span)
{
    uint32_t objects = ((struct symbol *)c->measuring->meaning)->index;
    const struct node *window = c->measuring->statistic.window;
    if (objects & ~measure->objects) {
        struct diag *diag =
            report(c, MEASURE_OBJECT, span, measure->name, measure_object_word(objects & ~measure->objects));
        diag_hint(diag, "it is of %s", objects_text(c, measure->objects));
    }
    if (measure->windowed && !window)
        diag_hint(report(c, MEASURE_WITHOUT_WINDOW, span, measure->name), "over 30m, or since 00:00");
    if (!measure->windowed && window) diag_note(report(c, MEASURE_NOW, span, measure->name), window->span, "here");
    return measure_type(c, measure);
}

/* NULL: the name is a constant or a parameter, which the caller checks as any other name. */
const struct type *check_measure(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_NAME);
    const char *name = node->name.name.text;
    const struct measure *measure = measure_named(name);
    if (measure) return measured_figure_type(c, measure, node->span);
    const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, name);
    if (symbol && (symbol->kind == SYMBOL_CONST || symbol->kind == SYMBOL_SETTING)) return NULL;
    struct diag *diag = report(c, UNKNOWN_MEASURE, node->span, name);
    const char *near = measure_near(name, ((struct symbol *)c->measuring->meaning)->index);
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else
        diag_hint(diag, "a statistic is made of measures, constants and parameters");
    return poisoned_statistic(c);
}

/* Reports a medium that is counted as another: a callback takes a unit of voice, so callbacks alone have no figures. */
static void check_counted_medium(struct checker *c, const struct node *value)
{
    const char *word = value->kind == NODE_NAME ? own_media_word(c->program, value->name.name.text) : NULL;
    const char *unit = word ? media_unit(word) : NULL;
    if (unit && strcmp(unit, word) != 0) report(c, COUNTED_AS, value->span, word, unit);
}

/* Checks (media: chat) or (within: 20s) after a measure that allows it. */
static void check_filter(struct checker *c, const struct measure *measure, struct node *argument)
{
    struct word name = argument->arg.name;
    bool medium = name.text && !strcmp(name.text, "media") && measure->filters & MEASURED_MEDIUM;
    bool within = name.text && !strcmp(name.text, "within") && measure->filters & MEASURED_WITHIN;
    if (!medium && !within)
        report(c, NO_PARAMETER, name.text ? name.span : argument->span, measure->name, name.text ? name.text : "...");
    struct node *measuring = c->measuring;
    c->measuring = NULL; /* the value is a constant or a parameter, not a measure */
    if (medium || within) check_as(c, argument->arg.value, medium ? c->media_type : checker_base(c, LANG_DURATION));
    c->measuring = measuring;
    int64_t us;
    if (within && segment_node_worth(argument->arg.value, &us) && us <= 0)
        report(c, WITHIN_NOTHING, argument->arg.value->span);
    if (medium) check_counted_medium(c, argument->arg.value);
}

/* Returns the second argument with the name of the first; NULL: there is none. */
static const struct node *said_twice(const struct node *call)
{
    const struct node *first = call->call.arguments.first;
    EACH_NODE (argument, call->call.arguments)
        if (argument != first && argument->arg.name.text && first->arg.name.text &&
            !strcmp(argument->arg.name.text, first->arg.name.text))
            return argument;
    return NULL;
}

const struct type *check_measure_filtered(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee;
    const struct measure *measure = measure_named(callee->name.name.text);
    if (!measure) return NULL;
    set_node_type(callee, checker_base(c, measure->unit));
    EACH_NODE (argument, node->call.arguments) check_filter(c, measure, argument);
    const struct node *twice = said_twice(node);
    if (twice) report(c, ARGUMENT_TWICE, twice->span, twice->arg.name.text);
    if (node->call.arguments.count < 1)
        report(c, ARGUMENT_COUNT, node->span, measure->name, diag_count(c->diags, "", 1, "argument"),
               (uint32_t)node->call.arguments.count);
    return measured_figure_type(c, measure, callee->span);
}

/* Returns the type of a quotient within a statistic: two counts or two durations give a percent, a duration by a count
 * a duration, each none where the divisor is 0. NULL: other types. */
const struct type *check_quotient(struct checker *c, const struct type *left, const struct type *right)
{
    bool same = left == right && (left->kind == LANG_INT || left->kind == LANG_DURATION);
    if (same) return types_option(c->types, checker_base(c, LANG_PERCENT));
    return left->kind == LANG_DURATION && right->kind == LANG_INT ? types_option(c->types, left) : NULL;
}

/* Reading them */

bool statistic_is_one(const struct node *node)
{
    if (node->kind == NODE_NAME && node->meaning)
        return ((const struct symbol *)node->meaning)->kind == SYMBOL_STATISTIC;
    if (node->kind == NODE_MEMBER && node->meaning)
        return ((const struct member *)node->meaning)->kind == MEMBER_MEASURE;
    return node->kind == NODE_CALL && node->meaning && ((const struct call_use *)node->meaning)->kind == CALL_STATISTIC;
}

static const struct body *statistic_outermost(const struct body *body)
{
    while (body && body->outer) body = body->outer;
    return body;
}

void statistic_note_none_test(struct checker *c, const struct node *node)
{
    if (node->kind != NODE_CALL || !statistic_is_one(node)) return;
    struct tested *tested = ARENA_NEW(c->arena, struct tested);
    *tested = (struct tested){node, statistic_outermost(c->body), c->tested};
    c->tested = tested;
}

/* Do both calls read the same statistic, and not that of two objects with different names? */
static bool reads_same_name(const struct node *a, const struct node *b)
{
    const struct call_use *one = a->meaning, *other = b->meaning;
    if (one->symbol != other->symbol) return false;
    const struct node *of = one->argument_count ? one->arguments[0] : NULL;
    const struct node *too = other->argument_count ? other->arguments[0] : NULL;
    if (!of || !too || of->kind != NODE_KIND_NAME || too->kind != NODE_KIND_NAME) return true;
    return of->kind_name.kind == too->kind_name.kind && !strcmp(of->kind_name.name.text, too->kind_name.name.text);
}

static bool was_tested(const struct checker *c, const struct node *statistic)
{
    const struct body *body = statistic_outermost(c->body);
    for (const struct tested *tested = c->tested; tested && tested->body == body; tested = tested->next)
        if (reads_same_name(tested->statistic, statistic)) return true;
    return false;
}

/* Returns the zero of the type's unit, to propose in place of a figure that is none. */
static const char *zero_of(const struct type *type)
{
    return type_bare(type)->kind == LANG_PERCENT ? "0%" : type_bare(type)->kind == LANG_DURATION ? "0s" : "0";
}

static void check_compared_side(struct checker *c, const struct node *side)
{
    if (side->kind != NODE_CALL || !statistic_is_one(side) || !type_is_option(side->type) || was_tested(c, side))
        return;
    const struct call_use *use = side->meaning;
    const struct symbol *symbol = use->symbol;
    const struct type *of = use->argument_count && use->arguments[0] ? use->arguments[0]->type : NULL;
    if (!of || !(measure_object_bit(of->kind) & symbol->index)) return; /* reported */
    diag_hint(report(c, COMPARED_NONE, side->span, symbol->name), "say what counts then: (%s(...) else %s)",
              symbol->name, zero_of(side->type));
}

/* Is the statistic the expected wait under another name, as expected_wait of the library is? */
static bool renames_ewt(const struct symbol *statistic)
{
    const struct node *value = statistic->node->statistic.value;
    return value->kind == NODE_NAME && !strcmp(value->name.name.text, "ewt");
}

/* True: the node is the expected wait: ewt, ewt_high(vq service), vq service.ewt, expected_wait(vq service) */
static bool is_expected_wait(const struct node *node)
{
    if (!node->type || !type_is_option(node->type)) return false;
    if (node->kind == NODE_MEMBER && statistic_is_one(node)) return !strcmp(node->member.name.text, "ewt");
    if (node->kind == NODE_NAME && node->meaning && ((const struct symbol *)node->meaning)->kind == SYMBOL_ATTRIBUTE)
        return attribute_rows[((const struct symbol *)node->meaning)->index].known;
    const struct call_use *use = node->kind == NODE_CALL ? node->meaning : NULL;
    return use && (use->kind == CALL_OF_QUEUE || (use->kind == CALL_STATISTIC && renames_ewt(use->symbol)));
}

/* Reports an expected wait that may be none, because nobody is there or no pace is learnt yet, where a wait is needed:
 * the author says what counts then. */
static void report_unknown_wait(struct checker *c, struct source_span where, const struct node *wait)
{
    const struct source *source = source_set_at(c->program->sources, wait->span.begin);
    int length = source ? (int)(wait->span.end - wait->span.begin) : 3;
    const char *text = source ? source->text + (wait->span.begin - source->base) : "ewt";
    diag_hint(
        report(c, WAIT_UNKNOWN, where),
        "say what counts then: (%.*s else 1h) is a long wait, (... else 0s) is none; agents_logged_in == 0 of the "
        "vq: nobody is there",
        length, text);
}

bool check_expected_wait(struct checker *c, const struct node *comparison)
{
    const struct node *left = comparison->binary.left, *right = comparison->binary.right;
    const struct node *wait = is_expected_wait(left) ? left : is_expected_wait(right) ? right : NULL;
    if (wait) report_unknown_wait(c, comparison->span, wait);
    return wait != NULL;
}

void check_expected_wait_shown(struct checker *c, const struct node *shown)
{
    if (is_expected_wait(shown)) report_unknown_wait(c, shown->span, shown);
}

void check_compared_none(struct checker *c, const struct node *condition)
{
    if (condition->kind == NODE_UNARY && condition->unary.op == SIGN_NOT)
        check_compared_none(c, condition->unary.value);
    if (condition->kind != NODE_BINARY) return;
    bool joins = condition->binary.op == SIGN_AND || condition->binary.op == SIGN_OR;
    if (joins) {
        check_compared_none(c, condition->binary.left);
        check_compared_none(c, condition->binary.right);
    } else if (condition->type && type_is_option(condition->type)) {
        check_compared_side(c, condition->binary.left);
        check_compared_side(c, condition->binary.right);
    }
}

/* Reports that the statistic is not declared for objects of this kind. */
static void not_of(struct checker *c, struct source_span span, const struct symbol *symbol, const char *object)
{
    struct diag *diag = report(c, STATISTIC_OBJECT, span, symbol->name, object);
    if (c->in_where && symbol->index == MEASURED_AGENT)
        diag_hint(diag, "it.%s is the candidate's", symbol->name);
    else
        diag_hint(diag, "it is of %s", objects_text(c, symbol->index));
}

static const struct type *statistic_type(const struct checker *c, const struct symbol *symbol)
{
    return symbol->type ? symbol->type : poisoned_statistic(c);
}

/* occupancy(group overflow) */
const struct type *check_statistic_call(struct checker *c, struct node *node, struct call_use *use,
                                        struct symbol *symbol)
{
    assert(node->kind == NODE_CALL);
    bool in_line = c->in_line;
    use->kind = CALL_STATISTIC;
    use->symbol = symbol;
    symbol->used = true;
    node->call.callee->meaning = symbol;
    set_node_type(node->call.callee, statistic_type(c, symbol));
    c->in_line = false; /* a group's name means the group itself here, not its members */
    if (check_plain_arguments(c, node, use, symbol->name, 1, 1)) {
        const struct type *type = check_expr(c, use->arguments[0], NULL);
        if (!type_is_poison(type) && !(measure_object_bit(type->kind) & symbol->index)) {
            struct diag *diag = report(c, STATISTIC_OBJECT, use->arguments[0]->span, symbol->name, type->text);
            if (type_is_option(type))
                diag_hint(diag, "it may be none: test it first");
            else
                diag_hint(diag, "it is of %s", objects_text(c, symbol->index));
        }
    }
    c->in_line = in_line;
    return statistic_type(c, symbol);
}

/* Checks a statistic's name alone, such as `occupancy`: it means the statistic of the object that the line takes. */
const struct type *check_statistic_name(struct checker *c, struct node *node, const struct symbol *symbol)
{
    const char *first = measure_object_word(symbol->index);
    if (!c->in_where) {
        struct diag *diag = report(c, STATISTIC_ALONE, node->span, symbol->name);
        diag_hint(diag, "%s(%s ...)", symbol->name, first ? first : "group");
    } else if (!c->where_of) {
        struct diag *diag = report(c, STATISTIC_ALONE, node->span, symbol->name);
        if (symbol->index & MEASURED_AGENT)
            diag_hint(diag, "it.%s is the candidate's", symbol->name);
        else
            diag_hint(diag, "%s(%s ...)", symbol->name, first ? first : "vq");
    } else if (!(symbol->index & c->where_of)) {
        not_of(c, node->span, symbol, measure_object_word(c->where_of));
    }
    return statistic_type(c, symbol);
}

/* Returns the type of a member like it.occupancy or it.load; NULL: no statistic or measure has that name. */
const struct type *statistic_of_it(struct checker *c, struct node *node, struct member *member)
{
    assert(node->kind == NODE_MEMBER);
    struct word name = node->member.name;
    struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, name.text);
    const struct measure *measure = measure_named(name.text);
    member->kind = MEMBER_MEASURE;
    if (symbol && symbol->kind == SYMBOL_STATISTIC) {
        symbol->used = true;
        member->symbol = symbol;
        if (!(symbol->index & MEASURED_AGENT)) not_of(c, name.span, symbol, "agent");
        return statistic_type(c, symbol);
    }
    return measure && measure->objects & MEASURED_AGENT
               ? check_measure_member(c, node, member, checker_base(c, LANG_AGENT))
               : NULL;
}

const struct type *check_measure_member(struct checker *c, struct node *node, struct member *member,
                                        const struct type *object)
{
    assert(node->kind == NODE_MEMBER);
    struct word name = node->member.name;
    const struct measure *measure = measure_named(name.text);
    uint32_t bit = measure_object_bit(object->kind);
    if (!measure || !(measure->objects & bit)) return NULL;
    member->kind = MEMBER_MEASURE;
    if (measure->windowed)
        diag_hint(report(c, MEASURE_WITHOUT_WINDOW, name.span, measure->name), "statistic NAME(%s) = %s over 30m;",
                  measure_object_word(bit), measure->name);
    return measure_type(c, measure);
}

/* Counters */

const struct type *check_counter_name(struct checker *c, struct node *node, const struct symbol *symbol)
{
    if (symbol->node->counter.of)
        diag_hint(report(c, COUNTER_KEY, node->span, symbol->name, "has keys"), "%s[\"...\"]", symbol->name);
    return checker_base(c, LANG_INT);
}

struct symbol *check_counter_indexed(struct checker *c, const struct node *object)
{
    struct symbol *symbol =
        object->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, object->name.name.text) : NULL;
    return symbol && symbol->kind == SYMBOL_COUNTER ? symbol : NULL;
}

const struct type *check_counter_index(struct checker *c, struct node *node, struct symbol *symbol)
{
    assert(node->kind == NODE_INDEX);
    node->index.object->meaning = symbol;
    set_node_type(node->index.object, checker_base(c, LANG_INT));
    symbol->used = true;
    if (!c->body && !c->live) report(c, NOT_CONSTANT, node->span);
    if (!symbol->node->counter.of)
        diag_hint(report(c, COUNTER_KEY, node->span, symbol->name, "has no keys"), "counter %s[str];", symbol->name);
    check_as(c, node->index.index, checker_base(c, LANG_STR));
    return checker_base(c, LANG_INT);
}

void check_counted(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_COUNT);
    struct node *counter = node->count.counter, *name = counter->kind == NODE_INDEX ? counter->index.object : counter;
    struct symbol *symbol = name->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, name->name.name.text) : NULL;
    if (symbol && symbol->kind != SYMBOL_COUNTER)
        diag_note(report(c, NOT_A_COUNTER, name->span), symbol->where, "declared here");
    else if (name->kind != NODE_NAME)
        report(c, NOT_A_COUNTER, name->span);
    else
        check_expr(c, counter, NULL);
    if (counter->kind == NODE_INDEX) check_count_key(c, counter->index.index);
}
