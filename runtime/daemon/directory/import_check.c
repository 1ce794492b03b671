/* runtime/daemon/directory/import_check.c - Checks that the directory's parameters and tables are what the sites
 * declare.
 *
 * A complaint names the file, the row's key and its line, the value and what the site expects, and, for a name, the
 * name that was perhaps meant. Each check compares one value with one declaration; the first that fails refuses the
 * whole directory, since half a directory would route by rules that nobody has written. */
#include "runtime/daemon/directory/import_check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/daemon/directory/import_state.h"
#include "base/near.h"
#include "runtime/vocabulary/rows.h"
#include "base/utf8.h"
#include "vm/prefer.h"
#include "vm/capacity.h"
#include "vm/show.h"

enum { CHECK_SHOWN_MAX = 60 };

const struct image_setting *import_declared(const struct image *image, enum setting_kind kind, const char *setting)
{
    for (uint32_t at = 0; at < image_count(image, SECTION_SETTINGS); at++) {
        const struct image_setting *row = image_setting(image, at);
        struct text name = image_text(image, row->name);
        if (row->kind == kind && name.length == strlen(setting) && memcmp(name.bytes, setting, name.length) == 0)
            return row;
    }
    return NULL;
}

/* Writes what is expected for a name: among the site's names of that kind, the one that was perhaps meant. */
static const char *import_check_name_of(const struct image *image, uint16_t base, const char *wanted,
                                        char out[CHECK_SHOWN_MAX])
{
    uint32_t least = UINT32_MAX;
    snprintf(out, CHECK_SHOWN_MAX, "a %s of the site", show_type_name(base));
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        const struct image_name *row = image_name(image, i);
        struct text text = image_text(image, row->text);
        char name[NAME_MAX_BYTES + 1];
        if (row->kind != base) continue;
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        if (!near_is_nearer(wanted, name, &least)) continue;
        snprintf(out, CHECK_SHOWN_MAX, "a %s of the site: did you mean %.*s?", show_type_name(base),
                 (int)utf8_cut(text.bytes, text.length, CHECK_SHOWN_MAX / 2), text.bytes);
    }
    return out;
}

/* Tells in words which value of the type a person should write; `wanted`: what was written, for finding a similar
 * name. `out`: room for it. */
static const char *import_check_kind_of(const struct image *image, uint16_t type, const char *wanted,
                                        char out[CHECK_SHOWN_MAX])
{
    uint16_t base = type_base(type);
    if (type_is_name(base)) return import_check_name_of(image, base, wanted, out);
    switch (base) {
    case TYPE_BOOL:
        return "true or false";
    case TYPE_DURATION:
        return "a duration, as 1h30m";
    case TYPE_PERCENT:
        return "a percent, as 12.5%";
    case TYPE_DATE:
        return "a date, as 2026-03-02";
    case TYPE_CLOCK:
        return "a time of day, as 08:30";
    default:
        break;
    }
    if (base >= TYPE_OWN && type_is_enum(image, base)) return "a value of its enumeration";
    if (base >= TYPE_OWN) return "nothing: a list, map or record stands only in the site";
    return show_type_name(base);
}

/* Writes the value for a complaint, cut to CHECK_SHOWN_MAX bytes. */
static void import_check_shown(const struct kv_value *value, char out[CHECK_SHOWN_MAX])
{
    if (value->tag == KV_TEXT)
        snprintf(out, CHECK_SHOWN_MAX, "%.*s",
                 (int)utf8_cut((const char *)value->span.bytes, value->span.length, CHECK_SHOWN_MAX - 1),
                 (const char *)value->span.bytes);
    else if (value->tag == KV_INT)
        snprintf(out, CHECK_SHOWN_MAX, "%lld", (long long)value->word);
    else if (value->tag == KV_FLOAT)
        snprintf(out, CHECK_SHOWN_MAX, "%g", value->number);
    else
        snprintf(out, CHECK_SHOWN_MAX, "NULL");
}

/* Compares two values of a type that has an order: -1, 0 or 1. */
static int import_check_order_of(uint16_t base, uint64_t a, uint64_t b)
{
    if (base == TYPE_FLOAT) return value_float(a) < value_float(b) ? -1 : value_float(a) > value_float(b);
    return (int64_t)a < (int64_t)b ? -1 : (int64_t)a > (int64_t)b;
}

