/* compiler/lsp/complete_lists.c - Offers: single words, declarations, steps. The lowest of completion's files. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lsp/complete.h"
#include "compiler/lsp/tell.h"

/* The first offer of a label is kept: declarations near the cursor are offered before those farther away. */
void complete_offer(struct typing *typing, const char *label, int kind, const char *detail, const char *doc)
{
    if (json_object_get(typing->labels, label)) return;
    json_object_set_new(typing->labels, label, json_true());
    json_t *item = json_pack("{ss si}", "label", label, "kind", kind);
    if (!item) return;
    if (detail && *detail) json_object_set_new(item, "detail", json_string(detail));
    if (doc && *doc) json_object_set_new(item, "documentation", json_pack("{ss ss}", "kind", "markdown", "value", doc));
    json_array_append_new(typing->items, item);
}

static int complete_item_kind(const struct node *node)
{
    static const uint8_t kinds[NODE_KINDS] = {
        [NODE_FUNCTION] = ITEM_FUNCTION, [NODE_NATIVE] = ITEM_FUNCTION, [NODE_SITE_ENDPOINT] = ITEM_FUNCTION,
        [NODE_CONST] = ITEM_CONSTANT,    [NODE_STRATEGY] = ITEM_CLASS,  [NODE_RECORD] = ITEM_STRUCT,
        [NODE_ENUM] = ITEM_STRUCT,       [NODE_FIELD] = ITEM_PROPERTY,  [NODE_LABELLED] = ITEM_REFERENCE,
        [NODE_LABEL] = ITEM_REFERENCE};
    return kinds[node->kind] ? kinds[node->kind] : ITEM_VARIABLE;
}

void complete_declared(struct typing *typing, const struct node *node, const struct node *holder)
{
    assert(node);
    struct word word = names_declared_by(node);
    if (!word.text) return;
    struct naming naming = {.at = word.span, .declared = word.span, .name = word.text, .node = node, .holder = holder};
    const struct naming *declared = names_declaration(&typing->analysis->names, word.span);
    if (!declared) declared = &naming;
    complete_offer(typing, word.text, complete_item_kind(node), tell_declaration(typing->analysis, declared),
                   tell_declared_doc(declared));
}

void complete_each(struct typing *typing, void (*visit)(struct typing *, const struct node *))
{
    EACH_NODE (file, typing->analysis->program->files)
        EACH_NODE (node, file->file.declarations) visit(typing, node);
}

/* Offers the endpoints; `whole`: each with `http.` before it. */
static void offer_endpoints(struct typing *typing, bool whole)
{
    const struct node *site = typing->analysis->program->site;
    for (struct node *item = site ? site->site.items.first : NULL; item; item = item->next) {
        if (item->kind != NODE_SITE_ENDPOINT) continue;
        struct word word = names_declared_by(item);
        const struct naming *declared = names_declaration(&typing->analysis->names, word.span);
        struct naming naming = {
            .at = word.span, .declared = word.span, .name = word.text, .node = item, .holder = site};
        if (!declared) declared = &naming;
        complete_offer(typing, whole ? arena_printf(typing->arena, "http.%s", word.text) : word.text, ITEM_METHOD,
                       tell_declaration(typing->analysis, declared), tell_declared_doc(declared));
    }
}

/* Offers the steps of one family, that with `before` in front of the dot; all steps with their whole names where
 * `before` is NULL. */
void complete_steps(struct typing *typing, const char *before)
{
    size_t length = before ? strlen(before) : 0;
    for (unsigned i = 0; i < STEP_IDS; i++) {
        const struct step_row *row = step_row(i);
        const char *dot = strchr(row->name, '.');
        if (!dot || (before && (strncmp(row->name, before, length) != 0 || row->name[length] != '.'))) continue;
        complete_offer(typing, before ? dot + 1 : row->name, ITEM_METHOD, tell_step_signature(typing->arena, row),
                       tell_step(typing->arena, row));
    }
    if (!before || strcmp(before, "http") == 0) offer_endpoints(typing, !before);
}

bool complete_kind_named(const char *word, enum name_kind *kind)
{
    for (int i = 0; i < NAME_KINDS; i++) {
        *kind = (enum name_kind)i;
        if (complete_word_is(word, ast_kind_word(*kind))) return true;
    }
    return false;
}

/* Returns where the item begins in which the text ends: behind the last `;` or brace. */
size_t complete_item_begin(const char *text, size_t at)
{
    while (at > 0 && !strchr(";{}", text[at - 1])) at--;
    return at;
}

const char *complete_item(const struct typing *typing)
{
    const char *text = typing->analysis->source->text;
    size_t cursor = typing->at - typing->analysis->source->base, at = complete_item_begin(text, cursor);
    while (at < cursor && (isspace((unsigned char)text[at]) || text[at] == '/'))
        if (text[at] == '/')
            while (at < cursor && text[at] != '\n') at++;
        else
            at++;
    return text + at;
}

bool complete_item_is(const char *item, const char *word)
{
    size_t length = strlen(word);
    return strncmp(item, word, length) == 0 && !before_is_name_byte(item[length]);
}
