/* compiler/scenario/expect_expr.c - Makes the expression of an expectation for the simulator, which computes it when
 * the test has ended.
 *
 *   tier == gold and orders[0].total > 5   AND(EQ(path tier, "gold"), GT(path orders.[0].total, 5))
 *
 * A path is a list of parts: a field or key by name, an element by index, or a property such as `count`. Constant
 * parts are computed here, so that the simulator needs neither constants nor enums. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "compiler/check/scope.h"
#include "compiler/scenario/expect.h"
#include "compiler/syntax/lost.h"
#include "vm/bin_view.h"

/* Returns an empty expression, which its owner frees with the structure around it. */
static struct scenario_expr *new_expr(void)
{
    struct scenario_expr *expr = NULL;
    size_t count = 0;
    return scenario_add(SHAPE_expr, &expr, &count);
}

static struct scenario_expr *new_operation(enum operator op, struct scenario_expr *a, struct scenario_expr *b)
{
    struct scenario_expr *expr = new_expr();
    expr->op = ast_operator_sign(op);
    expr->a = a;
    expr->b = b;
    return expr;
}

static void add_step(struct scenario_expr *expr, struct scenario_step step)
{
    *(struct scenario_step *)scenario_add(SHAPE_step, &expr->get, &expr->count) = step;
}

/* Checks xs[0] or m["key"]: a test can index only lists, maps and user data. */
static void check_indexed(struct scenario_maker *maker, const struct node *node, const struct node *type,
                          const char *whole)
{
    const char *of = expect_type_called(maker, node->index.object, type);
    if (of && strcmp(of, whole) && strcmp(of, "value") && !names_declared(maker, NODE_RECORD, of))
        expect_not_computed(maker, node->index.index->span, strcmp(whole, "list") ? "[\"...\"]" : "[n]");
}

/* Adds xs.count, xs.first, m.count or s.count: for a value that is no record, such a property is a part of the path.
 * All other properties of a value can only be computed by the strategy. */
static bool expect_add_part(struct scenario_maker *maker, const struct node *node, const struct node *type,
                            struct scenario_expr *expr)
{
    struct word word = node->member.name;
    const char *of = expect_type_called(maker, node->member.object, type);
    bool value = expect_is_user_data(node) || (of && strcmp(of, "value") == 0);
    if (!value && (!of || (expect_is_kind(of) && strcmp(word.text, "name") == 0))) return false;
    bool list = value || strcmp(of, "list") == 0;
    bool known = strcmp(word.text, "count") == 0
                     ? list || strcmp(of, "map") == 0 || strcmp(of, "str") == 0
                     : list && (strcmp(word.text, "first") == 0 || strcmp(word.text, "last") == 0);
    if (!known && value) return false; /* user_data["key"].int */
    if (!known) expect_not_computed(maker, word.span, word.text);
    add_step(expr, (struct scenario_step){.part = word.text});
    return true;
}

/* Returns the name of a type that an entry of user data can be read as, such as user_data["key"].str; NULL: another
 * type. */
static const char *as_is(const struct node *type)
{
    static const char *const types[] = {"str", "int", "bool", "float", "time", "list", "map"};
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    for (size_t i = 0; type && type->kind == NODE_TYPE_NAME && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type->type_name.name.text) == 0) return types[i];
    return NULL;
}

/* Reports a word that is no key of the last arrival's strategy; it may be a key of another strategy. */
static void unknown_key(struct scenario_maker *maker, struct word word)
{
    if (lost_key_is(maker->program, maker->strategy, word.text)) return;
    struct diag *diag = diag_report(maker->diags, UNKNOWN_NAME, word.span, word.text);
    const struct node *field, *strategy = names_strategy_of_key(maker, word.text, &field);
    const char *near = names_near_key(maker, word.text, true);
    uint32_t distance;
    const char *event = expect_event_near(word.text, &distance);
    enum name_kind kind;
    if (expect_event_row(word.text)) {
        diag_hint(diag, "what happens is expected by itself: expect %s; or expect never %s;", word.text, word.text);
    } else if (names_arrival(maker, word.text)) {
        diag_hint(diag,
                  "it is the name of an arrival, behind which stands what is expected of it: expect %s never abandoned",
                  word.text);
    } else if (strategy) {
        const char *as = as_is(field->field.type);
        diag_hint(diag, "it is a key of %s, which is not what arrives before this: write user_data[\"%s\"]%s%s",
                  strategy->strategy.name.text, word.text, as ? "." : "", as ? as : "");
    } else if (names_kind_of(maker, word.text, &kind)) {
        diag_hint(diag, "write %s %s", ast_kind_word(kind), word.text);
    } else if (expect_site_value(maker, word.text) || strcmp(word.text, "contact") == 0) {
        diag_hint(diag, "a test takes nothing of it: attach that where the strategy reads it, and expect that key");
    } else if (near || event) {
        diag_did_you_mean(diag, near ? near : event, (struct source_span){0, 0});
    } else {
        diag_hint(diag, "it is no attribute and no key of what arrives before this; events are %s",
                  expect_events(maker->arena));
    }
}

