/* runtime/core/base/fact.c - Hands facts to their readers. */
#include "runtime/core/base/fact.h"

#include <assert.h>

#include "runtime/core/base/state.h"

void core_tell(struct core *core, const struct fact *fact)
{
    assert(fact->what < FACTS && core->reader_count <= READERS_MAX);
    for (unsigned at = 0; at < core->reader_count; at++) core->readers[at](core, fact);
}
