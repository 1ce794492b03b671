/* runtime/adapters/desk/asks.c - Agents ask experts from the desk: each question is a conversation of the medium im.
 *
 * The agent is the conversation's customer, and the desk is the adapter. The page sees a question as one of the
 * agent's interactions (`opened`, `message`, `typing`, `party`, `closed`), with the member `asked`. If the question
 * is about a call, the call is its parent in the core and in the store, and has the question's number in its user
 * data: two interactions, one case.
 *
 *     ask ---> call_in_store (thread) ---> Read: the call's number ---> conversation_new() ---> opened
 *
 * If a colleague at this desk has the question, the colleague's messages are handled here too, as the core lets one
 * link pass messages between its own people. */
#include "runtime/adapter/letters.h"
#include "runtime/adapters/desk/asks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/post/unended.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/state_files.h"
#include "runtime/web/origins.h"
#include "base/utf8.h"

enum {
    ASK_SESSIONS = 5000,
    ASK_MESSAGES = 2000,
    ASK_TEXT = 4000,
    ASK_SUBJECT = 200,
    ASK_TIMEOUT_S = 30,
    ASK_REMEMBERS_S = 3600
};
#define ASK_CLAIM INT64_C(9007199254740991) /* claim of questions in messages to pages: no offer of the core has it */

struct ask {                          /* a conversation */
    struct conversation conversation; /* first */
    char *call;                       /* ConnID of the call that the question is about; "": none */
    GHashTable *saying;               /* of struct ask_saying, by message id: messages on their way to the store */
};

struct ask_saying {     /* a browser's message that still needs a reply */
    char *agent, *text; /* text: what the asker writes; NULL: a colleague writes */
    uint64_t ticket;
    json_int_t id;
};

struct asking { /* a question that waits for the interaction number of its call */
    uint64_t token;
    int64_t stored; /* the call's number in the store */
    json_t *asked;
};

static struct desk *ask_desk(const struct conversation *conversation)
{
    return conversation->all->self;
}

static struct ask *ask_of(struct conversation *conversation)
{
    return (struct ask *)conversation;
}

/* Returns the agent who asks; NULL: that agent is at no desk. */
static struct desk_agent *ask_asker(const struct conversation *conversation)
{
    return g_hash_table_lookup(ask_desk(conversation)->agents, conversation->address);
}

static void ask_saying_free(gpointer given)
{
    struct ask_saying *saying = given;
    g_free(saying->agent), g_free(saying->text);
    free(saying);
}

static void asking_free(gpointer given)
{
    struct asking *asking = given;
    json_decref(asking->asked);
    free(asking);
}

/* ---- to pages ---- */

static bool ask_is_shown(const struct conversation *conversation)
{
    return conversation->phase == CONVERSATION_OPEN && !conversation->over && conversation->ixn != 0;
}

/* Returns the name of the agent who has the question; NULL: nobody. */
static const char *ask_worker(const struct conversation *conversation)
{
    return conversation->here > 0 ? conversation->agent_last : NULL;
}

/* Returns the question as the asker's page gets it: as one of the agent's own interactions. */
static json_t *ask_shown(struct conversation *conversation)
{
    const struct ask *ask = ask_of(conversation);
    char ixn[IXN_TEXT];
    ident_print_ixn(conversation->ixn, ixn);
    json_t *asked = json_pack("{s:s}", "queue", conversation->queue);
    if (*ask->call) json_object_set_new(asked, "call", json_string(ask->call));
    if (ask_worker(conversation)) json_object_set_new(asked, "worker", json_string(ask_worker(conversation)));
    if (ask_worker(conversation)) json_object_set_new(asked, "name", json_string(conversation->agent_name));
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:[s,s], s:{}, s:o}", "type", "opened", "ixn", ixn, "claim",
                     (json_int_t)ASK_CLAIM, "media", "im", "mode", "forced", "subject", conversation->subject,
                     "external_id", conversation->external_id, "may", "message", "done", "data", "asked", asked);
}

