/* runtime/post/talks.h - Rows of the contact store by which the next process continues conversations: one for each
 * open conversation, and one for each customer whose last conversation is remembered for a while. All functions
 * block, and are for the thread that has the store. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/store/store.h"

struct talk_row {
    const char *way, *owner; /* owner: the adapter, since two adapters of one medium may share a store */
    const char *name;
    int64_t interaction; /* the interaction with which the row is erased; 0: none */
    const char *saved;   /* JSON */
};

/* Makes or changes the row. */
bool talk_put(struct store *, const struct talk_row *, int64_t now, struct error *);
/* Changes the row if it exists; the conversation may be over, or its customer erased. */
bool talk_change(struct store *, const struct talk_row *, int64_t now, struct error *);
bool talk_drop(struct store *, const char *way, const char *owner, const char *name, struct error *);
/* drops the row of the open conversation with that interaction */
bool talk_drop_of(struct store *, int64_t interaction, struct error *);
/* Removes rows of all adapters of this way that were written before that time and belong to no open conversation:
 * nobody continues them any more. */
bool talk_tidy(struct store *, const char *way, int64_t before, struct error *error);
/* Calls `each` with the name and the text of every row of the adapter. */
bool talk_each(struct store *, const char *way, const char *owner,
               void (*each)(void *self, const char *name, const char *saved), void *self, struct error *error);
