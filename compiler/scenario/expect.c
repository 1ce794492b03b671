/* compiler/scenario/expect.c - The expectations of a test: events with their limits, or an expression that is
 * read at the end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/near.h"
#include "compiler/check/scope.h"
#include "compiler/scenario/maker.h"
#include "compiler/syntax/literal.h"

/* An expression that says nothing yet; its owner frees it with what it belongs to. */
static struct scenario_expr *new_expr(void)
{
    struct scenario_expr *expr = NULL;
    size_t count = 0;
    return scenario_add(SHAPE_expr, &expr, &count);
}

static struct scenario_expr *new_operation(enum operator op, struct scenario_expr *a, struct scenario_expr *b)
{
    struct scenario_expr *expr = new_expr();
    expr->op = operator_sign(op);
    expr->a = a;
    expr->b = b;
    return expr;
}

static void add_step(struct scenario_expr *expr, struct scenario_step step)
{
    *(struct scenario_step *)scenario_add(SHAPE_step, &expr->get, &expr->count) = step;
}

/* The events of an interaction, and the details that each may have. */
enum event_detail { DETAIL_NONE = 0, DETAIL_TO = 1, DETAIL_KIND = 2, DETAIL_TEXT = 4, DETAIL_NUMBER = 8 };

static const struct event_row {
    const char *name;
    int details;
} event_rows[] = {
    {"routed", DETAIL_TO},        {"offered", DETAIL_TO},
    {"joined", DETAIL_KIND},      {"stopped", DETAIL_TEXT},
    {"failed", DETAIL_TEXT},      {"rejected", DETAIL_NUMBER},
    {"abandoned", DETAIL_NONE},   {"defaulted", DETAIL_NONE},
    {"shown", DETAIL_TEXT},       {"whispered", DETAIL_TEXT | DETAIL_KIND},
    {"transferred", DETAIL_NONE}, {"interrupted", DETAIL_NONE},
};

static const struct event_row *event_row(const char *name)
{
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++)
        if (strcmp(event_rows[i].name, name) == 0) return &event_rows[i];
    return NULL;
}

static const char *event_near(const char *name)
{
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++)
        if (name_distance(name, event_rows[i].name) != UINT32_MAX) return event_rows[i].name;
    return NULL;
}

static const char *said_with(int details)
{
    return details & DETAIL_TO     ? " to queue desk"
           : details & DETAIL_TEXT ? " \"...\""
           : details & DETAIL_KIND ? " vq service"
           : details               ? " 603"
                                   : " alone";
}

/* To whom or what: a name of a kind, a text, a number. False where it is nothing of these. */
static bool set_target(struct maker *maker, struct scenario_event *event, const struct node *detail)
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

