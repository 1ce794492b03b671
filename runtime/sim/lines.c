/* runtime/sim/lines.c - Sends and receives JSON lines over libevent's buffered connections.
 *
 * A callback may free the connection that called it. So freeing it within a callback only marks it (`busy`,
 * `freed`), and it is freed when the callback returns; no other callback is called in between. */
#include "runtime/sim/lines.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/tls.h"
#include "base/memory.h"

struct lines {
    struct bufferevent *buffer;
    struct lines_user user;
    bool freed, busy; /* busy: a callback is running; freed then: the connection is freed when the callback returns */
};

static void sim_lines_destroy(struct lines *l)
{
    assert(!l->busy);
    bufferevent_free(l->buffer);
    free(l);
}

void sim_lines_free(struct lines *l)
{
    if (!l) return;
    l->freed = true;
    if (!l->busy) sim_lines_destroy(l);
}

/* Parses a line and calls the callback, during which alone the object is valid. JSON with a repeated key is refused:
 * programs differ in how they read it. */
static void one_line(struct lines *l, const char *text, size_t length)
{
    assert(l->busy);
    json_error_t why;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(object))
        l->user.object(l->user.self, l, object);
    else if (l->user.nonsense)
        l->user.nonsense(l->user.self, l, !object ? why.text : "it is not an object");
    else
        l->user.closed(l->user.self, l, "a line that is not a JSON object");
    json_decref(object);
}

/* Handles the lines that have come, until a callback frees the connection. A line longer than LINE_BYTES_MAX closes
 * the connection. */
static void sim_read_lines(struct bufferevent *buffer, void *self)
{
    struct lines *l = self;
    struct evbuffer *input = bufferevent_get_input(buffer);
    size_t length;
    char *line;
    l->busy = true;
    while (!l->freed && (line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF))) {
        one_line(l, line, length);
        free(line);
    }
    if (!l->freed && evbuffer_get_length(input) >= LINE_BYTES_MAX)
        l->user.closed(l->user.self, l, "a line that is too long");
    l->busy = false;
    if (l->freed) sim_lines_destroy(l);
}

static void sim_lines_on_event(struct bufferevent *buffer, short what, void *self)
{
    struct lines *l = self;
    l->busy = true;
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        int one = 1;
        (void)setsockopt(bufferevent_getfd(buffer), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (l->user.connected) l->user.connected(l->user.self, l);
    } else {
        l->user.closed(l->user.self, l, (what & BEV_EVENT_EOF) != 0 ? "closed by the peer" : strerror(errno));
    }
    l->busy = false;
    if (l->freed) sim_lines_destroy(l);
}

static struct lines *lines_new(struct bufferevent *buffer, const struct lines_user *user)
{
    struct lines *l = memory_zeroed(1, sizeof *l);
    l->user = *user;
    l->buffer = buffer;
    assert(l->buffer);
    bufferevent_setcb(l->buffer, sim_read_lines, NULL, sim_lines_on_event, l);
    bufferevent_enable(l->buffer, EV_READ | EV_WRITE);
    return l;
}

struct lines *lines_take(struct event_base *base, int socket, struct tls *tls, const struct lines_user *user)
{
    int one = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return lines_new(tls ? tls_accept(tls, base, socket) : bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE),
                     user);
}

/* Connects; NULL: the host is no IPv4 address or the connection fails at once; later failures are reported by
 * `closed`. */
struct lines *lines_connect(struct event_base *base, const char *host, uint16_t port, struct tls *tls,
                            const struct lines_user *user)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1) return NULL;
    struct lines *l =
        lines_new(tls ? tls_connect(tls, base, host) : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE), user);
    if (bufferevent_socket_connect(l->buffer, (struct sockaddr *)&to, sizeof to) != 0) {
        sim_lines_destroy(l);
        return NULL;
    }
    return l;
}

/* Takes the object over. Sends an object without waiting: what the peer does not read is buffered. */
void lines_send(struct lines *l, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    assert(text);
    struct evbuffer *output = bufferevent_get_output(l->buffer);
    evbuffer_add(output, text, strlen(text));
    evbuffer_add(output, "\n", 1);
    free(text);
    json_decref(object);
}

/* Reads an address as host and port; names are not allowed, as a resolver might answer differently on another
 * machine. */
bool lines_address(const char *address, char *host, size_t size, uint16_t *port, struct error *error)
{
    const char *colon = strrchr(address, ':');
    char *end = NULL;
    unsigned long number = !colon ? 0 : strtoul(colon + 1, &end, 10);
    struct in_addr ignored;
    if (!colon || end == colon + 1 || *end != '\0' || number > 65535 || (size_t)(colon - address) >= size)
        return error_set(error, ERROR_INPUT, "'%s' is not an address and port, such as 127.0.0.1:0", address);
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    if (strcmp(host, "localhost") == 0) (void)snprintf(host, size, "127.0.0.1");
    if (inet_pton(AF_INET, host, &ignored) != 1)
        return error_set(error, ERROR_INPUT, "'%s' is not an IPv4 address", host);
    *port = (uint16_t)number;
    return true;
}

int lines_listen(const char *address, uint16_t *port, struct error *error)
{
    char host[64];
    if (!lines_address(address, host, sizeof host, port, error)) return -1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t length = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)inet_pton(AF_INET, host, &at.sin_addr);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
        error_set(error, ERROR_SYSTEM, "cannot listen at %s: %s", address, strerror(errno));
        if (fd >= 0) close(fd);
        return -1;
    }
    *port = ntohs(at.sin_port);
    return fd;
}
