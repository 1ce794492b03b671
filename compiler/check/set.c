/* compiler/check/set.c - Checks the statements that set a value: let, attach, assignments.
 *
 * Two facts come from setting a value. The value's type must fit the place. If the place may hold none, the state notes
 * whether this value can be none: an optional variable that is set to "a" is a text until it is set again. Secrets are
 * handled alike: check_set() notes the names from which a variable gets its value, check_given_away() refuses a secret
 * where others could read it. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/syntax/lost.h"

/* Without a written type, the value alone must tell the type: none, [] and an empty map do not. */
const struct type *check_let_value(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_LET);
    const struct type *want = node->let.type ? check_type(c, node->let.type) : NULL;
    const struct type *type = check_rhs(c, node->let.value, want, true);
    if (!want && type->kind == LANG_VOID) {
        report(c, NO_VALUE, node->let.value->span);
        type = checker_base(c, LANG_POISON);
    } else if (!want && type_is_open(type)) {
        struct diag *diag = report(c, TYPE_NOT_KNOWN, node->let.value->span, node->let.name.text);
        diag_hint(diag, "let %s: %s = ...", node->let.name.text,
                  type->kind == LANG_NONE         ? "str?"
                  : type->kind == LANG_EMPTY_LIST ? "list<str>"
                                                  : "map<str>");
        type = checker_base(c, LANG_POISON);
    }
    return type;
}

static bool is_some(const struct type *type)
{
    return !type_is_option(type) && type->kind != LANG_NONE && !type_is_poison(type);
}

/* True: the value that is set cannot be none, by its own type. For an `else`, both its sides must be so; a jump
 * after it sets nothing. */
static bool gives_some(struct checker *c, const struct node *value, const struct type *type)
{
    if (value->kind != NODE_STEP) return is_some(value->type ? value->type : type);
    const struct node *otherwise = value->step.otherwise;
    const struct type *head = value->step.head->type, *other = otherwise ? otherwise->otherwise.action->type : NULL;
    bool takes_none = otherwise && !check_is_step(c, value->step.head);
    bool first = head && (takes_none ? !type_is_poison(head) : is_some(head));
    return first && !type_is_poison(type) && (!other || is_some(other));
}

/* Notes whether the symbol's new value may be none. */
static void learn_value(struct checker *c, struct symbol *symbol, const struct node *value, const struct type *type,
                        bool optional)
{
    if (optional && gives_some(c, value, type))
        state_learn(&c->state, symbol, value->span);
    else
        state_know(&c->state, symbol, false);
}

/* The name is declared after its value was checked, so a value cannot read the name that it sets. */
struct symbol *check_let_name(struct checker *c, struct node *node, const struct type *type)
{
    assert(node->kind == NODE_LET);
    struct symbol *symbol = check_declare_local(c, node->let.name, node->let.type ? node->let.type->type : type);
    node->meaning = symbol;
    check_set(c, symbol, node->let.value);
    state_set_local(&c->state, symbol);
    learn_value(c, symbol, node->let.value, type, type_is_option(symbol->type));
    return symbol;
}

void check_let(struct checker *c, struct node *node)
{
    const struct type *type = check_let_value(c, node);
    check_let_name(c, node, type);
}

/* After the unknown name was reported, declares it as a constant of unknown type and value, so that it is not
 * reported again. */
static void say_no_more_of(struct checker *c, struct word name)
{
    struct node *constant = node_new(&c->program->tree, NODE_CONST, name.span);
    constant->constant.name = name;
    constant->constant.value = node_new(&c->program->tree, NODE_NONE, name.span);
    constant->constant.value->type = checker_base(c, LANG_POISON);
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    *symbol = (struct symbol){.kind = SYMBOL_CONST,
                              .name = name.text,
                              .type = checker_base(c, LANG_POISON),
                              .where = name.span,
                              .node = constant};
    scope_declare(c->scope, SPACE_PLAIN, symbol);
}

