/* runtime/adapters/desk/phone_asks.c - Turns the browser's requests about the telephone into requests to the
 * T-Server.
 *
 * Instead of a number the agent may give a colleague's name: the core is asked who is logged in (naming_begin), and the
 * request goes on with the number of that colleague's telephone. A name that is no colleague's is sent as it was
 * written. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/phone.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "base/memory.h"

enum { NAMINGS_MAX = 1000, NAMING_ROWS = 200 };

struct naming { /* a request that waits until the core has said where the colleague is */
    struct desk *desk;
    uint64_t token, next; /* next: where to continue reading the core's list of agents; 0: all was read */
    char agent[NAME_SIZE], dn[NAME_SIZE];
    unsigned found; /* colleagues of this name */
    json_t *message;
    json_int_t id;
    uint64_t ticket; /* the connection that asked */
};

/* ---- requests to the T-Server ---- */

/* The members of a browser's request: `conn`, `to`, `ticket`, `wrapup` and `digits`. */
enum {
    CALL = 1,
    TO = 2,
    TICKET = 4,
    WRAPUP = 8,
    ENDS = 16,
    DIGITS = 32
}; /* ENDS: the request ends the call, or its consultation */

/* `mode`: AgentWorkMode for a change of state; MonitorMode for a request with `to`. */
static const struct {
    const char *op, *message, *mode;
    unsigned needs;
} ops[] = {
    {"logout", "RequestAgentLogout", NULL, 0},
    {"ready", "RequestAgentReady", NULL, 0},
    {"not_ready", "RequestAgentNotReady", "AuxWork", 0},
    {"after_call_work", "RequestAgentNotReady", "AfterCallWork", 0},
    {"answer", "RequestAnswerCall", NULL, CALL},
    {"hold", "RequestHoldCall", NULL, CALL},
    {"retrieve", "RequestRetrieveCall", NULL, CALL},
    {"mute", "RequestSetMuteOn", NULL, CALL},
    {"unmute", "RequestSetMuteOff", NULL, CALL},
    {"digits", "RequestSendDTMF", NULL, CALL | DIGITS},
    {"release", "RequestReleaseCall", NULL, CALL | ENDS},
    {"dial", "RequestMakeCall", NULL, TO},
    {"transfer", "RequestSingleStepTransfer", NULL, CALL | TO | ENDS},
    {"consult", "RequestInitiateTransfer", NULL, CALL | TO},
    {"complete", "RequestCompleteTransfer", NULL, CALL | ENDS},
    {"conference", "RequestCompleteConference", NULL, CALL | ENDS},
    {"reconnect", "RequestReconnectCall", NULL, CALL | ENDS},
    {"swap", "RequestAlternateCall", NULL, CALL},
    {"listen", "RequestMonitorCall", "Listen", TO},
    {"coach", "RequestMonitorCall", "Coach", TO},
    {"barge_in", "RequestMonitorCall", "BargeIn", TO},
    {"take_over", "RequestTakeOverCall", NULL, TO},
    {"record_start", "RequestStartRecording", NULL, CALL},
    {"record_pause", "RequestPauseRecording", NULL, CALL},
    {"record_resume", "RequestResumeRecording", NULL, CALL},
    {"record_stop", "RequestStopRecording", NULL, CALL},
    {"wrapup", "RequestUpdateUserData", NULL, CALL | WRAPUP},
    {"accept", "RequestAccept", NULL, TICKET},
    {"decline", "RequestReject", NULL, TICKET},
};

static unsigned phone_op(const char *op)
{
    unsigned i = 0;
    while (i < sizeof ops / sizeof *ops && strcmp(ops[i].op, op) != 0) i++;
    return i;
}

static const char *phone_lacks(unsigned needs, const json_t *message)
{
    if ((needs & CALL) && !*phone_text_of(message, "conn")) return "conn: which call";
    if ((needs & TO) && !*phone_text_of(message, "to")) return "to: a number, or a colleague's name";
    if ((needs & TICKET) && !*phone_text_of(message, "ticket")) return "ticket: of the question";
    if ((needs & DIGITS) && !*phone_text_of(message, "digits")) return "digits: which keys";
    if ((needs & WRAPUP) && !*phone_text_of(message, "wrapup")) return "wrapup: which code";
    return NULL;
}

