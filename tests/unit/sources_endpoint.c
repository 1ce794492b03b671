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
static int status;       /* of its answers to GET; 0: 200 */
static unsigned heads, gets;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned answered, refused, failed; /* requests, by how they ended */
static char why[300], noted[2000];         /* of the last one that was not answered; what an operator was told */
static char key[100];                      /* of the last request to the server */

static void on_request(struct evhttp_request *request, void *self)
{
    bool head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
    (void)self;
    if (head)
        heads++;
    else
        gets++;
    const char *header = evhttp_find_header(evhttp_request_get_input_headers(request), "Idempotency-Key");
    snprintf(key, sizeof key, "%s", header ? header : "");
    if (head ? deaf : hangs) return;
    struct evbuffer *body = evbuffer_new();
    if (!head) evbuffer_add_printf(body, "5");
    evhttp_send_reply(request, head || status == 0 ? 200 : status, "OK", body);
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
    struct span text = message_text(&message, EventDone_text);
    if (outcome != outcome_ok) snprintf(why, sizeof why, "%.*s", (int)text.length, (const char *)text.bytes);
    pthread_mutex_unlock(&lock);
}

static void on_note(void *self, const char *endpoint, bool good, const char *text)
{
    (void)self;
    pthread_mutex_lock(&lock);
    size_t length = strlen(noted);
    snprintf(noted + length, sizeof noted - length, "%s %s: %s\n", endpoint, good ? "good" : "bad", text);
    pthread_mutex_unlock(&lock);
}

static bool was_noted(const char *text)
{
    pthread_mutex_lock(&lock);
    bool found = strstr(noted, text);
    pthread_mutex_unlock(&lock);
    return found;
}

static uint64_t ref;

static void asks_for(const char *endpoint, uint8_t request, enum method method, uint64_t timeout_us)
{
    uint8_t hash[32] = {request};
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_HttpRequest);
    writer_u(&writer, ENVELOPE_ixn, 1);
    writer_u(&writer, ENVELOPE_ref, ++ref);
    writer_i(&writer, ENVELOPE_timeout, (int64_t)timeout_us);
    writer_text(&writer, HttpRequest_endpoint, endpoint);
    writer_u(&writer, HttpRequest_method, method);
    writer_bytes(&writer, HttpRequest_statement, (struct span){hash, sizeof hash});
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    endpoints_request(endpoints, &message);
    writer_free(&writer);
}

static void ask(void)
{
    asks_for("stock", 1, method_get, 0);
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

static struct endpoint_options options = {.name = "stock",
                                          .header_file = "",
                                          .ca_file = "",
                                          .answer = "json",
                                          .at = "",
                                          .request_file = "",
                                          .content_type = "",
                                          .timeout_us = 600000,
                                          .connect_us = 100000,
                                          .bytes_max = 4096,
                                          .connections = 4,
                                          .waiting_max = 10,
                                          .failures = 1,
                                          .retry_us = 20000,
                                          .retry_max_us = 20000};

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
    endpoints = endpoints_new(&(struct endpoints_options){.done = on_done, .note = on_note});
    endpoints_statement(endpoints, hash, "/stock", 6, 0, false, true);
    options.url = url;
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
    UNTIL(was_noted("is there again: the next request decides"));
    cr_assert(is_away(), "it answers looks, and no request yet");
    ask();
    ask();
    ask();
    UNTIL(ended() == 5);
    cr_assert(gets == 2 && failed == 2 && refused == 3, "one request finds out: %u %u %u", gets, failed, refused);
    cr_assert(is_away());

    hangs = false;
    do { /* refused until a look was answered */
        ask();
        UNTIL(ended() == ref);
    } while (answered == 0);
    cr_assert_not(is_away());
    cr_assert(gets == 3);
    unsigned all = ended();
    ask();
    ask();
    UNTIL(ended() == all + 2);
    cr_assert(answered == 3 && gets == 5, "%u %u", answered, gets);
}

