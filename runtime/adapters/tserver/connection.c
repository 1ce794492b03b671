/* runtime/adapters/tserver/connection.c - The connection to the switch, which is made again after a growing pause.
 *
 * There is one connection at a time, or a pause before the next one:
 *
 *     switch_on_again()     the address is looked up, each time anew
 *     switch_on_found()     the connection is tried, CONNECT_S long
 *     CONNECTED             tserver_connected(): the protocol begins (swlink.h)
 *     hang_up()             lost, refused or too slow: tserver_lost(), then wait_and_connect()
 *
 * If the journal is in a database, another gcxvm may lead it after this core has gone, and its adapter then has the
 * switch. Two adapters would take the link from each other, so an adapter connects only while its core leads.
 *
 * The pause doubles up to PAUSE_MAX_MS, and is short again once the switch has sent something. Invariant: a pause or
 * an address look-up is running exactly while `stream` is NULL. */
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/resolver.h"
#include "runtime/adapters/tserver/tserver.h"
#include "base/memory.h"

enum { PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 5000, CONNECT_S = 10, UNSENT_MAX = 64 * 1024 * 1024, CORE_MS = 100 };

struct connection {
    struct tserver *tserver;
    struct event_base *base;
    char *address; /* "host:port"; the host is looked up at each attempt */
    struct resolver *resolver;
    bool insecure;              /* plain text is allowed even to another machine */
    struct tls *tls;            /* NULL: in plain text */
    struct event *watch;        /* timer that checks the files of TLS for changes */
    struct bufferevent *stream; /* NULL: none now */
    struct event *again;
    unsigned pause_ms;
    bool connected;
    bool told;  /* it was logged that the connection fails: once, not at each attempt */
    bool waits; /* the core is away, so no connection is made; this was logged */
};

static void wait_and_connect(struct connection *connection)
{
    assert(!connection->stream && connection->pause_ms > 0);
    struct timeval pause = {connection->pause_ms / 1000, (suseconds_t)(connection->pause_ms % 1000) * 1000};
    connection->pause_ms = connection->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : connection->pause_ms * 2;
    evtimer_add(connection->again, &pause);
}

static void switch_say(struct connection *connection, int level, const char *what, const char *why)
{
    struct cti *cti = &connection->tserver->cti;
    cti->services->log(cti->link, level, 0, 0, "switch: %s%s%s", what, why[0] == 0 ? "" : ": ", why);
}

static void switch_not_connected(struct connection *connection, const char *why)
{
    assert(!connection->stream);
    switch_say(connection, connection->told ? GCX_LOG_DEBUG : GCX_LOG_WARNING, "cannot connect", why);
    connection->told = true;
    wait_and_connect(connection);
}

/* Ends the connection. The stream is freed before `down` is called, so that nothing is sent on it meanwhile. */
static void hang_up(struct connection *connection, const char *why)
{
    if (!connection->stream) return;
    bool was_connected = connection->connected;
    bufferevent_free(connection->stream);
    connection->stream = NULL;
    connection->connected = false;
    if (was_connected) {
        switch_say(connection, GCX_LOG_WARNING, "the link is lost", why);
        tserver_lost(connection->tserver);
        wait_and_connect(connection);
    } else {
        switch_not_connected(connection, why);
    }
}

static void switch_on_read(struct bufferevent *stream, void *self)
{
    struct connection *connection = self;
    char bytes[16 * 1024];
    int length;
    /* Handling a line may end the connection. */
    while (connection->stream == stream &&
           (length = evbuffer_remove(bufferevent_get_input(stream), bytes, sizeof bytes)) > 0) {
        connection->pause_ms = PAUSE_FIRST_MS;
        tserver_feed(connection->tserver, bytes, (size_t)length);
    }
}

static void switch_on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *connection = self;
    if (what & BEV_EVENT_CONNECTED) {
        evtimer_del(connection->again);
        connection->connected = true;
        connection->told = false;
        switch_say(connection, GCX_LOG_INFO, "connected", "");
        tserver_connected(connection->tserver);
    } else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
        char why[256] = "closed by the switch";
        if ((what & BEV_EVENT_ERROR) && connection->tls)
            tls_why(stream, why, sizeof why);
        else if (what & BEV_EVENT_ERROR)
            snprintf(why, sizeof why, "%s", strerror(errno));
        hang_up(connection, why);
    }
}

/* Connects to the address. The name may now mean another machine than at the start: so plain text to another machine
 * is checked each time. */
static void switch_on_found(void *self, const struct address *address, const char *why)
{
    struct connection *connection = self;
    assert(!connection->stream); /* an address is looked up only while there is no connection */
    if (!address) {
        switch_not_connected(connection, why);
        return;
    }
    if (!connection->tls && !connection->insecure && !address_is_loopback((const struct sockaddr *)&address->socket)) {
        switch_not_connected(connection, "switch_ca: is missing, and its name is another machine's now");
        return;
    }
    /* Callbacks are deferred, as hang_up() may free the stream only between events, never within its own connect. */
    connection->stream =
        connection->tls ? tls_connect(connection->tls, connection->base, address->host)
                        : bufferevent_socket_new(connection->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (!connection->stream) {
        wait_and_connect(connection);
        return;
    }
    bufferevent_setcb(connection->stream, switch_on_read, NULL, switch_on_event, connection);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(connection->stream, (const struct sockaddr *)&address->socket, address->length) !=
        0) {
        hang_up(connection, strerror(errno));
        return;
    }
    struct timeval patience = {CONNECT_S, 0};
    evtimer_add(connection->again, &patience);
}

