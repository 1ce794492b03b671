/* runtime/core/setting.c - Settings by table and name, and their values as words. */
#include "runtime/core/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image.h"
#include "runtime/core/memory.h"
#include "runtime/core/state.h"
#include "runtime/core/userdata.h"

static void forget_row(struct setting *setting)
{
    free((void *)(uintptr_t)setting->row.bytes);
    setting->row = (struct span){NULL, 0};
}

static uint64_t key_of(unsigned table, uint32_t name)
{
    return (uint64_t)table << 32 | name;
}

static uint64_t setting_key(const void *owner, uint32_t slot)
{
    const struct settings *settings = owner;
    return key_of(settings->all[slot].table, settings->all[slot].name);
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){0};
    lookup_init(&settings->by_key, settings, setting_key);
}

void settings_free(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) forget_row(&settings->all[at]);
    free(settings->all);
    lookup_free(&settings->by_key);
}

static struct setting *setting_find(const struct settings *settings, unsigned table, uint32_t name)
{
    uint32_t slot;
    return lookup_find(&settings->by_key, key_of(table, name), &slot) ? &settings->all[slot] : NULL;
}

static void forget(struct settings *settings, struct setting *setting)
{
    settings->content -= setting->hash;
    setting->hash = 0;
    setting->known = false;
}

void settings_unsee(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) settings->all[at].seen = false;
}

void settings_drop_unseen(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++)
        if (!settings->all[at].seen) forget(settings, &settings->all[at]);
}

bool settings_check(const struct settings *settings)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < settings->count; at++) {
        if (settings->all[at].known != (settings->all[at].hash != 0)) return false;
        content += settings->all[at].hash;
    }
    return content == settings->content;
}

void setting_row(struct core *core, unsigned table, uint32_t name, struct span row, int64_t until_us)
{
    struct settings *settings = &core->directory.settings;
    struct setting *setting = setting_find(settings, table, name);
    if (setting == NULL) {
        if (name == 0 || settings->count >= SETTINGS_MAX) return;
        settings->all = memory_grow(settings->all, &settings->capacity, settings->count + 1, sizeof *settings->all);
        setting = &settings->all[settings->count++];
        *setting = (struct setting){.name = name, .table = (uint8_t)table};
        lookup_add(&settings->by_key, settings->count - 1);
    }
    forget(settings, setting);
    forget_row(setting);
    setting->seen = true;
    setting->until_us = until_us;
    if (row.length == 0) return;
    uint8_t *copy = memory_zeroed(row.length, 1);
    memcpy(copy, row.bytes, row.length);
    setting->row = (struct span){copy, row.length};
    setting->known = true;
    setting->hash = mix64(mix64(text_hash(&core->names, row) + key_of(table, name)) + (uint64_t)until_us) | 1;
    settings->content += setting->hash;
}

static const unsigned tables[SETTING_KINDS] = {table_parameter, table_business, table_schedule};

/* As one of the program's settings, by its number. */
static bool fits(const struct program *program, uint32_t number, struct span row)
{
    struct kv_value value;
    return !kv_get(row, "value", &value) ||
           userdata_fits(program->image, image_setting(program->image, number)->type, &value, SETTING_BYTES_MAX);
}

bool setting_fits(const struct core *core, unsigned table, struct span key, struct span row)
{
    uint32_t name = names_find(&core->names, key);
    for (uint32_t at = 0; name != 0 && at < core->strategies.program_count; at++) {
        const struct program *program = &core->strategies.programs[at];
        for (uint32_t number = 0; number < image_count(program->image, SECTION_SETTINGS); number++)
            if (program->settings[number] == name && tables[image_setting(program->image, number)->kind] == table &&
                !fits(program, number, row))
                return false;
    }
    return true;
}

bool settings_fit(const struct core *core, const struct program *program, struct span *key)
{
    for (uint32_t number = 0; number < image_count(program->image, SECTION_SETTINGS); number++) {
        const struct setting *setting = setting_find(
            &core->directory.settings, tables[image_setting(program->image, number)->kind], program->settings[number]);
        if (setting == NULL || !setting->known || fits(program, number, setting->row)) continue;
        *key = core_name(core, setting->name);
        return false;
    }
    return true;
}

enum vm_setting setting_word(struct core *core, block_handle block, uint32_t number, uint64_t *word)
{
    struct interaction *ix = interaction_by_id(core, block_at(core->strategies.slab, block)->id);
    assert(ix != NULL);
    if (core->directory.settings.count == 0 || ix->program == PROGRAM_NONE) return VM_SETTING_WRITTEN;
    const struct program *program = &core->strategies.programs[ix->program];
    const struct image_setting *row = image_setting(program->image, number);
    const struct setting *setting =
        setting_find(&core->directory.settings, tables[row->kind], program->settings[number]);
    struct kv_value value;
    uint64_t made;
    bool now = setting != NULL && setting->known && (setting->until_us == 0 || core_wall_us(core) < setting->until_us);
    if (!now || !kv_get(setting->row, "value", &value)) return VM_SETTING_WRITTEN;
    if (!userdata_word(core, ix, row->type, &value, &made)) {
        bool room = userdata_fits(program->image, row->type, &value, BLOCK_BYTES_MAX);
        return room && !userdata_may_be(program->image, row->type, &value) ? VM_SETTING_WRITTEN : VM_SETTING_TOO_LARGE;
    }
    *word = made;
    if (setting->until_us != 0) vm_look_again(core->strategies.vm, setting->until_us - (int64_t)core_wall_us(core));
    return VM_SETTING_MADE;
}
