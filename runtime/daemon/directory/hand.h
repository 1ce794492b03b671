/* runtime/daemon/directory/hand.h - Changes by hand as people ask for them: NAME=VALUE, a row of a table, a schedule.
 * They are checked against the sites whose strategies are in force: name, role, type, bounds.
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

/* The peer that asks, and the images of the strategies in force. Borrowed. */
struct hand_ask {
    enum hand_act act;
    const struct conf *conf;
    const struct peer *peer;
    const struct image *const *images;
    size_t image_count;
    const char *const *words; /* NAME=VALUE; or TABLE, KEY, FIELD=VALUE ... */
    size_t word_count;
    /* The value of a schedule with the days of calendars in place of their names, or why there are none; both NULL: it
     * names none. */
    const char *schedule, *no_calendar;
    const char *key; /* name of the table's key column in the directory; or NULL */
};

struct hand {
    enum table table;
    char name[NAME_MAX_BYTES + 1];
    char item[ADDR_MAX_BYTES + 1]; /* the key of a table's row; empty: the change is about no row */
    const struct image *image;     /* an image whose site has the setting */
    const struct image_setting *declared;
    struct kv row; /* the new value as pairs; empty: the change by hand is taken back */
};

/* Reads the name and asks whether this peer may change the setting. False with the sentence that helps. */
bool hand_read(const struct hand_ask *, struct hand *, struct error *);
/* Fills in the value and checks it. `before`: the row in force, or NULL; fields that are not named keep its values.
 * `any`: another row of the table, or NULL, which shows which column is the key. */
bool hand_value(const struct hand_ask *, struct hand *, const struct kv_pair *before, const struct kv_pair *any,
                struct error *);
void hand_free(struct hand *);

enum { HAND_DAYS_MAX = 366, HAND_TEXT_MAX = 256 };
/* Reads how long a change is in force, such as "2h", in microseconds. */
bool hand_duration(const char *text, int64_t *us, struct error *);
/* Reads until when a change is in force, "18:00" of today or "2026-12-24T18:00" by the machine's clock, in microseconds
 * of the wall clock. */
bool hand_moment(const char *text, int64_t now_us, int64_t *us, struct error *);
/* Writes the value in `pairs` for people; a row as FIELD=VALUE, ...; empty pairs: the value that the site has. */
void hand_show(const struct hand *, struct span pairs, char out[HAND_TEXT_MAX]);
