/* compiler/scenario/value.c - The values of a test's constant expressions: a row becomes an object, a list an array,
 * a name of a kind {"kind":..,"name":..}, a duration or time {"us":n}.
 *
 * A value of a test is JSON as the runtime writes it: names of the site with their kind, moments and durations as
 * {"us": n}, words of enumerations as texts. Constants are replaced by their values (value_meant), up to
 * CONSTANTS_DEEP within one another. An expression with a part that is known only at run time is reported, and is
 * null afterwards.
 *
 * The simulator does not know how the author wrote a value. So its type is checked here, where the tree still shows
 * it: value_typed() reports a value that the parameter, key or field cannot have. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "compiler/check/scope.h"
#include "base/near.h"
#include "base/zone.h"
#include "compiler/language/one_of.h"
#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"
#include "compiler/syntax/literal.h"
#include "vm/share.h"

enum { CONSTANTS_MANY = 65536, TEXT_LONG = 65535 };

size_t maker_errors(const struct scenario_maker *maker)
{
    return diags_errors(maker->diags) + maker->told;
}

json_t *value_kind(enum name_kind kind, const char *name)
{
    return json_pack("{s:s, s:s}", "kind", ast_kind_word(kind), "name", name);
}

static json_t *not_constant(struct scenario_maker *maker, const struct node *node)
{
    struct diag *diag = diag_report(maker->diags, TEST_NOT_CONSTANT, node->span);
    const char *called = node->kind == NODE_CALL ? node_dotted(maker->arena, node->call.callee) : NULL;
    enum name_kind kind;
    if (node->kind == NODE_NAME && names_kind_of(maker, node->name.name.text, &kind))
        diag_hint(diag, "write %s %s", ast_kind_word(kind), node->name.name.text);
    else if (called && strchr(called, '.') && !strcmp(strrchr(called, '.'), ".contains"))
        diag_hint(diag, "a test calls nothing: write x in %.*s", (int)(strrchr(called, '.') - called), called);
    else if (node->kind == NODE_CALL)
        diag_hint(diag, "a test calls nothing: write the value, or attach what is to be compared");
    else if (maker->expected)
        diag_hint(diag, "a test compares, adds and subtracts: attach what else is computed");
    return json_null();
}

/* Notes a mistake that the checker of constants reports. */
static json_t *value_told(struct scenario_maker *maker)
{
    maker->told++;
    return json_null();
}

static bool is_wrong(const struct node *constant)
{
    const struct symbol *symbol = constant->meaning;
    return symbol && symbol->type && type_is_poison(symbol->type);
}

/* A constant may contain others, and by mistake in a circle: `within` has the constants being computed, and
 * `followed` limits the work that a few lines of doubling can cause. */
static json_t *name_value(struct scenario_maker *maker, const struct node *node)
{
    const char *name = node->name.name.text;
    const struct node *bound = names_binding(maker, name);
    const struct node *constant = bound ? NULL : names_declared(maker, NODE_CONST, name);
    if (!bound && constant) bound = constant->constant.value;
    if (!bound && (names_word(maker, name) || names_declared(maker, NODE_SITE_SCHEDULE, name)))
        return json_string(name);
    if (!bound) return not_constant(maker, node);
    if (constant && is_wrong(constant)) return value_told(maker);
    if (maker->depth == 0) maker->followed = 0;
    for (uint32_t i = 0; constant && i < maker->depth; i++)
        if (maker->within[i] == constant) return value_told(maker); /* its own circle */
    if (maker->depth >= CONSTANTS_DEEP) return not_constant(maker, node);
    /* limits the work where each constant contains the previous one twice */
    if (maker->followed++ >= CONSTANTS_MANY) return not_constant(maker, node);
    maker->within[maker->depth++] = constant;
    json_t *value = value_json(maker, bound);
    assert(maker->depth > 0);
    maker->depth--;
    return value;
}

static void no_field(struct scenario_maker *maker, const struct node *record, const struct node *arg)
{
    const char *name = record->record.name.text;
    if (arg->arg.name.text)
        names_no_field(maker, record, arg->arg.name);
    else
        diag_report(maker->diags, TEST_FIELD, arg->span, name,
                    diag_count(maker->diags, "only ", record->record.fields.count, "field"));
}

