/* tests/differential/evaluate_expr.c - Expressions: from left to right, and no further than needed. */
#include <string.h>

#include "tests/differential/evaluate.h"

/* Where a type is asked for: an int where a float is, anything where a value is. */
static const struct value *converted(struct evaluator *e, const struct value *value, const struct type *from,
                                     const struct type *to)
{
    enum lang_type has = type_bare(from)->kind, wants = type_bare(to)->kind;
    if (value->worth == WORTH_NONE) return value;
    if (wants == LANG_FLOAT && has == LANG_INT) return value_real(e, (double)value->number);
    if (wants != LANG_VALUE || has == LANG_VALUE) return value;
    struct value *box = ARENA_NEW(e->arena, struct value);
    const struct value **in = ARENA_ARRAY(e->arena, const struct value *, 1);
    in[0] = value->worth == WORTH_NAME || has == LANG_ENUM ? evaluate_shown(e, value, from) : value;
    *box = (struct value){.worth = WORTH_BOX, .items = in, .count = 1, .boxed = has};
    return box;
}

const struct value *evaluate_converted(struct evaluator *e, const struct value *value, const struct type *from,
                                       const struct type *to)
{
    const struct value *other = converted(e, value, from, to);
    return other == value ? value : value_as_marked(e, other, value->marked || value->holds);
}

const struct value *evaluate_as(struct evaluator *e, const struct node *node, const struct type *type)
{
    return evaluate_converted(e, evaluate_expr(e, node), node->type, type);
}

/* Names */

static const struct value *attribute(struct evaluator *e, const struct symbol *symbol)
{
    const char *name = attribute_rows[symbol->index].name;
    if (!strcmp(name, "ani")) return value_bytes(e, "", 0);
    if (!strcmp(name, "parties")) return evaluate_parties(e);
    if (!strcmp(name, "this_dn") || !strcmp(name, "dnis")) return value_bytes(e, "", 0);
    if (!strcmp(name, "attempt") || !strcmp(name, "kept_place")) return value_number(e, 0);
    if (!strcmp(name, "waited")) return value_number(e, WAITED_US);
    if (!strcmp(name, "arrived")) return value_number(e, world_now_us - WAITED_US);
    if (!strcmp(name, "priority")) return value_number(e, e->priority);
    if (!strcmp(name, "due")) return e->due;
    if (!strcmp(name, "locale")) return e->locale;
    if (!strcmp(name, "now")) return value_number(e, world_now_us);
    evaluate_unknown(e, "an attribute");
}

static const struct value *name(struct evaluator *e, const struct node *node)
{
    const struct symbol *symbol = node->meaning;
    const struct value *value;
    switch (symbol->kind) {
    case SYMBOL_LOCAL:
        value = *evaluate_local(e, symbol);
        break;
    case SYMBOL_KEY:
        value = e->keys[symbol->index] ? e->keys[symbol->index] : value_none_of(e);
        break;
    case SYMBOL_CONST:
        return evaluate_as(e, symbol->node->constant.value, symbol->type);
    case SYMBOL_WORD:
        return value_number(e, symbol->index);
    case SYMBOL_COUNTER:
        return evaluate_counted(e, node);
    case SYMBOL_SETTING:
        return evaluate_setting(e, symbol);
    case SYMBOL_ATTRIBUTE:
        return attribute(e, symbol);
    default:
        evaluate_unknown(e, "a name");
    }
    if (!value) evaluate_unknown(e, "a variable that was never set"); /* the checker's fault, seen by the verifier */
    if (value->worth == WORTH_NONE && !type_is_option(node->type)) evaluate_fault(e, FAULTS_NONE);
    return value;
}

/* Arithmetic */

static const struct value *number_of(struct evaluator *e, __int128 number)
{
    if (number > INT64_MAX || number < -INT64_MAX) evaluate_fault(e, FAULTS_OVERFLOW);
    return value_number(e, (int64_t)number);
}

static const struct value *real_of(struct evaluator *e, double number)
{
    if (number - number != 0) evaluate_fault(e, FAULTS_NAN);
    return value_real(e, number);
}

static double real(const struct value *value)
{
    return value->worth == WORTH_FLOAT ? value->real : (double)value->number;
}

