/* tests/unit/sources_endpoint.c - The circuit of an endpoint, before a server that takes connections and may answer. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "runtime/host/real.h"
#include "runtime/sources/endpoint.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/message.h"

TestSuite(sources_endpoint, .timeout = 30);

static struct event_base *base;
static struct evhttp *http;
static struct endpoints *endpoints;
static bool deaf, hangs; /* it answers no HEAD, no GET */
static unsigned heads, gets;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned answered, refused, failed; /* requests, by how they ended */

static void on_request(struct evhttp_request *request, void *self)
{
    bool head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
    (void)self;
    if (head)
        heads++;
    else
        gets++;
    if (head ? deaf : hangs) return;
    struct evbuffer *body = evbuffer_new();
    if (!head) evbuffer_add_printf(body, "5");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void on_done(void *self, struct span frame)
{
    struct message message;
    (void)self;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    uint64_t outcome = message_u(&message, EventDone_outcome);
    pthread_mutex_lock(&lock);
    if (outcome == outcome_ok)
        answered++;
    else if (outcome == outcome_error && message_u(&message, EventDone_code) == code_unavailable)
        refused++;
    else
        failed++;
    pthread_mutex_unlock(&lock);
}

static void ask(void)
{
    static uint64_t ref;
    uint8_t hash[32] = {1};
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_HttpRequest);
    writer_u(&writer, ENVELOPE_ixn, 1);
    writer_u(&writer, ENVELOPE_ref, ++ref);
    writer_text(&writer, HttpRequest_endpoint, "stock");
    writer_bytes(&writer, HttpRequest_statement, (struct span){hash, sizeof hash});
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    endpoints_request(endpoints, &message);
    writer_free(&writer);
}

static bool is_away(void)
{
    struct endpoint_shown shown;
    cr_assert(endpoints_read(endpoints, 0, &shown));
    return shown.away;
}

static unsigned ended(void)
{
    pthread_mutex_lock(&lock);
    unsigned all = answered + refused + failed;
    pthread_mutex_unlock(&lock);
    return all;
}

/* The server serves until this holds. */
#define UNTIL(condition)                                                                                               \
    while (!(condition)) {                                                                                             \
        event_base_loop(base, EVLOOP_NONBLOCK);                                                                        \
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);                                                       \
    }

static void endpoint_begin(void)
{
    static const uint8_t hash[32] = {1};
    char url[64];
    struct sockaddr_in at;
    socklen_t length = sizeof at;
    struct error error = {0};
    base = event_base_new();
    http = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    evhttp_set_gencb(http, on_request, NULL);
    cr_assert(bound && getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&at, &length) == 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(at.sin_port));
    endpoints = endpoints_new(&(struct endpoints_options){.done = on_done});
    endpoints_statement(endpoints, hash, "/stock", 6, 0, false, true);
    struct endpoint_options options = {.name = "stock",
                                       .url = url,
                                       .header_file = "",
                                       .ca_file = "",
                                       .answer = "json",
                                       .at = "",
                                       .request_file = "",
                                       .content_type = "",
                                       .timeout_us = 200000,
                                       .connect_us = 100000,
                                       .bytes_max = 4096,
                                       .connections = 4,
                                       .waiting_max = 10,
                                       .failures = 1,
                                       .retry_us = 20000,
                                       .retry_max_us = 20000};
    cr_assert(endpoints_add(endpoints, &options, &error), "%s", error.text);
}

static void endpoint_finish(void)
{
    endpoints_free(endpoints);
    evhttp_free(http);
    event_base_free(base);
}

Test(sources_endpoint, a_circuit_that_is_open_is_half_open_until_one_request_is_answered, .init = endpoint_begin,
     .fini = endpoint_finish)
{
    deaf = hangs = true;
    ask();
    UNTIL(ended() == 1 && is_away());
    cr_assert(failed == 1 && gets == 1);
    heads = 0;
    UNTIL(heads >= 2);
    ask();
    UNTIL(ended() == 2);
    cr_assert(refused == 1 && gets == 1 && is_away(), "a server that takes connections and says nothing is away");

    deaf = false;
    UNTIL(!is_away());
    ask();
    ask();
    ask();
    UNTIL(ended() == 5);
    cr_assert(gets == 2 && failed == 2 && refused == 3, "one request finds out: %u %u %u", gets, failed, refused);
    cr_assert(is_away());

    hangs = false;
    UNTIL(!is_away());
    ask();
    UNTIL(ended() == 6);
    ask();
    ask();
    UNTIL(ended() == 8);
    cr_assert(answered == 3 && gets == 5, "%u %u", answered, gets);
}
