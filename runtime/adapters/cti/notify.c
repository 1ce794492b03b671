/* runtime/adapters/cti/notify.c - Messages to clients, as JSON.
 *
 * An event is a JSON object that is made once, and is sent to each client that is registered at the DN and may see it.
 * The asker gets the event even if it is not registered there, with its ReferenceID. Clients that do not read are
 * closed meanwhile, which changes the lists: so loops run backwards and use numbers. */

#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/cti/consults.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/json_kv.h"

/* Sets an attribute; unknown attributes ("") are left out. */
static void notify_set_text(json_t *object, const char *name, const char *text)
{
    if (text && text[0] != 0) json_object_set_new(object, name, json_string(text));
}

static const char *call_type_word(enum call_type type)
{
    static const char *const words[] = {"Unknown", "Inbound", "Outbound", "Internal", "Consult"};
    return words[(size_t)type < sizeof words / sizeof *words ? type : 0];
}

static const char *work_mode_word(enum work_mode mode)
{
    static const char *const words[] = {NULL, "ManualIn", "AutoIn", "AfterCallWork", "AuxWork"};
    return words[(size_t)mode < sizeof words / sizeof *words ? mode : 0];
}

/* Adds somebody who is in the call. `watcher`: the supervisor who has called in the telephone; "": nobody has. */
static void parties_add(const struct cti *cti, json_t *parties, const char *dn, enum party_state state,
                        const char *watcher)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    json_t *one = json_pack("{s:s, s:s}", "DN", dn, "State", party_state_word(state));
    if (session || *watcher) notify_set_text(one, "AgentID", session ? session->agent : watcher);
    json_array_append_new(parties, one);
}

static bool party_is_in(const struct call_party *party)
{
    return party->state == PARTY_ESTABLISHED || party->state == PARTY_HELD;
}

/* Is the party heard in the call, or on hold? A supervisor who only hears it, or whispers, is not. */
static bool party_takes_part(const struct call_party *party)
{
    return party_is_in(party) && (!party->monitors || strcmp(party->monitors, "BargeIn") == 0);
}

/* Sets the supervisors who hear the call, and are heard by no customer. */
static void set_monitors(const struct cti *cti, json_t *object, const struct call *call, const char *dn)
{
    json_t *monitors = json_array();
    for (unsigned i = 0; i < call->party_count; i++) {
        const struct call_party *party = &call->parties[i];
        if (!party_is_in(party) || party_takes_part(party) || strcmp(party->dn, dn) == 0) continue;
        parties_add(cti, monitors, party->dn, party->state, party->watcher);
        json_object_set_new(json_array_get(monitors, json_array_size(monitors) - 1), "MonitorMode",
                            json_string(party->monitors));
    }
    if (json_array_size(monitors) > 0) json_object_set(object, "Monitors", monitors);
    json_decref(monitors);
}

/* Sets for whoever is in the call who else is, where there are more than one: the number outside, which is no party,
 * stands first. */
static void set_parties(const struct cti *cti, json_t *object, const struct call *call, const char *dn)
{
    const struct call_party *own = call_party(call, dn);
    if (!own || !party_is_in(own)) return;
    const char *outside = call->type == call_type_inbound    ? call->ani
                          : call->type == call_type_outbound ? call->dnis
                                                             : "";
    json_t *parties = json_array();
    if (*outside && !call_party(call, outside)) parties_add(cti, parties, outside, PARTY_ESTABLISHED, "");
    for (unsigned i = 0; i < call->party_count; i++) {
        const struct call_party *party = &call->parties[i];
        if (party_takes_part(party) && strcmp(party->dn, dn) != 0)
            parties_add(cti, parties, party->dn, party->state, party->watcher);
    }
    if (json_array_size(parties) > 1) json_object_set(object, "Parties", parties);
    json_decref(parties);
    set_monitors(cti, object, call, dn);
}

/* Sets the attributes of the call as seen from one DN: the other side differs from DN to DN. */
static void set_call(const struct cti *cti, json_t *object, const struct call *call, const char *dn)
{
    notify_set_text(object, "ConnID", call->conn_text);
    notify_set_text(object, "CallID", call->id);
    notify_set_text(object, "CallType", call_type_word(call->type));
    notify_set_text(object, "ANI", call->ani);
    notify_set_text(object, "DNIS", call->dnis);
    notify_set_text(object, "OtherDN", call_other(call, dn));
    notify_set_text(object, "Recording", call->recording);
    const struct call_party *party = call_party(call, dn);
    if (party) notify_set_text(object, "MonitorMode", party->monitors);
    if (party && party->muted) json_object_set_new(object, "Muted", json_true());
    json_t *consultation = consult_shown(cti, call, dn), *about = consult_about(cti, call, dn);
    if (consultation) json_object_set_new(object, "Consultation", consultation);
    if (about) json_object_set_new(object, "About", about);
    set_parties(cti, object, call, dn);
    json_object_set_new(object, "UserData", json_from_kv(kv_span(&call->data)));
}

