/* compiler/lsp/hover.c - Describes the word under the pointer: its type and its documentation.
 *
 * The smallest node under the pointer is taken, or the node around it where the smallest one has nothing to show: a
 * clause, an attribute, a measure, a declared name. The answer is a line of code and the documentation. */
#include <string.h>

#include "compiler/language/measures.h"
#include "compiler/lsp/rule_words.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/tell.h"
#include "vm/prefer.h"

struct hover_search {
    const struct analysis *analysis;
    struct arena *arena;
    uint32_t at;
    const struct node *step; /* the CALL or head of the step to which the word belongs */
    const struct step_row *row;
    const struct node *name;
    const char *clause; /* its word, */
    struct source_span clause_at;
    const struct node *order; /* the order for agents, or for a profile, in which the word is */
    bool scenic;              /* the word is in an arrival of a test, where `from` is no attribute */
};

static bool hover_span_holds(struct source_span span, uint32_t at)
{
    return span.begin <= at && at <= span.end;
}

/* Returns the row of a step with a syntax of its own, or NULL. */
static const struct step_row *worded_step(const struct node *node)
{
    switch (node->kind) {
    case NODE_SELECT:
        return step_row_named(node->select.connects ? "connect" : "select");
    case NODE_ROUTE:
    case NODE_DELAY:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_EXCLUDE:
    case NODE_RACE:
    case NODE_PARALLEL:
        return step_row_named(node_words(node->kind));
    case NODE_WAIT:
        return step_row_named("wait for");
    case NODE_SWITCH:
        return step_row_named("switch to");
    default:
        return NULL;
    }
}

static void note_clause(struct hover_search *search, uint32_t begin, const char *word)
{
    struct source_span at = {begin, begin + (uint32_t)strlen(word)};
    if (!hover_span_holds(at, search->at)) return;
    search->clause = word;
    search->clause_at = at;
}

/* Finds a word that stands before its value, such as `where`. Some such words have no node: only their value has
 * one. So the word is searched in the text before the value. */
static void note_before(struct hover_search *search, const struct node *value, const char *word)
{
    const struct source *source = search->analysis->source;
    uint32_t length = (uint32_t)strlen(word);
    if (!value || value->span.begin < source->base) return;
    uint32_t end = value->span.begin - source->base;
    while (end > 0 && strchr(" \t\r\n", source->text[end - 1])) end--;
    if (end >= length && memcmp(source->text + end - length, word, length) == 0)
        note_clause(search, source->base + end - length, word);
}

/* Finds a clause: some have nodes, others are found by the beginning of their value. */
static void visit_clauses(struct hover_search *search, const struct node *node)
{
    switch (node->kind) {
    case NODE_CLAUSE:
        note_clause(search, node->span.begin, ast_clause_word((enum clause)node->clause.which));
        break;
    case NODE_SITE_DEFAULT:
        if (node->site_default.name.text)
            note_clause(search, node->site_default.name.span.begin, node->site_default.name.text);
        break;
    case NODE_SITE_ENDPOINT:
        note_before(search, node->endpoint.timeout, ast_clause_word(CLAUSE_TIMEOUT));
        break;
    case NODE_LINE:
        if (node->line.after) note_clause(search, node->span.begin, "after");
        note_before(search, node->line.share, "share");
        note_before(search, node->line.where, "where");
        break;
    default:
        break;
    }
}

/* Inner nodes are visited later and overwrite the result, so that the innermost one is described. */
static void hover_visit(struct node *node, void *context)
{
    struct hover_search *search = context;
    visit_clauses(search, node);
    const char *dotted = NULL;
    if (node->kind == NODE_MEMBER && hover_span_holds(node->span, search->at))
        dotted = node_step_name(search->arena, node);
    if (node->kind == NODE_QUERY && node->span.begin <= search->at && search->at <= node->query.form.span.end &&
        !hover_span_holds(node->query.source.span, search->at))
        dotted = arena_printf(search->arena, "query %s", node->query.form.text);
    const struct step_row *worded = worded_step(node);
    if (worded &&
        hover_span_holds((struct source_span){node->span.begin, node->span.begin + (uint32_t)strlen(worded->name)},
                         search->at))
        dotted = worded->name;
    const struct step_row *row = dotted ? step_row_named(dotted) : NULL;
    if (row) {
        search->row = row;
        search->step = node;
    }
    if ((node->kind == NODE_SITE_ORDER || node->kind == NODE_TEST_PROFILE) && hover_span_holds(node->span, search->at))
        search->order = node;
    if (node->kind == NODE_TEST_HAPPENING)
        EACH_NODE (part, node->test_happening.parts)
            if (part->kind == NODE_NAME && hover_span_holds(part->span, search->at)) search->scenic = true;
    if ((node->kind == NODE_NAME || node->kind == NODE_MEMBER) && hover_span_holds(node->span, search->at))
        search->name = node;
    if (hover_span_holds(node->span, search->at) || node->kind == NODE_FILE) node_children(node, hover_visit, search);
}