static void make_event(struct maker *maker, struct word name, const struct node *to, const struct node *what,
                       struct scenario_event *event)
{
    event->name = name.text;
    const struct event_row *row = event_row(name.text);
    if (!row) {
        struct diag *diag = diag_report(maker->diags, TEST_EVENT, name.span, name.text);
        if (!strcmp(name.text, "said"))
            diag_hint(diag, "what was said is the step as it was called: expect ivr.say(\"...\")");
        else
            diag_hint(diag, "there are routed, offered, joined, stopped, failed, rejected, abandoned, defaulted, "
                            "shown, whispered, transferred, interrupted");
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
        diag_hint(diag, "write %s to %s %s", name.text, kind_word(detail->kind_name.kind), detail->kind_name.name.text);
    else
        diag_hint(diag, "write %s%s", name.text, said_with(row->details));
}

/* A step as it was called. */
static bool make_step_event(struct maker *maker, const struct node *node, struct scenario_event *event)
{
    if (node->kind != NODE_TEST_QUERY && node->kind != NODE_CALL && node->kind != NODE_MEMBER) return false;
    const struct node *callee = node->kind == NODE_CALL ? node->call.callee : node;
    const char *name = node->kind == NODE_TEST_QUERY ? NULL : node_dotted(maker->arena, callee);
    bool is_step =
        node->kind == NODE_TEST_QUERY || (name && (step_row_named(name) || !strncmp(name, "http.", strlen("http."))));
    const struct step_made made = is_step ? make_step(maker, node) : (struct step_made){0};
    event->name = "step";
    event->step = made.step;
    event->source = made.source;
    event->args = made.args;
    return made.args != NULL;
}

/* The event that an expression of an `expect` names; false: it is an expression that is read at the end. */
static bool as_event(struct maker *maker, const struct node *node, struct scenario_event *event)
{
    scenario_blank(SHAPE_event, event);
    if (node->kind == NODE_TEST_EVENT)
        make_event(maker, node->test_event.name, node->test_event.to, node->test_event.what, event);
    else if (node->kind == NODE_NAME && event_row(node->name.name.text))
        make_event(maker, node->name.name, NULL, NULL, event);
    else
        return make_step_event(maker, node, event);
    return true;
}

static struct scenario_expr *make_expr(struct maker *, const struct node *);

/* The record whose fields a key's value has; NULL where it is none or not known. */
static const struct node *expect_record(const struct maker *maker, const struct node *type)
{
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    return type && type->kind == NODE_TYPE_NAME && !type->type_name.of ? names_record(maker, type->type_name.name.text)
                                                                       : NULL;
}

static const struct attribute_row *expect_attribute(const char *name)
{
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (strcmp(attribute_rows[i].name, name) == 0) return &attribute_rows[i];
    return NULL;
}

/* Attributes that an interaction does not have any more when it has ended. */
static bool attribute_is_over(const char *attribute)
{
    static const char *const over[] = {"parties", "ewt", "position", "now", "body"};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        if (strcmp(over[i], attribute) == 0) return true;
    return false;
}

/* user_data["key"], and what is within it: to say it as it is written. */
static bool is_user_data(const struct node *node)
{
    while (node->kind == NODE_MEMBER || node->kind == NODE_INDEX) {
        if (node->kind == NODE_INDEX && node->index.object->kind == NODE_NAME)
            return strcmp(node->index.object->name.name.text, "user_data") == 0;
        node = node->kind == NODE_MEMBER ? node->member.object : node->index.object;
    }
    return false;
}

/* The name of the type of a key, an attribute or, where `type` is known, a path; NULL: it is not known. */
static const char *type_called(const struct maker *maker, const struct node *node, const struct node *type)
{
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    if (type || node->kind != NODE_NAME || names_key(maker, node->name.name.text))
        return !type                          ? NULL
               : type->kind == NODE_TYPE_KIND ? kind_word(type->type_kind.kind)
               : type->kind == NODE_TYPE_NAME ? type->type_name.name.text
                                              : NULL;
    const struct attribute_row *row = expect_attribute(node->name.name.text);
    return !row || row->type == LANG_VALUE ? NULL
           : row->type == LANG_STR         ? "str"
           : row->type == LANG_TIME        ? "time"
           : row->type == LANG_DURATION    ? "duration"
                                           : "int";
}

static bool is_kind(const char *type)
{
    for (int i = 0; i < NAME_KINDS; i++)
        if (strcmp(kind_word((enum name_kind)i), type) == 0) return true;
    return false;
}

/* How a value of that type is written, where its JSON does not tell: "word" is one of an enum's. NULL: JSON tells. */
static const char *written_as(const struct maker *maker, const char *type)
{
    static const char *const plain[] = {"str", "int", "float", "bool", "list", "map", "value"};
    static const char *const own[] = {"date", "clock", "percent", "time", "duration"};
    for (size_t i = 0; type && i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], type) == 0) return NULL;
    for (size_t i = 0; type && i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], type) == 0) return own[i];
    return !type || names_record(maker, type) ? NULL : is_kind(type) ? type : "word";
}

/* The type of the innermost elements of lists and maps; else the type itself. */
static const struct node *held_type(const struct node *type)
{
    while (type && (type->kind == NODE_TYPE_OPTION || (type->kind == NODE_TYPE_NAME && type->type_name.of)))
        type = type->kind == NODE_TYPE_OPTION ? type->type_option.of : type->type_name.of;
    return type;
}

static void not_computed(struct maker *maker, struct span where, const char *what)
{
    diag_hint(diag_report(maker->diags, TEST_OPERATOR, where, what),
              "attach it where the strategy reads it, and expect that key");
}

/* xs[0], m["key"]: a test takes nothing else apart. */
static void check_indexed(struct maker *maker, const struct node *node, const struct node *type, const char *whole)
{
    const char *of = type_called(maker, node->index.object, type);
    if (of && strcmp(of, whole) && strcmp(of, "value") && !names_record(maker, of))
        not_computed(maker, node->index.index->span, strcmp(whole, "list") ? "[\"...\"]" : "[n]");
}

/* xs.count, xs.first, m.count, s.count: of what is no record, a step of the path of its own kind. All other properties
 * of a value are for the strategy to compute. */
