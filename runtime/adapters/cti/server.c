/* runtime/adapters/cti/server.c - Accepts clients, makes their TLS handshakes, and passes on their bytes.
 *
 * A connection is a stranger until its client has logged in: there is a deadline for the handshake, another for the
 * login, and only so many strangers are allowed, of whom the one that is silent longest is closed for a new one
 * (lobby.h), so that strangers cannot keep users out. A connection that is being closed still sends its last bytes
 * for LAST_WORDS_S. The files of certificates and users are checked each second, and read again when they have
 * changed.
 *
 * A thread checks passwords one at a time (logins.h). The result comes back with the client's number, as the
 * connection may be gone. */
#include "runtime/adapter/listener.h"
#include "runtime/adapters/cti/server.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/lobby.h"
#include "runtime/adapter/look.h"
#include "runtime/adapter/refused.h"
#include "runtime/adapters/cti/hosts.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/logins.h"
#include "base/memory.h"
#include "base/why.h"

enum { LAST_WORDS_S = 5, LINES_A_SECOND = 10 };

struct connection {
    struct server *server;
    struct client *client; /* NULL: the handshake is not over, or the connection is closing */
    struct switch_host *host;
    struct bufferevent *stream;
    struct event *deadline; /* timer for the handshake, then the login; off after that, until the connection closes */
    uint64_t id;            /* the client's number, for the result of its password check */
    struct connection *previous, *next;
    struct stranger stranger;
    bool closing; /* bytes that wait are still sent, but nothing more is read */
};

struct server {
    struct cti *cti;
    struct evconnlistener *listener;
    struct event *watch; /* of the files */
    struct tls *tls;     /* NULL: plain text */
    struct watched_files files;
    const char *users; /* the path of the users' file */
    char *token_key;   /* the path of the tokens' key; NULL: none */
    struct logins *logins;
    struct switch_hosts hosts;
    struct connection *first;
    struct lobby lobby;
    unsigned count;
    int64_t said_s; /* log lines in this second about refused connections: a flood must not fill the log */
    unsigned said, hidden;
};

