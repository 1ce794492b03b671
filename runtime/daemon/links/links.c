/* runtime/daemon/links/links.c - Lets links in, limits what all of them together may bring, and sends them the
 * core's effects.
 *
 * A connection may come from this machine, where the kernel tells whose process it is, or by TLS from another
 * machine; after that both kinds are handled alike (link_connection.c). Ten times a second the intake measures the
 * load, and the arrivals that it allows are shared among the links that are up. */
#include "runtime/adapter/listener.h"
#include "runtime/daemon/links/links_state.h"

#include <assert.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

enum {
    CONNECTIONS_MAX = 256,
    TICK_MS = 100,
    LINKS_AGAIN_US = 1100000, /* time in which an adapter that has lost its connection should connect again, */
    /* time in which an adapter that has connected again has sent the events that it had kept */
    LINKS_KEPT_US = 50000,
    LAST_WORDS_US = 2000000, /* time that a connection that is over has for its last bytes */
};

/* Tells the core the present gate: it dials nothing new while arrivals are refused. The core begins with an open
 * gate. */
static void gate_tell(struct daemon_links *links)
{
    enum gate gate = links_gate(links);
    struct writer writer;
    if (links->told == gate) return;
    links->told = gate;
    writer_init(&writer);
    writer_begin(&writer, KIND_Intake);
    writer_u(&writer, Intake_gate, gate);
    engine_post(links->options.engine, SOURCE_HOST, writer_end(&writer));
    writer_free(&writer);
}

/* Accepts an adapter of this machine: root and the daemon's own user may connect; the kernel tells who it is. */
static void links_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                            void *self)
{
    struct daemon_links *links = self;
    uid_t uid;
    (void)listener;
    (void)address;
    (void)length;
    bool allowed = socket_peer_allowed(fd, &uid);
    if (!allowed || links->count == CONNECTIONS_MAX) {
        log_line(links->options.log, LOG_LEVEL_WARNING, "links", 0, 0, "a connection of user %u was refused: %s",
                 (unsigned)uid, allowed ? "there are too many" : "only root and the daemon's own user are let in");
        close(fd);
        return;
    }
    connection_new(links, bufferevent_socket_new(links->options.base, fd, BEV_OPT_CLOSE_ON_FREE));
}

/* Takes a remote adapter's connection, after the TLS handshake. */
static void on_enter(void *self, struct bufferevent *stream, const struct tls_names *names)
{
    assert(stream && names);
    struct daemon_links *links = self;
    if (links->count == CONNECTIONS_MAX || !links->listener) {
        bufferevent_free(stream);
        return;
    }
    struct connection *connection = connection_new(links, stream);
    connection->shown = memory_grown(NULL, 1, sizeof *names);
    *connection->shown = *names;
    connection_read(stream, connection); /* bytes that came together with the end of the handshake */
}

/* Ten times a second: decides how much is let in, lets the protocol check its times, and ends connections whose last
 * bytes nobody reads. */
static void links_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct daemon_links *links = self;
    uint64_t now_us = host_monotonic_us();
    struct connection *next;
    (void)fd;
    (void)what;
    if (intake_look(links->intake, now_us) == INTAKE_STOP)
        links->options.stop(links->options.self, "the space for the journal is used up");
    gate_tell(links);
    if (links->ticks++ % (1000 / TICK_MS) == 0) removed_tick(links);
    for (struct connection *connection = links->connections; connection; connection = next) {
        next = connection->next;
        if (connection->over_us == 0) {
            struct link_allowance let_in = links_allowance(links, links->count);
            intake_let_in(links->intake, link_server_allow(connection->server, &let_in));
            connection_flush(connection, link_server_tick(connection->server, now_us));
        } else if (now_us - connection->over_us >= LAST_WORDS_US)
            connection_free(connection);
    }
}

const struct intake *links_intake(const struct daemon_links *links)
{
    return links->intake;
}

/* Listens for adapters of this machine and, if that is configured, of other machines. */
struct daemon_links *links_new(const struct links_options *options, struct error *error)
{
    assert(options && options->engine && options->conf && options->changed && options->stop);
    struct daemon_links *links = memory_zeroed(1, sizeof *links);
    const struct timeval every = {.tv_usec = TICK_MS * 1000};
    int fd;
    links->options = *options;
    links->file = memory_format("%s/links", options->conf->state);
    links->intake = intake_new(options->conf, options->engine, options->log);
    if (!names_open(links, error) || (fd = socket_listen(options->conf->links, error)) < 0) {
        links_free(links);
        return NULL;
    }
    links->listener = listener_new(options->base, links_on_accept, links, fd);
    links->tick = event_new(options->base, -1, EV_PERSIST, links_on_tick, links);
    if (!links->listener || !links->tick || event_add(links->tick, &every) != 0) abort();
    struct remote_options remote = {options->base, options->conf, options->log, on_enter, links};
    if (options->conf->remote_listen[0] != '\0' && !(links->remote = remote_new(&remote, error))) {
        links_free(links);
        return NULL;
    }
    return links;
}

