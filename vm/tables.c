/* vm/tables.c - The tables opcodes.def, steps.def and attributes.def as data.
 *
 * Each table is included once for each array made from it; macros of its rows that are not defined here are defined
 * as empty by the table itself. */
#include "vm/exits.h"
#include "vm/image.h"
#include "vm/measure.h"
#include "vm/opcode.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
#define W(t)  {ROLE_WRITE, CLASS_##t}
#define R(t)  {ROLE_READ, CLASS_##t}
#define N(t)  {ROLE_NUMBER, NUMBER_##t}
#define T     {ROLE_TARGET, 0}
#define _     {ROLE_NONE, 0}
#define WAITS  OPCODE_WAITS
#define FAILS  OPCODE_FAILS
#define FUEL   OPCODE_FUEL
#define HEAP   OPCODE_HEAP
#define ENDS   OPCODE_ENDS
#define LEAF   OPCODE_LEAF
#define COUNTS OPCODE_COUNTS
#define PAIR   OPCODE_PAIR
static const struct opcode_info opcodes[OPCODES] = {
#define OP(name, layout, a, b, c, flags, doc) {#name, LAYOUT_##layout, {a, b, c}, flags, doc},
#include "vm/opcodes.def"
};
#undef T
#undef _
#undef WAITS
#undef FAILS
#undef FUEL
#undef HEAP
#undef ENDS
#undef LEAF
#undef COUNTS
#undef PAIR

/* clang-format on */

const struct opcode_info *opcode_info(unsigned opcode)
{
    return opcode < OPCODES ? &opcodes[opcode] : NULL;
}

uint32_t opcode_layout_words(unsigned layout)
{
    switch ((enum layout)layout) {
    case LAYOUT_ABJ:
    case LAYOUT_AKJ:
    case LAYOUT_AIJ:
    case LAYOUT_ABCJ:
    case LAYOUT_ABCD:
    case LAYOUT_ABX:
    case LAYOUT_ABCDX:
        return 2;
    default:
        return 1;
    }
}

/* clang-format off */
/* Types of parameters, as steps.def writes them. */
#define PT_INT         TYPE_INT
#define PT_STR         TYPE_STR
#define PT_DURATION    TYPE_DURATION
#define PT_PROMPT      TYPE_PROMPT
#define PT_TEMPLATE    TYPE_TEMPLATE
#define PT_VQ          TYPE_VQ
#define PT_QUEUE       TYPE_QUEUE
#define PT_AGENT       TYPE_AGENT
#define PT_TONE        TYPE_INT
#define PT_CAUSE       TYPE_INT
#define PT_MEDIUM      TYPE_INT
#define PT_MAP_ANY     PARAMETER_MAP_ANY
#define PT_LIST_ANY    PARAMETER_LIST_ANY
#define PT_MAP_VALUE   PARAMETER_MAP_VALUE
#define PT_DESTINATION PARAMETER_DESTINATION
#define PT_SHOWN       PARAMETER_SHOWN
#define PT_BOUND       PARAMETER_BOUND
#define PT_JSON        PARAMETER_JSON
#define PT_BODY        PARAMETER_BODY
#define PT_SPOKEN      PARAMETER_SPOKEN
#define PT_RETRIED     PARAMETER_RETRIED
#define PT_SUBJECT     PARAMETER_SUBJECT
#define PT_WORKBIN     TYPE_WORKBIN
#define PT_OWNER       PARAMETER_OWNER
#define PT_CATEGORIES  PARAMETER_CATEGORIES
#define PT_TIME        TYPE_TIME
#define PT_SCHEDULE    PARAMETER_SCHEDULE
#define PT_STRATEGY    TYPE_INT
#define PT_ZONE        TYPE_INT
#define PT_CONTACT_ZONE PARAMETER_ZONE
#define PT_CLOCKS      TYPE_INT
#define PT_JUDGED      TYPE_INT
#define PT_GIVEN       PARAMETER_SHOWN

/* Each step's parameters and exits; the end is a row without a name. */
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) \
    static const struct step_parameter parameters_##id[] = {
#define P(id, parameter, number, type, need) {#parameter, number, PT_##type, STEP_##need},
#define END_STEP(id) {NULL, 0, 0, 0}};
#include "vm/steps.def"
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) \
    static const char *const exits_##id[] = {
#define X(id, code) #code,
#define END_STEP(id) NULL};
#include "vm/steps.def"
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) \
    static const uint8_t clauses_##id[] = {
