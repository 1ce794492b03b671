/* runtime/daemon/admin/admin.c - The admin socket: reads requests by lines, answers in order, and lets no client
 * hold up the others.
 *
 *     line --> line_take --> command_take --> a command that looks: reads_answer, answered at once
 *                                         \-> an act: act_post; the client waits (`waits`) until the journal has its
 *                                             event, and what the act waits for besides (struct act_wait) has come
 *
 * A client has one request at a time. The client's next line is taken in a later turn of the loop, so that a client
 * with many lines does not hold up the others, and not while many of its answers are still unread. When the limit of
 * clients is reached, the client that was idle for longest is closed. */
#include "runtime/adapter/listener.h"
#include "runtime/daemon/admin/admin.h"

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
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/daemon/admin/admin_may.h"
#include "runtime/daemon/admin/admin_seen.h"
#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "base/memory.h"

enum {
    ACTOR_NAME = COMMAND_PERSON_MAX + ROLE_NAME + 8,
    OUTPUT_ENOUGH = 256 * 1024, /* unread bytes above which a client's next request has to wait */
    LONG_ONE = 64,              /* bytes of a text that stands whole in the log */
    OUTPUT_SECONDS = 30,        /* seconds after which a client that reads nothing is closed */
    KEPT_FOR_ADMINS = 16,       /* places for clients that only administrators may use */
    IDLE_US = 1000000,          /* a client that was idle for so long is closed if a new one needs its place */
    /* a client with an unfinished line for so long is closed if a new one needs its place */
    HALF_US = 10000000,
};

struct client {
    struct client *next;
    struct admin *admin;
    struct bufferevent *stream;
    struct event *turn; /* timer of the client's next request: one request at a time, in turn with other clients */
    struct peer peer;
    uint64_t asked_us;      /* when the client last sent a request, or connected: monotonic */
    uint64_t number, req;   /* client and request number, as events of its requests have them */
    json_t *id;             /* `id` of the act that is to be answered; NULL: the client gave none */
    struct act_wait wait;   /* for what */
    char actor[ACTOR_NAME]; /* who did the last act, as it is journaled */
    enum command_id acting;
    json_t *doing;               /* its last act, as it was asked; NULL: none */
    struct admin_shadow *shadow; /* the shadow that the client plays; NULL: none */
    bool waits;
    bool debugs;  /* the client has asked to debug an interaction */
    bool ended;   /* the client has closed its side; its last requests are still answered */
    bool closing; /* the connection closes when the last bytes are sent */
};

struct admin {
    struct daemon *daemon;
    struct event_base *base;
    struct evconnlistener *listener;
    struct client *clients;
    unsigned count;
    uint64_t last_number;
    char *path;
    bool ends; /* the daemon ends: nothing can be posted, and the next leader releases what is debugged */
};

/* Frees the client when its connection is over; the interactions that it debugged go on. */
static void admin_client_free(struct client *client)
{
    assert(client->admin->count > 0);
    struct client **at = &client->admin->clients;
    while (*at != client) at = &(*at)->next;
    *at = client->next;
    client->admin->count--;
    if (client->debugs && !client->admin->ends)
        act_debug_over(client->admin->daemon, client->number, client->peer.name);
    json_decref(client->id);
    json_decref(client->wait.answer);
    json_decref(client->doing);
    free(client->shadow);
    event_free(client->turn);
    bufferevent_free(client->stream);
    free(client);
}

/* Writes one line of JSON and frees the object. */
static void admin_reply(struct client *client, json_t *object, json_t *id)
{
    assert(client && json_is_object(object));
    char *text;
    if (id) json_object_set(object, "id", id);
    text = json_dumps(object, JSON_COMPACT);
    if (!text) abort();
    bufferevent_write(client->stream, text, strlen(text));
    bufferevent_write(client->stream, "\n", 1);
    free(text);
    json_decref(object);
}

/* Answers that the request is refused, with a code for programs and a sentence for people. */
static void admin_refuse(struct client *client, json_t *id, const char *code, const char *text)
{
    char said[1024];
    snprintf(said, sizeof said, "%s", text);
    bytes_clean_utf8(said); /* the sentence may quote the request or a file, and may be cut */
    admin_reply(client, json_pack("{s:b,s:s,s:s}", "ok", 0, "code", code, "error", said), id);
}

/* Closes the connection after the client has got the last reply, which says why. */
static void close_after_reply(struct client *client)
{
    client->closing = true;
    bufferevent_disable(client->stream, EV_READ);
}

