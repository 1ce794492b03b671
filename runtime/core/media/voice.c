/* runtime/core/media/voice.c - Voice: the events of switches about calls: created, at a routing
 * point, parties, ended.
 *
 *     voice_arrive()             a call is there
 *     voice_on_route_request()   it stands at a routing point: the strategy of the point begins
 *     voice_offer()              the strategy has chosen: the link is asked to route the call
 *     voice_on_route_used()      the link says where the call went
 *     voice_on_party()           who rings, talks, holds, leaves
 *     voice_leg_ended()          the call is over
 *
 * A switch may report late, twice, or not at all while its link is away. Therefore each function first checks
 * whether the core still waits for this report: the phase of the routing says so. After an interruption
 * voice_observed() takes a report of each call as it is now, and finds out what must have happened.
 *
 *     ROUTE_IDLE -> ROUTE_ASKED -> ROUTE_OUT (or ROUTE_PULLING) -> answered, or back at the point
 *                   ROUTE_DEFAULTING: sent to the default destination
 *                   ROUTE_STOPPING:   the core itself ends the call
 *
 * The interaction may end in almost every function that is called here, so its pointer is looked up anew afterwards. */
#include "runtime/core/media/voice.h"

#include <assert.h>

#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/chat.h"
#include "runtime/core/media/resync.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/consult.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/listening.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/cross.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/ring.h"
#include "runtime/core/steps/route.h"
#include "runtime/core/steps/route_place.h"
#include "runtime/core/steps/telephone.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"

enum { LIFETIME_WITHOUT_STRATEGY_H = 24 };

static unsigned source_of(const struct message *message)
{
    return (unsigned)message_u(message, ENVELOPE_source);
}

static uint32_t name_in(struct core *core, const struct message *message, unsigned field)
{
    return names_pass(core->names, message_text(message, field));
}

/* Notes a ConnID that the link has given: every later ConnID of the link is greater. */
static void conn_noted(struct core *core, unsigned source, uint64_t conn)
{
    if (core->last_conn[source] < conn) core->last_conn[source] = conn;
}

/* Makes the interaction of a call. NULL: there are too many interactions. A call for which no strategy works ends
 * after LIFETIME_WITHOUT_STRATEGY_H, if its link never reports its end. */
static struct interaction *media_arrive(struct core *core, const struct message *message, enum media media,
                                        unsigned call_type, struct span ani, struct span dnis, struct span data)
{
    struct interaction *ix =
        interaction_new(core->interactions, media, message_u(message, ENVELOPE_conn), source_of(message));
    unsigned source = source_of(message);
    /* the link's ConnID is noted also when the call is refused */
    conn_noted(core, source, message_u(message, ENVELOPE_conn));
    if (!ix) return NULL;
    ix->observed = true;
    block_at(core->slab, ix->block)->call_type = call_type & 15u;
    voice_set_system(core, ix, SYSTEM_ani, ani);
    voice_set_system(core, ix, SYSTEM_dnis, dnis);
    if (data.length != 0) userdata_take(core->interactions, ix, data);
    interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0,
                      core->now->time_us + UINT64_C(3600000000) * LIFETIME_WITHOUT_STRATEGY_H);
    interaction_touch(core->interactions, ix);
    return ix;
}

/* Makes the call that the core has asked a link to dial the leg of its interaction, or ends it if the interaction no
 * longer wants it. The call was dialled for a kept place, or for a record that an agent previews; if for neither, it
 * is ended. */
static void voice_dialled(struct core *core, const struct message *message)
{
    assert(message_u(message, ENVELOPE_conn) != 0); /* voice_arrive() has looked */
    unsigned source = source_of(message);
    uint64_t conn = message_u(message, ENVELOPE_conn);
    struct interaction *ix = interaction_by_id(core->interactions, message_u(message, ENVELOPE_ixn));
    conn_noted(core, source, conn);
    if (ix && kept_place_created(core, ix, message)) return;
    if (ix && preview_call_created(core->list_records, ix, message)) {
        voice_restore(core, ix); /* the link gets the call's data now, since no route follows that would bring them */
        return;
    }
    effect_begin(core->effects, &(struct effect){.kind = KIND_Cancel, .link = source, .conn = conn});
    writer_u(&core->effects->writer, Cancel_of, message_u(message, ENVELOPE_ref));
    effect_end(core->effects);
}

/* Takes a new call, in this order: calls that are known, calls that come from another switch, and new ones. A call
 * that a person has made out of another call is a consultation about that call. */
void voice_arrive(struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    struct interaction *ix = interaction_by_conn(core->interactions, conn);
    if (conn == 0 || ix || hand_over_is_other_leg(core->hand_overs, conn))
        return; /* no ConnID, or the call is known already */
    if (!link_gave(source_of(message), conn)) {
        fact_tell(core->facts, &(struct fact){.what = FACT_event_refused});
        return;
    }
    if (message_u(message, ENVELOPE_ref) != 0) {
        voice_dialled(core, message);
        return;
    }
    bool stray;
    if ((ix = cross_arrive(core, message, &stray))) {
        conn_noted(core, source_of(message), conn);
        voice_bring(core, ix);
        return;
    }
    enum media media = (enum media)message_u(message, EventCallCreated_media);
    ix = media_arrive(core, message, media == media_none ? media_voice : media,
                      (unsigned)message_u(message, EventCallCreated_call_type),
                      message_text(message, EventCallCreated_ani), message_text(message, EventCallCreated_dnis),
                      message_text(message, EventCallCreated_data));
    if (!ix) return; /* too many interactions: the call's route request will be answered with the default */
    telephone_calls(core, ix, message);
    uint64_t prev_conn = message_u(message, EventCallCreated_prev_conn);
    struct interaction *main = prev_conn != 0 ? interaction_by_conn(core->interactions, prev_conn) : NULL;
    if (main && main != ix && main->link == ix->link && !main->submitted) {
        consult_begin(core, ix, main);
        interaction_touch(core->interactions, ix);
    }
    interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE,
                    name_in(core, message, EventCallCreated_origin_dn));
    interaction_tell(core->interactions, ix, FACT_arrived, 0, ix->owner);
    if (stray) interaction_tell(core->interactions, ix, FACT_hand_over_stray, 0, ix->owner);
    main = cross_claims(core, message, message_u(message, EventCallCreated_correlator),
                        message_text(message, EventCallCreated_dnis));
    if (main) voice_crossed(core, main, ix);
}