static const struct value *real_arithmetic(struct evaluator *e, enum operator op, double a, double b)
{
    switch (op) {
    case SIGN_ADD:
        return real_of(e, a + b);
    case SIGN_SUB:
        return real_of(e, a - b);
    case SIGN_MUL:
        return real_of(e, a * b);
    default:
        if (b == 0) evaluate_fault(e, FAULTS_DIVISION);
        return real_of(e, a / b);
    }
}

const struct value *evaluate_binary(struct evaluator *e, enum operator op, const struct type *result,
                                    const struct value *left, const struct type *left_type, const struct value *right,
                                    const struct type *right_type)
{
    const __int128 day = 86400000000;
    __int128 a = left->number, b = right->number;
    bool dates = left_type->kind == LANG_DATE;
    if (result->kind == LANG_FLOAT) return real_arithmetic(e, op, real(left), real(right));
    switch (op) {
    case SIGN_ADD:
        return number_of(e, a + (dates ? b / day : b));
    case SIGN_SUB:
        if (dates && right_type->kind == LANG_DATE) return number_of(e, (a - b) * day);
        return number_of(e, a - (dates ? b / day : b));
    case SIGN_MUL:
        if (right_type->kind == LANG_PERCENT && left_type->kind != LANG_PERCENT && left_type->kind != LANG_INT)
            return number_of(e, a * b / 1000000);
        if (right_type->kind == LANG_PERCENT && result->kind == LANG_INT) return number_of(e, a * b / 1000000);
        return number_of(e, a * b);
    case SIGN_DIV:
    case SIGN_MOD:
        if (b == 0) evaluate_fault(e, FAULTS_DIVISION);
        return number_of(e, op == SIGN_DIV ? a / b : a % b);
    default:
        evaluate_unknown(e, "an operator");
    }
}

/* Comparing */

static bool compare(struct evaluator *e, enum operator op, const struct value *left, const struct value *right)
{
    bool reals = left->worth == WORTH_FLOAT || right->worth == WORTH_FLOAT;
    bool none = left->worth == WORTH_NONE || right->worth == WORTH_NONE;
    int order = 0;
    if (op == SIGN_EQ || op == SIGN_NE) {
        bool equal = reals && !none ? real(left) == real(right) : value_equal(e, left, right);
        return equal == (op == SIGN_EQ);
    }
    if (left->worth == WORTH_TEXT)
        order = value_order(left, right);
    else if (reals)
        order = real(left) < real(right) ? -1 : real(left) > real(right);
    else
        order = left->number < right->number ? -1 : left->number > right->number;
    return op == SIGN_LT ? order < 0 : op == SIGN_LE ? order <= 0 : op == SIGN_GT ? order > 0 : order >= 0;
}

bool evaluate_in_range(struct evaluator *e, const struct node *range, const struct value *value,
                       const struct type *type)
{
    const struct value *from = evaluate_as(e, range->range.from, type), *to = evaluate_as(e, range->range.to, type);
    enum operator until = type->kind == LANG_CLOCK || type->kind == LANG_TIME ? SIGN_LT : SIGN_LE;
    bool above = compare(e, SIGN_LE, from, value), below = compare(e, until, value, to);
    bool round = type->kind == LANG_CLOCK || type->kind == LANG_ENUM;
    return round && compare(e, SIGN_LT, to, from) ? above || below : above && below;
}

static bool is_in(struct evaluator *e, const struct node *node)
{
    const struct node *left = node->binary.left, *right = node->binary.right;
    bool list = right->kind != NODE_RANGE && right->type->kind == LANG_LIST;
    const struct value *value = list ? evaluate_as(e, left, right->type->of) : evaluate_expr(e, left);
    if (right->kind == NODE_RANGE) return evaluate_in_range(e, right, value, left->type);
    if (evaluate_is_table(right)) return evaluate_row(e, right, value)->worth != WORTH_NONE;
    const struct value *in = evaluate_expr(e, right);
    for (size_t i = 0; i < in->count; i++)
        if (list ? value_equal(e, in->items[i], value) : value_order(in->keys[i], value) == 0)
            return list || in->items[i]->worth != WORTH_NONE;
    return false;
}

