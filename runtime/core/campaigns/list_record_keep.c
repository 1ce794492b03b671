/* runtime/core/campaigns/list_record_keep.c - How records of calling lists are written to snapshots, and their share
 * of the digest. */
#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/bytes.h"

/* ---- a record's state as snapshots and digests know it ---- */

enum { KEPT_PHASES = 6 };

/* Older versions kept in these fields what record_states.def now puts into a row's state, its beginner and its
 * attempt. */
struct kept_state {
    uint8_t phase; /* phase of a record that a campaign paces or has paced */
    bool paced, is_due, open, previewed, dialled, noted;
};

static struct kept_state kept_state_of(const struct list_record *row)
{
    static const uint8_t phases[RECORD_STATES] = {
#define RECORD_STATE(name, place, phase, meaning) [RECORD_##name] = phase,
#include "runtime/core/campaigns/record_states.def"
    };
    return (struct kept_state){
        .phase = row->begun_by == RECORD_BY_campaign ? phases[row->state] : 0,
        .paced = list_record_is_counted(row),
        .is_due = row->state == RECORD_due,
        .open = list_record_place(row) == RECORD_AT_holder,
        .previewed = row->begun_by == RECORD_BY_agent,
        .dialled = list_record_attempted(row),
        .noted = row->attempt == ATTEMPT_WITHDRAWN || row->attempt == ATTEMPT_NOTED,
    };
}

/* Returns the state of a row that has an interaction. */
static enum record_state state_called(const struct list_record *row, struct kept_state kept)
{
    static const enum record_state of_phase[] = {RECORD_checking, RECORD_checking,  RECORD_ringing,
                                                 RECORD_waiting,  RECORD_connected, RECORD_over};
    if (row->begun_by == RECORD_BY_core) return RECORD_running;
    if (row->begun_by == RECORD_BY_campaign) return of_phase[kept.phase];
    if (row->dial_ref != 0) return RECORD_ringing;
    return row->result == cause_ok ? RECORD_connected : RECORD_over;
}

static enum record_state state_kept(const struct list_record *row, struct kept_state kept)
{
    if (row->ixn != 0) return state_called(row, kept);
    if (kept.open && row->asked_link != 0) return RECORD_asking;
    if (kept.open) return kept.previewed && !kept.dialled ? RECORD_preview : RECORD_open;
    if (row->untold) return RECORD_telling;
    return kept.is_due ? RECORD_due : RECORD_ahead;
}

/* Sets the row's state from the older fields; all other fields have been read. */
static void state_from_kept(struct keeper *keeper, struct list_record *row, struct kept_state kept)
{
    bool by_campaign = kept.paced || kept.phase != 0;
    row->begun_by = kept.previewed ? RECORD_BY_agent : by_campaign ? RECORD_BY_campaign : RECORD_BY_core;
    row->attempt =
        kept.dialled ? (kept.noted ? ATTEMPT_NOTED : ATTEMPT_DIALLED) : (kept.noted ? ATTEMPT_WITHDRAWN : ATTEMPT_NONE);
    row->state = state_kept(row, kept);
    struct kept_state again = kept_state_of(row);
    bool waits = row->state != RECORD_due || again.paced, asks = row->state != RECORD_asking || again.previewed;
    if (!waits || !asks || again.phase != kept.phase || again.paced != kept.paced || again.is_due != kept.is_due ||
        again.open != kept.open || again.previewed != kept.previewed)
        keep_fail(keeper, "a record is in no state that there is");
}

/* ---- a record's share of the digest ---- */

static uint64_t holder_hash(const struct list_records *records, const struct list_record *row, struct kept_state kept)
{
    const struct record_update *said = &row->holder_update;
    uint64_t hash = table_mix64(((uint64_t)row->holder << 32 | said->agent) + (kept.open ? 1u : 0));
    hash = table_mix64(hash + said->status + ((uint64_t)said->type << 8) + ((uint64_t)said->scope << 16) +
                       (row->processed ? 1u << 24 : 0));
    hash = table_mix64(hash + row->asked_client) + table_mix64(row->asked_req + ((uint64_t)row->asked_link << 48)) +
           (kept.previewed ? 1u : 0) + table_mix64(row->dial_ref + UINT64_C(1));
    return table_mix64(hash + (uint64_t)said->due_us) + table_text_hash(records->names, row->holder_fields);
}

