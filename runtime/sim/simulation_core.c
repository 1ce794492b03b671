/* runtime/sim/simulation_core.c - The core of a simulation: its start, its batches and its effects.
 *
 * Events are written into one of two writers while the core reads the other (simulation_apply): an effect within a
 * batch causes events of the next batch. A batch has all events of one moment; in tests each event is a batch of its
 * own, and the core's invariants are checked in between (apply_checked).
 *
 * The core gets a call before the simulation knows its interaction: slots of such calls are `unknown` until the core
 * knows them (learn_ixns).
 *
 * A simulation has no partition and no journal: it drives the core directly, batch by batch, so that a day of a
 * hundred thousand calls takes seconds. The directory is posted as usual, in rows made from the plan; names, DNs and
 * numbers that the plan leaves open are made up (name_agents, number_points).
 *
 *     writers[0]   events of this batch     read by the core
 *     writers[1]   events of the next one   written by effects that come back meanwhile; then they change places
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/record.h"
#include "runtime/core/check.h"
#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/core/twin.h"
#include "runtime/sim/tests.h"
#include "runtime/sim/events.h"
#include "runtime/sim/explain.h"
#include "runtime/sim/holding.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"
#include "vm/image.h"
#include "vm/profile.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/semantics.h"

enum { FIRST_POINT = 1800, POST_AT_ONCE = 400, CORE_TURNS_MAX = 10 * 1000 };
enum { AGAIN_US = 10000000 }; /* time after which an agent who was made not ready is ready again */

/* ---- the site of the plan ---- */

static void simulation_lacks(void *self, const char *text)
{
    simulation_fail(self, "%s", text);
}

/* Finds the image's queue at that DN, among the DNs that the simulation has given; false: none. */
static bool queue_stands_at(const struct simulation *s, struct span dn, char name[SIMULATION_NAME + 1])
{
    uint32_t queue = sim_queue_of_dn(dn);
    for (uint32_t i = 0; queue != NOBODY && i < image_count(s->image, SECTION_NAMES); i++) {
        const struct image_name *row = image_name(s->image, i);
        struct text text = image_text(s->image, row->text);
        if (row->kind != TYPE_QUEUE || queue-- > 0) continue;
        (void)snprintf(name, SIMULATION_NAME + 1, "%.*s", (int)text.length, text.bytes);
        return true;
    }
    return false;
}

/* Checks that the site of the plan has what the effect needs. A missing adapter or queue is reported as a problem of
 * the simulation. Callers and their numbers are random, so whether these may be dialled is not checked. A call whose
 * flow has no number counts as coming to the only routing point of its strategy, if there is just one. */
static void simulation_hold(struct simulation *s, const struct message *effect)
{
    const struct holding holding = {
        .site = s->plan->site, .image = s->image, .drawn = true, .tell = simulation_lacks, .self = s};
    struct holding_of of = {.place = ""};
    char queue[SIMULATION_NAME + 1];
    uint32_t slot;
    if (!holding.site) return;
    if (lookup_find(&s->by_ixn, message_u(effect, ENVELOPE_ixn), &slot) ||
        lookup_find(&s->by_conn, message_u(effect, ENVELOPE_conn), &slot)) {
        const struct simulated_call *call = &s->calls[slot];
        const struct simulation_flow *flow = call_flow(s, call);
        const char *alone = holding_place(holding.site, flow->strategy);
        of.medium = call_medium(s, call);
        of.place = flow->number[0] != '\0' ? flow->number : alone ? alone : "";
        of.record = call->record;
        of.session = call->submitted && call->conn != 0;
    }
    if (effect->kind == KIND_RequestRouteCall &&
        queue_stands_at(s, message_text(effect, RequestRouteCall_dest), queue)) {
        of.queue = queue;
        holding_needs_queue(&holding, queue);
    }
    (void)holding_asks(&holding, &of, effect);
}

/* ---- effects ---- */

/* Carries out steps on a call whose result is not simulated: they simply succeed. */
static void simulation_control(struct simulation *s, const struct message *effect, uint32_t slot)
{
    assert(slot < s->call_count);
    switch (message_u(effect, RequestCallControl_op)) {
    case call_op_pull_back:
        call_pulled_back(s, slot, message_u(effect, ENVELOPE_ref));
        break;
    case call_op_disconnect:
    case call_op_reject:
        if (message_text(effect, RequestCallControl_keep).length == 0) {
            call_is_over(s, slot, false);
        } else if (s->calls[slot].place != AT_POINT) {
            simulation_done(s, effect, code_invalid_state);
        } else {
            simulation_done(s, effect, code_ok);
            call_leaves(s, slot);
        }
        break;
    default:
        simulation_done(s, effect, code_ok);
        break;
    }
}

