/* compiler/check/given.c - A strategy's arguments: its parameters, and the arguments of `switch to` and `then`. */
#include "compiler/check/checker.h"
#include "compiler/check/own_media.h"

#include <assert.h>
#include <string.h>

/* Declares a strategy before any body is checked, since strategies may switch to later ones, and subroutines may
 * name them for call-backs. */
void check_declare_strategy(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_STRATEGY);
    struct strategy *strategy = ARENA_NEW(c->arena, struct strategy);
    strategy->name = node->strategy.name.text;
    strategy->node = node;
    strategy->number = c->checked->strategy_count++;
    if (c->checked->last_strategy)
        c->checked->last_strategy->next = strategy;
    else
        c->checked->strategies = strategy;
    c->checked->last_strategy = strategy;
    node->meaning = strategy;
    struct symbol *named = ARENA_NEW(c->arena, struct symbol);
    *named =
        (struct symbol){.kind = SYMBOL_NAME, .name = strategy->name, .where = node->strategy.name.span, .node = node};
    if (!scope_find(c->scope, SPACE_STRATEGY, strategy->name)) scope_declare(c->scope, SPACE_STRATEGY, named);
    strategy->params = ARENA_ARRAY(c->arena, struct symbol *, node->strategy.params.count + 1);
    EACH_NODE (param, node->strategy.params) {
        if (strategy->param_count >= CALL_ARGUMENTS_MAX) {
            report(c, TOO_MANY_PARAMETERS, param->span, CALL_ARGUMENTS_MAX);
            break;
        }
        const struct type *type = check_type(c, param->param.type);
        if (!type_is_data(type)) {
            hint_blob(report(c, NOT_DATA, param->param.type->span, type->text), type);
            type = checker_base(c, LANG_POISON);
        }
        struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
        *symbol = (struct symbol){.kind = SYMBOL_KEY,
                                  .name = param->param.name.text,
                                  .where = param->param.name.span,
                                  .type = type,
                                  .node = param,
                                  .given = true};
        strategy->params[strategy->param_count++] = symbol;
    }
}

/* Checks the default values of parameters, when functions are known, so that a call of a function there is
 * recognised. */
void check_given_defaults(struct checker *c, struct node *node)
{
    const struct strategy *strategy = node->meaning;
    for (uint32_t i = 0; i < strategy->param_count; i++) {
        const struct symbol *symbol = strategy->params[i];
        if (symbol->node->param.value) check_as(c, symbol->node->param.value, symbol->type);
    }
}

/* Declares a strategy's parameters: slots that, unlike its keys, always have a value. */
void check_declare_given(struct checker *c, struct strategy *strategy)
{
    for (uint32_t i = 0; i < strategy->param_count; i++) {
        struct symbol *symbol = strategy->params[i];
        if (strategy->key_count >= KEYS_MAX) {
            report(c, TOO_MANY_KEYS, symbol->where, KEYS_MAX);
            return;
        }
        check_key_name(c, (struct word){.text = symbol->name, .span = symbol->where});
        symbol->index = strategy->key_count;
        c->given |= UINT64_C(1) << symbol->index;
        strategy->keys[strategy->key_count++] = symbol;
        scope_declare(c->scope, SPACE_PLAIN, symbol);
    }
}

static void check_given(struct checker *c, struct node *where, struct step_use *use, const struct strategy *strategy)
{
    struct call_use *call = ARENA_NEW(c->arena, struct call_use);
    struct node *written = where;
    call->kind = CALL_STRATEGY;
    if (where->kind == NODE_CALL) {
        where->meaning = call;
    } else { /* the strategy is named without arguments */
        written = ARENA_NEW(c->arena, struct node);
        *written = (struct node){.kind = NODE_CALL, .span = where->span};
    }
    check_arguments(c, written, call, strategy->name, strategy->params, strategy->param_count);
    /* a secret argument is reported: the other strategy's keys are not secret */
    for (uint32_t i = 0; i < call->argument_count; i++)
        if (call->arguments[i]) check_given_away(c, call->arguments[i], "given to a strategy");
    use->given = call->arguments;
    use->to = strategy;
}

