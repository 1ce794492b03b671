/* runtime/core/read/view_bin.c - Looks at each item once and keeps the first ones of the reader's order, as many as a
 * page has and one more, which says that there are more.
 *
 *     items, in order of arrival -> matches? -> after the last row known? -> put in among the first ones
 *
 * An item without a value in the column of the order comes last, in either direction. Equal items come in the order of
 * arrival. User data come as texts from many systems: a text that is a number counts as that number, as it does for a
 * strategy that declares the key.
 */
#include "runtime/core/read/view_bin.h"

#include <string.h>

#include "base/utf8.h"
#include "vm/bin_view.h"
#include "vm/block.h"
#include "vm/show.h"
#include "vm/system_words.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/kv.h"

enum { PAGE_MAX = 51, SHOWN_BYTES_MAX = 100, NUMBER_BYTES = 24 };

/* What an item is sorted by: a column, a key of user data (BIN_COLUMNS), or, by default, when it came. */
enum { COLUMN_ARRIVAL = BIN_COLUMNS + 1 };

struct sorting {
    unsigned column; /* enum bin_column, or COLUMN_ARRIVAL */
    struct span key;
    bool falls;
};

/* A value of an item. A text of user data is in `kv`, all others are where the item has them. */
struct placed_value {
    bool has, is_text;
    bool whole; /* a number that a text may stand for: no time, and no bool */
    int64_t number;
    struct span text;
};

/* An item with what it is sorted by. The text of a key is read anew for each comparison, as `kv` has one at a time. */
struct placed {
    const struct interaction *ix;
    struct placed_value value;
};

/* What one question needs: `data` and `other` are memory for the user data of two items that are compared. Whether a
 * key is hidden is asked once for the question and not for each item, since many programs may be loaded. */
struct bin_reading {
    const struct core *core;
    const struct bin_view *view;
    struct sorting sorting;
    bool found[VIEW_COLUMNS_MAX];     /* for each column: true if it is a key whose texts are searched */
    bool hidden[VIEW_CONDITIONS_MAX]; /* for each condition: true if its key is hidden, so nothing fulfils it */
    struct kv data, other;
};

/* True: a loaded program declares the key secret, so no list shows it, whichever program the view is of. */
static bool view_key_hidden(const struct core *core, struct span key)
{
    bool secret = false;
    for (uint32_t at = 0; at < core->strategies->program_count && !secret; at++)
        secret = image_key_secret(core->strategies->programs[at].image, (const char *)key.bytes, key.length);
    return secret;
}

/* True: the word is a key of user data that the view has as a column. */
static bool view_has_key(const struct bin_view *view, struct span word)
{
    if (!view->declared) return false;
    for (uint32_t at = 0; at < view->declared->columns; at++)
        if (span_equal(span_of_text(image_view_column(view->image, view->declared, at)), word)) return true;
    return false;
}

static struct sorting sorting_read(const struct core *core, const struct bin_view *view)
{
    struct span word = view->order;
    if (word.length == 0 && view->declared) word = span_of_text(view->declared->order);
    bool site = view->order.length == 0;
    struct sorting sorting = {COLUMN_ARRIVAL, {0}, word.length > 0 && word.bytes[0] == '-'};
    if (sorting.falls) word = (struct span){word.bytes + 1, word.length - 1};
    enum bin_column column = bin_column_named((const char *)word.bytes, word.length);
    if (column != BIN_COLUMNS && (bin_columns[column].uses & BIN_ORDERS))
        sorting.column = column;
    else if (column == BIN_COLUMNS && word.length > 0 && (site || view_has_key(view, word)) &&
             !view_key_hidden(core, word))
        sorting.column = BIN_COLUMNS, sorting.key = word;
    return sorting;
}

/* Reads a key of user data; `kv` then has its text. */
static struct placed_value value_of_key(const struct core *core, const struct interaction *ix, struct span key,
                                        struct kv *kv)
{
    struct kv_value value;
    kv->length = 0;
    userdata_one(core->interactions, ix, key, kv);
    if (!kv_find(kv_span(kv), key, &value)) return (struct placed_value){false};
    switch (value.tag) {
    case KV_TEXT:
        return (struct placed_value){.has = true, .is_text = true, .text = value.span};
    case KV_INT:
    case KV_TIME:
    case KV_BOOL:
        return (struct placed_value){.has = true, .whole = value.tag == KV_INT, .number = value.word};
    default:
        return (struct placed_value){false};
    }
}