/* The client sends nothing more: frees it when its last answer is sent. */
static void admin_client_end(struct client *client)
{
    if (evbuffer_get_length(bufferevent_get_output(client->stream)) > 0)
        close_after_reply(client);
    else
        admin_client_free(client);
}

/* Schedules the client's next line in a turn of its own, so that clients are served by turns. */
static void take_later(struct client *client)
{
    static const struct timeval at_once = {0};
    if (!client->waits && !client->closing) event_add(client->turn, &at_once);
}

/* Logs an act: who asked, for what, why, and with what result. */
static void admin_audit(const struct client *client, enum log_level level, enum command_id id, const char *what)
{
    assert(id < COMMANDS && what);
    log_line(client->admin->daemon->log, level, "admin", 0, 0, "%s %s: %s", client->peer.name, command_at(id)->name,
             what);
}

/* The protocol's code for one of our errors. */
static const char *code_said(const struct error *error)
{
    return error->code == ERROR_INPUT     ? "invalid"
           : error->code == ERROR_UNKNOWN ? "unknown"
           : error->code == ERROR_DENIED  ? "denied"
           : error->code == ERROR_EXISTS  ? "exists"
                                          : "failed";
}

/* The request as text for the log; malloc'ed. If callers' data is masked, the log has only the lengths of the values
 * of a signal, and of the keys and values of a table's row. */
static char *act_said(const struct daemon *daemon, const json_t *request)
{
    json_t *shown = json_deep_copy(request), *pair;
    size_t i;
    json_array_foreach(log_personal(daemon->log) ? NULL : json_object_get(shown, "brings"), i, pair)
    {
        const char *text = json_string_value(pair), *value = !text ? NULL : strchr(text, '=');
        if (value)
            json_array_set_new(json_object_get(shown, "brings"), i,
                               json_sprintf("%.*s=..(%zu)", (int)(value - text), text, strlen(value + 1)));
    }
    json_array_foreach(log_personal(daemon->log) ? NULL : json_object_get(shown, "what"), i, pair)
    {
        const char *text = json_string_value(pair), *value = !text ? NULL : strchr(text, '=');
        if (i > 0 && text)
            json_array_set_new(json_object_get(shown, "what"), i,
                               value ? json_sprintf("%.*s=..(%zu)", (int)(value - text), text, strlen(value + 1))
                                     : json_sprintf("..(%zu)", strlen(text)));
    }
    static const char *const long_ones[] = {"breaks", "steps", "condition"}; /* the journal has them */
    for (i = 0; i < sizeof long_ones / sizeof *long_ones; i++) {
        const char *text = json_string_value(json_object_get(shown, long_ones[i]));
        if (text && strlen(text) > LONG_ONE)
            json_object_set_new(shown, long_ones[i], json_sprintf("..(%zu)", strlen(text)));
    }
    char *said = json_dumps(shown, JSON_COMPACT);
    json_decref(shown);
    return said;
}

/* Sets the actor: the peer; if it asks for somebody else, as a desk does for its supervisors, both names. */
static void name_actor(struct client *client, const char *whom)
{
    snprintf(client->actor, sizeof client->actor, "%s%s%s", whom ? whom : "", whom ? " by " : "", client->peer.name);
}

/* Begins an act. The act is logged before it is done, so that the log has it whatever its result. */
static void admin_act(struct client *client, enum command_id id, const json_t *request, json_t *asked_id)
{
    struct daemon *daemon = client->admin->daemon;
    const char *why = json_string_value(json_object_get(request, "why"));
    name_actor(client, json_string_value(json_object_get(request, "person")));
    struct act act = {
        id, request, {client->actor, why && *why != '\0' ? why : NULL}, client->number, ++client->req, &client->peer};
    struct error error = {0};
    char *text = act_said(daemon, request);
    admin_audit(client, LOG_LEVEL_INFO, id, text ? text : "");
    free(text);
    if (!admin_may(daemon, id, request, &client->peer, &error) ||
        !admin_seen(daemon, id, request, client->actor, &error) || !act_post(daemon, &act, &client->wait, &error)) {
        admin_audit(client, LOG_LEVEL_WARNING, id, error.text);
        admin_refuse(client, asked_id, code_said(&error), error.text);
        return;
    }
    client->id = json_incref(asked_id);
    client->acting = id;
    json_decref(client->doing);
    client->doing = json_deep_copy(request);
    client->waits = true;
    client->debugs = client->debugs || id == COMMAND_debug;
}

