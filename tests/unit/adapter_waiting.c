/* tests/unit/adapter_waiting.c - Effects without credit: of notices the newest is enough, and there is a bound. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/adapter/waiting.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"

struct desk {
    struct waiting waiting;
    struct writer writer;
};

static struct span effect(struct desk *desk, uint64_t ref)
{
    writer_clear(&desk->writer);
    writer_begin(&desk->writer, KIND_Cancel);
    writer_u(&desk->writer, ENVELOPE_source, 16);
    writer_u(&desk->writer, ENVELOPE_ref, ref);
    return writer_end(&desk->writer);
}

/* A change of user data: one key set, one deleted. */
static void change(struct desk *desk, uint64_t conn, uint64_t revision, const char *key, const char *value,
                   const char *deleted)
{
    struct kv kv;
    kv_init(&kv);
    if (key) kv_put_text(&kv, key, span_of(value));
    writer_clear(&desk->writer);
    writer_begin(&desk->writer, KIND_EventAttachedDataChanged);
    writer_u(&desk->writer, ENVELOPE_source, 16);
    writer_conn(&desk->writer, ENVELOPE_conn, conn);
    writer_u(&desk->writer, EventAttachedDataChanged_revision, revision);
    writer_kv(&desk->writer, EventAttachedDataChanged_changed, &kv);
    writer_list_begin(&desk->writer, EventAttachedDataChanged_deleted);
    if (deleted) writer_list_text(&desk->writer, span_of(deleted));
    writer_list_end(&desk->writer);
    kv_free(&kv);
    cr_assert(waiting_add(&desk->waiting, writer_end(&desk->writer)));
}

static struct message next_of(struct waiting *waiting)
{
    static uint8_t kept[MESSAGE_FRAME_MAX];
    struct message message;
    struct span frame;
    cr_assert(waiting_first(waiting, &frame));
    memcpy(kept, frame.bytes, frame.length);
    waiting_drop_first(waiting);
    cr_assert(message_read(&message, kept, frame.length, NULL));
    return message;
}

Test(waiting, changes_of_data_become_one_that_says_all_of_them, .timeout = 10)
{
    struct desk desk = {0};
    change(&desk, 1, 1, "a", "old", "b");
    change(&desk, 2, 1, "a", "other", NULL);
    cr_assert(waiting_add(&desk.waiting, effect(&desk, 7)));
    change(&desk, 1, 2, "b", "back", NULL);
    change(&desk, 1, 3, "a", "new", "c");
    cr_assert_eq(desk.waiting.count, 3);
    cr_assert_eq(desk.waiting.merged, 2);
    struct message first = next_of(&desk.waiting), last;
    cr_assert_eq(message_u(&first, ENVELOPE_conn), 2, "another call's is another");
    cr_assert_eq(next_of(&desk.waiting).kind, KIND_Cancel);
    last = next_of(&desk.waiting);
    struct span changed = message_text(&last, EventAttachedDataChanged_changed);
    struct span deleted = message_text(&last, EventAttachedDataChanged_deleted), text;
    struct kv_value value;
    cr_assert_eq(message_u(&last, EventAttachedDataChanged_revision), 3);
    cr_assert(kv_get(changed, "a", &value) && span_is(value.span, "new"));
    cr_assert(kv_get(changed, "b", &value) && span_is(value.span, "back"), "deleted, and there again");
    uint32_t at = 0;
    cr_assert(message_next_text(deleted, &at, &text) && span_is(text, "c"));
    cr_assert_not(message_next_text(deleted, &at, &text));
    waiting_free(&desk.waiting);
    writer_free(&desk.writer);
}

Test(waiting, it_is_bounded, .timeout = 60)
{
    struct desk desk = {0};
    unsigned count = 0;
    while (waiting_add(&desk.waiting, effect(&desk, count + 1))) count++;
    cr_assert_eq(count, WAITING_COUNT_MAX);
    for (unsigned i = 0; i < 10; i++) {
        struct message message = next_of(&desk.waiting);
        cr_assert_eq(message_u(&message, ENVELOPE_ref), i + 1);
    }
    change(&desk, 1, 1, "a", "1", NULL);
    for (unsigned i = 0; i < 100; i++) change(&desk, 1, 2 + i, "a", "2", NULL);
    cr_assert_eq(desk.waiting.count, WAITING_COUNT_MAX - 9);
    waiting_free(&desk.waiting);
    cr_assert_eq(desk.waiting.bytes, 0);
    writer_free(&desk.writer);
}
