/* tests/proving/proving_switch.c - A switch with its T-Server: its calls and agents continue whatever becomes of the
 * core.
 *
 *     AT_POINT --> RINGS --> TALKS --> GONE       each move counts a caller's turn, and deeds that were planned for
 *        |  ^        |                             another turn are void
 *        |  '--------'  pulled back
 *        '--> ELSEWHERE (the default destination, a queue of the switch) --> GONE
 *
 * A repeated effect is answered again and not done again. A call that no core controls goes to the default
 * destination after the answer timeout; one that a core has controlled, after the router's grace. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/awaited.h"
#include "runtime/core/read/read.h"
#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum {
    ANSWER_TIMEOUT_US = ROWS_ANSWER_TIMEOUT_S * 1000000,
    /* the router's grace, in multiples of the answer timeout */
    GRACE_LOOKS = ROWS_ROUTER_GRACE_S / ROWS_ANSWER_TIMEOUT_S,
    DESK_CLIENT = 9,
    PATIENCE_US = 40000000,
    TALK_US = 12000000,
    RING_US = 6000000,
    WRAP_US = 3000000,
    BACK_US = 5000000,
    TREATMENT_US = 8000000,
    WORK_US = 9000000,
    LEAVES_US = 12000000,
};

static struct proving_caller *caller_at(struct proving *world, uint64_t conn)
{
    for (uint32_t i = 0; i < world->caller_count; i++)
        if (world->callers[i].conn == conn && world->callers[i].place != CALLER_GONE) return &world->callers[i];
    return NULL;
}

static uint32_t caller_index(const struct proving *world, const struct proving_caller *caller)
{
    return (uint32_t)(caller - world->callers);
}

/* Returns a random time for this caller, a new one for each turn. */
static uint64_t caller_drawn(const struct proving *world, const struct proving_caller *caller, unsigned what,
                             uint64_t below_us)
{
    return 1000 +
           proving_drawn(world, PROVING_CALLER, (uint64_t)caller->number << 16 | caller->turn << 4 | what, below_us);
}

static void caller_plans(struct proving *world, const struct proving_caller *caller, uint64_t after_us,
                         enum proving_due due)
{
    proving_plan(world, after_us, due, caller_index(world, caller), caller->turn);
}

static void caller_moves(struct proving_caller *caller, enum proving_place place)
{
    caller->place = (uint8_t)place;
    caller->turn++;
}

/* ---- events ---- */

static struct writer *caller_event(struct proving *world, const struct proving_caller *caller, unsigned kind,
                                   uint64_t ref)
{
    return proving_event(world, PROVING_SWITCH, kind, ref != 0 ? caller->ixn : 0, ref, caller->conn);
}

/* Sends the event that answers the effect, and stores it for a repetition of the effect; ref 0: it answers none. */
static void caller_answers(struct proving *world, struct proving_caller *caller, uint64_t ref)
{
    struct span frame = writer_end(&world->writer);
    for (unsigned i = 0; ref != 0 && i < PROVING_ANSWERS; i++) {
        struct proving_answered *answer = &caller->answers[i];
        if (answer->ref != ref || answer->ixn != caller->ixn) continue;
        answer->frame = memory_grown(answer->frame, frame.length, 1);
        answer->length = frame.length;
        memcpy(answer->frame, frame.bytes, frame.length);
    }
    proving_post_again(world, PROVING_SWITCH, frame);
}

static const char *caller_dn(const struct proving_caller *caller)
{
    return caller->agent != PROVING_NOBODY     ? proving_agent_dn(caller->agent)
           : caller->place == CALLER_ELSEWHERE ? PROVING_DEFAULT_DN
                                               : proving_point_dn(caller->point);
}

static void caller_party(struct proving *world, const struct proving_caller *caller, enum party_change change,
                         enum party_role role, const char *to, enum cause cause)
{
    bool agent = caller->agent != PROVING_NOBODY;
    event_put_party(caller_event(world, caller, KIND_EventParty, 0),
                    &(struct event_party){.dn = span_of(caller_dn(caller)),
                                          .change = change,
                                          .role = role,
                                          .agent = agent ? proving_agent_name(caller->agent) : NULL,
                                          .to = to,
                                          .cause = cause});
    proving_post(world, PROVING_SWITCH);
}

