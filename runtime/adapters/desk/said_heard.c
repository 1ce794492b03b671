/* runtime/adapters/desk/said_heard.c - Messages of browsers over their connections; each gets one answer, `reply`.
 *
 * Steps of a message: said_heard() finds the agent by the connection's ticket; the message is checked against the
 * contract; its handler checks rights (said_may) and limits, and asks the core. Each message has an `id`, and gets
 * exactly one `reply` with it: at once if it is refused, otherwise when the core answers (core.c). A handler that
 * needs data then leaves them in request->more, and a function in request->after. */
#include <assert.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/asks.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/macros.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/vocabulary/draft.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/web/origins.h"
#include "runtime/adapters/desk/editors.h"
#include "runtime/console/console.h"
#include "base/utf8.h"

enum { ASKED_MAX = 20000, WATCHES_MAX = 60000, SAID_WHY = 200, DRAFT_MAX = 4000 };

/* ---- offers ---- */

static struct item *said_offered(const struct desk_said *said)
{
    uint64_t claim = said_number(said, "claim");
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, said->agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct item *item = value;
        if (item->claim == claim) return item;
    }
    said_refuse(said, "taken", "This offer is over.");
    return NULL;
}

static struct item *still_there(const struct desk_request *request)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    return item && item->claim == request->claim ? item : NULL;
}

static void said_accepted(struct desk_request *request, const struct message *reply, bool good)
{
    struct item *item = still_there(request);
    (void)reply;
    if (!item || item->open) return;
    bool preview = strcmp(json_string_value(json_object_get(item->shown, "mode")), "preview") == 0;
    if (good && !preview)
        item_opens(item);
    else if (good && item->stored != 0)
        item_awaits(item); /* a chat or e-mail comes to this page; a call comes to the telephone */
    else
        item_end(item, good ? "accepted" : "taken");
}

static void said_heard_rejected(struct desk_request *request, const struct message *reply, bool good)
{
    struct item *item = still_there(request);
    (void)reply;
    if (item && good && !item->open) item_end(item, "rejected");
}

static void said_on_accept(struct desk_said *said)
{
    const struct item *item = said_offered(said);
    if (!item) return;
    said->ixn = item->ixn;
    struct desk_request *request = said_ask(said, KIND_RequestAccept);
    request->claim = item->claim;
    request->after = said_accepted;
    writer_u(said_writer(said), RequestAccept_claim, item->claim);
    core_send(request);
}

static void on_reject(struct desk_said *said)
{
    const struct item *item = said_offered(said);
    if (!item) return;
    said->ixn = item->ixn;
    struct desk_request *request = said_ask(said, KIND_RequestReject);
    request->claim = item->claim;
    request->after = said_heard_rejected;
    writer_u(said_writer(said), RequestReject_claim, item->claim);
    writer_text(said_writer(said), RequestReject_reason, said_text(said, "reason"));
    core_send(request);
}

/* ---- the end ---- */

/* Texts of a macro, and the user data that they become. */
static const char *const macro_texts[][2] = {{"wrapup", "wrapup"}, {"reason", "move_reason"}};

static bool said_has_wrapup(const struct desk_said *said, const char *wrapup)
{
    if (!*wrapup || web_words_have(said->desk->setting.all_wrapups, wrapup)) return true;
    return said_refuse(said, "invalid", "wrapup: it is none of `wrapups`");
}

static void finish_ask(struct desk_request *request, const char *wrapup, bool supervises, struct span data)
{
    struct writer *writer = &request->agent->desk->writer;
    request->after = said_ended;
    request->more = json_string(*wrapup ? wrapup : "done");
    writer_text(writer, RequestStop_reason, wrapup);
    writer_u(writer, RequestStop_supervises, supervises);
    writer_bytes(writer, RequestStop_data, data);
    core_send(request);
}

static void finish_kept(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    if (!agent || (job->id == 0 && !held_is(desk, (uint64_t)desk_job_number(job, "ixn"))))
        return; /* the agent has it */
    struct desk_request *request = core_ask(agent, KIND_RequestStop, (uint64_t)desk_job_number(job, "ixn"), job->id);
    request->ticket = job->ticket;
    finish_ask(request, desk_text(job->params, "result"), desk_job_number(job, "supervises") != 0,
               (struct span){job->bytes->data, job->bytes->len});
}

/* Asks the core to end the interaction, with user data. The store has a wrap-up code first: whoever dies meanwhile, the
 * code is in the contact's history. */