/* Adds a key or an attribute, with which a path begins. Its type, perhaps NULL. */
static const struct node *add_first_name(struct scenario_maker *maker, struct word word, struct scenario_expr *expr)
{
    const struct node *key = names_key(maker, word.text);
    if (!key && !expect_attribute(word.text)) unknown_key(maker, word);
    if (!key && expect_attribute_is_over(word.text)) diag_report(maker->diags, TEST_OVER, word.span, word.text);
    add_step(expr, (struct scenario_step){.name = word.text});
    return key ? key->field.type : NULL;
}

/* Adds a.b?.c as a path of names; `type` is then that of the last name, perhaps NULL. */
static bool add_path(struct scenario_maker *maker, const struct node *node, struct scenario_expr *expr,
                     const struct node **type)
{
    *type = NULL;
    if (node->kind == NODE_NAME) {
        *type = add_first_name(maker, node->name.name, expr);
        return true;
    }
    if (node->kind == NODE_INDEX && node->index.index->kind == NODE_STRING) { /* user_data["key"] */
        bool data =
            node->index.object->kind == NODE_NAME && strcmp(node->index.object->name.name.text, "user_data") == 0;
        if (!data && !add_path(maker, node->index.object, expr, type)) return false;
        if (!data) check_indexed(maker, node, *type, "map");
        bool map =
            !data && *type && (*type)->kind == NODE_TYPE_NAME && strcmp((*type)->type_name.name.text, "map") == 0;
        *type = map ? (*type)->type_name.of : NULL;
        add_step(expr, (struct scenario_step){.name = node->index.index->string.text.bytes});
        return true;
    }
    if (node->kind == NODE_INDEX && node->index.index->kind == NODE_INTEGER) { /* xs[0] */
        if (!add_path(maker, node->index.object, expr, type)) return false;
        check_indexed(maker, node, *type, "list");
        *type = *type && (*type)->kind == NODE_TYPE_NAME ? (*type)->type_name.of : NULL;
        add_step(expr, (struct scenario_step){.place = (uint64_t)node->index.index->integer.value});
        return true;
    }
    if (node->kind != NODE_MEMBER || !add_path(maker, node->member.object, expr, type)) return false;
    struct word word = node->member.name;
    const struct node *record = expect_record(maker, *type), *field = NULL;
    if (!record && expect_add_part(maker, node, *type, expr)) {
        bool element = strcmp(word.text, "count") != 0 && *type && (*type)->kind == NODE_TYPE_NAME;
        *type = element ? (*type)->type_name.of : NULL;
        return true;
    }
    if (record && !(field = names_field(record->record.fields, word.text))) names_no_field(maker, record, word);
    *type = field ? field->field.type : NULL;
    add_step(expr, (struct scenario_step){.name = word.text});
    return true;
}

static bool is_ordered(const struct scenario_expr *bound)
{
    return !bound->lit || json_is_number(bound->lit) || json_is_object(bound->lit);
}

/* Makes n in 3..4: both ends belong to the range; for times of day and instants the last one does not, and
 * 22:00..06:00 wraps around midnight. */
static struct scenario_expr *make_between(struct scenario_maker *maker, const struct node *node)
{
    assert(node->binary.op == SIGN_IN && node->binary.right->kind == NODE_RANGE);
    const struct node *range = node->binary.right, *first = names_resolve(maker, range->range.from);
    struct scenario_expr *from = expect_expr(maker, range->range.from), *to = expect_expr(maker, range->range.to);
    if (!is_ordered(from) || !is_ordered(to)) diag_report(maker->diags, TEST_OPERATOR, range->span, "in");
    const char *as = from->as;
    const char *type = expect_simple_type(maker, node->binary.left);
    bool clock = (as && !strcmp(as, "clock")) || (type && !strcmp(type, "clock"));
    bool instant = first->kind == NODE_INSTANT || (as && !strcmp(as, "time")) || (type && !strcmp(type, "time"));
    const json_t *begin = json_object_get(from->lit, "us");
    const json_t *end = json_object_get(to->lit, "us");
    if (clock && (!begin || !end)) expect_not_computed(maker, range->span, "in"); /* perhaps round midnight */
    bool round = clock && json_integer_value(begin) > json_integer_value(end);
    enum operator below = clock || instant ? SIGN_LT : SIGN_LE;
    struct scenario_expr *least = new_operation(SIGN_GE, expect_expr(maker, node->binary.left), from);
    struct scenario_expr *most = new_operation(below, expect_expr(maker, node->binary.left), to);
    return new_operation(round ? SIGN_OR : SIGN_AND, least, most);
}

