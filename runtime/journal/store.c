/* runtime/journal/store.c - What all stores have in common. */
#include "runtime/journal/store_kind.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

struct store {
    const struct store_kind *kind;
    void *self;
    pthread_mutex_t lock;
    uint64_t first, last;
    bool failed;
};

struct store *store_new(const struct store_kind *kind, void *self, uint64_t first, uint64_t last)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) abort();
    store->kind = kind;
    store->self = self;
    store->first = first;
    store->last = last;
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

void store_close(struct store *store)
{
    if (!store) return;
    store->kind->close(store->self);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

enum append_result store_append(struct store *store, uint64_t number, struct span batch, struct error *error)
{
    enum append_result result = APPEND_UNKNOWN;
    pthread_mutex_lock(&store->lock);
    if (store->failed) {
        /* After a failed sync the kernel may have dropped the pages, and a second one would succeed over the hole. */
        error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    } else {
        assert(number == store->last + 1);
        result = store->kind->append(store->self, number, batch, error);
        if (result == APPEND_OK && store->first == 0) store->first = number;
        if (result == APPEND_OK)
            store->last = number;
        else
            store->failed = true;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool store_read(struct store *store, uint64_t number, struct span *batch, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = number >= store->first && store->kind->read(store->self, number, batch, error);
    if (!good && store->kind->look) store->kind->look(store->self, &store->first, &store->last, NULL);
    if (!good && number < store->first)
        error_set(error, ERROR_UNKNOWN, "the journal begins at batch %" PRIu64 "; those before were pruned",
                  store->first);
    pthread_mutex_unlock(&store->lock);
    return good;
}

uint64_t store_last(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t last = store->last;
    pthread_mutex_unlock(&store->lock);
    return last;
}

uint64_t store_first(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t first = store->first;
    pthread_mutex_unlock(&store->lock);
    return first;
}

bool store_prune(struct store *store, uint64_t below, uint64_t within_us, struct error *error)
{
    assert(store->kind->prune);
    pthread_mutex_lock(&store->lock);
    if (below > store->last) below = store->last;
    bool good = !store->failed;
    if (!good)
        error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    else if (store->first < below)
        good = store->kind->prune(store->self, &store->first, below, within_us, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool store_shrink(struct store *store, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->kind->shrink || store->kind->shrink(store->self, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

void store_size(struct store *store, uint64_t *bytes, uint64_t *free)
{
    *bytes = *free = 0;
    if (!store->kind->size) return;
    pthread_mutex_lock(&store->lock);
    store->kind->size(store->self, bytes, free);
    pthread_mutex_unlock(&store->lock);
}

bool store_look(struct store *store, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->kind->look || store->kind->look(store->self, &store->first, &store->last, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool store_put_image(struct store *store, const uint8_t hash[32], struct span bytes, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = !store->failed && store->kind->put_image(store->self, hash, bytes, error);
    if (store->failed) error_set(error, ERROR_STATE, "the journal has failed before; nothing more is written to it");
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool store_get_image(struct store *store, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    pthread_mutex_lock(&store->lock);
    bool good = store->kind->get_image(store->self, hash, bytes, error);
    pthread_mutex_unlock(&store->lock);
    return good;
}

bool store_image_at(struct store *store, uint64_t index, uint8_t hash[32])
{
    assert(store->kind->image_at);
    pthread_mutex_lock(&store->lock);
    bool found = store->kind->image_at(store->self, index, hash);
    pthread_mutex_unlock(&store->lock);
    return found;
}
