/* runtime/adapters/desk/said.c - Handling a browser's message: its fields, whether the agent may do it, and its
 * refusal.
 *
 * Each function here that refuses sends the reply itself and returns false or NULL: its caller only returns. What an
 * agent may do depends on the item (the agent's own, a queue's, another agent's) and on the role of the session, by
 * the table that authority_allows() reads. */
#include "runtime/adapters/desk/said.h"

#include <assert.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/media.h"

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

/* Returns the agent's open item that the message names; NULL: there is none, and the message is refused. */
static struct item *said_item(const struct desk_said *said)
{
    struct item *item = item_of(said->agent, said->ixn);
    if (item && item->open) return item;
    said_refuse(said, "unknown", "You do not have this interaction.");
    return NULL;
}

/* ---- rights ---- */

/* May the agent do this? `supervises`: an agent could not do it, but the role of a supervisor allows it. */
bool said_may(const struct desk_said *said, enum act act, bool *supervises)
{
    enum claim_kind kind = item_kind(item_of(said->agent, said->ixn));
    *supervises = !authority_allows(act, kind, AUTHORITY_agent);
    if (authority_allows(act, kind, desk_role_of_session(said->agent->session))) return true;
    return said_refuse(said, kind == claim_kind_none ? "unknown" : "no_privilege", authority_refusal(kind));
}

struct item *said_item_for(const struct desk_said *said, enum act act)
{
    bool supervises; /* here the agent must have the item, or is refused; a supervisor may act on items of others */
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

/* May the agent write once more to somebody who has not written? The message is counted under the agent's name, even if
 * the agent has logged out meanwhile. The count is by name and not by connection, so loading the page again begins no
 * new minute. */
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

/* ---- the store first ---- */

void said_keep(const struct desk_said *said, struct desk_job *job)
{
    assert(job->done); /* said_kept() is called there */
    text_set(job->agent, sizeof job->agent, said->agent->name);
    text_set(job->called, sizeof job->called, agent_shown_as(said->agent));
    job->ticket = said->agent->ticket;
    job->id = said->id;
    said->agent->kept++;
    desk_job_give(said->desk, job);
}

struct desk_agent *said_kept(struct desk *desk, const struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    bool away = !job->good && store_again(&job->error);
    if (!agent) return NULL;
    if (agent->kept > 0) agent->kept--;
    if (job->good && desk->services->up(desk->link)) return agent;
    agent_reply(agent, job->ticket, job->id,
                job->good ? "away"
                : away    ? "store"
                          : "invalid",
                job->good || away ? NULL : job->error.text, NULL);
    return NULL;
}

/* ---- the end ---- */

bool said_end_is_kept(const struct item *item)
{
    const char *media = item ? json_string_value(json_object_get(item->shown, "media")) : NULL;
    return media && item->stored != 0 &&
           !media_is_conversation((enum media)enum_value_media(media, (uint32_t)strlen(media)));
}

void said_keep_end(const struct item *item, const char *result)
{
    struct desk *desk = item->agent->desk;
    if (!said_end_is_kept(item)) return;
    struct desk_job *job =
        desk_job_new(desk, json_pack("{s:I, s:s, s:O*, s:O}", "interaction", (json_int_t)item->stored, "result", result,
                                     "of", json_object_get(item->shown, "external_id"), "of_media",
                                     json_object_get(item->shown, "media")));
    text_set(job->agent, sizeof job->agent, item->agent->name);
    job->work = desk_keep_agent;
    who_changes(job, item);
    desk_job_give(desk, job);
}

void said_ended(struct desk_request *request, const struct message *reply, bool good)
{
    assert(request->more);
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    (void)reply;
    if (good && request->agent) held_done(request->agent->desk, request->ixn);
    if (!item || !good) return;
    said_keep_end(item, json_string_value(request->more));
    item_end(item, "done");
}
