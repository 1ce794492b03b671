/* runtime/records/hear.c - One function per kind of fact, record_NAME of the lines RECORDED in facts.def. */
#include "runtime/records/hear.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/table.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/memory.h"
#include "vm/exec.h"

enum { QUARTER_US = 900000000, NAME = 72, IXN_TEXT = 24 };

struct moment {
    uint64_t us; /* logical time + 1; 0: never */
    int64_t wall_us;
};

struct open_step {
    struct open_step *next;
    struct moment began;
    struct where_row where; /* its texts are the image's */
    uint8_t fiber;
};

struct open_party {
    struct open_party *next;
    struct moment rang, established, held;
    uint64_t held_us;
    uint32_t agent; /* a name */
    uint8_t role;
    char number[NAME];
};

struct open_offer {
    struct open_offer *next;
    uint64_t claim;
    struct moment made, rang, answered;
    uint32_t agent, vq;  /* names */
    const char *outcome; /* NULL: not known before its end */
    bool asked;
};

struct open { /* an interaction that has not ended */
    uint64_t ixn;
    struct moment answered, owned, defaulted;
    uint64_t main, merged_into;
    struct open_step *steps;
    struct open_party *parties;
    struct open_offer *offers;
    uint32_t owner; /* a name */
    uint32_t vq;    /* the virtual queue in which it waits; 0: none */
    uint32_t chosen, line;
    uint32_t next_free;
    uint16_t default_code, cause;
    uint8_t owner_kind;
    bool has_cause, left;
};

struct agent_now {
    struct moment since;
    uint64_t told_us; /* agent_times have what was before */
    uint32_t place, dn;
    uint8_t state, work_mode;
    char reason[NAME];
};

struct recorder {
    struct core *core;
    void (*row)(void *, enum table_name, const struct record_value *);
    void *self;
    struct core_listener listener;
    struct vm_watch watch;
    struct open *opens;
    uint32_t open_count, open_capacity, free; /* free: slot + 1 */
    struct lookup by_ixn;
    struct agent_now **agents; /* by name */
    uint32_t agent_capacity;
    int64_t quarter; /* of the last batch */
    struct out json, json2;
};

/* ---- values ---- */

static struct record_value number(int64_t word)
{
    return (struct record_value){.kind = VALUE_IS_NUMBER, .number = word};
}

/* An empty text is none. */
static struct record_value span(struct span text)
{
    return (struct record_value){.kind = text.length != 0 ? VALUE_IS_TEXT : VALUE_IS_NULL, .text = text};
}

static struct record_value word(const char *text)
{
    return span(span_of(text));
}

static struct record_value name(const struct recorder *r, uint32_t number)
{
    return span(core_text(r->core, number));
}

static struct record_value moment(struct moment at)
{
    return (struct record_value){.kind = at.us != 0 ? VALUE_IS_MOMENT : VALUE_IS_NULL, .number = at.wall_us};
}

static struct record_value quarter(struct moment at)
{
    int64_t wall_us = at.wall_us >= 0 ? at.wall_us : 0;
    return (struct record_value){.kind = VALUE_IS_MOMENT, .number = wall_us - wall_us % QUARTER_US};
}

/* From one to the other; null where one of them never was. */
static struct record_value between(struct moment from, struct moment to)
{
    if (from.us == 0 || to.us == 0) return (struct record_value){.kind = VALUE_IS_NULL};
    assert(from.us <= to.us);
    return number((int64_t)((to.us - from.us) / 1000));
}

static struct record_value ixn_in(uint64_t ixn, char text[IXN_TEXT])
{
    if (ixn == 0) return (struct record_value){.kind = VALUE_IS_NULL};
    return span((struct span){(const uint8_t *)text, interaction_text(ixn, text)});
}

static struct moment now(const struct recorder *r)
{
    return (struct moment){core_time(r->core) + 1, core_wall(r->core)};
}

/* Some time before now. */
static struct moment ago(const struct recorder *r, uint64_t us)
{
    struct moment at = now(r);
    return (struct moment){at.us - us, at.wall_us - (int64_t)us};
}

/* ---- interactions that live ---- */

static uint64_t open_key(const void *owner, uint32_t slot)
{
    return ((const struct recorder *)owner)->opens[slot].ixn;
}

