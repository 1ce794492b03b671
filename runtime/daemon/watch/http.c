/* runtime/daemon/watch/http.c - Connections of the HTTP server, from their first line to their end. */
#include "runtime/adapter/listener.h"
#include "runtime/daemon/watch/http.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/tls.h"
#include "runtime/daemon/base/log.h"
#include "runtime/daemon/protocol/socket.h"
#include "base/head.h"
#include "base/memory.h"

enum { PATH_SIZE = 256 };

struct caller {
    struct caller *next;
    struct http *http;
    struct bufferevent *stream;
    struct event *limit;
    bool head; /* the request is HEAD: the answer has no body */
    bool closing;
    bool known; /* with TLS: the handshake is over */
    char path[PATH_SIZE];
};

struct http {
    struct http_options options;
    struct evconnlistener *listener;
    struct event *watch; /* watches the files of the TLS certificates; NULL without TLS */
    struct caller *callers;
    unsigned count;
    char address[SOCKET_TEXT];
};

static void caller_free(struct caller *caller)
{
    assert(caller->http->count > 0);
    struct caller **at = &caller->http->callers;
    while (*at != caller) at = &(*at)->next;
    *at = caller->next;
    caller->http->count--;
    event_free(caller->limit);
    bufferevent_free(caller->stream);
    free(caller);
}

/* Returns the phrase after a status number. The default is for a head that is no request. */
static const char *reason_of(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

/* Sends the whole answer; the connection ends after it. */
static void http_respond(struct caller *caller, const struct http_reply *reply)
{
    assert(!caller->closing && reply->status >= 200);
    struct evbuffer *output = bufferevent_get_output(caller->stream);
    evbuffer_add_printf(output,
                        "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n%s"
                        "Connection: close\r\n\r\n",
                        reply->status, reason_of(reply->status), reply->type, evbuffer_get_length(reply->body),
                        reply->status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!caller->head) evbuffer_add_buffer(output, reply->body);
    caller->closing = true;
}

/* Answers a request. `refused`: the status if the request is refused; 0: it is not. */
static void http_answer_caller(struct caller *caller, unsigned refused)
{
    assert(!caller->closing);
    struct http_reply reply = {.status = 200, .type = "text/plain; charset=utf-8", .body = evbuffer_new()};
    if (!reply.body) abort();
    if (refused == 0 && !caller->http->options.answer(caller->http->options.self, caller->path, &reply)) refused = 404;
    if (refused != 0) {
        reply.status = refused;
        evbuffer_add_printf(reply.body, "%s\n",
                            refused == 404 ? "there are /metrics, /healthz and /readyz" : reason_of(refused));
    }
    http_respond(caller, &reply);
    evbuffer_free(reply.body);
}

/* True: the path is ASCII without spaces and control characters. Other texts are not accepted as paths here. */
static bool http_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~') return false;
    return true;
}

/* Takes the path of `GET /path?query HTTP/1.1`, the first line of a good head. Returns the status with which the
 * request is refused, or 0. */
static unsigned first_line(struct caller *caller, const char *line)
{
    const char *path = strchr(line, ' ') + 1;
    size_t length = strcspn(path, " ?");
    if (*path != '/' || length >= sizeof caller->path || !http_printable(path, length)) return 400;
    memcpy(caller->path, path, length);
    caller->path[length] = '\0';
    return caller->head || strncmp(line, "GET ", 4) == 0 ? 0 : 405;
}

/* Waits until the head is complete, and answers it. Bytes after the head are ignored. */
static void http_on_read(struct bufferevent *stream, void *self)
{
    struct caller *caller = self;
    struct evbuffer *input = bufferevent_get_input(stream);
    size_t there = evbuffer_get_length(input);
    const char *bytes = (const char *)evbuffer_pullup(input, -1);
    size_t length = head_length(bytes, there);
    if (!caller->closing) {
        caller->head = there >= 5 && memcmp(bytes, "HEAD ", 5) == 0;
        if (length > 0)
            http_answer_caller(caller, head_wrong(bytes, length) ? 400 : first_line(caller, bytes));
        else if (head_wrong_so_far(bytes, there))
            http_answer_caller(caller, 400);
        else if (there >= HTTP_REQUEST_MAX)
            http_answer_caller(caller, 431);
    }
    if (caller->closing) evbuffer_drain(input, there);
}

/* Closes our side only, with TLS by its close notice first. The peer's further bytes are read and ignored until it
 * closes, too: if a connection is closed with bytes unread, the answer may be lost. */
static void http_on_written(struct bufferevent *stream, void *self)
{
    struct caller *caller = self;
    if (!caller->closing) return;
    if (caller->http->options.tls) tls_end(stream);
    shutdown(bufferevent_getfd(stream), SHUT_WR);
}

/* Handles the end of the handshake, the peer's closing, and a broken connection, which during the handshake means a
 * bad certificate. */
