/* runtime/adapters/cti/requests.c - Requests of clients: each is checked, then sent on to the switch or to the core.
 *
 * A request passes these checks, each of which answers a failure by EventError: its client has logged in; not too
 * many requests are open; ThisDN exists; the role allows the request at that DN (access.c); the client is registered
 * there; the link to the switch is up; the call exists, with a party at that DN. The table below says which checks a
 * request needs, and its function relies on them. Then an ask is added, and the fact that shows the result answers
 * the client.
 *
 *     RequestHoldCall, ReferenceID 7          request_perform(), then the gates by the table
 *       asks_add(EXPECT_HELD)                 switch: HoldCall
 *     EventHeld, ReferenceID 7                when the switch says that the call is held
 *     EventError, ReferenceID 7               when the switch refuses, or says nothing within ASK_US
 *
 * A function of the table returns nothing: it has either answered the client or added an ask. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/consults.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/cti/ports.h"
#include "runtime/adapters/cti/recordings.h"
#include "runtime/adapters/cti/records.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_work.h"

/* A client's request while it is being checked. */
struct request {
    struct cti *cti;
    struct client *client;
    const json_t *json;
    struct cti_asker asker;
    const char *dn; /* ThisDN */
    struct call *call;
    struct agent_session *session;
};

static bool request_refuse(const struct request *request, enum code code, const char *text)
{
    uint64_t conn = request->call ? request->call->conn : 0;
    ident_read_conn(json_string_value(json_object_get(request->json, "ConnID")), &conn);
    notify_error(request->cti, &request->asker, request->dn, conn, code, text);
    return false;
}

/* Returns a text of the request; NULL: it is missing, empty or too long. A text that is too long counts as missing,
 * so that no name is cut and mistaken for another. */
static const char *request_text_within(const struct request *request, const char *name, size_t size)
{
    const char *text = json_string_value(json_object_get(request->json, name));
    return !text || text[0] == 0 || strlen(text) >= size ? NULL : text;
}

static const char *request_text_of(const struct request *request, const char *name)
{
    return request_text_within(request, name, NAME_SIZE);
}

static void request_answer(const struct request *request, json_t *event)
{
    json_object_set_new(event, "ReferenceID", json_integer((json_int_t)request->asker.reference));
    client_send(request->client, event);
}

static struct ask *request_ask(const struct request *request, enum expect expect)
{
    uint64_t conn = request->call ? request->call->conn : 0;
    return asks_add(&request->cti->asks, expect, &request->asker, conn, request->dn, request->cti->now_us + ASK_US);
}

/* --- DNs --- */

/* May the client register at one more DN? An agent without DNs of its own may sit at one DN at a time. */
static bool may_register(struct request *request)
{
    const struct user *user = client_user(request->client);
    unsigned *count = client_registrations(request->client);
    if (*count >= request->cti->limits.registrations)
        return request_refuse(request, code_overload, "registered on too many DNs");
    if (user && user->role == ROLE_agent && user->dns.count == 0 && *count > 0)
        return request_refuse(request, code_no_privilege, "an agent sits at one place at a time: unregister first");
    ++*count;
    return true;
}

/* Registers the client on a DN. A DN gets its row only when a client that may register does so, not by being named.
 * The client's registrations are counted before the DN has its row, so the count is reduced again if the row cannot
 * be made. client_send() may close the client, so the client is looked up again before more is sent. */
static void register_address(struct request *request)
{
    struct dns *dns = &request->cti->dns;
    struct cti_dn *dn = dns_find(dns, request->dn);
    const char *type = request_text_of(request, "AddressType");
    bool as_ivr = type && strcmp(type, "IVRPort") == 0;
    bool fresh = !dn || !dn_has_client(dn, client_id(request->client));
    if (request->cti->switch_up && (!dn || !dn->known)) {
        request_refuse(request, code_invalid_dn, "the switch has no such DN");
        return;
    }
    if (type && !(as_ivr && dn && port_is_possible(dn))) {
        request_refuse(request, code_invalid_attribute, "AddressType is IVRPort, at a routing point or a port");
        return;
    }
    if (fresh && !may_register(request)) return;
    dn = dns_get(dns, request->dn);
    if (!dn) {
        --*client_registrations(request->client);
        request_refuse(request, code_invalid_dn, "this can be no DN, or there are too many");
        return;
    }
    dn_add_client(dn, client_id(request->client));
    if (as_ivr) dn->ivr = client_id(request->client);
    cti_log(request->cti, GCX_LOG_INFO, NO_CALL, "EventRegistered dn=%s client=%llx", dn->number,
            (unsigned long long)client_id(request->client));
    if (dn->client_count == 1) notify_parties_read(request->cti, request->dn);
    request_answer(request, notify_address(request->cti, CLIENT_EventRegistered, request->dn));
    struct client *client = client_find(request->cti, request->asker.client);
    if (client) /* the client is still there, and has got the first message */
        invites_tell(request->cti, request->dn, client);
}