/* NULL: nothing is known of it. Borrowed until the next open_of. */
static struct open *open_find(struct recorder *r, uint64_t ixn)
{
    uint32_t slot;
    return lookup_find(&r->by_ixn, ixn, &slot) ? &r->opens[slot] : NULL;
}

static struct open *open_of(struct recorder *r, uint64_t ixn)
{
    struct open *open = open_find(r, ixn);
    if (open) return open;
    uint32_t slot;
    if (r->free != 0) {
        slot = r->free - 1;
        r->free = r->opens[slot].next_free;
    } else {
        slot = r->open_count++;
        if (slot == r->open_capacity) {
            r->open_capacity = slot == 0 ? 256 : slot * 2;
            r->opens = memory_grown(r->opens, r->open_capacity, sizeof *r->opens);
        }
    }
    r->opens[slot] = (struct open){.ixn = ixn, .owned = now(r), .owner_kind = OWNER_DEVICE};
    lookup_add(&r->by_ixn, slot);
    return &r->opens[slot];
}

static void open_end(struct recorder *r, struct open *open)
{
    uint32_t slot = (uint32_t)(open - r->opens);
    assert(!open->steps && !open->parties && !open->offers);
    lookup_remove(&r->by_ixn, open->ixn);
    open->next_free = r->free;
    r->free = slot + 1;
}

/* ---- steps: what the VM tells ---- */

static void step_over(struct recorder *r, const struct open *open, struct open_step *step, const char *exit)
{
    struct record_value values[steps_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    values[steps_ixn] = ixn_in(open->ixn, ixn);
    values[steps_step] = span(step->where.step);
    values[steps_function] = span(step->where.function);
    values[steps_file] = span(step->where.file);
    values[steps_line] = number(step->where.line);
    values[steps_began] = moment(step->began);
    values[steps_ended] = moment(now(r));
    values[steps_ms] = between(step->began, now(r));
    values[steps_exit] = word(exit);
    r->row(r->self, TABLE_steps, values);
    free(step);
}

/* The fiber stands at no step any more; the strategy's own, 0, takes all others with it. `exit` is that of the fiber's
 * step. */
static void steps_over(struct recorder *r, struct open *open, uint8_t fiber, const char *exit)
{
    for (struct open_step **at = &open->steps; *at;) {
        struct open_step *step = *at;
        if (fiber != 0 && step->fiber != fiber) {
            at = &step->next;
            continue;
        }
        *at = step->next;
        step_over(r, open, step, step->fiber == fiber ? exit : "left");
    }
}

static int32_t on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    struct recorder *r = self;
    struct open *open = open_of(r, interaction);
    steps_over(r, open, fiber, "left"); /* it was cancelled, or its busy block has left it */
    struct open_step *step = memory_zeroed(1, sizeof *step);
    *step = (struct open_step){.next = open->steps, .began = now(r), .fiber = fiber};
    core_wait_place(image, wait, &step->where);
    open->steps = step;
    return VM_GO_ON;
}

static void on_ended(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                     int32_t code)
{
    struct recorder *r = self;
    struct open *open = open_find(r, interaction);
    (void)image, (void)wait;
    if (open) steps_over(r, open, fiber, code == VM_GO_ON ? "done" : enum_name_code((unsigned)code));
}

/* ---- owners ---- */

static void owner_over(struct recorder *r, const struct open *open)
{
    struct record_value values[owners_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    struct moment at = now(r);
    if (at.us == open->owned.us) return; /* it passed by */
    values[owners_ixn] = ixn_in(open->ixn, ixn);
    values[owners_quarter] = quarter(open->owned);
    values[owners_kind] = span(core_owner_word(open->owner_kind));
    values[owners_name] = name(r, open->owner);
    values[owners_began] = moment(open->owned);
    values[owners_ended] = moment(at);
    values[owners_ms] = between(open->owned, at);
    r->row(r->self, TABLE_owners, values);
}

static void record_owned(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->owner_kind == fact->value && open->owner == fact->name) return;
    owner_over(r, open);
    open->owner_kind = (uint8_t)fact->value;
    open->owner = fact->name;
    open->owned = now(r);
}

/* ---- parties ---- */

static struct open_party **party_at(struct open *open, struct span number)
{
    struct open_party **at = &open->parties;
    while (*at && !span_is(number, (*at)->number)) at = &(*at)->next;
    return at;
}

