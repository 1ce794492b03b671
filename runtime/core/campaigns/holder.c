/* runtime/core/campaigns/holder.c - Records that agents hold: which agent holds which records, what the agent has said
 * about them, and how long the core waits for the agent.
 *
 *     by_holder[agent] --> row <--> row <--> row      (holder_next, holder_previous)
 *
 * Only the first row of an agent is in `by_holder`; a new row is linked after it. An agent becomes the holder of a
 * record when the agent's claim on its call ends, when the agent gets it in preview, or when the agent answers for it.
 * From then on the row waits: its timer looks each minute whether the holder is still logged in, and after a log-out
 * the holder has `processed_s` to come back. A holder who only looks at the record, and does not dial it, may do so for
 * `preview_s`; then the record goes back to its campaign. Everything that the holder says is kept in the row, and the
 * update that closes the record reports it to the list. */
#include "runtime/core/campaigns/list_record_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

#define HOLDER_LOOK_US  UINT64_C(60000000) /* how often the core looks whether the holder is still logged in */
#define HOLDER_AGAIN_US UINT64_C(30000000) /* an update without an answer is sent again after this time */

/* ---- agents who send requests about records ---- */

void holder_speaks(struct list_records *records, uint32_t agent)
{
    assert(agent < records->agents->count);
    struct record_holders *holders = records->holders;
    uint32_t before = holders->spoke_count, login = agent_at(records->agents, agent)->logins;
    if (before <= agent) {
        holders->spoke = memory_grow(holders->spoke, &holders->spoke_capacity, agent + 1, sizeof *holders->spoke);
        memset(holders->spoke + before, 0, (agent + 1 - before) * sizeof *holders->spoke);
        holders->spoke_count = agent + 1;
    }
    if (holders->spoke[agent] == login) return;
    holders->spoke[agent] = login;
    holders->spoke_content += table_mix64((uint64_t)agent << 32 | login);
}

bool holder_agent_goes(struct list_records *records, uint32_t agent)
{
    struct record_holders *holders = records->holders;
    if (holder_first_record(records, agent_at(records->agents, agent)->name) != LIST_RECORD_NONE) return false;
    if (agent >= holders->spoke_count || holders->spoke[agent] == 0) return true;
    holders->spoke[agent] = 0;
    holders->spoke_content += table_mix64((uint64_t)agent << 32);
    return true;
}

static bool holder_knows_records(const struct list_records *records, uint32_t name)
{
    const struct record_holders *holders = records->holders;
    uint32_t agent;
    bool found = agent_find(records->agents, name, &agent) && agent < holders->spoke_count;
    return found && holders->spoke[agent] != 0 && holders->spoke[agent] == agent_at(records->agents, agent)->logins;
}

static void holders_init(void *self, const struct parts *parts)
{
    *(struct record_holders *)self = (struct record_holders){.records = parts->list_records};
}

static void holders_release(void *self)
{
    free(((struct record_holders *)self)->spoke);
}

/* ---- the list ---- */

uint32_t holder_first_record(const struct list_records *records, uint32_t agent)
{
    uint32_t first;
    return lookup_find(&records->by_holder, agent, &first) ? first : LIST_RECORD_NONE;
}

/* Closes the other records that the agent holds, since the agent has a new one now and says no more about the
 * earlier ones. */
static void holder_closes_others(struct list_records *records, uint32_t slot, uint32_t agent)
{
    for (uint32_t at = holder_first_record(records, agent), next; at != LIST_RECORD_NONE; at = next) {
        next = list_record_at(records, at)->holder_next;
        if (at != slot && list_record_place(list_record_at(records, at)) == RECORD_AT_holder)
            holder_closes(records, at);
    }
}