static void server_say(struct server *server, const struct switch_host *host, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Logs at most LINES_A_SECOND lines in a second; the number of suppressed lines is logged in the next second. */
static void server_say(struct server *server, const struct switch_host *host, const char *format, ...)
{
    struct cti *cti = server->cti;
    char text[256];
    va_list arguments;
    cti_clock(cti);
    if (cti->now_us / 1000000 != server->said_s) {
        if (server->hidden > 0)
            cti_log(cti, GCX_LOG_WARNING, NO_CALL, "%u more were turned away, or left, in that second", server->hidden);
        server->said = server->hidden = 0;
        server->said_s = cti->now_us / 1000000;
    }
    if (server->said++ >= LINES_A_SECOND) {
        server->hidden++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cti_log(cti, GCX_LOG_WARNING, NO_CALL, "address=%s %s", !host ? "" : host->address, text);
}

/* Counts and logs that a connection was refused. */
static void server_turns_away(struct server *server, const struct switch_host *host, const char *address,
                              const char *why)
{
    server_say(server, host, "turned away: %s", why);
    refused_tell(server->cti->link, server->cti->services, REFUSED_cti_desktop_door, "%s: %s", address, why);
}

static void cti_connection_free(struct connection *connection)
{
    struct server *server = connection->server;
    assert(server->count > 0 && connection->host->connections > 0);
    assert(connection->previous || server->first == connection);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->first = connection->next;
    if (connection->next) connection->next->previous = connection->previous;
    lobby_leave(&server->lobby, &connection->stranger);
    connection->host->connections--;
    server->count--;
    event_free(connection->deadline);
    bufferevent_free(connection->stream);
    free(connection);
}

static void set_deadline(struct connection *connection, unsigned seconds)
{
    struct timeval wait = {(time_t)seconds, 0};
    evtimer_add(connection->deadline, &wait);
}

/* --- What the client needs of its connection --- */

static bool wire_send(void *self, const char *bytes, size_t length)
{
    struct connection *connection = self;
    struct evbuffer *out = bufferevent_get_output(connection->stream);
    size_t limit = connection->server->cti->limits.unread_bytes;
    return evbuffer_get_length(out) + length <= limit && evbuffer_add(out, bytes, length) == 0;
}

/* Closes the connection; its last bytes (perhaps an error) are still sent, unless the client does not read them in
 * time. */
static void wire_close(void *self)
{
    struct connection *connection = self;
    assert(!connection->closing);
    struct timeval second = {1, 0};
    connection->closing = true;
    connection->client = NULL;
    bufferevent_set_timeouts(connection->stream, &second, &second);
    set_deadline(connection, LAST_WORDS_S);
}

/* Puts the client's password into the queue of logins; the client's deadline does not run until its turn. */
static bool wire_verify(void *self, const char *hash, const char *password)
{
    struct connection *connection = self;
    assert(connection->server->logins);
    bool asked = logins_ask(connection->server->logins, connection->id, hash, password);
    if (asked) evtimer_del(connection->deadline);
    return asked;
}

static struct connection *connection_of(struct server *server, uint64_t id)
{
    struct connection *connection = server->first;
    while (connection && (connection->id != id || !connection->client)) connection = connection->next;
    return connection;
}

/* Tells the client the result of its password check. The client's deadline runs again unless the result logs it in: the
 * user may have another password by now, or be gone. */
static void tell_verdict(struct connection *connection, enum verdict verdict)
{
    assert(connection->client);
    set_deadline(connection, connection->server->cti->limits.login_s);
    client_verified(connection->client, verdict);
}

/* May the login that is next still be checked? Only one login is checked at a time: so an address cannot try more than
 * its failures allow, while correct logins from there all succeed. */
static bool server_on_turn(void *self, uint64_t id)
{
    struct server *server = self;
    struct connection *connection = connection_of(server, id);
    cti_clock(server->cti);
    if (!connection) return false;
    if (host_may_try(connection->host, server->cti->limits.failures_a_minute, server->cti->now_us)) return true;
    tell_verdict(connection, VERDICT_TOO_OFTEN);
    return false;
}

static void on_verified(void *self, uint64_t id, bool good)
{
    struct server *server = self;
    struct connection *connection = connection_of(server, id);
    if (connection) { /* a client that has left does not get the result */
        if (!good) host_failed(connection->host, server->cti->limits.failures_a_minute);
        tell_verdict(connection, good ? VERDICT_GOOD : VERDICT_WRONG);
    }
}

static void wire_known(void *self)
{
    struct connection *connection = self;
    lobby_leave(&connection->server->lobby, &connection->stranger);
    evtimer_del(connection->deadline);
}

/* --- Incoming connections and bytes --- */

/* Makes the connection's client, after the handshake if there is TLS. */
static void cti_connection_begin(struct connection *connection)
{
    struct server *server = connection->server;
    struct client_wire wire = {connection, wire_send, wire_close, !server->logins ? NULL : wire_verify, wire_known};
    struct tls_names names = {.count = 0};
    struct client_peer peer = {.address = connection->host->address, .names = &names};
    if (server->tls) tls_peer_names(connection->stream, &names);
    set_deadline(connection, server->cti->limits.login_s);
    struct client *client = client_new(server->cti, &wire, &peer);
    if (client) {
        connection->client = client;
        connection->id = client_id(client);
    }
}

static void free_if_done(struct connection *connection)
{
    struct evbuffer *out = bufferevent_get_output(connection->stream);
    if (connection->closing && evbuffer_get_length(out) == 0) cti_connection_free(connection);
}

static void server_on_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    char bytes[16 * 1024];
    int length;
    lobby_heard(&connection->server->lobby, &connection->stranger);
    while (!connection->closing && (length = evbuffer_remove(in, bytes, sizeof bytes)) > 0)
        client_feed(connection->client, bytes, (size_t)length);
    if (connection->closing) {
        evbuffer_drain(in, evbuffer_get_length(in));
        free_if_done(connection);
    }
}

static void server_on_written(struct bufferevent *stream, void *self)
{
    (void)stream;
    free_if_done(self);
}

static void cti_connection_end(struct connection *connection)
{
    if (connection->client) client_lost(connection->client);
    cti_connection_free(connection);
}

static void server_on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *connection = self;
    if (what & BEV_EVENT_CONNECTED) {
        cti_connection_begin(connection);
    } else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
        if (!connection->client && !connection->closing) {
            char why[256] = "closed in the TLS handshake";
            if (what & BEV_EVENT_ERROR) tls_why(stream, why, sizeof why);
            server_say(connection->server, connection->host, "no client: %s", why);
        }
        cti_connection_end(connection);
    }
}

static void on_deadline(evutil_socket_t unused, short what, void *self)
{
    struct connection *connection = self;
    (void)unused;
    (void)what;
    if (!connection->closing) {
        server_turns_away(connection->server, connection->host, connection->host->address,
                          !connection->client ? "no TLS handshake in time" : "it did not say in time who it is");
    }
    cti_connection_end(connection);
}

/* --- The door --- */

/* Returns why this connection is refused; NULL: it is accepted. */
static const char *turned_away(const struct server *server, const struct switch_host *host)
{
    const struct limits *limits = &server->cti->limits;
    if (server->count >= limits->connections) return "there are too many connections";
    if (!host || host->connections >= limits->connections_per_address) return "its address has too many connections";
    return NULL;
}

