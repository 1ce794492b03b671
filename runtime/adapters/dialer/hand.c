/* runtime/adapters/dialer/hand.c - Records on their way to the core: they wait for credit, and may have to go back
 * to their list until the core has answered.
 *
 * One queue has the records and the answers after them, so that the core gets an answer after the records that it
 * counts. `offered` has the records that the core has not answered yet: a record that the core refuses goes back to
 * its list, one that was forgotten meanwhile is not sent. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/dialer/dialer.h"

struct waits {
    int64_t record; /* 0: an EventDone */
    char campaign[LISTS_WORD_MAX + 1];
    GBytes *frame;
};

static void waits_free(gpointer data)
{
    struct waits *waits = data;
    g_bytes_unref(waits->frame);
    g_free(waits);
}

void hand_records(struct dialer *dialer, GPtrArray *records)
{
    for (guint i = 0; records && i < records->len; i++) {
        const struct handed_record *handed = records->pdata[i];
        struct waits *waits = g_new0(struct waits, 1);
        assert(handed->frame);
        int64_t *key = g_new(int64_t, 1), *version = g_new(int64_t, 1);
        waits->record = *key = handed->record, *version = handed->version;
        memcpy(waits->campaign, handed->campaign, sizeof waits->campaign);
        waits->frame = g_bytes_ref(handed->frame);
        g_hash_table_replace(dialer->offered, key, version);
        g_queue_push_tail(&dialer->handed, waits);
    }
    hand_flush(dialer);
}

void hand_done(struct dialer *dialer, struct span frame)
{
    assert(frame.length > 0);
    struct waits *waits = g_new0(struct waits, 1);
    waits->frame = g_bytes_new(frame.bytes, frame.length);
    g_queue_push_tail(&dialer->handed, waits);
    hand_flush(dialer);
}

void hand_flush(struct dialer *dialer)
{
    struct waits *first;
    while ((first = g_queue_peek_head(&dialer->handed))) {
        assert(first->frame);
        gsize length;
        const uint8_t *bytes = g_bytes_get_data(first->frame, &length);
        bool wanted = first->record == 0 || g_hash_table_contains(dialer->offered, &first->record);
        if (wanted && !dialer->services->post(dialer->link, (struct span){bytes, (uint32_t)length})) return;
        waits_free(g_queue_pop_head(&dialer->handed));
    }
}

void hand_forget(struct dialer *dialer, int64_t record)
{
    g_hash_table_remove(dialer->offered, &record);
}

void hand_forget_campaign(struct dialer *dialer, struct span name)
{
    for (GList *at = dialer->handed.head; at; at = at->next) {
        struct waits *waits = at->data;
        if (waits->record != 0 && span_is(name, waits->campaign)) hand_forget(dialer, waits->record);
    }
}

void hand_forget_all(struct dialer *dialer)
{
    g_queue_clear_full(&dialer->handed, waits_free);
    g_hash_table_remove_all(dialer->offered);
}
