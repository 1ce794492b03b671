/* compiler/lower/constant.c - Values known at compile time: literals, constants, arithmetic with them, and
 * containers of them.
 *
 * NULL means a value that is not known at compile time; the code then computes it. The arithmetic is exactly the
 * VM's: an operation that would be a fault at run time has no value here and is reported, as it would fault whenever
 * it is reached. Constants contain other constants without copying, and their total size is limited, so that a few
 * lines cannot need gigabytes.
 *
 * A node's value is asked for again and again, by its parents and for operands. lower_constant() therefore remembers
 * which nodes are no constants (`varies`), so that a deep expression is visited once per node and not once per path. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/share.h"

const struct ir_constant *constant_word(struct lowerer *l, uint32_t type, int64_t word)
{
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){.kind = IR_CONSTANT_WORD, .type = type, .word = word};
    return constant;
}

const struct ir_constant *constant_text(struct lowerer *l, const char *bytes, size_t length)
{
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){.kind = IR_CONSTANT_TEXT, .type = IR_STR, .text = bytes, .length = length};
    return constant;
}

static const struct ir_constant *constant_none(struct lowerer *l, const struct type *type)
{
    if (!type || !type_is_option(type)) return NULL;
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){.kind = IR_CONSTANT_NONE, .type = lower_type(l, type)};
    return constant;
}

static const struct ir_constant *name_of_type(struct lowerer *l, const char *name, uint32_t type)
{
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){.kind = IR_CONSTANT_NAME, .type = type, .text = name, .length = strlen(name)};
    return constant;
}

const struct ir_constant *constant_name(struct lowerer *l, const struct symbol *symbol)
{
    return name_of_type(l, symbol->name, lower_type(l, symbol->type));
}

/* Constants may contain constants, repeatedly: the total size of all is limited. */
enum { CONSTANT_PARTS_MAX = 2000000, CONSTANT_TEXT_MAX = 65535, CONSTANT_TEXT_SHORT = 128 };

/* Counts the parts of all objects of the program so far. A constant may contain earlier constants several times, so
 * ten lines of ten elements each would otherwise be ten thousand million parts. */
static bool const_affordable(struct lowerer *l, size_t parts)
{
    if (parts <= CONSTANT_PARTS_MAX - l->constant_parts) {
        l->constant_parts += (uint32_t)parts;
        return true;
    }
    if (!l->constants_told) diag_report(l->program->diags, CONSTANTS_TOO_LARGE, l->constant_span, CONSTANT_PARTS_MAX);
    l->constants_told = l->const_told = true;
    return false;
}

const struct ir_constant *constant_object(struct lowerer *l, const struct type *type, struct ir_constant *parts,
                                          uint32_t count)
{
    uint32_t size = count;
    for (uint32_t i = 0; i < count && size <= CONSTANT_PARTS_MAX; i++) size += parts[i].size;
    if (!const_affordable(l, size)) return NULL;
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){
        .kind = IR_CONSTANT_OBJECT, .type = lower_type(l, type), .parts = parts, .part_count = count, .size = size};
    return constant;
}

static bool put_part(struct lowerer *l, struct ir_constant *parts, uint32_t *count, const struct node *node,
                     const struct type *want)
{
    const struct ir_constant *part = lower_constant(l, node, want);
    if (!part) return false;
    parts[(*count)++] = *part;
    return true;
}

static const struct ir_constant *constant_list_of(struct lowerer *l, const struct node *node, const struct type *type)
{
    assert(node->kind == NODE_LIST);
    struct ir_constant *parts = ARENA_ARRAY(l->arena, struct ir_constant, node->list.items.count + 1);
    uint32_t count = 0;
    EACH_NODE (item, node->list.items)
        if (!put_part(l, parts, &count, item, type->of)) return NULL;
    return constant_object(l, type, parts, count);
}

static const struct ir_constant *constant_map(struct lowerer *l, const struct node *node, const struct type *type)
{
    assert(node->kind == NODE_MAP);
    struct ir_constant *parts = ARENA_ARRAY(l->arena, struct ir_constant, 2 * node->map.entries.count + 1);
    uint32_t count = 0;
    EACH_NODE (entry, node->map.entries) {
        if (entry->entry.key->kind != NODE_STRING || !put_part(l, parts, &count, entry->entry.key, NULL)) return NULL;
        if (!put_part(l, parts, &count, entry->entry.value, type->of)) return NULL;
    }
    return constant_object(l, type, parts, count);
}

