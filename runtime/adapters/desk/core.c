/* runtime/adapters/desk/core.c - The core's side: events that are posted in their order, requests and their answers.
 *
 * Three kinds of traffic with the core. Requests have a number (`req`) and wait in desk->asked until a Reply has it,
 * or the core goes away; core_ask() begins the event, the caller writes its fields, core_send() posts it. Nothing
 * else may be begun in between, as there is one writer. Events without an answer (core_client, resync) are begun and
 * posted. Effects come in by desk_perform().
 *
 * After a restart of either side the core asks for a resync: ResyncBegin, the states of all agents, ResyncEnd. The
 * core then shows again what each agent has; `seen` finds the items that it does not show any more (all_shown). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/asks.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/memory.h"

uint64_t now_us(const struct desk *desk)
{
    return desk->services->now_us(desk->link);
}

/* ---- posting ---- */

struct writer *desk_core_begin(struct desk *desk, unsigned kind)
{
    writer_clear(&desk->writer);
    writer_begin(&desk->writer, kind);
    return &desk->writer;
}

void desk_core_post(struct desk *desk)
{
    outbox_post(&desk->asks.outbox, writer_end(&desk->writer));
}

/* ---- requests ---- */

void desk_request_free(gpointer data)
{
    struct request *request = data;
    json_decref(request->more);
    free(request);
}

/* The request stands in the table before it is sent, so that its answer finds it however fast it comes. */
struct request *core_ask(struct agent *agent, unsigned kind, uint64_t ixn, json_int_t id)
{
    struct desk *desk = agent->desk;
    struct request *request = memory_zeroed(1, sizeof *request);
    request->req = ++desk->requests;
    request->ticket = agent->ticket;
    request->agent = agent;
    request->ixn = ixn;
    request->id = id;
    g_hash_table_insert(desk->asked, &request->req, request);
    struct writer *writer = desk_core_begin(desk, kind);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_i(writer, ENVELOPE_at, (int64_t)desk->services->wall_us(desk->link));
    writer_u(writer, ENVELOPE_client, agent->client);
    writer_u(writer, ENVELOPE_req, request->req);
    writer_text(writer, ENVELOPE_actor, agent->name);
    return request;
}

/* An event that the core could not take is not posted: the browser hears that at once. */
void core_send(struct request *request)
{
    assert(request->agent); /* core_ask() has just named the one who asks */
    struct desk *desk = request->agent->desk;
    struct span frame = writer_end(&desk->writer);
    struct message message;
    struct error error;
    if (message_read(&message, frame.bytes, frame.length, &error) && frame.length <= MESSAGE_EVENT_MAX) {
        outbox_post(&desk->asks.outbox, frame);
        return;
    }
    said_reply(request->agent, request->ticket, request->id, "invalid", "It is more than the core takes.", NULL);
    g_hash_table_remove(desk->asked, &request->req);
}

static json_t *ids_of(struct span value)
{
    json_t *ids = json_array();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(value, &at, &pair))
        if (span_is(pair.key, "id") && pair.value.tag == KV_TEXT)
            json_array_append_new(ids, json_stringn((const char *)pair.value.span.bytes, pair.value.span.length));
    return ids;
}

static void tell_reply(const struct request *request, const struct message *reply, bool good)
{
    assert(request->agent && request->id != 0);
    char ixn[IXN_TEXT];
    json_t *more = json_object();
    struct span text = message_text(reply, Reply_text), value = message_text(reply, Reply_value);
    ixn_print(message_u(reply, ENVELOPE_ixn), ixn);
    if (message_u(reply, ENVELOPE_ixn) != 0) json_object_set_new(more, "ixn", json_string(ixn));
    if (value.length > 0) json_object_set_new(more, "ids", ids_of(value));
    char *shown = g_strndup((const char *)text.bytes, text.length);
    said_reply(request->agent, request->ticket, request->id, good ? NULL : enum_name_code(message_u(reply, Reply_code)),
               shown, more);
    g_free(shown);
}

static void desk_on_reply(struct desk *desk, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req);
    struct request *request = g_hash_table_lookup(desk->asked, &req);
    if (!request) return;
    g_hash_table_steal(desk->asked, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    bool good = outcome == outcome_ok || outcome == outcome_duplicate;
    if (request->agent && request->id != 0 && !request->quiet) tell_reply(request, reply, good);
    if (request->after) request->after(request, reply, good);
    desk_request_free(request);
}

void core_away(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->asked);
    for (GList *one = all; one; one = one->next) {
        struct request *request = one->data;
        if (request->agent && request->id != 0)
            said_reply(request->agent, request->ticket, request->id, "away", "The core went away meanwhile.", NULL);
    }
    asks_away(desk);
    g_list_free(all);
    g_hash_table_remove_all(desk->asked);
}