/* True: the value is within the bounds that the site sets. Lists and records have no bounds. */
static bool import_check_within(const struct image *image, const struct image_setting *row,
                                const struct kv_value *value)
{
    uint16_t base = type_base(row->type);
    uint64_t word;
    if (row->low == IMAGE_NONE || value->tag == KV_NONE || !coerce_is_plain(image, base)) return true;
    return coerce_plain(image, base, value, &word) &&
           import_check_order_of(base, word, image_constant(image, row->low)->word) >= 0 &&
           import_check_order_of(base, word, image_constant(image, row->high)->word) <= 0;
}

/* Writes a constant as the site's source writes it, cut. */
static const char *import_check_written(const struct image *image, uint16_t type, uint16_t constant,
                                        char out[CHECK_SHOWN_MAX])
{
    struct shown text = {out, CHECK_SHOWN_MAX - 1, 0};
    show_value(&(struct show){.image = image}, &text, type, image_constant(image, constant)->word);
    out[text.length < CHECK_SHOWN_MAX - 1 ? text.length : CHECK_SHOWN_MAX - 1] = '\0';
    return out;
}

bool import_value_fault(const struct image *image, const struct image_setting *row, const struct kv_value *asked,
                        char what[IMPORT_WHAT_MAX])
{
    char value[CHECK_SHOWN_MAX], kind[CHECK_SHOWN_MAX], low[CHECK_SHOWN_MAX], high[CHECK_SHOWN_MAX];
    import_check_shown(asked, value);
    if (row->kind == SETTING_SCHEDULE && !userdata_may_be(image, row->type, asked)) /* its numbers were read */
        snprintf(what, IMPORT_WHAT_MAX,
                 "has too many lines and dates; expected at most 250 days, fewer where they "
                 "have hours");
    else if (!userdata_may_be(image, row->type, asked))
        snprintf(what, IMPORT_WHAT_MAX, "is %s; expected %s", value,
                 import_check_kind_of(image, row->type, value, kind));
    else if (!import_check_within(image, row, asked))
        snprintf(what, IMPORT_WHAT_MAX, "is %s; the site has it within %s..%s", value,
                 import_check_written(image, row->type, row->low, low),
                 import_check_written(image, row->type, row->high, high));
    else
        return false;
    return true;
}

/* Checks that a parameter's value has its type, and is within its bounds. */
static bool parameter_good(const char *file, const struct image *image, const struct image_setting *row,
                           const struct import_setting *setting, struct error *error)
{
    assert(!setting->key);
    char fault[IMPORT_WHAT_MAX], what[IMPORT_WHAT_MAX + 16];
    if (!import_value_fault(image, row, &setting->value, fault)) return true;
    snprintf(what, sizeof what, "column value %s", fault);
    return import_setting_wrong(file, setting, setting->name, what, error);
}

/* Gets the value of a column in a row. False: the row has no column of that name. */
static bool column_of(struct span list, struct text name, struct kv_value *value)
{
    return kv_find(list, (struct span){(const uint8_t *)name.bytes, name.length}, value);
}

/* Checks that the sheet has the columns that the site declares; the first row has the columns of every row. */
static bool import_check_columns_good(const char *file, const struct image *image, uint16_t record,
                                      const struct import_setting *setting, struct span first, struct error *error)
{
    char what[IMPORT_WHAT_MAX];
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(first, &at, &pair)) {
        if (image_field_find(image, record, (const char *)pair.key.bytes, pair.key.length) >= 0) continue;
        snprintf(what, sizeof what, "the site's table has no column %.*s", (int)pair.key.length,
                 (const char *)pair.key.bytes);
        return import_setting_wrong(file, setting, NULL, what, error);
    }
    for (uint32_t field = 0; field < image_field_count(image, record); field++) {
        struct text name = image_field_name(image, record, field);
        struct kv_value value;
        if (column_of(first, name, &value) || type_is_optional(image_field_type(image, record, field))) continue;
        snprintf(what, sizeof what, "there is no column %.*s, as the site's table has", (int)name.length, name.bytes);
        return import_setting_wrong(file, setting, NULL, what, error);
    }
    return true;
}

