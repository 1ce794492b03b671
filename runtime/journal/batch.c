/* runtime/journal/batch.c - Encodes and decodes batches.
 *
 *     | magic | format | partition | epoch | number | hash of the batch before |
 *     | semantics | time | digest before | count and bytes of the events | frames | sealed | hash |
 *
 * Each batch contains the hash of the batch before, so the journal is a chain: an altered batch is noticed at the
 * next one, if not by its own hash. Numbers are little endian. */
#include "runtime/journal/batch.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

static const char batch_magic[4] = {'G', 'C', 'X', 'J'};

struct batch_place {
    uint8_t *out;
    const uint8_t *in;
};

/* Writes a number, lowest byte first, so that a journal can be read on any machine. */
static void batch_put(struct batch_place *place, uint64_t word, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) *place->out++ = (uint8_t)(word >> (8 * i));
}

static uint64_t batch_get(struct batch_place *place, unsigned bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < bytes; i++) word |= (uint64_t)*place->in++ << (8 * i);
    return word;
}

size_t batch_size(const struct batch *batch)
{
    return BATCH_HEAD + (size_t)batch->events.length + batch->sealed.length + CORE_HASH;
}

void batch_encode(const struct batch *batch, uint8_t *out, uint8_t hash[CORE_HASH])
{
    assert(batch->count <= BATCH_EVENTS_MAX && batch->events.length <= BATCH_BYTES_MAX);
    struct batch_place place = {.out = out};
    memcpy(place.out, batch_magic, sizeof batch_magic);
    place.out += sizeof batch_magic;
    batch_put(&place, batch->sealed.length ? BATCH_FORMAT | BATCH_SEALED : BATCH_FORMAT, 2);
    batch_put(&place, batch->partition, 2);
    batch_put(&place, batch->epoch, 8);
    batch_put(&place, batch->number, 8);
    memcpy(place.out, batch->previous, CORE_HASH);
    place.out += CORE_HASH;
    batch_put(&place, batch->semantics, 4);
    batch_put(&place, batch->time_us, 8);
    batch_put(&place, batch->digest_before, 8);
    batch_put(&place, batch->count, 4);
    batch_put(&place, batch->events.length, 4);
    assert(place.out == out + BATCH_HEAD);
    if (batch->events.length) memcpy(place.out, batch->events.bytes, batch->events.length);
    place.out += batch->events.length;
    if (batch->sealed.length) memcpy(place.out, batch->sealed.bytes, batch->sealed.length);
    place.out += batch->sealed.length;
    crypto_generichash(hash, CORE_HASH, out, (size_t)(place.out - out), NULL, 0);
    memcpy(place.out, hash, CORE_HASH);
}

/* Do the bytes contain exactly as many whole events as the batch's count? */
static bool whole_events(const struct batch *batch)
{
    uint32_t at = 0, count = 0;
    while (at < batch->events.length) {
        size_t size = message_frame_size(batch->events.bytes + at, batch->events.length - at);
        if (size < MESSAGE_HEADER || size > batch->events.length - at) return false;
        at += (uint32_t)size;
        count++;
    }
    return count == batch->count;
}

static bool batch_refuse(struct error *error, const char *why)
{
    return error_set(error, ERROR_INPUT, "%s", why);
}

/* Decodes a batch; everything is checked before anything is used, and the spans point into `bytes`. */
bool batch_decode(struct batch *batch, struct span bytes, uint8_t hash[CORE_HASH], struct error *error)
{
    if (bytes.length < BATCH_HEAD + CORE_HASH || memcmp(bytes.bytes, batch_magic, sizeof batch_magic) != 0)
        return batch_refuse(error, "it is cut short, or no batch");
    struct batch_place place = {.in = bytes.bytes + sizeof batch_magic};
    batch->passed = NULL;
    batch->passed_count = 0;
    uint64_t format = batch_get(&place, 2);
    bool sealed = format & BATCH_SEALED;
    format &= ~(uint64_t)BATCH_SEALED;
    if (format != BATCH_FORMAT)
        return error_set(error, ERROR_VERSION, "it has format %" PRIu64 "; this program reads %d", format,
                         BATCH_FORMAT);
    batch->partition = (uint16_t)batch_get(&place, 2);
    batch->epoch = batch_get(&place, 8);
    batch->number = batch_get(&place, 8);
    memcpy(batch->previous, place.in, CORE_HASH);
    place.in += CORE_HASH;
    batch->semantics = (uint32_t)batch_get(&place, 4);
    batch->time_us = batch_get(&place, 8);
    batch->digest_before = batch_get(&place, 8);
    batch->count = (uint32_t)batch_get(&place, 4);
    uint32_t length = (uint32_t)batch_get(&place, 4);
    uint32_t rest = bytes.length - BATCH_HEAD - CORE_HASH;
    if (sealed ? length >= rest : length != rest) return batch_refuse(error, "it has another length than it says");
    if (batch->count > BATCH_EVENTS_MAX || length > BATCH_BYTES_MAX)
        return batch_refuse(error, "it is larger than allowed");
    batch->events = (struct span){place.in, length};
    batch->sealed = (struct span){place.in + length, rest - length};
    crypto_generichash(hash, CORE_HASH, bytes.bytes, bytes.length - CORE_HASH, NULL, 0);
    if (memcmp(hash, bytes.bytes + bytes.length - CORE_HASH, CORE_HASH) != 0)
        return batch_refuse(error, "it was altered: its hash is another");
    return whole_events(batch) || batch_refuse(error, "its events are malformed");
}