/* Returns how long the call has waited: `us`, the wait that the link reports, where an impossible one counts as 0,
 * plus the delay if the report itself was late. */
static uint64_t voice_wait_us(const struct message *message, int64_t us)
{
    const int64_t most_us = INT64_C(3600000000) * LIFETIME_WITHOUT_STRATEGY_H;
    int64_t ago_us = message_i(message, ENVELOPE_ago);
    return (us > 0 && us <= most_us ? (uint64_t)us : 0) + (ago_us > 0 && ago_us <= most_us ? (uint64_t)ago_us : 0);
}

/* Returns how long the call has waited, by the clock of its link. */
static uint64_t waited_us(const struct message *message)
{
    int64_t at = message_i(message, ENVELOPE_at), since = message_i(message, Observed_since);
    return voice_wait_us(message, since > 0 && since < at ? at - since : 0);
}

/* Makes an interaction for a call that the core does not know, with the time that it has waited, so that it does not
 * go to the end of a queue again. */
static struct interaction *voice_adopt(struct core *core, const struct message *message)
{
    enum media media = (enum media)message_u(message, Observed_media);
    struct interaction *ix =
        media_arrive(core, message, media == media_none ? media_voice : media,
                     (unsigned)message_u(message, Observed_call_type), message_text(message, Observed_ani),
                     message_text(message, Observed_dnis), message_text(message, Observed_data));
    if (!ix) return NULL;
    interaction_late(core->interactions, ix, waited_us(message));
    effect_refs_go_on(core->effects, ix,
                      /* the core may have forgotten this interaction, so its refs go on above the last one that the
                       * link has seen */
                      message_u(message, Observed_last_ref));
    interaction_tell(core->interactions, ix, FACT_adopted, 0, name_in(core, message, Observed_dn));
    return ix;
}

/* Has a person sent the unknown call here from another switch, while its link was down? True: `ix` is the
 * interaction of both calls. */
static bool sent_across(struct core *core, const struct message *message, struct interaction **ix)
{
    const uint64_t adopted = (*ix)->id;
    struct interaction *main =
        cross_claims(core, message, message_u(message, Observed_correlator), message_text(message, Observed_dnis));
    if (!main) return false;
    voice_crossed(core, main, *ix);
    *ix = interaction_by_conn(core->interactions, message_u(message, ENVELOPE_conn));
    return (*ix)->id != adopted;
}

/* Sends a call that the core cannot serve to the adapter's default destinations. */
static void refuse_arrival(struct core *core, const struct message *message, struct span dn, enum code reason)
{
    effect_begin(core->effects, &(struct effect){.kind = KIND_RouteDefault,
                                                 .link = source_of(message),
                                                 .conn = message_u(message, ENVELOPE_conn)});
    writer_bytes(&core->effects->writer, RouteDefault_dn, dn);
    writer_u(&core->effects->writer, RouteDefault_reason, reason);
    effect_end(core->effects);
    fact_tell(core->facts, &(struct fact){.what = FACT_defaulted});
}

/* True: the core drains and the call is new. A call that a strategy has served, or a consultation about such a call,
 * goes on. */
static bool voice_drained(const struct core *core, const struct interaction *ix)
{
    return core->draining && ix->program == PROGRAM_NONE &&
           block_at(core->slab, ix->block)->call_type != call_type_consult;
}

/* False: the strategy is not for calls (but for call-backs, for example), so a call does not start it. */
static bool takes_calls(const struct core *core, struct binding binding)
{
    assert(binding.program < core->strategies->program_count);
    const struct image *image = core->strategies->programs[binding.program].image;
    return has_medium(image_media(image, binding.strategy), media_voice);
}

/* The point's strategy begins. The call is at a routing point. While the core drains, or if no strategy is bound or
 * the strategy is not for calls, it goes to the default destination. */
static void at_routing_point(struct core *core, struct interaction *ix, const struct message *message, struct span dn)
{
    ix->dn = NAME_OF(names_pass(core->names, dn));
    ix->link = (uint8_t)source_of(message);
    interaction_tell(core->interactions, ix, FACT_at_routing_point, 0, ix->dn);
    if (ix->running)
        activation_drop(core, ix, ENDED_OTHER); /* a person moved the call here while another strategy worked on it */
    const struct point *point = core_directory_point(core->directory, ix->dn);
    struct binding binding = {.program = PROGRAM_NONE};
    if (point) binding = rollout_binding(core->rollouts, point, ix);
    voice_set_system(core, ix, SYSTEM_this_dn, dn);
    bool served = binding.program != PROGRAM_NONE && (ix->media != media_voice || takes_calls(core, binding));
    if (!served || voice_drained(core, ix)) {
        interaction_touch(core->interactions, ix);
        strategy_default(core, ix, code_unavailable);
        return;
    }
    strategy_start(core, ix, binding);
}

