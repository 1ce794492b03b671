/* compiler/check_secret.c - What is secret: which values tell of it, and that they go nowhere where others see them. */
#include "compiler/checker.h"

struct secret_search {
    const char *name; /* of the secret key that is read, or NULL */
    uint32_t from;    /* parameters */
    bool unsaid;      /* only what is not reported yet: in a text, or of what is passed to a function */
};

static void find_secret(struct node *node, void *context);

/* Its result tells of the arguments that it returns; and of a secret that it read itself. */
static void find_in_result(const struct call_use *call, struct secret_search *search)
{
    const struct body *callee = call->callee;
    if (callee && callee->summary.secret) search->name = callee->summary.secret;
    for (uint32_t i = 0; i < call->argument_count; i++) {
        if (!call->arguments[i]) continue;
        bool returned = !callee || !callee->done || (callee->summary.returned >> i & 1);
        bool said = callee && search->unsaid && ((callee->summary.tells | callee->summary.stores) >> i & 1);
        if (returned && !said) find_secret(call->arguments[i], search);
    }
}

/* Its clauses are no part of the value; what stands after else is, unless it goes elsewhere. */
static void find_in_step(struct node *node, struct secret_search *search)
{
    find_secret(node->step.head, search);
    if (node->step.otherwise) find_secret(node->step.otherwise->otherwise.action, search);
}

static void find_secret(struct node *node, void *context)
{
    struct secret_search *search = context;
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->secret) search->name = symbol->name;
    if (symbol && symbol->kind == SYMBOL_LOCAL) search->from |= symbol->from;
    if (node->type && type_bare(node->type)->kind == LANG_BOOL) return;
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    switch (node->kind) {
    case NODE_QUERY: /* an answer tells nothing */
    case NODE_SELECT:
    case NODE_WAIT:
    case NODE_RACE:
    case NODE_PARALLEL:
    case NODE_BLOCK: /* these, after an else, go elsewhere */
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_RETURN:
    case NODE_SWITCH:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
        return;
    case NODE_STEP:
        find_in_step(node, search);
        return;
    case NODE_TEMPLATE:
        if (search->unsaid) return;
        break;
    case NODE_CALL:
        if (call && call->kind == CALL_STEP) return;
        if (!call || call->kind != CALL_FUNCTION) break;
        find_in_result(call, search);
        return;
    default:
        break;
    }
    node_children(node, find_secret, context);
}

const char *secret_in(struct node *node)
{
    struct secret_search search = {NULL, 0, false};
    find_secret(node, &search);
    return search.name;
}

uint32_t parameters_in(struct node *node)
{
    struct secret_search search = {NULL, 0, false};
    find_secret(node, &search);
    return search.from;
}

void check_told(struct checker *c, struct node *node)
{
    const char *secret = secret_in(node);
    if (node->kind == NODE_TEMPLATE) return; /* each of its parts was looked at */
    if (secret)
        report(c, SECRET_SHOWN, node->span, secret);
    else
        summary_tells(c, parameters_in(node), 0);
}

void check_given_away(struct checker *c, struct node *node, const char *as)
{
    struct secret_search search = {NULL, 0, true};
    find_secret(node, &search);
    if (search.name)
        report(c, SECRET_GIVEN_AWAY, node->span, search.name, as);
    else
        summary_tells(c, 0, search.from);
}

/* What is passed on is told, or given away, where the function does so with its parameter. */
void check_passed(struct checker *c, const struct call_use *use, const char *function)
{
    const struct summary *summary = &use->callee->summary;
    for (uint32_t i = 0; i < use->argument_count; i++) {
        struct node *argument = use->arguments[i];
        if (!argument || !argument->type) continue;
        const char *secret = secret_in(argument);
        bool tells = summary->tells >> i & 1, stores = summary->stores >> i & 1;
        struct span where = use->callee->params[i]->where;
        if (secret && tells)
            diag_note(report(c, SECRET_PASSED, argument->span, secret, function), where, "this comes into a text");
        else if (secret && stores)
            diag_note(report(c, SECRET_GIVEN_AWAY, argument->span, secret,
                             arena_printf(c->arena, "passed to '%s', which gives it away", function)),
                      where, "this becomes what others see");
        uint32_t from = parameters_in(argument);
        summary_tells(c, tells ? from : 0, stores ? from : 0);
    }
}
