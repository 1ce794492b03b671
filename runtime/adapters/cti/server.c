/* runtime/adapters/cti/server.c - Accepts clients and carries their bytes. */
#include "runtime/adapters/cti/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapters/cti/address.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/memory.h"

enum { UNREAD_MAX = 4 * 1024 * 1024, CONNECTIONS_MAX = 20000 };

struct connection {
    struct server *server;
    struct client *client;
    struct bufferevent *stream;
    struct connection *previous, *next;
    bool closing; /* what waits is still sent, and nothing more is read */
};

struct server {
    struct cti *cti;
    struct evconnlistener *listener;
    struct connection *first;
    unsigned count;
};

static void connection_free(struct connection *connection)
{
    struct server *server = connection->server;
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        server->first = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    server->count--;
    bufferevent_free(connection->stream);
    free(connection);
}

static bool wire_send(void *self, const char *bytes, size_t length)
{
    struct connection *connection = self;
    struct evbuffer *out = bufferevent_get_output(connection->stream);
    return evbuffer_get_length(out) + length <= UNREAD_MAX && evbuffer_add(out, bytes, length) == 0;
}

/* The last words (an error, perhaps) still go out; who does not take them within a second loses them. */
static void wire_close(void *self)
{
    struct connection *connection = self;
    struct timeval second = {1, 0};
    connection->closing = true;
    connection->client = NULL;
    bufferevent_set_timeouts(connection->stream, &second, &second);
}

static void free_if_done(struct connection *connection)
{
    struct evbuffer *out = bufferevent_get_output(connection->stream);
    if (connection->closing && evbuffer_get_length(out) == 0) {
        connection_free(connection);
    }
}

static void on_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    char bytes[16 * 1024];
    int length;
    while (!connection->closing && (length = evbuffer_remove(in, bytes, sizeof bytes)) > 0) {
        client_feed(connection->client, bytes, (size_t)length);
    }
    if (connection->closing) {
        evbuffer_drain(in, evbuffer_get_length(in));
        free_if_done(connection);
    }
}

static void on_written(struct bufferevent *stream, void *self)
{
    (void)stream;
    free_if_done(self);
}

static void on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *connection = self;
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
        if (connection->client != NULL) {
            client_lost(connection->client);
        }
        connection_free(connection);
    }
}

/* A desktop's machine that vanishes says nothing: the kernel asks, and within half a minute the agent is not ready. */
static void watch_peer(evutil_socket_t socket)
{
    static const struct {
        int option, value;
    } settings[] = {{TCP_KEEPIDLE, 15}, {TCP_KEEPINTVL, 5}, {TCP_KEEPCNT, 3}, {TCP_USER_TIMEOUT, 30000 /* ms */}};
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        setsockopt(socket, IPPROTO_TCP, settings[i].option, &settings[i].value, sizeof settings[i].value);
    }
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket, struct sockaddr *peer, int peer_length,
                      void *self)
{
    struct server *server = self;
    (void)peer;
    (void)peer_length;
    if (server->count >= CONNECTIONS_MAX) {
        cti_log(server->cti, GCX_LOG_WARNING, NO_CALL, "a client was turned away: there are %u", server->count);
        evutil_closesocket(socket);
        return;
    }
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    connection->server = server;
    connection->stream = bufferevent_socket_new(evconnlistener_get_base(listener), socket, BEV_OPT_CLOSE_ON_FREE);
    if (connection->stream == NULL) {
        evutil_closesocket(socket);
        free(connection);
        return;
    }
    watch_peer(socket);
    connection->next = server->first;
    if (server->first != NULL) {
        server->first->previous = connection;
    }
    server->first = connection;
    server->count++;
    bufferevent_setcb(connection->stream, on_read, on_written, on_event, connection);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
    struct client_wire wire = {connection, wire_send, wire_close};
    connection->client = client_new(server->cti, &wire);
}

static unsigned port_of(const struct server *server)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address, &length);
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

/* Whole or not at all: who waits for the file may read it as soon as it is there. */
static bool write_port(const char *path, unsigned port)
{
    char temporary[4096];
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return false;
    }
    FILE *file = fopen(temporary, "w");
    if (file == NULL) {
        return false;
    }
    bool good = fprintf(file, "%u\n", port) > 0;
    good = fclose(file) == 0 && good && rename(temporary, path) == 0;
    if (!good) {
        unlink(temporary);
    }
    return good;
}

struct server *server_new(struct cti *cti, const char *address, const char *port_file, char *why, size_t why_size)
{
    struct address parsed;
    char wrong[256];
    if (!address_parse(&parsed, address, wrong, sizeof wrong)) {
        snprintf(why, why_size, "listen: %s", wrong);
        return NULL;
    }
    struct server *server = memory_zeroed(1, sizeof *server);
    server->cti = cti;
    /* A thousand desktops come back at once after a restart: the queue is as long as the system allows. */
    server->listener = evconnlistener_new_bind(cti->services->base(cti->link), on_accept, server,
                                               LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC,
                                               SOMAXCONN, (struct sockaddr *)&parsed.socket, parsed.length);
    if (server->listener == NULL) {
        snprintf(why, why_size, "cannot listen at %s: %s", address, strerror(errno));
        free(server);
        return NULL;
    }
    unsigned port = port_of(server);
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "clients are served at %s, port %u", address, port);
    if (port_file != NULL && !write_port(port_file, port)) {
        snprintf(why, why_size, "cannot write the port to %s: %s", port_file, strerror(errno));
        server_free(server);
        return NULL;
    }
    return server;
}

void server_free(struct server *server)
{
    if (server == NULL) {
        return;
    }
    clients_free(server->cti);
    while (server->first != NULL) {
        connection_free(server->first);
    }
    evconnlistener_free(server->listener);
    free(server);
}