/* Notes the slot's interaction, by which it can be found from now on. */
static void learn_ixn(struct simulation *s, uint32_t slot, uint64_t ixn)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    /* the call has already ended, or its interaction is known */
    if (call->number == 0 || call->ixn != 0 || ixn == 0) return;
    call->ixn = ixn;
    lookup_add(&s->by_ixn, slot);
}

static void simulation_about_a_call(struct simulation *s, const struct message *effect)
{
    uint32_t slot;
    if (!lookup_find(&s->by_conn, message_u(effect, ENVELOPE_conn), &slot)) {
        simulation_done(s, effect, code_unknown_conn_id);
        return;
    }
    learn_ixn(s, slot, message_u(effect, ENVELOPE_ixn));
    switch (effect->kind) {
    case KIND_RequestRouteCall:
        call_goes(s, slot, effect, route_how_instructed);
        break;
    case KIND_RouteDefault:
        sim_count_defaulted(s, &s->calls[slot]);
        call_goes(s, slot, effect, route_how_default);
        break;
    case KIND_RequestApplyTreatment:
        call_treat(s, slot, effect);
        break;
    case KIND_RequestCallControl:
        simulation_control(s, effect, slot);
        break;
    default:
        sim_count_failure(s, &s->calls[slot]);
        simulation_done(s, effect, code_unsupported);
        break;
    }
}

/* Sets an agent's state; one whom the core makes not ready becomes ready again after a while, as a person would. */
static void simulation_set_agent(struct simulation *s, const struct message *effect)
{
    uint32_t agent = simulation_agent(s, message_text(effect, SetAgentState_agent));
    enum agent_state state = (enum agent_state)message_u(effect, SetAgentState_state);
    if (agent == NOBODY || s->agents[agent].is == AT_HOME) {
        simulation_done(s, effect, code_not_logged_in);
        return;
    }
    enum media said = (enum media)message_u(effect, SetAgentState_media);
    enum media medium = said == media_none ? media_voice : said;
    sim_desk_says(s, agent, medium, state, (enum work_mode)message_u(effect, SetAgentState_work_mode),
                  message_u(effect, ENVELOPE_ref));
    if (state == agent_state_not_ready) sim_desk_ready_after(s, agent, medium, AGAIN_US);
}

/* Cancels a treatment, a dialled call, or a query; nothing happens if it has ended already. */
static void simulation_cancel(struct simulation *s, const struct message *effect)
{
    uint32_t slot;
    if (lookup_find(&s->by_conn, message_u(effect, ENVELOPE_conn), &slot) &&
        s->calls[slot].treatment == message_u(effect, Cancel_of))
        call_treatment_stops(s, slot);
    if (lookup_find(&s->by_ixn, message_u(effect, ENVELOPE_ixn), &slot) && s->calls[slot].place == DIALLED &&
        s->calls[slot].dial == message_u(effect, Cancel_of))
        call_not_reached(s, slot, cause_ok);
    answers_cancelled(s, message_u(effect, ENVELOPE_ixn), message_u(effect, Cancel_of));
}

/* Dials a caller with a kept place, or a record that was checked; other dials are refused. */
static void simulation_dial_effect(struct simulation *s, const struct message *effect)
{
    uint32_t slot;
    uint64_t ixn = message_u(effect, ENVELOPE_ixn);
    if (!lookup_find(&s->by_ixn, ixn, &slot) || s->calls[slot].place != AWAY) {
        simulation_done(s, effect, code_unsupported);
        return;
    }
    simulation_done(s, effect, code_ok);
    call_dialled(s, slot, effect);
}

/* Carries out the core's effects as switch, desktops and data sources of a simulated site would. Effects that only
 * inform an adapter are ignored. An unknown effect is refused as unsupported, so that a step that is not simulated
 * fails visibly. */
