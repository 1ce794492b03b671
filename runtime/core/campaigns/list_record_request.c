/* runtime/core/campaigns/list_record_request.c - RequestRecord: what agents may ask about records, one operation
 * after the other.
 *
 *     is it an operation? --> is the agent logged in here? --> is a record named? --> has the agent it?
 *     --> may the agent still speak of it? --> ask_NAME
 *
 * If the answer to a question is no, the request ends with a code, and for each code there is one sentence for the
 * agent (refusal_sentence). An operation that needs no record has its function in `itself`, which is called when no
 * record is named. */
#include <assert.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_site.h"

enum { SHOWN_MAX = 100 }; /* most records of one answer */

/* The agent who sends a request, and the record that it is about. */
struct asker {
    struct list_records *records;
    const struct message *message;
    struct list_record *row; /* NULL: the core has no record as the request names it */
    uint32_t slot;           /* the row's */
    uint32_t agent, name;    /* slot and name of the agent who asks */
    bool shows;              /* true: the answer's value is in the scratch */
    bool later;              /* it is answered later */
    const char *why;         /* text in place of the code's sentence; NULL: the code's sentence */
};

/* ---- whether the agent has the record ---- */

static const struct interaction *record_call(const struct list_records *records, const struct list_record *row)
{
    return row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
}

/* True: in push preview the agent is asked whether the record is to be dialled now. */
static bool asker_is_invited(const struct asker *asker)
{
    const struct claims *claims = asker->records->claims;
    const struct interaction *ix = record_call(asker->records, asker->row);
    uint32_t claim = ix ? session_claim_of(claims, ix, asker->agent) : CLAIM_NONE;
    return claim != CLAIM_NONE && claim_at(claims, claim)->state == CLAIM_INVITED;
}

/* True: the agent talks on the record's call, or was asked about the record before it was dialled. */
static bool asker_sees(const struct asker *asker, const struct list_record *row)
{
    const struct interactions *interactions = asker->records->interactions;
    const struct interaction *ix = record_call(asker->records, row);
    return ix && authority_allows(ACT_record, authority_kind(interactions, ix, asker->agent), AUTHORITY_agent);
}

static bool asker_has(const struct asker *asker, const struct list_record *row)
{
    return row->holder == asker->name || asker_sees(asker, row);
}

/* May the agent still change the record, or give its result? */
static bool asker_may_speak(const struct asker *asker, const struct list_record *row)
{
    return !row->processed && !row->closed && asker_has(asker, row);
}

static struct list_record *record_asked_for(const struct list_records *records, const struct message *message)
{
    uint64_t record = message_u(message, RequestRecord_record);
    if (record != 0)
        return list_record_find(records, names_find(records->names, message_text(message, RequestRecord_campaign)),
                                record);
    const struct interaction *ix = interaction_of(records->interactions, message);
    return ix ? list_record_of(records, ix) : NULL;
}

/* ---- what an agent may say of a record ---- */

/* True: the pairs are fields that an agent may change: texts, and not "number", which belongs to the list. */
static bool are_fields(struct span pairs)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        bool named = pair.key.length != 0 && pair.key.length <= NAME_BYTES_MAX && !span_is(pair.key, "number");
        if (!named || pair.value.tag != KV_TEXT || pair.value.secret) return false;
    }
    return true;
}

/* All or nothing. */
static enum code ask_update(struct asker *asker)
{
    struct span fields = message_text(asker->message, RequestRecord_fields);
    enum cause result = (enum cause)message_u(asker->message, RequestRecord_result);
    if (result == cause_stale || !are_fields(fields)) return code_invalid_attribute;
    if (fields.length != 0 && !holder_changes_fields(asker->records, asker->slot, fields)) return code_too_large;
    /* only the core decides these two results, so the call keeps its own result */
    bool says = result != cause_other && result != cause_abandoned;
    if (says) holder_says_result(asker->records, asker->slot, result);
    return code_ok;
}

