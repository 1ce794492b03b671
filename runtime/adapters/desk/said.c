/* runtime/adapters/desk/said.c - What browsers send over their connections; each message has one answer, `reply`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/web/origins.h"

enum { ASKED_MAX = 20000, WATCHES_MAX = 60000, WHY = 200, MS = 1000 };

struct said {
    struct desk *desk;
    struct agent *agent;
    const json_t *message;
    json_int_t id;
    uint64_t ixn; /* 0: it names none */
};
typedef void on_said(struct said *);

/* ---- answers ---- */

/* A sentence for people; NULL: there is none for this code. */
static const char *sentence_of(const char *code)
{
    static const struct {
        const char *code, *text;
    } all[] = {
#define SENTENCE(code, text) {#code, text},
#include "runtime/adapters/desk/codes.def"
#undef SENTENCE
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].code, code) == 0) return all[i].text;
    return NULL;
}

void said_reply(struct agent *agent, uint64_t ticket, json_int_t id, const char *code, const char *text, json_t *more)
{
    json_t *reply = more ? more : json_object();
    if (code && (!text || !*text || strcmp(text, code) == 0)) text = sentence_of(code);
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

static void refuse(const struct said *said, const char *code, const char *text)
{
    said_reply(said->agent, said->agent->ticket, said->id, code, text, NULL);
}

static const char *text_of(const struct said *said, const char *key)
{
    const char *text = json_string_value(json_object_get(said->message, key));
    return text ? text : "";
}

static uint64_t number_of(const struct said *said, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(said->message, key));
}

static struct request *ask(const struct said *said, unsigned kind)
{
    return core_ask(said->agent, kind, said->ixn, said->id);
}

static struct writer *writer_of(const struct said *said)
{
    return &said->desk->writer;
}

/* The interaction, which the agent must have. */
static struct item *own_item(const struct said *said)
{
    struct item *item = item_of(said->agent, said->ixn);
    if (item && item->open) return item;
    refuse(said, "unknown", "You do not have this interaction.");
    return NULL;
}

/* Agents may act on what they have, supervisors on everything: the core takes our word for `*supervises`. */
static bool may_act(const struct said *said, bool *supervises)
{
    *supervises = said->agent->session->role == ROLE_supervisor;
    return *supervises || own_item(said);
}

/* ---- states ---- */

static void on_state(struct said *said)
{
    const char *media = text_of(said, "media"), *state = text_of(said, "state"), *reason = text_of(said, "reason");
    const char *place = json_object_get(said->message, "place") ? text_of(said, "place") : said->agent->place;
    if (!agent_may_sit(said->agent, place)) {
        refuse(said, "invalid_state", "You are logged in elsewhere: log out of all media, then log in at this place.");
        return;
    }
    core_state(said->agent, (enum media)enum_value_media(media, (uint32_t)strlen(media)),
               (enum agent_state)enum_value_agent_state(state, (uint32_t)strlen(state)), place, *reason ? reason : NULL,
               said->id);
}

/* ---- offers ---- */

static struct item *offered(const struct said *said)
{
    uint64_t claim = number_of(said, "claim");
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, said->agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct item *item = value;
        if (item->claim == claim) return item;
    }
    refuse(said, "taken", "This offer is over.");
    return NULL;
}

static struct item *still_there(const struct request *request)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    return item && item->claim == request->claim ? item : NULL;
}

static void accepted(struct request *request, const struct message *reply, bool good)
{
    struct item *item = still_there(request);
    (void)reply;
    if (!item || item->open) return;
    bool preview = strcmp(json_string_value(json_object_get(item->shown, "mode")), "preview") == 0;
    if (good && !preview)
        item_opens(item);
    else
        item_end(item, good ? "accepted" : "taken");
}

static void rejected(struct request *request, const struct message *reply, bool good)
{
    struct item *item = still_there(request);
    (void)reply;
    if (item && good && !item->open) item_end(item, "rejected");
}

static void on_accept(struct said *said)
{
    const struct item *item = offered(said);
    if (!item) return;
    said->ixn = item->ixn;
    struct request *request = ask(said, KIND_RequestAccept);
    request->claim = item->claim;
    request->after = accepted;
    writer_u(writer_of(said), RequestAccept_claim, item->claim);
    core_send(request);
}

