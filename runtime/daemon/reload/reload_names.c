/* runtime/daemon/reload/reload_names.c - Checks names that a load uses and the directory does not have: those in
 * strategies, and the default destinations of routing points and adapters.
 *
 * No agent serves a skill that is in no table, no call can be routed to a queue without a row, and the statistics of
 * a missing campaign are 0: such names are only warnings, since a site may be about to add them. But a load is
 * refused if it removes a name that the old directory has and strategies use. Default destinations are a caller's last
 * resort: a load is refused if none of a routing point's default destinations exists. At the start of gcxvm, when
 * otherwise nobody would be served, that is only a warning, too. The directory need not list every DN, so only numbers
 * that look like the telephones it lists are checked. */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "vm/reads.h"
#include "vm/value.h"

enum { WARNINGS_MAX = 64, TEXT_MAX = 512 };

void warnings_clear(struct warnings *warnings)
{
    assert(warnings);
    for (size_t i = 0; i < warnings->count; i++) free(warnings->texts[i]);
    free(warnings->texts);
    *warnings = (struct warnings){0};
}

/* Warnings beyond WARNINGS_MAX are left out: the user corrects the first ones first. */
static void reload_names_warn(struct warnings *warnings, const char *format, va_list arguments)
{
    char text[TEXT_MAX];
    if (warnings->count == WARNINGS_MAX) return;
    vsnprintf(text, sizeof text, format, arguments);
    if (warnings->count + 1 == WARNINGS_MAX) snprintf(text, sizeof text, "more is not told: first mend what is above");
    for (size_t i = 0; i < warnings->count; i++) /* images share files */
        if (strcmp(warnings->texts[i], text) == 0) return;
    warnings->texts = memory_grown(warnings->texts, warnings->count + 1, sizeof *warnings->texts);
    warnings->texts[warnings->count++] = memory_text(text);
}

void warnings_add(struct warnings *warnings, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reload_names_warn(warnings, format, arguments);
    va_end(arguments);
}

void reading_warn(struct site_reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reload_names_warn(&reading->warnings, format, arguments);
    va_end(arguments);
}

/* For each kind of names: the table that has them. */
static const struct named_kind {
    uint16_t type;
    enum table table;
    const char *word;
} kinds[] = {
    {TYPE_SKILL, table_skill, "skill"},          {TYPE_GROUP, table_group, "group"}, {TYPE_QUEUE, table_queue, "queue"},
    {TYPE_AGENT, table_agent, "agent"},          {TYPE_PLACE, table_place, "place"}, {TYPE_DN, table_dn, "dn"},
    {TYPE_CAMPAIGN, table_campaign, "campaign"},
};

/* True: no row of the kind's table has the name. */
static bool reload_names_lacks(const struct directory_import *directory, const struct named_kind *kind,
                               const char *name)
{
    return kind->table == table_dn ? import_lacks_dn(directory, name) : !import_has(directory, kind->table, name);
}

void reading_place_print(const struct image *image, uint32_t function, uint32_t pc, const char *file, char out[PLACE])
{
    struct image_place place;
    if (image_place(image, function, pc, &place))
        snprintf(out, PLACE, "%.*s:%u", (int)place.file.length, place.file.bytes, place.line);
    else
        snprintf(out, PLACE, "%s", file);
}

void reading_name_print(const struct image *image, uint32_t name, const char *file, char out[PLACE])
{
    struct image_reader at = {.function = IMAGE_NONE};
    (void)image_uses_name(image, name, &at);
    reading_place_print(image, at.function, at.pc, file, out);
}

void names_used_free(struct names_used *used)
{
    for (size_t i = 0; i < used->count; i++) free(used->all[i]);
    free(used->all);
    *used = (struct names_used){0};
}

static bool reload_name_is_used(const struct names_used *used, const char *name)
{
    for (size_t i = 0; i < used->count; i++)
        if (strcmp(used->all[i], name) == 0) return true;
    return false;
}

