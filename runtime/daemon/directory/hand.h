/* runtime/daemon/directory/hand.h - Changes by hand as people type them: NAME=VALUE, a row of a table, a schedule.
 * The changes are checked against the sites whose strategies are in force: name, role, type, bounds.
 *
 * A `struct hand` owns its pairs; hand_free() frees them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/protocol/roles.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"
#include "vm/image.h"

enum hand_act { HAND_SET, HAND_REMOVE, HAND_UNSET };

/* The peer that asks, with its words, and the images of the strategies in force. Borrowed. */
struct hand_ask {
    enum hand_act act;
    const struct conf *conf;
    const struct peer *peer;
    const struct image *const *images;
    size_t image_count;
    const char *const *words; /* the words: NAME=VALUE; or TABLE, KEY, FIELD=VALUE ... */
    size_t word_count;
    /* The only role of the site with which the peer asks, though it may have more; NULL: with all that it has. */
    const char *role;
    /* The value of a schedule in which the days of calendars replace their names, or why that fails; both NULL: the
     * value names no calendar. */
    const char *schedule, *no_calendar;
    const char *key; /* name of the table's key column in the directory, or NULL */
};

struct hand {
    enum table table;
    char name[NAME_MAX_BYTES + 1];
    char item[ADDR_MAX_BYTES + 1]; /* the key of a table's row; empty: no row is changed */
    const struct image *image;     /* an image whose site has the setting */
    const struct image_setting *declared;
    struct kv row; /* the new value as pairs; empty: the change by hand is removed */
};

/* Reads the name, and checks that this peer may change the setting. False with a sentence that helps to correct the
 * mistake. */
bool hand_read(const struct hand_ask *, struct hand *, struct error *);
/* Fills in the value and checks it. `before`: the row in force, or NULL; fields that are not given keep their values
 * in it. `any`: another row of the table, or NULL; it shows which column is the key. */
bool hand_value(const struct hand_ask *, struct hand *, const struct kv_pair *before, const struct kv_pair *any,
                struct error *);
void hand_free(struct hand *);

enum { HAND_DAYS_MAX = 366, HAND_TEXT_MAX = 256, HAND_WHOLE_MAX = 32768 };
/* Reads how long a change is in force, such as "2h", in microseconds. */
bool hand_duration(const char *text, int64_t *us, struct error *);
/* Reads until when a change is in force, "18:00" for today or "2026-12-24T18:00" by the machine's clock, or
 * "2026-12-24T18:00:00+01:00", as microseconds of the wall clock. */
bool hand_moment(const char *text, int64_t now_us, int64_t *us, struct error *);
/* Writes the value in `pairs` for people; a row as FIELD=VALUE, ...; empty pairs mean the value of the site. */
void hand_show(const struct hand *, struct span pairs, char out[HAND_TEXT_MAX]);
/* The same in `size` bytes, for what has to be read back whole. */
void hand_show_whole(const struct hand *, struct span pairs, char *out, uint32_t size);
/* Writes one field of a row, as it is typed in FIELD=VALUE, in `size` bytes. */
void hand_show_field(const struct hand *, const struct kv_pair *field, char *out, uint32_t size);
/* Writes a constant of the setting, such as a bound; 0xffff: "". */
void hand_show_constant(const struct hand *, uint16_t constant, char out[HAND_TEXT_MAX]);
