/* runtime/store/look.h - Is the contact store there? For those who look now and then, from one thread, over a
 * connection of their own, which is made again where it was lost, or the file was replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct store;

struct store_look {
    const char *target;  /* as of store_open(); borrowed */
    struct store *store; /* NULL: it is not open */
};

/* For a probe: `self` is a struct store_look. It writes, as who needs the store does: much where it looks thoroughly,
 * so that a disk that is full is found though a few bytes would go. */
bool store_look(void *self, bool thorough, char *why, size_t why_size);
void store_look_end(struct store_look *);