static bool switch_may_be_had(const struct connection *connection)
{
    const struct cti *cti = &connection->tserver->cti;
    return !cti->services->setting(cti->link, "database") || cti->services->up(cti->link);
}

static void wait_for_core(struct connection *connection)
{
    if (!connection->waits)
        switch_say(connection, GCX_LOG_WARNING, "is not connected to until this adapter's core leads",
                   "another gcxvm may have it");
    connection->waits = true;
    evtimer_add(connection->again, &(struct timeval){.tv_usec = CORE_MS * 1000});
}

static void switch_look_up(struct connection *connection)
{
    connection->waits = false;
    resolver_begin(connection->resolver, connection->address);
}

static void switch_on_again(evutil_socket_t unused, short what, void *self)
{
    struct connection *connection = self;
    (void)unused;
    (void)what;
    if (connection->stream)
        hang_up(connection, "no connection in time");
    else if (!switch_may_be_had(connection))
        wait_for_core(connection);
    else
        switch_look_up(connection);
}

static void switch_on_watch(evutil_socket_t unused, short what, void *self)
{
    struct connection *connection = self;
    assert(connection->tls);
    char why[512];
    (void)unused;
    (void)what;
    enum tls_refresh refreshed = tls_refresh(connection->tls, why, sizeof why);
    if (refreshed == TLS_RENEWED)
        switch_say(connection, GCX_LOG_INFO, "its certificates were read again", "");
    else if (refreshed == TLS_KEPT)
        switch_say(connection, GCX_LOG_ERROR, "the certificates from before serve on", why);
    tls_tell(connection->tls, connection->tserver->cti.link, connection->tserver->cti.services);
}

/* Checks the settings without looking up names: a switch whose name is unknown now may be there later. */
static bool link_check(const struct switch_settings *settings, char host[256], char *why, size_t why_size)
{
    char wrong[256];
    const struct tls_settings *tls = &settings->tls;
    if (!address_split(settings->address, host, wrong, sizeof wrong)) {
        snprintf(why, why_size, "switch: %s", wrong);
    } else if (!tls->ca && (tls->certificate || tls->key || tls->peer)) {
        snprintf(why, why_size, "%s: is missing: whose word is to be taken for who the switch is?", tls->ca_setting);
    } else if (!tls->ca && !settings->insecure && !address_says_loopback(settings->address)) {
        snprintf(why, why_size, "%s: is missing, and %s is another machine; give it, or say insecure = \"yes\"",
                 tls->ca_setting, settings->address);
    } else {
        return true;
    }
    return false;
}

/* Returns the TLS settings: the switch's certificate must have the host name of the settings. */
static struct tls *link_tls(const struct switch_settings *settings, const char *host, char *why, size_t why_size)
{
    struct tls_settings tls = settings->tls;
    tls.peer = !tls.peer ? host : tls.peer;
    return tls_client(&tls, why, why_size);
}

bool connection_check(const struct switch_settings *settings, char *why, size_t why_size)
{
    char host[256];
    if (!link_check(settings, host, why, why_size)) return false;
    struct tls *tls = !settings->tls.ca ? NULL : link_tls(settings, host, why, why_size);
    tls_free(tls);
    return tls || !settings->tls.ca;
}

/* Makes the struct; the loop makes the first attempt at once. */
struct connection *switch_connection_new(struct tserver *tserver, struct event_base *base,
                                         const struct switch_settings *settings, char *why, size_t why_size)
{
    char host[256];
    struct tls *tls = NULL;
    if (!link_check(settings, host, why, why_size) ||
        (settings->tls.ca && !(tls = link_tls(settings, host, why, why_size))))
        return NULL;
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    connection->tserver = tserver;
    connection->base = base;
    connection->pause_ms = PAUSE_FIRST_MS;
    connection->tls = tls;
    connection->address = memory_text(settings->address);
    connection->insecure = settings->insecure;
    connection->resolver = resolver_new(base, switch_on_found, connection);
    if (connection->tls) {
        struct timeval second = {1, 0};
        connection->watch = event_new(base, -1, EV_PERSIST, switch_on_watch, connection);
        event_add(connection->watch, &second);
    }
    connection->again = evtimer_new(base, switch_on_again, connection);
    struct timeval at_once = {0, 0};
    evtimer_add(connection->again, &at_once);
    return connection;
}

void switch_connection_free(struct connection *connection)
{
    if (connection) {
        if (connection->stream) bufferevent_free(connection->stream);
        event_free(connection->again);
        if (connection->watch) event_free(connection->watch);
        resolver_free(connection->resolver);
        tls_free(connection->tls);
        free(connection->address);
        free(connection);
    }
}

void connection_send(void *self, const char *bytes, size_t length)
{
    struct tserver *tserver = self;
    struct connection *connection = tserver->connection;
    assert(!connection || connection->tserver == tserver);
    if (connection && connection->stream) {
        struct evbuffer *out = bufferevent_get_output(connection->stream);
        if (evbuffer_get_length(out) <
            UNSENT_MAX) /* the switch does not read; without its answers to status requests the connection ends soon */
            evbuffer_add(out, bytes, length);
    }
}

void connection_drop(void *self, const char *why)
{
    struct tserver *tserver = self;
    if (tserver->connection) hang_up(tserver->connection, why);
}