void holder_takes(struct list_records *records, uint32_t slot, uint32_t agent)
{
    struct list_record *row = list_record_at(records, slot);
    assert(agent != 0);
    holder_closes_others(records, slot, agent);
    if (row->holder == agent) return;
    holder_leaves(records, slot);
    (void)list_record_edit(records, row);
    uint32_t first = holder_first_record(records, agent);
    assert(first == LIST_RECORD_NONE || list_record_at(records, first)->holder == agent);
    row->holder = agent;
    row->holder_previous = first;
    row->holder_next = LIST_RECORD_NONE;
    if (first == LIST_RECORD_NONE) {
        lookup_add(&records->by_holder, slot);
    } else {
        row->holder_next = list_record_at(records, first)->holder_next;
        list_record_at(records, first)->holder_next = slot;
        if (row->holder_next != LIST_RECORD_NONE) list_record_at(records, row->holder_next)->holder_previous = slot;
    }
}

void holder_leaves(struct list_records *records, uint32_t slot)
{
    struct list_record *row = list_record_at(records, slot);
    if (row->holder == 0) return;
    (void)list_record_edit(records, row);
    if (row->holder_next != LIST_RECORD_NONE)
        list_record_at(records, row->holder_next)->holder_previous = row->holder_previous;
    if (row->holder_previous != LIST_RECORD_NONE) {
        list_record_at(records, row->holder_previous)->holder_next = row->holder_next;
    } else {
        lookup_remove(&records->by_holder, row->holder);
        if (row->holder_next != LIST_RECORD_NONE) lookup_add(&records->by_holder, row->holder_next);
    }
    row->holder = 0;
}

/* The claim on the record's call ends: the agent who has talked with the customer becomes the holder. */
static void holder_claim_ends(void *self, uint32_t slot)
{
    struct list_records *records = ((struct record_holders *)self)->records;
    const struct claim *claim = claim_at(records->claims, slot);
    const struct list_record *row = list_record_of(records, interaction_at(records->interactions, claim->interaction));
    if (!row || claim->state != CLAIM_ACTIVE || claim_looks_on(claim)) return;
    holder_takes(records, list_record_slot(records, row), agent_at(records->agents, claim->agent)->name);
}

/* ---- what holders say about their records ---- */

void holder_wants(struct list_records *records, uint32_t slot, const struct record_update *said)
{
    struct list_record *row = list_record_at(records, slot);
    list_record_edit(records, row)->holder_update = *said;
    row->holder_update.number = (struct span){NULL, 0};
}

void holder_says_result(struct list_records *records, uint32_t slot, enum cause result)
{
    struct list_record *row = list_record_at(records, slot);
    list_record_edit(records, row)->result = (uint8_t)result;
}

bool holder_changes_fields(struct list_records *records, uint32_t slot, struct span pairs)
{
    struct list_record *row = list_record_at(records, slot);
    struct kv *all = records->scratch;
    struct kv_pair pair;
    struct kv_value newer;
    kv_clear(all);
    for (uint32_t at = 0; kv_next(row->holder_fields, &at, &pair);)
        if (!kv_find(pairs, pair.key, &newer)) kv_put(all, pair.key, &pair.value);
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) kv_put(all, pair.key, &pair.value);
    struct span packed = kv_span(all);
    if (packed.length > HOLDER_FIELDS_BYTES_MAX) return false;
    (void)list_record_edit(records, row);
    span_free(&row->holder_fields);
    row->holder_fields = span_copy(packed);
    return true;
}

static void holder_forgets_fields(struct list_records *records, uint32_t slot)
{
    struct list_record *row = list_record_edit(records, list_record_at(records, slot));
    span_free(&row->holder_fields);
}

/* ---- its end ---- */

/* Returns the time within which a holder who has logged out may come back. */
static uint64_t holder_grace_us(const struct list_records *records, const struct list_record *row)
{
    return campaign_rule_of(records->campaigns, row->campaign, CAMPAIGN_RULE_processed_s) * SECOND_US;
}

bool holder_is_awaited(const struct list_records *records, const struct list_record *row)
{
    return row->holder != 0 && !row->closed && !row->processed && holder_grace_us(records, row) != 0 &&
           holder_knows_records(records, row->holder);
}

struct record_update holder_last_update(const struct list_records *records, const struct list_record *row)
{
    struct record_update last = list_record_last(records, row);
    last.agent = row->holder;
    if (row->holder_update.status == record_status_none) return last;
    last = row->holder_update;
    last.result = row->result;
    last.closes = true;
    return last;
}

