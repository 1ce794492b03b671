/* runtime/core/campaigns/list_record_count.c - Changes a record's state: its campaign counts it in the new state and
 * links it into the queue of that state. */
#include <assert.h>
#include <string.h>

#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/people/agent.h"

struct campaign *campaign_at(const struct campaigns *campaigns, uint32_t slot)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    struct campaign *campaign = list_record_is_counted(row) ? campaign_of(campaigns, row->campaign) : NULL;
    assert(campaign || !list_record_is_counted(row));
    return campaign;
}

/* Returns the queue of a state: in the states due, checking and waiting the campaign takes records in the order of
 * their arrival; of due records it takes promised ones first (promise_of). */
static struct record_queue *queue_of(struct campaign *campaign, enum record_state state)
{
    if (state == RECORD_due) return &campaign->due;
    if (state == RECORD_checking) return &campaign->checking;
    return state == RECORD_waiting ? &campaign->waiting : NULL;
}

/* Returns the rank of a due record: an agent's own call-back comes first, then other call-backs and retries, then
 * new records. */
static unsigned promise_of(const struct list_record *row)
{
    return row->state != RECORD_due ? 0 : row->agent != 0 ? 0 : row->due_us != 0 ? 1 : 2;
}

/* Returns the first record of the queue before which the record at `slot` belongs; NONE: it becomes the last.
 * Promised records come first in the queue. */
static uint32_t queue_place(const struct campaigns *campaigns, const struct record_queue *queue, uint32_t slot)
{
    unsigned promise = promise_of(list_record_at(campaigns->records, slot));
    uint32_t at = queue->first;
    if (queue->last == LIST_RECORD_NONE || promise_of(list_record_at(campaigns->records, queue->last)) <= promise)
        return LIST_RECORD_NONE;
    while (promise_of(list_record_at(campaigns->records, at)) <= promise)
        at = list_record_at(campaigns->records, at)->next;
    return at;
}

static void queue_push(struct campaigns *campaigns, struct record_queue *queue, uint32_t slot)
{
    struct list_record *row = list_record_at(campaigns->records, slot);
    assert(row->next == LIST_RECORD_NONE && row->previous == LIST_RECORD_NONE);
    row->next = queue_place(campaigns, queue, slot);
    uint32_t *behind =
        row->next != LIST_RECORD_NONE ? &list_record_at(campaigns->records, row->next)->previous : &queue->last;
    row->previous = *behind;
    *behind = slot;
    if (row->previous != LIST_RECORD_NONE)
        list_record_at(campaigns->records, row->previous)->next = slot;
    else
        queue->first = slot;
}

static void queue_pull(struct campaigns *campaigns, struct record_queue *queue, uint32_t slot)
{
    struct list_record *row = list_record_at(campaigns->records, slot);
    assert(queue->first != LIST_RECORD_NONE && queue->last != LIST_RECORD_NONE);
    if (row->previous != LIST_RECORD_NONE)
        list_record_at(campaigns->records, row->previous)->next = row->next;
    else
        queue->first = row->next;
    if (row->next != LIST_RECORD_NONE)
        list_record_at(campaigns->records, row->next)->previous = row->previous;
    else
        queue->last = row->previous;
    row->next = row->previous = LIST_RECORD_NONE;
}

/* True: in push preview an agent has passed the record over, and no agent is asked about it now. A record that an agent
 * has passed over takes no ready agent. */
static bool waits_in_vain(const struct list_record *row)
{
    return row->state == RECORD_checking && row->passed_over && row->claims == 0;
}

/* Adds a record to the counts or takes it away. `by`: 1, or -1 in the arithmetic of the counts. */
static void counts_change(struct campaign_counts *counts, const struct list_record *row, uint32_t by)
{
    counts->records[row->state] += by;
    if (row->claims != 0) counts->chosen[row->state] += by;
    if (waits_in_vain(row)) counts->in_vain += by;
    if (row->state == RECORD_due && row->agent != 0) counts->due_own += by;
    assert(counts->chosen[row->state] <= counts->records[row->state]);
    assert(counts->due_own <= counts->records[RECORD_due]);
}

