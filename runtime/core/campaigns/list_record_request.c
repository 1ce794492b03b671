/* runtime/core/campaigns/list_record_request.c - RequestRecord, operation by operation. */

#include "runtime/core/base/facts.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/ending.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects.h"
#include "runtime/vocabulary/events_site.h"

enum { SHOWN_MAX = 100 }; /* most records of one answer */

struct asking {
    struct core *core; /* for calls that begin and strategies that end, which other rooms arrange */
    struct list_records *records;
    const struct message *message;
    struct list_record *row; /* NULL: the request names none that the core has */
    uint32_t slot;           /* the row's */
    uint32_t agent, name;    /* who asks: slot and name */
    bool shows;              /* the scratch is the answer's value */
    bool later;              /* it is answered later */
    const char *why;         /* instead of the code's sentence; NULL */
};

/* ---- whose record it is ---- */

static const struct interaction *record_call(const struct list_records *records, const struct list_record *row)
{
    return row->ixn != 0 ? interaction_by_id(records->interactions, row->ixn) : NULL;
}

/* The agent's claim on the record's interaction; NULL: none. */
static const struct claim *record_claim(const struct core *core, const struct list_record *row, uint32_t agent)
{
    const struct interaction *ix = record_call(core->list_records, row);
    uint32_t claim = ix ? session_claim_of(core->claims, ix, agent) : CLAIM_NONE;
    return claim != CLAIM_NONE ? claim_at(core->claims, claim) : NULL;
}

/* Push preview: the agent is asked whether the record is to be dialled now. */
static bool asker_is_invited(const struct core *core, const struct list_record *row, uint32_t agent)
{
    const struct claim *claim = record_claim(core, row, agent);
    return claim && claim->state == CLAIM_INVITED;
}

/* The agent talks on its call, or was asked about it before it was dialled. */
static bool asker_sees(const struct list_records *records, const struct list_record *row, uint32_t agent)
{
    const struct interaction *ix = record_call(records, row);
    return ix && authority_allows(ACT_record, authority_kind(records->interactions, ix, agent), AUTHORITY_agent);
}

static bool asker_has(const struct list_records *records, const struct list_record *row, const struct asking *asking)
{
    return row->holder == asking->name || asker_sees(records, row, asking->agent);
}