#define X(id, code) EXIT_ALWAYS,
#define XC(id, code, clause) EXIT_##clause,
#define END_STEP(id) EXIT_ALWAYS};
#include "vm/steps.def"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
static const struct step steps[] = {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                          \
    {name, number, STEP_##media, STEP_##result, STEP_##class, cancellable, ends, at_once, timeout, doc, parameters_##id, \
     COUNT(parameters_##id) - 1, exits_##id, COUNT(exits_##id) - 1, clauses_##id},
#include "vm/steps.def"
};

/* A check at compile time: two steps with the same number do not compile. */
__attribute__((unused)) static void table_steps_differ(int value)
{
    switch (value) {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) case number: break;
#include "vm/steps.def"
    default: break;
    }
}

/* clang-format on */

static bool name_is_text(const char *name, const char *text, uint32_t length)
{
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

static const struct order orders[] = {
#define ORDER(word, by, doc) {#word, by, doc},
#include "vm/orders.def"
};

const struct order *order_numbered(uint32_t number)
{
    return number < COUNT(orders) ? &orders[number] : NULL;
}

const struct step *step_numbered(uint32_t number)
{
    for (size_t i = 0; i < COUNT(steps); i++)
        if (steps[i].number == number) return &steps[i];
    return NULL;
}

const struct step *step_named(const char *name, uint32_t length)
{
    for (size_t i = 0; i < COUNT(steps); i++)
        if (name_is_text(steps[i].name, name, length)) return &steps[i];
    return NULL;
}

static const struct vm_question questions[] = {
#define QUESTION(name, number, of, argument, result, doc)                                                              \
    {#name, number, TYPE_##of, TYPE_##argument, (uint16_t)(TYPE_##result), doc},
#include "vm/questions.def"
};

const struct vm_question *question_numbered(uint32_t number)
{
    for (size_t i = 0; i < COUNT(questions); i++)
        if (questions[i].number == number) return &questions[i];
    return NULL;
}

static const struct attribute attributes[] = {
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes)                             \
    {#name,                                                                                                            \
     number,                                                                                                           \
     (uint16_t)(TYPE_##type | ((optional) == 1 ? TYPE_OPTIONAL : 0)),                                                  \
     ATTRIBUTE_##media,                                                                                                \
     ATTRIBUTE_##when,                                                                                                 \
     written,                                                                                                          \
     doc},
#include "vm/attributes.def"
#undef ATTRIBUTE
};

const struct attribute *attribute_numbered(uint32_t number)
{
    for (size_t i = 0; i < COUNT(attributes); i++)
        if (attributes[i].number == number) return &attributes[i];
    return NULL;
}

const struct attribute *attribute_named(const char *name, uint32_t length)
{
    for (size_t i = 0; i < COUNT(attributes); i++)
        if (name_is_text(attributes[i].name, name, length)) return &attributes[i];
    return NULL;
}

/* Kinds of objects, as measures.def names them. */
enum {
#define MEASURED(name, number, word) name = number,
#include "vm/measured.def"
};
/* clang-format off */
#define MEDIUM MEASURED_MEDIUM
#define WITHIN MEASURED_WITHIN
#define KNOWN  MEASURED_KNOWN
#define UNIT_COUNT    TYPE_INT
#define UNIT_DURATION TYPE_DURATION
#define UNIT_PERCENT  TYPE_PERCENT
#define WHEN_OVER     true
#define WHEN_NOW      false
static const struct measure_row measures[MEASURES] = {
#define MEASURE(name, objects, unit, when, filters, doc) \
    {#name, objects, UNIT_##unit, WHEN_##when, filters, doc},
#include "vm/measures.def"
};
/* clang-format on */

static_assert(MEASURED_ALL <= UINT8_MAX, "struct measure_row has a byte for a set of rows of measured.def");
static_assert((int)MEASURES <= (int)MEASURE_GIVEN,
              "measures.def has more rows than there are numbers before MEASURE_GIVEN");

const struct measure_row *measure_numbered(uint32_t number)
{
    static const struct measure_row given[] = {
        {"given", MEASURED_ALL, TYPE_INT, false, 0, "whether a test has set the statistic"},
        {"given_count", MEASURED_ALL, TYPE_INT, false, 0, "the count that it has set"},
        {"given_duration", MEASURED_ALL, TYPE_DURATION, false, 0, "the duration that it has set"},
        {"given_percent", MEASURED_ALL, TYPE_PERCENT, false, 0, "the percent that it has set"},
    };
    if (number >= MEASURE_GIVEN && number - MEASURE_GIVEN < sizeof given / sizeof *given)
        return &given[number - MEASURE_GIVEN];
    return number < MEASURES ? &measures[number] : NULL;
}

uint16_t measure_object_type(uint32_t of)
{
#define MEASURED(name, number, word)                                                                                   \
    if (of == number) return TYPE_##name;
#include "vm/measured.def"
    return TYPE_VOID;
}

const char *measure_object_word(uint32_t objects)
{
#define MEASURED(name, number, word)                                                                                   \
    if (objects & number) return word;
#include "vm/measured.def"
    return NULL;
}
