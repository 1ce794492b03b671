/* runtime/core/campaigns/list_record_tell.c - UpdateRecord tells the list the result of its record. An UpdateRecord is
 * an effect of the interaction as long as that exists, and of the partition afterwards; the list recognizes a
 * repetition by record and revision.
 *
 *     somebody says what becomes of it --> `update` of its row, untold --UpdateRecord--> list
 *                                             ^                                          |
 *                                             `----again after LIST_RECORD_AGAIN_US, or link's return, until EventDone
 *
 * A row has at most one unanswered update. A newer update replaces it under a new revision, and repeats what the
 * list may not have received: the numbers to block, and the record's state if the newer update does not change it.
 * While the interaction exists, the strategy's step that waits for the answer gets it as well; afterwards `by_ref`
 * finds the row. If the list refuses an update for good, that ends the update, too; if the interaction has ended, a
 * shorter update is sent then (holder_is_refused). */
#include "runtime/core/campaigns/list_record_table.h"

#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/call_result.h"
#include "runtime/core/links/link.h"
#include "runtime/vocabulary/effects_list.h"

enum {
    NETWORK_RESTS_US = 300000000, /* the carrier had no line for the call: the record is due again after this time */
    /* the result "wrong number" is doubted before this attempt of a number, and believed from this attempt on */
    DOUBTED_ATTEMPTS = 3,
};

bool list_record_may_pass(unsigned code)
{
    static const bool passing[] = {[code_unavailable] = true, [code_timeout] = true,         [code_link_down] = true,
                                   [code_overload] = true,    [code_outcome_unknown] = true, [code_throttled] = true};
    return code < sizeof passing / sizeof *passing && passing[code];
}

/* Writes the numbers to block and, with the update that closes the record, the fields that its holder has changed. */
static void update_fields_write(struct list_records *records, const struct list_record *row)
{
    struct kv_pair pair;
    kv_clear(records->scratch);
    for (uint32_t at = 0; kv_next(row->blocked, &at, &pair);) kv_put(records->scratch, pair.key, &pair.value);
    for (uint32_t at = 0; row->update.closes && kv_next(row->holder_fields, &at, &pair);)
        kv_put(records->scratch, pair.key, &pair.value);
    if (kv_span(records->scratch).length != 0)
        writer_kv(&records->effects->writer, UpdateRecord_fields, records->scratch);
}

/* Returns when the record is due again. A time that is over when the list gets it would be refused, and no strategy
 * could give another one: then the record is due soon. */
static int64_t update_due(const struct list_records *records, const struct list_record *row)
{
    int64_t due_us = row->update.due_us, soon_us = now_wall_us(records->now) + LIST_RECORD_AGAIN_US;
    bool timed = row->update.status == record_status_ready && due_us != 0;
    return timed && row->ixn == 0 && due_us < soon_us ? soon_us : due_us;
}

static void update_write(struct list_records *records, const struct list_record *row)
{
    const struct record_update *update = &row->update;
    struct writer *writer = &records->effects->writer;
    writer_u(writer, UpdateRecord_record, row->record);
    writer_u(writer, UpdateRecord_revision, row->revision);
    writer_u(writer, UpdateRecord_status, update->status);
    writer_u(writer, UpdateRecord_type, update->type);
    writer_u(writer, UpdateRecord_result, update->result);
    writer_i(writer, UpdateRecord_due, update_due(records, row));
    writer_bytes(writer, UpdateRecord_agent, names_text(records->names, update->agent));
    update_fields_write(records, row);
    writer_u(writer, UpdateRecord_history, list_record_attempted(row) ? row->attempts : 0);
    writer_u(writer, UpdateRecord_block, row->blocked.length != 0);
    writer_bytes(writer, UpdateRecord_campaign, names_text(records->names, row->campaign));
    writer_u(writer, UpdateRecord_scope, update->scope);
    if (update->status == record_status_retrieved) writer_bytes(writer, UpdateRecord_number, row->dials);
    writer_u(writer, UpdateRecord_talks, row->talks);
}

/* Sends the update. If the link is down, the update is sent when it is up again; if it is in its grace time, it is
 * sent again then. */
void list_record_send(struct list_records *records, uint32_t slot)
{
    struct list_record *row = &records->all[slot];
    struct interaction *ix = row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
    assert(row->ixn == 0 || ix);
    if (!row->untold || !link_usable(records->links, row->link)) return;
    (void)list_record_edit(records, row);
    bool first = row->ref == 0;
    row->talks = row->closed && ix && ix->leg && list_record_attempted(row);
    row->ref = effect_begin(
        records->effects,
        &(struct effect){.kind = KIND_UpdateRecord, .link = row->link, .interaction = ix, .ref = row->ref});
    update_write(records, row);
    effect_end(records->effects);
    if (first && !ix) lookup_add(&records->by_ref, slot);
    list_record_timer(records, slot, LIST_RECORD_AGAIN_US);
}