static bool expect_add_part(struct maker *maker, const struct node *node, const struct node *type,
                            struct scenario_expr *expr)
{
    struct word word = node->member.name;
    const char *of = type_called(maker, node->member.object, type);
    bool value = is_user_data(node) || (of && strcmp(of, "value") == 0);
    if (!value && (!of || (is_kind(of) && strcmp(word.text, "name") == 0))) return false;
    bool list = value || strcmp(of, "list") == 0;
    bool known = strcmp(word.text, "count") == 0
                     ? list || strcmp(of, "map") == 0 || strcmp(of, "str") == 0
                     : list && (strcmp(word.text, "first") == 0 || strcmp(word.text, "last") == 0);
    if (!known && value) return false; /* user_data["key"].int */
    if (!known) not_computed(maker, word.span, word.text);
    add_step(expr, (struct scenario_step){.part = word.text});
    return true;
}

/* user_data["key"] as what it is, where it may be read as that only. */
static const char *as_is(const struct node *type)
{
    static const char *const types[] = {"str", "int", "bool", "float", "time", "list", "map"};
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    for (size_t i = 0; type && type->kind == NODE_TYPE_NAME && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type->type_name.name.text) == 0) return types[i];
    return NULL;
}

/* The parameter, counter, table or schedule of the site of that name; NULL. */
static const struct node *site_value(const struct maker *maker, const char *name)
{
    struct nodes none = {0};
    EACH_NODE (item, maker->program->site ? maker->program->site->site.items : none)
        if ((item->kind == NODE_SITE_PARAMETER && item->parameter.name.text == name) ||
            (item->kind == NODE_SITE_COUNTER && item->counter.name.text == name) ||
            (item->kind == NODE_SITE_TABLE && item->table.name.text == name) ||
            (item->kind == NODE_SITE_SCHEDULE && item->schedule.name.text == name))
            return item;
    return NULL;
}

/* The word is no key of the arrival before it; it may be a key of another strategy. */
static void unknown_key(struct maker *maker, struct word word)
{
    struct diag *diag = diag_report(maker->diags, UNKNOWN_NAME, word.span, word.text);
    const struct node *field, *strategy = names_strategy_of_key(maker, word.text, &field);
    const char *near = names_near_key(maker, word.text, true);
    enum name_kind kind;
    if (event_row(word.text)) {
        diag_hint(diag, "what happens is expected by itself: expect %s; or expect never %s;", word.text, word.text);
    } else if (strategy) {
        const char *as = as_is(field->field.type);
        diag_hint(diag, "it is a key of %s, which is not what arrives before this: write user_data[\"%s\"]%s%s",
                  strategy->strategy.name.text, word.text, as ? "." : "", as ? as : "");
    } else if (names_kind_of(maker, word.text, &kind)) {
        diag_hint(diag, "write %s %s", kind_word(kind), word.text);
    } else if (site_value(maker, word.text) || strcmp(word.text, "contact") == 0) {
        diag_hint(diag, "a test takes nothing of it: attach that where the strategy reads it, and expect that key");
    } else {
        diag_did_you_mean(diag, near ? near : event_near(word.text), (struct span){0, 0});
    }
}