static void used_add(struct names_used *used, const char *name)
{
    if (reload_name_is_used(used, name)) return;
    used->all = memory_grown(used->all, used->count + 1, sizeof *used->all);
    used->all[used->count++] = memory_text(name);
}

/* Warns of each name in an image that the directory does not have. False: the old directory had such a name. */
static bool image_names(struct site_reading *reading, const struct image *image, const char *file, struct error *error)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        struct text text = image_text(image, image_name(image, i)->text);
        char name[NAME_MAX_BYTES + 1], at[PLACE], full[NAME_MAX_BYTES + 16];
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            const struct named_kind *kind = &kinds[k];
            snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
            if (kind->type != image_name(image, i)->kind) continue;
            snprintf(full, sizeof full, "%s %s", kind->word, name);
            if (!reload_names_lacks(reading->directory, kind, name)) {
                used_add(&reading->used, full);
                continue;
            }
            reading_name_print(image, i, file, at);
            if (reading->before && reload_name_is_used(reading->before, full))
                return error_set(error, ERROR_STATE,
                                 "%.80s: %s is used here, and %.100s has it no more: a name in use is not removed", at,
                                 full, reading->file);
            reading_warn(reading, "%s: %s %s is in no row of table %s of %.140s", at, kind->word, name, kind->word,
                         reading->file);
        }
    }
    return true;
}

static bool image_has_zone(const struct image *image, const char *zone)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        struct text text = image_text(image, image_name(image, i)->text);
        if (image_name(image, i)->kind == TYPE_ZONE &&
            span_is((struct span){(const uint8_t *)text.bytes, text.length}, zone))
            return true;
    }
    return false;
}

/* Warns of each name that a strategy writes as a text and the directory does not have: until the directory has it, the
 * name is `none`. */
static void image_spelled(struct site_reading *reading, const struct image *image, const char *file)
{
    struct image_reader at = {0};
    struct text text;
    uint16_t kind;
    char inlined[8], name[NAME_MAX_BYTES + 1], where[PLACE];
    while (image_next_spelled(image, &at, &kind, &text, inlined)) {
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        reading_place_print(image, at.function, at.pc - 1, file, where);
        if (kind == TYPE_ZONE && !image_has_zone(image, name))
            reading_warn(reading, "%s: the site of this strategy does not name the zone %s", where, name);
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            if (kinds[k].type != kind || import_has(reading->directory, kinds[k].table, name) ||
                (kind == TYPE_DN && import_has(reading->directory, table_queue, name)))
                continue;
            reading_warn(reading, "%s: %s %s is in no row of table %s of %.140s", where, kinds[k].word, name,
                         kinds[k].word, reading->file);
        }
    }
}

bool reading_next_dn(const char **list, char dn[NAME_MAX_BYTES + 1])
{
    *list += strspn(*list, ", \t");
    size_t length = strcspn(*list, ", \t");
    snprintf(dn, NAME_MAX_BYTES + 1, "%.*s", (int)length, *list);
    *list += length;
    return length > 0;
}

/* Returns the setting with the adapter's default destinations; NULL: it has none. */
static const struct conf_setting *adapter_defaults(const struct conf_adapter *adapter)
{
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, "defaults") == 0) return &adapter->settings[i];
    return NULL;
}

struct list {
    size_t named, lacking; /* destinations */
};

/* Warns of defaults of adapters that the directory does not have. True if at least one of these destinations exists;
 * else `vain` is the first setting whose destinations do not exist. */
