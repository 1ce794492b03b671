/* compiler/lint/own_read.c - Reads the rules that the site declares, and reports what is wrong in them.
 *
 *     rule calls_abroad for route, number { where text.starts("+"); say "calls abroad cost"; wrong { ... } right { ...
 * } }
 *
 * A condition becomes a tree of own_expr with types: a name that the kinds do not have, a comparison of a text with a
 * number, a pattern that is none are mistakes of the site, told here and not found silent at a strategy. */
#include <string.h>

#include "base/near.h"
#include "compiler/lint/own_inner.h"

struct own_reading {
    struct program *program;
    struct own_rules *rules;
    struct own_rule *rule;
    struct own_kind *asked;
    uint64_t work; /* the work that patterns may still cost */
    size_t parts;
    bool good;
};

/* `what`: the rest of "this rule cannot be: ". */
#define own_refuse(reading, span, ...)                                                                                 \
    ((reading)->good = false,                                                                                          \
     diag_report((reading)->program->diags, RULE_OWN, (span), arena_printf((reading)->program->arena, __VA_ARGS__)))

const char *own_property_word(enum own_property which)
{
    static const char *const words[] = {
#define OWN_PROPERTY(ID, word, type, doc) word,
#include "compiler/lint/own_kinds.def"
    };
    return words[which];
}

enum own_type own_property_type(enum own_property which)
{
    static const uint8_t types[] = {
#define OWN_PROPERTY(ID, word, type, doc) OWN_##type,
#include "compiler/lint/own_kinds.def"
    };
    return (enum own_type)types[which];
}

const char *own_type_words(enum own_type type)
{
    static const char *const words[] = {[OWN_UNKNOWN] = "something unknown",
                                        [OWN_NONE] = "none",
                                        [OWN_BOOL] = "a bool",
                                        [OWN_INT] = "a whole number",
                                        [OWN_DURATION] = "a time",
                                        [OWN_PERCENT] = "a share",
                                        [OWN_TEXT] = "a text",
                                        [OWN_LIST] = "a list",
                                        [OWN_PART] = "a block",
                                        [OWN_ANY] = "a value"};
    return words[type];
}

static struct own_expr *own_expr_new(struct own_reading *reading, enum own_op op, enum own_type type,
                                     const struct node *node)
{
    struct own_expr *expr = ARENA_NEW(reading->program->arena, struct own_expr);
    expr->op = op;
    expr->type = type;
    if (++reading->parts == OWN_PARTS_MAX + 1)
        diag_hint(own_refuse(reading, node->span, "it has more than %d parts", OWN_PARTS_MAX), "several rules");
    return expr;
}

static struct own_expr *own_read_expr(struct own_reading *, const struct node *);

/* Reads an expression that must have the type, or may have it when the rule runs (OWN_ANY). NULL: a mistake was
 * reported. */
static struct own_expr *own_read_as(struct own_reading *reading, const struct node *node, enum own_type type)
{
    struct own_expr *expr = own_read_expr(reading, node);
    if (!expr || expr->type == type || (expr->type == OWN_ANY && type != OWN_LIST)) return expr;
    struct diag *diag =
        own_refuse(reading, node->span, "this is %s, and not %s", own_type_words(expr->type), own_type_words(type));
    if (type == OWN_BOOL) diag_hint(diag, "a comparison, such as name == \"x\", or .starts(\"x\")");
    return NULL;
}

/* ---- names ---- */

static bool own_kinds_take(const struct own_rule *rule, const char *parameter)
{
    for (const struct own_watch *watch = rule->watches; watch; watch = watch->next)
        if (own_kind_takes(&watch->kind, parameter)) return true;
    return false;
}

static bool own_kinds_are_steps(const struct own_rule *rule)
{
    for (const struct own_watch *watch = rule->watches; watch; watch = watch->next)
        if (own_kind_is_step(&watch->kind)) return true;
    return false;
}

static int own_clause_named(const char *word)
{
    for (int i = 0; i < CLAUSES; i++)
        if (strcmp(ast_clause_word((enum clause)i), word) == 0) return i;
    return -1;
}