static void unregister_address(struct request *request)
{
    assert(*client_registrations(request->client) > 0);
    dn_remove_client(dns_find(&request->cti->dns, request->dn), client_id(request->client));
    --*client_registrations(request->client); /* the table requires a registered client (NEEDS_REGISTERED) */
    request_answer(request,
                   json_pack("{s:s,s:s}", "Message", cti_event_name(CLIENT_EventUnregistered), "ThisDN", request->dn));
}

static void request_query_address(struct request *request)
{
    const struct cti_dn *dn = dns_find(&request->cti->dns, request->dn);
    if (!dn || !dn->known) {
        request_refuse(request, code_invalid_dn, "the switch has no such DN");
        return;
    }
    request_answer(request, notify_address(request->cti, CLIENT_EventAddressInfo, request->dn));
}

/* --- Agents --- */

/* Adds the ask for the state, and has the plugin request it of the switch. The session changes only when the switch
 * reports the new state. */
static void ask_agent(struct request *request, const char *agent, enum agent_state state, enum work_mode mode)
{
    struct kv reasons;
    struct error error;
    const json_t *given = json_object_get(request->json, "Reasons");
    kv_init(&reasons);
    if (given && !json_to_kv(given, &reasons, &error)) {
        request_refuse(request, code_invalid_attribute, error.text);
    } else {
        const char *queue = request_text_of(request, "ThisQueue");
        struct ask *open = request_ask(request, EXPECT_AGENT);
        open->state = state;
        /* If the desktop leaves right after its logout, the agent must not be made not ready. */
        if (state == agent_state_logged_out) request->session->leaving = true;
        struct agent_ask change = {.agent = agent,
                                   .dn = request->dn,
                                   .queue = !queue ? "" : queue,
                                   .state = state,
                                   .work_mode = mode,
                                   .reasons = kv_span(&reasons)};
        request->cti->ops->agent(request->cti->self, open->id, &change);
    }
    kv_free(&reasons);
}

/* Logs an agent in. If the agent is logged in there already, the desktop only joins the session; the switch is not
 * asked. */
static void agent_login(struct request *request)
{
    const char *agent = request_text_of(request, "AgentID");
    if (!agent) {
        request_refuse(request, code_invalid_attribute, "AgentID is missing");
        return;
    }
    if (!access_is_of_agent(request->client, agent)) {
        request_refuse(request, code_no_privilege, "another agent than this user's own");
        return;
    }
    const struct agent_session *elsewhere = agents_of(&request->cti->agents, agent);
    if ((request->session && strcmp(request->session->agent, agent) != 0) ||
        (elsewhere && elsewhere != request->session)) {
        request_refuse(request, code_already_logged_in, "another agent is logged in there, or this one elsewhere");
        return;
    }
    if (request->session) {
        client_join(request->cti, request->session, client_id(request->client));
        notify_agent(request->cti, request->session, agent_state_logged_in, &request->asker);
        return;
    }
    ask_agent(request, agent, agent_state_logged_in, work_mode_unknown);
}

static void agent_change(struct request *request, enum agent_state state, enum work_mode mode)
{
    if (!request->session) {
        request_refuse(request, code_not_logged_in, "no agent is logged in on this DN");
        return;
    }
    /* a supervisor's client is not the agent's desktop */
    if (access_is_of_agent(request->client, request->session->agent))
        client_join(request->cti, request->session, client_id(request->client));
    ask_agent(request, request->session->agent, state, mode);
}