/* Makes an event; the caller owns it, and gives it to notify_send(). NULL is allowed there. */
json_t *notify_call(struct cti *cti, enum client_event what, const struct call *call, const char *number,
                    const struct cti_asker *asker)
{
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    if ((!dn || dn->client_count == 0) && (!asker || asker->client == 0))
        return NULL; /* no client gets it, as for most DNs of a switch: the event is not made */
    json_t *event = cti_event_new(what);
    notify_set_text(event, "ThisDN", number);
    set_call(cti, event, call, number);
    const struct call_party *party = call_party(call, number);
    if (party) notify_set_text(event, "ThisQueue", party->queue);

    const struct agent_session *session = agents_at(&cti->agents, number);
    if (session) notify_set_text(event, "AgentID", session->agent);
    return event;
}

/* Sends the event, and takes ownership of it; the asker comes last, as only the asker gets the ReferenceID, which is
 * set in the same object. */
void notify_send(struct cti *cti, const char *number, json_t *event, const struct cti_asker *asker)
{
    if (!event) return;
    struct cti_dn *dn = dns_find(&cti->dns, number);
    struct client *requester = asker && asker->client != 0 ? client_find(cti, asker->client) : NULL;
    /* client_send() closes a client that does not read and removes it from the list: so the loop runs backwards. */
    for (unsigned i = !dn ? 0 : dn->client_count; i-- > 0;) {
        struct client *client = i < dn->client_count ? client_find(cti, dn->clients[i]) : NULL;
        if (client && client != requester && access_may(client, RIGHT_Events, number))
            client_send(client, json_incref(event));
    }
    if (requester) {
        json_object_set_new(event, "ReferenceID", json_integer((json_int_t)asker->reference));
        client_send(requester, json_incref(event));
    }
    json_decref(event);
}

enum { SUM_FIRST = 1, SUM_FACTOR = 16777619 };

/* Returns a number for what the events of the call at this DN tell of the others; 0: they tell of nobody. */
static uint32_t parties_shown(const struct cti *cti, const struct call *call, const char *dn)
{
    json_t *shown = json_object();
    set_parties(cti, shown, call, dn);
    char *text = json_object_size(shown) > 0 ? json_dumps(shown, JSON_COMPACT) : NULL;
    uint32_t sum = text ? SUM_FIRST : 0;
    for (const char *at = text; at && *at; at++) sum = (sum ^ (unsigned char)*at) * SUM_FACTOR;
    free(text);
    json_decref(shown);
    return sum;
}

void notify_parties_read(struct cti *cti, const char *number)
{
    for (struct call *call = cti->calls.first; call; call = call->next) {
        struct call_party *party = call_party(call, number);
        if (party) party->shown = parties_shown(cti, call, number);
    }
}

void notify_parties(struct cti *cti, struct call *call, const char *told, const char *previous)
{
    for (unsigned i = 0; i < call->party_count; i++) {
        struct call_party *party = &call->parties[i];
        const struct cti_dn *dn = dns_find(&cti->dns, party->dn);
        if (!dn || dn->client_count == 0) continue;
        uint32_t shown = parties_shown(cti, call, party->dn);
        bool same = !previous && shown == party->shown;
        party->shown = shown;
        if (same || (told && strcmp(told, party->dn) == 0)) continue;
        json_t *event = notify_call(cti, CLIENT_EventPartyChanged, call, party->dn, NULL);
        if (previous) json_object_set_new(event, "PreviousConnID", json_string(previous));
        notify_send(cti, party->dn, event, NULL);
    }
}

/* Sends an error to the asker. In the log numbers are masked; an overload is logged at the debug level only, as
 * there may be very many. */