/* Reports the first field that is missing, and must not be. */
static void check_lacking(struct scenario_maker *maker, const struct node *record, const struct node *call,
                          const json_t *given)
{
    EACH_NODE (field, record->record.fields) {
        const struct type *type = field->field.type->type;
        const char *name = field->field.name.text;
        if (json_object_get(given, name) || !type || type_is_option(type) || type_is_poison(type)) continue;
        diag_hint(diag_report(maker->diags, ARGUMENT_MISSING, call->span, record->record.name.text, name, type->text),
                  "%s: none where the row has no value there", name);
        return;
    }
}

/* Reports a call with named arguments that no declaration has: a row is meant, whose record is missing. All of these
 * with one name are one error, as for a type. */
static json_t *no_record(struct scenario_maker *maker, const struct node *callee)
{
    const char *name = callee->name.name.text, *near = NULL;
    uint32_t distance = UINT32_MAX;
    EACH_NODE (file, maker->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_RECORD && near_is_nearer(name, node->record.name.text, &distance))
                near = node->record.name.text;
    diag_did_you_mean(diag_report(maker->diags, UNKNOWN_TYPE, callee->span, name), near, (struct source_span){0, 0});
    return json_null();
}

/* Makes the row of Customer(name: "Dupont", ...), by its columns; missing columns that may be none are none. */
static json_t *record_value(struct scenario_maker *maker, const struct node *call)
{
    assert(call->kind == NODE_CALL);
    const struct node *callee = call->call.callee;
    const struct node *record =
        callee->kind == NODE_NAME ? names_declared(maker, NODE_RECORD, callee->name.name.text) : NULL;
    bool named = call->call.arguments.first && call->call.arguments.first->arg.name.text;
    if (!record && named && callee->kind == NODE_NAME && !names_declared(maker, NODE_FUNCTION, callee->name.name.text))
        return no_record(maker, callee);
    if (!record) return not_constant(maker, call);
    size_t errors = maker_errors(maker);
    json_t *object = json_object();
    const struct node *next = record->record.fields.first;
    EACH_NODE (arg, call->call.arguments) {
        const struct node *field = arg->arg.name.text ? names_field(record->record.fields, arg->arg.name.text) : next;
        if (!field) {
            no_field(maker, record, arg);
            continue;
        }
        next = field->next;
        bool none = value_meant(maker, arg->arg.value)->kind == NODE_NONE; /* whatever its type is */
        const struct type *type = none ? NULL : field->field.type->type;
        json_object_set_new(object, field->field.name.text, value_typed(maker, arg->arg.value, type, field));
    }
    if (maker_errors(maker) == errors) check_lacking(maker, record, call, object);
    EACH_NODE (field, record->record.fields)
        if (!json_object_get(object, field->field.name.text))
            json_object_set_new(object, field->field.name.text, json_null());
    return object;
}

/* A key that is written twice has its last value. */
static json_t *map_value(struct scenario_maker *maker, const struct node *map)
{
    json_t *object = json_object();
    EACH_NODE (entry, map->map.entries) {
        const char *key = NULL;
        if (value_text(maker, entry->entry.key, &key))
            json_object_set_new(object, key, value_json(maker, entry->entry.value));
    }
    return object;
}

static json_t *list_value(struct scenario_maker *maker, const struct node *list)
{
    json_t *array = json_array();
    EACH_NODE (item, list->list.items) json_array_append_new(array, value_json(maker, item));
    return array;
}

static json_t *instant_value(struct scenario_maker *maker, const struct node *node)
{
    int64_t us = node->instant.local_us;
    struct word zone = node->instant.zone.text ? node->instant.zone : names_zone(maker);
    if (!zone_instant(zone.text, us, &us)) diag_report(maker->diags, NO_ZONE, zone.span, zone.text);
    return json_pack("{s:I}", "us", (json_int_t)us);
}

/* Returns a number, or the microseconds of a duration. */
static bool value_number_of(json_t *value, json_int_t *number)
{
    json_t *us = json_object_get(value, "us");
    *number = json_integer_value(us ? us : value);
    return json_is_integer(us ? us : value);
}

/* Computes as lower/constant.c does. `b` is the number of the share, or of the duration that is added to a date. */
static bool value_calculate(enum operator op, json_int_t a, json_int_t b, bool share, json_int_t *result)
{
    bool known = false;
    int64_t part;
    *result = 0;
    if (op == SIGN_ADD)
        known = !__builtin_add_overflow(a, b, result);
    else if (op == SIGN_SUB)
        known = !__builtin_sub_overflow(a, b, result);
    else if (op == SIGN_MUL && share && (known = share_of(a, b, &part)))
        *result = part;
    else if (op == SIGN_MUL && !share)
        known = !__builtin_mul_overflow(a, b, result);
    else if ((op == SIGN_DIV || op == SIGN_MOD) && (known = b != 0))
        *result = op == SIGN_DIV ? a / b : a % b;
    return known && *result != INT64_MIN;
}

