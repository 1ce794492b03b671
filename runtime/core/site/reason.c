/* runtime/core/site/reason.c - The reasons of the directory, and other reasons that agents have given, in the order
 * in which they first came.
 *
 * A reason that an agent gives and the directory does not have is reported as a fact each time. Such a reason gets a
 * row once, up to a limit, since such reasons are texts from outside. If the directory has no reasons at all, reasons
 * of agents get no rows. */
#include "runtime/core/site/reason.h"

#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/site/directory.h"

static uint64_t reason_key(const void *owner, uint32_t slot)
{
    return ((const struct reasons *)owner)->all[slot].name;
}

void reasons_init(struct reasons *reasons)
{
    *reasons = (struct reasons){0};
    lookup_init(&reasons->by_name, reasons, reason_key);
}

void reasons_free(struct reasons *reasons)
{
    free(reasons->all);
    lookup_free(&reasons->by_name);
}

static struct reason *reason_find(const struct reasons *reasons, uint32_t name)
{
    uint32_t slot;
    return name != 0 && lookup_find(&reasons->by_name, name, &slot) ? &reasons->all[slot] : NULL;
}

static void reason_add(struct reasons *reasons, uint32_t name)
{
    reasons->all = memory_grow(reasons->all, &reasons->capacity, reasons->count + 1, sizeof *reasons->all);
    reasons->all[reasons->count] = (struct reason){.name = name};
    lookup_add(&reasons->by_name, reasons->count++);
}

static void set_display(struct reasons *reasons, struct reason *reason, uint32_t display)
{
    reasons->known = reasons->known + (display != 0) - (reason->display != 0);
    reason->display = display;
}

void reasons_row(struct reasons *reasons, uint32_t name, uint32_t display)
{
    if (name == 0) return;
    if (!reason_find(reasons, name)) reason_add(reasons, name);
    struct reason *reason = reason_find(reasons, name);
    set_display(reasons, reason, display);
    reason->seen = true;
}

void reasons_unsee(struct reasons *reasons)
{
    for (uint32_t at = 0; at < reasons->count; at++) reasons->all[at].seen = false;
}

void reasons_drop_unseen(struct reasons *reasons)
{
    for (uint32_t at = 0; at < reasons->count; at++)
        if (!reasons->all[at].seen) set_display(reasons, &reasons->all[at], 0);
}

uint64_t reasons_hash(const struct reasons *reasons)
{
    uint64_t hash = 0;
    for (uint32_t at = 0; at < reasons->count; at++)
        if (reasons->all[at].display != 0)
            hash += table_mix64((uint64_t)reasons->all[at].name << 32 | reasons->all[at].display);
    return hash;
}

uint32_t reasons_display(const struct reasons *reasons, uint32_t name)
{
    const struct reason *reason = reason_find(reasons, name);
    return reason ? reason->display : 0;
}

void reasons_given(struct directory *directory, uint32_t agent, uint32_t name)
{
    struct reasons *reasons = &directory->reasons;
    if (name == 0 || reasons->known == 0 || reasons_display(reasons, name) != 0) return;
    if (!reason_find(reasons, name) && reasons->given < REASONS_GIVEN_MAX) {
        reason_add(reasons, name);
        reasons->given++;
    }
    fact_tell(directory->facts, &(struct fact){.what = FACT_agent_reason_unknown, .name = agent});
}

void reasons_keep(struct directory *directory, struct keeper *keeper)
{
    struct reasons *reasons = &directory->reasons;
    reasons->all =
        keep_rows(keeper, reasons->all, &reasons->count, &reasons->capacity, UINT32_MAX, sizeof *reasons->all);
    for (uint32_t at = 0; at < reasons->count && keep_good(keeper); at++) {
        struct reason *reason = &reasons->all[at];
        reason->name = name_keep(directory->names, keeper, reason->name);
        reason->display = name_keep(directory->names, keeper, reason->display);
        reason->seen = keep_bool(keeper, reason->seen);
        if (keep_reading(keeper)) reasons->known += reason->display != 0;
        lookup_restore(&reasons->by_name, keeper, at);
    }
    reasons->given = keep_u32(keeper, reasons->given);
    reasons->told = keep_u64(keeper, reasons->told);
}
