/* runtime/adapter/runner.c - One plugin, one socket, one loop. */
#include "runtime/adapter/runner.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/plugin.h"

enum { RETRY_FIRST_MS = 100, RETRY_MOST_MS = 1000, READ_BYTES = 64 * 1024 };

struct runner {
    const struct adapter_options *options;
    void *library;
    struct event_base *base;
    struct gcx_link *link;
    struct link_client *client;
    int fd; /* -1: not connected */
    struct event *readable, *writable, *timer, *retry, *term, *interrupt;
    unsigned retry_ms;
    bool over; /* the connection has ended and is to be closed */
    int result;
    uint8_t bytes[READ_BYTES];
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

static void say(struct runner *runner, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(struct runner *runner, int level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    runner->options->log(runner->options->self, level, 0, 0, text);
}

/* What the plugin's link asks of us. */

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

static const char *host_setting(void *self, const char *key)
{
    struct runner *runner = self;
    for (const struct adapter_setting *setting = runner->options->settings; setting && setting->key; setting++)
        if (strcmp(setting->key, key) == 0) return setting->value;
    return NULL;
}

static void host_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    struct runner *runner = self;
    runner->options->log(runner->options->self, level, ixn, conn, text);
}

static void host_output(void *self)
{
    struct runner *runner = self;
    if (runner->fd >= 0) event_add(runner->writable, NULL);
}

static void host_over(void *self, const char *why)
{
    struct runner *runner = self;
    (void)why;
    runner->over = true;
    event_active(runner->timer, EV_TIMEOUT, 0);
}

static void host_failed(void *self, bool refused, const char *why)
{
    struct runner *runner = self;
    say(runner, GCX_LOG_ERROR, "%s", why);
    runner->result = refused ? ADAPTER_REFUSED : ADAPTER_FAILED;
    event_base_loopbreak(runner->base);
}

/* The connection. */

static void drop(struct runner *runner, const char *why)
{
    if (runner->fd >= 0) {
        event_free(runner->readable);
        event_free(runner->writable);
        runner->readable = runner->writable = NULL;
        close(runner->fd);
        runner->fd = -1;
    }
    link_client_lost(runner->client, why);
    runner->over = false;
    unsigned jitter = 0;
    if (getrandom(&jitter, sizeof jitter, 0) < 0) jitter = 0;
    unsigned wait = runner->retry_ms / 2 + jitter % (runner->retry_ms / 2 + 1);
    runner->retry_ms = runner->retry_ms * 2 < RETRY_MOST_MS ? runner->retry_ms * 2 : RETRY_MOST_MS;
    event_add(runner->retry, &(struct timeval){wait / 1000, (suseconds_t)(wait % 1000) * 1000});
}

/* Sends what there is, sets the timer, closes what is over. */
static void settle(struct runner *runner)
{
    if (runner->fd < 0) return;
    struct span output;
    while ((output = link_client_output(runner->client)).length > 0) {
        ssize_t sent = send(runner->fd, output.bytes, output.length, MSG_NOSIGNAL);
        if (sent > 0) {
            link_client_sent(runner->client, (size_t)sent);
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            event_add(runner->writable, NULL);
            break;
        }
        drop(runner, "the socket to the core cannot be written");
        return;
    }
    if (runner->over) {
        drop(runner, "closed");
        return;
    }
    uint64_t due = link_client_due(runner->client), now = monotonic_us();
    uint64_t wait = due > now ? due - now : 0;
    if (due != UINT64_MAX)
        event_add(runner->timer, &(struct timeval){(time_t)(wait / 1000000), (suseconds_t)(wait % 1000000)});
}

static void on_readable(evutil_socket_t fd, short what, void *self)
{
    struct runner *runner = self;
    (void)what;
    ssize_t length = recv(fd, runner->bytes, sizeof runner->bytes, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) {
        drop(runner, length == 0 ? "the core has closed the connection" : strerror(errno));
        return;
    }
    link_client_feed(runner->client, runner->bytes, (size_t)length, monotonic_us());
    if (link_client_is_up(runner->client)) runner->retry_ms = RETRY_FIRST_MS;
    settle(runner);
}

static void on_writable(evutil_socket_t fd, short what, void *self)
{
    (void)fd, (void)what;
    settle(self);
}

static void on_timer(evutil_socket_t fd, short what, void *self)
{
    struct runner *runner = self;
    (void)fd, (void)what;
    link_client_tick(runner->client, monotonic_us());
    settle(runner);
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

static void on_retry(evutil_socket_t unused, short what, void *self)
{
    struct runner *runner = self;
    (void)unused, (void)what;
    int fd = connect_unix(runner->options->socket);
    if (fd < 0) {
        say(runner, GCX_LOG_DEBUG, "%s: %s", runner->options->socket, strerror(errno));
        drop(runner, "not connected");
        return;
    }
    runner->fd = fd;
    runner->readable = event_new(runner->base, fd, EV_READ | EV_PERSIST, on_readable, runner);
    runner->writable = event_new(runner->base, fd, EV_WRITE, on_writable, runner);
    event_add(runner->readable, NULL);
    link_client_connected(runner->client, monotonic_us());
    settle(runner);
}

/* The end: Bye goes out, so that the core knows it is on purpose. */
static void on_signal(evutil_socket_t number, short what, void *self)
{
    struct runner *runner = self;
    (void)what;
    say(runner, GCX_LOG_INFO, "ends on %s", strsignal((int)number));
    event_base_loopbreak(runner->base);
}

static const struct gcx_adapter *load(struct runner *runner)
{
    runner->library = dlopen(runner->options->plugin, RTLD_NOW | RTLD_LOCAL);
    if (!runner->library) {
        say(runner, GCX_LOG_ERROR, "cannot load the plugin: %s", dlerror());
        return NULL;
    }
    const struct gcx_adapter *adapter = dlsym(runner->library, "gcx_adapter");
    if (!adapter) say(runner, GCX_LOG_ERROR, "%s is no plugin: it exports no gcx_adapter", runner->options->plugin);
    return adapter;
}

static bool known_settings(struct runner *runner, const struct gcx_adapter *adapter)
{
    for (const struct adapter_setting *setting = runner->options->settings; setting && setting->key; setting++) {
        bool known = false;
        for (const char *const *key = adapter->settings; key && *key && !known; key++)
            known = strcmp(**key == '*' ? *key + 1 : *key, setting->key) == 0;
        if (known) continue;
        say(runner, GCX_LOG_ERROR, "the adapter %s has no setting %s", adapter->name, setting->key);
        return false;
    }
    return true;
}

static bool prepare(struct runner *runner)
{
    const struct gcx_adapter *adapter = load(runner);
    struct error error = {0};
    if (!adapter) return false;
    if (!plugin_good(adapter, &error)) {
        say(runner, GCX_LOG_ERROR, "%s", error.text);
        return false;
    }
    if (!known_settings(runner, adapter)) return false;
    runner->base = event_base_new();
    if (!runner->base) abort();
    runner->timer = evtimer_new(runner->base, on_timer, runner);
    runner->retry = evtimer_new(runner->base, on_retry, runner);
    runner->term = evsignal_new(runner->base, SIGTERM, on_signal, runner);
    runner->interrupt = evsignal_new(runner->base, SIGINT, on_signal, runner);
    event_add(runner->term, NULL);
    event_add(runner->interrupt, NULL);
    uint64_t instance = 0;
    if (getrandom(&instance, sizeof instance, 0) < 0 || instance == 0) instance = clock_us(CLOCK_REALTIME);
    struct plugin_host host = {runner,      host_now_us, host_wall_us, host_setting, host_log,
                               host_output, host_over,   host_failed,  runner->base};
    runner->link =
        plugin_new(adapter, runner->options->name, instance, span_of(runner->options->credential), &host, &error);
    if (!runner->link) {
        say(runner, GCX_LOG_ERROR, "%s", error.text);
        return false;
    }
    runner->client = plugin_client(runner->link);
    return true;
}

static void finish(struct runner *runner)
{
    if (runner->fd >= 0) {
        link_client_close(runner->client, down_reason_stopped);
        struct span output = link_client_output(runner->client);
        if (output.length > 0 && send(runner->fd, output.bytes, output.length, MSG_NOSIGNAL) < 0)
            say(runner, GCX_LOG_DEBUG, "the core does not hear that this adapter ends");
        event_free(runner->readable);
        event_free(runner->writable);
        close(runner->fd);
        runner->fd = -1;
    }
    plugin_free(runner->link);
    struct event *events[] = {runner->timer, runner->retry, runner->term, runner->interrupt};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i]) event_free(events[i]);
    if (runner->base) event_base_free(runner->base);
    if (runner->library) dlclose(runner->library);
}

int adapter_run(const struct adapter_options *options)
{
    struct runner *runner = calloc(1, sizeof *runner);
    if (!runner) abort();
    runner->options = options;
    runner->fd = -1;
    runner->retry_ms = RETRY_FIRST_MS;
    runner->result = ADAPTER_FAILED;
    signal(SIGPIPE, SIG_IGN); /* a peer that goes is an error of write, for the plugin's sockets too */
    if (prepare(runner)) {
        runner->result = ADAPTER_ENDED;
        event_active(runner->retry, EV_TIMEOUT, 0);
        event_base_dispatch(runner->base);
    }
    finish(runner);
    int result = runner->result;
    free(runner);
    return result;
}
