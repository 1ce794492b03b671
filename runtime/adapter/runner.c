/* runtime/adapter/runner.c - Runs one plugin with one socket in one loop.
 *
 *     retry --> resolver or socket --> connect, TLS --> link_client_connected() --> read, write, timer
 *       ^                                   |                                          |
 *       '------ pause, doubled -------------'<-------- closed, silent, refused --------'
 *
 *     signal                 holds nothing        holds conversations
 *     RENEWS                 ends                 serves on, ends when free
 *     ALONE, TERM, INT       ends                 begins nothing more, ends when free
 *     TERM again             ends                 ends at once
 *
 * The stream is the state of the connection: if it is NULL, the retry timer runs or an address is being looked up.
 * All events run in one loop and one thread. */
#include "runtime/adapter/runner.h"

#include <dlfcn.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/resolver.h"
#include "runtime/adapter/plugin.h"
#include "runtime/adapter/told.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 1000,
    RETRY_REMOTE_MOST_MS = 3000, /* longer than for a local core: a TLS handshake costs more than checking a socket */
    RETRY_REFUSED_MS = 10000,
    CONNECT_S = 10,           /* TCP and TLS handshake */
    LAST_WORDS_S = 2,         /* time to send the last bytes when a connection ends */
    UNSENT_MAX = 1024 * 1024, /* unsent bytes of the socket at most; more waits in the link */
    FAREWELL_ROUNDS = 50,     /* steps of 10 ms in which Bye may be sent */
    DEFERRED_ROUNDS = 3,
    FAREWELL_MS = 10,
    REST_S = 1, /* seconds that the process goes on after its last conversation, to send its last messages */
};

enum runner_end {
    RUNNER_SERVES,
    RUNNER_RENEWS, /* the process serves until it has no conversation, then ends */
    RUNNER_DRAINS, /* the process begins no new conversation, and ends after its last */
};

static const int runner_signals[] = {SIGTERM, SIGINT, ADAPTER_RENEWS, ADAPTER_GOES_ON, ADAPTER_ALONE};

enum { RUNNER_SIGNALS = sizeof runner_signals / sizeof runner_signals[0] };

struct runner {
    const struct adapter_options *options;
    void *library;
    struct event_base *base;
    struct gcx_link *link;
    struct link_client *client;
    struct tls *tls;            /* NULL: the Unix socket */
    struct resolver *resolver;  /* finds the core's addresses: each attempt takes the next */
    struct address address;     /* the core's address that the runner is connected to, or tries */
    struct bufferevent *stream; /* NULL: none */
    bool connected;             /* the connection is up, and its handshake is over */
    bool told;                  /* the log has the reason why the runner cannot connect: logged once, not at each try */
    struct event *timer, *retry, *watch, *rest;
    struct event *signals[RUNNER_SIGNALS];
    unsigned retry_ms;
    bool over; /* the connection has ended and is to be closed */
    enum runner_end end;
    unsigned terms;     /* how often a person has asked the process to end */
    unsigned held;      /* conversations of the plugin */
    bool refused_noted; /* the core's refusal was logged: once, not at each try */
    int result;
};

