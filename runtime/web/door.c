/* runtime/web/door.c - Owns the listening socket, the HTTP server and the WebSocket connections for browsers. */
#include "runtime/adapter/listener.h"
#include "runtime/web/door.h"

#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapter/tls.h"
#include "base/memory.h"
#include "runtime/web/crowd.h"
#include "runtime/web/websocket.h"
#include "runtime/web/reply.h"

enum {
    HEADERS_MAX = 16384,
    HTTP_S = 30, /* seconds that a request may take to arrive */
    UNSENT_MAX = 1 << 20,
    PING_S = 20, /* seconds between pings; after three without a sign the peer is gone */
    MINUTE_S = 60,
    HTTP_EACH = 4, /* HTTP connections for each WebSocket connection allowed */
};

struct peer { /* an address */
    char text[ADDRESS_TEXT];
    unsigned connections, begins, asks;
};

struct connection {
    struct door *door;
    uint64_t ticket;
    struct peer *peer;
    struct evhttp_connection *http;
    struct bufferevent *stream;
    struct websocket *websocket;
    unsigned silent_s, said;
    bool stuck;
};

struct door {
    struct event_base *base;
    struct door_options options;
    struct door_calls calls;
    struct evhttp *http;
    struct crowd *crowd;
    GHashTable *connections, *peers; /* by &ticket; by text */
    uint64_t tickets;
    unsigned second;
    struct gcx_link *link; /* the link to which refusals are reported; NULL: none */
    const struct gcx_services *services;
};

/* ---- a connection ---- */

static void door_connection_free(gpointer data)
{
    struct connection *connection = data;
    assert(connection->peer->connections > 0); /* this connection is counted among the peer's */
    connection->peer->connections--;
    bufferevent_setcb(connection->stream, NULL, NULL, NULL, NULL);
    bufferevent_disable(connection->stream, EV_READ | EV_WRITE);
    evhttp_connection_set_closecb(connection->http, NULL, NULL);
    evhttp_connection_free(connection->http);
    websocket_free(connection->websocket);
    free(connection);
}

static void connection_gone(struct connection *connection)
{
    struct door *door = connection->door;
    uint64_t ticket = connection->ticket;
    assert(g_hash_table_contains(door->connections, &ticket)); /* a connection is removed only once */
    g_hash_table_remove(door->connections, &ticket);
    door->calls.gone(door->calls.self, ticket);
}

/* Removes the connection if it is over or stuck. True: it was removed. */
static bool door_swept(struct connection *connection)
{
    bool sent = evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0;
    if (!connection->stuck && !(websocket_over(connection->websocket) && sent)) return false;
    connection_gone(connection);
    return true;
}

static void door_on_send(void *self, const uint8_t *bytes, size_t length)
{
    struct connection *connection = self;
    struct evbuffer *out = bufferevent_get_output(connection->stream);
    if (evbuffer_get_length(out) > UNSENT_MAX)
        connection->stuck = true;
    else
        evbuffer_add(out, bytes, length);
}

static void door_on_text(void *self, const char *text, size_t length)
{
    struct connection *connection = self;
    struct door *door = connection->door;
    if (++connection->said > door->options.messages_per_minute) {
        websocket_close(connection->websocket, WEBSOCKET_POLICY, "too much is said in a minute");
        return;
    }
    door->calls.heard(door->calls.self, connection->ticket, text, length);
}

static void door_on_pong(void *self, uint32_t number)
{
    struct connection *connection = self;
    const struct door_calls *calls = &connection->door->calls;
    if (calls->has) calls->has(calls->self, connection->ticket, number);
}

static void door_on_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    struct evbuffer_iovec piece;
    connection->silent_s = 0;
    while (evbuffer_peek(in, -1, NULL, &piece, 1) > 0) {
        websocket_feed(connection->websocket, piece.iov_base, piece.iov_len);
        evbuffer_drain(in, piece.iov_len);
    }
    door_swept(connection);
}

static void door_on_written(struct bufferevent *stream, void *self)
{
    (void)stream;
    door_swept(self);
}

