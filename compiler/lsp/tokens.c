/* compiler/lsp/tokens.c - What each name of a document is, for an editor that colours it: semantic tokens.
 *
 *     names of the document (names.h)  ----+
 *     steps in the tree: ivr.digits    ----+--> struct token_list, by place --> five numbers each, as the protocol has
 * it
 *
 * Words of the language, texts and numbers are not told: an editor colours them by their letters. Each answer has a
 * number; an editor that sends the number of the last answer gets only the changes since then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/language/steps.h"
#include "compiler/lsp/server.h"
#include "base/memory.h"

enum token_type {
    TOKEN_NONE,
#define TOKEN(ID, word) TOKEN_##ID,
#include "compiler/lsp/tokens.def"
};

enum { TOKEN_NUMBERS = 5 };

enum token_bit {
#define TOKEN_IS(ID, word) TOKEN_BIT_##ID,
#include "compiler/lsp/tokens.def"
};

struct token {
    struct source_span at;
    enum token_type type;
    unsigned bits;
};

struct token_list {
    const struct analysis *analysis;
    struct source_span wanted; /* the part of the document that was asked for */
    struct token *all;
    size_t count;
};

json_t *tokens_legend(void)
{
    static const char *const types[] = {
#define TOKEN(ID, word) word,
#include "compiler/lsp/tokens.def"
    };
    static const char *const modifiers[] = {
#define TOKEN_IS(ID, word) word,
#include "compiler/lsp/tokens.def"
    };
    json_t *legend = json_pack("{s[] s[]}", "tokenTypes", "tokenModifiers");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        json_array_append_new(json_object_get(legend, "tokenTypes"), json_string(types[i]));
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++)
        json_array_append_new(json_object_get(legend, "tokenModifiers"), json_string(modifiers[i]));
    return legend;
}

/* ---- what a name is ---- */

/* Returns the type of the names that a node of this kind declares. */
static enum token_type token_type_of(const struct node *node, const struct node *holder)
{
    static const uint8_t types[NODE_KINDS] = {[NODE_STRATEGY] = TOKEN_CLASS,  [NODE_FUNCTION] = TOKEN_FUNCTION,
                                              [NODE_NATIVE] = TOKEN_FUNCTION, [NODE_SITE_ENDPOINT] = TOKEN_METHOD,
                                              [NODE_RECORD] = TOKEN_STRUCT,   [NODE_SITE_TABLE] = TOKEN_STRUCT,
                                              [NODE_ENUM] = TOKEN_ENUM,       [NODE_SITE_VIRTUAL] = TOKEN_MEMBER,
                                              [NODE_FIELD] = TOKEN_PROPERTY,  [NODE_COLUMN] = TOKEN_PROPERTY,
                                              [NODE_PARAM] = TOKEN_PARAMETER, [NODE_SITE_SIGNAL] = TOKEN_EVENT,
                                              [NODE_LABELLED] = TOKEN_LABEL,  [NODE_SITE_SOURCE] = TOKEN_NAMESPACE};
    if (node->kind == NODE_LABEL)
        return holder && (holder->kind == NODE_ENUM || holder->kind == NODE_SITE_NAMES) ? TOKEN_MEMBER : TOKEN_VARIABLE;
    return types[node->kind] ? types[node->kind] : TOKEN_VARIABLE;
}

static bool token_is_readonly(const struct node *node)
{
    return node->kind == NODE_CONST || node->kind == NODE_SITE_PARAMETER || node->kind == NODE_LABEL;
}

static void tokens_add(struct token_list *list, struct source_span at, enum token_type type, unsigned bits)
{
    const char *text = list->analysis->source->text + (at.begin - list->analysis->source->base);
    if (at.begin >= at.end || at.end <= list->wanted.begin || at.begin >= list->wanted.end) return;
    if (memchr(text, '\n', at.end - at.begin)) return; /* a token stands on one line */
    list->all = memory_more(list->all, list->count, sizeof *list->all);
    list->all[list->count++] = (struct token){at, type, bits};
}

static void tokens_add_name(struct token_list *list, const struct naming *naming)
{
    const struct analysis *analysis = list->analysis;
    unsigned bits = naming->use == NAME_DECLARED  ? 1U << TOKEN_BIT_DECLARED
                    : naming->use == NAME_WRITTEN ? 1U << TOKEN_BIT_WRITTEN
                                                  : 0;
    const struct naming *declared = names_declaration(&analysis->names, naming->declared);
    if (declared) {
        const struct source *source = source_set_at(analysis->program->sources, declared->at.begin);
        if (source && source->built_in) bits |= 1U << TOKEN_BIT_LIBRARY;
        if (token_is_readonly(declared->node)) bits |= 1U << TOKEN_BIT_READONLY;
        tokens_add(list, naming->at, token_type_of(declared->node, declared->holder), bits);
    } else if (naming->symbol && naming->symbol->kind == SYMBOL_ATTRIBUTE) {
        tokens_add(list, naming->at, TOKEN_PROPERTY, bits | 1U << TOKEN_BIT_LIBRARY);
    }
}

static void visit_token(struct node *node, void *context)
{
    struct token_list *list = context;
    const char *name = node->kind == NODE_CALL ? node_step_name(list->analysis->arena, node->call.callee) : NULL;
    if (name && step_row_named(name)) tokens_add(list, node->call.callee->span, TOKEN_METHOD, 1U << TOKEN_BIT_LIBRARY);
    node_children(node, visit_token, list);
}