bool evaluate_condition(struct evaluator *e, const struct node *node)
{
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) return !evaluate_condition(e, node->unary.value);
    if (node->kind == NODE_BINARY && node->binary.op == SIGN_AND)
        return evaluate_condition(e, node->binary.left) && evaluate_condition(e, node->binary.right);
    if (node->kind == NODE_BINARY && node->binary.op == SIGN_OR)
        return evaluate_condition(e, node->binary.left) || evaluate_condition(e, node->binary.right);
    if (site_group_condition(node)) return evaluate_condition(e, site_group_condition(node));
    const struct value *value = evaluate_expr(e, node);
    return value->worth != WORTH_NONE && value->number;
}

static const struct value *binary(struct evaluator *e, const struct node *node)
{
    enum operator op =(enum operator) node->binary.op;
    if (op == SIGN_AND || op == SIGN_OR) return value_number(e, evaluate_condition(e, node));
    if (op == SIGN_IN) return value_number(e, is_in(e, node));
    const struct value *left = evaluate_expr(e, node->binary.left), *right = evaluate_expr(e, node->binary.right);
    if (op >= SIGN_EQ && op <= SIGN_GE) return value_number(e, compare(e, op, left, right));
    return evaluate_binary(e, op, node->type, left, node->binary.left->type, right, node->binary.right->type);
}

static const struct value *unary(struct evaluator *e, const struct node *node)
{
    if (node->unary.op == SIGN_NOT) return value_number(e, evaluate_condition(e, node));
    const struct value *value = evaluate_expr(e, node->unary.value);
    return value->worth == WORTH_FLOAT ? value_real(e, -value->real) : value_number(e, -value->number);
}

/* Texts, lists, maps */

static const struct value *templ(struct evaluator *e, const struct node *node)
{
    char *bytes = arena_alloc(e->arena, 1);
    size_t length = 0;
    EACH_NODE (part, node->templ.parts) {
        const struct value *value = evaluate_seen(e, evaluate_expr(e, part), "in a text");
        if (value->worth != WORTH_TEXT) value = evaluate_shown(e, value, part->type);
        char *longer = arena_alloc(e->arena, length + value->length + 1);
        if (length) memcpy(longer, bytes, length);
        if (value->length) memcpy(longer + length, value->bytes, value->length);
        bytes = longer;
        length += value->length;
    }
    return value_bytes(e, bytes, length);
}

static const struct value *list(struct evaluator *e, const struct node *node)
{
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, node->list.items.count + 1);
    size_t count = 0;
    EACH_NODE (item, node->list.items) items[count++] = evaluate_as(e, item, node->type->of);
    return value_of_items(e, WORTH_LIST, items, count);
}

const struct value *evaluate_map_set(struct evaluator *e, const struct value *map, const struct value *key,
                                     const struct value *value)
{
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, map->count + 1);
    const struct value **keys = ARENA_ARRAY(e->arena, const struct value *, map->count + 1);
    struct value *made = ARENA_NEW(e->arena, struct value);
    size_t count = 0;
    bool put = false;
    evaluate_work(e, map->count);
    for (size_t i = 0; i < map->count; i++) {
        int order = value_order(map->keys[i], key);
        if (order >= 0 && !put) keys[count] = key, items[count++] = value, put = true;
        if (order != 0) keys[count] = map->keys[i], items[count++] = map->items[i];
    }
    if (!put) keys[count] = key, items[count++] = value;
    *made = (struct value){.worth = WORTH_MAP, .items = items, .keys = keys, .count = count, .marked = map->marked};
    for (size_t i = 0; i < count; i++) made->holds |= items[i]->marked || items[i]->holds || keys[i]->marked;
    return made;
}

const struct value *evaluate_list_add(struct evaluator *e, const struct value *to, const struct value *value)
{
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, to->count + 1);
    if (to->count) memcpy(items, to->items, to->count * sizeof *items);
    items[to->count] = value;
    return value_as_marked(e, value_of_items(e, WORTH_LIST, items, to->count + 1), to->marked);
}