static struct scenario_expr *make_literal(struct scenario_maker *maker, const struct node *node)
{
    size_t errors = maker_errors(maker);
    struct scenario_expr *expr = new_expr();
    expr->lit = value_json(maker, node);
    if (maker_errors(maker) == errors) expr->as = value_as(maker, node);
    return expr;
}

static struct scenario_expr *make_operation(struct scenario_maker *maker, const struct node *node)
{
    static const enum operator known[] = {SIGN_ADD, SIGN_SUB, SIGN_NOT, SIGN_AND, SIGN_OR, SIGN_EQ,
                                          SIGN_NE,  SIGN_LT,  SIGN_LE,  SIGN_GT,  SIGN_GE, SIGN_IN};
    enum operator op =(enum operator)(node->kind == NODE_UNARY ? node->unary.op : node->binary.op);
    bool fits = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) fits = fits || known[i] == op;
    if ((!fits || op == SIGN_ADD || op == SIGN_SUB) && !expect_reads(maker, node)) return make_literal(maker, node);
    if (!fits) {
        diag_report(maker->diags, TEST_OPERATOR, node->span, ast_operator_sign(op));
        return new_expr();
    }
    size_t errors = maker_errors(maker);
    expect_check_sum(maker, node);
    if (op == SIGN_IN && node->binary.right->kind == NODE_RANGE) return make_between(maker, node);
    bool two = node->kind == NODE_BINARY;
    struct scenario_expr *a = expect_expr(maker, two ? node->binary.left : node->unary.value);
    struct scenario_expr *expr = new_operation(op, a, two ? expect_expr(maker, node->binary.right) : NULL);
    if (maker_errors(maker) == errors) expect_check_sides(maker, node); /* checked only where both sides have a value */
    return expr;
}

static struct scenario_expr *make_measure(struct scenario_maker *maker, const struct node *node)
{
    assert(expect_is_figure(node));
    const struct node *vq = node->member.object;
    static const char *const measures[] = {"offered", "distributed", "abandoned",   "cleared",
                                           "waiting", "wait_time",   "longest_wait"};
    struct word name = node->member.name;
    bool known = false;
    const char *near = NULL;
    names_kind(maker, KIND_VQ, vq->kind_name.name);
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        known = known || strcmp(measures[i], name.text) == 0;
        if (near_distance(name.text, measures[i]) != UINT32_MAX) near = measures[i];
    }
    if (!known) {
        struct diag *diag = diag_report(maker->diags, NO_MEMBER, name.span, "vq", name.text);
        diag_hint(diag, "offered, distributed, abandoned, cleared, waiting, wait_time or longest_wait");
        if (near) diag_did_you_mean(diag, near, (struct source_span){0, 0});
    }
    struct scenario_expr *expr = new_expr();
    expr->vq = vq->kind_name.name.text;
    expr->measure = name.text;
    return expr;
}

static struct scenario_expr *make_campaign(struct scenario_maker *maker, const struct node *node,
                                           const struct node *campaign)
{
    static const char *const measures[] = {"dialled", "answered", "abandoned", "failed"};
    struct word name = node->member.name;
    bool known = false;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) known = known || !strcmp(measures[i], name.text);
    if (!known)
        diag_hint(diag_report(maker->diags, NO_MEMBER, name.span, "campaign", name.text),
                  "dialled, answered, abandoned or failed");
    struct scenario_expr *expr = new_expr();
    expr->campaign = campaign->string.text.bytes;
    expr->measure = name.text;
    return expr;
}

/* Returns the site's view of that name; NULL, and reported, where there is none. */
static const struct node *expect_view_declared(struct scenario_maker *maker, struct word name)
{
    const char *near = NULL;
    uint32_t distance = UINT32_MAX;
    EACH_NODE (item, names_site(maker)) {
        if (item->kind != NODE_SITE_VIEW) continue;
        if (strcmp(item->site_view.name.text, name.text) == 0) return item;
        if (near_is_nearer(name.text, item->site_view.name.text, &distance)) near = item->site_view.name.text;
    }
    diag_did_you_mean(diag_report(maker->diags, UNKNOWN_KIND_NAME, name.span, "view", name.text), near,
                      (struct source_span){0, 0});
    return NULL;
}