static void door_on_event(struct bufferevent *stream, short what, void *self)
{
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) connection_gone(self);
}

/* ---- who comes ---- */

const char *door_header(struct evhttp_request *request, const char *name)
{
    const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
    return value ? value : "";
}

static bool has_word(const char *list, const char *word)
{
    char **words = g_strsplit(list, ",", -1);
    bool found = false;
    for (char **one = words; *one; one++) found |= g_ascii_strcasecmp(g_strstrip(*one), word) == 0;
    g_strfreev(words);
    return found;
}

/* Returns the last header of this name: a proxy may add its own after the one that the browser sent. */
static const char *header_last(struct evhttp_request *request, const char *name)
{
    const char *value = "";
    struct evkeyval *header = evhttp_request_get_input_headers(request)->tqh_first;
    for (; header; header = header->next.tqe_next)
        if (g_ascii_strcasecmp(header->key, name) == 0) value = header->value;
    return value;
}

/* Takes the last address of a proxy's header; a text that is no address is ignored. */
static void door_forwarded(const char *list, char text[ADDRESS_TEXT])
{
    const char *last = strrchr(list, ',');
    char *one = g_strstrip(g_strdup(last ? last + 1 : list));
    struct sockaddr_storage address = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    if (inet_pton(AF_INET, one, &v4->sin_addr) == 1)
        address.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, one, &v6->sin6_addr) == 1)
        address.ss_family = AF_INET6;
    if (address.ss_family != 0) address_peer((struct sockaddr *)&address, text);
    g_free(one);
}

void door_address(const struct door *door, struct evhttp_request *request, char text[ADDRESS_TEXT])
{
    const struct sockaddr *address = evhttp_connection_get_addr(evhttp_request_get_connection(request));
    *text = 0;
    if (address) address_peer(address, text);
    if (door->options.proxy) door_forwarded(header_last(request, "X-Forwarded-For"), text);
}

static struct peer *door_peer_of(struct door *door, struct evhttp_request *request)
{
    char text[ADDRESS_TEXT];
    door_address(door, request, text);
    struct peer *peer = g_hash_table_lookup(door->peers, text);
    if (peer) return peer;
    peer = memory_zeroed(1, sizeof *peer);
    memcpy(peer->text, text, sizeof text);
    g_hash_table_insert(door->peers, peer->text, peer);
    return peer;
}

/* ---- WebSocket ---- */

static uint64_t door_refuse(struct evhttp_request *request, int code, const char *text)
{
    reply_text(request, code, text);
    return 0;
}

/* Turns the HTTP connection into a WebSocket connection; the request gets no HTTP answer, and is freed with the
 * connection. */
