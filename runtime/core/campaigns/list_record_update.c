/* runtime/core/campaigns/list_record_update.c - How the list answers UpdateRecord (list_record_tell.c), and how a
 * record's interaction ends. */
#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/call_result.h"
#include "runtime/core/links/link.h"

/* Handles the list's answer to the update. */
static void update_settled(struct list_records *records, uint32_t slot, unsigned code)
{
    struct list_record *row = &records->all[slot];
    assert(row->untold && row->ref != 0);
    preview_noted(records, slot, code);
    if (list_record_may_pass(code)) {
        list_record_timer(records, slot, LIST_RECORD_AGAIN_US);
        return;
    }
    bool refused = code != code_ok && row->update.status != record_status_none;
    (void)list_record_edit(records, row);
    list_record_drops(records, row);
    /* after a refusal the record is not closed: the strategy may send another result */
    if (refused) row->closed = false;
    if (preview_goes_on(records, slot, code)) return;
    if (list_record_place(row) == RECORD_AT_holder)
        holder_await(records, slot);
    else if (row->ixn == 0 && !(refused && holder_is_refused(records, slot)))
        list_record_free(records, slot); /* the list has the result, or has refused it for good */
}

/* True: the message is the answer to an effect of records. The result is false for an update, because the step that
 * waits for the answer gets it, too. */
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

/* True: the strategy has failed by itself, and not because the link was lost or the list has refused the dial: an
 * answered call is then default-routed, unless its link is away. */
static bool strategy_has_failed(const struct list_records *records, const struct interaction *ix,
                                const struct list_record *row)
{
    bool was_lost = row->result == cause_ok || row->result == cause_abandoned || row->result == cause_stale;
    if (ix->outcome == ENDED_DEFAULTED) return true;
    return ix->outcome == ENDED_FAILED && !row->dial_refused && link_usable(records->links, ix->link) &&
           !(list_record_attempted(row) && was_lost);
}

/* True: the attempt has reached no person, because of the number, the exchange or the carrier. */
static bool attempted_in_vain(const struct list_record *row)
{
    return list_record_attempted(row) && call_result_of_cause(row->result).of != DIAL_OF_person;
}

/* The call of a record that was closed earlier has ended. What the list has not answered is sent again. */
static void closed_call_over(struct list_records *records, struct list_record *row)
{
    bool abandoned = row->result == cause_abandoned;
    struct record_update over = {
        .status = record_status_none, .type = row->type, .result = cause_other, .closes = true};
    if (row->untold) over = row->update;
    if (abandoned) over.result = cause_abandoned;
    if (abandoned || (row->talks && !row->untold)) list_record_keeps(records, row, &over);
}

/* The interaction ends: updates that the list has not answered are sent from now on as effects of the partition. */
void list_record_forget(void *self, struct interaction *ix)
{
    struct list_records *records = self;
    struct list_record *row = list_record_of(records, ix);
    if (!row) return;
    uint32_t slot = list_record_slot(records, row);
    (void)campaign_lets_go(records->campaigns, slot, ix->outcome);
    struct record_update last = holder_last_update(records, row);
    bool stays = holder_is_awaited(records, row), closes = !row->closed && !stays;
    assert(row->ixn == ix->id);
    assert(list_record_place(row) == RECORD_AT_interaction);
    lookup_remove(&records->by_ixn, ix->id);
    campaign_over(records->campaigns, slot,
                  attempted_in_vain(row)                  ? CAMPAIGN_WHY_nobody_reached
                  : strategy_has_failed(records, ix, row) ? CAMPAIGN_WHY_failures
                                                          : CAMPAIGN_WHY_pacer);
    if (closes) list_record_keeps(records, row, &last);
    if (!closes && row->closed) closed_call_over(records, row);
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
