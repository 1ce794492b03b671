/* runtime/core/base/part.c - The loops over parts.def. */
#include "runtime/core/base/part.h"

#include <assert.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/rows.h"

static void place_add(struct part_places *places, unsigned row)
{
    assert(places->count < PARTS_MAX);
    places->at[places->count++] = (uint8_t)row;
}

void parts_place(struct part_rows *rows)
{
    assert(rows->count <= PARTS_MAX);
    for (unsigned row = 0; row < rows->count; row++) {
        const struct part_ops *ops = rows->all[row].ops;
        if (ops->settle) place_add(&rows->settle, row);
        if (ops->hash) place_add(&rows->hash, row);
        if (ops->content) place_add(&rows->content, row);
    }
}

void parts_forget(const struct part_rows *rows, struct interaction *ix)
{
    for (unsigned row = 0; row < rows->count; row++)
        if (rows->all[row].ops->forget) rows->all[row].ops->forget(rows->all[row].self, ix);
}

void parts_over(const struct part_rows *rows, struct interaction *ix)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->over) part->ops->over(part->self, ix);
}

void parts_leave(const struct part_rows *rows, struct interaction *ix, unsigned end)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->leave) part->ops->leave(part->self, ix, end);
}

void parts_agent_moves(const struct part_rows *rows, uint32_t agent)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->agent_moves) part->ops->agent_moves(part->self, agent);
}

void parts_claim_ends(const struct part_rows *rows, uint32_t claim)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->claim_ends) part->ops->claim_ends(part->self, claim);
}

bool parts_claim_lapsed(const struct part_rows *rows, uint32_t claim)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->claim_lapsed && part->ops->claim_lapsed(part->self, claim)) return true;
    return false;
}

bool parts_answered(const struct part_rows *rows, struct interaction *ix, const struct message *message)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->answered && part->ops->answered(part->self, ix, message)) return true;
    return false;
}

int64_t parts_figure(const struct part_rows *rows, uint16_t program, uint32_t row, uint64_t object, bool watched)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->figure) return part->ops->figure(part->self, program, row, object, watched);
    return 0;
}

void parts_settle(const struct part_rows *rows)
{
    /* Selection settles before the tables on which it works: rows that ended stay readable until then. */
    for (unsigned at = rows->settle.count; at-- > 0;) {
        const struct part_row *part = &rows->all[rows->settle.at[at]];
        part->ops->settle(part->self);
    }
}

uint64_t parts_hash(const struct part_rows *rows)
{
    uint64_t hash = 0;
    for (unsigned at = 0; at < rows->hash.count; at++) {
        unsigned row = rows->hash.at[at];
        uint64_t of = rows->all[row].ops->hash(rows->all[row].self);
        if (of != 0 || rows->all[row].ops->since == 0) hash += mix64(of + row);
    }
    return hash;
}

uint64_t parts_content(const struct part_rows *rows, const struct interaction *ix)
{
    uint64_t content = 0;
    for (unsigned at = 0; at < rows->content.count; at++) {
        const struct part_row *part = &rows->all[rows->content.at[at]];
        content += part->ops->content(part->self, ix);
    }
    return content;
}

const char *parts_check(const struct part_rows *rows)
{
    for (unsigned row = 0; row < rows->count; row++)
        if (rows->all[row].ops->check && !rows->all[row].ops->check(rows->all[row].self)) return rows->all[row].name;
    return NULL;
}

const char *parts_hold(const struct part_rows *rows, const struct interaction *ix)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->holds && !part->ops->holds(part->self, ix)) return part->name;
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

void parts_keep(const struct part_rows *rows, struct keeper *keeper)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count && keep_good(keeper); part++) {
        if (!keep_has(keeper, part->ops->since)) continue;
        keep_name(keeper, part->ops->kept_name ? part->ops->kept_name : part->name);
        if (part->ops->keep) part->ops->keep(part->self, keeper);
    }
}

const char *parts_sound(const struct part_rows *rows)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->sound && !part->ops->sound(part->self)) return part->name;
    return NULL;
}
