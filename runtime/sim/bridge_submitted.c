/* runtime/sim/bridge_submitted.c - Arrivals without a call, such as e-mails: the server that submits them, the
 * desktops at which agents work on them, and the people who process what is parked in a queue.
 *
 * After each turn the bridge asks the core who owns a submission now, and since when (bridge_look_at_submitted); it
 * does not rely on events. A new owner means a new `turn`, which cancels the planned end of the owner before. An
 * agent who owns it finishes after the time that the test says; a workbin releases it when its time is over.
 *
 * A chat also has a session, with a ConnID of a separate range, so that the core can route, message and close it
 * like a call. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/asked.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/reserved.h"
#include "base/memory.h"
#include "vm/image.h"
#include "vm/steps.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"

enum { CLIENT = 1, PARKED_US = 30000000 };

static void session_event(struct bridge *b, const struct submission *s, unsigned kind, uint64_t ref)
{
    bridge_event(b, kind, &(struct bridge_leg){.ixn = b->ixns[s->arrival], .conn = bridge_session_conn(s->arrival)},
                 ref);
}

static enum media medium_named(const char *word)
{
    int medium = enum_value_media(word, (uint32_t)strlen(word));
    return medium > 0 ? (enum media)medium : media_none;
}

/* Can the strategy where the arrival comes return a reply to its author? */
static bool returns_to_author(const struct bridge *b, uint32_t arrival)
{
    const char *to = world_says(b->world, arrival)->to;
    const struct image_strategy *strategy = NULL;
    for (uint32_t i = 0; i < b->plan->point_count && !strategy; i++)
        if (strcmp(b->plan->points[i].dn, to) == 0)
            strategy = image_strategy_named(b->image, b->plan->points[i].strategy,
                                            (uint32_t)strlen(b->plan->points[i].strategy));
    /* own: the strategy itself returns replies, or continues with another strategy */
    bool returns = false, own = false;
    for (uint32_t i = 0; strategy && i < image_count(b->image, SECTION_WAITS); i++) {
        const struct image_wait *wait = image_wait(b->image, i);
        if (wait->step != STEP_ID_email_return_to_author && wait->step != STEP_ID_switch) continue;
        const struct image_function *function = image_function(b->image, wait->function);
        returns = returns || wait->step == STEP_ID_email_return_to_author;
        own = own || function->kind != FUNCTION_STRATEGY ||
              function->strategy == image_strategy_index(b->image, strategy);
    }
    return returns && own;
}

/* Returns the author of the reply: the agent named in its line, else somebody who is no agent of the test. NULL: the
 * author cannot be reached, as the test's answer to email.return_to_author says. */
static const char *submission_author(struct bridge *b, uint32_t arrival)
{
    const char *agent = world_says(b->world, arrival)->agent;
    if (!returns_to_author(b, arrival)) return agent;
    struct step_call call = {.step = "email.return_to_author", .args = json_object()};
    const struct scenario_outcome *outcome = world_answer(b->world, arrival, &call);
    json_decref(call.args);
    if (outcome && outcome->fail) return NULL;
    return agent ? agent : world_says(b->world, arrival)->to;
}

const char *bridge_author(const struct bridge *b, uint32_t arrival)
{
    for (uint32_t i = 0; i < b->submission_count; i++)
        if (b->submissions[i].arrival == arrival) return b->submissions[i].author;
    return NULL;
}

