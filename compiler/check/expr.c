/* compiler/check/expr.c - The types of expressions, and what a condition makes known about the names in it.
 *
 * An expression is checked with the type that its place needs (check_as), or NULL where any type will do: a word of
 * an enumeration, an empty list or a name of the site has no type by itself. A value that does not fit is reported
 * once and becomes POISON, which fits everywhere, so that one mistake gives one message.
 *
 * A condition makes facts known: check_condition() gives the two states in which the code after it runs, for example
 * with a name known not to be none, or with a known medium. `and`, `or` and `not` combine these states; a condition
 * that is used as a plain value drops them.
 *
 * Facts about names are kept in two states, one where the condition holds (yes) and one where it does not (no):
 *
 *     a and b   b is checked in a's yes;   yes = b's yes              no = a's no, or b's no
 *     a or b    b is checked in a's no;    yes = a's yes, or b's yes  no = b's no
 *     not a     yes and no change places
 *
 * "Or" of two states keeps only the facts in both (state_meet), since either state may come before the code that
 * follows. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"

static const struct type *poisoned_expr(const struct checker *c)
{
    return checker_base(c, LANG_POISON);
}

/* Returns the declaration that gives a value its type: of a name, or of the function that is called; or NULL. */
static const void *expr_declared(const struct node *node)
{
    const struct node *name = node->kind == NODE_CALL ? node->call.callee : node;
    return name->kind == NODE_NAME ? name->meaning : NULL;
}

/* Checks the value against the type that its place needs, and returns the type that the place gets. No other
 * function compares a value's type with a needed type. The value's node keeps its own type: lowering sees from both
 * types whether the value has to be boxed or made a float. */
const struct type *check_as(struct checker *c, struct node *node, const struct type *want)
{
    const struct type *type = check_expr(c, node, want);
    if (type_fits(want, type)) {
        if (type_is_open(type)) node->type = want; /* the type of its elements is known now */
        return type_is_poison(type) ? type : want;
    }
    struct diag *diag = report(c, TYPE_MISMATCH, node->span, type->text, want->text);
    diag->about = expr_declared(node);
    hint_mismatch(c, diag, node, type, want);
    return poisoned_expr(c);
}

/* Returns the name about which a test makes something known: a name itself, or the first name in a chain of `?.` */
static struct symbol *expr_subject(const struct node *node)
{
    while (node->kind == NODE_CALL || (node->kind == NODE_MEMBER && node->member.optional)) {
        const struct node *member = node->kind == NODE_CALL ? node->call.callee : node;
        if (member->kind != NODE_MEMBER || !member->member.optional) return NULL;
        node = member->member.object;
    }
    if (node->kind != NODE_NAME) return NULL;
    struct symbol *symbol = node->meaning;
    if (!symbol || (symbol->kind != SYMBOL_LOCAL && symbol->kind != SYMBOL_KEY)) return NULL;
    return symbol;
}

void check_known(struct state *state, const struct node *node)
{
    struct symbol *symbol = expr_subject(node);
    if (symbol) state_learn(state, symbol, node->span);
}

/* Does what check_known() does; for an unknown name, to the symbol whose name was perhaps meant. */
static void check_known_meant(struct checker *c, struct state *state, const struct node *node)
{
    bool unknown = node->kind == NODE_NAME && !node->meaning && node->type && type_is_poison(node->type);
    struct symbol *near = unknown ? nearest_symbol(c, SPACE_PLAIN, node->name.name.text) : NULL;
    if (near && (near->kind == SYMBOL_LOCAL || near->kind == SYMBOL_KEY))
        state_learn(state, near, node->span);
    else
        check_known(state, node);
}

bool check_is_media(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE && !strcmp(symbol->name, "media");
}

struct media_set check_media_word(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_WORD ? media_numbered(symbol->index) : (struct media_set){{0}};
}

/* For media == voice: which media the interaction has, or has not. */
static void check_media_tells(const struct node *left, const struct node *right, struct state *equal,
                              struct state *differs)
{
    struct media_set media = check_is_media(left)    ? check_media_word(right)
                             : check_is_media(right) ? check_media_word(left)
                                                     : (struct media_set){{0}};
    if (media_set_is_empty(media)) return;
    equal->not_media = media_set_or(equal->not_media, media_set_but(media_set_all(), media));
    differs->not_media = media_set_or(differs->not_media, media);
}