enum code voice_may_move(struct core *core, const struct interaction *ix, uint32_t name, struct binding *binding)
{
    bool waits = ix->running && ix->leg && ix->state == IX_ROUTING && ix->route_phase == ROUTE_IDLE && ix->dn != 0 &&
                 ix->claims == CLAIM_NONE;
    const struct point *point = core_directory_queue_point(core->directory, name);
    if (!waits) return code_locked;
    *binding = (struct binding){.program = PROGRAM_NONE};
    if (point) *binding = rollout_binding(core->rollouts, point, ix);
    bool served = binding->program != PROGRAM_NONE && (ix->media != media_voice || takes_calls(core, *binding));
    return served ? code_ok : code_invalid_destination;
}

/* The call stays at the switch's routing point, whose name the link needs. */
void voice_move(struct core *core, struct interaction *ix, struct binding binding)
{
    activation_drop(core, ix, ENDED_QUEUED);
    strategy_start(core, ix, binding);
}

static void voice_pulled(struct core *core, struct interaction *ix, struct span dn)
{
    assert(!ix->submitted); /* only a call can have a follow-up strategy and be pulled back for it */
    ix->dn = NAME_OF(names_pass(core->names, dn));
    voice_set_system(core, ix, SYSTEM_this_dn, dn);
    interaction_tell(core->interactions, ix, FACT_returned, 0, ix->dn);
    strategy_follows(core, ix);
}

/* Takes a RouteRequest, which has several meanings; they are tried in this order: a leg at another switch, too many
 * calls, a dialled call that was answered, a follow-up, a routing that came back, a repetition, and last a call that
 * has come to the point. */
void voice_on_route_request(struct core *core, const struct message *message)
{
    struct span dn = message_text(message, EventRouteRequest_dn);
    uint64_t conn = message_u(message, ENVELOPE_conn);
    if (hand_over_is_other_leg(core->hand_overs, conn) && !cross_back(core, conn)) return;
    if (!interaction_of(core->interactions, message) && core->interactions->live >= core->options.interactions_max) {
        refuse_arrival(core, message, dn, code_overload);
        return;
    }
    struct interaction *ix = voice_call_of(core, message);
    if (!ix || cross_at_point(core, ix, dn)) return;
    if (kept_place_dials(core, ix)) {
        interaction_tell(core->interactions, ix, FACT_answered, 0, names_find(core->names, dn));
        kept_place_answered(core, ix, voice_wait_us(message, message_i(message, EventRouteRequest_answered)));
        return;
    }
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (!ix->submitted && follow_up_is_pulled(core, ix)) {
        voice_pulled(core, ix, dn);
        return;
    }
    bool ours = ix->running && (ix->route_phase == ROUTE_OUT || ix->route_phase == ROUTE_PULLING);
    /* too late: the request answers a dial that is no longer wanted */
    if ((ref != 0 || ix->submitted) && !ours) return;
    if (ours) {
        interaction_tell(core->interactions, ix, FACT_returned, 0, names_find(core->names, dn));
        route_returned(core, ix);
        return;
    }
    if (ix->running && names_find(core->names, dn) == ix->dn && ix->route_phase != ROUTE_DEFAULTING)
        return; /* a repetition: the call is where its strategy works on it */
    at_routing_point(core, ix, message, dn);
}

/* The switch reports where the call went. If the call went where the strategy wanted, it has left the routing point; if
 * the call went elsewhere, the strategy has nothing left to decide. */
void voice_on_route_used(struct core *core, const struct message *message)
{
    struct interaction *ix = voice_call_of(core, message);
    if (!ix) return;
    unsigned how = (unsigned)message_u(message, EventRouteUsed_how);
    uint32_t to = name_in(core, message, EventRouteUsed_to);
    interaction_tell(core->interactions, ix, FACT_route_used, how, to);
    if (!ix->running || !ix->leg) return; /* the call is over, and its `on abandoned` still runs */
    if (ix->route_phase == ROUTE_DEFAULTING) {
        interaction_tell(core->interactions, ix, FACT_defaulted, 0, 0);
        activation_drop(core, ix, ENDED_DEFAULTED);
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, to);
        return;
    }
    bool ours = ix->route_phase == ROUTE_ASKED && how != route_how_default && (to == 0 || to == ix->route_to);
    if (ours) {
        route_relieved(core, ix);
        return;
    }
    if (ix->submitted) return; /* nobody else routes it */
    if (how != route_how_default && to == ix->route_to &&
        (ix->route_phase == ROUTE_OUT || ix->route_phase == ROUTE_PULLING))
        return; /* repeated */
    if (how == route_how_instructed) {
        route_happened(core, ix, to);
        return;
    }
    if (how == route_how_default) interaction_tell(core->interactions, ix, FACT_defaulted, 0, 0);
    activation_drop(core, ix, how == route_how_default ? ENDED_DEFAULTED : ENDED_OTHER); /* not by the strategy */
    interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, to);
}

/* The customer has left; this happens once for an interaction. A strategy may still run, in its `on abandoned`. */
static void customer_gone(struct core *core, struct interaction *ix)
{
    if (ix->gone || kept_place_holds(core, ix)) return;
    ix->gone = true;
    if (!ix->running) return;
    if (ix->route_phase ==
        ROUTE_STOPPING) { /* the core asked for the end: a switch reports a call that it ends in a queue as abandoned */
        activation_drop(core, ix, ENDED_STOPPED);
        return;
    }
    interaction_tell(core->interactions, ix, FACT_abandoned, 0, 0);
    strategy_abandoned(core, ix);
}