static void party_over(struct recorder *r, const struct open *open, struct open_party *party)
{
    struct record_value values[parties_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    struct moment at = now(r);
    if (party->held.us != 0) party->held_us += at.us - party->held.us;
    values[parties_ixn] = ixn_in(open->ixn, ixn);
    values[parties_dn] = word(party->number);
    values[parties_agent] = name(r, party->agent);
    values[parties_role] = word(enum_name_party_role(party->role));
    values[parties_ringing] = moment(party->rang);
    values[parties_established] = moment(party->established);
    values[parties_ended] = moment(at);
    values[parties_ring_ms] = between(party->rang, party->established.us != 0 ? party->established : at);
    if (party->established.us != 0)
        values[parties_talk_ms] = number((int64_t)((at.us - party->established.us - party->held_us) / 1000));
    values[parties_held_ms] = number((int64_t)(party->held_us / 1000));
    r->row(r->self, TABLE_parties, values);
    free(party);
}

static struct open_offer *offer_to(const struct open *open, uint32_t agent)
{
    struct open_offer *offer = open->offers;
    while (offer && offer->agent != agent) offer = offer->next;
    return offer;
}

static bool is_connected(unsigned change)
{
    return change == party_change_Established || change == party_change_PartyAdded || change == party_change_Retrieved;
}

/* A party's state tells how the offer to the agent went on, and the interaction. */
static void agent_party(struct recorder *r, struct open *open, const struct fact *fact)
{
    struct open_offer *offer = offer_to(open, fact->name);
    if (is_connected(fact->value) && open->answered.us == 0) open->answered = now(r);
    if (!offer) return;
    if (fact->value == party_change_Ringing && offer->rang.us == 0 && offer->answered.us == 0) offer->rang = now(r);
    if (is_connected(fact->value) && offer->answered.us == 0) offer->answered = now(r);
}

static void record_party(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_party **at = party_at(open, fact->number), *party = *at;
    if (!party) {
        party = *at = memory_zeroed(1, sizeof *party);
        text_set_span(party->number, NAME, fact->number);
    }
    if (fact->name != 0) party->agent = fact->name;
    party->role = fact->role;
    if (fact->value == party_change_Ringing && party->rang.us == 0 && party->established.us == 0) party->rang = now(r);
    if (is_connected(fact->value) && party->established.us == 0) party->established = now(r);
    if (party->held.us != 0 && fact->value != party_change_Held) {
        party->held_us += now(r).us - party->held.us;
        party->held = (struct moment){0};
    }
    if (fact->value == party_change_Held && party->held.us == 0) party->held = now(r);
    if (fact->name != 0) agent_party(r, open, fact);
}

static void record_party_gone(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_party **at = party_at(open, fact->number), *party = *at;
    if (!party) return;
    *at = party->next;
    party_over(r, open, party);
}

/* ---- offers ---- */

static void record_claimed(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer *offer = memory_zeroed(1, sizeof *offer);
    *offer = (struct open_offer){
        .next = open->offers, .claim = fact->claim, .made = now(r), .agent = fact->name, .vq = open->vq};
    open->offers = offer;
}

static const char *offer_outcome(const struct open *open, const struct open_offer *offer, unsigned state)
{
    if (offer->answered.us != 0 || state == CLAIM_ACTIVE) return "answered";
    if (offer->outcome) return offer->outcome;
    if (open->left) return "abandoned";
    return offer->rang.us != 0 || state == CLAIM_CONFIRMED ? "no_answer" : "released";
}

static void record_claim_over(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer **at = &open->offers, *offer;
    while (*at && (*at)->claim != fact->claim) at = &(*at)->next;
    offer = *at;
    assert(offer); /* each claim is told when it is made */
    *at = offer->next;
    struct record_value values[offers_COLUMNS] = {0};
    struct moment end = now(r);
    char ixn[IXN_TEXT];
    values[offers_claim] = number((int64_t)offer->claim);
    values[offers_ixn] = ixn_in(open->ixn, ixn);
    values[offers_quarter] = quarter(offer->made);
    values[offers_agent] = name(r, offer->agent);
    values[offers_vq] = name(r, offer->vq);
    values[offers_mode] = word(offer->asked ? "asked" : "routed");
    values[offers_made] = moment(offer->made);
    values[offers_rang] = moment(offer->rang);
    values[offers_answered] = moment(offer->answered);
    values[offers_ended] = moment(end);
    values[offers_ring_ms] = between(offer->rang, offer->answered.us != 0 ? offer->answered : end);
    values[offers_handle_ms] = between(offer->answered, end);
    values[offers_outcome] = word(offer_outcome(open, offer, fact->value));
    r->row(r->self, TABLE_offers, values);
    free(offer);
}

static void offer_word(struct recorder *r, const struct fact *fact, const char *outcome)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer *offer = fact->name != 0 ? offer_to(open, fact->name) : open->offers;
    if (!offer) return;
    offer->asked = true;
    if (outcome) offer->outcome = outcome;
}

