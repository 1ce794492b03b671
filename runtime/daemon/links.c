/* runtime/daemon/links.c - Connections of adapters: bytes between bufferevents and the protocol's state machines. */
#include "config.h"
#include "runtime/daemon/links.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/tls.h"
#include "runtime/daemon/remote.h"
#include "runtime/daemon/socket.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/memory.h"

enum {
    CONNECTIONS_MAX = 256,
    TICK_MS = 100,
    NAMES_MAX = 4096,
    UNREAD_MAX = 64 * 1024 * 1024, /* bytes that an adapter has not read: it has ceased to work */
    LAST_WORDS_US = 2000000,       /* so long a connection that is over may take them */
    FORGIVEN_US = 60000000,        /* after its last breach of the protocol */
};

struct name { /* of the configuration now, or once */
    char *text;
    unsigned link;
    bool configured;
    struct connection *connection; /* up, or NULL */
    uint64_t since_us;
    uint64_t committed; /* last of its events that is durable */
    unsigned breaches;  /* of the protocol, lately */
    uint64_t breach_us; /* the last of them, monotonic */
    struct link_counts counts;
};

struct connection {
    struct connection *next;
    struct links *links;
    struct bufferevent *stream;
    struct link_server *server;
    struct name *name;       /* after Hello */
    uint64_t instance;       /* of the adapter's process, likewise */
    struct tls_names *shown; /* by the certificate of a remote one; NULL: it is of this machine */
    uint64_t over_us;        /* since when it is over: freed when its last bytes are sent; 0: it is not */
};

struct links {
    struct links_options options;
    struct evconnlistener *listener;
    struct remote *remote; /* NULL: no adapter comes from elsewhere */
    struct event *tick;
    struct intake *intake;
    struct connection *connections;
    unsigned count;
    struct name *names;
    size_t name_count;
    char *file;
};

static struct name *name_add(struct links *links, const char *text, unsigned link)
{
    struct name *name;
    links->names = reallocarray(links->names, links->name_count + 1, sizeof *links->names);
    if (links->names == NULL) abort();
    name = &links->names[links->name_count++];
    *name = (struct name){.text = memory_text(text), .link = link, .since_us = clock_wall_us()};
    return name;
}

static struct name *name_find(struct links *links, struct span text)
{
    for (size_t i = 0; i < links->name_count; i++)
        if (span_is(text, links->names[i].text)) return &links->names[i];
    return NULL;
}

static struct name *name_of_link(struct links *links, unsigned link)
{
    for (size_t i = 0; i < links->name_count; i++)
        if (links->names[i].link == link) return &links->names[i];
    return NULL;
}

/* Lines of number and name, as they were given out so far. */
static bool names_load(struct links *links, struct error *error)
{
    FILE *file = fopen(links->file, "re");
    unsigned link;
    char text[65];
    if (file == NULL) {
        if (errno == ENOENT) return true;
        error_set(error, ERROR_SYSTEM, "%s: %s", links->file, strerror(errno));
        return false;
    }
    while (links->name_count < NAMES_MAX && fscanf(file, "%u %64s\n", &link, text) == 2) {
        if (link < SOURCE_LINKS || link > UINT16_MAX || name_of_link(links, link) != NULL) break;
        name_add(links, text, link);
    }
    if (!feof(file)) {
        error_set(error, ERROR_INPUT, "%s: line %zu is no number and name of a link", links->file,
                  links->name_count + 1);
        fclose(file);
        return false;
    }
    fclose(file);
    return true;
}

/* A file's new name is durable when its folder is. */
static bool folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good;
}

/* Durable before the first event of a new link. */
static bool names_save(const struct links *links, struct error *error)
{
    char *fresh;
    FILE *file;
    bool good = false;
    if (asprintf(&fresh, "%s.new", links->file) < 0) abort();
    file = fopen(fresh, "we");
    if (file != NULL) {
        for (size_t i = 0; i < links->name_count; i++)
            fprintf(file, "%u %s\n", links->names[i].link, links->names[i].text);
        good = fflush(file) == 0 && fsync(fileno(file)) == 0;
        good = fclose(file) == 0 && good;
        good = good && rename(fresh, links->file) == 0 && folder_sync(links->options.conf->state);
    }
    if (!good) error_set(error, ERROR_SYSTEM, "%s: %s", links->file, strerror(errno));
    free(fresh);
    return good;
}