/* A call rings at an agent: it gets the agent's claim for it, or a new claim. */
static void voice_ringing(struct core *core, struct interaction *ix, uint32_t agent)
{
    assert(agent < core->agents->count);
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim == CLAIM_NONE) claim = session_claim(core->sessions, agent, ix, 0);
    if (claim == CLAIM_NONE) return;
    struct claim *made = claim_at(core->claims, claim);
    assert(made->interaction == ix->slot);
    bool asked = invite_overtaken(core, claim);
    if (made->state < CLAIM_CONFIRMED) made->state = CLAIM_CONFIRMED;
    session_claim_deadline(core->sessions, claim, 0); /* the time for the answer is counted from now */
    if (!ix->running)
        interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, agent)->name);
    if (asked) invite_passed(core, ix);
}

/* Called when a party talks. `rang`: the call rang at this party's agent, who has logged out since. */
static void voice_established(struct core *core, struct interaction *ix, uint32_t agent, unsigned role, struct span dn,
                              bool rang)
{
    if (agent == AGENT_NONE) {
        uint32_t name = names_pass(core->names, dn);
        if (cross_awaited_us(core, ix) != 0)
            return; /* a trunk has answered; the other switch has not yet reported the call */
        bool place = name != 0 && place_claim_of(core->place_claims, ix, name) != PLACE_CLAIM_NONE;
        if (ix->running && (name == ix->route_to || rang || place) && ix->route_phase >= ROUTE_ASKED &&
            ix->route_phase <= ROUTE_PULLING) {
            /* a place has answered, or the agent has logged out while the call was on its way */
            if (place) ix->route_to = NAME_OF(name);
            route_established(core, ix, AGENT_NONE);
        } else if (!ix->running && role == party_role_device)
            interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, name);
        return;
    }
    bool asked;
    if (!voice_talks(core, ix, agent, &asked)) return;
    if (ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING) {
        route_established(core, ix, agent);
        return;
    }
    if (!ix->running)
        interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, agent)->name);
    if (asked) invite_passed(core, ix);
}

/* The agent has left the call; `on_it`: the agent was a party of the call. An agent who takes several calls may be
 * chosen again for this call before leaving it: then the newer claim, which is not answered yet, stays. */
static void agent_left(struct core *core, struct interaction *ix, uint32_t agent, bool on_it, unsigned cause)
{
    struct agent *who = agent_at(core->agents, agent);
    if (who->ixn == ix->id) who->ixn = 0;
    if (session_talk_over(core->sessions, ix, agent)) return;
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim == CLAIM_NONE) return;
    unsigned state = claim_at(core->claims, claim)->state;
    bool chosen = state < CLAIM_ROUTED || (state == CLAIM_ROUTED && ix->route_phase == ROUTE_ASKED);
    if (chosen && !on_it) return; /* the report repeats one about an earlier leg */
    /* `ours` is computed before the call leaves the routing point: the call shall come back to that point. */
    bool ours = ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING &&
                claim == route_claimed(core, ix);
    if (ix->running && ix->route_phase != ROUTE_IDLE && ring_is_of_several(core, ix) && ring_is_routed(core, ix, agent))
        ring_drops(core, ix, claim, cause); /* the call still rings at other agents */
    else if (!ours)
        session_release(core->sessions, claim, false);
    else if (cause == cause_busy)
        ix->route_code = code_busy;
    else if (cause == cause_refused)
        ix->route_code = code_rejected;
}

/* The party has left. A party has left. An agent who is still on the call owns it next; without one, a device does.
 * If the agent has logged out meanwhile, the link may name another agent or none: the agent who was the party has
 * left in any case. */
static void party_left(struct core *core, struct interaction *ix, uint64_t dn, uint32_t agent, unsigned cause)
{
    const struct party *party = interaction_party(core->interactions, ix, dn);
    bool on_it = party != NULL, customer = party && party->role == party_role_customer;
    uint32_t before = party ? party->agent : AGENT_NONE;
    telephone_left(core, ix, dn);
    route_place_left(core, ix, dn, cause);
    interaction_party_remove(core->interactions, ix, dn);
    if (before != AGENT_NONE && before != agent) agent_left(core, ix, before, true, cause);
    if (agent != AGENT_NONE) agent_left(core, ix, agent, on_it, cause);
    if (customer && !ix->gone && (ix->running || ix->followed)) customer_gone(core, ix);
    if (ix->running || ix->owner_kind != OWNER_AGENT || agent == AGENT_NONE ||
        ix->owner != agent_at(core->agents, agent)->name)
        return;
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        uint32_t next = core->interactions->parties[at].agent;
        assert(at < core->interactions->party_count);
        if (next != AGENT_NONE) {
            interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, next)->name);
            return;
        }
    }
    interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, ix->dn);
}

/* The call is in a queue of the switch: the queue owns it now, unless a strategy runs for it. */
static void voice_queued(struct core *core, struct interaction *ix, uint32_t queue)
{
    if (ix->running) return; /* a strategy runs: the queue is that of the treatment or of the routing point itself */
    interaction_own(core->interactions, ix, IX_QUEUED, OWNER_QUEUE, queue);
}

/* Sets a party as an event or Observed of the call's link reports it. All changes of parties are made here, whether
 * an event, a resync or a leg at another switch reports them. */