static void agent_logout(struct request *request)
{
    agent_change(request, agent_state_logged_out, work_mode_unknown);
}

static void request_agent_ready(struct request *request)
{
    agent_change(request, agent_state_ready, work_mode_unknown);
}

static void request_agent_not_ready(struct request *request)
{
    const char *mode = request_text_of(request, "AgentWorkMode");
    if (!mode)
        agent_change(request, agent_state_not_ready, work_mode_unknown);
    else if (strcmp(mode, "AfterCallWork") == 0)
        agent_change(request, agent_state_after_call_work, work_mode_after_call_work);
    else if (strcmp(mode, "AuxWork") == 0)
        agent_change(request, agent_state_not_ready, work_mode_aux_work);
    else
        request_refuse(request, code_invalid_attribute, "AgentWorkMode is AfterCallWork or AuxWork");
}

/* --- Calls --- */

enum { DIGITS_MOST = 16 };

static void request_ask_at_port(struct request *request, enum party_ask what, enum expect expect, const char *to)
{
    struct ask *ask = request_ask(request, expect);
    if (!port_party(request->cti, ask, request->call, what, to))
        cti_refused(request->cti, ask->id, code_invalid_state, "an IVR port releases a call, or sends it on");
}

static void request_ask_party(struct request *request, enum party_ask what, enum expect expect, const char *to)
{
    assert(request->call); /* NEEDS_CALL */
    struct cti *cti = request->cti;
    if (port_has(request->call, request->dn))
        request_ask_at_port(request, what, expect, to);
    else
        cti->ops->party(cti->self, request_ask(request, expect)->id, request->call, request->dn, what, to);
}

static bool in_state(struct request *request, enum party_state state)
{
    assert(request->call && call_party(request->call, request->dn)); /* NEEDS_CALL */
    if (call_party(request->call, request->dn)->state == state) return true;
    return request_refuse(request, code_invalid_state, "not in this state of the call");
}

/* May the party hand the call on? The party must talk, or have put the call on hold, as this switch requires; some
 * switches check that themselves. */
static bool may_hand_over(struct request *request, enum party_state wanted)
{
    assert(wanted == PARTY_ESTABLISHED || wanted == PARTY_HELD);
    if (wanted == PARTY_HELD && consult_aside(request->cti, request->call, request->dn)) return true;
    bool other = request->cti->ops->judges_hand_overs && call_party(request->call, request->dn)->state ==
                                                             (wanted == PARTY_HELD ? PARTY_ESTABLISHED : PARTY_HELD);
    return other || in_state(request, wanted);
}

static void request_answer_call(struct request *request)
{
    if (in_state(request, PARTY_RINGING)) request_ask_party(request, ASK_ANSWER, EXPECT_ESTABLISHED, NULL);
}

static void request_hold_call(struct request *request)
{
    if (in_state(request, PARTY_ESTABLISHED)) request_ask_party(request, ASK_HOLD, EXPECT_HELD, NULL);
}

static void request_retrieve_call(struct request *request)
{
    if (in_state(request, PARTY_HELD)) request_ask_party(request, ASK_RETRIEVE, EXPECT_RETRIEVED, NULL);
}

static void request_mute_on(struct request *request)
{
    if (in_state(request, PARTY_ESTABLISHED)) request_ask_party(request, ASK_MUTE, EXPECT_MUTED, NULL);
}

static void request_mute_off(struct request *request)
{
    if (in_state(request, PARTY_ESTABLISHED)) request_ask_party(request, ASK_UNMUTE, EXPECT_UNMUTED, NULL);
}

/* Sends keys to the other party: a menu there hears them. They may be a secret, and are written nowhere. */
static void request_send_dtmf(struct request *request)
{
    const char *digits = request_text_of(request, "DTMFDigits");
    size_t count = digits ? strlen(digits) : 0;
    if (count == 0 || count > DIGITS_MOST || strspn(digits, "0123456789*#ABCD") != count)
        request_refuse(request, code_invalid_attribute, "DTMFDigits: 1 to 16 of 0-9, *, #, A-D");
    else if (in_state(request, PARTY_ESTABLISHED))
        request_ask_party(request, ASK_DIGITS, EXPECT_SENT, digits);
}

