/* compiler/lsp/server.c - Reads messages and sends answers, from initialize to exit.
 *
 *     frames_read() -> server_take_answer()      all messages that have come; a cancel marks its request
 *                   -> server_handle()           each, in order: a request is answered, a notification is done
 *                   -> server_check_documents()  when no message waits: diagnostics
 *                   -> server_wait()             for the editor, the test that is played, or QUIET_MS
 *
 * So a cancel arrives before its request is answered, and of several changes of a document only the last is
 * compiled. A user who types never has to wait for diagnostics. While the user types only the current strategy is
 * checked (focus); the rest follows during a pause. The exit status is 0 only if shutdown was received before exit. */
#include "compiler/base/frame_json.h"
#include "compiler/lsp/play.h"
#include "compiler/lsp/server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    MESSAGE_BYTES = 32 * 1024 * 1024,
    WAITING_MAX = 256, /* the most messages read before the first of them is answered */
    QUIET_MS = 500     /* longer than the time between two key presses while typing */
};

/* Asks the editor to watch the files that a compilation reads: sources, schemas, tables, pulled schemas, holidays. */
static void watch_files(struct server *server)
{
    json_t *watched = json_pack("{s[{ss}{ss}]}", "watchers", "globPattern", "**/*.{gcx,sql,csv,pulled}", "globPattern",
                                "**/holidays/*.txt");
    json_t *registration =
        json_pack("{ss ss so}", "id", "files", "method", "workspace/didChangeWatchedFiles", "registerOptions", watched);
    server_put_message(server, json_pack("{ss ss ss s{s[o]}}", "jsonrpc", "2.0", "id", "watch", "method",
                                         "client/registerCapability", "params", "registrations", registration));
}

/* ---- messages of the editor ---- */

enum request_focus { FOCUS, WHOLE, READY };

static const struct {
    const char *method;
    void (*ask)(struct server *, const json_t *params, struct lsp_answer *);
    void (*ask_document)(struct server *, const struct document *, const json_t *params, struct lsp_answer *);
    enum request_focus focus;
} requests[] = {
#define SERVER_REQUEST(method, name, ...)          {method, lsp_##name, NULL, WHOLE},
#define DOCUMENT_REQUEST(method, name, focus, ...) {method, NULL, lsp_##name, focus},
#include "compiler/lsp/requests.def"
};

/* Marks all documents as changed, as any may read the changed file; publish_concerned() leaves out those that do
 * not. */
static void all_changed(struct server *server)
{
    for (struct document *document = server->documents.first; document; document = document->next)
        document->changed = true;
}

static bool server_has_pending(const struct server *server)
{
    for (const struct document *document = server->documents.first; document; document = document->next)
        if (document->changed) return true;
    return false;
}

static bool server_is_late(const struct server *server)
{
    for (const struct document *document = server->documents.first; document; document = document->next)
        if (document->known != KNOWN_WHOLE) return true;
    return false;
}

/* Is the place in the request within the strategy that was checked in focus? */
static bool asks_in_focus(const struct document *document, const json_t *params)
{
    uint32_t at = analysis_offset(document->analysis, json_object_get(params, "position"));
    if (document->known != KNOWN_FOCUS || !at) return false;
    struct source_span span = focus_span(document->focus);
    at -= document->analysis->source->base;
    return at > span.begin && at < span.end;
}

/* Before a request about a document is answered, the document's newest text is checked. */
static void ask_document(struct server *server, size_t which, const json_t *params, struct lsp_answer *answer)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    if (server_has_pending(server)) server_check_documents(server, false);
    const struct document *document = uri ? document_named(&server->documents, uri) : NULL;
    enum request_focus focus = requests[which].focus;
    if (document && document->known != KNOWN_WHOLE && focus != READY &&
        !(focus == FOCUS && asks_in_focus(document, params)))
        server_check_documents(server, true);
    if (document)
        requests[which].ask_document(server, document, params, answer);
    else
        answer_wrong(answer, WRONG_PARAMS, "this document is not open");
}