static void party_is(struct core *core, struct interaction *ix, unsigned link, struct span dn_text,
                     struct span agent_text, unsigned role, unsigned change, unsigned cause)
{
    uint64_t dn = table_text_hash(core->names, dn_text);
    uint32_t agent = session_who(core->sessions, agent_text, link, dn_text);
    if (role == party_role_customer || role == party_role_device) agent = AGENT_NONE;
    if (change == party_change_Released || change == party_change_PartyDeleted) {
        bool was_there = interaction_party(core->interactions, ix, dn) != NULL;
        party_left(core, ix, dn, agent, cause);
        if (was_there && ix->followed) follow_up_left(core, ix, names_pass(core->names, dn_text));
        return;
    }
    struct party *party = interaction_party_add(core->interactions, ix, dn, dn_text);
    if (!party) return;
    session_works_at(core->sessions, link, dn_text);
    uint32_t before = party->agent;
    bool goes_on = change == party_change_Held || change == party_change_Retrieved;
    if (agent == AGENT_NONE && goes_on && role != party_role_customer && role != party_role_device)
        agent = before; /* the switch names no agent after a log-out: it is still that agent's leg */
    interaction_party_told(core->interactions, ix, party, agent, role != 0 ? role : party->role, change);
    bool rang = before != AGENT_NONE && agent == AGENT_NONE && ring_is_routed(core, ix, before);
    if (before != AGENT_NONE && before != agent) agent_left(core, ix, before, true, cause);
    if (change == party_change_Established) preview_call_answered(core->list_records, ix);
    if (change == party_change_Ringing && agent != AGENT_NONE)
        voice_ringing(core, ix, agent);
    else if (change == party_change_Established || change == party_change_Retrieved ||
             change == party_change_PartyAdded || change == party_change_Held)
        voice_established(core, ix, agent, party->role, dn_text, rang);
}

/* True: the DN is among the parties that a resync reports. */
static bool party_is_among(const struct core *core, struct span parties, uint64_t dn)
{
    uint32_t at = 0;
    struct span record;
    struct message party;
    while (message_next_text(parties, &at, &record)) {
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        if (table_text_hash(core->names, message_text(&party, Party_dn)) == dn) return true;
    }
    return false;
}

/* Removes the parties that a resync does not list: they have left without an event. The customer is not checked
 * here. */
static void parties_left(struct core *core, struct interaction *ix, struct span parties)
{
    for (uint32_t at = ix->parties, next; at != PARTY_NONE; at = next) {
        const struct party party = core->interactions->parties[at];
        next = party.next;
        if (party.role == party_role_customer || party_is_among(core, parties, party.dn)) continue;
        party_left(core, ix, party.dn, party.agent, cause_lost);
        enum media medium = core->media[ix->media]->capacity(ix);
        follow_up_left(core, ix,
                       party.agent != AGENT_NONE ? line_dn_for_agent(core->agents, party.agent, medium) : ix->route_to);
    }
}

/* Takes an event about a party of the leg that the call has left: an agent may still be on that leg, as in a
 * consultation. */
static void left_party(struct core *core, const struct hand_over *left, const struct message *message)
{
    struct interaction *ix = interaction_by_id(core->interactions, left->ixn);
    struct span dn = message_text(message, EventParty_dn);
    unsigned change = (unsigned)message_u(message, EventParty_change);
    const struct party *party = ix ? interaction_party(core->interactions, ix, table_text_hash(core->names, dn)) : NULL;
    if (!party || party->agent == AGENT_NONE) return;
    interaction_tell(core->interactions, ix, FACT_party_changed, change, names_find(core->names, dn));
    party_is(core, ix, left->from, dn, message_text(message, EventParty_agent),
             (unsigned)message_u(message, EventParty_role), change, (unsigned)message_u(message, EventParty_cause));
}

/* Removes agents who have left their leg without an event: those at `link` who are not among `parties`; with NULL,
 * those at all other links. */
static void agents_left(struct core *core, struct interaction *ix, unsigned link, const struct span *parties)
{
    for (uint32_t at = ix->parties, next; at != PARTY_NONE; at = next) {
        const struct party party = core->interactions->parties[at];
        next = party.next;
        if (party.agent == AGENT_NONE || cross_is_at(core, &party, link) != (parties != NULL)) continue;
        if (!parties || !party_is_among(core, *parties, party.dn))
            party_left(core, ix, party.dn, party.agent, cause_lost);
    }
}

/* Removes places whose telephones have left the call without an event. */
static void places_left(struct core *core, struct interaction *ix, struct span parties)
{
    for (uint32_t at = ix->parties, next; at != PARTY_NONE; at = next) {
        const struct party party = core->interactions->parties[at];
        next = party.next;
        if (place_claim_at(core->place_claims, ix, party.dn) != PLACE_CLAIM_NONE &&
            !party_is_among(core, parties, party.dn))
            party_left(core, ix, party.dn, party.agent, cause_lost);
    }
}

/* The call no longer rings at this DN; or, of several telephones that were to ring together, this one cannot. */
static void voice_diverted(struct core *core, struct interaction *ix, const struct message *message, unsigned cause)
{
    struct span text = message_text(message, EventParty_dn);
    uint64_t dn = table_text_hash(core->names, text);
    uint32_t agent = session_who(core->sessions, message_text(message, EventParty_agent), ix->link, text);
    if (interaction_party(core->interactions, ix, dn) || ring_awaits(core, ix, agent) ||
        place_claim_at(core->place_claims, ix, dn) != PLACE_CLAIM_NONE)
        party_left(core, ix, dn, agent, cause);
}