static void said_finish(const struct desk_said *said, const char *wrapup, bool supervises, const struct kv *data)
{
    const struct item *item = item_of(said->agent, said->ixn);
    struct span pairs = kv_span(data);
    if (said->goes && item) said_keep_end(item, *wrapup ? wrapup : "done"); /* the agent is gone when the core agrees */
    if (!*wrapup || !item || item->stored == 0 || said->goes) {
        finish_ask(said_ask(said, KIND_RequestStop), wrapup, supervises, pairs);
        return;
    }
    struct desk_job *job =
        desk_job_new(said->desk, json_pack("{s:I, s:s, s:I, s:i, s:O*, s:O*}", "ixn", (json_int_t)said->ixn, "result",
                                           wrapup, "interaction", (json_int_t)item->stored, "supervises",
                                           (int)supervises, "of", json_object_get(item->shown, "external_id"),
                                           "of_media", json_object_get(item->shown, "media")));
    job->work = desk_keep_result;
    job->bytes = g_byte_array_append(g_byte_array_new(), pairs.bytes, (guint)pairs.length);
    job->done = finish_kept;
    said_keep(said, job);
}

/* Ends an interaction; its wrap-up code, one of the setting, is kept with it and in its user data. */
static void said_on_done(struct desk_said *said)
{
    const char *wrapup = said_text(said, "wrapup");
    bool supervises;
    if (!said_has_wrapup(said, wrapup) || over_done(said)) return;
    if (!said_may(said, ACT_stop, &supervises)) return;
    struct kv data;
    kv_init(&data);
    if (*wrapup) kv_put_text(&data, "wrapup", span_of(wrapup));
    said_finish(said, wrapup, supervises, &data);
    kv_free(&data);
}

/* ---- user data ---- */

/* Is a macro taken back that gives the interaction this user data, a wrap-up code or a reason? */
static bool said_undoes(const struct desk_said *said, const char *key)
{
    const json_t *macro = macro_named(said->desk->macros, said_text(said, "macro"));
    for (size_t i = 0; i < G_N_ELEMENTS(macro_texts); i++)
        if (strcmp(key, macro_texts[i][1]) == 0) return json_object_get(macro, macro_texts[i][0]) != NULL;
    return false;
}

static bool said_may_change(const struct desk_said *said, const char *key, const char *value)
{
    const struct desk_setting *setting = &said->desk->setting;
    if (setting->all_tags[0] && strcmp(key, DATA_TAGS) == 0)
        return macros_tags_good(setting, value) ||
               said_refuse(said, "invalid", "tags: there is one that the setting `tags` does not have");
    if (web_words_have(setting->all_data, key)) return true;
    if (said_undoes(said, key)) return strcmp(key, "wrapup") != 0 || said_has_wrapup(said, value);
    return said_refuse(said, "no_privilege",
                       "This is none of the user data that agents may change: the setting `data` names them.");
}

static bool may_change_all(const struct desk_said *said, const json_t *pairs, const json_t *keys)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)pairs, key,
                        value) if (!said_may_change(said, key, json_string_value(value))) return false;
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (!said_may_change(said, json_string_value(json_array_get(keys, i)), "")) return false;
    return true;
}

/* Changes user data. An event has one operation, so a message has pairs or keys, never both. */
static void said_on_data(struct desk_said *said)
{
    const json_t *pairs = json_object_get(said->message, "pairs"), *keys = json_object_get(said->message, "delete");
    const char *key;
    json_t *value;
    struct kv kv;
    bool supervises;
    if (!said_may(said, ACT_data, &supervises)) return;
    if (!json_object_size(pairs) == !json_array_size(keys)) {
        said_refuse(said, "invalid", "`pairs` or `delete`, one of them");
        return;
    }
    if (!may_change_all(said, pairs, keys)) return;
    struct desk_request *request = said_ask(said, KIND_RequestUserData);
    struct writer *writer = said_writer(said);
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
    writer_u(writer, RequestUserData_supervises, supervises);
    core_send(request);
}

/* ---- macros ---- */

/* The user data that the macro changes. */
static void macro_data(const struct desk_said *said, const json_t *macro, struct kv *data)
{
    const struct item *item = item_of(said->agent, said->ixn);
    const json_t *shown = item ? json_object_get(item->shown, "data") : NULL;
    const char *tags = json_string_value(json_object_get(shown, DATA_TAGS)), *key;
    json_t *value;
    json_object_foreach(json_object_get(macro, "data"), key, value)
        kv_put_text(data, key, span_of(json_string_value(value)));
    for (size_t i = 0; i < G_N_ELEMENTS(macro_texts); i++) {
        value = json_object_get(macro, macro_texts[i][0]);
        if (value) kv_put_text(data, macro_texts[i][1], span_of(json_string_value(value)));
    }
    if (!json_object_get(macro, "tags")) return;
    char *all = macros_tags_joined(tags ? tags : "", json_object_get(macro, "tags"));
    kv_put_text(data, DATA_TAGS, span_of(all));
    g_free(all);
}

