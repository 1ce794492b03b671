/* runtime/post/memos.h - Small things that an adapter remembers for its next process, beside its items and its
 * conversations: rows of the contact store, each of a kind, an adapter and a name.
 *
 * The address of a customer stands in a column of its own, where erasing a person finds it: a row that has lost it
 * never gets it back, whatever its adapter writes. */
#pragma once

#include "runtime/post/office.h"
#include "runtime/store/store.h"

struct memo_owner {
    const char *kind, *owner; /* owner: the adapter, as of talks.h */
};

struct memo {
    const char *name;
    const char *person; /* NULL: it has none; "": it was erased */
    const char *saved;  /* JSON */
};

/* ---- the rows: all of it blocks, and is for whoever has the store ---- */

bool memo_put(struct store *, const struct memo_owner *, const struct memo *, int64_t now, struct error *);
/* Adds a memo of an earlier version; one of that name that the store has already is newer, and stays as it is. */
bool memo_add(struct store *, const struct memo_owner *, const struct memo *, int64_t now, struct error *);
bool memo_drop(struct store *, const struct memo_owner *, const char *name, struct error *);
bool memo_each(struct store *, const struct memo_owner *, void (*each)(void *self, const struct memo *), void *self,
               struct error *);

/* ---- those of an adapter, from its loop ---- */

struct memos;

struct memo_calls {
    void *self;
    void (*kept)(void *self, const char *name);    /* the contact store has what was put last; may be NULL */
    void (*erased)(void *self, const char *name);  /* memos_look() found that its person was erased; may be NULL */
    void (*refused)(void *self, const char *name); /* what was put last will not be kept; may be NULL */
};

/* The owner's texts are borrowed. The office outlives them, and its thread ends before. */
struct memos *memos_new(struct office *, const struct memo_owner *, const struct memo_calls *);
void memos_free(struct memos *); /* NULL is allowed */
/* Put or drop a memo; both return at once. While the contact store is away, the newest memo of each name is tried again
 * each second, and as the office ends once more, until one has found the store away: the log has the names of the rest.
 */
void memos_put(struct memos *, const struct memo *);
void memos_drop(struct memos *, const char *name);
bool memos_have_kept(const struct memos *, const char *name); /* does nothing of that name wait to be written? */
/* Calls erased() for each memo that has lost its person, until it is put without one or dropped. */
void memos_look(struct memos *);
