/* runtime/daemon/admin/reads_settings.c - Settings with the values in force, and the audit of their changes.
 *
 * There are two lists: settings with their values in force and the origin of each value, and the audit of changes from
 * the core's memory. A value is shown by the type that a site in force declares, as the language writes it; a setting
 * that no site has any more is shown as the stored pairs. */
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/settings.h"
#include "runtime/daemon/directory/hand.h"
#include "runtime/daemon/directory/import_check.h"
#include "runtime/daemon/directory/kept.h"
#include "base/out.h"
#include "vm/clock.h"
#include "vm/show.h"

static const enum table tables[SETTING_KINDS] = {table_parameter, table_business, table_schedule};
static const char *const kinds[SETTING_KINDS] = {"parameter", "table", "schedule"};

static void put_us(json_t *into, const char *key, int64_t us)
{
    json_put(into, key, us != 0 ? json_integer(us) : json_null());
}

/* Writes a value of pairs as text. */
static json_t *setting_value_text(const struct hand *hand, const struct kv_value *value, bool known)
{
    char text[HAND_TEXT_MAX];
    struct kv pairs;
    kv_init(&pairs);
    if (known) kv_put(&pairs, span_of("value"), value);
    hand_show(hand, kv_span(&pairs), text);
    kv_free(&pairs);
    return json_text_of(span_of(text));
}

/* Writes the type as the language calls it; of an enum also its values. */
static void setting_type_put(json_t *into, const struct image *image, uint16_t type)
{
    const struct image_type *own = image_type(image, type_base(type));
    bool choice = own && own->kind == KIND_ENUM;
    json_t *choices = json_array();
    json_put(into, "type", json_string(choice ? "enum" : show_type_name(type_base(type))));
    for (uint32_t at = 0; choice && at < own->count; at++) {
        struct text name = image_field_name(image, type_base(type), at);
        json_append(choices, json_text_of((struct span){(const uint8_t *)name.bytes, name.length}));
    }
    if (choice)
        json_put(into, "choices", choices);
    else
        json_decref(choices);
}

static json_t *constant_json(const struct hand *hand, uint16_t constant)
{
    char text[HAND_TEXT_MAX];
    hand_show_constant(hand, constant, text);
    return constant == IMAGE_NONE ? json_null() : json_string(text);
}

/* Writes what the site's source says of the setting: the text, the type, the bounds, the columns of a table. */
static void setting_declared_put(json_t *object, const struct hand *hand)
{
    const struct image_setting *row = hand->declared;
    struct text doc = image_text(hand->image, (struct image_text){row->doc, row->doc_length});
    uint16_t record = image_element(hand->image, row->type);
    json_put(object, "doc", json_text_of((struct span){(const uint8_t *)doc.bytes, doc.length}));
    if (row->kind == SETTING_PARAMETER) {
        setting_type_put(object, hand->image, row->type);
        json_put(object, "low", constant_json(hand, row->low));
        json_put(object, "high", constant_json(hand, row->high));
        json_put(object, "written", constant_json(hand, row->constant));
    }
    if (row->kind == SETTING_SCHEDULE) {
        struct text zone = clock_zone_only(hand->image);
        json_put(object, "zone", json_text_of((struct span){(const uint8_t *)zone.bytes, zone.length}));
    }
    if (row->kind != SETTING_TABLE) return;
    json_t *columns = json_array();
    for (uint32_t field = 0; field < image_field_count(hand->image, record); field++) {
        struct text name = image_field_name(hand->image, record, field);
        json_t *column = json_object();
        json_put(column, "name", json_text_of((struct span){(const uint8_t *)name.bytes, name.length}));
        setting_type_put(column, hand->image, image_field_type(hand->image, record, field));
        json_append(columns, column);
    }
    json_put(object, "columns", columns);
}

/* The lasting value by hand that is in force again when the one for a time is over or taken back. */
static json_t *setting_lasting(const struct core *core, const struct hand *hand)
{
    struct change_row row;
    struct kv_value value;
    bool found = core_change_below(core, hand->table, span_of(hand->name), span_of(""), &row);
    return found && kv_get(row.row, "value", &value) ? setting_value_text(hand, &value, true) : json_null();
}

