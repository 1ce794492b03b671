/* compiler/lsp/complete.h - What the files of completion share: complete.c chooses the lists, complete_places.c has
 * those of single places, complete_order.c sorts. */
#pragma once

#include <string.h>

#include "compiler/lsp/analysis.h"
#include "compiler/lsp/before.h"

/* clang-format off */
enum { /* the protocol's numbers */
    ITEM_METHOD = 2, ITEM_FUNCTION = 3, ITEM_FIELD = 5, ITEM_VARIABLE = 6, ITEM_CLASS = 7, ITEM_PROPERTY = 10,
    ITEM_VALUE = 12, ITEM_KEYWORD = 14, ITEM_REFERENCE = 18, ITEM_CONSTANT = 21, ITEM_STRUCT = 22,
};
/* clang-format on */

struct typing {
    const struct analysis *analysis;
    struct arena *arena;
    uint32_t at; /* the cursor */
    json_t *items;
    json_t *labels;              /* the set of labels that were offered already */
    const struct node *strategy; /* the strategy that contains the cursor, or NULL */
};

static inline bool complete_word_is(const char *word, const char *other)
{
    return strcmp(word, other) == 0;
}

/* Offers a label; `detail` and `doc` may be NULL. */
void complete_offer(struct typing *, const char *label, int kind, const char *detail, const char *doc);
void complete_declared(struct typing *, const struct node *, const struct node *holder);
void complete_each(struct typing *, void (*visit)(struct typing *, const struct node *));
void complete_kind(struct typing *, enum name_kind);              /* offers the site's names of a kind */
bool complete_kind_named(const char *word, enum name_kind *kind); /* "skill" */
void complete_steps(struct typing *, const char *before);
size_t complete_item_begin(const char *text, size_t at); /* returns the offset behind the last `;` or brace */

/* complete_places.c: offers the words that the grammar takes at the cursor, and the names of its place. Returns whether
 * any name can stand there, too. */
bool complete_places(struct typing *, const struct typed_before *);
/* Returns where the item at the cursor begins: behind the last `;` or brace, and behind blanks and remarks. */
const char *complete_item(const struct typing *);
bool complete_item_is(const char *item, const char *word); /* is `word` the first word of the item? */
void complete_events(struct typing *);                     /* offers what a test can expect to happen */
void complete_test_names(struct typing *);                 /* offers the keys and arrivals that a test can name */
/* complete_view.c: offers the words that can stand at the cursor in a line of a view. False: the cursor is in no such
 * line, or in a value. */
bool complete_view(struct typing *, const struct typed_before *);
/* complete_order.c: offers the names that follow this word in the files that the document reads, such as the names of
 * agents, which only the directory declares. */
void complete_said(struct typing *, const char *word);
/* gives each item the text by which an editor sorts. */
void complete_sort(struct typing *);