static void release_call(struct request *request)
{
    request_ask_party(request, ASK_RELEASE, EXPECT_RELEASED, NULL);
}

static void ask_with(struct request *request, enum party_ask what, enum expect expect)
{
    const char *to = request_text_of(request, "OtherDN");
    if (!to)
        request_refuse(request, code_invalid_attribute, "OtherDN is missing");
    else if (what == ASK_TRANSFER ? may_hand_over(request, PARTY_ESTABLISHED) : in_state(request, PARTY_ESTABLISHED))
        request_ask_party(request, what, expect, to);
}

static void requests_transfer(struct request *request)
{
    ask_with(request, ASK_TRANSFER, EXPECT_RELEASED);
}

static void request_consult(struct request *request)
{
    ask_with(request, ASK_CONSULT, EXPECT_HELD);
}

static void complete_transfer(struct request *request)
{
    if (may_hand_over(request, PARTY_HELD)) request_ask_party(request, ASK_COMPLETE, EXPECT_RELEASED, NULL);
}

static void request_complete_conference(struct request *request)
{
    if (may_hand_over(request, PARTY_HELD)) request_ask_party(request, ASK_CONFERENCE, EXPECT_RETRIEVED, NULL);
}

/* Ends the consultation. An agent who has set it aside talks to the call already. */
static void request_reconnect_call(struct request *request)
{
    const struct call *aside = consult_aside(request->cti, request->call, request->dn);
    struct cti *cti = request->cti;
    if (aside && !port_has(request->call, request->dn)) {
        const struct ask *ask =
            asks_add(&cti->asks, EXPECT_LEFT, &request->asker, aside->conn, request->dn, cti->now_us + ASK_US);
        cti->ops->party(cti->self, ask->id, request->call, request->dn, ASK_RECONNECT, NULL);
        return;
    }
    if (in_state(request, PARTY_HELD)) request_ask_party(request, ASK_RECONNECT, EXPECT_RETRIEVED, NULL);
}

/* Swaps the call and its consultation: the agent talks to the one, and the other is on hold. */
static void request_alternate_call(struct request *request)
{
    bool held = call_party(request->call, request->dn)->state == PARTY_HELD;
    if (held || in_state(request, PARTY_ESTABLISHED))
        request_ask_party(request, ASK_SWAP, held ? EXPECT_RETRIEVED : EXPECT_HELD, NULL);
}

/* Returns the newest call in which somebody at that DN talks, or has put the call on hold; NULL: none. */
static struct call *request_talked_at(const struct cti *cti, const char *dn)
{
    struct call *call = cti->calls.last;
    for (; call; call = call->previous) {
        const struct call_party *party = call_party(call, dn);
        if (party && !party->monitors && (party->state == PARTY_ESTABLISHED || party->state == PARTY_HELD)) break;
    }
    return call;
}

/* Returns by which name the core knows who asks, as it knows who asks at a console: that of the agent. */
static const char *request_person(const struct request *request)
{
    const struct user *user = client_user(request->client);
    if (user && *user->agent) return user->agent;
    if (request->session) return request->session->agent;
    return user ? user->name : request->dn;
}

/* Asks the core whether the supervisor may, by the rules of the console. */
static bool request_may_listen(struct request *request, enum party_op how, const char *of)
{
    struct cti *cti = request->cti;
    if (!cti->core_up || !request->call->announced)
        return request_refuse(request, code_unavailable, "the core is away, which says who may");
    struct writer *writer = post_begin(cti, KIND_RequestMove, request->call, NULL);
    writer_u(writer, ENVELOPE_client, request->asker.client);
    writer_u(writer, ENVELOPE_req, request->asker.reference);
    writer_text(writer, ENVELOPE_actor, request_person(request));
    writer_u(writer, RequestMove_how, move_Monitor);
    writer_text(writer, RequestMove_name, of);
    writer_text(writer, RequestMove_reason, request->dn);
    writer_u(writer, RequestMove_supervises, true);
    writer_u(writer, RequestMove_watch, how);
    if (!post_end(cti, request->call, &request->asker))
        return request_refuse(request, code_overload, "too much is waiting for the core");
    struct ask *ask =
        asks_add(&cti->asks, EXPECT_MAY, &request->asker, request->call->conn, request->dn, cti->now_us + REPLY_US);
    ask->how = how;
    text_set(ask->destination, sizeof ask->destination, of);
    return true;
}