/* Returns the strategy of that name, perhaps with arguments; NULL: there is none, which was reported. */
static const struct strategy *strategy_named(struct checker *c, struct node *where)
{
    struct node *name = where->kind == NODE_CALL ? where->call.callee : where;
    const char *text = name->kind == NODE_NAME ? name->name.name.text : "";
    const struct symbol *symbol = *text ? scope_find(c->scope, SPACE_STRATEGY, text) : NULL;
    const struct strategy *found = symbol ? symbol->node->meaning : NULL;
    if (!found && !*text) {
        if (!type_is_poison(check_expr(c, name, NULL))) report(c, NOT_A_STRATEGY, name->span);
    } else if (!found) {
        struct diag *diag = report(c, UNKNOWN_STRATEGY, name->span, text);
        const struct symbol *near = nearest_symbol(c, SPACE_STRATEGY, text);
        if (near) diag_did_you_mean(diag, near->name, near->where);
        if (where->kind == NODE_CALL)
            EACH_NODE (argument, where->call.arguments) check_expr(c, argument->arg.value, NULL);
    }
    return found;
}

/* Checks that the other strategy serves every medium that this one does. */
static void check_media_of(struct checker *c, const struct node *where, const struct strategy *strategy,
                           struct media_set wanted)
{
    struct media_set media = {{0}};
    EACH_NODE (medium, strategy->node->strategy.media) {
        const char *word = node_dotted(c->arena, medium);
        if (word) media = media_set_or(media, media_bit(own_media_word(c->program, word)));
    }
    const struct node *name = where->kind == NODE_CALL ? where->call.callee : where;
    const char *missing = media_word(media_set_but(wanted, media));
    if (missing) report(c, SWITCH_MEDIUM, name->span, strategy->name, own_media_said(c->program, missing));
}

static struct media_set own_media(const struct checker *c)
{
    return c->body && c->body->strategy ? c->body->strategy->media : (struct media_set){{0}};
}

static void check_other(struct checker *c, struct node *where, struct step_use *use, struct media_set media)
{
    const struct strategy *found = strategy_named(c, where);
    if (!found) return;
    check_given(c, where, use, found);
    check_media_of(c, where, found, media);
}

void check_next(struct checker *c, struct node *where, struct step_use *use)
{
    check_other(c, where, use, own_media(c));
}

/* Returns the media on which the next strategy begins: a chat has become chat.ended by then. */
static struct media_set media_afterwards(struct media_set media)
{
    struct media_set chat = media_bit("chat"), others = media_set_but(media, chat);
    return media_set_equal(media, others) ? media : media_set_or(others, media_bit("chat.ended"));
}

void check_booked(struct checker *c, struct node *where, struct step_use *use)
{
    const struct strategy *found = strategy_named(c, where);
    if (!found) return;
    use->booked = ARENA_NEW(c->arena, struct step_use);
    check_given(c, where, use->booked, found);
    check_media_of(c, where, found, media_bit("callback"));
}

/* Checks `then`: the strategy that gets the customer after the routed call has ended, and its condition. */
void check_then(struct checker *c, struct node *clause, struct step_use *use)
{
    assert(clause->kind == NODE_CLAUSE);
    use->then = ARENA_NEW(c->arena, struct step_use);
    check_other(c, clause->clause.value, use->then, media_afterwards(own_media(c)));
    if (!use->then->to) use->then = NULL;
    if (!clause->clause.where) return;
    struct state yes, no;
    check_condition(c, clause->clause.where, &yes, &no);
    c->state = state_join(c, &yes, &no, clause->clause.where->span);
    if (use->then) use->then->arguments[0] = clause->clause.where;
}
