/* runtime/core/campaigns/list_record_keep.c - Records of calling lists as bytes. */
#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/table.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/bytes.h"

/* The numbers that an update of a row blocks stand in the row. */
static void keep_update(struct core *core, struct keeper *keeper, struct record_update *update)
{
    update->status = keep_u8(keeper, update->status);
    update->type = keep_u8(keeper, update->type);
    update->result = keep_u8(keeper, update->result);
    update->scope = keep_u8(keeper, update->scope);
    update->closes = keep_bool(keeper, update->closes);
    update->due_us = keep_i64(keeper, update->due_us);
    update->agent = name_keep(core->names, keeper, update->agent);
}

/* The number, then the data. */
static void keep_held(struct core *core, struct keeper *keeper, struct list_record *row)
{
    struct span held = {row->held, row->number_length + row->data_length};
    struct error error;
    held = text_keep(keeper, held, LIST_RECORDS_BYTES_MAX);
    uint32_t number = keep_index(keeper, row->number_length, held.length + 1, 0);
    if (!keep_reading(keeper)) return;
    row->held = (uint8_t *)(uintptr_t)held.bytes;
    row->number_length = number;
    row->data_length = held.length - number;
    row->hash = text_hash(core->names, held);
    if (row->data_length != 0 && !kv_check_within(list_record_data(row), KV_BYTES_MAX, &error))
        keep_fail(keeper, "%s", error.text);
    core->list_records->bytes += held.length;
}

/* What the list has handed over. */
static void keep_given(struct core *core, struct keeper *keeper, struct list_record *row)
{
    row->record = keep_u64(keeper, row->record);
    row->version = keep_u64(keeper, row->version);
    row->revision = keep_u64(keeper, row->revision);
    row->due_us = keep_i64(keeper, row->due_us);
    row->from_us = keep_u64(keeper, row->from_us);
    row->till_us = keep_u64(keeper, row->till_us);
    row->campaign = name_keep(core->names, keeper, row->campaign);
    row->zone = name_keep(core->names, keeper, row->zone);
    row->agent = name_keep(core->names, keeper, row->agent);
    row->attempts = keep_u32(keeper, row->attempts);
    row->link = keep_u16(keeper, row->link);
    row->type = keep_u8(keeper, row->type);
    keep_held(core, keeper, row);
}

/* Its place in a campaign. */
static void keep_paced(struct keeper *keeper, struct list_record *row)
{
    row->talker = keep_u32(keeper, row->talker);
    row->since_us = keep_u64(keeper, row->since_us);
    row->claims = keep_u16(keeper, row->claims);
    row->phase = (uint8_t)keep_index(keeper, row->phase, RECORD_PHASES, RECORD_BUFFERED);
    row->judged = keep_bool(keeper, row->judged);
    row->passed_over = keep_bool(keeper, row->passed_over);
    row->paced = keep_bool(keeper, row->paced);
    row->is_due = keep_bool(keeper, row->is_due);
}

/* Of the part held.h. */
static void keep_holder(struct core *core, struct keeper *keeper, struct list_record *row)
{
    uint32_t count = core->list_records->count;
    row->holder = name_keep(core->names, keeper, row->holder);
    row->held_before = keep_index(keeper, row->held_before, count, LIST_RECORD_NONE);
    row->held_after = keep_index(keeper, row->held_after, count, LIST_RECORD_NONE);
    row->open = keep_bool(keeper, row->open);
    row->previewed = keep_bool(keeper, row->previewed);
    row->dial_ref = keep_u32(keeper, row->dial_ref);
    row->asked_client = keep_u64(keeper, row->asked_client);
    row->asked_req = keep_u64(keeper, row->asked_req);
    row->asked_link = keep_u16(keeper, row->asked_link);
    row->processed = keep_bool(keeper, row->processed);
    keep_update(core, keeper, &row->said);
    row->fields = pairs_keep(keeper, row->fields, KV_BYTES_MAX);
}

