/* runtime/core/site/setting_keep.c - How settings are written to snapshots and read. */
#include "vm/keep.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"

static void keep_base(struct keeper *keeper, struct setting_base *base)
{
    base->known = keep_bool(keeper, base->known);
    base->until_us = keep_i64(keeper, base->until_us);
    base->row = owned_pairs_keep(keeper, base->row, TABLE_BYTES_MAX);
    business_keep(&base->rows, keeper);
}

static bool is_table(unsigned table)
{
    return table == table_parameter || table == table_business || table == table_schedule ||
           table == table_agent_profile || table == table_agent_skill || table == table_group_member;
}

/* Writes or reads a setting; the cursors on its rows are kept with the interactions (table_cursor.h). */
static void keep_setting(struct directory *directory, struct keeper *keeper, struct setting *setting)
{
    setting->name = name_keep(directory->names, keeper, setting->name);
    setting->table = keep_u8(keeper, setting->table);
    setting->known = keep_bool(keeper, setting->known);
    setting->seen = keep_bool(keeper, setting->seen);
    setting->until_us = keep_i64(keeper, setting->until_us);
    setting->hash = keep_u64(keeper, setting->hash);
    setting->row = owned_pairs_keep(keeper, setting->row, TABLE_BYTES_MAX);
    business_keep(&setting->rows, keeper);
    setting->version = keep_u32(keeper, setting->version);
    setting->walkers = keep_u32(keeper, setting->walkers);
    setting->stale = keep_bool(keeper, setting->stale);
    setting->changed = keep_bool(keeper, setting->changed);
    if (setting->changed) keep_base(keeper, &setting->base);
    if (keep_good(keeper) && !is_table(setting->table)) keep_fail(keeper, "a setting is of no table");
}

void settings_keep(struct directory *directory, struct keeper *keeper)
{
    struct settings *settings = &directory->settings;
    settings->all =
        keep_rows(keeper, settings->all, &settings->count, &settings->capacity, SETTINGS_MAX, sizeof *settings->all);
    for (uint32_t at = 0; at < settings->count && keep_good(keeper); at++) {
        keep_setting(directory, keeper, &settings->all[at]);
        lookup_restore(&settings->by_key, keeper, at);
    }
    settings->content = keep_u64(keeper, settings->content);
    settings->stale = keep_bool(keeper, settings->stale);
}