static void http_on_event(struct bufferevent *stream, short what, void *self)
{
    struct caller *caller = self;
    const struct http_options *options = &caller->http->options;
    char why[256];
    caller->known = caller->known || (what & BEV_EVENT_CONNECTED) != 0;
    if ((what & BEV_EVENT_ERROR) != 0 && options->tls && !caller->known) {
        tls_why(stream, why, sizeof why);
        log_line(options->log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "somebody who asked for metrics was refused: %s", why);
    }
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) caller_free(caller);
}

/* Closes a connection whose time limit is over, whatever it is doing. */
static void on_limit(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    caller_free(self);
}

/* True: the caller has sent nothing (`half`: a part of a request), and no bytes of it wait to be read. */
static bool http_is_idle(const struct caller *caller, bool half)
{
    char byte;
    return !caller->closing && (evbuffer_get_length(bufferevent_get_input(caller->stream)) > 0) == half &&
           recv(bufferevent_getfd(caller->stream), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

/* Closes the caller that has been idle for longest, to make room for a new one: a monitoring program sends its whole
 * request at once. */
static void http_idle_let_go(struct http *http)
{
    struct caller *oldest = NULL;
    for (unsigned half = 0; half < 2 && !oldest; half++)
        for (struct caller *caller = http->callers; caller; caller = caller->next)
            if (http_is_idle(caller, half)) oldest = caller;
    if (oldest) caller_free(oldest);
}

/* Accepts a connection; beyond HTTP_CLIENTS_MAX an idle one is closed for it, or, if there is none, the new one is
 * closed at once. */
static void http_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                           void *self)
{
    static const struct timeval limit = {.tv_sec = HTTP_SECONDS_MAX};
    struct http *http = self;
    struct caller *caller;
    (void)listener;
    (void)address;
    (void)length;
    if (http->count == HTTP_CLIENTS_MAX) http_idle_let_go(http);
    if (http->count == HTTP_CLIENTS_MAX) {
        close(fd);
        return;
    }
    caller = memory_zeroed(1, sizeof *caller);
    *caller = (struct caller){.next = http->callers, .http = http};
    caller->stream = http->options.tls ? tls_accept(http->options.tls, http->options.base, fd)
                                       : bufferevent_socket_new(http->options.base, fd, BEV_OPT_CLOSE_ON_FREE);
    caller->limit = evtimer_new(http->options.base, on_limit, caller);
    if (!caller->stream || !caller->limit || evtimer_add(caller->limit, &limit) != 0) abort();
    http->callers = caller;
    http->count++;
    bufferevent_setcb(caller->stream, http_on_read, http_on_written, http_on_event, caller);
    bufferevent_setwatermark(caller->stream, EV_READ, 0, HTTP_REQUEST_MAX);
    bufferevent_enable(caller->stream, EV_READ | EV_WRITE);
}

/* Once a second: reads the certificates again if their files have changed. */
static void http_on_watch(evutil_socket_t fd, short what, void *self)
{
    struct http *http = self;
    char why[512];
    (void)fd;
    (void)what;
    enum tls_refresh refreshed = tls_refresh(http->options.tls, why, sizeof why);
    if (refreshed == TLS_RENEWED)
        log_line(http->options.log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "the certificates were read again");
    if (refreshed == TLS_KEPT)
        log_line(http->options.log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "%s; the certificates from before serve on", why);
}

struct http *http_new(const struct http_options *options, struct error *error)
{
    assert(options->base && options->address && options->answer);
    struct sockaddr_storage at;
    socklen_t length;
    struct http *http = memory_zeroed(1, sizeof *http);
    http->options = *options;
    if (!(options->tls ? socket_address : socket_loopback)(options->address, &at, &length))
        error_set(error, ERROR_INPUT, "`%.64s` is no %saddress and port", options->address,
                  options->tls ? "" : "loopback ");
    else if (!(http->listener =
                   listener_bind(options->base, http_on_accept, http, SOMAXCONN, (struct sockaddr *)&at, (int)length)))
        error_set(error, ERROR_SYSTEM, "cannot listen at %.64s: %s", options->address, strerror(errno));
    if (!http->listener) {
        http_free(http);
        return NULL;
    }
    if (getsockname(evconnlistener_get_fd(http->listener), (struct sockaddr *)&at, &length) != 0) abort();
    socket_text(&at, http->address);
    if (!options->tls) return http;
    http->watch = event_new(options->base, -1, EV_PERSIST, http_on_watch, http);
    if (!http->watch || event_add(http->watch, &(struct timeval){.tv_sec = 1}) != 0) abort();
    return http;
}

void http_free(struct http *http)
{
    if (!http) return;
    while (http->callers) caller_free(http->callers);
    if (http->listener) evconnlistener_free(http->listener);
    if (http->watch) event_free(http->watch);
    tls_free(http->options.tls);
    free(http);
}

const char *http_address(const struct http *http)
{
    return http->address;
}
