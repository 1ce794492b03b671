/* runtime/core/base/media.c - How sets of media are written to snapshots and hashed for digests.
 *
 * Snapshots before version 10 know only the first media, so a set of media was a number of 16 bits in them. The
 * functions read both the older and the present form. For digests the callers hash the first media themselves;
 * media_set_hash() adds what the later media contribute. */
#include "runtime/core/base/media.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/vocabulary.h"

static_assert((int)UINT8_MAX + 1 == (int)MEDIA_KINDS, "a byte holds a medium");

/* Writes or reads a set of media. Nearly all sets have either few media or nearly all: in the second case all bits
 * are inverted, so that the words are small numbers. */
struct media_set media_set_keep(struct keeper *keeper, struct media_set set)
{
    if (!keep_has(keeper, 10)) return (struct media_set){{keep_u16(keeper, 0)}};
    bool most = keep_bool(keeper, has_medium(set, MEDIA_KINDS - 1));
    uint64_t turned = most ? UINT64_MAX : 0;
    for (unsigned at = 0; at < MEDIA_WORDS; at++) set.words[at] = keep_u64(keeper, set.words[at] ^ turned) ^ turned;
    return set;
}

struct media_set media_listed(struct span list)
{
    struct media_set media = {{0}};
    uint64_t medium;
    for (uint32_t at = 0; message_next_u(list, &at, &medium);)
        if (medium < MEDIA_KINDS) media = media_set_with(media, (unsigned)medium, true);
    return media;
}

/* True: the number has a name of its own in the list of media, so there is such a medium. */
bool media_is_known(uint64_t medium)
{
    return medium == media_none || enum_name_media(medium) != enum_name_media(media_none);
}

uint8_t media_keep(struct keeper *keeper, uint8_t medium)
{
    uint8_t kept = (uint8_t)keep_index(keeper, medium, MEDIA_KINDS, media_none);
    if (!media_is_known(kept)) keep_fail(keeper, "there is no medium %u", kept);
    return kept;
}

/* Returns how many of the bytes from `at` on are the same. Nearly always all bytes are the same, which a single
 * comparison of the bytes with their neighbours shows. */
static unsigned media_run(const uint8_t of_each[MEDIA_KINDS], unsigned at)
{
    if (memcmp(of_each + at, of_each + at + 1, MEDIA_KINDS - 1 - at) == 0) return MEDIA_KINDS - at;
    unsigned run = 1;
    while (of_each[at + run] == of_each[at]) run++;
    return run;
}

/* Writes or reads one byte per medium, as runs of equal bytes. */
void media_bytes_keep(struct keeper *keeper, uint8_t of_each[MEDIA_KINDS])
{
    for (unsigned at = 0, run; at < MEDIA_KINDS && keep_good(keeper); at += run) {
        run = media_run(of_each, at);
        uint8_t value = keep_u8(keeper, of_each[at]);
        run = keep_index(keeper, run, MEDIA_KINDS - at + 1, 0);
        if (run == 0) keep_fail(keeper, "a medium is left out");
        memset(of_each + at, value, run);
    }
}

uint64_t media_set_hash(struct media_set set)
{
    set.words[0] &= ~(uint64_t)UINT16_MAX;
    uint64_t hash = 0;
    EACH_MEDIUM(medium, set) hash += table_mix64(medium + UINT64_C(1));
    return hash;
}
