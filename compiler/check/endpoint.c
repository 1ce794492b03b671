/* compiler/check/endpoint.c - Endpoints: their declarations in the site, and their calls in a strategy.
 *
 *     endpoint crm(id: str, note: str): value = post "https://crm/{id}" timeout 5s;
 *
 *     the image has    https://crm/{1}     the URL, with numbers for names
 *                      id                  then a line per parameter, by which the body names those
 *                      note                that stand in no place of the URL
 *
 * An endpoint has a method, a URL with placeholders for its parameters, and the type of its answer. An argument
 * without a placeholder in the URL is sent as a member of a JSON object, which only put and post have. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "base/near.h"
#include "vm/request.h"

enum { CARRIED_DEPTH = 8 }; /* the deepest nesting that the core reads in an answer */

static const enum step_id endpoint_methods[] = {STEP_ID_http_get, STEP_ID_http_put, STEP_ID_http_post,
                                                STEP_ID_http_delete};

static const struct step_row *endpoint_step(const char *method)
{
    for (size_t i = 0; i < sizeof endpoint_methods / sizeof *endpoint_methods; i++)
        if (!strcmp(step_row(endpoint_methods[i])->name + strlen("http "), method))
            return step_row(endpoint_methods[i]);
    return NULL;
}

/* Returns the first type within the type that JSON cannot hold, or NULL. The depth is bounded as in the core's
 * reader: a type that passes here can be read from any answer of that form. */
static const struct type *not_of_json(const struct type *type, unsigned depth)
{
    const struct type *bare = type_bare(type);
    switch (bare->kind) {
    case LANG_POISON:
    case LANG_INT:
    case LANG_FLOAT:
    case LANG_BOOL:
    case LANG_STR:
    case LANG_DN:
    case LANG_DURATION:
    case LANG_TIME:
    case LANG_VALUE:
        return NULL;
    case LANG_ENUM:
        return bare->enumeration->own ? NULL : bare;
    case LANG_LIST:
    case LANG_MAP:
        return depth < CARRIED_DEPTH ? not_of_json(bare->of, depth + 1) : bare;
    case LANG_RECORD:
        if (depth >= CARRIED_DEPTH) return bare;
        for (uint32_t i = 0; i < bare->record->count; i++) {
            const struct type *field = not_of_json(bare->record->fields[i].type, depth + 1);
            if (field) return field;
        }
        return NULL;
    default:
        return type_is_site_name(bare) && bare->kind != LANG_SOURCE ? NULL : bare;
    }
}

/* Can a value of the type be put into a URL? The type must be a single value and never none. */
static bool stands_in_url(const struct type *type)
{
    return type_is_poison(type) || (!type_is_option(type) && !not_of_json(type, 0) && type->kind != LANG_VALUE &&
                                    type->kind != LANG_LIST && type->kind != LANG_MAP && type->kind != LANG_RECORD);
}

static void declare_params(struct checker *c, struct node *node, struct endpoint *endpoint)
{
    assert(node->kind == NODE_SITE_ENDPOINT);
    endpoint->params = ARENA_ARRAY(c->arena, struct symbol *, node->endpoint.params.count + 1);
    EACH_NODE (param, node->endpoint.params) {
        struct word name = param->param.name;
        if (endpoint->param_count >= REQUEST_ARGS_MAX) {
            report(c, TOO_MANY_PARAMETERS, param->span, REQUEST_ARGS_MAX);
            break;
        }
        for (uint32_t i = 0; i < endpoint->param_count; i++)
            if (!strcmp(endpoint->params[i]->name, name.text)) report(c, NAME_TAKEN, name.span, name.text);
        const struct type *type = check_type(c, param->param.type), *odd = not_of_json(type, 0);
        if (odd) report(c, ENDPOINT_TYPE, param->param.type->span, odd->text);
        if (param->param.value) check_as(c, param->param.value, type);
        struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
        *symbol = (struct symbol){.kind = SYMBOL_LOCAL,
                                  .name = name.text,
                                  .where = name.span,
                                  .type = odd ? checker_base(c, LANG_POISON) : type,
                                  .node = param};
        endpoint->params[endpoint->param_count++] = symbol;
    }
}

/* Returns the number of the parameter that the placeholder names, from 1 on; 0: no parameter has that name, which is
 * reported. */
static uint32_t endpoint_placeholder(struct checker *c, struct node *part, const struct endpoint *endpoint)
{
    const char *name = part->kind == NODE_NAME ? part->name.name.text : NULL;
    for (uint32_t i = 0; name && i < endpoint->param_count; i++) {
        const struct symbol *param = endpoint->params[i];
        if (strcmp(param->name, name)) continue;
        part->meaning = (struct symbol *)param;
        set_node_type(part, param->type);
        if (!stands_in_url(param->type)) report(c, ENDPOINT_URL_TYPE, part->span, param->type->text);
        return i + 1;
    }
    struct diag *diag = report(c, ENDPOINT_PLACEHOLDER, part->span);
    for (uint32_t i = 0; name && i < endpoint->param_count; i++)
        if (near_distance(name, endpoint->params[i]->name) != UINT32_MAX)
            diag_did_you_mean(diag, endpoint->params[i]->name, endpoint->params[i]->where);
    return 0;
}

/* In the image braces mark placeholders, so this returns the URL's text without braces. Braces that the author wrote
 * as text are not allowed in a URL: each becomes a space, which is refused in a URL as well. */