static void on_effect(void *self, struct span frame)
{
    struct simulation *s = self;
    struct message effect;
    bool read = message_read(&effect, frame.bytes, frame.length, NULL);
    assert(read);
    simulation_hold(s, &effect);
    switch (effect.kind) {
    case KIND_Query:
    case KIND_HttpRequest:
        answers_source(s, &effect);
        break;
    case KIND_Cancel:
        simulation_cancel(s, &effect);
        break;
    case KIND_Resync:
        simulation_event(s, KIND_ResyncBegin, NULL, 0);
        simulation_post(s);
        simulation_event(s, KIND_ResyncEnd, NULL, 0);
        simulation_post(s);
        break;
    case KIND_SetAgentState:
        simulation_set_agent(s, &effect);
        break;
    case KIND_Configure:
        simulation_done(s, &effect, code_ok);
        break;
    case KIND_Invite: {
        uint32_t agent = simulation_agent(s, message_text(&effect, Invite_agent)), slot;
        bool known = lookup_find(&s->by_ixn, message_u(&effect, ENVELOPE_ixn), &slot) && s->calls[slot].submitted;
        uint64_t after_us = known ? call_rings_us(s, &s->calls[slot]) : 0; /* a call rings later */
        if (agent == NOBODY)
            simulation_done(s, &effect, code_not_logged_in);
        else if (after_us != SPREAD_NEVER)
            agenda_add(&s->agenda, s->now_us + after_us, DEED_ACCEPT, agent, message_u(&effect, Invite_claim));
        break;
    }
    case KIND_Withdraw:
    case KIND_Restore:
    case KIND_EventAttachedDataChanged:
    case KIND_Notify:
    case KIND_Note:
        break;
    /* a piece of work that the core submits ends at once: work for agents arrives by separate flows */
    case KIND_Submitted:
        event_put_stop(simulation_event_of(s, SOURCE_ADMIN, KIND_RequestStop), message_u(&effect, Submitted_work),
                       NULL);
        simulation_post(s);
        break;
    case KIND_Reply: {
        struct span text = message_text(&effect, Reply_text);
        media_replied(s, &effect);
        if (message_u(&effect, Reply_outcome) != outcome_ok)
            simulation_fail(s, "the core refuses what it is given: %.*s", (int)text.length, (const char *)text.bytes);
        break;
    }
    case KIND_RequestMakeCall:
        simulation_dial_effect(s, &effect);
        break;
    case KIND_QueryAddress:
        simulation_done(s, &effect, code_unknown_conn_id);
        break;
    default:
        if (!campaigns_effect(s, &effect) && !media_effect(s, &effect)) simulation_about_a_call(s, &effect);
        break;
    }
}

/* ---- batches ---- */

/* Gives calls their interactions, as far as the core has them now; in the middle of a batch it may not have all. */
static void learn_ixns(struct simulation *s)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->unknown_count; i++) {
        uint32_t slot = s->unknown[i];
        const struct simulated_call *call = &s->calls[slot];
        if (call->number == 0 || call->ixn != 0) continue;
        learn_ixn(s, slot, core_ixn_of(s->core, call->conn));
        if (call->ixn == 0) s->unknown[left++] = slot;
    }
    s->unknown_count = left;
}

/* Handles facts of the core that the measures need: queues, owners, ends. Facts come in the middle of a batch, in its
 * order; a fact may name a call that the core has just made before the simulation knows its number. */
static void simulation_hear(void *self, const struct core *core, const struct fact *fact)
{
    struct simulation *s = self;
    uint32_t slot;
    (void)core;
    switch (fact->what) {
    case FACT_queued:
    case FACT_decided:
        learn_ixns(s);
        if (!lookup_find(&s->by_ixn, fact->ixn, &slot)) return;
        if (fact->what == FACT_queued)
            stay_begins(s, &s->calls[slot]);
        else if (fact->decision->chosen == 0)
            call_waits(s, slot);
        break;
    case FACT_distributed:
    case FACT_abandoned_queued:
    case FACT_cleared:
        stay_ends(s, fact);
        break;
    case FACT_owned:
        if (lookup_find(&s->by_ixn, fact->ixn, &slot) && s->calls[slot].submitted) media_owned(s, slot);
        break;
    case FACT_ended:
        if (lookup_find(&s->by_ixn, fact->ixn, &slot)) call_ended(s, slot);
        break;
    default:
        break;
    }
}