static json_t *typed_number(enum lang_type type, json_int_t number)
{
    bool us = type == LANG_DURATION || type == LANG_TIME;
    return us ? json_pack("{s:I}", "us", number) : json_integer(number);
}

/* Reports an operation without a type; within a constant the checker reports it. */
static json_t *no_type(struct scenario_maker *maker, const struct node *node)
{
    if (maker->depth > 0 && maker->within[maker->depth - 1]) return value_told(maker);
    diag_report(maker->diags, TEST_OPERATOR, node->span, ast_operator_sign((enum operator)node->binary.op));
    return json_null();
}

static json_t *calculated_float(struct scenario_maker *maker, const struct node *node, double a, double b)
{
    enum operator op =(enum operator) node->binary.op;
    double result = op == SIGN_ADD ? a + b : op == SIGN_SUB ? a - b : op == SIGN_MUL ? a * b : b == 0 ? 0 : a / b;
    if ((op != SIGN_DIV || b != 0) && result - result == 0) return json_real(result);
    diag_report(maker->diags, CONST_FAULT, node->span);
    return json_null();
}

/* Dates are days in JSON, and durations microseconds: a duration added to a date is first divided by a day. */
static json_t *calculated_of(struct scenario_maker *maker, const struct node *node, json_int_t a, json_int_t b)
{
    const json_int_t day = INT64_C(86400000000);
    enum lang_type left = value_type(maker, node->binary.left), right = value_type(maker, node->binary.right);
    enum lang_type type = value_type(maker, node);
    json_int_t result;
    if (type == LANG_POISON) return no_type(maker, node);
    if (type == LANG_DATE) b /= day;
    if (value_calculate((enum operator)node->binary.op, a, b, right == LANG_PERCENT && left != LANG_PERCENT, &result) &&
        (left != LANG_DATE || right != LANG_DATE || !__builtin_mul_overflow(result, day, &result)))
        return typed_number(type, result);
    diag_report(maker->diags, CONST_FAULT, node->span);
    return json_null();
}

/* Computes a > b for numbers and times, a == b also for texts and words, and a and b. NULL: the result is not known
 * here. */
static json_t *values_compared(enum operator op, json_t *left, json_t *right)
{
    bool both = json_is_boolean(left) && json_is_boolean(right), known = op >= SIGN_EQ && op <= SIGN_GE;
    json_int_t a, b;
    int order;
    if (both && (op == SIGN_AND || op == SIGN_OR))
        return json_boolean(op == SIGN_AND ? json_is_true(left) && json_is_true(right)
                                           : json_is_true(left) || json_is_true(right));
    if (value_number_of(left, &a) && value_number_of(right, &b)) {
        order = (a > b) - (a < b);
    } else if (json_is_number(left) && json_is_number(right)) {
        double x = json_number_value(left), y = json_number_value(right);
        order = (x > y) - (x < y);
    } else {
        order = !json_equal(left, right);
        known = (both || json_is_string(left)) && (op == SIGN_EQ || op == SIGN_NE);
    }
    bool holds = op == SIGN_EQ   ? order == 0
                 : op == SIGN_NE ? order != 0
                 : op == SIGN_LT ? order < 0
                 : op == SIGN_LE ? order <= 0
                 : op == SIGN_GT ? order > 0
                                 : order >= 0;
    return known ? json_boolean(holds) : NULL;
}

static json_t *not_so(struct scenario_maker *maker, const struct node *node)
{
    size_t errors = maker_errors(maker);
    json_t *value = value_json(maker, node->unary.value);
    bool known = json_is_boolean(value), so = json_is_true(value);
    json_decref(value);
    return known ? json_boolean(!so) : maker_errors(maker) != errors ? json_null() : not_constant(maker, node);
}

