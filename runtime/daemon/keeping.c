/* runtime/daemon/keeping.c - Reads a journal with a core on it, removes old batches, and changes the key.
 *
 * These are the commands of gcxvm that do one task with a journal and end; no daemon need run. A command that reads
 * has three steps:
 *
 *     keeping_open()  ->  keeping_replay(from, until), keeping_next() ...  ->  keeping_close()
 *     store, images       core from a snapshot, then batch by batch           core, images, store
 *
 * The order of closing matters: the core uses the images, and the images use native functions and the store. */
#include "runtime/daemon/keeping.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "base/shown.h"

enum { PORTION_US = 200000, DAYS_MAX = 1000000 };

static void keeping_on_told(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "gcxvm: %s\n", text);
}

bool keeping_on(struct keeping *k, const struct conf *conf, struct batches *store)
{
    if (sodium_init() < 0) abort();
    *k = (struct keeping){.store = store};
    if (!store) return false;
    k->natives = programs_natives(conf);
    k->images = images_new(store, natives_bind, k->natives);
    k->options = (struct core_options){.partition = (uint16_t)conf->partition, .image = images_get, .self = k->images};
    k->recovery = (struct recovery){.store = store, .state = conf->state, .core = &k->options};
    return true;
}

bool keeping_open(struct keeping *k, const struct conf *conf, struct error *error)
{
    uint8_t first[CORE_HASH];
    if (!keeping_on(k, conf, place_follow_whole(conf->state, error))) return false;
    k->recovery.told.note = keeping_on_told;
    return journal_identity(&k->recovery, first, error);
}

void keeping_drop(struct keeping *k)
{
    core_free(k->core);
    k->core = NULL;
}

void keeping_close(struct keeping *k)
{
    keeping_drop(k);
    images_free(k->images);
    natives_free(k->natives);
    batches_close(k->store);
}

static bool keeping_replay_failed(const struct keeping *k, struct error *error)
{
    struct error why;
    if (images_refused(k->images, &why)) *error = why;
    return false;
}

/* Applies the next batch. If an image was refused during the replay, that is the reason reported. */
bool keeping_next(struct keeping *k, const struct journal_watch *watch, struct error *error)
{
    return journal_next(k->store, &k->options, k->core, &k->head, watch, error) || keeping_replay_failed(k, error);
}

/* Makes a core as it was after batch `until`. The replay begins at the last snapshot that is not after `from`,
 * because from there on no batch is missing. */
bool keeping_replay(struct keeping *k, uint64_t from, uint64_t until, struct error *error)
{
    keeping_drop(k);
    k->core = journal_start(&k->recovery, from, &k->head, error);
    while (k->core && k->head.number < until)
        if (!keeping_next(k, NULL, error)) return false;
    return k->core || keeping_replay_failed(k, error);
}

/* True: this process runs as the owner of the state folder. Files that root makes could not be written by gcxvm,
 * which runs as another user. */
bool keeping_as_owner(const struct conf *conf, struct error *error)
{
    struct stat found;
    if (stat(conf->state, &found) != 0 || found.st_uid == geteuid()) return true;
    return error_set(error, ERROR_DENIED, "the state folder belongs to user %u: run this as that user (runuser -u)",
                     (unsigned)found.st_uid);
}

uint64_t keeping_period_us(uint64_t days)
{
    return days > DAYS_MAX ? SNAPSHOTS_FOR_EVER : days * 86400 * 1000000;
}

/* Removes batches in portions of PORTION_US, so that a running gcxvm can use the journal in between. After a kill
 * there are fewer old batches than before, and the next run continues. */
bool keeping_prune(const struct conf *conf, uint64_t days)
{
    struct error error = {0};
    if (sodium_init() < 0) abort();
    struct batches *store = keeping_as_owner(conf, &error) ? place_open_again(conf->state, &error) : NULL;
    struct cutting *cutting = store ? snapshot_cut_begin(conf->state, &error) : NULL; /* nobody else cuts meanwhile */
    char rest[SNAPSHOTS_WHY];
    /* Snapshots before the journal's new first batch are removed first: without their batches they are useless. */
    uint64_t first = store ? batches_first(store) : 0,
             below = cutting ? snapshots_remove_old(conf->state, keeping_period_us(days), rest) : 0;
    bool good = cutting != NULL;
    /* at least one round: keys of batches that were removed before may still be there */
    for (bool more = good; more;) {
        good = batches_prune(store, below, PORTION_US, &error);
        more = good && batches_first(store) < below && batches_first(store) < batches_last(store);
    }
    if (good) good = batches_shrink(store, &error);
    if (good)
        shown_print(stdout,
                    "%" PRIu64 " batches were removed; the journal begins at batch %" PRIu64 "; the rest stays: %s\n",
                    batches_first(store) - first, batches_first(store), rest);
    else
        shown_print(stderr, "gcxvm: %s\n", error.text);
    snapshot_cut_free(cutting);
    batches_close(store);
    return good;
}

bool keeping_rotate(const struct conf *conf, const char *key_file)
{
    struct error error = {0};
    bool good = keeping_as_owner(conf, &error) && keys_rotate(conf->state, conf->key_file, key_file, &error);
    if (good)
        printf("the keys in %s are wrapped under the key in %s; name it in `key_file`\n", conf->state, key_file);
    else
        shown_print(stderr, "gcxvm: %s\n", error.text);
    return good;
}