/* An e-mail or a chat comes: posts Submit, with the arrival's number as the number of the request. */
void bridge_submit(void *self, uint32_t arrival, const char *media, const char *from)
{
    struct bridge *b = self;
    char id[32];
    const json_t *data = world_says(b->world, arrival)->data;
    if (bridge_reserves(b, arrival, medium_named(media), json_string_value(json_object_get(data, "message")))) return;
    b->submissions = memory_more(b->submissions, b->submission_count, sizeof *b->submissions);
    b->submissions[b->submission_count++] =
        (struct submission){.arrival = arrival, .media = medium_named(media), .said_us = b->now_us};
    (void)snprintf(id, sizeof id, "<%u@sim.invalid>", (unsigned)arrival + 1);
    bool session = media_is_conversation(medium_named(media));
    const char *author = session ? NULL : submission_author(b, arrival);
    const char *text = json_string_value(json_object_get(data, "message"));
    (void)bridge_data(b, arrival);
    if (medium_named(media) == media_sms && bridge_asks_person(b, arrival, text))
        kv_put_text(&b->kv, RESERVED_ASKS_FOR, span_of(RESERVED_PERSON));
    bridge_event(b, KIND_Submit, session ? &(struct bridge_leg){.conn = bridge_session_conn(arrival)} : NULL, 0);
    writer_u(&b->writer, ENVELOPE_client, CLIENT);
    writer_u(&b->writer, ENVELOPE_req, arrival + 1);
    b->submissions[b->submission_count - 1].author = author;
    if (author) writer_text(&b->writer, ENVELOPE_actor, author);
    event_put_submit(&b->writer, &(struct event_submit){.medium = medium_named(media),
                                                        .external_id = id,
                                                        .queue = world_says(b->world, arrival)->to,
                                                        .online = session,
                                                        .from = from,
                                                        .to = world_says(b->world, arrival)->to,
                                                        .subject = world_says(b->world, arrival)->subject,
                                                        .body = session ? NULL : id,
                                                        .received_us = b->plan->test->start_us + (int64_t)b->now_us,
                                                        .data = &b->kv});
    bridge_post(b);
}

void bridge_submitted(struct bridge *b, const struct message *reply)
{
    uint64_t number = message_u(reply, ENVELOPE_req);
    if (message_u(reply, ENVELOPE_client) != CLIENT || number == 0 || number > b->arrivals) return;
    if (message_u(reply, Reply_outcome) == outcome_ok) {
        b->ixns[number - 1] = message_u(reply, ENVELOPE_ixn);
        return;
    }
    world_problem(b->world, 0, "the core refused what was submitted: %s", enum_name_code(message_u(reply, Reply_code)));
}

/* ---- sessions ---- */

static void submission_party(struct bridge *b, const struct submission *s, const char *dn, enum party_role role,
                             enum party_change change)
{
    uint32_t agent = plan_agent_at(b->plan, dn);
    session_event(b, s, KIND_EventParty, 0);
    event_put_party(&b->writer, &(struct event_party){.dn = span_of(dn),
                                                      .change = change,
                                                      .role = role,
                                                      .agent = agent == NO_AGENT ? NULL : b->plan->agents[agent].name});
    bridge_post(b);
}

static void submission_ends(struct bridge *b, struct submission *s, enum cause cause)
{
    session_event(b, s, KIND_EventSessionEnded, 0);
    writer_u(&b->writer, EventSessionEnded_cause, cause);
    event_put_text(&b->writer, EventSessionEnded_transcript, "transcript");
    bridge_post(b);
    s->closed = true;
}

void bridge_leaves(void *self, uint32_t arrival)
{
    struct bridge *b = self;
    struct submission *s = bridge_submission_of(b, bridge_session_conn(arrival));
    if (!s) return;
    bool served = strcmp(s->kind, "agent") == 0;
    if (!served) trace_happened(b->trace, b->now_us, arrival, "abandoned", NULL, NULL, NULL);
    submission_party(b, s, "", party_role_customer, served ? party_change_Released : party_change_Abandoned);
    submission_ends(b, s, cause_ok);
}

/* Carries out an action that no step asks for: a customer writes, or an agent takes a parked interaction. */
void bridge_desk(void *self, uint32_t arrival, const struct scenario_caller *does)
{
    struct bridge *b = self;
    assert(arrival < b->arrivals);
    struct submission *s = bridge_submission_of(b, bridge_session_conn(arrival));
    char id[32];
    if (does->writes && s && !bridge_reserves(b, arrival, s->media, does->writes)) {
        s->said_us = b->now_us;
        session_event(b, s, KIND_EventMessage, 0);
        (void)snprintf(id, sizeof id, "%u-%llu", arrival + 1, (unsigned long long)b->now_us);
        writer_text(&b->writer, EventMessage_msg_id, id);
        writer_u(&b->writer, EventMessage_index, ++s->said);
        writer_u(&b->writer, EventMessage_kind, message_kind_text);
        writer_u(&b->writer, EventMessage_role, party_role_customer);
        writer_text(&b->writer, EventMessage_text, does->writes);
        bridge_post(b);
    } else if (does->pulled_by) {
        bridge_event(b, KIND_RequestPull, NULL, 0);
        event_put_pull(&b->writer, b->ixns[arrival], does->pulled_by);
        bridge_post(b);
    }
}