static void own_refuse_name(struct own_reading *reading, struct word word)
{
    struct arena *arena = reading->program->arena;
    uint32_t least = UINT32_MAX;
    const char *near = NULL, *all = "";
    for (int i = 0; i < OWN_PROPERTIES; i++) {
        const char *name = own_property_word((enum own_property)i);
        if (near_is_nearer(word.text, name, &least)) near = name;
        all = arena_printf(arena, "%s%s%s", all, *all ? ", " : "", name);
    }
    bool steps = own_kinds_are_steps(reading->rule);
    for (int i = 0; steps && i < CLAUSES; i++)
        if (near_is_nearer(word.text, ast_clause_word((enum clause)i), &least)) near = ast_clause_word((enum clause)i);
    struct diag *diag = own_refuse(reading, word.span, "what it looks at has no '%s'", word.text);
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else
        diag_hint(diag, "%s%s", all, steps ? ", a clause or parameter of the step" : "");
}

static struct own_expr *own_read_name(struct own_reading *reading, const struct node *node)
{
    struct word word = node->name.name;
    for (int i = 0; i < OWN_PROPERTIES; i++) {
        if (strcmp(own_property_word((enum own_property)i), word.text) != 0) continue;
        struct own_expr *expr = own_expr_new(reading, OWN_DO_PROPERTY, own_property_type((enum own_property)i), node);
        expr->number = i;
        return expr;
    }
    int clause = own_clause_named(word.text);
    bool takes = own_kinds_take(reading->rule, word.text);
    if (!takes && (clause < 0 || !own_kinds_are_steps(reading->rule))) return own_refuse_name(reading, word), NULL;
    enum own_type type = clause == CLAUSE_BUSY && !takes ? OWN_PART : OWN_ANY;
    struct own_expr *expr = own_expr_new(reading, takes ? OWN_DO_ARGUMENT : OWN_DO_CLAUSE, type, node);
    expr->number = clause;
    expr->value.bytes = word.text;
    return expr;
}

/* ---- values ---- */

static struct own_expr *own_value_new(struct own_reading *reading, const struct node *node, enum own_type type,
                                      int64_t number)
{
    struct own_expr *expr = own_expr_new(reading, OWN_DO_VALUE, type, node);
    expr->value = (struct own_value){.type = type, .number = number};
    return expr;
}

/* Reads a literal; NULL, without a report: the node is no literal. */
static struct own_expr *own_read_literal(struct own_reading *reading, const struct node *node)
{
    struct own_expr *expr;
    switch (node->kind) {
    case NODE_STRING:
        expr = own_value_new(reading, node, OWN_TEXT, 0);
        expr->value.bytes = node->string.text.bytes;
        expr->value.length = node->string.text.length;
        return expr;
    case NODE_INTEGER:
        return own_value_new(reading, node, OWN_INT, node->integer.value);
    case NODE_DURATION:
        return own_value_new(reading, node, OWN_DURATION, node->duration.us);
    case NODE_PERCENT:
        return own_value_new(reading, node, OWN_PERCENT, node->percent.hundredths);
    case NODE_BOOL:
        return own_value_new(reading, node, OWN_BOOL, node->boolean.value);
    case NODE_NONE:
        return own_value_new(reading, node, OWN_NONE, 0);
    default:
        return NULL;
    }
}

/* ---- calls ---- */

/* Returns the only argument, which stands by its place; NULL: that was reported. */
static const struct node *own_one_argument(struct own_reading *reading, const struct node *call, const char *example)
{
    const struct node *argument = call->call.arguments.first;
    if (call->call.arguments.count == 1 && !argument->arg.name.text) return argument->arg.value;
    diag_hint(own_refuse(reading, call->span, "this takes one value"), "%s", example);
    return NULL;
}

static bool own_ask_for(struct own_reading *reading, const struct node *word, uint64_t *mask)
{
    struct own_kind kind;
    if (word->kind != NODE_STRING) {
        diag_hint(own_refuse(reading, word->span, "a word in quotes stands here"), "has(\"ivr.play\")");
        return false;
    }
    if (!own_kind_named(word->string.text.bytes, &kind)) {
        const char *near = own_kind_near(word->string.text.bytes);
        struct diag *diag =
            own_refuse(reading, word->span, "nothing in a strategy is called '%s'", word->string.text.bytes);
        if (near)
            diag_did_you_mean(diag, near, (struct source_span){0, 0});
        else
            diag_hint(diag, "a step such as ivr.play, all of its family, ivr, or a word such as route");
        return false;
    }
    size_t at = 0;
    while (at < reading->rules->asked_count && strcmp(reading->asked[at].word, kind.word) != 0) at++;
    if (at == OWN_ASKED_MAX) {
        own_refuse(reading, word->span, "the rules ask for more than %d different words", OWN_ASKED_MAX);
        return false;
    }
    if (at == reading->rules->asked_count) reading->asked[reading->rules->asked_count++] = kind;
    *mask |= UINT64_C(1) << at;
    return true;
}