/* Applies a batch; an observer who keeps a journal gets it first. */
static void apply_events(struct simulation *s, struct span events, uint32_t count)
{
    struct batch batch = {.partition = 1,
                          .epoch = 1,
                          .number = ++s->batches,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = s->now_us,
                          .count = count,
                          .events = events};
    struct effect_sink sink = {on_effect, s};
    struct error error = {0};
    if (s->watch && s->watch->batch) s->watch->batch(s->watch->self, s->core, &batch);
    if (s->twin == 0 || s->batches % s->twin != 0)
        core_apply(s->core, &batch, &sink);
    else if (!twin_apply(s->core, &batch, &sink, &error))
        simulation_fail(s, "batch %llu: %s", (unsigned long long)s->batches, error.text);
    learn_ixns(s);
    s->unknown_count = 0; /* a call without an interaction now will never get one */
}

/* Applies each event as a separate batch, so that the invariants are checked between any two. */
static void apply_checked(struct simulation *s, struct span events, uint32_t count)
{
    struct error why = {0};
    do {
        uint32_t size = count == 0 ? 0 : (uint32_t)message_frame_size(events.bytes, events.length);
        assert(count == 0 || (size > 0 && size <= events.length));
        apply_events(s, (struct span){events.bytes, size}, count == 0 ? 0 : 1);
        events = (struct span){events.bytes + size, events.length - size};
        if (core_check(s->core, &why)) continue;
        simulation_fail(s, "after batch %llu: %s", (unsigned long long)s->batches, why.text);
        return;
    } while (count > 0 && --count > 0);
}

static void simulation_apply(struct simulation *s)
{
    struct writer *said = s->writer;
    assert(said == &s->writers[0] || said == &s->writers[1]); /* the core reads one writer while the other is written */
    uint32_t count = s->events;
    s->writer = said == &s->writers[0] ? &s->writers[1] : &s->writers[0];
    s->events = 0;
    (s->plan->checked ? apply_checked : apply_events)(s, (struct span){said->bytes, (uint32_t)said->length}, count);
    writer_clear(said);
}

/* Lets the core work until nothing is left at this moment; a core that loops without end is a fault of a strategy,
 * and is reported with the looping call. */
void simulation_settle(struct simulation *s)
{
    for (uint32_t turns = 0; !s->failed && (s->events > 0 || core_next_timer(s->core) <= s->now_us); turns++) {
        char text[200];
        if (turns == CORE_TURNS_MAX) {
            explain_round(s->core, s->now_us, text, sizeof text);
            simulation_fail(s, "%s", text);
        }
        simulation_apply(s);
    }
}

/* ---- the start of the core ---- */

static const struct image *simulation_on_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct simulation *s = self;
    return memcmp(image_hash(s->image), hash, CORE_HASH) == 0 ? s->image : NULL;
}

static void simulation_post_row(void *self, const struct plan_row *row)
{
    struct simulation *s = self;
    event_put_row(simulation_event_of(s, SOURCE_ADMIN, KIND_DirectoryRow), &s->kv, row, 1);
    simulation_post(s);
    if (s->events >= POST_AT_ONCE) simulation_apply(s);
}

