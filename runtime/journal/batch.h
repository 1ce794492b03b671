/* runtime/journal/batch.h - The bytes of a batch, as a row of the journal has them.
 *
 * Little-endian: "GCXJ", format u16, partition u16, epoch u64, number u64, previous 32 bytes, semantics u32, time
 * u64, digest u64, count u32, length of the events u32, the events, the sealed secrets if the format has the bit
 * BATCH_SEALED (secrets.h), and the BLAKE2b-256 of everything before it. The next batch has this hash as `previous`:
 * so neither a row nor the order of rows can be altered unnoticed. Equal batches have equal bytes. */
#pragma once

#include "runtime/core/core.h"
#include "base/error.h"

enum {
    BATCH_FORMAT = 1,
    BATCH_SEALED = 0x8000,
    BATCH_HEAD = 4 + 2 + 2 + 8 + 8 + CORE_HASH + 4 + 8 + 8 + 4 + 4,
    BATCH_ENCODED_MAX = BATCH_HEAD + BATCH_BYTES_MAX + CORE_HASH,
};

/* Returns the size of the encoded batch in bytes. The batch must be within its limits. */
size_t batch_size(const struct batch *);
/* Writes the batch's batch_size() bytes to `out`, and to `hash` their hash, which is also their last part. */
void batch_encode(const struct batch *, uint8_t *out, uint8_t hash[CORE_HASH]);
/* Reads a batch, which borrows `bytes`, and writes its hash to `hash`. False: the bytes are not exactly one whole,
 * unaltered batch. */
bool batch_decode(struct batch *, struct span bytes, uint8_t hash[CORE_HASH], struct error *);
