/* tests/unit/web_door.c - Who may come in by HTTP: the judge of tokens, and connections that are too many. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapter/told.h"
#include "runtime/web/authorization.h"
#include "runtime/web/opening.h"
#include "runtime/web/origins.h"
#include "tests/unit/papers.h"

TestSuite(web_door, .timeout = 30);

Test(web_door, a_scheme_has_no_case_and_a_token_has)
{
    static const char *const good[] = {"Bearer secret", "bearer secret", "BEARER secret", "bEaReR   secret"};
    static const char *const wrong[] = {"",
                                        "secret",
                                        "Bearer",
                                        "Bearer ",
                                        "Basic secret",
                                        "Bearersecret",
                                        "Bearer Secret",
                                        "Bearer secre",
                                        "Bearer secrets",
                                        "Bearer\tsecret"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(authorization_is(good[i], "Bearer", "secret"), "%s", good[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(authorization_is(wrong[i], "Bearer", "secret"), "%s", wrong[i]);
    cr_expect_not(authorization_is("Bearer ", "Bearer", ""), "no token is somebody's");
    cr_expect_not(authorization_is("Bearer x", "Bearer", ""));
    cr_expect_null(authorization_secret("Bearer   ", "Bearer"));
    cr_expect_str_eq(authorization_secret("basic bmFtZTp3b3Jk", "Basic"), "bmFtZTp3b3Jk");
}

/* ---- connections ---- */

enum { PLACES = 4, EACH = 2, STRANGERS = 64 };

static struct event_base *base;
static struct door *door_asked;
static struct evhttp_request *waits; /* the request of /later */
static unsigned port;

static bool is_known(void *self, const char *value)
{
    (void)self;
    return authorization_is(value, "Bearer", "secret");
}

static void answer(struct evhttp_request *http)
{
    evhttp_send_reply(http, HTTP_OK, NULL, NULL);
}

static void on_asked(void *self, struct evhttp_request *http)
{
    (void)self;
    if (strcmp(evhttp_request_get_uri(http), "/later") == 0)
        waits = http;
    else if (strcmp(evhttp_request_get_uri(http), "/socket") == 0)
        cr_assert_neq(door_upgrade(door_asked, http), 0);
    else
        answer(http);
}

static void on_heard(void *self, uint64_t ticket, const char *text, size_t length)
{
    (void)self, (void)length;
    door_say(door_asked, ticket, text);
}

static void on_gone(void *self, uint64_t ticket)
{
    (void)self, (void)ticket;
}

static struct door *opens(bool known)
{
    struct door_calls calls = {
        .request = on_asked, .heard = on_heard, .gone = on_gone, .known = known ? is_known : NULL};
    struct door_options options = {.message_max = 1000,
                                   .body_max = 1000,
                                   .unknown_max = 1000,
                                   .known_by = "Authorization",
                                   .connections = PLACES,
                                   .per_address = PLACES,
                                   .messages_per_minute = 10};
    struct address address;
    char why[200];
    base = event_base_new();
    struct door *door = door_asked = door_new(base, &options, &calls);
    cr_assert(address_parse(&address, "127.0.0.1:0", why, sizeof why));
    cr_assert(door_listen(door, &address, &port));
    return door;
}

static void turns(void)
{
    for (int i = 0; i < 5; i++) event_base_loop(base, EVLOOP_NONBLOCK);
}

static int comes(void)
{
    char to[32], why[200];
    struct address door;
    snprintf(to, sizeof to, "127.0.0.1:%u", port);
    cr_assert(address_parse(&door, to, why, sizeof why));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(connect(fd, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0);
    turns();
    return fd;
}

static void asks(int fd, const char *path, const char *more)
{
    char text[200];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, more);
    cr_assert(send(fd, text, (size_t)length, MSG_NOSIGNAL) == length);
    turns();
}

static bool is_answered(int fd)
{
    char text[1000] = "";
    for (int tries = 0; tries < 200; tries++) {
        turns();
        ssize_t length = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
        if (length >= 0) return strncmp(text, "HTTP/1.1 200", 12) == 0;
        usleep(1000);
    }
    return false;
}

Test(web_door, strangers_who_say_nothing_keep_nobody_out_where_nobody_can_be_known)
{
    struct door *door = opens(false);
    int later = comes();
    asks(later, "/later", "");
    cr_assert(waits);
    for (int i = 0; i < STRANGERS; i++) comes();
    int fd = comes();
    asks(fd, "/", "");
    cr_assert(is_answered(fd), "who asks at once is kept out by those who do not");
    for (int i = 0; i < STRANGERS; i++) comes();
    answer(waits);
    cr_assert(is_answered(later), "a connection that waits for our answer has made room");
    for (int i = 0; i < STRANGERS; i++) comes();
    char byte;
    turns();
    cr_assert_eq(recv(later, &byte, 1, MSG_DONTWAIT), 0, "one that was answered long ago has not made room");
    door_free(door);
}

