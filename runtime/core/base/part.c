/* runtime/core/base/part.c - The loops over parts.def. */
#include "runtime/core/base/part.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"

void parts_forget(struct core *core, struct interaction *ix)
{
    for (unsigned row = 0; core->parts[row].ops != NULL; row++)
        if (core->parts[row].ops->forget != NULL) core->parts[row].ops->forget(core, ix);
}

uint64_t parts_hash(const struct core *core)
{
    uint64_t hash = 0;
    for (unsigned row = 0; core->parts[row].ops != NULL; row++)
        if (core->parts[row].ops->hash != NULL) hash += mix64(core->parts[row].ops->hash(core) + row);
    return hash;
}

uint64_t parts_content(const struct core *core, const struct interaction *ix)
{
    uint64_t content = 0;
    for (unsigned row = 0; core->parts[row].ops != NULL; row++)
        if (core->parts[row].ops->content != NULL) content += core->parts[row].ops->content(core, ix);
    return content;
}

const char *parts_check(const struct core *core)
{
    for (unsigned row = 0; core->parts[row].ops != NULL; row++)
        if (core->parts[row].ops->check != NULL && !core->parts[row].ops->check(core)) return core->parts[row].name;
    return NULL;
}
