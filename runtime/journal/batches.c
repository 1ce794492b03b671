/* runtime/journal/batches.c - What all kinds of stores have in common: lock, batch numbers, encryption, and refusing
 * everything after a failure.
 *
 * A store's kind (batches_kind.h) reads and writes rows; whatever applies to every kind is here. Batches have
 * consecutive numbers without a gap. A store whose append has failed once is never written again: the kernel may
 * have dropped the pages it could not write, and the next sync would report success although they are missing. A row
 * is encrypted when it is written and decrypted when it is read, so a kind never gets unencrypted bytes of a journal
 * that has keys. */
#include "runtime/journal/batches_kind.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* An encrypted row begins with this mark; then follows the output of keys_seal(), bound to the batch's number or the
 * image's hash. The batch itself says to which partition it belongs, and each state folder has its own data key. */
enum { MARK = 4 };
static const uint8_t mark[MARK] = {'G', 'C', 'X', 'E'};

struct room {
    uint8_t *bytes;
    size_t capacity;
};

struct batches {
    const struct batches_kind *kind;
    void *self;
    pthread_mutex_t lock;
    uint64_t first, last;
    bool failed;
    atomic_bool gave_up; /* true: the reserve was given up, because a batch found no space */
    atomic_bool deposed;
    struct keys *keys; /* NULL: nothing is encrypted */
    struct error why;  /* the reason that was passed to batches_fail() */
    /* The row to be written, and the last row read of each kind: an image may be read while a batch is being
     * replayed. */
    struct room out, batch, image;
    struct batches_pass passes[BATCHES_PASSES_MAX];
    uint32_t passes_count, places[BATCHES_PASSES_MAX]; /* places: the skipped events of the batch last asked for */
};

/* Reads which events replays skip: once at the opening, and again at each look of a follower. */
static void passes_read(struct batches *store)
{
    if (store->kind->passes) store->passes_count = store->kind->passes(store->self, store->passes);
}

struct batches *batches_new(const struct batches_kind *kind, void *self, uint64_t first, uint64_t last,
                            struct keys *keys)
{
    assert(kind->read && kind->get_image && kind->close);
    struct batches *store = memory_zeroed(1, sizeof *store);
    store->kind = kind;
    store->self = self;
    store->first = first;
    store->last = last;
    store->keys = keys;
    pthread_mutex_init(&store->lock, NULL);
    passes_read(store);
    return store;
}

