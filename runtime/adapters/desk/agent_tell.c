/* runtime/adapters/desk/agent_tell.c - Browsers of agents are told something, or get the reply to a message. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"

enum { NOTICES_MAX = 20 }; /* for an agent whose page is away; the last ones */

/* What no welcome says: it waits for the next page. */
static void tell_later(struct desk_agent *agent, json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    if (!type || (strcmp(type, "notice") != 0 && strcmp(type, "refused") != 0)) return;
    if (!agent->notices) agent->notices = json_array();
    if (json_array_size(agent->notices) == NOTICES_MAX) json_array_remove(agent->notices, 0);
    json_array_append(agent->notices, message);
}

void agent_tell(struct desk_agent *agent, json_t *message)
{
    if (agent->ticket == 0) tell_later(agent, message);
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

void agent_notice(struct desk_agent *agent, const char *code, const char *text)
{
    agent_tell(agent, json_pack("{s:s, s:s, s:s}", "type", "notice", "code", code, "text", text));
}

void agent_notices(struct desk_agent *agent)
{
    for (size_t i = 0; i < json_array_size(agent->notices); i++)
        agent_tell(agent, json_incref(json_array_get(agent->notices, i)));
    json_decref(agent->notices);
    agent->notices = NULL;
}

/* A sentence for people; NULL: there is none for this code. */
static const char *agent_sentence(const char *code)
{
    static const struct {
        const char *code, *text;
    } all[] = {
#define SENTENCE(code, text) {#code, text},
#include "runtime/adapters/desk/codes.def"
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].code, code) == 0) return all[i].text;
    return NULL;
}

const char *agent_told(const char *text)
{
    static const struct {
        const char *text, *sentence;
    } all[] = {
#define TOLD(text, sentence) {text, sentence},
#include "runtime/adapters/desk/codes.def"
    };
    for (size_t i = 0; text && i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].text, text) == 0) return all[i].sentence;
    return "";
}

void agent_reply(struct desk_agent *agent, uint64_t ticket, json_int_t id, const char *code, const char *text,
                 json_t *more)
{
    json_t *reply = more ? more : json_object();
    if (code && (!text || !*text || strcmp(text, code) == 0)) text = agent_sentence(code);
    json_object_set_new(reply, "type", json_string("reply"));
    json_object_set_new(reply, "id", json_integer(id));
    json_object_set_new(reply, "ok", json_boolean(!code));
    if (code) json_object_set_new(reply, "code", json_string(code));
    if (text && *text) json_object_set_new(reply, "text", json_string(text));
    if (agent && agent->ticket == ticket)
        agent_tell(agent, reply);
    else
        json_decref(reply);
}