/* Makes a text that contains texts and whole numbers. */
static json_t *text_value(struct scenario_maker *maker, const struct node *node)
{
    size_t errors = maker_errors(maker);
    json_t *text = json_string("");
    EACH_NODE (part, node->templ.parts) {
        json_t *value = value_json(maker, part), *longer = NULL;
        const char *before = json_string_value(text);
        if (json_is_string(value))
            longer = json_sprintf("%s%s", before, json_string_value(value));
        else if (json_is_integer(value) && value_type(maker, part) == LANG_INT)
            longer = json_sprintf("%s%" JSON_INTEGER_FORMAT, before, json_integer_value(value));
        json_decref(value);
        json_decref(text);
        if (!longer || json_string_length(longer) > TEXT_LONG) {
            json_decref(longer);
            return maker_errors(maker) != errors ? json_null() : not_constant(maker, node);
        }
        text = longer;
    }
    return text;
}

/* An error found in a part is not reported again for the whole. */
static json_t *value_calculated(struct scenario_maker *maker, const struct node *node)
{
    json_int_t a, b;
    size_t errors = maker_errors(maker);
    enum operator op =(enum operator) node->binary.op;
    bool decides = op >= SIGN_AND && op <= SIGN_GE;
    if ((op < SIGN_ADD || op > SIGN_MOD) && !decides) return not_constant(maker, node);
    json_t *left = value_json(maker, node->binary.left), *right = value_json(maker, node->binary.right), *value = NULL;
    if (maker_errors(maker) != errors)
        value = json_null();
    else if (decides)
        value = value_type(maker, node) == LANG_BOOL ? values_compared(op, left, right) : NULL;
    else if (value_number_of(left, &a) && value_number_of(right, &b))
        value = calculated_of(maker, node, a, b);
    else if (value_type(maker, node) == LANG_FLOAT)
        value = calculated_float(maker, node, json_number_value(left), json_number_value(right));
    json_decref(left);
    json_decref(right);
    return value ? value : not_constant(maker, node);
}

static json_t *value_negative(struct scenario_maker *maker, const struct node *node)
{
    const struct node *meant = value_meant(maker, node->unary.value);
    if (meant->kind == NODE_NAME && !names_declared(maker, NODE_CONST, meant->name.name.text))
        return not_constant(maker, node);
    size_t errors = maker_errors(maker);
    json_t *value = value_json(maker, node->unary.value), *negated = NULL;
    json_int_t number;
    enum lang_type type = maker_errors(maker) == errors ? value_type(maker, node) : LANG_POISON;
    if (maker_errors(maker) != errors)
        negated = json_null();
    else if (type == LANG_FLOAT)
        negated = json_real(-json_number_value(value));
    else if (type != LANG_POISON && value_number_of(value, &number))
        negated = typed_number(type, -number);
    json_decref(value);
    return negated ? negated : not_constant(maker, node);
}

/* Returns a value even after an error; it is then null. A caller that needs to know compares maker_errors() before
 * and after. */
json_t *value_json(struct scenario_maker *maker, const struct node *node)
{
    switch (node->kind) {
    case NODE_NONE:
        return json_null();
    case NODE_BOOL:
        return json_boolean(node->boolean.value);
    case NODE_INTEGER:
        return json_integer(node->integer.value);
    case NODE_DURATION:
        return json_pack("{s:I}", "us", (json_int_t)node->duration.us);
    case NODE_FLOAT:
        return json_real(node->real.value);
    case NODE_PERCENT:
        return json_integer(node->percent.hundredths * 100);
    case NODE_DATE:
        return json_integer(node->date.days);
    case NODE_CLOCK:
        return json_pack("{s:I}", "us", (json_int_t)node->clock.us);
    case NODE_MEMBER:
        if (names_word_of(maker, node)) return json_string(node->member.name.text);
        return not_constant(maker, node);
    case NODE_INSTANT:
        return instant_value(maker, node);
    case NODE_STRING: {
        json_t *text = json_stringn(node->string.text.bytes, node->string.text.length);
        return text ? text : not_constant(maker, node);
    }
    case NODE_KIND_NAME:
        names_kind(maker, node->kind_name.kind, node->kind_name.name);
        return value_kind(node->kind_name.kind, node->kind_name.name.text);
    case NODE_NAME:
        return name_value(maker, node);
    case NODE_CALL:
        return record_value(maker, node);
    case NODE_LIST:
        return list_value(maker, node);
    case NODE_MAP:
        return map_value(maker, node);
    case NODE_UNARY:
        return node->unary.op == SIGN_NEG ? value_negative(maker, node) : not_so(maker, node);
    case NODE_TEMPLATE:
        return text_value(maker, node);
    case NODE_BINARY:
        return value_calculated(maker, node);
    default:
        return not_constant(maker, node);
    }
}