/* Ends an act on whose result the client has waited: `code` and `text` say why it was refused, or are NULL. */
static void act_end(struct client *client, const char *code, const char *text)
{
    assert(client->waits && client->wait.answer);
    json_t *answer = client->wait.answer, *id = client->id;
    admin_audit(client, !code ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, client->acting, !code ? "done" : text);
    client->wait = (struct act_wait){0};
    client->id = NULL;
    client->waits = false;
    if (!code) {
        json_object_set_new(answer, "ok", json_true());
        admin_reply(client, answer, id);
    } else {
        admin_refuse(client, id, code, text);
        json_decref(answer);
    }
    json_decref(id);
    take_later(client);
}

/* Ends an act whose event is durable, and so is its load, if it has one. */
static void act_durable(struct client *client)
{
    const char *refused = client->wait.refused;
    if (refused && refused[0] != '\0')
        act_end(client, "failed", refused);
    else
        act_end(client, NULL, NULL);
}

/* True: the client waits only for the journal, and the journal has the event. */
static bool is_durable(const struct client *client)
{
    return client->waits && !client->wait.reply && client->wait.load == 0 && client->wait.cut == 0 &&
           !client->wait.lead && client->wait.seq <= client->admin->daemon->durable_seq;
}

static void follows_say(const struct daemon *daemon, char *said, size_t size)
{
    struct lead_row row;
    lead_read(daemon, &row);
    if (row.unled_us == 0)
        snprintf(said, size, "this gcxvm follows, and knows `cluster` only: ask the one that leads");
    else
        snprintf(said, size, "this gcxvm follows, and knows `cluster` only; nobody leads since %llu s: %.300s",
                 (unsigned long long)row.unled_us / 1000000, row.why);
}

static void shadow_text_take(char *into, const json_t *request, const char *key)
{
    const char *text = json_string_value(json_object_get(request, key));
    snprintf(into, ADMIN_SHADOW_TEXT, "%s", text ? text : "");
}

/* Notes what the client plays beside the running version, from its first request for it on. */
static void shadow_note(struct client *client, const json_t *request)
{
    if (!client->shadow) {
        client->shadow = memory_zeroed(1, sizeof *client->shadow);
        client->shadow->since_us = host_monotonic_us();
    }
    struct admin_shadow *shadow = client->shadow;
    shadow_text_take(shadow->point, request, "point");
    shadow_text_take(shadow->image, request, "image");
    snprintf(shadow->person, sizeof shadow->person, "%s", client->peer.name);
    shadow_text_take(shadow->told, request, "told");
}

bool admin_shadow_at(const struct admin *admin, size_t index, struct admin_shadow *shadow)
{
    assert(admin && shadow);
    for (const struct client *client = admin->clients; client; client = client->next) {
        if (!client->shadow || client->ended || index-- > 0) continue;
        *shadow = *client->shadow;
        return true;
    }
    return false;
}

/* True: another client waits until its change by hand is done. What a person saw before that is about to be old: the
 * core may be looked at before it has applied the change. Requests of one client wait for each other. */
static bool is_being_changed(const struct client *asker, enum command_id command, const json_t *request)
{
    bool setting = admin_seen_is_of_setting(command);
    for (const struct client *client = asker->admin->clients; client; client = client->next)
        if (client != asker && client->waits &&
            (setting ? admin_seen_is_of_setting(client->acting) : admin_seen_same(client->doing, request)))
            return true;
    return false;
}

/* `name`: the command, NULL if the request has none. The command is answered at once, or the client waits for its
 * result. */
