/* runtime/daemon/keeping_move.c - Moves a site's journal from the state folder into PostgreSQL: gcxvm
 * --move-journal. */
#include "runtime/daemon/keeping.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "base/shown.h"

struct journal_place keeping_place(const struct conf *conf)
{
    return (struct journal_place){.database = conf->journal,
                                  .domain = conf->partition,
                                  .wait_s = (unsigned)conf->journal_wait_s,
                                  .node = conf->node,
                                  .lease_ms = conf->lease_ms};
}

/* `key_file` may have been moved since the last start, which stores its path. */
static bool move_keys_find(const struct conf *conf, struct error *error)
{
    bool made;
    return !keys_are_there(conf->state) ||
           keys_make(conf->state, conf->key_file, &(struct keys_plain){0}, &made, error);
}

bool keeping_move(const struct conf *conf)
{
    const struct journal_place place = keeping_place(conf);
    struct error error = {0};
    uint64_t last = 0;
    if (sodium_init() < 0) abort();
    umask(077);
    if (!keeping_as_owner(conf, &error) || !move_keys_find(conf, &error) ||
        !place_move(conf->state, &place, &last, &error)) {
        fflush(stdout);
        return shown_refuse("gcxvm: not moved: %s\n", error.text);
    }
    shown_print(stdout,
                "the journal, up to batch %" PRIu64
                ", is in the database that `journal` names: start gcxvm; what was moved is %s/journal.db.moved, to be "
                "removed when all is well\n",
                last, conf->state);
    return true;
}