static void committed_read(void *self, struct core *core)
{
    struct links *links = self;
    for (size_t i = 0; i < links->name_count; i++)
        links->names[i].committed = core_last_seq(core, links->names[i].link);
}

static bool names_open(struct links *links, struct error *error)
{
    const struct conf *conf = links->options.conf;
    bool added = false;
    if (!names_load(links, error)) return false;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        struct name *name = name_find(links, span_of(conf->adapters[i].name));
        unsigned link = SOURCE_LINKS;
        if (name == NULL) {
            while (name_of_link(links, link) != NULL) link++;
            name = name_add(links, conf->adapters[i].name, link);
            added = true;
        }
        name->configured = true;
    }
    for (size_t i = 0; i < links->name_count; i++)
        engine_name_link(links->options.engine, links->names[i].link, links->names[i].text);
    engine_read(links->options.engine, committed_read, links);
    return !added || names_save(links, error);
}

static void connection_free(struct connection *connection)
{
    struct connection **at = &connection->links->connections;
    while (*at != connection) at = &(*at)->next;
    *at = connection->next;
    connection->links->count--;
    bufferevent_free(connection->stream);
    link_server_free(connection->server);
    free(connection->shown);
    free(connection);
}

/* Hands on what the protocol wants to say, and ends a connection that is over. Nothing may use it afterwards. */
static void connection_flush(struct connection *connection, bool alive)
{
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
        connection->over_us = clock_monotonic_us();
        bufferevent_disable(connection->stream, EV_READ);
        if (unread == 0) connection_free(connection);
        return;
    }
    if (link_server_blocked(connection->server))
        bufferevent_disable(connection->stream, EV_READ);
    else
        bufferevent_enable(connection->stream, EV_READ);
}

static void on_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    struct evbuffer *input = bufferevent_get_input(stream);
    bool alive = connection->over_us == 0;
    while (alive && evbuffer_get_length(input) > 0 && !link_server_blocked(connection->server)) {
        struct evbuffer_iovec piece;
        if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1) break;
        alive = link_server_feed(connection->server, piece.iov_base, piece.iov_len, clock_monotonic_us());
        evbuffer_drain(input, piece.iov_len);
    }
    connection_flush(connection, alive);
}

static void on_written(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    (void)stream;
    if (connection->over_us != 0) connection_free(connection);
}

static void on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *connection = self;
    const char *why = "the adapter has closed the connection";
    char text[128];
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) return;
    if ((what & BEV_EVENT_ERROR) != 0) {
        if (connection->shown != NULL)
            tls_why(stream, text, sizeof text);
        else
            snprintf(text, sizeof text, "%s", strerror(errno));
        why = text;
    }
    link_server_lost(connection->server, why);
    connection_free(connection);
}

static void conn_read(void *self, struct core *core)
{
    struct link_welcome *welcome = self;
    welcome->last_conn = core_last_conn(core, welcome->link);
}

static const struct conf_adapter *conf_of(const struct links *links, const char *name)
{
    for (size_t i = 0; i < links->options.conf->adapter_count; i++)
        if (strcmp(links->options.conf->adapters[i].name, name) == 0) return &links->options.conf->adapters[i];
    return NULL;
}

/* Credit that an adapter saves up is a crowd that it may bring at once: of a rate, no more than a second's. */
static uint32_t window(const struct links *links, const struct conf_adapter *conf)
{
    uint64_t rate = links->options.conf->arrivals_per_s;
    return (uint32_t)(rate != 0 && rate < conf->arrivals ? rate : conf->arrivals);
}