static const struct ir_constant *constant_record(struct lowerer *l, const struct node *node)
{
    const struct call_use *use = node->meaning;
    if (!use || use->kind != CALL_RECORD) return NULL;
    const struct record *record = node->type->record;
    struct ir_constant *parts = ARENA_ARRAY(l->arena, struct ir_constant, record->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const struct type *type = record->fields[i].type;
        const struct ir_constant *none = use->arguments[i] ? NULL : constant_none(l, type);
        if (none)
            parts[count++] = *none;
        else if (!use->arguments[i] || !put_part(l, parts, &count, use->arguments[i], type))
            return NULL;
    }
    return constant_object(l, node->type, parts, count);
}

/* Computes an operation of two constants. False: the operation would be a fault when it runs. */
static bool compute_constant(enum operator op, int64_t left, int64_t right, int64_t *result)
{
    bool over = false;
    switch (op) {
    case SIGN_ADD:
        over = __builtin_add_overflow(left, right, result);
        break;
    case SIGN_SUB:
        over = __builtin_sub_overflow(left, right, result);
        break;
    case SIGN_MUL:
        over = __builtin_mul_overflow(left, right, result);
        break;
    case SIGN_DIV:
        over = right == 0;
        *result = over ? 0 : left / right;
        break;
    case SIGN_MOD:
        over = right == 0;
        *result = over ? 0 : left % right;
        break;
    default:
        return false;
    }
    return !over && *result != INT64_MIN;
}

static const struct ir_constant *no_value(struct lowerer *l, const struct node *node)
{
    diag_report(l->program->diags, CONST_FAULT, node->span);
    l->const_told = true;
    return NULL;
}

static const struct ir_constant *constant_float(struct lowerer *l, double number)
{
    int64_t word;
    memcpy(&word, &number, sizeof word);
    return constant_word(l, IR_FLOAT, word);
}

static double constant_double(const struct ir_constant *constant)
{
    double number;
    if (constant->type != IR_FLOAT) return (double)constant->word;
    memcpy(&number, &constant->word, sizeof number);
    return number;
}

/* Computes sums, differences, products and quotients of floats; comparisons are left to the VM. */
static const struct ir_constant *float_arithmetic(struct lowerer *l, const struct node *node,
                                                  const struct ir_constant *left, const struct ir_constant *right)
{
    assert(node->kind == NODE_BINARY);
    double a = constant_double(left), b = constant_double(right);
    double result = node->binary.op == SIGN_ADD   ? a + b
                    : node->binary.op == SIGN_SUB ? a - b
                    : node->binary.op == SIGN_MUL ? a * b
                    : b == 0                      ? 0
                                                  : a / b;
    if (b == 0 && (node->binary.op == SIGN_DIV || node->binary.op == SIGN_MOD)) return no_value(l, node);
    if (node->type->kind != LANG_FLOAT) return NULL;
    return result - result == 0 ? constant_float(l, result) : no_value(l, node);
}

/* Computes with dates and times of day: a date may be moved by whole days, and the difference of two dates is whole
 * days. */
static const struct ir_constant *date_arithmetic(struct lowerer *l, const struct node *node, int64_t left,
                                                 int64_t right)
{
    assert(node->kind == NODE_BINARY);
    const int64_t day = INT64_C(86400000000);
    int64_t result;
    bool dates = node->binary.left->type == node->binary.right->type,
         clock = node->binary.left->type->kind == LANG_CLOCK;
    if (node->binary.op != SIGN_ADD && node->binary.op != SIGN_SUB) return NULL;
    if (!dates) right /= day;
    if (!compute_constant((enum operator)node->binary.op, left, right, &result) ||
        (dates && !clock && __builtin_mul_overflow(result, day, &result)))
        return no_value(l, node);
    return constant_word(l, lower_type(l, node->type), result);
}

/* Operations between units, such as a share of a duration, are left to an instruction; in a `const` of the source,
 * which has no code, they are computed here. */
static bool constant_holds(enum operator op, int64_t left, int64_t right)
{
    switch (op) {
    case SIGN_EQ:
        return left == right;
    case SIGN_NE:
        return left != right;
    case SIGN_LT:
        return left < right;
    case SIGN_LE:
        return left <= right;
    case SIGN_GT:
        return left > right;
    default:
        assert(op == SIGN_GE);
        return left >= right;
    }
}

/* Compares two constants that are words; NULL: an instruction does it, as for `in`. */
static const struct ir_constant *constant_compared(struct lowerer *l, enum operator op, const struct ir_constant *left,
                                                   const struct ir_constant *right)
{
    if (op == SIGN_IN || left->type != right->type) return NULL;
    return constant_word(l, IR_BOOL, constant_holds(op, left->word, right->word));
}

