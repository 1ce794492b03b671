/* compiler/scenario/given.c - The arguments of an arrival's strategy; and whether a value is of its type.
 *
 * A value of a test is JSON when it reaches the simulator, which no longer knows how the author wrote it. So its type
 * is checked here, while the tree still shows it: value_type() finds the type of an expression by the rules of the
 * language, value_typed() reports a value that the parameter, key or field cannot have. */
#include <assert.h>
#include <string.h>

#include "compiler/language/one_of.h"
#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"
#include "compiler/syntax/literal.h"

/* The type of an operation that a test calculates as the language does; else POISON. */
static enum lang_type given_calculated_type(enum operator op, enum lang_type a, enum lang_type b)
{
    bool sum = op == SIGN_ADD || op == SIGN_SUB, times = op == SIGN_MUL || op == SIGN_DIV;
    if (a == b && (op == SIGN_AND || op == SIGN_OR)) return a == LANG_BOOL ? a : LANG_POISON;
    if (op >= SIGN_EQ && op <= SIGN_GE) {
        bool numbers = (a == LANG_INT || a == LANG_FLOAT) && (b == LANG_INT || b == LANG_FLOAT);
        return a == b || numbers ? LANG_BOOL : LANG_POISON;
    }
    if (a == LANG_INT && b == LANG_INT) return op <= SIGN_MOD ? LANG_INT : LANG_POISON;
    if ((a == LANG_INT || a == LANG_FLOAT) && (b == LANG_INT || b == LANG_FLOAT))
        return sum || times ? LANG_FLOAT : LANG_POISON;
    if (a == LANG_DURATION && b == a && op == SIGN_DIV) return LANG_INT;
    if (a == b && (a == LANG_DURATION || a == LANG_PERCENT))
        return sum || (op == SIGN_MOD && a == LANG_DURATION) ? a : LANG_POISON;
    if (a == b && (a == LANG_TIME || a == LANG_CLOCK || a == LANG_DATE))
        return op == SIGN_SUB ? LANG_DURATION : LANG_POISON;
    if ((a == LANG_TIME || a == LANG_DATE) && b == LANG_DURATION) return sum ? a : LANG_POISON;
    if (a == LANG_DURATION && b == LANG_TIME) return op == SIGN_ADD ? LANG_TIME : LANG_POISON;
    if ((a == LANG_DURATION || a == LANG_PERCENT) && b == LANG_INT) return times ? a : LANG_POISON;
    if ((a == LANG_INT || a == LANG_DURATION) && b == LANG_PERCENT) return op == SIGN_MUL ? a : LANG_POISON;
    if (a == LANG_INT && b == LANG_DURATION) return op == SIGN_MUL ? b : LANG_POISON;
    return LANG_POISON;
}

enum lang_type value_type(struct maker *maker, const struct node *node)
{
    node = value_meant(maker, node);
    static const uint8_t types[NODE_KINDS] = {
        [NODE_BOOL] = LANG_BOOL,         [NODE_INTEGER] = LANG_INT,  [NODE_FLOAT] = LANG_FLOAT,
        [NODE_PERCENT] = LANG_PERCENT,   [NODE_STRING] = LANG_STR,   [NODE_TEMPLATE] = LANG_STR,
        [NODE_DURATION] = LANG_DURATION, [NODE_INSTANT] = LANG_TIME, [NODE_DATE] = LANG_DATE,
        [NODE_CLOCK] = LANG_CLOCK,       [NODE_NAME] = LANG_ENUM,    [NODE_MEMBER] = LANG_ENUM,
        [NODE_LIST] = LANG_LIST,         [NODE_MAP] = LANG_MAP,      [NODE_CALL] = LANG_RECORD};
    if (types[node->kind]) return types[node->kind];
    switch (node->kind) {
    case NODE_UNARY: {
        enum lang_type type = value_type(maker, node->unary.value);
        bool number = type == LANG_INT || type == LANG_FLOAT || type == LANG_PERCENT || type == LANG_DURATION;
        return (node->unary.op == SIGN_NEG ? number : type == LANG_BOOL) ? type : LANG_POISON;
    }
    case NODE_BINARY:
        return given_calculated_type((enum operator)node->binary.op, value_type(maker, node->binary.left),
                                     value_type(maker, node->binary.right));
    default:
        return LANG_POISON;
    }
}