static struct placed_value value_of_text(struct span text)
{
    return (struct placed_value){.has = text.length > 0, .is_text = true, .text = text};
}

static struct placed_value value_of_column(const struct core *core, const struct interaction *ix,
                                           enum bin_column column)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t due = block_system(block, SYSTEM_due);
    int64_t came = (int64_t)interaction_arrived(core->interactions, ix), offset = core->now->wall_offset_us;
    switch (column) {
    case BIN_COLUMN_media:
        return value_of_text(span_of(interactions_medium(core->interactions, ix->media)));
    case BIN_COLUMN_from:
        return value_of_text(interaction_system(core->interactions, ix, SYSTEM_from));
    case BIN_COLUMN_to:
        return value_of_text(interaction_system(core->interactions, ix, SYSTEM_to));
    case BIN_COLUMN_subject:
        return value_of_text(interaction_system(core->interactions, ix, SYSTEM_subject));
    case BIN_COLUMN_author:
        return value_of_text(core_name(core, submitted_of(core->submissions, ix)->author));
    case BIN_COLUMN_received:
        return (struct placed_value){.has = true, .number = came};
    case BIN_COLUMN_due:
        return (struct placed_value){.has = due != VALUE_NONE, .number = (int64_t)due};
    case BIN_COLUMN_priority:
        return (struct placed_value){.has = true, .number = block->priority};
    case BIN_COLUMN_age:
        return (struct placed_value){.has = true, .number = (int64_t)core->now->time_us - came};
    case BIN_COLUMN_left:
        return (struct placed_value){.has = due != VALUE_NONE,
                                     .number = (int64_t)due - ((int64_t)core->now->time_us + offset)};
    case BIN_COLUMNS:
        break;
    }
    return (struct placed_value){false};
}

static struct placed placed_of(struct bin_reading *reading, const struct interaction *ix)
{
    struct placed placed = {.ix = ix, .value = {.has = true}};
    if (reading->sorting.column < BIN_COLUMNS)
        placed.value = value_of_column(reading->core, ix, (enum bin_column)reading->sorting.column);
    return placed;
}

/* Numbers come before texts. Texts of one number, as 7 and 007, are told apart by their letters. */
static int view_compare(const struct placed_value *one, const struct placed_value *other)
{
    if (one->is_text != other->is_text) return one->is_text ? 1 : -1;
    if (one->number != other->number) return one->number < other->number ? -1 : 1;
    uint32_t shorter = one->text.length < other->text.length ? one->text.length : other->text.length;
    int order = shorter > 0 ? memcmp(one->text.bytes, other->text.bytes, shorter) : 0;
    if (order == 0 && one->text.length != other->text.length) order = one->text.length < other->text.length ? -1 : 1;
    return order;
}

/* Reads a text that is a value of the type as that value; any other stays as it is. */
static void view_value_read(struct placed_value *value, uint16_t type)
{
    uint64_t word;
    if (!value->is_text || !coerce_text(type, value->text, &word)) return;
    value->is_text = false;
    value->number = (int64_t)word;
}

/* Compares two items: negative, the first comes first. */
static int placed_compare(struct bin_reading *reading, const struct placed *one, const struct placed *other)
{
    struct placed_value left = one->value, right = other->value;
    const struct sorting *sorting = &reading->sorting;
    if (sorting->column == BIN_COLUMNS) {
        left = value_of_key(reading->core, one->ix, sorting->key, &reading->data);
        right = value_of_key(reading->core, other->ix, sorting->key, &reading->other);
        view_value_read(&left, TYPE_INT);
        view_value_read(&right, TYPE_INT);
    }
    if (left.has != right.has) return left.has ? -1 : 1;
    int order = left.has ? view_compare(&left, &right) : 0;
    if (order != 0) return sorting->falls ? -order : order;
    bool turned = sorting->column == COLUMN_ARRIVAL && sorting->falls;
    return (one->ix->id < other->ix->id) == turned ? 1 : -1;
}