static enum code ask_processed(struct asker *asker)
{
    enum code code = ask_update(asker);
    if (code != code_ok) return code;
    holder_takes(asker->records, asker->slot, asker->name);
    holder_has_processed(asker->records, asker->row->campaign, asker->row->record, asker->name);
    holder_closes(asker->records, asker->slot);
    return code_ok;
}

static enum code ask_reschedule(struct asker *asker)
{
    int64_t due_us = message_i(asker->message, RequestRecord_due);
    bool personal = message_u(asker->message, RequestRecord_callback) == callback_type_personal;
    if (due_us <= now_wall_us(asker->records->now)) return code_past;
    if (!campaign_hours_allow(asker->records->campaigns, asker->row, due_us)) return code_outside_hours;
    enum code code = ask_update(asker);
    if (code != code_ok) return code;
    holder_wants(asker->records, asker->slot,
                 &(struct record_update){
                     .status = record_status_ready,
                     .type = personal ? record_type_personal_rescheduled : record_type_campaign_rescheduled,
                     .due_us = due_us,
                     .agent = personal ? asker->name : 0,
                 });
    return code_ok;
}

static void asker_says_never(const struct asker *asker, enum record_type type, enum record_scope scope)
{
    holder_wants(
        asker->records, asker->slot,
        &(struct record_update){
            .status = record_status_cancelled, .type = (uint8_t)type, .scope = (uint8_t)scope, .agent = asker->name});
}

static enum code ask_cancel(struct asker *asker)
{
    bool chain = message_u(asker->message, RequestRecord_op) == record_op_cancel_chain;
    asker_says_never(asker, (enum record_type)asker->row->type, chain ? record_scope_chain : record_scope_number);
    return code_ok;
}

/* True: the number is in the normal form with its country, as lists block numbers; the core cannot know of which
 * country another number is meant. */
static bool has_country(struct span number)
{
    bool good = number.length >= 8 && number.length <= 16 && number.bytes[0] == '+' && number.bytes[1] != '0';
    for (uint32_t at = 1; good && at < number.length; at++) good = number.bytes[at] >= '0' && number.bytes[at] <= '9';
    return good;
}

static void number_blocked(const struct asker *asker, struct span number)
{
    list_record_tell_row(asker->records, asker->slot,
                         &(struct record_update){.status = record_status_none, .number = number});
}

/* Blocks the number at once; the record is cancelled when it is processed. If the record's strategy has dialled another
 * number, the person may be reached at either number, so both numbers are blocked. */
static enum code ask_do_not_call(struct asker *asker)
{
    struct list_record *row = asker->row;
    struct span number = message_text(asker->message, RequestRecord_number);
    bool own = number.length == 0 || span_equal(number, list_record_number(row));
    bool other = own && row->dials.length != 0;
    if (own) number = list_record_number(row);
    if (!own && !has_country(number)) return code_invalid_number;
    if (!list_record_may_block(row, other ? 2 : 1)) return code_full;
    if (own) {
        asker_says_never(asker, record_type_no_call, (enum record_scope)message_u(asker->message, RequestRecord_scope));
        holder_says_result(asker->records, asker->slot, cause_do_not_call);
    }
    number_blocked(asker, number);
    if (other) number_blocked(asker, row->dials);
    return code_ok;
}

/* ---- records shown to the agent ---- */

static const char *record_state_shown(const struct list_records *records, const struct list_record *row)
{
    const struct interaction *ix = record_call(records, row);
    if (row->processed || row->closed) return "processed";
    if (row->state == RECORD_preview) return "preview";
    if (list_record_place(row) == RECORD_AT_holder) return row->begun_by == RECORD_BY_agent ? "dialled" : "open";
    return !ix ? "buffered" : ix->owner_kind == OWNER_AGENT ? "with_agent" : "dialling";
}

static void word_put(struct kv *kv, const char *key, const char *name)
{
    kv_put_text(kv, key, span_of(name));
}