/* Returns the form in which all values of a list or map are written, by its first value. */
static const char *held_as(struct scenario_maker *maker, const struct node *first)
{
    const struct node *meant = first ? value_meant(maker, first) : NULL;
    if (!meant) return NULL;
    if (meant->kind == NODE_KIND_NAME) return ast_kind_word(meant->kind_name.kind);
    enum lang_type type = value_type(maker, meant);
    return type == LANG_DURATION ? "duration" : type == LANG_TIME ? "time" : value_as(maker, meant);
}

const char *value_as(struct scenario_maker *maker, const struct node *node)
{
    const struct node *meant = value_meant(maker, node);
    switch (value_type(maker, meant)) {
    case LANG_LIST:
        return held_as(maker, meant->list.items.first);
    case LANG_MAP:
        return meant->map.entries.first ? held_as(maker, meant->map.entries.first->entry.value) : NULL;
    case LANG_DATE:
        return "date";
    case LANG_CLOCK:
        return "clock";
    case LANG_PERCENT:
        return "percent";
    case LANG_ENUM:
        return "word";
    default:
        return NULL;
    }
}

/* A wrong constant was reported at its declaration: here it is only counted. */
static void value_wanted(struct scenario_maker *maker, const struct node *node, const char *what)
{
    const char *name = node->kind == NODE_NAME ? node->name.name.text : NULL;
    const struct node *constant = name && !names_binding(maker, name) ? names_declared(maker, NODE_CONST, name) : NULL;
    if (constant && is_wrong(constant)) {
        maker->told++;
        return;
    }
    struct diag *diag = diag_report(maker->diags, TEST_WANTS, node->span, what);
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : "";
    if (node->kind == NODE_INTEGER) value_type_hint_number(diag, node->integer.value, what);
    if (literal_is_digits(text) && !strcmp(what, "a number")) diag_hint(diag, "write %s", text);
    if (node->kind == NODE_NAME) maker->lost = true; /* perhaps the next word of the line */
}

/* Reads a number or duration, which may be a calculation. */
static bool scenario_value_number(struct scenario_maker *maker, const struct node *node, bool duration, int64_t *number)
{
    const struct node *value = value_meant(maker, node);
    if (value->kind == (duration ? NODE_DURATION : NODE_INTEGER)) {
        *number = duration ? value->duration.us : value->integer.value;
        return true;
    }
    json_int_t result = 0;
    json_t *json = value->kind == NODE_BINARY ? value_json(maker, value) : NULL;
    bool fits =
        json && value_number_of(json, &result) && value_type(maker, value) == (duration ? LANG_DURATION : LANG_INT);
    *number = result;
    if (!fits && !(json && json_is_null(json))) value_wanted(maker, node, duration ? "a duration" : "a number");
    json_decref(json);
    return fits;
}

bool value_duration(struct scenario_maker *maker, const struct node *node, int64_t *us)
{
    return scenario_value_number(maker, node, true, us);
}

bool value_integer(struct scenario_maker *maker, const struct node *node, int64_t *number)
{
    return scenario_value_number(maker, node, false, number);
}

bool value_percent(struct scenario_maker *maker, const struct node *node, double *share)
{
    const struct node *value = value_meant(maker, node);
    if (value->kind == NODE_PERCENT)
        *share = (double)value->percent.hundredths / 10000;
    else
        value_wanted(maker, node, "a percentage");
    return value->kind == NODE_PERCENT;
}

bool value_text(struct scenario_maker *maker, const struct node *node, const char **text)
{
    const struct node *value = value_meant(maker, node);
    if (value->kind == NODE_STRING)
        *text = value->string.text.bytes;
    else
        value_wanted(maker, node, "a text");
    return value->kind == NODE_STRING;
}

/* --- Has the value the needed type? --- */

static bool is_word_of(const struct enumeration *enumeration, const struct node *node)
{
    const char *word = node->kind == NODE_NAME ? node->name.name.text : node->member.name.text;
    for (uint32_t i = 0; i < enumeration->count; i++)
        if (!strcmp(enumeration->words[i], word)) return true;
    return false;
}