/* Closes the store and its keys. */
void batches_close(struct batches *store)
{
    if (!store) return;
    store->kind->close(store->self);
    keys_close(store->keys);
    free(store->out.bytes);
    free(store->batch.bytes);
    free(store->image.bytes);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

struct keys *batches_keys(struct batches *store)
{
    return store->keys;
}

/* Refuses all later writes after a failure outside the store, such as a secret that cannot be encrypted. */
void batches_fail(struct batches *store, const struct error *why)
{
    pthread_mutex_lock(&store->lock);
    if (!store->failed) store->why = *why;
    store->failed = true;
    pthread_mutex_unlock(&store->lock);
}

/* Returns the row as it is stored: encrypted if the store has keys. */
static struct span batches_seal(struct batches *store, enum keys_use use, struct span bound, struct span plain)
{
    if (!store->keys) return plain;
    size_t length = MARK + (size_t)plain.length + KEY_SEALED;
    uint8_t *row = bytes_room(&store->out.bytes, &store->out.capacity, 0, length);
    memcpy(row, mark, MARK);
    keys_seal(store->keys, use, bound, plain, row + MARK);
    return (struct span){row, (uint32_t)length};
}

/* May the row be unencrypted? `number`: the batch; 0: the row is an image, whose hash in a batch proves what it is.
 * The last batch that may be unencrypted proves all batches before it. */
static bool may_be_plain(const struct batches *store, uint64_t number, struct span row)
{
    const struct keys_plain *older = store->keys ? keys_older(store->keys) : NULL;
    if (!older || number < older->number) return true;
    return number == older->number && number > 0 && row.length >= KEY_BYTES &&
           memcmp(row.bytes + row.length - KEY_BYTES, older->hash, KEY_BYTES) == 0;
}

/* Sets `*row` to the decrypted row. */
static bool batches_unseal(struct batches *store, enum keys_use use, uint64_t number, struct span bound,
                           struct span *row, struct error *error)
{
    struct room *room = use == KEYS_BATCH ? &store->batch : &store->image;
    if (row->length < MARK || memcmp(row->bytes, mark, MARK) != 0) {
        if (may_be_plain(store, number, *row)) return true;
        return error_set(error, ERROR_INPUT,
                         "it is not encrypted, and this journal is: it was altered, or gcxvm has not written it");
    }
    struct span sealed = {row->bytes + MARK, row->length - MARK};
    uint8_t *plain = bytes_room(&room->bytes, &room->capacity, 0, sealed.length);
    if (!store->keys)
        return error_set(error, ERROR_DENIED,
                         "it is encrypted, and the state folder has no file `keys`: put that back");
    if (!keys_unseal(store->keys, use, bound, sealed, plain))
        return error_set(error, ERROR_INPUT, "it was altered, or %.160s is of another journal", keys_path(store->keys));
    *row = (struct span){plain, sealed.length - KEY_SEALED};
    return true;
}

static struct span journal_bound(uint64_t number, uint8_t bytes[8])
{
    bytes_put_eight(bytes, number);
    return (struct span){bytes, 8};
}

/* Would the next start find the keys that are used now? */
static bool keys_in_place(const struct batches *store, struct error *error)
{
    bool there;
    if (!store->keys || keys_still(store->keys, &there)) return true;
    return error_set(error, ERROR_STATE,
                     "journal: %.140s %s while it was in use; keep the state folder in its place while gcxvm runs",
                     keys_path(store->keys), there ? "was replaced" : "was removed");
}

/* Appends a batch; any result but APPEND_OK ends all writing. APPEND_UNKNOWN is also returned if the file written to
 * no longer has its name: the next start would not find the batch. */
enum append_result batches_append(struct batches *store, uint64_t number, struct span batch, struct error *error)
{
    enum append_result result = APPEND_UNKNOWN;
    pthread_mutex_lock(&store->lock);
    if (store->failed) {
        /* After a failed sync the kernel may have dropped the pages, and another sync would report success although
         * they are missing. */
        if (store->why.code != ERROR_NONE && error)
            *error = store->why;
        else
            error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    } else {
        assert(store->kind->append && number == store->last + 1);
        uint8_t bytes[8];
        bool gave_up = false;
        struct span row = batches_seal(store, KEYS_BATCH, journal_bound(number, bytes), batch);
        result = store->kind->append(store->self, number, row, &gave_up, error);
        if (result == APPEND_OK && !keys_in_place(store, error)) result = APPEND_UNKNOWN;
        if (gave_up) atomic_store(&store->gave_up, true);
        if (result == APPEND_DEPOSED) atomic_store(&store->deposed, true);
        if (result == APPEND_OK && store->first == 0) store->first = number;
        if (result == APPEND_OK)
            store->last = number;
        else
            store->failed = true;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

/* Reads a batch; the bytes belong to the store until the next batch is read. The error distinguishes batches that
 * were pruned, that are missing in the middle, and that have not come yet. */
bool batches_read(struct batches *store, uint64_t number, struct span *batch, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = number >= store->first && store->kind->read(store->self, number, batch, error);
    bool looked = good || !store->kind->look || store->kind->look(store->self, &store->first, &store->last, NULL);
    uint8_t bytes[8];
    if (good) good = batches_unseal(store, KEYS_BATCH, number, journal_bound(number, bytes), batch, error);
    if (!good && number < store->first)
        error_set(error, ERROR_UNKNOWN, "the journal begins at batch %" PRIu64 "; those before were pruned",
                  store->first);
    else if (!good && looked && number < store->last && error && error->code == ERROR_UNKNOWN)
        error_set(error, ERROR_INPUT, "it is missing, and the journal goes on to batch %" PRIu64, store->last);
    pthread_mutex_unlock(&store->lock);
    return good;
}

uint64_t batches_last(struct batches *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t last = store->last;
    pthread_mutex_unlock(&store->lock);
    return last;
}

uint64_t batches_first(struct batches *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t first = store->first;
    pthread_mutex_unlock(&store->lock);
    return first;
}

/* Removes batches first and then the keys that only they needed: in the other order a crash could leave batches
 * without keys. */
bool batches_prune(struct batches *store, uint64_t below, uint64_t within_us, struct error *error)
{
    assert(store->kind->prune);
    pthread_mutex_lock(&store->lock);
    if (below > store->last) below = store->last;
    bool good = !store->failed;
    if (!good)
        error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    else if (store->first < below)
        good = store->kind->prune(store->self, &store->first, below, within_us, error);
    if (good && store->keys && store->first >= below) good = keys_forget(store->keys, store->first, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool batches_shrink(struct batches *store, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->kind->shrink || store->kind->shrink(store->self, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool batches_copy(struct batches *store, const char *folder, struct error *error)
{
    assert(store->kind->copy);
    pthread_mutex_lock(&store->lock);
    bool good = store->kind->copy(store->self, folder, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

void batches_size(struct batches *store, uint64_t *bytes, uint64_t *free)
{
    *bytes = *free = 0;
    if (!store->kind->size) return;
    pthread_mutex_lock(&store->lock);
    store->kind->size(store->self, bytes, free);
    pthread_mutex_unlock(&store->lock);
}

bool batches_gave_up(const struct batches *store)
{
    return atomic_load(&store->gave_up);
}

bool batches_deposed(const struct batches *store)
{
    return atomic_load(&store->deposed);
}

/* With the lock. */
static void deposed_note(struct batches *store)
{
    error_set(&store->why, ERROR_STATE, "another process leads this journal");
    store->failed = true;
    atomic_store(&store->deposed, true);
}

unsigned batches_copies(struct batches *store, bool *more)
{
    bool deposed = false;
    *more = false;
    if (!store->kind->copies) return 1;
    pthread_mutex_lock(&store->lock);
    unsigned copies = store->failed ? 0 : store->kind->copies(store->self, &deposed, more);
    if (deposed) deposed_note(store);
    pthread_mutex_unlock(&store->lock);
    return copies;
}

bool batches_there(const struct batches *store, struct error *error)
{
    return !store->kind->there || store->kind->there(store->self, error);
}

bool batches_archive_fails(struct batches *store)
{
    if (!store->kind->archive_fails) return false;
    pthread_mutex_lock(&store->lock);
    bool fails = store->kind->archive_fails(store->self);
    pthread_mutex_unlock(&store->lock);
    return fails;
}

void batches_sign(struct batches *store, struct batches_sign *sign)
{
    assert(store->kind->sign);
    pthread_mutex_lock(&store->lock);
    store->kind->sign(store->self, sign);
    pthread_mutex_unlock(&store->lock);
}

void batches_stands(struct batches *store, uint64_t number)
{
    pthread_mutex_lock(&store->lock);
    if (store->kind->stands) store->kind->stands(store->self, number);
    pthread_mutex_unlock(&store->lock);
}

void batches_hear(struct batches *store, unsigned within_ms)
{
    assert(store->kind->hear);
    pthread_mutex_lock(&store->lock);
    store->kind->hear(store->self, within_ms);
    pthread_mutex_unlock(&store->lock);
}

/* Appends a batch for a follower that begins to lead: it is only written if nobody else has written that number. */
enum append_result batches_take(struct batches *store, uint64_t number, struct span batch, struct error *error)
{
    assert(store->kind->take && number == store->last + 1);
    uint8_t bytes[8];
    pthread_mutex_lock(&store->lock);
    struct span row = batches_seal(store, KEYS_BATCH, journal_bound(number, bytes), batch);
    enum append_result result = store->kind->take(store->self, number, row, error);
    if (result == APPEND_OK) store->last = number;
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool batches_beat(struct batches *store)
{
    bool deposed = false;
    if (!store->kind->beat) return false;
    pthread_mutex_lock(&store->lock);
    bool good = !store->failed && store->kind->beat(store->self, &deposed);
    if (deposed) deposed_note(store);
    pthread_mutex_unlock(&store->lock);
    return good;
}

/* Ends the leadership; afterwards nothing can be written to the store, whatever the result. */
bool batches_leave(struct batches *store, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->failed && store->kind->leave && store->kind->leave(store->self, error);
    store->failed = true;
    pthread_mutex_unlock(&store->lock);
    return good;
}

size_t batches_nodes(struct batches *store, struct batches_node nodes[BATCHES_NODES])
{
    return store->kind->nodes ? store->kind->nodes(store->self, nodes) : 0;
}

uint64_t batches_led_until_us(const struct batches *store)
{
    return store->kind->led_until_us ? store->kind->led_until_us(store->self) : 0;
}

uint64_t batches_silent_us(const struct batches *store)
{
    return store->kind->silent_us ? store->kind->silent_us(store->self) : 0;
}

bool batches_look(struct batches *store, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->kind->look || store->kind->look(store->self, &store->first, &store->last, error);
    if (store->kind->look) passes_read(store);
    pthread_mutex_unlock(&store->lock);
    return good;
}

/* With the lock. */
static bool pass_add(struct batches *store, const struct batches_pass *pass, struct error *error)
{
    assert(store->passes_count <= BATCHES_PASSES_MAX);
    for (uint32_t at = 0; at < store->passes_count; at++)
        if (store->passes[at].batch == pass->batch && store->passes[at].place == pass->place) return true;
    if (store->passes_count == BATCHES_PASSES_MAX)
        return error_set(error, ERROR_STATE, "the journal has %d events that are passed over, and may have no more",
                         BATCHES_PASSES_MAX);
    if (store->kind->pass && !store->kind->pass(store->self, pass, error)) return false;
    store->passes[store->passes_count++] = *pass;
    return true;
}

/* Does `from` have the last row of `to`, with the same bytes? */
static bool pour_goes_on(struct batches *from, struct batches *to, struct error *error)
{
    struct span had, has;
    if (to->last == 0) return true;
    bool same = to->last <= from->last && to->first == from->first &&
                from->kind->read(from->self, to->last, &had, error) &&
                to->kind->read(to->self, to->last, &has, error) && had.length == has.length &&
                memcmp(had.bytes, has.bytes, has.length) == 0;
    return same || error_set(error, ERROR_STATE, "the database has another journal of this partition already");
}

static bool pour_images(struct batches *from, struct batches *to, struct error *error)
{
    uint8_t hash[32];
    struct span bytes;
    for (uint64_t at = 0; from->kind->image_at(from->self, at, hash); at++)
        if (!from->kind->get_image(from->self, hash, &bytes, error) ||
            !to->kind->put_image(to->self, hash, bytes, error))
            return false;
    return true;
}

/* Copies rows as they are stored, encrypted or unencrypted. After a crash the function may be called again, and
 * continues after the last row copied. */
bool batches_pour(struct batches *from, struct batches *to, struct error *error)
{
    struct span row;
    bool gave_up = false;
    assert(from->kind->image_at && to->kind->append && to->kind->pass);
    if (!pour_goes_on(from, to, error) || !pour_images(from, to, error)) return false;
    for (uint64_t number = to->last == 0 ? from->first : to->last + 1; number > 0 && number <= from->last; number++) {
        if (!from->kind->read(from->self, number, &row, error) ||
            to->kind->append(to->self, number, row, &gave_up, error) != APPEND_OK)
            return false;
        if (to->first == 0) to->first = number;
        to->last = number;
    }
    for (uint32_t at = 0; at < from->passes_count; at++)
        if (!to->kind->pass(to->self, &from->passes[at], error)) return false;
    return true;
}

bool batches_pass(struct batches *store, uint64_t batch, uint32_t place, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = pass_add(store, &(struct batches_pass){.batch = batch, .until = store->last, .place = place}, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

const uint32_t *batches_passes(struct batches *store, uint64_t batch, uint32_t *count)
{
    *count = 0;
    pthread_mutex_lock(&store->lock);
    for (uint32_t at = 0; at < store->passes_count; at++)
        if (store->passes[at].batch == batch) store->places[(*count)++] = store->passes[at].place;
    pthread_mutex_unlock(&store->lock);
    return *count > 0 ? store->places : NULL;
}

/* A batch written before one of its events was marked to be skipped has the digest of a core that applied that
 * event. */
bool batches_digest_unsure(struct batches *store, uint64_t batch)
{
    bool unsure = false;
    pthread_mutex_lock(&store->lock);
    for (uint32_t at = 0; at < store->passes_count; at++)
        unsure = unsure || (batch > store->passes[at].batch && batch <= store->passes[at].until);
    pthread_mutex_unlock(&store->lock);
    return unsure;
}

/* Stores an image, before any batch names it. */
bool batches_put_image(struct batches *store, const uint8_t hash[32], struct span bytes, struct error *error)
{
    assert(store->kind->put_image);
    pthread_mutex_lock(&store->lock);
    bool good = !store->failed &&
                store->kind->put_image(store->self, hash,
                                       batches_seal(store, KEYS_IMAGE, (struct span){hash, 32}, bytes), error);
    if (store->failed) error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool batches_get_image(struct batches *store, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = store->kind->get_image(store->self, hash, bytes, error) &&
                batches_unseal(store, KEYS_IMAGE, 0, (struct span){hash, 32}, bytes, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool batches_image_at(struct batches *store, uint64_t index, uint8_t hash[32])
{
    assert(store->kind->image_at);
    pthread_mutex_lock(&store->lock);
    bool found = store->kind->image_at(store->self, index, hash);
    pthread_mutex_unlock(&store->lock);
    return found;
}