/* A telephone is busy or refuses the call. Others that ring with it ring on. One that rings alone ends the route. */
static void voice_busy(struct core *core, struct interaction *ix, const struct message *message)
{
    unsigned cause = (unsigned)message_u(message, EventParty_cause);
    if (!ix->running || ix->route_phase != ROUTE_OUT) return;
    if (ring_is_of_several(core, ix) || route_place_is_of_several(core, ix))
        voice_diverted(core, ix, message, cause == cause_refused ? cause_refused : cause_busy);
    else
        route_unanswered(core, ix, code_busy);
}

/* A supervisor, who is a party already, has taken the place of the agent who leaves. */
static void voice_taken(struct core *core, const struct interaction *ix, const struct message *message)
{
    struct span to = message_text(message, EventParty_to);
    const struct party *party = interaction_party(core->interactions, ix, table_text_hash(core->names, to));
    bool agent = party && party->agent != AGENT_NONE;
    fact_tell(core->facts, &(struct fact){.what = FACT_taken_over,
                                          .name = agent ? agent_at(core->agents, party->agent)->name : 0,
                                          .ixn = ix->id,
                                          .message = message});
}

void voice_on_party(struct core *core, const struct message *message)
{
    const struct hand_over *left = hand_over_left(core->hand_overs, message_u(message, ENVELOPE_conn));
    if (left) left_party(core, left, message);
    struct interaction *ix = voice_call_of(core, message);
    if (!ix || (ix->submitted && ix->link != source_of(message))) return;
    unsigned change = (unsigned)message_u(message, EventParty_change);
    struct span dn = message_text(message, EventParty_dn);
    interaction_tell(core->interactions, ix, FACT_party_changed, change, names_find(core->names, dn));
    if (ix->submitted) {
        chat_on_party(core, ix, message);
        return;
    }
    if (message_u(message, EventParty_role) == party_role_supervisor) {
        listening_on_party(core, ix, message);
        return;
    }
    if (message_u(message, EventParty_cause) == cause_taken) voice_taken(core, ix, message);
    switch (change) {
    case party_change_Queued:
        voice_queued(core, ix,
                     name_in(core, message, message_has(message, EventParty_queue) ? EventParty_queue : EventParty_dn));
        break;
    case party_change_Diverted:
        voice_diverted(core, ix, message, (unsigned)message_u(message, EventParty_cause));
        break;
    case party_change_Dialing:
        session_works_at(core->sessions, ix->link, dn);
        break;
    case party_change_NetworkReached:
        break;
    case party_change_DestinationBusy:
        voice_busy(core, ix, message);
        break;
    case party_change_Abandoned:
        customer_gone(core, ix);
        break;
    default:
        party_is(core, ix, ix->link, dn, message_text(message, EventParty_agent),
                 (unsigned)message_u(message, EventParty_role), change, (unsigned)message_u(message, EventParty_cause));
    }
    struct interaction *other = cross_shown(core, ix, dn);
    if (other && other != ix) voice_crossed(core, ix, other);
}

/* The leg has ended. A call that has gone on at another switch does not end with it. */
void voice_leg_ended(struct core *core, struct interaction *ix, unsigned cause)
{
    if (ix->submitted) {
        chat_over(core, ix, cause);
        return;
    }
    if (kept_place_gone(core, ix, cause)) return;
    if (cross_stays(core, ix)) {
        const struct link *link = link_at(core->links, ix->link);
        agents_left(core, ix, ix->link, NULL);
        bool sure = cause != cause_lost && link && link->state == LINK_UP;
        /* the interaction's leg at that link may have ended without an event, too */
        if (!sure) resync_ask(core, ix->link);
        return;
    }
    preview_call_over(core->list_records, ix, cause);
    interaction_tell(core->interactions, ix, FACT_call_ended, cause, 0);
    strategy_main_over(core, ix);
    if (ix->running && ix->route_phase == ROUTE_STOPPING) {
        activation_drop(core, ix, ENDED_STOPPED);
    } else if (ix->running && !ix->gone) {
        if (cause == cause_lost) ix->outcome = ENDED_LOST;
        customer_gone(core, ix);
    }
    telephone_call_over(core, ix);
    interaction_leave_call(core->interactions, ix);
    if (ix->running) {
        interaction_own(core->interactions, ix, IX_CLOSING, OWNER_STRATEGY, ix->owner);
        return; /* `on abandoned` still runs; the interaction ends when it has ended */
    }
    if (cause == cause_lost && ix->outcome == ENDED_OTHER) ix->outcome = ENDED_LOST;
    strategy_end_interaction(core, ix);
}

/* Takes a report about a number that is dialled: EventCallProgress gives only the reason. Events other than
 * EventCallProgress report that the dialled call has ended or has come to the routing point. */
void voice_on_progress(struct core *core, const struct message *message)
{
    struct interaction *ix = voice_call_of(core, message);
    if (!ix) return;
    unsigned result = (unsigned)message_u(message, EventCallProgress_result);
    interaction_tell(core->interactions, ix, FACT_call_progressed, result, 0);
    if (result == cause_abandoned) list_record_unserved(core->list_records, ix);
    kept_place_progress(core, ix, result);
    preview_call_progress(core->list_records, ix, result);
}

/* ---- resync ---- */

/* The link has answered whether the call exists; it may be asked about it again later. */
static void voice_answered(void *self, uint64_t conn)
{
    struct core *core = self;
    uint32_t kept = core->links->asked_count < ASKED_MAX ? core->links->asked_count : ASKED_MAX;
    for (uint32_t at = 0; at < kept; at++)
        if (core->links->asked[at] == conn) core->links->asked[at] = 0;
}

