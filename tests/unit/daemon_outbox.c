/* tests/unit/daemon_outbox.c - What one thread puts, the other takes: all of it, once, in order. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/daemon/engine/outbox.h"

enum { ITEMS = 20000 };

struct taken {
    uint64_t next;
    unsigned wrong;
};

static void check(void *self, const struct outbox_item *item)
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
        outbox_put(self, &(struct outbox_item){
                             .kind = OUTBOX_EFFECT, .source = (unsigned)(i % 7), .seq = i, .frame = span_of(text)});
    }
    return NULL;
}

Test(daemon_outbox, everything_arrives_once_and_in_order, .timeout = 20)
{
    struct outbox *outbox = outbox_new();
    struct pollfd wake = {.fd = outbox_fd(outbox), .events = POLLIN};
    struct taken taken = {0};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, putter, outbox), 0);
    while (taken.next < ITEMS) {
        cr_assert_eq(poll(&wake, 1, 10000), 1, "woken for what is there");
        outbox_take(outbox, check, &taken);
    }
    pthread_join(thread, NULL);
    cr_expect_eq(taken.wrong, 0);
    outbox_take(outbox, check, &taken);
    cr_expect_eq(taken.next, ITEMS);
    cr_expect_eq(poll(&wake, 1, 0), 0, "nothing is there");
    outbox_free(outbox);
}

static void nothing(void *self, const struct outbox_item *item)
{
    (void)self;
    (void)item;
}

Test(daemon_outbox, it_is_full_above_its_bound_until_it_was_taken, .timeout = 20)
{
    struct outbox *outbox = outbox_new();
    static uint8_t frame[1024 * 1024];
    unsigned count = 0;
    while (!outbox_full(outbox)) {
        outbox_put(outbox, &(struct outbox_item){.kind = OUTBOX_EFFECT, .frame = {frame, sizeof frame}});
        count++;
    }
    cr_assert_eq(count, OUTBOX_MAX / sizeof frame);
    cr_assert(outbox_take(outbox, nothing, NULL), "the core is to be told");
    cr_assert_not(outbox_full(outbox));
    cr_assert_not(outbox_take(outbox, nothing, NULL));
    outbox_free(outbox);
}
