/* runtime/store/look.h - Checks whether the contact store can be used. For a caller that checks now and then, on one
 * thread, over a connection of its own, which is made again if it was lost, or the file was replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct store;

struct store_look {
    const char *target;  /* the store's target, as for store_open(); borrowed */
    struct store *store; /* the open store; NULL: it is not open */
};

/* True: the store accepts a row now. A probe calls this; `self` is a struct store_look. The check writes a row, as
 * users of the store do: a large one if `thorough`, so that a nearly full disk, which still has room for a few bytes,
 * is noticed. */
bool store_look(void *self, bool thorough, char *why, size_t why_size);
void store_look_end(struct store_look *);
