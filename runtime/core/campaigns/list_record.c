/* runtime/core/campaigns/list_record.c - The table of records: how a record is taken from its list, when it is due,
 * and how its interaction begins.
 *
 *     list --EventRecord--> RECORD_AT_buffer --due, its turn--> RECORD_AT_interaction
 *                                                                 |            |
 *                             told to the list <-- RECORD_AT_list +            + RECORD_AT_holder
 *                             until it answers                                   an agent has it
 *
 * A row can be found in four ways: by campaign and record, by interaction, by the ref of its unanswered update, and
 * by holder. The digest has the sum of all rows' hashes; a row that changes is changed through list_record_edit(),
 * which notes that its hash must be computed anew. */
#include "runtime/core/campaigns/list_record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_site.h"

enum { AGAIN_US = 60000000 }; /* if no link can dial, or there is no room, the record is tried again after this time */
#define LOOK_US UINT64_C(86400000000) /* a record is looked at at least this often, because clocks may be set */
#define DAY_US  UINT64_C(86400000000)

static uint64_t record_row_key(const void *owner, uint32_t slot)
{
    const struct list_record *row = &((const struct list_records *)owner)->all[slot];
    return list_record_key(row->campaign, row->record);
}

static uint64_t record_row_ixn(const void *owner, uint32_t slot)
{
    return ((const struct list_records *)owner)->all[slot].ixn;
}

static uint64_t record_row_ref(const void *owner, uint32_t slot)
{
    return ((const struct list_records *)owner)->all[slot].ref;
}

static uint64_t record_row_holder(const void *owner, uint32_t slot)
{
    return ((const struct list_records *)owner)->all[slot].holder;
}

static void list_records_init(void *self, const struct parts *parts)
{
    struct list_records *records = self;
    *records = (struct list_records){
        .now = parts->now,
        .names = parts->names,
        .timers = parts->timers,
        .scratch = parts->scratch,
        .agents = parts->agents,
        .claims = parts->claims,
        .links = parts->links,
        .effects = parts->effects,
        .interactions = parts->interactions,
        .sessions = parts->sessions,
        .holders = parts->record_holders,
        .campaigns = parts->campaigns,
        .calls = *parts->record_calls,
        .free = LIST_RECORD_NONE,
    };
    lookup_init(&records->by_holder, records, record_row_holder);
    lookup_init(&records->by_key, records, record_row_key);
    lookup_init(&records->by_ixn, records, record_row_ixn);
    lookup_init(&records->by_ref, records, record_row_ref);
}

static void record_release(struct list_record *row)
{
    free(row->number_and_data);
    span_free(&row->blocked);
    span_free(&row->dials);
    span_free(&row->holder_fields);
}

static void list_records_release(void *self)
{
    struct list_records *records = self;
    for (uint32_t at = 0; at < records->count; at++) record_release(&records->all[at]);
    free(records->all);
    free(records->unhashed);
    lookup_free(&records->by_holder);
    lookup_free(&records->by_key);
    lookup_free(&records->by_ixn);
    lookup_free(&records->by_ref);
}

void list_records_skip(struct list_records *records, uint64_t least)
{
    if (records->last_id < least) records->last_id = least;
}

static uint32_t record_bytes(const struct list_record *row)
{
    return row->number_length + row->data_length;
}

static struct list_record *record_row_new(struct list_records *records, uint32_t *slot)
{
    *slot = POOL_TAKE(records, next);
    records->taken++;
    struct list_record *row = list_record_edit(records, &records->all[*slot]);
    row->id = ++records->last_id;
    row->next = row->previous = LIST_RECORD_NONE;
    return row;
}

/* ---- its end ---- */

/* Frees the row and everything that it owns; its slot is the first to be used again. */
void list_record_free(struct list_records *records, uint32_t slot)
{
    struct list_record *row = &records->all[slot];
    assert(row->id != 0 && records->taken > 0 && records->bytes >= record_bytes(row) && row->ixn == 0);
    list_record_becomes(records, slot, RECORD_elsewhere);
    timer_cancel(records->timers, &row->timer);
    holder_leaves(records, slot);
    records->bytes -= record_bytes(row);
    records->taken--;
    lookup_remove(&records->by_key, record_row_key(records, slot));
    record_release(row);
    *row = (struct list_record){.next = records->free, .unhashed = true, .share = row->share};
    records->free = slot;
}

/* ---- records taken from the list ---- */