static json_t *setting_json(const struct core *core, const struct hand *hand)
{
    struct read_setting row;
    json_t *object = json_object();
    struct text edit = image_text(hand->image, hand->declared->edit);
    char rows[32];
    core_setting(core, hand->table, span_of(hand->name), &row);
    json_put(object, "name", json_string(hand->name));
    json_put(object, "kind", json_string(kinds[hand->declared->kind]));
    snprintf(rows, sizeof rows, "%u rows", row.rows);
    if (hand->table == table_business)
        json_put(object, "value", row.known ? json_string(rows) : json_string("as written"));
    else
        json_put(object, "value", setting_value_text(hand, &row.value, row.known));
    json_put(object, "of", json_string(row.by_hand ? "hand" : row.has_base ? "directory" : "site"));
    json_put(object, "by", json_text_of(row.actor));
    json_put(object, "why", json_text_of(row.why));
    put_us(object, "since_us", row.at_us);
    put_us(object, "until_us", row.until_us);
    json_put(object, "lasting", row.until_us != 0 ? setting_lasting(core, hand) : json_null());
    json_put(object, "edit", json_text_of((struct span){(const uint8_t *)edit.bytes, edit.length}));
    json_put(object, "directory",
             row.has_base && hand->table != table_business ? setting_value_text(hand, &row.base, true) : json_null());
    json_put(object, "key", json_null());
    setting_declared_put(object, hand);
    return object;
}

/* Finds the value of the setting without what stands behind it by hand, such as one more holiday. Empty pairs: as the
 * site says. */
static void setting_own_value(const struct core *core, const struct hand *hand, struct kv *pairs)
{
    struct read_setting row;
    struct change_row change;
    struct kv_value value, own = {.tag = KV_NONE};
    bool limited = false;
    core_setting(core, hand->table, span_of(hand->name), &row);
    if (row.has_base) own = row.base;
    for (uint32_t at = 0; core_change(core, at, &change); at++) {
        if (change.table != hand->table || change.item.length != 0 || !span_is(change.name, hand->name)) continue;
        /* The change for a limited time is in force before the other one. */
        if (limited || !kv_get(change.row, "value", &value)) continue;
        limited = change.until_us != 0;
        own = value;
    }
    if (own.tag != KV_NONE) kv_put(pairs, span_of("value"), &own);
}

/* Writes all of the setting's own value, which `value` may have cut. */
static void setting_lines_put(json_t *object, const struct core *core, const struct hand *hand)
{
    char text[HAND_WHOLE_MAX];
    struct kv pairs;
    kv_init(&pairs);
    setting_own_value(core, hand, &pairs);
    hand_show_whole(hand, kv_span(&pairs), text, sizeof text);
    kv_free(&pairs);
    json_put(object, "lines", json_string(text));
}

static json_t *row_json(const struct core *core, const struct change_row *row);

/* Puts the newest change by hand of each row beside its fields, as `hand`. A row may have two: a lasting one, and one
 * for a time. */
static void setting_hands_put(const struct core *core, const struct hand *hand, json_t *by_key)
{
    struct change_row row;
    for (uint32_t at = 0; core_change(core, at, &row); at++) {
        if (row.table != hand->table || !span_is(row.name, hand->name)) continue;
        json_t *object = json_object_getn(by_key, (const char *)row.item.bytes, row.item.length);
        const json_t *before = object ? json_object_get(object, "hand") : NULL;
        if (object && (!before || json_integer_value(json_object_get(before, "since_us")) < row.at_us))
            json_put(object, "hand", row_json(core, &row));
    }
}

/* Lists the rows of a table that are in force, each with its fields as they are typed. */
static void setting_rows_put(struct asking *asking, const struct core *core, const struct hand *hand)
{
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    char text[HAND_WHOLE_MAX];
    struct kv rows;
    struct kv_pair row, field;
    json_t *list = json_array(), *by_key = json_object();
    kv_init(&rows);
    uint32_t count =
        from > UINT32_MAX ? 0 : core_setting_rows(core, span_of(hand->name), (uint32_t)from, (uint32_t)limit, &rows);
    for (uint32_t at = 0; kv_next(kv_span(&rows), &at, &row);) {
        json_t *object = json_object(), *fields = json_object();
        json_put(object, "key", json_text_of(row.key));
        for (uint32_t in = 0; row.value.tag == KV_LIST && kv_next(row.value.span, &in, &field);) {
            char name[NAME_MAX_BYTES + 1];
            snprintf(name, sizeof name, "%.*s", (int)field.key.length, (const char *)field.key.bytes);
            hand_show_field(hand, &field, text, sizeof text);
            json_put(fields, name, json_string(text));
        }
        json_put(object, "fields", fields);
        json_object_setn(by_key, (const char *)row.key.bytes, row.key.length, object);
        json_append(list, object);
    }
    setting_hands_put(core, hand, by_key);
    json_decref(by_key);
    json_put(asking->into, "rows", list);
    json_put_next(asking, from + json_array_size(list) < count, from + json_array_size(list));
    kv_free(&rows);
}

