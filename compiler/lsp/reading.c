/* compiler/lsp/reading.c - What an editor shows of a document while it is read: the uses of the name at the cursor,
 * what can be folded, and the ranges by which a selection grows. Each is taken from the tree of the newest text. */
#include <ctype.h>
#include <string.h>

#include "compiler/lsp/server.h"

enum { HIGHLIGHT_READ = 2, HIGHLIGHT_WRITTEN = 3 }; /* the protocol's numbers */

void lsp_highlights(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    uint32_t at = analysis_offset(analysis, json_object_get(params, "position"));
    const struct naming *asked = at ? names_at(&analysis->names, at) : NULL;
    (void)server;
    answer->result = json_array();
    for (size_t i = 0; asked && i < analysis->names.count; i++) {
        const struct naming *naming = &analysis->names.all[i];
        bool same = asked->declared.begin ? naming->declared.begin == asked->declared.begin
                                          : !naming->declared.begin && strcmp(naming->name, asked->name) == 0;
        if (!same || source_set_at(analysis->program->sources, naming->at.begin) != analysis->source) continue;
        json_array_append_new(answer->result,
                              json_pack("{so si}", "range", analysis_range(analysis, naming->at), "kind",
                                        naming->use == NAME_READ ? HIGHLIGHT_READ : HIGHLIGHT_WRITTEN));
    }
}

struct folds {
    const struct analysis *analysis;
    json_t *list;
    json_int_t last_line; /* the line of the last fold, as a line has one fold at most */
};

static void visit_fold(struct node *node, void *context)
{
    struct folds *folds = context;
    const struct source *source = folds->analysis->source;
    if (node->span.begin < source->base || node->span.end > source->base + source->length) return; /* it has no place */
    json_int_t first = source_line_at(source, node->span.begin - source->base);
    json_int_t last = source_line_at(source, node->span.end - source->base);
    if (last > first + 1 && first != folds->last_line) {
        folds->last_line = first;
        json_array_append_new(folds->list, json_pack("{sI sI}", "startLine", first, "endLine", last - 1));
    }
    if (last > first) node_children(node, visit_fold, folds);
}

/* Folds what reaches over more than two lines, up to its last line, which has the closing brace. */
void lsp_folds(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    struct folds folds = {document->analysis, json_array(), -1};
    (void)server;
    (void)params;
    if (document->analysis->file) node_children(document->analysis->file, visit_fold, &folds);
    answer->result = folds.list;
}

struct grown {
    const struct analysis *analysis;
    uint32_t at;
    json_t *range; /* the innermost range so far, with its parents */
    struct source_span span;
};

static void grown_begin(struct grown *grown, struct source_span span)
{
    grown->range = json_pack("{so so*}", "range", analysis_range(grown->analysis, span), "parent", grown->range);
    grown->span = span;
}

static void visit_grown(struct node *node, void *context)
{
    struct grown *grown = context;
    if (grown->at < node->span.begin || grown->at > node->span.end) return;
    /* where two nodes meet at the cursor the first one counts: the ranges of an answer lie in each other */
    if (grown->range && (node->span.begin < grown->span.begin || node->span.end > grown->span.end)) return;
    bool same = node->span.begin == grown->span.begin && node->span.end == grown->span.end;
    if (!same && node->span.end > node->span.begin) grown_begin(grown, node->span);
    node_children(node, visit_grown, grown);
}

static bool grown_is_letter(char byte)
{
    return (byte & 0x80) || byte == '_' || isalnum((unsigned char)byte);
}

/* A selection begins with the word at the cursor. In the tree a word is often no node: `route`, a name that is
 * declared. */
static void grown_word(struct grown *grown)
{
    const struct source *source = grown->analysis->source;
    size_t begin = grown->at - source->base, end = begin;
    while (begin > 0 && grown_is_letter(source->text[begin - 1])) begin--;
    while (end < source->length && grown_is_letter(source->text[end])) end++;
    struct source_span span = {source->base + (uint32_t)begin, source->base + (uint32_t)end};
    bool within = !grown->range || (span.begin >= grown->span.begin && span.end <= grown->span.end);
    bool same = grown->range && span.begin == grown->span.begin && span.end == grown->span.end;
    if (begin < end && within && !same) grown_begin(grown, span);
}

void lsp_selections(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    const json_t *positions = json_object_get(params, "positions");
    (void)server;
    answer->result = json_array();
    for (size_t i = 0; i < json_array_size(positions); i++) {
        const json_t *position = json_array_get(positions, i);
        struct grown grown = {.analysis = analysis, .at = analysis_offset(analysis, position)};
        if (grown.at && analysis->file) node_children(analysis->file, visit_grown, &grown);
        if (grown.at && analysis->source) grown_word(&grown);
        if (!grown.range) grown.range = json_pack("{s{sO sO}}", "range", "start", position, "end", position);
        json_array_append_new(answer->result, grown.range ? grown.range : json_object());
    }
}
