/* runtime/core/read/debug.c - Reads which interaction a debugger has, whether it is stopped, and which debugger an
 * interaction has.
 *
 * There are two questions: from the client to its interaction, and from an interaction to the client that debugs it. */
#include "runtime/core/run/debug.h"

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"

bool core_debugging(const struct core *core, uint64_t client, struct debugging_row *row)
{
    const struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *one = &debuggers->all[at];
        if (one->client != client || client == 0) continue;
        const struct interaction *ix = one->ixn != 0 ? interaction_by_id(core->interactions, one->ixn) : NULL;
        *row = (struct debugging_row){.ixn = one->ixn, .stands = ix && ix->stands};
        return true;
    }
    return false;
}

bool core_debugged(const struct core *core, uint64_t ixn, struct debugged_row *row)
{
    const struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; ixn != 0 && at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *one = &debuggers->all[at];
        if (one->client == 0 || one->ixn != ixn) continue;
        *row = (struct debugged_row){core_name(core, one->actor), one->since_us, one->until_us};
        return true;
    }
    return false;
}