static uint64_t update_hash(const struct list_records *records, const struct list_record *row, struct kept_state kept)
{
    const struct record_update *update = &row->update;
    uint64_t hash = table_mix64(table_mix64(row->revision) + row->ref);
    hash = table_mix64(hash + update->status + ((uint64_t)update->type << 8) + ((uint64_t)update->result << 16) +
                       (update->closes ? 1u << 24 : 0) + (kept.dialled ? 1u << 26 : 0) + (row->closed ? 1u << 27 : 0) +
                       (row->untold ? 1u << 28 : 0) + (row->talks ? 1u << 29 : 0));
    hash = table_mix64(hash + ((uint64_t)update->agent << 8 | update->scope)) + holder_hash(records, row, kept);
    return table_mix64(hash + (uint64_t)update->due_us) + table_text_hash(records->names, row->blocked) +
           3 * table_text_hash(records->names, row->dials);
}

uint64_t list_record_hash(const struct list_records *records, const struct list_record *row)
{
    if (row->id == 0) return 0;
    struct kept_state kept = kept_state_of(row);
    uint64_t hash = table_mix64(row->hash + ((uint64_t)row->number_length << 32 | row->data_length));
    hash = table_mix64(hash + row->record) + table_mix64(hash + row->version + 1);
    hash = table_mix64(hash + (uint64_t)row->due_us) + table_mix64(hash + row->from_s * RECORD_SECOND_US + 1) +
           table_mix64(hash + row->till_s * RECORD_SECOND_US + 2);
    if (row->again_from_s != row->again_till_s)
        hash = table_mix64(hash + row->again_from_s + 3) + table_mix64(hash + row->again_till_s + 4);
    hash = table_mix64(hash + ((uint64_t)row->campaign << 32 | row->zone));
    hash = table_mix64(hash + ((uint64_t)row->agent << 32 | row->attempts));
    hash = table_mix64(hash + row->dials_again_us + ((uint64_t)row->link << 48));
    hash = table_mix64(hash + row->type + ((uint64_t)row->result << 8) + ((uint64_t)kept.phase << 16) +
                       (kept.paced ? 1u << 24 : 0) + (kept.is_due ? 1u << 25 : 0) + (row->dial_refused ? 1u << 26 : 0) +
                       (row->judged ? 1u << 27 : 0) + (kept.noted ? 1u << 28 : 0) + (row->passed_over ? 1u << 29 : 0));
    hash = table_mix64(hash + row->since_us + ((uint64_t)row->claims << 48)) +
           table_mix64(hash + row->talker + 1 + ((uint64_t)row->speech << 33));
    return table_mix64(hash + row->id) + table_mix64(row->ixn + 1) + update_hash(records, row, kept);
}

/* ---- bytes ---- */

/* Writes or reads an update; the numbers that it asks to block are kept with the row. */
static void record_update_keep(struct list_records *records, struct keeper *keeper, struct record_update *update)
{
    update->status = keep_u8(keeper, update->status);
    update->type = keep_u8(keeper, update->type);
    update->result = keep_u8(keeper, update->result);
    update->scope = keep_u8(keeper, update->scope);
    update->closes = keep_bool(keeper, update->closes);
    update->due_us = keep_i64(keeper, update->due_us);
    update->agent = name_keep(records->names, keeper, update->agent);
}

static void number_and_data_keep(struct list_records *records, struct keeper *keeper, struct list_record *row)
{
    struct span bytes = {row->number_and_data, row->number_length + row->data_length};
    struct error error;
    bytes = owned_text_keep(keeper, bytes, LIST_RECORDS_BYTES_MAX);
    uint32_t number = keep_index(keeper, row->number_length, bytes.length + 1, 0);
    if (!keep_reading(keeper)) return;
    row->number_and_data = (uint8_t *)(uintptr_t)bytes.bytes;
    row->number_length = number;
    row->data_length = bytes.length - number;
    row->hash = table_text_hash(records->names, bytes);
    if (row->data_length != 0 && !kv_check_within(list_record_data(row), KV_BYTES_MAX, &error))
        keep_fail(keeper, "%s", error.text);
    records->bytes += bytes.length;
}