bool import_row_fault(const struct image *image, uint16_t record, const struct kv_value *row,
                      char what[IMPORT_WHAT_MAX])
{
    if (userdata_may_be(image, record, row)) return false;
    snprintf(what, IMPORT_WHAT_MAX, "the row is too large");
    for (uint32_t field = 0; field < image_field_count(image, record); field++) {
        struct text name = image_field_name(image, record, field);
        uint16_t type = image_field_type(image, record, field);
        struct kv_value value = {.tag = KV_NONE};
        char text[CHECK_SHOWN_MAX], kind[CHECK_SHOWN_MAX];
        column_of(row->span, name, &value);
        if (userdata_may_be(image, type, &value)) continue;
        import_check_shown(&value, text);
        snprintf(what, IMPORT_WHAT_MAX, "column %.*s is %s; expected %s", (int)name.length, name.bytes, text,
                 import_check_kind_of(image, type, text, kind));
        break;
    }
    return true;
}

/* Reports the first column of a row that does not fit. */
static bool row_good(const char *file, const struct image *image, uint16_t record, const struct import_setting *setting,
                     const struct kv_pair *row, struct error *error)
{
    char what[IMPORT_WHAT_MAX], key[ADDR_MAX_BYTES + 1];
    if (!import_row_fault(image, record, &row->value, what)) return true;
    snprintf(key, sizeof key, "%.*s", (int)row->key.length, (const char *)row->key.bytes);
    return import_setting_wrong(file, setting, key, what, error);
}

/* Checks a business table: its columns once, the values in every row. */
static bool table_good(const char *file, const struct image *image, const struct image_setting *row,
                       const struct import_setting *setting, struct error *error)
{
    assert(setting->key);
    uint16_t record = image_element(image, row->type);
    struct kv_pair pair;
    uint32_t at = 0;
    for (bool first = true; kv_next(setting->value.span, &at, &pair); first = false)
        if ((first && !import_check_columns_good(file, image, record, setting, pair.value.span, error)) ||
            !row_good(file, image, record, setting, &pair, error))
            return false;
    return true;
}

static bool has_capacity(const struct image *image, struct span wanted)
{
    struct text name;
    struct capacity_rule rule;
    for (uint32_t table = 0; table < capacity_table_count(image); table++)
        if (capacity_rule_read(image, table, &name, &rule) && name.length == wanted.length &&
            memcmp(name.bytes, wanted.bytes, name.length) == 0)
            return true;
    return false;
}

/* Writes, as the end of a sentence, the name of a capacity that was perhaps meant. */
static const char *capacity_near(const struct image *const *images, size_t count, const char *wanted,
                                 char out[CHECK_SHOWN_MAX])
{
    uint32_t least = UINT32_MAX;
    out[0] = '\0';
    for (size_t at = 0; at < count; at++) {
        struct text text;
        struct capacity_rule rule;
        for (uint32_t table = 0; table < capacity_table_count(images[at]); table++) {
            char name[NAME_MAX_BYTES + 1];
            if (!capacity_rule_read(images[at], table, &text, &rule)) continue;
            snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
            if (!near_is_nearer(wanted, name, &least)) continue;
            snprintf(out, CHECK_SHOWN_MAX, "; did you mean %.*s?",
                     (int)utf8_cut(text.bytes, text.length, CHECK_SHOWN_MAX / 2), text.bytes);
        }
    }
    return out;
}

/* Checks that some site has each capacity that the directory gives to the rows of the table. */
static bool capacities_good(const struct directory_import *directory, unsigned table, const char *sheet,
                            const char *file, const struct image *const *images, size_t count, struct error *error)
{
    static const char *const keys[] = {"name", NULL};
    const struct entries *rows = &directory->tables[table];
    for (size_t i = 0; i < rows->count; i++) {
        const struct entry *row = &directory->rows[rows->first + i];
        struct kv_value value;
        bool known = !kv_get(kv_span(&row->values), "capacity", &value);
        for (size_t at = 0; at < count && !known; at++) known = has_capacity(images[at], value.span);
        if (known) continue;
        char name[NAME_MAX_BYTES + 1], near[CHECK_SHOWN_MAX], what[IMPORT_WHAT_MAX];
        snprintf(name, sizeof name, "%.*s", (int)value.span.length, (const char *)value.span.bytes);
        snprintf(what, sizeof what, "no site of the configured strategies has the capacity %s%s", name,
                 capacity_near(images, count, name, near));
        return import_row_wrong(file, sheet, keys, row->key, what, error);
    }
    return true;
}

static bool has_vq(const struct image *image, const char *vq)
{
    for (uint32_t at = 0; at < image_count(image, SECTION_NAMES); at++) {
        struct text text = image_text(image, image_name(image, at)->text);
        if (image_name(image, at)->kind == TYPE_VQ && text.length == strlen(vq) &&
            memcmp(text.bytes, vq, text.length) == 0)
            return true;
    }
    return false;
}