/* a.b?.c as a path of names; `type` is then that of the last one, perhaps NULL. */
static bool add_path(struct maker *maker, const struct node *node, struct scenario_expr *expr, const struct node **type)
{
    *type = NULL;
    if (node->kind == NODE_NAME) {
        struct word word = node->name.name;
        const struct node *key = names_key(maker, word.text);
        if (!key && !expect_attribute(word.text)) unknown_key(maker, word);
        if (!key && attribute_is_over(word.text)) diag_report(maker->diags, TEST_OVER, word.span, word.text);
        *type = key ? key->field.type : NULL;
        add_step(expr, (struct scenario_step){.name = word.text});
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

/* A name is a key or attribute, unless it is a constant or one of `for each`. */
static bool is_read(const struct maker *maker, const struct node *node)
{
    if (node->kind == NODE_MEMBER && names_word_of(maker, node)) return false;
    while (node->kind == NODE_MEMBER || node->kind == NODE_INDEX)
        node = node->kind == NODE_MEMBER ? node->member.object : node->index.object;
    if (node->kind != NODE_NAME) return false;
    const char *name = node->name.name.text;
    if (!names_key(maker, name) && !expect_attribute(name) && names_word(maker, name)) return false;
    return !names_binding(maker, name) &&
           (names_key(maker, name) || expect_attribute(name) || !names_constant(maker, name));
}

/* campaign("summer").abandoned: the campaign; NULL: it is none. */
static const struct node *campaign_read(const struct node *node)
{
    const struct node *call = node->kind == NODE_MEMBER ? node->member.object : NULL;
    bool is = call && call->kind == NODE_CALL && call->call.callee->kind == NODE_NAME &&
              strcmp(call->call.callee->name.name.text, "campaign") == 0 && call->call.arguments.count == 1;
    const struct node *argument = is ? call->call.arguments.first : NULL;
    return argument && argument->arg.value->kind == NODE_STRING ? argument->arg.value : NULL;
}

static bool reads(const struct maker *maker, const struct node *node)
{
    if (node->kind == NODE_BINARY) return reads(maker, node->binary.left) || reads(maker, node->binary.right);
    if (node->kind == NODE_UNARY) return reads(maker, node->unary.value);
    return is_read(maker, node) || campaign_read(node) ||
           (node->kind == NODE_MEMBER && node->member.object->kind == NODE_KIND_NAME);
}

/* vq service.offered */
static bool expect_is_figure(const struct node *node)
{
    return node->kind == NODE_MEMBER && node->member.object->kind == NODE_KIND_NAME &&
           node->member.object->kind_name.kind == KIND_VQ;
}

/* The type of what is declared: the one of a key, or of what of it is taken; NULL: not known. */
static const struct node *declared_type(const struct maker *maker, const struct node *node)
{
    const struct node *key = node->kind == NODE_NAME ? names_key(maker, node->name.name.text) : NULL, *field = NULL;
    const struct node *type = key                         ? key->field.type
                              : node->kind == NODE_INDEX  ? declared_type(maker, node->index.object)
                              : node->kind == NODE_MEMBER ? declared_type(maker, node->member.object)
                                                          : NULL;
    if (type && node->kind == NODE_MEMBER) {
        const struct node *record = expect_record(maker, type);
        field = record ? names_field(record->record.fields, node->member.name.text) : NULL;
        bool list = !record && type->kind == NODE_TYPE_NAME && !strcmp(type->type_name.name.text, "list");
        bool element = !strcmp(node->member.name.text, "first") || !strcmp(node->member.name.text, "last");
        type = field ? field->field.type : list && element ? type->type_name.of : NULL;
    } else if (type && node->kind == NODE_INDEX) {
        while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
        const char *whole = type && type->kind == NODE_TYPE_NAME ? type->type_name.name.text : "";
        bool within = !strcmp(whole, node->index.index->kind == NODE_INTEGER ? "list" : "map");
        type = within ? type->type_name.of : NULL;
    }
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    return type;
}

/* The type of a part of a value: user_data["key"].str, xs.count; NULL: it is not known. */
static const char *type_of_part(const struct maker *maker, const struct node *node)
{
    static const char *const as[] = {"str", "int", "bool", "float", "time", "list", "map"};
    const char *part = node->member.name.text;
    const struct node *of = declared_type(maker, node->member.object);
    const char *whole = of ? type_called(maker, node->member.object, of) : NULL;
    bool counted = whole && (!strcmp(whole, "list") || !strcmp(whole, "map") || !strcmp(whole, "str"));
    if (!strcmp(part, "count")) return counted || is_user_data(node) ? "int" : NULL;
    for (size_t i = 0; is_user_data(node) && i < sizeof as / sizeof *as; i++)
        if (!strcmp(as[i], part)) return as[i];
    return NULL;
}

/* The parameter of the site that the name is; NULL. */
static const struct node *expect_parameter(const struct maker *maker, const struct node *node)
{
    const char *name = node->kind == NODE_NAME ? node->name.name.text : NULL;
    if (!name || names_key(maker, name) || names_binding(maker, name)) return NULL;
    const struct node *item = site_value(maker, name);
    return item && item->kind == NODE_SITE_PARAMETER ? item : NULL;
}

static const char *const scalars[] = {"int",  "float", "str",   "bool",    "duration",
                                      "time", "date",  "clock", "percent", "weekday"};

/* Has a value of the one type never anything in common with one of the other? What is declared is a scalar, a record,
 * a list, a map, a name of a kind or an enum; what is not known is NULL, and fits. */
static bool is_odd(const struct maker *maker, const char *left, const char *right)
{
    bool alone = false; /* one is never anything else */
    if (!left || !right || strcmp(left, right) == 0) return false;
    if ((!strcmp(left, "int") && !strcmp(right, "float")) || (!strcmp(left, "float") && !strcmp(right, "int")))
        return false;
    bool plain[2] = {false, false};
    const char *const sides[2] = {strcmp(left, "dn") ? left : "str", strcmp(right, "dn") ? right : "str"};
    if (!strcmp(sides[0], sides[1])) return false;
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
            plain[side] = plain[side] || strcmp(scalars[i], sides[side]) == 0;
        bool own = plain[side] || is_kind(sides[side]) || names_enum(maker, sides[side]);
        bool known =
            own || names_record(maker, sides[side]) || !strcmp(sides[side], "list") || !strcmp(sides[side], "map");
        if (!known) return false;
        alone = alone || own;
    }
    return alone;
}

/* The word of an enum that is written without it; NULL. */
static const char *bare_word(struct maker *maker, const struct node *node)
{
    if (is_read(maker, node)) return NULL;
    node = value_meant(maker, node);
    return node->kind == NODE_NAME && names_word(maker, node->name.name.text) ? node->name.name.text : NULL;
}

/* The type of a calculation with constants: 2 * 10%; NULL: it is not known. */
static const char *expect_calculated_type(struct maker *maker, const struct node *node)
{
    if (node->kind != NODE_BINARY || node->binary.op < SIGN_ADD || node->binary.op > SIGN_MOD || reads(maker, node))
        return NULL;
    switch (value_type(maker, node)) {
    case LANG_INT:
        return "int";
    case LANG_FLOAT:
        return "float";
    case LANG_PERCENT:
        return "percent";
    case LANG_DURATION:
        return "duration";
    default:
        return NULL;
    }
}

/* The type of a literal or of a name; NULL: it is not known. */
static const char *simple_type(struct maker *maker, const struct node *node)
{
    const char *name = NULL;
    if (!is_read(maker, node)) node = value_meant(maker, node);
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NEG) node = value_meant(maker, node->unary.value);
    if (bare_word(maker, node)) return names_enum_of(maker, bare_word(maker, node));
    const struct node *parameter = expect_parameter(maker, node);
    const struct node *type = parameter ? parameter->parameter.type : declared_type(maker, node);
    if (expect_is_figure(node) || campaign_read(node) || counter_read(maker, node)) {
        bool time = expect_is_figure(node) && strstr(node->member.name.text, "wait_time");
        bool longest = expect_is_figure(node) && strstr(node->member.name.text, "longest_wait");
        name = time || longest ? "duration" : "int";
    } else if (type) {
        return type_called(maker, node, type);
    } else if (node->kind == NODE_MEMBER) {
        bool word = names_word_of(maker, node);
        name = word ? node->member.object->name.name.text : type_of_part(maker, node);
    } else if (node->kind == NODE_KIND_NAME) {
        name = kind_word(node->kind_name.kind);
    } else if (node->kind == NODE_NAME && !names_key(maker, node->name.name.text)) {
        const struct attribute_row *row = expect_attribute(node->name.name.text);
        bool word = row && (strcmp(row->name, "media") == 0 || strcmp(row->name, "call_type") == 0);
        if (row && !word && !attribute_is_over(row->name)) /* that is reported */
            name = row->type == LANG_INT        ? "int"
                   : row->type == LANG_STR      ? "str"
                   : row->type == LANG_DURATION ? "duration"
                   : row->type == LANG_TIME     ? "time"
                                                : NULL;
    } else {
        name = node->kind == NODE_INTEGER    ? "int"
               : node->kind == NODE_STRING   ? "str"
               : node->kind == NODE_BOOL     ? "bool"
               : node->kind == NODE_DURATION ? "duration"
               : node->kind == NODE_INSTANT  ? "time"
               : node->kind == NODE_PERCENT  ? "percent"
               : node->kind == NODE_FLOAT    ? "float"
               : node->kind == NODE_DATE     ? "date"
               : node->kind == NODE_CLOCK    ? "clock"
                                             : expect_calculated_type(maker, node);
    }
    return name;
}