/* The core allows it: the switch calls the telephone. */
void requests_listen_allowed(struct cti *cti, const struct ask *allowed)
{
    struct client *client = client_find(cti, allowed->asker.client);
    struct call *call = calls_by_conn(&cti->calls, allowed->conn);
    struct request request = {.cti = cti, .client = client, .call = call, .asker = allowed->asker, .dn = allowed->dn};
    if (!client || !call) return;
    request.session = agents_at(&cti->agents, allowed->dn);
    struct ask *ask = request_ask(&request, EXPECT_MONITORS);
    text_set(ask->destination, sizeof ask->destination, request_person(&request));
    cti->ops->party(cti->self, ask->id, call, allowed->dn, cti_ask_of(allowed->how), allowed->destination);
}

/* Calls a supervisor's telephone into an agent's call. The supervisor must not get a call meanwhile: for the core
 * one who listens is free. The users' file says who may listen at all, and the core to whom. */
static void request_joins(struct request *request, enum party_op how)
{
    const char *of = request_text_of(request, "OtherDN");
    if (!of)
        request_refuse(request, code_invalid_attribute, "OtherDN is missing");
    else if (!access_may(request->client, RIGHT_MonitoredCall, of))
        request_refuse(request, code_no_privilege, "not that agent's calls");
    else if (request->session && request->session->state == agent_state_ready)
        request_refuse(request, code_invalid_state, "be not ready first, so that no call comes meanwhile");
    else if (!(request->call = request_talked_at(request->cti, of)) || strcmp(of, request->dn) == 0)
        request_refuse(request, code_invalid_state, "nobody else talks there");
    else
        (void)request_may_listen(request, how, of);
}

static void request_monitor_call(struct request *request)
{
    static const char *const modes[] = {"Listen", "Coach", "BargeIn"};
    static const enum party_op hows[] = {party_op_listen, party_op_whisper, party_op_join};
    const char *given = request_text_of(request, "MonitorMode");
    unsigned mode = 0;
    while (given && mode < 3 && strcmp(modes[mode], given) != 0) mode++;
    if (mode == 3)
        request_refuse(request, code_invalid_attribute, "MonitorMode is Listen, Coach or BargeIn");
    else
        request_joins(request, hows[mode]);
}

/* Lets a supervisor take the place of an agent in a call. The core must know whose the call is then. */
static void request_take_over_call(struct request *request)
{
    if (!request->cti->ops->takes_over)
        request_refuse(request, code_unsupported, "at this switch nobody takes over a call");
    else if (!request->session)
        request_refuse(request, code_not_logged_in, "no agent is logged in on this DN");
    else
        request_joins(request, party_op_take_over);
}

static void request_make_call(struct request *request)
{
    const char *to = request_text_of(request, "OtherDN");
    if (!to) {
        request_refuse(request, code_invalid_attribute, "OtherDN is missing");
        return;
    }
    request->cti->ops->make_call(request->cti->self, request_ask(request, EXPECT_DIALING)->id, request->dn, to);
}

/* Has the switch play something to the caller for the IVR; agents cannot request that. */
static void request_apply_treatment(struct request *request)
{
    const char *why = "no IVR port has the call";
    enum code code = code_invalid_state;
    if (port_has(request->call, request->dn))
        code = port_treat(request->cti, request->call, &request->asker, request->json, &why);
    if (code != code_ok) request_refuse(request, code, why);
}

static void request_record(struct request *request, enum call_op op)
{
    const struct call_party *party = call_party(request->call, request->dn);
    if (party->state != PARTY_ESTABLISHED && party->state != PARTY_HELD) {
        request_refuse(request, code_invalid_state, "nobody talks there");
        return;
    }
    struct ask *ask = request_ask(request, EXPECT_RESULT);
    if (!recording_ask(request->cti, ask, request->call, op))
        cti_refused(request->cti, ask->id, code_unsupported, "this switch does not record");
}

static void request_start_recording(struct request *request)
{
    request_record(request, call_op_recording_start);
}

static void request_pause_recording(struct request *request)
{
    request_record(request, call_op_recording_pause);
}