void notify_error(struct cti *cti, const struct cti_asker *asker, const char *dn, uint64_t conn, enum code code,
                  const char *text)
{
    struct client *client = client_find(cti, asker->client);
    if (!client) return;
    json_t *event = cti_event_new(CLIENT_EventError);
    if (asker->reference != 0) json_object_set_new(event, "ReferenceID", json_integer((json_int_t)asker->reference));
    notify_set_text(event, "ErrorCode", enum_name_code(code));
    notify_set_text(event, "ErrorMessage", text);
    notify_set_text(event, "ThisDN", dn);
    if (conn != 0) {
        char conn_text[CONN_TEXT];
        ident_print_conn(conn, conn_text);
        notify_set_text(event, "ConnID", conn_text);
    }
    enum refused why = code == code_refused             ? REFUSED_cti_desktop_login
                       : code == code_overload          ? REFUSED_cti_desktop_overload
                       : code == code_no_privilege      ? REFUSED_cti_desktop_privilege
                       : code == code_invalid_attribute ? REFUSED_cti_desktop_request
                       : code == code_invalid_state     ? REFUSED_cti_desktop_request
                                                        : REFUSED_cti_desktop_switch;
    refused_tell(cti->link, cti->services, why, "user=%s %s", !client_user(client) ? "" : client_user(client)->name,
                 !text ? enum_name_code(code) : text);
    char shown[NUMBER_MASKED];
    int level = code == code_no_privilege ? GCX_LOG_WARNING : code == code_overload ? GCX_LOG_DEBUG : GCX_LOG_INFO;
    cti_log(cti, level, calls_by_conn(&cti->calls, conn), "EventError dn=%s code=%s user=%s %s",
            !dn ? "" : name_mask(dn, shown), enum_name_code(code),
            !client_user(client) ? "" : client_user(client)->name, !text ? "" : text);
    client_send(client, event);
}

/* Makes the description of a DN: its type, who is logged in, its calls. The description answers a registration and a
 * query. */
json_t *notify_address(struct cti *cti, enum client_event what, const char *number)
{
    json_t *event = cti_event_new(what), *list = json_array();
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    const struct agent_session *session = agents_at(&cti->agents, number);
    notify_set_text(event, "ThisDN", number);
    if (dn) {
        notify_set_text(event, "DNType", enum_name_dn_type(dn->type));
        notify_set_text(event, "DNState", enum_name_dn_state(dn->state));
    }
    if (session) {
        notify_set_text(event, "AgentID", session->agent);
        notify_set_text(event, "AgentState", enum_name_agent_state(session->state));
    }
    for (const struct call *call = cti->calls.first; call; call = call->next) {
        const struct call_party *party = call_party(call, number);
        if (party) {
            json_t *item = json_object();
            set_call(cti, item, call, number);
            notify_set_text(item, "State", party_state_word(party->state));
            json_array_append_new(list, item);
        }
    }
    json_object_set_new(event, "Calls", list);
    if (!cti->ops->takes_over) json_object_set_new(event, "Cannot", json_pack("[s]", "RequestTakeOverCall"));
    return event;
}

void notify_agent(struct cti *cti, const struct agent_session *session, enum agent_state change,
                  const struct cti_asker *asker)
{
    enum client_event what = change == agent_state_logged_in    ? CLIENT_EventAgentLogin
                             : change == agent_state_logged_out ? CLIENT_EventAgentLogout
                             : change == agent_state_ready      ? CLIENT_EventAgentReady
                                                                : CLIENT_EventAgentNotReady;
    enum work_mode mode = change == agent_state_after_call_work ? work_mode_after_call_work : session->work_mode;
    json_t *event = cti_event_new(what);
    notify_set_text(event, "ThisDN", session->dn);
    notify_set_text(event, "AgentID", session->agent);
    notify_set_text(event, "ThisQueue", session->queue);
    notify_set_text(event, "AgentWorkMode", work_mode_word(mode));
    if (session->reasons.length > 0) json_object_set_new(event, "Reasons", json_from_kv(kv_span(&session->reasons)));
    notify_send(cti, session->dn, event, asker);
}

enum client_event notify_link_event(const struct cti *cti)
{
    return cti->switch_up ? CLIENT_EventLinkConnected : CLIENT_EventLinkDisconnected;
}

void notify_link(struct cti *cti)
{
    for (unsigned i = cti->client_count; i-- > 0;) {
        if (!client_is_known(cti->clients[i])) continue;
        json_t *event = cti_event_new(notify_link_event(cti));
        notify_set_text(event, "Server", cti->name);
        json_object_set_new(event, "Protocol", json_integer(1));
        client_send(cti->clients[i], event);
    }
}

static json_t *reasons_now(const struct cti *cti)
{
    json_t *event = cti_event_new(CLIENT_EventReasons);
    json_object_set_new(event, "Reasons", json_from_kv(kv_span(&cti->reasons)));
    return event;
}

void notify_reasons_to(struct cti *cti, struct client *client)
{
    if (cti->reasons.length > 0) client_send(client, reasons_now(cti));
}

/* Tells all clients the reasons for not ready, unless they are the same as before. */
void notify_reasons(struct cti *cti, struct span reasons)
{
    struct kv_pair pair;
    /* the core sends the reasons whenever the link is up again */
    if (span_equal(kv_span(&cti->reasons), reasons)) return;
    kv_clear(&cti->reasons);
    for (uint32_t at = 0; kv_next(reasons, &at, &pair);) kv_put(&cti->reasons, pair.key, &pair.value);
    for (unsigned i = cti->client_count; i-- > 0;)
        if (client_is_known(cti->clients[i])) client_send(cti->clients[i], reasons_now(cti));
}