static void hint_side(struct diag *diag, const struct node *side, const char *wanted)
{
    const char *text = side->kind == NODE_STRING ? side->string.text.bytes : "";
    if (literal_is_digits(text) && !strcmp(wanted, "int")) diag_hint(diag, "write %s", text);
    if (side->kind == NODE_INTEGER) hint_number(diag, side->integer.value, wanted);
}

/* A comparison that can only ever fail, or only ever hold. */
static void check_sides(struct maker *maker, const struct node *node)
{
    if (node->kind != NODE_BINARY || node->binary.op < SIGN_EQ || node->binary.op > SIGN_GE) return;
    const char *left = simple_type(maker, node->binary.left), *right = simple_type(maker, node->binary.right);
    const char *first = bare_word(maker, node->binary.left), *second = bare_word(maker, node->binary.right);
    if (!is_odd(maker, left, right)) return;
    if ((first && names_word_in(maker, right, first)) || (second && names_word_in(maker, left, second))) return;
    struct diag *diag = diag_report(maker->diags, NOT_COMPARABLE, node->span, left, right);
    hint_side(diag, node->binary.left, right);
    hint_side(diag, node->binary.right, left);
}

/* d + 1d: days, times of day and shares are counted otherwise than what is added to them. */
static void check_expected_sum(struct maker *maker, const struct node *node)
{
    if (node->kind != NODE_BINARY || (node->binary.op != SIGN_ADD && node->binary.op != SIGN_SUB)) return;
    const char *sides[2] = {simple_type(maker, node->binary.left), simple_type(maker, node->binary.right)};
    int shares = 0, own = 0;
    for (size_t i = 0; i < 2; i++) {
        own += sides[i] && (!strcmp(sides[i], "date") || !strcmp(sides[i], "clock"));
        shares += sides[i] && !strcmp(sides[i], "percent");
    }
    if (own || (shares == 1 && sides[0] && sides[1]))
        not_computed(maker, node->span, operator_sign((enum operator)node->binary.op));
}

