/* compiler/scenario/value_type.c - The type of a constant expression, by the rules of the language. */
#include <inttypes.h>
#include <string.h>

#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"

const struct node *value_meant(struct scenario_maker *maker, const struct node *node)
{
    for (int i = 0; i < CONSTANTS_DEEP && node->kind == NODE_NAME; i++) {
        const struct node *bound = names_binding(maker, node->name.name.text);
        const struct node *constant = bound ? NULL : names_constant(maker, node->name.name.text);
        if (!bound && constant) bound = constant->constant.value;
        if (!bound) break;
        node = bound;
    }
    return node;
}

/* The type of an operation that a test calculates as the language does; else POISON. */
static enum lang_type value_calculated_type(enum operator op, enum lang_type a, enum lang_type b)
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

enum lang_type value_type(struct scenario_maker *maker, const struct node *node)
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
        return value_calculated_type((enum operator)node->binary.op, value_type(maker, node->binary.left),
                                     value_type(maker, node->binary.right));
    default:
        return LANG_POISON;
    }
}

void hint_number(struct diag *diag, int64_t number, const char *wanted)
{
    if (strstr(wanted, "duration"))
        diag_hint(diag, "a duration has a unit: %" PRId64 "s, %" PRId64 "m", number, number);
    else if (strstr(wanted, "percent"))
        diag_hint(diag, "a percent is written %" PRId64 "%%", number);
    else if (strstr(wanted, "text") || !strcmp(wanted, "str"))
        diag_hint(diag, "write \"%" PRId64 "\"", number);
}