static void record_asked(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, NULL);
}

static void record_declined(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "declined");
}

static void record_unanswered(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "unanswered");
}

static void record_withdrawn(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "withdrawn");
}

static void record_unreached(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "unreached");
}

/* ---- virtual queues and decisions ---- */

static void record_entered(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    open->vq = core_queue_name(r->core, fact->queue);
    open->chosen = open->line = 0;
}

static void record_left(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct record_value values[vq_visits_COLUMNS] = {0};
    struct moment entered = ago(r, fact->waited_us);
    char ixn[IXN_TEXT];
    const char *outcome = fact->what == FACT_distributed        ? "distributed"
                          : fact->what == FACT_abandoned_queued ? "abandoned"
                                                                : "cleared";
    values[vq_visits_ixn] = ixn_in(fact->ixn, ixn);
    values[vq_visits_quarter] = quarter(entered);
    values[vq_visits_vq] = name(r, core_queue_name(r->core, fact->queue));
    values[vq_visits_entered] = moment(entered);
    values[vq_visits_ended] = moment(now(r));
    values[vq_visits_waited_ms] = number((int64_t)(fact->waited_us / 1000));
    values[vq_visits_outcome] = word(outcome);
    if (open->chosen != 0) values[vq_visits_line] = number(open->line);
    values[vq_visits_agent] = name(r, open->chosen);
    r->row(r->self, TABLE_vq_visits, values);
    open->vq = open->chosen = open->line = 0;
}

static void record_decided(struct recorder *r, const struct fact *fact)
{
    const struct decision *decision = fact->decision;
    struct open *open = open_of(r, fact->ixn);
    struct record_value values[decisions_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    if (decision->chosen != 0) {
        open->chosen = decision->chosen;
        open->line = decision->line;
    }
    values[decisions_ixn] = ixn_in(fact->ixn, ixn);
    values[decisions_vq] = name(r, decision->vq);
    values[decisions_at] = moment(now(r));
    values[decisions_waited_ms] = number(decision->waited_ms);
    if (decision->chosen != 0) values[decisions_line] = number(decision->line);
    values[decisions_chosen] = name(r, decision->chosen);
    values[decisions_ready] = number(decision->candidates);
    values[decisions_not_ready] = number(decision->not_ready);
    values[decisions_not_matching] = number(decision->not_matching);
    values[decisions_claimed] = number(decision->claimed);
    values[decisions_among] = number(decision->among);
    r->row(r->self, TABLE_decisions, values);
}

/* ---- routing by default ---- */

static void default_route(struct recorder *r, struct open *open, struct moment at, uint32_t to, unsigned code)
{
    struct record_value values[default_routes_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    values[default_routes_ixn] = ixn_in(open->ixn, ixn);
    values[default_routes_quarter] = quarter(at);
    values[default_routes_at] = moment(at);
    values[default_routes_destination] = name(r, to);
    values[default_routes_reason] = word(enum_name_code(code));
    r->row(r->self, TABLE_default_routes, values);
    open->defaulted = (struct moment){0};
}

static void record_default_asked(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->defaulted.us != 0) return; /* asked again after a resync */
    open->defaulted = now(r);
    open->default_code = fact->value;
}

static void record_default_destination(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->defaulted.us != 0)
        default_route(r, open, open->defaulted, fact->name, open->default_code);
    else if (fact->value == route_how_default)
        default_route(r, open, now(r), fact->name, code_other);
}

/* ---- attached data ---- */

static void json_value(struct recorder *r, struct out *out, const struct kv_value *value);