static const struct value *map(struct evaluator *e, const struct node *node)
{
    const struct value *made = value_of_items(e, WORTH_MAP, NULL, 0);
    const struct value **keys = ARENA_ARRAY(e->arena, const struct value *, 2 * node->map.entries.count + 1);
    size_t count = 0;
    EACH_NODE (entry, node->map.entries) {
        keys[count++] = evaluate_expr(e, entry->entry.key);
        keys[count++] = evaluate_as(e, entry->entry.value, node->type->of);
    }
    for (size_t i = 0; i < count; i += 2) made = evaluate_map_set(e, made, keys[i], keys[i + 1]);
    return made;
}

static const struct value *indexed(struct evaluator *e, const struct node *node)
{
    const struct symbol *symbol = node->index.object->kind == NODE_NAME ? node->index.object->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_COUNTER) return evaluate_counted(e, node);
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE) {
        const struct value *key = evaluate_expr(e, node->index.index);
        for (size_t i = 0; i < e->data_count; i++)
            if (key->worth == WORTH_TEXT && value_order(e->data_keys[i], key) == 0) return e->data[i];
        return value_none_of(e);
    }
    if (evaluate_is_table(node->index.object))
        return evaluate_row(e, node->index.object, evaluate_expr(e, node->index.index));
    const struct value *of = evaluate_expr(e, node->index.object), *by = evaluate_expr(e, node->index.index);
    if (type_bare(node->index.object->type)->kind == LANG_VALUE) return evaluate_walk(e, of, by);
    if (of->worth == WORTH_LIST) {
        if (by->number < 0 || (uint64_t)by->number >= of->count) evaluate_fault(e, FAULTS_INDEX);
        return of->items[by->number];
    }
    if (of->worth != WORTH_MAP) return value_none_of(e);
    for (size_t i = 0; i < of->count; i++)
        if (value_order(of->keys[i], by) == 0) return of->items[i];
    return value_none_of(e);
}

static const struct value *fallback(struct evaluator *e, const struct node *node)
{
    const struct value *value = evaluate_expr(e, node->fallback.value);
    if (value->worth != WORTH_NONE) return evaluate_converted(e, value, node->fallback.value->type, node->type);
    return evaluate_as(e, node->fallback.otherwise, node->type);
}

static const struct value *expression(struct evaluator *e, const struct node *node)
{
    switch (node->kind) {
    case NODE_INTEGER:
        return value_number(e, node->integer.value);
    case NODE_FLOAT:
        return value_real(e, node->real.value);
    case NODE_DURATION:
        return value_number(e, node->duration.us);
    case NODE_PERCENT:
        return value_number(e, node->percent.hundredths * 100);
    case NODE_DATE:
        return value_number(e, node->date.days);
    case NODE_CLOCK:
        return value_number(e, node->clock.us);
    case NODE_INSTANT:
        return value_number(e, *(const int64_t *)node->meaning);
    case NODE_BOOL:
        return value_number(e, node->boolean.value);
    case NODE_NONE:
        return value_none_of(e);
    case NODE_STRING:
        return value_bytes(e, node->string.text.bytes, node->string.text.length);
    case NODE_KIND_NAME: {
        struct value *named = ARENA_NEW(e->arena, struct value);
        const char *text = ((const struct symbol *)node->meaning)->name;
        if (e->in_line && node->kind_name.kind == KIND_SKILL) return value_number(e, world_level(text, strlen(text)));
        *named = (struct value){.worth = WORTH_NAME, .bytes = text, .length = strlen(text)};
        return named;
    }
    case NODE_KIND_INDEX: { /* in a line: a level */
        const struct value *of = evaluate_expr(e, node->kind_index.index);
        return value_number(e, world_level(of->bytes, of->length));
    }
    case NODE_NAME:
        return name(e, node);
    case NODE_MEMBER:
        return evaluate_member(e, node);
    case NODE_CALL:
        return evaluate_call(e, node);
    case NODE_TEMPLATE:
        return templ(e, node);
    case NODE_LIST:
        return list(e, node);
    case NODE_MAP:
        return map(e, node);
    case NODE_INDEX:
        return indexed(e, node);
    case NODE_FALLBACK:
        return fallback(e, node);
    case NODE_UNARY:
        return unary(e, node);
    case NODE_BINARY:
        return binary(e, node);
    default:
        evaluate_unknown(e, "an expression");
    }
}

const struct value *evaluate_expr(struct evaluator *e, const struct node *node)
{
    evaluate_work(e, 1);
    return evaluate_marked(e, node, expression);
}