static uint64_t web_upgrade(struct door *door, struct evhttp_request *request, struct peer *peer, const char *key)
{
    assert(peer->connections < door->options.per_address); /* door_upgrade() has checked that the address has room */
    assert(door->calls.heard && door->calls.gone);
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    struct websocket_calls calls = {connection, door_on_send, door_on_text, door_on_pong};
    struct timeval patience = {3 * PING_S, 0};
    const int at_once = 1; /* each piece is sent without waiting for the previous acknowledgement */
    connection->door = door;
    connection->ticket = ++door->tickets;
    connection->peer = peer;
    peer->connections++;
    connection->http = evhttp_request_get_connection(request);
    connection->stream = evhttp_connection_get_bufferevent(connection->http);
    connection->websocket = websocket_new(door->options.message_max, &calls);
    g_hash_table_insert(door->connections, &connection->ticket, connection);
    crowd_leaves(door->crowd, connection->stream);
    setsockopt(bufferevent_getfd(connection->stream), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    bufferevent_setwatermark(connection->stream, EV_READ, 0, door->options.message_max);
    bufferevent_setcb(connection->stream, door_on_read, door_on_written, door_on_event, connection);
    evbuffer_add_printf(bufferevent_get_output(connection->stream),
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n",
                        key);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
    /* Sets our timeouts in place of evhttp's, after bufferevent_enable(), since libevent 2.1 would keep the old ones
     * otherwise. */
    bufferevent_set_timeouts(connection->stream, &patience, &patience);
    /* Bytes that came with the handshake are read in the next turn, when the owner knows the ticket. */
    if (evbuffer_get_length(bufferevent_get_input(connection->stream)) > 0)
        bufferevent_trigger(connection->stream, EV_READ, BEV_OPT_DEFER_CALLBACKS);
    return connection->ticket;
}

uint64_t door_upgrade(struct door *door, struct evhttp_request *request)
{
    char key[WEBSOCKET_ACCEPT];
    if (evhttp_request_get_command(request) != EVHTTP_REQ_GET ||
        !has_word(door_header(request, "Upgrade"), "websocket") ||
        !has_word(door_header(request, "Connection"), "upgrade") ||
        strcmp(door_header(request, "Sec-WebSocket-Version"), "13") != 0 ||
        !websocket_accept(door_header(request, "Sec-WebSocket-Key"), key))
        return door_refuse(request, HTTP_BADREQUEST, "Here are WebSocket connections, version 13.\n");
    /* Pages of any site may ask for a connection here, and browsers then send our cookie: a request without Origin
     * is refused. */
    if (!*door_header(request, "Origin"))
        return door_refuse(request, 403, "A WebSocket connection names its Origin.\n");
    struct peer *peer = door_peer_of(door, request);
    if (g_hash_table_size(door->connections) >= door->options.connections)
        return door_refuse(request, HTTP_SERVUNAVAIL, "Too many connections, try again later.\n");
    if (peer->connections >= door->options.per_address)
        return door_refuse(request, 429, "Too many connections from your address.\n");
    return web_upgrade(door, request, peer, key);
}

void door_say(struct door *door, uint64_t ticket, const char *text)
{
    struct connection *connection = g_hash_table_lookup(door->connections, &ticket);
    if (connection) websocket_text(connection->websocket, text, strlen(text));
}

void door_mark(struct door *door, uint64_t ticket, uint32_t number)
{
    struct connection *connection = g_hash_table_lookup(door->connections, &ticket);
    assert(number != 0);
    if (connection) websocket_ping(connection->websocket, number);
}

void door_end(struct door *door, uint64_t ticket, unsigned code, const char *reason)
{
    struct connection *connection = g_hash_table_lookup(door->connections, &ticket);
    if (connection) websocket_close(connection->websocket, (enum websocket_code)code, reason);
}

bool door_may_begin(struct door *door, uint64_t ticket, uint64_t most)
{
    struct connection *connection = g_hash_table_lookup(door->connections, &ticket);
    return connection && connection->peer->begins++ < most;
}

bool door_may_ask(struct door *door, struct evhttp_request *request, uint64_t most)
{
    return door_peer_of(door, request)->asks++ < most;
}

/* ---- requests that come and go ---- */

void door_tells(struct door *door, struct gcx_link *link, const struct gcx_services *services)
{
    door->link = link;
    door->services = services;
}

/* The answer to a request was sent: reports a refusal to the link. */
static void door_on_answered(struct evhttp_request *request, void *self)
{
    const struct door *door = self;
    char address[ADDRESS_TEXT];
    unsigned code = (unsigned)evhttp_request_get_response_code(request);
    if (code < HTTP_BADREQUEST || !door->link) return;
    door_address(door, request, address);
    enum refused why = refused_by_code(REFUSED_http_http_401, REFUSED_http_http_other, code);
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request)), *rest = NULL;
    if (path && *path) rest = strchr(path + 1, '/'); /* what follows may be a customer's secret: /callbacks/ID */
    refused_tell(door->link, door->services, why, "%s: %u to %.*s", address, code,
                 rest ? (int)MIN(rest - path + 1, 80) : 80, path ? path : "");
}

