/* runtime/core/site/program.c - Makes a program of each image: the core learns an image once, by its hash.
 *
 *     the image's names    0 "sales"    1 "French"    2 "Berlin"     numbers in the code
 *     program.names        17           4             203            the same names in the core
 *
 * A program is never freed while the core exists: interactions and activations store its number. The bytes of the
 * image belong to the host, which gave them by options->image. */
#include "runtime/core/site/program.h"

#include <assert.h>

#include "runtime/vocabulary/ident.h"
#include "vm/keep.h"
#include "vm/native.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"

/* Makes a program of the image, with empty tables. */
static struct site_program program_of_image(const struct image *image, const uint8_t hash[IMAGE_HASH])
{
    uint32_t settings = image_count(image, SECTION_SETTINGS);
    struct site_program program = {
        .image = image,
        .names = memory_zeroed(image_count(image, SECTION_NAMES) + 1, sizeof *program.names),
        .settings = memory_zeroed(settings + 1, sizeof *program.settings),
        .views = memory_zeroed(settings + 1, sizeof *program.views),
    };
    memcpy(program.hash, hash, IMAGE_HASH);
    for (uint32_t at = 0; at < settings; at++)
        program.views[at].whole = image_setting(image, at)->kind != SETTING_TABLE || image_reads_whole(image, at, NULL);
    return program;
}

static const struct image *program_image(const struct strategies *strategies, const uint8_t hash[IMAGE_HASH])
{
    const struct image *image =
        !strategies->options->image ? NULL : strategies->options->image(strategies->options->self, hash);
    return image && native_all_bound(image) ? image : NULL;
}

static uint16_t strategies_add(struct strategies *strategies, const struct site_program *program)
{
    strategies->programs = memory_grow(strategies->programs, &strategies->program_capacity,
                                       strategies->program_count + 1, sizeof *program);
    strategies->programs[strategies->program_count] = *program;
    return (uint16_t)strategies->program_count++;
}

/* Returns the program of an image; PROGRAM_NONE if the image is unknown, or uses a native that is not bound here. */
uint16_t strategy_program(struct strategies *strategies, const uint8_t hash[IMAGE_HASH])
{
    for (uint32_t at = 0; at < strategies->program_count; at++)
        if (memcmp(strategies->programs[at].hash, hash, IMAGE_HASH) == 0) return (uint16_t)at;
    const struct image *image = program_image(strategies, hash);
    if (!image || strategies->program_count >= PROGRAMS_MAX) return PROGRAM_NONE;
    struct site_program program = program_of_image(image, hash);
    for (uint32_t at = 0; at < image_count(image, SECTION_NAMES); at++) {
        struct text text = image_text(image, image_name(image, at)->text);
        program.names[at] = names_intern(strategies->names, (struct span){(const uint8_t *)text.bytes, text.length});
        if (image_name(image, at)->kind == NAME_LOCALE) program.locale = program.names[at];
    }
    /* The names of the settings get core numbers once, so that a strategy finds a setting by number. */
    for (uint32_t at = 0; at < image_count(image, SECTION_SETTINGS); at++) {
        struct text text = image_text(image, image_setting(image, at)->name);
        program.settings[at] = names_intern(strategies->names, (struct span){(const uint8_t *)text.bytes, text.length});
    }
    return strategies_add(strategies, &program);
}

/* Moves the interaction to a program. The new one is counted before the old one, so that a move within one program
 * never reaches 0. */
void strategy_enter(struct strategies *strategies, struct interaction *ix, uint16_t program)
{
    struct site_program *programs = strategies->programs;
    if (program != PROGRAM_NONE) programs[program].interactions++;
    if (ix->program != PROGRAM_NONE) programs[ix->program].interactions--;
    ix->program = program;
}

uint32_t strategy_name(const struct strategies *strategies, const struct interaction *ix, uint64_t word)
{
    if (ix->program == PROGRAM_NONE) return 0;
    assert(ix->program < strategies->program_count);
    const struct site_program *program = &strategies->programs[ix->program];
    return word < image_count(program->image, SECTION_NAMES) ? program->names[word] : 0;
}

struct span strategy_title(const struct strategies *strategies, const struct interaction *ix)
{
    assert(ix->program == PROGRAM_NONE || ix->program < strategies->program_count);
    const struct image *image =
        ix->program == PROGRAM_NONE ? strategies->no_image : strategies->programs[ix->program].image;
    struct text text =
        image_text(image, image_strategy(image, interaction_strategy(strategies->interactions, ix))->name);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

uint64_t strategy_text(struct strategies *strategies, block_handle block, const char *bytes, uint32_t length)
{
    uint64_t word;
    return block_make_text(strategies->slab, block, bytes, length, &word) ? word : 0;
}

static void keep_program(struct strategies *strategies, struct keeper *keeper, struct site_program *program)
{
    for (uint32_t at = 0; at < image_count(program->image, SECTION_NAMES); at++)
        program->names[at] = name_keep(strategies->names, keeper, program->names[at]);
    program->locale = name_keep(strategies->names, keeper, program->locale);
    for (uint32_t at = 0; at < image_count(program->image, SECTION_SETTINGS); at++) {
        program->settings[at] = name_keep(strategies->names, keeper, program->settings[at]);
        program->views[at].of = keep_u64(keeper, program->views[at].of);
        program->views[at].good = keep_bool(keeper, program->views[at].good);
    }
    program->interactions = keep_u32(keeper, program->interactions);
    program->out_us = keep_has(keeper, 19) ? keep_i64(keeper, program->out_us) : 0;
}

static const struct image *read_image(struct strategies *strategies, struct keeper *keeper,
                                      const uint8_t hash[IMAGE_HASH])
{
    if (!keep_good(keeper)) return NULL;
    const struct image *image = program_image(strategies, hash);
    if (image) return image;
    char digits[2 * IMAGE_HASH + 1] = "";
    ident_print_hex(hash, IMAGE_HASH, digits);
    keep_fail_as(keeper, ERROR_UNKNOWN, "it needs the image %s, which is not there", digits);
    return NULL;
}

/* Writes or reads the programs: a snapshot has only the hash of an image. The image itself must be there when the
 * snapshot is read, otherwise it is refused with the name of the missing image. */
void programs_keep(struct strategies *strategies, struct keeper *keeper)
{
    uint32_t count = keep_count(keeper, strategies->program_count, PROGRAMS_MAX);
    for (uint32_t at = 0; at < count && keep_good(keeper); at++) {
        uint8_t hash[IMAGE_HASH];
        if (!keep_reading(keeper)) memcpy(hash, strategies->programs[at].hash, sizeof hash);
        keep_raw(keeper, hash, sizeof hash);
        if (keep_reading(keeper)) {
            const struct image *image = read_image(strategies, keeper, hash);
            if (!image) return;
            struct site_program program = program_of_image(image, hash);
            strategies_add(strategies, &program);
        }
        keep_program(strategies, keeper, &strategies->programs[at]);
    }
}

uint16_t program_keep(const struct strategies *strategies, struct keeper *keeper, uint16_t program)
{
    return (uint16_t)keep_index(keeper, program, strategies->program_count, PROGRAM_NONE);
}