static void check_equality_tells(struct checker *c, struct node *node, struct state *yes, struct state *no)
{
    assert(node->kind == NODE_BINARY);
    struct node *left = node->binary.left, *right = node->binary.right;
    struct state *equal = node->binary.op == SIGN_EQ ? yes : no, *differs = node->binary.op == SIGN_EQ ? no : yes;
    check_media_tells(left, right, equal, differs);
    if (right->kind == NODE_NONE)
        check_known_meant(c, differs, left);
    else if (left->kind == NODE_NONE)
        check_known_meant(c, differs, right);
    else if (right->type && type_is_poison(right->type)) { /* perhaps `none`, misspelt */
        check_known(differs, left);
        check_known(equal, left);
    } else if (left->type && right->type && !type_is_option(right->type))
        check_known(equal, left);
    else if (left->type && right->type && !type_is_option(left->type))
        check_known(equal, right);
}

static bool is_truth(const struct type *type)
{
    return type_is_poison(type) || type_bare(type)->kind == LANG_BOOL;
}

static void check_truth(struct checker *c, struct node *node)
{
    const struct type *type = check_expr(c, node, checker_base(c, LANG_BOOL));
    if (is_truth(type)) return;
    hint_condition(report(c, NOT_A_CONDITION, node->span, type->text), node, type);
    node->type = poisoned_expr(c);
}

/* Is it `tier or "gold"`, as other languages write `tier else "gold"`? The left side was reported, and the right side
 * is no second mistake. */
static bool is_value_or(const struct node *node)
{
    const struct node *right = node->binary.right;
    return node->binary.op == SIGN_OR && node->binary.left->type && type_is_poison(node->binary.left->type) &&
           (right->kind == NODE_STRING || right->kind == NODE_INTEGER || right->kind == NODE_FLOAT ||
            right->kind == NODE_NONE);
}

/* The states are computed even where a condition is wrong, so that one mistake causes no second one in the branch.
 * The state after a condition as a whole is the state before it; only keys that a called function attached stay
 * known. */
void check_condition(struct checker *c, struct node *node, struct state *yes, struct state *no)
{
    struct state entry = c->state;
    if (node->kind == NODE_BINARY && (node->binary.op == SIGN_AND || node->binary.op == SIGN_OR)) {
        bool is_and = node->binary.op == SIGN_AND;
        struct state left_yes, left_no, right_yes, right_no;
        check_condition(c, node->binary.left, &left_yes, &left_no);
        c->state = is_and ? left_yes : left_no;
        if (is_value_or(node)) {
            right_yes = right_no = c->state;
            check_expr(c, node->binary.right, NULL);
        } else {
            check_condition(c, node->binary.right, &right_yes, &right_no);
        }
        *yes = is_and ? right_yes : state_meet(&left_yes, &right_yes);
        *no = is_and ? state_meet(&left_no, &right_no) : right_no;
        node->type = checker_base(c, LANG_BOOL);
    } else if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) {
        check_condition(c, node->unary.value, no, yes);
        node->type = checker_base(c, LANG_BOOL);
    } else {
        check_truth(c, node);
        entry.keys |= c->state.keys;
        /* the called function never returns, so the code after it is dead */
        if (!state_is_live(&c->state)) entry = c->state;
        entry.known_keys &= c->state.known_keys; /* a key that the called function attached may be none again */
        *yes = *no = entry;
        if (node->kind == NODE_BINARY && (node->binary.op == SIGN_EQ || node->binary.op == SIGN_NE))
            check_equality_tells(c, node, yes, no);
        else if (type_is_option(node->type))
            check_known(yes, node);
        else if (type_is_poison(node->type))
            check_known_meant(c, yes, node);
    }
    entry.known_keys &= yes->known_keys & no->known_keys;
    c->state = entry;
}

/* Checks `and`, `or` or `not` as a value: as in a condition, but no branch gets facts from it. */
static const struct type *check_logic(struct checker *c, struct node *node)
{
    struct state yes, no;
    check_condition(c, node, &yes, &no);
    bool poison = node->kind == NODE_BINARY &&
                  (type_is_poison(node->binary.left->type) || type_is_poison(node->binary.right->type));
    return poison ? poisoned_expr(c) : checker_base(c, LANG_BOOL);
}

static bool is_quantity(enum lang_type kind)
{
    return kind == LANG_INT || kind == LANG_DURATION || kind == LANG_PERCENT;
}

static bool type_is_number(enum lang_type kind)
{
    return kind == LANG_INT || kind == LANG_FLOAT;
}

/* The results of arithmetic with two units, which the rules for quantities below do not have: a time and a duration can
 * be added, two times cannot; a duration times a percent is a duration, a percent times a duration is an error. */