void holder_closes(struct list_records *records, uint32_t slot)
{
    struct list_record *row = list_record_at(records, slot);
    struct record_update last = holder_last_update(records, row);
    if (list_record_place(row) == RECORD_AT_holder) list_record_becomes(records, slot, RECORD_telling);
    list_record_edit(records, row)->processed = true;
    list_record_says(records, slot, &last);
}

/* The list has refused the update. The list may refuse a whole update for one unknown field, so the fields are left out
 * first. If the list refuses a call-back as well, the record is closed as a missed call-back. */
bool holder_is_refused(struct list_records *records, uint32_t slot)
{
    const struct list_record *row = list_record_at(records, slot);
    unsigned said = row->holder_update.status;
    struct record_update missed = {.status = record_status_missed_callback, .type = row->type, .agent = row->holder};
    if (row->holder_fields.length != 0)
        holder_forgets_fields(records, slot);
    else if (said != record_status_none)
        holder_wants(records, slot, said == record_status_ready ? &missed : &(struct record_update){.closes = false});
    else
        return false;
    holder_closes(records, slot);
    return true;
}

/* Gives the record back to its list, because the campaign takes no records any more. */
static void holder_gives_to_list(struct list_records *records, uint32_t slot)
{
    holder_wants(records, slot,
                 &(struct record_update){.status = record_status_ready, .type = records->all[slot].type});
    holder_closes(records, slot);
}

enum code holder_gives_back(struct list_records *records, uint32_t slot)
{
    struct list_record *row = &records->all[slot];
    /* the record was dialled already, or waits for the agent's result */
    if (row->state != RECORD_preview) return code_invalid_state;
    if (row->untold || !campaign_of(records->campaigns, row->campaign) ||
        campaign_refusal(records->campaigns, row->campaign) != code_ok) {
        holder_gives_to_list(records, slot);
        return code_ok;
    }
    holder_wants(records, slot, &(struct record_update){.status = record_status_none});
    holder_forgets_fields(records, slot);
    holder_leaves(records, slot);
    list_record_becomes(records, slot, RECORD_ahead);
    list_record_timer(records, slot, 0);
    return code_ok;
}

/* Returns how long the holder may look at the record without dialling it; UINT64_MAX: the record was dialled, or the
 * rules say nothing. */
static uint64_t holder_preview_us(const struct list_records *records, const struct list_record *row)
{
    uint64_t given_us = campaign_rule_of(records->campaigns, row->campaign, CAMPAIGN_RULE_preview_s) * SECOND_US;
    if (row->state != RECORD_preview || given_us == 0) return UINT64_MAX;
    uint64_t until_us = row->since_us + given_us;
    return until_us > records->now->time_us ? until_us - records->now->time_us : 0;
}

/* Returns how long a holder who has logged out may still be away; HOLDER_LOOK_US: the holder is logged in. */
static uint64_t holder_away_us(const struct list_records *records, const struct list_record *row)
{
    uint32_t agent;
    if (!agent_find(records->agents, row->holder, &agent)) return 0;
    const struct agent *who = agent_at(records->agents, agent);
    uint64_t until_us = who->since_us + holder_grace_us(records, row);
    if (agent_logged_in(who)) return HOLDER_LOOK_US;
    return until_us > records->now->time_us ? until_us - records->now->time_us : 0;
}

/* Returns after how long the core looks at the holder again; 0: the holder has been away too long, or has looked at
 * the record for too long. */
static uint64_t holder_left_us(const struct list_records *records, const struct list_record *row)
{
    uint64_t away_us = holder_away_us(records, row), preview_us = holder_preview_us(records, row);
    return preview_us < away_us ? preview_us : away_us;
}

static void holder_look_after(struct list_records *records, uint32_t slot, uint64_t left)
{
    bool again = list_record_at(records, slot)->untold && left > HOLDER_AGAIN_US;
    list_record_timer(records, slot, again ? HOLDER_AGAIN_US : left);
}

