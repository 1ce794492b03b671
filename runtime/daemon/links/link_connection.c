/* runtime/daemon/links/link_connection.c - A connection of an adapter: passes bytes between its bufferevent and the
 * protocol's state machine, and answers what the state machine asks. */
#include "runtime/daemon/links/links_state.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/events_link.h"

enum {
    UNREAD_MAX = 64 * 1024 * 1024, /* unread bytes at which an adapter counts as dead */
    LINGER_US = 10000,             /* time for which news is gathered for an adapter that does not wait for it */
};

void connection_free(struct connection *connection)
{
    assert(connection->links->count > 0);
    struct connection **at = &connection->links->connections;
    while (*at != connection) at = &(*at)->next;
    *at = connection->next;
    connection->links->count--;
    event_free(connection->late);
    bufferevent_free(connection->stream);
    link_server_free(connection->server);
    free(connection->shown);
    free(connection);
}

/* Sends the bytes that the protocol has, and ends a connection that is over. The connection must not be used
 * afterwards. */
void connection_flush(struct connection *connection, bool alive)
{
    assert(connection && connection->server);
    struct span output = link_server_output(connection->server);
    if (output.length > 0) {
        bufferevent_write(connection->stream, output.bytes, output.length);
        link_server_sent(connection->server, output.length);
    }
    size_t unread = evbuffer_get_length(bufferevent_get_output(connection->stream));
    if (alive && unread > UNREAD_MAX) {
        link_server_lost(connection->server, "the adapter does not read");
        connection_free(connection);
        return;
    }
    if (!alive) {
        connection->over_us = host_monotonic_us();
        bufferevent_disable(connection->stream, EV_READ);
        if (unread == 0) connection_free(connection);
        return;
    }
    if (link_server_blocked(connection->server))
        bufferevent_disable(connection->stream, EV_READ);
    else
        bufferevent_enable(connection->stream, EV_READ);
}

/* Sends the news that was gathered for the adapter, as the time for gathering is over. */
static void connection_on_late(evutil_socket_t fd, short what, void *self)
{
    struct connection *connection = self;
    (void)fd;
    (void)what;
    if (connection->over_us == 0) connection_flush(connection, true);
}

/* Gathers credit and news of durable events: the adapter needs neither at once, unless it waits for one of these
 * events. */
void connection_committed(struct connection *connection, uint64_t seq)
{
    assert(connection->over_us == 0 && seq > 0);
    const struct timeval linger = {.tv_usec = LINGER_US};
    bool awaited = connection->awaited_seq != 0 && connection->awaited_seq <= seq;
    if (awaited) connection->awaited_seq = 0;
    if (awaited)
        connection_flush(connection, true);
    else if (!event_pending(connection->late, EV_TIMEOUT, NULL) && event_add(connection->late, &linger) != 0)
        abort();
}

/* True: the Hello came too late: an adapter that got no Welcome connects again, and has closed its end of this
 * connection. */
static bool hello_is_of_the_past(const struct connection *connection)
{
    struct pollfd there = {.fd = bufferevent_getfd(connection->stream), .events = POLLRDHUP};
    return !connection->name && poll(&there, 1, 0) == 1 && (there.revents & (POLLRDHUP | POLLHUP)) != 0;
}

void connection_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    if (hello_is_of_the_past(connection)) return; /* link_on_event() is told so */
    struct evbuffer *input = bufferevent_get_input(stream);
    bool alive = connection->over_us == 0;
    while (alive && evbuffer_get_length(input) > 0 && !link_server_blocked(connection->server)) {
        struct evbuffer_iovec piece;
        if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1) break;
        alive = link_server_feed(connection->server, piece.iov_base, piece.iov_len, host_monotonic_us());
        evbuffer_drain(input, piece.iov_len);
    }
    connection_flush(connection, alive);
}

/* All bytes were sent: a connection that is over is freed now. */
static void link_on_written(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    (void)stream;
    if (connection->over_us != 0) connection_free(connection);
}

/* Handles the end of the stream: the adapter has closed it, or it is broken. */
static void link_on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *connection = self;
    const char *why = "the adapter has closed the connection";
    char text[128];
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) return;
    if ((what & BEV_EVENT_ERROR) != 0) {
        if (connection->shown)
            tls_why(stream, text, sizeof text);
        else
            snprintf(text, sizeof text, "%s", strerror(errno));
        why = text;
    }
    link_server_lost(connection->server, why);
    connection_free(connection);
}

/* Makes the journal's number by hashing the core's seed, which itself would let others foretell random choices. */
static uint64_t journal_number(uint64_t seed, uint64_t restored_s)
{
    static const unsigned char purpose[crypto_generichash_KEYBYTES] = "gcx journal's number";
    unsigned char hash[crypto_generichash_BYTES];
    uint64_t of[2] = {seed, restored_s}, number;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)of, restored_s == 0 ? sizeof *of : sizeof of, purpose,
                       sizeof purpose);
    memcpy(&number, hash, sizeof number);
    return number;
}