/* Adds to the report that nothing can be attached under that name what may have been meant. */
static void not_attachable_hint(struct checker *c, struct diag *diag, const struct node *target,
                                const struct symbol *symbol)
{
    const struct symbol *near =
        target->kind == NODE_NAME ? nearest_symbol(c, SPACE_PLAIN, target->name.name.text) : NULL;
    if (symbol && symbol->given)
        diag_hint(diag, "what a strategy is given it keeps; attach another key, or let a variable have another value");
    else if (near && !symbol && near->kind == SYMBOL_KEY)
        diag_did_you_mean(diag, near->name, near->where);
    else if (symbol && symbol->kind == SYMBOL_ATTRIBUTE && attribute_rows[symbol->index].written)
        diag_hint(diag, "an attribute is set: %s = ...", symbol->name);
    else if (symbol && symbol->kind == SYMBOL_ATTRIBUTE)
        diag_hint(diag, "it is an attribute, which is only read; attach another key");
    else if (symbol)
        diag_note(diag, symbol->where, "this is called so, and is no key");
    else if (target->kind == NODE_NAME)
        diag_hint(diag, "declare it: attached { %s: ... }, or use user_data[\"%s\"]", target->name.name.text,
                  target->name.name.text);
}

/* Reports that nothing can be attached under that name. A local that hides a key was reported at its declaration; an
 * attribute of that name is not reported where it is read, as a key was meant. */
static void not_attachable_told(struct checker *c, const struct node *target, const struct symbol *symbol)
{
    const struct node *strategy = c->body->strategy ? c->body->strategy->node : NULL;
    bool name = target->kind == NODE_NAME && (!symbol || (symbol->kind == SYMBOL_CONST && symbol->type));
    const char *key = name && (!symbol || type_is_poison(symbol->type)) ? target->name.name.text : NULL;
    bool told = symbol && symbol->hides && symbol->kind == SYMBOL_LOCAL;
    if (told || (key && lost_key_is(c->program, strategy, key))) return;
    if (key && !symbol) lost_key_add(c->program, strategy, key);
    if (target->kind == NODE_NAME && symbol && symbol->kind == SYMBOL_ATTRIBUTE)
        lost_key_add(c->program, strategy, symbol->name);
    struct diag *diag = report(c, NOT_ATTACHABLE, target->span);
    if (key && !symbol) diag->about = key;
    not_attachable_hint(c, diag, target, symbol);
}

/* Checks the value of a key against the key's declared type. If the value does not fit and no earlier value did, the
 * declaration is perhaps the mistake: then mistakes where the key is read are not reported as well. */
static const struct type *check_key_value(struct checker *c, struct node *value, struct symbol *key)
{
    const struct type *declared = key->node && key->node->kind == NODE_FIELD ? key->node->field.type->type : key->type;
    if (!declared) declared = key->type;
    const struct type *type = check_rhs(c, value, declared, true);
    const struct node *head = value->kind == NODE_STEP ? value->step.head : value;
    const struct type *given = !head->type                                         ? declared
                               : value->kind == NODE_STEP && value->step.otherwise ? type_bare(head->type)
                                                                                   : head->type;
    struct diag *last = diags_last(c->diags);
    if (!type_fits(declared, given) && last && last->code == DIAG_TYPE_MISMATCH) last->about = key;
    if (type_fits(declared, given)) {
        key->fits = key->fits || !type_is_poison(given);
    } else if (!key->fits && type_bare(declared)->kind != LANG_ENUM) { /* a text for an enum is a misspelt word */
        key->type = checker_base(c, LANG_POISON);
        lost_key_add(c->program, c->body->strategy ? c->body->strategy->node : NULL, key->name);
    }
    return type;
}

/* Checks an attach: the key is known from here on for the rest of the path, so it can be read without a test. This
 * knowledge ends at the next wait, because another strategy or an agent's desktop may change the key then. */
