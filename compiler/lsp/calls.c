/* compiler/lsp/calls.c - The call hierarchy: who calls a function, subroutine or strategy, and whom it calls.
 *
 *     a use of the name (names.h)   is a call of the declaration to which it leads, from the strategy, function or test
 *                                   in which the use stands
 *
 * `switch to` and a test's `call` are calls of a strategy. An item keeps the place of its declaration as `data`, since
 * the editor asks again with it: the site is then compiled as a whole, and the declaration found by its file and
 * place. */
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/server.h"
#include "compiler/lsp/symbols.h"

static bool calls_can_be_called(const struct node *node)
{
    return node->kind == NODE_FUNCTION || node->kind == NODE_NATIVE || node->kind == NODE_STRATEGY;
}

static struct source_span calls_word(const struct node *node)
{
    return node->kind == NODE_TEST ? (struct source_span){node->span.begin, node->span.begin + 4}
                                   : names_declared_by(node).span;
}

static json_t *calls_item(const struct analysis *analysis, const struct node *node)
{
    struct source_span word = calls_word(node);
    const char *name = node->kind == NODE_TEST ? node->test.title.bytes : names_declared_by(node).text;
    json_t *text = json_string(name && *name ? name : "(no name)");
    char *uri = analysis_uri(analysis, word);
    json_t *item =
        json_pack("{so si ss ss so so}", "name", text ? text : json_string("(no name)"), "kind", symbols_kind(node),
                  "detail", node->kind == NODE_FUNCTION && node->function.waits ? "subroutine" : node_words(node->kind),
                  "uri", uri ? uri : "", "range", analysis_range(analysis, span_join(node->span, word)),
                  "selectionRange", analysis_range(analysis, word));
    free(uri);
    return item;
}

/* Returns the declaration or test of a file in which the place is; NULL: it is in none. */
static const struct node *calls_around(const struct analysis *analysis, uint32_t at)
{
    EACH_NODE (file, analysis->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->span.begin <= at && at < node->span.end)
                return calls_can_be_called(node) || node->kind == NODE_TEST ? node : NULL;
    return NULL;
}

/* Answers with the function or strategy that is named at the cursor, or in which the cursor is. */
void lsp_calls(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    uint32_t at = analysis_offset(analysis, json_object_get(params, "position"));
    const struct naming *naming = at ? names_at(&analysis->names, at) : NULL;
    const struct naming *declared = naming ? names_declaration(&analysis->names, naming->declared) : NULL;
    const struct node *node = declared && calls_can_be_called(declared->node) ? declared->node
                              : at                                            ? calls_around(analysis, at)
                                                                              : NULL;
    (void)server;
    if (node) answer->result = json_pack("[o]", calls_item(analysis, node));
}

struct calls {
    const struct server *server;
    const json_t *item; /* whose calls are asked for */
    json_t *result;     /* the calls that were found */
    bool incoming, found;
};

/* Returns the declaration of the item in this program; NULL: it is in another one. */
static const struct node *calls_named(const struct analysis *analysis, const json_t *item)
{
    const char *uri = json_string_value(json_object_get(item, "uri"));
    char *path = uri ? document_path(analysis->documents, uri) : NULL;
    const struct source *source = path ? source_set_find(analysis->program->sources, path) : NULL;
    size_t at;
    free(path);
    const json_t *start = json_object_get(json_object_get(item, "selectionRange"), "start");
    if (!source || !place_offset(source->text, source->length, analysis->units, start, &at)) return NULL;
    return calls_around(analysis, source->base + (uint32_t)at);
}

/* Adds the place of a call to the entry of the function at the call's other end, and makes the entry if there is none.
 * Calls are found in the order of the text. So if a caller has an entry, it is the last one: the others, which may be
 * thousands, are not compared. */
static void calls_add_place(struct calls *calls, const struct analysis *analysis, const struct node *other,
                            struct source_span at)
{
    const char *side = calls->incoming ? "from" : "to";
    json_t *item = calls_item(analysis, other), *entry = NULL;
    size_t count = json_array_size(calls->result), first = calls->incoming && count > 0 ? count - 1 : 0;
    for (size_t i = first; !entry && i < count; i++)
        if (json_equal(json_object_get(json_array_get(calls->result, i), side), item))
            entry = json_array_get(calls->result, i);
    if (!entry) {
        entry = json_pack("{sO s[]}", side, item, "fromRanges");
        json_array_append_new(calls->result, entry);
    }
    json_array_append_new(json_object_get(entry, "fromRanges"), analysis_range(analysis, at));
    json_decref(item);
}

static void calls_in(void *self, const struct analysis *analysis)
{
    struct calls *calls = self;
    const struct node *node = calls->found ? NULL : calls_named(analysis, calls->item);
    if (!node) return;
    calls->found = true;
    for (size_t i = 0; i < analysis->names.count; i++) {
        const struct naming *naming = &analysis->names.all[i];
        const struct naming *declared = names_declaration(&analysis->names, naming->declared);
        if (naming->use == NAME_DECLARED || !declared || !calls_can_be_called(declared->node)) continue;
        const struct node *from = calls_around(analysis, naming->at.begin);
        if (calls->incoming && declared->node == node && from)
            calls_add_place(calls, analysis, from, naming->at);
        else if (!calls->incoming && from == node)
            calls_add_place(calls, analysis, declared->node, naming->at);
    }
}

static void calls_answer(struct server *server, const json_t *params, bool incoming, struct lsp_answer *answer)
{
    struct calls calls = {
        .server = server, .item = json_object_get(params, "item"), .result = json_array(), .incoming = incoming};
    server_each_program(server, calls_in, &calls);
    answer->result = calls.result;
}

void lsp_calls_incoming(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    calls_answer(server, params, true, answer);
}

void lsp_calls_outgoing(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    calls_answer(server, params, false, answer);
}
