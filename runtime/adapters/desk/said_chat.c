/* runtime/adapters/desk/said_chat.c - Messages of agents in chats, files that agents send there, and short messages
 * to numbers. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/person.h"

/* Sends the message to the desk's agents who have the interaction; only its writer gets the `key`. */
static void said_tell(const struct desk_agent *by, uint64_t ixn, json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, by->desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        json_t *told = json_copy(message);
        const struct item *item = item_of(agent, ixn);
        if (agent != by) json_object_del(told, "key");
        if (item && item->open)
            agent_tell(agent, told);
        else
            json_decref(told);
    }
}

static void named_kept(struct desk *desk, struct desk_job *job)
{
    notes_told(desk, job);
}

/* A line of a chat for colleagues may name some; the chat's own adapter keeps the line itself. */
static void said_name(struct desk_agent *by, const struct item *item, const json_t *message)
{
    const char *visible = json_string_value(json_object_get(message, "visible"));
    if (!item || item->stored == 0 || !visible || strcmp(visible, enum_name_visible(visible_agents)) != 0) return;
    struct desk_job *job =
        desk_job_new(by->desk, json_pack("{s:I, s:O, s:O}", "interaction", (json_int_t)item->stored, "msg_id",
                                         json_object_get(message, "msg_id"), "text", json_object_get(message, "text")));
    text_set(job->agent, sizeof job->agent, by->name);
    (void)notes_address(by->desk, job->params, json_string_value(json_object_get(message, "text")), NULL, 0);
    job->work = desk_keep_named;
    job->done = named_kept;
    desk_job_give(by->desk, job);
}

/* The core has taken the message: the desk's own agents who have the interaction get it here, all others from the
 * core. */
static void said_it(struct desk_request *request, const struct message *reply, bool good)
{
    (void)reply;
    if (!good || !request->agent) return;
    said_tell(request->agent, request->ixn, request->more);
    said_name(request->agent, item_of(request->agent, request->ixn), request->more);
}

static enum claim_kind said_claim_kind(const struct desk_said *said)
{
    return item_kind(item_of(said->agent, said->ixn));
}

/* Returns the writer's role: an agent who only observes the interaction writes as a supervisor. */
static enum party_role said_party_role(const struct desk_said *said)
{
    return said_claim_kind(said) == claim_kind_monitor ? party_role_supervisor : party_role_agent;
}

/* Returns who may see the message: if the agent may not write to the customer, only colleagues may, and the customer
 * does not see that the agent is there. */
static enum visible visible_of(const struct desk_said *said)
{
    bool unseen = !authority_allows(ACT_answer, said_claim_kind(said), AUTHORITY_agent);
    return unseen || strcmp(said_text(said, "visible"), "agents") == 0 ? visible_agents : visible_all;
}

static void write_saying(const struct desk_said *said, const char *msg_id, enum message_kind kind, enum notice notice)
{
    struct writer *writer = said_writer(said);
    writer_text(writer, EventMessage_msg_id, msg_id);
    writer_u(writer, EventMessage_kind, kind);
    writer_u(writer, EventMessage_notice, notice);
    writer_text(writer, EventMessage_from, said->agent->name);
    writer_u(writer, EventMessage_role, said_party_role(said));
    writer_u(writer, EventMessage_visible, visible_of(said));
    writer_text(writer, EventMessage_text, said_text(said, "text"));
}

/* Writes the fields of a file that was uploaded before; the text of the message is the file's name. */
static void write_file(struct writer *writer, uint64_t part)
{
    char key[24];
    snprintf(key, sizeof key, "%" G_GUINT64_FORMAT, part);
    writer_blob_begin(writer, EventMessage_body);
    writer_text(writer, Blob_store, STORE_NAME);
    writer_text(writer, Blob_key, key);
    writer_blob_end(writer);
}