static bool is_ordered(const struct scenario_expr *bound)
{
    return !bound->lit || json_is_number(bound->lit) || json_is_object(bound->lit);
}

/* n in 3..4: both ends belong to it; of times of day and instants the last does not, and 22:00..06:00 goes round
 * midnight. */
static struct scenario_expr *make_between(struct maker *maker, const struct node *node)
{
    assert(node->binary.op == SIGN_IN && node->binary.right->kind == NODE_RANGE);
    const struct node *range = node->binary.right, *first = names_resolve(maker, range->range.from);
    struct scenario_expr *from = make_expr(maker, range->range.from), *to = make_expr(maker, range->range.to);
    if (!is_ordered(from) || !is_ordered(to)) diag_report(maker->diags, TEST_OPERATOR, range->span, "in");
    const char *as = from->as;
    const char *type = simple_type(maker, node->binary.left);
    bool clock = (as && !strcmp(as, "clock")) || (type && !strcmp(type, "clock"));
    bool instant = first->kind == NODE_INSTANT || (as && !strcmp(as, "time")) || (type && !strcmp(type, "time"));
    const json_t *begin = json_object_get(from->lit, "us");
    const json_t *end = json_object_get(to->lit, "us");
    if (clock && (!begin || !end)) not_computed(maker, range->span, "in"); /* perhaps round midnight */
    bool round = clock && json_integer_value(begin) > json_integer_value(end);
    enum operator below = clock || instant ? SIGN_LT : SIGN_LE;
    struct scenario_expr *least = new_operation(SIGN_GE, make_expr(maker, node->binary.left), from);
    struct scenario_expr *most = new_operation(below, make_expr(maker, node->binary.left), to);
    return new_operation(round ? SIGN_OR : SIGN_AND, least, most);
}

static struct scenario_expr *make_literal(struct maker *maker, const struct node *node)
{
    size_t errors = maker_errors(maker);
    struct scenario_expr *expr = new_expr();
    expr->lit = value_json(maker, node);
    if (maker_errors(maker) == errors) expr->as = value_as(maker, node);
    return expr;
}

static struct scenario_expr *make_operation(struct maker *maker, const struct node *node)
{
    static const enum operator known[] = {SIGN_ADD, SIGN_SUB, SIGN_NOT, SIGN_AND, SIGN_OR, SIGN_EQ,
                                          SIGN_NE,  SIGN_LT,  SIGN_LE,  SIGN_GT,  SIGN_GE, SIGN_IN};
    enum operator op =(enum operator)(node->kind == NODE_UNARY ? node->unary.op : node->binary.op);
    bool fits = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) fits = fits || known[i] == op;
    if ((!fits || op == SIGN_ADD || op == SIGN_SUB) && !reads(maker, node)) return make_literal(maker, node);
    if (!fits) {
        diag_report(maker->diags, TEST_OPERATOR, node->span, operator_sign(op));
        return new_expr();
    }
    size_t errors = maker_errors(maker);
    check_expected_sum(maker, node);
    if (op == SIGN_IN && node->binary.right->kind == NODE_RANGE) return make_between(maker, node);
    bool two = node->kind == NODE_BINARY;
    struct scenario_expr *a = make_expr(maker, two ? node->binary.left : node->unary.value);
    struct scenario_expr *expr = new_operation(op, a, two ? make_expr(maker, node->binary.right) : NULL);
    if (maker_errors(maker) == errors) check_sides(maker, node); /* of sides that have a value */
    return expr;
}

