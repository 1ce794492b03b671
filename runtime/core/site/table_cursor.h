/* runtime/core/site/table_cursor.h - Who walks through which version of a business table: what a walk began with stays to its end,
 * whatever the directory says meanwhile.
 *
 * Owns the versions that are no longer in force, as long as somebody walks through them; the setting (setting.h) owns
 * the one that is, and counts its walkers. */
#ifndef CORE_WALK_H
#define CORE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/business.h"

struct core;
struct interaction;
struct setting;

/* Rows that are no longer in force: an edit that would keep more of them is refused. */
enum { CURSOR_BYTES_MAX = 256 << 20 };

/* Of an interaction, one version: so many walks, which are not over. */
struct cursor {
    uint32_t setting; /* its place among the settings */
    uint32_t version, times;
    uint32_t next; /* of the same interaction, and of the free ones: its place + 1 */
};

struct past_table {
    uint32_t setting, version, walkers;
    struct business rows;
};

struct cursors {
    struct cursor *all;
    uint32_t count, capacity, free; /* free: the place + 1 */
    struct past_table *past;
    uint32_t past_count, past_capacity;
    uint64_t past_bytes, bytes_max;
    uint32_t versions; /* so many have been given out */
    uint64_t content;  /* additive: who walks through what */
};

uint32_t cursor_version(struct core *); /* a new one, never 0 */
/* The table is changed: what is walked through is kept. */
void cursor_keep(struct core *, struct setting *);

/* What of the table would be kept were it changed now; is there room for so much? */
uint64_t cursor_bytes(const struct setting *);
bool cursor_room(const struct core *, uint64_t bytes);

/* The interaction walks through what the table has now; as often it ends. */
void cursor_begin(struct core *, struct interaction *, struct setting *);
void cursor_end(struct core *, struct interaction *, uint32_t version);
/* Of that version of the table, the rows; NULL: nobody walks through such a one. */
const struct business *cursor_rows(const struct core *, const struct setting *, uint32_t version);
/* However a walk was left (a fault, a failure, out of a child), what no fiber comes back to is let go. */
void cursor_settle(struct core *, struct interaction *);
void cursor_forget(struct core *, struct interaction *); /* what walked is given up, or has ended */

#endif
