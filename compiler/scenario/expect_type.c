/* compiler/scenario/expect_type.c - The names that an expected expression may read, their types, and the allowed
 * comparisons.
 *
 * A name is searched as a word of an enum, a name of `for each`, a key of the strategy that arrived, an attribute
 * and a constant. Types are needed for reports only: a comparison that can never be true is a mistake in the test,
 * and without the report it would look like a mistake in the strategy. */
#include <string.h>

#include "compiler/check/scope.h"
#include "compiler/scenario/expect.h"
#include "compiler/syntax/literal.h"
#include "compiler/syntax/lost.h"

/* Returns the record that is the type of a key; NULL where the type is no record or not known. */
const struct node *expect_record(const struct scenario_maker *maker, const struct node *type)
{
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    return type && type->kind == NODE_TYPE_NAME && !type->type_name.of
               ? names_declared(maker, NODE_RECORD, type->type_name.name.text)
               : NULL;
}

const struct attribute_row *expect_attribute(const char *name)
{
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (strcmp(attribute_rows[i].name, name) == 0) return &attribute_rows[i];
    return NULL;
}

/* Has an interaction no longer this attribute when it has ended? */
bool expect_attribute_is_over(const char *attribute)
{
    static const char *const over[] = {"parties", "ewt", "ewt_low", "ewt_high", "position", "now", "body"};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        if (strcmp(over[i], attribute) == 0) return true;
    return false;
}

/* True: the node is user_data["key"], or a part of its value. */
bool expect_is_user_data(const struct node *node)
{
    while (node->kind == NODE_MEMBER || node->kind == NODE_INDEX) {
        if (node->kind == NODE_INDEX && node->index.object->kind == NODE_NAME)
            return strcmp(node->index.object->name.name.text, "user_data") == 0;
        node = node->kind == NODE_MEMBER ? node->member.object : node->index.object;
    }
    return false;
}

/* Returns the site's parameter, counter, table or schedule of that name; NULL: there is none. */
const struct node *expect_site_value(const struct scenario_maker *maker, const char *name)
{
    EACH_NODE (item, names_site(maker))
        if ((item->kind == NODE_SITE_PARAMETER && item->parameter.name.text == name) ||
            (item->kind == NODE_SITE_COUNTER && item->counter.name.text == name) ||
            (item->kind == NODE_SITE_TABLE && item->table.name.text == name) ||
            (item->kind == NODE_SITE_SCHEDULE && item->schedule.name.text == name))
            return item;
    return NULL;
}

/* Returns the site's parameter that the node names; NULL: the node names none. */
const struct node *expect_parameter(const struct scenario_maker *maker, const struct node *node)
{
    const char *name = node->kind == NODE_NAME ? node->name.name.text : NULL;
    if (!name || names_key(maker, name) || names_binding(maker, name)) return NULL;
    const struct node *item = expect_site_value(maker, name);
    return item && item->kind == NODE_SITE_PARAMETER ? item : NULL;
}

/* Returns the name of the campaign in campaign("summer").abandoned; NULL: the node has another form. */
const struct node *expect_campaign(const struct node *node)
{
    const struct node *call = node->kind == NODE_MEMBER ? node->member.object : NULL;
    bool is = call && call->kind == NODE_CALL && call->call.callee->kind == NODE_NAME &&
              strcmp(call->call.callee->name.name.text, "campaign") == 0 && call->call.arguments.count == 1;
    const struct node *argument = is ? call->call.arguments.first : NULL;
    return argument && argument->arg.value->kind == NODE_STRING ? argument->arg.value : NULL;
}

const struct node *expect_view_call(const struct node *node)
{
    const struct node *call = node->kind == NODE_MEMBER ? node->member.object : NULL;
    bool is = call && call->kind == NODE_CALL && call->call.callee->kind == NODE_NAME &&
              strcmp(call->call.callee->name.name.text, "view") == 0 && call->call.arguments.first;
    return is && call->call.arguments.first->arg.value->kind == NODE_NAME ? call : NULL;
}

/* vq service.offered */
bool expect_is_figure(const struct node *node)
{
    return node->kind == NODE_MEMBER && node->member.object->kind == NODE_KIND_NAME &&
           node->member.object->kind_name.kind == KIND_VQ;
}