/* Sends the T-Server the request that belongs to the browser's message. */
static void phone_operate(struct phone *phone, const json_t *message, json_int_t id)
{
    unsigned op = phone_op(phone_text_of(message, "op")), needs = ops[op].needs;
    const char *conn = phone_text_of(message, "conn"), *reason = phone_text_of(message, "reason");
    assert(phone->ready);
    json_t *more = phone_at_dn(phone);
    if (needs & WRAPUP)
        json_object_set_new(more, "UserData", json_pack("{s:s}", "wrapup", phone_text_of(message, "wrapup")));
    if (needs & CALL) json_object_set_new(more, "ConnID", json_string(conn));
    if (needs & TO) json_object_set(more, "OtherDN", json_object_get(message, "to"));
    if (needs & DIGITS) json_object_set(more, "DTMFDigits", json_object_get(message, "digits"));
    if (needs & TICKET) json_object_set(more, "TicketID", json_object_get(message, "ticket"));
    if (ops[op].mode)
        json_object_set_new(more, needs & TO ? "MonitorMode" : "AgentWorkMode", json_string(ops[op].mode));
    if (ops[op].mode && *reason) json_object_set_new(more, "Reasons", json_pack("{s:s}", "reason", reason));
    json_int_t ref = phone_ask_switch(phone, ops[op].message, more, id);
    if (needs & ENDS) json_object_set_new(phone->own, conn, json_integer(ref));
}

/* Sends the call to the expert whom the agent has asked: the call's user data name the expert, for the strategy of
 * the routing point. */
static const char *phone_to_worker(struct phone *phone, const json_t *message, json_int_t id)
{
    const char *op = phone_text_of(message, "op"), *conn = phone_text_of(message, "conn");
    json_t *data = asks_data(phone->agent, phone_text_of(message, "ixn")), *filled = json_copy((json_t *)message);
    const char *wrong = NULL;
    if (!*phone_text_of(filled, "to"))
        json_object_set_new(filled, "to", json_string(phone->agent->desk->setting.asks_to));
    if (!*conn)
        wrong = "conn: which call";
    else if (!data)
        wrong = "ixn: nobody has it whom you have asked";
    else if (strcmp(op, "transfer") != 0 && strcmp(op, "consult") != 0)
        wrong = "ixn: it goes with transfer and consult only";
    else if (!*phone_text_of(filled, "to"))
        wrong = "to: a number; the desk's setting `asks_to` names none";
    if (!wrong) phone_attach(phone->agent, conn, json_incref(data));
    if (!wrong) phone_operate(phone, filled, id);
    json_decref(data), json_decref(filled);
    return wrong;
}

/* ---- a colleague's name in place of a number ---- */

static bool phone_is_name(const char *text)
{
    for (; *text; text++)
        if (g_ascii_isalpha(*text) || (unsigned char)*text >= 0x80) return true;
    return false;
}

static bool naming_is(struct span name, const char *wanted)
{
    char *own = g_strndup((const char *)name.bytes, name.length), *one = g_utf8_casefold(own, -1),
         *other = g_utf8_casefold(wanted, -1);
    bool same = strcmp(one, other) == 0;
    g_free(own), g_free(one), g_free(other);
    return same;
}

static bool naming_ask(struct naming *naming)
{
    struct desk *desk = naming->desk;
    struct writer *writer = desk_core_begin(desk, KIND_Read);
    writer_u(writer, Read_token, naming->token);
    writer_u(writer, Read_what, object_agent);
    writer_u(writer, Read_after, naming->next);
    writer_u(writer, Read_count, NAMING_ROWS);
    writer_text(writer, Read_asker, naming->agent);
    return desk->services->read(desk->link, writer_end(writer));
}

void phone_naming_free(gpointer given)
{
    struct naming *naming = given;
    json_decref(naming->message);
    free(naming);
}

/* Looks up a colleague's name; false: the core cannot be asked now. */
static bool naming_begin(struct desk_agent *agent, const json_t *message, json_int_t id)
{
    struct desk *desk = agent->desk;
    struct naming *naming = memory_zeroed(1, sizeof *naming);
    naming->desk = desk;
    naming->token = ++desk->requests;
    naming->message = json_copy((json_t *)message);
    naming->id = id;
    naming->ticket = agent->ticket;
    text_set(naming->agent, sizeof naming->agent, agent->name);
    bool asked = g_hash_table_size(desk->namings) < NAMINGS_MAX && naming_ask(naming);
    if (asked)
        g_hash_table_insert(desk->namings, &naming->token, naming);
    else
        phone_naming_free(naming);
    return asked;
}

static void naming_look(struct naming *naming, struct span row)
{
    const char *wanted = phone_text_of(naming->message, "to");
    struct kv_value name, display, dn;
    bool named = kv_get(row, "name", &name) && name.tag == KV_TEXT && naming_is(name.span, wanted);
    bool shown = kv_get(row, "display", &display) && display.tag == KV_TEXT && naming_is(display.span, wanted);
    if (!named && !shown) return;
    naming->found++;
    *naming->dn = 0;
    if (kv_get(row, "dn", &dn) && dn.tag == KV_TEXT) text_set_span(naming->dn, sizeof naming->dn, dn.span);
}

