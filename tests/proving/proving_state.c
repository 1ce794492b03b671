/* tests/proving/proving_state.c - The basic functions of the proving ground: planning, drawing random numbers,
 * noting and reporting. */
#include "tests/proving/proving_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/core/base/table.h"

enum { AHEAD_MS = 990, FAR_AGENTS = 2 };

void proving_fail(struct proving *world, const char *format, ...)
{
    va_list arguments;
    if (world->failed) return;
    world->failed = true;
    int length =
        snprintf(world->result->why, sizeof world->result->why,
                 "at %" PRIu64 ".%06" PRIu64 " s: ", world->now_us / PROVING_SECOND, world->now_us % PROVING_SECOND);
    va_start(arguments, format);
    (void)vsnprintf(world->result->why + length, sizeof world->result->why - (size_t)length, format, arguments);
    va_end(arguments);
}

uint64_t proving_drawn(const struct proving *world, enum proving_purpose purpose, uint64_t number, uint64_t below)
{
    return story_drawn(world->seed, purpose, number, below);
}

void proving_plan(struct proving *world, uint64_t after_us, enum proving_due due, uint32_t who, uint64_t what)
{
    agenda_add(&world->agenda, world->now_us + after_us, due, who, what);
}

void proving_note(struct proving *world, uint64_t word)
{
    world->ledger.digest = table_mix64(world->ledger.digest ^ word);
}

/* ---- the network ---- */

struct proving_node *proving_leader(struct proving *world)
{
    struct proving_node *leader = NULL;
    for (unsigned i = 0; i < world->node_count; i++) {
        struct proving_node *node = &world->nodes[i];
        if (!node->partition || !node->leads || node->paused || node->silent) continue;
        if (!leader || partition_epoch(node->partition) > partition_epoch(leader->partition)) leader = node;
    }
    return leader;
}

unsigned proving_part_of(unsigned node)
{
    return (unsigned)PART_NODE << node;
}

static bool world_apart(const struct proving *world, unsigned part)
{
    return world->now_us < world->apart_until_us && (world->apart & part) != 0;
}

bool proving_node_apart(const struct proving *world, unsigned node)
{
    return world_apart(world, proving_part_of(node));
}

bool proving_link_apart(const struct proving *world, unsigned link)
{
    return world_apart(world, (unsigned)PART_SWITCH << (link - PROVING_SWITCH));
}

/* ---- agents who are lent ---- */

unsigned proving_home(const struct proving *world, uint32_t agent)
{
    return agent >= PROVING_AGENTS - FAR_AGENTS && world->seed % 2 == 1 ? PROVING_FAR : PROVING_HERE;
}

int64_t proving_ahead_us(const struct told_deed *deed)
{
    return ((int64_t)deed->b - AHEAD_MS) * 1000;
}
