/* runtime/adapters/desk/item.c - Items: interactions that an agent is offered or has.
 *
 * The core's Invite makes an item; it opens when the agent has the interaction, and item_end() removes it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

void item_free(gpointer data)
{
    struct item *item = data;
    who_waits_no_more(item);
    json_decref(item->shown);
    json_decref(item->held);
    free(item);
}

struct item *item_of(const struct desk_agent *agent, uint64_t ixn)
{
    return g_hash_table_lookup(agent->items, &ixn);
}

struct item *item_new(struct desk_agent *agent, uint64_t ixn)
{
    assert(!item_of(agent, ixn));
    struct item *item = memory_zeroed(1, sizeof *item);
    item->agent = agent;
    item->ixn = ixn;
    g_hash_table_replace(agent->items, &item->ixn, item);
    return item;
}

/* True: the agent only observes the interaction. */
static bool item_is_looked_at(const struct item *item)
{
    return item->kind == claim_kind_monitor;
}

/* True: another agent has the interaction, and has asked this one, or both write to the customer. */
static bool item_is_beside(const struct item *item)
{
    return item->kind == claim_kind_consulted || item->kind == claim_kind_party;
}

/* True: it is a chat whose customer has typed an address and is not verified. Who only observes it is noted, too: the
 * contact who has the address is closed to them as well (store_closed()). */
static bool item_is_typed(const struct item *item)
{
    return json_is_false(json_object_get(json_object_get(item->shown, "data"), "address_verified"));
}

/* Returns the item for the page: an offer with the time that is left, or an open interaction; with what the agent
 * may do. */
json_t *item_told_json(struct item *item)
{
    assert(item->shown);
    uint64_t now = desk_now_us(item->agent->desk);
    json_t *told = json_copy(item->shown);
    if (item->open && item->held) json_object_set(told, "held", item->held);
    if (!item->open) json_object_del(told, "others");
    if (!item->open) json_object_del(told, "watchers");
    json_object_set_new(told, "type", json_string(item->open ? "opened" : "offer"));
    json_object_set_new(told, "as", json_string(enum_name_claim_kind(item_kind(item))));
    json_object_set_new(told, "may", item_rights(item));
    if (!item->open && item->until_us > 0)
        json_object_set_new(told, "countdown",
                            json_integer(item->until_us > now ? (json_int_t)(item->until_us - now) / 1000 : 0));
    return told;
}

/* Sends the item to its agent's page. An awaited item is sent only when the interaction has come. */
void item_tell(struct item *item)
{
    if (!item->awaited) agent_tell(item->agent, item_told_json(item));
}

static void item_tell_end(const struct item *item, const char *reason)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(item->ixn, ixn);
    agent_tell(item->agent, json_pack("{s:s, s:s, s:I, s:s}", "type", item->open ? "closed" : "revoked", "ixn", ixn,
                                      "claim", (json_int_t)item->claim, "reason", reason));
}

static void item_note_agent(struct item *item)
{
    struct desk *desk = item->agent->desk;
    bool looks = item_is_looked_at(item);
    if (item->stored == 0 || (looks && !item_is_typed(item))) return;
    struct desk_job *job = desk_job_new(
        desk, json_pack("{s:I, s:O*, s:O*, s:b}", "interaction", (json_int_t)item->stored, "of",
                        json_object_get(item->shown, "external_id"), "of_media", json_object_get(item->shown, "media"),
                        "beside", (int)(looks || item_is_beside(item))));
    if (item->opened_us == 0) item->opened_us = job->wall_us;
    job->wall_us = item->opened_us;
    text_set(job->agent, sizeof job->agent, item->agent->name);
    job->work = desk_keep_agent;
    who_changes(job, item);
    desk_job_give(desk, job);
}

static void item_note_given_back(const struct item *item)
{
    if (item->stored == 0 || !item->open || item_is_looked_at(item)) return;
    struct desk_job *job = desk_job_new(item->agent->desk, json_pack("{s:I}", "interaction", (json_int_t)item->stored));
    text_set(job->agent, sizeof job->agent, item->agent->name);
    job->work = desk_keep_given_back;
    who_changes(job, item);
    job->done = who_follows;
    desk_job_give(item->agent->desk, job);
}

void item_opens(struct item *item)
{
    assert(item->shown);
    item->open = true;
    item->awaited = false;
    item->until_us = 0;
    item_note_agent(item);
    item_tell(item);
}

void item_end(struct item *item, const char *reason)
{
    struct desk *desk = item->agent->desk;
    uint64_t ixn = item->ixn;
    bool told = item->looks != LOOKS_NOT;
    item_note_given_back(item);
    if (reason) item_tell_end(item, reason);
    g_hash_table_remove(item->agent->items, &item->ixn);
    if (told) looks_tell(desk, ixn);
}

void item_awaits(struct item *item)
{
    assert(!item->open);
    item_tell_end(item, "accepted");
    item->awaited = true;
}

bool item_is_of(const struct item *item, const char *media)
{
    const char *own = json_string_value(json_object_get(item->shown, "media"));
    return !media || (own && strcmp(own, media) == 0);
}

unsigned agent_has(const struct desk_agent *agent, const char *media)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct item *item = value;
        count += item->open && item_is_of(item, media) && !item_is_looked_at(item) && !item->held;
    }
    return count;
}