static void on_request(struct evhttp_request *request, void *self)
{
    struct door *door = self;
    evhttp_request_set_on_complete_cb(request, door_on_answered, door);
    struct bufferevent *stream = evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    const char *wrong = crowd_wrong(door->crowd, stream);
    if (wrong) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
        door_refuse(request, HTTP_BADREQUEST, wrong);
        return;
    }
    bufferevent_incref(stream);
    crowd_asks(door->crowd, stream);
    /* if the request becomes a WebSocket, its stream leaves the crowd in this call, and crowd_served() does nothing */
    door->calls.request(door->calls.self, request);
    crowd_served(door->crowd, stream);
    bufferevent_decref(stream);
}

static struct bufferevent *door_on_accept(struct event_base *base, void *self)
{
    struct door *door = self; /* a stream gets its socket later, from evhttp */
    struct bufferevent *stream = door->options.tls ? tls_accept(door->options.tls, base, -1)
                                                   : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (stream) crowd_joins(door->crowd, stream);
    return stream;
}

/* Makes the limits for HTTP connections; with a proxy there is none per address, since all come from the proxy's. */
static struct crowd *door_crowd_of(const struct door *door)
{
    const struct door_options *options = &door->options;
    return crowd_new(door->base, &(struct crowd_options){
                                     .most = HTTP_EACH * options->connections,
                                     .per_address = options->proxy ? 0 : HTTP_EACH * options->per_address,
                                     .unknown_max = HEADERS_MAX + options->unknown_max,
                                     /* evhttp refuses a head that is too long before this limit */
                                     .head_max = 2 * HEADERS_MAX,
                                     .held_max = options->bodies_max,
                                     .self = door->calls.self,
                                     .known_by = options->known_by,
                                     .known = door->calls.known,
                                 });
}

struct door *door_new(struct event_base *base, const struct door_options *options, const struct door_calls *calls)
{
    assert(calls->request);
    struct door *door = memory_zeroed(1, sizeof *door);
    door->base = base;
    door->options = *options;
    door->calls = *calls;
    door->connections = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, door_connection_free);
    door->peers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free);
    door->http = evhttp_new(base);
    evhttp_set_max_headers_size(door->http, HEADERS_MAX);
    evhttp_set_max_body_size(door->http, (ev_ssize_t)options->body_max);
    evhttp_set_timeout(door->http, HTTP_S);
    evhttp_set_allowed_methods(door->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                               EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
    evhttp_set_gencb(door->http, on_request, door);
    door->crowd = door_crowd_of(door);
    evhttp_set_bevcb(door->http, door_on_accept, door);
    return door;
}

void door_free(struct door *door)
{
    if (!door) return;
    g_hash_table_destroy(door->connections);
    evhttp_free(door->http);
    crowd_free(door->crowd);
    g_hash_table_destroy(door->peers);
    tls_free(door->options.tls);
    free(door);
}

bool door_listen(struct door *door, const struct address *address, unsigned *port)
{
    struct evconnlistener *listener =
        listener_bind(door->base, NULL, NULL, -1, (const struct sockaddr *)&address->socket, address->length);
    if (!listener) return false;
    *port = address_port(evconnlistener_get_fd(listener));
    return evhttp_bind_listener(door->http, listener) != NULL;
}

static gboolean door_peer_is_idle(gpointer key, gpointer value, gpointer unused)
{
    struct peer *peer = value;
    (void)key, (void)unused;
    peer->begins = peer->asks = 0;
    return peer->connections == 0;
}

static void door_look_at(struct connection *connection, bool minute)
{
    if (minute) connection->said = 0;
    if (door_swept(connection)) return;
    if (++connection->silent_s % PING_S == 0) websocket_ping(connection->websocket, 0);
}

void door_tick(struct door *door)
{
    bool minute = ++door->second % MINUTE_S == 0;
    GList *all = g_hash_table_get_values(door->connections);
    for (GList *one = all; one; one = one->next) door_look_at(one->data, minute);
    g_list_free(all);
    if (minute) g_hash_table_foreach_remove(door->peers, door_peer_is_idle, NULL);
    if (door->services) tls_tick(door->options.tls, door->link, door->services);
}