void links_free(struct daemon_links *links)
{
    if (!links) return;
    while (links->connections) connection_free(links->connections);
    remote_free(links->remote);
    if (links->listener) evconnlistener_free(links->listener);
    if (links->tick) event_free(links->tick);
    intake_free(links->intake);
    for (size_t i = 0; i < links->name_count; i++) free(links->names[i].text);
    free(links->names);
    free(links->file);
    free(links);
}

void links_effect(struct daemon_links *links, unsigned link, struct span frame)
{
    assert(links && frame.length > 0);
    struct name *name = name_of_link(links, link);
    struct connection *connection;
    /* a link that is not up loses the effect: the core repeats it, or does without it, by its class */
    if (!name || !name->connection) return;
    connection = name->connection;
    link_server_effect(connection->server, frame);
    connection_flush(connection, name->connection != NULL);
}

/* Offers the waiting event of a connection again, since there may be room now. */
static void links_resume(struct connection *connection)
{
    assert(connection->server);
    if (connection->over_us != 0 || !link_server_blocked(connection->server)) return;
    if (link_server_resume(connection->server, host_monotonic_us()))
        connection_read(connection->stream, connection);
    else
        connection_flush(connection, false);
}

/* True: the adapter may connect again with events that it has kept, or has just connected and is sending them. The
 * daemon does not wait for an adapter that was not there before, said Bye, or broke the protocol. */
static bool name_is_awaited(const struct name *name)
{
    uint64_t passed_us = host_monotonic_us() - name->changed_us;
    if (name->connection) return passed_us < LINKS_KEPT_US;
    return name->configured && name->expected && passed_us < LINKS_AGAIN_US;
}

bool links_unread(const struct daemon_links *links)
{
    for (size_t at = 0; at < links->name_count; at++)
        if (name_is_awaited(&links->names[at])) return true;
    for (const struct connection *connection = links->connections; connection; connection = connection->next) {
        int unread = 0;
        if (connection->over_us != 0 || link_server_blocked(connection->server)) continue;
        if (ioctl(bufferevent_getfd(connection->stream), FIONREAD, &unread) == 0 && unread > 0) return true;
    }
    return false;
}

void links_committed(struct daemon_links *links, unsigned link, uint64_t seq)
{
    struct name *name = name_of_link(links, link);
    struct connection *connection;
    if (!name) return;
    /* Events that an adapter sent again after a reconnect are reported again, and may come after newer ones. */
    if (seq > name->committed) name->committed = seq;
    if (!name->connection) return;
    connection = name->connection;
    link_server_committed(connection->server, seq);
    if (link_server_blocked(connection->server))
        links_resume(connection); /* reading from the link had stopped, as too many of the link's events were on
                                   * their way */
    else
        connection_committed(connection, seq);
}

/* Moves the first connection to the end of the list, so that the next time another one is the first to use the room
 * there is. */
static void links_rotate(struct daemon_links *links)
{
    struct connection *first = links->connections, **end = &links->connections;
    if (!first || !first->next) return;
    links->connections = first->next;
    first->next = NULL;
    while (*end) end = &(*end)->next;
    *end = first;
}

void links_room(struct daemon_links *links)
{
    struct connection *next;
    links_rotate(links);
    for (struct connection *connection = links->connections; connection; connection = next) {
        next = connection->next;
        links_resume(connection);
    }
}

void links_close(struct daemon_links *links)
{
    struct connection *next;
    if (links->listener) evconnlistener_free(links->listener);
    links->listener = NULL;
    remote_free(links->remote);
    links->remote = NULL;
    socket_leave(links->options.conf->links);
    for (struct connection *connection = links->connections; connection; connection = next) {
        next = connection->next;
        if (connection->over_us != 0) continue;
        link_server_close(connection->server, down_reason_stopped);
        connection_flush(connection, false);
    }
}

bool links_read(const struct daemon_links *links, size_t index, struct link_row *row)
{
    assert(row);
    for (size_t i = 0; i < links->name_count; i++) {
        const struct name *name = &links->names[i];
        if (!name->configured || index-- > 0) continue;
        *row = (struct link_row){.name = name->text,
                                 .link = name->link,
                                 .up = name->connection != NULL,
                                 .since_us = name->since_us,
                                 .breaches = name->breaches,
                                 .counts = name->counts,
                                 .told = &name->told};
        if (!name->connection) return true;
        link_server_counts(name->connection->server, &row->counts);
        row->told = link_server_told(name->connection->server);
        return true;
    }
    return false;
}
