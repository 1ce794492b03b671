/* runtime/adapters/desk/tserver.c - Checks whether the T-Server is up, before an agent needs it for a telephone.
 *
 * Each check makes a connection and reads the T-Server's first line, which asks for a log-in or reports the link to
 * the switch. The desk has no password of its own, so a check logs nobody in. Two checks must fail before the
 * T-Server counts as away, because both adapters start at the same time. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/resolver.h"
#include "runtime/adapters/desk/desk.h"
#include "base/memory.h"

enum { LOOK_S = 20, LOOK_AGAIN_S = 2, LOOK_TAKES_S = 5, LOOKS_FAIL = 2, FIRST_LINE_MAX = 4096 };

struct tserver_look {
    struct desk *desk;
    struct resolver *resolver;
    struct bufferevent *stream; /* NULL: none */
    unsigned wait_s;            /* seconds until the next check; 0: a check is running */
    unsigned left_s;            /* seconds left for the check that is running */
    unsigned failed;            /* how many checks have failed in a row */
};

struct bufferevent *tserver_stream(const struct desk *desk, const struct address *address)
{
    struct event_base *base = desk->services->base(desk->link);
    return desk->voice ? tls_connect(desk->voice, base, address->host)
                       : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
}

static void tserver_look_over(struct tserver_look *tserver, const char *why)
{
    struct desk *desk = tserver->desk;
    if (tserver->stream) bufferevent_free(tserver->stream);
    tserver->stream = NULL;
    tserver->failed = why ? tserver->failed + 1 : 0;
    tserver->wait_s = why ? LOOK_AGAIN_S : LOOK_S;
    if (!why || tserver->failed >= LOOKS_FAIL) desk->services->neighbour(desk->link, "tserver", !why, why);
}

static const char *tserver_look_first_line(const char *line, size_t length)
{
    json_error_t wrong;
    json_t *event = json_loadb(line, length, 0, &wrong);
    const char *message = json_string_value(json_object_get(event, "Message"));
    bool there =
        message && (strcmp(message, "EventAuthenticationRequired") == 0 || strcmp(message, "EventLinkConnected") == 0);
    bool alone = message && strcmp(message, "EventLinkDisconnected") == 0;
    json_decref(event);
    return there ? NULL : alone ? "it has no switch" : "what answers there is no T-Server";
}

static void tserver_look_on_read(struct bufferevent *stream, void *self)
{
    struct evbuffer *in = bufferevent_get_input(stream);
    size_t length;
    char *line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF);
    if (line)
        tserver_look_over(self, tserver_look_first_line(line, length));
    else if (evbuffer_get_length(in) > FIRST_LINE_MAX)
        tserver_look_over(self, "what answers there is no T-Server");
    free(line);
}

static void tserver_look_on_event(struct bufferevent *stream, short what, void *self)
{
    char why[256] = "it has closed the connection";
    if (what & BEV_EVENT_ERROR) tls_why(stream, why, sizeof why);
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) tserver_look_over(self, why);
}

static void tserver_look_on_address(void *self, const struct address *address, const char *why)
{
    struct tserver_look *tserver = self;
    struct desk *desk = tserver->desk;
    if (tserver->wait_s > 0) return; /* the check has taken too long */
    if (!address) {
        tserver_look_over(tserver, why);
        return;
    }
    tserver->stream = tserver_stream(desk, address);
    bufferevent_setcb(tserver->stream, tserver_look_on_read, NULL, tserver_look_on_event, tserver);
    bufferevent_enable(tserver->stream, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(tserver->stream, (const struct sockaddr *)&address->socket, address->length) != 0)
        tserver_look_over(tserver, "no connection can be made");
}

void tserver_look_tick(struct tserver_look *tserver)
{
    if (!tserver) return;
    if (tserver->wait_s == 0) {
        if (--tserver->left_s == 0) tserver_look_over(tserver, "it does not answer");
    } else if (--tserver->wait_s == 0) {
        tserver->left_s = LOOK_TAKES_S;
        resolver_begin(tserver->resolver, tserver->desk->setting.tserver);
    }
}

void tserver_look_soon(struct tserver_look *tserver)
{
    if (tserver && tserver->wait_s > 1) tserver->wait_s = 1;
}

struct tserver_look *tserver_look_new(struct desk *desk)
{
    if (!*desk->setting.tserver) return NULL;
    struct tserver_look *tserver = memory_zeroed(1, sizeof *tserver);
    tserver->desk = desk;
    tserver->wait_s = 1;
    tserver->resolver = resolver_new(desk->services->base(desk->link), tserver_look_on_address, tserver);
    desk->services->neighbour(desk->link, "tserver", true, NULL);
    return tserver;
}

void tserver_look_free(struct tserver_look *tserver)
{
    if (!tserver) return;
    if (tserver->stream) bufferevent_free(tserver->stream);
    resolver_free(tserver->resolver);
    free(tserver);
}