static void on_reject(struct said *said)
{
    const struct item *item = offered(said);
    if (!item) return;
    said->ixn = item->ixn;
    struct request *request = ask(said, KIND_RequestReject);
    request->claim = item->claim;
    request->after = rejected;
    writer_u(writer_of(said), RequestReject_claim, item->claim);
    writer_text(writer_of(said), RequestReject_reason, text_of(said, "reason"));
    core_send(request);
}

/* ---- chats ---- */

/* The core tells what was said to others; our own agents who have it are told here. */
static void said_it(struct request *request, const struct message *reply, bool good)
{
    GHashTableIter at;
    gpointer value;
    (void)reply;
    if (!good || !request->agent) return;
    g_hash_table_iter_init(&at, request->agent->desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct agent *agent = value;
        json_t *told = json_copy(request->more);
        const struct item *item = item_of(agent, request->ixn);
        if (agent != request->agent) json_object_del(told, "key");
        if (item && item->open)
            agent_tell(agent, told);
        else
            json_decref(told);
    }
}

static bool came_by(const struct said *said, const char *how)
{
    const struct item *item = item_of(said->agent, said->ixn);
    const char *move = item ? json_string_value(json_object_get(item->shown, "move")) : NULL;
    return move && strcmp(move, how) == 0;
}

/* An agent who looks on speaks as a supervisor. */
static enum party_role role_of(const struct said *said)
{
    return came_by(said, "monitor") ? party_role_supervisor : party_role_agent;
}

/* An agent who looks on or is consulted speaks to colleagues only: the customer does not see that they are there. */
static enum visible visible_of(const struct said *said)
{
    bool unseen = came_by(said, "monitor") || came_by(said, "consult");
    return unseen || strcmp(text_of(said, "visible"), "agents") == 0 ? visible_agents : visible_all;
}

static void write_saying(const struct said *said, const char *msg_id, enum message_kind kind, enum notice notice)
{
    struct writer *writer = writer_of(said);
    writer_text(writer, EventMessage_msg_id, msg_id);
    writer_u(writer, EventMessage_kind, kind);
    writer_u(writer, EventMessage_notice, notice);
    writer_text(writer, EventMessage_from, said->agent->name);
    writer_u(writer, EventMessage_role, role_of(said));
    writer_u(writer, EventMessage_visible, visible_of(said));
    writer_text(writer, EventMessage_text, text_of(said, "text"));
}

/* A file that was brought before; the text is its name. */
static void write_file(struct writer *writer, uint64_t part)
{
    char key[24];
    snprintf(key, sizeof key, "%" G_GUINT64_FORMAT, part);
    writer_blob_begin(writer, EventMessage_body);
    writer_text(writer, Blob_store, STORE_NAME);
    writer_text(writer, Blob_key, key);
    writer_blob_end(writer);
}

static void on_message(struct said *said)
{
    uint64_t file = number_of(said, "file");
    if (!own_item(said)) return;
    if (file != 0 && !session_has_brought(said->agent->session, (int64_t)file)) {
        refuse(said, "invalid", "file: it was not brought since you logged in; attach it again");
        return;
    }
    char *msg_id = g_strdup_printf("%s:%s", said->agent->name, text_of(said, "key"));
    struct request *request = ask(said, KIND_EventMessage);
    request->after = said_it;
    request->more =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "type", "message", "ixn", text_of(said, "ixn"),
                  "msg_id", msg_id, "key", text_of(said, "key"), "role", enum_name_party_role(role_of(said)), "from",
                  said->agent->name, "visible", enum_name_visible(visible_of(said)), "text", text_of(said, "text"),
                  "at", (json_int_t)(said->desk->services->wall_us(said->desk->link) / MS));
    if (file != 0) json_object_set_new(request->more, "file", json_integer((json_int_t)file));
    write_saying(said, msg_id, file != 0 ? message_kind_file : message_kind_text, notice_other);
    if (file != 0) write_file(writer_of(said), file);
    core_send(request);
    g_free(msg_id);
}