void check_attach(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_ATTACH);
    struct node *target = node->attach.target;
    if (target->kind == NODE_INDEX) {
        const struct type *type = check_expr(c, target, NULL);
        const struct symbol *symbol = target->index.object->kind == NODE_NAME ? target->index.object->meaning : NULL;
        bool is_data = symbol && symbol->kind == SYMBOL_ATTRIBUTE;
        if (!is_data && !type_is_poison(type)) report(c, NOT_ATTACHABLE, target->span);
        check_rhs(c, node->attach.value, is_data ? type : NULL, true);
        check_given_away(c, target->index.index, "the name of user data");
        check_given_away(c, node->attach.value, "attached as user data");
        return;
    }
    struct symbol *symbol =
        target->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, target->name.name.text) : NULL;
    if (!symbol || symbol->kind != SYMBOL_KEY || symbol->given) {
        not_attachable_told(c, target, symbol);
        check_rhs(c, node->attach.value, NULL, true);
        if (!symbol && target->kind == NODE_NAME) say_no_more_of(c, target->name.name);
        return;
    }
    symbol->used = true;
    target->meaning = symbol;
    target->type = symbol->type;
    node->meaning = symbol;
    const struct type *type = check_key_value(c, node->attach.value, symbol);
    if (symbol->secret)
        check_asked_in_secret(c, node->attach.value);
    else
        check_given_away(c, node->attach.value, "attached under a key that is not");
    if (!state_is_live(&c->state)) return;
    c->body->attaches = true;
    c->state.keys |= UINT64_C(1) << symbol->index;
    learn_value(c, symbol, node->attach.value, type, true);
}

static enum operator step_operator(int op)
{
    return op == SIGN_ADD ? SIGN_ADD : SIGN_SUB;
}

/* Checks an assignment to an entry: key and value both become part of the variable, so both are noted as sources of
 * its value. */
static void check_assign_index(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_ASSIGN);
    struct node *target = node->assign.target;
    const struct type *type = check_expr(c, target, NULL);
    struct node *object = target->index.object;
    const struct symbol *symbol = object->kind == NODE_NAME ? object->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE) {
        diag_hint(report(c, ASSIGN_KEY, target->span, "user_data"), "attach user_data[...] = ...");
        type = NULL;
    } else if (!type_is_poison(type) && (!symbol || symbol->kind != SYMBOL_LOCAL || object->type->kind != LANG_MAP)) {
        diag_hint(report(c, NOT_ASSIGNABLE_HERE, target->span), "only a key of a map in a local variable can be set");
        type = NULL;
    } else if (node->assign.op != SIGN_SET) {
        report(c, NOT_ASSIGNABLE_HERE, target->span);
    }
    check_rhs(c, node->assign.value, type ? type_bare(type) : NULL, true);
    if (type && symbol && symbol->kind == SYMBOL_LOCAL) {
        check_set(c, (struct symbol *)object->meaning, target->index.index);
        check_set(c, (struct symbol *)object->meaning, node->assign.value);
    }
}

/* Checks an assignment to a local; it is refused where the variable belongs to a body around, since a busy block or
 * a child of a race has only a copy. */
static void assign_local(struct checker *c, struct node *node, struct symbol *symbol)
{
    if (symbol->body != c->body) {
        struct diag *diag = report(c, ASSIGN_OUTER, node->assign.target->span, symbol->name);
        diag_hint(diag, "a busy block works with copies; attach what is to be kept");
    }
    if (node->assign.op == SIGN_SET) {
        const struct type *type = check_rhs(c, node->assign.value, symbol->type, true);
        check_set(c, symbol, node->assign.value);
        state_set_local(&c->state, symbol);
        learn_value(c, symbol, node->assign.value, type, type_is_option(symbol->type));
        node->assign.target->meaning = symbol;
        node->assign.target->type = symbol->type;
        return;
    }
    const struct type *left = check_expr(c, node->assign.target, NULL);
    if (left->kind == LANG_LIST && node->assign.op == SIGN_ADD) {
        check_rhs(c, node->assign.value, left->of, true);
        check_set(c, symbol, node->assign.value);
        return;
    }
    const struct type *right = check_rhs(c, node->assign.value, NULL, true);
    check_set(c, symbol, node->assign.value);
    const struct type *result = check_binary(c, node, step_operator(node->assign.op), left, right);
    if (!type_fits(symbol->type, result))
        report(c, TYPE_MISMATCH, node->assign.value->span, result->text, symbol->type->text);
}

