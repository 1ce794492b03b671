/* runtime/adapters/chat/file.c - Files sent by HTTP next to the chat's connection: a customer brings a file and then
 * sends a message that names it, or fetches a file that a message has named. The request carries the chat's token.
 *
 * The bytes of a file are in memory: `held` counts those of all customers, from the request until the store has
 * them, and from the store until the customer has the last byte; at HELD_MAX customers get the error `busy`. The
 * contact store removes a file that no message names after some time. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/web/authorization.h"
#include "runtime/web/origins.h"
#include "runtime/web/reply.h"

enum {
    MIB = 1024 * 1024,
    HELD_MAX = 128 * MIB, /* most bytes of files in memory, on their way to or from the store */
    FILE_JOBS_MAX = 2000,
    FILE_NAME_MAX_BYTES = 255,
};

/* ---- answers ---- */

static void file_answer(struct evhttp_request *http, int code, json_t *object)
{
    page_headers(http);
    reply_json(http, code, object);
}

static const struct {
    const char *error;
    int code;
} refusals[] = {{"invalid", 400}, {"unknown", 401},  {"file", 404}, {"not_open", 409}, {"too_large", 413},
                {"type", 415},    {"too_many", 429}, {"busy", 503}, {"store", 503},    {NULL, 400}};

static void file_refuse(struct evhttp_request *http, const char *error)
{
    size_t i = 0;
    while (refusals[i].error && strcmp(refusals[i].error, error) != 0) i++;
    file_answer(http, refusals[i].code, json_pack("{s:s}", "error", error));
}

/* ---- who asks ---- */

static struct chat_session *file_session_by(const struct chat *chat, const char *authorization)
{
    const char *token = authorization_secret(authorization, "Bearer");
    return token ? session_of_token(chat, token) : NULL;
}

bool file_known(void *self, const char *authorization)
{
    return file_session_by(self, authorization) != NULL;
}

json_t *file_rules(const struct chat *chat)
{
    char **types = chat->setting.all_types;
    if (!*types) return NULL;
    json_t *rules = json_pack("{s:I, s:[]}", "size", (json_int_t)(chat->setting.file_size * MIB), "types");
    for (; *types; types++) json_array_append_new(json_object_get(rules, "types"), json_string(*types));
    return rules;
}

const char *file_name_of(const struct chat_session *session, int64_t file)
{
    return session->files ? g_hash_table_lookup(session->files, &file) : NULL;
}

/* ---- jobs ---- */

static struct conversation_job *file_job_of(struct chat_session *session, struct evhttp_request *http, enum keep what)
{
    struct conversation_job *job = conversation_job(&session->conversation, what);
    job->asker = asker_new(http);
    return job;
}

void file_dropped(struct conversation_job *job)
{
    asker_free(job->asker);
    job->asker = NULL;
}

static bool is_behind(const struct chat *chat)
{
    return office_waiting(chat->conversations.office) > FILE_JOBS_MAX || chat->held >= HELD_MAX;
}

/* ---- a file is brought ---- */

/* The content type as the customer's browser states it; the bytes are not examined. */
static char *file_type_of(struct evhttp_request *http)
{
    char *type = g_ascii_strdown(door_header(http, "Content-Type"), -1), *more = strchr(type, ';');
    if (more) *more = 0;
    return g_strstrip(type);
}

/* The file's name as the request gives it, in UTF-8; characters of a path, and characters that do not print, are
 * replaced. NULL: there is none. */
static char *file_given_name(struct evhttp_request *http)
{
    struct evkeyvalq pairs;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(http));
    if (!query || evhttp_parse_query_str(query, &pairs) != 0) return NULL;
    const char *given = evhttp_find_header(&pairs, "name");
    bool good = given && *given && strlen(given) <= FILE_NAME_MAX_BYTES && g_utf8_validate(given, -1, NULL);
    GString *name = g_string_new(NULL);
    for (const char *c = good ? given : ""; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(name, g_unichar_isprint(letter) && !strchr("/\\", *c) ? letter : '_');
    }
    evhttp_clear_headers(&pairs);
    return g_string_free(name, !good);
}

static void give_bring(struct chat_session *session, struct evhttp_request *http, const char *name, const char *type)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    size_t length = evbuffer_get_length(in);
    assert(length > 0 && name);
    struct conversation_job *job = file_job_of(session, http, KEEP_BRING);
    job->keep.text = g_strdup(name);
    text_set(job->keep.part.type, sizeof job->keep.part.type, type);
    job->keep.bytes = g_byte_array_sized_new((guint)length);
    g_byte_array_set_size(job->keep.bytes, (guint)length);
    evbuffer_remove(in, job->keep.bytes->data, length);
    session->chat->held += length;
    session->brought++;
    conversation_job_give(job);
}

/* Stores a file of a customer if the limits allow it, the cheapest check first; the name and the type are those that
 * the browser states. */
