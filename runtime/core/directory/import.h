/* runtime/core/directory/import.h - Import of the directory: rows come in by events and are in force when they are
 * committed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/business.h"
#include "runtime/vocabulary/message.h"

struct core;
struct directory;

/* One staged row, or all parts of one table. Begins as all zero. staged_next frees the earlier row's `rows`; a caller
 * who stops before the end frees them. */
struct staged {
    uint32_t at; /* offset of the next staged row */
    unsigned table;
    struct span key, row; /* an empty row takes the entry away */
    int64_t until_us;
    bool is_rows;         /* it is a business table, with `rows` */
    struct business rows; /* sorted by key */
    bool damaged;         /* the table is too large, or a part is missing */
    /* A change by hand: of the row `item` of a table, else of the whole value. An empty `row` takes it back. */
    bool hand;
    struct span item, actor, why;
};
extern const char import_too_large[]; /* goes on after a name */
/* Reads the next staged row. False: there is none. */
bool staged_next(const struct directory *, struct staged *);
/* Reads the staged Activate at that offset, and moves on to the next. False: there is none. */
bool staged_binding(const struct directory *, uint32_t *at, struct message *);
void staged_forget(struct directory *); /* all that waits for a commit */

void core_directory_on_row(struct core *, const struct message *);
void core_directory_on_commit(struct core *, const struct message *);
void core_directory_on_activate(struct core *, const struct message *);
void core_directory_stage_binding(struct core *, const struct message *); /* an Activate of a load */
/* Tells a link that handles calls the configuration of all routing points. */
void core_directory_configure_link(struct core *, unsigned link);