/* ---- numbers to block ---- */

bool list_record_may_block(const struct list_record *row, uint32_t more)
{
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    while (kv_next(row->blocked, &at, &pair)) count++;
    return count + more <= LIST_RECORD_BLOCKED_MAX;
}

/* Makes the list of the row's numbers that must not be dialled again, with `number` as the last. The caller frees
 * the list. */
static struct span blocked_with(struct list_records *records, const struct list_record *row, struct span number)
{
    struct kv *all = records->scratch;
    uint32_t at = 0;
    struct kv_pair pair;
    kv_clear(all);
    while (kv_next(row->blocked, &at, &pair))
        if (!span_equal(pair.value.span, number)) kv_put_text(all, "number", pair.value.span);
    if (number.length != 0) kv_put_text(all, "number", number);
    return span_copy(kv_span(all));
}

/* ---- the update that is not answered ---- */

void list_record_drops(struct list_records *records, struct list_record *row)
{
    assert(row->id != 0 && row->unhashed);
    timer_cancel(records->timers, &row->timer);
    if (row->ixn == 0 && row->ref != 0) lookup_remove(&records->by_ref, row->ref);
    span_free(&row->blocked);
    row->update = (struct record_update){.closes = false};
    row->untold = false;
    row->ref = 0;
}

/* Stores a new update. The list may not have received the unanswered update, so the new one repeats what it said. */
void list_record_keeps(struct list_records *records, struct list_record *row, const struct record_update *update)
{
    struct record_update both = row->untold && update->status == record_status_none ? row->update : *update;
    struct span blocked = blocked_with(records, row, update->number);
    both.number = (struct span){NULL, 0};
    if (update->result == cause_abandoned) both.result = cause_abandoned;
    bool gone_out = !row->untold || row->ref != 0;
    if (both.status != record_status_retrieved) preview_withdrawn(records, row);
    (void)list_record_edit(records, row);
    list_record_drops(records, row);
    /* else the list has not received the row's revision, and the new update uses it again */
    if (gone_out) row->revision++;
    row->update = both;
    row->blocked = blocked;
    row->closed = both.closes;
    row->untold = true;
}

void list_record_says(struct list_records *records, uint32_t slot, const struct record_update *update)
{
    struct list_record *row = &records->all[slot];
    const struct interaction *ix = row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
    assert(list_record_place(row) != RECORD_AT_holder);
    list_record_keeps(records, row, update);
    list_record_send(records, slot);
    if (ix) interaction_tell(records->interactions, ix, FACT_record_updated, update->result, row->campaign);
}

/* Tells the list that the person has waited in vain and must not be called for a while, also if the record is
 * closed. */
void list_record_abandoned(struct list_records *records, uint32_t slot)
{
    const struct list_record *row = &records->all[slot];
    list_record_says(
        records, slot,
        &(struct record_update){
            .status = record_status_none, .type = row->type, .result = row->result, .closes = row->closed});
}

/* ---- how the record ends ---- */

/* True: the result "wrong number" may be false, because a badly configured carrier reports it for every number. The
 * result is taken as false if the campaign's attempt before this one has reached nobody either: then the record waits,
 * as if the carrier had no line. */
static bool number_is_doubted(const struct list_records *records, const struct list_record *row)
{
    return list_record_attempted(row) && row->result == cause_invalid_number && row->attempts < DOUBTED_ATTEMPTS &&
           campaign_fails(records->campaigns, row->campaign);
}

struct record_update list_record_last(const struct list_records *records, const struct list_record *row)
{
    uint64_t rests_us = row->dials_again_us > records->now->time_us ? row->dials_again_us - records->now->time_us : 0;
    unsigned of = list_record_attempted(row) ? call_result_of_cause(row->result).of : DIAL_OF_person;
    bool stale = row->result == cause_stale;
    bool network = (of == DIAL_OF_network && !stale) || number_is_doubted(records, row);
    bool told = row->attempt == ATTEMPT_NOTED || row->attempt == ATTEMPT_WITHDRAWN;
    bool back = told && row->result == cause_other && row->holder == 0; /* it was not called */
    if (network) rests_us = NETWORK_RESTS_US;
    return (struct record_update){
        .status = stale                                       ? record_status_stale
                  : back || network || of == DIAL_OF_exchange ? record_status_ready
                                                              : record_status_updated,
        .result = row->result,
        .due_us = (stale || network) && rests_us != 0 ? now_wall_us(records->now) + (int64_t)rests_us : 0,
        .closes = true};
}
