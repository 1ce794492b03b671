/* runtime/adapters/desk/said.c - A browser's message: its fields, what its agent may do by it, and its refusal.
 *
 * Each function here that refuses tells the agent itself and returns false or NULL: its caller only returns. What an
 * agent may do depends on the item (theirs, a queue's, another agent's) and on the role of the session, by the table
 * behind authority_allows(). */
#include "runtime/adapters/desk/said.h"

#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/vocabulary/bytes.h"

bool said_refuse(const struct desk_said *said, const char *code, const char *text)
{
    struct desk *desk = said->desk;
    refused_tell(desk->link, desk->services, REFUSED_desk_desk_said, "agent=%s %s: %s", said->agent->name, code, text);
    agent_reply(said->agent, said->agent->ticket, said->id, code, text, NULL);
    return false;
}

const char *said_text(const struct desk_said *said, const char *key)
{
    const char *text = json_string_value(json_object_get(said->message, key));
    return text ? text : "";
}

uint64_t said_number(const struct desk_said *said, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(said->message, key));
}

struct desk_request *said_ask(const struct desk_said *said, unsigned kind)
{
    return core_ask(said->agent, kind, said->ixn, said->id);
}

struct writer *said_writer(const struct desk_said *said)
{
    return &said->desk->writer;
}

/* The agent's open item; NULL: they have none, and are told. */
static struct item *said_item(const struct desk_said *said)
{
    struct item *item = item_of(said->agent, said->ixn);
    if (item && item->open) return item;
    said_refuse(said, "unknown", "You do not have this interaction.");
    return NULL;
}

/* ---- what they may ---- */

/* `supervises`: an agent might not do it, so it is the role of a supervisor that lets them. */
bool said_may(const struct desk_said *said, enum act act, bool *supervises)
{
    enum claim_kind kind = item_kind(item_of(said->agent, said->ixn));
    *supervises = !authority_allows(act, kind, AUTHORITY_agent);
    if (authority_allows(act, kind, desk_role_of_session(said->agent->session))) return true;
    return said_refuse(said, kind == claim_kind_none ? "unknown" : "no_privilege", authority_refusal(kind));
}

struct item *said_item_for(const struct desk_said *said, enum act act)
{
    bool supervises; /* over what they have not got: then there is no item, and they are told so */
    return said_may(said, act, &supervises) ? said_item(said) : NULL;
}

bool said_shows_queue(const struct desk_said *said, const char *name, bool outbound)
{
    const struct desk *desk = said->desk;
    bool sends = outbound && *name && strcmp(name, desk->setting.outbound) == 0;
    if (sends || desk_shows_queue(desk, name)) return true;
    return said_refuse(said, "no_privilege", "This queue is not one of the desk's: its setting `queues` names them.");
}

bool said_shows_workbin(const struct desk_said *said, const char *name)
{
    if (desk_shows_workbin(said->desk, name)) return true;
    return said_refuse(said, "no_privilege",
                       "This workbin is not one of the desk's: its setting `workbins` names them.");
}

/* Also under the name of an agent who has logged out meanwhile. The count is by name and not by connection, so a page
 * that is loaded anew begins no new minute. */
bool said_may_begin(const struct desk_said *said)
{
    struct desk *desk = said->desk;
    uint64_t now = desk_now_us(desk);
    if (now - desk->begun_us >= 60 * SECOND_US) {
        g_hash_table_remove_all(desk->begun);
        desk->begun_us = now;
    }
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(desk->begun, said->agent->name));
    if (count >= desk->setting.begins_per_minute)
        return said_refuse(said, "busy", "You have begun very many messages in this minute: wait until it is over.");
    g_hash_table_replace(desk->begun, g_strdup(said->agent->name), GUINT_TO_POINTER(count + 1));
    return true;
}