/* May the compiler compute this operation? Within a `const` it may compute any operation; elsewhere it leaves *, /
 * and % to an instruction, except for whole numbers and durations. */
static bool constant_folds(const struct lowerer *l, enum operator op, const struct ir_constant *left,
                           const struct ir_constant *right)
{
    bool scaled = op == SIGN_MUL || op == SIGN_DIV || op == SIGN_MOD;
    bool plain = right->type == IR_INT || (op == SIGN_MUL && left->type == IR_INT && right->type == IR_DURATION);
    return l->in_const || !scaled || (plain && left->type != IR_PERCENT);
}

/* Computes an operation of two constants that are machine words, not floats. NULL: an instruction computes it, or it
 * has no value. */
static const struct ir_constant *constant_computed(struct lowerer *l, const struct node *node,
                                                   const struct ir_constant *left, const struct ir_constant *right)
{
    enum operator op =(enum operator) node->binary.op;
    bool share = op == SIGN_MUL && right->type == IR_PERCENT && left->type == IR_DURATION;
    int64_t result;
    if ((op == SIGN_DIV || op == SIGN_MOD) && right->word == 0) return no_value(l, node);
    if (!(share ? share_of(left->word, right->word, &result) : compute_constant(op, left->word, right->word, &result)))
        return no_value(l, node);
    return constant_folds(l, op, left, right) ? constant_word(l, lower_type(l, node->type), result) : NULL;
}

static const struct ir_constant *constant_arithmetic(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_BINARY);
    enum operator op =(enum operator) node->binary.op;
    const struct ir_constant *left = lower_constant(l, node->binary.left, NULL);
    const struct ir_constant *right = left ? lower_constant(l, node->binary.right, NULL) : NULL;
    if (!left || !right || left->kind != IR_CONSTANT_WORD || right->kind != IR_CONSTANT_WORD) return NULL;
    if (op == SIGN_AND || op == SIGN_OR)
        return constant_word(l, IR_BOOL, op == SIGN_AND ? left->word && right->word : left->word || right->word);
    if (left->type == IR_FLOAT || right->type == IR_FLOAT) return float_arithmetic(l, node, left, right);
    if (op >= SIGN_EQ && op <= SIGN_IN) return constant_compared(l, op, left, right);
    if (left->type == IR_DATE || left->type == IR_CLOCK) return date_arithmetic(l, node, left->word, right->word);
    return constant_computed(l, node, left, right);
}

static const struct ir_constant *constant_unary(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_UNARY);
    const struct ir_constant *value = lower_constant(l, node->unary.value, NULL);
    if (!value || value->kind != IR_CONSTANT_WORD) return NULL;
    if (value->type == IR_FLOAT) return constant_float(l, -constant_double(value));
    return constant_word(l, value->type, node->unary.op == SIGN_NOT ? !value->word : -value->word);
}

/* Computes a string with texts and whole numbers in it; other values and long texts are left to the VM. */
static const struct ir_constant *constant_template(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_TEMPLATE);
    char *text = arena_alloc(l->arena, CONSTANT_TEXT_SHORT);
    size_t length = 0, room = CONSTANT_TEXT_SHORT;
    EACH_NODE (part, node->templ.parts) {
        const struct ir_constant *value = lower_constant(l, part, NULL);
        bool plain =
            value && (value->kind == IR_CONSTANT_TEXT || (value->type == IR_INT && part->type->kind == LANG_INT));
        if (!plain) return NULL;
        char digits[24];
        int shown = snprintf(digits, sizeof digits, "%" PRId64, value->word);
        bool number = value->kind == IR_CONSTANT_WORD;
        size_t count = number ? (size_t)shown : value->length;
        if (count > CONSTANT_TEXT_MAX - length && l->in_const) const_affordable(l, SIZE_MAX);
        if (count > CONSTANT_TEXT_MAX - length) return NULL;
        while (length + count >= room) {
            text = arena_grow(l->arena, text, room, 2 * room);
            room *= 2;
        }
        if (count) memcpy(text + length, number ? digits : value->text, count);
        length += count;
    }
    return const_affordable(l, length / sizeof(int64_t)) ? constant_text(l, text, length) : NULL;
}