static json_t *row_value(const struct change_row *row)
{
    const struct hand hand = {.table = (enum table)row->table};
    char text[HAND_TEXT_MAX];
    struct kv_value value;
    if (reads_assigned(row->table)) return reads_assigned_value(row->table, row->row);
    if (!kv_get(row->row, "value", &value) || value.tag == KV_NONE) return json_string("removed");
    hand_show(&hand, row->row, text);
    return json_text_of(span_of(text));
}

/* Writes what was changed by hand: a row of a table, a schedule's holiday, or what an agent has. */
static json_t *row_json(const struct core *core, const struct change_row *row)
{
    char name[NAME_MAX_BYTES + ADDR_MAX_BYTES + 2];
    struct change_row below;
    json_t *object = json_object();
    bool is_profile = row->table == table_agent_profile;
    const char *assigned = reads_assigned(row->table);
    struct span of = is_profile ? span_of("profile") : row->name, key = is_profile ? row->name : row->item;
    snprintf(name, sizeof name, "%.*s %.*s", (int)of.length, (const char *)of.bytes, (int)key.length,
             (const char *)key.bytes);
    json_put(object, "name", json_text_of(span_of(name)));
    json_put(object, "kind",
             json_string(assigned                       ? assigned
                         : is_profile                   ? "profile"
                         : row->table == table_schedule ? "holiday"
                                                        : "row"));
    json_put(object, "value", row_value(row));
    json_put(object, "of", json_string("hand"));
    json_put(object, "by", json_text_of(row->actor));
    json_put(object, "why", json_text_of(row->why));
    put_us(object, "since_us", row->at_us);
    put_us(object, "until_us", row->until_us);
    bool covers = row->until_us != 0 && core_change_below(core, row->table, row->name, row->item, &below);
    json_put(object, "lasting", covers ? row_value(&below) : json_null());
    json_put(object, "edit", json_null());
    json_put(object, "directory", json_null());
    json_put(object, "key", json_text_of(key));
    return object;
}

/* True: the change by hand is not that of a setting, so it is listed after the settings. */
static bool change_is_listed(const struct change_row *row)
{
    return row->name.length != 0 && (row->item.length != 0 || row->table == table_agent_profile);
}

/* True: a site earlier in the list has the setting, too. The setting was then already listed. */
static bool setting_is_listed(const struct image *const *images, size_t before, const struct hand *hand)
{
    for (size_t at = 0; at < before; at++)
        if (import_declared(images[at], (enum setting_kind)hand->declared->kind, hand->name)) return true;
    return false;
}

/* Finds a site in force that has the setting; the setting's values are shown by its types. */
static void hand_of(const struct image *const *images, size_t count, const struct note_row *row, struct hand *hand)
{
    *hand = (struct hand){.table = (enum table)row->table};
    snprintf(hand->name, sizeof hand->name, "%.*s", (int)row->name.length, (const char *)row->name.bytes);
    for (size_t at = 0; at < count && !hand->declared; at++)
        for (unsigned kind = 0; kind < SETTING_KINDS && !hand->declared; kind++) {
            hand->image = images[at];
            if (tables[kind] == hand->table)
                hand->declared = import_declared(images[at], (enum setting_kind)kind, hand->name);
        }
}

/* Writes the mode and limits of a campaign as gcxctl does: `mode predictive abandoned_permille=20`. */
static json_t *campaign_value(struct span pairs)
{
    struct out out = {0};
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        if (out.length > 0) out_text(&out, " ");
        if (pair.value.tag == KV_INT) {
            out_put(&out, (const char *)pair.key.bytes, pair.key.length);
            out_format(&out, "=%lld", (long long)pair.value.word);
        } else
            out_put(&out, (const char *)pair.value.span.bytes, pair.value.span.length);
    }
    json_t *text = out.length > 0 ? json_string(out.bytes) : json_null();
    out_free(&out);
    return text;
}