/* After a test for none a name may have a narrower type here than at its declaration; that type is shown. */
static const char *told_use(const struct analysis *analysis, const struct naming *naming)
{
    const struct naming *declared = names_declaration(&analysis->names, naming->declared);
    struct arena *arena = analysis->arena;
    if (!declared) return NULL;
    const char *doc = tell_declared_doc(declared), *line = tell_declaration(analysis, declared);
    const struct type *here = naming->node->type, *there = tell_declared_type(declared);
    bool narrow = naming->node->kind == NODE_NAME && here && there && here != there && !type_is_poison(here);
    return arena_printf(arena, "```gcx\n%s\n```%s%s%s%s", line, narrow ? "\n\nHere it is `" : "",
                        narrow ? here->text : "", narrow ? "`." : "", doc ? arena_printf(arena, "\n\n%s", doc) : "");
}

static const char *told_attribute(const struct analysis *analysis, const struct node *node)
{
    uint32_t row;
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    const char *name = node->kind == NODE_NAME                    ? node->name.name.text
                       : member && member->kind == MEMBER_CONTACT ? node_step_name(analysis->arena, node)
                                                                  : NULL;
    if (!name || !tell_attribute_row(name, &row)) return NULL;
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->kind != SYMBOL_ATTRIBUTE) return NULL;
    const char *type = node->type ? arena_printf(analysis->arena, ": %s", node->type->text) : "";
    return arena_printf(analysis->arena, "```gcx\n%s%s\n```\n\nAn attribute: %s.", attribute_rows[row].name, type,
                        tell_attribute(row));
}

static const char *told_measure(const struct analysis *analysis, const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    bool measured = member ? member->kind == MEMBER_MEASURE : node->kind == NODE_NAME && !node->meaning && node->type;
    const char *name = node->kind == NODE_MEMBER ? node->member.name.text : node->name.name.text;
    const struct measure *measure = measured ? measure_named(name) : NULL;
    if (!measure) return NULL;
    return arena_printf(analysis->arena, "```gcx\n%s: %s\n```\n\nA measure%s: %s.", name, node->type->text,
                        measure->windowed ? "" : ", of this moment", measure->doc);
}

static const char *const hover_orders[PREFER_ORDERS][2] = {
#define PREFER(id, number, word, first, doc) [number] = {word, doc},
#include "vm/prefer_orders.def"
};

/* Describes the head of an order for agents, or what comes first in it. NULL: the pointer is not there. */
static const char *told_order(const struct hover_search *search, struct source_span *span)
{
    const struct node *order = search->order;
    bool of_site = order && order->kind == NODE_SITE_ORDER;
    if (!order) return NULL;
    if (of_site && order->order.by.text && hover_span_holds(order->order.by.span, search->at))
        for (unsigned i = 0; i < PREFER_ORDERS; i++)
            if (strcmp(hover_orders[i][0], order->order.by.text) == 0) {
                *span = order->order.by.span;
                return arena_printf(search->arena, "```gcx\norder for agents by %s\n```\n\n%s.", hover_orders[i][0],
                                    hover_orders[i][1]);
            }
    *span = (struct source_span){order->span.begin, (of_site ? order->order.who : order->test_profile.name).span.end};
    if (!hover_span_holds(*span, search->at)) return NULL;
    return of_site
               ? "```gcx\norder for agents { vq first; vq second after 60s; others never; }\n```\n\nFrom which virtual "
                 "queues an agent takes first who has no profile of the directory."
               : "```gcx\norder for profile { vq first; vq second after 60s; others never; }\n```\n\nA profile of the "
                 "directory, for agents with `profile`.";
}

/* Answers a hover with the first of these: a declared name, a clause, a step, a measure, an attribute, or only the
 * expression's type. */
void lsp_hover(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    uint32_t at = analysis_offset(analysis, json_object_get(params, "position"));
    (void)server;
    if (!at || !analysis->file) return;
    const struct naming *naming = names_at(&analysis->names, at);
    struct hover_search search = {.analysis = analysis, .arena = analysis->arena, .at = at};
    node_children(analysis->file, hover_visit, &search);
    size_t begin, end;
    const char *text = rule_words_tell(analysis, at - analysis->source->base, &begin, &end);
    struct source_span span = naming ? naming->at : (struct source_span){0, 0};
    if (text)
        span = (struct source_span){analysis->source->base + (uint32_t)begin, analysis->source->base + (uint32_t)end};
    else if (naming)
        text = told_use(analysis, naming);
    if (!text) text = told_order(&search, &span);
    if (!text && search.clause) {
        text = tell_clause(analysis->arena, search.clause);
        span = search.clause_at;
    }
    if (!text && search.row) {
        text = arena_printf(analysis->arena, "```gcx\n%s\n```\n\n%s", tell_step_signature(analysis->arena, search.row),
                            tell_step(analysis->arena, search.row));
        span = search.step->kind == NODE_MEMBER
                   ? search.step->span
                   : (struct source_span){search.step->span.begin,
                                          search.step->span.begin + (uint32_t)strcspn(search.row->name, " ")};
    }
    if (!text && search.name && !search.scenic) {
        text = told_measure(analysis, search.name);
        if (!text) text = told_attribute(analysis, search.name);
        span = search.name->span;
        if (!text && search.name->type && !type_is_poison(search.name->type))
            text = arena_printf(analysis->arena, "```gcx\n%s: %s\n```", analysis_text(analysis, span),
                                search.name->type->text);
    }
    if (text)
        answer->result = json_pack("{s{ss ss} so}", "contents", "kind", "markdown", "value", text, "range",
                                   analysis_range(analysis, span));
}
