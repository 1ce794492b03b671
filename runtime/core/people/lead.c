/* runtime/core/people/lead.c - The rows of the tables group_lead and queue_lead, searched one by one: a site has some
 * hundreds, and they are asked when a supervisor acts. */
#include "runtime/core/people/lead.h"

#include <stdlib.h>

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

static struct leadership *lead_find(const struct leads *leads, enum lead_kind kind, uint32_t of, uint32_t person)
{
    for (uint32_t at = 0; at < leads->count; at++)
        if (leads->all[at].person == person && leads->all[at].of == of && leads->all[at].kind == kind)
            return &leads->all[at];
    return NULL;
}

void lead_row(struct leads *leads, enum lead_kind kind, uint32_t of, uint32_t person, bool there)
{
    struct leadership *lead = lead_find(leads, kind, of, person);
    if (of == 0 || person == 0 || there == (lead != NULL) || (there && leads->count >= LEADS_MAX)) return;
    if (!there) {
        leads->content -= lead_hash(lead);
        *lead = leads->all[--leads->count];
        return;
    }
    leads->all = memory_grow(leads->all, &leads->capacity, leads->count + 1, sizeof *leads->all);
    lead = &leads->all[leads->count++];
    *lead = (struct leadership){.person = person, .of = of, .kind = (uint8_t)kind};
    leads->content += lead_hash(lead);
}

void leads_forget(struct leads *leads)
{
    leads->count = 0;
    leads->content = 0;
}

bool lead_is_bounded(const struct leads *leads, uint32_t person)
{
    for (uint32_t at = 0; person != 0 && at < leads->count; at++)
        if (leads->all[at].person == person) return true;
    return false;
}

bool lead_has(const struct leads *leads, uint32_t person, enum lead_kind kind, uint32_t of)
{
    return lead_find(leads, kind, of, person) != NULL;
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
    for (uint32_t at = 0; at < leads->count; at++) content += lead_hash(&leads->all[at]);
    return content == leads->content;
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
    if (keep_reading(keeper))
        for (uint32_t at = 0; at < leads->count; at++) leads->content += lead_hash(&leads->all[at]);
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
