/* compiler/lsp/site_symbols.c - The declarations of all files of the open sites, by a part of their names. */
#include <string.h>
#include <strings.h>

#include "compiler/lsp/server.h"
#include "compiler/lsp/symbols.h"

enum { SITE_SYMBOLS_MAX = 1000 };

struct site_symbols {
    const struct analysis *analysis;
    const char *query;
    json_t *list;
    const char *holder; /* the strategy, record or test around the name, or "" */
};

/* Do the letters of the query stand in the name in that order, whatever else stands between them? */
static bool site_symbol_fits(const char *name, const char *query)
{
    for (; *query && *name; name++)
        if (strncasecmp(name, query, 1) == 0) query++;
    return !*query;
}

static void visit_site_symbol(struct node *node, void *context)
{
    struct site_symbols *symbols = context;
    struct word word = names_declared_by(node);
    const char *name = node->kind == NODE_TEST ? node->test.title.bytes : word.text;
    if (node->kind == NODE_PARAM || node->kind == NODE_LET || node->kind == NODE_OTHERWISE ||
        node->kind == NODE_HANDLER || node->kind == NODE_FOR)
        name = NULL; /* a name within a body, which only its document's outline shows */
    if (name && site_symbol_fits(name, symbols->query) && json_array_size(symbols->list) < SITE_SYMBOLS_MAX) {
        struct source_span at = node->kind == NODE_TEST ? node->span : word.span;
        json_t *place = analysis_location(symbols->analysis, at), *text = json_string(name);
        if (place && text)
            json_array_append_new(symbols->list, json_pack("{sO si sO ss}", "name", text, "kind", symbols_kind(node),
                                                           "location", place, "containerName", symbols->holder));
        json_decref(place);
        json_decref(text);
    }
    const char *holder = symbols->holder;
    if (name) symbols->holder = name;
    bool body = node->kind == NODE_BLOCK || node->kind == NODE_TEST || node->kind == NODE_FUNCTION;
    if (!body) node_children(node, visit_site_symbol, symbols);
    symbols->holder = holder;
}

static void site_symbols_of(void *self, const struct analysis *analysis)
{
    struct site_symbols *symbols = self;
    symbols->analysis = analysis;
    EACH_NODE (file, analysis->program->files) {
        const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
        if (source && !source->built_in) node_children(file, visit_site_symbol, symbols);
    }
}

void lsp_site_symbols(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    const char *query = json_string_value(json_object_get(params, "query"));
    struct site_symbols symbols = {.query = query ? query : "", .list = json_array(), .holder = ""};
    server_each_program(server, site_symbols_of, &symbols);
    answer->result = symbols.list;
}