static void caller_requests(struct proving *world, struct proving_caller *caller, uint64_t ref)
{
    struct writer *writer = caller_event(world, caller, KIND_EventRouteRequest, ref);
    writer_text(writer, EventRouteRequest_dn, proving_point_dn(caller->point));
    caller->instructed = ref != 0;
    caller->alone = 0;
    caller_answers(world, caller, ref);
    caller_plans(world, caller, ANSWER_TIMEOUT_US, DUE_DEFAULT);
}

static void treatment_ends(struct proving *world, struct proving_caller *caller, enum cause cause, const char *digits)
{
    uint64_t ref = caller->treatment;
    if (ref == 0) return;
    caller->treatment = 0;
    event_put_treatment(caller_event(world, caller, KIND_EventTreatment, ref), treatment_change_End, digits, cause);
    caller_answers(world, caller, ref);
}

static void effect_refused(struct proving *world, const struct message *effect, struct proving_caller *caller,
                           enum code code)
{
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    event_put_done(proving_event(world, PROVING_SWITCH, KIND_EventDone, message_u(effect, ENVELOPE_ixn), ref,
                                 message_u(effect, ENVELOPE_conn)),
                   code, NULL);
    if (caller)
        caller_answers(world, caller, ref);
    else
        proving_post(world, PROVING_SWITCH);
}

/* ---- agents ---- */

static void proving_agent_says(struct proving *world, uint32_t number, enum agent_state state, uint64_t ref)
{
    struct proving_agent *agent = &world->agents[number];
    agent->state = (uint8_t)state;
    agent->turn++;
    agent->since_us = world->now_us;
    struct writer *writer = proving_event(world, PROVING_SWITCH, KIND_EventAgentState, 0, ref, 0);
    event_put_agent(writer, proving_agent_name(number), proving_agent_dn(number), media_voice, state,
                    work_mode_manual_in);
    proving_post(world, PROVING_SWITCH);
}

static void agent_back(struct proving *world, uint32_t number, uint64_t after_us)
{
    proving_plan(world, after_us, DUE_READY, number, world->agents[number].turn);
}

static void agent_ready(struct proving *world, uint32_t number)
{
    if (world->agents[number].state == agent_state_logged_out)
        proving_agent_says(world, number, agent_state_logged_in, 0);
    proving_agent_says(world, number, agent_state_ready, 0);
}

void proving_agent_leaves(struct proving *world, uint32_t number, bool logs_out, uint64_t for_us)
{
    if (world->agents[number].caller != PROVING_NOBODY) return; /* an agent with a caller does not leave */
    proving_agent_says(world, number, logs_out ? agent_state_logged_out : agent_state_not_ready, 0);
    agent_back(world, number, for_us);
}

static void agent_freed(struct proving *world, struct proving_caller *caller)
{
    if (caller->agent != PROVING_NOBODY) world->agents[caller->agent].caller = PROVING_NOBODY;
    caller->agent = PROVING_NOBODY;
}

static void agent_set(struct proving *world, const struct message *effect)
{
    uint32_t number = proving_agent_named(message_text(effect, SetAgentState_agent));
    enum agent_state state = (enum agent_state)message_u(effect, SetAgentState_state);
    if (number == PROVING_NOBODY || world->agents[number].state == agent_state_logged_out) {
        effect_refused(world, effect, NULL, code_not_logged_in);
        return;
    }
    proving_agent_says(world, number, state, message_u(effect, ENVELOPE_ref));
    if (state == agent_state_not_ready) agent_back(world, number, BACK_US);
}

/* ---- invitations of agents to e-mails ---- */

static void proving_agent_invited(struct proving *world, const struct message *effect)
{
    uint32_t agent = proving_agent_named(message_text(effect, Invite_agent));
    uint64_t claim = message_u(effect, Invite_claim);
    uint32_t at = 0;
    while (at < world->invitation_count && world->invitations[at].claim != claim) at++;
    if (agent == PROVING_NOBODY || at < world->invitation_count) return; /* it is known already */
    world->invitations = memory_more(world->invitations, world->invitation_count, sizeof *world->invitations);
    world->invitations[world->invitation_count++] =
        (struct proving_invitation){.claim = claim, .ixn = message_u(effect, ENVELOPE_ixn), .agent = agent};
    uint64_t answer = proving_drawn(world, PROVING_RINGS, claim, 10);
    if (answer > 0) /* otherwise the agent never answers */
        proving_plan(world, 200000 + proving_drawn(world, PROVING_RINGS, claim << 1, RING_US), DUE_INVITED, at,
                     answer > 2);
}