/* It answers each look, and to each request that it cannot serve: the looks do not end that. */
Test(sources_endpoint, who_answers_looks_and_refuses_requests_is_away, .init = endpoint_begin, .fini = endpoint_finish)
{
    struct endpoint_shown shown;
    status = 503;
    ask();
    UNTIL(ended() == 1 && is_away());
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.open && shown.opened == 1 && shown.requests == 1);
    cr_assert(shown.errors == 1 && strstr(shown.why, "status 503") && strncmp(shown.url, "http://", 7) == 0);
    uint64_t for_us = shown.for_us;
    heads = 0;
    UNTIL(heads >= 3);
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.away && shown.open && shown.for_us > for_us);
    for (unsigned i = 1; i < 3; i++) {
        unsigned before = gets;
        do {
            ask();
            UNTIL(ended() == ref);
        } while (gets == before);
    }
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.away && shown.for_us > for_us, "since the first one");
    status = 0;
    do {
        ask();
        UNTIL(ended() == ref);
    } while (answered == 0);
    cr_assert(endpoints_read(endpoints, 0, &shown) && !shown.away && !shown.open && shown.for_us == 0);
}

static void endpoint_begin_narrow(void)
{
    options.connections = 1;
    options.waiting_max = 2;
    options.failures = 0;
    options.timeout_us = 20000000;
    hangs = true;
    endpoint_begin();
}

Test(sources_endpoint, what_cannot_be_asked_is_refused_and_nobody_hears_of_what_was_cancelled,
     .init = endpoint_begin_narrow, .fini = endpoint_finish)
{
    asks_for("shop", 1, method_get, 0);
    cr_assert_str_eq(why, "shop: no endpoint of this name in the configuration");
    asks_for("stock", 2, method_get, 0);
    cr_assert_str_eq(why, "stock: the request is of no loaded program");
    ask();
    UNTIL(gets == 1);
    uint64_t runs = ref;
    asks_for("stock", 1, method_get, 30000);
    asks_for("stock", 1, method_get, 30000);
    asks_for("stock", 1, method_get, 0);
    cr_assert_str_eq(why, "stock: too many requests wait");
    UNTIL(ended() == 5);
    cr_assert_str_eq(why, "stock: it has waited for its turn too long");
    ask();
    endpoints_cancel(endpoints, 1, ref);
    endpoints_cancel(endpoints, 1, runs);
    hangs = false;
    ask();
    UNTIL(answered == 1);
    cr_assert(ended() == 6 && gets == 2, "the cancelled ones are answered to nobody: %u %u", ended(), gets);
    cr_assert_not(is_away());
}

static void endpoint_begin_deaf(void)
{
    deaf = true;
    endpoint_begin();
}

/* It answers no look, and requests go on: the first answer says that it is there. */
Test(sources_endpoint, who_answers_a_request_is_there, .init = endpoint_begin_deaf, .fini = endpoint_finish)
{
    UNTIL(is_away());
    ask();
    UNTIL(ended() == 1);
    cr_assert(answered == 1 && !is_away());
}

Test(sources_endpoint, an_operator_is_told_once_as_it_goes_and_once_as_it_comes, .init = endpoint_begin,
     .fini = endpoint_finish)
{
    struct endpoint_shown shown;
    deaf = hangs = true;
    ask();
    UNTIL(was_noted("stock bad: does not answer: requests are refused at once (stock: "));
    UNTIL(heads >= 3);
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.away && shown.for_us > 0 && *shown.why);
    cr_assert_str_eq(shown.name, "stock");
    cr_assert_not(endpoints_read(endpoints, 1, &shown));
    deaf = hangs = false;
    UNTIL(was_noted("stock good: is there again: the next request decides"));
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.away);
    ask();
    UNTIL(was_noted("stock good: answers again"));
    cr_assert(endpoints_read(endpoints, 0, &shown) && !shown.away && shown.for_us == 0 && !*shown.why);
    unsigned lines = 0;
    for (const char *at = noted; (at = strchr(at, '\n')); at++) lines++;
    cr_assert_eq(lines, 3, "%s", noted);
}

static unsigned lines_noted(void)
{
    unsigned lines = 0;
    pthread_mutex_lock(&lock);
    for (const char *at = noted; (at = strchr(at, '\n')); at++) lines++;
    pthread_mutex_unlock(&lock);
    return lines;
}