static void command_take(struct client *client, const char *name, const json_t *request, json_t *id)
{
    enum command_id command = name ? command_id_named(name) : COMMANDS;
    struct error error = {0};
    char said[640], names[400], reader[ROLE_NAME];
    json_t *answer;
    if (!name) {
        admin_refuse(client, id, "invalid", "expected `command`, a text");
    } else if (command == COMMANDS || command_at(command)->kind == COMMAND_LOCAL) {
        command_names(client->peer.role, names, sizeof names);
        snprintf(said, sizeof said, "no command `%.40s`; expected %s", name, names);
        admin_refuse(client, id, "unknown", said);
    } else if (command_at(command)->role > client->peer.role) {
        snprintf(said, sizeof said, "%s is for the role %s; %s is %s", name, role_name(command_at(command)->role),
                 client->peer.name, role_name(client->peer.role));
        admin_audit(client, LOG_LEVEL_WARNING, command, "refused: not by this role");
        admin_refuse(client, id, "denied", said);
    } else if (!client->admin->daemon->engine && command != COMMAND_cluster) {
        follows_say(client->admin->daemon, said, sizeof said);
        admin_refuse(client, id, "follows", said);
    } else if (!command_request_good(command, request, &error)) {
        admin_refuse(client, id, "invalid", error.text);
    } else if (json_object_get(request, "person") && client->peer.role != ROLE_ADMIN) {
        snprintf(said, sizeof said, "`person` is for the role %s; %s is %s", role_name(ROLE_ADMIN), client->peer.name,
                 role_name(client->peer.role));
        admin_refuse(client, id, "denied", said);
    } else if ((json_object_get(request, "seen") || json_is_true(json_object_get(request, "new"))) &&
               is_being_changed(client, command, request)) {
        admin_refuse(client, id, "failed", "somebody else makes a change at this moment. Look again");
    } else if (command_at(command)->kind == COMMAND_ACT) {
        admin_act(client, command, request, id);
        if (is_durable(client)) act_durable(client);
    } else {
        answer = reads_answer(client->admin->daemon, command, client->peer.role,
                              admin_person(request, &client->peer, reader), request, &error);
        if (!answer) {
            admin_refuse(client, id,
                         error.code == ERROR_INPUT    ? "invalid"
                         : error.code == ERROR_DENIED ? "denied"
                                                      : "unknown",
                         error.text);
            return;
        }
        if (command == COMMAND_shadow) shadow_note(client, request);
        json_object_set_new(answer, "ok", json_true());
        admin_reply(client, answer, id);
    }
}

static void request_take(struct client *client, const char *line, size_t length)
{
    json_error_t why;
    client->asked_us = host_monotonic_us();
    json_t *request = json_loadb(line, length, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(request))
        command_take(client, json_string_value(json_object_get(request, "command")), request,
                     json_object_get(request, "id"));
    else
        admin_refuse(client, NULL, "invalid", !request ? why.text : "expected an object");
    json_decref(request);
}

/* Takes the client's next line, if there is one and its unread answers are not too many; the line after it is taken
 * in another turn. */
static void line_take(struct client *client)
{
    struct evbuffer *input = bufferevent_get_input(client->stream);
    struct evbuffer *output = bufferevent_get_output(client->stream);
    size_t length;
    char *line;
    if (client->waits || client->closing || evbuffer_get_length(output) > OUTPUT_ENOUGH) return;
    line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF);
    if (line && length <= ADMIN_LINE_MAX) {
        request_take(client, line, length);
    } else if (line || evbuffer_get_length(input) > ADMIN_LINE_MAX) {
        admin_refuse(client, NULL, "invalid", "the line is longer than 65536 bytes");
        close_after_reply(client);
    }
    free(line);
    if (line)
        take_later(client);
    else if (client->ended && !client->closing)
        admin_client_end(client);
}

static void admin_on_turn(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    line_take(self);
}

static void admin_on_read(struct bufferevent *stream, void *self)
{
    struct client *client = self;
    (void)stream;
    if (!event_pending(client->turn, EV_TIMEOUT, NULL)) line_take(client);
}

static void admin_on_written(struct bufferevent *stream, void *self)
{
    struct client *client = self;
    (void)stream;
    if (client->closing)
        admin_client_free(client);
    else
        take_later(client);
}

/* True: the client itself is waiting, for an answer or for its turn. */
static bool is_owed(const struct client *client)
{
    return client->waits || event_pending(client->turn, EV_TIMEOUT, NULL) ||
           evbuffer_get_length(bufferevent_get_output(client->stream)) > 0;
}

/* Frees the client, since the peer has closed, the connection broke, or a time limit is over: the peer has sent no
 * request, or read nothing, for too long. */
