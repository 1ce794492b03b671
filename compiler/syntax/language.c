/* compiler/syntax/language.c - Finds the language of a file and the deprecated forms in it, by the tree alone: `fmt
 * --to` rewrites a file that nobody has checked.
 *
 * A new row of deprecated.def has its case in find_deprecated(). */
#include "compiler/syntax/language.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

int language_of(const struct node *file)
{
    assert(file->kind == NODE_FILE);
    EACH_NODE (node, file->file.declarations)
        if (node->kind == NODE_LANGUAGE && node->language.number >= LANGUAGE_FIRST &&
            node->language.number <= LANGUAGE_NEWEST)
            return (int)node->language.number;
    return LANGUAGE_FIRST;
}

struct deprecated_search {
    struct arena *arena;
    const struct source *source;
    void (*visit)(const struct deprecated_form *, void *context);
    void *context;
};

static char *text_of_span(const struct deprecated_search *search, struct source_span span)
{
    return arena_copy(search->arena, search->source->text + (span.begin - search->source->base), span.end - span.begin);
}

/* Sets `from` to the beginning of the text that may be removed with the `within` after the value, and returns the
 * offset of the word `within`. Before it stand brackets that close the value, which do not belong to the value's span,
 * and perhaps remarks; both stay. */
static uint32_t find_within(const struct source *source, uint32_t at, uint32_t *from)
{
    const char *text = source->text + (at - source->base), *begin = text;
    *from = at;
    for (; *text == ')' || *text == '/' || isspace((unsigned char)*text); text++) {
        if (*text == '/') text += strcspn(text, "\n");
        if (*text == ')') *from = at + (uint32_t)(text - begin) + 1;
        if (*text == '\n' && memchr(begin, '/', (size_t)(text - begin))) *from = at + (uint32_t)(text - begin) + 1;
    }
    return at + (uint32_t)(text - begin);
}

/* parameter share: percent = 10% within 0%..50%; becomes parameter share: percent(0%..50%) = 10%; */
static void find_bounds_behind(const struct deprecated_search *search, const struct node *item)
{
    const struct node *within = item->parameter.within, *value = item->parameter.value;
    if (!within || within->kind != NODE_RANGE || within->span.begin < value->span.begin) return;
    uint32_t behind_type = item->parameter.type->span.end, from;
    uint32_t range = find_within(search->source, value->span.end, &from) + (uint32_t)strlen("within");
    struct deprecated_form form = {.which = DEPRECATED_BOUNDS_BEHIND, .where = within->span};
    const char *bounds = text_of_span(search, (struct source_span){range, within->span.end});
    form.edits[0].span = (struct source_span){behind_type, behind_type};
    form.edits[0].text = arena_printf(search->arena, "(%s)", bounds + strspn(bounds, " \t\r\n"));
    form.edits[1].span = (struct source_span){from, within->span.end};
    form.edits[1].text = "";
    search->visit(&form, search->context);
}

static void find_deprecated(struct node *node, void *context)
{
    const struct deprecated_search *search = context;
    if (node->kind == NODE_SITE_PARAMETER) find_bounds_behind(search, node);
    if (node->kind == NODE_FILE || node->kind == NODE_SITE) node_children(node, find_deprecated, context);
}

void language_each_deprecated(struct arena *arena, const struct source *source, const struct node *file,
                              void (*visit)(const struct deprecated_form *, void *context), void *context)
{
    struct deprecated_search search = {arena, source, visit, context};
    assert(file->kind == NODE_FILE);
    node_children(file, find_deprecated, &search);
}