static uint64_t clock_us(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

static void runner_say(struct runner *runner, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void runner_say(struct runner *runner, int level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    runner->options->log(runner->options->self, level, 0, 0, text);
}

/* The functions that the plugin's link calls. */

static uint64_t host_now_us(void *self)
{
    (void)self;
    return monotonic_us();
}

static uint64_t host_wall_us(void *self)
{
    (void)self;
    return clock_us(CLOCK_REALTIME);
}

static bool is_of_all(const struct adapter_setting *setting)
{
    return strncmp(setting->key, GCX_OF_ALL, strlen(GCX_OF_ALL)) == 0;
}

/* Returns a setting: the adapter's own counts before one that all adapters share. */
static const char *host_setting(void *self, const char *key)
{
    struct runner *runner = self;
    const char *of_all = NULL;
    for (const struct adapter_setting *setting = runner->options->settings; setting && setting->key; setting++) {
        if (strcmp(setting->key, key) == 0) return setting->value;
        if (is_of_all(setting) && strcmp(setting->key + strlen(GCX_OF_ALL), key) == 0) of_all = setting->value;
    }
    if (of_all) return of_all;
    if (strcmp(key, GCX_NAME) == 0) return runner->options->name;
    return strcmp(key, GCX_OWN_FILES) == 0 ? runner->options->own_files : NULL;
}

static void host_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    struct runner *runner = self;
    runner->options->log(runner->options->self, level, ixn, conn, text);
}

/* The link has bytes to send. The runner sends them when the loop is back, together with whatever else has been
 * added. */
static void host_output(void *self)
{
    struct runner *runner = self;
    if (runner->connected) event_active(runner->timer, EV_TIMEOUT, 0);
}

static void host_over(void *self, const char *why)
{
    struct runner *runner = self;
    (void)why;
    runner->over = true;
    event_active(runner->timer, EV_TIMEOUT, 0);
}

static bool runner_ends(void *self)
{
    const struct runner *runner = self;
    return runner->end == RUNNER_DRAINS;
}

static void runner_stay(const struct runner *runner, bool stays)
{
    if (runner->options->stay) runner->options->stay(runner->options->self, stays);
}

/* Reports the conversations that are left, once a second while the process is asked to end. */
static void runner_on_rest(evutil_socket_t unused, short what, void *self)
{
    struct runner *runner = self;
    (void)unused, (void)what;
    if (runner->held > 0) {
        runner_stay(runner, true);
        return;
    }
    runner_say(runner, GCX_LOG_INFO, "no conversation is left: ends");
    event_base_loopbreak(runner->base);
}

static void runner_hold_said(const struct runner *runner)
{
    if (runner->options->hold) runner->options->hold(runner->options->self, runner->held, runner->terms > 0);
}

/* Ends the process if it has no conversation. */
static void runner_end_when_free(struct runner *runner, enum runner_end end, const char *why)
{
    if (runner->held == 0) {
        runner_say(runner, GCX_LOG_INFO, "ends: %s", why);
        event_base_loopbreak(runner->base);
        return;
    }
    if (runner->end < end) runner->end = end;
    if (runner->end == RUNNER_DRAINS)
        runner_say(runner, GCX_LOG_WARNING, "%s: ends when the last of %u conversations is over, and begins no other",
                   why, runner->held);
    else
        runner_say(runner, GCX_LOG_INFO,
                   "%s: goes on with %u conversations; the next gcxvm takes it back, or it ends with the last", why,
                   runner->held);
    runner_stay(runner, true);
    event_add(runner->rest, &(struct timeval){REST_S, 0});
}

static void runner_held(void *self, unsigned conversations)
{
    struct runner *runner = self;
    /* the timer that ends the process is set anew, so that it runs for a whole second from now */
    if (conversations == 0 && runner->held > 0 && runner->end != RUNNER_SERVES)
        event_add(runner->rest, &(struct timeval){REST_S, 0});
    if (conversations == runner->held) return;
    runner->held = conversations;
    runner_hold_said(runner);
}

/* True: this process goes on although the core refuses it. A process with conversations goes on: they continue as they
 * do while the core is away. */
static bool runner_outlives_refusal(struct runner *runner, const char *why)
{
    if (runner->held == 0) return false;
    if (runner->refused_noted) return true;
    runner->refused_noted = true;
    runner_say(runner, GCX_LOG_WARNING, "%s", why);
    runner_end_when_free(runner, RUNNER_RENEWS, "this gcxvm refuses it");
    return true;
}

static void runner_host_failed(void *self, bool refused, const char *why)
{
    struct runner *runner = self;
    if (refused && runner_outlives_refusal(runner, why)) return;
    runner_say(runner, GCX_LOG_ERROR, "%s", why);
    runner->result = refused ? ADAPTER_REFUSED : ADAPTER_FAILED;
    event_base_loopbreak(runner->base);
}

/* The connection. */

/* Connects again after a pause, which is random between half and the whole, so that many adapters that have lost one
 * core do not come back in the same moment. */
static void runner_drop(struct runner *runner, const char *why)
{
    if (runner->stream) bufferevent_free(runner->stream);
    runner->stream = NULL;
    runner->connected = false;
    link_client_lost(runner->client, why);
    runner->over = false;
    unsigned jitter = 0;
    if (getrandom(&jitter, sizeof jitter, 0) < 0) jitter = 0;
    unsigned wait = runner->retry_ms / 2 + jitter % (runner->retry_ms / 2 + 1);
    unsigned most = runner->refused_noted ? RETRY_REFUSED_MS : runner->tls ? RETRY_REMOTE_MOST_MS : RETRY_MOST_MS;
    runner->retry_ms = runner->retry_ms * 2 < most ? runner->retry_ms * 2 : most;
    event_add(runner->retry, &(struct timeval){wait / 1000, (suseconds_t)(wait % 1000) * 1000});
}

/* Sends the link's bytes, sets the timer, and closes a connection that is over. Called after everything that may
 * have changed the link: no other function writes to the socket. A connection that is over stays until its last
 * bytes are sent, but not for long. */
static void runner_settle(struct runner *runner)
{
    if (!runner->connected) return;
    struct evbuffer *out = bufferevent_get_output(runner->stream);
    struct span output;
    while (evbuffer_get_length(out) < UNSENT_MAX && (output = link_client_output(runner->client)).length > 0) {
        size_t part = output.length < UNSENT_MAX ? output.length : UNSENT_MAX;
        evbuffer_add(out, output.bytes, part);
        link_client_sent(runner->client, part);
    }
    if (runner->over && evbuffer_get_length(out) == 0) {
        runner_drop(runner, "closed");
        return;
    }
    if (runner->over) {
        if (!event_pending(runner->retry, EV_TIMEOUT, NULL))
            event_add(runner->retry, &(struct timeval){LAST_WORDS_S, 0});
        return;
    }
    uint64_t due = link_client_due(runner->client), now = monotonic_us();
    uint64_t wait = due > now ? due - now : 0;
    if (due != UINT64_MAX)
        event_add(runner->timer, &(struct timeval){(time_t)(wait / 1000000), (suseconds_t)(wait % 1000000)});
}

/* Passes the received bytes to the link piece by piece as they lie in the buffer, without a copy. */
static void runner_on_read(struct bufferevent *stream, void *self)
{
    struct runner *runner = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    struct evbuffer_iovec piece;
    while (evbuffer_peek(in, -1, NULL, &piece, 1) > 0) {
        link_client_feed(runner->client, piece.iov_base, piece.iov_len, monotonic_us());
        evbuffer_drain(in, piece.iov_len);
    }
    if (link_client_is_up(runner->client)) {
        runner->retry_ms = RETRY_FIRST_MS;
        runner->refused_noted = false;
    }
    runner_settle(runner);
}

static void runner_on_written(struct bufferevent *stream, void *self)
{
    (void)stream;
    runner_settle(self);
}

static void runner_on_timer(evutil_socket_t fd, short what, void *self)
{
    struct runner *runner = self;
    (void)fd, (void)what;
    link_client_tick(runner->client, monotonic_us());
    runner_settle(runner);
}

static void runner_connected(struct runner *runner)
{
    event_del(runner->retry);
    runner->connected = true;
    runner->told = false;
    link_client_connected(runner->client, monotonic_us());
    runner_settle(runner);
}

/* Logs why the connection failed, and drops it. Without TLS the line is only for debugging, since a local core will
 * be back. */
static void runner_not_connected(struct runner *runner, const char *why)
{
    int level = runner->tls && !runner->told ? GCX_LOG_WARNING : GCX_LOG_DEBUG;
    if (runner->address.length > 0)
        runner_say(runner, level, "%s:%s: %s", runner->address.host, runner->address.port, why);
    else
        runner_say(runner, level, "%s: %s", runner->tls ? runner->options->connect : runner->options->socket, why);
    runner->told = true;
    runner_drop(runner, "not connected");
}

static void runner_on_event(struct bufferevent *stream, short what, void *self)
{
    struct runner *runner = self;
    char why[256] = "the core has closed the connection";
    if (what & BEV_EVENT_CONNECTED) {
        runner_connected(runner);
        return;
    }
    if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))) return;
    if (what & BEV_EVENT_ERROR && runner->tls)
        tls_why(stream, why, sizeof why);
    else if (what & BEV_EVENT_ERROR)
        snprintf(why, sizeof why, "%s", strerror(errno));
    if (runner->connected)
        runner_drop(runner, why);
    else
        runner_not_connected(runner, why);
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

