/* runtime/core/site/table_cursor.h - Table cursors: which interaction reads which version of a business table. A
 * cursor keeps the version with which it began, even if the directory changes the table in the meantime.
 *
 * This table owns the old versions, each as long as a cursor reads that version. The setting (setting.h) owns the
 * version in force and counts its readers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/business.h"

struct directory;
struct interactions;
struct names;
struct slab;
struct interaction;
struct setting;

/* Most bytes of old rows; a change that would keep more of them is refused. */
enum { CURSOR_BYTES_MAX = 256 << 20 };

/* One row per interaction and version; `times` counts the open cursors. */
struct cursor {
    uint32_t setting; /* index of the setting */
    uint32_t version, times;
    uint32_t next; /* next row of the interaction, or next free row: index + 1 */
};

struct past_table {
    uint32_t setting, version, walkers;
    struct business rows;
};

struct cursors {
    struct slab *slab;
    struct names *names;
    struct interactions *interactions;
    struct directory *directory;
    struct cursor *all;
    uint32_t count, capacity, free; /* free: first free row: index + 1; 0: none */
    struct past_table *past;
    uint32_t past_count, past_capacity;
    uint64_t past_bytes, bytes_max;
    uint32_t versions; /* how many version numbers were given */
    uint64_t content;  /* sum of hashes: which interaction reads which version */
};

uint32_t cursor_version(struct cursors *); /* returns a new version number, never 0 */
/* Called before the table changes: keeps the version that cursors read. The setting gives its rows to this table if
 * a cursor reads them. */
void cursor_keep(struct cursors *, struct setting *);

/* cursor_bytes returns how many bytes of rows would be kept if the table changed now. cursor_room: is there room for
 * that many bytes? */
uint64_t cursor_bytes(const struct setting *);
bool cursor_room(const struct cursors *, uint64_t bytes);

/* The interaction opens a cursor on the present version of the table, or closes one on that version. Each call of
 * cursor_begin needs one of cursor_end. */
void cursor_begin(struct cursors *, struct interaction *, struct setting *);
void cursor_end(struct cursors *, struct interaction *, uint32_t version);
/* Returns the rows of the given version of the table, borrowed. NULL: no cursor reads this version. */
const struct business *cursor_rows(const struct cursors *, const struct setting *, uint32_t version);
/* Closes the cursors to which no fiber will return, in whatever way their loops were left: by a fault, a failure or
 * a cancelled child. */
void cursor_settle(struct cursors *, struct interaction *);
void cursor_forget(void *, struct interaction *); /* closes all cursors of the interaction */