/* How long it stays outside for what it did, from now: as long as if its process had ended so often. */
static uint64_t barred_for(const struct name *name, const struct conf_adapter *conf, uint64_t now_us)
{
    uint64_t pause_us = conf->restart_ms * 1000, most_us = conf->restart_max_ms * 1000;
    if (name->breaches == 0) return 0;
    for (unsigned i = 1; i < name->breaches && pause_us < most_us; i++) pause_us *= 2;
    if (pause_us > most_us) pause_us = most_us;
    return name->breach_us + pause_us > now_us ? name->breach_us + pause_us - now_us : 0;
}

static void breach(struct name *name, uint64_t now_us)
{
    if (now_us - name->breach_us >= FORGIVEN_US) name->breaches = 0;
    name->breaches++;
    name->breach_us = now_us;
}

/* Its link goes to a newer one; the tick frees it, for others may be walking through the connections. */
static void supersede(struct connection *connection)
{
    link_server_lost(connection->server, "its adapter has come again");
    connection->over_us = clock_monotonic_us();
    bufferevent_disable(connection->stream, EV_READ);
}

/* Called by the protocol, as the next four. */
static bool on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                     struct error *error)
{
    struct connection *connection = self;
    struct links *links = connection->links;
    struct span text = message_text(hello, Hello_name);
    struct name *name = name_find(links, text);
    if (name == NULL || !name->configured) {
        *why = refusal_name;
        error_set(error, ERROR_UNKNOWN, "no adapter `%.*s` in the configuration", (int)text.length,
                  (const char *)text.bytes);
        return false;
    }
    const struct conf_adapter *conf = conf_of(links, name->text);
    assert(conf != NULL); /* it is configured */
    if (connection->shown != NULL && (!conf->remote || !tls_names_have(connection->shown, conf->certificate_name))) {
        *why = refusal_credential;
        error_set(error, ERROR_DENIED, "the certificate of `%s` is not that of a remote adapter `%s`",
                  connection->shown->count > 0 ? connection->shown->name[0] : "", name->text);
        return false;
    }
    /* The same process comes again: it has given up the older one, of which nobody here has heard yet. */
    if (name->connection != NULL && name->connection->instance == message_u(hello, Hello_instance))
        supersede(name->connection);
    if (name->connection != NULL) {
        *why = refusal_name;
        error_set(error, ERROR_STATE, "adapter `%s` has a link already", name->text);
        return false;
    }
    uint64_t barred_us = barred_for(name, conf, clock_monotonic_us());
    if (barred_us > 0) {
        *why = refusal_limit;
        error_set(error, ERROR_STATE, "adapter `%s` broke the protocol: it is let in again after %llu ms", name->text,
                  (unsigned long long)(barred_us / 1000 + 1));
        return false;
    }
    connection->name = name;
    connection->instance = message_u(hello, Hello_instance);
    *welcome = (struct link_welcome){.link = name->link,
                                     .epoch = engine_epoch(links->options.engine),
                                     .last_seq = name->committed,
                                     .arrivals = window(links, conf),
                                     .silent_us = conf->silent_s * 1000000,
                                     .grace_us = conf->link_grace_s * 1000000,
                                     .resync_us = conf->resync_s * 1000000};
    engine_read(links->options.engine, conn_read, welcome);
    return true;
}

static void on_up(void *self)
{
    struct connection *connection = self;
    struct links *links = connection->links;
    struct writer writer;
    connection->name->connection = connection;
    connection->name->since_us = clock_wall_us();
    log_line(links->options.log, LOG_LEVEL_INFO, connection->name->text, 0, 0, "link %u is up", connection->name->link);
    writer_init(&writer);
    engine_post(links->options.engine, SOURCE_HOST, link_server_up_event(connection->server, &writer));
    writer_free(&writer);
    links->options.changed(links->options.self, connection->name->text, true);
}

