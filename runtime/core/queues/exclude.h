/* runtime/core/queues/exclude.h - Who is left out of one interaction's selections, and how long.
 *
 * The table owns the rows. Each is part of what its interaction wants (selector.h), as lines are: so two who want the same
 * leave the same people out. */
#ifndef CORE_EXCLUDE_H
#define CORE_EXCLUDE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "vm/exec.h"

struct core;
struct interaction;

/* ROUTE_FAILED: a row of this type leaves nobody out; it says that a route to the queue has failed. */
enum { ROUTE_FAILED = TYPE_VOID };
enum { EXCLUDED_NONE = UINT32_MAX };
enum { EXCLUDED_MAX = 256 }; /* of one interaction, and as many failed routes: the one that lapses first makes room */

struct excluded {
    uint64_t ixn, until_us;
    uint64_t target; /* agent + 1, or a queue's name */
    uint16_t type;   /* TYPE_AGENT, TYPE_QUEUE, ROUTE_FAILED (of a queue) */
    uint32_t next;   /* of the same interaction; of the free ones */
};

struct excludes {
    struct excluded *all;
    uint32_t count, capacity, free;
    struct lookup by_ixn; /* the first row of each */
};

void exclude_add(struct core *, struct interaction *, uint16_t type, uint64_t target, uint64_t for_us);
/* As lines of kind LINE_EXCLUDED, at most EXCLUDED_MAX. `next_us`: when the first of them lapses, if that is sooner. */
uint32_t exclude_lines(struct core *, const struct interaction *, struct vm_line *, uint64_t *next_us);
bool exclude_has(const struct core *, const struct interaction *, uint16_t type, uint64_t target); /* now */
uint64_t exclude_hash(const struct core *, const struct interaction *); /* 0: it leaves nobody out */
void exclude_forget(struct core *, struct interaction *);               /* at its end */

#endif