/* Takes the parties that a resync reports as if each had changed, including known ones. */
static void observed_parties(struct core *core, struct interaction *ix, struct span parties)
{
    uint32_t at = 0;
    struct span record;
    while (message_next_text(parties, &at, &record)) {
        struct message party;
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        if (message_u(&party, Party_role) == party_role_supervisor) continue; /* who listens is no party */
        party_is(core, ix, ix->link, message_text(&party, Party_dn), message_text(&party, Party_agent),
                 (unsigned)message_u(&party, Party_role), (unsigned)message_u(&party, Party_change), 0);
    }
}

/* Removes agents and places that are not among the parties: the link has not reported how the call changed. A party may
 * be a number of another switch, whose leg was reported already. True: that leg is the call's leg now. */
static bool changed_unseen(struct core *core, struct interaction *ix, struct span parties)
{
    const uint64_t conn = ix->conn;
    uint32_t at = 0;
    struct span record;
    struct message party;
    agents_left(core, ix, ix->link, &parties);
    places_left(core, ix, parties);
    while (interaction_by_conn(core->interactions, conn) == ix && message_next_text(parties, &at, &record)) {
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        struct span dn = message_text(&party, Party_dn);
        if (message_u(&party, Party_role) == party_role_supervisor) continue;
        struct interaction *other = cross_shown(core, ix, dn), *consult = cross_asked(core, ix, dn);
        if (other && other != ix)
            voice_crossed(core, ix, other);
        else if (consult)
            voice_merge(core, ix, consult);
    }
    return interaction_by_conn(core->interactions, conn) != ix;
}

/* Takes from the switch which treatment plays: a journal that was put back knows only older treatments. A step that
 * waits for a treatment asks for it again, which ends the present one. A treatment that plays for no step ends with
 * the next treatment or routing, as any treatment does. */
static void voice_plays(struct core *core, struct interaction *ix, uint64_t last_ref)
{
    bool lost =
        effect_refs_go_on(core->effects, ix, last_ref) || (last_ref != 0 && effect_is_before_skip(ix, last_ref));
    step_send_again(core, ix, ix->link, last_ref);
    if (lost && !interaction_has_ended(ix) && ix->running && !interaction_awaits(ix))
        interaction_treatment(core->interactions, ix, (uint32_t)last_ref);
}

/* Makes the core's next revision of the call's data newer than the one that the link has, because the core's state
 * was lost or put back. The link takes only newer revisions. */
static void revision_go_on(struct core *core, struct interaction *ix, uint64_t heard)
{
    if (heard <= ix->revision || heard >= UINT32_MAX) return;
    ix->revision = (uint32_t)heard;
    interaction_touch(core->interactions, ix);
}

/* Takes a resync's report of a known call; its meaning depends on what the strategy waits for. */
static void known_observed(struct core *core, struct interaction *ix, const struct message *message)
{
    bool at_point = message_u(message, Observed_at_routing_point) != 0;
    struct span dn = message_text(message, Observed_dn);
    interaction_tell(core->interactions, ix, FACT_observed, 0, ix->dn);
    if (at_point && cross_at_point(core, ix, dn)) return;
    if (kept_place_dials(core, ix)) {
        if (at_point) kept_place_answered(core, ix, waited_us(message));
    } else if (ix->running && at_point && ix->route_phase >= ROUTE_OUT && ix->route_phase <= ROUTE_PULLING)
        route_returned(core, ix);
    else if (ix->running && at_point)
        voice_plays(core, ix, message_u(message, Observed_last_ref));
    else if (ix->running && ix->route_phase == ROUTE_ASKED)
        route_relieved(core, ix); /* the report replaces the answer that was lost */
    else if (ix->running && (ix->route_phase == ROUTE_IDLE || ix->route_phase == ROUTE_DEFAULTING)) {
        interaction_tell(core->interactions, ix, FACT_defaulted, 0, 0);
        activation_drop(core, ix, ENDED_DEFAULTED); /* the call is elsewhere, by default routing or moved by a person */
        interaction_own(core->interactions, ix, IX_OBSERVED, OWNER_DEVICE, names_pass(core->names, dn));
    } else if (at_point && follow_up_is_pulled(core, ix))
        voice_pulled(core, ix, dn);
    else if (!at_point && ix->followed) {
        follow_up_observed(core, ix, message_u(message, Observed_last_ref));
        parties_left(core, ix, message_text(message, Observed_parties));
    }
}

/* Takes a resync's report of a call. An unknown call is treated as if it arrived now, but with the time that it has
 * waited. Each reported call is marked, and a call without a mark at the end of the resync is over. */
void voice_observed(struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    bool at_point = message_u(message, Observed_at_routing_point) != 0;
    struct span dn = message_text(message, Observed_dn), parties = message_text(message, Observed_parties);
    if (conn == 0) return;
    voice_answered(core, conn);
    const struct hand_over *left = hand_over_left(core->hand_overs, conn);
    struct interaction *goes_on = left ? interaction_by_id(core->interactions, left->ixn) : NULL;
    if (goes_on) agents_left(core, goes_on, left->from, &parties);
    if (hand_over_is_other_leg(core->hand_overs, conn)) return;
    struct interaction *ix = interaction_by_conn(core->interactions, conn);
    bool known = ix != NULL, stray = false;
    if (known && ix->link != message_u(message, ENVELOPE_source)) return; /* another link's call */
    if (!known && !link_gave((unsigned)message_u(message, ENVELOPE_source), conn)) {
        fact_tell(core->facts, &(struct fact){.what = FACT_event_refused});
        return;
    }
    if (!known && (ix = cross_observed(core, message, &stray))) {
        conn_noted(core, source_of(message), conn);
        known = true;
    }
    if (!known) ix = voice_adopt(core, message);
    if (!ix) return;
    if (stray) interaction_tell(core->interactions, ix, FACT_hand_over_stray, 0, names_find(core->names, dn));
    bool across = !known && sent_across(core, message, &ix);
    ix->observed = true;
    revision_go_on(core, ix, message_u(message, Observed_revision));
    if (ix->submitted) {
        step_send_again(core, ix, ix->link, message_u(message, Observed_last_ref));
        voice_restore(core, ix);
        return;
    }
    listening_observed(core, ix, parties);
    observed_parties(core, ix, parties);
    if (known && !ix->running && !ix->followed && changed_unseen(core, ix, parties)) return;
    if (known) known_observed(core, ix, message);
    if (known && interaction_has_ended(ix)) return;
    if (!ix->running && at_point && (ix->state == IX_OBSERVED || across)) at_routing_point(core, ix, message, dn);
    if (ix->leg && known) voice_restore(core, ix);
}

