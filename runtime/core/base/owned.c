/* runtime/core/base/owned.c - Writes and reads texts and packed pairs that a row owns. */
#include "runtime/core/base/owned.h"

#include "base/error.h"
#include "vm/keep.h"
#include "runtime/vocabulary/bytes.h"

struct span owned_text_keep(struct keeper *keeper, struct span text, uint32_t max)
{
    text.bytes = keep_owned(keeper, (uint8_t *)(uintptr_t)text.bytes, &text.length, max);
    return text;
}

struct span owned_pairs_keep(struct keeper *keeper, struct span pairs, uint32_t max)
{
    struct error error;
    pairs = owned_text_keep(keeper, pairs, max);
    if (keep_reading(keeper) && pairs.length != 0 && !kv_check_within(pairs, max, &error))
        keep_fail(keeper, "%s", error.text);
    return pairs;
}