static void on_typing(struct said *said)
{
    bool on = json_is_true(json_object_get(said->message, "on"));
    if (!own_item(said)) return;
    char *msg_id = g_strdup_printf("%s:t%" G_GUINT64_FORMAT, said->agent->name, ++said->desk->requests);
    struct request *request = ask(said, KIND_EventMessage);
    write_saying(said, msg_id, message_kind_notice, on ? notice_typing : notice_not_typing);
    core_send(request);
    g_free(msg_id);
}

/* ---- moving ---- */

static void moved(struct request *request, const struct message *reply, bool good)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    (void)reply;
    if (item && good) item_end(item, json_string_value(request->more));
}

/* The reason why a move ends the item at once for its mover. NULL: the item stays until the core ends it. */
static const char *end_of(const char *how, const char *to)
{
    if (strcmp(how, "leave") == 0) return "left";
    bool away = strcmp(how, "place") == 0 || strcmp(how, "transfer") == 0;
    return away && (strcmp(to, "queue") == 0 || strcmp(to, "workbin") == 0) ? "moved" : NULL;
}

static enum move move_of(const char *how)
{
    static const struct {
        const char *how;
        enum move move;
    } all[] = {{"place", move_Place},     {"transfer", move_Transfer}, {"conference", move_Conference},
               {"consult", move_Consult}, {"monitor", move_Monitor},   {"take_over", move_Transfer},
               {"leave", move_Leave},     {"hold", move_Hold}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].how, how) == 0) return all[i].move;
    return move_other;
}

static enum move_to target_of(const char *to)
{
    int value = enum_value_move_to(to, (uint32_t)strlen(to));
    return value < 0 ? move_to_other : (enum move_to)value;
}

/* To its author, with a remark: as email.return_to_author does, into the workbin `returned`. */
static void give_back(const struct said *said)
{
    const struct item *item = own_item(said);
    if (!item) return;
    const char *author = json_string_value(json_object_get(json_object_get(item->shown, "data"), "agent"));
    if (!author) {
        refuse(said, "invalid", "No agent has written this: nobody can have it back.");
        return;
    }
    struct request *request = ask(said, KIND_RequestMove);
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "return_reason", span_of(text_of(said, "remark")));
    request->more = json_string("moved");
    request->after = moved;
    writer_u(writer_of(said), RequestMove_how, move_Place);
    writer_u(writer_of(said), RequestMove_to, move_to_workbin);
    writer_text(writer_of(said), RequestMove_name, "returned");
    writer_kv(writer_of(said), RequestMove_data, &data);
    writer_text(writer_of(said), RequestMove_whose, author);
    core_send(request);
    kv_free(&data);
}

static void on_move(struct said *said)
{
    const char *how = text_of(said, "how"), *to = text_of(said, "to"), *name = text_of(said, "name");
    bool take_over = strcmp(how, "take_over") == 0, looks = take_over || strcmp(how, "monitor") == 0, supervises;
    if (looks && said->agent->session->role != ROLE_supervisor) {
        refuse(said, "no_privilege", "This is for supervisors.");
        return;
    }
    if (strcmp(how, "return") == 0) {
        give_back(said);
        return;
    }
    if (!may_act(said, &supervises)) return;
    const char *end = end_of(how, to);
    struct request *request = ask(said, KIND_RequestMove);
    struct writer *writer = writer_of(said);
    if (end) {
        request->more = json_string(end);
        request->after = moved;
    }
    writer_u(writer, RequestMove_how, move_of(how));
    writer_u(writer, RequestMove_to, take_over ? move_to_agent : target_of(to));
    writer_text(writer, RequestMove_name, take_over ? said->agent->name : name);
    writer_text(writer, RequestMove_reason, text_of(said, "reason"));
    writer_text(writer, RequestMove_whose, text_of(said, "whose"));
    writer_u(writer, RequestMove_supervises, supervises || looks);
    core_send(request);
}