Test(web_door, who_is_known_makes_room_for_nobody)
{
    struct door *door = opens(true);
    int known = comes(), fd;
    asks(known, "/", "authorization: bearer secret\r\n");
    cr_assert(is_answered(known));
    for (int i = 0; i < STRANGERS; i++) asks(comes(), "/", "");
    asks(known, "/", "");
    cr_assert(is_answered(known));
    fd = comes();
    asks(fd, "/", "Authorization: Bearer secret\r\n");
    cr_assert(is_answered(fd));
    door_free(door);
}

/* Whoever is at the other end may answer what nobody has asked. */
Test(web_door, a_pong_where_nobody_marks_anything_is_passed_over)
{
    static const char frames[] = "\x8a\x84\0\0\0\0\0\0\0\x07" /* Pong, with a number */
                                 "\x81\x82\0\0\0\0ok";        /* a text */
    char answers[1000] = "";
    size_t length = 0;
    struct door *door = opens(false);
    int fd = comes();
    asks(fd, "/socket",
         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: http://x\r\n");
    cr_assert(send(fd, frames, sizeof frames - 1, MSG_NOSIGNAL) == sizeof frames - 1);
    for (int tries = 0; tries < 200 && !strstr(answers, "\r\n\r\n\x81\x02ok"); tries++) {
        turns();
        ssize_t more = recv(fd, answers + length, sizeof answers - 1 - length, MSG_DONTWAIT);
        if (more > 0)
            length += (size_t)more;
        else
            usleep(1000);
    }
    cr_assert(strstr(answers, "\r\n\r\n\x81\x02ok"), "%s", answers);
    door_free(door);
}

/* ---- certificates ---- */

static int64_t own_s;
static char logged[600];

static void figure(struct gcx_link *link, const char *name, int64_t value)
{
    (void)link;
    if (strcmp(name, TOLD_CERTIFICATE "own") == 0) own_s = value;
}

/* Adapters call them otherwise. */
Test(web_door, what_is_wrong_with_an_opening_names_its_settings)
{
    struct {
        const char *forms, *forms_port_file, *insecure, *forms_certificate, *forms_key;
    } setting = {"192.0.2.1:1", "", "", "", ""};
    struct opening opening = OPENING(&setting, forms, forms_port_file, forms_certificate, forms_key);
    char why[200] = "";
    cr_expect_not(opening_good(&opening, why, sizeof why));
    cr_expect_str_eq(why, "forms: 192.0.2.1:1 is open to other machines without TLS: set `forms_certificate` and "
                          "`forms_key`");
    opening.listen = "127.0.0.1:0";
    cr_expect(opening_good(&opening, why, sizeof why), "%s", why);
    opening.key = "/nowhere";
    cr_expect_not(opening_good(&opening, why, sizeof why));
    cr_expect_str_eq(why, "forms_certificate: is missing, and forms_key is given");
    opening.listen = "nonsense";
    cr_expect_not(opening_good(&opening, why, sizeof why));
    cr_expect(strncmp(why, "forms: ", 7) == 0, "%s", why);
}

__attribute__((format(printf, 5, 6))) static void logs(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn,
                                                       const char *format, ...)
{
    va_list words;
    (void)link, (void)ixn, (void)conn;
    cr_assert_eq(level, GCX_LOG_ERROR);
    va_start(words, format);
    vsnprintf(logged, sizeof logged, format, words);
    va_end(words);
}

/* Whoever opens a door with TLS need not think of it: the door reads its certificate again, and tells its end. */
Test(web_door, a_certificate_that_changes_is_read_again_and_its_end_told)
{
    const struct gcx_services services = {.log = logs, .figure = figure};
    struct papers papers;
    char why[200];
    papers_make(&papers, "door");
    struct tls *tls = tls_server(&(struct tls_settings){.certificate = papers.certificate,
                                                        .key = papers.key,
                                                        .certificate_setting = "certificate",
                                                        .key_setting = "key"},
                                 why, sizeof why);
    cr_assert_not_null(tls, "%s", why);
    base = event_base_new();
    struct door_calls calls = {.request = on_asked};
    struct door *door = door_new(
        base, &(struct door_options){.known_by = "Authorization", .connections = 1, .per_address = 1, .tls = tls},
        &calls);
    door_tick(door);
    cr_expect_eq(own_s, 0, "nobody is told yet");
    door_tells(door, NULL, &services);
    door_tick(door);
    cr_expect(own_s != 0 && own_s == tls_own_ends_s(tls));
    cr_expect_str_eq(logged, "");
    FILE *file = fopen(papers.certificate, "w");
    cr_assert(file && fputs("no certificate", file) >= 0 && fclose(file) == 0);
    door_tick(door);
    cr_expect(strstr(logged, "certificate: ") && strstr(logged, "the certificates from before go on"), "%s", logged);
    door_free(door);
    event_base_free(base);
    papers_end(&papers);
}

Test(web_door, origins_are_compared_as_browsers_send_them)
{
    char why[200] = "",
         **all = origins_read("https://WWW.Example.com:443, http://a.example:80,https://b.example:8443", why, 200);
    cr_assert(all, "%s", why);
    cr_expect(web_words_have(all, "https://www.example.com") && web_words_have(all, "http://a.example"));
    cr_expect(web_words_have(all, "https://b.example:8443") && !web_words_have(all, "https://b.example"));
    g_strfreev(all);
    cr_expect_null(origins_read("www.example.com", why, sizeof why));
}