/* Reads has(...), inside(...), follows(...), or with `of` busy.has(...). */
static struct own_expr *own_read_place(struct own_reading *reading, const struct node *call, const char *name,
                                       struct own_expr *of)
{
    enum own_op op = strcmp(name, "has") == 0      ? OWN_DO_HAS
                     : strcmp(name, "inside") == 0 ? OWN_DO_INSIDE
                                                   : OWN_DO_FOLLOWS;
    struct own_expr *expr = own_expr_new(reading, op, OWN_BOOL, call);
    expr->left = of;
    if (call->call.arguments.count == 0)
        diag_hint(own_refuse(reading, call->span, "%s() asks for nothing", name), "%s(\"ivr.play\", \"ivr.say\")",
                  name);
    EACH_NODE (argument, call->call.arguments)
        if (!own_ask_for(reading, argument->arg.value, &expr->mask)) return NULL;
    return reading->good ? expr : NULL;
}

static struct own_expr *own_read_pattern(struct own_reading *reading, struct own_expr *text, const struct node *pattern)
{
    struct regex_error error;
    if (pattern->kind != NODE_STRING) {
        bool braces = pattern->kind == NODE_TEMPLATE;
        diag_hint(own_refuse(reading, pattern->span, "a pattern in quotes stands here"),
                  braces ? "a brace in quotes is written twice: [0-9]{{3}}" : "matches(\"^[a-z_]+$\")");
        return NULL;
    }
    struct regex_arm arm = {REGEX_MATCH, pattern->string.text.bytes, pattern->string.text.length};
    struct own_expr *expr = own_expr_new(reading, OWN_DO_MATCHES, OWN_BOOL, pattern);
    expr->left = text;
    expr->pattern = automaton_build(reading->program->arena, &arm, 1, &reading->work, &error);
    if (expr->pattern) return expr;
    own_refuse(reading, pattern->span, "%s", error.text ? error.text : "the pattern is too large");
    return NULL;
}

static struct own_expr *own_read_method(struct own_reading *reading, const struct node *call)
{
    const struct node *member = call->call.callee;
    const char *name = member->member.name.text;
    bool has = strcmp(name, "has") == 0, matches = strcmp(name, "matches") == 0;
    bool starts = strcmp(name, "starts") == 0, contains = strcmp(name, "contains") == 0;
    if (!has && !matches && !starts && !contains) {
        struct diag *diag = own_refuse(reading, member->member.name.span, "a rule cannot ask .%s()", name);
        diag_hint(diag,
                  ".starts(\"x\"), .contains(\"x\"), .matches(\"^[a-z]+$\"), .count, or of a block .has(\"ivr\")");
        return NULL;
    }
    struct own_expr *object = own_read_expr(reading, member->member.object);
    if (!object) return NULL;
    if (has && object->type == OWN_PART) return own_read_place(reading, call, name, object);
    bool text = object->type == OWN_TEXT || object->type == OWN_ANY, list = object->type == OWN_LIST && contains;
    if (has || (!text && !list)) {
        own_refuse(reading, member->member.object->span, "%s has no .%s()", own_type_words(object->type), name);
        return NULL;
    }
    const struct node *argument = own_one_argument(reading, call, "name.starts(\"x\")");
    if (!argument) return NULL;
    if (matches) return own_read_pattern(reading, object, argument);
    struct own_expr *wanted = own_read_as(reading, argument, OWN_TEXT);
    if (!wanted) return NULL;
    struct own_expr *expr = own_expr_new(reading,
                                         list     ? OWN_DO_IN
                                         : starts ? OWN_DO_STARTS
                                                  : OWN_DO_CONTAINS,
                                         OWN_BOOL, call);
    expr->left = list ? wanted : object;
    expr->right = list ? object : wanted;
    return expr;
}