static void proving_agent_accepts(struct proving *world, const struct agenda_entry *entry)
{
    struct proving_invitation *invitation = &world->invitations[entry->who];
    bool accepts = entry->what != 0;
    if (invitation->claim == 0) return; /* the adapter's process with the invitation is gone */
    struct writer *writer =
        proving_event(world, PROVING_SWITCH, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, ENVELOPE_client, DESK_CLIENT);
    writer_u(writer, ENVELOPE_req, entry->who + 1);
    event_put_invited(writer, accepts, invitation->claim);
    proving_post(world, PROVING_SWITCH);
    invitation->accepted = accepts;
    if (accepts)
        proving_plan(world, 500000 + proving_drawn(world, PROVING_WORKS, invitation->claim, WORK_US), DUE_WORKED,
                     entry->who, 0);
}

static void work_done(struct proving *world, uint32_t at)
{
    const struct proving_invitation *invitation = &world->invitations[at];
    event_put_stop(proving_event(world, PROVING_SWITCH, KIND_RequestStop, invitation->ixn, 0, 0), 0,
                   proving_agent_name(invitation->agent));
    proving_post(world, PROVING_SWITCH);
}

/* After the adapter has forgotten all: agents keep what they have accepted, and open invitations are dropped, so
 * that the core invites again. */
static void invitations_forgotten(struct proving *world)
{
    for (uint32_t i = 0; i < world->invitation_count; i++) {
        struct proving_invitation *invitation = &world->invitations[i];
        if (invitation->claim != 0 && invitation->accepted)
            proving_plan(world, 4000000 + proving_drawn(world, PROVING_WORKS, invitation->claim, WORK_US), DUE_WORKED,
                         i, 0);
        invitation->claim = 0;
    }
}

/* ---- callers ---- */

void proving_call_arrives(struct proving *world, const struct told_deed *deed)
{
    char id[24], ani[24];
    world->callers = memory_more(world->callers, world->caller_count, sizeof *world->callers);
    struct proving_caller *caller = &world->callers[world->caller_count++];
    *caller = (struct proving_caller){.conn = (uint64_t)PROVING_SWITCH << 48 | (0x10000000u + world->caller_count),
                                      .number = deed->number,
                                      .point = deed->a,
                                      .agent = PROVING_NOBODY};
    world->result->calls++;
    (void)snprintf(id, sizeof id, "%" PRIu32, caller->number);
    (void)snprintf(ani, sizeof ani, "+1555%07" PRIu32, caller->number);
    event_put_created(
        caller_event(world, caller, KIND_EventCallCreated, 0),
        &(struct event_created){
            .type = call_type_inbound, .call_id = id, .ani = ani, .dnis = proving_point_dn(caller->point)});
    proving_post(world, PROVING_SWITCH);
    caller_requests(world, caller, 0);
    proving_plan(world, caller_drawn(world, caller, 1, PATIENCE_US), DUE_HANGS_UP, caller_index(world, caller), 0);
}

static void caller_gone(struct proving *world, struct proving_caller *caller, enum cause cause)
{
    struct writer *writer = caller_event(world, caller, KIND_EventCallDeleted, 0);
    writer_u(writer, EventCallDeleted_cause, cause);
    proving_post(world, PROVING_SWITCH);
    agent_freed(world, caller);
    caller_moves(caller, CALLER_GONE);
}

static void caller_hangs_up(struct proving *world, struct proving_caller *caller)
{
    treatment_ends(world, caller, cause_interrupted, NULL);
    caller_party(world, caller, party_change_Abandoned, party_role_customer, NULL, cause_abandoned);
    world->result->abandoned++;
    caller_gone(world, caller, cause_abandoned);
}

static void caller_elsewhere(struct proving *world, struct proving_caller *caller)
{
    caller_moves(caller, CALLER_ELSEWHERE);
    caller_party(world, caller, party_change_Queued, party_role_device, NULL, cause_other);
    caller_plans(world, caller, caller_drawn(world, caller, 2, TALK_US), DUE_RELEASE);
}

