/* tests/unit/daemon_handover.c - What one thread puts, the other takes: all of it, once, in order. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/daemon/engine/handover.h"

enum { ITEMS = 20000 };

struct taken {
    uint64_t next;
    unsigned wrong;
};

static void check(void *self, const struct handover_item *item)
{
    struct taken *taken = self;
    char expected[32];
    snprintf(expected, sizeof expected, "frame %llu", (unsigned long long)taken->next);
    if (item->seq != taken->next || item->source != taken->next % 7 || !span_is(item->frame, expected)) taken->wrong++;
    if (((uintptr_t)item->frame.bytes & 7) != 0) taken->wrong++;
    taken->next++;
}

static void *putter(void *self)
{
    for (uint64_t i = 0; i < ITEMS; i++) {
        char text[32];
        snprintf(text, sizeof text, "frame %llu", (unsigned long long)i);
        handover_put(self, &(struct handover_item){
                               .kind = HANDOVER_EFFECT, .source = (unsigned)(i % 7), .seq = i, .frame = span_of(text)});
    }
    return NULL;
}

Test(daemon_handover, everything_arrives_once_and_in_order, .timeout = 20)
{
    struct handover *handover = handover_new();
    struct pollfd wake = {.fd = handover_fd(handover), .events = POLLIN};
    struct taken taken = {0};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, putter, handover), 0);
    while (taken.next < ITEMS) {
        cr_assert_eq(poll(&wake, 1, 10000), 1, "woken for what is there");
        handover_take(handover, check, &taken);
    }
    pthread_join(thread, NULL);
    cr_expect_eq(taken.wrong, 0);
    handover_take(handover, check, &taken);
    cr_expect_eq(taken.next, ITEMS);
    cr_expect_eq(poll(&wake, 1, 0), 0, "nothing is there");
    handover_free(handover);
}

static void nothing(void *self, const struct handover_item *item)
{
    (void)self;
    (void)item;
}

Test(daemon_handover, it_is_full_above_its_bound_until_it_was_taken, .timeout = 20)
{
    struct handover *handover = handover_new();
    static uint8_t frame[1024 * 1024];
    unsigned count = 0;
    while (!handover_full(handover)) {
        handover_put(handover, &(struct handover_item){.kind = HANDOVER_EFFECT, .frame = {frame, sizeof frame}});
        count++;
    }
    cr_assert_eq(count, HANDOVER_MAX / sizeof frame);
    cr_assert(handover_take(handover, nothing, NULL), "the core is to be told");
    cr_assert_not(handover_full(handover));
    cr_assert_not(handover_take(handover, nothing, NULL));
    handover_free(handover);
}
