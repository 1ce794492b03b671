/* compiler/lsp/signature.c - The arguments of the step or function whose parenthesis is open at the cursor.
 *
 *     ivr.digits(prompt x, max: 4, |         signature_open() goes back from the cursor: two commas of its own
 *
 * The text is searched backwards, and not the tree: a call that is being written does not parse. Closed brackets and
 * quoted texts are skipped; a semicolon or brace ends the search. */
#include <string.h>

#include "compiler/lsp/before.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/signature.h"
#include "compiler/lsp/tell.h"

static bool is_quote(const char *text, size_t at)
{
    return text[at] == '"' && (at == 0 || text[at - 1] != '\\');
}

/* Returns the quote in its line that opens the text around the place; the place itself where it is in no text. */
static size_t text_around(const char *text, size_t at)
{
    size_t line = at, open = at;
    while (line > 0 && text[line - 1] != '\n') line--;
    for (size_t i = line; i < at; i++)
        if (is_quote(text, i)) open = open == at ? i : at;
    return open;
}

/* Returns the quote that opens the text closed by the quote at `close`; `close` where there is none. */
static size_t text_closed(const char *text, size_t close)
{
    for (size_t at = close; at > 0 && text[at - 1] != '\n'; at--)
        if (is_quote(text, at - 1)) return at - 1;
    return close;
}

/* Returns the place after the open parenthesis, and in `commas` the number of its commas before the cursor; 0: none
 * is open. */
size_t signature_open(const char *text, size_t at, int *commas)
{
    int depth = 0;
    *commas = 0;
    for (at = text_around(text, at); at > 0; at--) {
        char c = text[at - 1];
        if (c == ';' || c == '{' || c == '}') return 0;
        if (is_quote(text, at - 1)) at = text_closed(text, at - 1) + 1;
        if (c == ')' || c == ']') depth++;
        if ((c == '(' || c == '[') && depth-- == 0) return c == '(' ? at : 0;
        if (c == ',' && depth == 0) ++*commas;
    }
    return 0;
}

struct signature {
    const char *label, *doc;
    json_t *parameters;
};

static void add_parameter(struct signature *signature, const char *text)
{
    json_array_append_new(signature->parameters, json_pack("{ss}", "label", text));
}

static void signature_tell_step(struct signature *signature, struct arena *arena, const struct step_row *row)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(row, params);
    signature->label = tell_step_signature(arena, row);
    signature->doc = tell_step(arena, row);
    for (uint32_t i = 0; i < count; i++) add_parameter(signature, tell_step_param(arena, params[i]));
}

/* Describes the first declaration of that name in the files that the document reads. */
static void tell_function(struct signature *signature, const struct analysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->names.count; i++) {
        const struct naming *naming = &analysis->names.all[i];
        const struct node *node = naming->node;
        bool native = node->kind == NODE_NATIVE;
        if (naming->use != NAME_DECLARED || (node->kind != NODE_FUNCTION && !native) || strcmp(naming->name, name) != 0)
            continue;
        signature->label = tell_declaration(analysis, naming);
        signature->doc = tell_declared_doc(naming);
        EACH_NODE (param, native ? node->native.params : node->function.params)
            add_parameter(signature, analysis_text(analysis, param->span));
        return;
    }
}

static json_t *signature_json(const struct signature *told, int commas)
{
    json_t *signature = json_pack("{ss sO}", "label", told->label, "parameters", told->parameters);
    size_t count = json_array_size(told->parameters);
    /* the last parameter may take all further arguments */
    if (count && (size_t)commas >= count) commas = (int)count - 1;
    if (told->doc)
        json_object_set_new(signature, "documentation", json_pack("{ss ss}", "kind", "markdown", "value", told->doc));
    return json_pack("{s[o] si si}", "signatures", signature, "activeSignature", 0, "activeParameter", commas);
}

void lsp_signature(struct server *server, const struct document *document, const json_t *params,
                   struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    uint32_t place = analysis_offset(analysis, json_object_get(params, "position"));
    int commas;
    (void)server;
    if (!place || !analysis->source) return;
    const char *text = analysis->source->text;
    size_t behind = signature_open(text, place - analysis->source->base, &commas);
    if (!behind) return;
    size_t end = behind - 1, begin = end;
    while (begin > 0 && (before_is_name_byte(text[begin - 1]) || text[begin - 1] == '.')) begin--;
    const char *name = arena_copy(analysis->arena, text + begin, end - begin);
    const struct step_row *row = step_row_named(name);
    struct signature told = {.parameters = json_array()};
    if (row)
        signature_tell_step(&told, analysis->arena, row);
    else
        tell_function(&told, analysis, name);
    if (told.label) answer->result = signature_json(&told, commas);
    json_decref(told.parameters);
}