/* Checks that some site has each virtual queue that a profile names. */
static bool profile_queues_good(const struct directory_import *directory, const char *file,
                                const struct image *const *images, size_t count, struct error *error)
{
    static const char *const keys[] = {"profile", "vq", NULL};
    const struct entries *rows = &directory->tables[table_profile];
    for (size_t i = 0; i < rows->count; i++) {
        const char *key = directory->rows[rows->first + i].key, *vq = strchr(key, '/');
        bool known = vq && strcmp(vq + 1, "*") == 0;
        for (size_t at = 0; vq && at < count && !known; at++) known = has_vq(images[at], vq + 1);
        if (!known)
            return import_row_wrong(file, "profile", keys, key,
                                    "no site of the configured strategies has such a virtual queue", error);
    }
    return true;
}

/* Checks that the rows for all other queues do not have too many different delays, since the core makes a class of each
 * queue for each of them. */
static bool profile_delays_good(const struct directory_import *directory, const char *file, struct error *error)
{
    static const char *const keys[] = {"profile", "vq", NULL};
    const struct entries *rows = &directory->tables[table_profile];
    int64_t delays[PREFER_STARS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct entry *row = &directory->rows[rows->first + i];
        const char *vq = strchr(row->key, '/');
        struct kv_value value;
        size_t at = 0;
        if (!vq || strcmp(vq + 1, "*") != 0) continue;
        if (!kv_get(kv_span(&row->values), "delay_s", &value) || value.tag != KV_INT || value.word == 0) continue;
        while (at < count && delays[at] != value.word) at++;
        if (at == PREFER_STARS_MAX)
            return import_row_wrong(file, "profile", keys, row->key,
                                    "has a ninth delay; all rows for the vq * have at most eight different ones",
                                    error);
        if (at == count) delays[count++] = value.word;
    }
    return true;
}

/* Checks that the profile of each agent has a row in the table `profile`. */
static bool profiles_good(const struct directory_import *directory, const char *file, struct error *error)
{
    static const char *const keys[] = {"name", NULL};
    const struct entries *agents = &directory->tables[table_agent], *rows = &directory->tables[table_profile];
    const char *last = "";
    for (size_t i = 0; i < agents->count; i++) {
        const struct entry *agent = &directory->rows[agents->first + i];
        struct kv_value value;
        bool known = !kv_get(kv_span(&agent->values), "profile", &value);
        size_t length = known ? 0 : value.span.length;
        known = known ||
                (last[0] != '\0' && strncmp(last, (const char *)value.span.bytes, length) == 0 && last[length] == '/');
        for (size_t at = 0; !known && at < rows->count; at++) {
            const char *key = directory->rows[rows->first + at].key;
            known = strncmp(key, (const char *)value.span.bytes, length) == 0 && key[length] == '/';
            if (known) last = key;
        }
        if (!known)
            return import_row_wrong(file, "agent", keys, agent->key, "has a profile that is not in table profile",
                                    error);
    }
    return true;
}

/* Checks a setting, which may be in several sites: each of these must accept it. */
bool import_check(const struct directory_import *directory, const char *file, const struct image *const *images,
                  size_t count, struct error *error)
{
    assert(directory && file && (images || count == 0));
    struct import_setting setting;
    for (size_t i = 0; import_setting(directory, i, &setting); i++) {
        bool known = false;
        enum setting_kind kind = setting.key                       ? SETTING_TABLE
                                 : setting.table == table_schedule ? SETTING_SCHEDULE
                                                                   : SETTING_PARAMETER;
        static const char *const missing[SETTING_KINDS] = {"no site of the configured strategies has such a parameter",
                                                           "no site of the configured strategies has such a table",
                                                           "no site of the configured strategies has such a schedule"};
        for (size_t at = 0; at < count; at++) {
            const struct image_setting *row = import_declared(images[at], kind, setting.name);
            known = known || row;
            if (row && !(setting.key ? table_good(file, images[at], row, &setting, error)
                                     : parameter_good(file, images[at], row, &setting, error)))
                return false;
        }
        if (known) continue;
        return import_setting_wrong(file, &setting, setting.key ? NULL : setting.name, missing[kind], error);
    }
    return capacities_good(directory, table_agent, "agent", file, images, count, error) &&
           capacities_good(directory, table_place, "place", file, images, count, error) &&
           profile_queues_good(directory, file, images, count, error) && profile_delays_good(directory, file, error) &&
           profiles_good(directory, file, error);
}
