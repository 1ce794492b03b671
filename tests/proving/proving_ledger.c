/* tests/proving/proving_ledger.c - The promises to the outside, noted when they are made: an event was acknowledged,
 * an effect was seen. proving_close.c checks whether each promise was kept. */
#include <inttypes.h>
#include <stdlib.h>
#include <xxhash.h>

#include "tests/proving/proving_state.h"
#include "base/memory.h"

uint64_t proving_frame_hash(struct span frame)
{
    return XXH3_64bits(frame.bytes, frame.length);
}

void proving_hash_add(uint64_t **hashes, size_t *count, uint64_t hash)
{
    *hashes = memory_more(*hashes, *count, sizeof **hashes);
    (*hashes)[(*count)++] = hash;
}

void proving_ledger_free(struct proving_ledger *ledger)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++) free(ledger->acknowledged[i]);
    free(ledger->released);
}

void proving_acknowledged(struct proving *world, unsigned link, uint64_t seq, struct span frame)
{
    struct proving_ledger *ledger = &world->ledger;
    uint64_t **hashes = &ledger->acknowledged[link - PROVING_SWITCH];
    size_t *count = &ledger->acknowledged_count[link - PROVING_SWITCH];
    if (seq <= *count) proving_fail(world, "link %u: event %" PRIu64 " is acknowledged twice", link, seq);
    while (*count + 1 < seq) proving_hash_add(hashes, count, 0); /* 0 for events of an adapter's earlier process */
    proving_hash_add(hashes, count, proving_frame_hash(frame));
}

void proving_released(struct proving *world, struct span frame)
{
    uint64_t hash = proving_frame_hash(frame);
    proving_hash_add(&world->ledger.released, &world->ledger.released_count, hash);
    proving_note(world, hash);
}

void proving_knows(struct proving *world, const struct core *core)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++) {
        uint64_t last = core_last_seq(core, PROVING_SWITCH + i);
        if (last < world->ledger.acknowledged_count[i])
            proving_fail(world, "link %u: %zu events were acknowledged, and %" PRIu64 " are there after a restart",
                         PROVING_SWITCH + i, world->ledger.acknowledged_count[i], last);
    }
}
