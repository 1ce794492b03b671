/* runtime/adapters/desk/agent_tell.c - Browsers of agents are told something, or get the reply to a message. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"

void agent_tell(struct desk_agent *agent, json_t *message)
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

void agent_notice(struct desk_agent *agent, const char *code, const char *text)
{
    agent_tell(agent, json_pack("{s:s, s:s, s:s}", "type", "notice", "code", code, "text", text));
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
