/* runtime/daemon/admin.c - The admin socket: lines in, lines out, in order. */
#include "config.h"
#include "runtime/daemon/admin.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/daemon/daemon.h"
#include "runtime/daemon/reads.h"
#include "runtime/daemon/socket.h"
#include "runtime/vocabulary/bytes.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024 }; /* a client that does not read so much is let go */

struct client {
    struct client *next;
    struct admin *admin;
    struct bufferevent *stream;
    json_t *id;        /* of a load that is not durable yet; NULL: none */
    uint64_t load_seq; /* it is, when so much of the admin source is */
    bool waits;
    bool closing;   /* when what was written has gone */
    char actor[16]; /* the peer, as events name it: uid:1000 */
};

struct admin {
    struct daemon *daemon;
    struct event_base *base;
    struct evconnlistener *listener;
    struct client *clients;
    unsigned count;
    char *path;
};

static void client_free(struct client *client)
{
    struct client **at = &client->admin->clients;
    while (*at != client) at = &(*at)->next;
    *at = client->next;
    client->admin->count--;
    json_decref(client->id);
    bufferevent_free(client->stream);
    free(client);
}

/* Writes one line and gives up the object. */
static void reply(struct client *client, json_t *object, json_t *id)
{
    char *text;
    if (id != NULL) json_object_set(object, "id", id);
    text = json_dumps(object, JSON_COMPACT);
    if (text == NULL) abort();
    bufferevent_write(client->stream, text, strlen(text));
    bufferevent_write(client->stream, "\n", 1);
    free(text);
    json_decref(object);
}

static void refuse(struct client *client, json_t *id, const char *code, const char *text)
{
    char said[512];
    snprintf(said, sizeof said, "%s", text);
    utf8_clean(said); /* it quotes what was asked, or a file, and may be cut */
    reply(client, json_pack("{s:b,s:s,s:s}", "ok", 0, "code", code, "error", said), id);
}

static void close_after_reply(struct client *client)
{
    client->closing = true;
    bufferevent_disable(client->stream, EV_READ);
}

static void load(struct client *client, json_t *id)
{
    struct daemon *daemon = client->admin->daemon;
    struct error error = {0};
    if (!daemon_load(daemon, client->actor, &error)) {
        refuse(client, id, "failed", error.text);
        return;
    }
    client->id = json_incref(id);
    client->load_seq = daemon->reload.seq;
    client->waits = true;
}

static void request_take(struct client *client, const char *line, size_t length)
{
    json_error_t why;
    json_t *request = json_loadb(line, length, JSON_REJECT_DUPLICATES, &why), *id, *answer;
    const char *command;
    struct error error = {0};
    if (!json_is_object(request)) {
        refuse(client, NULL, "invalid", request == NULL ? why.text : "expected an object");
        json_decref(request);
        return;
    }
    id = json_object_get(request, "id");
    command = json_string_value(json_object_get(request, "command"));
    if (command == NULL)
        refuse(client, id, "invalid", "expected `command`, a text");
    else if (strcmp(command, "load") == 0)
        load(client, id);
    else {
        answer = reads_answer(client->admin->daemon, command, request, &error);
        if (answer != NULL) {
            json_object_set_new(answer, "ok", json_true());
            reply(client, answer, id);
        } else {
            refuse(client, id, error.code == ERROR_INPUT ? "invalid" : "unknown", error.text);
        }
    }
    json_decref(request);
}

/* Lines one after another; none while a load is being answered. */
static void lines_take(struct client *client)
{
    struct evbuffer *input = bufferevent_get_input(client->stream);
    struct evbuffer *output = bufferevent_get_output(client->stream);
    while (!client->waits && !client->closing && evbuffer_get_length(output) <= OUTPUT_MAX) {
        size_t length;
        char *line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF);
        if (line != NULL && length <= ADMIN_LINE_MAX) {
            request_take(client, line, length);
        } else if (line != NULL || evbuffer_get_length(input) > ADMIN_LINE_MAX) {
            refuse(client, NULL, "invalid", "the line is longer than 65536 bytes");
            close_after_reply(client);
        }
        free(line);
        if (line == NULL) break;
    }
    if (evbuffer_get_length(output) > OUTPUT_MAX) client_free(client);
}

static void on_read(struct bufferevent *stream, void *self)
{
    (void)stream;
    lines_take(self);
}

static void on_written(struct bufferevent *stream, void *self)
{
    struct client *client = self;
    (void)stream;
    if (client->closing) client_free(client);
}

static void on_event(struct bufferevent *stream, short what, void *self)
{
    (void)stream;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) client_free(self);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                      void *self)
{
    struct admin *admin = self;
    struct client *client;
    uid_t uid;
    bool allowed = socket_peer_allowed(fd, &uid);
    (void)listener;
    (void)address;
    (void)length;
    if (admin->count == ADMIN_CLIENTS_MAX) {
        static const char busy[] =
            "{\"ok\":false,\"code\":\"busy\",\"error\":\"as many clients as may be are here\"}\n";
        if (send(fd, busy, sizeof busy - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) errno = 0; /* it is let go either way */
        close(fd);
        return;
    }
    client = calloc(1, sizeof *client);
    if (client == NULL) abort();
    *client = (struct client){.next = admin->clients, .admin = admin};
    client->stream = bufferevent_socket_new(admin->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (client->stream == NULL) abort();
    admin->clients = client;
    admin->count++;
    bufferevent_setcb(client->stream, on_read, on_written, on_event, client);
    bufferevent_setwatermark(client->stream, EV_READ, 0, 2 * ADMIN_LINE_MAX);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
    snprintf(client->actor, sizeof client->actor, "uid:%u", (unsigned)uid);
    if (allowed) return;
    log_line(admin->daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "user %u was refused", (unsigned)uid);
    refuse(client, NULL, "denied", "only root and the daemon's own user are let in");
    close_after_reply(client);
}

struct admin *admin_new(struct daemon *daemon, struct event_base *base, const char *path, struct error *error)
{
    struct admin *admin;
    int fd = socket_listen(path, error);
    if (fd < 0) return NULL;
    admin = calloc(1, sizeof *admin);
    if (admin == NULL) abort();
    *admin = (struct admin){.daemon = daemon, .base = base, .path = strdup(path)};
    admin->listener = evconnlistener_new(base, on_accept, admin, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, fd);
    if (admin->listener == NULL || admin->path == NULL) abort();
    return admin;
}

void admin_free(struct admin *admin)
{
    if (admin == NULL) return;
    while (admin->clients != NULL) client_free(admin->clients);
    evconnlistener_free(admin->listener);
    unlink(admin->path);
    free(admin->path);
    free(admin);
}

void admin_durable(struct admin *admin)
{
    struct client *next;
    for (struct client *client = admin->clients; client != NULL; client = next) {
        json_t *answer;
        next = client->next;
        if (!client->waits || client->load_seq > admin->daemon->durable_seq) continue;
        if (admin->daemon->reload.refused[0] != '\0') {
            refuse(client, client->id, "failed", admin->daemon->reload.refused);
        } else {
            answer = json_pack("{s:b}", "ok", 1);
            reads_loaded(admin->daemon, answer);
            reply(client, answer, client->id);
        }
        json_decref(client->id);
        client->id = NULL;
        client->waits = false;
        lines_take(client);
    }
}
