/* runtime/daemon/directory/hand.c - Reads changes by hand, and checks them against the sites.
 *
 * A change passes three checks before the core hears of it: the setting is found in the sites in force (hand_read),
 * its new value is read as the type that each site declares (hand_value), and the role and the bounds are checked.
 * All sites that have the setting must accept it: a site that did not would silently use its own value.
 *
 * Values are written as in the strategy language. A bare number is refused if the directory would count it in
 * microseconds: a person who types 30 means seconds or minutes, and is asked which. */
#include "runtime/daemon/directory/hand.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/interactions/coerce.h"
#include "runtime/daemon/directory/import_check.h"
#include "runtime/daemon/directory/schedule_lines.h"
#include "runtime/vocabulary/bytes.h"
#include "base/near.h"
#include "base/utf8.h"
#include "vm/show.h"
#include "base/written.h"

static const enum table tables[SETTING_KINDS] = {table_parameter, table_business, table_schedule};
static const char *const kinds[SETTING_KINDS] = {"parameter", "table", "schedule"};
enum { WRITTEN_MAX = 8192 }; /* numbers of a written schedule that are shown */

void hand_free(struct hand *hand)
{
    kv_free(&hand->row);
}

/* Finds the setting of that name, of any kind, in one of the images. */
static bool declared_any(const struct hand_ask *ask, const char *name, struct hand *hand)
{
    for (size_t at = 0; at < ask->image_count; at++)
        for (unsigned kind = 0; kind < SETTING_KINDS; kind++) {
            hand->image = ask->images[at];
            hand->declared = import_declared(hand->image, (enum setting_kind)kind, name);
            if (hand->declared) return true;
        }
    return false;
}

/* Fails because no site has a setting of that name; the error names the nearest name. */
static bool hand_unknown(const struct hand_ask *ask, const char *name, struct error *error)
{
    char near[NAME_MAX_BYTES + 1] = "", other[NAME_MAX_BYTES + 1];
    uint32_t least = UINT32_MAX;
    for (size_t at = 0; at < ask->image_count; at++)
        for (uint32_t i = 0; i < image_count(ask->images[at], SECTION_SETTINGS); i++) {
            struct text text = image_text(ask->images[at], image_setting(ask->images[at], i)->name);
            snprintf(other, sizeof other, "%.*s", (int)text.length, text.bytes);
            if (near_is_nearer(name, other, &least)) memcpy(near, other, sizeof near);
        }
    return error_set(error, ERROR_UNKNOWN, "no site in force has a parameter, table or schedule `%.64s`%s%s%s", name,
                     near[0] != '\0' ? "; did you mean `" : "; gcxctl settings lists them", near,
                     near[0] != '\0' ? "`?" : "");
}

/* True: the peer has the role that the site names for this setting. If the site names none, only an admin may change
 * the setting. */
static bool may_edit(const struct hand_ask *ask, struct text edit)
{
    if (ask->role && (strlen(ask->role) != edit.length || memcmp(ask->role, edit.bytes, edit.length) != 0))
        return false;
    if (ask->peer->role == ROLE_ADMIN) return true;
    if (edit.length == 0) return false;
    for (size_t at = 0; at < ask->conf->edit_role_count; at++) {
        const char *name = ask->conf->edit_roles[at].name;
        if (strlen(name) == edit.length && memcmp(name, edit.bytes, edit.length) == 0)
            return (ask->peer->edits >> at & 1) != 0;
    }
    return false;
}

/* Each site may name another role for the same setting: the peer needs all these roles. */
static bool roles_good(const struct hand_ask *ask, const struct hand *hand, struct error *error)
{
    for (size_t at = 0; at < ask->image_count; at++) {
        const struct image_setting *row =
            import_declared(ask->images[at], (enum setting_kind)hand->declared->kind, hand->name);
        struct text edit = row ? image_text(ask->images[at], row->edit) : (struct text){0};
        if (!row || may_edit(ask, edit)) continue;
        if (edit.length == 0)
            error_set(error, ERROR_DENIED, "%s has no `edit ROLE` in its site: only an admin may change it",
                      hand->name);
        else
            error_set(error, ERROR_DENIED,
                      "%s is changed by the role %.*s, which %s does not have: the section `role %.*s` of gcxvm.conf "
                      "says who has it",
                      hand->name, (int)edit.length, edit.bytes, ask->role ? ask->role : ask->peer->name,
                      (int)edit.length, edit.bytes);
        return false;
    }
    return true;
}