/* Adds a connection. Without TLS the connection's client is made at once, and may be gone when this returns. */
static void cti_connection_new(struct server *server, struct bufferevent *stream, struct switch_host *host)
{
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    struct event_base *base = evconnlistener_get_base(server->listener);
    *connection = (struct connection){.server = server, .stream = stream, .host = host};
    connection->deadline = evtimer_new(base, on_deadline, connection);
    connection->next = server->first;
    if (server->first) server->first->previous = connection;
    server->first = connection;
    server->count++;
    host->connections++;
    lobby_enter(&server->lobby, &connection->stranger, host->address, connection);
    bufferevent_setcb(stream, server_on_read, server_on_written, server_on_event, connection);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    if (!server->tls)
        cti_connection_begin(connection);
    else
        set_deadline(connection, server->cti->limits.handshake_s);
}

/* Closes the stranger that is silent longest if the address, or all together, have too many. Without TLS and users
 * there are no strangers: each client is known as soon as its connection is accepted. */
static void server_makes_room(struct server *server, const char *address)
{
    unsigned most = server->cti->limits.strangers;
    server->lobby.most = most;
    server->lobby.per_address = (most + 3) / 4;
    struct stranger *longest = lobby_makes_room(&server->lobby, address);
    if (!longest) return;
    struct connection *connection = longest->self;
    server_turns_away(server, connection->host, connection->host->address, "too many have not yet said who they are");
    cti_connection_end(connection);
}

/* Accepts a connection, or closes it at once without a message if it is refused. */
static void server_on_accept(struct evconnlistener *listener, evutil_socket_t socket, struct sockaddr *peer,
                             int peer_length, void *self)
{
    struct server *server = self;
    struct event_base *base = evconnlistener_get_base(listener);
    char address[ADDRESS_TEXT];
    (void)peer_length;
    address_peer(peer, address);
    cti_clock(server->cti);
    struct switch_host *host = hosts_get(&server->hosts, address, server->cti->now_us);
    const char *why = turned_away(server, host);
    struct bufferevent *stream = NULL;
    if (why) {
        server_turns_away(server, host, address, why);
    } else {
        server_makes_room(server, address);
        stream = server->tls ? tls_accept(server->tls, base, socket)
                             : bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
    }
    if (!stream) {
        evutil_closesocket(socket);
        return;
    }
    address_watch_peer(socket);
    cti_connection_new(server, stream, host);
}

static bool server_users_again(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct server *server = self;
    struct users *fresh;
    bool good = users_again(server->cti->users, server->users, lost, &fresh, why, why_size);
    if (fresh) cti_set_users(server->cti, fresh);
    return good;
}

/* Reads files again that were replaced; faulty ones are not used. */
static void server_on_watch(evutil_socket_t unused, short what, void *self)
{
    struct server *server = self;
    struct cti *cti = server->cti;
    char why[512];
    (void)unused;
    (void)what;
    enum tls_refresh refreshed = !server->tls ? TLS_SAME : tls_refresh(server->tls, why, sizeof why);
    if (refreshed == TLS_RENEWED)
        cti_log(cti, GCX_LOG_INFO, NO_CALL, "the clients' certificates were read again");
    else if (refreshed == TLS_KEPT)
        cti_log(cti, GCX_LOG_ERROR, NO_CALL, "%s; the certificates from before serve on", why);
    tls_tell(server->tls, cti->link, cti->services);
    watched_tick(&server->files);
}

/* --- Its beginning --- */

static bool reachable_by_others(const struct address *address)
{
    return !address_is_loopback((const struct sockaddr *)&address->socket);
}

/* Checks the settings together: a port that other machines can reach needs TLS and users, or the setting `insecure`. */
static bool door_check(const struct server_settings *settings, struct address *address, char *why, size_t why_size)
{
    bool tls = settings->tls.certificate || settings->tls.key;
    char wrong[256];
    if (!address_parse(address, settings->address, wrong, sizeof wrong)) {
        snprintf(why, why_size, "listen: %s", wrong);
    } else if (reachable_by_others(address) && !settings->insecure && (!tls || !settings->users)) {
        snprintf(why, why_size,
                 "%s: is missing, and others than this machine can connect to %s; give it, or say insecure = \"yes\"",
                 tls ? "users" : settings->tls.certificate_setting, settings->address);
    } else if (settings->tls.ca && !settings->users) {
        snprintf(why, why_size, "users: is missing, and %s is given: whose certificates are they?",
                 settings->tls.ca_setting);
    } else if (settings->tls.ca && !tls) {
        snprintf(why, why_size, "%s: is missing, and %s is given", settings->tls.certificate_setting,
                 settings->tls.ca_setting);
    } else if (settings->tls.required && !settings->tls.ca) {
        snprintf(why, why_size, "%s: is missing, and a client's certificate is required", settings->tls.ca_setting);
    } else {
        return true;
    }
    return false;
}