static const struct unit_row {
    enum operator op;
    enum lang_type a, b, result;
} unit_rows[] = {{SIGN_ADD, LANG_DATE, LANG_DURATION, LANG_DATE},
                 {SIGN_ADD, LANG_TIME, LANG_DURATION, LANG_TIME},
                 {SIGN_ADD, LANG_DURATION, LANG_TIME, LANG_TIME},
                 {SIGN_SUB, LANG_TIME, LANG_DURATION, LANG_TIME},
                 {SIGN_SUB, LANG_DATE, LANG_DURATION, LANG_DATE},
                 {SIGN_SUB, LANG_DATE, LANG_DATE, LANG_DURATION},
                 {SIGN_SUB, LANG_CLOCK, LANG_CLOCK, LANG_DURATION},
                 {SIGN_SUB, LANG_TIME, LANG_TIME, LANG_DURATION},
                 {SIGN_MUL, LANG_DURATION, LANG_PERCENT, LANG_DURATION},
                 {SIGN_DIV, LANG_DURATION, LANG_DURATION, LANG_INT},
                 {SIGN_MOD, LANG_INT, LANG_INT, LANG_INT},
                 {SIGN_MOD, LANG_DURATION, LANG_DURATION, LANG_DURATION}};

/* Returns the type of the result of arithmetic, or NULL where the types do not go together. Different units are not
 * mixed here. */
static const struct type *expr_arithmetic(const struct checker *c, enum operator op, enum lang_type a, enum lang_type b)
{
    bool real = type_is_number(a) && type_is_number(b) && (a == LANG_FLOAT || b == LANG_FLOAT);
    if (real) return op >= SIGN_ADD && op <= SIGN_DIV ? checker_base(c, LANG_FLOAT) : NULL;
    bool adds = op == SIGN_ADD || op == SIGN_SUB, scales = op == SIGN_MUL || op == SIGN_DIV;
    if (is_quantity(a) && ((adds && a == b) || (scales && b == LANG_INT))) return checker_base(c, a);
    if (op == SIGN_MUL && a == LANG_INT && is_quantity(b)) return checker_base(c, b);
    for (size_t i = 0; i < sizeof unit_rows / sizeof *unit_rows; i++) {
        const struct unit_row *row = &unit_rows[i];
        if (row->op == op && row->a == a && row->b == b) return checker_base(c, row->result);
    }
    return NULL;
}

const struct type *check_binary(struct checker *c, struct node *at, enum operator op, const struct type *left,
                                const struct type *right)
{
    if (type_is_poison(left) || type_is_poison(right)) return poisoned_expr(c);
    const struct type *result = c->measuring && op == SIGN_DIV ? check_quotient(c, left, right) : NULL;
    if (!result) result = expr_arithmetic(c, op, left->kind, right->kind);
    if (result) return result;
    struct diag *diag = report(c, NO_OPERATION, at->span, ast_operator_sign(op), left->text, right->text);
    if (type_is_option(left) || type_is_option(right))
        diag_hint(diag, "one of them may be none: test it first");
    else if (hint_operands(diag, at, left, right))
        ;
    else if (left->kind == LANG_STR || right->kind == LANG_STR)
        diag_hint(diag, "strings are put together so: \"{a} {b}\"");
    return poisoned_expr(c);
}

/* A value known not to be none may be tested again: the test is not wrong, only not needed. */
const struct type *check_asked_again(struct checker *c, struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    bool local = symbol && symbol->kind == SYMBOL_LOCAL && type_is_option(symbol->type);
    bool key = symbol && symbol->kind == SYMBOL_KEY && state_knows(&c->state, symbol);
    return local || key ? set_node_type(node, types_option(c->types, node->type)) : node->type;
}

/* True: the node is a word that is no name, whose type comes from the other side of a comparison. */
static bool is_bare_word(const struct checker *c, const struct node *node)
{
    return node->kind == NODE_NAME && !scope_find(c->scope, SPACE_PLAIN, node->name.name.text);
}

static bool names_level(const struct node *node)
{
    const struct call_use *use = node->kind == NODE_CALL ? node->meaning : NULL;
    return (use && use->kind == CALL_LEVEL) || (node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_SKILL) ||
           (node->kind == NODE_KIND_INDEX && node->kind_index.kind == KIND_SKILL);
}

/* the levels that a skill may have; LEVEL_LEAST: the candidate does not have the skill */
enum { LEVEL_LEAST = 0, LEVEL_MOST = 100 };

static bool level_holds(enum operator op, int64_t level, int64_t bound)
{
    return op == SIGN_EQ   ? level == bound
           : op == SIGN_NE ? level != bound
           : op == SIGN_LT ? level < bound
           : op == SIGN_LE ? level <= bound
           : op == SIGN_GT ? level > bound
                           : level >= bound;
}