/* Copies the record's number and data into one piece of memory that the row owns. */
static void copy_number_and_data(struct list_records *records, struct list_record *row, struct span number,
                                 struct span data)
{
    row->number_and_data = memory_zeroed(number.length + data.length + 1, 1);
    memcpy(row->number_and_data, number.bytes, number.length);
    if (data.length != 0) memcpy(row->number_and_data + number.length, data.bytes, data.length);
    row->number_length = number.length;
    row->data_length = data.length;
    row->hash = table_text_hash(records->names, (struct span){row->number_and_data, record_bytes(row)});
    records->bytes += record_bytes(row);
}

/* Reads a window of the day. If the times of the window are impossible, there is no window: both times are 0. */
static void record_window(const struct message *message, unsigned from, unsigned till, uint32_t *from_s,
                          uint32_t *till_s)
{
    int64_t from_us = message_i(message, from), till_us = message_i(message, till);
    bool good = from_us >= 0 && till_us >= 0 && (uint64_t)from_us <= DAY_US && (uint64_t)till_us <= DAY_US;
    *from_s = good ? (uint32_t)((uint64_t)from_us / RECORD_SECOND_US) : 0;
    *till_s = good ? (uint32_t)((uint64_t)till_us / RECORD_SECOND_US) : 0;
}

/* Fills the row from the message; the row must not be in any sum yet. If the message has an impossible window of the
 * day, the record gets none. `version` is the version that the list sent last. */
static void record_fill(struct list_records *records, struct list_record *row, const struct message *message)
{
    records->bytes -= record_bytes(row);
    free(row->number_and_data);
    copy_number_and_data(records, row, message_text(message, EventRecord_number),
                         message_text(message, EventRecord_data));
    row->version = row->revision = message_u(message, EventRecord_version);
    row->due_us = message_i(message, EventRecord_due);
    record_window(message, EventRecord_from, EventRecord_till, &row->from_s, &row->till_s);
    record_window(message, EventRecord_again_from, EventRecord_again_till, &row->again_from_s, &row->again_till_s);
    row->zone = names_pass(records->names, message_text(message, EventRecord_zone));
    row->agent = names_pass(records->names, message_text(message, EventRecord_agent));
    row->attempts = (uint32_t)(message_u(message, EventRecord_attempt) & UINT32_MAX);
    row->link = (uint16_t)message_u(message, ENVELOPE_source);
    row->type = (uint8_t)message_u(message, EventRecord_type);
}

/* Returns in how many microseconds the record is due; 0: it is due. At most LOOK_US, after which the row is looked
 * at again. */
static uint64_t record_ahead_us(const struct list_records *records, const struct list_record *row)
{
    int64_t now_us = now_wall_us(records->now);
    uint64_t left_us = row->due_us > now_us ? (uint64_t)row->due_us - (uint64_t)now_us : 0;
    return left_us < LOOK_US ? left_us : LOOK_US;
}

/* Returns why the record cannot be taken; code_ok: it can. */
static enum code record_refusal(const struct list_records *records, const struct message *message, uint32_t campaign)
{
    enum code refused = campaign_refusal(records->campaigns, campaign);
    struct span number = message_text(message, EventRecord_number), data = message_text(message, EventRecord_data);
    if (campaign_binding(records->campaigns, campaign, records->last_id + 1).program == PROGRAM_NONE)
        return code_invalid_dn;
    if (refused != code_ok) return refused;
    if (!dialled_is_number((const char *)number.bytes, number.length) ||
        dialled_is_emergency((const char *)number.bytes, number.length))
        return code_invalid_number;
    if (data.length > KV_BYTES_MAX) return code_too_large;
    bool room =
        records->taken < LIST_RECORDS_MAX && records->bytes + number.length + data.length <= LIST_RECORDS_BYTES_MAX;
    return room ? code_ok : code_overload;
}

/* A record has come that is known already: a repetition changes nothing, and a newer version of a record that has not
 * begun replaces it. Another record with the same key, or a newer version of a record that was postponed and has not
 * ended here, is not taken now: the list may send it later. `outcome_error` does not refuse it for good: the list sends
 * the record again later. */
static enum outcome record_known(struct list_records *records, uint32_t slot, uint32_t campaign,
                                 const struct message *message)
{
    struct list_record *row = &records->all[slot];
    uint64_t version = message_u(message, EventRecord_version);
    bool same = row->campaign == campaign && row->record == message_u(message, EventRecord_record);
    if (!same || (row->closed && version > row->revision)) return outcome_error;
    if (version <= row->version || list_record_place(row) != RECORD_AT_buffer) return outcome_duplicate;
    if (row->state == RECORD_due) list_record_becomes(records, slot, RECORD_ahead);
    record_fill(records, list_record_edit(records, row), message);
    list_record_timer(records, slot, record_ahead_us(records, row));
    return outcome_ok;
}

