/* runtime/core/site/program.c - Images as programs: the core learns each image once, by its hash. */
#include "runtime/core/site/program.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/native.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"

uint16_t strategy_program(struct core *core, const uint8_t hash[IMAGE_HASH])
{
    struct strategies *strategies = core->strategies;
    for (uint32_t at = 0; at < strategies->program_count; at++)
        if (memcmp(strategies->programs[at].hash, hash, IMAGE_HASH) == 0) return (uint16_t)at;
    const struct image *image = !core->options.image ? NULL : core->options.image(core->options.self, hash);
    if (!image || !image_is_bound(image) || strategies->program_count >= PROGRAMS_MAX) return PROGRAM_NONE;
    uint32_t count = image_count(image, SECTION_NAMES);
    struct program program = {.image = image, .names = memory_zeroed(count + 1, sizeof *program.names)};
    memcpy(program.hash, hash, IMAGE_HASH);
    for (uint32_t at = 0; at < count; at++) {
        struct text text = image_text(image, image_name(image, at)->text);
        program.names[at] = names_intern(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
        if (image_name(image, at)->kind == NAME_LOCALE) program.locale = program.names[at];
    }
    /* The core numbers the settings' names once, so that a strategy finds a setting by number. */
    uint32_t settings = image_count(image, SECTION_SETTINGS);
    program.settings = memory_zeroed(settings + 1, sizeof *program.settings);
    program.views = memory_zeroed(settings + 1, sizeof *program.views);
    for (uint32_t at = 0; at < settings; at++) {
        program.views[at].whole = image_setting(image, at)->kind != SETTING_TABLE || image_reads_whole(image, at, NULL);
        struct text text = image_text(image, image_setting(image, at)->name);
        program.settings[at] = names_intern(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
    }
    strategies->programs =
        memory_grow(strategies->programs, &strategies->program_capacity, strategies->program_count + 1, sizeof program);
    strategies->programs[strategies->program_count] = program;
    return (uint16_t)strategies->program_count++;
}

void strategy_enter(struct core *core, struct interaction *ix, uint16_t program)
{
    struct program *programs = core->strategies->programs;
    if (program != PROGRAM_NONE) programs[program].interactions++;
    if (ix->program != PROGRAM_NONE) programs[ix->program].interactions--;
    ix->program = program;
}

uint32_t strategy_name(const struct core *core, const struct interaction *ix, uint64_t word)
{
    if (ix->program == PROGRAM_NONE) return 0;
    assert(ix->program < core->strategies->program_count);
    const struct program *program = &core->strategies->programs[ix->program];
    return word < image_count(program->image, SECTION_NAMES) ? program->names[word] : 0;
}

struct span strategy_title(const struct core *core, const struct interaction *ix)
{
    assert(ix->program == PROGRAM_NONE || ix->program < core->strategies->program_count);
    const struct image *image =
        ix->program == PROGRAM_NONE ? core->no_image : core->strategies->programs[ix->program].image;
    struct text text = image_text(image, image_strategy(image, interaction_strategy(core, ix))->name);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

uint64_t strategy_text(struct core *core, block_handle block, const char *bytes, uint32_t length)
{
    uint64_t word;
    return block_make_text(core->slab, block, bytes, length, &word) ? word : 0;
}