static void assign_attribute(struct checker *c, struct node *node, struct symbol *symbol)
{
    const struct attribute_row *row = &attribute_rows[symbol->index];
    bool written = row->written && row->type != LANG_VALUE;
    if (!written) {
        struct diag *diag = report(c, ATTRIBUTE_READ_ONLY, node->assign.target->span, row->name);
        if (!strcmp(row->name, "user_data")) diag_hint(diag, "attach user_data[\"key\"] = ...");
    }
    /* an attribute that cannot be written was reported: whether this medium has it is not checked */
    const struct type *left = written ? check_expr(c, node->assign.target, NULL) : symbol->type;
    if (node->assign.op != SIGN_SET && !strcmp(row->name, "priority") && clause_of(node->assign.value, CLAUSE_EVERY)) {
        check_growth(c, node);
        return;
    }
    if (node->assign.op == SIGN_SET) {
        check_rhs(c, node->assign.value, left, true);
        return;
    }
    const struct type *right = check_rhs(c, node->assign.value, NULL, true);
    const struct type *result = check_binary(c, node, step_operator(node->assign.op), left, right);
    if (!type_fits(symbol->type, result))
        report(c, TYPE_MISMATCH, node->assign.value->span, result->text, symbol->type->text);
}

/* Is it `desk = route queue desk;`, where a goto of this body looks for the label `desk:`? The goto was reported; now
 * it is reported here only, where the mistake is. */
static bool assign_is_label(struct checker *c, struct node *node, struct word name)
{
    bool label = false;
    if (!check_is_step(c, node->kind == NODE_STEP ? node->step.head : node)) return false;
    for (struct diag *diag = diags_first(c->diags); diag; diag = diag->next) {
        bool within = c->body->node && diag->span.begin >= c->body->node->span.begin;
        if (!within || diag->code != DIAG_UNKNOWN_LABEL || diag->about != name.text) continue;
        diag->dropped = true;
        label = true;
    }
    return label;
}

/* The value is checked whatever the target is: its mistakes are reported, and its names count as used. */
void check_assign(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_ASSIGN);
    struct node *target = node->assign.target;
    if (target->kind == NODE_INDEX) {
        check_assign_index(c, node);
        return;
    }
    struct symbol *symbol =
        target->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, target->name.name.text) : NULL;
    node->meaning = symbol;
    if (symbol) target->meaning = symbol;
    if (symbol && symbol->kind == SYMBOL_LOCAL) {
        assign_local(c, node, symbol);
    } else if (symbol && symbol->kind == SYMBOL_ATTRIBUTE) {
        assign_attribute(c, node, symbol);
        check_given_away(c, node->assign.value, "what an attribute is set to");
    } else {
        bool label = target->kind == NODE_NAME && !symbol && assign_is_label(c, node->assign.value, target->name.name);
        if (label) {
            diag_hint(report(c, UNKNOWN_NAME, target->span, target->name.name.text),
                      "a label is written %s:", target->name.name.text);
        } else if (target->kind == NODE_NAME && !symbol) {
            struct diag *diag = report(c, UNKNOWN_NAME, target->span, target->name.name.text);
            const struct symbol *near = nearest_symbol(c, SPACE_PLAIN, target->name.name.text);
            if (hint_made_elsewhere(c, diag, target->name.name.text))
                ;
            else if (near)
                diag_did_you_mean(diag, near->name, near->where);
            else
                diag_hint(diag, "let %s = ... makes a variable", target->name.name.text);
        } else if (symbol && symbol->kind == SYMBOL_KEY && !symbol->given) {
            diag_hint(report(c, ASSIGN_KEY, target->span, symbol->name), "attach %s = ...", symbol->name);
        } else if (!symbol || symbol->kind != SYMBOL_CONST || !type_is_poison(symbol->type)) {
            hint_assigned(report(c, NOT_ASSIGNABLE_HERE, target->span), symbol);
        }
        bool key = symbol && symbol->kind == SYMBOL_KEY && !symbol->given;
        const struct type *type = check_rhs(c, node->assign.value, key ? symbol->type : NULL, !label);
        if (!symbol && target->kind == NODE_NAME) say_no_more_of(c, target->name.name);
        if (key &&
            state_is_live(&c->state)) { /* treated as the attach that was meant, so that no second error follows */
            c->state.keys |= UINT64_C(1) << symbol->index;
            learn_value(c, symbol, node->assign.value, type, true);
        }
    }
}