static void record_take(struct list_records *records, uint32_t campaign, const struct message *message)
{
    uint32_t slot;
    struct list_record *row = record_row_new(records, &slot);
    assert(row->state == RECORD_elsewhere && !row->number_and_data);
    row->record = message_u(message, EventRecord_record);
    row->campaign = campaign;
    record_fill(records, row, message);
    lookup_add(&records->by_key, slot);
    list_record_becomes(records, slot, RECORD_ahead);
    list_record_timer(records, slot, record_ahead_us(records, row));
}

/* Takes a record. Each one is answered, and counted for the campaign that asked, even if it is refused. */
void list_record_on(struct list_records *records, const struct message *message)
{
    static const char *const reasons[] = {
        [code_invalid_dn] = "no strategy on outbound is bound to the campaign",
        [code_invalid_number] = "a switch cannot be asked to dial this number",
        [code_too_large] = "the record has more data than an interaction may have",
        [code_invalid_state] = "the campaign is not loaded, or is being unloaded",
        [code_overload] = "the core holds as many records as it may",
    };
    uint32_t campaign = names_find(records->names, message_text(message, EventRecord_campaign)), slot;
    enum code code = record_refusal(records, message, campaign);
    enum outcome outcome = code == code_ok ? outcome_ok : outcome_error;
    uint64_t key = list_record_key(campaign, message_u(message, EventRecord_record));
    campaign_record_came(records->campaigns, campaign, (uint32_t)message_u(message, ENVELOPE_req), code);
    if (code == code_ok && lookup_find(&records->by_key, key, &slot)) {
        outcome = record_known(records, slot, campaign, message);
        code = outcome == outcome_ok ? code_ok : outcome == outcome_duplicate ? code_duplicate : code_overload;
    } else if (code == code_ok) {
        record_take(records, campaign, message);
    }
    bool said = outcome == outcome_error;
    effect_reply_about(records->effects, message, 0, outcome, code, said ? reasons[code] : NULL, NULL);
}

/* ---- its time ---- */

/* Attaches the names by which a desktop recognizes the record of the call that it shows. */
static void record_names_attach(struct list_records *records, struct interaction *ix, const struct list_record *row)
{
    struct kv names;
    kv_init(&names);
    kv_put_int(&names, "GSW_RECORD_HANDLE", (int64_t)row->record);
    kv_put_text(&names, "GSW_CAMPAIGN_NAME", names_text(records->names, row->campaign));
    kv_put_text(&names, "GSW_PHONE", list_record_number(row));
    userdata_take(records->interactions, ix, kv_span(&names));
    kv_free(&names);
}

/* Gives the record to its interaction. The interaction gets the data as the list has them, before a strategy may
 * change them. */
void list_record_runs(struct list_records *records, uint32_t slot, struct interaction *ix, enum record_state state)
{
    struct list_record *row = &records->all[slot];
    assert(row->ixn == 0 && row->ref == 0);
    timer_cancel(records->timers, &row->timer);
    list_record_becomes(records, slot, state);
    row->ixn = ix->id;
    lookup_add(&records->by_ixn, slot);
    ix->dn = NAME_OF(row->campaign);
    interaction_system_set(records->interactions, ix, SYSTEM_this_dn, names_text(records->names, row->campaign));
    interaction_system_set(records->interactions, ix, SYSTEM_ani, list_record_number(row));
    record_names_attach(records, ix, row);
    /* the record's data stay in place when the rows of records move */
    userdata_take(records->interactions, ix, list_record_data(row));
    interaction_tell(records->interactions, ix, FACT_record_begun, 0, row->campaign);
}

/* The row's timer has fired; each row has one timer, whose meaning depends on the record's state. True: the record
 * is due, and no campaign lets it wait for its turn. */
bool list_record_on_timer(struct list_records *records, uint32_t slot)
{
    const struct list_record *row = &records->all[slot];
    assert(row->id != 0 && row->timer == 0);
    uint64_t left_us = record_ahead_us(records, row);
    if (list_record_place(row) == RECORD_AT_holder)
        holder_await(records, slot);
    else if (list_record_place(row) != RECORD_AT_buffer)
        list_record_send(records, slot);
    else if (left_us != 0)
        list_record_timer(records, slot, left_us);
    else if (list_record_is_counted(row))
        list_record_becomes(records, slot, RECORD_due);
    else
        return true;
    return false;
}

void list_record_puts_off(struct list_records *records, uint32_t slot, bool told)
{
    list_record_timer(records, slot, told ? LOOK_US : (uint64_t)AGAIN_US);
}

unsigned list_record_begin(struct list_records *records, uint32_t slot)
{
    assert(list_record_place(&records->all[slot]) == RECORD_AT_buffer);
    return records->calls.begin(records->calls.self, slot);
}