static void naming_goes_on(const struct naming *naming)
{
    struct desk_agent *agent = g_hash_table_lookup(naming->desk->agents, naming->agent);
    const char *code = "invalid_destination", *why = NULL;
    if (!agent) return;
    if (naming->found > 1) why = "Several colleagues are called so: write the number of the one you mean.";
    if (naming->found == 1 && !*naming->dn) why = "This colleague is at no telephone at present.";
    if (!why && (!agent->phone || !agent->phone->ready)) {
        code = "away";
        why = "The telephone is not logged in, or the T-Server is away.";
    }
    if (why) {
        agent_reply(agent, naming->ticket, naming->id, code, why, NULL);
        return;
    }
    if (naming->found == 1) json_object_set_new(naming->message, "to", json_string(naming->dn));
    phone_operate(agent->phone, naming->message, naming->ticket == agent->ticket ? naming->id : 0);
}

void phone_named(struct desk *desk, const struct message *reply)
{
    uint64_t token = message_u(reply, ReadReply_token);
    struct naming *naming = g_hash_table_lookup(desk->namings, &token);
    struct span value = message_text(reply, ReadReply_value);
    struct kv_pair pair;
    if (!naming) return;
    naming->next = 0;
    for (uint32_t at = 0; kv_next(value, &at, &pair);) {
        if (span_is(pair.key, "agent") && pair.value.tag == KV_LIST) naming_look(naming, pair.value.span);
        if (span_is(pair.key, "next") && pair.value.tag == KV_INT) naming->next = (uint64_t)pair.value.word;
    }
    if (naming->next != 0 && naming_ask(naming)) return;
    naming_goes_on(naming);
    g_hash_table_remove(desk->namings, &token);
}

/* The core is away: the requests go on with the names as they were written. */
void phone_namings_away(struct desk *desk)
{
    GHashTableIter at;
    gpointer naming;
    g_hash_table_iter_init(&at, desk->namings);
    while (g_hash_table_iter_next(&at, NULL, &naming)) naming_goes_on(naming);
    g_hash_table_remove_all(desk->namings);
}

/* ---- the browser ---- */

/* Returns the number that the setting `call_queues` gives to the name; NULL: none. */
static const char *phone_queue_number(const struct desk *desk, const char *name)
{
    size_t length = strlen(name);
    for (char **one = desk->setting.all_call_queues; one && *one; one++)
        if (g_ascii_strncasecmp(*one, name, length) == 0 && (*one)[length] == '=') return *one + length + 1;
    return NULL;
}

static const char *phone_checked(struct phone *phone, const json_t *message, json_int_t id, const char **code)
{
    const char *op = phone_text_of(message, "op");
    unsigned needs = ops[phone_op(op)].needs;
    const char *lacks = phone_lacks(needs, message);
    if (lacks) return lacks;
    if (strcmp(op, "take_over") == 0 && phone->no_take_over) return phone_no_take_over(phone);
    if (strcmp(op, "logout") == 0 && phone_calls(phone->agent) > 0) {
        *code = "invalid_state";
        return "You have a call: end it or hand it on, then log out.";
    }
    const char *queue = (needs & TO) ? phone_queue_number(phone->agent->desk, phone_text_of(message, "to")) : NULL;
    if (queue) {
        json_t *numbered = json_copy((json_t *)message);
        json_object_set_new(numbered, "to", json_string(queue));
        phone_operate(phone, numbered, id);
        json_decref(numbered);
        return NULL;
    }
    if ((needs & TO) && phone_is_name(phone_text_of(message, "to")) && naming_begin(phone->agent, message, id))
        return NULL;
    phone_operate(phone, message, id);
    return NULL;
}

const char *phone_ask(struct desk_agent *agent, const json_t *message, json_int_t id, const char **code)
{
    const char *op = phone_text_of(message, "op");
    *code = "unsupported";
    if (!*agent->desk->setting.tserver) return "There is no telephone at this desk: `tserver` is not set.";
    if (strcmp(op, "login") == 0) return phone_begin(agent, message, id);
    if (!agent->phone || !agent->phone->ready) return "The telephone is not logged in, or the T-Server is away.";
    if (phone_op(op) == sizeof ops / sizeof *ops) return "op: the T-Server's wire has none";
    if (*phone_text_of(message, "ixn")) return phone_to_worker(agent->phone, message, id);
    return phone_checked(agent->phone, message, id, code);
}