static uint8_t view_small(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

/* True: the text contains the part; capital and small letters of ASCII count as the same. */
static bool view_has_part(struct span text, struct span part)
{
    for (uint32_t from = 0; from + part.length <= text.length; from++) {
        uint32_t at = 0;
        while (at < part.length && view_small(text.bytes[from + at]) == view_small(part.bytes[at])) at++;
        if (at == part.length) return true;
    }
    return false;
}

static bool view_sign_holds(enum bin_sign sign, int order)
{
    switch (sign) {
    case BIN_EQ:
        return order == 0;
    case BIN_NE:
        return order != 0;
    case BIN_LT:
        return order < 0;
    case BIN_LE:
        return order <= 0;
    case BIN_GT:
        return order > 0;
    case BIN_GE:
        return order >= 0;
    default:
        return false;
    }
}

/* Makes the value one that the condition can compare. False: it is none. `digits` is memory for a number as text. */
static bool view_value_fits(struct placed_value *value, enum bin_kind kind, char digits[static NUMBER_BYTES])
{
    static const uint16_t types[BIN_KINDS] = {
        [BIN_NUMBER] = TYPE_INT, [BIN_DURATION] = TYPE_DURATION, [BIN_BOOL] = TYPE_BOOL};
    if (kind != BIN_TEXT) {
        view_value_read(value, types[kind]);
        value->text = (struct span){0};
    } else if (value->whole) {
        struct shown shown = {digits, NUMBER_BYTES, 0};
        show_value(&(struct show){0}, &shown, TYPE_INT, (uint64_t)value->number);
        *value = value_of_text((struct span){(const uint8_t *)digits, (uint32_t)shown.length});
    }
    return value->is_text == (kind == BIN_TEXT);
}

/* Does the item fulfil a condition of the site's view? An item without a value fulfils only `!=`. */
static bool view_condition_holds(struct bin_reading *reading, const struct interaction *ix,
                                 const struct view_condition *condition)
{
    struct span word = span_of_text(condition->column), text = span_of_text(condition->text);
    enum bin_column column = bin_column_named(condition->column.bytes, condition->column.length);
    struct placed_value value = column == BIN_COLUMNS ? value_of_key(reading->core, ix, word, &reading->data)
                                                      : value_of_column(reading->core, ix, column);
    char digits[NUMBER_BYTES];
    if (!value.has || !view_value_fits(&value, (enum bin_kind)condition->kind, digits))
        return condition->sign == BIN_NE;
    if (condition->sign == BIN_HAS) return view_has_part(value.text, text);
    struct placed_value wanted = {.has = true, .number = condition->number};
    if (condition->kind == BIN_TEXT) wanted = value_of_text(text);
    return view_sign_holds((enum bin_sign)condition->sign, view_compare(&value, &wanted));
}

static bool view_lets_in(struct bin_reading *reading, const struct interaction *ix)
{
    const struct bin_view *view = reading->view;
    for (uint32_t at = 0; view->declared && at < view->declared->conditions; at++) {
        struct view_condition condition = image_view_condition(view->image, view->declared, at);
        if (reading->hidden[at] || !view_condition_holds(reading, ix, &condition)) return false;
    }
    return true;
}

/* True: a column that is text, or a key that the view shows, contains the part. */
static bool view_finds(struct bin_reading *reading, const struct interaction *ix, struct span part)
{
    static const enum bin_column columns[] = {BIN_COLUMN_from, BIN_COLUMN_to, BIN_COLUMN_subject, BIN_COLUMN_author};
    const struct bin_view *view = reading->view;
    for (size_t at = 0; at < sizeof columns / sizeof *columns; at++)
        if (view_has_part(value_of_column(reading->core, ix, columns[at]).text, part)) return true;
    for (uint32_t at = 0; view->declared && at < view->declared->columns; at++) {
        struct span word = span_of_text(image_view_column(view->image, view->declared, at));
        if (reading->found[at] && view_has_part(value_of_key(reading->core, ix, word, &reading->data).text, part))
            return true;
    }
    return false;
}

/* Does the item match what the reader asks for in a column? */
static bool filter_holds(struct bin_reading *reading, const struct interaction *ix, struct span word,
                         struct span wanted)
{
    enum bin_column column = bin_column_named((const char *)word.bytes, word.length);
    if (span_is(word, "find")) return view_finds(reading, ix, wanted);
    struct span text = value_of_column(reading->core, ix, column).text;
    if (column == BIN_COLUMN_author || column == BIN_COLUMN_media) return span_equal(text, wanted);
    return view_has_part(text, wanted);
}

static bool view_matches(struct bin_reading *reading, const struct interaction *ix)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(reading->view->filter, &at, &pair);) {
        struct span wanted = pair.value.span;
        if (pair.value.tag != KV_TEXT || wanted.length == 0) continue;
        if (!filter_holds(reading, ix, pair.key, wanted)) return false;
    }
    return view_lets_in(reading, ix);
}