static void keep_row(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct list_records *records = core->list_records;
    struct list_record *row = &records->all[slot];
    row->id = keep_u64(keeper, row->id);
    row->next = keep_index(keeper, row->next, records->count, LIST_RECORD_NONE);
    if (row->id == 0) return;
    row->previous = keep_index(keeper, row->previous, records->count, LIST_RECORD_NONE);
    keep_given(core, keeper, row);
    row->ixn = keep_u64(keeper, row->ixn);
    row->dials_again_us = keep_u64(keeper, row->dials_again_us);
    row->ref = keep_u32(keeper, row->ref);
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_LIST_RECORD, slot, 0);
    row->result = keep_u8(keeper, row->result);
    row->dialled = keep_bool(keeper, row->dialled);
    row->noted = keep_bool(keeper, row->noted);
    row->refused = keep_bool(keeper, row->refused);
    row->closed = keep_bool(keeper, row->closed);
    row->untold = keep_bool(keeper, row->untold);
    keep_update(core, keeper, &row->update);
    row->blocked = pairs_keep(keeper, row->blocked, KV_BYTES_MAX);
    row->dials = text_keep(keeper, row->dials, KV_BYTES_MAX);
    keep_paced(keeper, row);
    keep_holder(core, keeper, row);
    if (keep_reading(keeper)) records->taken++;
    if (keep_reading(keeper)) list_record_edit(records, row);
    lookup_restore(&records->by_key, keeper, slot);
    if (row->holder != 0 && row->held_before == LIST_RECORD_NONE) lookup_restore(&records->by_holder, keeper, slot);
    if (row->ixn != 0) lookup_restore(&records->by_ixn, keeper, slot);
    if (row->ixn == 0 && row->ref != 0) lookup_restore(&records->by_ref, keeper, slot);
}

void list_records_keep(struct core *core, struct keeper *keeper)
{
    struct list_records *records = core->list_records;
    if (!keep_reading(keeper)) (void)part_ops_list_records.hash(core); /* no share is left to be counted */
    records->all =
        keep_rows(keeper, records->all, &records->count, &records->capacity, LIST_RECORDS_MAX, sizeof *records->all);
    records->free = keep_index(keeper, records->free, records->count, LIST_RECORD_NONE);
    lookup_fill(&records->by_key, keeper, records->count);
    for (uint32_t slot = 0; slot < records->count && keep_good(keeper); slot++) keep_row(core, keeper, slot);
    lookup_filled(&records->by_key, keeper);
    records->last_id = keep_u64(keeper, records->last_id);
    uint64_t content = keep_u64(keeper, records->content);
    records->content = keep_reading(keeper) ? 0 : content; /* all rows that were read are counted anew */
}

/* From the first row of a holder on those that follow are the holder's, each once. */
static bool held_sound(const struct list_records *records)
{
    struct marks marks = marks_of(records->count);
    uint32_t held = 0;
    bool sound = true;
    for (uint32_t first = 0; sound && first < records->count; first++) {
        uint32_t holder = records->all[first].holder;
        held += holder != 0;
        if (holder == 0 || records->all[first].held_before != LIST_RECORD_NONE) continue;
        for (uint32_t at = first; sound && at != LIST_RECORD_NONE; at = records->all[at].held_after)
            if (!(sound = mark(&marks, at) && records->all[at].holder == holder)) break;
    }
    sound = sound && marks.marked == held;
    marks_free(&marks);
    return sound;
}

/* Each row that is free is in the list of these, and each of a campaign has one that is loaded. */
bool list_records_sound(struct core *core)
{
    const struct list_records *records = core->list_records;
    struct marks marks = marks_of(records->count);
    bool sound = held_sound(records);
    for (uint32_t at = records->free; sound && at != LIST_RECORD_NONE; at = records->all[at].next)
        if (!(sound = mark(&marks, at) && records->all[at].id == 0)) break;
    sound = sound && marks.marked + records->taken == records->count;
    marks_free(&marks);
    for (uint32_t at = 0; sound && at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        if (row->id == 0) continue;
        sound = (!row->paced || campaign_of(core, row->campaign)) &&
                (row->phase != RECORD_TALKS || row->talker == AGENT_NONE || row->talker < core->agents->count);
    }
    return sound;
}