/* True: the name is that of a key or attribute, and not of a constant or of `for each`. */
bool expect_is_read(const struct scenario_maker *maker, const struct node *node)
{
    if (node->kind == NODE_MEMBER && names_word_of(maker, node)) return false;
    while (node->kind == NODE_MEMBER || node->kind == NODE_INDEX)
        node = node->kind == NODE_MEMBER ? node->member.object : node->index.object;
    if (node->kind != NODE_NAME) return false;
    const char *name = node->name.name.text;
    if (!names_key(maker, name) && !expect_attribute(name) && names_word(maker, name)) return false;
    return !names_binding(maker, name) &&
           (names_key(maker, name) || expect_attribute(name) || !names_declared(maker, NODE_CONST, name));
}

bool expect_reads(const struct scenario_maker *maker, const struct node *node)
{
    if (node->kind == NODE_BINARY)
        return expect_reads(maker, node->binary.left) || expect_reads(maker, node->binary.right);
    if (node->kind == NODE_UNARY) return expect_reads(maker, node->unary.value);
    return expect_is_read(maker, node) || expect_campaign(node) || expect_view_call(node) ||
           (node->kind == NODE_MEMBER && node->member.object->kind == NODE_KIND_NAME);
}

bool expect_is_of_moment(const struct scenario_maker *maker, const struct node *node)
{
    if (node->kind == NODE_BINARY)
        return expect_is_of_moment(maker, node->binary.left) && expect_is_of_moment(maker, node->binary.right);
    if (node->kind == NODE_UNARY) return expect_is_of_moment(maker, node->unary.value);
    return !expect_is_read(maker, node) || expect_parameter(maker, node) || scenario_counter_read(maker, node);
}

/* Returns the name of the type of a key, an attribute or, where `type` is known, a path; NULL: the type is not
 * known. */
const char *expect_type_called(const struct scenario_maker *maker, const struct node *node, const struct node *type)
{
    while (type && type->kind == NODE_TYPE_OPTION) type = type->type_option.of;
    if (type || node->kind != NODE_NAME || names_key(maker, node->name.name.text))
        return !type                          ? NULL
               : type->kind == NODE_TYPE_KIND ? ast_kind_word(type->type_kind.kind)
               : type->kind == NODE_TYPE_NAME ? type->type_name.name.text
                                              : NULL;
    const struct attribute_row *row = expect_attribute(node->name.name.text);
    return !row || row->type == LANG_VALUE ? NULL
           : row->type == LANG_STR         ? "str"
           : row->type == LANG_TIME        ? "time"
           : row->type == LANG_DURATION    ? "duration"
                                           : "int";
}

bool expect_is_kind(const char *type)
{
    for (int i = 0; i < NAME_KINDS; i++)
        if (strcmp(ast_kind_word((enum name_kind)i), type) == 0) return true;
    return false;
}

/* Returns how a value of that type is written where its JSON does not tell: "word" for a word of an enum. NULL: JSON
 * tells. */
const char *expect_written_as(const struct scenario_maker *maker, const char *type)
{
    static const char *const plain[] = {"str", "int", "float", "bool", "list", "map", "value"};
    static const char *const own[] = {"date", "clock", "percent", "time", "duration"};
    for (size_t i = 0; type && i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], type) == 0) return NULL;
    for (size_t i = 0; type && i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], type) == 0) return own[i];
    return !type || names_declared(maker, NODE_RECORD, type) ? NULL : expect_is_kind(type) ? type : "word";
}

/* Returns the type of the innermost elements of lists and maps; for another type the type itself. */
const struct node *expect_held_type(const struct node *type)
{
    while (type && (type->kind == NODE_TYPE_OPTION || (type->kind == NODE_TYPE_NAME && type->type_name.of)))
        type = type->kind == NODE_TYPE_OPTION ? type->type_option.of : type->type_name.of;
    return type;
}

void expect_not_computed(struct scenario_maker *maker, struct source_span where, const char *what)
{
    diag_hint(diag_report(maker->diags, TEST_OPERATOR, where, what),
              "attach it where the strategy reads it, and expect that key");
}

