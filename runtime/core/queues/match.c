/* runtime/core/queues/match.c - Matching by leaf functions, and the pools of agents who match. */
#include "runtime/core/queues/match.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/site/program.h"

enum { WALK_MAX = 256 };

/* The agent about whom a leaf function asks, and the program whose names the function uses. */
struct candidate {
    const uint32_t *names; /* the program's */
    uint32_t name_count;
    const struct agent *agent;
    uint64_t now_us;
};

static int64_t candidate_level(void *self, uint64_t skill)
{
    const struct candidate *candidate = self;
    return skill < candidate->name_count ? agent_level(candidate->agent, candidate->names[skill]) : 0;
}

static bool candidate_member(void *self, uint64_t group)
{
    const struct candidate *candidate = self;
    return group < candidate->name_count && agent_in_group(candidate->agent, candidate->names[group]);
}

static bool candidate_place(const struct candidate *candidate, uint64_t place)
{
    return place < candidate->name_count && candidate->agent->place == candidate->names[place];
}

static int64_t candidate_idle_us(void *self)
{
    const struct candidate *candidate = self;
    return (int64_t)(candidate->now_us - candidate->agent->idle_us);
}

static struct candidate candidate_of(const struct core *core, const struct program *program, uint32_t agent)
{
    return (struct candidate){program->names, image_count(program->image, SECTION_NAMES), agent_at(core->agents, agent),
                              core->time_us};
}

static struct vm_candidate asked_of(struct candidate *candidate)
{
    return (struct vm_candidate){
        .self = candidate, .level = candidate_level, .member = candidate_member, .idle_us = candidate_idle_us};
}

bool match_figure(struct core *core, const struct selector *want, const struct vm_line *by, uint32_t agent,
                  int64_t *figure)
{
    assert(want->program < core->strategies->program_count);
    const struct program *program = &core->strategies->programs[want->program];
    struct candidate candidate = candidate_of(core, program, agent);
    struct vm_candidate asked = asked_of(&candidate);
    return vm_figure(core->vm, program->image, by->function, by->captures, by->capture_count, &asked, figure);
}

static bool matches(struct core *core, const struct program *program, uint32_t number, const struct vm_line *line)
{
    struct candidate candidate = candidate_of(core, program, number);
    struct vm_candidate asked = asked_of(&candidate);
    if (line->kind == LINE_LEAF)
        return vm_leaf(core->vm, program->image, line->function, line->captures, line->capture_count, &asked);
    if (line->kind != LINE_TARGET) return false;
    if (line->type == TYPE_GROUP) return candidate_member(&candidate, line->target);
    if (line->type == TYPE_AGENT) return line->target == number + UINT64_C(1);
    if (line->type == TYPE_PLACE) return candidate_place(&candidate, line->target);
    return false;
}

static bool left_out(const struct vm_line *lines, uint32_t *count, uint32_t agent)
{
    while (*count > 0 && lines[*count - 1].kind == LINE_EXCLUDED) /* exclusions are the last lines */
        if (lines[--*count].type == TYPE_AGENT && lines[*count].target == agent + UINT64_C(1)) return true;
    return false;
}

/* True: the selection asks everyone, and the agent's link cannot ask. The line of the order stands behind all others.
 */
static bool cannot_be_asked(const struct core *core, const struct vm_line *lines, uint32_t count, uint32_t agent)
{
    return count > 0 && lines[count - 1].kind == LINE_ORDER && lines[count - 1].type == ORDER_everyone &&
           !link_can(core, agent_at(core->agents, agent)->source, CAP_PREVIEW);
}

bool match_at(struct core *core, const struct selector *want, uint32_t at, uint32_t agent)
{
    uint32_t count = want->count;
    return !left_out(want->lines, &count, agent) && at < count &&
           matches(core, &core->strategies->programs[want->program], agent, &want->lines[at]);
}

static int32_t line_of(struct core *core, uint16_t program, const struct vm_line *lines, uint32_t count, uint32_t agent)
{
    if (left_out(lines, &count, agent) || cannot_be_asked(core, lines, count, agent)) return -1;
    for (uint32_t at = 0; at < count; at++)
        if (matches(core, &core->strategies->programs[program], agent, &lines[at])) return (int32_t)at;
    return -1;
}

int32_t match_line(struct core *core, const struct selector *want, uint32_t agent)
{
    return line_of(core, want->program, want->lines, want->count, agent);
}

static bool excluded(const struct selector *want, uint16_t type, uint64_t target)
{
    for (uint32_t at = want->count; at > 0 && want->lines[at - 1].kind == LINE_EXCLUDED; at--)
        if (want->lines[at - 1].type == type && want->lines[at - 1].target == target) return true;
    return false;
}

uint32_t match_queue(const struct core *core, const struct selector *want, uint32_t at)
{
    const struct program *program = &core->strategies->programs[want->program];
    assert(at < want->count);
    const struct vm_line *asked = &want->lines[at];
    if (asked->kind != LINE_TARGET || asked->type != TYPE_QUEUE) return 0;
    if (asked->target >= image_count(program->image, SECTION_NAMES)) return 0;
    uint32_t queue = program->names[asked->target];
    return excluded(want, TYPE_QUEUE, queue) ? 0 : queue;
}

static uint32_t match_walk(struct core *core, const struct selector *want, uint32_t *looked, uint32_t at_most)
{
    *looked = 0;
    for (uint32_t agent = core->agents->first; agent != AGENT_NONE; agent = agent_at(core->agents, agent)->next) {
        if (*looked == at_most) return AGENT_NONE;
        ++*looked;
        if (match_line(core, want, agent) >= 0) return agent;
    }
    return AGENT_NONE;
}