static struct own_expr *own_read_call(struct own_reading *reading, const struct node *call)
{
    const struct node *callee = call->call.callee;
    const char *name = callee->kind == NODE_NAME ? callee->name.name.text : "";
    if (callee->kind == NODE_MEMBER) return own_read_method(reading, call);
    if (strcmp(name, "has") == 0 || strcmp(name, "inside") == 0 || strcmp(name, "follows") == 0)
        return own_read_place(reading, call, name, NULL);
    diag_hint(own_refuse(reading, callee->span, "a rule calls nothing of the site or a strategy"),
              "has(\"ivr\"), inside(\"race\") or follows(\"ivr.say\")");
    return NULL;
}

/* ---- operators ---- */

static bool own_comparable(const struct own_expr *one, const struct own_expr *other, bool ordered)
{
    enum own_type left = one->type, right = other->type;
    if (left == OWN_LIST || right == OWN_LIST) return false;
    if (ordered && (left == OWN_NONE || right == OWN_NONE || left == OWN_TEXT || right == OWN_TEXT ||
                    left == OWN_BOOL || right == OWN_BOOL))
        return false;
    if (left == OWN_PART || right == OWN_PART) return !ordered && (left == OWN_NONE || right == OWN_NONE);
    return left == right || left == OWN_ANY || right == OWN_ANY || left == OWN_NONE || right == OWN_NONE;
}

/* Reads `left in [..]` or `left in media`. */
static struct own_expr *own_read_in(struct own_reading *reading, const struct node *node)
{
    const struct node *right = node->binary.right;
    struct own_expr *left = own_read_expr(reading, node->binary.left), *last = NULL;
    if (!left) return NULL;
    struct own_expr *expr = own_expr_new(reading, right->kind == NODE_LIST ? OWN_DO_AMONG : OWN_DO_IN, OWN_BOOL, node);
    expr->left = left;
    if (right->kind != NODE_LIST) {
        expr->right = own_read_as(reading, right, OWN_LIST);
        return expr->right ? expr : NULL;
    }
    EACH_NODE (item, right->list.items) {
        struct own_expr *value = own_read_literal(reading, item);
        if (!value || !own_comparable(left, value, false)) {
            own_refuse(reading, item->span, "this is never equal to %s", own_type_words(left->type));
            return NULL;
        }
        if (last)
            last->next = value;
        else
            expr->right = value;
        last = value;
    }
    return expr;
}

static struct own_expr *own_read_binary(struct own_reading *reading, const struct node *node)
{
    int sign = node->binary.op;
    bool logic = sign == SIGN_AND || sign == SIGN_OR, equal = sign == SIGN_EQ || sign == SIGN_NE;
    if (sign == SIGN_IN) return own_read_in(reading, node);
    if (!logic && (sign < SIGN_EQ || sign > SIGN_GE)) {
        diag_hint(own_refuse(reading, node->binary.sign.span, "a rule does not compute"),
                  "it compares, by ==, !=, <, <=, >, >= and in");
        return NULL;
    }
    struct own_expr *left =
        logic ? own_read_as(reading, node->binary.left, OWN_BOOL) : own_read_expr(reading, node->binary.left);
    struct own_expr *right =
        logic ? own_read_as(reading, node->binary.right, OWN_BOOL) : own_read_expr(reading, node->binary.right);
    if (!left || !right) return NULL;
    if (!logic && !own_comparable(left, right, !equal)) {
        own_refuse(reading, node->span, "%s is not compared with %s by %s", own_type_words(left->type),
                   own_type_words(right->type), ast_operator_sign((enum operator)sign));
        return NULL;
    }
    enum own_op op = sign == SIGN_AND ? OWN_DO_AND : sign == SIGN_OR ? OWN_DO_OR : OWN_DO_COMPARE;
    struct own_expr *expr = own_expr_new(reading, op, OWN_BOOL, node);
    expr->number = sign;
    expr->left = left;
    expr->right = right;
    return expr;
}

static struct own_expr *own_read_length(struct own_reading *reading, const struct node *node)
{
    struct own_expr *object = own_read_expr(reading, node->member.object);
    if (!object) return NULL;
    bool counted = object->type == OWN_TEXT || object->type == OWN_LIST || object->type == OWN_ANY;
    if (strcmp(node->member.name.text, "count") != 0 || !counted) {
        own_refuse(reading, node->member.name.span, "%s has no .%s", own_type_words(object->type),
                   node->member.name.text);
        return NULL;
    }
    struct own_expr *expr = own_expr_new(reading, OWN_DO_LENGTH, OWN_INT, node);
    expr->left = object;
    return expr;
}