/* Returns the number of this journal. The journal's number changes when the journal was restored: what peers know by
 * the old number may have happened in the part that is lost. */
uint64_t links_journal(const struct core *core)
{
    struct core_status status;
    core_status(core, &status);
    return journal_number(status.seed, status.restored_s);
}

/* On the core's thread: reads the ConnID after which the adapter's next one comes. */
static void link_conn_read(void *self, struct core *core)
{
    struct link_welcome *welcome = self;
    welcome->last_conn = core_last_conn(core, welcome->link);
    struct core_status status;
    core_status(core, &status);
    welcome->journal = journal_number(status.seed, status.restored_s);
    welcome->born = journal_number(status.seed, 0);
}

/* Finds the section of the configuration with this name; NULL: there is none. */
static const struct conf_adapter *conf_of(const struct daemon_links *links, const char *name)
{
    for (size_t i = 0; i < links->options.conf->adapter_count; i++)
        if (strcmp(links->options.conf->adapters[i].name, name) == 0) return &links->options.conf->adapters[i];
    return NULL;
}

/* How many arrivals an adapter may bring at once: it may save up credit, but with a configured rate no more than for
 * the arrivals of one second. */
static uint32_t link_connection_window(const struct daemon_links *links, const struct conf_adapter *conf)
{
    uint64_t rate = links->options.conf->arrivals_per_s;
    return (uint32_t)(rate != 0 && rate < conf->arrivals ? rate : conf->arrivals);
}

/* Ends a connection whose adapter has a newer one; the tick frees it, since a caller may be going through the list
 * of connections. */
static void link_connection_supersede(struct connection *connection)
{
    assert(connection->over_us == 0);
    link_server_lost(connection->server, "its adapter has come again");
    connection->over_us = host_monotonic_us();
    bufferevent_disable(connection->stream, EV_READ);
}

/* Finds the section of the adapter that this peer may be. NULL with the reason: no section has the peer's name, or
 * its certificate is not that of the section. */
static const struct conf_adapter *adapter_of(const struct connection *connection, const struct name *name,
                                             struct span said, enum refusal *why, struct error *error)
{
    const struct conf_adapter *conf = name && name->configured ? conf_of(connection->links, name->text) : NULL;
    if (!conf) {
        *why = refusal_name;
        error_set(error, ERROR_UNKNOWN, "no adapter `%.*s` in the configuration", (int)said.length,
                  (const char *)said.bytes);
        return NULL;
    }
    if (connection->shown && (!conf->remote || !tls_names_have(connection->shown, conf->certificate_name))) {
        *why = refusal_credential;
        error_set(error, ERROR_DENIED, "the certificate of `%s` is not that of a remote adapter `%s`",
                  connection->shown->count > 0 ? connection->shown->name[0] : "", name->text);
        return NULL;
    }
    return conf;
}

/* Decides whether the adapter may have its link now. The adapter may not have the link while another process of this
 * name has it, nor for a while after a breach of the protocol, nor without a durable number. False with the reason. */
static bool link_free(struct daemon_links *links, struct name *name, const struct conf_adapter *conf, enum refusal *why,
                      struct error *error)
{
    uint64_t barred_us = name_barred_for(name, conf, host_monotonic_us());
    if (name->connection) {
        *why = refusal_name;
        return error_set(error, ERROR_STATE, "adapter `%s` has a link already", name->text);
    }
    *why = refusal_limit;
    if (barred_us == 0) return name_number(links, name, error);
    return error_set(error, ERROR_STATE, "adapter `%s` broke the protocol: it is let in again after %llu ms",
                     name->text, (unsigned long long)(barred_us / 1000 + 1));
}

/* Returns the event number after which the process goes on. If the same process comes again, it sends its
 * uncommitted events under the same numbers as before. A new process goes on after the last event that its
 * predecessor has sent, committed or not: with the numbers of uncommitted events its first events would be taken for
 * repetitions of those, and be lost. */
static uint64_t goes_on_after(struct name *name, uint64_t instance)
{
    if (name->instance != instance) name->began = name->taken;
    name->instance = instance;
    return name->committed > name->began ? name->committed : name->began;
}

/* Decides whether the peer is let in, and on which terms; the protocol calls this function and the next four. */
static bool link_on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                          struct error *error)
{
    struct connection *connection = self;
    struct daemon_links *links = connection->links;
    struct span said = message_text(hello, Hello_name);
    struct name *name = name_find(links, said);
    const struct conf_adapter *conf = adapter_of(connection, name, said, why, error);
    if (!conf) return false;
    /* The same process connects again: it gave up the older connection before we noticed that. */
    if (name->connection && name->connection->instance == message_u(hello, Hello_instance))
        link_connection_supersede(name->connection);
    if (!link_free(links, name, conf, why, error)) return false;
    connection->name = name;
    connection->instance = message_u(hello, Hello_instance);
    *welcome = (struct link_welcome){.link = name->link,
                                     .domain = (unsigned)links->options.conf->partition,
                                     .epoch = engine_epoch(links->options.engine),
                                     .last_seq = goes_on_after(name, connection->instance),
                                     .arrivals = link_connection_window(links, conf),
                                     .silent_us = conf->silent_s * 1000000,
                                     .grace_us = conf->link_grace_s * 1000000,
                                     .resync_us = conf->resync_s * 1000000,
                                     .audit_us = conf->audit_s * 1000000};
    engine_read(links->options.engine, link_conn_read, welcome);
    return true;
}

