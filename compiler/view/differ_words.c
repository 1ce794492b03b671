/* compiler/view/differ_words.c - Compares and reports texts, words, lines and fields of two programs.
 *
 * A change is reported as a text before and a text after; one of them is NULL where the part is new or was removed.
 * Texts are cut, so that a change fits on one line. Two long texts with a late difference would look the same when
 * cut: so both begin a little before the first byte in which they differ, and `...` replaces the rest. */
#include <string.h>

#include "compiler/view/differing.h"
#include "compiler/view/phrase.h"

enum { TEXT_MAX = 100, BEFORE_MAX = 30 };

static bool differ_inside_character(const char *text, size_t at)
{
    return ((unsigned char)text[at] & 0xc0) == 0x80;
}

/* Returns at most TEXT_MAX bytes, from `from`. The text is cut between characters: half a character would make the
 * whole line invalid UTF-8. */
const char *differ_cut(struct arena *arena, const char *text, size_t from)
{
    size_t length = strlen(text), end = from + TEXT_MAX;
    if (from + TEXT_MAX >= length) end = length;
    while (from > 0 && differ_inside_character(text, from)) from--;
    while (end < length && end > from && differ_inside_character(text, end)) end--;
    return arena_printf(arena, "%s%.*s%s", from ? "..." : "", (int)(end - from), text + from,
                        end < length ? "..." : "");
}

const char *differ_text(struct differ *d, const struct program *program, const struct node *node)
{
    return node ? differ_cut(d->arena, view_phrase(d->arena, program->sources, node->span), 0) : NULL;
}

void differ_tell(struct differ *d, const char *about, const char *before, const char *after, struct source_span old,
                 struct source_span new)
{
    struct differ_change *change = ARENA_NEW(d->arena, struct differ_change);
    *change = (struct differ_change){d->in, d->step, about, before, after, old, new, NULL};
    if (d->last)
        d->last->next = change;
    else
        d->first = change;
    d->last = change;
}

static struct source_span differ_span(const struct node *node)
{
    return node ? node->span : (struct source_span){0, 0};
}

/* Reports a change unless both are equal by phrase_node_same(). One of the two may be NULL. */
void differ_compare(struct differ *d, const char *about, const struct node *old, const struct node *new)
{
    if (phrase_node_same(old, new)) return;
    const char *before = old ? view_phrase(d->arena, d->old->sources, old->span) : NULL;
    const char *after = new ? view_phrase(d->arena, d->new->sources, new->span) : NULL;
    size_t same = 0, from = 0; /* for long texts the place a little before the first difference */
    if (before && after && (strlen(before) > TEXT_MAX || strlen(after) > TEXT_MAX)) {
        while (before[same] && before[same] == after[same]) same++;
        from = same > BEFORE_MAX ? same - BEFORE_MAX : 0;
    }
    differ_tell(d, about, before ? differ_cut(d->arena, before, from) : NULL,
                after ? differ_cut(d->arena, after, from) : NULL, differ_span(old), differ_span(new));
}

void differ_words(struct differ *d, const char *about, struct word old, struct word new)
{
    if (!phrase_words_same(old, new)) differ_tell(d, about, old.text, new.text, old.span, new.span);
}

/* Reports, first in the order of the old list, removed or changed items; then, in the order of the new list, the new
 * ones. A pair is passed to `each`, which compares its parts; without `each` the texts of the pair are compared. */
void differ_pairs(struct differ *d, const char *about, struct nodes old, struct nodes new, alike_fn *alike,
                  pair_fn *each)
{
    struct matched m = matched_lists(d->arena, old, new, alike);
    for (int i = 0; i < m.old.count; i++) {
        const struct node *now = m.old.partner[i] == MATCHED_NONE ? NULL : m.new.nodes[m.old.partner[i]];
        if (now && each)
            each(d, m.old.nodes[i], now, m.moved[i]);
        else
            differ_compare(d, about, m.old.nodes[i], now);
    }
    for (int j = 0; j < m.new.count; j++)
        if (m.new.partner[j] == MATCHED_NONE) differ_compare(d, about, NULL, m.new.nodes[j]);
}

static bool differ_words_any(const struct node *old, const struct node *new)
{
    return old->kind == new->kind;
}

void differ_lines(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    differ_pairs(d, about, old, new, differ_words_any, NULL);
}

/* Compares items by their place: the first with the first, and so on. Lists in which the place has a meaning, as
 * arguments, are compared so. */
void differ_each(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    const struct node *a = old.first, *b = new.first;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL) differ_compare(d, about, a, b);
}

static const struct node *differ_field(struct nodes fields, struct word name)
{
    EACH_NODE (field, fields)
        if (phrase_words_same(field->field.name, name)) return field;
    return NULL;
}

/* Compares by name: another order of fields is no change. */
void differ_fields(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    EACH_NODE (field, old) differ_compare(d, about, field, differ_field(new, field->field.name));
    EACH_NODE (field, new)
        if (!differ_field(old, field->field.name)) differ_compare(d, about, NULL, field);
}
