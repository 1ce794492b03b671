/* runtime/post/memos.h - Memos: small data that an adapter keeps for its next process, besides its items and its
 * conversations. Each is a row of the contact store, with a kind, an adapter and a name.
 *
 * The customer's address has a column of its own, where it is found when a person is erased: a row that has lost its
 * address never gets one again, whatever its adapter writes. */
#pragma once

#include "runtime/post/office.h"
#include "runtime/store/store.h"

struct memo_owner {
    const char *kind, *owner; /* owner: the name of the adapter, as in talks.h */
};

struct memo {
    const char *name;
    const char *person; /* the customer's address; NULL: none; "": it was erased */
    const char *saved;  /* JSON */
};

/* ---- the rows: these functions block, and are for the thread that has the store ---- */

bool memo_put(struct store *, const struct memo_owner *, const struct memo *, int64_t now, struct error *);
/* Adds a memo of an earlier version; if the store has a memo of that name already, that one is newer and is not
 * changed. */
bool memo_add(struct store *, const struct memo_owner *, const struct memo *, int64_t now, struct error *);
bool memo_drop(struct store *, const struct memo_owner *, const char *name, struct error *);
bool memo_each(struct store *, const struct memo_owner *, void (*each)(void *self, const struct memo *), void *self,
               struct error *);

/* ---- the memos of an adapter, for its loop ---- */

struct memos;

struct memo_calls {
    void *self;
    void (*kept)(void *self, const char *name); /* the contact store has the memo that was put last; may be NULL */
    /* memos_look() has found that the memo's person was erased; may be NULL */
    void (*erased)(void *self, const char *name);
    void (*refused)(void *self, const char *name); /* the memo that was put last will not be kept; may be NULL */
};

/* The texts in memo_owner are not copied. The office must be freed later than the memos, but its thread must end
 * before. */
struct memos *memos_new(struct office *, const struct memo_owner *, const struct memo_calls *);
void memos_free(struct memos *); /* NULL is allowed */
/* Put or drop a memo; both return at once. While the contact store is away, the newest memo of each name is tried again
 * each second, and once more when the office ends; the first try of these that finds the store away is the last one,
 * and the names of memos that were not kept are logged. */
void memos_put(struct memos *, const struct memo *);
void memos_drop(struct memos *, const char *name);
bool memos_have_kept(const struct memos *, const char *name); /* is no memo of that name waiting to be written? */
/* Calls erased() for each memo whose person was erased, at each look, until the memo is put without a person or
 * dropped. */
void memos_look(struct memos *);