/* What a request and a look find is one reason, though a look has more words for it. */
Test(sources_endpoint, another_reason_why_it_is_away_is_a_line_and_the_same_one_is_none, .init = endpoint_begin,
     .fini = endpoint_finish)
{
    status = 503;
    ask();
    UNTIL(was_noted("stock bad: does not answer: requests are refused at once (stock: status 503)"));
    cr_assert_eq(lines_noted(), 1, "%s", noted);
    deaf = true;
    UNTIL(was_noted("stock bad: still does not answer: "));
    for (unsigned round = 0; round < 2; round++) {
        heads = 0;
        UNTIL(heads >= 3);
    }
    cr_assert_eq(lines_noted(), 2, "%s", noted);
    deaf = false, status = 404;
    do { /* refused until a look was answered */
        ask();
        UNTIL(ended() == ref);
    } while (!was_noted("stock good: answers again"));
    unsigned lines = lines_noted();
    status = 503;
    ask();
    UNTIL(lines_noted() > lines);
    cr_assert_eq(lines_noted(), lines + 1, "%s", noted);
}

static void endpoint_begin_patient(void)
{
    deaf = true;
    options.timeout_us = options.retry_us = options.retry_max_us = 20000000;
    endpoint_begin();
}

/* Nobody is told that it was given up, so its words are no reason that an operator has had. */
Test(sources_endpoint, a_request_that_is_cancelled_gives_no_reason, .init = endpoint_begin_patient,
     .fini = endpoint_finish)
{
    struct endpoint_shown shown;
    hangs = true;
    ask();
    UNTIL(gets == 1);
    uint64_t runs = ref;
    hangs = false, status = 503;
    ask();
    UNTIL(was_noted("stock bad: does not answer: requests are refused at once (stock: status 503)"));
    endpoints_cancel(endpoints, 1, runs);
    UNTIL(endpoints_read(endpoints, 0, &shown) && shown.errors == 2);
    asks_for("stock", 1, method_get, 1); /* is answered when the end of the one before has been seen to */
    UNTIL(ended() == 2);
    cr_assert(endpoints_read(endpoints, 0, &shown) && shown.away);
    cr_expect_str_eq(shown.why, "stock: status 503");
    cr_expect_eq(lines_noted(), 1, "%s", noted);
}

Test(sources_endpoint, a_change_has_a_key_of_its_journal_and_effect, .init = endpoint_begin, .fini = endpoint_finish)
{
    static const uint8_t journal[ENDPOINTS_JOURNAL] = {0xab};
    endpoints_journal(endpoints, journal);
    ask();
    UNTIL(ended() == 1);
    cr_assert_str_eq(key, "");
    asks_for("stock", 1, method_delete, 0);
    UNTIL(ended() == 2);
    cr_assert_str_eq(key, "ab000000000000000000000000000000-1-2");
}

Test(sources_endpoint, options_that_are_none_are_refused_with_what_is_wrong)
{
    static const struct {
        const char *url, *answer, *at, *content_type, *ca_file, *why;
    } cases[] = {{"http://a", "json", "", "", "", ""},
                 {"", "json", "", "", "", ""},
                 {"http://a/b", "xml", "/a", "text/plain", "", ""},
                 {"a", "json", "", "", "", "url: "},
                 {"http:///b", "json", "", "", "", "url: "},
                 {"http://a?b", "json", "", "", "", "url: it ends where the path begins"},
                 {"http://a", "yaml", "", "", "", "answer: `yaml` is no form; expected json, text or xml"},
                 {"http://a", "text", "/a", "", "", "at: only answers of xml have a path"},
                 {"http://a", "json", "", "a\r\nb", "", "content_type: it is no line"},
                 {"http://a", "json", "", "", "/dev/null", "ca_file /dev/null: "},
                 {"http://a", "json", "", "", "/nowhere", "ca_file /nowhere: "}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct endpoint_options asked = options;
        asked.url = cases[i].url, asked.answer = cases[i].answer, asked.at = cases[i].at;
        asked.content_type = cases[i].content_type, asked.ca_file = cases[i].ca_file;
        cr_assert_eq(endpoint_check(&asked, &error), *cases[i].why == '\0', "case %u: %s", i, error.text);
        cr_assert(strstr(error.text, cases[i].why), "case %u: %s", i, error.text);
    }
}