static void server_ask(struct server *server, const char *method, const json_t *params, struct lsp_answer *answer)
{
    bool first = strcmp(method, "initialize") == 0;
    if (!server->begun && !first) {
        answer_wrong(answer, WRONG_NOT_BEGUN, "initialize comes first");
        return;
    }
    if (server->ending) {
        answer_wrong(answer, WRONG_REQUEST, "after shutdown only exit is expected");
        return;
    }
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].method, method) != 0) continue;
        if (requests[i].ask)
            requests[i].ask(server, params, answer);
        else
            ask_document(server, i, params, answer);
        return;
    }
    answer_wrong(answer, WRONG_METHOD, "there is no method '%.100s'", method);
}

void server_each_program(struct server *server, around_program *each, void *self)
{
    json_t *folders = json_object(), *one;
    const char *name;
    if (server_has_pending(server)) server_check_documents(server, false);
    for (const struct document *document = server->documents.first; document; document = document->next) {
        char *folder = document->apart || !document->analysis ? NULL : around_folder(document);
        if (folder) json_object_set_new_nocheck(folders, folder, json_true());
        free(folder);
    }
    if (json_object_size(folders) == 0 && server->folder)
        json_object_set_new_nocheck(folders, server->folder, json_true());
    json_object_foreach(folders, name, one) around_programs(&server->documents, name, each, self);
    json_decref(folders);
}

static void refuse_document(struct server *server, const json_t *params, const char *why)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    char text[512];
    snprintf(text, sizeof text, "%.200s %s", uri ? uri : "a document without a name", why);
    json_t *message = json_string(text);
    if (!message) message = json_string(why);
    server_notify(server, "window/showMessage", json_pack("{si so}", "type", 1, "message", message));
}

static bool server_is_open(const struct server *server, const json_t *params)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    return uri && document_named(&server->documents, uri);
}

/* Handles a notification, which has no answer: a failure is shown as a message to the user. */
static void server_take_notification(struct server *server, const char *method, const json_t *params)
{
    if (strcmp(method, "exit") == 0) {
        server->gone = true;
        return;
    }
    if (!server->begun || server->ending) return;
    if (strcmp(method, "initialized") == 0 && server->watches) {
        watch_files(server);
    } else if (strcmp(method, "textDocument/didOpen") == 0) {
        if (!documents_open(&server->documents, params))
            refuse_document(server, params, "is not followed: it is open already, too large, or no file");
        all_changed(server); /* others may read it */
    } else if (strcmp(method, "textDocument/didChange") == 0) {
        /* the document was refused when it was opened, and the editor was told so */
        if (!server_is_open(server, params)) return;
        if (!documents_change(&server->documents, params)) {
            refuse_document(server, params, "is no longer followed: the change is none that can be made");
            all_changed(server);
        }
    } else if (strcmp(method, "textDocument/didClose") == 0) {
        documents_close(&server->documents, params);
        all_changed(server);
        server_check_documents(server, true); /* even if it was the last document: its diagnostics are removed */
    } else if (strcmp(method, "textDocument/didSave") == 0 || strcmp(method, "workspace/didChangeWatchedFiles") == 0) {
        all_changed(server);
    }
}

/* Handles a message; one without a method is an answer to a request of the server and needs nothing; one that is
 * neither is refused. */
static void server_handle(struct server *server, json_t *message, bool cancelled)
{
    const char *method = json_string_value(json_object_get(message, "method"));
    json_t *id = json_object_get(message, "id");
    struct lsp_answer answer = {0};
    bool request = json_is_integer(id) || json_is_string(id);
    if (!method && json_is_object(message) && !json_object_get(message, "error") &&
        !json_object_get(message, "result")) {
        answer_wrong(&answer, WRONG_REQUEST, "this is neither a request nor an answer");
        server_reply(server, request ? id : json_null(), &answer);
        return;
    }
    if (!method) return; /* an answer to the server's own request */
    if (id && !request) {
        answer_wrong(&answer, WRONG_REQUEST, "an id is a number without a fraction, or a text");
        server_reply(server, json_null(), &answer);
        return;
    }
    answer.id = id;
    if (!request) {
        server_take_notification(server, method, json_object_get(message, "params"));
        return;
    }
    if (cancelled)
        answer_wrong(&answer, WRONG_CANCELLED, "cancelled");
    else
        server_ask(server, method, json_object_get(message, "params"), &answer);
    if (!answer.later) server_reply(server, id, &answer);
}