static void record_head_put(const struct list_records *records, struct kv *kv, const struct list_record *row)
{
    kv_put_int(kv, "record", (int64_t)row->record);
    kv_put_text(kv, "campaign", names_text(records->names, row->campaign));
    kv_put_text(kv, "number", list_record_number(row));
    kv_put_int(kv, "attempts", row->attempts);
    word_put(kv, "result", enum_name_cause(row->result));
    word_put(kv, "state", record_state_shown(records, row));
}

/* Adds the fields of the list to the answer; those for which there is no room are left out. */
static void record_fields_put(struct kv *kv, const struct list_record *row)
{
    uint32_t most = KV_BYTES_MAX - VARINT_MAX - row->holder_fields.length;
    struct kv_pair pair;
    struct kv_value newer;
    kv_list_begin(kv, span_of("fields"));
    for (uint32_t at = 0, from = 0; kv_next(list_record_data(row), &at, &pair); from = at) {
        bool room = kv->length + (at - from) <= most;
        if (room && !pair.value.secret && !kv_find(row->holder_fields, pair.key, &newer))
            kv_put(kv, pair.key, &pair.value);
    }
    for (uint32_t at = 0; kv_next(row->holder_fields, &at, &pair);) kv_put(kv, pair.key, &pair.value);
    kv_list_end(kv);
}

static void record_said_put(struct kv *kv, const struct list_record *row)
{
    const struct record_update *said = &row->holder_update;
    if (said->status == record_status_none) return;
    assert(row->holder != 0 || row->ixn != 0);
    word_put(kv, "said", enum_name_record_status(said->status));
    word_put(kv, "type", enum_name_record_type(said->type));
    if (said->due_us != 0) kv_put_time(kv, "due", said->due_us);
}

static enum code ask_status(struct asker *asker)
{
    struct kv *kv = asker->records->scratch;
    kv_clear(kv);
    asker->shows = true;
    record_head_put(asker->records, kv, asker->row);
    record_said_put(kv, asker->row);
    record_fields_put(kv, asker->row);
    return code_ok;
}

static void record_listed_put(const struct list_records *records, struct kv *kv, const struct list_record *row)
{
    kv_list_begin(kv, span_of("record"));
    record_head_put(records, kv, row);
    kv_list_end(kv);
}

/* Lists the records about which the agent may say something: those of the agent's calls, and those that wait for the
 * agent. */
static uint32_t records_of_asker_put(const struct asker *asker)
{
    const struct list_records *records = asker->records;
    struct kv *kv = records->scratch;
    const struct list_record *all = records->all;
    uint32_t count = 0;
    kv_clear(kv);
    for (uint32_t at = holder_first_record(records, asker->name); at != LIST_RECORD_NONE && count < SHOWN_MAX;
         at = all[at].holder_next) {
        if (!asker_may_speak(asker, &all[at])) continue;
        record_listed_put(records, kv, &all[at]);
        count++;
    }
    uint32_t claim = agent_at(records->agents, asker->agent)->claims;
    for (; claim != CLAIM_NONE && count < SHOWN_MAX; claim = claim_at(records->claims, claim)->next_of_agent) {
        const struct interaction *ix =
            interaction_at(records->interactions, claim_at(records->claims, claim)->interaction);
        const struct list_record *row = list_record_of(records, ix);
        if (!row || row->holder != 0 || !asker_may_speak(asker, row)) continue;
        record_listed_put(records, kv, row);
        count++;
    }
    return count;
}

static enum code ask_status_of_all(struct asker *asker)
{
    (void)records_of_asker_put(asker);
    asker->shows = true;
    return code_ok;
}

/* Asks the list for all records of the customer. */
static enum code ask_chained(struct asker *asker)
{
    const struct list_record *row = asker->row;
    if (!link_usable(asker->records->links, row->link)) return code_unavailable;
    struct effect effect = {.kind = KIND_ShowChain, .link = row->link, .timeout_us = LIST_RECORD_CHECK_US};
    uint32_t ref = effect_begin(asker->records->effects, &effect);
    writer_u(&asker->records->effects->writer, ShowChain_record, row->record);
    writer_bytes(&asker->records->effects->writer, ShowChain_campaign,
                 names_text(asker->records->names, row->campaign));
    effect_end(asker->records->effects);
    effect_await_reply(asker->records->effects, asker->message, asker->agent, KIND_ShowChain, ref, row->link,
                       LIST_RECORD_CHECK_US);
    asker->later = true;
    return code_ok;
}

