/* tests/fuzz/fuzz_http.c - Any bytes, in pieces of any length, at the door for programs that look after gcxvm: whoever
 * has asked is answered, once and whole, and everybody is let go. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/watch/http.h"
#include "base/head.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWER_MAX = 4096, PIECES_MAX = 64 };

static struct event_base *base;
static struct http *http;
static struct sockaddr_storage door;
static socklen_t door_length;

static bool on_path(void *self, const char *path, struct http_reply *reply)
{
    (void)self;
    MUST(path[0] == '/' && strlen(path) < 256 && !strchr(path, '?'));
    for (const char *at = path; *at; at++) MUST(*at > ' ' && *at < 0x7f);
    if (strcmp(path, "/bad") == 0) reply->status = 503;
    evbuffer_add_printf(reply->body, "at %s", path);
    return strcmp(path, "/none") != 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct error error;
    base = event_base_new();
    http = base ? http_new(&(struct http_options){.base = base, .address = "127.0.0.1:0", .answer = on_path}, &error)
                : NULL;
    MUST(http && socket_loopback(http_address(http), &door, &door_length));
    return 0;
}

static void turn(void)
{
    MUST(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
}

/* Has whoever sends this asked, or said too much, or what never becomes a request? */
static bool is_request(const char *bytes, size_t length)
{
    return head_length(bytes, length) > 0 || head_wrong_so_far(bytes, length) || length >= HTTP_REQUEST_MAX;
}

/* The answer, until the door ends it. */
static size_t answer_take(int fd, char *answer)
{
    size_t length = 0;
    for (unsigned idle = 0; idle < 5000;) {
        struct pollfd wait = {fd, POLLIN, 0};
        turn();
        if (poll(&wait, 1, idle > 10) != 1) {
            idle++;
            continue;
        }
        ssize_t n = recv(fd, answer + length, ANSWER_MAX - length, MSG_DONTWAIT);
        if (n <= 0) {
            answer[length] = '\0';
            return length;
        }
        length += (size_t)n;
        MUST(length < ANSWER_MAX);
    }
    fuzz_broken(__FILE__, __LINE__, "it is let go");
}

static void answer_check(const char *answer, size_t length, bool head)
{
    static const unsigned statuses[] = {200, 400, 404, 405, 431, 503};
    const char *body = strstr(answer, "\r\n\r\n"), *said = strstr(answer, "\r\nContent-Length: ");
    bool known = false;
    MUST(strlen(answer) == length && strncmp(answer, "HTTP/1.1 ", 9) == 0 && body && said && said < body);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        known = known || strtoul(answer + 9, NULL, 10) == statuses[i];
    MUST(known);
    size_t body_length = length - (size_t)(body + 4 - answer);
    MUST(body_length == strtoul(said + 18, NULL, 10) || (head && body_length == 0));
}

/* The first byte says how much is sent at once: 0, all. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char answer[ANSWER_MAX];
    if (length < 1) return 0;
    size_t piece = bytes[0], at = 0, whole = --length;
    bytes++;
    if (piece == 0 || whole / piece > PIECES_MAX) piece = whole / PIECES_MAX + 1;
    int fd = socket(door.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Reset when it is closed, it takes no port with it. */
    MUST(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)) == 0);
    if (connect(fd, (struct sockaddr *)&door, door_length) != 0) {
        MUST(errno == EADDRNOTAVAIL || errno == EAGAIN || errno == EINTR); /* the machine's ports, not the server */
        close(fd);
        return 0;
    }
    while (at < whole) {
        ssize_t n = send(fd, bytes + at, piece < whole - at ? piece : whole - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        MUST(n > 0);
        at += (size_t)n;
        if (at < whole) turn(); /* the last piece and the end come together */
    }
    shutdown(fd, SHUT_WR);
    size_t got = answer_take(fd, answer);
    MUST(is_request((const char *)bytes, whole) == (got > 0));
    if (got > 0) answer_check(answer, got, whole >= 5 && memcmp(bytes, "HEAD ", 5) == 0);
    close(fd);
    turn();
    return 0;
}