/* ---- destinations ---- */

/* Writes the whisper, a text or a prompt that only the agent hears before the call. */
static void put_whisper(struct core *core, const struct interaction *ix)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block, 0, PARAMETER_route_whisper, &word, &type)) return;
    if (type_base(type) == TYPE_PROMPT) {
        kv_put_text(&core->scratch, "whisper_prompt", core_name(core, strategy_name(core->strategies, ix, word)));
    } else if (type_base(type) == TYPE_STR) {
        struct text text = block_text(block_image(core->slab, block), block, word, inlined);
        kv_put_text(&core->scratch, "whisper", (struct span){(const uint8_t *)text.bytes, text.length});
    }
}

/* Asks the link to route the call. Returns the ref under which the answer comes. The effect contains what is for the
 * destination: the user data, the claim, a whisper. */
uint32_t voice_offer(struct core *core, struct interaction *ix, uint32_t dn, uint32_t claim, uint32_t ref,
                     uint64_t timeout_us)
{
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    bool crosses = ix->leg && hand_over_from(core->hand_overs, ix->conn);
    ref = effect_begin(core->effects, &(struct effect){.kind = KIND_RequestRouteCall,
                                                       .link = ix->link,
                                                       .interaction = ix,
                                                       .ref = ref,
                                                       .timeout_us = (int64_t)timeout_us});
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, RequestRouteCall_dn, core_name(core, ix->dn));
    writer_bytes(writer, RequestRouteCall_dest, core_name(core, dn));
    writer_u(writer, RequestRouteCall_type, crosses ? route_type_direct : route_type_normal);
    writer_u(writer, RequestRouteCall_revision, ix->revision);
    effect_kv(core->effects, RequestRouteCall_data);
    writer_u(writer, RequestRouteCall_claim, claim == CLAIM_NONE ? 0 : claim_at(core->claims, claim)->id);
    kv_clear(&core->scratch);
    if (!crosses && follow_up_is_wanted(core, ix)) /* when the destination leaves, the customer stays on the call */
        kv_put(&core->scratch, span_of("stays"), &(struct kv_value){.tag = KV_INT, .word = 1});
    if (!crosses)
        put_whisper(core, ix); /* the agent is at the other switch, which gets the whisper when the call is there */
    effect_kv(core->effects, RequestRouteCall_ext);
    if (claim != CLAIM_NONE && ix->submitted) /* the customer of a session sees the agent's name */
        writer_bytes(writer, RequestRouteCall_display,
                     core_name(core, agent_at(core->agents, claim_at(core->claims, claim)->agent)->display));
    if (claim != CLAIM_NONE) {
        uint64_t until_us = loan_gives_until_us(core->loans, claim_at(core->claims, claim));
        ring_lowers(core, ix, claim, &until_us);
        writer_u(writer, RequestRouteCall_until, until_us);
        ring_puts(core, ix, claim);
    } else {
        route_place_puts(core, ix);
    }
    effect_end(core->effects);
    return ref;
}

/* Sends the call to the destinations that the adapter itself has for the point. The adapter is told which
 * destinations were tried, so that it does not send the call there again. */
void voice_default_route(struct core *core, struct interaction *ix, unsigned code, struct span why)
{
    uint32_t ref =
        effect_begin(core->effects, &(struct effect){.kind = KIND_RouteDefault, .link = ix->link, .interaction = ix});
    writer_bytes(&core->effects->writer, RouteDefault_dn, core_name(core, ix->dn));
    if (ix->route_to != 0) {
        writer_list_begin(&core->effects->writer, RouteDefault_tried);
        writer_list_text(&core->effects->writer, core_name(core, ix->route_to));
        writer_list_end(&core->effects->writer);
    }
    writer_u(&core->effects->writer, RouteDefault_reason, code);
    if (why.length != 0) writer_bytes(&core->effects->writer, RouteDefault_why, why);
    effect_end(core->effects);
    effect_await(core->effects, ix, KIND_RouteDefault, ref, ix->link, 0, 0);
}

enum media voice_capacity(const struct interaction *ix)
{
    (void)ix;
    return media_voice;
}

/* Returns the medium whose capacity the call takes: sessions of other media that a link reports as calls take units
 * of their own medium. */
static enum media voice_capacity_medium(const struct interaction *ix)
{
    return ix->media == media_none ? media_voice : (enum media)ix->media;
}

const struct media_ops media_ops_voice = {
    .arrive = voice_arrive,
    .observed = voice_observed,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .capacity = voice_capacity_medium,
    .leg_ended = voice_leg_ended,
};
