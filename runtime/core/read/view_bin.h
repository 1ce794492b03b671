/* runtime/core/read/view_bin.h - One page of a queue or workbin as its reader wants it: only what matches, in the
 * reader's order.
 *
 * The reader names the column to sort by and the direction (`-due`: the latest first), and texts that columns must
 * contain. A page begins after the last row of the page before, so rows that come or go meanwhile neither repeat nor
 * hide others. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/bytes.h"

struct bin;
struct core;
struct image;
struct image_view;
struct interaction;
struct kv;

/* How many items of a queue or workbin one question looks at. */
enum { VIEW_LOOKED_MAX = 20000 };

struct bin_view {
    struct span order;  /* received, due, priority, from, subject; -WORD: the other way round; empty: arrival */
    struct span filter; /* pairs of a column and a text (vocabulary/kv.h); empty: all match */
    /* The site's view, and the image that has it; NULL: none. Only items that fulfil the view's conditions match, and
     * `order` may be a key of user data that is one of its columns. */
    const struct image_view *declared;
    const struct image *image;
    uint64_t after; /* the last interaction that the reader knows; 0: from the first on */
    uint32_t most;  /* rows */
};

struct bin_found {
    uint32_t count;    /* rows written */
    uint32_t matching; /* how many match, among those that were looked at */
    bool more;         /* true: more items match after the last row */
    bool cut;          /* true: not all items were looked at */
};

/* True: nothing but the order of arrival is asked for. */
bool bin_view_plain(const struct bin_view *);
/* Appends the values of the view's keys that are columns: a list `data`. Secret values are left out. */
void bin_view_put_data(const struct core *, const struct interaction *, const struct bin_view *, struct kv *);
/* Writes the rows of the page, at most view->most. */
struct bin_found bin_view_read(const struct core *, const struct bin *, const struct bin_view *,
                               const struct interaction **rows);
