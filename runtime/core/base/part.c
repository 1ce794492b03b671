/* runtime/core/base/part.c - Calls the operations of all parts, in loops over parts.def.
 *
 *     parts_forget   an interaction ends: each part gives up what it holds for it
 *     parts_over     its strategy ends; parts_leave: it leaves the queues
 *     parts_hash     the digest; parts_content: an interaction's share of it
 *     parts_keep     all parts as bytes, each behind its name
 *     parts_sound    what was read is proved; parts_check: a running core is proved
 *
 * Some loops run for each event or batch, whenever an agent moves, or for each interaction of a link that is back. The
 * rows whose parts have these operations are collected once (parts_place), so that the loops skip all other parts. */
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
        if (ops->agent_moves) place_add(&rows->agent_moves, row);
        if (ops->agent_told) place_add(&rows->agent_told, row);
        if (ops->thaw) place_add(&rows->thaw, row);
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
    for (unsigned at = 0; at < rows->agent_moves.count; at++) {
        const struct part_row *part = &rows->all[rows->agent_moves.at[at]];
        part->ops->agent_moves(part->self, agent);
    }
}

void parts_agent_told(const struct part_rows *rows, uint32_t agent)
{
    for (unsigned at = 0; at < rows->agent_told.count; at++) {
        const struct part_row *part = &rows->all[rows->agent_told.at[at]];
        part->ops->agent_told(part->self, agent);
    }
}

void parts_thaw(const struct part_rows *rows, struct interaction *ix)
{
    for (unsigned at = 0; at < rows->thaw.count; at++) {
        const struct part_row *part = &rows->all[rows->thaw.at[at]];
        part->ops->thaw(part->self, ix);
    }
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

/* Asks the first part that has the operation `figure` for the value of the measure. */
int64_t parts_figure(const struct part_rows *rows, uint16_t program, uint32_t row, uint64_t object, bool watched)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->figure) return part->ops->figure(part->self, program, row, object, watched);
    return 0;
}

void parts_settle(const struct part_rows *rows)
{
    /* Selection settles before the tables that it uses: rows that have ended stay readable until then. */
    for (unsigned at = rows->settle.count; at-- > 0;) {
        const struct part_row *part = &rows->all[rows->settle.at[at]];
        part->ops->settle(part->self);
    }
}

/* Returns the hash of all parts. A part that a later version added counts only if it holds something. So the digest
 * of a core that does not use such a part is the same as before that version. */
uint64_t parts_hash(const struct part_rows *rows)
{
    uint64_t hash = 0;
    for (unsigned at = 0; at < rows->hash.count; at++) {
        unsigned row = rows->hash.at[at];
        uint64_t of = rows->all[row].ops->hash(rows->all[row].self);
        if (of != 0 || rows->all[row].ops->since == 0) hash += table_mix64(of + row);
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

/* NULL: all is well. Otherwise returns the name of the part that is wrong. */
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

/* The name of a part, as read from a snapshot; the bytes of that part follow. */
struct part_name {
    /* the name's bytes, valid until the next value is read; NULL: the next name has not been read yet */
    const uint8_t *bytes;
    uint32_t length;
};

/* Writes the part's name, or reads the next name from a snapshot. False: the name that was read belongs to another
 * part. */
static bool keep_name(struct part_name *next, struct keeper *keeper, const char *name)
{
    enum { DIGEST_MOST = 10 }; /* most bytes that follow the last part in a snapshot */
    if (!keep_reading(keeper)) *next = (struct part_name){(const uint8_t *)name, (uint32_t)strlen(name)};
    if (keep_reading(keeper) && !next->bytes && keep_left(keeper) <= DIGEST_MOST) return false;
    if (!keep_reading(keeper) || !next->bytes) keep_bytes(keeper, &next->bytes, &next->length, NAME_MAX_BYTES);
    bool own = next->length == strlen(name) && memcmp(next->bytes, name, next->length) == 0;
    if (own) next->bytes = NULL;
    return own;
}

/* Writes or reads all parts. Each is found by its name, so that a later version may add parts between them. A part
 * that a version added may be missing in snapshots of that version that were written before it: then it stays as in
 * an older snapshot, as `init` made it. */
void parts_keep(const struct part_rows *rows, struct keeper *keeper)
{
    struct part_name next = {0};
    for (const struct part_row *part = rows->all; part < rows->all + rows->count && keep_good(keeper); part++) {
        const char *name = part->ops->kept_name ? part->ops->kept_name : part->name;
        if (!keep_has(keeper, part->ops->since)) continue;
        if (keep_name(&next, keeper, name)) {
            if (part->ops->keep) part->ops->keep(part->self, keeper);
        } else if (part->ops->since == 0 && keep_good(keeper)) {
            keep_fail(keeper, "its %s are not where they should be", name);
        }
    }
    if (next.bytes && keep_good(keeper)) keep_fail(keeper, "it has a part that nobody knows");
}

const char *parts_sound(const struct part_rows *rows)
{
    for (const struct part_row *part = rows->all; part < rows->all + rows->count; part++)
        if (part->ops->sound && !part->ops->sound(part->self)) return part->name;
    return NULL;
}