/* Returns the declared type of a key, or of a part of a key's value; NULL: not known. */
static const struct node *declared_type(const struct scenario_maker *maker, const struct node *node)
{
    const struct node *key = node->kind == NODE_NAME ? names_key(maker, node->name.name.text) : NULL, *field = NULL;
    if (key && lost_key_is(maker->program, maker->strategy, node->name.name.text)) return NULL;
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

/* Returns the type of a part of a value: user_data["key"].str, xs.count; NULL: it is not known. */
static const char *type_of_part(const struct scenario_maker *maker, const struct node *node)
{
    static const char *const as[] = {"str", "int", "bool", "float", "time", "list", "map"};
    const char *part = node->member.name.text;
    const struct node *of = declared_type(maker, node->member.object);
    const char *whole = of ? expect_type_called(maker, node->member.object, of) : NULL;
    bool counted = whole && (!strcmp(whole, "list") || !strcmp(whole, "map") || !strcmp(whole, "str"));
    if (!strcmp(part, "count")) return counted || expect_is_user_data(node) ? "int" : NULL;
    for (size_t i = 0; expect_is_user_data(node) && i < sizeof as / sizeof *as; i++)
        if (!strcmp(as[i], part)) return as[i];
    return NULL;
}

static const char *const scalars[] = {"int",  "float", "str",   "bool",    "duration",
                                      "time", "date",  "clock", "percent", "weekday"};

/* Can a value of the one type never be equal to one of the other? A declared type is a scalar, a record, a list, a
 * map, a name of a kind or an enum; NULL is a type that is not known, and fits all. */
static bool is_odd(const struct scenario_maker *maker, const char *left, const char *right)
{
    bool alone = false; /* one of the types equals no other type */
    if (!left || !right || strcmp(left, right) == 0) return false;
    if ((!strcmp(left, "int") && !strcmp(right, "float")) || (!strcmp(left, "float") && !strcmp(right, "int")))
        return false;
    bool plain[2] = {false, false};
    const char *const sides[2] = {strcmp(left, "dn") ? left : "str", strcmp(right, "dn") ? right : "str"};
    if (!strcmp(sides[0], sides[1])) return false;
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
            plain[side] = plain[side] || strcmp(scalars[i], sides[side]) == 0;
        bool own = plain[side] || expect_is_kind(sides[side]) || names_declared(maker, NODE_ENUM, sides[side]);
        bool known = own || names_declared(maker, NODE_RECORD, sides[side]) || !strcmp(sides[side], "list") ||
                     !strcmp(sides[side], "map");
        if (!known) return false;
        alone = alone || own;
    }
    return alone;
}

/* Returns the word of an enum that the node names, if it is written without the enum's name; else NULL. */
static const char *bare_word(struct scenario_maker *maker, const struct node *node)
{
    if (expect_is_read(maker, node)) return NULL;
    node = value_meant(maker, node);
    return node->kind == NODE_NAME && names_word(maker, node->name.name.text) ? node->name.name.text : NULL;
}

/* Returns the type of an attribute; NULL: a test cannot read it, or its words are checked elsewhere. */
static const char *expect_attribute_type(const char *attribute)
{
    const struct attribute_row *row = expect_attribute(attribute);
    if (!row || strcmp(row->name, "media") == 0 || strcmp(row->name, "call_type") == 0) return NULL;
    if (expect_attribute_is_over(row->name)) return NULL; /* that is reported */
    return row->type == LANG_INT        ? "int"
           : row->type == LANG_STR      ? "str"
           : row->type == LANG_DURATION ? "duration"
           : row->type == LANG_TIME     ? "time"
                                        : NULL;
}

/* Returns the type of a literal, or of a calculation with constants: 2 * 10%; NULL: the node is neither. */
static const char *written_type(struct scenario_maker *maker, const struct node *node)
{
    static const char *const called[LANG_BASE_COUNT] = {
        [LANG_BOOL] = "bool", [LANG_INT] = "int",           [LANG_FLOAT] = "float",
        [LANG_STR] = "str",   [LANG_DURATION] = "duration", [LANG_TIME] = "time",
        [LANG_DATE] = "date", [LANG_CLOCK] = "clock",       [LANG_PERCENT] = "percent"};
    bool two = node->kind == NODE_BINARY;
    /* the constants in such a node may contain one another in a circle */
    if (node->kind == NODE_TEMPLATE || node->kind == NODE_UNARY) return NULL;
    if (two && (node->binary.op < SIGN_ADD || node->binary.op > SIGN_MOD || expect_reads(maker, node))) return NULL;
    enum lang_type type = value_type(maker, node);
    bool known = type == LANG_INT || type == LANG_FLOAT || type == LANG_PERCENT || type == LANG_DURATION;
    return known || (!two && type < sizeof called / sizeof *called) ? called[type] : NULL;
}

