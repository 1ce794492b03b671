/* runtime/core/site/setting.c - The settings, found by table and name, and their values as words for strategies.
 *
 *     row of the directory --> base --+    (base: kept apart only while it is changed by hand)
 *                                     +--> value in force --> word of the program's type
 *     change by hand -----------------+         |
 *                               a business table has a version; cursors read old ones
 *
 * A strategy names a setting by its number in the program. The value may be missing, out of date, or of another type
 * than the program declares; then the value written in the source counts. So a value of a wrong type never stops a
 * strategy. */
#include "runtime/core/site/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"

static void free_row(struct span *row, struct business *rows)
{
    free((void *)(uintptr_t)row->bytes);
    *row = (struct span){NULL, 0};
    business_free(rows);
}

static uint64_t settings_key(unsigned table, uint32_t name)
{
    return (uint64_t)table << 32 | name;
}

static uint64_t setting_key(const void *owner, uint32_t slot)
{
    const struct settings *settings = owner;
    return settings_key(settings->all[slot].table, settings->all[slot].name);
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){0};
    lookup_init(&settings->by_key, settings, setting_key);
}

void settings_free(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) {
        struct setting *setting = &settings->all[at];
        free_row(&setting->row, &setting->rows);
        free_row(&setting->base.row, &setting->base.rows);
    }
    free(settings->all);
    lookup_free(&settings->by_key);
}

struct setting *setting_find(const struct settings *settings, unsigned table, uint32_t name)
{
    uint32_t slot;
    return lookup_find(&settings->by_key, settings_key(table, name), &slot) ? &settings->all[slot] : NULL;
}

static void setting_forget(struct settings *settings, struct setting *setting)
{
    settings->content -= setting->hash;
    setting->hash = 0;
    setting->known = false;
}

/* Another strategy is active. A table that was changed by hand and that the directory does not have takes its other
 * rows from the source, which may be another source now. */
void settings_activated(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) {
        struct setting *setting = &settings->all[at];
        if (!setting->changed || setting->table != table_business || setting->base.known) continue;
        setting->stale = settings->stale = true;
    }
}

void settings_unsee(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) settings->all[at].seen = false;
}

/* Drops settings that the directory no longer has; one that is changed by hand loses only its base and stays in
 * force. */
