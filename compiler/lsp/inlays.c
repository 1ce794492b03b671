/* compiler/lsp/inlays.c - What an editor shows between the words: the types of names that have no written one, and in a
 * block that runs during a wait the time since the wait began.
 *
 *     let who{: target} = select ... busy { ivr.music(prompt hold, 30s); {30s} ivr.say("..."); {again from 30s} }
 *
 * The time is that of the block's first round, as the block is repeated. After a step without a written length the time
 * is shown as a least one, with `from`. */
#include <string.h>

#include "compiler/lint/lint.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/tell.h"

enum { INLAY_TYPE = 1 }; /* the protocol's number */

struct inlays {
    const struct analysis *analysis;
    struct source_span wanted;
    json_t *list;
};

static void inlays_add(struct inlays *inlays, uint32_t at, const char *label, int kind, const char *tip)
{
    if (at < inlays->wanted.begin || at > inlays->wanted.end) return;
    json_t *range = analysis_range(inlays->analysis, (struct source_span){at, at});
    json_t *hint = json_pack("{sO ss}", "position", json_object_get(range, "start"), "label", label);
    if (kind)
        json_object_set_new(hint, "kind", json_integer(kind));
    else
        json_object_set_new(hint, "paddingRight", json_true());
    if (tip) json_object_set_new(hint, "tooltip", json_string(tip));
    json_array_append_new(inlays->list, hint);
    json_decref(range);
}

/* ---- types ---- */

/* Returns the type of a name of `for`, which its first use in the loop has. */
static const struct type *inlay_type_used(const struct checked_names *names, size_t declared, const struct node *loop)
{
    for (size_t i = declared + 1; i < names->count && names->all[i].at.begin < loop->span.end; i++)
        if (names->all[i].declared.begin == names->all[declared].at.begin && names->all[i].symbol)
            return names->all[i].symbol->type;
    return NULL;
}

static void inlays_add_types(struct inlays *inlays)
{
    const struct checked_names *names = &inlays->analysis->names;
    const struct source *source = inlays->analysis->source;
    for (size_t i = names_from(names, source->base);
         i < names->count && names->all[i].at.begin < source->base + source->length; i++) {
        const struct naming *naming = &names->all[i];
        const struct node *node = naming->node, *holder = naming->holder;
        if (naming->use != NAME_DECLARED) continue;
        bool plain = node->kind == NODE_LET && !node->let.type;
        bool looped = node->kind == NODE_LABEL && holder && holder->kind == NODE_FOR;
        const struct type *type = plain    ? tell_declared_type(naming)
                                  : looped ? inlay_type_used(names, i, holder)
                                           : NULL;
        if (type && !type_is_poison(type))
            inlays_add(inlays, naming->at.end, arena_printf(inlays->analysis->arena, ": %s", type->text), INLAY_TYPE,
                       NULL);
    }
}

/* ---- times ---- */

/* Adds the time that a statement takes; false: it takes longer, and the source does not say how long. */
static bool inlay_takes(const struct node *statement, int64_t *us)
{
    int64_t lasts = 0;
    const struct node *value = node_right_side(statement), *head = value ? lint_head(value) : NULL;
    bool sets = statement->kind == NODE_LET || statement->kind == NODE_ATTACH || statement->kind == NODE_ASSIGN ||
                statement->kind == NODE_COUNT;
    const struct step_use *step = value ? lint_step(value) : NULL;
    const struct call_use *call = head && head->kind == NODE_CALL ? head->meaning : NULL;
    bool known = head && head->kind == NODE_DELAY ? lint_duration(head->delay.value, &lasts)
                 : step && step->row              ? lint_duration(lint_argument(step, "duration"), &lasts)
                 : call                           ? !call->callee || !call->callee->waits
                                                  : sets;
    if (lasts > 0) *us += lasts;
    return known;
}

static void inlays_add_times(struct inlays *inlays, const struct node *busy)
{
    static const char tip[] = "since the wait began, in the first round of this block";
    struct arena *arena = inlays->analysis->arena;
    int64_t us = 0;
    bool known = true;
    if (!busy || busy->kind != NODE_BLOCK) return;
    EACH_NODE (statement, busy->block.statements) {
        const char *time = lint_duration_text(arena, us);
        if (us > 0)
            inlays_add(inlays, statement->span.begin, known ? time : arena_printf(arena, "from %s", time), 0, tip);
        known = inlay_takes(statement, &us) && known;
    }
    if (us > 0 && busy->span.end > busy->span.begin)
        inlays_add(inlays, busy->span.end - 1,
                   arena_printf(arena, "again %s %s", known ? "at" : "from", lint_duration_text(arena, us)), 0, tip);
}

static void visit_inlay(struct node *node, void *context)
{
    struct inlays *inlays = context;
    if (node->kind == NODE_CLAUSE && node->clause.which == CLAUSE_BUSY) inlays_add_times(inlays, node->clause.value);
    if (node->kind == NODE_SITE_DEFAULT) inlays_add_times(inlays, node->site_default.value);
    node_children(node, visit_inlay, inlays);
}

void lsp_inlays(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    const json_t *range = json_object_get(params, "range");
    struct inlays inlays = {.analysis = analysis, .list = json_array()};
    inlays.wanted = (struct source_span){analysis_offset(analysis, json_object_get(range, "start")),
                                         analysis_offset(analysis, json_object_get(range, "end"))};
    (void)server;
    answer->result = inlays.list;
    if (!inlays.wanted.begin || !analysis->file) return;
    inlays_add_types(&inlays);
    node_children(analysis->file, visit_inlay, &inlays);
}