static void ask_show(struct conversation *conversation)
{
    struct desk_agent *agent = ask_asker(conversation);
    if (agent && ask_is_shown(conversation)) agent_tell(agent, ask_shown(conversation));
}

void asks_put_all(const struct desk_agent *agent, json_t *items)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, agent->desk->asks.conns);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (ask_asker(value) == agent && ask_is_shown(value)) json_array_append_new(items, ask_shown(value));
}

/* Sends the message to the colleagues at this desk who have the question: the core does not send a link the messages
 * that came from it. Takes the reference. */
static void ask_tell_colleagues(struct conversation *conversation, json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, ask_desk(conversation)->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct item *item = item_of(value, conversation->ixn);
        if (item && item->open && value != ask_asker(conversation)) agent_tell(value, json_incref(message));
    }
    json_decref(message);
}

/* Sends the message to the asker and to the colleagues who have the question; takes the reference. */
static void ask_tell(struct conversation *conversation, json_t *message)
{
    struct desk_agent *asker = ask_asker(conversation);
    if (asker) agent_tell(asker, json_incref(message));
    ask_tell_colleagues(conversation, message);
}

static json_t *ask_message(const struct conversation *conversation, const char *msg_id, const char *role,
                           const char *from, const char *text)
{
    char ixn[IXN_TEXT];
    const struct conversations *all = conversation->all;
    ident_print_ixn(conversation->ixn, ixn);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "type", "message", "ixn", ixn, "msg_id", msg_id,
                     "role", role, "visible", "all", "from", from, "text", text, "at",
                     (json_int_t)(all->services->wall_us(all->link) / MS));
}

static json_t *ask_typing(const struct conversation *conversation, const char *role, const char *from, bool on)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(conversation->ixn, ixn);
    return json_pack("{s:s, s:s, s:b, s:s, s:s}", "type", "typing", "ixn", ixn, "on", on, "role", role, "from", from);
}

static void ask_types(struct conversation *conversation, const char *from, bool on)
{
    struct desk_agent *asker = ask_asker(conversation);
    if (asker) agent_tell(asker, ask_typing(conversation, "agent", from, on));
}

/* ---- messages ---- */

/* Notes a message of an agent, until the store has kept it. `text` NULL: the message is of a colleague who was
 * asked. */
static struct ask_saying *ask_waits(struct ask *ask, const struct desk_said *said, const char *msg_id, const char *text)
{
    struct ask_saying *saying = memory_zeroed(1, sizeof *saying);
    saying->agent = g_strdup(said->agent->name), saying->text = g_strdup(text);
    saying->ticket = said->agent->ticket, saying->id = said->id;
    g_hash_table_replace(ask->saying, g_strdup(msg_id), saying);
    return saying;
}

static void ask_reply(struct conversation *conversation, const struct ask_saying *saying, const char *code)
{
    struct desk_agent *agent = g_hash_table_lookup(ask_desk(conversation)->agents, saying->agent);
    char ixn[IXN_TEXT];
    ident_print_ixn(conversation->ixn, ixn);
    agent_reply(agent, saying->ticket, saying->id, code, NULL, code ? NULL : json_pack("{s:s}", "ixn", ixn));
}

/* Translates the store's error for a message into the code that pages know. */
static const char *ask_code(const char *code)
{
    static const char *const shown[][2] = {{"not_open", "gone"}, {"too_many", "busy"}, {"unfit", "store"}};
    for (size_t i = 0; code && i < G_N_ELEMENTS(shown); i++)
        if (strcmp(code, shown[i][0]) == 0) return shown[i][1];
    return code;
}

/* Replies to a message when the store has answered; `code` NULL: the store has kept it. Others get a message only
 * after it is kept, so that nobody reads a message that a kill of the process would lose. */