void list_record_end(struct list_records *records, struct interaction *ix)
{
    assert(ix && !interaction_has_ended(ix));
    records->calls.end(records->calls.self, ix);
}

/* Looks at all records again when a link is up again, or when the clock was set (link 0: any link). Due records wait
 * for their timers again, and updates that the list has not received are sent again. */
void list_records_look_again(struct list_records *records, unsigned link)
{
    bool dials = link == 0 || link_can(records->links, link, CAP_DIAL);
    for (uint32_t at = 0; at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        if (list_record_place(row) == RECORD_AT_buffer && dials) {
            if (row->state == RECORD_due) list_record_becomes(records, at, RECORD_ahead);
            list_record_timer(records, at, record_ahead_us(records, row));
        } else if (row->id != 0 && row->untold && row->link == link)
            list_record_send(records, at);
    }
}

void list_record_on_time(struct list_records *records, const struct message *message)
{
    (void)message;
    list_records_look_again(records, 0);
}

bool list_records_of_link(const struct list_records *records, unsigned link)
{
    for (uint32_t at = 0; at < records->count; at++)
        if (records->all[at].id != 0 && records->all[at].link == link) return true;
    return false;
}

uint32_t list_record_checks(struct list_records *records, const struct list_record *row, struct interaction *ix,
                            struct span number)
{
    uint32_t ref = effect_begin(records->effects, &(struct effect){.kind = KIND_CheckRecord,
                                                                   .link = row->link,
                                                                   .interaction = ix,
                                                                   .timeout_us = LIST_RECORD_CHECK_US});
    writer_u(&records->effects->writer, CheckRecord_record, row->record);
    writer_bytes(&records->effects->writer, CheckRecord_number, number);
    writer_bytes(&records->effects->writer, CheckRecord_campaign, names_text(records->names, row->campaign));
    campaign_terms_of(records->campaigns, row->campaign);
    effect_kv(records->effects, CheckRecord_terms);
    effect_end(records->effects);
    return ref;
}

/* ---- the sum of all rows' hashes, and its check ---- */

/* True: the row agrees with its state: a row with an interaction is found by the interaction; a due record waits for
 * its campaign's turn, and any other row without an interaction for its timer; an unanswered update is found by its
 * ref. */
static bool record_row_holds(const struct list_records *records, uint32_t slot)
{
    const struct list_record *row = &records->all[slot];
    uint32_t found;
    if (!lookup_find(&records->by_key, record_row_key(records, slot), &found) || found != slot) return false;
    bool told = lookup_find(&records->by_ref, row->ref, &found) && found == slot;
    const struct interaction *ix = row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
    switch (list_record_place(row)) {
    case RECORD_AT_buffer:
        return row->ixn == 0 && !row->untold && !row->closed && (row->timer != 0) == (row->state == RECORD_ahead);
    case RECORD_AT_interaction:
        return ix && !told && list_record_of(records, ix) == row;
    case RECORD_AT_holder:
        return row->ixn == 0 && row->timer != 0 && row->holder != 0 && !row->closed && !row->processed &&
               told == (row->untold && row->ref != 0);
    case RECORD_AT_list:
        return row->ixn == 0 && row->untold && told == (row->ref != 0);
    default:
        return false;
    }
}

static bool list_records_check(const void *self)
{
    const struct list_records *records = self;
    uint64_t content = 0, bytes = 0;
    uint32_t taken = 0;
    for (uint32_t at = 0; at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        content += row->share;
        if ((row->id == 0) != (row->state == RECORD_elsewhere)) return false;
        if (row->id == 0) continue;
        if (!record_row_holds(records, at)) return false;
        if (!row->unhashed && row->share != list_record_hash(records, row)) return false;
        bytes += record_bytes(row);
        taken++;
    }
    return content == records->content && bytes == records->bytes && taken == records->taken;
}

/* Hashes anew the rows that have changed, and returns the hash of all. */
static uint64_t list_records_hash(const void *self)
{
    struct list_records *records = (struct list_records *)(uintptr_t)self;
    for (uint32_t at = 0; at < records->unhashed_count; at++) {
        struct list_record *row = &records->all[records->unhashed[at]];
        records->content -= row->share;
        row->share = list_record_hash(records, row);
        records->content += row->share;
        row->unhashed = false;
    }
    records->unhashed_count = 0;
    return records->content;
}

const struct part_ops part_ops_list_records = {
    .size = sizeof(struct list_records),
    .init = list_records_init,
    .free = list_records_release,
    .forget = list_record_forget,
    .answered = list_record_answered,
    .hash = list_records_hash,
    .check = list_records_check,
    .keep = list_records_keep,
    .sound = list_records_sound,
};
