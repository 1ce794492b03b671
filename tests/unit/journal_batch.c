/* tests/unit/journal_batch.c - A batch goes there and back; altered by one bit, it is refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/journal/batch.h"
#include "runtime/vocabulary/events_link.h"

static struct batch sample(struct writer *events)
{
    writer_init(events);
    for (unsigned i = 1; i <= 3; i++) {
        writer_begin(events, KIND_PeerLink);
        writer_u(events, ENVELOPE_source, 16);
        writer_u(events, ENVELOPE_seq, i);
        writer_text(events, PeerLink_peer, "switch");
        writer_end(events);
    }
    struct batch batch = {
        .partition = 1, .epoch = 2, .number = 3, .semantics = 4, .time_us = 5, .digest_before = 6, .count = 3};
    memset(batch.previous, 7, sizeof batch.previous);
    batch.events = (struct span){events->bytes, (uint32_t)events->length};
    return batch;
}

Test(batch, goes_there_and_back, .timeout = 10)
{
    struct writer events;
    struct batch batch = sample(&events), again;
    uint8_t hash[CORE_HASH], read[CORE_HASH];
    uint8_t *bytes = malloc(batch_size(&batch));
    batch_encode(&batch, bytes, hash);
    struct error error = {0};
    cr_assert(batch_decode(&again, (struct span){bytes, (uint32_t)batch_size(&batch)}, read, &error), "%s", error.text);
    cr_assert_eq(memcmp(hash, read, sizeof hash), 0);
    cr_assert(again.partition == 1 && again.epoch == 2 && again.number == 3 && again.semantics == 4);
    cr_assert(again.time_us == 5 && again.digest_before == 6 && again.count == 3);
    cr_assert_eq(memcmp(batch.previous, again.previous, CORE_HASH), 0);
    cr_assert(span_equal(batch.events, again.events));
    free(bytes);
    writer_free(&events);
}

Test(batch, any_altered_bit_and_any_other_length_is_refused, .timeout = 20)
{
    struct writer events;
    struct batch batch = sample(&events), again;
    uint8_t hash[CORE_HASH];
    uint32_t size = (uint32_t)batch_size(&batch);
    uint8_t *bytes = malloc(size + 1), *copy = malloc(size + 1);
    batch_encode(&batch, bytes, hash);
    for (uint32_t bit = 0; bit < size * 8; bit++) {
        memcpy(copy, bytes, size);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct error error = {0};
        cr_assert_not(batch_decode(&again, (struct span){copy, size}, hash, &error));
        cr_assert(error.text[0]);
    }
    for (uint32_t length = 0; length <= size + 1; length++) {
        uint8_t *cut = malloc(length ? length : 1);
        memcpy(cut, bytes, length < size ? length : size);
        if (length > size) cut[size] = 0;
        cr_assert_eq(batch_decode(&again, (struct span){cut, length}, hash, NULL), length == size);
        free(cut);
    }
    free(bytes);
    free(copy);
    writer_free(&events);
}

/* Journals out there hold these very bytes. */
Test(batch, its_encoding_is_frozen, .timeout = 10)
{
    static const uint8_t head[] = {'G', 'C', 'X', 'J', 1, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7};
    static const uint8_t after[] = {7, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0,  0, 0, 6, 0,
                                    0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 60, 0, 0, 0};
    struct writer events;
    struct batch batch = sample(&events);
    uint8_t hash[CORE_HASH];
    uint8_t *bytes = malloc(batch_size(&batch));
    batch_encode(&batch, bytes, hash);
    cr_assert_eq(memcmp(bytes, head, sizeof head), 0);
    cr_assert_eq(memcmp(bytes + BATCH_HEAD - sizeof after, after, sizeof after), 0);
    static const uint8_t begins[] = {0xae, 0xfe, 0xb6, 0xd4};
    cr_assert_eq(memcmp(hash, begins, sizeof begins), 0, "%02x %02x %02x %02x", hash[0], hash[1], hash[2], hash[3]);
    free(bytes);
    writer_free(&events);
}
