/* runtime/core/campaigns/list_record_update.c - UpdateRecord tells the list what became of its record. It is the
 * interaction's effect while that lives, and the partition's own afterwards; the list knows a repetition by record and
 * revision.
 *
 *   somebody says what becomes of it --> `update` of its row, untold --UpdateRecord--> list
 *                                             ^                                          |
 *                                             `----again after UPDATE_AGAIN_US, or link's return, until EventDone
 *
 * A row has one update that is not answered. A newer one takes its place under a new revision, and says again what the
 * list may not have heard: the numbers to block, and the state of the record where the newer one says nothing of it.
 * While the interaction lives, the step that waits for the answer hears it as well; afterwards `by_ref` finds the row.
 * A list that refuses for good ends the update, too; where the interaction has ended, it is told less then
 * (holder_is_refused). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/call_result.h"
#include "runtime/core/links/link.h"
#include "runtime/vocabulary/effects_list.h"

enum {
    UPDATE_AGAIN_US = 30000000,   /* the list could not take it: told again so much later */
    NETWORK_RESTS_US = 300000000, /* the carrier had no line for the call: the record is ready so much later */
    DOUBTED_ATTEMPTS = 3,         /* at the attempt of that number a wrong number is believed in any case */
};

bool list_record_may_pass(unsigned code)
{
    static const bool passing[] = {[code_unavailable] = true, [code_timeout] = true,         [code_link_down] = true,
                                   [code_overload] = true,    [code_outcome_unknown] = true, [code_throttled] = true};
    return code < sizeof passing / sizeof *passing && passing[code];
}

/* The numbers to block, and with the update that closes the record what its holder has changed. */
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

/* A time that has passed before the list could hear of it would be refused, and no strategy is there that could say
 * another one: the record is due soon. */
static int64_t update_due(const struct list_records *records, const struct list_record *row)
{
    int64_t due_us = row->update.due_us, soon_us = now_wall_us(records->now) + UPDATE_AGAIN_US;
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
}

/* A link that is down gets it when it is up again; one in grace gets it again then. */
void list_record_send(struct list_records *records, uint32_t slot)
{
    struct list_record *row = &records->all[slot];
    struct interaction *ix = row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
    assert(row->ixn == 0 || ix);
    if (!row->untold || !link_usable(records->links, row->link)) return;
    (void)list_record_edit(records, row);
    bool first = row->ref == 0;
    row->ref = effect_begin(
        records->effects,
        &(struct effect){.kind = KIND_UpdateRecord, .link = row->link, .interaction = ix, .ref = row->ref});
    update_write(records, row);
    effect_end(records->effects);
    if (first && !ix) lookup_add(&records->by_ref, slot);
    list_record_timer(records, slot, UPDATE_AGAIN_US);
}

/* ---- numbers to block ---- */

bool list_record_may_block(const struct list_record *row)
{
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    while (kv_next(row->blocked, &at, &pair)) count++;
    return count < LIST_RECORD_BLOCKED_MAX;
}

/* The row's numbers and this one, which is the last; the caller owns them. */
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

/* The update is over, or another one takes its place. The row is in no sum. */
static void update_drop(struct list_records *records, struct list_record *row)
{
    assert(row->id != 0 && row->unhashed);
    timer_cancel(records->timers, &row->timer);
    if (row->ixn == 0 && row->ref != 0) lookup_remove(&records->by_ref, row->ref);
    span_free(&row->blocked);
    row->update = (struct record_update){.closes = false};
    row->untold = false;
    row->ref = 0;
}

/* The list may never have heard of the update that is not answered, so the newer one says it, too. */
static void update_keep(struct list_records *records, struct list_record *row, const struct record_update *update)
{
    struct record_update both = row->untold && update->status == record_status_none ? row->update : *update;
    struct span blocked = blocked_with(records, row, update->number);
    both.number = (struct span){NULL, 0};
    bool gone_out = !row->untold || row->ref != 0;
    if (both.status != record_status_retrieved) preview_withdrawn(records, row);
    (void)list_record_edit(records, row);
    update_drop(records, row);
    if (gone_out) row->revision++; /* else the list has not heard of that revision, and this update makes it */
    row->update = both;
    row->blocked = blocked;
    row->closed = both.closes;
    row->untold = true;
}