static void request_resume_recording(struct request *request)
{
    request_record(request, call_op_recording_resume);
}

static void request_stop_recording(struct request *request)
{
    request_record(request, call_op_recording_stop);
}

/* --- User data: the core decides on changes --- */

/* Asks the core for the change, which comes back to all parties as EventAttachedDataChanged. The core has the data:
 * while it is away, or does not know the call, nothing can be changed. */
static void request_ask_core(struct request *request, enum data_op op, const struct kv *pairs, const char *key)
{
    assert(request->call); /* NEEDS_CALL */
    struct cti *cti = request->cti;
    const struct agent_session *session = request->session;
    if (!cti->core_up || !request->call->announced) {
        request_refuse(request, code_unavailable, "the interaction's user data cannot be changed now");
        return;
    }
    struct writer *writer = post_begin(cti, KIND_RequestUserData, request->call, &request->asker);
    if (!client_user(request->client)) /* without an agent the actor is the user */
        writer_text(writer, ENVELOPE_actor, session ? session->agent : request->dn);
    writer_u(writer, RequestUserData_op, op);
    if (pairs) writer_kv(writer, RequestUserData_pairs, pairs);
    if (key) {
        writer_list_begin(writer, RequestUserData_keys);
        writer_list_text(writer, span_of(key));
        writer_list_end(writer);
    }
    if (!post_end(cti, request->call, &request->asker)) {
        request_refuse(request, code_overload, "too much is waiting for the core");
        return;
    }
    cti_log(cti, GCX_LOG_INFO, request->call, "Request%sUserData dn=%s",
            op == data_op_Attach   ? "Attach"
            : op == data_op_Update ? "Update"
                                   : "Delete",
            request->dn);
    asks_add(&cti->asks, EXPECT_REPLY, &request->asker, request->call->conn, request->dn, cti->now_us + REPLY_US);
}

/* Changes user data. Only attaching makes the data longer. The size limit is checked here, and again by the core. */
static void change_data(struct request *request, enum data_op op)
{
    struct kv pairs;
    struct error error;
    const json_t *given = json_object_get(request->json, "UserData");
    kv_init(&pairs);
    if (!given)
        request_refuse(request, code_invalid_attribute, "UserData is missing");
    else if (!json_to_kv(given, &pairs, &error))
        request_refuse(request, error.code == ERROR_LIMIT ? code_too_large : code_invalid_attribute, error.text);
    else if (op == data_op_Attach && pairs.length + request->call->data.length > KV_BYTES_MAX)
        request_refuse(request, code_too_large, "user data has at most 32000 bytes");
    else
        request_ask_core(request, op, &pairs, NULL);
    kv_free(&pairs);
}

static void attach_user_data(struct request *request)
{
    change_data(request, data_op_Attach);
}

static void update_user_data(struct request *request)
{
    change_data(request, data_op_Update);
}

static void delete_pair(struct request *request)
{
    const char *key = json_string_value(json_object_get(request->json, "Key"));
    if (!key || strlen(key) > 4096) {
        request_refuse(request, code_invalid_attribute, "Key is missing");
        return;
    }
    request_ask_core(request, data_op_DeletePair, NULL, key);
}

static void delete_user_data(struct request *request)
{
    request_ask_core(request, data_op_DeleteUserData, NULL, NULL);
}

/* --- Invitations: the core reports their outcome --- */

/* Accepts or rejects an invitation. The core decides; the desktop is told by EventAccepted, EventRejected or
 * EventRevoked. Several agents may be invited for one call. The core decides who was first: here only the
 * invitation's existence is checked. */
