/* tests/fuzz/fuzz_image.c - Any bytes as an image, also with the right hashes: refused, or it runs safely and every
 * block of it is good. The mutator knows sections and rows, so that what it makes gets past the header. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vm/image_data.h"

struct part {
    uint8_t *bytes;
    size_t length;
};

static bool within(const struct image_header *header, size_t length)
{
    for (unsigned s = 0; s < SECTION_COUNT; s++)
        if (header->section[s].offset > length || header->section[s].length > length - header->section[s].offset)
            return false;
    return true;
}

static bool hashes_made(uint8_t *bytes, size_t length)
{
    struct image_header *header = (struct image_header *)(void *)bytes;
    if (length < sizeof *header || !within(header, length)) return false;
    header->size = (uint32_t)length;
    image_hash_semantic(bytes, header->hash);
    image_hash_apart(bytes, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(bytes, SECTION_SCENARIO, header->scenario_hash);
    return true;
}

static void try_image(const uint8_t *bytes, size_t length, struct input *choices)
{
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) return;
    for (uint32_t f = 0; f < image_count(image, SECTION_FUNCTIONS); f++) {
        struct image_place place;
        image_place(image, f, 0, &place);
        image_variable(image, f, 0, 0);
    }
    free(image_disassemble(image));
    fuzz_drive(image, choices);
    image_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input choices = {bytes, length, 0};
    uint8_t *copy = malloc(length + 1);
    if (!copy) abort();
    memcpy(copy, bytes, length);
    try_image(copy, length, &choices);
    if (hashes_made(copy, length) && memcmp(copy, bytes, length) != 0) try_image(copy, length, &choices);
    free(copy);
    return 0;
}

/* --- The mutator --- */

static uint32_t random_of(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void cut(const uint8_t *file, struct part parts[SECTION_COUNT])
{
    const struct image_header *header = (const struct image_header *)(const void *)file;
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        parts[s].length = header->section[s].length;
        parts[s].bytes = malloc(2 * parts[s].length + 1024);
        if (!parts[s].bytes) abort();
        memcpy(parts[s].bytes, file + header->section[s].offset, parts[s].length);
    }
}

/* 0 where it does not fit. */
static size_t joined(struct part parts[SECTION_COUNT], uint8_t *file, size_t room)
{
    struct image_header *header = (struct image_header *)(void *)file;
    size_t at = sizeof *header;
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        size_t padded = (parts[s].length + 7) & ~(size_t)7;
        if (at + padded > room) return 0;
        header->section[s].offset = (uint32_t)at;
        header->section[s].length = (uint32_t)parts[s].length;
        memcpy(file + at, parts[s].bytes, parts[s].length);
        memset(file + at + parts[s].length, 0, padded - parts[s].length);
        at += padded;
    }
    return hashes_made(file, at) ? at : 0;
}

/* Another number in a field: near to what it was, near to the number of rows of a section, or an end. */
static void alter_field(struct part *part, const struct part *all, uint32_t *seed)
{
    static const uint32_t ends[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fffffff, 0xffffffff};
    unsigned other = random_of(seed) % SECTION_COUNT, width = 1u << random_of(seed) % 3;
    size_t at = random_of(seed) % part->length & ~(size_t)(width - 1);
    uint32_t value = 0;
    if (at + width > part->length) return;
    memcpy(&value, part->bytes + at, width);
    switch (random_of(seed) % 3) {
    case 0:
        value += random_of(seed) % 9 - 4;
        break;
    case 1:
        value = (uint32_t)(all[other].length / section_row_bytes[other]) + random_of(seed) % 3 - 1;
        break;
    default:
        value = ends[random_of(seed) % (sizeof ends / sizeof *ends)];
    }
    memcpy(part->bytes + at, &value, width);
}

static void alter(struct part *part, unsigned section, const struct part *all, uint32_t *seed)
{
    size_t row = section_row_bytes[section], rows = part->length / row;
    if (rows == 0) return;
    uint8_t *from = part->bytes + random_of(seed) % rows * row, *to = part->bytes + random_of(seed) % rows * row;
    switch (random_of(seed) % 8) {
    case 0: /* one more, like another */
        memcpy(part->bytes + part->length, from, row);
        part->length += row;
        break;
    case 1: /* one less */
        memmove(to, to + row, part->length - (size_t)(to - part->bytes) - row);
        part->length -= row;
        break;
    case 2: /* one like another */
        memmove(to, from, row);
        break;
    case 3:
        part->length = LLVMFuzzerMutate(part->bytes, part->length, part->length + 64) / row * row;
        break;
    default:
        alter_field(part, all, seed);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned seed_given)
{
    uint32_t seed = seed_given;
    struct part parts[SECTION_COUNT];
    const struct image_header *header = (const struct image_header *)(const void *)bytes;
    if (length < sizeof *header || !within(header, length) || random_of(&seed) % 16 == 0)
        return LLVMFuzzerMutate(bytes, length, room);
    cut(bytes, parts);
    for (unsigned changes = 1 + random_of(&seed) % 3; changes > 0; changes--) {
        unsigned section = random_of(&seed) % SECTION_COUNT;
        alter(&parts[section], section, parts, &seed);
    }
    uint8_t *file = calloc(1, room);
    if (!file) abort();
    memcpy(file, bytes, sizeof *header);
    size_t made = joined(parts, file, room);
    if (made > 0) memcpy(bytes, file, made);
    free(file);
    for (unsigned s = 0; s < SECTION_COUNT; s++) free(parts[s].bytes);
    return made > 0 ? made : LLVMFuzzerMutate(bytes, length, room);
}
