/* runtime/adapter/robots.h - The rule that keeps two machines from answering each other for ever: our machine writes
 * to no address of ours, and only so many messages in ten minutes to any other address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct robots;

/* Allows at most `most` messages to an address in ten minutes; upper and lower case of an address are the same. */
struct robots *robots_new(uint64_t most, bool (*is_ours)(void *self, const char *address), void *self);
void robots_free(struct robots *); /* NULL is allowed */
/* Counts a message of our machine to the address, and returns why it may not be sent; NULL: it may. */
const char *robots_refusal(struct robots *, const char *address, uint64_t now_us);