/* Counts the record in its state if the state has begun (`in`), and takes it out of the count if the state ends. */
static void campaign_counts(struct campaigns *campaigns, uint32_t slot, bool in)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    struct campaign *campaign = campaign_at(campaigns, slot);
    if (!campaign) return;
    struct record_queue *queue = queue_of(campaign, row->state);
    assert(in || campaign->counts.records[row->state] > 0);
    counts_change(&campaign->counts, row, in ? 1 : UINT32_MAX);
    if (queue) (in ? queue_push : queue_pull)(campaigns, queue, slot);
    campaign_touch(campaigns, campaign);
}

void campaign_agents_asked(struct campaigns *campaigns, uint32_t slot, uint16_t claims, bool passed_over)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    struct list_record *row = list_record_edit(campaigns->records, list_record_at(campaigns->records, slot));
    counts_change(&campaign->counts, row, UINT32_MAX);
    row->claims = claims;
    row->passed_over = passed_over;
    counts_change(&campaign->counts, row, 1);
    campaign_touch(campaigns, campaign);
}

/* True: the queue has so many records, and all are in the given state. */
static bool queue_holds(const struct campaigns *campaigns, const struct record_queue *queue, enum record_state state,
                        uint32_t count)
{
    uint32_t previous = LIST_RECORD_NONE;
    for (uint32_t at = queue->first; at != LIST_RECORD_NONE;
         previous = at, at = list_record_at(campaigns->records, at)->next, count--)
        if (count == 0 || list_record_at(campaigns->records, at)->previous != previous ||
            list_record_at(campaigns->records, at)->state != state)
            return false;
    return count == 0 && queue->last == previous;
}

bool campaign_counts_hold(const struct campaigns *campaigns, const struct campaign *campaign)
{
    struct campaign_counts counts = {.in_vain = 0};
    for (uint32_t at = 0; at < campaigns->records->count; at++) {
        const struct list_record *row = list_record_at(campaigns->records, at);
        if (list_record_is_counted(row) && row->campaign == campaign->name) counts_change(&counts, row, 1);
    }
    return memcmp(&counts, &campaign->counts, sizeof counts) == 0 &&
           queue_holds(campaigns, &campaign->due, RECORD_due, counts.records[RECORD_due]) &&
           queue_holds(campaigns, &campaign->checking, RECORD_checking, counts.records[RECORD_checking]) &&
           queue_holds(campaigns, &campaign->waiting, RECORD_waiting, counts.records[RECORD_waiting]);
}

/* ---- the state ---- */

/* Decides who begins a record that comes into the buffer: its campaign, if that is loaded; an agent may take it out
 * of the buffer. */
static void find_beginner(const struct list_records *records, struct list_record *row, enum record_state to)
{
    if (to == RECORD_preview) row->begun_by = RECORD_BY_agent;
    if (to == RECORD_ahead && row->state != RECORD_due)
        row->begun_by = campaign_of(records->campaigns, row->campaign) ? RECORD_BY_campaign : RECORD_BY_core;
}

void list_record_becomes(struct list_records *records, uint32_t slot, enum record_state to)
{
    struct list_record *row = &records->all[slot];
    assert(record_may_become(row->state, to));
    bool was_called = list_record_place(row) == RECORD_AT_interaction;
    (void)list_record_edit(records, row);
    campaign_counts(records->campaigns, slot, false);
    find_beginner(records, row, to);
    row->state = to;
    bool is_called = list_record_place(row) == RECORD_AT_interaction;
    if (row->begun_by == RECORD_BY_campaign && (was_called || is_called)) {
        row->since_us = records->now->time_us;
        row->talker = AGENT_NONE;
        row->passed_over = false;
        row->judged = row->judged && to != RECORD_ringing;
    }
    campaign_counts(records->campaigns, slot, true);
}
