/* runtime/core/campaigns/list_record_table.c - The rows of records: how they are found, marked as changed, and given
 * a timer. This file calls no other file of the folder. */
#include "runtime/core/campaigns/list_record_table.h"

#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"

uint64_t list_record_key(uint32_t campaign, uint64_t record)
{
    return table_mix64(table_mix64(record) + campaign);
}

struct list_record *list_record_of(const struct list_records *records, const struct interaction *ix)
{
    uint32_t slot;
    bool found = ix->media == media_outbound && lookup_find(&records->by_ixn, ix->id, &slot);
    return found ? &records->all[slot] : NULL;
}

struct span list_record_number(const struct list_record *row)
{
    return (struct span){row->number_and_data, row->number_length};
}

struct span list_record_data(const struct list_record *row)
{
    return (struct span){row->number_and_data + row->number_length, row->data_length};
}

struct list_record *list_record_find(const struct list_records *records, uint32_t campaign, uint64_t record)
{
    uint32_t slot;
    if (!lookup_find(&records->by_key, list_record_key(campaign, record), &slot)) return NULL;
    struct list_record *row = &records->all[slot];
    return row->campaign == campaign && row->record == record ? row : NULL;
}

uint32_t list_record_slot(const struct list_records *records, const struct list_record *row)
{
    return (uint32_t)(row - records->all);
}

void list_record_timer(struct list_records *records, uint32_t slot, uint64_t in_us)
{
    timer_cancel(records->timers, &records->all[slot].timer);
    timer_set(records->timers,
              &(struct timer){.deadline_us = records->now->time_us + in_us, .kind = TIMER_LIST_RECORD, .data = slot});
}

struct list_record *list_record_edit(struct list_records *records, struct list_record *row)
{
    if (row->unhashed) return row;
    assert(row >= records->all && row < records->all + records->count);
    row->unhashed = true;
    uint32_t at = records->unhashed_count++;
    records->unhashed = memory_grow(records->unhashed, &records->unhashed_capacity, at + 1, sizeof *records->unhashed);
    records->unhashed[at] = (uint32_t)(row - records->all);
    return row;
}