static bool on_link_event(void *self, const struct message *event)
{
    struct connection *connection = self;
    return engine_post_link(connection->links->options.engine, event->frame);
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    struct connection *connection = self;
    struct links *links = connection->links;
    struct name *name = connection->name;
    struct writer writer;
    log_line(links->options.log, reason == down_reason_stopped ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
             name != NULL ? name->text : "links", 0, 0, "%s: %s (%s)",
             name != NULL && name->connection == connection ? "the link is down" : "a connection was refused", why,
             enum_name_down_reason(reason));
    if (name == NULL || name->connection != connection) return;
    if (reason == down_reason_protocol) breach(name, clock_monotonic_us());
    link_server_counts(connection->server, &name->counts);
    name->connection = NULL;
    name->since_us = clock_wall_us();
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkDown);
    writer_u(&writer, LinkDown_link, name->link);
    writer_u(&writer, LinkDown_reason, reason);
    engine_post(links->options.engine, SOURCE_HOST, writer_end(&writer));
    writer_free(&writer);
    links->options.changed(links->options.self, name->text, false);
}

/* What a link may bring now, of `links` that share it. */
static struct link_allowance allowance(const struct links *links, uint32_t sharing)
{
    uint32_t arrivals = intake_arrivals(links->intake);
    struct intake_row row;
    intake_read(links->intake, &row);
    if (arrivals != UINT32_MAX && sharing > 1) arrivals = (arrivals + sharing - 1) / sharing;
    return (struct link_allowance){.arrivals = arrivals,
                                   .gate = row.level == INTAKE_OPEN          ? gate_open
                                           : row.level == INTAKE_NO_ARRIVALS ? gate_no_arrivals
                                                                             : gate_only_relief};
}