void list_record_tell_row(struct list_records *records, uint32_t slot, const struct record_update *update)
{
    struct list_record *row = &records->all[slot];
    const struct interaction *ix = row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
    update_keep(records, row, update);
    if (list_record_place(row) == RECORD_AT_holder)
        holder_await(records, slot);
    else
        list_record_send(records, slot);
    if (ix) interaction_tell(records->interactions, ix, FACT_record_updated, update->result, row->campaign);
}

uint32_t list_record_tell(struct list_records *records, struct interaction *ix, const struct record_update *update)
{
    struct list_record *row = list_record_of(records, ix);
    assert(row);
    if (update->result == cause_abandoned) campaign_unserved(records->campaigns, list_record_slot(records, row));
    list_record_tell_row(records, list_record_slot(records, row), update);
    return row->ref;
}

/* ---- dialling ---- */

void list_record_notes(struct list_records *records, uint32_t slot, struct span number)
{
    struct list_record *row = &records->all[slot];
    bool own = span_equal(number, list_record_number(row));
    struct span dials = span_copy(own ? (struct span){NULL, 0} : number); /* `number` may be the one of before */
    uint8_t ended = row->result;                                          /* of the attempt before this one */
    (void)list_record_edit(records, row);
    span_free(&row->dials);
    row->dials = dials;
    row->attempts++;
    row->attempt = ATTEMPT_NOTED;
    row->dial_refused = false;
    row->result = cause_other;
    list_record_tell_row(
        records, slot, &(struct record_update){.status = record_status_retrieved, .type = row->type, .result = ended});
}

uint32_t list_record_dials(struct list_records *records, struct interaction *ix, struct span number)
{
    const struct list_record *row = list_record_of(records, ix);
    assert(row);
    list_record_notes(records, list_record_slot(records, row), number);
    return row->ref;
}

uint32_t list_records_noted(const struct list_records *records)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < records->count; slot++) {
        const struct list_record *row = &records->all[slot];
        count += row->ixn != 0 && row->untold && row->attempt == ATTEMPT_NOTED;
    }
    return count;
}

void list_record_refused(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    list_record_edit(records, row)->dial_refused = true;
}

void list_record_rings(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    list_record_edit(records, row)->attempt = list_record_attempted(row) ? ATTEMPT_DIALLED : ATTEMPT_NONE;
    campaign_rings(records->campaigns, list_record_slot(records, row));
}

void list_record_dialled(struct list_records *records, struct interaction *ix, enum cause result)
{
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    list_record_edit(records, row)->result = (uint8_t)result;
    if (result == cause_stale) /* the number is left alone */
        row->dials_again_us = records->now->time_us + SECOND_US * campaign_rule_of(records->campaigns, row->campaign,
                                                                                   CAMPAIGN_RULE_unknown_pause_s);
    campaign_rung(records->campaigns, list_record_slot(records, row), result == cause_ok);
}

void list_record_dial_refused(struct list_records *records, const struct interaction *ix, struct span why)
{
    const struct list_record *row = list_record_of(records, ix);
    if (row) campaign_dial_refused(records->campaigns, row->campaign, why);
}

void list_record_waits(struct list_records *records, struct interaction *ix, uint64_t ago_us)
{
    struct list_record *row = list_record_of(records, ix);
    if (row) campaign_waits(records->campaigns, list_record_slot(records, row), ago_us);
}

void list_record_unserved(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (row) campaign_unserved(records->campaigns, list_record_slot(records, row));
}

/* An update that closes the record, and is not answered, says so itself. */
void list_record_abandoned(struct list_records *records, uint32_t slot)
{
    const struct list_record *row = &records->all[slot];
    if (row->closed) return;
    list_record_tell_row(
        records, slot, &(struct record_update){.status = record_status_none, .type = row->type, .result = row->result});
}

/* A carrier that is set up wrongly calls every number wrong. The number may be right if the attempt of the campaign
 * before this one has reached nobody either: the record rests then, as if the carrier had no line. */
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

/* ---- what the list answers ---- */

