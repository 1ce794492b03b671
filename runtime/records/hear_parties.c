/* runtime/records/hear_parties.c - Owners, parties and offers of interactions.
 *
 *     owner   from the fact that names it until another one owns the interaction, or it ends
 *     party   from the first report about its number until it has left the call
 *     offer   from the claim on an agent until that is over; between, the facts tell whether the agent was asked, how
 *             the question ended, when the agent's telephone rang and was answered, or when they took what is no call
 */
#include <assert.h>

#include "runtime/records/recorder_state.h"
#include "runtime/vocabulary/bytes.h"

enum { CONTACTS_MAX = 256 }; /* of an agent */

/* ---- owners ---- */

void hear_owner_over(struct recorder *r, const struct open *open)
{
    struct record_value values[owners_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    struct moment at = recorder_now(r);
    assert(open->owned.us != 0 && open->owned.us <= at.us);
    if (at.us == open->owned.us) return; /* the owner had the interaction for no time */
    values[owners_ixn] = ixn_in(open->ixn, ixn);
    values[owners_quarter] = recorder_quarter(open->owned);
    values[owners_kind] = recorder_span(core_owner_word(open->owner_kind));
    values[owners_name] = recorder_word(open->owner.text);
    values[owners_began] = recorder_moment(open->owned);
    values[owners_ended] = recorder_moment(at);
    values[owners_ms] = recorder_between(open->owned, at);
    r->row(r->self, TABLE_owners, values);
}

void record_owned(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (open->owner_kind == fact->value && is_named(r, &open->owner, fact->name)) return;
    /* At its end the core has forgotten it. */
    if (!open->external) open->external = recorder_copy(core_external_id(r->core, fact->ixn));
    hear_owner_over(r, open);
    open->owner_kind = (uint8_t)fact->value;
    open->owner = recorder_named(r, fact->name);
    open->owned = recorder_now(r);
    event_tell(r, &(struct told_event){.event = EVENT_moved,
                                       .ixn = fact->ixn,
                                       .state = core_owner_word(fact->value),
                                       .name = core_text(r->core, fact->name)});
}

/* ---- parties ---- */

static struct open_party **party_party_at(struct open *open, struct span number)
{
    struct open_party **at = &open->parties;
    while (*at && !span_is(number, (*at)->number)) at = &(*at)->next;
    return at;
}

/* Writes the party's row and frees the party. Time on hold does not count as talk time. */
void party_over(struct recorder *r, const struct open *open, struct open_party *party)
{
    struct record_value values[parties_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    struct moment at = recorder_now(r);
    if (party->held.us != 0) party->held_us += at.us - party->held.us;
    values[parties_ixn] = ixn_in(open->ixn, ixn);
    values[parties_dn] = recorder_word(party->number);
    values[parties_agent] = recorder_word(party->agent.text);
    values[parties_role] = recorder_word(enum_name_party_role(party->role));
    values[parties_ringing] = recorder_moment(party->rang);
    values[parties_established] = recorder_moment(party->established);
    values[parties_ended] = recorder_moment(at);
    values[parties_ring_ms] = recorder_between(party->rang, party->established.us != 0 ? party->established : at);
    if (party->established.us != 0)
        values[parties_talk_ms] = recorder_number((int64_t)((at.us - party->established.us - party->held_us) / 1000));
    values[parties_held_ms] = recorder_number((int64_t)(party->held_us / 1000));
    values[parties_team] = recorder_team(r, span_of(party->agent.text));
    r->row(r->self, TABLE_parties, values);
    free(party);
}

static struct open_offer *offer_to(const struct recorder *r, const struct open *open, uint32_t agent)
{
    struct open_offer *offer = open->offers;
    while (offer && !is_named(r, &offer->agent, agent)) offer = offer->next;
    return offer;
}

static bool party_is_connected(unsigned change)
{
    return change == party_change_Established || change == party_change_PartyAdded || change == party_change_Retrieved;
}

/* Notes that the agent has the interaction; `offer`, if not NULL: the offer by which. */
static void agent_takes_it(struct recorder *r, struct open *open, struct open_offer *offer, const struct fact *fact)
{
    if (open->answered.us == 0) open->answered = recorder_now(r);
    if (!offer || offer->answered.us != 0) return;
    offer->answered = recorder_now(r);
    event_tell(r, &(struct told_event){.event = EVENT_accepted,
                                       .ixn = fact->ixn,
                                       .agent = core_text(r->core, fact->name),
                                       .vq = span_of(offer->vq.text)});
}

/* Notes by a party's state how the offer to the agent, and the interaction, went on. */
static void agent_party(struct recorder *r, struct open *open, const struct fact *fact)
{
    struct open_offer *offer = offer_to(r, open, fact->name);
    if (offer && fact->value == party_change_Ringing && offer->rang.us == 0 && offer->answered.us == 0)
        offer->rang = recorder_now(r);
    if (party_is_connected(fact->value)) agent_takes_it(r, open, offer, fact);
}

/* The agent has accepted. A call is answered once its party is connected, and who looks on has nothing. */
void record_offer_taken(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct contact_row rows[CONTACTS_MAX];
    uint32_t count = core_agent_contacts(r->core, fact->whose, rows, CONTACTS_MAX), at = 0;
    while (at < count && (rows[at].ixn != fact->ixn || !rows[at].talks)) at++;
    if (at == count || core_medium_named(r->core, rows[at].media) == media_voice) return;
    struct open_offer *offer = open->offers;
    while (offer && offer->claim != fact->claim) offer = offer->next;
    agent_takes_it(r, open, offer, fact);
}

/* A party is new, or has another state: notes it. */
void record_party(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_party **at = party_party_at(open, fact->number), *party = *at;
    if (!party) {
        party = *at = memory_zeroed(1, sizeof *party);
        text_set_span(party->number, NAME, fact->number);
    }
    if (fact->name != 0) party->agent = recorder_named(r, fact->name);
    party->role = fact->role;
    if (fact->value == party_change_Ringing && party->rang.us == 0 && party->established.us == 0)
        party->rang = recorder_now(r);
    if (party_is_connected(fact->value) && party->established.us == 0) party->established = recorder_now(r);
    if (party->held.us != 0 && fact->value != party_change_Held) {
        party->held_us += recorder_now(r).us - party->held.us;
        party->held = (struct moment){0};
    }
    if (fact->value == party_change_Held && party->held.us == 0) party->held = recorder_now(r);
    if (fact->name != 0) agent_party(r, open, fact);
}

/* A supervisor hears the call, or in another way than before: the audit of the interaction has how. */
void record_listened(struct recorder *r, const struct fact *fact)
{
    record_party(r, fact);
    struct open_party *party = *party_party_at(open_of(r, fact->ixn), fact->number);
    struct record_value values[audit_COLUMNS] = {0};
    struct listener_row row;
    char ixn[IXN_TEXT];
    uint32_t at = 0;
    while (core_listener(r->core, fact->ixn, &at, &row)) {
        if (!span_equal(row.dn, fact->number) || !row.hears || span_equal(row.how, party->how)) continue;
        party->how = row.how;
        values[audit_at] = recorder_moment(recorder_now(r));
        values[audit_actor] = recorder_span(row.by);
        values[audit_what] = recorder_span(row.how);
        values[audit_object] = recorder_word(enum_name_object(object_interaction));
        values[audit_name] = ixn_in(fact->ixn, ixn);
        values[audit_key] = recorder_span(row.dn);
        r->row(r->self, TABLE_audit, values);
    }
}

void record_party_gone(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_party **at = party_party_at(open, fact->number), *party = *at;
    if (!party) return;
    *at = party->next;
    party_over(r, open, party);
}

/* ---- offers ---- */

void record_claimed(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer *offer = memory_zeroed(1, sizeof *offer);
    *offer = (struct open_offer){.next = open->offers,
                                 .claim = fact->claim,
                                 .made = recorder_now(r),
                                 .agent = recorder_named(r, fact->name),
                                 .vq = open->vq};
    open->offers = offer;
    event_tell(r, &(struct told_event){.event = EVENT_offered,
                                       .ixn = fact->ixn,
                                       .agent = core_text(r->core, fact->name),
                                       .vq = span_of(offer->vq.text)});
}

/* Returns how the offer ended: answered, or as a fact has said (offer_word), or by the claim's last state. */
static const char *offer_outcome(const struct open *open, const struct open_offer *offer, unsigned state)
{
    if (offer->answered.us != 0 || state == CLAIM_ACTIVE) return "answered";
    if (offer->outcome) return offer->outcome;
    if (open->left) return "abandoned";
    return offer->rang.us != 0 || state == CLAIM_CONFIRMED ? "no_answer" : "released";
}

/* The offer is over: writes its row, with the best reason that earlier facts have given (offer_outcome). */
void record_claim_over(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer **at = &open->offers, *offer;
    while (*at && (*at)->claim != fact->claim) at = &(*at)->next;
    offer = *at;
    if (!offer) return; /* the offer was made before the journal's first batch */
    *at = offer->next;
    struct record_value values[offers_COLUMNS] = {0};
    struct moment end = recorder_now(r);
    char ixn[IXN_TEXT];
    values[offers_claim] = recorder_number((int64_t)offer->claim);
    values[offers_ixn] = ixn_in(open->ixn, ixn);
    values[offers_quarter] = recorder_quarter(offer->made);
    values[offers_agent] = recorder_word(offer->agent.text);
    values[offers_vq] = recorder_word(offer->vq.text);
    values[offers_mode] = recorder_word(offer->asked ? "asked" : "routed");
    values[offers_made] = recorder_moment(offer->made);
    values[offers_rang] = recorder_moment(offer->rang);
    values[offers_answered] = recorder_moment(offer->answered);
    values[offers_ended] = recorder_moment(end);
    values[offers_ring_ms] = recorder_between(offer->rang, offer->answered.us != 0 ? offer->answered : end);
    values[offers_handle_ms] = recorder_between(offer->answered, end);
    values[offers_outcome] = recorder_word(offer_outcome(open, offer, fact->value));
    values[offers_team] = recorder_team(r, span_of(offer->agent.text));
    r->row(r->self, TABLE_offers, values);
    event_tell(r, &(struct told_event){.event = EVENT_offer_over,
                                       .ixn = open->ixn,
                                       .agent = span_of(offer->agent.text),
                                       .vq = span_of(offer->vq.text),
                                       .state = values[offers_outcome].text});
    free(offer);
}

/* Notes that the offer reached the agent; `outcome`, if not NULL: how the offer ended. */
static void offer_word(struct recorder *r, const struct fact *fact, const char *outcome)
{
    struct open *open = open_of(r, fact->ixn);
    struct open_offer *offer = fact->name != 0 ? offer_to(r, open, fact->name) : open->offers;
    if (!offer) return;
    offer->asked = true;
    if (outcome) offer->outcome = outcome;
}

void record_asked(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, NULL);
}

void record_declined(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "declined");
}

void record_unanswered(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "unanswered");
}

void record_withdrawn(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "withdrawn");
}

void record_rang_elsewhere(struct recorder *r, const struct fact *fact)
{
    struct open_offer *offer = offer_to(r, open_of(r, fact->ixn), fact->name);
    if (offer) offer->outcome = "withdrawn";
}

void record_unreached(struct recorder *r, const struct fact *fact)
{
    offer_word(r, fact, "unreached");
}