static void json_pairs(struct recorder *r, struct out *out, struct span pairs)
{
    struct message_mask mask = core_mask(r->core);
    struct kv_pair pair;
    const char *before = "";
    out_text(out, "{");
    for (uint32_t at = 0; kv_next(pairs, &at, &pair); before = ",") {
        out_text(out, before);
        out_json(out, pair.key);
        out_text(out, ":");
        if (pair.value.secret || mask.hides(mask.self, pair.key))
            out_text(out, "\"***\"");
        else
            json_value(r, out, &pair.value);
    }
    out_text(out, "}");
}

static void json_value(struct recorder *r, struct out *out, const struct kv_value *value)
{
    switch (value->tag) {
    case KV_INT:
    case KV_TIME:
        out_format(out, "%" PRId64, value->word);
        break;
    case KV_BOOL:
        out_text(out, value->word ? "true" : "false");
        break;
    case KV_FLOAT:
        out_format(out, "%.17g", value->number);
        break;
    case KV_TEXT:
        out_json(out, value->span);
        break;
    case KV_LIST:
        json_pairs(r, out, value->span);
        break;
    case KV_BINARY:
        out_format(out, "\"(%" PRIu32 " bytes)\"", value->span.length);
        break;
    case KV_NONE:
    default:
        out_text(out, "null");
    }
}

static struct record_value json_keys(struct out *out, struct span keys)
{
    struct span key;
    const char *before = "";
    out->length = 0;
    out_text(out, "[");
    for (uint32_t at = 0; message_next_text(keys, &at, &key); before = ",") {
        out_text(out, before);
        out_json(out, key);
    }
    out_text(out, "]");
    return span((struct span){(const uint8_t *)out->bytes, (uint32_t)out->length});
}