static json_t *note_value(const struct hand *hand, struct span pairs)
{
    char text[HAND_TEXT_MAX];
    struct kv_value value;
    if (hand->table == table_campaign) return campaign_value(pairs);
    if (hand->table == table_routing_point || hand->table == table_agent || hand->table == table_other)
        return kv_get(pairs, "value", &value) ? json_text_of(value.span) : json_null();
    if (reads_assigned(hand->table)) return reads_assigned_value(hand->table, pairs);
    bool is_row = hand->table == table_business;
    if (is_row && (!kv_get(pairs, "value", &value) || value.tag == KV_NONE)) return json_string("no row");
    hand_show(hand, pairs, text);
    return json_text_of(span_of(text));
}

/* Reads the next note of the lists of changes, of agents' states and of acts on interactions, the oldest of them; with
 * `helper` of the helper's list. `at` has the places in the lists. False: there is none. */
static bool audit_next(const struct core *core, bool helper, uint64_t at[NOTE_LISTS], struct note_row *row)
{
    unsigned next = NOTE_LISTS;
    for (unsigned list = 0; list < NOTE_LISTS; list++) {
        struct note_row one;
        if ((list == NOTES_OF_HELPER) != helper || !core_note(core, (enum note_list)list, &at[list], &one)) continue;
        if (next != NOTE_LISTS && one.at_us >= row->at_us) continue;
        next = list;
        *row = one;
    }
    if (next != NOTE_LISTS) at[next]++;
    return next != NOTE_LISTS;
}

static uint64_t audit_place(const uint64_t at[NOTE_LISTS])
{
    uint64_t place = 0;
    for (unsigned list = 0; list < NOTE_LISTS; list++) place += at[list];
    return place;
}

/* Returns the place behind which the last PAGE_ROWS notes about this setting begin. */
static uint64_t audit_last(const struct core *core, const char *name)
{
    uint64_t at[NOTE_LISTS] = {0}, places[PAGE_ROWS] = {0}, count = 0;
    struct note_row row;
    while (audit_next(core, false, at, &row))
        if (span_is(row.name, name)) places[count++ % PAGE_ROWS] = audit_place(at) - 1;
    return count < PAGE_ROWS ? 0 : places[count % PAGE_ROWS];
}

/* True: the note is about the thing: a setting, a campaign, a routing point or an agent by its name, or an interaction
 * by its id. */
static bool audit_is_of(const struct note_row *row, const char *thing)
{
    bool work = row->table == table_agent && row->name.length == 0;
    return span_is(row->name, thing) || (work && span_is(row->item, thing));
}

/* Lists the notes behind `from`. */
static void audit_put(struct asking *asking, const struct core *core, uint64_t from)
{
    const struct image *images[SETTINGS_IMAGES_MAX];
    size_t count = settings_images(core, images, SETTINGS_IMAGES_MAX);
    const char *thing = reads_asked_text(asking, "thing"), *name = thing ? thing : reads_asked_text(asking, "name");
    uint64_t limit = reads_asked_rows(asking, PAGE_ROWS), at[NOTE_LISTS] = {0}, before[NOTE_LISTS];
    bool helper = json_is_true(json_object_get(asking->request, "helper")), more = false;
    json_t *list = json_array();
    struct note_row row;
    struct hand hand;
    while (memcpy(before, at, sizeof at), audit_next(core, helper, at, &row)) {
        if (audit_place(at) <= from || (name && !audit_is_of(&row, name))) continue;
        more = json_array_size(list) == limit;
        if (more) break;
        json_t *object = json_object();
        bool whole = strcmp(row.what, "imported") == 0;
        hand_of(images, count, &row, &hand);
        put_us(object, "at_us", row.at_us);
        json_put(object, "by", json_text_of(row.actor));
        json_put(object, "what", json_string(row.what));
        bool is_profile = row.table == table_agent_profile;
        json_put(object, "name", is_profile ? json_string("profile") : json_text_of(row.name));
        const char *assigned = reads_assigned(row.table);
        json_put(object, "key",
                 assigned ? json_sprintf("%s %.*s", assigned, (int)row.item.length, (const char *)row.item.bytes)
                          : json_text_of(is_profile ? row.name : row.item));
        json_put(object, "old", whole ? json_null() : note_value(&hand, row.before));
        json_put(object, "new",
                 whole ? json_sprintf("version %llu", (unsigned long long)row.version) : note_value(&hand, row.now));
        put_us(object, "until_us", row.until_us);
        json_put(object, "why", json_text_of(row.why));
        json_append(list, object);
    }
    json_put(asking->into, "audit", list);
    json_put_next(asking, more, audit_place(before));
}

/* Lists the changes of settings and of agents' states, and acts on interactions; the newest is the last, as in a log.
 * `from` of the request and `next` of the answer count the notes of these lists. */