static void ask_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    GHashTable *all = ask_of(conversation)->saying;
    struct ask_saying *saying = g_hash_table_lookup(all, id);
    (void)place;
    if (!saying) return;
    ask_reply(conversation, saying, ask_code(code));
    if (!code && saying->text) {
        char *msg_id = g_strconcat(KEEP_OWN, id, NULL);
        ask_tell(conversation, ask_message(conversation, msg_id, "customer", conversation->name, saying->text));
        g_free(msg_id);
    }
    g_hash_table_remove(all, id);
}

static enum delivery ask_send(struct conversation *conversation, struct keep_job *said, enum cause *cause)
{
    (void)cause;
    ask_tell(conversation,
             ask_message(conversation, said->msg_id, said->role, said->from ? said->from : "", said->text));
    return delivery_accepted;
}

/* ---- it begins ---- */

static const char *ask_text(const json_t *asked, const char *key)
{
    const char *text = json_string_value(json_object_get(asked, key));
    return text ? text : "";
}

/* Returns the connection that has asked: the agent may have another one by now, which counts its requests anew. */
static uint64_t ask_ticket(const json_t *asked)
{
    return (uint64_t)json_integer_value(json_object_get(asked, "ticket"));
}

static char *ask_key(const char *agent, const char *queue, const char *call)
{
    return g_strdup_printf("%s\n%s\n%s", agent, queue, call);
}

/* Returns the first words of the question as one line, for the colleague who is asked. */
static char *ask_subject(const char *text)
{
    return g_strdelimit(g_strndup(text, utf8_cut(text, strlen(text), ASK_SUBJECT)), "\n\r\t", ' ');
}

/* Begins the question's conversation. The agent may have gone while the call was looked up: then nobody waits for
 * the answer. */
static void ask_begin(struct desk *desk, const json_t *asked, uint64_t parent, int64_t stored)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, ask_text(asked, "agent"));
    const char *queue = ask_text(asked, "queue"), *call = ask_text(asked, "conn"), *key = ask_text(asked, "key");
    struct desk_said said = {.desk = desk, .agent = agent, .message = asked};
    said.id = json_integer_value(json_object_get(asked, "id"));
    if (!agent) return;
    char *own = ask_key(agent->name, queue, call), *subject = ask_subject(ask_text(asked, "text"));
    struct conversation *conversation = conversation_by_key(&desk->asks, own);
    if (!conversation)
        conversation = conversation_new(&desk->asks, &(struct caller){.key = own,
                                                                      .name = agent_shown_as(agent),
                                                                      .address = agent->name,
                                                                      .to = queue,
                                                                      .queue = queue,
                                                                      .subject = subject,
                                                                      .parent = parent,
                                                                      .parent_stored = stored});
    g_free(own), g_free(subject);
    if (!conversation) {
        agent_reply(agent, ask_ticket(asked), said.id, "busy", "Very much is asked just now: again in a moment.", NULL);
        return;
    }
    struct ask *ask = ask_of(conversation);
    if (!ask->saying) ask->saying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, ask_saying_free);
    if (!ask->call) ask->call = g_strdup(call);
    ask_waits(ask, &said, key, ask_text(asked, "text"))->ticket = ask_ticket(asked);
    conversation_say(conversation, key, ask_text(asked, "text"), 0);
}

/* ---- the call that a question is about ---- */

/* Looks up the call in the store, where its name is CONNID#JOURNAL, as ConnIDs of two journals may be equal. */
static bool call_in_store(struct store *store, struct desk_job *job)
{
    struct store_key key;
    char conn[96];
    snprintf(conn, sizeof conn, "%.60s#%08x", ask_text(job->params, "conn"), (unsigned)(uint32_t)job->journal);
    if (!store_by_external(store, "", "voice", span_of(conn), &key, &job->error)) return false;
    job->out = json_integer(key.interaction);
    return true;
}

/* Asks the core for the call's interaction, which becomes the question's parent. If the core cannot be asked, the
 * question begins without a parent. */