/* The store has kept the remark: sends it to the agents who have the interaction. */
static void advice_kept(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    uint64_t ixn;
    bool away = !job->good && store_again(&job->error);
    const char *code = job->good ? NULL : away ? "store" : "invalid";
    if (!agent) return;
    json_t *message = json_object_get(job->params, "message");
    if (job->good && ident_read_ixn(json_string_value(json_object_get(message, "ixn")), &ixn))
        said_tell(agent, ixn, message);
    notes_told(desk, job);
    agent_reply(agent, job->ticket, job->id, code, job->good || away ? NULL : job->error.text, NULL);
}

/* Keeps a remark for colleagues. No adapter passes messages between agents about an e-mail: the contact store keeps
 * them, and pages read them there. */
static void said_advise(const struct desk_said *said, const struct item *item, json_t *message)
{
    if (item->stored == 0) {
        json_decref(message);
        said_refuse(said, "unknown", "This is not in the contact store: nothing can be written about it.");
        return;
    }
    struct desk_job *job = desk_job_new(
        said->desk,
        json_pack("{s:I, s:O*, s:O*, s:O, s:O, s:O, s:O, s:o}", "interaction", (json_int_t)item->stored, "of",
                  json_object_get(item->shown, "external_id"), "of_media", json_object_get(item->shown, "media"),
                  "msg_id", json_object_get(message, "msg_id"), "role", json_object_get(message, "role"), "from",
                  json_object_get(message, "from"), "text", json_object_get(message, "text"), "message", message));
    text_set(job->agent, sizeof job->agent, said->agent->name);
    (void)notes_address(said->desk, job->params, said_text(said, "text"), NULL, 0);
    job->ticket = said->agent->ticket;
    job->id = said->id;
    job->work = desk_keep_named_advice;
    job->done = advice_kept;
    desk_job_give(said->desk, job);
}

static bool is_between_colleagues(const struct desk_said *said, const struct item *item)
{
    const char *media = json_string_value(json_object_get(item->shown, "media"));
    int medium = media ? enum_value_media(media, (uint32_t)strlen(media)) : -1;
    return medium >= 0 && !media_is_conversation((enum media)medium) && visible_of(said) == visible_agents &&
           said_number(said, "file") == 0;
}

/* Can a file go to the customer of this item? Its adapter says so by `file_max`; the page of a chat takes files. */
static bool item_takes_files(const struct item *item)
{
    const char *media = json_string_value(json_object_get(item->shown, "media"));
    int medium = media ? enum_value_media(media, (uint32_t)strlen(media)) : -1;
    bool written = medium == media_sms || medium == media_social || medium == media_im;
    return !written || json_object_get(json_object_get(item->shown, "data"), "file_max");
}

/* Sends an agent's message to the core. The agent's own page gets the message back with its `key`, and so knows that
 * the core has it. */
void said_message(struct desk_said *said)
{
    uint64_t file = said_number(said, "file");
    const struct item *item = said_item_for(said, ACT_advise);
    if (!item) return;
    if (file != 0 && !session_has_brought(said->agent->session, (int64_t)file)) {
        said_refuse(said, "invalid", "file: it was not brought since you logged in; attach it again");
        return;
    }
    if (file != 0 && visible_of(said) == visible_all && !item_takes_files(item)) {
        said_refuse(said, "unsupported", "Files cannot go to this customer. Write what it says, or where it is found.");
        return;
    }
    char *msg_id = g_strdup_printf("%s:%s", said->agent->name, said_text(said, "key"));
    json_t *message =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "type", "message", "ixn", said_text(said, "ixn"),
                  "msg_id", msg_id, "key", said_text(said, "key"), "role", enum_name_party_role(said_party_role(said)),
                  "from", agent_shown_as(said->agent), "visible", enum_name_visible(visible_of(said)), "text",
                  said_text(said, "text"), "at", (json_int_t)(said->desk->services->wall_us(said->desk->link) / MS));
    if (is_between_colleagues(said, item)) {
        said_advise(said, item, message);
        g_free(msg_id);
        return;
    }
    struct desk_request *request = said_ask(said, KIND_EventMessage);
    request->after = said_it;
    request->more = message;
    if (file != 0) json_object_set_new(request->more, "file", json_integer((json_int_t)file));
    write_saying(said, msg_id, file != 0 ? message_kind_file : message_kind_text, notice_other);
    if (file != 0) write_file(said_writer(said), file);
    core_send(request);
    g_free(msg_id);
}