/* Writes how a setting of this kind is changed, as a hint. */
static bool hand_usage(const struct hand *hand, struct error *error)
{
    static const char *const hints[SETTING_KINDS] = {
        "NAME=VALUE", "NAME KEY FIELD=VALUE...", "NAME=closed, open, or lines as mon..fri 08:00..18:00; sat closed"};
    return error_set(error, ERROR_INPUT, "%s is a %s; expected %s", hand->name, kinds[hand->declared->kind],
                     hints[hand->declared->kind]);
}

/* The first word is NAME, or NAME=VALUE. A table needs a key as the second word, and fields after it. */
bool hand_read(const struct hand_ask *ask, struct hand *hand, struct error *error)
{
    assert(ask->word_count > 0 && ask->peer && ask->conf);
    const char *word = ask->words[0], *equals = ask->act == HAND_SET ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    *hand = (struct hand){0};
    kv_init(&hand->row);
    if (length == 0 || length > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "expected a name of 1 to %d bytes", NAME_MAX_BYTES);
    memcpy(hand->name, word, length);
    if (!declared_any(ask, hand->name, hand)) return hand_unknown(ask, hand->name, error);
    bool table = hand->declared->kind == SETTING_TABLE;
    hand->table = tables[hand->declared->kind];
    bool good = table ? !equals && (ask->word_count >= 2 || ask->act == HAND_UNSET)
                      : ask->word_count == 1 && ask->act != HAND_REMOVE && (equals || ask->act == HAND_UNSET);
    if (table && ask->act != HAND_SET) good = good && ask->word_count <= 2;
    if (!good) return hand_usage(hand, error);
    if (ask->word_count > 1 && (ask->words[1][0] == '\0' || strlen(ask->words[1]) > ADDR_MAX_BYTES))
        return error_set(error, ERROR_INPUT, "a row's key has 1 to %d bytes", ADDR_MAX_BYTES);
    if (ask->word_count > 1) snprintf(hand->item, sizeof hand->item, "%s", ask->words[1]);
    return roles_good(ask, hand, error);
}

/* ---- values ---- */

/* Refuses a bare number for a duration, percentage, date or time: in the directory such a number counts
 * microseconds, millionths or days, and nobody who types 30 means 30 microseconds. */
