/* runtime/core/queues/match.h - Does an agent match a line of a selection? And the longest idle who does, without asking all;
 * for orders other than that, everybody who does.
 *
 * A pool is what has been found out about one selection: those who are ready and match it, longest idle first. It is
 * made where a walk along the ready list was long, so that the next choice takes its first; it is a cache only, the
 * choice is the walk's. An entry counts while its agent has been idle without a break since it was made. */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"

struct core;
struct selector;

enum { POOLS_MAX = 32 };

struct pool {
    uint64_t used; /* when last: the one unused longest makes room */
    uint16_t program, count;
    struct vm_line *lines;
    uint32_t line_capacity;
    struct pool_entry {
        uint64_t rank;
        uint32_t agent;
    } * entries;
    uint32_t from, length, capacity;
};

struct pools {
    struct pool all[POOLS_MAX];
    uint32_t count;
    uint64_t clock;
    uint32_t walk_max; /* a longer walk makes a pool */
};

void pools_clear(struct pools *); /* skills have changed, or too much at once */

/* The first open line that the agent matches; -1. */
int32_t match_line(struct core *, const struct selector *, uint32_t agent);
/* Does the agent match the line at that place, and is not left out? */
bool match_at(struct core *, const struct selector *, uint32_t at, uint32_t agent);
/* A queue needs nobody who is ready: the name of the one that the line at that place takes, or 0. */
uint32_t match_queue(const struct core *, const struct selector *, uint32_t at);
/* The longest idle of all who are ready and match; AGENT_NONE. `looked`: how many were asked. */
uint32_t match_first(struct core *, const struct selector *, uint32_t *looked);
/* Everybody who is ready and matches, longest idle first, into `core->choice`. */
uint32_t match_all(struct core *, const struct selector *, uint32_t *looked);
/* By what the agent is compared with others: a line of kind LINE_ORDER. False: there is none. */
bool match_figure(struct core *, const struct selector *, const struct vm_line *by, uint32_t agent, int64_t *figure);
/* Somebody is ready whom nobody waits for: into the pools that they match. */
void match_ready(struct core *, uint32_t agent);

#endif