static void on_pull(struct said *said)
{
    const json_t *ids = json_object_get(said->message, "ids");
    uint64_t ixn;
    if (!*text_of(said, "queue") == !*text_of(said, "workbin")) {
        refuse(said, "invalid", "`queue` or `workbin`, one of them");
        return;
    }
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!ixn_read(json_string_value(json_array_get(ids, i)), &ixn)) {
            refuse(said, "invalid", "ids: there is one that is none");
            return;
        }
    struct request *request = ask(said, KIND_RequestPull);
    struct writer *writer = writer_of(said);
    writer_text(writer, RequestPull_queue, text_of(said, "queue"));
    writer_text(writer, RequestPull_workbin, text_of(said, "workbin"));
    if (json_array_size(ids) > 0) {
        writer_list_begin(writer, RequestPull_ids);
        for (size_t i = 0; i < json_array_size(ids); i++) {
            (void)ixn_read(json_string_value(json_array_get(ids, i)), &ixn);
            writer_list_u(writer, ixn);
        }
        writer_list_end(writer);
    }
    writer_u(writer, RequestPull_count, number_of(said, "count"));
    writer_text(writer, RequestPull_whose, text_of(said, "whose"));
    core_send(request);
}

/* ---- the end ---- */

static void done(struct request *request, const struct message *reply, bool good)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    (void)reply;
    if (!item || !good) return;
    struct desk *desk = request->agent->desk;
    const char *media = json_string_value(json_object_get(item->shown, "media"));
    if (item->stored != 0 && media && strcmp(media, "email") == 0) {
        struct job *job = desk_job_new(
            desk, json_pack("{s:I, s:O}", "interaction", (json_int_t)item->stored, "result", request->more));
        text_set(job->agent, sizeof job->agent, request->agent->name);
        job->work = keep_agent;
        desk_job_give(desk, job);
    }
    item_end(item, "done");
}

static void on_done(struct said *said)
{
    const char *wrapup = text_of(said, "wrapup");
    bool supervises;
    if (!may_act(said, &supervises)) return;
    if (*wrapup && !words_have(said->desk->setting.all_wrapups, wrapup)) {
        refuse(said, "invalid", "wrapup: it is none of `wrapups`");
        return;
    }
    struct request *request = ask(said, KIND_RequestStop);
    struct kv data;
    request->after = done;
    request->more = json_string(*wrapup ? wrapup : "done");
    writer_text(writer_of(said), RequestStop_reason, wrapup);
    writer_u(writer_of(said), RequestStop_supervises, supervises);
    kv_init(&data);
    kv_put_text(&data, "wrapup", span_of(wrapup));
    if (*wrapup) writer_kv(writer_of(said), RequestStop_data, &data);
    core_send(request);
    kv_free(&data);
}

/* ---- user data ---- */

static bool may_change(const struct said *said, const char *key)
{
    if (words_have(said->desk->setting.all_data, key)) return true;
    refuse(said, "no_privilege",
           "This is none of the user data that agents may change: the setting `data` names them.");
    return false;
}

static bool may_change_all(const struct said *said, const json_t *pairs, const json_t *keys)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)pairs, key, value) if (!may_change(said, key)) return false;
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (!may_change(said, json_string_value(json_array_get(keys, i)))) return false;
    return true;
}

static void on_data(struct said *said)
{
    const json_t *pairs = json_object_get(said->message, "pairs"), *keys = json_object_get(said->message, "delete");
    const char *key;
    json_t *value;
    struct kv kv;
    if (!own_item(said)) return;
    if (!json_object_size(pairs) == !json_array_size(keys)) {
        refuse(said, "invalid", "`pairs` or `delete`, one of them");
        return;
    }
    if (!may_change_all(said, pairs, keys)) return;
    struct request *request = ask(said, KIND_RequestUserData);
    struct writer *writer = writer_of(said);
    kv_init(&kv);
    json_object_foreach((json_t *)pairs, key, value) kv_put_text(&kv, key, span_of(json_string_value(value)));
    writer_u(writer, RequestUserData_op, kv.length > 0 ? data_op_Update : data_op_DeletePair);
    if (kv.length > 0) writer_kv(writer, RequestUserData_pairs, &kv);
    kv_free(&kv);
    if (json_array_size(keys) > 0) {
        writer_list_begin(writer, RequestUserData_keys);
        for (size_t i = 0; i < json_array_size(keys); i++)
            writer_list_text(writer, span_of(json_string_value(json_array_get(keys, i))));
        writer_list_end(writer);
    }
    core_send(request);
}