static void pools_init(struct core *core)
{
    struct pools *pools = core->pools;
    *pools = (struct pools){.walk_max = WALK_MAX};
}

static void pools_free(struct core *core)
{
    struct pools *pools = core->pools;
    for (uint32_t at = 0; at < POOLS_MAX; at++) {
        free(pools->all[at].lines);
        free(pools->all[at].entries);
    }
}

void pools_clear(struct pools *pools)
{
    pools->count = 0;
}

static struct pool *pool_of(struct core *core, const struct selector *want)
{
    struct pools *pools = core->pools;
    if (core->pools_stale) pools_clear(pools);
    core->pools_stale = false;
    for (uint32_t at = 0; at < pools->count; at++) {
        struct pool *pool = &pools->all[at];
        if (pool->program == want->program && selector_same_lines(want, pool->lines, pool->count)) return pool;
    }
    return NULL;
}

static void append(struct pool *pool, uint64_t rank, uint32_t agent)
{
    pool->entries = memory_grow(pool->entries, &pool->capacity, pool->length + 1, sizeof *pool->entries);
    pool->entries[pool->length++] = (struct pool_entry){rank, agent};
}

static struct pool *pool_make(struct core *core, const struct selector *want)
{
    struct pools *pools = core->pools;
    struct pool *pool = &pools->all[0];
    assert(want->count > 0);
    if (pools->count < POOLS_MAX)
        pool = &pools->all[pools->count++];
    else
        for (uint32_t at = 1; at < POOLS_MAX; at++)
            if (pools->all[at].used < pool->used) pool = &pools->all[at];
    pool->lines = memory_grow(pool->lines, &pool->line_capacity, want->count, sizeof *pool->lines);
    memcpy(pool->lines, want->lines, want->count * sizeof *pool->lines);
    pool->program = want->program;
    pool->count = want->count;
    pool->from = pool->length = 0;
    for (uint32_t agent = core->agents->first; agent != AGENT_NONE; agent = agent_at(core->agents, agent)->next)
        if (match_line(core, want, agent) >= 0) append(pool, agent_at(core->agents, agent)->idle_rank, agent);
    return pool;
}

/* The agent has been idle without a break since the entry was made. */
static bool counts(const struct core *core, const struct pool_entry *entry)
{
    const struct agent *agent = agent_at(core->agents, entry->agent);
    return agent->listed && agent->idle_rank == entry->rank;
}

uint32_t match_first(struct core *core, const struct selector *want, uint32_t *looked)
{
    if (want->count == 0) return AGENT_NONE;
    struct pool *pool = pool_of(core, want);
    if (!pool) {
        uint32_t found = match_walk(core, want, looked, core->pools->walk_max);
        if (found != AGENT_NONE || *looked < core->pools->walk_max) return found;
        pool = pool_make(core, want);
        *looked = core->agents->ready;
    }
    pool->used = ++core->pools->clock;
    while (pool->from < pool->length && !counts(core, &pool->entries[pool->from])) pool->from++;
    assert(pool->from <= pool->length);
    if (pool->from == pool->length) {
        pool->from = pool->length = 0;
        return AGENT_NONE;
    }
    ++*looked;
    return pool->entries[pool->from].agent;
}

static uint32_t chosen_among(struct core *core, uint32_t count, uint32_t agent)
{
    core->choice = memory_grow(core->choice, &core->choice_capacity, count + 1, sizeof *core->choice);
    core->choice[count] = agent;
    return count + 1;
}

uint32_t match_all(struct core *core, const struct selector *want, uint32_t *looked)
{
    uint32_t count = 0;
    *looked = core->agents->ready;
    if (want->count == 0 || core->agents->ready == 0) return 0;
    struct pool *pool = core->agents->ready > core->pools->walk_max ? pool_of(core, want) : NULL;
    if (core->agents->ready > core->pools->walk_max && !pool) pool = pool_make(core, want);
    if (pool) {
        pool->used = ++core->pools->clock;
        for (uint32_t at = pool->from; at < pool->length; at++)
            if (counts(core, &pool->entries[at])) count = chosen_among(core, count, pool->entries[at].agent);
        return count;
    }
    for (uint32_t agent = core->agents->first; agent != AGENT_NONE; agent = agent_at(core->agents, agent)->next)
        if (match_line(core, want, agent) >= 0) count = chosen_among(core, count, agent);
    return count;
}

/* Adds the agent to the pool, by rank. */
static void insert(struct core *core, struct pool *pool, uint64_t rank, uint32_t agent)
{
    uint32_t low = pool->from, high = pool->length;
    assert(low <= high);
    /* Most entries are out of date, or were taken from the front already: drops them. */
    if (high - low > 2 * core->agents->ready + WALK_MAX || low > high - low + WALK_MAX) {
        uint32_t kept = 0;
        for (uint32_t at = low; at < high; at++)
            if (counts(core, &pool->entries[at])) pool->entries[kept++] = pool->entries[at];
        pool->from = low = 0;
        pool->length = high = kept;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pool->entries[middle].rank < rank)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < pool->length && pool->entries[low].rank == rank) return; /* the same agent: ranks are unique */
    append(pool, rank, agent);
    memmove(&pool->entries[low + 1], &pool->entries[low], (pool->length - 1 - low) * sizeof *pool->entries);
    pool->entries[low] = (struct pool_entry){rank, agent};
}

void match_ready(struct core *core, uint32_t agent)
{
    for (uint32_t at = 0; at < core->pools->count; at++) {
        struct pool *pool = &core->pools->all[at];
        if (line_of(core, pool->program, pool->lines, pool->count, agent) >= 0)
            insert(core, pool, agent_at(core->agents, agent)->idle_rank, agent);
    }
}

const struct part_ops part_ops_pools = {.size = sizeof(struct pools), .init = pools_init, .free = pools_free};
