/* compiler/scenario/expect.c - The expectations of a test: events with their limits, or one expression that is
 * computed at the end.
 *
 * A line is first read as events; an item that names no event is an expression. Events are searched in the trace in
 * their order, within the line's limits. An expression must be alone on its line and has no time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/check/scope.h"
#include "compiler/scenario/expect.h"

static const char *said_with(int details)
{
    return details & DETAIL_TO     ? " to queue desk"
           : details & DETAIL_TEXT ? " \"...\""
           : details & DETAIL_KIND ? " vq service"
           : details               ? " 603"
                                   : " alone";
}

/* Sets the target of an event: a name of a kind, a text, a number. False where the detail is none of these. */
static bool set_target(struct scenario_maker *maker, struct scenario_event *event, const struct node *detail)
{
    json_t *value = value_json(maker, detail);
    const char *text = json_string_value(value), *kind = json_string_value(json_object_get(value, "kind"));
    const char *name = json_string_value(json_object_get(value, "name"));
    bool known = text || (kind && name) || json_is_integer(value) || json_is_null(value);
    if (kind && name) event->kind = arena_copy(maker->arena, kind, strlen(kind));
    if (text || (kind && name))
        event->to = arena_copy(maker->arena, text ? text : name, strlen(text ? text : name));
    else if (json_is_integer(value))
        event->to = arena_printf(maker->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    json_decref(value);
    return known;
}

static void make_event(struct scenario_maker *maker, struct word name, const struct node *to, const struct node *what,
                       struct scenario_event *event)
{
    event->name = name.text;
    const struct expect_event *row = expect_event_row(name.text);
    if (!row) {
        struct diag *diag = diag_report(maker->diags, TEST_EVENT, name.span, name.text);
        uint32_t distance;
        const char *near = expect_event_near(name.text, &distance);
        if (!strcmp(name.text, "said"))
            diag_hint(diag, "what was said is the step as it was called: expect ivr.say(\"...\")");
        else if (near)
            diag_did_you_mean(diag, near, (struct source_span){0, 0});
        else
            diag_hint(diag, "there are %s", expect_events(maker->arena));
        return;
    }
    const struct node *detail = to ? to : what;
    if (!detail && !strcmp(name.text, "shown"))
        diag_report(maker->diags, TEST_WANTS, name.span, "a text: shown \"...\"");
    if (!detail) return;
    detail = names_resolve(maker, detail);
    bool fits = to ? row->details & DETAIL_TO
                   : (detail->kind == NODE_KIND_NAME && row->details & DETAIL_KIND) ||
                         (detail->kind == NODE_STRING && row->details & DETAIL_TEXT) ||
                         (detail->kind == NODE_INTEGER && row->details & DETAIL_NUMBER);
    if (fits && set_target(maker, event, detail)) return;
    struct diag *diag = diag_report(maker->diags, TEST_EVENT_DETAIL, detail->span, name.text);
    if (row->details & DETAIL_TO && detail->kind == NODE_KIND_NAME)
        diag_hint(diag, "write %s to %s %s", name.text, ast_kind_word(detail->kind_name.kind),
                  detail->kind_name.name.text);
    else
        diag_hint(diag, "write %s%s", name.text, said_with(row->details));
}

/* Makes the event of a step: the step with the arguments that it must have. */
static bool make_step_event(struct scenario_maker *maker, const struct node *node, struct scenario_event *event)
{
    if (node->kind != NODE_TEST_QUERY && node->kind != NODE_CALL && node->kind != NODE_MEMBER) return false;
    const struct node *callee = node->kind == NODE_CALL ? node->call.callee : node;
    const char *name = node->kind == NODE_TEST_QUERY ? NULL : node_dotted(maker->arena, callee);
    bool is_step =
        node->kind == NODE_TEST_QUERY || (name && (step_row_named(name) || !strncmp(name, "http.", strlen("http."))));
    const struct step_made made = is_step ? scenario_make_step(maker, node) : (struct step_made){0};
    if (made.row && (made.row->id == STEP_ID_callback_slots || made_step_is_noted(made.row)))
        diag_hint(diag_report(maker->diags, TEST_EVENT, node->span, made.row->name),
                  "it is a matter of the router's: expect what comes of it");
    event->name = "step";
    event->step = made.step;
    event->source = made.source;
    event->args = made.args;
    return made.args != NULL;
}

/* Returns the event that an item of an `expect` names; false: the item is an expression that is computed at the end. */
static bool as_event(struct scenario_maker *maker, const struct node *node, struct scenario_event *event)
{
    scenario_blank(SHAPE_event, event);
    if (node->kind == NODE_TEST_EVENT)
        make_event(maker, node->test_event.name, node->test_event.to, node->test_event.what, event);
    else if (node->kind == NODE_NAME && expect_event_row(node->name.name.text))
        make_event(maker, node->name.name, NULL, NULL, event);
    else
        return make_step_event(maker, node, event);
    return true;
}

static void add_limits(struct scenario_maker *maker, struct scenario_expect *expect, struct nodes limits)
{
    EACH_NODE (limit, limits) {
        const char *name = limit->test_limit.name.text;
        const struct node *value = limit->test_limit.value;
        int64_t number;
        EACH_NODE (other, limits) {
            if (other == limit) break;
            if (strcmp(other->test_limit.name.text, name) == 0)
                diag_hint(diag_report(maker->diags, TEST_WORD, limit->span), "it stands once in a line");
        }
        if (strcmp(name, "within") == 0) {
            if (limited_duration(maker, value, &number)) expect->within_us = (uint64_t)number;
        } else if (strcmp(name, "times") == 0) {
            if (limited_integer(maker, value, SCENARIO_TIMES_MAX, "how often something is expected", &number))
                expect->times = number;
        } else {
            bool range = value->kind == NODE_RANGE;
            expect->share = value_percent(maker, range ? value->range.from : value, &expect->share_from) &&
                            value_percent(maker, range ? value->range.to : value, &expect->share_to);
        }
    }
}

/* Reads `joined service`, `stopped because "x"`: the parser has taken `joined` for the name of an arrival. False
 * where the line has another form. */
static bool expect_without_kind(struct scenario_maker *maker, const struct node *expect)
{
    struct word of = expect->test_expect.of;
    const struct node *what = expect->test_expect.events.first;
    const struct expect_event *row = of.text && !names_arrival(maker, of.text) ? expect_event_row(of.text) : NULL;
    if (!row || what->kind != NODE_TEST_EVENT || expect_event_row(what->test_event.name.text)) return false;
    const char *name = what->test_event.name.text;
    struct diag *diag = diag_report(maker->diags, TEST_EVENT_DETAIL, what->span, of.text);
    enum name_kind kind;
    if (row->details & DETAIL_TEXT)
        diag_hint(diag, "what it says stands in quotes: %s \"...\"", of.text);
    else if (row->details & (DETAIL_TO | DETAIL_KIND) && names_kind_of(maker, name, &kind))
        diag_hint(diag, "write %s%s %s %s", of.text, row->details & DETAIL_TO ? " to" : "", ast_kind_word(kind), name);
    else
        diag_hint(diag, "write %s%s", of.text, said_with(row->details));
    return true;
}

/* Has the line a `within`? An expression that is computed at the end has no time. */
static bool is_timed(struct nodes limits)
{
    EACH_NODE (limit, limits)
        if (strcmp(limit->test_limit.name.text, "within") == 0) return true;
    return false;
}

/* Returns the key of `expect second called_back;`, where the word is a key and no event. */
static const struct node *key_alone(struct scenario_maker *maker, const struct node *node)
{
    bool alone = node->kind == NODE_TEST_EVENT && !node->test_event.to && !node->test_event.what;
    const char *name = alone ? node->test_event.name.text : NULL;
    if (!name || expect_event_row(name) || (!names_key(maker, name) && !expect_attribute(name))) return node;
    struct node *key = ARENA_NEW(maker->arena, struct node);
    *key = (struct node){.kind = NODE_NAME, .span = node->span, .name = {.name = node->test_event.name}};
    return key;
}

/* Reports a word that names no arrival: it may be nearly the name of an arrival, or nearly an event. */
static void unknown_arrival(struct scenario_maker *maker, struct word of)
{
    uint32_t to_arrival, to_event;
    const char *arrival = names_near_arrival(maker, of.text, &to_arrival);
    const char *event = expect_event_near(of.text, &to_event);
    diag_did_you_mean(diag_report(maker->diags, TEST_ARRIVAL, of.span, of.text),
                      to_event < to_arrival ? event : arrival, (struct source_span){0, 0});
}

/* Is a key compared in words, `expect tier is "gold"`? Reports it. */
static bool expect_is_compared(struct scenario_maker *maker, const struct node *node)
{
    const char *of = node->test_expect.of.text;
    const struct node *event = node->test_expect.events.first;
    if (!event || event->kind != NODE_TEST_EVENT || expect_event_row(event->test_event.name.text)) return false;
    if (!names_key(maker, of) && !expect_attribute(of)) return false;
    struct word name = event->test_event.name;
    diag_hint(diag_report(maker->diags, TEST_EVENT, name.span, name.text), "== compares: expect %s == ...", of);
    return true;
}

static void make_expected(struct scenario_maker *maker, const struct node *node, struct scenario_expect *expect)
{
    struct word of = node->test_expect.of;
    expect->never = node->test_expect.never;
    if (expect_without_kind(maker, node)) return;
    if (of.text && !names_arrival(maker, of.text)) {
        if (expect_is_compared(maker, node)) return;
        unknown_arrival(maker, of);
    }
    expect->of = of.text;
    add_limits(maker, expect, node->test_expect.limits);
    limit_list(maker, node->test_expect.events, "events are expected in a row");
    EACH_NODE (item, node->test_expect.events) {
        struct scenario_event event;
        const struct node *what = of.text ? key_alone(maker, item) : item;
        if (as_event(maker, what, &event)) {
            *(struct scenario_event *)scenario_add(SHAPE_event, &expect->events, &expect->count) = event;
            continue;
        }
        maker->expected = true;
        size_t errors = maker_errors(maker);
        struct scenario_expr *expr = expect_expr(maker, what);
        if (expect->expr) { /* a second expression, which is reported below */
            scenario_clear(SHAPE_expr, expr);
            free(expr);
        } else {
            expect->expr = expr;
        }
        maker->expected = false;
        expect_check_condition(maker, what);
        if (maker_errors(maker) != errors) continue; /* the item was perhaps meant to be an event */
        if (node->test_expect.events.count != 1 || is_timed(node->test_expect.limits))
            diag_report(maker->diags, TEST_EXPRESSION, item->span);
    }
}

/* An expectation that names an arrival can use the keys of that arrival's strategy; any other can use those of the
 * last strategy. */
static const struct node *expect_strategy(const struct scenario_maker *maker, const char *arrival)
{
    const struct test_list *named = arrival ? maker->arrivals : NULL;
    while (named && strcmp(named->name.text, arrival) != 0) named = named->next;
    return named ? named->node : maker->strategy;
}

void scenario_make_expect(struct scenario_maker *maker, const struct node *node, struct scenario_expect *expect)
{
    assert(node->kind == NODE_TEST_EXPECT);
    const struct node *last = maker->strategy;
    maker->strategy = expect_strategy(maker, node->test_expect.of.text);
    make_expected(maker, node, expect);
    maker->strategy = last;
}

/* A view shows what lies there, which is nothing when all has ended. */
void scenario_check_moment(struct scenario_maker *maker, const struct node *node, const struct scenario_expect *expect,
                           bool after)
{
    const struct node *what = node->test_expect.events.first;
    bool of_moment = expect->expr && !expect->of && expect_is_of_moment(maker, what);
    if (after && !of_moment)
        diag_hint(diag_report(maker->diags, TEST_WORD, node->span),
                  "a test is judged at its end: expect routed within 30s");
    else if (!after && expect_looks(expect->expr))
        diag_hint(diag_report(maker->diags, TEST_WANTS, what->span, "a moment"),
                  "a view is empty when all has ended: after 10s: expect view(...)...");
}
