/* runtime/core/base/fact.c - Hands facts to their readers. */
#include "runtime/core/base/fact.h"

#include <assert.h>

#include "runtime/core/base/state.h"

static const bool is_recorded[FACTS] = {
#define RECORDED(fact, as) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
};

void core_tell(struct core *core, const struct fact *fact)
{
    assert(fact->what < FACTS && core->reader_count <= READERS_MAX);
    for (unsigned at = 0; at < core->reader_count; at++) core->readers[at](core, fact);
    const struct core_listener *listener = core->listener;
    if (listener && is_recorded[fact->what]) listener->hear(listener->self, core, fact);
}
