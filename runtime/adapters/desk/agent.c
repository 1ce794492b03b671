/* runtime/adapters/desk/agent.c - Agents at desks: their connections, and what they are offered and have.
 *
 * An agent is there from the first connection until it logs out, or until its connection is gone for `grace`.
 * Meanwhile the session may change and the connection, too: `ticket` names the present one, 0 none. An agent has one
 * connection; a second window takes over, and the first is closed (GONE_TAKEN).
 *
 * Items are what the agent is offered or has, by interaction: made by the core's Invite, opened when the agent has
 * it, ended by item_end(). A browser that comes back is told all of it by one message, `welcome`: so a page never asks
 * for what it has, and keeps nothing that is not said again. */
#include <assert.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/asks.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/memory.h"

void agent_tell(struct agent *agent, json_t *message)
{
    char *text = agent->ticket != 0 ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text) door_say(agent->desk->door, agent->ticket, text);
    free(text);
    json_decref(message);
}

void agents_tell(struct desk *desk, json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) agent_tell(value, json_incref(message));
    json_decref(message);
}

/* ---- what they have ---- */

static void item_free(gpointer data)
{
    struct item *item = data;
    json_decref(item->shown);
    free(item);
}

struct item *item_of(const struct agent *agent, uint64_t ixn)
{
    return g_hash_table_lookup(agent->items, &ixn);
}

struct item *item_new(struct agent *agent, uint64_t ixn)
{
    assert(!item_of(agent, ixn));
    struct item *item = memory_zeroed(1, sizeof *item);
    item->agent = agent;
    item->ixn = ixn;
    g_hash_table_replace(agent->items, &item->ixn, item);
    return item;
}

bool item_is_looked_at(const struct item *item)
{
    return item->kind == claim_kind_monitor;
}

void agent_notice(struct agent *agent, const char *code, const char *text)
{
    agent_tell(agent, json_pack("{s:s, s:s, s:s}", "type", "notice", "code", code, "text", text));
}

/* An offer with the time that is left, or an interaction that is open; with what the agent may do. */
static json_t *item_told_json(struct item *item)
{
    assert(item->shown);
    uint64_t now = now_us(item->agent->desk);
    json_t *told = json_copy(item->shown);
    if (!item->open) json_object_del(told, "others");
    json_object_set_new(told, "type", json_string(item->open ? "opened" : "offer"));
    json_object_set_new(told, "as", json_string(enum_name_claim_kind(item_kind(item))));
    json_object_set_new(told, "may", item_rights(item));
    if (!item->open && item->until_us > 0)
        json_object_set_new(told, "countdown",
                            json_integer(item->until_us > now ? (json_int_t)(item->until_us - now) / 1000 : 0));
    return told;
}

/* One that is awaited is told when it has come. */
void item_tell(struct item *item)
{
    if (!item->awaited) agent_tell(item->agent, item_told_json(item));
}

static void item_tell_end(const struct item *item, const char *reason)
{
    char ixn[IXN_TEXT];
    ixn_print(item->ixn, ixn);
    agent_tell(item->agent, json_pack("{s:s, s:s, s:I, s:s}", "type", item->open ? "closed" : "revoked", "ixn", ixn,
                                      "claim", (json_int_t)item->claim, "reason", reason));
}

void item_end(struct item *item, const char *reason)
{
    item_tell_end(item, reason);
    g_hash_table_remove(item->agent->items, &item->ixn);
}

void item_awaits(struct item *item)
{
    assert(!item->open);
    item_tell_end(item, "accepted");
    item->awaited = true;
}

/* ---- coming and going ---- */

struct agent *agent_new(struct desk *desk, const char *name)
{
    struct agent *agent = memory_zeroed(1, sizeof *agent);
    agent->desk = desk;
    text_set(agent->name, sizeof agent->name, name);
    agent->client = ++desk->clients;
    agent->gone_us = now_us(desk);
    agent->states = json_object();
    agent->reasons = json_object();
    agent->items = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, item_free);
    g_hash_table_insert(desk->agents, agent->name, agent);
    return agent;
}

/* Requests that are under way are answered to nobody. */
void agent_free(gpointer data)
{
    struct agent *agent = data;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, agent->desk->asked);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct request *request = value;
        if (request->agent == agent) request->agent = NULL;
    }
    phone_free(agent->phone);
    json_decref(agent->states);
    json_decref(agent->reasons);
    json_decref(agent->told);
    g_hash_table_destroy(agent->items);
    free(agent);
}