void bridge_observe_sessions(struct bridge *b)
{
    for (uint32_t i = b->submissions_over; i < b->submission_count; i++) {
        const struct submission *s = &b->submissions[i];
        if (!media_is_conversation(s->media) || s->closed) continue;
        session_event(b, s, KIND_Observed, 0);
        writer_u(&b->writer, Observed_what, object_call);
        writer_u(&b->writer, Observed_media, s->media);
        writer_u(&b->writer, Observed_at_routing_point, 1);
        bridge_post(b);
    }
}

/* The session is routed to an agent, who joins it at once. */
static void submission_routed(struct bridge *b, const struct submission *s, const struct message *effect)
{
    char dest[SWITCH_DN + 1];
    struct span to = message_text(effect, RequestRouteCall_dest);
    sim_copy_text(dest, sizeof dest, to);
    session_event(b, s, KIND_EventRouteUsed, message_u(effect, ENVELOPE_ref));
    event_put_route_used(&b->writer, NULL, to, route_how_instructed);
    bridge_post(b);
    submission_party(b, s, dest, party_role_agent, party_change_Established);
}

bool bridge_session(struct bridge *b, const struct message *effect)
{
    struct submission *s = bridge_submission_of(b, message_u(effect, ENVELOPE_conn));
    if (!s) return false;
    if (effect->kind == KIND_RequestRouteCall)
        submission_routed(b, s, effect);
    else if (effect->kind == KIND_CloseSession)
        submission_ends(b, s, cause_ok);
    return effect->kind == KIND_RequestRouteCall || effect->kind == KIND_CloseSession ||
           effect->kind == KIND_RequestParty;
}

/* ---- messages that strategies send ---- */

/* Answers a question about a text; without an answer in the test, nothing is found in the text, and no category is
 * certain. */
void bridge_classify(struct bridge *b, const struct message *effect)
{
    uint32_t arrival = bridge_arrival_of(b, effect);
    bool screen = message_u(effect, Classify_screen) != 0;
    struct step_call call = asked_classify_call(effect);
    const struct scenario_outcome *outcome = bridge_answer(b, arrival, &call);
    const char *fail = outcome ? outcome->fail : screen ? NULL : "unsure";
    json_decref(call.args);
    if (fail && strcmp(fail, "timeout") == 0) return; /* it says nothing */
    bridge_event(b, KIND_EventDone,
                 &(struct bridge_leg){.ixn = message_u(effect, ENVELOPE_ixn), .conn = message_u(effect, ENVELOPE_conn)},
                 message_u(effect, ENVELOPE_ref));
    event_put_done(&b->writer, fail ? asked_code(fail) : code_ok, NULL);
    if (!fail && outcome) asked_classify_answer(&b->writer, &b->kv, outcome->value);
    bridge_post(b);
}

static void submission_stopped(struct bridge *b, uint64_t ixn)
{
    bridge_event_of(b, SOURCE_ADMIN, KIND_RequestStop);
    event_put_stop(&b->writer, ixn, NULL);
    bridge_post_of(b, "desktop");
}

/* Adds a step that the core has done itself to the trace; no answer is needed. */
void bridge_step_done(struct bridge *b, const struct message *effect)
{
    struct step_call call = sent_call(b->image, effect);
    trace_step(b->trace, b->now_us, bridge_arrival_of(b, effect), &call);
    json_decref(call.args);
}