static void file_bring(struct chat_session *session, struct evhttp_request *http)
{
    const struct chat_setting *setting = &session->chat->setting;
    size_t length = evbuffer_get_length(evhttp_request_get_input_buffer(http));
    char *name = file_given_name(http), *type = file_type_of(http);
    if (session->conversation.phase > CONVERSATION_OPEN)
        file_refuse(http, "not_open");
    else if (!web_words_have(setting->all_types, type))
        file_refuse(http, "type");
    else if (length > setting->file_size * MIB)
        file_refuse(http, "too_large");
    else if (!name || length == 0)
        file_refuse(http, "invalid");
    else if (session->brought >= setting->files)
        file_refuse(http, "too_many");
    else if (is_behind(session->chat))
        file_refuse(http, "busy");
    else
        give_bring(session, http, name, type);
    g_free(name);
    g_free(type);
}

/* Answers the browser when the store has taken or refused the file: the customer gets the file's number, by which a
 * message may name it. */
static void file_brought(struct conversation_job *job, struct evhttp_request *http)
{
    struct chat_session *session = chat_session(job->conversation);
    assert(session->chat->held >= job->keep.bytes->len);
    session->chat->held -= job->keep.bytes->len;
    if (!job->keep.good) {
        session->chat->services->log(session->chat->link, GCX_LOG_ERROR, job->conversation->ixn,
                                     job->conversation->conn, "chat %s: the contact store does not take a file: %s",
                                     job->conversation->external_id, job->keep.error.text);
        assert(session->brought > 0);
        session->brought--;
        if (http) file_refuse(http, "store");
        return;
    }
    if (!http) return; /* nobody knows the file's number: the store removes it after some time */
    int64_t *number = g_new(int64_t, 1);
    *number = job->keep.part.part;
    if (!session->files) session->files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    g_hash_table_replace(session->files, number, g_strdup(job->keep.text));
    file_answer(http, HTTP_OK, json_pack("{s:I}", "file", (json_int_t)*number));
}

/* ---- a file is fetched ---- */

static void file_fetch(struct chat_session *session, struct evhttp_request *http, const char *number)
{
    char *end;
    int64_t part = g_ascii_strtoll(number, &end, 10);
    if (!g_ascii_isdigit(*number) || *end || part <= 0)
        file_refuse(http, "file");
    else if (is_behind(session->chat))
        file_refuse(http, "busy");
    else {
        struct conversation_job *job = file_job_of(session, http, KEEP_FETCH);
        job->keep.part.part = part;
        conversation_job_give(job);
    }
}

struct sending { /* a file of which the customer has not yet got all bytes */
    struct chat *chat;
    size_t length;
};

static void on_sent(struct evhttp_request *http, void *self)
{
    struct sending *sending = self;
    assert(sending->chat->held >= sending->length);
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    if (connection) evhttp_connection_set_closecb(connection, NULL, NULL);
    sending->chat->held -= sending->length;
    free(sending);
}

static void on_unsent(struct evhttp_connection *connection, void *self)
{
    struct sending *sending = self;
    assert(sending->chat->held >= sending->length);
    (void)connection;
    sending->chat->held -= sending->length;
    free(sending);
}

/* Sends a file to the browser with the header that makes the browser save it, whatever type the file claims to be. */
static void send_file(struct chat *chat, struct conversation_job *job, struct evhttp_request *http)
{
    assert(job->keep.bytes && job->keep.text);
    struct sending *sending = memory_zeroed(1, sizeof *sending);
    char *escaped = g_uri_escape_string(*job->keep.text ? job->keep.text : "file", NULL, FALSE);
    char *place = g_strconcat("attachment; filename*=UTF-8''", escaped, NULL);
    page_headers(http);
    reply_header(http, "Content-Disposition", place);
    *sending = (struct sending){chat, job->keep.bytes->len};
    chat->held += sending->length;
    evhttp_request_set_on_complete_cb(http, on_sent, sending);
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), on_unsent, sending);
    reply_bytes(http, HTTP_OK, "application/octet-stream", job->keep.bytes->data, job->keep.bytes->len);
    g_free(escaped);
    g_free(place);
}

static void file_fetched(struct conversation_job *job, struct evhttp_request *http)
{
    struct chat *chat = chat_session(job->conversation)->chat;
    if (!http) return;
    if (!job->keep.good)
        file_refuse(http, keep_again(&job->keep) ? "store" : "file");
    else if (chat->held >= HELD_MAX)
        file_refuse(http, "busy");
    else
        send_file(chat, job, http);
}

/* Handles a job for a file that the thread has done; the browser that asked may have gone. */
void file_done(struct conversation_job *job)
{
    struct evhttp_request *http = asker_over(job->asker);
    job->asker = NULL;
    if (job->keep.what == KEEP_BRING)
        file_brought(job, http);
    else
        file_fetched(job, http);
}

/* ---- a request ---- */

void file_request(struct chat *chat, struct evhttp_request *http, const char *path)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(http);
    const char *number = g_str_has_prefix(path, "/files/") ? path + strlen("/files/") : NULL;
    struct chat_session *session = file_session_by(chat, door_header(http, "Authorization"));
    if (method == EVHTTP_REQ_OPTIONS)
        page_allow(http, "GET, POST", "Authorization, Content-Type");
    else if (!door_may_ask(chat->door, http, chat->setting.files_per_minute))
        file_refuse(http, "too_many");
    else if (!session)
        file_refuse(http, "unknown");
    else if (method == EVHTTP_REQ_POST && !number)
        file_bring(session, http);
    else if (method == EVHTTP_REQ_GET && number)
        file_fetch(session, http, number);
    else
        file_refuse(http, "invalid");
}