static void call_found(struct desk *desk, struct desk_job *job)
{
    struct asking *asking = memory_zeroed(1, sizeof *asking);
    asking->token = ++desk->requests;
    asking->stored = json_integer_value(job->out);
    asking->asked = json_incref(job->params);
    struct writer *writer = desk_core_begin(desk, KIND_Read);
    writer_u(writer, Read_token, asking->token);
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, ask_text(asking->asked, "conn"));
    if (desk->services->read(desk->link, writer_end(writer))) {
        g_hash_table_insert(desk->askings, &asking->token, asking);
        return;
    }
    ask_begin(desk, asking->asked, 0, asking->stored);
    asking_free(asking);
}

/* Takes the core's answer about the call; an answer without a number leaves the question without a parent. */
static void call_read(struct desk *desk, const struct message *reply)
{
    uint64_t token = message_u(reply, ReadReply_token), parent = 0;
    struct asking *asking = g_hash_table_lookup(desk->askings, &token);
    struct kv_value id;
    char text[IXN_TEXT + 1];
    if (!asking) return;
    bool found = kv_get(message_text(reply, ReadReply_value), "id", &id) && id.tag == KV_TEXT;
    if (!found || !text_set_span(text, sizeof text, id.span) || !ident_read_ixn(text, &parent)) parent = 0;
    ask_begin(desk, asking->asked, parent, asking->stored);
    g_hash_table_remove(desk->askings, &token);
}

/* The core is away: replies to the agents whose questions wait for it, as each message has exactly one reply. */
void asks_away(struct desk *desk)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->askings);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const json_t *asked = ((const struct asking *)value)->asked;
        struct desk_agent *agent = g_hash_table_lookup(desk->agents, ask_text(asked, "agent"));
        if (agent)
            agent_reply(agent, ask_ticket(asked), json_integer_value(json_object_get(asked, "id")), "away", NULL, NULL);
    }
    g_hash_table_remove_all(desk->askings);
}

void asks_said(struct desk_said *said)
{
    struct desk *desk = said->desk;
    const char *conn = said_text(said, "conn"), *queue = said_text(said, "queue");
    if (!web_words_have(desk->setting.all_asks, queue)) {
        said_refuse(said, "invalid", "queue: it is none of `asks`");
        return;
    }
    if (*conn && !phone_has_call(said->agent, conn)) {
        said_refuse(said, "unknown", "You do not have this call.");
        return;
    }
    if (!said_may_begin(said)) return;
    json_t *asked = json_copy((json_t *)said->message);
    json_object_set_new(asked, "agent", json_string(said->agent->name));
    json_object_set_new(asked, "ticket", json_integer((json_int_t)said->agent->ticket));
    if (!*conn) {
        ask_begin(desk, asked, 0, 0);
        json_decref(asked);
        return;
    }
    struct desk_job *job = desk_job_new(desk, asked);
    job->work = call_in_store;
    job->done = call_found;
    desk_job_give(desk, job);
}

/* ---- messages about a question ---- */

static struct conversation *ask_by_ixn(struct desk *desk, uint64_t ixn)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->asks.conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct conversation *conversation = value;
        if (conversation->ixn == ixn && ask_is_shown(conversation)) return conversation;
    }
    return NULL;
}

static void ask_of_asker(struct desk_said *said, struct conversation *conversation)
{
    const char *type = said_text(said, "type");
    if (strcmp(type, "message") == 0 && said_number(said, "file") == 0) {
        ask_waits(ask_of(conversation), said, said_text(said, "key"), said_text(said, "text"));
        conversation_say(conversation, said_text(said, "key"), said_text(said, "text"), 0);
        return;
    }
    if (strcmp(type, "typing") == 0) {
        bool on = json_is_true(json_object_get(said->message, "on"));
        conversation_typing(conversation, on);
        ask_tell_colleagues(conversation, ask_typing(conversation, "customer", conversation->name, on));
    } else if (strcmp(type, "done") != 0) {
        said_refuse(said, "unsupported", "This is something that you have asked: write, or end it.");
        return;
    }
    agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
    if (strcmp(type, "done") == 0) conversation_leave(conversation, "left", cause_ok);
}