/* Reports a comparison of a candidate's level with a number that makes it always true or always false. All 101
 * levels are tried: that is simpler than reasoning about six operators on either side. */
static void check_level(struct checker *c, const struct node *node)
{
    assert(node->kind == NODE_BINARY);
    const struct node *left = node->binary.left, *right = node->binary.right;
    bool turned = names_level(right);
    int64_t bound;
    if (!c->in_line || names_level(left) == turned || !segment_node_worth(turned ? left : right, &bound)) return;
    int64_t held = 0;
    for (int64_t level = LEVEL_LEAST; level <= LEVEL_MOST; level++)
        held += turned ? level_holds((enum operator)node->binary.op, bound, level)
                       : level_holds((enum operator)node->binary.op, level, bound);
    if (held && held <= LEVEL_MOST) return;
    diag_hint(report(c, LEVEL_DECIDED, node->span, held ? "always" : "never"),
              "a level is 1 to 100, and 0 of who has not the skill");
}

/* Checks a comparison. A word without a type of its own, as in `tier == gold`, gets the type of the other side, so
 * the other side is checked first. */
static const struct type *check_comparison(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_BINARY);
    enum operator op =(enum operator) node->binary.op;
    bool turned = is_bare_word(c, node->binary.left) && !is_bare_word(c, node->binary.right);
    const struct type *right = turned ? check_expr(c, node->binary.right, NULL) : NULL;
    const struct type *left = check_expr(c, node->binary.left, right ? type_bare(right) : NULL);
    if (!turned) right = check_expr(c, node->binary.right, type_bare(left));
    const struct type *truth = checker_base(c, LANG_BOOL);
    if (type_is_poison(left) || type_is_poison(right)) return truth;
    if (left->kind == LANG_NONE) right = check_asked_again(c, node->binary.right);
    if (right->kind == LANG_NONE) left = check_asked_again(c, node->binary.left);
    if (left->kind == LANG_NONE) node->binary.left->type = right;
    if (right->kind == LANG_NONE) node->binary.right->type = left;
    if (type_is_number(left->kind) && type_is_number(right->kind)) {
        check_level(c, node);
        return truth;
    }
    if (op == SIGN_EQ || op == SIGN_NE) {
        if (node->binary.right->kind == NODE_NONE) statistic_note_none_test(c, node->binary.left);
        if (node->binary.left->kind == NODE_NONE) statistic_note_none_test(c, node->binary.right);
        summary_check_code(c, node->binary.left, node->binary.right);
        summary_check_code(c, node->binary.right, node->binary.left);
        if (type_is_comparable(left, right)) return truth;
        if (type_bare(left) == type_bare(right)) {
            struct diag *odd = report(c, NO_OPERATION, node->span, ast_operator_sign(op), left->text, right->text);
            if (type_bare(left)->kind == LANG_BLOB)
                hint_blob(odd, left);
            else
                diag_hint(odd, "compare what is in them");
            return truth;
        }
        hint_comparison(c, report(c, NOT_COMPARABLE, node->span, left->text, right->text), node, left, right);
        return truth;
    }
    if (left == right && type_is_ordered(left)) return truth;
    /* A statistic without any interaction is none; the comparison is then none, too, and does not hold. */
    if (check_expected_wait(c, node)) return truth;
    bool statistic = statistic_is_one(node->binary.left) || statistic_is_one(node->binary.right);
    if (statistic && type_bare(left) == type_bare(right) && type_is_ordered(type_bare(left)))
        return types_option(c->types, truth);
    struct diag *diag = report(c, NOT_ORDERED, node->span, left->text, right->text, ast_operator_sign(op));
    if (type_bare(left) == type_bare(right) && (type_is_option(left) || type_is_option(right)))
        diag_hint(diag, "one of them may be none: test it first");
    else
        hint_comparison(c, diag, node, left, right);
    return truth;
}

/* Checks a range of words of an enumeration: the machine has no order of words, so both ends must be known now, and
 * the range must not be empty. */
static void check_words(struct checker *c, const struct node *range, const struct type *type)
{
    int64_t from, to;
    if (type->kind != LANG_ENUM) return;
    if (!segment_node_worth(range->range.from, &from) || !segment_node_worth(range->range.to, &to))
        diag_hint(report(c, NOT_IN, range->span, type->text, "a range that is known only later"),
                  "write its words: mon..fri");
    else if (from > to && type != c->weekday_type)
        diag_hint(report(c, RANGE_EMPTY, range->span), "the smaller one stands first");
}

/* Checks whether a value lies in a range: the bounds have the value's type. A statistic may be none, and the answer
 * is then none, too. */
