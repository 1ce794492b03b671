/* tests/unit/core_pacing_kept.c - What a pacer knows is read as it was written, and what no facts can have made is not.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "vm/keep.h"
#include "tests/unit/pacer_made.h"

TestSuite(core_pacing_kept, .timeout = 30);

static bool written(void *self, const void *bytes, size_t length)
{
    (void)self;
    return bytes || length == 0;
}

static bool is_kept(struct pacer pacer)
{
    struct error error;
    struct keeper *keeper = keep_begin_write(written, NULL);
    pacer_keep(&pacer, keeper, SECOND_US);
    return keep_finish(keeper, &error);
}

struct kept_bytes {
    uint8_t bytes[1 << 14];
    size_t length, at;
};

static bool bytes_keep(void *self, const void *bytes, size_t length)
{
    struct kept_bytes *kept = self;
    if (kept->length + length > sizeof kept->bytes) return false;
    memcpy(kept->bytes + kept->length, bytes, length);
    kept->length += length;
    return true;
}

Test(core_pacing_kept, a_pacer_is_read_as_it_was_written)
{
    struct pacer pacer = made(rules(PACER_progressive)), read;
    static struct kept_bytes kept;
    struct error error;
    memset(&read, 0, sizeof read);
    for (unsigned n = 0; n < 40; n++) tried(&pacer, HOUR_US + n * SECOND_US, n % 8 == 7);
    asked(&pacer, HOUR_US + 60 * SECOND_US, 20, 0);
    pacer_lets_go(&pacer, SECOND_US);
    cr_assert(pacer.pause_us != 0 && pacer.again_us != 0 && pacer.tardy != 0 && pacer.prompt != 0);
    struct keeper *keeper = keep_begin_write(bytes_keep, &kept);
    pacer_keep(&pacer, keeper, HOUR_US + 60 * SECOND_US);
    cr_assert(keep_finish(keeper, &error), "%s", error.text);
    keeper = keep_begin_read(kept.bytes, kept.length);
    keep_set_version(keeper, PACER_VERSION);
    pacer_keep(&read, keeper, HOUR_US + 60 * SECOND_US);
    cr_assert(keep_finish(keeper, &error), "%s", error.text);
    cr_assert_eq(memcmp(&pacer, &read, sizeof read), 0);
}

#define KEPT_WITH(change) ((change), is_kept(pacer))

/* What no facts can have made is refused, and so it is in a snapshot that somebody has changed. */
Test(core_pacing_kept, what_no_facts_can_have_made_is_not_kept)
{
    const struct pacer good = made(rules(PACER_predictive));
    struct pacer pacer = good;
    cr_assert(KEPT_WITH((pacer.highest = CHANCE_ONE, pacer.block_answered = pacer.block_ended = 31)));
    cr_assert_not(KEPT_WITH(pacer.highest = CHANCE_ONE + UINT64_C(1)));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.block_answered = pacer.block_ended = 32));
    cr_assert_not(KEPT_WITH((pacer.block_answered = 3, pacer.block_ended = 2)));
    pacer = good;
    cr_assert(KEPT_WITH((pacer.followed_us = pacer.aged_us = pacer.asked_us = SECOND_US)));
    cr_assert_not(KEPT_WITH(pacer.followed_us = SECOND_US + 1));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.aged_us = SECOND_US + 1));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.asked_us = SECOND_US + 1));
    pacer = good;
    cr_assert(KEPT_WITH((pacer.busy = pacer.eased = CHANCE_ONE)));
    cr_assert_not(KEPT_WITH(pacer.busy = CHANCE_ONE + UINT64_C(1)));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.eased = CHANCE_ONE + 1));
    pacer = good;
    cr_assert(KEPT_WITH((pacer.tardy = pacer.prompt = 1 << 24)));
    cr_assert_not(KEPT_WITH(pacer.tardy = (1 << 24) + 1));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.prompt = (1 << 24) + 1));
    pacer = good;
    cr_assert(KEPT_WITH(pacer.pause_us = 24 * HOUR_US));
    cr_assert_not(KEPT_WITH(pacer.pause_us = 24 * HOUR_US + 1));
    pacer = good;
    cr_assert(KEPT_WITH((pacer.came = pacer.expected = 32 * ANSWER_ONE)));
    cr_assert_not(KEPT_WITH(pacer.came = 32 * ANSWER_ONE + 1));
    pacer = good;
    cr_assert_not(KEPT_WITH(pacer.expected = 32 * ANSWER_ONE + 1));
}
