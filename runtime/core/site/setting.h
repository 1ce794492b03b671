/* runtime/core/site/setting.h - Parameters, business tables and schedules as the directory has them: they stand before what
 * the site wrote, until their time is over. Owned by the directory, in force at its commits. */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "vm/exec.h"
#include "vm/image.h"
#include "runtime/core/base/table.h"
#include "runtime/core/site/business.h"
#include "runtime/vocabulary/message.h"

struct core;

struct program;

/* Of a value, as its readers have it: the rest of a block is the call's own. */
enum { SETTINGS_MAX = 65535, SETTING_BYTES_MAX = BLOCK_BYTES_MAX / 4 * 3 };

struct setting {
    uint32_t name;
    uint8_t table;    /* enum table: parameter, schedule, business */
    bool known, seen; /* the directory has it; the commit at hand names it */
    int64_t until_us; /* by the wall clock; 0: for good */
    uint64_t hash;    /* what it adds to the sum; 0 where it is not known */
    struct span row;  /* owned: its pair `value` is the value; of a table whose rows are below, empty */
    struct business rows; /* of a table */
    uint32_t version;     /* of these rows */
    uint32_t walkers;     /* interactions that walk through them (table_cursor.h) */
};

/* What a program made out of a setting last: whether what the directory has is of its type. */
struct setting_view {
    uint64_t of; /* the setting's hash; 0: nothing yet */
    bool good;
    bool whole; /* the program's code reads all of it, not only rows */
};

struct settings {
    struct setting *all;
    uint32_t count, capacity;
    uint64_t content;     /* additive, of those that are known */
    struct lookup by_key; /* by table and name */
};

void settings_init(struct settings *);
void settings_free(struct settings *);

/* A row of the directory; an empty one takes it away. */
void setting_row(struct core *, unsigned table, uint32_t name, struct span row, int64_t until_us);
/* The rows of a business table, sorted; it takes them. */
void setting_rows(struct core *, uint32_t name, struct business *, int64_t until_us);

/* What of the rows in force would be kept for those who walk through them, did these, or none, take their place. */
uint64_t setting_rows_kept(const struct core *, struct span key, const struct business *);

/* Before the rows of a whole directory, and after them: what it does not name is gone. */
void settings_unsee(struct settings *);
void settings_drop_unseen(struct settings *);
bool settings_check(const struct settings *);

/* Such a value is not too large for any program that reads all of it; of a program, none that is in force, else its
 * `key`. Else, where its source is known, `reader` is where. */
bool setting_fits(const struct core *, unsigned table, struct span key, const struct kv_value *,
                  struct image_place *reader);
bool settings_fit(const struct core *, const struct program *, struct span *key, struct image_place *reader);

/* What the VM asks: the value in force, made in the block. */
enum vm_setting setting_word(struct core *, block_handle, uint32_t setting, uint64_t *word);
/* Of a table, one row. */
enum vm_setting setting_found(struct core *, block_handle, uint32_t setting, struct span key, bool prefix,
                              uint64_t *word);

/* All of a table's rows where they stand: how many, false where what is written is in force; a walk through them, 0
 * where that is, and its end; the key or the row of a place. */
bool setting_count(struct core *, block_handle, uint32_t setting, uint32_t *count);
uint32_t setting_walk(struct core *, block_handle, uint32_t setting);
void setting_walked(struct core *, block_handle, uint32_t version);
enum vm_setting setting_at(struct core *, block_handle, const struct vm_place *, uint64_t *word);

#endif