static void caller_leaves_point(struct proving *world, struct proving_caller *caller, struct span to,
                                enum route_how how, uint64_t ref)
{
    treatment_ends(world, caller, cause_interrupted, NULL);
    event_put_route_used(caller_event(world, caller, KIND_EventRouteUsed, ref), proving_point_dn(caller->point), to,
                         how);
    caller_answers(world, caller, ref);
}

static void caller_defaulted(struct proving *world, struct proving_caller *caller, uint64_t ref)
{
    caller_leaves_point(world, caller, span_of(PROVING_DEFAULT_DN), route_how_default, ref);
    world->result->defaulted++;
    caller_elsewhere(world, caller);
}

/* A look of the adapter: is there a core that controls the call? */
static void caller_looked_after(struct proving *world, struct proving_caller *caller)
{
    caller->alone = world->wires[0].greeted ? 0 : caller->alone + 1;
    if (!caller->instructed || caller->alone == GRACE_LOOKS)
        caller_defaulted(world, caller, 0);
    else
        caller_plans(world, caller, ANSWER_TIMEOUT_US, DUE_DEFAULT);
}

static void caller_answered(struct proving *world, struct proving_caller *caller)
{
    caller_moves(caller, CALLER_TALKS);
    world->result->answered++;
    caller_party(world, caller, party_change_Established, party_role_agent, NULL, cause_other);
    caller_plans(world, caller, caller_drawn(world, caller, 3, TALK_US), DUE_RELEASE);
}

/* Ends a call; after-call work is reported before the release, so that no other call is sent to the agent between
 * the two. */
static void caller_released(struct proving *world, struct proving_caller *caller)
{
    uint32_t agent = caller->agent;
    if (agent != PROVING_NOBODY) {
        proving_agent_says(world, agent, agent_state_after_call_work, 0);
        agent_back(world, agent, caller_drawn(world, caller, 4, WRAP_US));
    }
    caller_party(world, caller, party_change_Released, agent != PROVING_NOBODY ? party_role_agent : party_role_device,
                 NULL, cause_ok);
    caller_gone(world, caller, cause_ok);
}

/* ---- effects on calls ---- */

static void route_asked(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    struct span to = message_text(effect, RequestRouteCall_dest);
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    uint32_t agent = proving_agent_at(to);
    if (caller->place != CALLER_AT_POINT) {
        effect_refused(world, effect, caller, code_invalid_state);
        return;
    }
    if (agent != PROVING_NOBODY && world->agents[agent].caller != PROVING_NOBODY) {
        if (!world->faulty) proving_fail(world, "agent %s gets two callers", proving_agent_name(agent));
        effect_refused(world, effect, caller, code_busy);
        return;
    }
    if (agent == PROVING_NOBODY && !span_is(to, PROVING_DEFAULT_DN)) {
        effect_refused(world, effect, caller, code_invalid_destination);
        return;
    }
    caller_leaves_point(world, caller, to, route_how_instructed, ref);
    if (agent == PROVING_NOBODY) {
        caller_elsewhere(world, caller);
        return;
    }
    caller->agent = agent;
    world->agents[agent].caller = caller_index(world, caller);
    caller_moves(caller, CALLER_RINGS);
    caller_party(world, caller, party_change_Ringing, party_role_agent, NULL, cause_other);
    if (proving_drawn(world, PROVING_RINGS, (uint64_t)caller->number << 8 | caller->turn, 6) > 0) /* else nobody does */
        caller_plans(world, caller, caller_drawn(world, caller, 5, RING_US), DUE_ANSWER);
}

static void default_asked(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    if (caller->place != CALLER_AT_POINT)
        effect_refused(world, effect, caller, code_invalid_state);
    else
        caller_defaulted(world, caller, message_u(effect, ENVELOPE_ref));
}