/* Handles a piece of work that the core has begun; it belongs to no arrival of the test. */
void bridge_work(struct bridge *b, const struct message *effect)
{
    char queue[SCENARIO_NAME_MAX + 1];
    sim_copy_text(queue, sizeof queue, message_text(effect, Submitted_queue));
    bridge_needs_queue(b, queue);
    bridge_step_done(b, effect);
    agenda_add(&b->agenda, b->now_us + PARKED_US, LATE_WORK, 0, message_u(effect, Submitted_work));
}

/* An agent has finished a piece of work that no strategy handles; the agent looks again for more. */
void bridge_look_for_work(struct bridge *b, uint64_t ixn)
{
    struct interaction_row row;
    if (!core_find(partition_core(b->partition), ixn, &row) || span_is(row.state, "ended")) return;
    if (span_is(row.owner_kind, "strategy"))
        agenda_add(&b->agenda, b->now_us + PARKED_US, LATE_WORK, 0, ixn);
    else
        submission_stopped(b, ixn);
}

/* The customer types the code that was sent, or, `rejected`, other ones. */
static void submission_types_code(struct bridge *b, const struct message *effect, bool rejected)
{
    const struct submission *s = bridge_submission_of(b, message_u(effect, ENVELOPE_conn));
    if (!s || s->closed) return;
    session_event(b, s, KIND_RequestUserData, 0);
    event_put_code_typed(&b->writer, &b->kv, rejected);
    bridge_post(b);
}

/* Sends a message: it is accepted, or ends as the test says; what the adapter would refuse is refused in any case. */
void bridge_message(struct bridge *b, const struct message *effect)
{
    uint32_t arrival = bridge_arrival_of(b, effect);
    bool agents = effect->kind == KIND_SendMessage && message_u(effect, SendMessage_role) == party_role_agent;
    if (agents || arrival == NO_ARRIVAL) return;
    struct step_call call = sent_call(b->image, effect);
    const struct scenario_outcome *outcome = bridge_answer(b, arrival, &call);
    enum code exit;
    enum contract_why why = bridge_refuses(b, arrival, &call, effect, &exit);
    const char *fail = why != WHY_none ? enum_name_code(exit) : outcome ? outcome->fail : NULL;
    bool verifies = strcmp(call.step, "contact.verify") == 0, rejected = fail && strcmp(fail, "rejected") == 0;
    json_decref(call.args);
    enum code code = fail && !(verifies && rejected) ? asked_code(fail) : code_ok;
    if (fail && strcmp(fail, "timeout") == 0) return; /* it says nothing */
    if (code == code_ok && effect->kind == KIND_CancelRecord) bridge_cancel_records(b, effect);
    bridge_done(b, effect, code, why != WHY_none ? denied_words(why) : fail ? fail : "");
    if (verifies && code == code_ok) submission_types_code(b, effect, rejected);
}

/* ---- owners of submissions ---- */

/* Notices a reply returned to its author, by where the reply is now, as the core does that step itself. */
static void look_for_return(struct bridge *b, const struct submission *s)
{
    struct kv data;
    struct kv_value reason;
    if (strcmp(s->kind, "workbin") != 0 || strcmp(s->owner, WORKBIN_RETURNED) != 0) return;
    kv_init(&data);
    bool known = core_data(partition_core(b->partition), b->ixns[s->arrival], &data) &&
                 kv_get(kv_span(&data), "return_reason", &reason);
    if (known)
        trace_happened(b->trace, b->now_us, s->arrival, "step", NULL, NULL,
                       json_pack("{s:s, s:{s:o}}", "step", "email.return_to_author", "args", "text",
                                 json_stringn((const char *)reason.span.bytes, reason.span.length)));
    kv_free(&data);
}

/* Plans when the agent who owns the submission will finish. */
static void plan_end(struct bridge *b, uint32_t which, uint64_t in_us)
{
    assert(which < b->submission_count);
    agenda_add(&b->agenda, b->now_us + in_us, LATE_STOP, which, ++b->submissions[which].turn);
}