static struct own_expr *own_read_expr(struct own_reading *reading, const struct node *node)
{
    struct own_expr *expr = own_read_literal(reading, node);
    if (expr) return expr;
    switch (node->kind) {
    case NODE_NAME:
        return own_read_name(reading, node);
    case NODE_MEMBER:
        return own_read_length(reading, node);
    case NODE_CALL:
        return own_read_call(reading, node);
    case NODE_BINARY:
        return own_read_binary(reading, node);
    case NODE_UNARY:
        if (node->unary.op != SIGN_NOT) break;
        expr = own_expr_new(reading, OWN_DO_NOT, OWN_BOOL, node);
        expr->left = own_read_as(reading, node->unary.value, OWN_BOOL);
        return expr->left ? expr : NULL;
    default:
        break;
    }
    diag_hint(own_refuse(reading, node->span, "a rule cannot ask this"),
              "names such as name, timeout, busy; ==, in, and, or, not; .starts(\"x\"), has(\"ivr\")");
    return NULL;
}

/* ---- lines ---- */

/* Reads the text of `say` or `hint`, perhaps with values in it. */
static struct own_expr *own_read_told(struct own_reading *reading, const struct node *node)
{
    struct own_expr *expr = own_expr_new(reading, OWN_DO_JOINED, OWN_TEXT, node), *last = NULL;
    if (node->kind == NODE_STRING && node->string.text.length > 0) {
        expr->left = own_read_literal(reading, node);
        return expr;
    }
    if (node->kind != NODE_TEMPLATE) {
        diag_hint(own_refuse(reading, node->span, "a text in quotes is told"), "say \"why it is not good\";");
        return NULL;
    }
    EACH_NODE (part, node->templ.parts) {
        struct own_expr *one = own_read_expr(reading, part);
        if (!one) return NULL;
        if (one->type == OWN_PART || one->type == OWN_LIST || one->type == OWN_BOOL) {
            own_refuse(reading, part->span, "%s is no part of a text", own_type_words(one->type));
            return NULL;
        }
        if (last)
            last->next = one;
        else
            expr->left = one;
        last = one;
    }
    return expr;
}

/* Several lines `where` must all hold. */
static void own_read_where(struct own_reading *reading, const struct node *line)
{
    struct own_expr *expr = own_read_as(reading, line->rule_line.values.first, OWN_BOOL);
    if (!expr || !reading->rule->where) {
        reading->rule->where = expr;
        return;
    }
    struct own_expr *both = own_expr_new(reading, OWN_DO_AND, OWN_BOOL, line);
    both->left = (struct own_expr *)(uintptr_t)reading->rule->where;
    both->right = expr;
    reading->rule->where = both;
}

static void own_read_line(struct own_reading *reading, const struct node *line)
{
    if (line->kind == NODE_RULE_EXAMPLE) {
        struct word what = line->rule_example.what;
        if (strcmp(what.text, "wrong") != 0 && strcmp(what.text, "right") != 0)
            diag_hint(own_refuse(reading, what.span, "a rule has no example '%s'", what.text),
                      "wrong { ... } must be found, right { ... } must not");
        return;
    }
    struct word what = line->rule_line.what;
    const struct node *value = line->rule_line.values.first;
    const struct own_expr **told = strcmp(what.text, "say") == 0    ? &reading->rule->say
                                   : strcmp(what.text, "hint") == 0 ? &reading->rule->hint
                                                                    : NULL;
    if (strcmp(what.text, "where") == 0)
        own_read_where(reading, line);
    else if (!told)
        diag_hint(own_refuse(reading, what.span, "a rule says nothing of '%s'", what.text),
                  "where, say, hint, wrong or right");
    else if (*told)
        own_refuse(reading, what.span, "it says '%s' twice", what.text);
    else
        *told = own_read_told(reading, value);
}

static void own_read_kinds(struct own_reading *reading, const struct node *node)
{
    EACH_NODE (label, node->site_rule.kinds) {
        struct own_watch *watch = ARENA_NEW(reading->program->arena, struct own_watch);
        const char *word = label->label.name.text, *near = own_kind_near(word);
        if (own_kind_named(word, &watch->kind)) {
            watch->next = reading->rule->watches;
            reading->rule->watches = watch;
            continue;
        }
        struct diag *diag = own_refuse(reading, label->span, "nothing is called '%s' that a rule could look at", word);
        if (near)
            diag_did_you_mean(diag, near, (struct source_span){0, 0});
        else
            diag_hint(diag, "%s, a step as ivr.play, names as queue", own_kind_words(reading->program->arena));
    }
}