static bool has_unit(const struct hand *hand, uint16_t type, const char *said, struct error *error)
{
    uint16_t base = type_base(type);
    const char *digits = said + (said[0] == '-');
    bool measured = base == TYPE_DURATION || base == TYPE_PERCENT || base == TYPE_DATE || base == TYPE_CLOCK;
    if (!measured || digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') return true;
    return error_set(error, ERROR_INPUT,
                     "%s: the number %.40s says no unit; write it as 30s, 12.5%%, 2026-03-02 or 08:30", hand->name,
                     said);
}

/* Whether what is said takes the value away: a text may be empty, and what else is optional has none then. */
static bool is_emptied(uint16_t type, const char *said)
{
    return said && said[0] == '\0' && type_is_optional(type) && type_base(type) != TYPE_STR;
}

/* Fills in the fields of a row; if a field is given twice, the last value counts. Fields that are not given keep
 * their value in `before`, the row that is in force. The key column is found from `any`, any row of the table;
 * without a row it is the first text. */
static bool hand_row_fill(const struct hand_ask *ask, struct hand *hand, const struct kv_pair *before,
                          const struct kv_pair *any, struct error *error)
{
    uint16_t record = image_element(hand->image, hand->declared->type);
    bool keyed = false;
    struct kv_value value;
    for (size_t i = 2; i < ask->word_count; i++) {
        const char *equals = strchr(ask->words[i], '=');
        size_t length = equals ? (size_t)(equals - ask->words[i]) : 0;
        if (!equals || image_field_find(hand->image, record, ask->words[i], (uint32_t)length) < 0)
            return error_set(error, ERROR_INPUT, "`%.64s`: expected FIELD=VALUE, FIELD a column of %s", ask->words[i],
                             hand->name);
    }
    kv_list_begin(&hand->row, span_of("value"));
    for (uint32_t field = 0; field < image_field_count(hand->image, record); field++) {
        struct text text = image_field_name(hand->image, record, field);
        struct span name = {(const uint8_t *)text.bytes, text.length};
        uint16_t type = image_field_type(hand->image, record, field);
        const char *said = NULL;
        for (size_t i = 2; i < ask->word_count; i++)
            if (strncmp(ask->words[i], text.bytes, text.length) == 0 && ask->words[i][text.length] == '=')
                said = ask->words[i] + text.length + 1;
        bool is_key =
            any ? kv_find(any->value.span, name, &value) && value.tag == KV_TEXT && span_equal(value.span, any->key)
            : ask->key ? span_equal(name, span_of(ask->key))
                       : !keyed && type == TYPE_STR;
        if (is_emptied(type, said)) continue;
        if (said && !has_unit(hand, type, said, error)) return false;
        if (said && !keyed && is_key && strcmp(said, hand->item) != 0)
            return error_set(error, ERROR_INPUT, "%s: `%.64s` is the key of the row, and not the `%.64s` before it",
                             hand->name, said, hand->item);
        if (said)
            value = (struct kv_value){.tag = KV_TEXT, .span = span_of(said)};
        else if (!keyed && is_key)
            value = (struct kv_value){.tag = KV_TEXT, .span = span_of(hand->item)};
        else if (!before || !kv_find(before->value.span, name, &value))
            continue;
        keyed = keyed || is_key;
        kv_put(&hand->row, name, &value);
    }
    kv_list_end(&hand->row);
    return true;
}

/* Checks that each site that has the setting accepts the value. */
static bool hand_value_good(const struct hand_ask *ask, const struct hand *hand, struct error *error)
{
    char what[IMPORT_WHAT_MAX];
    struct kv_value value;
    if (!kv_check(kv_span(&hand->row), error) || !kv_get(kv_span(&hand->row), "value", &value)) return false;
    for (size_t at = 0; at < ask->image_count; at++) {
        const struct image *image = ask->images[at];
        const struct image_setting *row = import_declared(image, (enum setting_kind)hand->declared->kind, hand->name);
        if (!row) continue;
        bool fault = hand->table == table_business
                         ? import_row_fault(image, image_element(image, row->type), &value, what)
                         : import_value_fault(image, row, &value, what);
        if (!fault) continue;
        const char *item = hand->item;
        return error_set(error, ERROR_INPUT, "%.64s%s%.*s%s %.160s", hand->name, item[0] != '\0' ? " " : "",
                         (int)utf8_cut(item, (uint32_t)strlen(item), 80), item, item[0] != '\0' ? ":" : "", what);
    }
    return true;
}

/* The number of a field in a row, read from the directory or typed; -1: the row has none. */
static int64_t row_number(struct span row, const char *field)
{
    struct kv_value value;
    int64_t number;
    if (!kv_get(row, field, &value)) return -1;
    if (value.tag == KV_INT) return value.word;
    bool typed = value.tag == KV_TEXT && written_integer((const char *)value.span.bytes, value.span.length, &number);
    return typed ? number : -1;
}

/* A wait is long before it is too long: in the table of the queues' targets (gcx-desk(8)) `late` is not below `long`,
 * nor, where the row says no `long`, below the seconds within which calls shall be answered. */
static bool hand_target_good(const struct hand *hand, struct error *error)
{
    struct kv_value row;
    if (strcmp(hand->name, "queue_targets") != 0 || !kv_get(kv_span(&hand->row), "value", &row)) return true;
    int64_t late = row_number(row.span, "late"), is_long = row_number(row.span, "long");
    if (late < 0 || late >= (is_long >= 0 ? is_long : row_number(row.span, "seconds"))) return true;
    return error_set(error, ERROR_INPUT,
                     "queue_targets %.64s: a wait is too long only after it is long: `late` is below `%s`", hand->item,
                     is_long >= 0 ? "long" : "seconds");
}

bool hand_value(const struct hand_ask *ask, struct hand *hand, const struct kv_pair *before, const struct kv_pair *any,
                struct error *error)
{
    if (ask->act == HAND_UNSET) return true;
    if (ask->act == HAND_REMOVE) {
        kv_put_none(&hand->row, "value");
        return true;
    }
    const char *value = strchr(ask->words[0], '=');
    if (hand->table == table_business) {
        if (!hand_row_fill(ask, hand, before, any, error) || !hand_target_good(hand, error)) return false;
    } else if (hand->table == table_schedule) {
        if (ask->no_calendar) return error_set(error, ERROR_UNKNOWN, "%s: %s", hand->name, ask->no_calendar);
        kv_list_begin(&hand->row, span_of("value"));
        if (!schedule_lines_read(ask->schedule ? ask->schedule : value + 1, &hand->row, error)) return false;
        kv_list_end(&hand->row);
        struct kv_value lines;
        if (!kv_get(kv_span(&hand->row), "value", &lines) || !schedule_lines_apart(lines.span, error)) return false;
    } else {
        if (!has_unit(hand, hand->declared->type, value + 1, error)) return false;
        kv_put_text(&hand->row, "value", span_of(value + 1));
    }
    return hand_value_good(ask, hand, error);
}

bool hand_duration(const char *text, int64_t *us, struct error *error)
{
    if (written_duration(text, strlen(text), us) && *us >= 1000000 && *us <= INT64_C(86400000000) * HAND_DAYS_MAX)
        return true;
    return error_set(error, ERROR_INPUT, "`for %.40s`: expected a duration from 1s to 366 days, as 2h or 1h30m", text);
}

/* Reads 2026-12-24T18:00 by this machine's clock, or 18:00 of the day `at`. */
static bool moment_here(const char *text, struct tm at, int64_t *us)
{
    int64_t days, clock_us;
    const bool dated = strlen(text) > 11 && (text[10] == 'T' || text[10] == ' ');
    const char *clock = dated ? text + 11 : text;
    if (!written_clock(clock, strlen(clock), &clock_us)) return false;
    if (dated && (!written_date(text, 10, &days) || strspn(text, "0123456789-") != 10)) return false;
    if (dated) {
        at.tm_year = atoi(text) - 1900;
        at.tm_mon = atoi(text + 5) - 1;
        at.tm_mday = atoi(text + 8);
    }
    at.tm_hour = (int)(clock_us / 3600000000);
    at.tm_min = (int)(clock_us / 60000000 % 60);
    at.tm_sec = (int)(clock_us / 1000000 % 60);
    at.tm_isdst = -1;
    *us = (int64_t)mktime(&at) * 1000000;
    return true;
}

/* Reads a moment by this machine's clock, or with its zone, as pages send it: their people may live by another clock. A
 * time of day means today, and is an error if it has passed, because "18:00" typed at 19:00 may mean yesterday's or
 * tomorrow's. */
bool hand_moment(const char *text, int64_t now_us, int64_t *us, struct error *error)
{
    time_t now = (time_t)(now_us / 1000000);
    struct tm at;
    localtime_r(&now, &at);
    if (!written_moment(text, strlen(text), us) && !moment_here(text, at, us))
        return error_set(error, ERROR_INPUT, "`until %.40s`: expected a time of day, as 18:00, or 2026-12-24T18:00",
                         text);
    if (*us > now_us && *us - now_us <= INT64_C(86400000000) * HAND_DAYS_MAX) return true;
    char shown[32];
    strftime(shown, sizeof shown, "%Y-%m-%dT%H:%M", &at);
    return error_set(error, ERROR_INPUT, "`until %.40s` is %s; it is %s now on gcxvm's machine", text,
                     *us <= now_us ? !strchr(text, '-') ? "over today: say the day, too" : "over"
                                   : "more than 366 days ahead",
                     shown);
}

static void show_put(struct shown *text, const struct kv_value *value)
{
    char number[40];
    if (value->tag == KV_TEXT && value->span.length == 0)
        shown_put(text, "\"\"", 2); /* unlike none */
    else if (value->tag == KV_TEXT)
        shown_put(text, (const char *)value->span.bytes, value->span.length);
    else if (value->tag == KV_INT)
        shown_put(text, number, (uint32_t)snprintf(number, sizeof number, "%" PRId64, value->word));
    else if (value->tag == KV_BOOL)
        shown_put(text, value->word ? "true" : "false", value->word ? 4 : 5);
    else if (value->tag == KV_FLOAT)
        shown_put(text, number, (uint32_t)snprintf(number, sizeof number, "%g", value->number));
    else
        shown_put(text, "none", 4);
}

/* Writes a field of a row, as the language writes values of its type. */
static void field_show(const struct hand *hand, struct shown *text, const struct kv_pair *pair)
{
    uint16_t record = hand->declared ? image_element(hand->image, hand->declared->type) : 0;
    const char *name = (const char *)pair->key.bytes;
    int32_t field = hand->declared ? image_field_find(hand->image, record, name, pair->key.length) : -1;
    uint16_t type = field < 0 ? (uint16_t)TYPE_STR : image_field_type(hand->image, record, (uint32_t)field);
    uint64_t word;
    if (pair->value.tag == KV_INT && coerce_is_plain(hand->image, type_base(type)) &&
        coerce_plain(hand->image, type_base(type), &pair->value, &word))
        show_value(&(struct show){.image = hand->image}, text, type_base(type), word);
    else
        show_put(text, &pair->value);
}

/* Writes the value that the site's source gives. */
static void written_show(const struct hand *hand, struct shown *text)
{
    const struct image *image = hand->image;
    uint64_t word = image_constant(image, hand->declared->constant)->word;
    const uint8_t *words;
    struct kv list;
    if (hand->table == table_parameter) {
        show_value(&(struct show){.image = image}, text, hand->declared->type, word);
    } else if (hand->table == table_schedule) {
        kv_init(&list);
        for (uint32_t at = 0; at < block_object(image, NULL, word, &words).count && at < WRITTEN_MAX; at++)
            kv_put_int(&list, "item", (int64_t)block_object_word(image, NULL, word, at));
        schedule_lines_show(text, kv_span(&list));
        kv_free(&list);
    } else {
        shown_put(text, "as written", 10);
    }
}

/* A text too long for `out` is cut after a whole character and ends with "...". */
static void shown_end(const struct shown *text, uint32_t size)
{
    bool cut = text->length > size - 1;
    uint32_t length = utf8_cut(text->buffer, cut ? size - 1 : text->length, cut ? size - 4 : size - 1);
    strcpy(text->buffer + length, cut ? "..." : "");
}

void hand_show_field(const struct hand *hand, const struct kv_pair *field, char *out, uint32_t size)
{
    struct shown text = {out, size - 1, 0};
    field_show(hand, &text, field);
    shown_end(&text, size);
}

void hand_show_constant(const struct hand *hand, uint16_t constant, char out[HAND_TEXT_MAX])
{
    struct shown text = {out, HAND_TEXT_MAX - 1, 0};
    if (constant != IMAGE_NONE)
        show_value(&(struct show){.image = hand->image}, &text, hand->declared->type,
                   image_constant(hand->image, constant)->word);
    shown_end(&text, HAND_TEXT_MAX);
}

void hand_show_whole(const struct hand *hand, struct span pairs, char *out, uint32_t size)
{
    struct shown text = {out, size - 1, 0};
    struct kv_value value;
    struct kv_pair pair;
    uint32_t at = 0;
    if (!kv_get(pairs, "value", &value)) {
        if (hand->declared)
            written_show(hand, &text);
        else
            shown_put(&text, "as written", 10);
    } else if (value.tag != KV_LIST) {
        show_put(&text, &value);
    } else if (hand->table == table_schedule) {
        schedule_lines_show(&text, value.span);
    } else {
        while (kv_next(value.span, &at, &pair)) {
            if (text.length > 0) shown_put(&text, ", ", 2);
            shown_put(&text, (const char *)pair.key.bytes, pair.key.length);
            shown_put(&text, "=", 1);
            field_show(hand, &text, &pair);
        }
    }
    shown_end(&text, size);
}

void hand_show(const struct hand *hand, struct span pairs, char out[HAND_TEXT_MAX])
{
    hand_show_whole(hand, pairs, out, HAND_TEXT_MAX);
}
