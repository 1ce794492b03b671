/* tests/unit/sms_link.c - Gateways and strangers at the listener of SMPP, on sockets of loopback. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/sms/link.h"
#include "runtime/adapters/sms/setting.h"

TestSuite(sms_link, .timeout = 30);

enum { SECOND = 1000000, MANY = 200 };

static struct event_base *base;
static uint64_t clock_us = SECOND;
static unsigned port, refused, lines;
static char last[200], folder[] = "/tmp/sms_link-XXXXXX", peers[64];
static struct sms_links *links;
static struct sms_setting setting;

static struct event_base *link_base(struct gcx_link *link)
{
    (void)link;
    return base;
}

static uint64_t link_now(const struct gcx_link *link)
{
    (void)link;
    return clock_us;
}

__attribute__((format(printf, 5, 6))) static void link_log(struct gcx_link *link, int level, uint64_t ixn,
                                                           uint64_t conn, const char *format, ...)
{
    va_list arguments;
    (void)link, (void)level, (void)ixn, (void)conn;
    va_start(arguments, format);
    vsnprintf(last, sizeof last, format, arguments);
    va_end(arguments);
    if (sscanf(last, "listen: port %u", &port) != 1) lines++;
}

static void link_count(struct gcx_link *link, const char *name, int64_t more)
{
    (void)link;
    if (strcmp(name, "strangers_refused") == 0) refused += (unsigned)more;
}

static void link_changed(void *self)
{
    (void)self;
}

static const struct gcx_services services = {
    .base = link_base, .now_us = link_now, .log = link_log, .count = link_count};

static void are_peers(const char *text)
{
    FILE *file = fopen(peers, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(peers, 0600) == 0);
}

static void listens(unsigned connections)
{
    static const struct sms_link_calls calls = {.changed = link_changed};
    char why[200];
    cr_assert(mkdtemp(folder));
    snprintf(peers, sizeof peers, "%s/peers", folder);
    are_peers("gw secret\n");
    setting = (struct sms_setting){.provider = "",
                                   .system_id = "",
                                   .password_file = "",
                                   .system_type = "",
                                   .ca = "",
                                   .certificate = "",
                                   .key = "",
                                   .port_file = "",
                                   .listen = "127.0.0.1:0",
                                   .peers = peers,
                                   .connections = connections,
                                   .window = 10,
                                   .response = 30,
                                   .enquire = 3600};
    cr_assert(setting_peers_again(&setting, &(struct watched_lost){0}, why, sizeof why), "%s", why);
    base = event_base_new();
    links = sms_links_new(NULL, &services, &setting, &calls, why, sizeof why);
    cr_assert(links, "%s", why);
    cr_assert(port > 0);
}

static void ends(void)
{
    sms_links_free(links);
    event_base_free(base);
    unlink(peers);
    rmdir(folder);
}

/* A connection from 127.0.0.`host`, accepted. */
static int connects(unsigned host)
{
    char own[32], to[32], why[200];
    struct address from, door;
    snprintf(own, sizeof own, "127.0.0.%u:0", host);
    snprintf(to, sizeof to, "127.0.0.1:%u", port);
    cr_assert(address_parse(&from, own, why, sizeof why) && address_parse(&door, to, why, sizeof why));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(fd, (struct sockaddr *)&from.socket, (socklen_t)from.length) == 0);
    cr_assert(connect(fd, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return fd;
}

/* The status with which a bind is answered. */
static unsigned binds_as(int fd, const char *name, const char *password)
{
    struct pdu pdu = {.command = PDU_bind_transceiver, .sequence = 1, .version = 0x34};
    uint8_t bytes[PDU_MAX], head[16];
    snprintf(pdu.system_id, sizeof pdu.system_id, "%s", name);
    snprintf(pdu.password, sizeof pdu.password, "%s", password);
    size_t length = pdu_write(&pdu, bytes);
    cr_assert(send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
    for (int tries = 0; recv(fd, head, sizeof head, MSG_DONTWAIT | MSG_PEEK) < (ssize_t)sizeof head; tries++) {
        cr_assert(tries < 1000, "a bind has no answer");
        event_base_loop(base, EVLOOP_NONBLOCK);
        usleep(1000);
    }
    return (unsigned)head[8] << 24 | (unsigned)head[9] << 16 | (unsigned)head[10] << 8 | head[11];
}

static unsigned binds(int fd, const char *password)
{
    return binds_as(fd, "gw", password);
}

static bool is_closed(int fd)
{
    char byte;
    event_base_loop(base, EVLOOP_NONBLOCK);
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

Test(sms_link, strangers_who_say_nothing_shut_no_gateway_out)
{
    listens(2);
    int first = connects(2), fds[MANY], again, third;
    cr_assert_eq(binds(first, "secret"), STATUS_OK);
    /* 200 strangers of 20 addresses, and 40 more of the gateway's own. */
    for (unsigned n = 0; n < MANY; n++) fds[n] = connects(3 + n % 20);
    for (unsigned n = 0; n < 40; n++) connects(2);
    again = connects(2);
    cr_assert_eq(binds(again, "secret"), STATUS_OK);
    cr_assert(is_closed(fds[0]), "the longest silent stranger has not made room");
    cr_assert_not(is_closed(fds[MANY - 1]), "a new stranger has made room");
    cr_assert_not(is_closed(fds[MANY - 40]), "one address has taken more than its share");
    cr_assert_not(is_closed(first), "a gateway has made room");
    cr_assert_gt(refused, 100);
    cr_assert_lt(lines, 20, "%u lines of the log are a flood", lines);
    /* As many as `connections` are bound: one more hears why, and has a place when one has gone. */
    third = connects(30);
    cr_assert_eq(binds(third, "secret"), STATUS_THROTTLED);
    shutdown(first, SHUT_WR);
    while (!strstr(last, "peer gw: the connection was closed")) event_base_loop(base, EVLOOP_ONCE);
    third = connects(30);
    cr_assert_eq(binds(third, "secret"), STATUS_OK);
    ends();
}

Test(sms_link, a_stranger_has_ten_seconds_and_a_wrong_one_no_place_at_all)
{
    listens(2);
    int silent = connects(2), gateway = connects(4);
    cr_assert_eq(binds(gateway, "secret"), STATUS_OK);
    for (unsigned n = 0; n < 2 * MANY; n++) { /* none of these keeps its place until the tick */
        int wrong = connects(3);
        cr_assert_eq(binds(wrong, "guess"), STATUS_BIND_FAILED);
        if (n % 2) close(wrong);
    }
    cr_assert_eq(binds(connects(3), "secre"), STATUS_BIND_FAILED);
    cr_assert_eq(binds(connects(3), "secret1"), STATUS_BIND_FAILED);
    cr_assert_eq(binds(connects(3), ""), STATUS_BIND_FAILED);
    cr_assert_eq(binds_as(connects(3), "gateway", "secret"), STATUS_BIND_FAILED);
    cr_assert_eq(binds_as(connects(3), "", ""), STATUS_BIND_FAILED);
    cr_assert_eq(binds(connects(3), "secret"), STATUS_OK);
    clock_us += 10 * SECOND;
    sms_links_tick(links);
    cr_assert_not(is_closed(silent));
    clock_us += 1;
    sms_links_tick(links);
    sms_links_tick(links); /* which frees it */
    cr_assert(is_closed(silent), "a stranger stays for longer than ten seconds");
    cr_assert_not(is_closed(gateway));
    ends();
}

Test(sms_link, a_bind_ends_with_the_password_that_it_was_made_by)
{
    char why[200];
    listens(2);
    int gateway = connects(2);
    cr_assert_eq(binds(gateway, "secret"), STATUS_OK);
    are_peers("other secret\ngw secret\n");
    cr_assert(setting_peers_again(&setting, &(struct watched_lost){0}, why, sizeof why), "%s", why);
    sms_links_refresh(links);
    cr_assert_not(strstr(last, "another password"), "who is in the file still has gone");
    are_peers("other secret\ngw fresh\n");
    cr_assert(setting_peers_again(&setting, &(struct watched_lost){0}, why, sizeof why), "%s", why);
    sms_links_refresh(links);
    cr_assert(strstr(last, "peer gw: `peers` has another password"), "%s", last);
    sms_links_tick(links); /* which frees it */
    cr_assert_eq(binds(connects(2), "secret"), STATUS_BIND_FAILED);
    cr_assert_eq(binds(connects(2), "fresh"), STATUS_OK);
    ends();
}