/* Does what a macro of the site says besides its response, as one request to the core. */
static void said_on_macro(struct desk_said *said)
{
    const json_t *macro = macro_named(said->desk->macros, said_text(said, "name"));
    const char *to = json_string_value(json_object_get(macro, "to")), *wrapup;
    bool finish = json_is_true(json_object_get(macro, "finish"));
    struct kv data;
    if (!macro) {
        said_refuse(said, "invalid", "There is no such macro.");
        return;
    }
    if (!said_item_for(said, ACT_data) || ((to || finish) && !said_item_for(said, to ? ACT_place : ACT_stop))) return;
    wrapup = json_string_value(json_object_get(macro, "wrapup"));
    kv_init(&data);
    macro_data(said, macro, &data);
    if (to) {
        said_place(said, to, json_string_value(json_object_get(macro, "place")), "", &data);
    } else if (finish) {
        said_finish(said, wrapup ? wrapup : "", false, &data);
    } else if (kv_span(&data).length != 0) {
        struct desk_request *request = said_ask(said, KIND_RequestUserData);
        writer_u(said_writer(said), RequestUserData_op, data_op_Update);
        writer_kv(said_writer(said), RequestUserData_pairs, &data);
        core_send(request);
    } else {
        agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL); /* it is a response alone */
    }
    kv_free(&data);
}

/* Keeps the answer that the agent has begun with the interaction, as user data, for whoever has it next; an empty text
 * forgets it. */
static void said_on_draft(struct desk_said *said)
{
    const char *text = said_text(said, "text");
    const struct item *item = said_item_for(said, ACT_data);
    struct kv kv;
    if (!item) return;
    struct desk_request *request = said_ask(said, KIND_RequestUserData);
    struct writer *writer = said_writer(said);
    writer_u(writer, RequestUserData_op, *text ? data_op_Update : data_op_DeletePair);
    if (*text) {
        uint32_t length = utf8_cut(text, (uint32_t)strlen(text), DRAFT_MAX);
        kv_init(&kv);
        kv_put_text(&kv, DATA_DRAFT, (struct span){(const uint8_t *)text, length});
        kv_put_text(&kv, DATA_DRAFT_BY, span_of(said->agent->name));
        writer_kv(writer, RequestUserData_pairs, &kv);
        kv_free(&kv);
    } else {
        writer_list_begin(writer, RequestUserData_keys);
        writer_list_text(writer, span_of(DATA_DRAFT));
        writer_list_text(writer, span_of(DATA_DRAFT_BY));
        writer_list_end(writer);
    }
    core_send(request);
}

/* ---- e-mails ---- */

typedef const char *on_mail(struct desk_agent *, const struct item *, const json_t *message, json_int_t id);

static void said_mail(const struct desk_said *said, const struct item *item, on_mail *on)
{
    if (worker_waiting(said->desk->worker) > ASKED_MAX) {
        said_refuse(said, "busy", "The contact store is behind; again in a moment.");
        return;
    }
    const char *wrong = on(said->agent, item, said->message, said->id);
    assert(!item || item->open);
    if (wrong) said_refuse(said, "invalid", wrong);
}

/* May the agent finish the e-mail with its answer, by `finish` of the message? */
static bool said_may_finish(const struct desk_said *said)
{
    const json_t *macro = macro_named(said->desk->macros, said_text(said, "macro"));
    bool ends = json_object_get(macro, "to") || json_is_true(json_object_get(macro, "finish"));
    if (!json_object_get(said->message, "finish")) return true;
    if (said->ixn == 0) return said_refuse(said, "invalid", "finish: `ixn` is missing");
    if (*said_text(said, "macro") && !ends)
        return said_refuse(said, "invalid", "macro: there is no such macro that ends it");
    return said_item_for(said, json_object_get(macro, "to") ? ACT_place : ACT_stop) &&
           said_has_wrapup(said, said_text(said, "wrapup"));
}

static void said_on_send(struct desk_said *said)
{
    if (!said_may_finish(said)) return;
    const struct item *item = said->ixn != 0 ? said_item_for(said, ACT_answer) : NULL;
    if (item || (said->ixn == 0 && said_may_begin(said))) said_mail(said, item, mail_send);
}

static void on_revise(struct desk_said *said)
{
    const struct item *item = said_item_for(said, ACT_revise);
    if (item) said_mail(said, item, mail_revise);
}

/* ---- watching ---- */