void said_typing(struct desk_said *said)
{
    bool on = json_is_true(json_object_get(said->message, "on"));
    if (!said_item_for(said, ACT_advise)) return;
    char *msg_id = g_strdup_printf("%s:t%" G_GUINT64_FORMAT, said->agent->name, ++said->desk->requests);
    struct desk_request *request = said_ask(said, KIND_EventMessage);
    write_saying(said, msg_id, message_kind_notice, on ? notice_typing : notice_not_typing);
    core_send(request);
    g_free(msg_id);
}

/* The agent's page shows the interaction, or does not any more. */
void said_look(struct desk_said *said)
{
    struct item *item = said_item_for(said, ACT_advise);
    if (!item) return;
    bool writes = json_is_true(json_object_get(said->message, "writes")), looked = item->looks != LOOKS_NOT;
    looks_set(item, !json_is_true(json_object_get(said->message, "on")) ? LOOKS_NOT
                    : writes                                            ? LOOKS_WRITES
                                                                        : LOOKS_READS);
    if (!looked) receipts_read(item);
    agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
}

/* The message's name contains the agent's: the adapter for short messages finds by it the agent for whom an answer
 * is. */
struct desk_request *said_text_asked(struct desk_agent *agent, json_int_t id, const char *number, const char *key,
                                     const char *text, bool code)
{
    struct desk_request *request = core_ask(agent, KIND_Submit, 0, id);
    struct writer *writer = &agent->desk->writer;
    char *name = g_strdup_printf("desk:%s:%s", agent->name, key);
    struct kv data;
    writer_u(writer, Submit_media, media_sms);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, name);
    writer_text(writer, Submit_queue, agent->desk->setting.texts);
    writer_text(writer, Submit_from, number); /* a strategy's answer goes to the number in `from` */
    kv_init(&data);
    kv_put_text(&data, "message", span_of(text));
    kv_put_text(&data, "agent", span_of(agent->name));
    if (code) kv_put_bool(&data, "verification", true);
    writer_kv(writer, Submit_data, &data);
    kv_free(&data);
    g_free(name);
    return request;
}

/* The store knows whether the number wants texts: the text goes, or the agent is told at once. */
static void text_wanted(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    if (!agent) return;
    if (job->refused || !job->good) {
        bool away = !job->refused && store_again(&job->error);
        agent_reply(agent, job->ticket, job->id, away ? "store" : "invalid", away ? NULL : job->error.text, NULL);
        return;
    }
    struct desk_request *request =
        said_text_asked(agent, job->id, desk_text(job->params, "number"), desk_text(job->params, "key"),
                        desk_text(job->params, "text"), false);
    request->ticket = job->ticket;
    core_send(request);
}

void said_begin_text(struct desk_said *said)
{
    char number[PERSON_MAX + 1];
    const char *why;
    if (!*said->desk->setting.texts) {
        said_refuse(said, "unsupported", "No short messages begin here: the desk's setting `texts` names no queue.");
        return;
    }
    if (!person_dialled(span_of(said_text(said, "to")), said->desk->setting.country, number, &why)) {
        said_refuse(said, "invalid", "to: it is no number");
        return;
    }
    if (!said_may_begin(said)) return;
    struct desk_job *job = desk_job_new(said->desk, json_pack("{s:s, s:s, s:s}", "number", number, "key",
                                                              said_text(said, "key"), "text", said_text(said, "text")));
    text_set(job->agent, sizeof job->agent, said->agent->name);
    job->work = desk_keep_wants_text;
    job->done = text_wanted;
    job->ticket = said->agent->ticket;
    job->id = said->id;
    desk_job_give(said->desk, job);
}