/* Does the view show the column? A view that names no columns shows all that are no keys. */
static bool view_shows(const struct node *view, const char *column)
{
    bool said = false;
    EACH_NODE (rule, view->site_view.rules) {
        if (strcmp(rule->view_rule.what.text, "columns") != 0) continue;
        said = true;
        EACH_NODE (label, rule->view_rule.parts)
            if (strcmp(label->label.name.text, column) == 0) return true;
    }
    enum bin_column number = bin_column_named(column, (uint32_t)strlen(column));
    return !said && number < BIN_COLUMNS && (bin_columns[number].uses & BIN_SHOWN);
}

/* view(urgent).count; view(drafts, agent kim).subject */
static struct scenario_expr *make_view(struct scenario_maker *maker, const struct node *node, const struct node *call)
{
    struct word column = node->member.name;
    const struct node *name = call->call.arguments.first->arg.value, *owner = call->call.arguments.first->next;
    const struct node *view = expect_view_declared(maker, name->name.name);
    struct scenario_expr *expr = new_expr();
    expr->view = name->name.name.text;
    expr->measure = column.text;
    if (view && strcmp(column.text, "count") != 0 && !view_shows(view, column.text))
        diag_hint(diag_report(maker->diags, NO_MEMBER, column.span, "view", column.text),
                  "count, and the columns that the view shows");
    bool workbin = view && view->site_view.bin->kind_name.kind == KIND_WORKBIN;
    if (owner && workbin && owner->arg.value->kind == NODE_KIND_NAME && !owner->next) {
        names_kind(maker, owner->arg.value->kind_name.kind, owner->arg.value->kind_name.name);
        expr->whose = owner->arg.value->kind_name.name.text;
    } else if (owner) {
        diag_hint(diag_report(maker->diags, TEST_WANTS, owner->span, "the end of the view"),
                  "of a view of a workbin, whose it is: view(drafts, agent kim)");
    }
    return expr;
}

/* abandoned_calls; calls["week"]; calls[ani] */
static struct scenario_expr *make_counter(struct scenario_maker *maker, const struct node *node,
                                          const struct node *counter)
{
    assert(counter->kind == NODE_SITE_COUNTER);
    const char *name = counter->counter.name.text;
    struct scenario_expr *expr = new_expr();
    expr->counter = name;
    if (node->kind != NODE_INDEX && counter->counter.of)
        diag_hint(diag_report(maker->diags, COUNTER_KEY, node->span, name, "has keys"), "%s[\"...\"]", name);
    if (node->kind == NODE_INDEX && !counter->counter.of)
        diag_hint(diag_report(maker->diags, COUNTER_KEY, node->span, name, "has no keys"), "counter %s[str];", name);
    if (node->kind == NODE_INDEX) expr->key = expect_expr(maker, node->index.index);
    return expr;
}

/* Reads a parameter: its value when the expression is computed, that of the test or else of the site. */
static struct scenario_expr *make_parameter_read(struct scenario_maker *maker, const struct node *item)
{
    assert(item->kind == NODE_SITE_PARAMETER);
    const struct symbol *symbol = item->meaning;
    struct scenario_expr *expr = new_expr();
    expr->parameter = item->parameter.name.text;
    expr->value = value_typed(maker, item->parameter.value, symbol ? symbol->type : NULL, symbol);
    expr->as = expect_written_as(maker, expect_type_called(maker, item, expect_held_type(item->parameter.type)));
    return expr;
}

/* Returns the path of a.b?.c; NULL where the node is no path. */
static struct scenario_expr *make_path(struct scenario_maker *maker, const struct node *node)
{
    const struct node *type;
    struct scenario_expr *expr = new_expr();
    if (!add_path(maker, node, expr, &type)) {
        scenario_clear(SHAPE_expr, expr);
        free(expr);
        return NULL;
    }
    expr->user_data = expect_is_user_data(node);
    expr->as = expect_written_as(maker, expect_type_called(maker, node, expect_held_type(type)));
    return expr;
}

bool expect_looks(const struct scenario_expr *expr)
{
    return expr && (expr->view || expect_looks(expr->a) || expect_looks(expr->b));
}

/* Makes an expression that is computed when the test has ended, or at the time of its line. */
struct scenario_expr *expect_expr(struct scenario_maker *maker, const struct node *node)
{
    if (node->kind == NODE_BINARY || (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT))
        return make_operation(maker, node);
    if (expect_is_figure(node)) return make_measure(maker, node);
    const struct node *campaign = expect_campaign(node);
    if (campaign) return make_campaign(maker, node, campaign);
    if (expect_view_call(node)) return make_view(maker, node, expect_view_call(node));
    const struct node *counter = scenario_counter_read(maker, node);
    if (counter) return make_counter(maker, node, counter);
    const struct node *parameter = expect_parameter(maker, node);
    if (parameter) return make_parameter_read(maker, parameter);
    struct scenario_expr *path = expect_is_read(maker, node) ? make_path(maker, node) : NULL;
    return path ? path : make_literal(maker, node);
}