/* Begins or ends to watch an object. The limits are checked first: each watched object uses memory here and in the
 * core. */
static void said_on_watch(struct desk_said *said)
{
    bool on = json_is_true(json_object_get(said->message, "on"));
    const char *name = said_text(said, "object"), *whose = said_text(said, "whose");
    enum object object = (enum object)enum_value_object(name, (uint32_t)strlen(name));
    if (g_hash_table_size(said->desk->watches) >= WATCHES_MAX) {
        said_refuse(said, "busy", "Too much is watched.");
        return;
    }
    if (on && object == object_queue && !said_shows_queue(said, said_text(said, "name"), false)) return;
    /* The core makes a workbin that it does not know, and never removes it: so only those of the setting may be
     * watched. */
    if (on && object == object_workbin && !web_words_have(said->desk->setting.all_workbins, said_text(said, "name"))) {
        said_refuse(said, "invalid", "name: it is none of `workbins`");
        return;
    }
    if (object == object_workbin && !*whose) whose = said->agent->name;
    watch_set(said->agent, object, said_text(said, "name"), object == object_workbin ? whose : NULL, on, said->id);
}

static void on_ping(struct desk_said *said)
{
    agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
}

static void on_phone(struct desk_said *said)
{
    if (!said_has_reason(said, said_text(said, "reason")) || !said_has_wrapup(said, said_text(said, "wrapup"))) return;
    const char *code, *wrong = phone_ask(said->agent, said->message, said->id, &code);
    if (wrong) said_refuse(said, code, wrong);
}

/* ---- which ---- */

static const struct said_handler {
    const char *type;
    on_said *on;
} handlers[] = {
    {"state", said_state},        {"accept", said_on_accept}, {"reject", on_reject},
    {"message", said_message},    {"typing", said_typing},    {"move", said_move},
    {"pull", said_pull},          {"done", said_on_done},     {"data", said_on_data},
    {"send", said_on_send},       {"revise", on_revise},      {"watch", said_on_watch},
    {"phone", on_phone},          {"ping", on_ping},          {"record", said_record},
    {"text", said_begin_text},    {"ask", asks_said},         {"draft", said_on_draft},
    {"code", said_on_code},       {"macro", said_on_macro},   {"merge", divide_said_merge},
    {"split", divide_said_split}, {"look", said_look},
};

void said_handlers(GHashTable *messages)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        g_hash_table_insert(messages, (void *)handlers[i].type, (void *)&handlers[i]);
}

void said_for(struct desk_agent *agent, const json_t *message, bool goes)
{
    struct desk_said said = {.desk = agent->desk, .agent = agent, .message = message, .goes = goes};
    const struct said_handler *handler = g_hash_table_lookup(agent->desk->messages, said_text(&said, "type"));
    if (handler && ident_read_ixn(said_text(&said, "ixn"), &said.ixn)) handler->on(&said);
}

/* Handles a message; cheap checks come first. The telephone works while the core is away. */
static void said_take_message(struct desk_said *said)
{
    char why[SAID_WHY];
    const char *ixn = said_text(said, "ixn");
    said->id = json_integer_value(json_object_get(said->message, "id"));
    if (!contract_message(said->desk->contract, said->message, why, sizeof why)) {
        said_refuse(said, "invalid", why);
        return;
    }
    const struct said_handler *handler = g_hash_table_lookup(said->desk->messages, said_text(said, "type"));
    assert(handler); /* read_contract() has checked that each message has a handler */
    if (*ixn && !ident_read_ixn(ixn, &said->ixn))
        said_refuse(said, "invalid", "ixn: it is none");
    else if (handler->on != on_phone && !said->desk->services->up(said->desk->link))
        said_refuse(said, "away", "The router is away: again in a moment.");
    else if (g_hash_table_size(said->desk->asked) > ASKED_MAX || outbox_length(&said->desk->asks.outbox) > ASKED_MAX)
        said_refuse(said, "busy", "The router is behind: again in a moment.");
    else if (!asks_answer(said))
        handler->on(said);
}

void said_heard(void *self, uint64_t ticket, const char *text, size_t length)
{
    struct desk_said said = {.desk = self, .agent = g_hash_table_lookup(((struct desk *)self)->tickets, &ticket)};
    json_error_t wrong;
    if (editors_heard(self, ticket, text, length)) return;
    if (console_has(said.desk->console, ticket)) console_heard(said.desk->console, ticket, text, length);
    if (!said.agent || !said.agent->session) return;
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
    said.message = message;
    if (json_is_object(message))
        said_take_message(&said);
    else
        said_refuse(&said, "invalid", "a message is a JSON object");
    json_decref(message);
}