/* True: the message was one of a colleague at this desk about a question, and is answered. */
static bool ask_of_colleague(struct desk_said *said, struct conversation *conversation)
{
    const struct item *item = item_of(said->agent, said->ixn);
    bool typing = strcmp(said_text(said, "type"), "typing") == 0;
    bool aside = strcmp(said_text(said, "visible"), "agents") == 0;
    if (!item || !item->open || !item_may(item, ACT_answer) || aside || said_number(said, "file") != 0) return false;
    if (typing) {
        ask_types(conversation, agent_shown_as(said->agent), json_is_true(json_object_get(said->message, "on")));
        agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
        return true;
    }
    if (strcmp(said_text(said, "type"), "message") != 0) return false;
    char *msg_id = g_strdup_printf("%s:%s", said->agent->name, said_text(said, "key"));
    ask_waits(ask_of(conversation), said, msg_id, NULL);
    conversation_say_as(conversation, said->agent->name, msg_id, said_text(said, "text"));
    g_free(msg_id);
    return true;
}

/* True: the message was about a question, and is answered. False: the message is about another interaction. */
bool asks_answer(struct desk_said *said)
{
    struct conversation *conversation = said->ixn != 0 ? ask_by_ixn(said->desk, said->ixn) : NULL;
    if (!conversation || strcmp(said_text(said, "type"), "phone") == 0) return false;
    if (ask_asker(conversation) != said->agent) return ask_of_colleague(said, conversation);
    ask_of_asker(said, conversation);
    return true;
}

json_t *asks_data(const struct desk_agent *agent, const char *ixn)
{
    uint64_t number;
    struct conversation *conversation = ident_read_ixn(ixn, &number) ? ask_by_ixn(agent->desk, number) : NULL;
    if (!conversation || ask_asker(conversation) != agent || !ask_worker(conversation)) return NULL;
    return json_pack("{s:s, s:s}", "worker", ask_worker(conversation), "asked", ixn);
}

/* ---- the way ---- */

/* The core has the question: attaches its number to the data of its call, and shows it to the asker. */
static void ask_opened(struct conversation *conversation)
{
    char ixn[IXN_TEXT];
    const struct ask *ask = ask_of(conversation);
    struct desk_agent *agent = ask_asker(conversation);
    ident_print_ixn(conversation->ixn, ixn);
    if (agent && *ask->call) phone_attach(agent, ask->call, json_pack("{s:s}", "asked", ixn));
    ask_show(conversation);
}

static void ask_refused(struct conversation *conversation, const char *code)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, ask_of(conversation)->saying);
    while (g_hash_table_iter_next(&at, NULL, &value)) ask_reply(conversation, value, ask_code(code));
    g_hash_table_remove_all(ask_of(conversation)->saying);
}

static void ask_joined(struct conversation *conversation, const char *name, bool joined)
{
    struct desk *desk = ask_desk(conversation);
    const char *own = conversation->agent_last ? conversation->agent_last : name;
    struct desk_agent *colleague = g_hash_table_lookup(desk->agents, own);
    struct item *item = joined && colleague ? item_of(colleague, conversation->ixn) : NULL;
    ask_show(conversation);
    if (item && item->awaited) item_opens(item);
}

static void ask_closed(struct conversation *conversation, const char *result)
{
    struct desk_agent *agent = ask_asker(conversation);
    char ixn[IXN_TEXT];
    ident_print_ixn(conversation->ixn, ixn);
    if (agent && conversation->ixn != 0)
        agent_tell(agent, json_pack("{s:s, s:s, s:I, s:s}", "type", "closed", "ixn", ixn, "claim",
                                    (json_int_t)ASK_CLAIM, "reason", strcmp(result, "closed") == 0 ? "done" : result));
}