static const struct type *check_in_range(struct checker *c, struct node *node, const struct type *left)
{
    struct node *right = node->binary.right;
    const struct type *truth = checker_base(c, LANG_BOOL);
    if (statistic_is_one(node->binary.left) && type_is_option(left)) {
        truth = types_option(c->types, truth);
        left = type_bare(left);
    }
    bool moment = left->kind == LANG_TIME && right->range.from->kind == NODE_CLOCK;
    bool ranged = !moment && (type_is_ordered(left) || left->kind == LANG_ENUM);
    const struct type *bound = ranged ? left : poisoned_expr(c);
    if (!ranged) {
        struct diag *diag = report(c, NOT_IN, node->span, left->text, "a range");
        if (type_is_option(left) && type_is_ordered(left->of)) diag_hint(diag, "it may be none: test it first");
        if (moment) hint_moment(diag, node->binary.left);
    }
    bool good = !type_is_poison(check_as(c, right->range.from, bound));
    /* 08:00..18:00 where moments are compared is one mistake: only its first bound is reported */
    good = !type_is_poison(good ? check_as(c, right->range.to, bound) : check_expr(c, right->range.to, bound)) && good;
    right->type = bound;
    if (good) check_words(c, right, bound);
    return truth;
}

/* Hints where two bounds are written with a minus between them. */
static void hint_not_in(struct diag *diag, const struct node *range)
{
    if (range->kind == NODE_BINARY && range->binary.op == SIGN_SUB)
        diag_hint(diag, "from one to the other: 08:00..18:00");
}

/* Checks `in` for each kind of container: a range, a list of the same type, the keys of a map, and, as mistakes that
 * are often made, a text and a schedule. */
static const struct type *check_in(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_BINARY);
    struct node *right = node->binary.right;
    const struct type *truth = checker_base(c, LANG_BOOL);
    bool turned = is_bare_word(c, node->binary.left) && right->kind != NODE_RANGE && right->kind != NODE_LIST;
    const struct type *container = turned ? check_expr(c, right, NULL) : NULL;
    const struct type *want = container && container->kind == LANG_LIST ? type_bare(container->of) : NULL;
    const struct type *left = check_expr(c, node->binary.left, want);
    if (right->kind == NODE_RANGE) return check_in_range(c, node, left);
    if (type_is_poison(left) && right->kind == NODE_LIST) { /* only the left side's mistake is reported */
        EACH_NODE (item, right->list.items) check_expr(c, item, left);
        set_node_type(right, left);
        return truth;
    }
    const struct type *sought =
        left->kind == LANG_DN ? checker_base(c, LANG_STR) : left; /* in a list of dns the number is looked for */
    if (!container) container = check_expr(c, right, types_list(c->types, sought));
    if (type_is_poison(left) || type_is_poison(container)) return truth;
    if (container->kind == LANG_EMPTY_LIST && !type_is_open(left) && left->kind != LANG_VOID) {
        right->type = types_list(c->types, left);
        return truth;
    }
    if (container->kind == LANG_LIST && type_is_open(left)) node->binary.left->type = container->of;
    if (container->kind == LANG_LIST && type_fits(container->of, left)) return truth;
    if (container->kind == LANG_MAP && (left->kind == LANG_STR || left->kind == LANG_DN)) return truth;
    if (container->kind == LANG_STR && left->kind == LANG_STR)
        diag_hint(report(c, NOT_IN, node->span, left->text, container->text), "write s.contains(x)");
    else if (container->kind == LANG_SCHEDULE)
        diag_hint(report(c, NOT_IN, node->span, left->text, container->text),
                  "write %s.open(at: ...), or open() for now",
                  right->kind == NODE_NAME ? right->name.name.text : "hours");
    else
        hint_not_in(report(c, NOT_IN, node->span, left->text, container->text), node->binary.right);
    return truth;
}

static const struct type *check_unary(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_UNARY);
    if (node->unary.op == SIGN_NOT) return check_logic(c, node);
    const struct type *type = check_expr(c, node->unary.value, NULL);
    if (type_is_poison(type) || is_quantity(type->kind) || type->kind == LANG_FLOAT) return type;
    report(c, NO_OPERATION_ONE, node->span, ast_operator_sign((enum operator)node->unary.op), type->text);
    return poisoned_expr(c);
}

/* Returns the type that the elements shall have, where the place needs one; NULL: the elements decide. */
static const struct type *wanted_element(const struct type *want, enum lang_type kind)
{
    if (!want || type_bare(want)->kind != kind || type_is_open(type_bare(want)->of)) return NULL;
    return type_bare(want)->of;
}

