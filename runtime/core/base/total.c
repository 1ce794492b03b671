/* runtime/core/base/total.c - Counts every fact. */
#include "runtime/core/base/total.h"

#include <assert.h>

#include "vm/keep.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"

uint64_t total_of(const struct core *core, enum fact_name fact)
{
    return core->totals->of[fact];
}

static void hear(struct core *core, const struct fact *fact)
{
    assert(fact->what < FACTS);
    core->totals->of[fact->what]++;
}

static void keep(struct core *core, struct keeper *keeper)
{
    /* Facts come to the end of facts.def: those of an older snapshot are the first ones. */
    uint32_t count = keep_count(keeper, FACTS, FACTS);
    for (uint32_t fact = 0; fact < count; fact++) core->totals->of[fact] = keep_u64(keeper, core->totals->of[fact]);
}

const struct part_ops part_ops_totals = {
    .size = sizeof(struct totals),
    .hear = hear,
    .keep = keep,
};
