/* tests/unit/daemon_http.c - One request, one answer; and no more of anything than is bounded. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"
#include "runtime/daemon/watch/http.h"

static bool on_path(void *self, const char *path, struct http_reply *reply)
{
    snprintf(self, 256, "%s", path);
    if (strcmp(path, "/bad") == 0) reply->status = 503;
    evbuffer_add_printf(reply->body, "at %s", path);
    return strcmp(path, "/none") != 0;
}

struct world {
    struct event_base *base;
    struct http *http;
    char path[256];
    struct sockaddr_storage at;
    socklen_t length;
};

static void world_open(struct world *world)
{
    struct error error = {0};
    *world = (struct world){.base = event_base_new()};
    const struct http_options options = {
        .base = world->base, .address = "127.0.0.1:0", .answer = on_path, .self = world->path};
    world->http = http_new(&options, &error);
    cr_assert_not_null(world->http, "%s", error.text);
    cr_assert(socket_loopback(http_address(world->http), &world->at, &world->length));
}

static void world_close(struct world *world)
{
    http_free(world->http);
    event_base_free(world->base);
}

static int call(struct world *world)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&world->at, world->length), 0);
    return fd;
}

/* The answer, until the peer ends it. */
static const char *answer(struct world *world, int fd)
{
    static char text[64 * 1024];
    size_t length = 0;
    for (;;) {
        struct pollfd wait = {fd, POLLIN, 0};
        event_base_loop(world->base, EVLOOP_NONBLOCK);
        if (poll(&wait, 1, 1) != 1) continue;
        ssize_t n = recv(fd, text + length, sizeof text - 1 - length, 0);
        if (n <= 0) break;
        length += (size_t)n;
    }
    text[length] = '\0';
    close(fd);
    return text;
}

static const char *ask(struct world *world, const char *request)
{
    int fd = call(world);
    size_t length = strlen(request);
    for (size_t at = 0; at < length;) {
        ssize_t n = send(fd, request + at, length - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        event_base_loop(world->base, EVLOOP_NONBLOCK);
        if (n > 0) at += (size_t)n;
    }
    return answer(world, fd);
}

static void says(struct world *world, const char *request, const char *first, const char *body)
{
    const char *text = ask(world, request), *end = strstr(text, "\r\n\r\n");
    cr_expect_eq(strncmp(text, first, strlen(first)), 0, "%.40s: %.40s", request, text);
    cr_assert_not_null(end);
    if (body) cr_expect_str_eq(end + 4, body);
}

Test(daemon_http, a_path_has_its_answer, .timeout = 20)
{
    struct world world;
    world_open(&world);
    says(&world, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "at /metrics");
    says(&world, "GET /metrics?a=b HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "at /metrics");
    cr_expect_str_eq(world.path, "/metrics", "without its query");
    says(&world, "HEAD /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "");
    says(&world, "GET /bad HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ", "at /bad");
    says(&world, "GET /none HTTP/1.0\r\n\r\n", "HTTP/1.1 404 ", NULL);
    says(&world, "PUT /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 405 ", NULL);
    world_close(&world);
}

Test(daemon_http, nonsense_is_refused, .timeout = 20)
{
    static const char *const requests[] = {"\r\n\r\n",
                                           "GET\r\n\r\n",
                                           "GET /\r\n\r\n",
                                           "GET metrics HTTP/1.1\r\n\r\n",
                                           "\x01\x02 /x HTTP/1.1 \xff\r\n\r\n",
                                           "GET  /x HTTP/1.1\r\n\r\n",
                                           "GET /x HTTP/1.1\r\n\r\n",
                                           "GET /x HTTP/1.0\n\n",
                                           "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                                           "GET /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                                           "POST /x HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                                           "POST /x HTTP/1.0\r\nContent-Length : 1\r\n\r\nx"};
    struct world world;
    world_open(&world);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const char *text = ask(&world, requests[i]);
        cr_expect(strncmp(text, "HTTP/1.1 400 ", 13) == 0, "%zu: %.60s", i, text);
    }
    cr_expect_str_eq(world.path, "", "nobody was asked");
    world_close(&world);
}

Test(daemon_http, too_much_is_refused_whatever_it_consists_of, .timeout = 20)
{
    struct world world;
    char *request = calloc(1, 100000);
    world_open(&world);
    memset(request, 'x', 9000);
    says(&world, request, "HTTP/1.1 431 ", NULL);
    size_t at = (size_t)sprintf(request, "GET /metrics HTTP/1.1\r\n");
    while (at < 20000) at += (size_t)sprintf(request + at, "X: y\r\n");
    says(&world, request, "HTTP/1.1 431 ", NULL);
    at = (size_t)sprintf(request, "GET /");
    memset(request + at, 'p', 300);
    sprintf(request + at + 300, " HTTP/1.1\r\n\r\n");
    says(&world, request, "HTTP/1.1 400 ", NULL);
    free(request);
    world_close(&world);
}

Test(daemon_http, who_asks_comes_in_though_idle_ones_have_all_places, .timeout = 20)
{
    struct world world;
    int held[HTTP_CLIENTS_MAX];
    world_open(&world);
    for (unsigned i = 0; i < HTTP_CLIENTS_MAX; i++) {
        held[i] = call(&world);
        event_base_loop(world.base, EVLOOP_NONBLOCK);
    }
    says(&world, "GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "at /metrics");
    char byte;
    cr_expect_eq(recv(held[0], &byte, 1, MSG_DONTWAIT), 0, "the first has given its place");
    cr_expect_lt(recv(held[HTTP_CLIENTS_MAX - 1], &byte, 1, MSG_DONTWAIT), 0, "the last has not");
    for (unsigned i = 1; i < HTTP_CLIENTS_MAX; i++) cr_assert_eq(write(held[i], "GET", 3), 3);
    for (unsigned i = 0; i < HTTP_CLIENTS_MAX; i++) event_base_loop(world.base, EVLOOP_NONBLOCK);
    held[0] = call(&world);
    event_base_loop(world.base, EVLOOP_NONBLOCK);
    says(&world, "GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "at /metrics");
    for (unsigned i = 0; i < HTTP_CLIENTS_MAX; i++) close(held[i]);
    world_close(&world);
}

Test(daemon_http, at_its_end_its_port_is_given_back, .timeout = 10)
{
    struct world world;
    world_open(&world);
    http_free(world.http);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_expect_neq(connect(fd, (struct sockaddr *)&world.at, world.length), 0, "somebody listens there");
    close(fd);
    event_base_free(world.base);
}

Test(daemon_http, an_address_is_this_machines_own, .timeout = 10)
{
    static const char *const good[] = {"127.0.0.1:0", "127.1.2.3:65535", "localhost:80", "[::1]:9464"};
    static const char *const bad[] = {"",
                                      ":80",
                                      "0.0.0.0:80",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      "[::]:80",
                                      "192.168.0.1:80",
                                      "example.org:80",
                                      "127.0.0.1:8o",
                                      "::1:80",
                                      "127.0.0.1:-1"};
    struct sockaddr_storage at;
    socklen_t length;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(socket_loopback(good[i], &at, &length), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(socket_loopback(bad[i], &at, &length), "%s", bad[i]);
}