/* Has the agent who asked logged out? A desk that has just started does not know its agents yet, and waits. */
static bool ask_gone(struct conversation *conversation, uint64_t now_us)
{
    const struct desk *desk = ask_desk(conversation);
    return !ask_asker(conversation) && now_us - conversation->begun_us > desk->setting.grace * SECOND_US;
}

static void ask_save(const struct conversation *conversation, json_t *row)
{
    const struct ask *ask = (const struct ask *)conversation;
    json_object_set_new(row, "call", json_string(ask->call));
}

static bool ask_restore(struct conversation *conversation, const json_t *row)
{
    struct ask *ask = ask_of(conversation);
    ask->saying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, ask_saying_free);
    ask->call = g_strdup(ask_text(row, "call"));
    return conversation->key != NULL;
}

static void ask_forget(struct conversation *conversation)
{
    struct ask *ask = ask_of(conversation);
    if (ask->saying) g_hash_table_destroy(ask->saying);
    g_free(ask->call);
}

static void ask_put_data(const struct conversation *conversation, struct kv *kv)
{
    const struct ask *ask = (const struct ask *)conversation;
    if (*ask->call) kv_put_text(kv, "call", span_of(ask->call));
}

static void ask_observe(struct conversations *all)
{
    desk_observe(all->self);
}

static const struct conversation_way ask_way = {
    .media = media_im,
    .noun = "question",
    .files = LETTER_GOES_desk_file,
    .kind = STORE_other,
    .address_key = "asker",
    .size = sizeof(struct ask),
    .opened = ask_opened,
    .took = ask_took,
    .refused = ask_refused,
    .send = ask_send,
    .typing = ask_types,
    .party = ask_joined,
    .closed = ask_closed,
    .gone = ask_gone,
    .observe = ask_observe,
    .save = ask_save,
    .restore = ask_restore,
    .forget = ask_forget,
    .data = ask_put_data,
};

/* ---- the core ---- */

/* Performs effects about questions; all other effects are about agents. A Resync is handled here and also by the rest
 * of the desk. True: the effect is handled. False: the rest of the desk must handle it. */
bool asks_perform(struct desk *desk, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_ReadReply:
        call_read(desk, effect);
        if (desk->asks.office) conversations_perform(&desk->asks, effect);
        return false;
    case KIND_Reply:
        if (message_u(effect, ENVELOPE_client) != 0) return false;
        break;
    case KIND_SendMessage:
        if (message_text(effect, SendMessage_to).length != 0) return false;
        break;
    case KIND_RequestRouteCall:
    case KIND_RequestParty:
    case KIND_CloseSession:
    case KIND_Resync:
        break;
    default:
        return false;
    }
    conversations_perform(&desk->asks, effect);
    return effect->kind != KIND_Resync;
}

/* ---- start and end ---- */

void asks_init(struct desk *desk)
{
    conversations_init(&desk->asks, desk->link, desk->services, &ask_way, desk);
    desk->askings = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, asking_free);
}

bool asks_open(struct desk *desk, struct event_base *base, char *why, size_t why_size)
{
    const struct desk_setting *setting = &desk->setting;
    if (!setting->all_asks[0]) return true;
    desk->asks_state = *setting->state ? g_strconcat(setting->state, state_endings.asks, NULL) : g_strdup("");
    desk->asks.setting = (struct conversation_setting){.store = setting->store,
                                                       .country = setting->country,
                                                       .state = desk->asks_state,
                                                       .sessions = ASK_SESSIONS,
                                                       .messages = ASK_MESSAGES,
                                                       .text = ASK_TEXT,
                                                       .submit_timeout = ASK_TIMEOUT_S,
                                                       .remembers = ASK_REMEMBERS_S};
    return conversations_open(&desk->asks, base, NULL, why, why_size);
}

void asks_close(struct desk *desk)
{
    conversations_stop(&desk->asks);
    conversations_free(&desk->asks);
    g_hash_table_destroy(desk->askings);
    g_free(desk->asks_state);
}