static void answer_invite(struct request *request, enum expect expect)
{
    struct cti *cti = request->cti;
    bool accepts = expect == EXPECT_ACCEPTED;
    uint64_t claim;
    if (!ident_read_conn(json_string_value(json_object_get(request->json, "TicketID")), &claim)) {
        request_refuse(request, code_invalid_attribute, "TicketID is missing");
        return;
    }
    const struct invite *invite = invites_find(&cti->invites, claim);
    if (!cti->core_up) {
        request_refuse(request, code_unavailable, "the core is away");
        return;
    }
    if (!invite || strcmp(invite->dn, request->dn) != 0) {
        request_refuse(request, code_taken, "somebody else has it, or it is over");
        return;
    }
    if (!access_is_of_agent(request->client, invite->agent)) {
        request_refuse(request, code_no_privilege, "another agent than this user's own is asked");
        return;
    }
    uint64_t conn = invite->conn;
    struct writer *writer = post_begin(cti, accepts ? KIND_RequestAccept : KIND_RequestReject, NULL, NULL);
    writer_u(writer, ENVELOPE_client, request->asker.client);
    writer_u(writer, ENVELOPE_req, request->asker.reference);
    writer_text(writer, ENVELOPE_actor, invite->agent); /* the invited agent acts, not the user */
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, claim);
    if (!post_end(cti, NULL, &request->asker)) {
        request_refuse(request, code_overload, "too much is waiting for the core");
        return;
    }
    cti_log(cti, GCX_LOG_INFO, calls_by_conn(&cti->calls, conn), "%s dn=%s",
            accepts ? "RequestAccept" : "RequestReject", request->dn);
    asks_add(&cti->asks, expect, &request->asker, 0, request->dn, cti->now_us + REPLY_US)->claim = claim;
}

static void accept_invite(struct request *request)
{
    answer_invite(request, EXPECT_ACCEPTED);
}

static void reject_invite(struct request *request)
{
    answer_invite(request, EXPECT_REJECTED);
}

/* --- Records of calling lists --- */

static void distribute_user_event(struct request *request)
{
    const char *text;
    if (!request->session)
        request_refuse(request, code_not_logged_in, "no agent is logged in on this DN");
    else if (!access_is_of_agent(request->client, request->session->agent))
        request_refuse(request, code_no_privilege, "another agent than this user's own");
    else if (!request->cti->core_up)
        request_refuse(request, code_unavailable, "the core is away");
    else {
        enum code code = records_ask(request->cti, &request->asker, request->dn, request->session->agent,
                                     json_object_get(request->json, "UserData"), &text);
        if (code != code_ok) request_refuse(request, code, text);
    }
}

/* --- The table of requests, and what each needs --- */

enum {
    NEEDS_REGISTERED = 1, /* on ThisDN */
    NEEDS_SWITCH = 2,
    NEEDS_CALL = 4, /* a ConnID, of a call with a party at ThisDN */
};

static const struct {
    const char *name;
    void (*perform)(struct request *);
    unsigned needs;
} requests[] = {
    {"RequestRegisterAddress", register_address, 0},
    {"RequestUnregisterAddress", unregister_address, NEEDS_REGISTERED},
    {"RequestQueryAddress", request_query_address, 0},
    {"RequestAgentLogin", agent_login, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestAgentLogout", agent_logout, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestAgentReady", request_agent_ready, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestAgentNotReady", request_agent_not_ready, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestAnswerCall", request_answer_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestHoldCall", request_hold_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestRetrieveCall", request_retrieve_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestSetMuteOn", request_mute_on, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestSetMuteOff", request_mute_off, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestSendDTMF", request_send_dtmf, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestReleaseCall", release_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestSingleStepTransfer", requests_transfer, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestInitiateTransfer", request_consult, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestCompleteTransfer", complete_transfer, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestInitiateConference", request_consult, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestCompleteConference", request_complete_conference, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestReconnectCall", request_reconnect_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestAlternateCall", request_alternate_call, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestMonitorCall", request_monitor_call, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestTakeOverCall", request_take_over_call, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestMakeCall", request_make_call, NEEDS_REGISTERED | NEEDS_SWITCH},
    {"RequestApplyTreatment", request_apply_treatment, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestStartRecording", request_start_recording, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestPauseRecording", request_pause_recording, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestResumeRecording", request_resume_recording, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestStopRecording", request_stop_recording, NEEDS_REGISTERED | NEEDS_SWITCH | NEEDS_CALL},
    {"RequestAccept", accept_invite, NEEDS_REGISTERED},
    {"RequestReject", reject_invite, NEEDS_REGISTERED},
    {"RequestDistributeUserEvent", distribute_user_event, NEEDS_REGISTERED},
    {"RequestAttachUserData", attach_user_data, NEEDS_REGISTERED | NEEDS_CALL},
    {"RequestUpdateUserData", update_user_data, NEEDS_REGISTERED | NEEDS_CALL},
    {"RequestDeletePair", delete_pair, NEEDS_REGISTERED | NEEDS_CALL},
    {"RequestDeleteUserData", delete_user_data, NEEDS_REGISTERED | NEEDS_CALL},
};