void holder_await(struct list_records *records, uint32_t slot)
{
    assert(list_record_place(list_record_at(records, slot)) == RECORD_AT_holder);
    uint64_t left = holder_left_us(records, list_record_at(records, slot));
    if (left == 0) {
        bool untouched = list_record_at(records, slot)->holder_update.status == record_status_none;
        if (!untouched || holder_gives_back(records, slot) != code_ok) holder_closes(records, slot);
        return;
    }
    list_record_send(records, slot);
    holder_look_after(records, slot, left);
}

/* A holder has logged in or out: after a log-out the time to come back begins. */
static void holders_hear(void *self, const struct fact *fact)
{
    struct list_records *records = ((struct record_holders *)self)->records;
    uint32_t agent;
    bool out = fact->what == FACT_agent_state && agent_find(records->agents, fact->name, &agent) &&
               !agent_logged_in(agent_at(records->agents, agent));
    uint32_t at = out ? holder_first_record(records, fact->name) : LIST_RECORD_NONE;
    for (; at != LIST_RECORD_NONE; at = list_record_at(records, at)->holder_next)
        if (list_record_place(list_record_at(records, at)) == RECORD_AT_holder)
            holder_look_after(records, at, holder_left_us(records, list_record_at(records, at)));
}

/* ---- records that were processed ---- */

static uint64_t processed_key(uint32_t campaign, uint64_t record, uint32_t agent)
{
    return table_mix64(table_mix64(record) + ((uint64_t)campaign << 32 | agent));
}

void holder_has_processed(struct list_records *records, uint32_t campaign, uint64_t record, uint32_t agent)
{
    struct record_holders *holders = records->holders;
    holders->processed[holders->processed_count++ % HOLDER_PROCESSED_MAX] = processed_key(campaign, record, agent);
}

bool holder_had_processed(const struct list_records *records, uint32_t campaign, uint64_t record, uint32_t agent)
{
    const struct record_holders *holders = records->holders;
    uint32_t count = holders->processed_count < HOLDER_PROCESSED_MAX ? holders->processed_count : HOLDER_PROCESSED_MAX;
    for (uint32_t at = 0; at < count; at++)
        if (holders->processed[at] == processed_key(campaign, record, agent)) return true;
    return false;
}

/* ---- the part ---- */

/* The ring of processed records only hides repetitions, so the digest has its count and not its rows. */
static uint64_t holders_hash(const void *self)
{
    const struct record_holders *holders = self;
    return table_mix64(holders->processed_count) + holders->spoke_content;
}

/* True: the rows of each holder are linked, and the first one is found by the holder. */
static bool holders_check(const void *self)
{
    const struct list_records *records = ((const struct record_holders *)self)->records;
    for (uint32_t at = 0; at < records->count; at++) {
        const struct list_record *row = list_record_at(records, at);
        if (row->holder == 0) continue;
        bool is_first = row->holder_previous == LIST_RECORD_NONE;
        if ((holder_first_record(records, row->holder) == at) != is_first ||
            (!is_first && (list_record_at(records, row->holder_previous)->holder_next != at ||
                           list_record_at(records, row->holder_previous)->holder != row->holder)))
            return false;
    }
    return true;
}

static void holders_keep(void *self, struct keeper *keeper)
{
    struct record_holders *holders = self;
    holders->processed_count = keep_u32(keeper, holders->processed_count);
    for (uint32_t at = 0; at < holders->processed_count && at < HOLDER_PROCESSED_MAX; at++)
        holders->processed[at] = keep_u64(keeper, holders->processed[at]);
    holders->spoke = keep_rows(keeper, holders->spoke, &holders->spoke_count, &holders->spoke_capacity, AGENTS_MAX,
                               sizeof *holders->spoke);
    for (uint32_t at = 0; at < holders->spoke_count; at++) holders->spoke[at] = keep_u32(keeper, holders->spoke[at]);
    holders->spoke_content = keep_u64(keeper, holders->spoke_content);
}

const struct part_ops part_ops_record_holders = {
    .size = sizeof(struct record_holders),
    .kept_name = "held_records",
    .init = holders_init,
    .free = holders_release,
    .claim_ends = holder_claim_ends,
    .hash = holders_hash,
    .check = holders_check,
    .hear = holders_hear,
    .keep = holders_keep,
};
