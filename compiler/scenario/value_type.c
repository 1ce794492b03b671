/* compiler/scenario/value_type.c - The types of constant expressions, by the rules of the language.
 *
 * A test computes its constants itself, before anything runs. `2h + 30m` is a duration, `2h / 30m` an int, and `2h *
 * 30m` has no type (poison). The table below has one line for each pair of types that can be combined, the operators
 * allowed between the two, and the type of the result. A pair without a line has no type. */
#include <inttypes.h>
#include <string.h>

#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"

/* Follows a name to the value of its binding or constant, and further if that is a name too. The number of steps is
 * limited, since constants that name each other in a circle would never end. */
const struct node *value_meant(struct scenario_maker *maker, const struct node *node)
{
    for (int i = 0; i < CONSTANTS_DEEP && node->kind == NODE_NAME; i++) {
        const struct node *bound = names_binding(maker, node->name.name.text);
        const struct node *constant = bound ? NULL : names_declared(maker, NODE_CONST, node->name.name.text);
        if (!bound && constant) bound = constant->constant.value;
        if (!bound) break;
        node = bound;
    }
    return node;
}

/* Returns the type of an operation that a test computes as the language does; else POISON. */
static enum lang_type value_calculated_type(enum operator op, enum lang_type a, enum lang_type b)
{
    enum { SUM = 1u << SIGN_ADD | 1u << SIGN_SUB, TIMES = 1u << SIGN_MUL | 1u << SIGN_DIV, MOD = 1u << SIGN_MOD };
    static const struct {
        uint8_t a, b;
        unsigned signs;
        uint8_t type;
    } rows[] = {
        {LANG_BOOL, LANG_BOOL, 1u << SIGN_AND | 1u << SIGN_OR, LANG_BOOL},
        {LANG_INT, LANG_INT, SUM | TIMES | MOD, LANG_INT},
        {LANG_INT, LANG_FLOAT, SUM | TIMES, LANG_FLOAT},
        {LANG_FLOAT, LANG_INT, SUM | TIMES, LANG_FLOAT},
        {LANG_FLOAT, LANG_FLOAT, SUM | TIMES, LANG_FLOAT},
        {LANG_DURATION, LANG_DURATION, 1u << SIGN_DIV, LANG_INT},
        {LANG_DURATION, LANG_DURATION, SUM | MOD, LANG_DURATION},
        {LANG_DURATION, LANG_TIME, 1u << SIGN_ADD, LANG_TIME},
        {LANG_DURATION, LANG_INT, TIMES, LANG_DURATION},
        {LANG_DURATION, LANG_PERCENT, 1u << SIGN_MUL, LANG_DURATION},
        {LANG_INT, LANG_DURATION, 1u << SIGN_MUL, LANG_DURATION},
        {LANG_INT, LANG_PERCENT, 1u << SIGN_MUL, LANG_INT},
        {LANG_PERCENT, LANG_PERCENT, SUM, LANG_PERCENT},
        {LANG_PERCENT, LANG_INT, TIMES, LANG_PERCENT},
        {LANG_TIME, LANG_TIME, 1u << SIGN_SUB, LANG_DURATION},
        {LANG_TIME, LANG_DURATION, SUM, LANG_TIME},
        {LANG_DATE, LANG_DATE, 1u << SIGN_SUB, LANG_DURATION},
        {LANG_DATE, LANG_DURATION, SUM, LANG_DATE},
        {LANG_CLOCK, LANG_CLOCK, 1u << SIGN_SUB, LANG_DURATION},
    };
    if (op >= SIGN_EQ && op <= SIGN_GE) {
        bool numbers = (a == LANG_INT || a == LANG_FLOAT) && (b == LANG_INT || b == LANG_FLOAT);
        return a == b || numbers ? LANG_BOOL : LANG_POISON;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].a == a && rows[i].b == b && (rows[i].signs & 1u << op)) return (enum lang_type)rows[i].type;
    return LANG_POISON;
}

/* A name that is no constant counts as a word of an enum: which enum, only its place can tell. */
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

void value_type_hint_number(struct diag *diag, int64_t number, const char *wanted)
{
    if (strstr(wanted, "duration"))
        diag_hint(diag, "a duration has a unit: %" PRId64 "s, %" PRId64 "m", number, number);
    else if (strstr(wanted, "percent"))
        diag_hint(diag, "a percent is written %" PRId64 "%%", number);
    else if (strstr(wanted, "text") || !strcmp(wanted, "str"))
        diag_hint(diag, "write \"%" PRId64 "\"", number);
}
