/* runtime/core/directory/change.h - Changes by hand: a value that a supervisor sets, or a row of a business table. A
 * change stands before what the directory says, for a time or until it is taken back, over imports and restarts.
 *
 * A value has at most two changes: one for a time, which is in force, and one without an end, which is in force again
 * afterwards. A schedule's change with an item adds lines behind the others, as for one more holiday. The table owns
 * the changes and notes of the last ones, for the audit. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct image_place;
struct staged;

enum { CHANGES_MAX = 10000, CHANGES_BYTES_MAX = 16 << 20, NOTES_MAX = 1000, NOTE_VALUE_MAX = 4096 };

struct change {
    uint64_t id;             /* 0: the place is free */
    uint32_t setting;        /* index in the settings */
    uint32_t timer;          /* of one for a time */
    int64_t at_us, until_us; /* microseconds of the wall clock; until 0: no end */
    struct span item, row;   /* owned; row: pairs with `value` */
    struct span actor, why;  /* owned */
};

enum change_what { CHANGE_SET, CHANGE_TAKEN_BACK, CHANGE_OVER, CHANGE_IMPORTED, CHANGE_CAMPAIGN };

/* One line of the audit. All spans are owned. A value longer than NOTE_VALUE_MAX is left out. */
struct change_note {
    enum change_what what;
    unsigned table; /* enum table */
    uint32_t name;  /* of the setting or campaign; 0: of the whole directory */
    int64_t at_us, until_us;
    uint64_t version;              /* of the directory that was imported */
    struct span item, before, now; /* before, now: pairs with `value`; empty: as the site wrote it */
    struct span actor, why;
};

struct changes {
    struct change *all;
    uint32_t count, capacity, open; /* open: places that are not free */
    uint64_t bytes;                 /* of their items and rows */
    uint64_t last_id, content;      /* content: additive hash */
    struct change_note *notes;      /* a ring of NOTES_MAX; NULL: nothing was ever noted */
    uint64_t noted;                 /* how many were noted ever; the next place is its rest */
};

/* The sentence that goes on after the setting's name; NULL: the staged change can come into force. `reader`: who reads
 * the whole value, if it is too large for it. */
const char *change_fault(const struct core *, const struct staged *, struct image_place *reader);
void change_take(struct core *, const struct staged *); /* in force with changes_stand */
void changes_stand(struct core *); /* after a commit: puts all changes before the directory's values */
void change_imported(struct core *, struct span actor, struct span why);
void change_on_time(struct core *, const struct message *); /* Clock, Epoch */