static const char *without_braces(struct checker *c, const char *text)
{
    if (!strpbrk(text, "{}")) return text;
    char *copy = ARENA_ARRAY(c->arena, char, strlen(text) + 1);
    memcpy(copy, text, strlen(text) + 1);
    for (char *at = copy; (at = strpbrk(at, "{}"));) *at = ' ';
    return copy;
}

/* Returns the URL as the image has it, with the numbers of the parameters in place of their names. */
static const char *url_text(struct checker *c, struct node *url, const struct endpoint *endpoint, bool *good)
{
    if (url->kind == NODE_STRING) return without_braces(c, url->string.text.bytes);
    const char *text = "";
    bool is_value = false;
    EACH_NODE (part, url->templ.parts) {
        if (!is_value)
            text = arena_printf(c->arena, "%s%s", text, without_braces(c, part->string.text.bytes));
        else {
            uint32_t number = endpoint_placeholder(c, part, endpoint);
            if (number == 0) *good = false;
            text = arena_printf(c->arena, "%s{%u}", text, number);
        }
        is_value = !is_value;
    }
    return text;
}

/* The URL is judged by the same function as when an image is loaded (vm/request.c), so that nothing is refused
 * later. */
static void check_url(struct checker *c, struct node *node, struct endpoint *endpoint)
{
    assert(node->kind == NODE_SITE_ENDPOINT);
    bool good = true, body = endpoint->row->id == STEP_ID_http_put || endpoint->row->id == STEP_ID_http_post;
    const char *text = url_text(c, node->endpoint.url, endpoint, &good);
    struct http_request request = {.url = {text, (uint32_t)strlen(text)}};
    const char *wrong = good ? request_url(&request, endpoint->param_count) : NULL;
    if (wrong) report(c, ENDPOINT_URL, node->endpoint.url->span, wrong);
    if (wrong || !good) return;
    for (uint32_t i = 0; i < endpoint->param_count; i++) {
        const struct symbol *param = endpoint->params[i];
        text = arena_printf(c->arena, "%s\n%s", text, param->name);
        if (!body && !(request.in_url >> i & 1))
            diag_hint(report(c, ENDPOINT_UNUSED, param->where, param->name, node->endpoint.method.text),
                      "write {%s} where it stands in the URL", param->name);
    }
    endpoint->text = text;
}

void check_declare_endpoint(struct checker *c, struct symbol *symbol)
{
    struct node *node = symbol->node;
    struct endpoint *endpoint = ARENA_NEW(c->arena, struct endpoint);
    symbol->endpoint = endpoint;
    symbol->type = checker_base(c, LANG_VOID);
    *endpoint = (struct endpoint){.name = symbol->name, .text = "", .result = checker_base(c, LANG_VOID)};
    endpoint->row = endpoint_step(node->endpoint.method.text);
    if (!endpoint->row) {
        report(c, ENDPOINT_METHOD, node->endpoint.method.span, node->endpoint.method.text);
        endpoint->row = step_row(STEP_ID_http_post); /* the method is unknown: it counts as post, which allows most */
    }
    declare_params(c, node, endpoint);
    check_url(c, node, endpoint);
    if (node->endpoint.result) {
        const struct type *type = check_type(c, node->endpoint.result), *odd = not_of_json(type, 0);
        if (odd) report(c, ENDPOINT_TYPE, node->endpoint.result->span, odd->text);
        endpoint->result = odd ? checker_base(c, LANG_POISON) : type;
    }
    if (!node->endpoint.timeout) return;
    check_as(c, node->endpoint.timeout, checker_base(c, LANG_DURATION));
    endpoint->timeout = node->endpoint.timeout;
}

bool endpoint_is_call(const struct checker *c, const struct node *head)
{
    const struct node *callee = head->kind == NODE_CALL ? head->call.callee : head;
    return callee->kind == NODE_MEMBER && !callee->member.optional && callee->member.object->kind == NODE_NAME &&
           !strcmp(callee->member.object->name.name.text, "http") && !scope_find(c->scope, SPACE_PLAIN, "http");
}

const struct step_row *endpoint_row(const struct checker *c, const struct node *head)
{
    assert(head->kind == NODE_CALL);
    const struct symbol *symbol = scope_find(c->scope, SPACE_ENDPOINT, head->call.callee->member.name.text);
    return symbol && symbol->endpoint ? symbol->endpoint->row : step_row(STEP_ID_http_get);
}

/* After an unknown endpoint name the arguments are checked all the same: all mistakes are reported at once. */
const struct type *check_endpoint_call(struct checker *c, struct node *call, struct step_use *use,
                                       struct call_use *meaning)
{
    assert(call->kind == NODE_CALL);
    struct word name = call->call.callee->member.name;
    struct symbol *symbol = scope_find(c->scope, SPACE_ENDPOINT, name.text);
    if (!symbol) {
        const struct symbol *near = nearest_symbol(c, SPACE_ENDPOINT, name.text);
        struct diag *diag = report(c, UNKNOWN_ENDPOINT, name.span, name.text);
        if (near) diag_did_you_mean(diag, near->name, near->where);
        EACH_NODE (argument, call->call.arguments) check_expr(c, argument->arg.value, NULL);
        return checker_base(c, LANG_POISON);
    }
    const struct endpoint *endpoint = symbol->endpoint;
    symbol->used = true;
    use->endpoint = endpoint;
    check_arguments(c, call, meaning, arena_printf(c->arena, "http.%s", name.text), endpoint->params,
                    endpoint->param_count);
    for (uint32_t i = 0; i < endpoint->param_count; i++)
        if (meaning->arguments[i]) check_bound(c, meaning->arguments[i], use);
    return endpoint->result;
}