static bool key_check(const struct server_settings *settings, char *why, size_t why_size)
{
    char wrong[256];
    bool good = !settings->token_key || tokens_check(settings->token_key, wrong, sizeof wrong);
    return good || why_set(why, why_size, "token_key: %s", wrong);
}

static bool read_files(const struct server_settings *settings, struct tls **tls, struct users **users, char *why,
                       size_t why_size)
{
    char wrong[512];
    if (settings->tls.certificate || settings->tls.key) {
        *tls = tls_server(&settings->tls, why, why_size);
        if (!*tls) return false;
    }
    if (settings->users) {
        *users = users_read(settings->users, wrong, sizeof wrong);
        if (!*users) return why_set(why, why_size, "users: %s", wrong);
    }
    return true;
}

bool cti_server_check(const struct server_settings *settings, char *why, size_t why_size)
{
    struct address address;
    struct tls *tls = NULL;
    struct users *users = NULL;
    bool good = door_check(settings, &address, why, why_size) && read_files(settings, &tls, &users, why, why_size) &&
                key_check(settings, why, why_size);
    tls_free(tls);
    users_free(users);
    return good;
}

void cti_server_look(const struct gcx_look *look, const struct server_settings *settings)
{
    look_listens(look, "listen", "tcp", settings->address);
    look->adds(look->self, "desktops", settings->address, "");
    look_writes(look, "port_file", settings->port_file);
    look_certificate(look, "certificate", settings->tls.certificate);
    look_certificate(look, "client_ca", settings->tls.ca);
    users_look(look, settings->users, false);
    if (look->setting(look->self, "token_key")) look_writes(look, "token_key", look->setting(look->self, "token_key"));
}

static bool server_open_door(struct server *server, const struct server_settings *settings,
                             const struct address *address, char *why, size_t why_size)
{
    struct cti *cti = server->cti;
    struct event_base *base = cti->services->base(cti->link);
    struct timeval second = {1, 0};
    struct logins_calls calls = {server, server_on_turn, on_verified};
    if (cti->users && !(server->logins = logins_new(base, &calls)))
        return why_set(why, why_size, "no thread for passwords: %s", strerror(errno));
    /* After a restart a thousand desktops come back at once: the queue is as long as the system allows. */
    server->listener = listener_bind(base, server_on_accept, server, SOMAXCONN,
                                     (const struct sockaddr *)&address->socket, address->length);
    if (!server->listener) return why_set(why, why_size, "listen: %s: %s", settings->address, strerror(errno));
    server->watch = event_new(base, -1, EV_PERSIST, server_on_watch, server);
    event_add(server->watch, &second);
    unsigned port = address_port(evconnlistener_get_fd(server->listener));
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "clients are served at %s, port %u, %s", settings->address, port,
            server->tls ? "by TLS" : "in plain text");
    if (!cti->users) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL,
                "users: not given: every client of the clients' port may do everything; see gcx-tserver(5)");
    }
    if (settings->port_file && !address_port_tell(settings->port_file, port))
        return why_set(why, why_size, "port_file: %s: %s", settings->port_file, strerror(errno));
    return true;
}

struct server *server_new(struct cti *cti, const struct server_settings *settings, char *why, size_t why_size)
{
    struct address address;
    struct users *users = NULL;
    struct server *server = memory_zeroed(1, sizeof *server);
    server->cti = cti;
    server->users = settings->users;
    watched_begin(&server->files, cti->link, cti->services);
    watched_add(&server->files, "users", settings->users, server_users_again, server);
    bool good =
        door_check(settings, &address, why, why_size) && read_files(settings, &server->tls, &users, why, why_size);
    if (users) {
        char said[256];
        cti_set_users(cti, users);
        cti->tokens = tokens_new(settings->token_key, said, sizeof said);
        server->token_key = settings->token_key ? memory_text(settings->token_key) : NULL;
        watched_add(&server->files, "token_key", server->token_key, NULL, NULL);
        if (said[0] != 0)
            cti_log(cti, GCX_LOG_WARNING, NO_CALL, "token_key: %s; tokens are good until this process ends", said);
    }
    if (!good || !server_open_door(server, settings, &address, why, why_size)) {
        server_free(server);
        return NULL;
    }
    return server;
}

void server_free(struct server *server)
{
    if (!server) return;
    logins_free(server->logins);
    clients_free(server->cti);
    while (server->first) cti_connection_free(server->first);
    if (server->listener) evconnlistener_free(server->listener);
    if (server->watch) event_free(server->watch);
    tls_free(server->tls);
    hosts_free(&server->hosts);
    free(server->token_key);
    free(server);
}