/* ---- e-mails ---- */

typedef const char *on_mail(struct agent *, const struct item *, const json_t *message, json_int_t id);

static void mail(const struct said *said, const struct item *item, on_mail *on)
{
    if (worker_waiting(said->desk->worker) > ASKED_MAX) {
        refuse(said, "busy", "The contact store is behind; again in a moment.");
        return;
    }
    const char *wrong = on(said->agent, item, said->message, said->id);
    if (wrong) refuse(said, "invalid", wrong);
}

static void on_send(struct said *said)
{
    const struct item *item = said->ixn != 0 ? own_item(said) : NULL;
    if (item || said->ixn == 0) mail(said, item, mail_send);
}

static void on_revise(struct said *said)
{
    const struct item *item = own_item(said);
    if (item && item_is_looked_at(item))
        refuse(said, "no_privilege", "You only look on: take it over to change it.");
    else if (item)
        mail(said, item, mail_revise);
}

/* ---- watching ---- */

static void on_watch(struct said *said)
{
    bool on = json_is_true(json_object_get(said->message, "on"));
    const char *name = text_of(said, "object"), *whose = text_of(said, "whose");
    enum object object = (enum object)enum_value_object(name, (uint32_t)strlen(name));
    if (g_hash_table_size(said->desk->watches) >= WATCHES_MAX) {
        refuse(said, "busy", "Too much is watched.");
        return;
    }
    /* The core makes a workbin that it does not know, and never forgets it: only those of the setting are watched. */
    if (on && object == object_workbin && !words_have(said->desk->setting.all_workbins, text_of(said, "name"))) {
        refuse(said, "invalid", "name: it is none of `workbins`");
        return;
    }
    if (object == object_workbin && !*whose) whose = said->agent->name;
    core_watch(said->agent, object, text_of(said, "name"), object == object_workbin ? whose : NULL, on, said->id);
}

static void on_ping(struct said *said)
{
    said_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
}

static void on_phone(struct said *said)
{
    const char *wrong = phone_ask(said->agent, said->message, said->id);
    if (wrong) refuse(said, "unsupported", wrong);
}

/* ---- which ---- */

static const struct handler {
    const char *type;
    on_said *on;
} handlers[] = {
    {"state", on_state},   {"accept", on_accept}, {"reject", on_reject}, {"message", on_message}, {"typing", on_typing},
    {"move", on_move},     {"pull", on_pull},     {"done", on_done},     {"data", on_data},       {"send", on_send},
    {"revise", on_revise}, {"watch", on_watch},   {"phone", on_phone},   {"ping", on_ping},
};

void said_handlers(GHashTable *messages)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        g_hash_table_insert(messages, (void *)handlers[i].type, (void *)&handlers[i]);
}

static void take(struct said *said)
{
    char why[WHY];
    const char *ixn = text_of(said, "ixn");
    said->id = json_integer_value(json_object_get(said->message, "id"));
    if (!contract_message(said->desk->contract, said->message, why, sizeof why)) {
        refuse(said, "invalid", why);
        return;
    }
    const struct handler *handler = g_hash_table_lookup(said->desk->messages, text_of(said, "type"));
    if (*ixn && !ixn_read(ixn, &said->ixn))
        refuse(said, "invalid", "ixn: it is none");
    else if (handler->on != on_phone && !said->desk->services->up(said->desk->link))
        refuse(said, "away", "The core is away; again in a moment.");
    else if (g_hash_table_size(said->desk->asked) > ASKED_MAX || outbox_length(&said->desk->outbox) > ASKED_MAX)
        refuse(said, "busy", "The core is behind; again in a moment.");
    else
        handler->on(said);
}

void said_heard(void *self, uint64_t ticket, const char *text, size_t length)
{
    struct said said = {.desk = self, .agent = g_hash_table_lookup(((struct desk *)self)->tickets, &ticket)};
    json_error_t wrong;
    if (!said.agent || !said.agent->session) return;
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
    said.message = message;
    if (json_is_object(message))
        take(&said);
    else
        refuse(&said, "invalid", "a message is a JSON object");
    json_decref(message);
}