static void treatment_asked(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    if (caller->place != CALLER_AT_POINT) {
        effect_refused(world, effect, caller, code_invalid_state);
        return;
    }
    treatment_ends(world, caller, cause_interrupted, NULL);
    caller->treatment = ref;
    event_put_treatment(caller_event(world, caller, KIND_EventTreatment, ref), treatment_change_Applied, NULL,
                        cause_other);
    caller_answers(world, caller, ref);
    proving_plan(world, caller_drawn(world, caller, (unsigned)(6 + ref % 8), TREATMENT_US), DUE_TREATED,
                 caller_index(world, caller), ref);
}

static void pull_back_asked(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    if (caller->place != CALLER_RINGS) {
        effect_refused(world, effect, caller, code_invalid_state);
        return;
    }
    caller_party(world, caller, party_change_Diverted, party_role_agent, proving_point_dn(caller->point),
                 cause_no_answer);
    agent_freed(world, caller);
    caller_moves(caller, CALLER_AT_POINT);
    caller_requests(world, caller, message_u(effect, ENVELOPE_ref));
}

static void control_asked(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    switch (message_u(effect, RequestCallControl_op)) {
    case call_op_pull_back:
        pull_back_asked(world, effect, caller);
        break;
    case call_op_disconnect:
    case call_op_reject:
        if (caller->place == CALLER_TALKS) {
            effect_refused(world, effect, caller, code_invalid_dn);
            break;
        }
        treatment_ends(world, caller, cause_interrupted, NULL);
        caller_party(world, caller, party_change_Released, party_role_device, NULL, cause_ok);
        caller_gone(world, caller, cause_ok);
        break;
    default:
        effect_refused(world, effect, caller, code_unsupported);
        break;
    }
}

/* Returns false if the effect has come before. The earlier answer, if there was one, is then sent again. */
static bool effect_is_new(struct proving *world, const struct message *effect, struct proving_caller *caller)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    caller->ixn = ixn;
    for (unsigned i = 0; i < PROVING_ANSWERS; i++) {
        const struct proving_answered *answer = &caller->answers[i];
        if (answer->ref != ref || answer->ixn != ixn) continue;
        if (answer->frame) proving_post_again(world, PROVING_SWITCH, (struct span){answer->frame, answer->length});
        return false;
    }
    struct proving_answered *answer = &caller->answers[caller->answer_at++ % PROVING_ANSWERS];
    free(answer->frame);
    *answer = (struct proving_answered){.ixn = ixn, .ref = ref};
    caller->last_ref = ref > caller->last_ref ? ref : caller->last_ref;
    caller->instructed = true;
    return true;
}

static void effect_on_call(struct proving *world, const struct message *effect,
                           void (*perform)(struct proving *, const struct message *, struct proving_caller *))
{
    struct proving_caller *caller = caller_at(world, message_u(effect, ENVELOPE_conn));
    if (!caller)
        effect_refused(world, effect, NULL, code_unknown_conn_id);
    else if (effect_is_new(world, effect, caller))
        perform(world, effect, caller);
}

/* ---- reports of the present state ---- */

static void agent_observed(struct proving *world, uint32_t number, uint64_t ixn, uint64_t ref)
{
    const struct proving_agent *agent = &world->agents[number];
    struct writer *writer = proving_event(world, PROVING_SWITCH, KIND_Observed, ixn, ref, 0);
    event_put_agent_observed(writer, proving_agent_name(number), proving_agent_dn(number), agent->state);
    writer_u(writer, Observed_up, 1);
    writer_i(writer, Observed_since, (int64_t)agent->since_us);
    writer_u(writer, Observed_work_mode, work_mode_manual_in);
    proving_post(world, PROVING_SWITCH);
}

static void caller_observed(struct proving *world, const struct proving_caller *caller, uint64_t ixn, uint64_t ref)
{
    bool stands = caller->place == CALLER_AT_POINT, agent = caller->agent != PROVING_NOBODY;
    const char *point = proving_point_dn(caller->point);
    const struct event_party party = {.dn = span_of(caller_dn(caller)),
                                      .change = caller->place == CALLER_RINGS   ? party_change_Ringing
                                                : caller->place == CALLER_TALKS ? party_change_Established
                                                                                : party_change_Queued,
                                      .role = agent ? party_role_agent : party_role_device,
                                      .agent = agent ? proving_agent_name(caller->agent) : NULL};
    event_put_call_observed(proving_event(world, PROVING_SWITCH, KIND_Observed, ixn, ref, caller->conn),
                            &(struct event_observed){.at_routing_point = stands,
                                                     .instructed = caller->instructed,
                                                     .dnis = point,
                                                     .dn = stands ? point : NULL,
                                                     .party = stands ? NULL : &party,
                                                     .last_ref = caller->last_ref});
    proving_post(world, PROVING_SWITCH);
}