static void own_read_name_of(struct own_reading *reading, struct word name)
{
    const struct own_rule *other = own_rule_named(reading->rules, name.text, strlen(name.text));
    if (strlen(name.text) >= DIAG_NAME_MAX || strpbrk(name.text, ", \t\r\n+"))
        diag_hint(own_refuse(reading, name.span, "'%s' is no name of a rule", name.text),
                  "at most %d letters, digits, _ and -", DIAG_NAME_MAX - 1);
    else if (lint_item_known(name.text, strlen(name.text)))
        diag_hint(own_refuse(reading, name.span, "gcxc has a rule '%s' itself", name.text),
                  "gcxc lint --list says which there are");
    else if (other)
        diag_note(own_refuse(reading, name.span, "another rule has the name"), other->node->site_rule.name.span,
                  "here");
}

/* Returns the text of the rule's `say`, with dots in place of its values. */
static const char *own_title(struct arena *arena, const struct own_expr *say)
{
    const char *text = "";
    for (const struct own_expr *part = say ? say->left : NULL; part; part = part->next)
        text = part->op == OWN_DO_VALUE && part->type == OWN_TEXT
                   ? arena_printf(arena, "%s%.*s", text, (int)part->value.length, part->value.bytes)
                   : arena_printf(arena, "%s...", text);
    return text;
}

/* Is there an error within the rule? A line that is not understood may be the missing one. */
static bool own_is_damaged(const struct own_reading *reading, const struct node *node)
{
    for (const struct diag *diag = diags_first(reading->program->diags); diag; diag = diag->next)
        if (diag->severity == ERROR && node->span.begin <= diag->span.begin && diag->span.begin < node->span.end)
            return true;
    return false;
}

static void own_read_rule(struct own_reading *reading, const struct node *node)
{
    struct own_rule rule = {.node = node};
    struct word name = node->site_rule.name;
    reading->rule = &rule;
    reading->good = true;
    reading->parts = 0;
    own_read_name_of(reading, name);
    own_read_kinds(reading, node);
    if (reading->good)
        EACH_NODE (line, node->site_rule.lines) own_read_line(reading, line);
    if (own_is_damaged(reading, node)) reading->good = false;
    if (reading->good && !rule.where)
        diag_hint(own_refuse(reading, name.span, "it asks nothing"), "where not name.matches(\"^[a-z_]+$\");");
    if (reading->good && !rule.say)
        diag_hint(own_refuse(reading, name.span, "it says nothing of what it finds"), "say \"why it is not good\";");
    if (reading->rules->count == OWN_RULES_MAX)
        own_refuse(reading, name.span, "there are more than %d rules", OWN_RULES_MAX);
    if (!reading->good) return;
    rule.told = (struct diag_own){name.text, own_title(reading->program->arena, rule.say), node->doc};
    reading->rules->of[reading->rules->count++] = rule;
}

const struct own_rules *own_rules_read(struct program *program)
{
    struct own_rules *rules = ARENA_NEW(program->arena, struct own_rules);
    struct own_reading reading = {.program = program, .rules = rules, .work = REGEX_WORK};
    bool any = false;
    for (const struct node *item = program->site ? program->site->site.items.first : NULL; item; item = item->next)
        any = any || item->kind == NODE_SITE_RULE;
    if (!any) return rules;
    rules->of = ARENA_ARRAY(program->arena, struct own_rule, OWN_RULES_MAX);
    reading.asked = ARENA_ARRAY(program->arena, struct own_kind, OWN_ASKED_MAX);
    rules->asked = reading.asked;
    EACH_NODE (item, program->site->site.items)
        if (item->kind == NODE_SITE_RULE) own_read_rule(&reading, item);
    return rules;
}

const struct own_rule *own_rule_named(const struct own_rules *rules, const char *name, size_t length)
{
    for (size_t i = 0; i < rules->count; i++)
        if (diag_same_rule(rules->of[i].told.name, name, length)) return &rules->of[i];
    return NULL;
}

const char *own_rule_near(const struct program *program, const char *name)
{
    uint32_t least = UINT32_MAX;
    const char *near = NULL;
    for (const struct node *item = program->site ? program->site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_RULE && near_is_nearer(name, item->site_rule.name.text, &least))
            near = item->site_rule.name.text;
    return near;
}