/* Snapshots have a time of the day in microseconds. */
static uint32_t second_of_day_keep(struct keeper *keeper, uint32_t second)
{
    return (uint32_t)(keep_u64(keeper, second * RECORD_SECOND_US) / RECORD_SECOND_US);
}

/* Writes or reads what the list has sent of the record. */
static void record_listed_keep(struct list_records *records, struct keeper *keeper, struct list_record *row)
{
    row->record = keep_u64(keeper, row->record);
    row->version = keep_u64(keeper, row->version);
    row->revision = keep_u64(keeper, row->revision);
    row->due_us = keep_i64(keeper, row->due_us);
    row->from_s = second_of_day_keep(keeper, row->from_s);
    row->till_s = second_of_day_keep(keeper, row->till_s);
    if (keep_has(keeper, 17)) row->again_from_s = keep_u32(keeper, row->again_from_s);
    if (keep_has(keeper, 17)) row->again_till_s = keep_u32(keeper, row->again_till_s);
    row->campaign = name_keep(records->names, keeper, row->campaign);
    row->zone = name_keep(records->names, keeper, row->zone);
    row->agent = name_keep(records->names, keeper, row->agent);
    row->attempts = keep_u32(keeper, row->attempts);
    row->link = keep_u16(keeper, row->link);
    row->type = keep_u8(keeper, row->type);
    number_and_data_keep(records, keeper, row);
}

/* Writes or reads the record's state in its campaign. */
static void record_paced_keep(struct keeper *keeper, struct list_record *row, struct kept_state *kept)
{
    row->talker = keep_u32(keeper, row->talker);
    row->since_us = keep_u64(keeper, row->since_us);
    row->claims = keep_u16(keeper, row->claims);
    kept->phase = (uint8_t)keep_index(keeper, kept->phase, KEPT_PHASES, 0);
    row->judged = keep_bool(keeper, row->judged);
    row->passed_over = keep_bool(keeper, row->passed_over);
    kept->paced = keep_bool(keeper, kept->paced);
    kept->is_due = keep_bool(keeper, kept->is_due);
}

/* Writes or reads the record's holder, and the result that the holder wants. */
static void record_holder_keep(struct list_records *records, struct keeper *keeper, struct list_record *row,
                               struct kept_state *kept)
{
    uint32_t count = records->count;
    row->holder = name_keep(records->names, keeper, row->holder);
    row->holder_previous = keep_index(keeper, row->holder_previous, count, LIST_RECORD_NONE);
    row->holder_next = keep_index(keeper, row->holder_next, count, LIST_RECORD_NONE);
    kept->open = keep_bool(keeper, kept->open);
    kept->previewed = keep_bool(keeper, kept->previewed);
    row->dial_ref = keep_u32(keeper, row->dial_ref);
    row->asked_client = keep_u64(keeper, row->asked_client);
    row->asked_req = keep_u64(keeper, row->asked_req);
    row->asked_link = keep_u16(keeper, row->asked_link);
    row->processed = keep_bool(keeper, row->processed);
    record_update_keep(records, keeper, &row->holder_update);
    row->holder_fields = owned_pairs_keep(keeper, row->holder_fields, KV_BYTES_MAX);
}

