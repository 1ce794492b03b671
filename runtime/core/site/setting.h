/* runtime/core/site/setting.h - Settings: parameters, business tables and schedules from the directory. Settings
 * replace the values in the site's sources, until their time limit.
 *
 * The directory owns the settings; a change is in force from its commit on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "vm/exec.h"
#include "vm/image.h"
#include "vm/measure.h"
#include "runtime/core/base/table.h"
#include "runtime/core/site/business.h"
#include "runtime/vocabulary/message.h"

struct directory;
struct site_program;

/* SETTING_BYTES_MAX: the largest value in the form that strategies read. The rest of a block is for the data of the
 * call. */
enum { SETTINGS_MAX = 65535, SETTING_BYTES_MAX = BLOCK_BYTES_MAX / 4 * 3 };

/* The directory's value of a setting that is changed by hand. */
struct setting_base {
    bool known;
    int64_t until_us;
    struct span row;      /* owned */
    struct business rows; /* owned */
};

struct setting {
    uint32_t name;
    uint8_t table;        /* enum table: parameter, schedule, business */
    bool known, seen;     /* known: the directory has the setting; seen: the present commit names it */
    int64_t until_us;     /* end of the value's time limit, microseconds of the wall clock; 0: no limit */
    uint64_t hash;        /* what the setting adds to `content`; 0 if it is not known */
    struct span row;      /* owned: pairs, of which `value` is the value; empty for a table with `rows` */
    struct business rows; /* owned: the rows of a business table */
    uint32_t version;     /* version number of `rows`; 0: none was given */
    uint32_t walkers;     /* number of interactions with a cursor on `rows` (table_cursor.h) */
    bool stale;           /* true: setting_change must be called before the value is read */
    bool changed;         /* true: changes by hand are in force; the directory's value is in `base` */
    struct setting_base base;
};

/* The last result of checking a setting for one program: whether the directory's value is of the program's type. */
struct setting_view {
    uint64_t of; /* the hash of the setting that was checked; 0: not checked yet */
    bool good;
    bool whole; /* true: the program's code reads the whole value, not only single rows */
};

struct settings {
    struct setting *all;
    uint32_t count, capacity;
    uint64_t content;     /* sum of the hashes of the known settings */
    bool stale;           /* some setting is stale */
    struct lookup by_key; /* by table and name */
};

void settings_init(struct settings *);
void settings_free(struct settings *); /* frees the values, too */

/* Sets a setting from a row of the directory. An empty row removes the setting. */
void setting_row(struct directory *, unsigned table, uint32_t name, struct span row, int64_t until_us);
/* Sets a business table to the given sorted rows, which the setting owns afterwards. */
void setting_rows(struct directory *, uint32_t name, struct business *, int64_t until_us);

struct setting *setting_find(const struct settings *, unsigned table, uint32_t name); /* NULL: there is none */
/* returns NULL if there is no room for one more */
struct setting *setting_make(struct directory *, unsigned table, uint32_t name);
/* Puts changes by hand into force before the directory's value: for a business table the rows of `items`, sorted, in
 * which KV_NONE removes a row; for any other setting `row`. With neither `items` nor `row`, the directory's value is
 * in force again. */
void setting_change(struct directory *, struct setting *, struct span row, const struct business *items);
void setting_stale(struct directory *, struct setting *);
/* Makes the rows of a business table together with the changed ones; sorted, and owned by the caller. False: the
 * table would be too large. If the directory does not have the table, its rows come from the source of the first
 * active strategy that has the table. */
bool setting_merged(const struct directory *, uint32_t name, const struct setting *, const struct business *items,
                    struct business *rows);
/* Makes only the rows in the source of that strategy. False: the rows are too large. */
bool setting_written(const struct directory *, uint32_t name, struct business *rows);
/* Called when another strategy becomes active: changed tables whose other rows come from a source are stale. */
void settings_activated(struct settings *);

/* Returns how many bytes of the rows in force would be kept for cursors if the given rows, or none (NULL), replaced
 * them. */
uint64_t setting_rows_kept(const struct directory *, struct span key, const struct business *);

/* Called before and after the rows of a whole directory: drops the settings that no row has named. */
void settings_unsee(struct settings *);
void settings_drop_unseen(struct settings *);
bool settings_check(const struct settings *); /* true: `content` is the sum of the known settings */

/* setting_fits: true if the value is not too large for any program that reads the whole value. settings_fit: true if
 * no value in force is too large for this program; otherwise `key` is the value's key. If the source is known,
 * `reader` is the place in the source that reads the value. */
bool setting_fits(const struct directory *, unsigned table, struct span key, const struct kv_value *,
                  struct image_place *reader);
/* the settings to check: all; only those changed by hand; or those changed by hand and those that no row named again */
enum settings_which { SETTINGS_ALL, SETTINGS_BY_HAND, SETTINGS_UNSEEN };
bool settings_fit(const struct directory *, const struct site_program *, enum settings_which, struct span *key,
                  struct image_place *reader);

/* Writes or reads the settings (vm/keep.h). */
void settings_keep(struct directory *, struct keeper *);

/* For the VM: makes the value in force in the block. The result says whether the value was made, is too large, or is
 * that of the source. */
enum vm_setting setting_word(struct directory *, block_handle, uint32_t setting, uint64_t *word);
/* For the VM: makes one row of a table in the block. */
enum vm_setting setting_found(struct directory *, block_handle, uint32_t setting, struct span key, bool prefix,
                              uint64_t *word);

/* Returns whether a test has set the statistic of the object, and to what; `of` as in struct image_measure. Both are
 * names. */
enum given_how setting_given(const struct directory *, uint32_t statistic, unsigned of, uint32_t object,
                             int64_t *value);

/* For the VM: the functions from setting_count to setting_at read all rows of a table one after another, where they
 * are stored. setting_count: the number of rows; false: the rows of the source are in force. setting_walk: begins a
 * cursor and returns its version; 0: the rows of the source are in force. setting_walked ends the cursor.
 * setting_at: the key or the row at a place. */
bool setting_count(struct directory *, block_handle, uint32_t setting, uint32_t *count);
uint32_t setting_walk(struct directory *, block_handle, uint32_t setting);
void setting_walked(struct directory *, block_handle, uint32_t version);
enum vm_setting setting_at(struct directory *, block_handle, const struct vm_place *, uint64_t *word);