/* ---- agents ---- */

/* The page has come or gone. Without it the core offers the agent nothing. */
void core_client(struct agent *agent, bool up)
{
    struct writer *writer = desk_core_begin(agent->desk, KIND_EventClient);
    writer_u(writer, ENVELOPE_client, agent->client);
    writer_text(writer, ENVELOPE_actor, agent->name);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, agent->name);
    writer_text(writer, EventClient_place, agent->place);
    desk_core_post(agent->desk);
}

static void dn_of(const struct agent *agent, enum media media, char dn[2 * NAME_SIZE])
{
    snprintf(dn, 2 * NAME_SIZE, "%s.%s", enum_name_media(media), agent->name);
}

static void desk_post_state(struct agent *agent, enum media media, enum agent_state state, const char *reason)
{
    assert(agent->states && agent->reasons);
    const char *name = enum_name_agent_state(state), *of = enum_name_media(media);
    if (state == agent_state_logged_out)
        json_object_del(agent->states, of);
    else
        json_object_set_new(agent->states, of, json_string(name));
    if (reason)
        json_object_set_new(agent->reasons, of, json_string(reason));
    else
        json_object_del(agent->reasons, of);
    remember_agent(agent);
}

static void state_done(struct request *request, const struct message *reply, bool good)
{
    assert(request->more);
    struct agent *agent = request->agent;
    (void)reply;
    if (!good || !agent) return;
    const char *media = enum_name_media((unsigned)json_integer_value(json_object_get(request->more, "media")));
    bool logs_in = !json_object_get(agent->states, media);
    text_set(agent->place, sizeof agent->place, json_string_value(json_object_get(request->more, "place")));
    desk_post_state(agent, (enum media)json_integer_value(json_object_get(request->more, "media")),
                    (enum agent_state)json_integer_value(json_object_get(request->more, "state")),
                    json_string_value(json_object_get(request->more, "reason")));
    watch_tell(agent->desk, object_agent, agent->name, NULL,
               json_pack("{s:s, s:s, s:O, s:O, s:s*, s:s*, s:s*}", "type", "states", "agent", agent->name, "states",
                         agent->states, "reasons", agent->reasons, "display", *agent->display ? agent->display : NULL,
                         "place", *agent->place ? agent->place : NULL, "reason",
                         json_string_value(json_object_get(request->more, "reason"))));
    if (logs_in && agent->ticket != 0) core_client(agent, true); /* the page was there before the agent was */
}

/* The state becomes the agent's here when the core has agreed (state_done), and not before. */
void core_state(struct agent *agent, enum media media, enum agent_state state, const char *place, const char *reason,
                json_int_t id)
{
    assert(place); /* an empty one where the agent sits at none */
    char dn[2 * NAME_SIZE];
    struct request *request = core_ask(agent, KIND_RequestAgentState, 0, id);
    struct writer *writer = &agent->desk->writer;
    request->after = state_done;
    request->more =
        json_pack("{s:i, s:i, s:s, s:s*}", "media", (int)media, "state", (int)state, "place", place, "reason", reason);
    dn_of(agent, media, dn);
    writer_text(writer, RequestAgentState_agent, agent->name);
    writer_text(writer, RequestAgentState_place, place);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, media);
    writer_u(writer, RequestAgentState_state, state);
    if (reason) writer_text(writer, RequestAgentState_label, reason);
    core_send(request);
}

/* An object that the core does not know is watched by nobody. A workbin that is checked is watched by the agent once
 * the core has agreed, and no longer once it refuses. */
static void register_done(struct request *request, const struct message *reply, bool good)
{
    assert(request->more);
    struct agent *agent = request->agent;
    enum object object = (enum object)json_integer_value(json_object_get(request->more, "object"));
    const char *name = json_string_value(json_object_get(request->more, "name"));
    const char *whose = json_string_value(json_object_get(request->more, "whose"));
    (void)reply;
    if (!agent) return;
    if (!watch_is_checked(agent, object, whose)) {
        if (!good) watch_drop(agent->desk, object, name, whose);
    } else if (good) {
        if (agent->ticket != 0 && agent->ticket == request->ticket) (void)watch_add(agent, object, name, whose);
    } else if (watch_remove(agent, object, name, whose)) {
        core_register(agent, object, name, whose, false, 0);
    }
}

