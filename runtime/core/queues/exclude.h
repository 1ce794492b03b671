/* runtime/core/queues/exclude.h - Exclusions: agents and queues that one interaction's selections must not take for
 * a time.
 *
 * An agent who has written a reply is left out when a reviewer for it is selected: another agent reviews it.
 *
 * The table owns the rows. Exclusions are lines of the interaction's selector (selector.h), so visits that share a
 * selector leave out the same agents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "vm/exec.h"

struct agents;
struct interaction;
struct interactions;
struct now;
struct submissions;

/* A row of type ROUTE_FAILED excludes nobody; it says that a route to the queue has failed. */
enum { ROUTE_FAILED = TYPE_VOID };
enum { EXCLUDED_NONE = UINT32_MAX };
enum {
    EXCLUDED_MAX = 256,
    EXCLUDED_LINES = EXCLUDED_MAX + 1
}; /* limits per interaction: of exclusions, and of failed routes; the row that lapses first is replaced */

struct excluded {
    uint64_t ixn, until_us;
    uint64_t target; /* agent's number + 1, or name of a queue */
    uint16_t type;   /* TYPE_AGENT, TYPE_QUEUE, or ROUTE_FAILED for a route to a queue */
    uint32_t next;   /* the next row of the interaction, or the next free row */
};

struct excludes {
    const struct now *now;
    const struct agents *agents;
    const struct interactions *interactions;
    const struct submissions *submissions; /* the table of submitted interactions, whose authors are left out */
    struct excluded *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn; /* the interaction's first row */
};

/* Excludes the target for `for_us` microseconds. */
void exclude_add(struct excludes *, struct interaction *, uint16_t type, uint64_t target, uint64_t for_us);
/* Ends the exclusion of the target, if there is one. */
void exclude_end(struct excludes *, const struct interaction *, uint16_t type, uint64_t target);
/* Writes the exclusions as lines of kind LINE_EXCLUDED, at most EXCLUDED_LINES, and returns their number. Lowers
 * `next_us` to the time when the first of them lapses, if that is sooner. */
uint32_t exclude_lines(struct excludes *, const struct interaction *, struct vm_line *, uint64_t *next_us);
/* True: the target is excluded now. */
bool exclude_has(const struct excludes *, const struct interaction *, uint16_t type, uint64_t target);
void exclude_forget(void *, struct interaction *); /* frees the interaction's rows */