static struct connection *connection_new(struct links *links, struct bufferevent *stream)
{
    struct link_server_calls calls = {.hello = on_hello, .up = on_up, .event = on_link_event, .down = on_down};
    struct link_allowance let_in = allowance(links, 1);
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || stream == NULL) abort();
    calls.self = connection;
    connection->links = links;
    connection->server = link_server_new(&calls, clock_monotonic_us());
    link_server_allow(connection->server, &let_in);
    connection->stream = stream;
    connection->next = links->connections;
    links->connections = connection;
    links->count++;
    bufferevent_setcb(stream, on_read, on_written, on_event, connection);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    return connection;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                      void *self)
{
    struct links *links = self;
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

/* A remote adapter, after the handshake. */
static void on_enter(void *self, struct bufferevent *stream, const struct tls_names *names)
{
    struct links *links = self;
    if (links->count == CONNECTIONS_MAX || links->listener == NULL) {
        bufferevent_free(stream);
        return;
    }
    struct connection *connection = connection_new(links, stream);
    connection->shown = malloc(sizeof *names);
    if (connection->shown == NULL) abort();
    *connection->shown = *names;
    on_read(stream, connection); /* what came with the handshake's end */
}

static void on_tick(evutil_socket_t fd, short what, void *self)
{
    struct links *links = self;
    uint64_t now_us = clock_monotonic_us();
    struct connection *next;
    (void)fd;
    (void)what;
    if (intake_look(links->intake, now_us) == INTAKE_STOP)
        links->options.stop(links->options.self, "the space for the journal is used up");
    for (struct connection *connection = links->connections; connection != NULL; connection = next) {
        next = connection->next;
        if (connection->over_us == 0) {
            struct link_allowance let_in = allowance(links, links->count);
            intake_let_in(links->intake, link_server_allow(connection->server, &let_in));
            connection_flush(connection, link_server_tick(connection->server, now_us));
        } else if (now_us - connection->over_us >= LAST_WORDS_US)
            connection_free(connection);
    }
}

const struct intake *links_intake(const struct links *links)
{
    return links->intake;
}

struct links *links_new(const struct links_options *options, struct error *error)
{
    struct links *links = calloc(1, sizeof *links);
    const struct timeval every = {.tv_usec = TICK_MS * 1000};
    int fd;
    if (links == NULL) abort();
    links->options = *options;
    if (asprintf(&links->file, "%s/links", options->conf->state) < 0) abort();
    links->intake = intake_new(options->conf, options->engine, options->log);
    if (!names_open(links, error) || (fd = socket_listen(options->conf->links, error)) < 0) {
        links_free(links);
        return NULL;
    }
    links->listener =
        evconnlistener_new(options->base, on_accept, links, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, fd);
    links->tick = event_new(options->base, -1, EV_PERSIST, on_tick, links);
    if (links->listener == NULL || links->tick == NULL || event_add(links->tick, &every) != 0) abort();
    struct remote_options remote = {options->base, options->conf, options->log, on_enter, links};
    if (options->conf->remote_listen[0] != '\0' && (links->remote = remote_new(&remote, error)) == NULL) {
        links_free(links);
        return NULL;
    }
    return links;
}

void links_free(struct links *links)
{
    if (links == NULL) return;
    while (links->connections != NULL) connection_free(links->connections);
    remote_free(links->remote);
    if (links->listener != NULL) evconnlistener_free(links->listener);
    if (links->tick != NULL) event_free(links->tick);
    intake_free(links->intake);
    for (size_t i = 0; i < links->name_count; i++) free(links->names[i].text);
    free(links->names);
    free(links->file);
    free(links);
}

void links_effect(struct links *links, unsigned link, struct span frame)
{
    struct name *name = name_of_link(links, link);
    struct connection *connection;
    if (name == NULL || name->connection == NULL) return; /* the core asks again, or is told so by its classes */
    connection = name->connection;
    link_server_effect(connection->server, frame);
    connection_flush(connection, name->connection != NULL);
}

/* There may be room again for the event that it waits with. */
static void resume(struct connection *connection)
{
    if (connection->over_us != 0 || !link_server_blocked(connection->server)) return;
    if (link_server_resume(connection->server, clock_monotonic_us()))
        on_read(connection->stream, connection);
    else
        connection_flush(connection, false);
}

void links_committed(struct links *links, unsigned link, uint64_t seq)
{
    struct name *name = name_of_link(links, link);
    struct connection *connection;
    if (name == NULL) return;
    /* What an adapter sent again after a reconnect is told again, and may come behind what is newer. */
    if (seq > name->committed) name->committed = seq;
    if (name->connection == NULL) return;
    connection = name->connection;
    link_server_committed(connection->server, seq);
    if (link_server_blocked(connection->server))
        resume(connection); /* it was held back for what it had under way */
    else
        connection_flush(connection, true);
}

/* The first of the list becomes the last: what room there is goes to another first the next time. */
static void rotate(struct links *links)
{
    struct connection *first = links->connections, **end = &links->connections;
    if (first == NULL || first->next == NULL) return;
    links->connections = first->next;
    first->next = NULL;
    while (*end != NULL) end = &(*end)->next;
    *end = first;
}

void links_room(struct links *links)
{
    struct connection *next;
    rotate(links);
    for (struct connection *connection = links->connections; connection != NULL; connection = next) {
        next = connection->next;
        resume(connection);
    }
}

void links_close(struct links *links)
{
    struct connection *next;
    if (links->listener != NULL) evconnlistener_free(links->listener);
    links->listener = NULL;
    remote_free(links->remote);
    links->remote = NULL;
    unlink(links->options.conf->links);
    for (struct connection *connection = links->connections; connection != NULL; connection = next) {
        next = connection->next;
        if (connection->over_us != 0) continue;
        link_server_close(connection->server, down_reason_stopped);
        connection_flush(connection, false);
    }
}

bool links_read(const struct links *links, size_t index, struct link_row *row)
{
    for (size_t i = 0; i < links->name_count; i++) {
        const struct name *name = &links->names[i];
        if (!name->configured || index-- > 0) continue;
        *row = (struct link_row){.name = name->text,
                                 .link = name->link,
                                 .up = name->connection != NULL,
                                 .since_us = name->since_us,
                                 .breaches = name->breaches,
                                 .counts = name->counts};
        if (name->connection != NULL) link_server_counts(name->connection->server, &row->counts);
        return true;
    }
    return false;
}