/* `supervises`: the core takes our word for the role, as it knows no users. */
void core_register(struct agent *agent, enum object object, const char *name, const char *whose, bool on, json_int_t id)
{
    assert(name);
    struct request *request = core_ask(agent, KIND_RequestRegister, 0, id);
    struct writer *writer = &agent->desk->writer;
    request->after = on ? register_done : NULL;
    request->more = json_pack("{s:i, s:s, s:s*}", "object", (int)object, "name", name, "whose", whose);
    writer_u(writer, RequestRegister_object, object);
    writer_text(writer, RequestRegister_name, name);
    writer_u(writer, RequestRegister_on, on);
    if (whose) writer_text(writer, RequestRegister_whose, whose);
    writer_u(writer, RequestRegister_supervises, agent->session && agent->session->role == ROLE_supervisor);
    core_send(request);
}

/* The core is told of the first who looks and of the last; all others are served from here. */
void desk_core_watch(struct agent *agent, enum object object, const char *name, const char *whose, bool on,
                     json_int_t id)
{
    if (on && watch_is_checked(agent, object, whose)) {
        core_register(agent, object, name, whose, on, id);
        return;
    }
    bool changes = (on ? watch_add : watch_remove)(agent, object, name, whose);
    if (changes)
        core_register(agent, object, name, whose, on, id);
    else if (id != 0)
        said_reply(agent, agent->ticket, id, NULL, NULL, NULL);
}

/* ---- resync ---- */

/* Is the page there? Until it is back the agent is given nothing, and is logged out when the grace is over. */
static void write_desktop(struct writer *writer, const struct agent *agent)
{
    uint64_t grace_us = agent->desk->setting.grace * SECOND_US, gone_us = now_us(agent->desk) - agent->gone_us;
    assert(agent->ticket != 0 || now_us(agent->desk) >= agent->gone_us);
    writer_u(writer, Observed_up, agent->ticket != 0);
    if (agent->ticket == 0)
        writer_i(writer, Observed_desktop_grace, gone_us < grace_us ? (int64_t)(grace_us - gone_us) : 1);
}

/* One state of one medium, as the agent has it; states that the core cannot have are left out. */
static void observe(struct agent *agent, const char *media_name, const char *state_name)
{
    struct desk *desk = agent->desk;
    char dn[2 * NAME_SIZE];
    int media = enum_value_media(media_name, (uint32_t)strlen(media_name));
    int state = enum_value_agent_state(state_name, (uint32_t)strlen(state_name));
    if (media < 0 || !media_at_desks((enum media)media)) return;
    if (state <= 0 || state == agent_state_logged_out) return;
    struct writer *writer = desk_core_begin(desk, KIND_Observed);
    dn_of(agent, (enum media)media, dn);
    writer_u(writer, Observed_what, object_agent);
    writer_u(writer, Observed_media, (uint64_t)media);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, agent->name);
    writer_text(writer, Observed_place, agent->place);
    writer_u(writer, Observed_state, (uint64_t)state);
    write_desktop(writer, agent);
    desk_core_post(desk);
}

static void observe_all(struct agent *agent)
{
    const char *media;
    json_t *state;
    GHashTableIter at;
    gpointer item;
    json_object_foreach(agent->states, media, state) observe(agent, media, json_string_value(state));
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &item)) ((struct item *)item)->seen = false;
}

void desk_observe(struct desk *desk)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) observe_all(value);
}

/* Between the two bounds (asks_perform()) stand what is asked and states; clients and watches are told after them. */
static void desk_resynced(struct desk *desk, const struct message *effect)
{
    (void)effect;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) core_client(value, ((struct agent *)value)->ticket != 0);
    watch_all(desk);
}

/* ---- effects ---- */

/* A row for each effect, and an effect for each row. */
enum {
#define TAKEN(effect, function) EFFECT_ROW_##effect = 1,
#define LEFT(effect)            EFFECT_ROW_##effect = 1,
#include "runtime/adapters/desk/told.def"
};
#define EFFECT(name, number, class, to, deadline, doc)                                                                 \
    _Static_assert(EFFECT_ROW_##name, "told.def has a row for each effect");
#define F(name, field, type)
#define END(name)
#include "runtime/vocabulary/effects.def"

static const struct {
    unsigned kind;
    void (*told)(struct desk *, const struct message *effect);
} effect_rows[] = {
#define TAKEN(effect, function) {KIND_##effect, function},
#include "runtime/adapters/desk/told.def"
};

static void desk_on_read(struct desk *desk, const struct message *reply)
{
    if (unended_answered(desk->unended, reply)) return;
    phone_named(desk, reply);
    read_answered(desk, reply);
}

void desk_perform(void *self, const struct message *effect)
{
    struct desk *desk = self;
    if (asks_perform(desk, effect)) return;
    if (effect->kind == KIND_ReadReply) desk_on_read(desk, effect);
    for (size_t i = 0; i < sizeof effect_rows / sizeof *effect_rows; i++)
        if (effect_rows[i].kind == effect->kind) effect_rows[i].told(desk, effect);
}