/* Answers a desktop that asks before it logs its agent out. */
static enum code ask_logout(struct asker *asker)
{
    return records_of_asker_put(asker) == 0 ? code_ok : code_busy;
}

/* ---- preview ---- */

static uint32_t campaign_asked(const struct asker *asker)
{
    return names_find(asker->records->names, message_text(asker->message, RequestRecord_campaign));
}

static enum code ask_preview(struct asker *asker)
{
    bool named = message_text(asker->message, RequestRecord_campaign).length != 0;
    if (named && !campaign_of(asker->records->campaigns, campaign_asked(asker))) {
        asker->why = "no campaign of this name is loaded";
        return code_gone;
    }
    return preview_may(asker->records, asker->agent, campaign_asked(asker));
}

/* Gives the agent the next record; an answer without a value: no record is due. */
static enum code ask_get(struct asker *asker)
{
    enum code code = ask_preview(asker);
    if (code == code_ok) code = ask_logout(asker); /* one after another */
    if (code != code_ok) return code;
    asker->slot = preview_get(asker->records, asker->agent, campaign_asked(asker));
    if (asker->slot == LIST_RECORD_NONE) return code_ok;
    asker->row = &asker->records->all[asker->slot];
    return ask_status(asker);
}

static enum code ask_reject(struct asker *asker)
{
    return holder_gives_back(asker->records, asker->slot);
}

static enum code ask_dial(struct asker *asker)
{
    enum code code = preview_dial(asker->records, asker->slot, asker->agent, asker->message);
    asker->later = code == code_ok;
    return code;
}

/* ---- the request ---- */

struct record_ask {
    enum code (*about)(struct asker *);  /* operation for a record that the agent has */
    enum code (*itself)(struct asker *); /* operation when the request names no record */
};

static const struct record_ask asks[] = {
    [record_op_update] = {.about = ask_update},
    [record_op_processed] = {.about = ask_processed},
    [record_op_cancel] = {.about = ask_cancel},
    [record_op_cancel_chain] = {.about = ask_cancel},
    [record_op_do_not_call] = {.about = ask_do_not_call},
    [record_op_reschedule] = {.about = ask_reschedule},
    [record_op_chained] = {.about = ask_chained},
    [record_op_status] = {.about = ask_status, .itself = ask_status_of_all},
    [record_op_logout] = {.itself = ask_logout},
    [record_op_preview_start] = {.itself = ask_preview},
    [record_op_preview_over] = {.itself = ask_logout},
    [record_op_get] = {.itself = ask_get},
    [record_op_reject] = {.about = ask_reject},
    [record_op_dial] = {.about = ask_dial},
};

/* Returns a sentence for the agent, for each code that a request can get. */
static const char *refusal_sentence(enum code code)
{
    static const char *const sentences[] = {
        [code_not_logged_in] = "the agent is not logged in here",
        [code_gone] = "the router does not have this record, or no longer",
        [code_no_privilege] = "the agent does not have this record",
        [code_closed] = "the record was processed; nothing more can be said of it",
        [code_past] = "this time is past",
        [code_outside_hours] = "the record may not be called at this time of its day",
        [code_invalid_number] =
            "give the number with + and the code of its country, 7 to 15 digits, as in +33145550101",
        [code_invalid_attribute] = "the result, or a field, is none that a record may have",
        [code_too_large] = "the record has no room for so much",
        [code_full] = "the list is away, and has too many numbers to block already",
        [code_busy] = "the agent has a record that is not processed",
        [code_invalid_state] =
            "no campaign of the agent's runs in preview, its schedule is closed, or the record was dialled already",
        [code_unavailable] = "the list is away",
        [code_link_down] = "the link of the agent's telephone is away",
        [code_invalid_dn] = "the agent's telephone cannot be asked to dial",
        [code_unsupported] = "the router does not know this request"};
    return code < sizeof sentences / sizeof *sentences && sentences[code] ? sentences[code] : enum_name_code(code);
}