/* Finds the call. A ConnID alone is not enough: a client may only name calls that have a party at its DN. */
static bool request_find_call(struct request *request)
{
    uint64_t conn;
    struct call *call = NULL;
    if (ident_read_conn(json_string_value(json_object_get(request->json, "ConnID")), &conn))
        call = calls_by_conn(&request->cti->calls, conn);
    if (!call || !call_party(call, request->dn))
        return request_refuse(request, code_unknown_conn_id, "no such call at this DN");
    /* the IVR is alive: its time for the next request begins anew */
    if (call->visit.at_ivr) call->visit.since_us = request->cti->now_us;
    request->call = call;
    return true;
}

static bool request_allowed(const struct request *request, const char *name)
{
    const struct user *user = client_user(request->client);
    if (access_may(request->client, access_right_of(name), request->dn)) return true;
    char text[160];
    snprintf(text, sizeof text, "%s: not here, for role %s", name, !user ? "" : cti_role_name(user->role));
    return request_refuse(request, code_no_privilege, text);
}

/* Makes the checks that the table names; false: the client was answered. The right is checked before everything else
 * about the DN: a client without it does not learn what is there. */
static bool request_ready_for(struct request *request, const char *name, unsigned needs)
{
    const struct cti_dn *dn = !request->dn ? NULL : dns_find(&request->cti->dns, request->dn);
    if (!request->dn) return request_refuse(request, code_invalid_dn, "ThisDN is missing");
    if (!request_allowed(request, name)) return false;
    if ((needs & NEEDS_REGISTERED) && (!dn || !dn_has_client(dn, client_id(request->client))))
        return request_refuse(request, code_invalid_dn, "not registered on this DN");
    if ((needs & NEEDS_SWITCH) && !request->cti->switch_up)
        return request_refuse(request, code_link_down, "the link to the switch is down");
    return !(needs & NEEDS_CALL) || request_find_call(request);
}

/* Logs the client in. The password must not contain a zero byte: two passwords could otherwise be equal up to there. */
static void request_authenticate(const struct request *request)
{
    const char *user = request_text_of(request, "User");
    const json_t *password = json_object_get(request->json, "Password");
    const char *token = request_text_within(request, "Token", TOKEN_SIZE);
    if (user && !password && token) {
        client_resume(request->client, user, token, request->asker.reference);
        return;
    }
    size_t length = json_string_length(password);
    if (!user || length == 0 || length > PASSWORD_MAX || strlen(json_string_value(password)) != length) {
        request_refuse(request, code_invalid_attribute, "User, or Password or Token, is missing, or too long");
        return;
    }
    client_authenticate(request->client, user, json_string_value(password), request->asker.reference);
}

/* Performs a request. The limit on open asks is checked first, so that a client which asks without end costs no more
 * than an answer each time. */
static void requests_perform(struct request *request, const char *name)
{
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].name, name) != 0) continue;
        if (asks_of_client(&request->cti->asks, request->asker.client) >= request->cti->limits.outstanding) {
            request_refuse(request, code_overload, "too many requests wait for their answers");
        } else if (request_ready_for(request, name, requests[i].needs)) {
            request->session = agents_at(&request->cti->agents, request->dn);
            requests[i].perform(request);
        }
        return;
    }
    request_refuse(request, code_unsupported, "no such request");
}

void request_perform(struct client *client, struct cti *cti, const json_t *json, uint64_t reference)
{
    struct request request = {
        .cti = cti, .client = client, .json = json, .asker = {.client = client_id(client), .reference = reference}};
    const char *name = json_string_value(json_object_get(json, "Message"));
    request.dn = request_text_of(&request, "ThisDN");
    if (name && strcmp(name, "RequestAuthenticate") == 0)
        request_authenticate(&request);
    else if (!client_is_known(client))
        request_refuse(&request, code_no_privilege, "say first who you are: RequestAuthenticate");
    else
        requests_perform(&request, !name ? "" : name);
}