/* ---- the protocol's numbers ---- */

static int token_order(const void *a, const void *b)
{
    const struct token *left = a, *right = b;
    if (left->at.begin != right->at.begin) return left->at.begin < right->at.begin ? -1 : 1;
    return (left->at.end < right->at.end) - (left->at.end > right->at.end);
}

/* Each token's line and character count from the token before it. A token that meets another one is left out. */
static json_t *tokens_numbers(const struct token_list *list)
{
    const struct source *source = list->analysis->source;
    json_t *numbers = json_array();
    uint32_t line = 0, begin = 0, end = 0; /* of the token before */
    for (size_t i = 0; i < list->count; i++) {
        const struct token *token = &list->all[i];
        uint32_t at = token->at.begin - source->base, stop = token->at.end - source->base;
        if (at < end) continue;
        uint32_t there = source_line_at(source, at), from = there == line ? begin : source->lines[there];
        size_t character = place_count_units(source->text + from, at - from, list->analysis->units);
        json_array_append_new(numbers, json_integer(there - line));
        json_array_append_new(numbers, json_integer((json_int_t)character));
        json_array_append_new(
            numbers, json_integer((json_int_t)place_count_units(source->text + at, stop - at, list->analysis->units)));
        json_array_append_new(numbers, json_integer((json_int_t)token->type - 1));
        json_array_append_new(numbers, json_integer(token->bits));
        line = there;
        begin = at;
        end = stop;
    }
    return numbers;
}

static json_t *tokens_of(const struct analysis *analysis, struct source_span wanted)
{
    struct token_list list = {.analysis = analysis, .wanted = wanted};
    const struct source *source = analysis->source;
    if (!source || !analysis->file) return json_array();
    for (size_t i = names_from(&analysis->names, source->base);
         i < analysis->names.count && analysis->names.all[i].at.begin < source->base + source->length; i++)
        tokens_add_name(&list, &analysis->names.all[i]);
    node_children(analysis->file, visit_token, &list);
    if (list.count > 0) qsort(list.all, list.count, sizeof *list.all, token_order);
    json_t *numbers = tokens_numbers(&list);
    free(list.all);
    return numbers;
}

static json_t *tokens_whole(const struct analysis *analysis)
{
    return tokens_of(analysis, (struct source_span){0, UINT32_MAX});
}

/* Keeps the numbers for the next question about what has changed; returns the number of this answer. */
static json_t *tokens_keep(struct server *server, const struct document *document, json_t *numbers)
{
    struct document *kept = document_named(&server->documents, document->uri);
    char number[24];
    json_decref(kept->tokens);
    kept->tokens = json_incref(numbers);
    snprintf(number, sizeof number, "%u", ++kept->tokens_number);
    return json_string(number);
}

void lsp_tokens(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    json_t *numbers = tokens_whole(document->analysis), *id = tokens_keep(server, document, numbers);
    (void)params;
    answer->result = json_pack("{so so}", "resultId", id, "data", numbers);
}

void lsp_tokens_range(struct server *server, const struct document *document, const json_t *params,
                      struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    const json_t *range = json_object_get(params, "range");
    struct source_span wanted = {analysis_offset(analysis, json_object_get(range, "start")),
                                 analysis_offset(analysis, json_object_get(range, "end"))};
    (void)server;
    answer->result = json_pack("{so}", "data", tokens_of(analysis, wanted));
}

/* Returns the one edit that makes the new numbers of the old ones: what both begin and end with is left out. */
static json_t *tokens_edit(const json_t *old, const json_t *now)
{
    size_t before = json_array_size(old), after = json_array_size(now), same = 0, tail = 0;
    size_t least = before < after ? before : after;
    while (same < least && json_equal(json_array_get(old, same), json_array_get(now, same))) same++;
    while (tail < least - same &&
           json_equal(json_array_get(old, before - 1 - tail), json_array_get(now, after - 1 - tail)))
        tail++;
    json_t *edits = json_array(), *data = json_array();
    for (size_t i = same; i < after - tail; i++) json_array_append(data, json_array_get(now, i));
    if (same == before && same == after)
        json_decref(data);
    else
        json_array_append_new(edits, json_pack("{sI sI so}", "start", (json_int_t)same, "deleteCount",
                                               (json_int_t)(before - same - tail), "data", data));
    return edits;
}

/* Only a document's last answer is kept: for the number of an earlier one all tokens are sent. */
void lsp_tokens_delta(struct server *server, const struct document *document, const json_t *params,
                      struct lsp_answer *answer)
{
    const char *last = json_string_value(json_object_get(params, "previousResultId"));
    char number[24];
    snprintf(number, sizeof number, "%u", document->tokens_number);
    if (!last || !document->tokens || strcmp(last, number) != 0) {
        lsp_tokens(server, document, params, answer);
        return;
    }
    json_t *numbers = tokens_whole(document->analysis), *edits = tokens_edit(document->tokens, numbers);
    json_t *id = tokens_keep(server, document, numbers);
    json_decref(numbers);
    answer->result = json_pack("{so so}", "resultId", id, "edits", edits);
}