static void admin_on_event(struct bufferevent *stream, short what, void *self)
{
    struct client *client = self;
    const struct daemon *daemon = client->admin->daemon;
    bool idle = (what & BEV_EVENT_TIMEOUT) != 0 && (what & BEV_EVENT_READING) != 0;
    if (idle && is_owed(client)) {
        bufferevent_enable(stream, EV_READ);
        return;
    }
    if (idle)
        log_line(daemon->log, LOG_LEVEL_INFO, "admin", 0, 0, "%s has asked nothing for %u seconds: let go",
                 client->peer.name, (unsigned)daemon->conf->admin_idle_s);
    else if ((what & BEV_EVENT_TIMEOUT) != 0)
        log_line(daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "%s has read nothing for %d seconds: let go",
                 client->peer.name, OUTPUT_SECONDS);
    if ((what & (BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0) {
        admin_client_free(client);
    } else if ((what & BEV_EVENT_EOF) != 0 && !client->closing) {
        client->ended = true;
        take_later(client);
    }
}

/* Makes the client with its two time limits: for a client that sends no request, and for one that reads nothing. */
static struct client *admin_client_new(struct admin *admin, int fd, const struct peer *peer)
{
    static const struct timeval patience = {.tv_sec = OUTPUT_SECONDS};
    const struct timeval idle = {.tv_sec = (time_t)admin->daemon->conf->admin_idle_s};
    struct client *client = memory_zeroed(1, sizeof *client);
    *client = (struct client){.next = admin->clients,
                              .admin = admin,
                              .peer = *peer,
                              .asked_us = host_monotonic_us(),
                              .number = ++admin->last_number};
    client->stream = bufferevent_socket_new(admin->base, fd, BEV_OPT_CLOSE_ON_FREE);
    client->turn = evtimer_new(admin->base, admin_on_turn, client);
    if (!client->stream || !client->turn) abort();
    admin->clients = client;
    admin->count++;
    bufferevent_setcb(client->stream, admin_on_read, admin_on_written, admin_on_event, client);
    bufferevent_set_timeouts(client->stream, &idle, &patience);
    bufferevent_setwatermark(client->stream, EV_READ, 0, 2 * ADMIN_LINE_MAX);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
    return client;
}

/* True: the client can be closed without harm, since it can ask again over another connection. A client that debugs
 * cannot be closed so: it would lose more than its connection. */
static bool admin_is_idle(const struct client *client, uint64_t now_us)
{
    char byte;
    uint64_t silent_us = now_us - client->asked_us;
    bool half = evbuffer_get_length(bufferevent_get_input(client->stream)) > 0 ||
                recv(bufferevent_getfd(client->stream), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    return silent_us >= (half ? HALF_US : IDLE_US) && !client->debugs && !client->closing && !is_owed(client);
}

/* Closes the client that was idle for longest, of that user or of all. */
static void admin_idle_let_go(struct admin *admin, const struct peer *of)
{
    uint64_t now_us = host_monotonic_us();
    struct client *oldest = NULL;
    for (struct client *client = admin->clients; client; client = client->next)
        if ((!of || client->peer.uid == of->uid) && admin_is_idle(client, now_us) &&
            (!oldest || client->asked_us < oldest->asked_us))
            oldest = client;
    if (!oldest) return;
    log_line(admin->daemon->log, LOG_LEVEL_INFO, "admin", 0, 0, "%s was idle: its place goes to a new connection",
             oldest->peer.name);
    admin_client_free(oldest);
}

static unsigned places_for(const struct peer *peer)
{
    return ADMIN_CLIENTS_MAX - (peer->role < ROLE_ADMIN ? KEPT_FOR_ADMINS : 0);
}

static unsigned admin_count_of(const struct admin *admin, const struct peer *peer)
{
    unsigned same = 0;
    for (const struct client *client = admin->clients; client; client = client->next)
        same += client->peer.uid == peer->uid;
    return same;
}

/* Decides whether a client may connect. NULL: yes. If it may not connect, returns the line that the client gets before
 * its connection is closed. */
static const char *admin_turned_away(struct admin *admin, const struct peer *peer)
{
    if (admin_count_of(admin, peer) >= admin->daemon->conf->admin_share) admin_idle_let_go(admin, peer);
    if (admin->count >= places_for(peer)) admin_idle_let_go(admin, NULL);
    if (admin->count >= places_for(peer))
        return "{\"ok\":false,\"code\":\"busy\",\"error\":\"as many clients as may be are here\"}\n";
    if (admin_count_of(admin, peer) >= admin->daemon->conf->admin_share)
        return "{\"ok\":false,\"code\":\"busy\",\"error\":\"this user has as many connections as one may have: "
               "admin_share of the configuration\"}\n";
    return NULL;
}

/* Accepts a client: gives it a place, or sends a line that there is no place or that it has no role, and closes. */
static void admin_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                            void *self)
{
    struct admin *admin = self;
    struct client *client;
    struct peer peer = peer_of(fd, admin->daemon->conf->roles, admin->daemon->conf->role_count);
    const char *busy = admin_turned_away(admin, &peer);
    char said[256];
    (void)listener;
    (void)address;
    (void)length;
    if (busy) {
        /* a failed send changes nothing: the connection is closed in any case */
        if (send(fd, busy, strlen(busy), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) errno = 0;
        close(fd);
        return;
    }
    client = admin_client_new(admin, fd, &peer);
    if (peer.role != ROLE_NONE) return;
    log_line(admin->daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "user %s was refused", peer.name);
    snprintf(said, sizeof said,
             "%s is not let in: root and the daemon's own user are, and whom the configuration names in admins, "
             "operators or monitors",
             peer.name);
    admin_refuse(client, NULL, "denied", said);
    close_after_reply(client);
}

struct admin *admin_new(struct daemon *daemon, struct event_base *base, const char *path, struct error *error)
{
    assert(daemon && base && path);
    struct admin *admin;
    int fd = socket_listen(path, error);
    if (fd < 0) return NULL;
    /* If the configuration gives roles to others, they may connect, too: the kernel tells who they are. */
    if (daemon->conf->role_count > 0 && chmod(path, 0666) != 0) {
        error_set(error, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
        close(fd);
        return NULL;
    }
    admin = memory_zeroed(1, sizeof *admin);
    *admin = (struct admin){.daemon = daemon, .base = base, .path = strdup(path)};
    admin->listener = listener_new(base, admin_on_accept, admin, fd);
    if (!admin->listener || !admin->path) abort();
    return admin;
}

void admin_free(struct admin *admin)
{
    if (!admin) return;
    admin->ends = true;
    while (admin->clients) admin_client_free(admin->clients);
    evconnlistener_free(admin->listener);
    socket_leave(admin->path);
    free(admin->path);
    free(admin);
}

void admin_durable(struct admin *admin)
{
    struct client *next;
    for (struct client *client = admin->clients; client; client = next) {
        next = client->next;
        if (is_durable(client)) act_durable(client);
    }
}

void admin_loaded(struct admin *admin, uint64_t load, const struct error *why)
{
    struct client *next;
    for (struct client *client = admin->clients; client; client = next) {
        next = client->next;
        if (!client->waits || client->wait.load != load) continue;
        client->wait.load = 0;
        if (why) {
            act_end(client, code_said(why), why->text);
            continue;
        }
        if (client->acting == COMMAND_directory_diff) {
            reads_difference(&admin->daemon->loading.difference, client->wait.answer);
            act_end(client, NULL, NULL);
            continue;
        }
        client->wait.seq = admin->daemon->reload.seq;
        reads_loaded(admin->daemon, client->wait.answer);
        if (is_durable(client)) act_durable(client);
    }
}

static json_t *admin_lines_of(const char *text)
{
    json_t *lines = json_array();
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        json_array_append_new(lines, json_stringn(text, length));
    }
    return lines;
}

void admin_cut(struct admin *admin, uint64_t cut, const struct error *why)
{
    struct client *next;
    for (struct client *client = admin->clients; client; client = next) {
        next = client->next;
        if (!client->waits || client->wait.cut != cut) continue;
        client->wait.cut = 0;
        if (!why) reads_journal(admin->daemon, client->wait.answer);
        if (!why) json_object_set_new(client->wait.answer, "done", admin_lines_of(cuts_said(admin->daemon)));
        act_end(client, why ? code_said(why) : NULL, why ? why->text : NULL);
    }
}

void admin_handed(struct admin *admin, const struct error *why)
{
    struct client *next;
    for (struct client *client = admin->clients; client; client = next) {
        next = client->next;
        if (client->waits && client->wait.lead) act_end(client, why ? code_said(why) : NULL, why ? why->text : NULL);
    }
}

void admin_replied(struct admin *admin, struct span frame)
{
    assert(admin && frame.length > 0);
    struct message message;
    char text[512], code[64];
    const char *name;
    struct client *client = admin->clients;
    if (!message_read(&message, frame.bytes, frame.length, NULL) || message.kind != KIND_Reply) return;
    while (client &&
           (client->number != message_u(&message, ENVELOPE_client) || client->req != message_u(&message, ENVELOPE_req)))
        client = client->next;
    if (!client || !client->waits || !client->wait.reply) return; /* no client waits for this Reply */
    if (message_u(&message, Reply_outcome) == outcome_ok) {
        act_end(client, NULL, NULL);
        return;
    }
    name = enum_name_code(message_u(&message, Reply_code));
    snprintf(code, sizeof code, "%s", name);
    snprintf(text, sizeof text, "%.*s", (int)message_text(&message, Reply_text).length,
             (const char *)message_text(&message, Reply_text).bytes);
    act_end(client, code, text[0] != '\0' ? text : code);
}