void bridge_stop_submitted(struct bridge *b, uint32_t which, uint64_t turn)
{
    assert(which < b->submission_count);
    const struct submission *s = &b->submissions[which];
    if (s->over || s->turn != turn) return;
    bool agent = strcmp(s->kind, "agent") == 0;
    if (!agent) {
        submission_stopped(b, b->ixns[s->arrival]);
        return;
    }
    bridge_event(b, KIND_RequestStop, &(struct bridge_leg){.ixn = b->ixns[s->arrival]}, 0);
    event_put_stop(&b->writer, 0, s->owner);
    bridge_post(b);
}

void bridge_reply_submitted(struct bridge *b, uint32_t which, uint64_t turn)
{
    assert(which < b->submission_count);
    struct submission *s = &b->submissions[which];
    char id[32];
    if (s->over || s->closed || s->turn != turn || strcmp(s->kind, "agent") != 0) return;
    session_event(b, s, KIND_EventMessage, 0);
    (void)snprintf(id, sizeof id, "%u-%llu", s->arrival + 1, (unsigned long long)b->now_us);
    writer_text(&b->writer, ENVELOPE_actor, s->owner);
    writer_text(&b->writer, EventMessage_msg_id, id);
    writer_u(&b->writer, EventMessage_index, ++s->said);
    writer_u(&b->writer, EventMessage_kind, message_kind_text);
    writer_text(&b->writer, EventMessage_from, s->owner);
    writer_u(&b->writer, EventMessage_role, party_role_agent);
    writer_u(&b->writer, EventMessage_visible, visible_all);
    writer_text(&b->writer, EventMessage_text, "reply");
    bridge_post(b);
}

static void submission_changed(struct bridge *b, uint32_t which, const struct interaction_row *row)
{
    struct submission *s = &b->submissions[which];
    bool failed = span_is(row->outcome, "failed"), queued = span_is(row->state, "queued");
    uint32_t agent = plan_agent_named(b->plan, s->owner);
    if (strcmp(s->kind, "agent") == 0) {
        trace_happened(b->trace, b->now_us, s->arrival, "routed", "agent", s->owner, NULL);
        plan_end(b, which, world_handles_us(b->world, agent));
        uint64_t replies_us = world_replies_us(b->world, agent);
        if (replies_us != SCENARIO_NEVER && media_is_conversation(s->media))
            agenda_add(&b->agenda, b->now_us + replies_us, LATE_REPLY, which, s->turn);
    } else if (queued) {
        look_for_return(b, s);
        if (strcmp(s->kind, "queue") == 0) bridge_needs_queue(b, s->owner);
        trace_happened(b->trace, b->now_us, s->arrival, failed ? "defaulted" : "routed", s->kind, s->owner, NULL);
        plan_end(b, which, (s->back_us > b->now_us ? s->back_us - b->now_us : 0) + PARKED_US);
    } else {
        s->turn++; /* a strategy handles the submission now, so the end planned for the owner before is cancelled */
    }
}

static void submission_look(struct bridge *b, uint32_t which)
{
    assert(which < b->submission_count);
    struct submission *s = &b->submissions[which];
    struct interaction_row row;
    uint64_t ixn = b->ixns[s->arrival];
    if (s->over || ixn == 0 || !core_find(partition_core(b->partition), ixn, &row)) return;
    char owner[sizeof s->owner], kind[sizeof s->kind];
    sim_copy_text(owner, sizeof owner, row.owner);
    sim_copy_text(kind, sizeof kind, row.owner_kind);
    bridge_joined(b, s->arrival, ixn);
    if (span_is(row.state, "ended")) {
        s->over = true;
        world_submitted_over(b->world, s->arrival);
    } else if (strcmp(owner, s->owner) != 0 || strcmp(kind, s->kind) != 0 || row.back_us != s->back_us) {
        s->back_us = row.back_us;
        memcpy(s->owner, owner, sizeof owner);
        memcpy(s->kind, kind, sizeof kind);
        submission_changed(b, which, &row);
    }
}

void bridge_look_at_submitted(struct bridge *b)
{
    while (b->submissions_over < b->submission_count && b->submissions[b->submissions_over].over) b->submissions_over++;
    for (uint32_t i = b->submissions_over; i < b->submission_count; i++) submission_look(b, i);
}