/* `type` is no option. */
static bool value_fits(struct scenario_maker *maker, const struct type *type, const struct node *node)
{
    assert(!type_is_option(type));
    node = value_meant(maker, node);
    if (node->kind == NODE_NONE) return false;
    if (type->kind == LANG_SCHEDULE)
        return node->kind == NODE_NAME && names_declared(maker, NODE_SITE_SCHEDULE, node->name.name.text);
    if (type->kind == LANG_ZONE) return node->kind == NODE_STRING;
    if (type_is_site_name(type))
        return node->kind == NODE_KIND_NAME && !strcmp(ast_kind_word(node->kind_name.kind), type->text);
    enum lang_type written = value_type(maker, node);
    switch (type->kind) {
    case LANG_FLOAT:
        return written == LANG_INT || written == LANG_FLOAT;
    case LANG_DN:
        return written == LANG_STR;
    case LANG_ENUM:
        return written == LANG_ENUM && is_word_of(type->enumeration, node);
    case LANG_RECORD: {
        const char *name = written == LANG_RECORD ? node_dotted(maker->arena, node->call.callee) : NULL;
        return written == LANG_MAP || (name && !strcmp(name, type->text));
    }
    case LANG_BOOL:
    case LANG_INT:
    case LANG_STR:
    case LANG_DURATION:
    case LANG_TIME:
    case LANG_DATE:
    case LANG_CLOCK:
    case LANG_PERCENT:
    case LANG_LIST:
    case LANG_MAP:
        return written == type->kind;
    default:
        return true;
    }
}

/* Hints how a value of the type is written. */
static void value_hint_written(struct scenario_maker *maker, struct diag *diag, const struct type *type,
                               const struct node *node)
{
    node = value_meant(maker, node);
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : "";
    if (literal_is_digits(text) && (type->kind == LANG_INT || type->kind == LANG_FLOAT))
        diag_hint(diag, "write %s", text);
    else if (node->kind == NODE_INTEGER &&
             (type->kind == LANG_DURATION || type->kind == LANG_PERCENT || type->kind == LANG_STR))
        value_type_hint_number(diag, node->integer.value, type->text);
    else if (type->kind == LANG_STR && node->kind == NODE_NAME)
        diag_hint(diag, "write \"%s\"", node->name.name.text);
    else if (type->kind == LANG_STR)
        diag_hint(diag, "a text stands in quotes");
    else if (type->kind == LANG_FLOAT && node->kind == NODE_PERCENT)
        diag_hint(diag, "write %g", (double)node->percent.hundredths / 10000);
    else if (type->kind == LANG_INT)
        diag_hint(diag, "an int is written 20");
    else if (type->kind == LANG_FLOAT)
        diag_hint(diag, "a float is written 0.5");
    else if (type->kind == LANG_PERCENT)
        diag_hint(diag, "a percent is written 20%%");
    else if (type->kind == LANG_DURATION)
        diag_hint(diag, "a duration is written 20s");
    else if (type->kind == LANG_DATE)
        diag_hint(diag, "a date is written 2026-03-07");
    else if (type->kind == LANG_BOOL)
        diag_hint(diag, "a bool is true or false");
    else if (type->kind == LANG_TIME)
        diag_hint(diag, "a time is written 2026-03-07 08:30");
    else if (type->kind == LANG_CLOCK)
        diag_hint(diag, "a time of day is written 08:30");
    else if (type->kind == LANG_RECORD)
        diag_hint(diag, "it is written %s(...)", type->text);
    else if (type->kind == LANG_ENUM)
        one_of_hint_words(diag, type->enumeration, node->kind == NODE_NAME ? node->name.name.text : text);
}

/* Lists and maps are checked, too, with their elements. The fields of records were checked when the records were
 * made. */
static void value_check_typed(struct scenario_maker *maker, const struct node *node, const struct type *type,
                              const void *about)
{
    const struct node *value = value_meant(maker, node);
    if (type_is_poison(type) || (value->kind == NODE_NONE && type_is_option(type))) return;
    const struct type *bare = type_bare(type);
    if (!value_fits(maker, bare, node)) {
        struct diag *diag = diag_report(maker->diags, TEST_WANTS, node->span, type->text);
        diag->about = about;
        value_hint_written(maker, diag, bare, node);
        return;
    }
    if (bare->kind == LANG_LIST)
        EACH_NODE (item, value->list.items) value_check_typed(maker, item, bare->of, about);
    if (bare->kind == LANG_MAP)
        EACH_NODE (entry, value->map.entries) value_check_typed(maker, entry->entry.value, bare->of, about);
}

json_t *value_typed(struct scenario_maker *maker, const struct node *node, const struct type *type, const void *about)
{
    size_t errors = maker_errors(maker);
    json_t *value = value_json(maker, node);
    if (type && maker_errors(maker) == errors) value_check_typed(maker, node, type, about);
    return value;
}