/* Returns the common type of the elements by themselves; reports a list of which it is not known. */
static const struct type *known_element(struct checker *c, const struct node *node, const struct type *element)
{
    if (element->kind != LANG_VOID && !type_is_open(element)) return element;
    report(c, UNKNOWN_ELEMENTS, node->span);
    return poisoned_expr(c);
}

/* The elements agree on a type by types_join(), unless the place wants one. An empty list takes the needed type, or
 * stays open until a later use gives its element type. */
static const struct type *check_list_expr(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_LIST);
    const struct type *element = wanted_element(want, LANG_LIST);
    if (!node->list.items.first) return element ? type_bare(want) : checker_base(c, LANG_EMPTY_LIST);
    if (element && element->kind != LANG_POISON) {
        EACH_NODE (item, node->list.items) check_as(c, item, element);
        return type_bare(want);
    }
    EACH_NODE (item, node->list.items) {
        const struct type *type = check_expr(c, item, element);
        const struct type *joined = element ? types_join(c->types, element, type) : type;
        if (!joined)
            report(c, MIXED_ELEMENTS, item->span, type->text, element->text);
        else
            element = joined;
    }
    element = known_element(c, node, element);
    EACH_NODE (item, node->list.items)
        if (item->type->kind == LANG_NONE) item->type = element;
    return types_list(c->types, element);
}

static int keys_by_text(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    struct literal x = a->string.text, y = b->string.text;
    size_t shorter = x.length < y.length ? x.length : y.length;
    int order = memcmp(x.bytes, y.bytes, shorter);
    if (order) return order;
    if (x.length != y.length) return x.length < y.length ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Reports equal keys in a map; literal keys are sorted for that, so that thousands of rows are not compared pair by
 * pair. */
static void check_map_keys(struct checker *c, const struct node *map)
{
    assert(map->kind == NODE_MAP);
    struct node **keys = ARENA_ARRAY(c->arena, struct node *, map->map.entries.count + 1);
    size_t count = 0;
    EACH_NODE (entry, map->map.entries)
        if (entry->entry.key->kind == NODE_STRING) keys[count++] = entry->entry.key;
    qsort(keys, count, sizeof *keys, keys_by_text);
    for (size_t i = 1; i < count; i++) {
        struct literal a = keys[i - 1]->string.text, b = keys[i]->string.text;
        if (a.length == b.length && !memcmp(a.bytes, b.bytes, a.length))
            diag_note(report(c, KEY_TWICE, keys[i]->span, b.bytes), keys[i - 1]->span, "here before");
    }
}

static const struct type *check_map(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_MAP);
    const struct type *element = wanted_element(want, LANG_MAP);
    if (!node->map.entries.first) return element ? type_bare(want) : checker_base(c, LANG_EMPTY_MAP);
    bool known = element && element->kind != LANG_POISON;
    check_map_keys(c, node);
    EACH_NODE (entry, node->map.entries) {
        struct node *key = entry->entry.key, *value = entry->entry.value;
        const size_t errors = diags_errors(c->diags);
        check_as(c, key, checker_base(c, LANG_STR));
        if (diags_errors(c->diags) > errors) diags_last(c->diags)->about = node; /* all keys have one mistake */
        if (known) {
            check_as(c, value, element);
            continue;
        }
        const struct type *type = check_expr(c, value, element);
        const struct type *joined = element ? types_join(c->types, element, type) : type;
        if (!joined)
            report(c, MIXED_ELEMENTS, value->span, type->text, element->text);
        else
            element = joined;
    }
    return types_map(c->types, known_element(c, node, element));
}

static const struct type *check_index(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_INDEX);
    struct node *object = node->index.object;
    struct symbol *counter = check_counter_indexed(c, object);
    if (counter) return check_counter_index(c, node, counter);
    const struct type *type = check_expr(c, object, NULL);
    const struct symbol *symbol = object->kind == NODE_NAME ? object->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE && !strcmp(symbol->name, "user_data")) {
        check_as(c, node->index.index, checker_base(c, LANG_STR));
        return types_option(c->types, checker_base(c, LANG_VALUE));
    }
    if (type->kind == LANG_LIST) {
        check_as(c, node->index.index, checker_base(c, LANG_INT));
        return type->of;
    }
    if (type->kind == LANG_MAP) {
        if (member_is_name_of_it(c, node->index.index)) return check_score(c, node, type);
        check_as(c, node->index.index, checker_base(c, LANG_STR));
        return types_option(c->types, type->of);
    }
    if (type_bare(type)->kind == LANG_VALUE) {
        check_as(c, node->index.index, checker_base(c, LANG_STR));
        return types_option(c->types, type_bare(type));
    }
    check_expr(c, node->index.index, NULL);
    if (!type_is_poison(type)) {
        struct diag *diag = report(c, NO_INDEX, object->span, type->text);
        if (type_is_option(type)) diag_hint(diag, "it may be none: test it first");
        if (type->kind == LANG_STR) diag_hint(diag, "x.slice(0, 1) is its first character");
    }
    return poisoned_expr(c);
}