/* ---- all received messages, in their order ---- */

struct waiting {
    json_t *message[WAITING_MAX];
    bool cancelled[WAITING_MAX];
    size_t count;
};

/* Cancels a request: a test that is played is ended; a request that still waits is marked and answered as cancelled
 * in its turn. */
static void server_cancel(struct server *server, struct waiting *waiting, const json_t *id)
{
    if (id && play_cancel(server, id)) return;
    for (size_t i = 0; i < waiting->count; i++)
        if (id && json_equal(json_object_get(waiting->message[i], "id"), id)) waiting->cancelled[i] = true;
}

static void server_take_answer(struct server *server, struct waiting *waiting)
{
    size_t length;
    const char *body;
    waiting->count = 0;
    while (waiting->count < WAITING_MAX && (body = frames_next(&server->frames, &length))) {
        json_t *message = frame_json(body, length);
        const char *method = json_string_value(json_object_get(message, "method"));
        if (!json_is_object(message)) {
            struct lsp_answer answer = {0};
            answer_wrong(&answer, message ? WRONG_REQUEST : WRONG_JSON, "this is no message");
            json_t *none = json_null();
            server_reply(server, none, &answer);
            json_decref(message);
        } else if (method && strcmp(method, "$/cancelRequest") == 0) {
            server_cancel(server, waiting, json_object_get(json_object_get(message, "params"), "id"));
            json_decref(message);
        } else {
            waiting->cancelled[waiting->count] = false;
            waiting->message[waiting->count++] = message;
        }
    }
}

static bool descriptor_readable(int descriptor, int timeout_ms)
{
    struct pollfd wait = {.fd = descriptor, .events = POLLIN};
    return poll(&wait, 1, timeout_ms) != 0;
}

/* Waits for the editor or for the output of a played test. Returns true where the editor has sent something. During
 * a pause, documents that were checked only in focus are checked as a whole. */
static bool server_wait(struct server *server)
{
    struct pollfd wait[2] = {{.fd = server->frames.in, .events = POLLIN},
                             {.fd = play_descriptor(server), .events = POLLIN}};
    int ready = poll(wait, 2, server_is_late(server) ? QUIET_MS : -1);
    if (ready == 0) server_check_documents(server, true);
    if (ready <= 0) return false;
    if (wait[1].revents) play_read(server);
    return wait[0].revents != 0;
}

int lsp_serve(int in, int out, trial_play *trial)
{
    struct server server = {
        .frames = {.in = in, .out = out, .most = MESSAGE_BYTES}, .published = json_object(), .trial = trial};
    struct waiting *waiting = memory_zeroed(1, sizeof *waiting);
    documents_begin(&server.documents);
    while (!server.gone && !server.frames.broken) {
        server_take_answer(&server, waiting);
        for (size_t i = 0; i < waiting->count; i++) {
            if (!server.gone) server_handle(&server, waiting->message[i], waiting->cancelled[i]);
            json_decref(waiting->message[i]);
        }
        if (server.gone || waiting->count == WAITING_MAX) continue;
        if (server.frames.ended) break;
        /* Documents are checked only when no message waits, so an edit need not wait for the check of earlier edits. */
        if (server_has_pending(&server) && !descriptor_readable(in, 0)) server_check_documents(&server, false);
        if (!server.gone && server_wait(&server)) frames_read(&server.frames);
    }
    if (server.frames.broken) fputs("gcxc lsp: the input is no message of the protocol\n", stderr);
    bool good = server.ending && !server.frames.broken;
    server.gone = true;
    play_cancel(&server, NULL);
    documents_free(&server.documents);
    free(server.folder);
    json_decref(server.published);
    frames_free(&server.frames);
    free(waiting);
    return good ? 0 : 1;
}