static struct scenario_expr *make_measure(struct maker *maker, const struct node *node)
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
        if (name_distance(name.text, measures[i]) != UINT32_MAX) near = measures[i];
    }
    if (!known) {
        struct diag *diag = diag_report(maker->diags, NO_MEMBER, name.span, "vq", name.text);
        diag_hint(diag, "offered, distributed, abandoned, cleared, waiting, wait_time or longest_wait");
        if (near) diag_did_you_mean(diag, near, (struct span){0, 0});
    }
    struct scenario_expr *expr = new_expr();
    expr->vq = vq->kind_name.name.text;
    expr->measure = name.text;
    return expr;
}

static struct scenario_expr *make_campaign(struct maker *maker, const struct node *node, const struct node *campaign)
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

/* abandoned_calls; calls["week"]; calls[ani] */
static struct scenario_expr *make_counter(struct maker *maker, const struct node *node, const struct node *counter)
{
    assert(counter->kind == NODE_SITE_COUNTER);
    const char *name = counter->counter.name.text;
    struct scenario_expr *expr = new_expr();
    expr->counter = name;
    if (node->kind != NODE_INDEX && counter->counter.of)
        diag_hint(diag_report(maker->diags, COUNTER_KEY, node->span, name, "has keys"), "%s[\"...\"]", name);
    if (node->kind == NODE_INDEX && !counter->counter.of)
        diag_hint(diag_report(maker->diags, COUNTER_KEY, node->span, name, "has no keys"), "counter %s[str];", name);
    if (node->kind == NODE_INDEX) expr->key = make_expr(maker, node->index.index);
    return expr;
}

/* The value in force when it is read: the test's, else the site's. */
static struct scenario_expr *make_parameter_read(struct maker *maker, const struct node *item)
{
    assert(item->kind == NODE_SITE_PARAMETER);
    const struct symbol *symbol = item->meaning;
    struct scenario_expr *expr = new_expr();
    expr->parameter = item->parameter.name.text;
    expr->value = value_typed(maker, item->parameter.value, symbol ? symbol->type : NULL);
    expr->as = written_as(maker, type_called(maker, item, held_type(item->parameter.type)));
    return expr;
}

/* a.b?.c; NULL where it is no path. */
static struct scenario_expr *make_path(struct maker *maker, const struct node *node)
{
    const struct node *type;
    struct scenario_expr *expr = new_expr();
    if (!add_path(maker, node, expr, &type)) {
        scenario_clear(SHAPE_expr, expr);
        free(expr);
        return NULL;
    }
    expr->user_data = is_user_data(node);
    expr->as = written_as(maker, type_called(maker, node, held_type(type)));
    return expr;
}

/* An expression that is read when everything has ended. */
static struct scenario_expr *make_expr(struct maker *maker, const struct node *node)
{
    if (node->kind == NODE_BINARY || (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT))
        return make_operation(maker, node);
    if (expect_is_figure(node)) return make_measure(maker, node);
    const struct node *campaign = campaign_read(node);
    if (campaign) return make_campaign(maker, node, campaign);
    const struct node *counter = counter_read(maker, node);
    if (counter) return make_counter(maker, node, counter);
    const struct node *parameter = expect_parameter(maker, node);
    if (parameter) return make_parameter_read(maker, parameter);
    struct scenario_expr *path = is_read(maker, node) ? make_path(maker, node) : NULL;
    return path ? path : make_literal(maker, node);
}

/* Reports a value that is no condition: it neither holds nor fails. */
static void check_expected(struct maker *maker, const struct node *node)
{
    bool both = node->kind == NODE_BINARY && (node->binary.op == SIGN_AND || node->binary.op == SIGN_OR);
    if (both) {
        check_expected(maker, node->binary.left);
        check_expected(maker, node->binary.right);
        return;
    }
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) {
        check_expected(maker, node->unary.value);
        return;
    }
    const char *type = expect_is_figure(node) || counter_read(maker, node) ? "a number" : simple_type(maker, node);
    if (!type || strcmp(type, "bool") == 0) return;
    diag_hint(diag_report(maker->diags, NOT_A_CONDITION, node->span, type), "compare it: == ...");
}

