/* compiler/check/function.c - Functions and subroutines: their bodies, callees before callers, and no circles of
 * calls. */
#include "compiler/check/checker.h"

#include <assert.h>

enum { CALLS_DEEPEST = 48 };

struct symbol *check_declare_param(struct checker *c, struct body *body, struct node *param)
{
    assert(param->kind == NODE_PARAM);
    const struct type *type = check_type(c, param->param.type);
    if (param->param.value) check_as(c, param->param.value, type);
    struct symbol *local = ARENA_NEW(c->arena, struct symbol);
    *local = (struct symbol){.kind = SYMBOL_LOCAL,
                             .name = param->param.name.text,
                             .where = param->param.name.span,
                             .type = type,
                             .index = body->local_count++,
                             .node = param,
                             .body = body};
    local->from = UINT32_C(1) << body->param_count;
    body->params[body->param_count++] = local;
    return local;
}

void check_declare_function(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_FUNCTION);
    struct symbol *symbol = node->meaning;
    struct body *body =
        check_body_new(c, node->function.waits ? BODY_SUBROUTINE : BODY_FUNCTION, node->function.name.text, node);
    body->block = node->function.body;
    body->waits = node->function.waits;
    body->media = (struct media_set){{0}}; /* no medium of its own: it runs wherever its steps may run */
    body->result = node->function.result ? check_type(c, node->function.result) : checker_base(c, LANG_VOID);
    body->params = ARENA_ARRAY(c->arena, struct symbol *, node->function.params.count + 1);
    EACH_NODE (param, node->function.params) {
        if (body->param_count >= CALL_ARGUMENTS_MAX) {
            report(c, TOO_MANY_PARAMETERS, param->span, CALL_ARGUMENTS_MAX);
            break;
        }
        check_declare_param(c, body, param);
    }
    symbol->body = body;
}

struct call_search {
    struct checker *c;
    struct call_search *outer;   /* the search that came to this function; NULL: none */
    const struct symbol *symbol; /* the function whose callees are searched */
    const struct node *call;     /* the call that the search looks at now */
    struct symbol *root;         /* the symbol of the function from which the search began */
    uint32_t depth;              /* the number of calls from `root` to this function */
    uint32_t height;             /* the number of functions in the longest chain of calls that begins here */
};

void check_function_and_callees(struct checker *c, struct symbol *symbol, struct call_search *outer);

/* Reports a circle of calls: from the function that is called again up to this one. */
static void report_circle(struct call_search *search, const struct symbol *again)
{
    const struct call_search *circle[CALLS_DEEPEST + 1];
    uint32_t count = 0;
    for (const struct call_search *at = search; at && count <= CALLS_DEEPEST; at = at->outer) {
        circle[count++] = at;
        if (at->symbol == again) break;
    }
    struct diag *diag = report(search->c, RECURSION, search->call->span, again->name);
    diag_hint(diag, "write a loop");
    for (uint32_t at = count; at-- > 1;)
        diag_note(diag, circle[at]->call->span, "'%s' calls '%s'", circle[at]->symbol->name,
                  circle[at - 1]->symbol->name);
}

/* Visits every call in a body. The call that closes a circle is remembered in `search`, so that the message can show
 * the whole circle, call by call. */
static void order_callees(struct node *node, void *context)
{
    struct call_search *search = context;
    if (node->kind == NODE_CALL && node->call.callee->kind == NODE_NAME) {
        struct symbol *symbol = scope_find(search->c->scope, SPACE_PLAIN, node->call.callee->name.name.text);
        if (symbol && symbol->body) {
            search->call = node;
            if (symbol->body->in_progress)
                report_circle(search, symbol);
            else
                check_function_and_callees(search->c, symbol, search);
            if (symbol->body->height > search->height) search->height = symbol->body->height;
        }
    }
    node_children(node, order_callees, context);
}

static void check_function_body(struct checker *c, struct body *body)
{
    c->body = body;
    check_flow_begin(c, body);
    scope_enter(c->scope);
    for (uint32_t i = 0; i < body->param_count; i++) {
        struct symbol *param = body->params[i];
        check_hiding(c, scope_find(c->scope, SPACE_PLAIN, param->name), (struct word){param->name, param->where});
        scope_declare(c->scope, SPACE_PLAIN, param);
        state_set_local(&c->state, param);
    }
    check_block(c, body->block);
    scope_leave(c->scope);
    check_flow_end(c, body, body->node->function.name.span);
    /* If no returned value fits the declared type, the declaration is perhaps the mistake: the returns were reported,
     * and what callers do with the result is not reported as well. */
    if (body->returns_misfit && !body->returns_fit) body->result = checker_base(c, LANG_POISON);
    c->body = NULL;
}

/* Checks first the callees of a function, then the function itself: a callee has the lower number in the image. The
 * length of a chain is counted upwards, from functions that call nothing; but the search goes down no farther than a
 * chain may be long. */
void check_function_and_callees(struct checker *c, struct symbol *symbol, struct call_search *outer)
{
    struct body *body = symbol->body;
    struct symbol *root = outer ? outer->root : symbol;
    uint32_t depth = outer ? outer->depth + 1 : 0;
    if (body->done || body->in_progress) return;
    if (depth == CALLS_DEEPEST) {
        report(c, CALLS_TOO_DEEP, root->where, root->name, CALLS_DEEPEST);
        return;
    }
    struct call_search search = {.outer = outer, .symbol = symbol, .c = c, .root = root, .depth = depth};
    body->in_progress = true;
    order_callees(body->block, &search);
    body->in_progress = false;
    body->height = search.height + 1;
    if (body->height > CALLS_DEEPEST) {
        report(c, CALLS_TOO_DEEP, symbol->where, symbol->name, CALLS_DEEPEST);
        body->height = 0; /* reported once, not again for all its callers */
    }
    check_function_body(c, body);
    check_body_done(c, body);
}

static void call_check(struct node *node, void *context)
{
    struct checker *c = context;
    if (node->kind == NODE_CALL && node->call.callee->kind == NODE_NAME) {
        struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, node->call.callee->name.name.text);
        if (symbol && symbol->body) check_function_and_callees(c, symbol, NULL);
    }
    node_children(node, call_check, context);
}

void check_called(struct checker *c, struct node *block)
{
    call_check(block, c);
}