/* The list has answered the update. */
static void update_settled(struct list_records *records, uint32_t slot, unsigned code)
{
    struct list_record *row = &records->all[slot];
    assert(row->untold && row->ref != 0);
    preview_noted(records, slot, code);
    if (list_record_may_pass(code)) {
        list_record_timer(records, slot, UPDATE_AGAIN_US);
        return;
    }
    bool refused = code != code_ok && row->update.status != record_status_none;
    (void)list_record_edit(records, row);
    update_drop(records, row);
    if (refused) row->closed = false; /* the strategy may say something else */
    if (preview_goes_on(records, slot, code)) return;
    if (list_record_place(row) == RECORD_AT_holder)
        holder_await(records, slot);
    else if (row->ixn == 0 && !(refused && holder_is_refused(records, slot)))
        list_record_free(records, slot); /* the list knows, or wants to know nothing of it */
}

/* Not true for an update: the step that waits for the answer hears it, too. */
bool list_record_answered(void *self, struct interaction *ix, const struct message *message)
{
    struct list_records *records = self;
    const struct list_record *row = list_record_of(records, ix);
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (preview_call_refused(records, ix, message)) return true;
    bool ours = row && row->untold && ref != 0 && row->ref == ref && row->link == message_u(message, ENVELOPE_source);
    if (ours) update_settled(records, list_record_slot(records, row), effect_code_of(message));
    return false;
}

void list_record_on_done(struct list_records *records, const struct message *message)
{
    uint32_t slot;
    bool own = message_u(message, ENVELOPE_ixn) == 0 && message_u(message, ENVELOPE_conn) == 0;
    if (!own || !lookup_find(&records->by_ref, message_u(message, ENVELOPE_ref), &slot)) return;
    if (records->all[slot].link == message_u(message, ENVELOPE_source))
        update_settled(records, slot, effect_code_of(message));
}

/* The strategy has failed by itself, not since the link was lost or the list has refused the dial: a call that was
 * answered is routed by default then, unless its link is away. */
static bool strategy_has_failed(const struct list_records *records, const struct interaction *ix,
                                const struct list_record *row)
{
    bool was_lost = row->result == cause_ok || row->result == cause_abandoned || row->result == cause_stale;
    if (ix->outcome == ENDED_DEFAULTED) return true;
    return ix->outcome == ENDED_FAILED && !row->dial_refused && link_usable(records->links, ix->link) &&
           !(list_record_attempted(row) && was_lost);
}

/* The attempt has reached no person: for its number, for our exchange, for the carrier. */
static bool attempted_in_vain(const struct list_record *row)
{
    return list_record_attempted(row) && call_result_of_cause(row->result).of != DIAL_OF_person;
}

/* The interaction ends: what the list does not know yet is told from now on in the partition's name. */
void list_record_forget(void *self, struct interaction *ix)
{
    struct list_records *records = self;
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    uint32_t slot = list_record_slot(records, row);
    struct record_update last = holder_last_update(records, row);
    /* Lost, it was answered and nobody has come, either. */
    bool alone = ix->outcome == ENDED_ABANDONED || ix->outcome == ENDED_LOST;
    if (alone && last.result == cause_ok) last.result = cause_abandoned;
    bool stays = holder_is_awaited(records, row), closes = !row->closed && !stays;
    assert(row->ixn == ix->id);
    assert(list_record_place(row) == RECORD_AT_interaction);
    lookup_remove(&records->by_ixn, ix->id);
    campaign_over(records->campaigns, slot,
                  attempted_in_vain(row)                  ? CAMPAIGN_WHY_nobody_reached
                  : strategy_has_failed(records, ix, row) ? CAMPAIGN_WHY_failures
                                                          : CAMPAIGN_WHY_pacer);
    if (closes) update_keep(records, row, &last);
    if (row->state != RECORD_over && row->state != RECORD_running) list_record_becomes(records, slot, RECORD_over);
    list_record_edit(records, row)->ixn = 0;
    row->ref = 0; /* it was the interaction's */
    if (stays || row->untold) list_record_becomes(records, slot, stays ? RECORD_open : RECORD_telling);
    if (closes || stays)
        interaction_tell(records->interactions, ix, stays ? FACT_record_stays : FACT_record_updated, last.result,
                         row->campaign);
    if (stays)
        holder_await(records, slot);
    else if (row->untold)
        list_record_send(records, slot);
    else
        list_record_free(records, slot);
}