void reads_core_audit(void *self, struct core *core)
{
    audit_put(self, core, reads_asked_number(self, "from", 0));
}

/* Writes all about one setting: its value, what of it was changed by hand, its rows, and its audit. */
static void reads_whole(struct asking *asking, struct core *core, const struct image *const *images, size_t count,
                        const char *name)
{
    struct hand hand = {0};
    struct change_row row;
    json_t *list = json_array();
    if (strlen(name) <= NAME_MAX_BYTES) strcpy(hand.name, name);
    for (size_t at = 0; at < count && !hand.declared; at++)
        for (unsigned kind = 0; kind < SETTING_KINDS && !hand.declared; kind++) {
            hand.image = images[at];
            hand.declared = import_declared(images[at], (enum setting_kind)kind, hand.name);
            hand.table = tables[kind];
        }
    json_put(asking->into, "settings", list);
    if (!hand.declared) {
        reads_refuse_unknown(asking, "parameter, table or schedule", name);
        return;
    }
    json_t *first = setting_json(core, &hand);
    if (hand.table != table_business) setting_lines_put(first, core, &hand);
    json_append(list, first);
    for (uint32_t at = 0; core_change(core, at, &row); at++)
        if (change_is_listed(&row) && row.table == hand.table && span_is(row.name, name) &&
            json_array_size(list) <= PAGE_ROWS)
            json_append(list, row_json(core, &row));
    audit_put(asking, core, audit_last(core, name));
    json_put_next(asking, false, 0);
    if (hand.table == table_business) setting_rows_put(asking, core, &hand);
}

/* Lists first the settings, then rows, holidays and profiles by hand: `from` counts through both. */
static void reads_settings(void *self, struct core *core)
{
    struct asking *asking = self;
    const struct image *images[SETTINGS_IMAGES_MAX];
    size_t count = settings_images(core, images, SETTINGS_IMAGES_MAX);
    const char *name = reads_asked_text(asking, "name");
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS), place = 0;
    bool found = false;
    if (name && json_is_true(json_object_get(asking->request, "whole"))) {
        reads_whole(asking, core, images, count, name);
        return;
    }
    json_t *list = json_array();
    struct change_row row;
    for (size_t at = 0; at < count; at++)
        for (uint32_t i = 0; i < image_count(images[at], SECTION_SETTINGS); i++) {
            struct hand hand = {.image = images[at], .declared = image_setting(images[at], i)};
            struct text text = image_text(images[at], hand.declared->name);
            snprintf(hand.name, sizeof hand.name, "%.*s", (int)text.length, text.bytes);
            hand.table = tables[hand.declared->kind];
            if (setting_is_listed(images, at, &hand) || (name && strcmp(name, hand.name) != 0)) continue;
            found = true;
            if (place++ >= from && json_array_size(list) <= limit) json_append(list, setting_json(core, &hand));
        }
    for (uint32_t at = 0; core_change(core, at, &row); at++) {
        if (!change_is_listed(&row) || (name && !span_is(row.name, name))) continue;
        if (place++ >= from && json_array_size(list) <= limit) json_append(list, row_json(core, &row));
    }
    bool more = json_array_size(list) > limit;
    if (more) json_array_remove(list, json_array_size(list) - 1);
    json_put(asking->into, "settings", list);
    json_put_next(asking, more, from + json_array_size(list));
    if (name && !found) reads_refuse_unknown(asking, "parameter, table or schedule", name);
}

static void setting_calendar_put(void *self, struct span calendar, struct span hours)
{
    json_t *object = json_object();
    json_put(object, "name", json_text_of(calendar));
    json_put(object, "hours", json_text_of(hours));
    json_append(self, object);
}

void reads_settings_fill(struct asking *asking)
{
    const char *name = reads_asked_text(asking, "name");
    engine_read(asking->daemon->engine, reads_settings, asking);
    json_t *first = json_array_get(json_object_get(asking->into, "settings"), 0);
    const char *kind = json_string_value(json_object_get(first, "kind"));
    if (json_object_get(first, "lines") && kind && strcmp(kind, kinds[SETTING_SCHEDULE]) == 0) {
        json_t *calendars = json_array();
        kept_calendars(asking->daemon->conf->state, name, setting_calendar_put, calendars);
        json_put(first, "calendars", calendars);
    }
    if (!json_object_get(asking->into, "rows")) return;
    char *key = kept_key(asking->daemon->conf->state, name);
    json_put(asking->into, "key_column", key ? json_string(key) : json_null());
    free(key);
}
