/* runtime/adapters/desk/agent_tell.c - Sends messages to browsers of agents, and replies to their messages.
 *
 *     notices   [18] [19] [20]          kept until the page says that it has them
 *     noticed   20                      the number of the last
 *     door_mark(20)  ->  desk_agent_has(19)      [20] is left
 *
 * Most messages may get lost: after a break the page gets a welcome, which contains the whole present state. Messages
 * that are sent once, notices and refusals, are in no welcome. Notices and refusals are therefore kept and sent again,
 * so a page may get one twice. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/console/console.h"

enum { NOTICES_MAX = 20 }; /* so many of the newest notices are kept, which the page may not have */

/* Must the message be kept until the page has it? True for notices and refusals: a welcome does not repeat them, and a
 * connection may be dead before anybody notices. */
static bool tell_keeps(struct desk_agent *agent, json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    if (!type || (strcmp(type, "notice") != 0 && strcmp(type, "refused") != 0)) return false;
    if (!agent->notices) agent->notices = json_array();
    if (json_array_size(agent->notices) == NOTICES_MAX) json_array_remove(agent->notices, 0);
    json_array_append(agent->notices, message);
    agent->noticed++;
    return true;
}

static void tell_now(const struct desk_agent *agent, const json_t *message)
{
    char *text = agent->ticket != 0 ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text) door_say(agent->desk->door, agent->ticket, text);
    free(text);
}

void agent_tell(struct desk_agent *agent, json_t *message)
{
    bool keeps = tell_keeps(agent, message);
    tell_now(agent, message);
    if (keeps && agent->ticket != 0) door_mark(agent->desk->door, agent->ticket, agent->noticed);
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

const char *agent_notice_form(enum noted noted)
{
    static const char *const all[] = {
#define NOTED(name, form) form,
#include "runtime/adapters/desk/codes.def"
    };
    return all[noted];
}

char *agent_sentence_of(const char *form, const json_t *values)
{
    GString *text = g_string_new(NULL);
    for (const char *at = form; *at;) {
        size_t plain = strcspn(at, "{");
        g_string_append_len(text, at, (gssize)plain);
        at += plain;
        const char *end = *at ? strchr(at, '}') : NULL;
        if (!end) continue;
        char *name = g_strndup(at + 1, (gsize)(end - at - 1));
        const char *value = json_string_value(json_object_get(values, name));
        g_string_append(text, value && *value ? value : "The other side");
        g_free(name);
        at = end + 1;
    }
    return g_string_free(text, FALSE);
}

void agent_notice_of(struct desk_agent *agent, const char *code, const char *form, json_t *values, const char *more)
{
    char *sentence = agent_sentence_of(form, values);
    char *text = g_strconcat(sentence, more ? " " : "", more, NULL);
    agent_tell(agent, json_pack("{s:s, s:s, s:s, s:s, s:o, s:s*}", "type", "notice", "code", code, "text", text, "form",
                                form, "values", values, "more", more));
    g_free(sentence), g_free(text);
}

void agent_notices(struct desk_agent *agent)
{
    for (size_t i = 0; i < json_array_size(agent->notices); i++) tell_now(agent, json_array_get(agent->notices, i));
    if (json_array_size(agent->notices) > 0) door_mark(agent->desk->door, agent->ticket, agent->noticed);
}

/* The page has the notices up to `number`, so they are no longer kept. `noticed - number` is how many came after
 * that. */
void desk_agent_has(void *self, uint64_t ticket, uint32_t number)
{
    struct desk_agent *agent = g_hash_table_lookup(((struct desk *)self)->tickets, &ticket);
    console_has_text(((struct desk *)self)->console, ticket, number);
    while (agent && json_array_size(agent->notices) > agent->noticed - number) json_array_remove(agent->notices, 0);
}

/* Returns a sentence for people; NULL: there is none for this code. */
const char *agent_sentence(const char *code)
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

/* Only the connection that sent the message gets the reply: a page that was loaded again meanwhile does not know it. */
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