static const struct type *check_template(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_TEMPLATE);
    EACH_NODE (part, node->templ.parts) {
        const struct type *type = check_expr(c, part, NULL);
        check_expected_wait_shown(c, part);
        if (!type_is_shown(type)) hint_shown(report(c, NOT_SHOWN, part->span, type->text), type);
        if (type_bare(type)->kind == LANG_TIME) check_zone(c, NULL, part->span);
        check_told(c, part);
    }
    return checker_base(c, LANG_STR);
}

/* Is the node a name of a variable or key that was declared as T?, though it may be known here not to be none? */
bool expr_was_optional(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    bool named = symbol && (symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_KEY);
    return named && type_is_option(symbol->type);
}

static const struct type *check_fallback(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_FALLBACK);
    const struct type *type = check_expr(c, node->fallback.value, want ? types_option(c->types, want) : NULL);
    if (expr_was_optional(node->fallback.value)) type = check_asked_again(c, node->fallback.value);
    if (type->kind == LANG_NONE) {
        diag_hint(report(c, EXPRESSION_ALONE, node->fallback.value->span), "what stands after else is all there is");
        type = poisoned_expr(c);
    } else if (!type_is_poison(type) && !type_is_option(type)) {
        struct diag *diag = report(c, ELSE_WITHOUT_NONE, node->fallback.otherwise->span, type->text);
        diag_hint(diag, "leave the else away");
    }
    struct state some = c->state; /* the value after else is computed on some paths only */
    const struct type *other = check_expr(c, node->fallback.otherwise, type_bare(type));
    uint64_t known = c->state.known_keys;
    c->state = some;
    c->state.known_keys &= known;
    const struct type *joined = types_join(c->types, type_bare(type), other);
    if (joined) {
        if (other->kind == LANG_NONE) node->fallback.otherwise->type = joined;
        return joined;
    }
    struct diag *diag = report(c, TYPE_MISMATCH, node->fallback.otherwise->span, other->text, type_bare(type)->text);
    hint_mismatch(c, diag, node->fallback.otherwise, other, type_bare(type));
    return poisoned_expr(c);
}

static const struct type *check_kind_index(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_KIND_INDEX);
    enum lang_type kind = kind_type(node->kind_index.kind);
    const char *word = ast_kind_word(node->kind_index.kind);
    bool in_line = c->in_line, level = kind == LANG_SKILL && in_line;
    c->in_line = false;
    if (level)
        check_as(c, node->kind_index.index, checker_base(c, kind));
    else
        check_expr(c, node->kind_index.index, NULL);
    c->in_line = in_line;
    if (level) return checker_base(c, LANG_INT);
    struct diag *diag = report(c, LEVEL_OUTSIDE, node->span, word);
    if (kind == LANG_SKILL)
        diag_hint(diag, "a candidate's level is known in the lines of a select only");
    else
        diag_hint(diag, "%s.named(x) is the %s of that name, or none", word, word);
    return poisoned_expr(c);
}

static bool is_group_of_row(const struct checker *c, const struct type *type)
{
    return c->in_line && type_bare(type)->kind == LANG_GROUP;
}

/* Checks `group row.who` within a line, where `row` is a value: whether the candidate belongs to that group, just as
 * skill[x] is the candidate's level. */
static const struct type *check_belongs(struct checker *c, struct node *node)
{
    struct node *group = node_copy(c->arena, node);
    if (type_is_option(group->type)) {
        hint_mismatch(c, report(c, TYPE_MISMATCH, node->span, group->type->text, "group"), group, group->type,
                      type_bare(group->type));
        return poisoned_expr(c);
    }
    static_assert(sizeof node->kind_index <= sizeof node->name && sizeof node->kind_index <= sizeof node->member,
                  "the node is turned into the longer one");
    node->kind = NODE_KIND_INDEX;
    node->meaning = NULL;
    node->kind_index.kind = KIND_GROUP;
    node->kind_index.index = group;
    return checker_base(c, LANG_BOOL);
}