void bin_view_put_data(const struct core *core, const struct interaction *ix, const struct bin_view *view,
                       struct kv *into)
{
    struct kv kv;
    struct kv_value value;
    if (!view->declared) return;
    kv_init(&kv);
    kv_list_begin(into, span_of("data"));
    for (uint32_t at = 0; at < view->declared->columns; at++) {
        struct span word = span_of_text(image_view_column(view->image, view->declared, at));
        if (bin_column_named((const char *)word.bytes, word.length) != BIN_COLUMNS || view_key_hidden(core, word))
            continue;
        kv.length = 0;
        userdata_one(core->interactions, ix, word, &kv);
        if (!kv_find(kv_span(&kv), word, &value) || value.secret || value.tag == KV_LIST) continue;
        if (value.tag == KV_TEXT)
            value.span.length = utf8_cut((const char *)value.span.bytes, value.span.length, SHOWN_BYTES_MAX);
        kv_put(into, word, &value);
    }
    kv_list_end(into);
    kv_free(&kv);
}

/* Notes which keys of the view are hidden. */
static void reading_look(struct bin_reading *reading)
{
    const struct bin_view *view = reading->view;
    for (uint32_t at = 0; view->declared && at < view->declared->columns; at++) {
        struct span word = span_of_text(image_view_column(view->image, view->declared, at));
        reading->found[at] = bin_column_named((const char *)word.bytes, word.length) == BIN_COLUMNS &&
                             !view_key_hidden(reading->core, word);
    }
    for (uint32_t at = 0; view->declared && at < view->declared->conditions; at++) {
        struct span word = span_of_text(image_view_condition(view->image, view->declared, at).column);
        reading->hidden[at] = bin_column_named((const char *)word.bytes, word.length) == BIN_COLUMNS &&
                              view_key_hidden(reading->core, word);
    }
}

/* Returns the last row that the reader knows. NULL: the reader knows none, or names a row of another bin, whose place
 * among the rows of this bin would reveal its columns. A row that somebody has taken out meanwhile still counts as one
 * of its bin. */
static const struct interaction *reading_known(const struct core *core, const struct bin *bin, uint64_t after)
{
    const struct interaction *known = interaction_by_id(core->interactions, after);
    const struct submitted *row = known ? submitted_of(core->submissions, known) : NULL;
    return row && row->bin != BIN_NONE && &core->submissions->bins[row->bin] == bin ? known : NULL;
}

/* Puts an item in among the first ones, of which there are `*count` and at most `most`. */
static void placed_put(struct bin_reading *reading, struct placed *first, uint32_t *count, uint32_t most,
                       const struct placed *one)
{
    uint32_t low = 0, high = *count;
    if (high == most && placed_compare(reading, one, &first[high - 1]) > 0) return;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (placed_compare(reading, one, &first[middle]) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (*count < most) ++*count;
    for (uint32_t at = *count - 1; at > low; at--) first[at] = first[at - 1];
    first[low] = *one;
}

bool bin_view_plain(const struct bin_view *view)
{
    return !view->declared && view->order.length == 0 && view->filter.length == 0;
}

struct bin_found bin_view_read(const struct core *core, const struct bin *bin, const struct bin_view *view,
                               const struct interaction **rows)
{
    struct placed first[PAGE_MAX], last, one;
    struct bin_found found = {.count = 0};
    struct bin_reading reading = {.core = core, .view = view, .sorting = sorting_read(core, view)};
    const struct interaction *known = reading_known(core, bin, view->after), *ix;
    uint32_t row = SUBMITTED_NONE, looked = 0, most = view->most < PAGE_MAX ? view->most : PAGE_MAX - 1, count = 0;
    reading_look(&reading);
    kv_init(&reading.data);
    kv_init(&reading.other);
    if (known) last = placed_of(&reading, known);
    while ((ix = submitted_next(core->submissions, bin, &row))) {
        if (looked++ == VIEW_LOOKED_MAX) {
            found.cut = true;
            break;
        }
        if (!view_matches(&reading, ix)) continue;
        found.matching++;
        one = placed_of(&reading, ix);
        if (known && (ix == known || placed_compare(&reading, &one, &last) < 0)) continue;
        placed_put(&reading, first, &count, most + 1, &one);
    }
    kv_free(&reading.data);
    kv_free(&reading.other);
    found.more = count > most;
    found.count = count > most ? most : count;
    for (uint32_t at = 0; at < found.count; at++) rows[at] = first[at].ix;
    return found;
}
