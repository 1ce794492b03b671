/* runtime/core/part.c - The loops over parts.def. */
#include "runtime/core/part.h"

#include <stdlib.h>

#include "runtime/core/memory.h"
#include "runtime/core/state.h"

#define PART(name, type) extern const struct part_ops part_ops_##name;
#include "runtime/core/parts.def"
#undef PART

static const struct part_row {
    const char *name;
    const struct part_ops *ops;
} rows[] = {
#define PART(name, type) {#name, &part_ops_##name},
#include "runtime/core/parts.def"
#undef PART
};

enum { ROWS = sizeof rows / sizeof rows[0] };

void parts_init(struct core *core)
{
#define PART(name, type) core->name = memory_zeroed(1, part_ops_##name.size);
#include "runtime/core/parts.def"
#undef PART
    for (unsigned row = 0; row < ROWS; row++)
        if (rows[row].ops->init != NULL) rows[row].ops->init(core);
}

void parts_free(struct core *core)
{
    for (unsigned row = ROWS; row-- > 0;)
        if (rows[row].ops->free != NULL) rows[row].ops->free(core);
#define PART(name, type) free(core->name);
#include "runtime/core/parts.def"
#undef PART
}

void parts_forget(struct core *core, struct interaction *ix)
{
    for (unsigned row = 0; row < ROWS; row++)
        if (rows[row].ops->forget != NULL) rows[row].ops->forget(core, ix);
}

uint64_t parts_hash(const struct core *core)
{
    uint64_t hash = 0;
    for (unsigned row = 0; row < ROWS; row++)
        if (rows[row].ops->hash != NULL) hash += mix64(rows[row].ops->hash(core) + row);
    return hash;
}

uint64_t parts_content(const struct core *core, const struct interaction *ix)
{
    uint64_t content = 0;
    for (unsigned row = 0; row < ROWS; row++)
        if (rows[row].ops->content != NULL) content += rows[row].ops->content(core, ix);
    return content;
}

const char *parts_check(const struct core *core)
{
    for (unsigned row = 0; row < ROWS; row++)
        if (rows[row].ops->check != NULL && !rows[row].ops->check(core)) return rows[row].name;
    return NULL;
}