static bool adapters_names(struct site_reading *reading, const struct conf_setting **vain)
{
    const struct conf *conf = reading->conf;
    bool any = false;
    *vain = NULL;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const struct conf_setting *setting = adapter_defaults(&conf->adapters[i]);
        const char *list = setting ? setting->value : "";
        char dn[NAME_MAX_BYTES + 1];
        while (reading_next_dn(&list, dn)) {
            bool lacking = import_lacks_dn(reading->directory, dn);
            any = any || !lacking;
            if (!lacking) continue;
            if (!*vain) *vain = setting;
            reading_warn(reading, "%.140s:%d: adapter %s: default destination %s is in no row of table dn of %.140s",
                         conf->file, setting->line, conf->adapters[i].name, dn, reading->file);
        }
    }
    return any;
}

/* Reads the default destinations of a routing point, and warns of those that the directory lacks. */
static struct list point_list(struct site_reading *reading, const struct import_point *point)
{
    const char *list = point->defaults;
    char dn[NAME_MAX_BYTES + 1], what[TEXT_MAX];
    struct error told = {0};
    struct list found = {0};
    for (; reading_next_dn(&list, dn); found.named++) {
        if (!import_lacks_dn(reading->directory, dn)) continue;
        found.lacking++;
        if (reading->warnings.count == WARNINGS_MAX) continue;
        snprintf(what, sizeof what, "default destination %s is in no row of table dn", dn);
        import_point_wrong(reading->file, point->dn, what, &told);
        reading_warn(reading, "%s", told.text);
    }
    return found;
}

/* Checks the default destinations of a routing point. A call tries those of the adapters after them: `saved`: one of
 * the adapters' destinations exists; `vain`: an adapter's setting none of whose destinations exists. */
static bool point_names(struct site_reading *reading, const struct import_point *point, bool saved,
                        const struct conf_setting *vain, struct error *error)
{
    struct list own = point_list(reading, point);
    char what[TEXT_MAX];
    struct error lost = {0};
    if (saved || own.lacking < own.named) return true;
    /* no default is named here: the switch has default destinations of its own */
    if (own.named == 0 && !vain) return true;
    if (own.named == 0) {
        error_set(&lost, ERROR_UNKNOWN,
                  "%.120s:%d: of the default destinations of routing point %s, %.60s, none is in table dn of %.60s; "
                  "callers would be lost",
                  reading->conf->file, vain->line, point->dn, vain->value, reading->file);
    } else {
        snprintf(what, sizeof what, "none of its default destinations, %.60s, is in table dn; callers would be lost",
                 point->defaults);
        import_point_wrong(reading->file, point->dn, what, &lost);
    }
    if (reading->starts)
        reading_warn(reading, "%s", lost.text);
    else
        *error = lost;
    return reading->starts;
}

bool reading_names(struct site_reading *reading, struct error *error)
{
    assert(reading->directory && reading->images);
    struct import_point point;
    const struct conf_setting *vain;
    bool saved = adapters_names(reading, &vain);
    for (size_t i = 0; import_point(reading->directory, i, &point); i++)
        if (!point_names(reading, &point, saved, vain, error)) return false;
    for (size_t i = 0; i < reading->conf->strategy_count; i++)
        if (!image_names(reading, reading->images[i], reading->conf->strategies[i], error)) return false;
    for (size_t i = 0; i < reading->conf->strategy_count; i++)
        image_spelled(reading, reading->images[i], reading->conf->strategies[i]);
    return true;
}

void reload_image_warnings(const struct reload_world *world, const struct image *image, const char *file,
                           struct warnings *warnings)
{
    sqlite3 *kept = kept_open(world->conf->state);
    for (uint32_t i = 0; kept && i < image_count(image, SECTION_NAMES); i++) {
        struct text text = image_text(image, image_name(image, i)->text);
        char name[NAME_MAX_BYTES + 1], at[PLACE];
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            if (kinds[k].type != image_name(image, i)->kind || kinds[k].table == table_dn ||
                kept_has(kept, kinds[k].word, name))
                continue;
            reading_name_print(image, i, file, at);
            warnings_add(warnings, "%s: %s %s is in no row of table %s of the directory in force", at, kinds[k].word,
                         name, kinds[k].word);
        }
    }
    sqlite3_close(kept);
}