static const struct type *check_instant(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_INSTANT);
    const char *zone = node->instant.zone.text ? node->instant.zone.text : c->checked->zone;
    int64_t *us = ARENA_NEW(c->arena, int64_t);
    node->meaning = us;
    if (!zone)
        diag_hint(report(c, TIME_WITHOUT_ZONE, node->span), "zone \"Europe/Paris\", or `default zone` in the site");
    else if (!zone_instant(zone, node->instant.local_us, us))
        report(c, NO_ZONE, node->span, zone);
    return checker_base(c, LANG_TIME);
}

static const struct type *check_operation(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_BINARY);
    switch ((enum operator)node->binary.op) {
    case SIGN_AND:
    case SIGN_OR:
        return check_logic(c, node);
    case SIGN_EQ:
    case SIGN_NE:
    case SIGN_LT:
    case SIGN_LE:
    case SIGN_GT:
    case SIGN_GE:
        return check_comparison(c, node);
    case SIGN_IN:
        return check_in(c, node);
    default: {
        const struct type *left = check_expr(c, node->binary.left, want);
        const struct type *right = check_expr(c, node->binary.right, want);
        return check_binary(c, node, (enum operator)node->binary.op, left, right);
    }
    }
}

/* workbin drafts of owner */
static const struct type *check_of(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_OF);
    check_as(c, node->of.what, checker_base(c, LANG_WORKBIN));
    const struct type *whose = check_expr(c, node->of.whose, NULL);
    bool has = whose->kind == LANG_AGENT || whose->kind == LANG_TARGET || whose->kind == LANG_PLACE ||
               whose->kind == LANG_GROUP || type_is_poison(whose);
    if (!has) {
        struct diag *diag = report(c, WORKBIN_OWNER, node->of.whose->span, whose->text);
        if (type_is_option(whose)) diag_hint(diag, "it may be none: test it first");
    }
    return checker_base(c, LANG_WORKBIN);
}

/* The type (enum lang_type) of each kind of literal. */
static const uint8_t type_of_literal[NODE_KINDS] = {
    [NODE_INTEGER] = LANG_INT, [NODE_DURATION] = LANG_DURATION, [NODE_FLOAT] = LANG_FLOAT,
    [NODE_DATE] = LANG_DATE,   [NODE_CLOCK] = LANG_CLOCK,       [NODE_PERCENT] = LANG_PERCENT,
    [NODE_STRING] = LANG_STR,  [NODE_BOOL] = LANG_BOOL,         [NODE_NONE] = LANG_NONE};

static const struct type *(*const checks_alone[NODE_KINDS])(struct checker *, struct node *) = {
    [NODE_KIND_NAME] = check_kind_name, [NODE_KIND_INDEX] = check_kind_index,
    [NODE_MEMBER] = check_member,       [NODE_INSTANT] = check_instant,
    [NODE_TEMPLATE] = check_template,   [NODE_INDEX] = check_index,
    [NODE_UNARY] = check_unary,         [NODE_OF] = check_of};

/* Checks of expressions whose type depends on the type that their place needs. */
static const struct type *(*const checks_wanted[NODE_KINDS])(struct checker *, struct node *, const struct type *) = {
    [NODE_NAME] = check_name, [NODE_CALL] = check_call,         [NODE_LIST] = check_list_expr,
    [NODE_MAP] = check_map,   [NODE_FALLBACK] = check_fallback, [NODE_BINARY] = check_operation};

const struct type *check_expr(struct checker *c, struct node *node, const struct type *want)
{
    struct kind_said said;
    if (check_kind_said(c, node, &said)) {
        const struct type *type = check_kind_kept(c, node, check_expr(c, node, want), &said);
        return set_node_type(node, is_group_of_row(c, type) ? check_belongs(c, node) : type);
    }
    if (type_of_literal[node->kind]) return set_node_type(node, checker_base(c, type_of_literal[node->kind]));
    if (checks_alone[node->kind]) return set_node_type(node, checks_alone[node->kind](c, node));
    if (checks_wanted[node->kind]) return set_node_type(node, checks_wanted[node->kind](c, node, want));
    switch (node->kind) {
    case NODE_IT:
        diag_hint(report(c, NOT_A_VALUE, node->span, "`it`"), "it.idle_time, it.level(skill French)");
        return set_node_type(node, poisoned_expr(c));
    case NODE_KIND_MEMBER:
        report(c, NOT_A_VALUE, node->span, "this");
        return set_node_type(node, poisoned_expr(c));
    case NODE_RANGE:
        report(c, NOT_A_VALUE, node->span, "a range");
        return set_node_type(node, poisoned_expr(c));
    default:
        hint_waits(report(c, STEP_IN_EXPRESSION, node->span, node_words(node->kind)));
        return set_node_type(node, poisoned_expr(c));
    }
}