/* The agent may still say something of it. */
static bool asker_may_speak(const struct list_records *records, const struct list_record *row,
                            const struct asking *asking)
{
    return !row->processed && !row->closed && asker_has(records, row, asking);
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

/* ---- what is said of a record ---- */

/* Fields of lists are texts; "number" is the list's own. */
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
static enum code asker_notes(struct list_records *records, const struct asking *asking)
{
    struct span fields = message_text(asking->message, RequestRecord_fields);
    enum cause result = (enum cause)message_u(asking->message, RequestRecord_result);
    if (result == cause_stale || !are_fields(fields)) return code_invalid_attribute;
    if (fields.length != 0 && !holder_changes_fields(records, asking->slot, fields)) return code_too_large;
    if (result != cause_other) holder_says_result(records, asking->slot, result);
    return code_ok;
}

static enum code ask_processed(struct asking *asking)
{
    enum code code = asker_notes(asking->records, asking);
    if (code != code_ok) return code;
    holder_takes(asking->records, asking->slot, asking->name);
    holder_has_processed(asking->records, asking->row->campaign, asking->row->record, asking->name);
    holder_closes(asking->records, asking->slot);
    return code_ok;
}

static enum code ask_update(struct asking *asking)
{
    return asker_notes(asking->records, asking);
}

static enum code ask_reschedule(struct asking *asking)
{
    int64_t due_us = message_i(asking->message, RequestRecord_due);
    bool personal = message_u(asking->message, RequestRecord_callback) == callback_type_personal;
    if (due_us <= now_wall_us(asking->records->now)) return code_past;
    if (!campaign_hours_allow(asking->core, asking->row, due_us)) return code_outside_hours;
    enum code code = asker_notes(asking->records, asking);
    if (code != code_ok) return code;
    holder_wants(asking->records, asking->slot,
                 &(struct record_update){
                     .status = record_status_ready,
                     .type = personal ? record_type_personal_rescheduled : record_type_campaign_rescheduled,
                     .due_us = due_us,
                     .agent = personal ? asking->name : 0,
                 });
    return code_ok;
}

static void asker_says_never(struct list_records *records, const struct asking *asking, enum record_type type,
                             enum record_scope scope)
{
    holder_wants(
        records, asking->slot,
        &(struct record_update){
            .status = record_status_cancelled, .type = (uint8_t)type, .scope = (uint8_t)scope, .agent = asking->name});
}

static enum code ask_cancel(struct asking *asking)
{
    bool chain = message_u(asking->message, RequestRecord_op) == record_op_cancel_chain;
    asker_says_never(asking->records, asking, (enum record_type)asking->row->type,
                     chain ? record_scope_chain : record_scope_number);
    return code_ok;
}

/* A list blocks numbers in their normal form; of which country another one is meant, nobody here knows. */
static bool has_country(struct span number)
{
    bool good = number.length >= 8 && number.length <= 16 && number.bytes[0] == '+' && number.bytes[1] != '0';
    for (uint32_t at = 1; good && at < number.length; at++) good = number.bytes[at] >= '0' && number.bytes[at] <= '9';
    return good;
}

/* The number is blocked at once, and the record is cancelled when it is processed. */
static enum code ask_do_not_call(struct asking *asking)
{
    struct list_record *row = asking->row;
    struct span number = message_text(asking->message, RequestRecord_number);
    bool own = number.length == 0 || span_equal(number, list_record_number(row));
    if (own) number = list_record_number(row);
    if (!own && !has_country(number)) return code_invalid_number;
    if (!list_record_may_block(row)) return code_full;
    if (own) {
        asker_says_never(asking->records, asking, record_type_no_call,
                         (enum record_scope)message_u(asking->message, RequestRecord_scope));
        holder_says_result(asking->records, asking->slot, cause_do_not_call);
    }
    list_record_tell_row(asking->records, asking->slot,
                         &(struct record_update){.status = record_status_none, .number = number});
    return code_ok;
}

/* ---- what is shown ---- */

static const char *record_state_shown(const struct list_records *records, const struct list_record *row)
{
    const struct interaction *ix = record_call(records, row);
    if (row->processed || row->closed) return "processed";
    if (list_record_place(row) == RECORD_AT_holder) return "open";
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

/* Fields of the list that are beyond the room of an answer are left out. */
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
    word_put(kv, "said", enum_name_record_status(said->status));
    word_put(kv, "type", enum_name_record_type(said->type));
    if (said->due_us != 0) kv_put_time(kv, "due", said->due_us);
}

static enum code ask_status(struct asking *asking)
{
    struct kv *kv = asking->records->scratch;
    kv_clear(kv);
    asking->shows = true;
    record_head_put(asking->records, kv, asking->row);
    record_said_put(kv, asking->row);
    record_fields_put(kv, asking->row);
    return code_ok;
}

static void record_listed_put(const struct list_records *records, struct kv *kv, const struct list_record *row)
{
    kv_list_begin(kv, span_of("record"));
    record_head_put(records, kv, row);
    kv_list_end(kv);
}

/* The records of which the agent may say something: of the calls that the agent has, and those that wait. */
static uint32_t records_of_agent_put(const struct list_records *records, const struct asking *asking, struct kv *kv)
{
    uint32_t count = 0;
    const struct list_record *all = records->all;
    for (uint32_t at = holder_first_record(records, asking->name); at != LIST_RECORD_NONE && count < SHOWN_MAX;
         at = all[at].holder_next) {
        if (!asker_may_speak(records, &all[at], asking)) continue;
        record_listed_put(records, kv, &all[at]);
        count++;
    }
    uint32_t claim = agent_at(records->agents, asking->agent)->claims;
    for (; claim != CLAIM_NONE && count < SHOWN_MAX; claim = claim_at(records->claims, claim)->next_of_agent) {
        const struct interaction *ix =
            interaction_at(records->interactions, claim_at(records->claims, claim)->interaction);
        const struct list_record *row = list_record_of(records, ix);
        if (!row || row->holder != 0 || !asker_may_speak(records, row, asking)) continue;
        record_listed_put(records, kv, row);
        count++;
    }
    return count;
}

static enum code ask_status_of_all(struct asking *asking)
{
    kv_clear(asking->records->scratch);
    asking->shows = true;
    (void)records_of_agent_put(asking->records, asking, asking->records->scratch);
    return code_ok;
}

/* The list knows all records of the customer. */
static enum code ask_chained(struct asking *asking)
{
    const struct list_record *row = asking->row;
    if (!link_usable(asking->records->links, row->link)) return code_unavailable;
    struct effect effect = {.kind = KIND_ShowChain, .link = row->link, .timeout_us = LIST_RECORD_CHECK_US};
    uint32_t ref = effect_begin(asking->records->effects, &effect);
    writer_u(&asking->records->effects->writer, ShowChain_record, row->record);
    writer_bytes(&asking->records->effects->writer, ShowChain_campaign,
                 names_text(asking->records->names, row->campaign));
    effect_end(asking->records->effects);
    effect_await_reply(asking->records->effects, asking->message, asking->agent, KIND_ShowChain, ref, row->link,
                       LIST_RECORD_CHECK_US);
    asking->later = true;
    return code_ok;
}

/* A desktop asks before it logs its agent out. */
static enum code ask_logout(struct asking *asking)
{
    kv_clear(asking->records->scratch);
    return records_of_agent_put(asking->records, asking, asking->records->scratch) == 0 ? code_ok : code_busy;
}

/* ---- preview ---- */

static uint32_t campaign_asked(const struct list_records *records, const struct asking *asking)
{
    return names_find(records->names, message_text(asking->message, RequestRecord_campaign));
}

static enum code ask_preview(struct asking *asking)
{
    bool named = message_text(asking->message, RequestRecord_campaign).length != 0;
    if (named && !campaign_of(asking->records->campaigns, campaign_asked(asking->records, asking))) {
        asking->why = "no campaign of this name is loaded";
        return code_gone;
    }
    return preview_may(asking->records, asking->agent, campaign_asked(asking->records, asking));
}

static enum code ask_preview_over(struct asking *asking)
{
    return ask_logout(asking);
}

/* Without a value: no record is due. */
static enum code ask_get(struct asking *asking)
{
    enum code code = ask_preview(asking);
    if (code == code_ok) code = ask_logout(asking); /* one after another */
    if (code != code_ok) return code;
    asking->slot = preview_get(asking->records, asking->agent, campaign_asked(asking->records, asking));
    if (asking->slot == LIST_RECORD_NONE) return code_ok;
    asking->row = &asking->records->all[asking->slot];
    return ask_status(asking);
}

static enum code ask_reject(struct asking *asking)
{
    return preview_reject(asking->records, asking->slot);
}

static enum code ask_dial(struct asking *asking)
{
    enum code code = preview_dial(asking->core, asking->slot, asking->agent, asking->message);
    asking->later = code == code_ok;
    return code;
}

/* ---- the request ---- */

struct record_ask {
    enum code (*about)(struct asking *);  /* of a record that the agent has */
    enum code (*itself)(struct asking *); /* where the request names no record */
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
    [record_op_preview_over] = {.itself = ask_preview_over},
    [record_op_get] = {.itself = ask_get},
    [record_op_reject] = {.about = ask_reject},
    [record_op_dial] = {.about = ask_dial},
};

/* A sentence for the agent, of the codes that a request can have. */
static const char *refusal_sentence(enum code code)
{
    switch (code) {
    case code_not_logged_in:
        return "the agent is not logged in here";
    case code_gone:
        return "the router does not have this record, or no longer";
    case code_no_privilege:
        return "the agent does not have this record";
    case code_closed:
        return "the record was processed; nothing more can be said of it";
    case code_past:
        return "this time is past";
    case code_outside_hours:
        return "the record may not be called at this time of its day";
    case code_invalid_number:
        return "give the number with + and the code of its country, 7 to 15 digits, as in +33145550101";
    case code_invalid_attribute:
        return "the result, or a field, is none that a record may have";
    case code_too_large:
        return "the record has no room for so much";
    case code_full:
        return "the list is away, and has too many numbers to block already";
    case code_busy:
        return "the agent has a record that is not processed";
    case code_invalid_state:
        return "no campaign of the agent's runs in preview, its schedule is closed, or the record was dialled "
               "already";
    case code_unavailable:
        return "the list is away";
    case code_link_down:
        return "the link of the agent's telephone is away";
    case code_invalid_dn:
        return "the agent's telephone cannot be asked to dial";
    case code_unsupported:
        return "the router does not know this request";
    default:
        return enum_name_code(code);
    }
}

/* To say again that a record is processed is no error, also when the list has it already. */
static bool asker_says_again(const struct list_records *records, const struct asking *asking)
{
    const struct message *message = asking->message;
    if (message_u(message, RequestRecord_op) != record_op_processed) return false;
    if (asking->row) return asking->row->holder == asking->name && asking->row->processed;
    uint32_t campaign = names_find(records->names, message_text(message, RequestRecord_campaign));
    return holder_had_processed(records, campaign, message_u(message, RequestRecord_record), asking->name);
}

/* Who is asked about a record, and puts it off or says never, has answered: the record is closed so, its strategy ends,
 * and nobody else is asked. */
static void offer_answer(const struct asking *asking)
{
    struct interaction *ix = interaction_by_id(asking->records->interactions, asking->row->ixn);
    holder_takes(asking->records, asking->slot, asking->name);
    holder_has_processed(asking->records, asking->row->campaign, asking->row->record, asking->name);
    holder_closes(asking->records, asking->slot);
    strategy_drop(asking->core, ix, ENDED_STOPPED);
    interaction_end(asking->core, ix);
}

static enum code ask_about(const struct record_ask *ask, struct asking *asking)
{
    if (!asking->row) return code_gone;
    if (!asker_has(asking->records, asking->row, asking)) return code_no_privilege;
    bool looks = ask->about == ask_status || ask->about == ask_chained;
    if (!looks && !asker_may_speak(asking->records, asking->row, asking)) return code_closed;
    asking->slot = list_record_slot(asking->records, asking->row);
    const struct interaction *ix = record_call(asking->records, asking->row);
    if (ix)
        interaction_tell(asking->records->interactions, ix, FACT_record_asked,
                         (unsigned)message_u(asking->message, RequestRecord_op), asking->name);
    bool asked = asker_is_invited(asking->core, asking->row, asking->agent);
    if (asked && ask->about == ask_processed) return code_invalid_state; /* it is to be answered */
    enum code code = ask->about(asking);
    if (asked && code == code_ok &&
        (ask->about == ask_reschedule || ask->about == ask_cancel || ask->about == ask_do_not_call) &&
        asking->row->holder_update.status != record_status_none)
        offer_answer(asking);
    return code;
}

static enum code ask_answer(struct asking *asking)
{
    uint64_t op = message_u(asking->message, RequestRecord_op);
    const struct record_ask *ask = op < sizeof asks / sizeof *asks ? &asks[op] : NULL;
    bool named = message_u(asking->message, RequestRecord_record) != 0 || asking->row;
    if (!ask || (!ask->about && !ask->itself)) return code_unsupported;
    asking->agent = session_asker(asking->core->sessions, asking->message);
    if (asking->agent == AGENT_NONE) return code_not_logged_in;
    asking->name = agent_at(asking->records->agents, asking->agent)->name;
    holder_speaks(asking->records, asking->agent);
    if (asker_says_again(asking->records, asking)) return code_ok;
    bool alone = ask->itself && (!ask->about || !named);
    return alone ? ask->itself(asking) : ask_about(ask, asking);
}

void list_record_on_request(struct core *core, const struct message *message)
{
    struct asking asking = {.core = core,
                            .records = core->list_records,
                            .message = message,
                            .row = record_asked_for(core->list_records, message)};
    uint64_t ixn = asking.row ? asking.row->ixn : 0;
    enum code code = ask_answer(&asking);
    if (asking.later) return;
    enum outcome outcome = code == code_ok            ? outcome_ok
                           : code == code_unsupported ? outcome_unsupported
                                                      : outcome_error;
    effect_reply_about(core->effects, message, ixn, outcome, code,
                       code == code_ok ? NULL
                       : asking.why    ? asking.why
                                       : refusal_sentence(code),
                       asking.shows ? &core->scratch : NULL);
}
