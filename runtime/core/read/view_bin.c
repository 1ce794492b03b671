/* runtime/core/read/view_bin.c - Looks at each item once and keeps the first ones of the reader's order, as many as a
 * page has and one more, which says that there are more.
 *
 *     items, in order of arrival -> matches? -> after the last row known? -> put in among the first ones
 *
 * An item without a value in the column of the order comes last, in either direction. Equal ones come as they arrived.
 */
#include "runtime/core/read/view_bin.h"

#include <string.h>

#include "vm/block.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/vocabulary/kv.h"

enum { PAGE_MAX = 51 };

enum column { COLUMN_arrival, COLUMN_received, COLUMN_due, COLUMN_priority, COLUMN_from, COLUMN_subject, COLUMNS };

/* What an item is sorted by. */
struct placed {
    const struct interaction *ix;
    bool has;
    int64_t number;
    struct span text;
};

struct sorting {
    enum column column;
    bool falls;
};

static struct sorting sorting_read(struct span word)
{
    static const char *const words[COLUMNS] = {"", "received", "due", "priority", "from", "subject"};
    struct sorting sorting = {COLUMN_arrival, word.length > 0 && word.bytes[0] == '-'};
    if (sorting.falls) word = (struct span){word.bytes + 1, word.length - 1};
    for (unsigned at = COLUMN_arrival; at < COLUMNS; at++)
        if (span_is(word, words[at])) sorting.column = (enum column)at;
    return sorting;
}

static struct placed placed_of(const struct core *core, const struct interaction *ix, enum column column)
{
    const struct block *block = block_at(core->slab, ix->block);
    struct placed placed = {.ix = ix, .has = true};
    uint64_t due = block_system(block, 4);
    switch (column) {
    case COLUMN_received:
        placed.number = (int64_t)interaction_arrived(core->interactions, ix);
        break;
    case COLUMN_due:
        placed.has = due != VALUE_NONE;
        placed.number = (int64_t)due;
        break;
    case COLUMN_priority:
        placed.number = block->priority;
        break;
    case COLUMN_from:
    case COLUMN_subject:
        placed.text = interaction_system(core->interactions, ix, column == COLUMN_from ? 1 : 3);
        placed.has = placed.text.length > 0;
        break;
    default:
        break;
    }
    return placed;
}

/* Compares two items: negative, the first comes first. */
static int placed_compare(const struct placed *one, const struct placed *other, struct sorting sorting)
{
    int order = 0;
    if (one->has != other->has) return one->has ? -1 : 1;
    if (one->has && one->number != other->number) order = one->number < other->number ? -1 : 1;
    if (one->has && order == 0) {
        uint32_t shorter = one->text.length < other->text.length ? one->text.length : other->text.length;
        order = shorter > 0 ? memcmp(one->text.bytes, other->text.bytes, shorter) : 0;
        if (order == 0 && one->text.length != other->text.length)
            order = one->text.length < other->text.length ? -1 : 1;
    }
    if (order != 0) return sorting.falls ? -order : order;
    bool turned = sorting.column == COLUMN_arrival && sorting.falls;
    return (one->ix->id < other->ix->id) == turned ? 1 : -1;
}

static uint8_t view_small(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

/* True: the text has the part, whether its letters of ASCII are capital or small. */
static bool view_has_part(struct span text, struct span part)
{
    for (uint32_t from = 0; from + part.length <= text.length; from++) {
        uint32_t at = 0;
        while (at < part.length && view_small(text.bytes[from + at]) == view_small(part.bytes[at])) at++;
        if (at == part.length) return true;
    }
    return false;
}

static bool view_matches(const struct core *core, const struct interaction *ix, struct span filter)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(filter, &at, &pair);) {
        struct span wanted = pair.value.span;
        if (pair.value.tag != KV_TEXT || wanted.length == 0) continue;
        struct span author = core_name(core, submitted_of(core->submissions, ix)->author);
        struct span medium = span_of(interactions_medium(core->interactions, ix->media));
        bool holds = span_is(pair.key, "from") ? view_has_part(interaction_system(core->interactions, ix, 1), wanted)
                     : span_is(pair.key, "to") ? view_has_part(interaction_system(core->interactions, ix, 2), wanted)
                     : span_is(pair.key, "subject")
                         ? view_has_part(interaction_system(core->interactions, ix, 3), wanted)
                     : span_is(pair.key, "author") ? span_equal(author, wanted)
                     : span_is(pair.key, "media")  ? span_equal(medium, wanted)
                                                   : false;
        if (!holds) return false;
    }
    return true;
}

bool bin_view_plain(const struct bin_view *view)
{
    return view->order.length == 0 && view->filter.length == 0;
}

struct bin_found bin_view_read(const struct core *core, const struct bin *bin, const struct bin_view *view,
                               const struct interaction **rows)
{
    struct placed first[PAGE_MAX], last, one;
    struct bin_found found = {.count = 0};
    struct sorting sorting = sorting_read(view->order);
    const struct interaction *known = interaction_by_id(core->interactions, view->after), *ix;
    uint32_t row = SUBMITTED_NONE, looked = 0, most = view->most < PAGE_MAX ? view->most : PAGE_MAX - 1, count = 0;
    if (known && !known->submitted) known = NULL;
    if (known) last = placed_of(core, known, sorting.column);
    while ((ix = submitted_next(core->submissions, bin, &row))) {
        if (looked++ == VIEW_LOOKED_MAX) {
            found.cut = true;
            break;
        }
        if (!view_matches(core, ix, view->filter)) continue;
        found.matching++;
        one = placed_of(core, ix, sorting.column);
        if (known && (ix == known || placed_compare(&one, &last, sorting) < 0)) continue;
        uint32_t at = count < most + 1 ? count++ : most + 1;
        for (; at > 0 && placed_compare(&one, &first[at - 1], sorting) < 0; at--)
            if (at < most + 1) first[at] = first[at - 1];
        if (at < most + 1) first[at] = one;
    }
    found.more = count > most;
    found.count = count > most ? most : count;
    for (uint32_t at = 0; at < found.count; at++) rows[at] = first[at].ix;
    return found;
}
