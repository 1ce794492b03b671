/* tests/differential/oracles_image.c - What must hold of the image of any program. */
#include "tests/differential/oracles.h"

#include <stdlib.h>
#include <string.h>

#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"
#include "vm/image_data.h"

enum { FLIPS = 24 };

bool oracles_mean_same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(((const struct image_header *)(const void *)a)->hash,
                  ((const struct image_header *)(const void *)b)->hash, IMAGE_HASH) == 0;
}

static const char *listed(const uint8_t *bytes, size_t length)
{
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) return "image: what was built is refused";
    char *text = image_disassemble(image);
    const char *wrong = !text || !strstr(text, "strategy s#") ? "dis: it lists no strategy" : NULL;
    free(text);
    image_free(image);
    return wrong;
}

/* Bits that are others; of every second one the hashes are right, so that the verifier has to see it. */
static const char *flipped(const uint8_t *bytes, size_t length, uint64_t seed)
{
    uint8_t *copy = malloc(length), choices[64];
    MUST(copy);
    for (unsigned i = 0; i < sizeof choices; i++) choices[i] = (uint8_t)world_mixed(seed + i);
    for (unsigned i = 0; i < FLIPS; i++) {
        uint64_t drawn = world_mixed(seed * 31 + i);
        struct error error = {0};
        memcpy(copy, bytes, length);
        copy[drawn % length] ^= (uint8_t)(1u << (drawn >> 32 & 7));
        struct image_header *header = (struct image_header *)(void *)copy;
        if (i % 2 && drawn % length >= sizeof *header) {
            image_hash_semantic(copy, header->hash);
            image_hash_apart(copy, SECTION_DEBUG, header->debug_hash);
            image_hash_apart(copy, SECTION_SCENARIO, header->scenario_hash);
        }
        struct image *image = image_load(copy, length, &error);
        struct input input = {choices, sizeof choices, 0};
        if (image) fuzz_drive(image, &input);
        bool silent = !image && !error.text[0];
        image_free(image);
        if (silent) break;
        if (i + 1 == FLIPS) free(copy), copy = NULL;
    }
    if (!copy) return NULL;
    free(copy);
    return "image: it is refused without a reason";
}

const char *oracles_image_fail(const uint8_t *bytes, size_t length, uint64_t seed)
{
    const char *wrong = listed(bytes, length);
    return wrong ? wrong : flipped(bytes, length, seed);
}
