/* runtime/adapter/robots.h - The rule that keeps two machines from answering each other for ever: a machine of ours
 * writes to no address that is ours, and to each other one so often in ten minutes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct robots;

/* At most `most` messages to an address in ten minutes; an address spells its letters as it likes. */
struct robots *robots_new(uint64_t most, bool (*is_ours)(void *self, const char *address), void *self);
void robots_free(struct robots *); /* NULL is allowed */
/* A machine is to write there, which counts. Why it may not; NULL: it may. */
const char *robots_refusal(struct robots *, const char *address, uint64_t now_us);
