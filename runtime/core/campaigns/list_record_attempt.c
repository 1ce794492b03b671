/* runtime/core/campaigns/list_record_attempt.c - An attempt of a record and its result, reported to the list and to
 * the campaign.
 *
 *     list_record_notes()    ATTEMPT_NOTED: the list is told that the number will be dialled
 *     list_record_rings()    ATTEMPT_DIALLED: the switch was asked
 *     list_record_dialled()  the result
 *     list_record_waits()    the customer is there, and waits for an agent
 *     served, or unserved    whether an agent was there in time
 *
 * An attempt is counted before the number is dialled, so after a crash one attempt too many may be counted, but
 * never one too few. */
#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/claim.h"

/* Sends an update of the record. If the record is open and its holder has gone, the record is closed. */
void list_record_tell_row(struct list_records *records, uint32_t slot, const struct record_update *update)
{
    struct list_record *row = &records->all[slot];
    if (list_record_place(row) != RECORD_AT_holder) {
        list_record_says(records, slot, update);
        return;
    }
    list_record_keeps(records, row, update);
    holder_await(records, slot);
}

uint32_t list_record_tell(struct list_records *records, struct interaction *ix, const struct record_update *update)
{
    struct list_record *row = list_record_of(records, ix);
    assert(row);
    struct record_update said = *update;
    bool claims = said.result == cause_abandoned;
    if (claims && !campaign_unserved(records->campaigns, list_record_slot(records, row))) said.result = row->result;
    list_record_tell_row(records, list_record_slot(records, row), &said);
    return row->ref;
}

/* Tells the list that an attempt begins. `own`: the number is the record's own and is not stored twice. */
void list_record_notes(struct list_records *records, uint32_t slot, struct span number)
{
    struct list_record *row = &records->all[slot];
    bool own = span_equal(number, list_record_number(row));
    /* a copy, because `number` may lie in the memory that is freed below */
    struct span dials = span_copy(own ? (struct span){NULL, 0} : number);
    uint8_t ended = row->result; /* result of the previous attempt */
    (void)list_record_edit(records, row);
    span_free(&row->dials);
    row->dials = dials;
    row->attempts++;
    row->attempt = ATTEMPT_NOTED;
    row->dial_refused = row->judged = false;
    row->speech = SPEECH_NONE;
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
    if (result == cause_ok && !list_record_is_counted(row)) row->since_us = records->now->time_us;
    if (result == cause_stale) /* the result is unknown, so the number is not dialled for a while */
        row->dials_again_us = records->now->time_us + SECOND_US * campaign_rule_of(records->campaigns, row->campaign,
                                                                                   CAMPAIGN_RULE_unknown_pause_s);
    campaign_rung(records->campaigns, list_record_slot(records, row), result == cause_ok);
}

void list_record_dial_refused(struct list_records *records, const struct interaction *ix, struct span why)
{
    const struct list_record *row = list_record_of(records, ix);
    if (row) campaign_dial_refused(records->campaigns, row->campaign, why);
}

/* Begins the wait of the person who has answered. The report of the answer was late by `ago_us`, so the wait began
 * that much earlier. */
void list_record_waits(struct list_records *records, struct interaction *ix, uint64_t ago_us)
{
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    if (!list_record_is_counted(row) && ago_us <= row->since_us) list_record_edit(records, row)->since_us -= ago_us;
    campaign_waits(records->campaigns, list_record_slot(records, row), ago_us);
}

static bool is_served(const struct list_records *records, const struct interaction *ix)
{
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE && claim_at(records->claims, at)->state != CLAIM_ACTIVE)
        at = claim_at(records->claims, at)->next_of_interaction;
    return at != CLAIM_NONE;
}

/* Marks records as served in a snapshot of an earlier semantics number, which did not note this. */
void list_records_served(struct list_records *records)
{
    EACH_INTERACTION (ix, records->interactions) {
        struct list_record *row = list_record_of(records, ix);
        if (row && is_served(records, ix)) list_record_edit(records, row)->judged = true;
    }
}

void list_record_unserved(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (row) (void)campaign_unserved(records->campaigns, list_record_slot(records, row));
}

void list_record_let_go(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (row && campaign_lets_go(records->campaigns, list_record_slot(records, row), ENDED_STOPPED))
        list_record_abandoned(records, list_record_slot(records, row));
}

void list_record_ended_by_person(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    if (row && campaign_ended_by_person(records->campaigns, list_record_slot(records, row)))
        list_record_abandoned(records, list_record_slot(records, row));
}