/* The handshake is done: tells the core of the link before the link's first event. */
static void connection_on_up(void *self)
{
    struct connection *connection = self;
    struct daemon_links *links = connection->links;
    struct writer writer;
    connection->name->connection = connection;
    connection->name->since_us = host_wall_clock_us();
    connection->name->changed_us = host_monotonic_us();
    log_line(links->options.log, LOG_LEVEL_INFO, connection->name->text, 0, 0, "link %u is up", connection->name->link);
    writer_init(&writer);
    engine_post_now(links->options.engine, link_server_up_event(connection->server, &writer));
    writer_free(&writer);
    links->options.changed(links->options.self, connection->name->text, true);
}

/* Posts an event; false: the ring is full, and the protocol keeps the event until links_room(). */
static bool on_link_event(void *self, const struct message *event)
{
    struct connection *connection = self;
    enum event_pace pace = message_pace(event);
    if (!engine_post_link(connection->links->options.engine, event->frame, pace,
                          link_server_moment(connection->server)))
        return false;
    uint64_t seq = message_u(event, ENVELOPE_seq);
    if (seq > connection->name->taken) connection->name->taken = seq;
    if (pace != PACE_SOON) connection->awaited_seq = seq;
    return true;
}

struct view_reading {
    struct view_asked asked;
    struct kv *into;
};

static void view_read(void *self, struct core *core)
{
    const struct view_reading *reading = self;
    core_view(core, &reading->asked, reading->into);
}

static void link_on_asked(void *self, const struct message *read, struct kv *value)
{
    const struct connection *connection = self;
    struct view_reading reading = {
        .asked = {.object = (unsigned)message_u(read, Read_what),
                  .name = message_text(read, Read_name),
                  .whose = message_text(read, Read_whose),
                  .asker = message_text(read, Read_asker),
                  .external = message_u(read, Read_external) != 0,
                  .after = message_u(read, Read_after),
                  .order = message_text(read, Read_order),
                  .filter = message_text(read, Read_filter),
                  .view = message_text(read, Read_view),
                  .count = message_u(read, Read_count) > UINT32_MAX ? 0 : (uint32_t)message_u(read, Read_count)},
        .into = value};
    engine_read(connection->links->options.engine, view_read, &reading);
}

/* Handles the end of the link: the adapter or this process has ended it, or the protocol was broken. */
static void connection_on_down(void *self, enum down_reason reason, const char *why)
{
    struct connection *connection = self;
    struct daemon_links *links = connection->links;
    struct name *name = connection->name;
    struct writer writer;
    log_line(links->options.log, reason == down_reason_stopped ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
             name ? name->text : "links", 0, 0, "%s: %s (%s)",
             name && name->connection == connection ? "the link is down" : "a connection was refused", why,
             enum_name_down_reason(reason));
    if (!name || name->connection != connection) return;
    if (reason == down_reason_protocol) name_breach(name, host_monotonic_us());
    link_server_counts(connection->server, &name->counts);
    name->told = *link_server_told(connection->server);
    name->connection = NULL;
    name->since_us = host_wall_clock_us();
    name->changed_us = host_monotonic_us();
    name->expected = reason != down_reason_stopped && reason != down_reason_protocol;
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkDown);
    writer_u(&writer, LinkDown_link, name->link);
    writer_u(&writer, LinkDown_reason, reason);
    engine_post_now(links->options.engine, writer_end(&writer));
    writer_free(&writer);
    links->options.changed(links->options.self, name->text, false);
}

struct connection *connection_new(struct daemon_links *links, struct bufferevent *stream)
{
    struct link_server_calls calls = {.hello = link_on_hello,
                                      .up = connection_on_up,
                                      .event = on_link_event,
                                      .down = connection_on_down,
                                      .read = link_on_asked};
    struct link_allowance let_in = links_allowance(links, 1);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection || !stream) abort();
    calls.self = connection;
    connection->links = links;
    connection->server = link_server_new(&calls, host_monotonic_us());
    link_server_allow(connection->server, &let_in);
    connection->stream = stream;
    connection->late = evtimer_new(links->options.base, connection_on_late, connection);
    if (!connection->late) abort();
    connection->next = links->connections;
    links->connections = connection;
    links->count++;
    bufferevent_setcb(stream, connection_read, link_on_written, link_on_event, connection);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    return connection;
}