static void use_stream(struct runner *runner, struct bufferevent *stream)
{
    if (!stream) abort();
    runner->stream = stream;
    bufferevent_setcb(stream, runner_on_read, runner_on_written, runner_on_event, runner);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static void begin_local(struct runner *runner)
{
    int fd = connect_unix(runner->options->socket);
    if (fd < 0) {
        runner_not_connected(runner, strerror(errno));
        return;
    }
    use_stream(runner, bufferevent_socket_new(runner->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS));
    runner_connected(runner);
}

static void runner_on_found(void *self, const struct address *address, const char *why)
{
    struct runner *runner = self;
    runner->address = !address ? (struct address){0} : *address;
    if (!address) {
        runner_not_connected(runner, why);
        return;
    }
    use_stream(runner, tls_connect(runner->tls, runner->base, address->host));
    event_add(runner->retry, &(struct timeval){CONNECT_S, 0});
    if (bufferevent_socket_connect(runner->stream, (const struct sockaddr *)&address->socket, address->length) != 0)
        runner_not_connected(runner, strerror(errno));
    else
        address_watch_peer(bufferevent_getfd(runner->stream));
}

static void on_retry(evutil_socket_t unused, short what, void *self)
{
    struct runner *runner = self;
    (void)unused, (void)what;
    if (runner->over)
        runner_drop(runner, "closed");
    else if (runner->stream)
        runner_not_connected(runner, "no connection in time");
    else if (runner->tls)
        resolver_begin(runner->resolver, runner->options->connect);
    else
        begin_local(runner);
}

/* Reads certificates that were replaced; they serve from the next connection on. */
static void runner_on_watch(evutil_socket_t unused, short what, void *self)
{
    struct runner *runner = self;
    char why[512];
    (void)unused, (void)what;
    enum tls_refresh refreshed = tls_refresh(runner->tls, why, sizeof why);
    if (refreshed == TLS_RENEWED) runner_say(runner, GCX_LOG_INFO, "the certificates for the core were read again");
    if (refreshed == TLS_KEPT) runner_say(runner, GCX_LOG_ERROR, "%s; the certificates from before serve on", why);
    if (tls_own_ends_s(runner->tls) != 0)
        link_client_figure(runner->client, TOLD_CERTIFICATE "link", tls_own_ends_s(runner->tls));
}

/* Connects again without a pause: a gcxvm that has refused this adapter may accept it now. */
static void runner_hurry(struct runner *runner)
{
    if (!runner->refused_noted || runner->stream) return;
    runner->refused_noted = false;
    runner->retry_ms = RETRY_FIRST_MS;
    event_active(runner->retry, EV_TIMEOUT, 0);
}

static void runner_go_on(struct runner *runner)
{
    runner_hurry(runner);
    if (runner->end == RUNNER_SERVES || runner->terms > 0) return;
    runner->end = RUNNER_SERVES;
    event_del(runner->rest);
    runner_stay(runner, false);
    runner_say(runner, GCX_LOG_INFO, "a gcxvm is there: goes on");
}

/* gcxvm reports that this process has an old program or old settings: the process serves on until it has no
 * conversation, even if it is alone for long. */
static void runner_renew(struct runner *runner)
{
    runner_hurry(runner);
    if (runner->end == RUNNER_DRAINS && runner->terms == 0) runner->end = RUNNER_SERVES;
    runner_end_when_free(runner, RUNNER_RENEWS, "gcxvm ends, or renews it");
}

/* Ends the process with a Bye, so that the core knows it ends on purpose. */
static void runner_on_signal(evutil_socket_t number, short what, void *self)
{
    struct runner *runner = self;
    (void)what;
    if (number == ADAPTER_GOES_ON) {
        runner_go_on(runner);
    } else if (number == ADAPTER_RENEWS) {
        runner_renew(runner);
    } else if (number == ADAPTER_ALONE) {
        runner_end_when_free(runner, RUNNER_DRAINS, "no gcxvm wants it");
    } else if (runner->terms++ == 0) {
        runner_hold_said(runner);
        runner_end_when_free(runner, RUNNER_DRAINS, strsignal((int)number));
    } else {
        runner_say(runner, GCX_LOG_WARNING, "%s once more: ends with %u conversations", strsignal((int)number),
                   runner->held);
        event_base_loopbreak(runner->base);
    }
}

/* Loads the plugin. The plugin's file is checked first, because dlopen() on a pipe would wait for the other end. */
static const struct gcx_adapter *runner_load(struct runner *runner)
{
    const char *plugin = runner->options->plugin, *why;
    if (strchr(plugin, '/') && !file_may_be_read(plugin, &why)) {
        runner_say(runner, GCX_LOG_ERROR, "cannot load the plugin: %s: %s", plugin, why);
        return NULL;
    }
    runner->library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    if (!runner->library) {
        runner_say(runner, GCX_LOG_ERROR, "cannot load the plugin: %s", dlerror());
        return NULL;
    }
    const struct gcx_adapter *adapter = dlsym(runner->library, "gcx_adapter");
    if (!adapter)
        runner_say(runner, GCX_LOG_ERROR, "%s is no plugin: it exports no gcx_adapter", runner->options->plugin);
    return adapter;
}

static bool known_settings(struct runner *runner, const struct gcx_adapter *adapter)
{
    for (const struct adapter_setting *setting = runner->options->settings; setting && setting->key; setting++) {
        bool known = is_of_all(setting);
        for (const char *const *key = adapter->settings; key && *key && !known; key++)
            known = strcmp(**key == '*' ? *key + 1 : *key, setting->key) == 0;
        if (known) continue;
        runner_say(runner, GCX_LOG_ERROR, "the adapter %s has no setting %s", adapter->name, setting->key);
        return false;
    }
    return true;
}

static bool prepare_tls(struct runner *runner)
{
    char why[512];
    if (!runner->options->connect) return true;
    if (address_list_check(runner->options->connect, why, sizeof why))
        runner->tls = tls_client(&runner->options->tls, why, sizeof why);
    if (!runner->tls) {
        runner_say(runner, GCX_LOG_ERROR, "%s", why);
        return false;
    }
    runner->resolver = resolver_new(runner->base, runner_on_found, runner);
    runner->watch = event_new(runner->base, -1, EV_PERSIST, runner_on_watch, runner);
    event_add(runner->watch, &(struct timeval){1, 0});
    return true;
}

/* False: the reason has been logged, and runner_finish() frees whatever was made. */
static bool runner_prepare(struct runner *runner)
{
    const struct gcx_adapter *adapter = runner_load(runner);
    struct error error = {0};
    if (!adapter) return false;
    if (!plugin_good(adapter, &error)) {
        runner_say(runner, GCX_LOG_ERROR, "%s", error.text);
        return false;
    }
    if (!known_settings(runner, adapter)) return false;
    runner->base = event_base_new();
    if (!runner->base) abort();
    if (!prepare_tls(runner)) return false;
    runner->timer = evtimer_new(runner->base, runner_on_timer, runner);
    runner->retry = evtimer_new(runner->base, on_retry, runner);
    runner->rest = event_new(runner->base, -1, EV_PERSIST, runner_on_rest, runner);
    for (size_t i = 0; i < RUNNER_SIGNALS; i++) {
        runner->signals[i] = evsignal_new(runner->base, runner_signals[i], runner_on_signal, runner);
        event_add(runner->signals[i], NULL);
    }
    uint64_t instance = 0;
    if (getrandom(&instance, sizeof instance, 0) < 0 || instance == 0) instance = clock_us(CLOCK_REALTIME);
    struct plugin_host host = {.self = runner,
                               .now_us = host_now_us,
                               .wall_us = host_wall_us,
                               .setting = host_setting,
                               .log = host_log,
                               .output = host_output,
                               .over = host_over,
                               .failed = runner_host_failed,
                               .base = runner->base,
                               .elsewhere = runner->tls != NULL,
                               .held = runner_held,
                               .ends = runner_ends};
    runner->link =
        plugin_new(adapter, runner->options->name, instance, span_of(runner->options->credential), &host, &error);
    if (!runner->link) {
        runner_say(runner, GCX_LOG_ERROR, "%s", error.text);
        return false;
    }
    runner->client = plugin_client(runner->link);
    return true;
}

static void runner_nothing(evutil_socket_t unused, short what, void *self)
{
    (void)unused, (void)what, (void)self;
}

/* Sends Bye to the core and waits a short time until it is sent. */
static void runner_farewell(struct runner *runner)
{
    struct evbuffer *out = bufferevent_get_output(runner->stream);
    link_client_close(runner->client, down_reason_stopped);
    struct span output = link_client_output(runner->client);
    evbuffer_add(out, output.bytes, output.length);
    bufferevent_setcb(runner->stream, NULL, NULL, NULL, NULL);
    runner->connected = false;
    event_del(runner->retry);
    for (unsigned round = 0; round < FAREWELL_ROUNDS && evbuffer_get_length(out) > 0; round++) {
        event_base_once(runner->base, -1, EV_TIMEOUT, runner_nothing, NULL, &(struct timeval){0, FAREWELL_MS * 1000});
        event_base_loop(runner->base, EVLOOP_ONCE);
    }
    if (evbuffer_get_length(out) > 0)
        runner_say(runner, GCX_LOG_DEBUG, "the core does not hear that this adapter ends");
}

/* Ends everything in an order that matters: Bye, the stream, the timers, then the plugin, which may run the loop
 * once more; the loop and the library are last. */
static void runner_finish(struct runner *runner)
{
    if (runner->connected) runner_farewell(runner);
    if (runner->stream) bufferevent_free(runner->stream);
    runner->stream = NULL;
    struct event *events[] = {runner->timer, runner->retry, runner->watch, runner->rest};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i])
            event_del(events[i]); /* events are removed before they are freed: a plugin may run the loop
                                   * until its peer has answered */
    plugin_free(runner->link);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i]) event_free(events[i]);
    for (size_t i = 0; i < RUNNER_SIGNALS; i++)
        if (runner->signals[i]) event_free(runner->signals[i]);
    /* Callbacks that were deferred when the loop ended still refer to the stream of the runner or of the plugin; one of
     * them may defer another. */
    for (unsigned round = 0; runner->base && round < DEFERRED_ROUNDS; round++)
        event_base_loop(runner->base, EVLOOP_NONBLOCK);
    resolver_free(runner->resolver);
    tls_free(runner->tls);
    if (runner->base) event_base_free(runner->base);
    if (runner->library) dlclose(runner->library);
}

int adapter_run(const struct adapter_options *options)
{
    struct runner *runner = memory_zeroed(1, sizeof *runner);
    runner->options = options;
    runner->retry_ms = RETRY_FIRST_MS;
    runner->result = ADAPTER_FAILED;
    signal(SIGPIPE, SIG_IGN); /* writing to a peer that is gone fails, without a signal, also in the plugin's code */
    if (runner_prepare(runner)) {
        runner->result = ADAPTER_ENDED;
        event_active(runner->retry, EV_TIMEOUT, 0);
        event_base_dispatch(runner->base);
    }
    runner_finish(runner);
    int result = runner->result;
    free(runner);
    return result;
}