static void record_data_attached(struct recorder *r, const struct fact *fact)
{
    struct record_value values[data_changes_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    r->json.length = 0;
    json_pairs(r, &r->json, fact->changed);
    values[data_changes_ixn] = ixn_in(fact->ixn, ixn);
    values[data_changes_revision] = number(fact->revision);
    values[data_changes_at] = moment(now(r));
    values[data_changes_by_whom] = span(fact->by);
    values[data_changes_changed] = span((struct span){(const uint8_t *)r->json.bytes, (uint32_t)r->json.length});
    values[data_changes_deleted] = json_keys(&r->json2, fact->deleted);
    r->row(r->self, TABLE_data_changes, values);
}

/* ---- agents ---- */

static bool is_logged_in(unsigned state)
{
    return state > agent_state_logged_out;
}

static void agent_time(struct recorder *r, uint32_t who, const struct agent_now *agent, int64_t quarter_us, uint64_t us)
{
    struct record_value values[agent_times_COLUMNS] = {0};
    values[agent_times_quarter] = (struct record_value){.kind = VALUE_IS_MOMENT, .number = quarter_us};
    values[agent_times_agent] = name(r, who);
    values[agent_times_state] = word(enum_name_agent_state(agent->state));
    values[agent_times_reason] = word(agent->reason);
    values[agent_times_ms] = number((int64_t)(us / 1000));
    r->row(r->self, TABLE_agent_times, values);
}

/* The time since the last row of agent_times, cut at the quarters of the hour. What is left of a millisecond is told
 * with the next row. */
static void agent_times(struct recorder *r, uint32_t who, struct agent_now *agent)
{
    struct moment at = now(r);
    while (is_logged_in(agent->state) && agent->told_us < at.us) {
        int64_t from_us = at.wall_us - (int64_t)(at.us - agent->told_us);
        if (from_us < 0) break; /* before the first Clock */
        int64_t quarter_us = from_us - from_us % QUARTER_US;
        uint64_t left_us = (uint64_t)(quarter_us + QUARTER_US - from_us), us = at.us - agent->told_us;
        if (us > left_us)
            us = left_us;
        else
            us -= us % 1000;
        if (us == 0) break;
        agent_time(r, who, agent, quarter_us, us);
        agent->told_us += us;
    }
}

static void agent_state_over(struct recorder *r, uint32_t who, const struct agent_now *agent)
{
    struct record_value values[agent_states_COLUMNS] = {0};
    values[agent_states_agent] = name(r, who);
    values[agent_states_media] = word(enum_name_media(media_voice));
    values[agent_states_state] = word(enum_name_agent_state(agent->state));
    values[agent_states_reason] = word(agent->reason);
    values[agent_states_work_mode] =
        word(agent->work_mode != work_mode_unknown ? enum_name_work_mode(agent->work_mode) : "");
    values[agent_states_place] = name(r, agent->place);
    values[agent_states_dn] = name(r, agent->dn);
    values[agent_states_began] = moment(agent->since);
    values[agent_states_ended] = moment(now(r));
    values[agent_states_ms] = between(agent->since, now(r));
    r->row(r->self, TABLE_agent_states, values);
}

/* NULL: it had no state yet. */
static struct agent_now **agent_of(struct recorder *r, uint32_t who)
{
    if (who >= r->agent_capacity) {
        uint32_t capacity = (who + 1) * 2;
        r->agents = memory_grown(r->agents, capacity, sizeof(struct agent_now *));
        memset(r->agents + r->agent_capacity, 0, (capacity - r->agent_capacity) * sizeof(struct agent_now *));
        r->agent_capacity = capacity;
    }
    return &r->agents[who];
}

static void record_agent_state(struct recorder *r, const struct fact *fact)
{
    struct agent_now **at = agent_of(r, fact->name), *agent = *at;
    bool other = !agent || agent->state != fact->value ||
                 (fact->reason.length != 0 && !span_is(fact->reason, agent->reason)) ||
                 (fact->work_mode != work_mode_unknown && fact->work_mode != agent->work_mode);
    if (!other) return;
    if (!agent) {
        agent = *at = memory_zeroed(1, sizeof *agent);
    } else {
        agent_times(r, fact->name, agent);
        agent_state_over(r, fact->name, agent);
    }
    *agent = (struct agent_now){.since = now(r),
                                .told_us = now(r).us,
                                .place = fact->place,
                                .dn = fact->dn,
                                .state = (uint8_t)fact->value,
                                .work_mode = fact->work_mode};
    text_set_span(agent->reason, NAME, fact->reason);
}

void recorder_settle(struct recorder *r)
{
    int64_t present = quarter(now(r)).number;
    if (present == r->quarter) return;
    r->quarter = present;
    for (uint32_t who = 0; who < r->agent_capacity; who++)
        if (r->agents[who]) agent_times(r, who, r->agents[who]);
}

/* ---- administrators ---- */

static void record_administered(struct recorder *r, const struct fact *fact)
{
    const struct message *message = fact->message;
    struct record_value values[audit_COLUMNS] = {0};
    unsigned object = (unsigned)message_u(message, AdminRequest_object);
    values[audit_at] = moment(now(r));
    values[audit_actor] = span(message_text(message, ENVELOPE_actor));
    values[audit_what] = word(enum_name_admin_op(message_u(message, AdminRequest_op)));
    values[audit_object] = word(object != object_other ? enum_name_object(object) : "");
    values[audit_name] = span(message_text(message, AdminRequest_name));
    values[audit_why] = span(message_text(message, AdminRequest_why));
    r->row(r->self, TABLE_audit, values);
}

/* Pairs with `value`, as JSON in `out`. */
static struct record_value setting_value(struct recorder *r, struct out *out, struct span pairs)
{
    struct kv_value value;
    if (!kv_get(pairs, "value", &value)) return (struct record_value){.kind = VALUE_IS_NULL};
    out->length = 0;
    json_value(r, out, &value);
    return span((struct span){(const uint8_t *)out->bytes, (uint32_t)out->length});
}

/* The newest note of the audit. */
static void record_setting_changed(struct recorder *r, const struct fact *fact)
{
    struct record_value values[audit_COLUMNS] = {0};
    struct note_row note;
    uint64_t newest = core_notes(r->core) - 1;
    bool found = core_note(r->core, &newest, &note);
    assert(found);
    if (!found) return;
    (void)fact;
    values[audit_at] = moment(now(r));
    values[audit_actor] = span(note.actor);
    values[audit_what] = word(note.what);
    values[audit_object] = word(enum_name_table(note.table));
    values[audit_name] = span(note.name);
    values[audit_why] = span(note.why);
    values[audit_key] = span(note.item);
    values[audit_old] = setting_value(r, &r->json, note.before);
    values[audit_new] = setting_value(r, &r->json2, note.now);
    if (note.until_us != 0)
        values[audit_until] = (struct record_value){.kind = VALUE_IS_MOMENT, .number = note.until_us};
    r->row(r->self, TABLE_audit, values);
}

/* ---- the interaction itself ---- */

static void record_cause(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    open->cause = fact->value;
    open->has_cause = true;
}

static void record_customer_left(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->left = true;
}

static void record_merged(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->merged_into = fact->other;
}

static void record_consults(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->main = fact->other;
}

static void interaction_over(struct recorder *r, const struct open *open, const struct fact *fact)
{
    struct record_value values[interactions_COLUMNS] = {0};
    struct interaction_row row;
    struct kv_value call_type;
    char ixn[IXN_TEXT], main[IXN_TEXT], into[IXN_TEXT], conn[20];
    bool found = core_ended_at(r->core, core_ended_count(r->core) - 1, &row);
    assert(found && row.ixn == fact->ixn);
    (void)found;
    struct moment end = now(r), received = ago(r, core_time(r->core) - row.arrived_us);
    if (row.conn != 0) snprintf(conn, sizeof conn, "%016" PRIx64, row.conn);
    values[interactions_ixn] = ixn_in(fact->ixn, ixn);
    values[interactions_quarter] = quarter(received);
    values[interactions_media] = span(row.media);
    if (kv_get(fact->data, "call_type", &call_type)) values[interactions_call_type] = span(call_type.span);
    values[interactions_conn] = word(row.conn != 0 ? conn : "");
    values[interactions_main] = ixn_in(open->main, main);
    values[interactions_merged_into] = ixn_in(open->merged_into, into);
    values[interactions_ani] = span(row.ani);
    values[interactions_dnis] = span(row.dnis);
    values[interactions_strategy] = span(row.strategy);
    values[interactions_received] = moment(received);
    values[interactions_answered] = moment(open->answered);
    values[interactions_ended] = moment(end);
    values[interactions_answered_ms] = between(received, open->answered);
    values[interactions_ended_ms] = between(received, end);
    values[interactions_outcome] = span(row.outcome);
    values[interactions_cause] = word(open->has_cause ? enum_name_cause(open->cause) : "");
    values[interactions_priority] = number(row.priority);
    r->row(r->self, TABLE_interactions, values);
}

static void record_ended(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    steps_over(r, open, 0, "left");
    while (open->parties) {
        struct open_party *party = open->parties;
        open->parties = party->next;
        party_over(r, open, party);
    }
    if (open->defaulted.us != 0) default_route(r, open, open->defaulted, 0, open->default_code);
    owner_over(r, open);
    interaction_over(r, open, fact);
    open_end(r, open);
}

static void (*const record_of[FACTS])(struct recorder *, const struct fact *) = {
#define RECORDED(fact, as) [FACT_##fact] = record_##as,
#include "runtime/core/read/facts.def"
};

static void hear(void *self, const struct core *core, const struct fact *fact)
{
    struct recorder *r = self;
    (void)core;
    assert(record_of[fact->what]);
    record_of[fact->what](r, fact);
}

struct recorder *recorder_new(struct core *core, void (*row)(void *, enum table_name, const struct record_value *),
                              void *self)
{
    struct recorder *r = memory_zeroed(1, sizeof *r);
    *r = (struct recorder){.core = core, .row = row, .self = self};
    r->listener = (struct core_listener){r, hear};
    r->watch = (struct vm_watch){.self = r, .wait = on_wait, .ended = on_ended};
    lookup_init(&r->by_ixn, r, open_key);
    core_listen(core, &r->listener);
    core_watch(core, &r->watch);
    return r;
}

static void open_free(struct open *open)
{
    for (struct open_step *at = open->steps, *next; at; at = next) next = at->next, free(at);
    for (struct open_party *at = open->parties, *next; at; at = next) next = at->next, free(at);
    for (struct open_offer *at = open->offers, *next; at; at = next) next = at->next, free(at);
}

void recorder_free(struct recorder *r)
{
    if (!r) return;
    core_listen(r->core, NULL);
    core_watch(r->core, NULL);
    for (uint32_t slot = 0; slot < r->open_count; slot++) open_free(&r->opens[slot]);
    for (uint32_t who = 0; who < r->agent_capacity; who++) free(r->agents[who]);
    free(r->opens);
    free(r->agents);
    lookup_free(&r->by_ixn);
    out_free(&r->json);
    out_free(&r->json2);
    free(r);
}
