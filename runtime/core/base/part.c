/* runtime/core/base/part.c - The loops over parts.def. */
#include "runtime/core/base/part.h"

#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/rows.h"

void parts_forget(struct core *core, struct interaction *ix)
{
    for (unsigned row = 0; core->parts[row].ops; row++)
        if (core->parts[row].ops->forget) core->parts[row].ops->forget(core, ix);
}

void parts_over(struct core *core, struct interaction *ix)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->over) part->ops->over(core, ix);
}

void parts_leave(struct core *core, struct interaction *ix, unsigned end)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->leave) part->ops->leave(core, ix, end);
}

void parts_agent_moves(struct core *core, uint32_t agent)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->agent_moves) part->ops->agent_moves(core, agent);
}

void parts_claim_ends(struct core *core, uint32_t claim)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->claim_ends) part->ops->claim_ends(core, claim);
}

bool parts_claim_lapsed(struct core *core, uint32_t claim)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->claim_lapsed && part->ops->claim_lapsed(core, claim)) return true;
    return false;
}

bool parts_answered(struct core *core, struct interaction *ix, const struct message *message)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->answered && part->ops->answered(core, ix, message)) return true;
    return false;
}

int64_t parts_figure(struct core *core, uint16_t program, uint32_t row, uint32_t agent, bool watched)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->figure) return part->ops->figure(core, program, row, agent, watched);
    return 0;
}

void parts_settle(struct core *core)
{
    /* Selection settles before the tables on which it works: rows that ended stay readable until then. */
    for (unsigned row = core->part_count; row-- > 0;)
        if (core->parts[row].ops->settle) core->parts[row].ops->settle(core);
}

uint64_t parts_hash(const struct core *core)
{
    uint64_t hash = 0;
    for (unsigned row = 0; core->parts[row].ops; row++)
        if (core->parts[row].ops->hash) {
            uint64_t of = core->parts[row].ops->hash(core);
            if (of != 0 || core->parts[row].ops->since == 0) hash += mix64(of + row);
        }
    return hash;
}

uint64_t parts_content(const struct core *core, const struct interaction *ix)
{
    uint64_t content = 0;
    for (unsigned row = 0; core->parts[row].ops; row++)
        if (core->parts[row].ops->content) content += core->parts[row].ops->content(core, ix);
    return content;
}

const char *parts_check(const struct core *core)
{
    for (unsigned row = 0; core->parts[row].ops; row++)
        if (core->parts[row].ops->check && !core->parts[row].ops->check(core)) return core->parts[row].name;
    return NULL;
}

const char *parts_hold(const struct core *core, const struct interaction *ix)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->holds && !part->ops->holds(core, ix)) return part->name;
    return NULL;
}

/* Parts are known by name, so that others may come between them later. */
static void keep_name(struct keeper *keeper, const char *name)
{
    const uint8_t *bytes = (const uint8_t *)name;
    uint32_t length = (uint32_t)strlen(name);
    keep_bytes(keeper, &bytes, &length, NAME_MAX_BYTES);
    if (keep_good(keeper) && (length != strlen(name) || memcmp(bytes, name, length) != 0))
        keep_fail(keeper, "its %s are not where they should be", name);
}

void parts_keep(struct core *core, struct keeper *keeper)
{
    for (const struct part_row *part = core->parts; part->ops && keep_good(keeper); part++) {
        if (!keep_has(keeper, part->ops->since)) continue;
        keep_name(keeper, part->name);
        if (part->ops->keep) part->ops->keep(core, keeper);
    }
}

const char *parts_sound(struct core *core)
{
    for (const struct part_row *part = core->parts; part->ops; part++)
        if (part->ops->sound && !part->ops->sound(core)) return part->name;
    return NULL;
}
