/* runtime/store/look.h - Is the contact store there? For those who look now and then, from one thread, over a
 * connection of their own, which is made again where it was lost, or the file was replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct store;

struct store_look {
    const char *target;  /* as store_open() takes it; borrowed */
    struct store *store; /* NULL: it is not open */
};

/* Does the store take a row now? A probe calls it; `self` is a struct store_look. It writes a row, as users of the
 * store do: a large one if `thorough`, so that a full disk is found that still has room for a few bytes. */
bool store_look(void *self, bool thorough, char *why, size_t why_size);
void store_look_end(struct store_look *);