static void add_limits(struct maker *maker, struct scenario_expect *expect, struct nodes limits)
{
    EACH_NODE (limit, limits) {
        const char *name = limit->test_limit.name.text;
        const struct node *value = limit->test_limit.value;
        int64_t number;
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

/* `joined service`, `shown welcome`: as if `joined` were what arrived. False where it is not written so. */
static bool expect_without_kind(struct maker *maker, const struct node *expect)
{
    struct word of = expect->test_expect.of;
    const struct node *what = expect->test_expect.events.first;
    const struct event_row *row = of.text && !is_arrival(maker, of.text) ? event_row(of.text) : NULL;
    bool alone = what->kind == NODE_TEST_EVENT && !what->test_event.to && !what->test_event.what;
    const char *name = alone ? what->test_event.name.text : "";
    if (!row || !alone || event_row(name)) return false;
    struct diag *diag = diag_report(maker->diags, TEST_EVENT_DETAIL, what->span, of.text);
    enum name_kind kind;
    if (row->details & DETAIL_TEXT)
        diag_hint(diag, "what it says stands in quotes: %s \"...\"", of.text);
    else if (row->details & (DETAIL_TO | DETAIL_KIND) && names_kind_of(maker, name, &kind))
        diag_hint(diag, "write %s%s %s %s", of.text, row->details & DETAIL_TO ? " to" : "", kind_word(kind), name);
    else
        diag_hint(diag, "write %s%s", of.text, said_with(row->details));
    return true;
}

/* Does the line say `within`? An expression that is read at the end has no time. */
static bool is_timed(struct nodes limits)
{
    EACH_NODE (limit, limits)
        if (strcmp(limit->test_limit.name.text, "within") == 0) return true;
    return false;
}

/* `expect second called_back;`: a key by itself, where the word is no event. */
static const struct node *key_alone(struct maker *maker, const struct node *node)
{
    bool alone = node->kind == NODE_TEST_EVENT && !node->test_event.to && !node->test_event.what;
    const char *name = alone ? node->test_event.name.text : NULL;
    if (!name || event_row(name) || (!names_key(maker, name) && !expect_attribute(name))) return node;
    struct node *key = ARENA_NEW(maker->arena, struct node);
    *key = (struct node){.kind = NODE_NAME, .span = node->span, .name = {.name = node->test_event.name}};
    return key;
}

static void make_expected(struct maker *maker, const struct node *node, struct scenario_expect *expect)
{
    struct word of = node->test_expect.of;
    expect->never = node->test_expect.never;
    if (expect_without_kind(maker, node)) return;
    if (of.text && !is_arrival(maker, of.text)) diag_report(maker->diags, TEST_ARRIVAL, of.span, of.text);
    expect->of = of.text;
    add_limits(maker, expect, node->test_expect.limits);
    limited_list(maker, node->test_expect.events, "events are expected in a row");
    EACH_NODE (item, node->test_expect.events) {
        struct scenario_event event;
        const struct node *what = of.text ? key_alone(maker, item) : item;
        if (as_event(maker, what, &event)) {
            *(struct scenario_event *)scenario_add(SHAPE_event, &expect->events, &expect->count) = event;
            continue;
        }
        maker->expected = true;
        size_t errors = maker_errors(maker);
        struct scenario_expr *expr = make_expr(maker, what);
        if (expect->expr) { /* more than one, which is reported below */
            scenario_clear(SHAPE_expr, expr);
            free(expr);
        } else {
            expect->expr = expr;
        }
        maker->expected = false;
        check_expected(maker, what);
        if (maker_errors(maker) != errors) continue; /* perhaps it was to be an event */
        if (node->test_expect.events.count != 1 || is_timed(node->test_expect.limits))
            diag_report(maker->diags, TEST_EXPRESSION, item->span);
    }
}

/* An expectation that names an arrival sees the keys of its strategy; any other sees those of the last strategy. */
static const struct node *expect_strategy(const struct maker *maker, const char *arrival)
{
    const struct test_list *named = arrival ? maker->arrivals : NULL;
    while (named && strcmp(named->name.text, arrival) != 0) named = named->next;
    return named ? named->node : maker->strategy;
}

void make_expect(struct maker *maker, const struct node *node, struct scenario_expect *expect)
{
    assert(node->kind == NODE_TEST_EXPECT);
    const struct node *last = maker->strategy;
    maker->strategy = expect_strategy(maker, node->test_expect.of.text);
    make_expected(maker, node, expect);
    maker->strategy = last;
}