static void list_record_keep(struct list_records *records, struct keeper *keeper, uint32_t slot)
{
    struct list_record *row = &records->all[slot];
    row->id = keep_u64(keeper, row->id);
    row->next = keep_index(keeper, row->next, records->count, LIST_RECORD_NONE);
    if (row->id == 0) return;
    struct kept_state kept = kept_state_of(row);
    row->previous = keep_index(keeper, row->previous, records->count, LIST_RECORD_NONE);
    record_listed_keep(records, keeper, row);
    row->ixn = keep_u64(keeper, row->ixn);
    row->dials_again_us = keep_u64(keeper, row->dials_again_us);
    row->ref = keep_u32(keeper, row->ref);
    row->timer = timer_keep(records->timers, keeper, row->timer, 1u << TIMER_LIST_RECORD, slot, 0);
    row->result = keep_u8(keeper, row->result);
    kept.dialled = keep_bool(keeper, kept.dialled);
    kept.noted = keep_bool(keeper, kept.noted);
    row->dial_refused = keep_bool(keeper, row->dial_refused);
    row->closed = keep_bool(keeper, row->closed);
    row->untold = keep_bool(keeper, row->untold);
    if (keep_has(keeper, 13)) row->talks = keep_bool(keeper, row->talks);
    record_update_keep(records, keeper, &row->update);
    row->blocked = owned_pairs_keep(keeper, row->blocked, KV_BYTES_MAX);
    row->dials = owned_text_keep(keeper, row->dials, KV_BYTES_MAX);
    record_paced_keep(keeper, row, &kept);
    record_holder_keep(records, keeper, row, &kept);
    /* A snapshot before version 13 does not say who was spoken to: then nobody counts as let go without a word. */
    row->speech = keep_has(keeper, 13) ? (uint8_t)keep_index(keeper, row->speech, SPEECH_BEGUN + 1, SPEECH_NONE)
                                       : (uint8_t)SPEECH_BEGUN;
    if (keep_reading(keeper)) state_from_kept(keeper, row, kept);
    if (keep_reading(keeper)) records->taken++;
    if (keep_reading(keeper)) list_record_edit(records, row);
    lookup_restore(&records->by_key, keeper, slot);
    if (row->holder != 0 && row->holder_previous == LIST_RECORD_NONE) lookup_restore(&records->by_holder, keeper, slot);
    if (row->ixn != 0) lookup_restore(&records->by_ixn, keeper, slot);
    if (row->ixn == 0 && row->ref != 0) lookup_restore(&records->by_ref, keeper, slot);
}

void list_records_keep(void *self, struct keeper *keeper)
{
    struct list_records *records = self;
    /* computes all shares, so that none is left to be computed */
    if (!keep_reading(keeper)) (void)part_ops_list_records.hash(records);
    POOL_KEEP(records, keeper, LIST_RECORDS_MAX);
    lookup_fill(&records->by_key, keeper, records->count);
    for (uint32_t slot = 0; slot < records->count && keep_good(keeper); slot++) list_record_keep(records, keeper, slot);
    lookup_filled(&records->by_key, keeper);
    records->last_id = keep_u64(keeper, records->last_id);
    uint64_t content = keep_u64(keeper, records->content);
    records->content = keep_reading(keeper) ? 0 : content; /* after reading, all rows are hashed anew */
}

/* True: the list of each holder has only rows of that holder, each once. */
static bool holders_sound(const struct list_records *records)
{
    struct marks marks = marks_of(records->count);
    uint32_t with_holder = 0;
    bool sound = true;
    for (uint32_t first = 0; sound && first < records->count; first++) {
        uint32_t holder = records->all[first].holder;
        with_holder += holder != 0;
        if (holder == 0 || records->all[first].holder_previous != LIST_RECORD_NONE) continue;
        for (uint32_t at = first; sound && at != LIST_RECORD_NONE; at = records->all[at].holder_next)
            if (!(sound = marks_mark(&marks, at) && records->all[at].holder == holder)) break;
    }
    return marks_end(&marks, with_holder) && sound;
}

/* True: each free row is in the list of free rows, and each record that belongs to a campaign belongs to a loaded
 * one. */
bool list_records_sound(void *self)
{
    const struct list_records *records = self;
    struct marks marks = marks_of(records->count);
    bool sound = holders_sound(records);
    POOL_MARK_FREE(records, next, id, 0, &marks, sound);
    sound = sound && marks.marked + records->taken == records->count;
    marks_free(&marks);
    for (uint32_t at = 0; sound && at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        if (row->id == 0) continue;
        sound = (!list_record_is_counted(row) || campaign_of(records->campaigns, row->campaign)) &&
                (row->state != RECORD_connected || !list_record_is_counted(row) || row->talker == AGENT_NONE ||
                 row->talker < records->agents->count);
    }
    return sound;
}