static bool is_declared(const char *const *names, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static bool is_skill(const struct world_declared *names, const char *name)
{
    return is_declared(names->lists.skills, names->lists.skill_count, name);
}

static bool is_group(const struct world_declared *names, const char *name)
{
    return is_declared(names->lists.groups, names->lists.group_count, name);
}

/* Posts an agent as several rows: person, telephone, and the skills and groups that the site declares. */
static void simulation_post_agent(const struct row_taker *rows, const struct world_declared *names,
                                  const struct simulation_agents *like, const struct simulated_agent *agent)
{
    rows_agent(rows, agent->name, like->capacity, like->profile);
    for (uint32_t i = 0; i < like->skill_count; i++)
        if (is_skill(names, like->skills[i].name))
            rows_skill(rows, agent->name, like->skills[i].name, like->skills[i].level);
    for (uint32_t i = 0; i < like->group_count; i++)
        if (is_group(names, like->groups[i])) rows_member(rows, like->groups[i], agent->name);
    rows_dn(rows, agent->dn, "extension");
}

/* Makes the agents of each row of the plan; names and DNs are made up for those without a name. */
static void name_agents(struct simulation *s)
{
    const struct simulation_plan *plan = s->plan;
    for (uint32_t i = 0; i < plan->agents_count; i++) s->agent_count += plan->agents[i].count;
    s->agents = memory_zeroed(s->agent_count + 1u, sizeof *s->agents);
    s->teams = memory_zeroed(plan->team_count + 1u, sizeof *s->teams);
    lookup_init(&s->by_name, s, simulation_agent_key);
    uint32_t number = 0;
    for (uint32_t i = 0; i < plan->agents_count; i++) {
        const struct simulation_agents *like = &plan->agents[i];
        for (uint32_t n = 0; n < like->count; n++, number++) {
            struct simulated_agent *agent = &s->agents[number];
            agent->team = like->team;
            agent->like = i;
            (void)snprintf(agent->dn, sizeof agent->dn, "a%06u", (unsigned)number);
            if (like->name[0] != '\0')
                (void)snprintf(agent->name, sizeof agent->name, "%s", like->name);
            else
                (void)snprintf(agent->name, sizeof agent->name, "agent%u-%u", (unsigned)i + 1, (unsigned)n + 1);
            if (simulation_agent(s, span_of(agent->name)) == NOBODY) lookup_add(&s->by_name, number);
        }
    }
    assert(number == s->agent_count);
}

/* Posts the agents. A skill or a group that the site does not declare is a mistake where it was written for the
 * simulation. A directory may have more of both: teams, say, which no strategy names. An agent with a name is of one.
 */
static void post_agents(struct simulation *s, const struct row_taker *rows, const struct world_declared *names)
{
    const struct simulation_plan *plan = s->plan;
    uint32_t number = 0;
    for (uint32_t i = 0; i < plan->agents_count; i++) {
        const struct simulation_agents *like = &plan->agents[i];
        const bool of_directory = like->name[0] != '\0';
        for (uint32_t k = 0; !of_directory && k < like->skill_count; k++)
            if (!is_skill(names, like->skills[k].name))
                simulation_fail(s, "the site has no skill '%s'", like->skills[k].name);
        for (uint32_t k = 0; !of_directory && k < like->group_count; k++)
            if (!is_group(names, like->groups[k])) simulation_fail(s, "the site has no group '%s'", like->groups[k]);
        for (uint32_t n = 0; n < like->count && !s->failed; n++)
            simulation_post_agent(rows, names, like, &s->agents[number++]);
    }
}

/* Finds the mistakes of the plan's profiles: a queue that the site lacks, an agent whose profile has no row. */
static void simulation_check_profiles(struct simulation *s)
{
    const struct simulation_plan *plan = s->plan;
    for (uint32_t i = 0; i < plan->preference_count; i++)
        if (strcmp(plan->preferences[i].vq, "*") != 0 &&
            image_name_find(s->image, TYPE_VQ, plan->preferences[i].vq, (uint32_t)strlen(plan->preferences[i].vq)) < 0)
            simulation_fail(s, "profile %s: the site has no virtual queue '%s'", plan->preferences[i].profile,
                            plan->preferences[i].vq);
    for (uint32_t i = 0; i < plan->agents_count; i++) {
        bool known = plan->agents[i].profile[0] == '\0';
        for (uint32_t at = 0; at < plan->preference_count && !known; at++)
            known = strcmp(plan->preferences[at].profile, plan->agents[i].profile) == 0;
        if (!known)
            simulation_fail(s, "agents have the profile '%s', which neither --profile nor --directory has",
                            plan->agents[i].profile);
    }
}

static void post_profiles(const struct simulation *s, const struct row_taker *rows)
{
    for (uint32_t i = 0; i < s->plan->preference_count; i++) {
        const struct simulation_preference *row = &s->plan->preferences[i];
        rows_preference(rows, row->profile, row->vq, row->rank, row->delay_s);
    }
}

/* Posts the directory for the plan: what the image declares, the agents, queues and routing points. */
static void post_directory(struct simulation *s)
{
    const struct row_taker rows = {simulation_post_row, s};
    struct world_declared names;
    char dn[QUEUE_DN];
    declared_read(&names, s->image);
    for (uint32_t i = 0; i < names.lists.skill_count; i++) rows_named(&rows, table_skill, names.lists.skills[i]);
    for (uint32_t i = 0; i < names.lists.group_count; i++) rows_named(&rows, table_group, names.lists.groups[i]);
    simulation_check_profiles(s);
    post_profiles(s, &rows);
    post_agents(s, &rows, &names);
    for (uint32_t i = 0; i < names.lists.queue_count; i++) {
        sim_queue_dn_of(i, dn);
        rows_dn(&rows, dn, "queue");
        rows_queue(&rows, names.lists.queues[i], dn);
    }
    rows_dn(&rows, SIMULATION_LAST_QUEUE, "queue");
    for (uint32_t i = 0; i < s->plan->flow_count; i++) {
        const struct simulation_flow *flow = &s->plan->flows[i];
        rows_dn(&rows, s->sources[i].dn, flow->submitted ? "queue" : "routing_point");
        rows_point(&rows, s->sources[i].dn, flow->strategy, flow->submitted ? "" : SIMULATION_LAST_QUEUE);
    }
    for (uint32_t i = 0; i < s->plan->campaign_count; i++) {
        const struct simulation_campaign *campaign = &s->plan->campaigns[i];
        rows_campaign(&rows, campaign->name, campaign->mode, campaign->group);
    }
    simulation_post_frames(s, s->plan->settings);
    struct writer *w = simulation_event_of(s, SOURCE_ADMIN, KIND_DirectoryCommit);
    event_put_commit(w, 1, true);
    simulation_post(s);
    declared_free(&names);
}

static void simulation_core_activate(struct simulation *s)
{
    for (uint32_t i = 0; i < s->plan->flow_count; i++) {
        struct writer *w = simulation_event_of(s, SOURCE_ADMIN, KIND_Activate);
        event_put_activation(w, s->sources[i].dn, image_hash(s->image), s->plan->flows[i].strategy, NULL);
        simulation_post(s);
    }
}

/* Posts the start of the link, which can do everything: a simulation is about decisions, not about missing abilities
 * of a switch. */
static void link_up(struct simulation *s)
{
    event_put_link(simulation_event_of(s, SOURCE_HOST, KIND_LinkUp), SIMULATION_LINK, "tserver", 1, CAPS_PLAYED,
                   media_none);
    simulation_post(s);
}

/* Gives each flow a number of its own, except where the plan gives one. */
static void number_points(struct simulation *s)
{
    unsigned next = FIRST_POINT;
    for (uint32_t i = 0; i < s->plan->flow_count; i++) {
        const struct simulation_flow *flow = &s->plan->flows[i];
        if (flow->number[0] != '\0') (void)snprintf(s->sources[i].dn, sizeof s->sources[i].dn, "%s", flow->number);
        for (bool taken = flow->number[0] == '\0'; taken;) {
            (void)snprintf(s->sources[i].dn, sizeof s->sources[i].dn, "%u", next++);
            taken = false;
            for (uint32_t n = 0; n < s->plan->flow_count; n++)
                taken = taken || strcmp(s->plan->flows[n].number, s->sources[i].dn) == 0;
        }
    }
}

/* Starts the core: clock, directory, strategies, link, then agents who log in; all before the first caller, at time
 * 0 of the plan. */
bool simulation_open(struct simulation *s)
{
    struct core_options options = {
        .partition = 1, .seed = s->seed, .interactions_max = 1000000, .image = simulation_on_image, .self = s};
    s->core = core_new(&options);
    s->twin = getenv("GCX_TWIN") ? (unsigned)atoi(getenv("GCX_TWIN")) : 0;
    s->listener = (struct core_listener){s, simulation_hear};
    core_listen(s->core, &s->listener);
    if (s->watch && s->watch->profile) core_profile(s->core, s->watch->profile);
    writer_init(&s->writers[0]);
    writer_init(&s->writers[1]);
    s->writer = &s->writers[0];
    s->first_conn = (uint64_t)SIMULATION_LINK << 48 | 1;
    struct writer *w = simulation_event_of(s, SOURCE_HOST, KIND_Clock);
    writer_i(w, Clock_offset, s->plan->start_us);
    simulation_post(s);
    number_points(s);
    name_agents(s);
    post_directory(s);
    simulation_core_activate(s);
    link_up(s);
    simulation_settle(s);
    for (uint32_t i = 0; i < s->agent_count && !s->failed; i++) {
        sim_desk_shift(s, i);
        if (s->events >= POST_AT_ONCE) simulation_settle(s);
    }
    campaigns_begin(s);
    simulation_settle(s);
    return !s->failed;
}

void simulation_close(struct simulation *s)
{
    if (s->watch && s->watch->profile) profile_end(s->watch->profile);
    core_free(s->core);
    writer_free(&s->writers[0]);
    writer_free(&s->writers[1]);
    lookup_free(&s->by_name);
    free(s->agents);
    free(s->teams);
    free(s->unknown);
}
