/* compiler/lsp/symbols.c - The declarations and tests of a document. */
#include "compiler/lsp/symbols.h"
#include "compiler/lsp/server.h"

/* clang-format off */
enum { /* the protocol's numbers */
    SYMBOL_CLASS = 5, SYMBOL_FIELD = 8, SYMBOL_ENUM = 10, SYMBOL_FUNCTION_OF = 12, SYMBOL_VARIABLE = 13,
    SYMBOL_CONSTANT = 14, SYMBOL_OBJECT = 19, SYMBOL_KEY_OF = 20, SYMBOL_STRUCT = 23, SYMBOL_EVENT = 24,
};
/* clang-format on */

int symbols_kind(const struct node *node)
{
    static const uint8_t kinds[NODE_KINDS] = {
        [NODE_STRATEGY] = SYMBOL_CLASS,     [NODE_FUNCTION] = SYMBOL_FUNCTION_OF,
        [NODE_NATIVE] = SYMBOL_FUNCTION_OF, [NODE_SITE_ENDPOINT] = SYMBOL_FUNCTION_OF,
        [NODE_RECORD] = SYMBOL_STRUCT,      [NODE_SITE_TABLE] = SYMBOL_STRUCT,
        [NODE_ENUM] = SYMBOL_ENUM,          [NODE_FIELD] = SYMBOL_FIELD,
        [NODE_COLUMN] = SYMBOL_FIELD,       [NODE_CONST] = SYMBOL_CONSTANT,
        [NODE_HANDLER] = SYMBOL_EVENT,      [NODE_SITE_SIGNAL] = SYMBOL_EVENT,
        [NODE_LABELLED] = SYMBOL_KEY_OF,    [NODE_LABEL] = SYMBOL_KEY_OF,
        [NODE_SITE] = SYMBOL_OBJECT};
    return kinds[node->kind] ? kinds[node->kind] : SYMBOL_VARIABLE;
}

struct outline {
    const struct analysis *analysis;
    json_t *list;
    const struct node *holder;
};

static json_t *symbols_entry(const struct outline *outline, const struct node *node, const char *name,
                             struct source_span word, const char *detail)
{
    struct source_span whole = span_join(node->span, word);
    json_t *text = json_string(*name ? name : "(no name)");
    return json_pack("{so ss si so so}", "name", text ? text : json_string("(no name)"), "detail", detail, "kind",
                     symbols_kind(node), "range", analysis_range(outline->analysis, whole), "selectionRange",
                     analysis_range(outline->analysis, word));
}

static void outline_visit(struct node *node, void *context);

static void outline_within(struct outline *outline, struct node *node, json_t *entry)
{
    struct outline inner = {outline->analysis, json_array(), node};
    node_children(node, outline_visit, &inner);
    if (json_array_size(inner.list) > 0)
        json_object_set_new(entry, "children", inner.list);
    else
        json_decref(inner.list);
    json_array_append_new(outline->list, entry);
}

/* A node that declares nothing gets no entry: its children belong to the entry around it. */
static void outline_visit(struct node *node, void *context)
{
    struct outline *outline = context;
    struct word word = names_declared_by(node);
    if (node->kind == NODE_SITE) {
        outline_within(
            outline, node,
            symbols_entry(outline, node, "site", (struct source_span){node->span.begin, node->span.begin + 4}, ""));
    } else if (node->kind == NODE_TEST) {
        outline_within(outline, node, symbols_entry(outline, node, node->test.title.bytes, node->span, "test"));
    } else if (node->kind == NODE_HANDLER) {
        outline_within(outline, node,
                       symbols_entry(outline, node, node->handler.event.text ? node->handler.event.text : "on",
                                     node->handler.event.text ? node->handler.event.span : node->span, "on"));
    } else if (word.text && node->kind != NODE_PARAM && node->kind != NODE_OTHERWISE &&
               !(node->kind == NODE_LABEL && outline->holder && outline->holder->kind == NODE_FOR)) {
        const char *detail = node->kind == NODE_LABEL && outline->holder && outline->holder->kind == NODE_SITE_NAMES
                                 ? ast_kind_word(outline->holder->site_names.kind)
                                 : node_words(node->kind);
        outline_within(outline, node, symbols_entry(outline, node, word.text, word.span, detail));
    } else {
        const struct node *holder = outline->holder;
        outline->holder = node;
        node_children(node, outline_visit, outline);
        outline->holder = holder;
    }
}

void lsp_symbols(struct server *server, const struct document *document, const json_t *params,
                 struct lsp_answer *answer)
{
    struct outline outline = {.analysis = document->analysis, .list = json_array()};
    (void)server;
    (void)params;
    if (document->analysis->file) node_children(document->analysis->file, outline_visit, &outline);
    answer->result = outline.list;
}

void lsp_lenses(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    (void)server;
    (void)params;
    answer->result = json_array();
    if (!analysis->file) return;
    EACH_NODE (node, analysis->file->file.declarations) {
        if (node->kind != NODE_TEST) continue;
        json_t *title = json_stringn_nocheck(node->test.title.bytes, node->test.title.length);
        struct source_span word = {node->span.begin, node->span.begin + 4};
        json_array_append_new(answer->result, json_pack("{so s{ss ss s[so]}}", "range", analysis_range(analysis, word),
                                                        "command", "title", "play this test", "command", "gcxc.test",
                                                        "arguments", document->uri, title));
    }
}