static const struct ir_constant *find_constant(struct lowerer *l, const struct node *node, const struct type *want)
{
    switch (node->kind) {
    case NODE_INTEGER:
        return constant_word(l, IR_INT, node->integer.value);
    case NODE_DURATION:
        return constant_word(l, IR_DURATION, node->duration.us);
    case NODE_FLOAT:
        return constant_float(l, node->real.value);
    case NODE_DATE:
        return constant_word(l, IR_DATE, node->date.days);
    case NODE_CLOCK:
        return constant_word(l, IR_CLOCK, node->clock.us);
    case NODE_PERCENT:
        return constant_word(l, IR_PERCENT, node->percent.hundredths * 100);
    case NODE_BOOL:
        return constant_word(l, IR_BOOL, node->boolean.value);
    case NODE_STRING:
        return constant_text(l, node->string.text.bytes, node->string.text.length);
    case NODE_INSTANT:
        return constant_word(l, IR_TIME, *(const int64_t *)node->meaning);
    case NODE_NONE:
        return constant_none(l, want ? want : node->type);
    case NODE_KIND_NAME: {
        const struct symbol *symbol = node->meaning;
        if (node->kind_name.kind == KIND_CAMPAIGN) return name_of_type(l, node->kind_name.name.text, IR_CAMPAIGN);
        if (symbol->kind == SYMBOL_STRATEGY) return name_of_type(l, symbol->name, IR_STRATEGY);
        return node->type == symbol->type ? constant_name(l, symbol) : NULL; /* else the candidate's level */
    }
    case NODE_NAME: {
        const struct symbol *symbol = node->meaning;
        if (!symbol) return NULL; /* refused */
        if (schedule_named(node)) return constant_name(l, symbol);
        if (symbol->kind == SYMBOL_WORD) return constant_word(l, lower_type(l, symbol->type), symbol->index);
        if (symbol->kind != SYMBOL_CONST) return NULL;
        l->const_told |= !symbol->constant;
        return symbol->constant;
    }
    case NODE_UNARY:
        return constant_unary(l, node);
    case NODE_TEMPLATE:
        return constant_template(l, node);
    case NODE_BINARY:
        return constant_arithmetic(l, node);
    case NODE_LIST: {
        const struct type *type = want && type_bare(want)->kind == LANG_LIST ? type_bare(want) : node->type;
        return type->kind == LANG_LIST ? constant_list_of(l, node, type) : NULL;
    }
    case NODE_MAP: {
        const struct type *type = want && type_bare(want)->kind == LANG_MAP ? type_bare(want) : node->type;
        return type->kind == LANG_MAP ? constant_map(l, node, type) : NULL;
    }
    case NODE_CALL:
        return constant_record(l, node);
    default:
        return NULL;
    }
}

/* In a refused program: was the node checked without errors, and is it a number, without a part that can be missing? */
static bool constant_is_sound(struct lowerer *l, const struct node *node)
{
    static const enum node_kind kinds[] = {NODE_INTEGER, NODE_DURATION, NODE_FLOAT, NODE_DATE,  NODE_CLOCK,
                                           NODE_PERCENT, NODE_NAME,     NODE_UNARY, NODE_BINARY};
    bool sound = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) sound = sound || node->kind == kinds[i];
    bool known = node->type && !type_is_poison(node->type);
    const struct call_use *use = known && node->kind == NODE_CALL ? node->meaning : NULL;
    l->const_told |= !(sound && known) && !(use && use->kind == CALL_FUNCTION);
    return sound && known;
}

const struct ir_constant *lower_constant(struct lowerer *l, const struct node *node, const struct type *want)
{
    if (want && type_bare(want)->kind == LANG_VALUE && node->kind != NODE_NONE) return NULL; /* boxed when it runs */
    if (l->varies[node->id] || (l->refused && !constant_is_sound(l, node))) return NULL;
    l->constant_span = node->span;
    const struct ir_constant *constant = find_constant(l, node, want);
    bool grows = want && type_bare(want)->kind == LANG_FLOAT;
    if (constant && constant->kind == IR_CONSTANT_WORD && constant->type == IR_INT && grows)
        return constant_float(l, (double)constant->word);
    /* A constant with parts is computed once, not again for each value that contains it. */
    if (!constant && node->kind != NODE_NONE) l->varies[node->id] = true;
    return constant;
}

/* Reports an expression of constants alone that has no value: it would fault whenever it is reached. Statistics are
 * skipped, as they have quotients of their own, and tests, as the maker of tests computes their values. */
static void look_for_fault(struct node *node, void *self)
{
    struct lowerer *l = self;
    if (node->kind == NODE_TEST || node->kind == NODE_SITE_STATISTIC) return;
    if (node->kind == NODE_BINARY && node->binary.op >= SIGN_ADD && node->binary.op <= SIGN_MOD)
        lower_constant(l, node, NULL);
    node_children(node, look_for_fault, l);
}

void constants_look(struct lowerer *l)
{
    l->in_const = true;
    EACH_NODE (file, l->program->files) look_for_fault(file, l);
    l->in_const = false;
}