static void agent_detach(struct agent *agent)
{
    assert(agent->ticket != 0);
    g_hash_table_remove(agent->desk->tickets, &agent->ticket);
    agent->ticket = 0;
    agent->session = NULL;
    agent->gone_us = now_us(agent->desk);
}

json_t *agent_states_json(const struct agent *agent)
{
    if (agent->told) return json_incref(agent->told);
    return json_pack("{s:s, s:s, s:O}", "type", "states", "agent", agent->name, "states", agent->states);
}

/* All that the page shows, whole: what it had before and is not in here is gone. */
static void agent_welcome(struct agent *agent)
{
    struct desk *desk = agent->desk;
    GHashTableIter at;
    gpointer value;
    json_t *items = json_array();
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (!((struct item *)value)->awaited) json_array_append_new(items, item_told_json(value));
    asks_put_all(agent, items);
    agent_tell(agent, json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "type", "welcome", "agent", agent->name, "core",
                                desk->services->up(desk->link), "states", agent_states_json(agent), "items", items,
                                "phone", phone_shown(agent)));
}

/* The agent is told everything before the core hears that it is there, so that no offer comes first. */
void agent_connects(struct desk *desk, struct session *session, struct evhttp_request *http)
{
    uint64_t ticket = door_upgrade(desk->door, http);
    if (ticket == 0) return;
    struct agent *agent = g_hash_table_lookup(desk->agents, session->agent);
    if (!agent) agent = agent_new(desk, session->agent);
    bool was_there = agent->ticket != 0;
    if (was_there) {
        uint64_t before = agent->ticket;
        watch_forget(agent);
        agent_detach(agent);
        door_end(desk->door, before, GONE_TAKEN, "the agent went on in another window");
    }
    assert(agent->ticket == 0); /* an agent has one connection */
    agent->session = session;
    phone_resume(agent);
    agent->ticket = ticket;
    g_hash_table_insert(desk->tickets, &agent->ticket, agent);
    agent_welcome(agent);
    phone_page_is_back(agent);
    if (!was_there) core_client(agent, true);
    desk_core_watch(agent, object_agent, agent->name, NULL, true, 0);
}

const char *agent_shown_as(const struct agent *agent)
{
    return *agent->display ? agent->display : agent->name;
}

bool agent_may_sit(const struct agent *agent, const char *place)
{
    const char *media;
    json_t *state;
    if (strcmp(place, agent->place) == 0) return true;
    json_object_foreach(agent->states, media,
                        state) if (strcmp(json_string_value(state), "logged_out") != 0) return false;
    return true;
}

static bool item_is_of(const struct item *item, const char *media)
{
    const char *own = json_string_value(json_object_get(item->shown, "media"));
    return !media || (own && strcmp(own, media) == 0);
}

unsigned agent_has(const struct agent *agent, const char *media)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct item *item = value;
        count += item->open && item_is_of(item, media) && !item_is_looked_at(item);
    }
    return count;
}

static void agent_leave(struct agent *agent)
{
    assert(agent->ticket != 0);
    watch_forget(agent);
    agent_detach(agent);
    core_client(agent, false);
}

void desk_agent_gone(void *self, uint64_t ticket)
{
    struct desk *desk = self;
    struct agent *agent = g_hash_table_lookup(desk->tickets, &ticket);
    if (agent) agent_leave(agent);
}

/* The agent is freed here; its requests are still under way, and are answered to nobody. */
void agent_logs_out(struct agent *agent)
{
    struct desk *desk = agent->desk;
    if (agent->ticket != 0) agent_leave(agent);
    phone_leaves(agent);
    for (const char *const *one = media_of_desks; *one; one++)
        if (json_object_get(agent->states, *one))
            core_state(agent, (enum media)enum_value_media(*one, (uint32_t)strlen(*one)), agent_state_logged_out,
                       agent->place, NULL, 0);
    remember_agent_over(agent);
    g_hash_table_remove(desk->agents, agent->name);
}

void agent_tick(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->agents);
    uint64_t now = now_us(desk);
    for (GList *one = all; one; one = one->next) {
        struct agent *agent = one->data;
        phone_tick(agent);
        if (agent->ticket == 0 && now - agent->gone_us >= desk->setting.grace * SECOND_US) agent_logs_out(agent);
    }
    g_list_free(all);
}