static void switch_bound(struct proving *world, unsigned kind, const struct message *resync)
{
    proving_event(world, PROVING_SWITCH, kind, message_u(resync, ENVELOPE_ixn), message_u(resync, ENVELOPE_ref), 0);
    proving_post(world, PROVING_SWITCH);
}

static void switch_observed(struct proving *world, const struct message *resync)
{
    bool all = message_u(resync, Resync_what) != object_agent;
    if (all) switch_bound(world, KIND_ResyncBegin, resync);
    for (uint32_t i = 0; i < PROVING_AGENTS; i++)
        if (world->agents[i].state > agent_state_logged_out) agent_observed(world, i, 0, 0);
    for (uint32_t i = 0; all && i < world->caller_count; i++)
        if (world->callers[i].place != CALLER_GONE) caller_observed(world, &world->callers[i], 0, 0);
    switch_bound(world, KIND_ResyncEnd, resync);
}

static void switch_asked(struct proving *world, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    uint32_t agent = proving_agent_named(message_text(effect, QueryAddress_name));
    const struct proving_caller *caller = caller_at(world, message_u(effect, ENVELOPE_conn));
    if (message_u(effect, QueryAddress_what) == object_agent && agent != PROVING_NOBODY)
        agent_observed(world, agent, ixn, ref);
    else if (message_u(effect, QueryAddress_what) != object_agent && caller)
        caller_observed(world, caller, ixn, ref);
    else
        effect_refused(world, effect, NULL, caller ? code_unavailable : code_unknown_conn_id);
}

static void switch_restored(struct proving *world, const struct message *effect)
{
    struct proving_caller *caller = caller_at(world, message_u(effect, ENVELOPE_conn));
    if (caller && message_u(effect, Restore_instructed) != 0) caller->instructed = true;
}

void proving_switch_forgets(struct proving *world)
{
    for (uint32_t i = 0; i < world->caller_count; i++) {
        struct proving_caller *caller = &world->callers[i];
        for (unsigned at = 0; at < PROVING_ANSWERS; at++) {
            free(caller->answers[at].frame);
            caller->answers[at] = (struct proving_answered){0};
        }
        caller->last_ref = caller->treatment; /* the switch reports the treatment that plays */
        caller->instructed = caller->treatment != 0;
    }
    invitations_forgotten(world);
    /* While the adapter was away, one agent has logged out, and no event reports that. */
    uint32_t leaves = (uint32_t)proving_drawn(world, PROVING_DIES, world->now_us, PROVING_AGENTS);
    struct proving_agent *agent = &world->agents[leaves];
    if (agent->caller != PROVING_NOBODY) return;
    agent->state = agent_state_logged_out;
    agent->turn++;
    agent_back(world, leaves, LEAVES_US);
}

/* Checks that the core knows who is logged in, and holds no agent back because of a lost link while the link is up. */
static void agents_known(struct proving *world, const struct core *core)
{
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        struct agent_row row;
        uint32_t at;
        if (!core_agent_named(core, span_of(proving_agent_name(i)), &at) || !core_agent(core, at, &row)) continue;
        if ((row.state > agent_state_logged_out) != (world->agents[i].state > agent_state_logged_out))
            proving_fail(world, "the core has agent %s as %s", proving_agent_name(i),
                         enum_name_agent_state((enum agent_state)row.state));
        if (span_is(row.not_chosen, "link is down"))
            proving_fail(world, "agent %s is held, and the link is up", proving_agent_name(i));
    }
}