/* Returns the type of a literal or of a name; NULL: it is not known. */
const char *expect_simple_type(struct scenario_maker *maker, const struct node *node)
{
    const char *name = NULL;
    if (!expect_is_read(maker, node)) node = value_meant(maker, node);
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NEG) node = value_meant(maker, node->unary.value);
    if (bare_word(maker, node)) return names_enum_of(maker, bare_word(maker, node));
    const struct node *parameter = expect_parameter(maker, node);
    const struct node *type = parameter ? parameter->parameter.type : declared_type(maker, node);
    if (expect_view_call(node)) return strcmp(node->member.name.text, "count") == 0 ? "int" : "list";
    if (expect_is_figure(node) || expect_campaign(node) || scenario_counter_read(maker, node)) {
        bool time = expect_is_figure(node) && strstr(node->member.name.text, "wait_time");
        bool longest = expect_is_figure(node) && strstr(node->member.name.text, "longest_wait");
        name = time || longest ? "duration" : "int";
    } else if (type) {
        return expect_type_called(maker, node, type);
    } else if (node->kind == NODE_MEMBER) {
        bool word = names_word_of(maker, node);
        name = word ? node->member.object->name.name.text : type_of_part(maker, node);
    } else if (node->kind == NODE_KIND_NAME) {
        name = ast_kind_word(node->kind_name.kind);
    } else if (node->kind == NODE_NAME && !names_key(maker, node->name.name.text)) {
        name = expect_attribute_type(node->name.name.text);
    } else {
        name = written_type(maker, node);
    }
    return name;
}

static void hint_side(struct diag *diag, const struct node *side, const char *wanted)
{
    const char *text = side->kind == NODE_STRING ? side->string.text.bytes : "";
    if (literal_is_digits(text) && !strcmp(wanted, "int")) diag_hint(diag, "write %s", text);
    if (side->kind == NODE_INTEGER) value_type_hint_number(diag, side->integer.value, wanted);
}

/* Reports a comparison that can never be true, or that is always true. */
void expect_check_sides(struct scenario_maker *maker, const struct node *node)
{
    if (node->kind != NODE_BINARY || node->binary.op < SIGN_EQ || node->binary.op > SIGN_GE) return;
    const char *left = expect_simple_type(maker, node->binary.left),
               *right = expect_simple_type(maker, node->binary.right);
    const char *first = bare_word(maker, node->binary.left), *second = bare_word(maker, node->binary.right);
    if (!is_odd(maker, left, right)) return;
    if ((first && names_word_in(maker, right, first)) || (second && names_word_in(maker, left, second))) return;
    struct diag *diag = diag_report(maker->diags, NOT_COMPARABLE, node->span, left, right);
    hint_side(diag, node->binary.left, right);
    hint_side(diag, node->binary.right, left);
}

/* Reports d + 1d: dates, times of day and shares have other units than the value added to them. */
void expect_check_sum(struct scenario_maker *maker, const struct node *node)
{
    if (node->kind != NODE_BINARY || (node->binary.op != SIGN_ADD && node->binary.op != SIGN_SUB)) return;
    const char *sides[2] = {expect_simple_type(maker, node->binary.left),
                            expect_simple_type(maker, node->binary.right)};
    int shares = 0, own = 0;
    for (size_t i = 0; i < 2; i++) {
        own += sides[i] && (!strcmp(sides[i], "date") || !strcmp(sides[i], "clock"));
        shares += sides[i] && !strcmp(sides[i], "percent");
    }
    if (own || (shares == 1 && sides[0] && sides[1]))
        expect_not_computed(maker, node->span, ast_operator_sign((enum operator)node->binary.op));
}

/* Reports a value that is no condition and so cannot be expected. */
void expect_check_condition(struct scenario_maker *maker, const struct node *node)
{
    bool both = node->kind == NODE_BINARY && (node->binary.op == SIGN_AND || node->binary.op == SIGN_OR);
    if (both) {
        expect_check_condition(maker, node->binary.left);
        expect_check_condition(maker, node->binary.right);
        return;
    }
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) {
        expect_check_condition(maker, node->unary.value);
        return;
    }
    const char *type =
        expect_is_figure(node) || scenario_counter_read(maker, node) ? "a number" : expect_simple_type(maker, node);
    if (!type || strcmp(type, "bool") == 0) return;
    diag_hint(diag_report(maker->diags, NOT_A_CONDITION, node->span, type), "compare it: == ...");
}
