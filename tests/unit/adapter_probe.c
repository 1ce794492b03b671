/* tests/unit/adapter_probe.c - What a probe tells of its neighbour: as looks and those who need it find it. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/probe.h"

TestSuite(probe, .timeout = 20);

enum { LOOKS = 8 };

static struct event_base *base;
static struct probe *probe;
static uint64_t clock_us = 1000000;
static char told[2000];
static sem_t may_look;  /* each look waits for its post */
static sem_t has_begun; /* and has posted this one before */
static bool is_there[LOOKS], was_thorough[LOOKS];
static unsigned looked, backs;

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

static void link_neighbour(struct gcx_link *link, const char *name, bool up, const char *why)
{
    size_t length = strlen(told);
    (void)link;
    snprintf(told + length, sizeof told - length, "%s %s %s; ", name, up ? "up" : "away", why ? why : "");
}

static void link_figure(struct gcx_link *link, const char *name, int64_t value)
{
    size_t length = strlen(told);
    (void)link;
    snprintf(told + length, sizeof told - length, "%s=%lld; ", name, (long long)value);
}

static const struct gcx_services services = {
    .base = link_base, .now_us = link_now, .neighbour = link_neighbour, .figure = link_figure};

static bool store_there(void *self, bool thorough, char *why, size_t why_size)
{
    cr_assert_eq(self, &backs);
    sem_post(&has_begun);
    sem_wait(&may_look);
    bool there = is_there[looked];
    if (!there) snprintf(why, why_size, "look %u", looked);
    was_thorough[looked++] = thorough;
    return there;
}

static void store_back(void *self)
{
    ++*(unsigned *)self;
}

static int64_t store_expires(void *self)
{
    (void)self;
    return looked == 1 ? 4711 : 0;
}

static void begin(void)
{
    base = event_base_new();
    sem_init(&may_look, 0, 0);
    sem_init(&has_begun, 0, 0);
    probe = probe_new(
        NULL, &services, "store",
        &(struct probe_calls){.self = &backs, .there = store_there, .back = store_back, .expires_s = store_expires});
    cr_assert(probe);
}

static void end(void)
{
    for (unsigned i = 0; i < LOOKS; i++) sem_post(&may_look);
    probe_free(probe);
    event_base_free(base);
}

static void turns(unsigned ms)
{
    for (unsigned i = 0; i < ms; i++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void until_told(const char *words)
{
    for (unsigned i = 0; i < 10000 && strcmp(told, words) != 0; i++) turns(1);
    cr_assert_str_eq(told, words);
    *told = '\0';
}

static void until_begun(void)
{
    while (sem_trywait(&has_begun) != 0) turns(1); /* else the test's time ends it */
}

/* The next look finds it so. */
static void look(bool there)
{
    is_there[looked] = there;
    sem_post(&may_look);
}

Test(probe, a_neighbour_is_up_until_a_look_does_not_find_it_and_again_when_one_does, .init = begin, .fini = end)
{
    until_told("store up ; ");
    look(false);
    until_told("certificate.store=4711; store away look 0; ");
    look(false); /* a second later */
    until_told("store away look 1; ");
    cr_assert_eq(backs, 0);
    probe_now(probe);
    look(true);
    until_told("store up ; ");
    cr_assert_eq(backs, 1);
    probe_now(probe);
    look(true);
    until_told("store up ; ");
    cr_assert_eq(backs, 1, "it was not away");
    cr_assert(!was_thorough[0] && was_thorough[1] && was_thorough[2] && !was_thorough[3]);
}

Test(probe, what_fails_is_away_until_a_look_that_began_afterwards, .init = begin, .fini = end)
{
    until_told("store up ; ");
    until_begun();
    probe_failed(probe, "it takes nothing");
    until_told("store away it takes nothing; ");
    look(true);
    until_told("certificate.store=4711; ");
    cr_assert_eq(backs, 0, "that look began before");
    look(true);
    until_told("store up ; ");
    cr_assert(backs == 1 && !was_thorough[0] && was_thorough[1]);
}

/* A server that answers, and does not take our token: a look that asks for nothing would say that all is well. */
Test(probe, what_is_refused_is_away_until_it_is_done, .init = begin, .fini = end)
{
    until_told("store up ; ");
    probe_refused(probe, "no such token");
    until_told("store away no such token; ");
    look(true);
    until_told("certificate.store=4711; store away no such token; ");
    probe_now(probe);
    look(false);
    until_told("store away look 1; ");
    probe_answered(probe);
    until_told("store up ; ");
    probe_now(probe);
    look(true);
    until_told("store up ; ");
}

Test(probe, a_look_that_hangs_is_told, .init = begin, .fini = end)
{
    until_told("store up ; ");
    until_begun();
    look(false); /* who is away is looked at each second, so that this takes one */
    until_told("certificate.store=4711; store away look 0; ");
    probe_now(probe);
    until_begun();
    cr_assert_str_eq(told, "", "it has time");
    clock_us += 15000000;
    until_told("store away it has not answered for 15 s; ");
    cr_assert_eq(looked, 1);
    look(true);
    until_told("store up ; ");
}

Test(probe, somebody_listens_at_an_address_or_the_reason_is_told)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof at;
    char text[40], why[200] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&at, length) == 0 && listen(fd, 1) == 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(at.sin_port));
    cr_assert(probe_connects(text, why, sizeof why), "%s", why);
    close(fd);
    cr_assert_not(probe_connects(text, why, sizeof why));
    cr_assert(strstr(why, text) && strstr(why, "refused"), "%s", why);
    cr_assert_not(probe_connects("nowhere", why, sizeof why));
    cr_assert_not(probe_connects("255.255.255.255:9", why, sizeof why), "the kernel refuses it at once");
}
