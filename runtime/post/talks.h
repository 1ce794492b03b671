/* runtime/post/talks.h - Rows of the contact store by which the next process goes on with conversations: one per open
 * conversation, and one per customer whose last conversation is remembered for a while. All of it blocks, and is for
 * the thread that has the store. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/store/store.h"

struct talk_row {
    const char *way, *owner; /* owner: the adapter; two of one medium may have one store */
    const char *name;
    int64_t interaction; /* the store's interaction that the row belongs to and is erased with; 0: none */
    const char *saved;   /* JSON */
};

/* Makes the row, or changes it. */
bool talk_put(struct store *, const struct talk_row *, int64_t now, struct error *);
/* Changes the row; makes none, as its conversation may be over or its customer erased. */
bool talk_change(struct store *, const struct talk_row *, int64_t now, struct error *);
bool talk_drop(struct store *, const char *way, const char *owner, const char *name, struct error *);
bool talk_drop_of(struct store *, int64_t interaction, struct error *); /* that of the open conversation */
/* Removes rows of all adapters of this way, written before this moment, that belong to no open conversation: nobody
 * takes them up any more. */
bool talk_tidy(struct store *, const char *way, int64_t before, struct error *error);
/* Calls `each` with the name and the text of every row of the adapter. */
bool talk_each(struct store *, const char *way, const char *owner,
               void (*each)(void *self, const char *name, const char *saved), void *self, struct error *error);
