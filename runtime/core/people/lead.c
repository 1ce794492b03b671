/* runtime/core/people/lead.c - The rows of the tables group_lead and queue_lead, in the order of person, kind and group
 * or queue, so that one is found by halves: whom a supervisor leads is asked of all agents at once. */
#include "runtime/core/people/lead.h"

#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/people/agent.h"

static void leads_init(void *self, const struct parts *parts)
{
    ((struct leads *)self)->names = parts->names;
}

static void leads_free(void *self)
{
    free(((struct leads *)self)->all);
}

static uint64_t lead_hash(const struct leadership *lead)
{
    return table_mix64(table_mix64((uint64_t)lead->person << 32 | lead->of) + lead->kind) | 1;
}

static bool lead_is_before(const struct leadership *one, const struct leadership *other)
{
    if (one->person != other->person) return one->person < other->person;
    return one->kind != other->kind ? one->kind < other->kind : one->of < other->of;
}

/* Returns where the row is, or would be, among the first `count`. */
static uint32_t lead_row_place(const struct leads *leads, uint32_t count, const struct leadership *row)
{
    uint32_t from = 0;
    while (from < count) {
        uint32_t middle = from + (count - from) / 2;
        if (lead_is_before(&leads->all[middle], row))
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

static bool lead_is_at(const struct leads *leads, uint32_t at, const struct leadership *row)
{
    return at < leads->count && !lead_is_before(row, &leads->all[at]);
}

/* Puts the row at its place among the first `count`, which are in order; there is room for one more. */
static void lead_insert(struct leads *leads, uint32_t count, struct leadership row)
{
    uint32_t at = lead_row_place(leads, count, &row);
    memmove(&leads->all[at + 1], &leads->all[at], (count - at) * sizeof row);
    leads->all[at] = row;
}

void lead_row(struct leads *leads, enum lead_kind kind, uint32_t of, uint32_t person, bool there)
{
    const struct leadership row = {.person = person, .of = of, .kind = (uint8_t)kind};
    uint32_t at = lead_row_place(leads, leads->count, &row);
    bool was = lead_is_at(leads, at, &row);
    if (of == 0 || person == 0 || there == was || (there && leads->count >= LEADS_MAX)) return;
    if (!there) {
        leads->content -= lead_hash(&row);
        leads->count--;
        memmove(&leads->all[at], &leads->all[at + 1], (leads->count - at) * sizeof row);
        return;
    }
    leads->all = memory_grow(leads->all, &leads->capacity, leads->count + 1, sizeof *leads->all);
    lead_insert(leads, leads->count++, row);
    leads->content += lead_hash(&row);
}

void leads_forget(struct leads *leads)
{
    leads->count = 0;
    leads->content = 0;
}

bool lead_is_bounded(const struct leads *leads, uint32_t person)
{
    uint32_t at = lead_row_place(leads, leads->count, &(struct leadership){.person = person});
    return person != 0 && at < leads->count && leads->all[at].person == person;
}

bool lead_has(const struct leads *leads, uint32_t person, enum lead_kind kind, uint32_t of)
{
    const struct leadership row = {.person = person, .of = of, .kind = (uint8_t)kind};
    return lead_is_at(leads, lead_row_place(leads, leads->count, &row), &row);
}

bool lead_has_agent(const struct leads *leads, uint32_t person, const struct agent *agent)
{
    for (uint32_t at = 0; at < agent->group_count; at++)
        if (lead_has(leads, person, LEAD_GROUP, agent->groups[at].name)) return true;
    return false;
}

static uint64_t leads_hash(const void *self)
{
    return ((const struct leads *)self)->content;
}

static bool leads_check(const void *self)
{
    const struct leads *leads = self;
    uint64_t content = 0;
    bool ordered = true;
    for (uint32_t at = 0; at < leads->count; at++) {
        content += lead_hash(&leads->all[at]);
        ordered = ordered && (at == 0 || lead_is_before(&leads->all[at - 1], &leads->all[at]));
    }
    return ordered && content == leads->content;
}

static void leads_keep(void *self, struct keeper *keeper)
{
    struct leads *leads = self;
    leads->all = keep_rows(keeper, leads->all, &leads->count, &leads->capacity, LEADS_MAX, sizeof *leads->all);
    for (uint32_t at = 0; at < leads->count && keep_good(keeper); at++) {
        struct leadership *lead = &leads->all[at];
        lead->person = name_keep(leads->names, keeper, lead->person);
        lead->of = name_keep(leads->names, keeper, lead->of);
        lead->kind = (uint8_t)keep_index(keeper, lead->kind, LEAD_QUEUE + 1, LEAD_GROUP);
    }
    if (!keep_reading(keeper) || !keep_good(keeper)) return;
    for (uint32_t at = 0; at < leads->count; at++) {
        leads->content += lead_hash(&leads->all[at]);
        lead_insert(leads, at, leads->all[at]); /* the numbers of names may be other ones here */
    }
}

const struct part_ops part_ops_leads = {
    .size = sizeof(struct leads),
    .since = 24,
    .init = leads_init,
    .free = leads_free,
    .hash = leads_hash,
    .check = leads_check,
    .keep = leads_keep,
};