static bool is_word_of(const struct enumeration *enumeration, const struct node *node)
{
    const char *word = node->kind == NODE_NAME ? node->name.name.text : node->member.name.text;
    for (uint32_t i = 0; i < enumeration->count; i++)
        if (!strcmp(enumeration->words[i], word)) return true;
    return false;
}

/* `type` is no option. */
static bool given_fits(struct maker *maker, const struct type *type, const struct node *node)
{
    assert(!type_is_option(type));
    node = value_meant(maker, node);
    if (node->kind == NODE_NONE) return false;
    if (type->kind == LANG_SCHEDULE) return node->kind == NODE_NAME && names_schedule(maker, node->name.name.text);
    if (type->kind == LANG_ZONE) return node->kind == NODE_STRING;
    if (type_is_site_name(type))
        return node->kind == NODE_KIND_NAME && !strcmp(kind_word(node->kind_name.kind), type->text);
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

/* How a value of the type is written. */
static void hint_written(struct maker *maker, struct diag *diag, const struct type *type, const struct node *node)
{
    node = value_meant(maker, node);
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : "";
    if (literal_is_digits(text) && (type->kind == LANG_INT || type->kind == LANG_FLOAT))
        diag_hint(diag, "write %s", text);
    else if (node->kind == NODE_INTEGER &&
             (type->kind == LANG_DURATION || type->kind == LANG_PERCENT || type->kind == LANG_STR))
        hint_number(diag, node->integer.value, type->text);
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
        diag_one_of_words(diag, type->enumeration, node->kind == NODE_NAME ? node->name.name.text : text);
}

/* Looks into lists and maps, too. The fields of records were checked when the records were made. */
static void check_typed(struct maker *maker, const struct node *node, const struct type *type)
{
    const struct node *value = value_meant(maker, node);
    if (type_is_poison(type) || (value->kind == NODE_NONE && type_is_option(type))) return;
    const struct type *bare = type_bare(type);
    if (!given_fits(maker, bare, node)) {
        hint_written(maker, diag_report(maker->diags, TEST_WANTS, node->span, type->text), bare, node);
        return;
    }
    if (bare->kind == LANG_LIST)
        EACH_NODE (item, value->list.items) check_typed(maker, item, bare->of);
    if (bare->kind == LANG_MAP)
        EACH_NODE (entry, value->map.entries) check_typed(maker, entry->entry.value, bare->of);
}

json_t *value_typed(struct maker *maker, const struct node *node, const struct type *type)
{
    size_t errors = maker_errors(maker);
    json_t *value = value_json(maker, node);
    if (type && maker_errors(maker) == errors) check_typed(maker, node, type);
    return value;
}

static const struct node *param_of(const struct node *strategy, const struct node *arg, const struct node **next)
{
    const struct node *param = *next;
    struct word name = arg->arg.name;
    if (name.text)
        for (param = strategy->strategy.params.first; param && strcmp(param->param.name.text, name.text) != 0;)
            param = param->next;
    else if (param)
        *next = param->next;
    return param;
}

static void no_param(struct maker *maker, const struct node *strategy, const struct node *arg)
{
    const char *title = strategy->strategy.name.text;
    if (arg->arg.name.text)
        diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, title, arg->arg.name.text);
    else
        diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, title,
                    diag_count(maker->diags, "only ", strategy->strategy.params.count, "argument"));
}

json_t *given_json(struct maker *maker, const struct node *strategy, struct nodes arguments, struct source_span where)
{
    assert(strategy->kind == NODE_STRATEGY);
    json_t *given = json_object();
    const struct node *next = strategy->strategy.params.first;
    EACH_NODE (arg, arguments) {
        const struct node *param = param_of(strategy, arg, &next);
        if (!param) {
            no_param(maker, strategy, arg);
            continue;
        }
        const char *name = param->param.name.text;
        const struct type *type = param->param.type->type;
        if (json_object_get(given, name)) diag_report(maker->diags, ARGUMENT_TWICE, arg->span, name);
        json_object_set_new(given, name, value_typed(maker, arg->arg.value, type));
    }
    EACH_NODE (param, strategy->strategy.params) {
        const struct type *type = param->param.type->type;
        if (json_object_get(given, param->param.name.text) || param->param.value || !type || type_is_option(type) ||
            type_is_poison(type))
            continue;
        diag_report(maker->diags, ARGUMENT_MISSING, where, strategy->strategy.name.text, param->param.name.text,
                    type->text);
    }
    return given;
}