/* True: the agent says once more that a record is processed, which is no error, also when the list has the result
 * already. */
static bool asker_says_again(const struct asker *asker)
{
    const struct message *message = asker->message;
    if (message_u(message, RequestRecord_op) != record_op_processed) return false;
    if (asker->row) return asker->row->holder == asker->name && asker->row->processed;
    uint64_t record = message_u(message, RequestRecord_record);
    return holder_had_processed(asker->records, campaign_asked(asker), record, asker->name);
}

/* An agent who is asked about a record, and postpones or cancels it, has answered: the record is closed with that,
 * its strategy ends, and no other agent is asked. */
static void offer_answer(const struct asker *asker)
{
    struct interaction *ix = interaction_by_id(asker->records->interactions, asker->row->ixn);
    assert(ix && asker->row->holder_update.status != record_status_none);
    holder_takes(asker->records, asker->slot, asker->name);
    holder_has_processed(asker->records, asker->row->campaign, asker->row->record, asker->name);
    holder_closes(asker->records, asker->slot);
    list_record_end(asker->records, ix);
}

static enum code ask_about(const struct record_ask *ask, struct asker *asker)
{
    if (!asker->row) return code_gone;
    if (!asker_has(asker, asker->row)) return code_no_privilege;
    bool looks = ask->about == ask_status || ask->about == ask_chained;
    if (!looks && !asker_may_speak(asker, asker->row)) return code_closed;
    asker->slot = list_record_slot(asker->records, asker->row);
    assert(asker->slot < asker->records->count && asker->row->id != 0);
    const struct interaction *ix = record_call(asker->records, asker->row);
    if (ix)
        interaction_tell(asker->records->interactions, ix, FACT_record_asked,
                         (unsigned)message_u(asker->message, RequestRecord_op), asker->name);
    bool asked = asker_is_invited(asker);
    /* the agent must answer the offer, not process the record */
    if (asked && ask->about == ask_processed) return code_invalid_state;
    enum code code = ask->about(asker);
    if (asked && code == code_ok &&
        (ask->about == ask_reschedule || ask->about == ask_cancel || ask->about == ask_do_not_call) &&
        asker->row->holder_update.status != record_status_none)
        offer_answer(asker);
    return code;
}

static enum code ask_answer(struct asker *asker)
{
    uint64_t op = message_u(asker->message, RequestRecord_op);
    const struct record_ask *ask = op < sizeof asks / sizeof *asks ? &asks[op] : NULL;
    bool named = message_u(asker->message, RequestRecord_record) != 0 || asker->row;
    if (!ask || (!ask->about && !ask->itself)) return code_unsupported;
    asker->agent = session_asker(asker->records->sessions, asker->message);
    if (asker->agent == AGENT_NONE) return code_not_logged_in;
    asker->name = agent_at(asker->records->agents, asker->agent)->name;
    holder_speaks(asker->records, asker->agent);
    if (asker_says_again(asker)) return code_ok;
    bool alone = ask->itself && (!ask->about || !named);
    return alone ? ask->itself(asker) : ask_about(ask, asker);
}

void list_record_on_request(struct list_records *records, const struct message *message)
{
    struct asker asker = {.records = records, .message = message, .row = record_asked_for(records, message)};
    uint64_t ixn = asker.row ? asker.row->ixn : 0;
    enum code code = ask_answer(&asker);
    if (asker.later) return;
    enum outcome outcome = code == code_ok            ? outcome_ok
                           : code == code_unsupported ? outcome_unsupported
                                                      : outcome_error;
    effect_reply_about(records->effects, message, ixn, outcome, code,
                       code == code_ok ? NULL
                       : asker.why     ? asker.why
                                       : refusal_sentence(code),
                       asker.shows ? records->scratch : NULL);
}