void proving_switch_owes(struct proving *world, const struct core *core)
{
    struct awaited_row rows[AWAITED_MAX];
    agents_known(world, core);
    for (size_t i = core_awaited(core, rows); i > 0; i--) {
        const struct awaited_row *row = &rows[i - 1];
        struct interaction_row found;
        if (row->link != PROVING_SWITCH || row->ixn == 0 || !core_find(core, row->ixn, &found)) continue;
        const struct proving_caller *caller = caller_at(world, found.conn);
        bool stands = caller && caller->place == CALLER_AT_POINT;
        bool in_vain = (row->kind == KIND_RequestApplyTreatment && stands && caller->treatment == 0) ||
                       (row->kind == KIND_RequestRouteCall && stands) ||
                       (row->kind == KIND_RequestCallControl && stands);
        if (in_vain)
            proving_fail(world, "interaction %" PRIx64 " waits in vain for the answer to %s", row->ixn,
                         kind_name(row->kind));
    }
}

static void switch_cancels(struct proving *world, const struct message *effect)
{
    struct proving_caller *caller = caller_at(world, message_u(effect, ENVELOPE_conn));
    uint64_t of = message_u(effect, Cancel_of);
    if (caller && of != 0 && caller->treatment == of) treatment_ends(world, caller, cause_interrupted, NULL);
}

void proving_switch_effect(struct proving *world, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_Resync:
        switch_observed(world, effect);
        break;
    case KIND_QueryAddress:
        switch_asked(world, effect);
        break;
    case KIND_RequestRouteCall:
        effect_on_call(world, effect, route_asked);
        break;
    case KIND_RouteDefault:
        effect_on_call(world, effect, default_asked);
        break;
    case KIND_RequestApplyTreatment:
        effect_on_call(world, effect, treatment_asked);
        break;
    case KIND_RequestCallControl:
        effect_on_call(world, effect, control_asked);
        break;
    case KIND_SetAgentState:
        agent_set(world, effect);
        break;
    case KIND_Invite:
        proving_agent_invited(world, effect);
        break;
    case KIND_Withdraw:
        world->result->unreplied += message_u(effect, Withdraw_reason) == cause_no_reply;
        break;
    case KIND_Restore:
        switch_restored(world, effect);
        break;
    case KIND_Cancel:
        switch_cancels(world, effect);
        break;
    case KIND_Configure:
        effect_refused(world, effect, NULL, code_ok);
        break;
    default:
        if (effect_class(effect->kind) != CLASS_NOTICE) effect_refused(world, effect, NULL, code_unsupported);
        break;
    }
}

/* ---- planned events whose time has come ---- */

void proving_call_due(struct proving *world, const struct agenda_entry *entry)
{
    static const char *const keyed[] = {"1", "4711", "", "99"};
    struct proving_caller *caller = &world->callers[entry->who];
    bool waits = caller->place == CALLER_AT_POINT || caller->place == CALLER_RINGS;
    if (entry->kind == DUE_TREATED && caller->treatment == entry->what)
        treatment_ends(world, caller, cause_ok, keyed[caller_drawn(world, caller, 15, 4000) % 4]);
    else if (entry->kind == DUE_HANGS_UP && waits)
        caller_hangs_up(world, caller);
    if (entry->kind == DUE_TREATED || entry->kind == DUE_HANGS_UP || caller->turn != entry->what) return;
    if (entry->kind == DUE_ANSWER)
        caller_answered(world, caller);
    else if (entry->kind == DUE_RELEASE)
        caller_released(world, caller);
    else
        caller_looked_after(world, caller);
}

void proving_agent_due(struct proving *world, const struct agenda_entry *entry)
{
    if (entry->kind == DUE_INVITED)
        proving_agent_accepts(world, entry);
    else if (entry->kind == DUE_WORKED)
        work_done(world, entry->who);
    else if (world->agents[entry->who].turn == entry->what)
        agent_ready(world, entry->who);
}

bool proving_switch_rests(const struct proving *world)
{
    for (uint32_t i = 0; i < world->caller_count; i++)
        if (world->callers[i].place != CALLER_GONE) return false;
    return true;
}

void proving_switch_begin(struct proving *world)
{
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        world->agents[i] = (struct proving_agent){.state = agent_state_logged_out, .caller = PROVING_NOBODY};
        agent_back(world, i, proving_drawn(world, PROVING_WORKS, i, 3 * PROVING_SECOND));
    }
}

void proving_switch_free(struct proving *world)
{
    for (uint32_t i = 0; i < world->caller_count; i++)
        for (unsigned at = 0; at < PROVING_ANSWERS; at++) free(world->callers[i].answers[at].frame);
    free(world->callers);
    free(world->invitations);
}