void settings_drop_unseen(struct settings *settings)
{
    for (uint32_t at = 0; at < settings->count; at++) {
        struct setting *setting = &settings->all[at];
        if (setting->seen) continue;
        if (!setting->changed) {
            setting_forget(settings, setting);
            continue;
        }
        setting->base.known = false;
        setting->stale = settings->stale = true;
    }
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

struct setting *setting_make(struct directory *directory, unsigned table, uint32_t name)
{
    struct settings *settings = &directory->settings;
    struct setting *setting = setting_find(settings, table, name);
    if (setting) return setting;
    if (name == 0 || settings->count >= SETTINGS_MAX) return NULL;
    settings->all = memory_grow(settings->all, &settings->capacity, settings->count + 1, sizeof *settings->all);
    setting = &settings->all[settings->count++];
    *setting = (struct setting){.name = name, .table = (uint8_t)table};
    lookup_add(&settings->by_key, settings->count - 1);
    return setting;
}

/* Removes the value in force, before another one is set. The order matters: old rows that cursors read are kept
 * first, then the rest is freed. */
static void setting_renew(struct directory *directory, struct setting *setting, int64_t until_us)
{
    setting_forget(&directory->settings, setting);
    /* the rows are kept before they are freed, since cursors may still read them */
    cursor_keep(directory->cursors, setting);
    assert(setting->walkers == 0 && setting->version == 0);
    free_row(&setting->row, &setting->rows);
    setting->until_us = until_us;
}

static void setting_know(struct directory *directory, struct setting *setting, struct span content)
{
    uint64_t key = settings_key(setting->table, setting->name);
    assert(!setting->known && setting->hash == 0);
    setting->known = true;
    setting->hash =
        table_mix64(table_mix64(table_text_hash(directory->names, content) + key) + (uint64_t)setting->until_us) | 1;
    directory->settings.content += setting->hash;
}

/* Puts a value into force; the setting owns it afterwards. */
static void put_row(struct directory *directory, struct setting *setting, struct span row, int64_t until_us)
{
    setting_renew(directory, setting, until_us);
    setting->row = row;
    if (row.length != 0) setting_know(directory, setting, row);
}

/* Puts rows into force; each set of rows in force has a version of its own. */
static void put_rows(struct directory *directory, struct setting *setting, const struct business *rows,
                     int64_t until_us)
{
    setting_renew(directory, setting, until_us);
    setting->rows = *rows;
    setting->version = cursor_version(directory->cursors);
    setting_know(directory, setting, business_all(rows));
}

void setting_stale(struct directory *directory, struct setting *setting)
{
    setting->stale = directory->settings.stale = true;
}

/* Stores a value of the directory for a setting that is changed by hand. */
static void base_put(struct directory *directory, struct setting *setting, struct span row, const struct business *rows,
                     int64_t until_us)
{
    setting_stale(directory, setting);
    free_row(&setting->base.row, &setting->base.rows);
    setting->base = (struct setting_base){rows || row.length != 0, until_us, row, rows ? *rows : (struct business){0}};
}

void setting_row(struct directory *directory, unsigned table, uint32_t name, struct span row, int64_t until_us)
{
    struct setting *setting = setting_make(directory, table, name);
    if (!setting) return;
    setting->seen = true;
    if (setting->changed)
        base_put(directory, setting, span_copy(row), NULL, until_us);
    else
        put_row(directory, setting, span_copy(row), until_us);
}

/* True: the rows are the same as those in force. A whole directory sends all tables again, and a table that did not
 * change keeps its version. */
static bool says_again(const struct setting *setting, const struct business *rows)
{
    struct span before = business_all(&setting->rows), now = business_all(rows);
    return setting->known && setting->version != 0 && before.length == now.length &&
           (now.length == 0 || memcmp(before.bytes, now.bytes, now.length) == 0);
}

uint64_t setting_rows_kept(const struct directory *directory, struct span key, const struct business *rows)
{
    uint32_t name = names_find(directory->names, key);
    const struct setting *setting = name == 0 ? NULL : setting_find(&directory->settings, table_business, name);
    return !setting || (rows && says_again(setting, rows)) ? 0 : cursor_bytes(setting);
}

/* Takes the rows of a table; they are used or freed in every case. */
void setting_rows(struct directory *directory, uint32_t name, struct business *rows, int64_t until_us)
{
    struct setting *before = setting_find(&directory->settings, table_business, name);
    if (before && !before->changed && says_again(before, rows)) {
        setting_forget(&directory->settings, before);
        before->seen = true;
        before->until_us = until_us;
        setting_know(directory, before, business_all(rows));
        business_free(rows);
        return;
    }
    struct setting *setting = setting_make(directory, table_business, name);
    if (setting) {
        setting->seen = true;
        if (setting->changed)
            base_put(directory, setting, (struct span){NULL, 0}, rows, until_us);
        else
            put_rows(directory, setting, rows, until_us);
    } else {
        business_free(rows);
    }
    *rows = (struct business){0};
}

/* Moves the directory's value to `base`, and leaves a copy of it in force until another value comes. */
static void base_keep(struct setting *setting)
{
    assert(!setting->changed);
    setting->changed = true;
    setting->base = (struct setting_base){setting->known, setting->until_us, span_copy(setting->row), {0}};
    for (uint32_t at = 0; setting->known && at < setting->rows.count; at++)
        (void)business_add_row(&setting->base.rows, &setting->rows, at);
    business_sort(&setting->base.rows);
}

/* Returns the table's number among the program's settings; IMAGE_NONE: the program has none of the given name. */
static uint32_t table_of(const struct site_program *program, uint32_t name)
{
    for (uint32_t number = 0; number < image_count(program->image, SECTION_SETTINGS); number++)
        if (program->settings[number] == name && image_setting(program->image, number)->kind == SETTING_TABLE)
            return number;
    return IMAGE_NONE;
}

/* Makes rows from the constants in an image, as pairs, so that single rows can be changed by hand. */
bool setting_written(const struct directory *directory, uint32_t name, struct business *rows)
{
    *rows = (struct business){0};
    for (uint32_t at = 0; at < directory->point_count; at++) {
        const struct point *point = &directory->points[at];
        if (!point->known || point->now.program == PROGRAM_NONE) continue;
        const struct site_program *program = &directory->strategies->programs[point->now.program];
        uint32_t number = table_of(program, name);
        if (number == IMAGE_NONE) continue;
        const struct image *image = program->image;
        uint16_t record = image_element(image, image_setting(image, number)->type);
        uint64_t map = image_constant(image, image_setting(image, number)->constant)->word, key, row;
        bool good = true;
        char inlined[8];
        struct kv pair;
        kv_init(&pair);
        for (uint32_t place = 0; good && block_pair(image, NULL, map, place, &key, &row); place++) {
            struct text text = block_text(image, NULL, key, inlined);
            kv_clear(&pair);
            userdata_put_constant(directory->interactions, image, &pair,
                                  (struct span){(const uint8_t *)text.bytes, text.length}, record, row);
            good = business_add(rows, kv_span(&pair));
        }
        kv_free(&pair);
        business_sort(rows);
        return good;
    }
    return true;
}

/* Makes the rows with changes: rows changed by hand replace those with the same key; a changed row without a value
 * removes the row. */
bool setting_merged(const struct directory *directory, uint32_t name, const struct setting *setting,
                    const struct business *items, struct business *rows)
{
    const struct business *base = setting->changed ? &setting->base.rows : &setting->rows;
    bool known = setting->changed ? setting->base.known : setting->known, good = true;
    struct business written = {0};
    struct kv_pair pair;
    struct kv_value value;
    *rows = (struct business){0};
    if (!known) good = setting_written(directory, name, &written);
    if (!known) base = &written;
    for (uint32_t at = 0; good && business_at(base, at, &pair); at++)
        if (!business_find(items, pair.key, false, &value)) good = business_add_row(rows, base, at);
    for (uint32_t at = 0; good && business_at(items, at, &pair); at++)
        if (pair.value.tag != KV_NONE) good = business_add_row(rows, items, at);
    business_sort(rows);
    business_free(&written);
    return good;
}

/* Puts a change into force; without a row and without items the change ends, and the base is in force again. */
void setting_change(struct directory *directory, struct setting *setting, struct span row, const struct business *items)
{
    bool any = row.length != 0 || (items && items->count > 0);
    assert((setting->table == table_business) == (items != NULL));
    struct business rows;
    setting->stale = false;
    if (!any && !setting->changed) return;
    if (!setting->changed) base_keep(setting);
    struct setting_base base = setting->base;
    if (!any) {
        setting->base = (struct setting_base){0};
        setting->changed = false;
    }
    if (any && !items) {
        put_row(directory, setting, span_copy(row), 0);
    } else if (any) {
        if (setting_merged(directory, setting->name, setting, items, &rows))
            put_rows(directory, setting, &rows, 0);
        else
            business_free(&rows); /* the old rows stay in force: a table cannot have so many rows */
    } else if (base.known && base.row.length == 0) {
        put_rows(directory, setting, &base.rows, base.until_us);
    } else {
        put_row(directory, setting, base.known ? base.row : (struct span){NULL, 0}, base.until_us);
        if (!base.known) free_row(&base.row, &base.rows);
    }
}

static bool is_rows(const struct setting *setting)
{
    return setting->table == table_business && setting->row.length == 0;
}

/* Reads the setting's value; that of a business table is the list of its rows. */
static bool setting_value_of(const struct setting *setting, struct kv_value *value)
{
    *value = (struct kv_value){.tag = KV_LIST, .span = business_all(&setting->rows)};
    return is_rows(setting) || kv_get(setting->row, "value", value);
}

static const unsigned tables[SETTING_KINDS] = {table_parameter, table_business, table_schedule};

/* True: the value is not too large for the program's setting `number`. A table of which the program reads only
 * single rows always fits, since only one row is made in the block at a time. */
static bool setting_value_fits(const struct site_program *program, uint32_t number, const struct kv_value *value,
                               struct image_place *reader)
{
    struct image_reader at;
    if (!program->views[number].whole ||
        userdata_fits(program->image, image_setting(program->image, number)->type, value, SETTING_BYTES_MAX))
        return true;
    if (!image_reads_whole(program->image, number, &at) || !image_place(program->image, at.function, at.pc, reader))
        *reader = (struct image_place){0};
    return false;
}

bool setting_fits(const struct directory *directory, unsigned table, struct span key, const struct kv_value *value,
                  struct image_place *reader)
{
    uint32_t name = names_find(directory->names, key);
    for (uint32_t at = 0; name != 0 && at < directory->strategies->program_count; at++) {
        const struct site_program *program = &directory->strategies->programs[at];
        for (uint32_t number = 0; number < image_count(program->image, SECTION_SETTINGS); number++)
            if (program->settings[number] == name && tables[image_setting(program->image, number)->kind] == table &&
                !setting_value_fits(program, number, value, reader))
                return false;
    }
    return true;
}

bool settings_fit(const struct directory *directory, const struct site_program *program, enum settings_which which,
                  struct span *key, struct image_place *reader)
{
    struct kv_value value;
    for (uint32_t number = 0; number < image_count(program->image, SECTION_SETTINGS); number++) {
        const struct setting *setting = setting_find(
            &directory->settings, tables[image_setting(program->image, number)->kind], program->settings[number]);
        if (!setting || !setting->known) continue;
        if (!setting->changed && (which == SETTINGS_BY_HAND || (which == SETTINGS_UNSEEN && setting->seen))) continue;
        if (!setting_value_of(setting, &value) || setting_value_fits(program, number, &value, reader)) continue;
        *key = names_text(directory->names, setting->name);
        return false;
    }
    return true;
}

/* Returns the directory's setting for the program's setting `number`, if its time limit is not over. NULL: there is
 * none. A time limit is compared with the batch's time of the wall clock. */
static const struct setting *in_force(struct directory *directory, const struct site_program *program, uint32_t number)
{
    const struct image_setting *row = image_setting(program->image, number);
    const struct setting *setting = setting_find(&directory->settings, tables[row->kind], program->settings[number]);
    bool now = setting && setting->known && (setting->until_us == 0 || now_wall_us(directory->now) < setting->until_us);
    return now ? setting : NULL;
}

/* Returns `how`, and makes the VM evaluate a condition again when the setting's time limit ends. */
static enum vm_setting site_made(struct directory *directory, const struct setting *setting, enum vm_setting how)
{
    if (setting->until_us != 0) vm_look_again(directory->vm, setting->until_us - (int64_t)now_wall_us(directory->now));
    return how;
}

static const struct site_program *program_of(const struct directory *directory, const struct interaction *ix)
{
    assert(ix->program == PROGRAM_NONE || ix->program < directory->strategies->program_count);
    return ix->program == PROGRAM_NONE ? NULL : &directory->strategies->programs[ix->program];
}

/* Makes the word of a setting. Two failures differ: a value of another type counts as missing, and one that is too
 * large for the block makes the strategy fail. */
enum vm_setting setting_word(struct directory *directory, block_handle block, uint32_t number, uint64_t *word)
{
    struct interaction *ix = interaction_of_block(directory->interactions, block);
    const struct site_program *program = program_of(directory, ix);
    if (directory->settings.count == 0 || !program) return VM_SETTING_WRITTEN;
    const struct setting *setting = in_force(directory, program, number);
    uint16_t type = image_setting(program->image, number)->type;
    struct kv_value value;
    uint64_t word_made;
    if (!setting || !setting_value_of(setting, &value)) return VM_SETTING_WRITTEN;
    if (!userdata_word(directory->interactions, ix, type, &value, &word_made)) {
        bool room = userdata_fits(program->image, type, &value, BLOCK_BYTES_MAX);
        return room && !userdata_may_be(program->image, type, &value) ? VM_SETTING_WRITTEN : VM_SETTING_TOO_LARGE;
    }
    *word = word_made;
    return site_made(directory, setting, VM_SETTING_MADE);
}

/* True: every row has the type that the program declares. The result is stored, so that rows are checked once per
 * version and not once per look-up. `view->of` is the hash of the version that was checked last. */
static bool rows_good(const struct site_program *program, uint32_t number, const struct setting *setting)
{
    struct setting_view *view = &program->views[number];
    if (view->of == setting->hash) return view->good;
    uint16_t type = image_element(program->image, image_setting(program->image, number)->type);
    struct kv_pair pair;
    uint32_t at = 0;
    view->of = setting->hash;
    view->good = true;
    while (view->good && kv_next(business_all(&setting->rows), &at, &pair))
        view->good = userdata_may_be(program->image, type, &pair.value);
    return view->good;
}

/* Returns the setting whose rows are in force for the program's table. NULL: the rows written in the source are in
 * force. */
static struct setting *table_in_force(struct directory *directory, block_handle block, uint32_t number)
{
    const struct site_program *program = program_of(directory, interaction_of_block(directory->interactions, block));
    if (directory->settings.count == 0 || !program) return NULL;
    const struct setting *setting = in_force(directory, program, number);
    bool good = setting && is_rows(setting) && rows_good(program, number, setting);
    return good ? &directory->settings.all[setting - directory->settings.all] : NULL;
}

static enum vm_setting row_word(struct directory *directory, block_handle block, uint32_t number,
                                const struct kv_value *row, uint64_t *word)
{
    struct interaction *ix = interaction_of_block(directory->interactions, block);
    assert(ix->program != PROGRAM_NONE);
    const struct image *image = program_of(directory, ix)->image;
    uint64_t word_made;
    if (!userdata_word(directory->interactions, ix, image_element(image, image_setting(image, number)->type), row,
                       &word_made))
        return VM_SETTING_TOO_LARGE;
    *word = word_made;
    return VM_SETTING_MADE;
}

/* Finds a row. If the table in force does not have the row, there is none: the rows of the source are not searched. */
enum vm_setting setting_found(struct directory *directory, block_handle block, uint32_t number, struct span key,
                              bool prefix, uint64_t *word)
{
    const struct setting *setting = table_in_force(directory, block, number);
    struct kv_value row;
    if (!setting) return VM_SETTING_WRITTEN;
    enum vm_setting how = business_find(&setting->rows, key, prefix, &row)
                              ? row_word(directory, block, number, &row, word)
                              : VM_SETTING_NO_ROW;
    return how == VM_SETTING_TOO_LARGE ? how : site_made(directory, setting, how);
}

bool setting_count(struct directory *directory, block_handle block, uint32_t number, uint32_t *count)
{
    const struct setting *setting = table_in_force(directory, block, number);
    if (!setting) return false;
    *count = setting->rows.count;
    (void)site_made(directory, setting, VM_SETTING_MADE);
    return true;
}

/* Begins a cursor; its version number keeps the rows until the loop is over. */
uint32_t setting_walk(struct directory *directory, block_handle block, uint32_t number)
{
    struct setting *setting = table_in_force(directory, block, number);
    if (!setting) return 0;
    cursor_begin(directory->cursors, interaction_of_block(directory->interactions, block), setting);
    (void)site_made(directory, setting, VM_SETTING_MADE);
    return setting->version;
}

void setting_walked(struct directory *directory, block_handle block, uint32_t version)
{
    cursor_end(directory->cursors, interaction_of_block(directory->interactions, block), version);
}

/* Makes the key or the row at a place of the version with which the cursor began. */
enum vm_setting setting_at(struct directory *directory, block_handle block, const struct vm_place *place,
                           uint64_t *word)
{
    struct interaction *ix = interaction_of_block(directory->interactions, block);
    const struct site_program *program = program_of(directory, ix);
    const struct setting *setting =
        !program ? NULL : setting_find(&directory->settings, table_business, program->settings[place->setting]);
    const struct business *rows = !setting ? NULL : cursor_rows(directory->cursors, setting, place->version);
    struct kv_pair row;
    if (!rows || !business_at(rows, place->index, &row)) return VM_SETTING_NO_ROW;
    if (!place->key) return row_word(directory, block, place->setting, &row.value, word);
    struct kv_value key = {.tag = KV_TEXT, .span = row.key};
    return userdata_word(directory->interactions, ix, TYPE_STR, &key, word) ? VM_SETTING_MADE : VM_SETTING_TOO_LARGE;
}

/* Statistics that tests set */

enum { GIVEN_KEY_MAX = 1024 };

static uint32_t text_put(char *text, uint32_t length, struct span more)
{
    uint32_t room = GIVEN_KEY_MAX - length, taken = more.length < room ? more.length : room;
    memcpy(text + length, more.bytes, taken);
    return length + taken;
}

/* Returns whether a test has set a statistic. A test does so by a parameter that is named after the statistic and its
 * object: "occupancy(group sales)". */
enum given_how setting_given(const struct directory *directory, uint32_t statistic, unsigned of, uint32_t object,
                             int64_t *number)
{
    char text[GIVEN_KEY_MAX];
    uint32_t length = text_put(text, 0, names_text(directory->names, statistic));
    length = text_put(text, length, span_of("("));
    length = text_put(text, length, span_of(measure_object_word(of)));
    length = text_put(text, length, span_of(" "));
    length = text_put(text, length, names_text(directory->names, object));
    length = text_put(text, length, span_of(")"));
    uint32_t name = names_find(directory->names, (struct span){(const uint8_t *)text, length});
    const struct setting *setting = name == 0 ? NULL : setting_find(&directory->settings, table_parameter, name);
    struct kv_value value;
    if (!setting || !setting->known || !kv_get(setting->row, "value", &value)) return GIVEN_NOT;
    if (value.tag != KV_INT) return GIVEN_NONE;
    *number = value.word;
    return GIVEN_VALUE;
}
